//! What a manifest's published rows know of guest policies and of hosts, for a policy that compares them.
//!
//! A host's TCB and settings are believed where a report says them that was verified, and whose row is published.

use std::collections::BTreeSet;

use sev_launch_abi::snp::{TcbLayout, TcbParts, TcbVersion};

use super::super::Published;
use crate::row::{Detail, Observed, Obtained, Row, Source};

/// What is known.
pub(super) struct Known {
    /// The guest policies: the manifest's, or those of the published rows' reports where it has none.
    pub(super) policies: BTreeSet<u64>,
    /// Levels of the boot loader, of the microcode, of the SNP firmware and of the TEE.
    pub(super) tcbs: [BTreeSet<u8>; 4],
    /// PLATFORM_INFO.
    pub(super) platforms: BTreeSet<u64>,
    /// How many rows would tell more of a host, and are not published.
    withheld: usize,
}

impl Known {
    pub(super) fn of(published: &Published<'_>) -> Self {
        let manifest = published.manifest();
        let mut known = Self {
            policies: manifest.head().policy.into_iter().collect(),
            tcbs: Default::default(),
            platforms: BTreeSet::new(),
            withheld: 0,
        };
        let all = manifest.rows().iter().filter(|row| tells(row)).count();
        let told = published.rows.iter().filter(|row| tells(row)).count();
        known.withheld = all.saturating_sub(told);
        let details: Vec<_> = published.rows.iter().map(|row| verified(row)).collect();
        // Without a policy in its head, each row must say its own: one that does not could have any.
        let of_rows: Option<BTreeSet<u64>> =
            details.iter().map(|detail| detail.and_then(|detail| detail.policy)).collect();
        if known.policies.is_empty() {
            known.policies = of_rows.unwrap_or_default();
        }
        for detail in details.into_iter().flatten() {
            if let Some(parts) = tcb(detail) {
                let levels = [parts.boot_loader, parts.microcode, parts.snp, parts.tee];
                for (known, level) in known.tcbs.iter_mut().zip(levels) {
                    known.insert(level);
                }
            }
            known.platforms.extend(detail.platform_info);
        }
        known
    }

    /// Why there is no `what`.
    pub(super) fn without(&self, what: &str) -> String {
        match self.withheld {
            0 => format!(
                "no row has {what} of a report that was verified: `manifest add --from-report` with its certificates adds one"
            ),
            _ => format!(
                "rows that have {what} were observed, and are not accepted (--accept-observed, or --accept-root for another root)"
            ),
        }
    }
}

/// What is known of a row's report, if it was verified.
fn verified(row: &Row) -> Option<&Detail> {
    match &row.obtained {
        Obtained::Observed(Observed { from: Source::Report, verified: true, detail, .. }) => {
            Some(detail)
        }
        _ => None,
    }
}

fn tells(row: &Row) -> bool {
    verified(row).is_some_and(|detail| tcb(detail).is_some() || detail.platform_info.is_some())
}

/// The parts of REPORTED_TCB, where the processor is known that says which byte is which.
fn tcb(detail: &Detail) -> Option<TcbParts> {
    let version = TcbVersion::from_bytes(detail.reported_tcb?.to_le_bytes());
    Some(version.parts(TcbLayout::of(detail.generation?)))
}
