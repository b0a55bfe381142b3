//! A map of two images as SVG: what each consists of, which pages differ, what the packed part unpacks to, and guest memory with every
//! area that a launch measures.
//!
//! All is drawn to the scale of its strip, but guest memory, whose areas are far apart: there each area is a box.

mod memory;
mod strip;

use std::fmt::Write;
use std::ops::Range;

use sev_launch_abi::text::{printable, xml};

use crate::comparison::Comparison;
use crate::difference::Piece;
use crate::image::Image;
use crate::kind::Kind;
use strip::Strip;

/// Everything is in pixels.
const WIDTH: usize = 1480;
/// Where strips start, below title and headings.
const TOP: usize = 92;
/// How high the largest strip is.
const HEIGHT: usize = 640;
/// Lines of the legend.
const LEGEND: usize = 64;
/// Letters of a label, and of the title; what is longer is cut.
const LABEL: usize = 26;
const HEADING: usize = 34;
const TITLE: usize = 150;

/// A map of two images.
///
/// ```
/// use sev_launch_firmware_diff::{Comparison, Image, Map};
///
/// let (a, b) = (Image::open(&[0xff; 8192])?, Image::open(&[0; 8192])?);
/// let comparison = Comparison::of(&a, &b);
/// assert!(Map::of(&comparison, "a.fd", "b.fd").svg().starts_with("<svg "));
/// # Ok::<(), sev_launch_firmware_diff::Error>(())
/// ```
#[derive(Debug)]
pub struct Map {
    svg: String,
}

impl Map {
    /// Draws the map. The names are those of the images' files.
    pub fn of(comparison: &Comparison<'_>, name_a: &str, name_b: &str) -> Self {
        let (a, b) = (comparison.a(), comparison.b());
        let size = |image: &Image<'_>| image.root().span.len();
        let largest = size(a).max(size(b)).max(1);
        let memory = memory::boxes(a, b);
        let height = TOP + HEIGHT.max(memory::height(&memory)) + LEGEND;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
             font-family=\"DejaVu Sans, Verdana, sans-serif\" font-size=\"12\">\n\
             <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n"
        );
        text(
            &mut svg,
            24,
            30,
            "font-size=\"16\" font-weight=\"bold\"",
            &cut(&comparison.statement(), TITLE),
        );
        let pages = comparison.effect().pages;
        let mut note =
            format!("{} of the {} pages that both have differ", pages.count(), pages.common);
        for (letter, bytes) in [("A", pages.only_a), ("B", pages.only_b)] {
            if bytes > 0 {
                let _ = write!(note, "; {letter} has {} more at its start", bytes / 4096);
            }
        }
        text(&mut svg, 24, 52, "fill=\"#555555\"", &note);

        let start = |image: &Image<'_>| {
            (1_u64 << 32).saturating_sub(u64::try_from(size(image)).unwrap_or(0))
        };
        let marks = |image: &Image<'_>, alone: u64| -> Vec<Range<usize>> {
            let alone = 0..usize::try_from(alone).unwrap_or(0);
            let offset = |gpa: u64| usize::try_from(gpa.saturating_sub(start(image))).unwrap_or(0);
            let runs = pages.differing.iter().map(|run| offset(run.start)..offset(run.end));
            runs.chain(core::iter::once(alone)).filter(|run| !run.is_empty()).collect()
        };
        Strip::flash(24, &format!("A: {}", short(name_a)), a, marks(a, pages.only_a), largest)
            .draw(&mut svg);
        Strip::flash(344, &format!("B: {}", short(name_b)), b, marks(b, pages.only_b), largest)
            .draw(&mut svg);
        if let Some((space, bytes)) =
            b.spaces().enumerate().skip(1).max_by_key(|(_, bytes)| bytes.len())
        {
            Strip::unpacked(664, b, space, bytes.len(), changed(comparison, space)).draw(&mut svg);
        }
        memory::draw(&mut svg, 1030, &memory);
        legend(&mut svg, height - LEGEND + 28);
        svg.push_str("</svg>\n");
        Self { svg }
    }

    /// The SVG document. No script, no link, and every name of the images escaped.
    pub fn svg(&self) -> &str {
        &self.svg
    }
}

/// Where a space of the second image has bytes of its own, but for what follows from other differences.
fn changed(comparison: &Comparison<'_>, space: usize) -> Vec<Range<usize>> {
    let is_cause = |number: usize| {
        comparison
            .differences()
            .get(number)
            .is_some_and(|difference| difference.kind != Kind::Consequence)
    };
    let pieces = comparison.pieces().get(space).map_or(&[][..], Vec::as_slice);
    pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::New { b, difference } if is_cause(*difference) => Some(b.range()),
            _ => None,
        })
        .collect()
}

fn legend(svg: &mut String, y: usize) {
    let mut x = 24;
    for (fill, what) in [
        ("#c8d8ec", "firmware volume"),
        ("#8fb0d6", "file, section or module"),
        ("#eeeeee", "padding, free space"),
        ("#d1495b", "differs"),
        ("#f2c14e", "measured area in guest memory"),
    ] {
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{}\" width=\"14\" height=\"14\" fill=\"{fill}\" stroke=\"#666666\"/>",
            y - 11
        );
        text(svg, x + 22, y, "", what);
        x += 60 + what.len() * 8;
    }
}

/// Text at a place, escaped.
fn text(svg: &mut String, x: usize, y: usize, attributes: &str, words: &str) {
    let words = xml(&printable(words));
    // Writing to a String cannot fail.
    let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\" {attributes}>{words}</text>");
}

/// The first letters, with a mark where some are left out.
fn cut(words: &str, most: usize) -> String {
    if words.chars().count() <= most {
        return words.to_owned();
    }
    let start: String = words.chars().take(most.saturating_sub(1)).collect();
    format!("{start}…")
}

/// The end of a path: its folders are what is cut.
fn short(path: &str) -> String {
    let letters: Vec<char> = path.chars().collect();
    if letters.len() <= HEADING {
        return path.to_owned();
    }
    let end: String = letters.iter().skip(letters.len() + 1 - HEADING).collect();
    format!("…{end}")
}
