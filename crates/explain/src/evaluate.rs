//! From a step of the plan to the hypotheses in it that give the reported value.
//!
//! A step costs only its own blocks: the firmware is a state that was computed once, VMSA pages and what an SNP guest loads before
//! them are kept, and all vCPU counts of a step are one chain.

mod facts;
mod kept;

use std::sync::Arc;

use sev_launch_abi::{CpuSignature, SevFeatures, Technology};
use sev_launch_digest::hash::{Backend, Midstate};
use sev_launch_digest::kernel_hashes::KernelHashes;
use sev_launch_digest::profile::LaunchProfile;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::{VmsaPages, Vmsas};
use sev_launch_digest::{sev, sev_es, snp};
use sev_launch_verify::sev::measurement::Measurer;
use subtle::ConstantTimeEq as _;

pub(crate) use facts::{Facts, facts};
use kept::Kept;

use crate::axes::{Axis, Content};
use crate::plan::{Choice, Group, Plan};
use crate::reported::Reported;

/// What came of a step.
#[derive(Debug, Default)]
pub(crate) struct Evaluated {
    /// The hypotheses that give the reported value, in the plan's order.
    pub(crate) hits: Vec<Choice>,
    /// How many hypotheses the step is.
    pub(crate) tried: u64,
    /// How many of them no host would have launched.
    pub(crate) refused: u64,
}

/// Pages kept at most: 8 KiB each.
const KEPT_PAGES: usize = 2048;
/// SNP digests before the VMSAs kept at most: about 200 bytes each.
const KEPT_DIGESTS: usize = 65536;

/// The vCPU counts of a step.
enum Counts<'a> {
    One(VcpuCount),
    /// For each count the index of its alternative; the index in this list is the count.
    All(&'a [Option<u32>]),
}

