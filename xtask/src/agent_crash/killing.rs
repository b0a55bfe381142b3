//! One host whose agents are killed, one guest after the other.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use super::audited::Audited;
use super::journal::{self, Step};
use super::judge::{Came, Said, Seen, judge};
use super::kill::{Life, Point, ended};
use super::page::{Counts, End, Stood};
use super::site::{Guest, Host, Service};
use super::traced;
use super::vmm::{self, Stands, Vmm};
use crate::random::Chance;

/// Kills in a row, of agents after the first one.
const MOST: u64 = 3;
/// One launch in so many is of a kernel that the owner does not accept.
const OTHER: u64 = 8;

/// One host, its guests, and what is known of them.
pub(super) struct Killing<'a> {
    host: &'a Host,
    service: &'a Service,
    audited: Audited,
    guests: Vec<Guest>,
    token: String,
    chance: Chance,
    /// How long a launch takes.
    pub(super) launch: Duration,
    /// How often an agent that launches makes certain system calls, and one that goes on.
    calls: traced::Counts,
    calls_of_others: traced::Counts,
    /// Where system calls are written while they are counted.
    trace: Option<PathBuf>,
    /// Agents so far.
    number: u64,
    /// Agents of each guest's last story that had begun no launch at its end: the service may still be at it.
    late: BTreeMap<String, usize>,
    counts: Counts,
}

/// A guest's launch, and all that followed it.
struct Story {
    guest: Guest,
    is_other: bool,
    /// Launches of the guest before, by the audit.
    before: usize,
    vmms: Vec<Vmm>,
    /// Agents that were to begin a launch.
    begun: usize,
    /// Killed ones that were told to end the guest.
    drops: usize,
    /// For people, after a failure.
    told: Vec<String>,
}

/// What another agent is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Resume,
    Drop,
    Anew,
}

impl<'a> Killing<'a> {
    /// Registers guests, and launches each of them once.
    pub(super) fn new(
        host: &'a Host,
        service: &'a Service,
        mut chance: Chance,
        guests: u64,
    ) -> Result<Self> {
        let guests = (0..guests).map(|number| host.register(service, &mut chance, number == 1));
        let guests = guests.collect::<Result<Vec<_>>>()?;
        let (audited, token) = (Audited::new(service)?, service.token("launcher")?);
        let mut killing = Self {
            host,
            service,
            audited,
            guests: guests.clone(),
            token,
            chance,
            launch: Duration::ZERO,
            calls: traced::Counts::new(),
            calls_of_others: traced::Counts::new(),
            trace: None,
            number: 0,
            late: BTreeMap::new(),
            counts: Counts::default(),
        };
        for guest in guests.clone() {
            let took = killing.plain(guest)?;
            killing.launch = killing.launch.max(took);
        }
        if let (true, Some(guest)) = (traced::is_there(), guests.into_iter().next()) {
            killing.count(guest)?;
        }
        killing.counts = Counts::default();
        Ok(killing)
    }

    /// Counts the system calls of an agent that launches, and of one that goes on after another.
    fn count(&mut self, guest: Guest) -> Result<()> {
        let trace = self.host.folder.join("trace");
        self.trace = Some(trace.clone());
        self.plain(guest.clone())?;
        self.calls = traced::counted(&trace)?;
        let mut story = self.story(guest, false)?;
        let point = Point::Step(Step::Started, Duration::ZERO);
        if self.run(&mut story, Some(point))?.is_none() {
            let (ended, said) = self.other(&mut story, "resume", None)?;
            let code = ended.and_then(|status| status.code());
            ensure!(code == Some(0), "resume ended with {code:?}: {said}");
            self.calls_of_others = traced::counted(&trace)?;
        }
        self.over(&mut story, Said::Runs).with_context(|| story.text())?;
        self.trace = None;
        Ok(())
    }

    /// The words before an agent's own.
    fn below(&self, point: Option<Point>) -> Vec<String> {
        match (point, &self.trace) {
            (Some(Point::Call(name, number)), _) => traced::killing(name, number),
            (None, Some(trace)) => traced::counting(trace),
            _ => Vec::new(),
        }
    }

