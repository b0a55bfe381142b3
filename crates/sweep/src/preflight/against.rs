//! What stands against a launch, in a sentence.
//!
//! No example: [`crate::preflight`] has one.

use std::fmt;

use sev_launch_digest::profile::{Version, Vmm};
use sev_launch_host::Refusal;
use sev_launch_host::features::NotAskedFor;
use sev_launch_host::support::Lack;
use sev_launch_verify::snp::id_block::IdBlockError;

/// Something that stands against a launch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Against {
    /// KVM or the AMD-SP refuses something of it.
    Refusal(Refusal),
    /// The host lacks something.
    Lack(Lack),
    /// As many guests run there as can.
    Full {
        /// How many.
        guests: u32,
    },
    /// A cloud's launch, on a host of which QEMU's facts are known.
    Cloud(Vmm),
    /// A machine type that came after the host's QEMU.
    Machine {
        /// The machine type.
        machine: String,
    },
    /// An option that came after the host's QEMU.
    NoOption {
        /// The option.
        option: &'static str,
        /// The first QEMU that has it.
        least: Version,
    },
    /// `legacy-vm-type=off` on a host without KVM_SEV_INIT2, or with a QEMU that does not know it.
    NoInit2,
    /// The host, its VMM or the AMD-SP refuses the launch itself, in these words.
    Launch(String),
    /// The AMD-SP refuses the ID block for this launch.
    IdBlock(IdBlockError),
    /// The host makes its guests with other SEV_FEATURES.
    Features(NotAskedFor),
    /// The host launches by another profile than the one described, and so another digest.
    Profile {
        /// The profiles described.
        described: Vec<&'static str>,
        /// The host's.
        here: Vec<&'static str>,
    },
}

impl Against {
    /// What to change, if something can be.
    pub fn remedy(&self) -> Option<String> {
        match self {
            Self::Lack(lack) => lack.remedy(),
            Self::Refusal(refusal) => Some(refusal.remedy()),
            _ => None,
        }
    }
}

impl fmt::Display for Against {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refusal(refusal) => refusal.fmt(f),
            Self::Lack(lack) => lack.fmt(f),
            Self::Full { guests } => {
                write!(f, "{guests} guests run there, and there are no more ASIDs for such guests")
            }
            Self::Cloud(vmm) => write!(
                f,
                "a guest of {} is described, whose hosts nobody else has: this one starts it by QEMU",
                vmm.name()
            ),
            Self::Machine { machine } => {
                write!(
                    f,
                    "this host's QEMU is older than machine type {machine}: \"unsupported machine type\""
                )
            }
            Self::NoOption { option, least } => write!(
                f,
                "this host's QEMU is older than {}.{}, the first with {option}",
                least.major, least.minor
            ),
            Self::NoInit2 => f.write_str(
                "legacy-vm-type=off needs KVM_SEV_INIT2: Linux 6.10 and QEMU 9.1 or newer",
            ),
            Self::Launch(words) => f.write_str(words),
            Self::IdBlock(error) => write!(f, "the AMD-SP refuses the ID block: {error}"),
            Self::Features(features) => features.fmt(f),
            Self::Profile { described, here } => write!(
                f,
                "this host launches by profile {}, and {} is described: its guest has another digest",
                here.join(" or "),
                described.join(" or ")
            ),
        }
    }
}
