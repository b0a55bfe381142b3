//! `cargo xtask fuzz`: runs the targets of `fuzz/` under libFuzzer, in turn, within bounds of time and memory.
//!
//! It builds with the stable toolchain that is there, and installs nothing; a C++ compiler builds libFuzzer. What is found lies in
//! target/fuzz: `corpus/NAME`, what reached new code; `artifacts/NAME`, what failed; `logs/NAME`, what libFuzzer said. The next run goes
//! on from there. Where an input fails, mend the code, and keep the input as fuzz/corpus/NAME/found-WHAT.

mod build;
mod kept;
mod log;
mod page;

use std::fs::{self, File};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow, bail};

use crate::alone::Alone;
use crate::call::{Call, root, target};
use build::Program;
use log::Progress;
use page::{Figures, Record, Stamp};

/// What is asked.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only these targets [default: all]
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    /// Run each target for so many minutes
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = minutes)]
    minutes: f64,
    /// Go on after that until a target has run so many times
    #[arg(long, value_name = "N", default_value_t = 0)]
    runs: u64,
    /// Stop a target after so many minutes in any case
    #[arg(long, value_name = "N", default_value_t = 60.0, value_parser = minutes)]
    at_most: f64,
    /// Run so many targets at a time
    #[arg(long, value_name = "N", default_value = "1")]
    jobs: NonZeroUsize,
    /// Choose the inputs in fuzz/corpus anew
    #[arg(long)]
    keep: bool,
    /// Write the figures to docs/fuzzing.md
    #[arg(long)]
    write: bool,
}

fn minutes(text: &str) -> Result<f64, String> {
    let minutes = text.parse().ok().filter(|minutes: &f64| minutes.is_finite() && *minutes >= 0.0);
    minutes.ok_or_else(|| format!("{text:?}: wanted a number of minutes, for example 0.5"))
}

/// The most memory that a program may take, in MiB, and the most time that an input may, in seconds.
const MEMORY: u32 = 2048;
const TIME: u32 = 10;

/// Runs the targets; an error if one of them has failed, after all of them were run.
pub(crate) fn run(options: &Options) -> Result<()> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        bail!("libFuzzer is run on x86-64 Linux alone here");
    }
    if options.at_most < options.minutes {
        bail!("--at-most {} is less than --minutes {}", options.at_most, options.minutes);
    }
    let known = names()?;
    for name in &options.targets {
        if !known.contains(name) {
            bail!("there is no target {name:?}; there are {}", known.join(", "));
        }
    }
    let is_chosen = |name: &&String| options.targets.is_empty() || options.targets.contains(name);
    let chosen: Vec<String> = known.iter().filter(is_chosen).cloned().collect();
    let _alone = Alone::new("fuzz")?;
    let stamp = Stamp::read()?;
    // Whatever is wrong with the record is told before the work, and not after it.
    let record = Mutex::new(Record::read()?);
    let programs = build::programs(&chosen)?;

    let waiting = Mutex::new(programs.iter());
    let next = || waiting.lock().ok().and_then(|mut waiting| waiting.next());
    let worker = || -> Result<Vec<String>> {
        let mut failed = Vec::new();
        while let Some(program) = next() {
            match fuzz(program, options, known.len()).and_then(|done| done.figures(&stamp)) {
                Ok(figures) => {
                    println!("{}", figures.line(&program.name));
                    if options.write && figures.is_of_runs() {
                        let mut record =
                            record.lock().map_err(|_| anyhow!("a worker has panicked"))?;
                        record.add(&program.name, figures);
                        record.write(&known)?;
                    }
                }
                Err(error) => {
                    println!("{error:#}");
                    failed.push(program.name.clone());
                }
            }
        }
        Ok(failed)
    };
    let failed: Result<Vec<Vec<String>>> = thread::scope(|scope| {
        let workers: Vec<_> = (0..options.jobs.get()).map(|_| scope.spawn(worker)).collect();
        let joined = workers.into_iter().map(|worker| {
            worker
                .join()
                .unwrap_or_else(|_| bail!("a worker has panicked: not every target was run"))
        });
        joined.collect()
    });
    match failed?.concat().as_slice() {
        [] => Ok(()),
        failed => bail!("failed: {}", failed.join(", ")),
    }
}

