//! Two panels side by side as SVG: time and peak memory against what grows, both axes logarithmic.
//!
//! A constant is a level line, proportional growth a line at the grid's diagonal. Plain shapes and text, no script, no fonts of
//! its own, so that any viewer shows it.

use std::fmt::Write as _;

/// One line of a panel: its name, and its points.
pub(crate) type Line = (String, Vec<(f64, f64)>);

/// A panel: what it shows, how its ticks are spelled, and its lines.
pub(crate) struct Panel {
    pub(crate) title: &'static str,
    pub(crate) tick: fn(f64) -> String,
    pub(crate) lines: Vec<Line>,
}

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 300.0;
/// The panels' left ends, and what all share.
const LEFTS: [f64; 2] = [64.0, 448.0];
const PANEL_WIDTH: f64 = 292.0;
const TOP: f64 = 42.0;
const BOTTOM: f64 = 244.0;
/// Told apart by people who see no red or no green (Okabe and Ito's palette); marks differ in shape too.
const COLOURS: [&str; 2] = ["#0072b2", "#d55e00"];

/// A logarithmic axis: where a value is, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    /// Decimal logarithms of the ends.
    low: f64,
    high: f64,
    /// Pixels of the ends.
    from: f64,
    to: f64,
}

impl Scale {
    /// From the smallest to the largest value.
    fn of_values(values: &[f64], from: f64, to: f64) -> Self {
        let logs = || values.iter().map(|value| value.log10());
        let low = logs().fold(f64::INFINITY, f64::min);
        let high = logs().fold(f64::NEG_INFINITY, f64::max);
        Self { low, high, from, to }
    }

    /// From the power of ten below to the one above; two decades at least, so that a constant is in the middle.
    fn of_decades(values: &[f64], from: f64, to: f64) -> Self {
        let Self { low, high, .. } = Self::of_values(values, from, to);
        let (mut low, mut high) = (low.floor(), high.ceil());
        if high - low < 2.0 {
            high = low + 1.0;
            low = high - 2.0;
        }
        Self { low, high, from, to }
    }

    /// The pixel of a value.
    fn at(&self, value: f64) -> f64 {
        let part = (value.log10() - self.low) / (self.high - self.low);
        self.from + part * (self.to - self.from)
    }

    /// The powers of ten on it.
    fn ticks(&self) -> Vec<f64> {
        let first = (self.low - 1e-9).ceil();
        let ticks = (0..16).map(|step: u8| first + f64::from(step));
        ticks.take_while(|log| *log <= self.high + 1e-9).map(|log| 10_f64.powf(log)).collect()
    }
}

/// The picture. `axis` is what grows, `tick` how its ticks are spelled.
pub(crate) fn svg(title: &str, axis: &str, tick: fn(f64) -> String, panels: [Panel; 2]) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" \
         height=\"{HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\" role=\"img\">\n\
         <title>{}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n",
        escaped(title)
    );
    for (panel, left) in panels.iter().zip(LEFTS) {
        draw(&mut svg, panel, left, axis, tick);
    }
    svg.push_str("</svg>\n");
    svg
}

fn draw(svg: &mut String, panel: &Panel, left: f64, axis: &str, tick: fn(f64) -> String) {
    let points = || panel.lines.iter().flat_map(|(_, points)| points);
    let (xs, ys): (Vec<f64>, Vec<f64>) = points().copied().unzip();
    let right = left + PANEL_WIDTH;
    let (x, y) = (Scale::of_values(&xs, left, right), Scale::of_decades(&ys, BOTTOM, TOP));

    text(svg, left, TOP - 14.0, "start", "#222222", panel.title);
    for value in y.ticks() {
        let at = y.at(value);
        rule(svg, (left, at), (right, at));
        text(svg, left - 7.0, at + 4.0, "end", "#555555", &(panel.tick)(value));
    }
    for value in x.ticks() {
        let at = x.at(value);
        rule(svg, (at, TOP), (at, BOTTOM));
        text(svg, at, BOTTOM + 17.0, "middle", "#555555", &tick(value));
    }
    text(svg, (left + right) / 2.0, BOTTOM + 38.0, "middle", "#222222", axis);

    for (index, ((name, points), colour)) in panel.lines.iter().zip(COLOURS).enumerate() {
        let places: Vec<(f64, f64)> =
            points.iter().map(|(from, to)| (x.at(*from), y.at(*to))).collect();
        let path: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            path.join(" ")
        );
        places.iter().for_each(|place| mark(svg, *place, index, colour));
        // The legend stands in the title's line, from the right.
        if panel.lines.len() > 1 {
            let back = [86.0, 10.0].get(index).copied().unwrap_or_default();
            let at = (right - back - 42.0, TOP - 18.0);
            mark(svg, at, index, colour);
            text(svg, at.0 + 8.0, at.1 + 4.0, "start", "#222222", name);
        }
    }
}

