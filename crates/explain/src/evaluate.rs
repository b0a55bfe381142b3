//! From a step of the plan to the hypotheses in it that give the reported value.
//!
//! A step costs only its own blocks: the firmware is a state that was computed once, VMSA pages and what an SNP guest loads before
//! them are kept, and all vCPU counts of a step are one chain.

mod facts;
mod igvm;
mod kept;

use std::ops::Range;
use std::sync::Arc;

use sev_launch_abi::{CpuSignature, LaunchDigest, SevFeatures, Technology};
use sev_launch_digest::firmware::AbsorbedFirmware;
use sev_launch_digest::hash::Backend;
use sev_launch_digest::igvm::Loaded;
use sev_launch_digest::kernel_hashes::KernelHashes;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::Vmsas;
use sev_launch_sweep::guest::{Before, Guest, Launched, VmsaUpdates};
use sev_launch_verify::sev::measurement::Measurer;
use subtle::ConstantTimeEq as _;

pub(crate) use facts::{Facts, Image, facts};
use kept::Kept;

use crate::axes::{Axis, Content};
use crate::plan::{Choice, Group, Plan};
use crate::reported::Reported;
use crate::vmsa;

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
/// IGVM files kept at most, each with what one loader makes of it: some hundred bytes for each of its pages.
const KEPT_FILES: usize = 64;
/// SNP digests before the VMSAs kept at most: about 200 bytes each.
const KEPT_DIGESTS: usize = 65536;

/// The vCPU counts of a step.
enum Counts<'a> {
    One(VcpuCount),
    /// For each count the index of its alternative; the index in this list is the count.
    All(&'a [Option<u32>]),
}

