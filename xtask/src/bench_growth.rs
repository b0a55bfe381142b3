//! `cargo xtask bench-growth`: how time and memory of our command grow with its work, drawn from what was measured.
//!
//! Whole processes, their output thrown away. Peak memory is measured first, which also brings the files into the page cache; the
//! time is the median of some runs, fewer where they take long. A point is in `docs/growth.json`, a picture `docs/growth-*.svg`.

mod plot;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use crate::bench_peers::inputs;
use crate::call::{Call, root, write};
use crate::machine::Machine;
use crate::markdown::{head, row, seconds};
use crate::peers::Tool;
use crate::statistics::median;
use plot::{BYTES, COUNT, MEGABYTES, SECONDS, Units, spelled};

/// What is asked.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Runs of each point at most
    #[arg(long, default_value_t = 7, value_name = "N")]
    runs: u32,
    /// Write docs/growth.md, docs/growth.json and docs/growth-*.svg
    #[arg(long)]
    write: bool,
    /// Measure this sev-launch instead of building one
    #[arg(long, value_name = "PROGRAM")]
    ours: Option<PathBuf>,
}

/// Seconds after which a point is not repeated again.
const LONG_ENOUGH: f64 = 5.0;

/// A size that the work may grow by: what names its files, its title, what grows and in which units, the technologies that are asked
/// (by name, and as our command calls them), and the sizes.
struct Question(
    &'static str,
    &'static str,
    &'static str,
    Units,
    &'static [(&'static str, &'static str)],
    [u32; 8],
);

const BOTH: &[(&str, &str)] = &[("SEV-ES", "seves"), ("SNP", "snp")];
/// vCPUs go up to the most that any KVM build has.
#[rustfmt::skip]
const QUESTIONS: [Question; 3] = [
    Question("initrd", "Size of the initrd", "initrd", MEGABYTES, &[("SEV", "sev")],
             [1, 3, 10, 30, 100, 300, 1000, 2000]),
    Question("vcpus", "Number of vCPUs", "vCPUs of one guest", COUNT, BOTH,
             [1, 4, 16, 64, 256, 1024, 2048, 4096]),
    Question("rows", "Rows of a sweep", "rows", COUNT, BOTH,
             [1, 10, 100, 1000, 10_000, 100_000, 300_000, 1_000_000]),
];

/// All that is measured.
#[derive(Debug, Serialize, Deserialize)]
struct Growth {
    machine: Machine,
    questions: Vec<Answer>,
}

/// One question's points, by technology.
#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    id: String,
    title: String,
    axis: String,
    lines: Vec<(String, Vec<Point>)>,
}

/// What one size of the work costs.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Point {
    size: u32,
    /// The median.
    seconds: f64,
    /// How often it was timed.
    runs: usize,
    peak_bytes: f64,
}

/// Measures, prints the points, and writes them where wanted.
pub(crate) fn run(options: Options) -> Result<()> {
    let folder = inputs::make()?;
    let ours = Tool::ours(options.ours.as_deref())?.call;
    let mut growth = Growth { machine: Machine::read()?, questions: Vec::new() };
    for question in QUESTIONS {
        let Question(id, title, axis, _, modes, _) = question;
        eprintln!("bench-growth: {title} …");
        let line = |(name, mode): &(&str, &str)| {
            let points = points(&question, &ours, &folder, mode, options.runs);
            Ok(((*name).to_owned(), points.with_context(|| format!("{title}, {name}"))?))
        };
        let lines = modes.iter().map(line).collect::<Result<_>>()?;
        let [id, title, axis] = [id, title, axis].map(str::to_owned);
        growth.questions.push(Answer { id, title, axis, lines });
    }
    print!("{}", page(&growth));
    if options.write {
        for (question, answer) in QUESTIONS.iter().zip(&growth.questions) {
            write(&format!("docs/growth-{}.svg", answer.id), &picture(question, answer))?;
        }
        write("docs/growth.json", &(serde_json::to_string_pretty(&growth)? + "\n"))?;
        write("docs/growth.md", &page(&growth))?;
    }
    Ok(())
}

