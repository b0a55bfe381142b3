//! `cargo xtask serve-crash`: kills the attestation service in the middle of its work, and looks what is left.
//!
//! Clients register guests, launch them on an AMD-SP in software and ask for their secrets. The process is killed (SIGKILL) at points
//! that a seed chooses, while it works and while it starts, and started again on the same store; then the store is held against what
//! clients were told and against its own audit, and the clients send again what was not answered. That is a crash of the process: the
//! system goes on, and writes what it was given. Of a power cut it says as much as SQLite's own promise, `synchronous = FULL`.

mod attacks;
mod audited;
mod checker;
mod client;
mod faults;
mod gate;
mod ledger;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, anyhow, bail, ensure};

use self::checker::Checker;
use self::client::{Client, Tokens};
use self::gate::Gate;
use self::ledger::{Counts, Ledger};
use crate::call::target;
use crate::machine::Machine;
use crate::markdown::{head, number, row};
use crate::random::Chance;
use crate::served::{self, Programs, Request, Server, Setup, image, no_errors, sha256};
use crate::server_shown;

/// What is asked.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Options {
    /// How often the service is killed
    #[arg(long, default_value_t = 1000)]
    kills: u64,
    /// The seed of the clients and of the kills; the time if it is not said
    #[arg(long)]
    seed: Option<u64>,
    /// Take `sev-launch-server` and `sev-launch` of this folder instead of building them
    #[arg(long, value_name = "FOLDER")]
    programs: Option<PathBuf>,
    /// Write the outcome to docs/server-shown.md
    #[arg(long)]
    write: bool,
}

impl Options {
    /// A run for CI: some kills, always the same seed, with the programs that the tests have built.
    pub(crate) fn short() -> Self {
        Self { kills: 20, seed: Some(1), programs: Some(target().join("debug")), write: false }
    }
}

/// Clients at once.
const CLIENTS: u64 = 4;
/// Kills of one store: the next gets a new one, and starts from nothing.
const EACH: u64 = 50;
/// One kill in so many comes while the service starts.
const STARTING: u64 = 8;
/// The longest that clients may need for what they have begun.
const SETTLE: Duration = Duration::from_secs(60);

/// What came of it.
#[derive(Debug, Default)]
struct Outcome {
    stores: u64,
    kills: u64,
    starting: u64,
    counts: Counts,
    records: u64,
    guests: u64,
    released: u64,
    attacks: usize,
}

