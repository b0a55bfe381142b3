//! A guest that is started from an IGVM file.

use alloc::vec::Vec;

use super::error::Error;
use super::load::{Before, Loaded};
use super::registers::Registers;
use super::rules::LoaderRules;
use crate::launch::Launch;
use crate::profile::facts::{LaunchProfile, Loads, RdxRule};
use crate::vcpus::VcpuCount;
use crate::vmsa::{Vmsa, VmsaPage, VmsaPages, Vmsas};
use crate::warning::Warning;
use crate::{sev, sev_es, snp};
use sev_launch_abi::{CpuSignature, SevFeatures, Technology};

/// What a guest is started from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest<'a> {
    /// The file, as the profile's loader takes it for the guest's technology.
    pub loaded: &'a Loaded,
    /// How many vCPUs exist at launch.
    pub vcpus: VcpuCount,
    /// What the host does; `None` in plain SEV, which measures no registers.
    pub profile: Option<&'a LaunchProfile>,
    /// Where the VMSAs come from: always the profile, which says what the file leaves open.
    pub vmsas: Vmsas,
}

impl LaunchProfile {
    /// The rules by which its VMM takes in an IGVM file.
    ///
    /// Errors: a VMM that takes none in, or not by this profile.
    pub fn igvm_rules(&self) -> Result<&'static LoaderRules, Error> {
        match self.loads {
            Loads::Igvm(rules) => Ok(rules),
            _ => Err(Error::Profile { profile: self.name }),
        }
    }
}