/// Measures the points of a line in turn, so that none of them meets the machine in its slow moment alone.
fn points(
    question: &Question,
    ours: &Call,
    folder: &Path,
    mode: &str,
    runs: u32,
) -> Result<Vec<Point>> {
    let mut points = Vec::new();
    let Question(.., sizes) = *question;
    for size in sizes {
        let call = question.call(ours, folder, mode, size)?;
        points.push((size, call.peak_memory()?, call, Vec::new()));
    }
    for _ in 0..runs {
        for (_, _, call, times) in &mut points {
            if times.iter().sum::<f64>() < LONG_ENOUGH {
                times.push(call.time(Stdio::null())?.0);
            }
        }
    }
    let points = points.into_iter().map(|(size, peak_bytes, _, times)| {
        let seconds = median(&times).context("no run")?;
        Ok(Point { size, seconds, runs: times.len(), peak_bytes })
    });
    points.collect()
}

impl Question {
    fn call(&self, ours: &Call, folder: &Path, mode: &str, size: u32) -> Result<Call> {
        let call = ours.clone().words("digest --mode").arg(mode);
        let mut call = call.arg("--firmware").arg(folder.join(inputs::FIRMWARE.0));
        if mode != "sev" {
            call = call.words("--vcpu-type EPYC-Milan");
        }
        let boot = root().join("testdata/boot");
        let booted = |call: Call, initrd: PathBuf| {
            call.arg("--kernel").arg(boot.join("vmlinuz")).arg("--initrd").arg(initrd)
        };
        let Self(id, ..) = *self;
        Ok(match id {
            "initrd" => {
                // Zeros, of which the disk holds none.
                let path = folder.join(format!("zeros-{size}mb"));
                let file = fs::File::create(&path).with_context(|| path.display().to_string())?;
                file.set_len(u64::from(size) * 1_000_000)?;
                booted(call, path)
            }
            "vcpus" => call.words(&format!("--vcpus {size}")),
            "rows" => {
                let counts = format!("--vcpus 1..={} --format csv", size.min(1000));
                let call = booted(call, boot.join("initrd.img")).words(&counts);
                let row = |at| ["--append".to_owned(), format!("row={at}")];
                call.args((0..size.div_ceil(1000)).flat_map(row))
            }
            other => bail!("{other} is no question"),
        })
    }
}

fn picture(question: &Question, answer: &Answer) -> String {
    let lines = |of: fn(&Point) -> f64| {
        let line = |(name, points): &(String, Vec<Point>)| {
            let points = points.iter().map(|point| (f64::from(point.size), of(point)));
            (name.clone(), points.collect())
        };
        answer.lines.iter().map(line).collect()
    };
    let time = ("Time", SECONDS, lines(|point| point.seconds));
    let memory = ("Peak memory", BYTES, lines(|point| point.peak_bytes));
    let Question(_, title, axis, units, ..) = *question;
    plot::svg(title, axis, units, &[time, memory])
}

fn page(growth: &Growth) -> String {
    let page = include_str!("bench_growth/page.md");
    let mut text = page.replace("{machine}", &growth.machine.line());
    for (Question(id, title, axis, units, _, sizes), answer) in
        QUESTIONS.iter().zip(&growth.questions)
    {
        let sizes = sizes.map(|size| spelled(f64::from(size), units));
        let cells = [&[(*axis).to_owned()], sizes.as_slice()].concat();
        text += &format!("\n## {title}\n\n![{title}](growth-{id}.svg)\n\n{}", head(&cells));
        for (name, points) in &answer.lines {
            let line = |what, cell: fn(&Point) -> String| {
                let first = [format!("{name}, {what}")].into_iter();
                row(&first.chain(points.iter().map(cell)).collect::<Vec<_>>())
            };
            text += &line("time", |point| seconds(point.seconds));
            text += &line("memory", |point| format!("{:.1} MB", point.peak_bytes / 1e6));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::read;

    #[test]
    fn the_page_and_the_pictures_are_of_the_record() {
        let growth: Growth = serde_json::from_str(&read("docs/growth.json").unwrap()).unwrap();
        assert_eq!(page(&growth), read("docs/growth.md").unwrap());
        for (question, answer) in QUESTIONS.iter().zip(&growth.questions) {
            let committed = read(&format!("docs/growth-{}.svg", answer.id)).unwrap();
            assert_eq!(picture(question, answer), committed, "{}", answer.id);
        }
    }
}
