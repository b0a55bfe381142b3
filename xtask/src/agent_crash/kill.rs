//! When an agent is killed: after a time, as soon as its folder shows a step, or before it makes a certain system call.

use std::path::Path;
use std::process::{Child, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::journal::{self, Step};
use crate::random::Chance;

/// The longest that an agent may take to whatever it does here.
const PATIENCE: Duration = Duration::from_secs(60);

/// A point of an agent's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Point {
    /// So long after its start.
    After(Duration),
    /// So long after the entry has this step, or a later one.
    Step(Step, Duration),
    /// When the launch is over and its files are being removed.
    Ending,
    /// By strace, in the place of its so manieth system call of a name.
    Call(&'static str, u64),
}

/// By which an agent does something that others see.
pub(super) const CALLS: [&str; 8] =
    ["rename", "unlink", "fsync", "flock", "connect", "sendto", "recvfrom", "write"];

/// What can be drawn for an agent.
pub(super) struct Life<'a> {
    /// How long it is, about.
    pub(super) whole: Duration,
    /// The first step of its own.
    pub(super) from: Step,
    /// How often it makes each of [`CALLS`]; nothing where there is no strace.
    pub(super) calls: &'a [(&'static str, u64)],
}

impl Point {
    /// By time as often as by what the folder shows, and by a system call.
    pub(super) fn draw(chance: &mut Chance, life: &Life<'_>) -> Self {
        let kinds = if life.calls.is_empty() { 2 } else { 3 };
        match chance.below(kinds) {
            0 => {
                let most = u64::try_from(life.whole.as_micros()).unwrap_or(u64::MAX);
                return Self::After(Duration::from_micros(chance.below(most + most / 8)));
            }
            1 => {}
            _ => {
                let number = chance.below(u64::try_from(life.calls.len()).unwrap_or(0));
                let call = usize::try_from(number).ok().and_then(|number| life.calls.get(number));
                if let Some((name, count)) = call {
                    return Self::Call(name, 1 + chance.below(*count));
                }
            }
        }
        let steps: Vec<_> = Step::ALL.into_iter().filter(|step| *step >= life.from).collect();
        // At once, or before the step is done.
        let later = if chance.one_in(2) { 0 } else { chance.below(40_000) };
        let number = chance.below(u64::try_from(steps.len()).unwrap_or(0) + 1);
        let step = usize::try_from(number).ok().and_then(|number| steps.get(number));
        step.map_or(Self::Ending, |step| Self::Step(*step, Duration::from_micros(later)))
    }

    /// Kills an agent there; how it ended, if that was before.
    pub(super) fn kill(
        self,
        agent: &mut Child,
        state: &Path,
        vmid: &str,
    ) -> Result<Option<ExitStatus>> {
        let started = Instant::now();
        // Since when it is due, or a moment to come.
        let mut due = match self {
            Self::After(time) => Some(started + time),
            Self::Step(..) | Self::Ending | Self::Call(..) => None,
        };
        let mut was_releasing = false;
        loop {
            let now = Instant::now();
            if due.is_some_and(|due| due <= now) {
                agent.kill()?;
                let status = agent.wait()?;
                // It may have ended in this moment.
                return Ok(status.code().map(|_| status));
            }
            if let Some(status) = agent.try_wait()? {
                // strace ends as the one that it has killed.
                return Ok(status.code().map(|_| status));
            }
            if started.elapsed() > PATIENCE {
                agent.kill()?;
                bail!("the agent does not end in {} s", PATIENCE.as_secs());
            }
            match self {
                Self::Ending if was_releasing => {
                    if journal::is_ending(state, vmid) {
                        due = Some(now);
                    }
                    // Nobody is slept for: it takes microseconds.
                    continue;
                }
                Self::Ending => {
                    was_releasing = journal::step(state, vmid)? >= Some(Step::Releasing);
                }
                Self::Step(step, later) if due.is_none() => {
                    if journal::step(state, vmid)? >= Some(step) {
                        due = Some(Instant::now() + later);
                        continue;
                    }
                }
                Self::After(_) | Self::Step(..) | Self::Call(..) => {}
            }
            thread::sleep(Duration::from_micros(50));
        }
    }
}

/// Waits until an agent has ended by itself.
pub(super) fn ended(agent: &mut Child) -> Result<ExitStatus> {
    let started = Instant::now();
    loop {
        if let Some(status) = agent.try_wait()? {
            return Ok(status);
        }
        if started.elapsed() > PATIENCE {
            agent.kill()?;
            bail!("the agent does not end in {} s", PATIENCE.as_secs());
        }
        thread::sleep(Duration::from_millis(1));
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn points_are_of_the_agents_own_steps() {
        let mut chance = Chance::new(1, 0);
        let whole = Duration::from_millis(400);
        let calls = [("rename", 3)];
        let life = Life { whole, from: Step::Started, calls: &calls };
        let points: Vec<_> = (0..600).map(|_| Point::draw(&mut chance, &life)).collect();
        let has = |wanted: &dyn Fn(&Point) -> bool| points.iter().any(wanted);
        assert!(has(&|point| matches!(point, Point::Step(Step::Started, _))));
        assert!(has(&|point| matches!(point, Point::Step(Step::Releasing, Duration::ZERO))));
        assert!(has(&|point| matches!(point, Point::Ending)));
        for number in 0..5 {
            let is_drawn = has(&|point| *point == Point::Call("rename", number));
            assert_eq!(is_drawn, (1..=3).contains(&number), "{number}");
        }
        assert!(!has(&|point| matches!(point, Point::Step(Step::Asking | Step::Starting, _))));
        let late = |point: &Point| matches!(point, Point::After(time) if *time > whole);
        assert!(has(&late) && has(&|point| matches!(point, Point::After(_)) && !late(point)));
        assert!(!has(&|point| matches!(point, Point::After(time) if *time > whole * 9 / 8)));
    }

    #[test]
    fn it_is_killed_when_the_step_is_there_or_has_ended_before() {
        let state = std::env::temp_dir().join(format!("agent-crash-{}", std::process::id()));
        std::fs::create_dir_all(&state).unwrap();
        let sleeps = || Command::new("sleep").arg("20").stdin(Stdio::null()).spawn().unwrap();
        std::fs::write(state.join("a.json"), r#"{"step":"started"}"#).unwrap();
        let mut child = sleeps();
        let point = Point::Step(Step::Starting, Duration::ZERO);
        assert_eq!(point.kill(&mut child, &state, "a").unwrap(), None);
        let mut child = Command::new("true").spawn().unwrap();
        let point = Point::Step(Step::Releasing, Duration::ZERO);
        assert!(point.kill(&mut child, &state, "a").unwrap().unwrap().success());
        std::fs::remove_dir_all(state).unwrap();
    }
}
