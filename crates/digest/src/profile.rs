//! Launch profiles: what a host does that nothing in the guest's files tells.
//!
//! The initial VMSA differs by VMM, by the host kernel's KVM, and by the ioctl that made the VM; SNP's page list differs by
//! VMM. A profile is an immutable, named set of these facts. A new fact is a new profile; an old one never changes its
//! meaning. All differences between hosts are data in [`table`], and nowhere else in this crate is a VMM asked for.

mod derive;
mod table;
mod version;

pub use derive::{AMDESE, Derivation, HostFacts, VmmFact, derive};
pub use table::ALL;
pub use version::{HostKernel, Version, VersionRange, VersionSpan};

use core::fmt;

use crate::error::Error;
use crate::firmware::{AbsorbedFirmware, SectionKind};
use crate::vmsa::{Vmsa, VmsaPage, VmsaPages, Vmsas};
use sev_launch_abi::{CpuSignature, Gpa, SevFeatures, Technology};

/// What a host does, as data.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LaunchProfile {
    /// The name by which it is chosen and printed.
    pub name: &'static str,
    /// The technology it is for.
    pub technology: Technology,
    /// One line: whose launch this is.
    pub summary: &'static str,
    /// The VMM.
    pub vmm: Vmm,
    /// The first vCPU's save area; RDX, RIP and features are filled in by the rules below.
    pub bsp: Vmsa,
    /// What differs in every further vCPU's.
    pub ap: ApRule,
    /// What RDX holds.
    pub rdx: RdxRule,
    /// The address at which an SNP host measures VMSAs.
    pub vmsa_gpa: Gpa,
    /// How many VMSA pages a vCPU has in the digest: one, on every host known.
    pub pages_per_vcpu: u32,
    /// How the firmware's sections become SNP pages.
    pub sections: SectionRules,
    /// Does the VMM know the table of kernel hashes?
    pub kernel_hashes: bool,
    /// What is loaded besides.
    pub loads: Loads,
    /// On which hosts it holds, for people.
    pub hosts: &'static str,
    /// On which hosts it holds, for [`derive()`].
    pub holds_for: &'static [HoldsFor],
    /// How sure this is.
    pub confidence: Confidence,
    /// Where it is from.
    pub source: &'static str,
}

/// A virtual machine monitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vmm {
    /// QEMU on KVM.
    Qemu,
    /// Coconut's QEMU, which starts an SVSM before the firmware.
    CoconutQemu,
    /// Amazon EC2.
    Ec2,
    /// Google Compute Engine.
    Gce,
    /// libkrun.
    Libkrun,
}

impl Vmm {
    /// All, in the order of this type.
    pub const ALL: [Self; 5] = [Self::Qemu, Self::CoconutQemu, Self::Ec2, Self::Gce, Self::Libkrun];

    /// The name, in small letters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Qemu => "qemu",
            Self::CoconutQemu => "coconut-qemu",
            Self::Ec2 => "ec2",
            Self::Gce => "gce",
            Self::Libkrun => "libkrun",
        }
    }
}

/// What a further vCPU's save area holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApRule {
    /// This, with CS base and RIP from the firmware's SEV-ES reset address: its upper and lower 16 bits.
    ResetAddress(Vmsa),
    /// This, whatever the firmware says.
    Fixed(Vmsa),
    /// What the first vCPU's holds.
    SameAsBsp,
}

/// What RDX holds at reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RdxRule {
    /// The guest's CPU signature.
    Signature,
    /// This number.
    Fixed(u64),
}

/// How the sections of the firmware's SEV metadata become pages of an SNP launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SectionRules {
    /// The type of an SNP_SEC_MEM section's pages: ZERO, or UNMEASURED.
    pub sec_mem: SectionPages,
    /// Are CPUID sections measured after all others?
    pub cpuid_last: bool,
}

