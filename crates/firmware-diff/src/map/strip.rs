//! A strip: a run of bytes from top to bottom, what it consists of, and what of it differs.

use std::fmt::Write;
use std::ops::Range;

use super::{HEIGHT, LABEL, TOP, cut, text};
use crate::image::Image;
use crate::part::{Part, What};

/// How wide the strip is, the marks beside it, and where its labels start.
const BODY: usize = 96;
const MARKS: usize = 12;
const LABELS: usize = BODY + MARKS + 16;
/// How far labels are apart at least.
const LINE: usize = 15;

pub(super) struct Strip {
    x: usize,
    heading: String,
    /// Bytes in it, and how high it is.
    size: usize,
    height: usize,
    /// Rectangles from the outermost in: bytes, how far from the edges, and colour.
    boxes: Vec<(Range<usize>, usize, &'static str)>,
    /// What is named: its first byte, its size, and its name.
    labels: Vec<(usize, usize, String)>,
    /// What differs.
    marks: Vec<Range<usize>>,
}

impl Strip {
    /// An image's own bytes, to the scale of the larger one.
    pub(super) fn flash(
        x: usize,
        heading: &str,
        image: &Image<'_>,
        marks: Vec<Range<usize>>,
        largest: usize,
    ) -> Self {
        let size = image.root().span.len();
        let height = scaled(size, largest, HEIGHT).max(1);
        let mut strip = Self {
            x,
            heading: heading.to_owned(),
            size,
            height,
            boxes: Vec::new(),
            labels: Vec::new(),
            marks,
        };
        for part in &image.root().parts {
            strip.part(part, 0);
            for below in part.parts.iter().filter(|below| below.span.space == 0) {
                strip.part(below, 1);
            }
        }
        strip
    }

    /// What a packed section unpacks to: its volumes, and the modules that differ by name.
    pub(super) fn unpacked(
        x: usize,
        image: &Image<'_>,
        space: usize,
        size: usize,
        marks: Vec<Range<usize>>,
    ) -> Self {
        let heading = format!("B, unpacked: {size} bytes");
        let mut strip =
            Self { x, heading, size, height: HEIGHT, boxes: Vec::new(), labels: Vec::new(), marks };
        for (_, part) in image.parts().filter(|(_, part)| part.span.space == space) {
            let differs = |part: &Part| {
                strip
                    .marks
                    .iter()
                    .any(|mark| mark.start < part.span.end && mark.end > part.span.start)
            };
            match &part.what {
                What::Volume(_) => strip.part(part, 0),
                What::Padding { .. } => strip.boxes.push((part.span.range(), 10, "#eeeeee")),
                What::File(_) if part.kind() != "padding file" => {
                    let is_named = differs(part);
                    strip.boxes.push((part.span.range(), 10, "#8fb0d6"));
                    if is_named {
                        strip.labels.push((part.span.start, part.span.len(), part.name()));
                    }
                }
                _ => {}
            }
        }
        strip
    }

    fn part(&mut self, part: &Part, depth: usize) {
        let is_padding = matches!(part.what, What::Padding { .. }) || part.kind() == "padding file";
        let colour = match &part.what {
            _ if is_padding => "#eeeeee",
            What::Volume(_) => "#c8d8ec",
            _ => "#8fb0d6",
        };
        self.boxes.push((part.span.range(), depth * 10, colour));
        if !is_padding {
            self.labels.push((part.span.start, part.span.len(), part.name()));
        }
    }

    fn y(&self, at: usize) -> usize {
        TOP + scaled(at, self.size, self.height)
    }