    /// Kills until no kill is left, or another host has failed.
    pub(super) fn kill(mut self, left: &AtomicU64, failed: &AtomicBool) -> Result<Counts> {
        let take = |left: u64| left.checked_sub(1);
        while !failed.load(Ordering::Relaxed)
            && left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
        {
            while !self.one()? {
                self.counts.too_late += 1;
            }
            if self.counts.kills.is_multiple_of(25) {
                println!("{}: {} kills", self.host.folder.display(), self.counts.kills);
            }
        }
        let list = self.host.folder.join("list");
        let status = ended(&mut self.host.agent(&[], ["list"], &list)?)?;
        let said = fs::read_to_string(list)?;
        ensure!(status.success() && said.is_empty(), "list: {status}, {said}");
        Ok(self.counts)
    }

    /// Launches a guest, kills its agent, and follows what is left to its end; then launches the guest once more. Was it killed? It may
    /// have ended before.
    fn one(&mut self) -> Result<bool> {
        let number = self.chance.below(u64::try_from(self.guests.len())?);
        let guest = self.guests.get(usize::try_from(number)?).context("no guest")?.clone();
        let is_other = self.chance.one_in(OTHER);
        let mut story = self.story(guest.clone(), is_other)?;
        let killed = self.told(&mut story).with_context(|| story.text())?;
        if killed {
            self.plain(guest).with_context(|| format!("launched after {}", story.text()))?;
            self.counts.plain += 1;
        }
        Ok(killed)
    }

    fn told(&mut self, story: &mut Story) -> Result<bool> {
        let life = Life { whole: self.launch, from: Step::Asking, calls: &self.calls };
        let point = Point::draw(&mut self.chance, &life);
        self.counts.others += u64::from(story.is_other);
        if let Some(status) = self.run(story, Some(point))? {
            let said = match status.code() {
                Some(0) => Said::Runs,
                Some(1) => Said::No,
                code => bail!("the agent was not killed, and ended with {code:?}"),
            };
            self.over(story, said)?;
            return Ok(false);
        }
        self.counts.kills += 1;
        match point {
            Point::After(_) => self.counts.by_time += 1,
            Point::Call(..) => self.counts.by_call += 1,
            Point::Step(..) | Point::Ending => self.counts.by_step += 1,
        }
        let stood = self.stood(story)?;
        story.told.push(format!("it stood {stood:?}"));
        self.look_after(story)?;
        let said = self.others(story)?;
        let end = self.over(story, said)?;
        *self.counts.ends.entry((stood, end)).or_default() += 1;
        Ok(true)
    }

    fn story(&mut self, guest: Guest, is_other: bool) -> Result<Story> {
        self.audited.follow(self.service)?;
        let before = self.audited.count(&guest.vmid);
        let (vmms, told) = (Vec::new(), Vec::new());
        Ok(Story { guest, is_other, before, vmms, begun: 0, drops: 0, told })
    }

    /// A launch that nobody disturbs; how long the agent takes.
    fn plain(&mut self, guest: Guest) -> Result<Duration> {
        let mut story = self.story(guest, false)?;
        let started = Instant::now();
        let status = self.run(&mut story, None)?;
        let took = started.elapsed();
        let code = status.and_then(|status| status.code());
        ensure!(code == Some(0), "a launch ended with {code:?}: {}", story.text());
        self.over(&mut story, Said::Runs).with_context(|| story.text())?;
        Ok(took)
    }

    /// The agent's `run`; how it ended, if it was not killed.
    fn run(&mut self, story: &mut Story, point: Option<Point>) -> Result<Option<ExitStatus>> {
        self.number += 1;
        let vmm = Vmm::new(&self.host.folder, self.number);
        let words = self.host.run(&story.guest, &vmm, story.is_other)?;
        let output = vmm.output.clone();
        story.vmms.push(vmm);
        story.begun += 1;
        let mut agent = self.host.agent(&self.below(point), words, &output)?;
        let ended = self.ends(&mut agent, story, point)?;
        story.told.push(format!("run, killed {point:?}: {ended:?}"));
        Ok(ended)
    }

