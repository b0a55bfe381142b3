//! Launches from IGVM files: pages are loaded once for each loader, and all vCPU counts of a step are one chain.

use std::sync::Arc;

use sev_launch_abi::{LaunchDigest, Technology};
use sev_launch_digest::hash::Backend;
use sev_launch_digest::igvm::{File, Guest, Loaded, LoaderRules, VmsaRule};
use sev_launch_digest::profile::LaunchProfile;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::Vmsas;

use super::{Counts, Evaluator, Facts, sweep};

impl<B: Backend + Sync> Evaluator<'_, '_, B> {
    /// Computes the digest of each count; how many launches were possible, or `None` if none was.
    pub(super) fn launch_igvm(
        &self,
        facts: &Facts<'_>,
        file: &File,
        counts: &Counts<'_>,
        found: &mut dyn FnMut(Option<u32>, LaunchDigest),
    ) -> Option<u64> {
        let technology = self.plan.launch.technology;
        let profile = facts.vmsa.profile.filter(|_| technology != Technology::Sev);
        let rules = profile
            .map_or(Some(&LoaderRules::QEMU), |profile| LaunchProfile::igvm_rules(profile).ok())?;
        let loaded = self.loaded(facts, file, rules)?;
        let (signature, sev_features) = (facts.vmsa.signature, facts.vmsa.features);
        let vmsas = Vmsas::Profile { signature, sev_features };
        let launch = |vcpus, take: &mut dyn FnMut(sev_launch_digest::Launch<'_>)| {
            let guest = Guest { loaded: &loaded, vcpus, profile, vmsas: vmsas.clone() };
            guest.launch().ok().map(take)
        };
        let one = |vcpus| {
            let mut digest = None;
            launch(vcpus, &mut |launch| digest = Some(launch.digest()))?;
            digest
        };
        if technology == Technology::Sev || rules.vmsas != VmsaRule::AtTheEnd {
            found(None, one(VcpuCount::ONE)?);
            return Some(1);
        }
        match counts {
            Counts::One(count) => {
                found(None, one(*count)?);
                Some(1)
            }
            Counts::All(indices) => {
                let most = indices.len().checked_sub(1)?;
                let largest = VcpuCount::new(u32::try_from(most).ok()?).ok()?;
                // Fewer than those whose registers the file has are refused.
                let least = usize::try_from(loaded.fewest_vcpus().checked_sub(1)?).ok()?;
                let mut launched = 0;
                launch(largest, &mut |launch| {
                    let digests = launch.digests(self.backend);
                    launched = sweep(indices, least..most, digests, found);
                })?;
                Some(launched)
            }
        }
    }

    fn loaded(
        &self,
        facts: &Facts<'_>,
        file: &File,
        rules: &'static LoaderRules,
    ) -> Option<Arc<Loaded>> {
        let technology = self.plan.launch.technology;
        self.loaded.entry((facts.firmware_index, rules.name), || {
            file.load_with(technology, rules, self.backend).ok().map(Arc::new)
        })
    }
}
