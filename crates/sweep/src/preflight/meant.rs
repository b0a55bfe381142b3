//! What a description means by itself of who launches it, before a host's facts are put into it.

use sev_launch_abi::Technology;
use sev_launch_description::Description;
use sev_launch_digest::profile::{self, Derivation, HostFacts, LaunchProfile, Vmm, VmmFact};

/// What a description means by itself of who launches it.
pub(super) struct Meant {
    /// The launch profiles: those named, those of the host that it describes, or QEMU's default. None for plain SEV, and where it says no technology.
    pub(super) profiles: Vec<&'static LaunchProfile>,
    /// The VMMs.
    pub(super) vmms: Vec<Vmm>,
    /// Are VMs made by KVM_SEV_INIT2, where SEV-ES could do without?
    pub(super) is_init2: bool,
}

impl Meant {
    pub(super) fn of(description: &Description) -> Self {
        let technology = description.technology.as_ref().map(|field| field.value);
        let facts = description.host.facts().unwrap_or_default();
        let profiles = match (&description.profiles, technology) {
            (Some(named), _) => named.value.clone(),
            (None, Some(technology)) if description.host.decides_profile() => {
                // A host of which no VMM is said is one with QEMU, as whatever is collected of one is.
                let vmm = facts.vmm.unwrap_or(VmmFact { vmm: Vmm::Qemu, version: None });
                let facts = HostFacts { vmm: Some(vmm), ..facts };
                derivation(description, technology, &facts).profiles
            }
            (None, Some(technology)) if description.is_igvm() => {
                profile::default_igvm_for(technology).into_iter().collect()
            }
            (None, Some(technology)) => profile::default_for(technology).into_iter().collect(),
            (None, None) => Vec::new(),
        };
        let named = facts.vmm.map(|fact| fact.vmm);
        let vmms = match named {
            Some(vmm) => vec![vmm],
            None => profiles.iter().map(|profile| profile.vmm).collect(),
        };
        let holds = |profile: &&LaunchProfile| {
            profile.holds_for.iter().any(|hosts| hosts.init2 == Some(true))
        };
        let is_init2 = facts.legacy_vm_type == Some(false)
            || !profiles.is_empty() && profiles.iter().all(holds);
        Self { profiles, vmms, is_init2 }
    }
}

/// The profiles that fit a host, of guests that start as the described one does.
pub(super) fn derivation(
    description: &Description,
    technology: Technology,
    facts: &HostFacts,
) -> Derivation {
    if description.is_igvm() {
        return profile::derive_igvm(technology, facts);
    }
    profile::derive(technology, facts)
}
