//! What came of it, counted, and docs/agent-shown.md.

use std::collections::BTreeMap;

use anyhow::Result;

use super::judge::{Came, Said};
use super::site;
use crate::call;
use crate::machine::Machine;
use crate::markdown::{head, number, row};

const FILE: &str = "docs/agent-shown.md";

/// Where a launch stood when its agent was killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stood {
    /// No entry yet: the emulator is asked what the host shows.
    Before,
    Asking,
    /// No VMM is there yet.
    Starting,
    /// The VMM launches its guest.
    Launching,
    Started,
    Releasing,
    /// The entry is gone.
    Over,
}

impl Stood {
    const ALL: [Self; 7] = [
        Self::Before,
        Self::Asking,
        Self::Starting,
        Self::Launching,
        Self::Started,
        Self::Releasing,
        Self::Over,
    ];

    fn text(self) -> &'static str {
        match self {
            Self::Before => "before the entry: the emulator is asked what the host shows",
            Self::Asking => "`asking`",
            Self::Starting => "`starting`, no VMM yet",
            Self::Launching => "`starting`, the VMM is there",
            Self::Started => "`started`",
            Self::Releasing => "`releasing`",
            Self::Over => "the entry is gone: the guest runs, or was refused",
        }
    }
}

/// What it came to, after the last agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    Runs,
    Gone,
    Dropped,
    Refused,
}

impl End {
    const ALL: [Self; 4] = [Self::Runs, Self::Gone, Self::Dropped, Self::Refused];

    pub(super) fn of(came: &Came) -> Self {
        let is_refused = came.launches.iter().any(|launch| launch.is_refused);
        match came.said {
            _ if came.runs => Self::Runs,
            _ if is_refused => Self::Refused,
            // By the last agent, or by one before that was killed.
            Said::Dropped => Self::Dropped,
            _ if came.drops > 0 => Self::Dropped,
            _ => Self::Gone,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Runs => "runs with its secret",
            Self::Gone => "never ran, nothing is left",
            Self::Dropped => "ended by `drop`",
            Self::Refused => "refused by its owner",
        }
    }
}

/// Counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    pub(super) ends: BTreeMap<(Stood, End), u64>,
    pub(super) kills: u64,
    pub(super) by_time: u64,
    pub(super) by_step: u64,
    pub(super) by_call: u64,
    /// The agent had ended before.
    pub(super) too_late: u64,
    /// Second agents that were killed too.
    pub(super) second: u64,
    pub(super) resumes: u64,
    pub(super) drops: u64,
    /// Launches anew, without `resume` or `drop`; and those that were refused because the guest was there.
    pub(super) anew: u64,
    pub(super) anew_refused: u64,
    /// Guests with a kernel that the owner does not accept.
    pub(super) others: u64,
    pub(super) plain: u64,
    pub(super) launches: u64,
    pub(super) released: u64,
    pub(super) again: u64,
    pub(super) arrived: u64,
    pub(super) searched: u64,
}

impl Counts {
    pub(super) fn add(&mut self, more: &Self) {
        for (place, count) in &more.ends {
            *self.ends.entry(*place).or_default() += count;
        }
        let pairs = [
            (&mut self.kills, more.kills),
            (&mut self.by_time, more.by_time),
            (&mut self.by_step, more.by_step),
            (&mut self.by_call, more.by_call),
            (&mut self.too_late, more.too_late),
            (&mut self.second, more.second),
            (&mut self.resumes, more.resumes),
            (&mut self.drops, more.drops),
            (&mut self.anew, more.anew),
            (&mut self.anew_refused, more.anew_refused),
            (&mut self.others, more.others),
            (&mut self.plain, more.plain),
            (&mut self.launches, more.launches),
            (&mut self.released, more.released),
            (&mut self.again, more.again),
            (&mut self.arrived, more.arrived),
            (&mut self.searched, more.searched),
        ];
        for (sum, count) in pairs {
            *sum += count;
        }
    }
}

/// What came of all of it.
pub(super) struct Outcome {
    pub(super) counts: Counts,
    pub(super) guests: u64,
    pub(super) records: u64,
    /// How long a launch takes, in seconds.
    pub(super) launch: f64,
    pub(super) seconds: f64,
}

impl Outcome {
    /// One line for whoever waits.
    pub(super) fn line(&self) -> String {
        let counts = &self.counts;
        format!(
            "{} kills of the agent and {} of a second one in {:.0} s: {} launches, {} releases, {} secrets arrived, {} launches \
             afterwards. No guest ran without its secret or without a release, and nothing is left over.",
            counts.kills,
            counts.second,
            self.seconds,
            counts.launches,
            counts.released,
            counts.arrived,
            counts.plain
        )
    }

    /// Writes the page.
    pub(super) fn write(&self, seed: u64) -> Result<()> {
        call::write(FILE, &self.text(seed, &Machine::read()?.line(), &site::qemu_version()?))
    }

