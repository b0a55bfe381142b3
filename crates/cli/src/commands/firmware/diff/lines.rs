//! What `firmware diff` prints for people.

use std::io::{self, Write};
use std::path::Path;

use sev_launch_firmware_diff::{Comparison, Difference, Effect, Group, Image, Span};

use super::Diff;
use crate::commands::firmware::opened;

/// At most so many bytes of a difference are shown, and so many runs of pages.
const SHOWN_BYTES: usize = 16;
const SHOWN_RUNS: usize = 8;

pub(super) fn print(
    out: &mut impl Write,
    asked: &Diff,
    comparison: &Comparison<'_>,
) -> io::Result<()> {
    writeln!(out, "{}", comparison.statement())?;
    writeln!(out)?;
    print_file(out, "A", &asked.a, comparison.a())?;
    print_file(out, "B", &asked.b, comparison.b())?;
    if comparison.is_same() {
        return Ok(());
    }
    writeln!(out)?;
    writeln!(out, "what differs")?;
    for group in comparison.groups() {
        print_group(out, &group)?;
    }
    if asked.all {
        writeln!(out)?;
        writeln!(
            out,
            "every difference (bytes of A, then of B; places are offsets in the image, or in what a packed section unpacks to)"
        )?;
        for difference in comparison.differences() {
            print_difference(out, comparison, difference)?;
        }
    }
    let remedies = comparison.remedies();
    if !remedies.is_empty() {
        writeln!(out)?;
        writeln!(out, "where such differences come from")?;
    }
    for (kind, remedy) in remedies {
        writeln!(out, "  {kind}: {remedy}")?;
    }
    print_effect(out, &comparison.effect())
}

fn print_file(
    out: &mut impl Write,
    letter: &str,
    path: &Path,
    image: &Image<'_>,
) -> io::Result<()> {
    let bytes = image.bytes(&image.root().span);
    writeln!(
        out,
        "{letter}  {}: {} bytes, SHA-256 {}",
        path.display(),
        bytes.len(),
        opened::sha256(bytes)
    )?;
    if !image.is_understood() {
        writeln!(out, "   not all of it was understood: `firmware tree` says what")?;
    }
    Ok(())
}

fn print_group(out: &mut impl Write, group: &Group<'_>) -> io::Result<()> {
    let name = group.location.label();
    let kinds = group.kinds.iter().map(|(kind, tally)| match tally.differences {
        1 => format!("{kind} {} B", tally.bytes),
        places => format!("{kind} {} B in {places} places", tally.bytes),
    });
    writeln!(out, "  {name:<34} {}", kinds.collect::<Vec<_>>().join(", "))
}

fn print_difference(
    out: &mut impl Write,
    comparison: &Comparison<'_>,
    difference: &Difference,
) -> io::Result<()> {
    let detail =
        difference.detail.as_ref().map_or_else(String::new, |detail| format!(" ({detail})"));
    writeln!(out, "  {}{detail}: {}", difference.location.path().join(" / "), difference.kind)?;
    for (letter, image, span) in
        [("A", comparison.a(), &difference.a), ("B", comparison.b(), &difference.b)]
    {
        match span {
            Some(span) => {
                writeln!(out, "    {letter} {}: {}", place(span), shown(image.bytes(span)))?;
            }
            None => writeln!(out, "    {letter} has none")?,
        }
    }
    Ok(())
}

fn place(span: &Span) -> String {
    let space = if span.space == 0 { String::new() } else { format!("{}:", span.space) };
    format!("{space}{:#x}+{}", span.start, span.len())
}

fn shown(bytes: &[u8]) -> String {
    let start = bytes.get(..SHOWN_BYTES).unwrap_or(bytes);
    let more = if bytes.len() > start.len() { "…" } else { "" };
    format!("{}{more}", hex::encode(start))
}

fn print_effect(out: &mut impl Write, effect: &Effect) -> io::Result<()> {
    let pages = &effect.pages;
    writeln!(out)?;
    writeln!(out, "guest memory")?;
    writeln!(out, "  {} of {} pages differ", pages.count(), pages.common)?;
    for run in pages.differing.iter().take(SHOWN_RUNS) {
        writeln!(out, "    {:#x}-{:#x}", run.start, run.end)?;
    }
    if let Some(more) = pages.differing.len().checked_sub(SHOWN_RUNS).filter(|more| *more > 0) {
        writeln!(out, "    and {more} more runs of pages: see --json")?;
    }
    for (letter, bytes) in [("A", pages.only_a), ("B", pages.only_b)] {
        if bytes > 0 {
            writeln!(out, "  {letter} starts {bytes} bytes lower")?;
        }
    }
    if effect.digests.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    writeln!(out, "launch digests")?;
    for one in &effect.digests {
        let verdict = if one.changes() { "change" } else { "stay the same" };
        writeln!(out, "  {:<6} {verdict}", one.technology.name())?;
        for cause in &one.because {
            let launches = if cause.launches.is_empty() {
                String::new()
            } else {
                format!(", in {}", cause.launches)
            };
            writeln!(out, "    {}{launches}", cause.what)?;
            writeln!(out, "      A {}", cause.a)?;
            writeln!(out, "      B {}", cause.b)?;
        }
    }
    Ok(())
}
