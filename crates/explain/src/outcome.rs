//! What came of a search: the smallest change and its class, or what was tried, what that rules out, and what to ask next.
//!
//! The crate's example shows it in use.

use std::fmt;

use sev_launch_abi::Technology;
use sev_launch_digest::profile::Vmm;

use crate::axes::Axis;
use crate::plan::{Hypothesis, Plan};
use crate::reported::Reported;

/// The end of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Outcome {
    /// The reported value was found.
    Explained(Explanation),
    /// Every hypothesis was tried, and none gives the reported value.
    NothingFound(Tried),
    /// The search was stopped before its end, and nothing was found until then.
    Stopped {
        /// What was tried until then.
        tried: Tried,
        /// How many levels were tried whole: 1 when only the launch as described was.
        complete_levels: u32,
        /// Why it was stopped.
        why: StopReason,
    },
}

impl Outcome {
    /// What was tried, whatever came of it.
    pub const fn tried(&self) -> &Tried {
        match self {
            Self::Explained(explanation) => &explanation.tried,
            Self::NothingFound(tried) | Self::Stopped { tried, .. } => tried,
        }
    }
}

/// Why a search was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The bound on hypotheses would have been passed.
    Budget,
    /// The caller said so.
    Cancelled,
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Budget => "the bound on hypotheses is reached",
            Self::Cancelled => "cancelled",
        })
    }
}

/// The reported value, explained: a class of launches that all give it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Explanation {
    /// The smallest change; of several as small, the one that the plan tries first.
    pub first: Hypothesis,
    /// All other members of the class, nearest first: other changes of as many facts that give the same value, then the first
    /// answer with other names of the same content. A digest cannot tell them apart.
    pub others: Vec<Hypothesis>,
    /// Facts that are not in the first answer's digest at all, so that nothing is known of them.
    pub not_measured: Vec<Axis>,
    /// Was the first answer's level tried whole? If not, other members may be missing.
    pub level_complete: bool,
    /// What was tried.
    pub tried: Tried,
}

impl Explanation {
    /// Does the launch match just as described?
    #[must_use]
    pub fn matches_as_described(&self) -> bool {
        self.first.changes.is_empty()
    }
}

/// What was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// Alternatives by axis, for the axes of the levels begun.
    pub axes: Vec<(Axis, u64)>,
    /// By level, from level 0 (as described), for the levels begun.
    pub levels: Vec<LevelTried>,
    /// What is ruled out thereby; empty where the value was found.
    pub ruled_out: Vec<RuledOut>,
    /// What to ask the host's owner for; empty where the value was found.
    pub collect_next: Vec<Collect>,
}

impl Tried {
    /// How many hypotheses were tried.
    pub fn hypotheses(&self) -> u64 {
        self.levels.iter().fold(0, |sum, level| sum.saturating_add(level.tried))
    }

    pub(crate) fn new(plan: &Plan<'_>, levels: Vec<LevelTried>, found: bool) -> Self {
        let axes = plan.axes_within(levels.len());
        let whole = levels.iter().take_while(|level| level.is_complete()).count();
        let (ruled_out, collect_next) = match found {
            true => (Vec::new(), Vec::new()),
            false => (ruled_out(plan, whole), collect_next(plan)),
        };
        Self { axes, levels, ruled_out, collect_next }
    }
}

/// What was tried of a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelTried {
    /// How many facts it changes.
    pub changes: u32,
    /// Hypotheses tried.
    pub tried: u64,
    /// Those of them that a host would have refused to launch.
    pub refused: u64,
    /// Hypotheses of the whole level.
    pub planned: u64,
}

impl LevelTried {
    /// Was the level tried whole?
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.tried == self.planned
    }
}

/// Something that the reported value is not, as far as the other facts are as described or among those tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuledOut {
    /// The launch as described.
    AsDescribed,
    /// Another value of one fact.
    Axis {
        /// The fact.
        axis: Axis,
        /// How many other values were tried.
        values: u64,
        /// With how many other changes at most.
        others: u32,
    },
}

impl fmt::Display for RuledOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AsDescribed => f.write_str("the launch as described"),
            Self::Axis { axis, values, others } => {
                let s = if *values == 1 { "" } else { "s" };
                write!(f, "{axis}: {values} other value{s}, alone")?;
                match others {
                    0 => Ok(()),
                    1 => f.write_str(" or with one other change"),
                    _ => write!(f, " or with up to {others} other changes"),
                }
            }
        }
    }
}