impl<'a> Guest<'a> {
    /// Checks what QEMU and KVM check, and makes the VMSAs.
    ///
    /// Errors: registers that the loader or KVM refuses, or of a vCPU that there is not; features that are described and not the
    /// file's; no signature though a vCPU's registers hold it; a profile of another loader.
    pub fn launch(&self) -> Result<Launch<'a>, crate::Error> {
        let loaded = self.loaded;
        let mut warnings = loaded.warnings.clone();
        let before = match &loaded.before {
            Before::Sev(regions) => sev::Launch::of_regions(regions),
            Before::Snp(updates) => return self.snp(updates, warnings),
        };
        let Some(profile) = self.profile else {
            return match loaded.technology {
                Technology::Sev => Ok(Launch::Sev(before.with_warnings(warnings))),
                _ => Err(Error::Profile { profile: "none" }.into()),
            };
        };
        self.check(profile)?;
        let pages = self.pages(profile, &mut warnings)?;
        let vmsas = pages.map(sev_es::VmsaUpdates::new);
        Ok(Launch::SevEs(sev_es::Launch { before, vmsas, vcpus: self.vcpus, warnings }))
    }

    fn snp(
        &self,
        updates: &[snp::LaunchUpdate],
        mut warnings: Vec<Warning>,
    ) -> Result<Launch<'a>, crate::Error> {
        let profile = self.profile.ok_or(Error::Profile { profile: "none" })?;
        self.check(profile)?;
        let pages = self.pages(profile, &mut warnings)?;
        let vmsas = pages.map(|pages| snp::VmsaUpdates::new(profile, pages));
        let mut launch =
            snp::Launch { before: updates.to_vec(), vmsas, vcpus: self.vcpus, warnings };
        if let Some((block, _)) = self.loaded.id_block()
            && block.launch_digest != launch.digest()
        {
            launch.warnings.push(Warning::IgvmIdBlock { wanted: block.launch_digest });
        }
        Ok(Launch::Snp(launch))
    }

    /// Is the profile one of the loader that has taken the file in?
    fn check(&self, profile: &LaunchProfile) -> Result<(), crate::Error> {
        profile.check(self.loaded.technology)?;
        if profile.igvm_rules()? != self.loaded.rules {
            return Err(Error::Profile { profile: profile.name }.into());
        }
        Ok(())
    }

    /// The pages of the vCPUs; `None` where the loader measures the file's own in their places.
    fn pages(
        &self,
        profile: &LaunchProfile,
        warnings: &mut Vec<Warning>,
    ) -> Result<Option<VmsaPages>, crate::Error> {
        let Vmsas::Profile { signature, sev_features: described } = &self.vmsas else {
            return Err(Error::CapturedPages.into());
        };
        if self.loaded.rules.measures_own_vmsas() {
            return Ok(None);
        }
        let features = self.features(profile, warnings)?;
        if let Some(described) = described.filter(|described| *described != features) {
            return Err(Error::OtherFeatures { described, found: features }.into());
        }
        let launch = Vmsa { sev_features: features.0, ..profile.bsp.clone() };
        let count = self.vcpus.number();
        let mut own = Vec::new();
        for (vcpu, found, _) in &self.loaded.contexts.replaced {
            let (vcpu, found, wanted) = (*vcpu, *found, profile.vmsa_gpa);
            if found != wanted {
                return Err(Error::VmsaAddress { vcpu, found, wanted }.into());
            }
        }
        for (vcpu, (context, page)) in &self.loaded.contexts.last {
            if u32::from(*vcpu) >= count {
                return Err(Error::NoSuchVcpu { vcpu: *vcpu, count }.into());
            }
            let (vcpu, gpa, signature) = (*vcpu, context.gpa, *signature);
            let registers = Registers { vcpu, gpa, page, signature };
            let measured = registers.measured(profile.vmsa_gpa, &launch)?;
            own.push((u32::from(vcpu), measured.to_page()));
        }
        let reset = self.reset(profile, &launch, *signature, own.len())?;
        if let Some(signature) =
            signature.filter(|_| own.len() < usize::try_from(count).unwrap_or(usize::MAX))
        {
            warnings.extend(crate::cpu::doubt(signature, profile.technology).map(Warning::Cpu));
        }
        Ok(Some(VmsaPages::new(profile.technology, reset.clone(), reset)?.with_own(own)))
    }

    /// The page of a vCPU of which the file says nothing.
    fn reset(
        &self,
        profile: &LaunchProfile,
        launch: &Vmsa,
        signature: Option<CpuSignature>,
        own: usize,
    ) -> Result<VmsaPage, crate::Error> {
        let is_needed = usize::try_from(self.vcpus.number()).is_ok_and(|count| own < count);
        let rdx = match (profile.rdx, signature) {
            (RdxRule::Fixed(value), _) => value,
            (RdxRule::Signature, Some(signature)) => u64::from(signature.0),
            (RdxRule::Signature, None) if is_needed => {
                return Err(crate::Error::NoSignature { profile: profile.name });
            }
            (RdxRule::Signature, None) => 0,
        };
        Ok(Vmsa { rdx, ..launch.clone() }.to_page())
    }

    /// The features of all vCPUs, which are those of the first one's registers, or the kernel's own for a guest of the legacy ioctl.
    /// Others' are looked at only.
    fn features(
        &self,
        profile: &LaunchProfile,
        warnings: &mut Vec<Warning>,
    ) -> Result<SevFeatures, Error> {
        let contexts = &self.loaded.contexts;
        for (vcpu, _, features) in &contexts.replaced {
            check_features(profile, *vcpu, SevFeatures(*features))?;
        }
        for (vcpu, (_, page)) in &contexts.last {
            check_features(profile, *vcpu, page.sev_features())?;
        }
        let first = contexts.last.get(&0).map(|(_, page)| page.sev_features());
        let features =
            first.filter(|_| profile.is_protected_vm()).unwrap_or(profile.sev_features());
        if features.contains(SevFeatures::SECURE_TSC) {
            warnings.push(Warning::IgvmSecureTsc);
        }
        Ok(features)
    }
}

/// Does QEMU start a vCPU with these features? [QEMU, check_sev_features; Linux, KVM_X86_SEV_VMSA_FEATURES]
fn check_features(profile: &LaunchProfile, vcpu: u16, found: SevFeatures) -> Result<(), Error> {
    let refuse = |reason| Err(Error::Features { vcpu, found, reason });
    let is_snp = profile.technology == Technology::Snp;
    let rest = SevFeatures(found.0 & !SevFeatures::SNP_ACTIVE.0);
    match (is_snp, found.contains(SevFeatures::SNP_ACTIVE)) {
        (true, false) => return refuse("an SNP guest has bit 0 (SNPActive)"),
        (false, true) => return refuse("a SEV-ES guest has not bit 0 (SNPActive)"),
        _ => {}
    }
    let kvm = if profile.is_protected_vm() {
        SevFeatures::DEBUG_SWAP.0 | SevFeatures::SECURE_TSC.0
    } else {
        0
    };
    if rest.0 & !kvm != 0 {
        return refuse(
            "KVM supports DebugSwap (0x20), on newer kernels secure TSC (0x200), and no others; none where the VM is made by the legacy ioctl",
        );
    }
    Ok(())
}