fn mark(svg: &mut String, (x, y): (f64, f64), index: usize, colour: &str) {
    let _ = match index {
        0 => writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"{colour}\"/>"),
        _ => writeln!(
            svg,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"7\" height=\"7\" fill=\"{colour}\"/>",
            x - 3.5,
            y - 3.5
        ),
    };
}

fn rule(svg: &mut String, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
    let _ = writeln!(
        svg,
        "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"#dddddd\"/>"
    );
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, colour: &str, words: &str) {
    let words = escaped(words);
    let _ = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"{colour}\">{words}</text>"
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    // By hand: 10 is a third of the way from 1 to 1000.
    #[test]
    fn values_are_placed_by_their_logarithm() {
        let scale = Scale::of_values(&[1000.0, 1.0, 20.0], 100.0, 400.0);
        for (value, wanted) in [(1.0, 100.0), (10.0, 200.0), (1000.0, 400.0)] {
            assert!((scale.at(value) - wanted).abs() < 1e-9, "{value}");
        }
        let up = Scale::of_values(&[0.001, 0.1], 200.0, 0.0);
        assert!((up.at(0.01) - 100.0).abs() < 1e-9);
    }

    #[test]
    fn ticks_are_the_powers_of_ten_inside() {
        let near = |found: Vec<f64>, wanted: &[f64]| {
            assert_eq!(found.len(), wanted.len(), "{found:?}");
            found.iter().zip(wanted).for_each(|(a, b)| assert!((a / b - 1.0).abs() < 1e-9));
        };
        near(Scale::of_values(&[1.0, 4096.0], 0.0, 1.0).ticks(), &[1.0, 10.0, 100.0, 1000.0]);
        near(Scale::of_values(&[3.0, 50.0], 0.0, 1.0).ticks(), &[10.0]);
        near(Scale::of_decades(&[0.02, 3.0], 0.0, 1.0).ticks(), &[0.01, 0.1, 1.0, 10.0]);
        near(Scale::of_decades(&[4.0, 5.0], 0.0, 1.0).ticks(), &[0.1, 1.0, 10.0]);
    }

    #[test]
    fn every_point_is_inside_of_its_panel() {
        let lines = vec![
            ("a".to_owned(), vec![(1.0, 0.01), (100.0, 1.0)]),
            ("b & c".to_owned(), vec![(1.0, 0.02), (100.0, 9.0)]),
        ];
        let panel = |lines: &[Line]| Panel {
            title: "time",
            tick: |value| value.to_string(),
            lines: lines.to_vec(),
        };
        let svg = svg("t < u", "x", |value| value.to_string(), [panel(&lines), panel(&lines)]);
        let number = |text: &str, name: &str| -> f64 {
            let from = text.find(&format!(" {name}=\"")).unwrap() + name.len() + 3;
            text[from..].split('"').next().unwrap().parse().unwrap()
        };
        // Two in each of two legends stand above.
        let circles = svg.lines().filter(|line| line.starts_with("<circle"));
        let places: Vec<(f64, f64)> =
            circles.map(|line| (number(line, "cx"), number(line, "cy"))).collect();
        assert_eq!(places.len(), 6);
        assert!(places.iter().all(|(x, y)| (0.0..WIDTH).contains(x) && (0.0..=BOTTOM).contains(y)));
        assert!(svg.contains("b &amp; c") && svg.contains("<title>t &lt; u</title>"));
    }
}