/// The targets in the order of their programs' names.
fn names() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join("fuzz/fuzz_targets")).context("fuzz/fuzz_targets")? {
        let path = entry?.path();
        let is_program = path.extension().is_some_and(|extension| extension == "rs");
        names
            .extend(path.file_stem().filter(|_| is_program).map(|name| name.display().to_string()));
    }
    names.sort();
    Ok(names)
}

/// The folders of a target.
struct Folders {
    /// What reached new code, here.
    corpus: PathBuf,
    /// What is kept, in the repository.
    kept: PathBuf,
    artifacts: PathBuf,
    log: PathBuf,
}

impl Folders {
    fn of(name: &str) -> Result<Self> {
        let below = |folder: &str| target().join("fuzz").join(folder).join(name);
        let kept = root().join("fuzz/corpus").join(name);
        let folders = Self {
            corpus: below("corpus"),
            kept,
            artifacts: below("artifacts"),
            log: below("logs"),
        };
        let logs = folders.log.parent().unwrap_or(&folders.log);
        for folder in [&folders.corpus, &folders.artifacts, &folders.kept, logs] {
            fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        Ok(folders)
    }
}

/// A target that was run.
struct Done {
    progress: Progress,
    seconds: f64,
    folders: Folders,
}

impl Done {
    fn figures(&self, stamp: &Stamp) -> Result<Figures> {
        Figures::new(&self.progress, self.seconds, &self.folders, stamp)
    }
}

/// libFuzzer counts its runs in 31 bits.
const MOST_RUNS: u64 = 0x7fff_ffff;

/// Runs one target, of so many, in as many rounds as it takes.
fn fuzz(program: &Program, options: &Options, targets: usize) -> Result<Done> {
    let folders = Folders::of(&program.name)?;
    Call::new(&program.seeds, "").arg(&program.name).arg(&folders.corpus).run()?;
    let log = File::create(&folders.log).with_context(|| folders.log.display().to_string())?;
    let started = Instant::now();
    let minutes = || started.elapsed().as_secs_f64() / 60.0;
    let mut progress = Progress::default();
    while minutes() < options.minutes || progress.runs < options.runs {
        let wanted = if minutes() < options.minutes { options.minutes } else { options.at_most };
        let seconds = ((wanted - minutes()) * 60.0).ceil();
        if seconds < 1.0 {
            break;
        }
        let mut call = libfuzzer(program);
        call.arg(&folders.corpus).arg(&folders.kept).arg(format!("-max_total_time={seconds}"));
        call.arg(format!("-artifact_prefix={}/", folders.artifacts.display()));
        if minutes() >= options.minutes {
            let left = options.runs - progress.runs;
            call.arg(format!("-runs={}", left.min(MOST_RUNS)));
        }
        let (runs, before) = (progress.runs, fs::metadata(&folders.log)?.len());
        let status = call.stderr(log.try_clone()?).stdout(Stdio::null()).status();
        let status = status.with_context(|| program.path.display().to_string())?;
        let text = fs::read(&folders.log).with_context(|| folders.log.display().to_string())?;
        let text = text.get(usize::try_from(before)?..).unwrap_or_default();
        progress.add(&String::from_utf8_lossy(text));
        if !status.success() {
            bail!(
                "{}: an input has failed ({status}): {} says how, {} has the input",
                program.name,
                folders.log.display(),
                folders.artifacts.display()
            );
        }
        if progress.runs == runs {
            let log = folders.log.display();
            bail!("{}: nothing was run; {log} says why, or the disk is full", program.name);
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    if options.keep {
        kept::choose(program, &folders, targets)?;
    }
    Ok(Done { progress, seconds, folders })
}

/// libFuzzer within its bounds.
fn libfuzzer(program: &Program) -> Command {
    let mut command = Command::new(&program.path);
    command.current_dir(root()).stdin(Stdio::null()).arg("-reload=0");
    command.arg(format!("-rss_limit_mb={MEMORY}")).arg(format!("-timeout={TIME}"));
    // Inputs that cost less are changed more often.
    command.arg("-entropic_scale_per_exec_time=1");
    command
}

/// How many files are in a folder, and how many bytes in them.
fn size_of(folder: &Path) -> Result<(u64, u64)> {
    let mut size = (0, 0);
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        size = (size.0 + 1, size.1 + entry?.metadata()?.len());
    }
    Ok(size)
}
