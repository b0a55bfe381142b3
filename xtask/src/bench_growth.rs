//! `cargo xtask bench-growth`: how time and memory of our command grow with its work, drawn from what was measured.
//!
//! Whole processes, their output thrown away. Peak memory is measured first, which also brings the files into the page cache; the
//! time is the median of some runs, fewer where they take long. A point is `docs/growth.json`, a picture `docs/growth-*.svg`.

mod plot;
mod questions;
mod ticks;

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::bench_peers::{Inputs, target_folder};
use crate::command::root;
use crate::machine::Machine;
use crate::process::Invocation;
use crate::reference::peers::Ours;
use crate::statistics::median;
use crate::timing::Options;
use plot::{Line, Panel};
use questions::{Files, Question};

const USAGE: &str = "\
usage: cargo xtask bench-growth [--runs N] [--write] [--ours PROGRAM]
  --runs N         runs of each point at most [7]
  --write          write docs/growth.md, docs/growth.json and docs/growth-*.svg
  --ours PROGRAM   measure this sev-launch instead of building one";

/// Seconds after which a point is not repeated again.
const LONG_ENOUGH: f64 = 5.0;

/// All that is measured.
#[derive(Debug, Serialize)]
struct Growth {
    machine: Machine,
    questions: Vec<Answer>,
}

/// One question's points, by technology.
#[derive(Debug, Serialize)]
struct Answer {
    id: &'static str,
    title: &'static str,
    axis: &'static str,
    #[serde(skip)]
    tick: fn(f64) -> String,
    lines: Vec<(&'static str, Vec<Point>)>,
}

/// What one size of the work costs.
#[derive(Clone, Copy, Debug, Serialize)]
struct Point {
    size: u32,
    /// The median.
    seconds: f64,
    /// How often it was timed.
    runs: usize,
    peak_bytes: f64,
}

/// Measures, prints the points, and writes them where wanted.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let Some(options) = Options::read(arguments, Options::of(7), false, USAGE)? else {
        println!("{USAGE}");
        return Ok(());
    };
    let target = target_folder(root());
    let inputs = Inputs::make(root(), &target.join("bench-peers"))?;
    let ours = match options.ours {
        Some(program) => program,
        None => Ours::build(root(), &target)?.program().to_path_buf(),
    };
    let files = Files {
        firmware: inputs.firmware,
        kernel: root().join("testdata/boot/vmlinuz"),
        initrd: root().join("testdata/boot/initrd.img"),
        folder: inputs.folder.clone(),
    };
    let note = inputs.folder.join("peak-memory");
    let mut answers = Vec::new();
    for question in questions::all(&ours, &files)? {
        eprintln!("bench-growth: {} …", question.title);
        let Question { id, title, axis, tick, lines } = question;
        let lines = lines.into_iter().map(|(name, work)| {
            let points = points(&work, options.turns, &note);
            Ok((name, points.with_context(|| format!("{title}, {name}"))?))
        });
        let lines = lines.collect::<Result<_>>()?;
        answers.push(Answer { id, title, axis, tick, lines });
    }
    let growth = Growth { machine: Machine::read()?, questions: answers };
    print!("{}", page(&growth));
    if options.write { write(&growth) } else { Ok(()) }
}

/// Measures the points of a line in turn, so that none of them meets the machine in its slow moment alone.
fn points(work: &[(u32, Invocation)], turns: usize, note: &Path) -> Result<Vec<Point>> {
    let mut memory = Vec::new();
    for (_, invocation) in work {
        let kibibytes = u32::try_from(invocation.peak_memory(note)? / 1024)?;
        memory.push(f64::from(kibibytes) * 1024.0);
    }
    let mut times = vec![Vec::new(); work.len()];
    for _ in 0..turns {
        for ((_, invocation), times) in work.iter().zip(&mut times) {
            if times.iter().sum::<f64>() < LONG_ENOUGH {
                times.push(invocation.time_in_silence()?.as_secs_f64());
            }
        }
    }
    let points = work.iter().zip(memory).zip(times).map(|(((size, _), peak_bytes), times)| {
        let seconds = median(&times).context("no run")?;
        Ok(Point { size: *size, seconds, runs: times.len(), peak_bytes })
    });
    points.collect()
}

