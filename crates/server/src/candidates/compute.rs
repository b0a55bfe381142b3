//! From the lists to the digests: one chain of launch updates for all numbers of vCPUs of a combination.

use std::sync::Arc;

use sev_launch_abi::{LaunchDigest, PAGE_SIZE, SevFeatures, Technology};
use sev_launch_digest::hash::{Portable, Sha256Digest};
use sev_launch_digest::kernel_hashes::KernelHashes;
use sev_launch_digest::profile::LaunchProfile;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::Vmsas;
use sev_launch_digest::{Error, firmware};
use sev_launch_protocol::problem::{Code, Problem};
use sev_launch_protocol::registration::{Registration, Scheme};
use sev_launch_sweep::guest::{Before, Guest, Launched, VmsaUpdates};

use super::axes::Axes;
use super::{Boot, Candidate, CpuFacts, Facts, Origin};
use crate::catalogue::Entry;

/// How much is hashed for one registration, in steps of about a microsecond: some seconds of one core.
const MOST_STEPS: u64 = 1 << 22;

/// Steps of a page in SEV-ES, where its 4096 bytes are hashed each time. In SEV-SNP 112 bytes are, which is one step.
const STEPS_OF_ES_PAGE: u64 = 16;

/// Every computed candidate, firmwares varying slowest and numbers of vCPUs fastest.
///
/// Errors: `too-many-candidates` for too much hashing, and a launch that is none.
pub(super) fn rows(
    registration: &Registration,
    axes: &Axes,
    firmwares: &[Arc<Entry>],
    warnings: &mut Vec<String>,
) -> Result<Vec<Candidate>, Problem> {
    check_work(registration.scheme, axes, firmwares)?;
    let sev_features = registration.sev_features.map(SevFeatures);
    let mut rows = Vec::new();
    for entry in firmwares {
        for boot in &axes.boots {
            for profile in &axes.profiles {
                // The part before the VMSAs is the same for every CPU.
                let mut before = None;
                for cpu in &axes.cpus {
                    let group = Group {
                        entry,
                        boot: *boot,
                        profile: *profile,
                        cpu: cpu.as_ref(),
                        sev_features,
                    };
                    let made = group.rows(&axes.counts, &mut before, warnings);
                    rows.extend(made.map_err(|error| group.problem(&error))?);
                }
            }
        }
    }
    Ok(rows)
}

/// An attacker may register a firmware of few bytes with gigabytes of pages, or one large number of vCPUs under every profile.
fn check_work(scheme: Scheme, axes: &Axes, firmwares: &[Arc<Entry>]) -> Result<(), Problem> {
    let wide = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    let vcpus = u64::from(axes.counts.last().copied().unwrap_or_default());
    let launches = wide(axes.boots.len()).saturating_mul(wide(axes.profiles.len()));
    let mut steps: u64 = 0;
    for entry in firmwares {
        let (before, each) = match scheme.technology() {
            Technology::Snp => {
                let sections = entry.absorbed().sections().unwrap_or_default();
                let bytes = sections
                    .iter()
                    .fold(0_u64, |sum, section| sum.saturating_add(u64::from(section.length)));
                (bytes / wide(PAGE_SIZE), vcpus)
            }
            Technology::Sev | Technology::SevEs => (1, vcpus.saturating_mul(STEPS_OF_ES_PAGE)),
        };
        // What is before the VMSAs is hashed once, but gone through for each CPU.
        let all = before.saturating_add(each).saturating_mul(wide(axes.cpus.len()));
        steps = steps.saturating_add(all.saturating_mul(launches));
    }
    if steps > MOST_STEPS {
        let detail = format!(
            "{steps} steps of hashing, at most {MOST_STEPS}: register fewer of what is combined with many vCPUs or with a firmware of many pages"
        );
        return Err(Problem::new(Code::TooManyCandidates, detail));
    }
    Ok(())
}

