//! Two panels side by side as SVG: time and peak memory against what grows, both axes logarithmic.
//!
//! A constant is a level line, proportional growth a line at the grid's diagonal. Plain shapes and text, no script, no fonts of
//! its own, so that any viewer shows it.

/// How figures are spelled: from which on, divided by what, and with which unit behind.
pub(crate) type Units = &'static [(f64, f64, &'static str)];

pub(crate) const SECONDS: Units = &[(0.5, 1.0, " s"), (5e-4, 1e-3, " ms"), (0.0, 1e-6, " µs")];
pub(crate) const BYTES: Units = &[(5e8, 1e9, " GB"), (5e5, 1e6, " MB"), (0.0, 1e3, " kB")];
pub(crate) const MEGABYTES: Units = &[(5e2, 1e3, " GB"), (0.0, 1.0, " MB")];
pub(crate) const COUNT: Units = &[(9e5, 1e6, "M"), (9e3, 1e3, "k"), (0.0, 1.0, "")];

/// A panel: what it shows, how its ticks are spelled, and its lines, each a name and points.
pub(crate) type Panel = (&'static str, Units, Vec<(String, Vec<(f64, f64)>)>);

/// A figure in the unit that fits.
pub(crate) fn spelled(value: f64, units: Units) -> String {
    let unit = units.iter().find(|(from, ..)| value >= *from);
    unit.map_or_else(String::new, |(_, one, name)| format!("{:.0}{name}", value / one))
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
const DARK: &str = "#222222";
const LIGHT: &str = "#555555";

/// The picture. `axis` is what grows, `units` how its ticks are spelled.
pub(crate) fn svg(title: &str, axis: &str, units: Units, panels: &[Panel; 2]) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" \
         height=\"{HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\" role=\"img\">\n\
         <title>{title}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
    );
    for (panel, left) in panels.iter().zip(LEFTS) {
        svg += &drawn(panel, left, axis, units);
    }
    svg + "</svg>\n"
}

fn drawn((title, y_units, lines): &Panel, left: f64, axis: &str, x_units: Units) -> String {
    let points = lines.iter().flat_map(|(_, points)| points);
    let (xs, ys): (Vec<f64>, Vec<f64>) = points.copied().unzip();
    let right = left + PANEL_WIDTH;
    let x = Scale::of_values(&xs, left, right);
    let y = Scale::of_values(&ys, BOTTOM, TOP).in_decades();

    let mut svg = text(left, TOP - 14.0, "start", DARK, title);
    for value in y.ticks() {
        let at = y.at(value);
        svg += &rule((left, at), (right, at));
        svg += &text(left - 7.0, at + 4.0, "end", LIGHT, &spelled(value, y_units));
    }
    for value in x.ticks() {
        let at = x.at(value);
        svg += &rule((at, TOP), (at, BOTTOM));
        svg += &text(at, BOTTOM + 17.0, "middle", LIGHT, &spelled(value, x_units));
    }
    svg += &text((left + right) / 2.0, BOTTOM + 38.0, "middle", DARK, axis);

    // The legend stands in the title's line, from the right.
    let legend = [128.0, 52.0].map(|back| (right - back, TOP - 18.0));
    for (index, ((name, points), (x_legend, y_legend))) in lines.iter().zip(legend).enumerate() {
        let places: Vec<_> = points.iter().map(|(from, to)| (x.at(*from), y.at(*to))).collect();
        let path: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let (path, colour) = (path.join(" "), COLOURS.get(index).unwrap_or(&DARK));
        svg += &format!(
            "<polyline points=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\n"
        );
        svg.extend(places.iter().map(|place| mark(*place, index, colour)));
        if lines.len() > 1 {
            svg += &mark((x_legend, y_legend), index, colour);
            svg += &text(x_legend + 8.0, y_legend + 4.0, "start", DARK, name);
        }
    }
    svg
}

fn mark((x, y): (f64, f64), index: usize, colour: &str) -> String {
    if index == 0 {
        return format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"{colour}\"/>\n");
    }
    let (x, y) = (x - 3.5, y - 3.5);
    format!("<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"7\" height=\"7\" fill=\"{colour}\"/>\n")
}

fn rule((x1, y1): (f64, f64), (x2, y2): (f64, f64)) -> String {
    format!(
        "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"#dddddd\"/>\n"
    )
}

fn text(x: f64, y: f64, anchor: &str, colour: &str, words: &str) -> String {
    format!(
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"{colour}\">{words}</text>\n"
    )
}

/// A logarithmic axis: where a value is, in pixels.
struct Scale {
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
    fn in_decades(mut self) -> Self {
        (self.low, self.high) = (self.low.floor(), self.high.ceil());
        if self.high - self.low < 2.0 {
            (self.low, self.high) = (self.low - 1.0, self.low + 1.0);
        }
        self
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