    /// The agent's `resume` or `drop`; how it ended, if it was not killed, and what it said.
    fn other(
        &mut self,
        story: &mut Story,
        word: &str,
        point: Option<Point>,
    ) -> Result<(Option<ExitStatus>, String)> {
        self.number += 1;
        let output = self.host.folder.join(format!("{word}-{}", self.number));
        let words = [word, &story.guest.vmid];
        let mut agent = self.host.agent(&self.below(point), words, &output)?;
        let ended = self.ends(&mut agent, story, point)?;
        let said = fs::read_to_string(output)?;
        story.told.push(format!("{word}, killed {point:?}: {ended:?}, {}", said.trim()));
        Ok((ended, said))
    }

    fn ends(
        &self,
        agent: &mut std::process::Child,
        story: &Story,
        point: Option<Point>,
    ) -> Result<Option<ExitStatus>> {
        match point {
            Some(point) => point.kill(agent, &self.host.state(), &story.guest.vmid),
            None => ended(agent).map(Some),
        }
    }

    /// Where the launch is, after its agent was killed.
    fn stood(&mut self, story: &Story) -> Result<Stood> {
        let step = journal::step(&self.host.state(), &story.guest.vmid)?;
        Ok(match step {
            Some(Step::Asking) => Stood::Asking,
            Some(Step::Starting) => {
                let own = story.vmms.last().map(|vmm| vmm.own.display().to_string());
                let processes = vmm::processes(&self.host.folder)?;
                let is_its = |line: &str| own.as_ref().is_some_and(|own| line.contains(own));
                match processes.iter().any(|(_, line)| is_its(line)) {
                    true => Stood::Launching,
                    false => Stood::Starting,
                }
            }
            Some(Step::Started) => Stood::Started,
            Some(Step::Releasing) => Stood::Releasing,
            None => {
                self.audited.follow(self.service)?;
                match self.audited.count(&story.guest.vmid) > story.before {
                    true => Stood::Over,
                    false => Stood::Before,
                }
            }
        })
    }

    /// After each kill: nothing secret is in the agent's folder, and a guest that runs has its release in the audit.
    fn look_after(&mut self, story: &mut Story) -> Result<()> {
        let state = self.host.state();
        journal::holds_none(&state, &[&self.token, &story.guest.passphrase])?;
        self.counts.searched += 1;
        let step = journal::step(&state, &story.guest.vmid)?;
        if step.is_some_and(|step| step < Step::Started) {
            // A QEMU that is only just starting may wait for ever for another client after a first one, and one is its agent.
            return Ok(());
        }
        let mut runs = false;
        for vmm in &mut story.vmms {
            runs |= vmm.look()? == Stands::Runs;
        }
        if runs {
            self.audited.follow(self.service)?;
            let launches = self.audited.launches(&story.guest.vmid, story.before);
            ensure!(
                launches.iter().any(|launch| launch.is_released),
                "the guest runs, and nothing was released"
            );
        }
        Ok(())
    }

    /// Other agents, until one of them comes to its end; what that one said.
    fn others(&mut self, story: &mut Story) -> Result<Said> {
        let (mut killed, mut is_there) = (0, false);
        loop {
            let act = match self.chance.below(10) {
                0..6 => Act::Resume,
                6..9 => Act::Drop,
                _ if !is_there && self.may_be_anew(story)? => Act::Anew,
                _ => Act::Resume,
            };
            let is_to_be_killed = killed < MOST && self.chance.one_in(2);
            let life = match act {
                Act::Anew => Life { whole: self.launch, from: Step::Asking, calls: &self.calls },
                // They have less to do.
                _ => Life {
                    whole: self.launch / 8,
                    from: Step::Started,
                    calls: &self.calls_of_others,
                },
            };
            let point = is_to_be_killed.then(|| Point::draw(&mut self.chance, &life));
            let (ended, said) = match act {
                Act::Resume => self.other(story, "resume", point)?,
                Act::Drop => self.other(story, "drop", point)?,
                Act::Anew => {
                    let ended = self.run(story, point)?;
                    (ended, story.vmms.last().map(Vmm::said).unwrap_or_default())
                }
            };
            let Some(status) = ended else {
                killed += 1;
                self.counts.second += 1;
                story.drops += usize::from(act == Act::Drop);
                self.look_after(story)?;
                continue;
            };
            let count = match act {
                Act::Resume => &mut self.counts.resumes,
                Act::Drop => &mut self.counts.drops,
                Act::Anew => &mut self.counts.anew,
            };
            *count += 1;
            let code = status.code();
            return Ok(match (act, code) {
                (Act::Resume | Act::Anew, Some(0)) => Said::Runs,
                (Act::Drop, Some(0)) => Said::Dropped,
                (Act::Resume | Act::Anew, Some(1)) => Said::No,
                (Act::Resume | Act::Drop, Some(2)) if said.contains("is open: it is over") => {
                    Said::NothingOpen
                }
                (Act::Resume, Some(2)) if said.contains("the guest is gone, or was never") => {
                    Said::Gone
                }
                (Act::Anew, Some(2)) if said.contains("sev-launch agent resume") => {
                    // Nothing was started; the launch that is there goes on.
                    story.vmms.pop();
                    story.begun -= 1;
                    self.counts.anew_refused += 1;
                    is_there = true;
                    continue;
                }
                _ => bail!("{act:?} ended with {code:?}: {said}"),
            });
        }
    }