/// Declares [`Collect`]: each thing to ask for, and how it is asked.
macro_rules! collect {
    ($($(#[$doc:meta])* $name:ident $(($field:ident: $type:ty))? [$($text:tt)*],)*) => {
        /// Something to ask the host's owner for.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Collect { $($(#[$doc])* $name $(($type))?,)* }

        impl fmt::Display for Collect {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self { $(Self::$name $(($field))? => write!(f, $($text)*),)* }
            }
        }
    };
}

collect! {
    /// The bytes given to `-append`.
    AppendArgument[
        "the exact bytes of QEMU's -append: /proc/PID/cmdline of the running QEMU, not the guest's /proc/cmdline"
    ],
    /// `-cpu`.
    CpuArgument["QEMU's -cpu; for host or max, the host's own CPUID signature"],
    /// kvm_amd's parameter `debug_swap`.
    DebugSwap["the host's /sys/module/kvm_amd/parameters/debug_swap"],
    /// The SHA-256, on the host, of these files.
    FileHashes(names: Vec<String>)["the SHA-256, as computed on the host, of {}", names.join(", ")],
    /// `-bios`, or the pflash drives.
    FirmwareArgument["QEMU's -bios or pflash arguments: which firmware file, and is it one or split"],
    /// The file of `-object igvm-cfg`.
    IgvmArgument["QEMU's -machine igvm-cfg and -object igvm-cfg: which file, and which VMM loads it"],
    /// The host kernel's version.
    HostKernel[
        "the host kernel's version (uname -r), and whether it carries a distribution's backports"
    ],
    /// The cloud's instance type and firmware.
    Instance[
        "the instance type, the date of the launch, and the firmware that the cloud publishes for it"
    ],
    /// The machine type.
    MachineType["QEMU's -machine: the machine type with its version"],
    /// The `-object` of the technology.
    ObjectArgument(technology: Technology)["the whole -object {}", match technology {
        Technology::Snp => "sev-snp-guest argument: kernel-hashes, policy",
        _ => "sev-guest argument: kernel-hashes, legacy-vm-type, policy",
    }],
    /// `-kernel`, of which nothing is described.
    KernelArgument[
        "whether QEMU got a -kernel, which may be measured too: that file, and those of -initrd and -append"
    ],
    /// What the platform says of itself.
    PlatformStatus["QMP's query-sev: api-major, api-minor, build-id and policy, as decimal numbers"],
    /// QEMU's version.
    QemuVersion["QEMU's version"],
    /// The session to which the measurement belongs.
    Session["whether the TIK is the one of this very launch's session"],
    /// `-smp`.
    SmpArgument["QEMU's -smp: cpus=, not maxcpus="],
}

fn ruled_out(plan: &Plan<'_>, whole_levels: usize) -> Vec<RuledOut> {
    let Some(others) = whole_levels.checked_sub(2) else {
        return Vec::from_iter((whole_levels == 1).then_some(RuledOut::AsDescribed));
    };
    let others = u32::try_from(others).unwrap_or(u32::MAX);
    let alone = plan.axes_within(2);
    let axes = alone.into_iter().map(|(axis, values)| RuledOut::Axis { axis, values, others });
    [RuledOut::AsDescribed].into_iter().chain(axes).collect()
}

fn collect_next(plan: &Plan<'_>) -> Vec<Collect> {
    let launch = plan.launch;
    let names = [Some(launch.firmware), launch.kernel, launch.initrd];
    let names: Vec<String> =
        names.into_iter().flatten().map(|file| launch.name(file).to_owned()).collect();
    let mut collect = Vec::new();
    if matches!(plan.reported, Reported::Measurement { .. }) {
        collect.extend([Collect::Session, Collect::PlatformStatus]);
    }
    let cloud = launch.profile.is_some_and(|profile| matches!(profile.vmm, Vmm::Ec2 | Vmm::Gce));
    if cloud && launch.technology != Technology::Sev {
        collect.extend([Collect::Instance, Collect::FileHashes(names)]);
        return collect;
    }
    let registers = launch.technology != Technology::Sev;
    if registers {
        collect.push(Collect::HostKernel);
    }
    if launch.technology == Technology::SevEs {
        collect.push(Collect::DebugSwap);
    }
    collect.extend([
        Collect::QemuVersion,
        Collect::MachineType,
        Collect::ObjectArgument(launch.technology),
    ]);
    if registers {
        collect.extend([Collect::CpuArgument, Collect::SmpArgument]);
    }
    collect.push(match launch.is_igvm() {
        true => Collect::IgvmArgument,
        false => Collect::FirmwareArgument,
    });
    if launch.kernel.is_some() {
        collect.push(Collect::AppendArgument);
    } else if !launch.is_igvm() {
        collect.push(Collect::KernelArgument);
    }
    collect.push(Collect::FileHashes(names));
    collect
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_read_as_sentences() {
        let ruled = |values, others| RuledOut::Axis { axis: Axis::Vcpus, values, others };
        assert_eq!(ruled(511, 0).to_string(), "vcpus: 511 other values, alone");
        assert_eq!(ruled(1, 1).to_string(), "vcpus: 1 other value, alone or with one other change");
        assert_eq!(
            ruled(2, 2).to_string(),
            "vcpus: 2 other values, alone or with up to 2 other changes"
        );
        let files = Collect::FileHashes(vec!["OVMF.fd".into(), "vmlinuz".into()]);
        assert_eq!(files.to_string(), "the SHA-256, as computed on the host, of OVMF.fd, vmlinuz");
    }
}