/// The type of pages that have no contents in the digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SectionPages {
    /// PAGE_TYPE_ZERO.
    Zero,
    /// PAGE_TYPE_UNMEASURED.
    Unmeasured,
    /// PAGE_TYPE_SECRETS.
    Secrets,
    /// PAGE_TYPE_CPUID.
    Cpuid,
}

impl SectionRules {
    /// What QEMU does. [QEMU, snp_populate_metadata_pages]
    pub const QEMU: Self = Self { sec_mem: SectionPages::Zero, cpuid_last: false };

    /// The page type for a section without contents; a KERNEL_HASHES section is ZERO where nothing is hashed.
    pub const fn pages(self, kind: SectionKind) -> SectionPages {
        match kind {
            SectionKind::SnpSecMem => self.sec_mem,
            SectionKind::SnpSecrets => SectionPages::Secrets,
            SectionKind::Cpuid => SectionPages::Cpuid,
            SectionKind::SvsmCaa | SectionKind::KernelHashes => SectionPages::Zero,
        }
    }
}

/// What a VMM loads and measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loads {
    /// Firmware with tables.
    Firmware,
    /// Firmware, and an SVSM that is started before it.
    FirmwareAndSvsm,
    /// libkrun's own list of files.
    KrunFiles,
}

/// How sure a profile is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Inferred from sources; never compared with another computation or host.
    Inferred,
    /// Said by a vendor, a commit message or a peer.
    Reported,
    /// Read in the VMM's and the kernel's source.
    Source,
    /// Read in source, and the same bytes come from an independent tool.
    Reproduced,
}

impl Confidence {
    /// One word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inferred => "inferred",
            Self::Reported => "reported",
            Self::Source => "source",
            Self::Reproduced => "reproduced",
        }
    }
}

/// A set of hosts on which a profile holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldsFor {
    /// Host kernels.
    pub kernel: VersionRange,
    /// VMM versions.
    pub vmm: VersionRange,
    /// What DebugSwap must be, where the host kernel decides it for the legacy ioctl.
    pub debug_swap: Option<DebugSwap>,
    /// Must the VM be made by KVM_SEV_INIT2 (`legacy-vm-type=off`)? Nothing where it does not matter.
    pub init2: Option<bool>,
    /// A generation that the host must be of.
    pub generation: Option<sev_launch_abi::Generation>,
}

impl HoldsFor {
    /// Every host with the VMM.
    const ANY: Self = Self {
        kernel: VersionRange::ANY,
        vmm: VersionRange::ANY,
        debug_swap: None,
        init2: None,
        generation: None,
    };
}

/// DebugSwap as the host kernel switches it on for every SEV-ES guest of the legacy ioctl.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DebugSwap {
    /// Must it be on, or off? It is on where the parameter says so and the processor has it.
    pub active: bool,
    /// What kvm_amd's parameter `debug_swap` is by default in these kernels.
    pub default: bool,
}

/// The profile of a name, exactly as [`ALL`] spells it; an error for any other.
pub fn by_name(name: &str) -> Result<&'static LaunchProfile, Error> {
    ALL.iter()
        .find(|profile| profile.name == name)
        .ok_or_else(|| Error::UnknownProfile { found: name.into() })
}

/// What a default launch of a current QEMU does; nothing for plain SEV, which measures no VMSA.
///
/// For SEV-ES this is `es-legacy`, which most published tools do not compute: QEMU makes SEV-ES guests by the legacy
/// ioctl unless told `legacy-vm-type=off`, and for those KVM leaves the FPU's fields zero on every kernel.
pub fn default_for(technology: Technology) -> Option<&'static LaunchProfile> {
    let name = match technology {
        Technology::Sev => return None,
        Technology::SevEs => "es-legacy",
        Technology::Snp => "snp-qemu",
    };
    ALL.iter().find(|profile| profile.name == name)
}

impl LaunchProfile {
    /// The features word that the profile's host sets.
    pub const fn sev_features(&self) -> SevFeatures {
        SevFeatures(self.bsp.sev_features)
    }

    /// Does a further vCPU's page depend on the firmware's reset address?
    pub const fn needs_reset_address(&self) -> bool {
        matches!(self.ap, ApRule::ResetAddress(_))
    }