    fn text(&self, seed: u64, machine: &str, qemu: &str) -> String {
        let Self { counts, guests, records, launch, seconds } = self;
        let machine = machine.rsplit_once(", ").map_or(machine, |(machine, _date)| machine);
        let mut text = format!(
            "{TITLE}`cargo xtask agent-crash --kills {} --seed {seed}`, {} minutes, {} hosts at once, QEMU {qemu}, {machine}.\n\n{WHAT}\n",
            counts.kills,
            number(seconds / 60.0),
            super::HOSTS,
        );
        let ends: Vec<_> = End::ALL.iter().map(|end| end.text()).collect();
        text += &head(
            &[["where the launch was when its agent was killed", "kills"].as_slice(), &ends]
                .concat(),
        );
        for stood in Stood::ALL {
            let of = |end| counts.ends.get(&(stood, end)).copied().unwrap_or(0);
            let found = End::ALL.map(of);
            let mut cells = vec![stood.text().to_owned(), found.iter().sum::<u64>().to_string()];
            cells.extend(found.iter().map(u64::to_string));
            text += &row(&cells);
        }
        text += &format!("\n{} A launch takes {} ms here.\n\n", DRAWN, number(launch * 1e3));
        text += &head(&["what", "how many"]);
        let rows = [
            ("kills of the agent of a launch (SIGKILL)", counts.kills),
            ("of them after a time", counts.by_time),
            ("of them when the entry showed a step, or went", counts.by_step),
            ("of them in the place of one of its system calls (strace)", counts.by_call),
            ("drawn later than the agent's own end, and not counted", counts.too_late),
            (
                "kills of a second agent, `resume`, `drop` or `run`, at most 3 in a row",
                counts.second,
            ),
            ("`resume` to its end", counts.resumes),
            ("`drop` to its end", counts.drops),
            ("launched anew instead", counts.anew),
            ("of them refused, because the guest was there", counts.anew_refused),
            ("guests", *guests),
            (
                "launches of a kernel that the owner does not accept, none of which ran",
                counts.others,
            ),
            ("launches in the audit", counts.launches),
            ("releases in the audit, none of a launch twice", counts.released),
            ("packets that were given again, for the same launch and measurement", counts.again),
            ("secrets that arrived in a guest, none of them twice", counts.arrived),
            ("launches afterwards, all of which ran with their secret", counts.plain),
            ("folders of an agent that was killed, searched for the host's token", counts.searched),
            ("audit records, verified from the first one", *records),
            (
                "guests that ran without their secret or without a release; VMMs that were left over",
                0,
            ),
        ];
        for (what, count) in rows {
            text += &row(&[what, &count.to_string()]);
        }
        text + NOT
    }
}

const TITLE: &str = "\
# What the host's agent was shown to do

Written by `cargo xtask agent-crash --write`; not edited by hand. It starts the programs as their users do: `sev-launch-server --demo`, `sev-launch-remote register`,
and `sev-launch-agent run --detach` with a real QEMU below `sev-launch rehearse --stay`, on a simulated platform.

## Killed in the middle of a launch

";

const WHAT: &str = "\
The agent is killed while it launches a guest. Then another one is told to `resume` or to `drop`, or launches the guest anew, as often as not killed
itself. When the last one has ended, its exit code, the owner's audit, a second monitor of QEMU's and what the AMD-SP in software tells at the end of the VMM must go
together: the guest runs with its secret, once, and its owner released it and was told that it arrived; or it never ran. No launch is
released twice, no entry and no other file of a launch is left in the agent's folder, no process is left over, and after every kill the same guest is launched as if nothing had been. Any of these
that was not so ends the task.
";

const DRAWN: &str = "\
Kills come after a time between nothing and an eighth more than a launch takes; when the entry shows a step, at once or up to 40 ms later,
or when it goes; and in the place of any of the agent's calls of `rename`, `unlink`, `fsync`, `flock`, `connect`, `sendto`, `recvfrom` and `write`.";

const NOT: &str = "
Not tried here: a host that loses its power (what was renamed is written to the disk before the next step is taken, and nothing more is said), and libvirt's domains.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_count_and_no_date() {
        let mut counts = Counts { kills: 3, plain: 3, ..Counts::default() };
        counts.ends.insert((Stood::Started, End::Runs), 2);
        counts.ends.insert((Stood::Over, End::Dropped), 1);
        let mut sum = counts.clone();
        sum.add(&counts);
        let outcome = Outcome { counts: sum, guests: 4, records: 9, launch: 0.5, seconds: 60.0 };
        let text = outcome.text(7, "A processor, 2 cores (none), Linux 6, 2026-01-31", "7.2.22");
        assert!(text.contains("| `started` | 4 | 4 | 0 | 0 | 0 |\n"), "{text}");
        assert!(text.contains("was refused | 2 | 0 | 0 | 2 | 0 |\n"), "{text}");
        assert!(text.contains("--kills 6 --seed 7`, 1.00 minutes"), "{text}");
        assert!(text.contains("QEMU 7.2.22, A processor, 2 cores (none), Linux 6.\n"), "{text}");
        assert!(!text.contains("2026"), "{text}");
    }
}
