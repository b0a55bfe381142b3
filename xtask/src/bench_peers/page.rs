//! Tables from what a run has measured: docs/bench-peers.md, the terminal, and the README's.

use anyhow::{Context as _, Result};

use crate::markdown::{head, number, row, seconds};

use super::record::{Figure, Floor, Measured, Rate, Record, Run, Unit};

/// Between these two lines of README.md the newest table stands.
const MARKERS: [&str; 2] = ["<!-- bench-peers -->", "<!-- /bench-peers -->"];

/// The whole page.
pub(crate) fn whole(record: &Record) -> String {
    let sections = record.values().map(|run| format!("\n{}", section(run)));
    include_str!("page.md").to_owned() + &sections.collect::<String>()
}

/// One run: machine, table, rates, floor.
pub(crate) fn section(run: &Run) -> String {
    let Run { machine, turns, tools, .. } = run;
    let (line, tools, rustc) = (machine.line(), tools.join(", "), &machine.rustc);
    let mut text = format!("## {}\n\n{line}.\n{turns} turns; {tools}; {rustc}.\n\n", title(run));
    run.remarks.iter().for_each(|remark| text += &format!("- {remark}\n"));
    if !run.remarks.is_empty() {
        text.push('\n');
    }
    let (table, rates, floor) = (table(run), rates(&run.rates), floor(&run.floor));
    text + &format!(
        "{table}\n### In one process\n\n{rates}\n### Hash rates of libraries, one thread\n\n{floor}"
    )
}

/// The README's table: each work, ours, the fastest peer, the ratio.
pub(crate) fn short(run: &Run) -> String {
    let mut text = head(&["work", "sev-launch", "fastest peer", "ratio"]);
    for measured in &run.works {
        let ours = cell(measured.unit, measured.figures.first());
        let (peer, ratio) = match &measured.best_peer {
            Some((name, ratio)) => {
                let theirs = cell(measured.unit, figure(measured, name));
                (format!("{theirs} ({name})"), number(*ratio))
            }
            None => Default::default(),
        };
        text += &row(&[&measured.work, &ours, &peer, &ratio]);
    }
    text + &format!("\n{}: {}, {} turns.\n", title(run), run.machine.line(), run.turns)
}

/// A text with what stands between its markers replaced.
pub(crate) fn with_table(text: &str, table: &str) -> Result<String> {
    let [open, close] = MARKERS;
    let (before, rest) = text.split_once(open).with_context(|| format!("README.md: no {open}"))?;
    let (_, after) = rest.split_once(close).with_context(|| format!("README.md: no {close}"))?;
    Ok(format!("{before}{open}\n{table}{close}{after}"))
}

fn title(run: &Run) -> &'static str {
    match (run.without_sha, run.machine.has("sha_ni")) {
        (true, _) => "SHA instructions hidden from every tool",
        (false, true) => "A processor with SHA instructions",
        (false, false) => "A processor without SHA instructions",
    }
}

fn table(run: &Run) -> String {
    let mut columns: Vec<&str> = run.tools.iter().map(String::as_str).collect();
    for figure in run.works.iter().flat_map(|measured| &measured.figures) {
        if !columns.contains(&figure.tool.as_str()) {
            columns.push(&figure.tool);
        }
    }
    let mut text =
        head(&[&["work"], columns.as_slice(), &["fastest peer", "ratio", "floor"]].concat());
    for measured in &run.works {
        let figures = columns.iter().map(|column| figure(measured, column));
        let figures: Vec<String> = figures.map(|figure| cell(measured.unit, figure)).collect();
        let (peer, ratio) = match &measured.best_peer {
            Some((name, ratio)) => (name.as_str(), number(*ratio)),
            None => Default::default(),
        };
        let floor = measured.floor.map(seconds).unwrap_or_default();
        let ends = [peer.to_owned(), ratio, floor];
        text += &row(&[std::slice::from_ref(&measured.work), figures.as_slice(), &ends].concat());
    }
    text
}

fn figure<'m>(measured: &'m Measured, tool: &str) -> Option<&'m Figure> {
    measured.figures.iter().find(|figure| figure.tool == tool)
}

fn cell(unit: Unit, figure: Option<&Figure>) -> String {
    let Some(figure) = figure else { return String::new() };
    match unit {
        Unit::Seconds => seconds(figure.summary.median),
        Unit::Bytes => format!("{:.1} MiB", figure.summary.median / f64::from(1 << 20)),
    }
}

fn rates(rates: &[Rate]) -> String {
    let mut text = head(&["what", "by", "per second", "against", "per second", "ours / it"]);
    for Rate { what, backend, per_second, against } in rates {
        let ours = format!("{:.0}", per_second.median);
        let mut first = [what.as_str(), backend, &ours];
        for (name, theirs, ratio) in against {
            let theirs = format!("{:.0}", theirs.median);
            text += &row(&[first.as_slice(), &[name, &theirs, &number(*ratio)]].concat());
            first = [""; 3];
        }
    }
    text + "\n" + include_str!("rates.md")
}

fn floor(floor: &Floor) -> String {
    let mut text = head(&["library", "SHA-256 of 64 MiB, MB/s", "SHA-384 of 4 KiB pages, MB/s"]);
    for (library, stream) in floor.get("sha256").into_iter().flatten() {
        let pages = floor.get("sha384_pages").and_then(|rates| rates.get(library));
        let pages = pages.map(|pages| format!("{:.0}", pages.median)).unwrap_or_default();
        text += &row(&[library, &format!("{:.0}", stream.median), &pages]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::read;

    #[test]
    fn the_pages_are_of_the_record() {
        let record = read("docs/bench-peers.json").unwrap();
        let record: Record = serde_json::from_str(&record).unwrap();
        assert_eq!(whole(&record), read("docs/bench-peers.md").unwrap());
        let readme = read("README.md").unwrap();
        let again = record.values().map(|run| with_table(&readme, &short(run)).unwrap());
        assert!(again.into_iter().any(|again| again == readme));
        assert!(with_table("no markers", "new\n").is_err());
        assert!(with_table("<!-- bench-peers -->", "new\n").is_err());
    }
}
