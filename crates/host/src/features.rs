//! SEV_FEATURES: which words KVM lets a guest have.
//!
//! ```
//! use sev_launch_abi::{SevFeatures, Technology};
//! use sev_launch_host::features;
//!
//! let word = SevFeatures::from_names("SNPActive+SecureAVIC")?;
//! let [refusal] = features::of_init2(Technology::Snp, word).try_into().expect("one bit");
//! assert!(refusal.to_string().starts_with("SEV_FEATURES 0x10000 (SecureAVIC): KVM refuses it"));
//! # Ok::<(), sev_launch_abi::Error>(())
//! ```

use std::fmt;

use sev_launch_abi::{SevFeatures, Technology};
use sev_launch_digest::profile::{LaunchProfile, Version, Vmm};

use crate::refusal::{Answer, Hosts, Problem, Refusal, Refuser};

/// The first kernel with Secure TSC for guests: absent in 6.12, present in 7.3, and believed of 6.18. [Linux, snp_secure_tsc_enabled]
const HAS_SECURE_TSC: Version = Version::new(6, 18, 0);

const fn refusal(bits: SevFeatures, hosts: Hosts) -> Refusal {
    let (by, command) = (Refuser::Kvm, "KVM_SEV_INIT2");
    Refusal { problem: Problem::Features(bits), by, hosts, command, answer: Answer::Invalid }
}

/// What KVM refuses of a guest's SEV_FEATURES, on whichever hosts, if KVM_SEV_INIT2 makes the guest: SNP guests, and SEV-ES guests with QEMU's
/// `legacy-vm-type=off`. [Linux, __sev_guest_init, sev_supported_vmsa_features]
///
/// SNPActive is KVM's own to set in an SNP guest, and in no other.
#[must_use]
pub fn of_init2(technology: Technology, features: SevFeatures) -> Vec<Refusal> {
    let is_snp = technology == Technology::Snp;
    let mut offered = SevFeatures::DEBUG_SWAP.0;
    if is_snp {
        offered |= SevFeatures::SNP_ACTIVE.0 | SevFeatures::SECURE_TSC.0;
    }
    let mut refusals = Vec::new();
    if features.0 & !offered != 0 {
        refusals.push(refusal(SevFeatures(features.0 & !offered), Hosts::All));
    }
    if features.contains(SevFeatures::DEBUG_SWAP) {
        refusals.push(refusal(SevFeatures::DEBUG_SWAP, Hosts::WithoutDebugSwap));
    }
    if is_snp && features.contains(SevFeatures::SECURE_TSC) {
        let bit = SevFeatures::SECURE_TSC;
        refusals.push(refusal(bit, Hosts::KernelBefore(HAS_SECURE_TSC)));
        refusals.push(refusal(bit, Hosts::WithoutFeature));
    }
    refusals
}

/// The same for guests of a launch profile: everything that is refused of the word on its hosts. Nothing where the VM is made by an ioctl that takes no
/// word, and for other VMMs than QEMU, of whose kernels little is known.
#[must_use]
pub fn of_profile(profile: &LaunchProfile, features: SevFeatures) -> Vec<Refusal> {
    let is_init2 = match profile.technology {
        Technology::Sev => false,
        Technology::SevEs => profile.holds_for.iter().any(|hosts| hosts.init2 == Some(true)),
        Technology::Snp => true,
    };
    match is_init2 && profile.vmm == Vmm::Qemu {
        true => of_init2(profile.technology, features),
        false => Vec::new(),
    }
}

/// SEV_FEATURES that are not those with which a profile's VMM makes its guests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct NotAskedFor {
    /// The word that was given.
    pub features: SevFeatures,
    /// The one with which the guest is made.
    pub made_with: SevFeatures,
    /// The profile.
    pub profile: &'static str,
}

impl NotAskedFor {
    /// The word held against the profile's own; `None` if it is that one, and for other VMMs than QEMU, of which it is not known.
    ///
    /// QEMU asks for features only where an IGVM file does, up to 11.1. [QEMU, sev_common_kvm_init; `debug-swap` and `secure-tsc` are unknown to it]
    pub fn of(profile: &LaunchProfile, features: SevFeatures) -> Option<Self> {
        let made_with = profile.sev_features();
        let differs = profile.vmm == Vmm::Qemu && features != made_with;
        differs.then_some(Self { features, made_with, profile: profile.name })
    }
}

impl fmt::Display for NotAskedFor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |word: SevFeatures| match word.names() {
            names if names.is_empty() => "none".to_owned(),
            names => names.join(", "),
        };
        let Self { features, made_with, profile } = *self;
        write!(
            f,
            "SEV_FEATURES {features} ({}): a host of {profile} makes its guests with {made_with} ({}), since no released QEMU asks for others but \
             by an IGVM file",
            names(features),
            names(made_with),
        )
    }
}
