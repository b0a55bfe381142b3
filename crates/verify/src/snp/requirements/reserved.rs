//! The demand on what a report has without a name: reserved bytes, reserved bits of KEY_INFO, reserved parts of its TCB versions.
//!
//! Defined by [SNP-ABI, ATTESTATION_REPORT]: they must be zero. Newer firmware may give them a meaning, which nothing here would
//! then see. PLATFORM_INFO and the policy have demands of their own.

use core::fmt;

use sev_launch_abi::snp::tcb::TcbLayout;

use super::UnknownBits;
use crate::demand::Demands;
use crate::snp::report::VerifiedReport;

/// How many bytes a demand names one by one.
const NAMED: usize = 4;

pub(super) fn judge(unknown: UnknownBits, report: Option<&VerifiedReport>, demands: &mut Demands) {
    let found = report.map(|verified| {
        Reserved(verified.report().reserved_with_tcb(TcbLayout::of(verified.generation())))
    });
    let is_zero = found.as_ref().is_some_and(|Reserved(bytes)| bytes.is_empty());
    match unknown {
        UnknownBits::Accept => demands.push("reserved bits", found, true, "anything"),
        UnknownBits::Refuse => demands.push("reserved bits", found, is_zero, "all zero"),
    }
}

/// Bytes by their offset in the report, those only that are not zero.
struct Reserved(alloc::vec::Vec<(u16, u8)>);

impl fmt::Display for Reserved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(bytes) = self;
        if bytes.is_empty() {
            return f.write_str("all zero");
        }
        let mut separator = "";
        for (offset, byte) in bytes.iter().take(NAMED) {
            write!(f, "{separator}{byte:#04x} at {offset:#05x}")?;
            separator = ", ";
        }
        match bytes.len().saturating_sub(NAMED) {
            0 => Ok(()),
            others => write!(f, " and {others} more"),
        }
    }
}
