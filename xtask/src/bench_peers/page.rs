//! Tables from what a run has measured: docs/bench-peers.md, the terminal, and the README's.

use anyhow::{Context as _, Result};

use super::record::{Figure, Floor, Measured, Rate, Record, Run, Unit};

/// Between these two lines of README.md the newest table stands.
const MARKERS: [&str; 2] = ["<!-- bench-peers -->", "<!-- /bench-peers -->"];

const INTRODUCTION: &str = "\
# Speed beside other tools

Written by `cargo xtask bench-peers --write`, from [bench-peers.json](bench-peers.json); not edited by hand. Every figure is of one
run on one machine, every tool a whole process, all on the same files: 4 MiB of firmware (512 KiB random, then 0xff, then the tables
of testdata's image), a kernel of 14 MiB, initrds of 30 and 200 MiB. The tools take turns (A B C, A B C …), and `ratio` is our
time divided by that of the fastest peer: the median of the ratios of each turn, so less than 1 is faster. A figure is the median
of the turns. The files are in the page cache.

Tools that print digests must print the same one, or there is no table: SEV-ES is asked of us as `es-init2`, which sev-snp-measure and
the `sev` crate compute. sevctl prints a MAC over the digest; its VMSA pages are made beforehand and not timed.

A sweep is 1 to 128 vCPUs with each of 4 command lines, firmware, kernel and the initrd of 30 MiB: one process of ours, 512 of a peer.
Peers are asked for two rows a turn, whose vCPU counts have the mean of all (16 rows in 8 turns), and that time is taken 256 times.
`in process` is sev-snp-measure's library called for the same rows inside one process, imports not counted.

`floor` is the longest SHA-256 stream of the work at the best rate that any library of others reached on one thread in the same run;
a program that starts up, reads files and hashes in one stream cannot be under it.

With the SHA instructions hidden, OpenSSL and AWS-LC run under `OPENSSL_ia32cap=:~0x20000000` and ours under `SEV_LAUNCH_WITHOUT_SHA=1`;
that this makes OpenSSL, and each tool with the large initrd, slower is checked first. ring and `sha2` ask the processor themselves and are left out of the floor;
verifications, which `sha2` hashes, are then timed in a build that has it in software.
";

/// The whole page.
pub(crate) fn whole(record: &Record) -> String {
    let mut text = INTRODUCTION.to_owned();
    for run in record.runs() {
        text.push('\n');
        text.push_str(&section(run));
    }
    text
}

/// One run: machine, table, rates, floor.
pub(crate) fn section(run: &Run) -> String {
    let mut text = format!("## {}\n\n{}.\n", title(run), run.machine.line());
    text.push_str(&format!(
        "{} turns; {}; {}.\n\n",
        run.turns,
        run.tools.join(", "),
        run.machine.rustc
    ));
    run.remarks.iter().for_each(|remark| text.push_str(&format!("- {remark}\n")));
    if !run.remarks.is_empty() {
        text.push('\n');
    }
    text.push_str(&table(run));
    if !run.rates.is_empty() {
        text.push_str("\n### In one process\n\n");
        text.push_str(&rates(&run.rates));
    }
    text.push_str("\n### Hash rates of libraries, one thread\n\n");
    text.push_str(&floor(&run.floor));
    text
}

/// The README's table: each work, ours, the fastest peer, the ratio.
pub(crate) fn short(run: &Run) -> String {
    let mut text =
        String::from("| work | sev-launch | fastest peer | ratio |\n|---|---|---|---|\n");
    for measured in &run.works {
        let best = measured.best_peer.as_ref();
        let peer = best.and_then(|(name, _)| figure(measured, name));
        let ours = measured.figures.first();
        text.push_str(&format!(
            "| {} | {} | {} | {} |\n",
            measured.work,
            cell(measured.unit, ours),
            peer.map_or_else(String::new, |peer| {
                format!("{} ({})", cell(measured.unit, Some(peer)), peer.tool)
            }),
            best.map_or_else(String::new, |(_, ratio)| number(*ratio)),
        ));
    }
    text.push_str(&format!("\n{}: {}, {} turns.\n", title(run), run.machine.line(), run.turns));
    text
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
    let mut text = format!("| work | {} | fastest peer | ratio | floor |\n", columns.join(" | "));
    text.push_str(&format!("|{}\n", "---|".repeat(columns.len() + 4)));
    for measured in &run.works {
        text.push_str(&format!("| {} |", measured.work));
        for column in &columns {
            text.push_str(&format!(" {} |", cell(measured.unit, figure(measured, column))));
        }
        let (peer, ratio) = match &measured.best_peer {
            Some((name, ratio)) => (name.as_str(), number(*ratio)),
            None => ("", String::new()),
        };
        let floor = measured.floor.map(seconds).unwrap_or_default();
        text.push_str(&format!(" {peer} | {ratio} | {floor} |\n"));
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
    let mut text = String::from(
        "| what | by | per second | against | per second | ours / it |\n|---|---|---|---|---|---|\n",
    );
    for rate in rates {
        for (at, (name, theirs, ratio)) in rate.against.iter().enumerate() {
            let ours = format!("{:.0}", rate.per_second.median);
            let (what, by, ours) = match at {
                0 => (rate.what.as_str(), rate.backend.as_str(), ours.as_str()),
                _ => ("", "", ""),
            };
            text.push_str(&format!(
                "| {what} | {by} | {ours} | {name} | {:.0} | {} |\n",
                theirs.median,
                number(*ratio)
            ));
        }
    }
    text.push_str(
        "\nA verification makes a session of stored keys, computes the HMAC of 56 bytes under its TIK, compares in constant time and \
         gives the verdict;\nthe HMAC is five blocks of SHA-256. The peers' figure is the HMAC alone. A hypothesis that differs in \
         its vCPUs costs one page more\nthan its neighbour, and its padding: 65 blocks, by the same compression on as many threads.\n",
    );
    text
}

fn floor(floor: &Floor) -> String {
    let mut text = String::from(
        "| library | SHA-256 of 64 MiB, MB/s | SHA-384 of 4 KiB pages, MB/s |\n|---|---|---|\n",
    );
    for (library, stream) in &floor.sha256 {
        let pages = floor.sha384_pages.get(library);
        let pages = pages.map(|pages| format!("{:.0}", pages.median)).unwrap_or_default();
        text.push_str(&format!("| {library} | {:.0} | {pages} |\n", stream.median));
    }
    text
}

/// Milliseconds below a second, with three digits that count.
pub(crate) fn seconds(seconds: f64) -> String {
    let (value, unit) = if seconds < 0.9995 { (seconds * 1e3, "ms") } else { (seconds, "s") };
    format!("{} {unit}", number(value))
}

/// Three digits that count, or all before the point.
fn number(value: f64) -> String {
    let digits = match value.abs() {
        value if value >= 99.95 => 0,
        value if value >= 9.995 => 1,
        value if value >= 0.9995 => 2,
        value if value >= 0.09995 => 3,
        value if value >= 0.009_995 => 4,
        _ => 5,
    };
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::super::record::measured;
    use super::*;
    use crate::machine::Machine;

    fn run() -> Run {
        let figure = |name: &str, seconds: f64| (name.to_owned(), vec![seconds]);
        let all = [figure("ours", 0.01), figure("slow", 0.5), figure("fast", 0.04)];
        let beside = [figure("inside", 0.3)];
        let memory = [figure("ours", 4_194_304.0), figure("fast", 8_388_608.0)];
        let works = [
            measured("one digest", Unit::Seconds, &all, &beside, Some(0.008)),
            measured("memory", Unit::Bytes, &memory, &[], None),
        ];
        Run {
            machine: Machine {
                processor: "P".into(),
                cores: 2,
                flags: vec!["sha_ni".into()],
                date: "2026-01-31".into(),
                system: "Linux 6".into(),
                rustc: "rustc 1".into(),
            },
            without_sha: false,
            turns: 1,
            tools: vec!["ours".into(), "slow".into(), "fast".into()],
            remarks: Vec::new(),
            works: works.into_iter().flatten().collect(),
            floor: Floor::default(),
            rates: Vec::new(),
        }
    }

    #[test]
    fn the_table_has_a_cell_for_each_tool_and_the_ratio_to_the_fastest() {
        let lines: Vec<String> = table(&run()).lines().map(str::to_owned).collect();
        assert_eq!(
            lines[0],
            "| work | ours | slow | fast | inside | fastest peer | ratio | floor |"
        );
        assert_eq!(
            lines[2],
            "| one digest | 10.0 ms | 500 ms | 40.0 ms | 300 ms | fast | 0.250 | 8.00 ms |"
        );
        assert_eq!(lines[3], "| memory | 4.0 MiB |  | 8.0 MiB |  | fast | 0.500 |  |");
        assert!(lines.iter().all(|line| line.matches('|').count() == 9));
    }

    #[test]
    fn the_readme_s_table_names_the_peer() {
        let text = short(&run());
        assert!(text.contains("| one digest | 10.0 ms | 40.0 ms (fast) | 0.250 |"), "{text}");
        assert!(text.contains("P, 2 cores (sha_ni), Linux 6, 2026-01-31"), "{text}");
    }

    #[test]
    fn a_table_takes_the_place_of_the_one_before() {
        let text = "a\n<!-- bench-peers -->\nold\n<!-- /bench-peers -->\nb\n";
        let wanted = "a\n<!-- bench-peers -->\nnew\n<!-- /bench-peers -->\nb\n";
        assert_eq!(with_table(text, "new\n").unwrap(), wanted);
        assert_eq!(with_table(wanted, "new\n").unwrap(), wanted);
        assert!(with_table("no markers", "new\n").is_err());
        assert!(with_table("<!-- bench-peers -->", "new\n").is_err());
    }

    #[test]
    fn three_digits_count() {
        let shown = [0.012_345, 0.25, 1.0, 12.345, 123.4, 1234.0, 0.000_123].map(number);
        assert_eq!(shown, ["0.0123", "0.250", "1.00", "12.3", "123", "1234", "0.00012"]);
        assert_eq!([0.9996, 0.5].map(seconds), ["1.00 s", "500 ms"]);
    }
}