    pub(super) fn draw(&self, svg: &mut String) {
        text(svg, self.x, TOP - 12, "font-weight=\"bold\"", &self.heading);
        // What starts, ends and looks alike in pixels is drawn once.
        let mut drawn = std::collections::HashSet::new();
        for (range, inset, colour) in &self.boxes {
            let (top, bottom) =
                (self.y(range.start), self.y(range.end).max(self.y(range.start) + 1));
            if drawn.insert((top, bottom, *inset)) {
                let _ = writeln!(
                    svg,
                    "<rect x=\"{}\" y=\"{top}\" width=\"{}\" height=\"{}\" fill=\"{colour}\" stroke=\"#666666\" stroke-width=\"0.5\"/>",
                    self.x + inset,
                    BODY - 2 * inset,
                    bottom - top
                );
            }
        }
        for run in self.rows() {
            let _ = writeln!(
                svg,
                "<rect x=\"{}\" y=\"{}\" width=\"{MARKS}\" height=\"{}\" fill=\"#d1495b\"/>",
                self.x + BODY + 2,
                TOP + run.start,
                run.len()
            );
        }
        let _ = writeln!(
            svg,
            "<rect x=\"{}\" y=\"{TOP}\" width=\"{BODY}\" height=\"{}\" fill=\"none\" stroke=\"#333333\"/>",
            self.x, self.height
        );
        self.draw_labels(svg);
    }

    /// The rows of pixels that differ, as runs.
    fn rows(&self) -> Vec<Range<usize>> {
        let mut rows = vec![false; self.height + 1];
        for mark in &self.marks {
            let first = scaled(mark.start, self.size, self.height);
            let last = scaled(mark.end.saturating_sub(1), self.size, self.height);
            rows.iter_mut().take(last + 1).skip(first).for_each(|row| *row = true);
        }
        let mut runs: Vec<Range<usize>> = Vec::new();
        for (row, _) in rows.iter().enumerate().take(self.height).filter(|(_, differs)| **differs) {
            match runs.last_mut() {
                Some(run) if run.end == row => run.end = row + 1,
                _ => runs.push(row..row + 1),
            }
        }
        runs
    }

    /// Labels beside what they name, moved apart; the smallest parts go without one where there are too many.
    fn draw_labels(&self, svg: &mut String) {
        let room = HEIGHT / LINE;
        let mut labels = self.labels.clone();
        let left_out = labels.len().saturating_sub(room);
        labels.sort_by_key(|(start, size, _)| (std::cmp::Reverse(*size), *start));
        labels.truncate(if left_out > 0 { room - 1 } else { room });
        labels.sort_by_key(|(start, ..)| *start);
        let mut places: Vec<usize> = labels
            .iter()
            .map(|(start, size, _)| {
                self.y(start + (size / 2).min(self.size / HEIGHT * 7))
                    .clamp(TOP + LINE, TOP + HEIGHT)
            })
            .collect();
        let mut least = TOP + LINE;
        for place in &mut places {
            *place = (*place).max(least);
            least = *place + LINE;
        }
        // What was pushed below the end is pulled up again.
        let mut most = TOP + HEIGHT - if left_out > 0 { LINE } else { 0 };
        for place in places.iter_mut().rev() {
            *place = (*place).min(most);
            most = place.saturating_sub(LINE);
        }
        for ((start, size, name), place) in labels.iter().zip(&places) {
            let from = self.y(start + (size / 2).min(self.size / HEIGHT * 7));
            let _ = writeln!(
                svg,
                "<path d=\"M{} {from} L{} {} L{} {}\" fill=\"none\" stroke=\"#999999\" stroke-width=\"0.7\"/>",
                self.x + BODY + MARKS + 3,
                self.x + LABELS - 6,
                place - 4,
                self.x + LABELS - 2,
                place - 4
            );
            text(svg, self.x + LABELS, *place, "", &cut(name, LABEL));
        }
        if left_out > 0 {
            let count = self.labels.len() - labels.len();
            text(
                svg,
                self.x + LABELS,
                TOP + HEIGHT + 2,
                "fill=\"#555555\"",
                &format!("and {count} smaller ones"),
            );
        }
    }
}

/// How many of `pixels` stand for `at` of `whole`.
fn scaled(at: usize, whole: usize, pixels: usize) -> usize {
    at.saturating_mul(pixels).checked_div(whole).unwrap_or(0).min(pixels)
}