/// Launches that differ in the number of their vCPUs alone.
struct Group<'a> {
    entry: &'a Entry,
    boot: Option<Boot>,
    profile: Option<&'static LaunchProfile>,
    cpu: Option<&'a CpuFacts>,
    sev_features: Option<SevFeatures>,
}

/// The hashes in the form in which they are measured.
pub(super) fn kernel_hashes(boot: Boot) -> KernelHashes {
    let of = |hash: sev_launch_protocol::text::Sha256| Sha256Digest::from_bytes(hash.0);
    KernelHashes { kernel: of(boot.kernel), initrd: of(boot.initrd), cmdline: of(boot.cmdline) }
}

impl Group<'_> {
    fn guest(&self) -> Guest<'_> {
        let launched = match self.profile {
            None => Launched::Sev,
            Some(profile) => {
                let signature = self.cpu.map(|cpu| cpu.signature);
                Launched::WithVmsas {
                    profile,
                    vmsas: Vmsas::Profile { signature, sev_features: self.sev_features },
                }
            }
        };
        Guest {
            firmware: self.entry.absorbed(),
            kernel_hashes: self.boot.map(kernel_hashes),
            svsm: None,
            krun: None,
            launched,
        }
    }

    fn rows(
        &self,
        counts: &[u32],
        before: &mut Option<Before>,
        warnings: &mut Vec<String>,
    ) -> Result<Vec<Candidate>, Error> {
        let guest = self.guest();
        let most = VcpuCount::new(counts.last().copied().unwrap_or(1))?;
        for warning in guest.check(most)? {
            let text = warning.to_string();
            if !warnings.iter().any(|one| one.ends_with(&text)) {
                warnings.push(text);
            }
        }
        let state = match before {
            Some(state) => state.clone(),
            None => before.insert(guest.before(&Portable)?).clone(),
        };
        let updates = guest.vmsas()?;
        let found = digests(&updates, state, counts)?;
        Ok(found.into_iter().map(|(count, digest)| self.candidate(count, digest)).collect())
    }

    fn candidate(&self, cpu_count: Option<u32>, digest: LaunchDigest) -> Candidate {
        let facts = Facts {
            firmware: self.entry.sha256(),
            boot: self.boot,
            cpu_count,
            cpu: self.cpu.cloned(),
            profile: self.profile.map(|profile| profile.name.to_owned()),
        };
        Candidate { digest, origin: Origin::Computed(facts) }
    }

    fn problem(&self, error: &Error) -> Problem {
        use firmware::Error as Of;
        let code = match error {
            Error::Firmware(Of::NoResetAddress | Of::ResetAddressZero) => Code::NoEsResetBlock,
            Error::Firmware(
                Of::NoTable { .. }
                | Of::NoHashArea
                | Of::HashAreaBaseZero { .. }
                | Of::HashAreaTooSmall { .. },
            ) => Code::NoHashTable,
            _ => Code::Unmeasurable,
        };
        Problem::new(code, format!("firmware {}: {error}", self.entry.sha256()))
    }
}

/// The digest for each number, from one chain.
fn digests(
    updates: &VmsaUpdates,
    before: Before,
    counts: &[u32],
) -> Result<Vec<(Option<u32>, LaunchDigest)>, Error> {
    let backend = &Portable;
    let [single] = counts else {
        let Some(mut chain) = updates.digests(before, 0, backend) else { return Ok(Vec::new()) };
        if counts.is_empty() {
            return Ok(chain.next().map(|digest| (None, digest)).into_iter().collect());
        }
        let last = counts.last().copied().unwrap_or_default();
        let all = (1..=last).zip(chain).filter(|(count, _)| counts.binary_search(count).is_ok());
        return Ok(all.map(|(count, digest)| (Some(count), digest)).collect());
    };
    let digest = updates.digest(before, VcpuCount::new(*single)?, backend);
    Ok(digest.map(|digest| (Some(*single), digest)).into_iter().collect())
}
