//! Does what the agents said, what the audit says, and what the VMM saw go together?

use anyhow::{Result, ensure};

use super::audited::Launch;

/// What the last agent said, by its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// `run` and `resume` with 0: the guest runs.
    Runs,
    /// With 1: the owner said no.
    No,
    /// `resume` with 2: there is nothing to go on with, and what was begun is given up.
    Gone,
    /// `drop` with 0: the guest is ended.
    Dropped,
    /// `resume` and `drop` with 2: no launch is open. The agent that was killed had not begun it, or was through with it.
    NothingOpen,
}

/// A VMM that may have been started, when it has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// Was it seen to run?
    pub(super) has_run: bool,
    /// Did the AMD-SP put the secret into it?
    pub(super) has_arrived: bool,
}

/// One guest, from the start of an agent to the end of what it left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Came {
    pub(super) said: Said,
    /// Every VMM that an agent was told to start.
    pub(super) vmms: Vec<Seen>,
    /// Did one of them run when all agents had ended?
    pub(super) runs: bool,
    /// The launches that were begun meanwhile, by the audit.
    pub(super) launches: Vec<Launch>,
    /// How many agents may have begun one: those of before may be answered late.
    pub(super) agents: usize,
    /// Was it started with another kernel than its owner accepts?
    pub(super) is_other: bool,
    /// How many agents were killed that were told to end the guest, and may have done so: then it may have been launched anew.
    pub(super) drops: usize,
}

/// An error says what does not go together.
pub(super) fn judge(came: &Came) -> Result<()> {
    let released = came.launches.iter().filter(|launch| launch.is_released).count();
    let told = came.launches.iter().filter(|launch| launch.acknowledged.is_some()).count();
    let ran = came.vmms.iter().filter(|vmm| vmm.has_run).count();
    let arrived = came.vmms.iter().filter(|vmm| vmm.has_arrived).count();
    ensure!(came.launches.len() <= came.agents, "more launches than agents that begin one");
    let most = 1 + came.drops;
    ensure!(ran <= most && arrived <= most, "{ran} VMMs ran, and {arrived} got the secret");
    ensure!(released <= most, "{released} launches had their packet released");
    ensure!(
        came.vmms.iter().all(|vmm| !vmm.has_run || vmm.has_arrived),
        "a guest ran without its secret"
    );
    ensure!(arrived <= released, "a guest got a secret, and no release is in the audit");
    ensure!(told <= arrived, "it is acknowledged, and no guest got the secret");
    for launch in &came.launches {
        let said = launch.acknowledged.as_deref();
        ensure!(matches!(said, None | Some("injected")), "the host acknowledged {said:?}");
        ensure!(launch.is_refused <= came.is_other, "the owner refused what it accepts");
    }
    if came.is_other {
        ensure!(released == 0, "the owner released a secret to another kernel");
    }
    let wanted = match came.said {
        Said::Runs => Some(true),
        Said::No | Said::Gone | Said::Dropped => Some(false),
        // As the one that was killed has left it.
        Said::NothingOpen => None,
    };
    if let Some(wanted) = wanted {
        ensure!(came.runs == wanted, "the agent said {:?}, and runs: {}", came.said, came.runs);
    }
    match came.said {
        Said::Runs | Said::NothingOpen if came.runs => {
            let last = came.launches.iter().rfind(|launch| launch.is_released);
            ensure!(
                last.is_some_and(|launch| launch.acknowledged.is_some()),
                "the guest runs with its secret, and the owner was not told"
            );
        }
        Said::Runs | Said::NothingOpen | Said::Dropped => {}
        Said::No => {
            ensure!(came.is_other, "the owner said no to what it accepts");
            ensure!(came.launches.iter().any(|launch| launch.is_refused), "a no without a record");
        }
        // It was ended by the one that was killed.
        Said::Gone if came.drops > 0 => {}
        Said::Gone => ensure!(arrived == 0, "it is gone, and it had got its secret"),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAN: Seen = Seen { has_run: true, has_arrived: true };
    const NOT: Seen = Seen { has_run: false, has_arrived: false };

    fn launch(is_released: bool, acknowledged: Option<&str>) -> Launch {
        let acknowledged = acknowledged.map(str::to_owned);
        Launch { is_released, again: 0, acknowledged, is_refused: false }
    }

    fn came(said: Said, vmm: Seen, runs: bool, launch: Launch) -> Came {
        Came {
            said,
            vmms: vec![vmm],
            runs,
            launches: vec![launch],
            agents: 1,
            is_other: false,
            drops: 0,
        }
    }

    #[test]
    fn what_goes_together_passes() {
        let told = || launch(true, Some("injected"));
        let refused = Launch { is_refused: true, ..Launch::default() };
        for good in [
            came(Said::Runs, RAN, true, told()),
            came(Said::NothingOpen, RAN, true, told()),
            came(Said::NothingOpen, NOT, false, launch(false, None)),
            came(Said::Gone, NOT, false, launch(false, None)),
            // Released, and given up before it was in the guest; in it, and not told.
            came(Said::Dropped, NOT, false, launch(true, None)),
            came(
                Said::Dropped,
                Seen { has_run: false, has_arrived: true },
                false,
                launch(true, None),
            ),
            came(Said::Dropped, RAN, false, launch(true, None)),
            Came { is_other: true, ..came(Said::No, NOT, false, refused) },
            Came { drops: 1, ..came(Said::Gone, RAN, false, told()) },
        ] {
            judge(&good).unwrap();
        }
    }

    #[test]
    fn anything_else_does_not() {
        let told = || launch(true, Some("injected"));
        let refused = || Launch { is_refused: true, ..Launch::default() };
        let bare = Seen { has_run: true, has_arrived: false };
        let mut twice = came(Said::Runs, RAN, true, told());
        twice.vmms.push(RAN);
        twice.launches.push(told());
        twice.agents = 2;
        let mut more = came(Said::Runs, RAN, true, told());
        more.launches.push(launch(false, None));
        let again = Came { drops: 1, ..twice.clone() };
        judge(&again).unwrap();
        for bad in [
            twice,
            more,
            // It ran without a release, without its secret, and without anybody's word.
            came(Said::Runs, RAN, true, launch(false, None)),
            came(Said::Runs, bare, true, told()),
            came(Said::NothingOpen, bare, true, launch(false, None)),
            came(Said::Gone, RAN, true, told()),
            came(Said::Dropped, RAN, true, told()),
            // It is said to run.
            came(Said::Runs, NOT, false, launch(true, None)),
            // The owner was told too early, or not at all.
            came(Said::Gone, NOT, false, told()),
            came(Said::Runs, RAN, true, launch(true, None)),
            came(Said::NothingOpen, RAN, true, launch(true, None)),
            // No without a reason.
            came(Said::No, NOT, false, refused()),
            Came { is_other: true, ..came(Said::Runs, RAN, true, told()) },
            Came { is_other: true, ..came(Said::No, NOT, false, launch(false, None)) },
        ] {
            assert!(judge(&bad).is_err(), "{bad:?}");
        }
    }
}
