//! What the parts of one report must be to each other, whatever levels are demanded of it.
//!
//! Defined by [SNP-ABI, ATTESTATION_REPORT] and, for firmware that runs before it is committed, [SNP-ABI, SNP_COMMIT] and
//! [SNP-ABI, DOWNLOAD_FIRMWARE_EX]. A platform cannot report more than it runs; it can go back to what is committed, so what
//! is above that is only provisional; and a guest that was launched under more than what runs now has seen the platform go
//! back. What surprises: TCB versions are compared part by part, and the firmware's version in its own order.

use core::fmt;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};
use sev_launch_abi::PlatformVersion;
use sev_launch_abi::snp::TcbVersion;
use sev_launch_abi::snp::tcb::{TcbComponent, TcbLayout, TcbParts};

use crate::demand::Demands;
use crate::snp::report::{AttestationReport, VerifiedReport};

/// What is done with a report whose versions do not go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(rename_all = "snake_case"))]
pub enum Incoherence {
    /// It may be so.
    Accept,
    /// It is refused.
    Refuse,
}

/// What the versions of a report must be to each other. What is committed can be above what runs on no platform, so that is
/// always refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(deny_unknown_fields))]
pub struct CoherenceRequirements {
    /// A part of REPORTED_TCB above the same part of CURRENT_TCB: the report claims what the platform does not run.
    pub reported_above_current: Incoherence,
    /// COMMITTED_TCB or COMMITTED_VERSION below CURRENT_TCB or CURRENT_VERSION: the firmware that runs is provisional, so
    /// the host can go back to an older one that has the faults this one mends.
    pub provisional_firmware: Incoherence,
    /// A part of LAUNCH_TCB above the same part of CURRENT_TCB: since the launch, the platform has gone back to older
    /// firmware, or a migration agent has brought the guest from a newer platform.
    pub launch_above_current: Incoherence,
}

impl CoherenceRequirements {
    /// All of it is refused.
    pub const STRICT: Self = Self {
        reported_above_current: Incoherence::Refuse,
        provisional_firmware: Incoherence::Refuse,
        launch_above_current: Incoherence::Refuse,
    };

    pub(super) fn judge(&self, report: Option<&VerifiedReport>, demands: &mut Demands) {
        let tcb = |of: fn(&AttestationReport) -> TcbVersion| {
            report.map(|verified| of(verified.report()).parts(TcbLayout::of(verified.generation())))
        };
        let version = |of: fn(&AttestationReport) -> PlatformVersion| {
            report.map(|verified| of(verified.report()))
        };
        let reported = Levels { tcb: tcb(|fields| fields.reported_tcb), version: None };
        let launch = Levels { tcb: tcb(|fields| fields.launch_tcb), version: None };
        let current = Levels {
            tcb: tcb(|fields| fields.current_tcb),
            version: version(|fields| fields.current_version),
        };
        let committed = Levels {
            tcb: tcb(|fields| fields.committed_tcb),
            version: version(|fields| fields.committed_version),
        };
        for (field, found, floor, incoherence, wanted) in [
            ("REPORTED over CURRENT", reported, current, self.reported_above_current, NOTHING),
            ("LAUNCH over CURRENT", launch, current, self.launch_above_current, NOTHING),
            ("COMMITTED over CURRENT", committed, current, Incoherence::Refuse, NOTHING),
            ("CURRENT over COMMITTED", current, committed, self.provisional_firmware, COMMITTED),
        ] {
            let over = report.map(|_| Over { found, floor });
            let is_nothing = over.is_some_and(|over| over.is_nothing());
            match incoherence {
                Incoherence::Accept => demands.push(field, over, true, "anything"),
                Incoherence::Refuse => demands.push(field, over, is_nothing, wanted),
            }
        }
    }
}

const NOTHING: &str = "nothing";
const COMMITTED: &str = "nothing: no provisional firmware";

/// What one of the report's names says: its TCB version and, of those that have one, the firmware's version.
#[derive(Clone, Copy)]
struct Levels {
    tcb: Option<TcbParts>,
    version: Option<PlatformVersion>,
}

/// What of one is above the other.
#[derive(Clone, Copy)]
struct Over {
    found: Levels,
    floor: Levels,
}

impl Over {
    /// The parts of the TCB that are above, each with both levels.
    fn parts(&self) -> impl Iterator<Item = (TcbComponent, u8, u8)> {
        let levels = |component| {
            let of = |levels: &Levels| levels.tcb.and_then(|parts| parts.level(component));
            Some((component, of(&self.found)?, of(&self.floor)?))
        };
        TcbComponent::ALL.into_iter().filter_map(levels).filter(|(_, found, floor)| found > floor)
    }

    /// Both firmware versions, if that is above.
    fn version(&self) -> Option<(PlatformVersion, PlatformVersion)> {
        self.found.version.zip(self.floor.version).filter(|(found, floor)| found > floor)
    }

    fn is_nothing(&self) -> bool {
        self.parts().next().is_none() && self.version().is_none()
    }
}

impl fmt::Display for Over {
    /// `microcode 220 over 219, version 1.55.30 over 1.55.29`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_nothing() {
            return f.write_str("nothing");
        }
        let mut separator = "";
        for (component, found, floor) in self.parts() {
            write!(f, "{separator}{component} {found} over {floor}")?;
            separator = ", ";
        }
        match self.version() {
            Some((found, floor)) => write!(f, "{separator}version {found} over {floor}"),
            None => Ok(()),
        }
    }
}