    /// Is the profile for this technology? An error where it is for another.
    pub(crate) fn check(&self, technology: Technology) -> Result<(), Error> {
        if self.technology == technology {
            return Ok(());
        }
        let (wanted, found) = (self.technology, technology);
        Err(Error::ProfileTechnology { profile: self.name, wanted, found })
    }

    /// The VMSA pages of a guest whose further vCPUs start at `reset_address`.
    ///
    /// Errors: no signature where the profile puts it into RDX; SEV-ES with the SNP bit.
    pub fn vmsa_pages(
        &self,
        reset_address: Option<u32>,
        signature: Option<CpuSignature>,
        sev_features: Option<SevFeatures>,
    ) -> Result<VmsaPages, Error> {
        let features = sev_features.unwrap_or(self.sev_features());
        if self.technology == Technology::SevEs && features.contains(SevFeatures::SNP_ACTIVE) {
            return Err(Error::SevEsFeatures { found: features.0 });
        }
        let rdx = match self.rdx {
            RdxRule::Fixed(value) => value,
            RdxRule::Signature => {
                u64::from(signature.ok_or(Error::NoSignature { profile: self.name })?.0)
            }
        };
        let fill = |vmsa: &Vmsa| Vmsa { rdx, sev_features: features.0, ..vmsa.clone() };
        let bsp = fill(&self.bsp);
        let ap = match &self.ap {
            ApRule::SameAsBsp => bsp.clone(),
            ApRule::Fixed(vmsa) => fill(vmsa),
            ApRule::ResetAddress(vmsa) => {
                let address = reset_address.ok_or(Error::NoResetAddress)?;
                let mut ap = fill(vmsa);
                ap.cs.base = u64::from(address & 0xffff_0000);
                ap.rip = u64::from(address & 0xffff);
                ap
            }
        };
        Ok(VmsaPages { bsp: bsp.to_page(), ap: ap.to_page() })
    }

    /// The pages of a guest with this firmware: captured ones as they are, else the profile's.
    pub(crate) fn pages_of(
        &self,
        firmware: &AbsorbedFirmware,
        vmsas: &Vmsas,
        vcpus: crate::vcpus::VcpuCount,
    ) -> Result<VmsaPages, Error> {
        match vmsas {
            Vmsas::Captured { bsp, ap } => {
                let ap = match ap {
                    Some(ap) => ap.clone(),
                    None if vcpus == crate::vcpus::VcpuCount::ONE => bsp.clone(),
                    None => return Err(Error::NoCapturedAp { vcpus: vcpus.number() }),
                };
                Ok(VmsaPages { bsp: bsp.clone(), ap })
            }
            Vmsas::Profile { signature, sev_features } => {
                let reset = match self.needs_reset_address() {
                    true => Some(firmware.reset_address()?),
                    false => None,
                };
                self.vmsa_pages(reset, *signature, *sev_features)
            }
        }
    }

    /// The page of an SVSM guest, which starts every vCPU at `entry` in 32-bit protected mode.
    pub(crate) fn svsm_page(&self, page: &VmsaPage, entry: Gpa) -> VmsaPage {
        Vmsa { rip: entry.0, ..Vmsa::from_page(page) }.to_page()
    }
}

impl fmt::Display for LaunchProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let error = Error::ProfileTechnology { profile: "es-init2", wanted, found };
            assert_eq!(profile.check(found), Err(error));
        }
    }

    // QEMU, snp_populate_metadata_pages: only secrets and CPUID pages have types of their own.
    #[test]
    fn sections_without_contents_are_zero_pages_for_qemu() {
        let pages = SectionKind::ALL.map(|kind| SectionRules::QEMU.pages(kind));
        let (zero, secrets, cpuid) =
            (SectionPages::Zero, SectionPages::Secrets, SectionPages::Cpuid);
        assert_eq!(pages, [zero, secrets, cpuid, zero, zero]);
    }
}