/// Captured or not, the profile, and what is filled in.
type VmsasKey = (bool, &'static str, Option<SevFeatures>, Option<CpuSignature>, Option<u32>);
type BeforeKey = (usize, Option<&'static str>, Option<KernelHashes>);

/// Evaluates steps; shared between threads.
pub(crate) struct Evaluator<'p, 'a, B> {
    plan: &'p Plan<'a>,
    backend: &'p B,
    counts: Vec<Option<u32>>,
    vmsas: Kept<VmsasKey, Option<Arc<VmsaUpdates>>>,
    before: Kept<BeforeKey, Option<Before>>,
    /// What loaders make of IGVM files.
    loaded: Kept<(usize, &'static str), Option<Arc<Loaded>>>,
    measurer: Option<Measurer>,
}

impl<'p, 'a, B: Backend + Sync> Evaluator<'p, 'a, B> {
    pub(crate) fn new(plan: &'p Plan<'a>, backend: &'p B) -> Self {
        let (vmsas, before) = (Kept::new(KEPT_PAGES), Kept::new(KEPT_DIGESTS));
        let loaded = Kept::new(KEPT_FILES);
        let measurer = match plan.reported {
            Reported::Measurement { tik, .. } => Some(Measurer::new(tik)),
            Reported::Sev(_) | Reported::Snp(_) => None,
        };
        Self { plan, backend, counts: counts(plan), vmsas, before, loaded, measurer }
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

    /// Computes the digest of each count; how many launches were possible, or `None` if none was.
    fn launch(
        &self,
        facts: &Facts<'_>,
        counts: &Counts<'_>,
        found: &mut dyn FnMut(Option<u32>, LaunchDigest),
    ) -> Option<u64> {
        if facts.late > 0 && !facts.vmsa.profile.is_some_and(vmsa::has_late_vcpus) {
            return None;
        }
        let firmware = match facts.image {
            Image::Firmware(firmware) => firmware,
            Image::Igvm(file) => return self.launch_igvm(facts, file, counts, found),
        };
        let guest = self.guest(facts, firmware)?;
        let before = self.before(facts, &guest)?;
        let vmsas = self.vmsas(facts, &guest)?;
        match counts {
            _ if matches!(*vmsas, VmsaUpdates::None) => {
                found(None, vmsas.digest(before, VcpuCount::ONE, self.backend)?);
                Some(1)
            }
            Counts::One(count) => {
                self.most(facts, counts)?;
                let count = count.with_late(facts.late).ok()?;
                found(None, vmsas.digest(before, count, self.backend)?);
                Some(1)
            }
            Counts::All(indices) => {
                let digests = vmsas.digests(before, facts.late, self.backend)?;
                // The first vCPU is never late, so smaller numbers than this are no launches.
                let least = usize::try_from(facts.late).ok()?;
                Some(sweep(indices, least..self.most(facts, counts)?, digests, found))
            }
        }
    }

    fn guest(&self, facts: &Facts<'_>, firmware: &'a AbsorbedFirmware) -> Option<Guest<'a>> {
        let vmsas = match self.plan.launch.captured.as_ref().filter(|_| facts.vmsa.captured) {
            Some(pages) => Vmsas::Captured { bsp: pages.bsp.clone(), ap: pages.ap.clone() },
            None => Vmsas::Profile {
                signature: facts.vmsa.signature,
                sev_features: facts.vmsa.features,
            },
        };
        Some(Guest {
            firmware,
            kernel_hashes: facts.hashes,
            svsm: self.plan.launch.svsm.get(&facts.firmware_index),
            krun: None,
            launched: match self.plan.launch.technology {
                Technology::Sev => Launched::Sev,
                _ => Launched::WithVmsas { profile: facts.vmsa.profile?, vmsas },
            },
        })
    }

    /// The largest count that can be launched: without a captured page for further vCPUs, the first one and the late ones.
    fn most(&self, facts: &Facts<'_>, counts: &Counts<'_>) -> Option<usize> {
        let most = match counts {
            Counts::One(count) => usize::try_from(count.number()).ok()?,
            Counts::All(indices) => indices.len().checked_sub(1)?,
        };
        let alone = facts.vmsa.captured
            && self.plan.launch.captured.as_ref().is_some_and(|pages| pages.ap.is_none());
        match (alone, counts) {
            (false, _) => Some(most),
            (true, Counts::One(count)) => (count.number() == facts.late + 1).then_some(most),
            (true, Counts::All(_)) => usize::try_from(facts.late + 1).ok(),
        }
    }

    /// The digest before the VMSAs. SEV's is cheap: the firmware is a state, and the rest is three blocks.
    fn before(&self, facts: &Facts<'_>, guest: &Guest<'_>) -> Option<Before> {
        if self.plan.launch.technology != Technology::Snp {
            return guest.before(self.backend).ok();
        }
        let key =
            (facts.firmware_index, facts.vmsa.profile.map(|profile| profile.name), facts.hashes);
        self.before.entry(key, || guest.before(self.backend).ok())
    }

    fn vmsas(&self, facts: &Facts<'_>, guest: &Guest<'_>) -> Option<Arc<VmsaUpdates>> {
        let profile = guest.profile();
        let reset = match (profile.is_some_and(|profile| profile.needs_reset_address), guest.svsm) {
            _ if facts.vmsa.captured => None,
            // An SVSM's entry stands below 4 GiB, as the reset address does.
            (_, Some(svsm)) => Some(u32::try_from(svsm.entry().0).ok()?),
            (true, None) => Some(guest.firmware.reset_address().ok()?),
            (false, None) => None,
        };
        let name = profile.map_or("", |profile| profile.name);
        let key = match facts.vmsa.captured {
            true => (true, name, None, None, None),
            false => (false, name, facts.vmsa.features, facts.vmsa.signature, reset),
        };
        self.vmsas.entry(key, || guest.vmsas().ok().map(Arc::new))
    }

    fn compare(&self, group: &Group, choice: Choice, digest: LaunchDigest, hits: &mut Vec<Choice>) {
        match (self.plan.reported, digest) {
            (Reported::Sev(wanted), LaunchDigest::Sev(digest)) => {
                hits.extend((*wanted == digest).then_some(choice));
            }
            (Reported::Snp(wanted), LaunchDigest::Snp(digest)) => {
                hits.extend((*wanted == digest).then_some(choice));
            }
            (Reported::Measurement { .. }, LaunchDigest::Sev(digest)) => {
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
            (Reported::Sev(_), LaunchDigest::Snp(_))
            | (Reported::Snp(_), LaunchDigest::Sev(_))
            | (Reported::Measurement { .. }, LaunchDigest::Snp(_)) => {}
        }
    }
}

/// Gives the digest of every count that has an index: those after the range's start, up to its end; how many these were.
fn sweep<D>(
    indices: &[Option<u32>],
    counts: Range<usize>,
    digests: impl Iterator<Item = D>,
    found: &mut dyn FnMut(Option<u32>, D),
) -> u64 {
    let mut launched = 0;
    // The list starts with the count 0, which nothing has.
    for (index, digest) in indices.iter().skip(1).zip(digests).take(counts.end).skip(counts.start) {
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