/// Kills it, and fails if anything is lost, half done or done twice.
pub(crate) fn run(options: &Options) -> Result<()> {
    let programs = Programs::of(options.programs.as_deref())?;
    let folder = std::path::absolute(target().join("serve-crash"))?;
    let platform = folder.join("platform");
    programs.platform(&platform)?;
    let work = folder.join("work");
    if work.exists() {
        fs::remove_dir_all(&work).with_context(|| work.display().to_string())?;
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let seed = options.seed.unwrap_or(now);
    println!("{} kills, --seed {seed}", options.kills);
    let started = Instant::now();
    let mut outcome = Outcome::default();
    let mut chance = Chance::new(seed, 0);
    while outcome.kills < options.kills {
        let kills = EACH.min(options.kills - outcome.kills);
        let place = work.join(format!("store-{}", outcome.stores));
        let is_last = outcome.kills + kills == options.kills;
        let store = Killed::new(&programs, &place, &platform, seed, outcome.stores)?;
        store.kill(kills, &mut chance, is_last.then_some(&platform), &mut outcome).with_context(
            || {
                format!(
                    "--seed {seed}, store {}; its files are in {}",
                    outcome.stores,
                    place.display()
                )
            },
        )?;
        println!(
            "{} kills, {} records, {:.0} s",
            outcome.kills,
            outcome.records,
            started.elapsed().as_secs_f64()
        );
        fs::remove_dir_all(&place)?;
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("{}", outcome.line(seconds));
    let faults = faults::run(&programs, &work, &platform)?;
    if options.write {
        server_shown::put("serve-crash", &outcome.text(seed, seconds, &faults)?)?;
    }
    Ok(())
}

/// Tokens of a service that does not run.
fn tokens_of(setup: &Setup) -> Result<Tokens> {
    Ok(Tokens {
        owner: setup.token("owner", "vm:read,vm:write")?,
        launcher: setup.token("launcher", "launch")?,
        auditor: setup.token("auditor", "audit:read")?,
    })
}

/// One store, its clients, and what is known of both.
struct Killed {
    setup: Setup,
    tokens: Tokens,
    gate: Arc<Gate>,
    ledgers: Vec<Arc<Mutex<Ledger>>>,
    clients: Vec<JoinHandle<Result<()>>>,
    checker: Checker,
}

impl Killed {
    fn new(
        programs: &Programs,
        place: &Path,
        platform: &Path,
        seed: u64,
        number: u64,
    ) -> Result<Self> {
        let setup = Setup::new(programs, place, &place.join("store"), platform)?;
        let tokens = tokens_of(&setup)?;
        let gate = Arc::new(Gate::default());
        let mut ledgers = Vec::new();
        let mut clients = Vec::new();
        for client in 1..=CLIENTS {
            let ledger = Arc::new(Mutex::new(Ledger::default()));
            let chance = Chance::new(seed, number * CLIENTS + client);
            let mut client = Client::new(&gate, &tokens, platform, chance, &ledger)?;
            ledgers.push(ledger);
            clients.push(thread::spawn(move || client.work()));
        }
        Ok(Self { setup, tokens, gate, ledgers, clients, checker: Checker::new() })
    }

    /// Kills the service so many times; then everything begun is finished, and looked at once more.
    fn kill(
        mut self,
        kills: u64,
        chance: &mut Chance,
        attacked: Option<&PathBuf>,
        outcome: &mut Outcome,
    ) -> Result<()> {
        let done = self.killed(kills, chance, attacked, outcome);
        self.gate.fail();
        done
    }

    fn killed(
        &mut self,
        kills: u64,
        chance: &mut Chance,
        attacked: Option<&PathBuf>,
        outcome: &mut Outcome,
    ) -> Result<()> {
        self.upload()?;
        for _ in 0..kills {
            let starting = self.setup.spawn()?;
            let log = if chance.one_in(STARTING) {
                thread::sleep(Duration::from_millis(chance.below(40)));
                outcome.starting += 1;
                starting.kill()?
            } else {
                let server = starting.ready()?;
                self.check(false)?;
                self.gate.open(server.service);
                // Short times are the more frequent ones.
                thread::sleep(Duration::from_millis(chance.below(20).pow(2)));
                let log = server.kill()?;
                self.gate.close();
                log
            };
            outcome.kills += 1;
            no_errors(&log)?;
            if let Some(at) = self.clients.iter().position(JoinHandle::is_finished) {
                let ended = self.clients.swap_remove(at).join();
                return Err(ended
                    .map_err(|_| anyhow!("a client panicked"))?
                    .err()
                    .context("a client ended")?);
            }
        }
        let server = self.setup.start()?;
        self.check(false)?;
        // A store as it is now, which must not pass for the one that there is when clients have gone on.
        let before = self.setup.store().with_extension("before");
        checker::copy(&self.setup.database(), &before)?;
        self.gate.end();
        self.gate.open(server.service);
        self.settle()?;
        self.check(true)?;
        let passes = Checker::new().check(&before, &self.ledgers(), true);
        ensure!(passes.is_err(), "what clients did last was taken away, and nobody noticed");
        let audited = &self.checker.audited;
        outcome.stores += 1;
        outcome.guests += u64::try_from(audited.guests.len())?;
        outcome.released += audited.releases;
        for ledger in &self.ledgers {
            outcome.counts.add(ledger.lock().unwrap_or_else(PoisonError::into_inner).counts);
        }
        if let Some(platform) = attacked {
            let before = audited.releases;
            outcome.attacks = attacks::run(&server, &self.tokens, platform)?;
            self.checker.follow(&self.setup.database())?;
            let released = self.checker.audited.releases - before;
            if released != 1 {
                bail!("{released} releases under attack, wanted the one of its own guest");
            }
        }
        no_errors(&server.log())?;
        server.stop()?;
        // With the checkpoint that the end has signed.
        let server = self.setup.start()?;
        self.checker.follow(&self.setup.database())?;
        outcome.records += self.checker.audit_over_http(&server, &self.tokens)?;
        server.stop()
    }

    /// The firmware that all guests have.
    fn upload(&self) -> Result<()> {
        let server: Server = self.setup.start()?;
        let upload = Request::new("POST", "/firmware", &self.tokens.owner).image(&image(0));
        let answer = served::Client::default().ask(server.service, &upload)?;
        if answer.status != 201 {
            bail!("upload: {}", answer.told());
        }
        let mut ledger = Ledger::default();
        ledger.images.insert(sha256(image(0)), (ledger::Known::Told, ledger::Known::Never));
        if let Some(first) = self.ledgers.first() {
            first.lock().unwrap_or_else(PoisonError::into_inner).images.append(&mut ledger.images);
        }
        server.kill().map(drop)
    }

    fn ledgers(&self) -> Vec<Ledger> {
        let locked = |ledger: &Arc<Mutex<Ledger>>| {
            ledger.lock().unwrap_or_else(PoisonError::into_inner).clone()
        };
        self.ledgers.iter().map(locked).collect()
    }

    fn check(&mut self, settled: bool) -> Result<()> {
        let ledgers = self.ledgers();
        self.checker.check(&self.setup.database(), &ledgers, settled)
    }

    /// Waits until every client has its answers.
    fn settle(&mut self) -> Result<()> {
        let until = Instant::now() + SETTLE;
        while self.clients.iter().any(|client| !client.is_finished()) {
            if Instant::now() > until {
                bail!("clients still wait after {} s", SETTLE.as_secs());
            }
            thread::sleep(Duration::from_millis(5));
        }
        for client in self.clients.drain(..) {
            client.join().map_err(|_| anyhow!("a client panicked"))??;
        }
        Ok(())
    }
}

impl Outcome {
    fn line(&self, seconds: f64) -> String {
        let Self { stores, kills, starting, counts, records, guests, released, attacks } = self;
        format!(
            "{kills} kills ({starting} of them within 40 ms of a start) of {stores} stores in {seconds:.0} s: {guests} guests, {} requests, \
             {} of them sent again, {} of those known from before, {} launches, {released} releases, {} answers repeated, \
             {records} audit records; {attacks} attacks refused. Nothing is lost, half done or done twice.",
            counts.requests, counts.again, counts.known_again, counts.launches, counts.repeated
        )
    }

    fn text(
        &self,
        seed: u64,
        seconds: f64,
        faults: &[(&str, Result<usize, String>)],
    ) -> Result<String> {
        let Self { stores, kills, starting, counts, records, guests, released, attacks } = self;
        let machine = Machine::read()?.line();
        let mut text = format!(
            "`cargo xtask serve-crash --kills {kills} --seed {seed}`, {} minutes, {CLIENTS} clients at once, {machine}.\n\n{WHAT}\n",
            number(seconds / 60.0)
        );
        text += &head(&["what", "how many"]);
        let rows = [
            ("kills (SIGKILL)", *kills),
            ("of them within 40 ms of a start", *starting),
            ("stores, each begun anew", *stores),
            ("guests registered", *guests),
            ("requests", counts.requests),
            ("sent again after a broken connection", counts.again),
            ("of them answered as what was done before the kill", counts.known_again),
            ("launches that clients were told of", counts.launches),
            ("wrong measurements, all refused", counts.wrong),
            ("packets that clients were given, all opened by the AMD-SP", counts.releases),
            ("releases in the audit, none of a launch twice", *released),
            ("answers asked for once more, all the same to the byte", counts.repeated),
            ("audit records, verified from the first one, in the database and over HTTP", *records),
            ("requests that had to be refused, and were", u64::try_from(*attacks)?),
            ("acknowledged and lost, half done, or done twice", 0),
        ];
        for (what, count) in rows {
            text += &row(&[what, &count.to_string()]);
        }
        text += "\nFaults of the store, while the service ran on:\n\n";
        text += &head(&["fault", "requests answered 503 `store-unavailable`, and done after it"]);
        for (fault, outcome) in faults {
            let outcome = match outcome {
                Ok(count) => count.to_string(),
                Err(why) => format!("skipped: {why}"),
            };
            text += &row(&[*fault, outcome.as_str()]);
        }
        Ok(text + CLOCK)
    }
}

const WHAT: &str = "\
After each kill the process is started again on the same store; before any client goes on, the database is held against what clients
were told and against its own audit: every answer that a client got is in it (registered, launched, released, acknowledged, approved,
patched, revoked, deleted, uploaded), no launch begins or is released twice, the launches with keys are those that are live by the
audit, of a deleted guest its name and its records alone are left, and `PRAGMA integrity_check` is content. Clients send again,
unchanged, whatever was not answered. That a loss is seen is tried with each store: a copy from before the clients' last requests must
not pass. Any of these that was not so ends the task.
";

const CLOCK: &str = "
Not tried with a process: a clock that jumps (the clock of one process alone cannot be turned; tests in the process do it), and a power
cut (a killed process leaves its system running; what SQLite promises of `synchronous = FULL` is not tried again here).
";
