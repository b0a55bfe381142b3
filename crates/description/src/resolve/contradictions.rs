//! Parts of a description that contradict each other, and those that a launch does not measure.

use sev_launch_abi::Technology;
use sev_launch_digest::profile::{self, Loads, QEMU_HAS_IGVM, Vmm, VmmFact};

use crate::description::{Description, Image};
use crate::error::{Error, NotMeasured};

/// The first of some contradictions that holds.
pub(super) fn refuse<const N: usize>(contradictions: [(bool, Error); N]) -> Result<(), Error> {
    let found = contradictions.into_iter().find(|(holds, _)| *holds);
    found.map_or(Ok(()), |(_, error)| Err(error))
}

pub(super) fn not_measured(key: &'static str, reason: NotMeasured) -> Error {
    Error::NotMeasured { key, reason }
}

/// What needs a kernel, and what an SVSM needs and rules out.
pub(super) fn check_boot(description: &Description, technology: Technology) -> Result<(), Error> {
    let Description { boot, svsm, firmware, .. } = description;
    let (kernel, image) = (boot.kernels.is_some(), svsm.image.is_some());
    let digest = firmware.snp_digest.is_some();
    refuse([
        (!kernel && boot.initrds.is_some(), Error::NoKernel { key: "boot.initrd" }),
        (!kernel && boot.cmdlines.is_some(), Error::NoKernel { key: "boot.cmdline" }),
        (!image && svsm.vars.is_some(), Error::NoSvsm),
        (image && svsm.vars.is_none(), Error::NoVars),
        (
            image && technology != Technology::Snp,
            not_measured("svsm.image", NotMeasured::SvsmOutsideSnp),
        ),
        (image && kernel, not_measured("boot.kernel", NotMeasured::KernelWithSvsm)),
        (image && digest, not_measured("firmware.snp_digest", NotMeasured::DigestWithSvsm)),
    ])
}

/// What is said of one image must be of one image; its SHA-256 proves the image's bytes, and nothing that somebody stored beside
/// them: no SNP digest, and none of the tables that an absorbed firmware has, which say where further vCPUs start and where a
/// secret goes. The first vCPU's page is the one that all have.
pub(super) fn check_images(description: &Description) -> Result<(), Error> {
    let Description { firmware, vmsa, .. } = description;
    let (sha256, digest) = (firmware.sha256.is_some(), firmware.snp_digest.is_some());
    let images = firmware.images.as_ref().map_or(&[][..], |field| &field.value);
    let elsewhere = digest || images.iter().any(|image| matches!(image, Image::Absorbed(_)));
    refuse([
        ((sha256 || digest) && images.len() > 1, Error::SeveralFirmwares),
        (sha256 && elsewhere, Error::UnprovenFirmware),
        (vmsa.ap.is_some() && vmsa.bsp.is_none(), Error::NoFirstPage),
    ])
}

/// What an IGVM file brings itself, and what QEMU does not take beside one. [QEMU, qigvm_process_file; seen in 10.2.2]
pub(super) fn check_igvm(description: &Description, technology: Technology) -> Result<(), Error> {
    let Description { firmware, vmsa, svsm, boot, id_block, .. } = description;
    if !description.is_igvm() {
        return Ok(());
    }
    let images = firmware.images.as_ref().map_or(&[][..], |field| &field.value);
    let is_mixed = !images.iter().all(|image| matches!(image, Image::Igvm(_)));
    let in_flash = firmware.in_flash.as_ref().is_some_and(|field| field.value);
    // On is what is meant where nothing is said.
    let hashes = boot.kernel_hashes.as_ref().is_none_or(|field| field.value.contains(&true));
    let digest = firmware.snp_digest.is_some();
    // A profile that is named is one of VMMs that do.
    let vmm = description.host.facts()?.vmm.filter(|_| description.profiles.is_none());
    let starts_none = vmm.is_some_and(|vmm| !starts_igvms(vmm, technology));
    refuse([
        (is_mixed, Error::IgvmAndImage),
        (starts_none, Error::VmmWithoutIgvm { technology }),
        (digest, not_measured("firmware.snp_digest", NotMeasured::DigestOfIgvm)),
        (vmsa.bsp.is_some(), not_measured("vmsa.bsp", NotMeasured::PagesOfIgvm)),
        (svsm.image.is_some(), not_measured("svsm.image", NotMeasured::SvsmOfIgvm)),
        (id_block.is_some(), not_measured("id_block", NotMeasured::IdBlockOfIgvm)),
        (in_flash, not_measured("firmware.in_flash", NotMeasured::FlashOfIgvm)),
        (boot.kernels.is_some() && hashes, not_measured("boot.kernel", NotMeasured::HashesOfIgvm)),
    ])
}

/// Could the VMM start guests from an IGVM file? In plain SEV, which has no profiles, only QEMU's behaviour is known.
fn starts_igvms(fact: VmmFact, technology: Technology) -> bool {
    let is_older = fact.version.and_then(|version| version.is_before(QEMU_HAS_IGVM)) == Some(true);
    match fact.vmm {
        Vmm::Qemu => !is_older,
        vmm => profile::ALL.iter().any(|profile| {
            let loads_igvm = matches!(profile.loads, Loads::Igvm(_));
            loads_igvm && profile.vmm == vmm && profile.technology == technology
        }),
    }
}

/// Plain SEV measures neither registers nor pages, and the others every vCPU. What only SNP has, the others cannot heed.
pub(super) fn check_technology(
    description: &Description,
    technology: Technology,
) -> Result<(), Error> {
    let Description { profiles, vmsa, firmware, boot, vcpus, host_data, id_block, .. } =
        description;
    let (is_sev, is_snp) = (technology == Technology::Sev, technology == Technology::Snp);
    let digest = firmware.snp_digest.is_some();
    refuse([
        (!is_sev && vcpus.is_none(), Error::NoVcpus { technology }),
        (is_sev && profiles.is_some(), not_measured("profile", NotMeasured::ProfileInSev)),
        (is_sev && vmsa.bsp.is_some(), not_measured("vmsa.bsp", NotMeasured::PagesInSev)),
        (!is_snp && digest, not_measured("firmware.snp_digest", NotMeasured::DigestOutsideSnp)),
        (
            !is_snp && boot.kernel_gpa.is_some(),
            not_measured("boot.kernel_gpa", NotMeasured::KernelGpa),
        ),
        (
            !is_snp && host_data.is_some(),
            not_measured("host_data", NotMeasured::HostDataOutsideSnp),
        ),
        (!is_snp && id_block.is_some(), not_measured("id_block", NotMeasured::IdBlockOutsideSnp)),
    ])
}
