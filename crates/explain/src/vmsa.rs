//! Which profiles make the same VMSAs and pages.
//!
//! Two profiles of other names may hold the same facts, in all or but for the features word, which can be given. A class is
//! all profiles that are equal when the features word is left out.

use sev_launch_abi::SevFeatures;
use sev_launch_digest::igvm::VmsaRule;
use sev_launch_digest::profile::{ALL, LateRegisters, LaunchProfile, RdxRule};
use sev_launch_digest::vmsa::Vmsa;

/// The class of a profile: the place of the first one in [`ALL`] that is equal but for the features word.
pub(crate) fn class(profile: &LaunchProfile) -> usize {
    ALL.iter().position(|first| equal(first, profile)).unwrap_or(ALL.len())
}

/// Does the profile put the CPU signature into the VMSAs?
pub(crate) fn has_signature(profile: &LaunchProfile) -> bool {
    profile.rdx == RdxRule::Signature
}

/// Does its loader measure the VMSAs of an IGVM file as they stand in it, whatever the vCPUs are?
pub(crate) fn takes_vmsas_as_they_stand(profile: &LaunchProfile) -> bool {
    profile.igvm_rules().is_ok_and(|rules| rules.vmsas != VmsaRule::AtTheEnd)
}

/// Does some version of the profile's VMM leave late vCPUs the first one's registers?
pub(crate) fn has_late_vcpus(profile: &LaunchProfile) -> bool {
    profile.late_vcpus.iter().any(|rule| rule.registers == LateRegisters::First)
}

/// The features word in force.
pub(crate) fn features(profile: &LaunchProfile, given: Option<SevFeatures>) -> SevFeatures {
    given.unwrap_or(profile.sev_features())
}

fn equal(left: &LaunchProfile, right: &LaunchProfile) -> bool {
    left.technology == right.technology
        && left.rdx == right.rdx
        && left.vmsa_gpa == right.vmsa_gpa
        && left.sections == right.sections
        && left.kernel_hashes == right.kernel_hashes
        && left.loads == right.loads
        && without_features(&left.bsp) == without_features(&right.bsp)
        && left.needs_reset_address == right.needs_reset_address
        && without_features(left.further()) == without_features(right.further())
}

fn without_features(vmsa: &Vmsa) -> Vmsa {
    Vmsa { sev_features: 0, ..vmsa.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sev_launch_digest::profile::by_name;

    // facts: snp-amdese-6.9 has the bytes of snp-qemu; DebugSwap is a bit of the features word.
    #[test]
    fn classes_are_profiles_of_the_same_bytes() {
        let class = |name| class(by_name(name).unwrap());
        assert_eq!(class("snp-qemu"), class("snp-amdese-6.9"));
        assert_eq!(class("es-legacy"), class("es-legacy-debugswap"));
        assert_eq!(class("snp-amdese-old"), class("snp-amdese-6.6"));
        assert_ne!(class("es-legacy"), class("es-init2"));
        assert_ne!(class("snp-gce"), class("snp-gce-genoa"));
        assert_ne!(class("snp-ec2"), class("snp-ec2-rdx0"));
        assert_ne!(class("snp-qemu"), class("snp-amdese-old"));
    }
}