/// Captured or not, the profile, and what is filled in.
type PagesKey = (bool, &'static str, Option<SevFeatures>, Option<CpuSignature>, Option<u32>);
type BeforeKey = (usize, Option<&'static str>, Option<KernelHashes>);

#[derive(Clone)]
enum Pages {
    Es(Arc<sev_es::VmsaUpdates>),
    Snp(Arc<snp::VmsaUpdates>),
}

impl Pages {
    fn new(snp: bool, profile: &LaunchProfile, pages: VmsaPages) -> Self {
        match snp {
            true => Self::Snp(Arc::new(snp::VmsaUpdates::new(profile, pages))),
            false => Self::Es(Arc::new(sev_es::VmsaUpdates::new(pages))),
        }
    }
}

#[derive(Clone, Copy)]
enum Digest {
    Sev(sev::LaunchDigest),
    Snp(snp::LaunchDigest),
}

/// Evaluates steps; shared between threads.
pub(crate) struct Evaluator<'p, 'a, C> {
    plan: &'p Plan<'a>,
    backend: &'p C,
    counts: Vec<Option<u32>>,
    pages: Kept<PagesKey, Option<Pages>>,
    before: Kept<BeforeKey, Option<snp::LaunchDigest>>,
    measurer: Option<Measurer>,
}

impl<'p, 'a, C: Backend + Sync> Evaluator<'p, 'a, C> {
    pub(crate) fn new(plan: &'p Plan<'a>, backend: &'p C) -> Self {
        let (pages, before) = (Kept::new(KEPT_PAGES), Kept::new(KEPT_DIGESTS));
        let measurer = match plan.reported {
            Reported::Measurement { tik, .. } => Some(Measurer::new(tik)),
            Reported::Sev(_) | Reported::Snp(_) => None,
        };
        Self { plan, backend, counts: counts(plan), pages, before, measurer }
    }

    /// Tries every hypothesis of a step.
    pub(crate) fn evaluate(&self, group: &Group, step: u64) -> Evaluated {
        let Some(choice) = self.plan.step(group, step) else {
            return Evaluated::default();
        };
        let tried = self.plan.step_size(group);
        let all = Evaluated { hits: Vec::new(), tried, refused: tried };
        let Some(facts) = facts(self.plan, &choice) else {
            return all;
        };
        let counts = match group.vcpus {
            true => Counts::All(&self.counts),
            false => Counts::One(self.plan.launch.vcpus),
        };
        let mut hits = Vec::new();
        let launched = self.launch(&facts, &counts, &mut |vcpus, digest| {
            self.compare(group, choice.with(Axis::Vcpus, vcpus), digest, &mut hits);
        });
        let Some(launched) = launched else {
            return all;
        };
        // Nearest counts first, then the HMAC's choices as they come.
        hits.sort_by_key(|hit| hit.of(Axis::Vcpus));
        let each = match &counts {
            Counts::One(_) => tried,
            Counts::All(_) => tried / self.plan.axes.count(Axis::Vcpus).max(1),
        };
        Evaluated { hits, tried, refused: tried.saturating_sub(launched.saturating_mul(each)) }
    }

    /// Computes the digest of each count; how many launches were possible, or nothing where none was.
    fn launch(
        &self,
        facts: &Facts<'_>,
        counts: &Counts<'_>,
        found: &mut dyn FnMut(Option<u32>, Digest),
    ) -> Option<u64> {
        match self.plan.launch.technology {
            Technology::Sev => {
                let state = self.before_vmsas(facts)?;
                let digest = state.finish_with(self.backend);
                found(None, Digest::Sev(sev::LaunchDigest::from_bytes(digest)));
                Some(1)
            }
            Technology::SevEs => {
                let state = self.before_vmsas(facts)?;
                let Pages::Es(updates) = self.pages_of(facts, counts)? else {
                    return None;
                };
                let mut found = |vcpus, digest| found(vcpus, Digest::Sev(digest));
                let most = self.most(facts, counts)?;
                match counts {
                    Counts::One(count) => {
                        found(None, updates.digest(state, *count, self.backend));
                        Some(1)
                    }
                    Counts::All(indices) => {
                        let digests = updates.digests(state, self.backend);
                        Some(sweep(indices, most, digests, &mut found))
                    }
                }
            }
            Technology::Snp => {
                let before = self.digest_before_vmsas(facts)?;
                let Pages::Snp(updates) = self.pages_of(facts, counts)? else {
                    return None;
                };
                let mut found = |vcpus, digest| found(vcpus, Digest::Snp(digest));
                let most = self.most(facts, counts)?;
                match counts {
                    Counts::One(count) => {
                        found(None, updates.digest(before, *count));
                        Some(1)
                    }
                    Counts::All(indices) => {
                        Some(sweep(indices, most, updates.digests(before), &mut found))
                    }
                }
            }
        }
    }

    /// The largest count that can be launched: without a captured page for further vCPUs, one.
    fn most(&self, facts: &Facts<'_>, counts: &Counts<'_>) -> Option<usize> {
        let most = match counts {
            Counts::One(count) => usize::try_from(count.number()).ok()?,
            Counts::All(indices) => indices.len().checked_sub(1)?,
        };
        let alone = facts.captured
            && self.plan.launch.captured.as_ref().is_some_and(|pages| pages.ap.is_none());
        match (alone, counts) {
            (false, _) => Some(most),
            (true, Counts::One(count)) => (*count == VcpuCount::ONE).then_some(1),
            (true, Counts::All(_)) => Some(1),
        }
    }

    fn before_vmsas(&self, facts: &Facts<'_>) -> Option<Midstate> {
        let guest = sev::Guest { firmware: facts.firmware, kernel_hashes: facts.hashes };
        Some(guest.launch().ok()?.midstate(self.backend))
    }

    fn digest_before_vmsas(&self, facts: &Facts<'_>) -> Option<snp::LaunchDigest> {
        let profile = facts.profile?;
        let key = (facts.firmware_index, Some(profile.name), facts.hashes);
        self.before.entry(key, || {
            let captured = self.plan.launch.captured.as_ref().filter(|_| facts.captured);
            let vmsas = match captured {
                Some(pages) => Vmsas::Captured { bsp: pages.bsp.clone(), ap: pages.ap.clone() },
                // What is loaded before the VMSAs does not depend on them.
                None => Vmsas::of_signature(CpuSignature(0)),
            };
            let guest = snp::Guest {
                firmware: facts.firmware,
                kernel_hashes: facts.hashes,
                svsm: None,
                vcpus: VcpuCount::ONE,
                profile,
                vmsas,
            };
            Some(guest.launch().ok()?.before_vmsas())
        })
    }

    fn pages_of(&self, facts: &Facts<'_>, counts: &Counts<'_>) -> Option<Pages> {
        let profile = facts.profile?;
        let snp = self.plan.launch.technology == Technology::Snp;
        if facts.captured {
            let captured = self.plan.launch.captured.as_ref()?;
            self.most(facts, counts)?;
            let bsp = captured.bsp.clone();
            let ap = captured.ap.clone().unwrap_or_else(|| bsp.clone());
            let pages = VmsaPages::new(profile.technology, bsp, ap).ok()?;
            let key = (true, profile.name, None, None, None);
            return self.pages.entry(key, || Some(Pages::new(snp, profile, pages)));
        }
        let reset = match profile.needs_reset_address() {
            true => Some(facts.firmware.reset_address().ok()?),
            false => None,
        };
        let key = (false, profile.name, facts.features, facts.signature, reset);
        self.pages.entry(key, || {
            let pages = profile.vmsa_pages(reset, facts.signature, facts.features).ok()?;
            Some(Pages::new(snp, profile, pages))
        })
    }

    fn compare(&self, group: &Group, choice: Choice, digest: Digest, hits: &mut Vec<Choice>) {
        match (self.plan.reported, digest) {
            (Reported::Sev(wanted), Digest::Sev(digest)) => {
                hits.extend((*wanted == digest).then_some(choice));
            }
            (Reported::Snp(wanted), Digest::Snp(digest)) => {
                hits.extend((*wanted == digest).then_some(choice));
            }
            (Reported::Measurement { .. }, Digest::Sev(digest)) => {
                let Some(measurer) = &self.measurer else { return };
                let matching = self.plan.hmac_choices(group).iter().filter(|hmac| {
                    let expected = match hmac.bare {
                        true => *digest.as_bytes(),
                        false => measurer.compute(hmac.version, hmac.policy, &digest, &hmac.mnonce),
                    };
                    bool::from(expected.ct_eq(&hmac.measure))
                });
                hits.extend(matching.map(|hmac| choice.and(&hmac.choice)));
            }
            // The plan refused reports of another technology.
            (Reported::Sev(_), Digest::Snp(_))
            | (Reported::Snp(_), Digest::Sev(_))
            | (Reported::Measurement { .. }, Digest::Snp(_)) => {}
        }
    }
}

/// Gives the digest of every count that has an index, up to `most`; how many these were.
fn sweep<D>(
    indices: &[Option<u32>],
    most: usize,
    digests: impl Iterator<Item = D>,
    found: &mut dyn FnMut(Option<u32>, D),
) -> u64 {
    let mut launched = 0;
    // The list starts with the count 0, which nothing has.
    for (index, digest) in indices.iter().skip(1).take(most).zip(digests) {
        if index.is_some() {
            found(*index, digest);
            launched += 1;
        }
    }
    launched
}

fn counts(plan: &Plan<'_>) -> Vec<Option<u32>> {
    let alternatives = plan.axes.values(Axis::Vcpus).map_or(&[][..], |values| &values.alternatives);
    let mut counts = Vec::new();
    for (index, alternative) in (0..).zip(alternatives) {
        let Content::Vcpus(count) = alternative.first.content else {
            continue;
        };
        let Ok(place) = usize::try_from(count.number()) else {
            continue;
        };
        if counts.len() <= place {
            counts.resize(place + 1, None);
        }
        if let Some(slot) = counts.get_mut(place) {
            *slot = Some(index);
        }
    }
    counts
}
