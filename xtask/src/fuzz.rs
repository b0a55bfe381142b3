//! `cargo xtask fuzz`: runs the targets of `fuzz/` under libFuzzer, in turn, within bounds of time and memory.
//!
//! It builds with the stable toolchain that is there, and installs nothing; a C++ compiler builds libFuzzer. What is found lies in
//! target/fuzz: `corpus/NAME`, what reached new code; `artifacts/NAME`, what failed; `logs/NAME`, what libFuzzer said. The next run goes
//! on from there. An input that fails is to be mended, and then kept in `fuzz/corpus/NAME` by a name that begins with `found-`.

mod build;
mod kept;
mod log;
mod page;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use crate::call::{Call, root, target};
use build::Program;
use log::Progress;
use page::{Figures, Record};

/// What is asked.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only these targets
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    /// Run each target for so many minutes at least
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    minutes: f64,
    /// and until it made so many runs
    #[arg(long, value_name = "N", default_value_t = 0)]
    runs: u64,
    /// but for so many minutes at most
    #[arg(long, value_name = "N", default_value_t = 60.0)]
    at_most: f64,
    /// Run so many targets at a time
    #[arg(long, value_name = "N", default_value_t = 1)]
    jobs: usize,
    /// Choose the inputs in fuzz/corpus anew
    #[arg(long)]
    keep: bool,
    /// Write the figures to docs/fuzzing.md
    #[arg(long)]
    write: bool,
}

/// The most memory that a run may take, in MiB, and the most time, in seconds.
const MEMORY: u32 = 2048;
const TIME: u32 = 10;

/// Runs the targets; an error if one of them has failed, after all of them were run.
pub(crate) fn run(options: &Options) -> Result<()> {
    let known = names()?;
    for name in &options.targets {
        if !known.contains(name) {
            bail!("there is no target {name:?}; there are {}", known.join(", "));
        }
    }
    let chosen = if options.targets.is_empty() { &known } else { &options.targets };
    let programs = build::programs(chosen)?;

    let waiting = Mutex::new(programs.iter());
    let next = || waiting.lock().ok().and_then(|mut waiting| waiting.next());
    let worker = || {
        let mut done = Vec::new();
        while let Some(program) = next() {
            let outcome = fuzz(program, options);
            match &outcome {
                Ok(figures) => println!("{}", figures.line(&program.name)),
                Err(error) => println!("{error:#}"),
            }
            done.push((program.name.clone(), outcome));
        }
        done
    };
    let done: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..options.jobs.max(1)).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).flatten().collect()
    });

    let mut failed = Vec::new();
    let mut figures = Vec::new();
    for (name, outcome) in done {
        match outcome {
            Ok(one) => figures.push((name, one)),
            Err(_) => failed.push(name),
        }
    }
    if options.write {
        let mut record = Record::read()?;
        record.add(figures.into_iter());
        record.write(&known)?;
    }
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

/// The targets in the order of their programs' names.
fn names() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join("fuzz/fuzz_targets")).context("fuzz/fuzz_targets")? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|name| name.display().to_string()));
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

/// Runs one target in as many rounds as it takes.
fn fuzz(program: &Program, options: &Options) -> Result<Figures> {
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
        let mut call = libfuzzer(program, &folders);
        call.arg(format!("-max_total_time={seconds}"));
        if minutes() >= options.minutes {
            call.arg(format!("-runs={}", options.runs - progress.runs));
        }
        let before = fs::metadata(&folders.log)?.len();
        let status = call.stderr(log.try_clone()?).stdout(Stdio::null()).status();
        let status = status.with_context(|| program.path.display().to_string())?;
        let text = fs::read(&folders.log).with_context(|| folders.log.display().to_string())?;
        let text = text.get(usize::try_from(before)?..).unwrap_or_default();
        progress.add(&String::from_utf8_lossy(text));
        if !status.success() {
            bail!(
                "{}: a run failed ({status}): {} says how, {} has the input",
                program.name,
                folders.log.display(),
                folders.artifacts.display()
            );
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    if options.keep {
        kept::choose(program, &folders)?;
    }
    Figures::new(&progress, seconds, &folders.corpus, &folders.kept)
}

/// libFuzzer over the target's folders, within its bounds.
fn libfuzzer(program: &Program, folders: &Folders) -> Command {
    let mut command = Command::new(&program.path);
    command.arg(&folders.corpus).arg(&folders.kept).current_dir(root()).stdin(Stdio::null());
    command.arg(format!("-artifact_prefix={}/", folders.artifacts.display()));
    command.arg(format!("-rss_limit_mb={MEMORY}")).arg(format!("-timeout={TIME}")).arg("-reload=0");
    // Inputs that cost less are changed more often.
    command.arg("-entropic_scale_per_exec_time=1");
    let words = root().join("fuzz/dictionaries").join(format!("{}.dict", program.name));
    if words.is_file() {
        command.arg(format!("-dict={}", words.display()));
    }
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