fn write(growth: &Growth) -> Result<()> {
    let write = |name: String, text: &str| {
        fs::write(root().join("docs").join(&name), text).with_context(|| format!("docs/{name}"))
    };
    for answer in &growth.questions {
        write(format!("growth-{}.svg", answer.id), &picture(answer))?;
    }
    write("growth.json".into(), &(serde_json::to_string_pretty(growth)? + "\n"))?;
    write("growth.md".into(), &page(growth))
}

fn picture(answer: &Answer) -> String {
    let lines = |of: fn(&Point) -> f64| -> Vec<Line> {
        let line = |(name, points): &(&str, Vec<Point>)| {
            let points = points.iter().map(|point| (f64::from(point.size), of(point)));
            ((*name).to_owned(), points.collect())
        };
        answer.lines.iter().map(line).collect()
    };
    let time = Panel { title: "Time", tick: ticks::seconds, lines: lines(|point| point.seconds) };
    let memory =
        Panel { title: "Peak memory", tick: ticks::bytes, lines: lines(|point| point.peak_bytes) };
    plot::svg(answer.title, answer.axis, answer.tick, [time, memory])
}

fn page(growth: &Growth) -> String {
    let mut text = format!(
        "# Growth\n\n\
         Written by `cargo xtask bench-growth --write`; not edited by hand. How the time and the peak memory of `sev-launch digest`, \
         a\nwhole process, grow with its work. {}.\n\nAll axes are logarithmic: growth in proportion goes up by one decade each \
         decade, a constant is level. Firmware of 4 MiB; where\nnot said otherwise, testdata's kernel and initrd. Rows of a sweep are \
         1 to 1000 vCPUs with up to 1000 command lines, as CSV.\nInitrds are files of zeros, which cost what other bytes cost.\n",
        growth.machine.line()
    );
    for answer in &growth.questions {
        text.push_str(&format!(
            "\n## {}\n\n![{}](growth-{}.svg)\n\n| {} |",
            answer.title, answer.title, answer.id, answer.axis
        ));
        let sizes: Vec<u32> =
            answer.lines.iter().take(1).flat_map(|(_, points)| points).map(|at| at.size).collect();
        let spelled = |size: &u32| (answer.tick)(f64::from(*size));
        sizes.iter().for_each(|size| text.push_str(&format!(" {} |", spelled(size))));
        text.push_str(&format!("\n|{}\n", "---|".repeat(sizes.len() + 1)));
        for (name, points) in &answer.lines {
            let row = |text: &mut String, what: &str, cell: &dyn Fn(&Point) -> String| {
                text.push_str(&format!("| {name}, {what} |"));
                points.iter().for_each(|point| text.push_str(&format!(" {} |", cell(point))));
                text.push('\n');
            };
            row(&mut text, "time", &|point| crate::bench_peers::seconds(point.seconds));
            row(&mut text, "memory", &|point| format!("{:.1} MB", point.peak_bytes / 1e6));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_a_row_of_time_and_one_of_memory_for_each_line() {
        let point = |size| Point { size, seconds: 0.012, runs: 3, peak_bytes: 5e6 };
        let growth = Growth {
            machine: Machine {
                processor: "P".into(),
                cores: 2,
                flags: Vec::new(),
                date: "2026-01-31".into(),
                system: "Linux 6".into(),
                rustc: "rustc 1".into(),
            },
            questions: vec![Answer {
                id: "x",
                title: "X",
                axis: "xs",
                tick: ticks::count,
                lines: vec![("SNP", vec![point(1), point(10)])],
            }],
        };
        let page = page(&growth);
        assert!(page.contains("![X](growth-x.svg)\n\n| xs | 1 | 10 |\n|---|---|---|\n"), "{page}");
        assert!(page.contains("| SNP, time | 12.0 ms | 12.0 ms |"), "{page}");
        assert!(page.contains("| SNP, memory | 5.0 MB | 5.0 MB |"), "{page}");
    }
}
