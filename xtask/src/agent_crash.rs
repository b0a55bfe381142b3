//! `cargo xtask agent-crash`: kills the host's agent in the middle of a launch, and looks what becomes of the guest.
//!
//! An owner's service, a host's agent and a real QEMU run as their users start them. The agent is killed (SIGKILL) at points that a seed
//! chooses; then another one goes on, gives up, or launches the guest anew, and may be killed in turn. What the agents said, what the
//! owner's audit says and what the VMM saw must go together, and nothing may be left over.

mod audited;
mod journal;
mod judge;
mod kill;
mod killing;
mod page;
mod site;
mod traced;
mod vmm;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, anyhow, ensure};

use self::audited::Audited;
use self::killing::Killing;
use self::page::{Counts, Outcome};
use self::site::{Host, Service};
use crate::call::target;
use crate::random::Chance;

/// What is asked.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Options {
    /// How often an agent is killed
    #[arg(long, default_value_t = 200)]
    kills: u64,
    /// The seed of the kills; the time if it is not said
    #[arg(long)]
    seed: Option<u64>,
    /// Take the programs of this folder instead of building them
    #[arg(long, value_name = "FOLDER")]
    programs: Option<PathBuf>,
    /// Write the outcome to docs/agent-shown.md
    #[arg(long)]
    write: bool,
}

/// Hosts at once, which all ask one service.
const HOSTS: u64 = 2;
/// Guests of a host.
const GUESTS: u64 = 3;

impl Options {
    /// A run for CI: some kills, always the same seed, with the programs that the tests have built.
    pub(crate) fn short() -> Self {
        Self { kills: 10, seed: Some(1), programs: Some(target().join("debug")), write: false }
    }
}

/// Kills agents, and fails if a guest is not as it must be.
pub(crate) fn run(options: &Options) -> Result<()> {
    if !site::has_qemu()? {
        ensure!(!options.write, "there is no qemu-system-x86_64: apt-get install qemu-system-x86");
        println!("SKIPPED: there is no qemu-system-x86_64 (apt-get install qemu-system-x86)");
        return Ok(());
    }
    let programs = site::programs(options.programs.as_deref())?;
    let folder = std::path::absolute(target().join("agent-crash"))?;
    let platform = folder.join("platform");
    site::platform(&programs, &platform)?;
    let left = vmm::processes(&folder)?;
    let left: Vec<_> = left.iter().map(|(id, _)| id).collect();
    ensure!(left.is_empty(), "another run is in {}, as processes {left:?}", folder.display());
    let demo = folder.join("demo");
    if demo.exists() {
        fs::remove_dir_all(&demo).with_context(|| demo.display().to_string())?;
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let seed = options.seed.unwrap_or(now);
    println!("{} kills, --seed {seed}", options.kills);
    let started = Instant::now();
    let service = Service::start(&programs, &platform, demo)?;
    let (left, failed) = (AtomicU64::new(options.kills), AtomicBool::new(false));
    let work = |number: u64| -> Result<(Counts, Duration)> {
        let host = Host::new(&programs, folder.join(number.to_string()), &platform, &service)?;
        let chance = Chance::new(seed, number);
        let done = Killing::new(&host, &service, chance, GUESTS).and_then(|killing| {
            let launch = killing.launch;
            Ok((killing.kill(&left, &failed)?, launch))
        });
        if done.is_err() {
            failed.store(true, Ordering::Relaxed);
            vmm::kill_left(&host.folder);
        }
        done.with_context(|| format!("--seed {seed}; its files are in {}", host.folder.display()))
    };
    let work = &work;
    let done: Vec<_> = thread::scope(|scope| {
        let hosts: Vec<_> = (0..HOSTS).map(|number| scope.spawn(move || work(number))).collect();
        hosts.into_iter().map(|host| host.join().map_err(|_| anyhow!("a host panicked"))).collect()
    });
    let mut counts = Counts::default();
    let mut launch = 0.0_f64;
    for one in done {
        let (more, took) = one??;
        counts.add(&more);
        launch = launch.max(took.as_secs_f64());
    }
    let mut audited = Audited::new(&service)?;
    audited.follow(&service)?;
    service.stop()?;
    let seconds = started.elapsed().as_secs_f64();
    let (guests, records) = (HOSTS * GUESTS, audited.records());
    let outcome = Outcome { counts, guests, records, launch, seconds };
    println!("{}", outcome.line());
    if options.write {
        outcome.write(seed)?;
    }
    Ok(())
}
