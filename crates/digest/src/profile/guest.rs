//! What a profile makes of one guest: whether it is for it, and its VMSA pages.

use alloc::vec::Vec;

use super::error as profile;
use super::facts::{Confidence, LateRegisters, LaunchProfile, Loads, RdxRule};
use super::version::VersionRange;
use crate::cpu;
use crate::error::Error;
use crate::firmware::error as firmware;
use crate::vcpus::VcpuCount;
use crate::vmsa::{Vmsa, VmsaPage, VmsaPages, Vmsas};
use crate::warning::Warning;
use sev_launch_abi::{CpuSignature, Gpa, SevFeatures, Technology};

impl LaunchProfile {
    /// Is the profile for this technology? An error if it is for another.
    pub(crate) fn check(&self, technology: Technology) -> Result<(), Error> {
        if self.technology == technology {
            return Ok(());
        }
        let (wanted, found) = (self.technology, technology);
        Err(Error::ProfileTechnology { profile: self.name, wanted, found })
    }

    /// The same, and is it of a VMM that loads firmware with tables?
    pub(crate) fn check_firmware(&self, technology: Technology) -> Result<(), Error> {
        self.check(technology)?;
        match self.loads {
            Loads::Firmware | Loads::FirmwareAndSvsm => Ok(()),
            Loads::KrunFiles => Err(Error::ProfileOfLibkrun { profile: self.name }),
            Loads::Igvm(_) => Err(Error::ProfileOfIgvm { profile: self.name }),
        }
    }

    /// The VMSA pages of a guest whose further vCPUs start at `reset_address`.
    ///
    /// Errors: no signature though the profile puts it into RDX; SEV-ES with the SNP bit.
    pub fn vmsa_pages(
        &self,
        reset_address: Option<u32>,
        signature: Option<CpuSignature>,
        sev_features: Option<SevFeatures>,
    ) -> Result<VmsaPages, Error> {
        let features = sev_features.unwrap_or(self.sev_features());
        let rdx = match self.rdx {
            RdxRule::Fixed(value) => value,
            RdxRule::Signature => {
                u64::from(signature.ok_or(Error::NoSignature { profile: self.name })?.0)
            }
        };
        let fill = |vmsa: &Vmsa| Vmsa { rdx, sev_features: features.0, ..vmsa.clone() };
        let (bsp, mut ap) = (fill(&self.bsp), fill(self.further()));
        if self.needs_reset_address {
            let address = reset_address.ok_or(firmware::Error::NoResetAddress)?;
            ap.cs.base = u64::from(address & 0xffff_0000);
            ap.rip = u64::from(address & 0xffff);
        }
        Ok(VmsaPages::new(self.technology, bsp.to_page(), ap.to_page())?)
    }

    /// The pages of a guest: captured ones as they are, else the profile's, with the firmware's reset address if needed.
    pub(crate) fn pages_of(
        &self,
        reset_address: impl FnOnce() -> Result<u32, firmware::Error>,
        vmsas: &Vmsas,
        vcpus: VcpuCount,
    ) -> Result<VmsaPages, Error> {
        match vmsas {
            Vmsas::Captured { bsp, ap } => {
                let ap = match ap {
                    Some(ap) => ap.clone(),
                    // Every vCPU has the first one's page.
                    None if vcpus.late() + 1 == vcpus.number() => bsp.clone(),
                    None => return Err(Error::NoCapturedAp { vcpus: vcpus.number() }),
                };
                Ok(VmsaPages::new(self.technology, bsp.clone(), ap)?)
            }
            Vmsas::Profile { signature, sev_features } => {
                let reset = self.needs_reset_address.then(reset_address).transpose()?;
                self.vmsa_pages(reset, *signature, *sev_features)
            }
        }
    }

    /// The page of an SVSM guest, which starts every vCPU at `entry` in 32-bit protected mode.
    pub(crate) fn svsm_page(&self, page: &VmsaPage, entry: Gpa) -> VmsaPage {
        Vmsa { rip: entry.0, ..Vmsa::from_page(page) }.to_page()
    }

    /// What is odd about a guest's VMSAs.
    pub(crate) fn vmsa_warnings(&self, vmsas: &Vmsas, pages: &VmsaPages) -> Vec<Warning> {
        let mut warnings = Vec::new();
        let features = pages.sev_features();
        let unknown = features.unknown_to_hosts();
        if unknown.0 != 0 {
            warnings.push(Warning::UnknownFeatures { features, unknown });
        }
        if self.technology == Technology::Snp && !features.contains(SevFeatures::SNP_ACTIVE) {
            warnings.push(Warning::NoSnpActive { features });
        }
        if let (Vmsas::Profile { signature: Some(signature), .. }, RdxRule::Signature) =
            (vmsas, self.rdx)
        {
            warnings.extend(cpu::doubt(*signature, self.technology).map(Warning::Cpu));
        }
        if self.confidence == Confidence::Inferred {
            warnings.push(Warning::Unconfirmed { profile: self.name });
        }
        warnings
    }

    /// What registers a vCPU has that was added after the VMM gave those that existed their own.
    ///
    /// Errors: a VMM of which no such vCPU is known; a version of it, where known, that leaves it open.
    pub fn late_registers(&self, version: Option<VersionRange>) -> Result<LateRegisters, Error> {
        let version = version.unwrap_or(VersionRange::ANY);
        let mut fitting = self.late_vcpus.iter().filter(|rule| rule.vmm.meets(version));
        match (fitting.next(), fitting.next()) {
            (Some(rule), None) => Ok(rule.registers),
            (None, _) => Err(profile::Error::NoLateVcpus { profile: self.name }.into()),
            (Some(_), Some(_)) => Err(profile::Error::LateVcpus { profile: self.name }.into()),
        }
    }

    /// What speaks against a host of this profile starting that many vCPUs; `None` if nothing does.
    pub fn vcpus_warning(&self, vcpus: VcpuCount) -> Option<Warning> {
        let found = vcpus.number();
        let endorsed = self.endorsed_vcpus?;
        (!endorsed.counts.contains(&found)).then_some(Warning::Vcpus { found, endorsed })
    }
}
