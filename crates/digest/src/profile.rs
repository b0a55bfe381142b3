//! Launch profiles: what a host does that nothing in the guest's files tells.
//!
//! The initial VMSA differs by VMM, by the host kernel's KVM, and by the ioctl that made the VM; SNP's page list differs by
//! VMM. A profile is an immutable, named set of these facts. A new fact is a new profile; an old one never changes its
//! meaning. All differences between hosts are data in [`ALL`], and nowhere else in this crate is a VMM asked for.
//!
//! ```
//! use sev_launch_digest::abi::Technology;
//! use sev_launch_digest::profile::{self, HostFacts};
//!
//! let host = HostFacts { kernel: Some("6.8".parse()?), vmm: Some("qemu 8.2".parse()?), ..HostFacts::default() };
//! let derived = profile::derive(Technology::SevEs, &host);
//! assert_eq!(derived.profiles, [profile::by_name("es-legacy")?]);
//! # Ok::<(), sev_launch_digest::Error>(())
//! ```

pub(crate) mod derive;
pub(crate) mod error;
pub(crate) mod facts;
mod guest;
mod igvm;
mod table;
pub(crate) mod version;

pub use derive::{Derivation, HostFacts, Question, VmmFact, derive, derive_igvm};
pub use error::Error;
pub use facts::{
    Assumption, Confidence, DebugSwap, EndorsedVcpus, HoldsFor, KernelHashing, LateRegisters,
    LateVcpus, LaunchProfile, Loads, RdxRule, SectionRules, Vmm,
};
pub use igvm::QEMU_HAS_IGVM;
pub use table::{ALL, by_name, default_for, default_igvm_for};
pub use version::{HostKernel, Version, VersionRange};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firmware::SectionKind;
    use crate::snp::Update;
    use sev_launch_abi::{CpuSignature, SevFeatures, Technology};

    const SIGNATURE: Option<CpuSignature> = Some(CpuSignature(0x0080_0f12));

    // QEMU makes SEV-ES guests by the legacy ioctl unless told otherwise, and SEV measures no VMSA.
    #[test]
    fn defaults_are_those_of_qemu() {
        let name = |technology| default_for(technology).map(|profile| profile.name);
        assert_eq!(name(Technology::Sev), None);
        assert_eq!(name(Technology::SevEs), Some("es-legacy"));
        assert_eq!(name(Technology::Snp), Some("snp-qemu"));
    }

    #[test]
    fn names_are_taken_exactly() {
        assert_eq!(by_name("snp-ec2").unwrap().name, "snp-ec2");
        for name in ["", "SNP-EC2", "snp-ec", "snp-ec2 "] {
            assert_eq!(by_name(name), Err(Error::UnknownProfile { found: name.into() }));
        }
    }

    // [APM2, VMSA layout]: CS base at 0x18, RIP at 0x178. All 32 bits of the address count.
    #[test]
    fn reset_address_is_split_into_cs_base_and_rip() {
        let pages = by_name("es-legacy").unwrap().vmsa_pages(Some(0xf1e2_d3c4), SIGNATURE, None);
        let ap = pages.unwrap().ap;
        assert_eq!(ap.as_bytes()[0x18..0x20], [0x00, 0x00, 0xe2, 0xf1, 0, 0, 0, 0]);
        assert_eq!(ap.as_bytes()[0x178..0x180], [0xc4, 0xd3, 0, 0, 0, 0, 0, 0]);
    }

    // [APM2, VMSA layout]: SEV_FEATURES at 0x3b0.
    #[test]
    fn given_features_replace_the_profile_s_in_both_pages() {
        let features = Some(SevFeatures(0x8877_6655_4433_2220));
        let profile = by_name("es-legacy-debugswap").unwrap();
        let pages = profile.vmsa_pages(Some(1), SIGNATURE, features).unwrap();
        let expected = [0x20, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88];
        for page in [&pages.bsp, &pages.ap] {
            assert_eq!(page.as_bytes()[0x3b0..0x3b8], expected);
        }
    }

    #[test]
    fn technology_of_a_profile_is_checked() {
        let profile = by_name("es-init2").unwrap();
        assert_eq!(profile.check(Technology::SevEs), Ok(()));
        for found in [Technology::Sev, Technology::Snp] {
            let wanted = Technology::SevEs;
            let error = crate::Error::ProfileTechnology { profile: "es-init2", wanted, found };
            assert_eq!(profile.check(found), Err(error));
        }
    }

    // QEMU, snp_populate_metadata_pages: only secrets and CPUID pages have types of their own.
    #[test]
    fn sections_without_contents_are_zero_pages_for_qemu() {
        let pages = SectionKind::ALL.map(|kind| SectionRules::QEMU.pages(kind));
        let (zero, secrets, cpuid) = (Update::Zero, Update::Secrets, Update::Cpuid);
        assert_eq!(pages, [zero, secrets, cpuid, zero, zero]);
    }
}