    /// Would a launch anew be the only one? Where the guest runs and its launch is over, nobody keeps two from running.
    fn may_be_anew(&self, story: &mut Story) -> Result<bool> {
        if journal::step(&self.host.state(), &story.guest.vmid)?.is_some() {
            return Ok(true);
        }
        for vmm in &mut story.vmms {
            if vmm.look()? != Stands::Gone {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// All agents have ended: holds what they left against what they said, ends the guest, and judges.
    fn over(&mut self, story: &mut Story, said: Said) -> Result<End> {
        let (host, vmid) = (self.host, story.guest.vmid.clone());
        journal::is_empty(&host.state())?;
        let mut runs = false;
        if matches!(said, Said::Runs | Said::NothingOpen) {
            for vmm in &mut story.vmms {
                if vmm.look()? == Stands::Runs {
                    others_are_gone(host, vmm)?;
                    vmm.quit()?;
                    runs = true;
                }
            }
        }
        vmm::none_is_left(&host.folder)?;
        self.audited.follow(self.service)?;
        let seen = |vmm: &Vmm| -> Result<Seen> {
            Ok(Seen { has_run: vmm.has_run, has_arrived: vmm.has_arrived()? })
        };
        let agents = story.begun + self.late.get(&vmid).copied().unwrap_or(0);
        let launches = self.audited.launches(&vmid, story.before);
        self.late.insert(vmid, agents.saturating_sub(launches.len()));
        let came = Came {
            said,
            vmms: story.vmms.iter().map(seen).collect::<Result<_>>()?,
            runs,
            launches,
            agents,
            is_other: story.is_other,
            drops: story.drops,
        };
        judge(&came).with_context(|| format!("{came:?}"))?;
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let released = came.launches.iter().filter(|launch| launch.is_released).count();
        self.counts.launches += count(came.launches.len());
        self.counts.released += count(released);
        self.counts.again += came.launches.iter().map(|launch| launch.again).sum::<u64>();
        self.counts.arrived += count(came.vmms.iter().filter(|vmm| vmm.has_arrived).count());
        for vmm in &story.vmms {
            let _ = (fs::remove_file(&vmm.output), fs::remove_file(&vmm.log));
        }
        Ok(End::of(&came))
    }
}

impl Story {
    fn text(&self) -> String {
        let other = if self.is_other { ", another kernel" } else { "" };
        let said: Vec<_> = self.vmms.iter().map(Vmm::said).collect();
        format!("{}{other}: {}\n{}\n", self.guest.vmid, self.told.join("; "), said.join("\n"))
    }
}

/// Waits until no process is there beside those of a guest that runs.
fn others_are_gone(host: &Host, vmm: &Vmm) -> Result<()> {
    let until = Instant::now() + Duration::from_secs(5);
    let own = vmm.own.display().to_string();
    loop {
        let mut left = vmm::processes(&host.folder)?;
        left.retain(|(_, line)| !line.contains(&own));
        if left.is_empty() {
            return Ok(());
        }
        ensure!(Instant::now() < until, "processes are left over beside the guest's: {left:?}");
        thread::sleep(Duration::from_millis(2));
    }
}
