//! Guests of every kind from images with damaged tables: a launch that can happen has one digest, whichever way it is asked for.

use arbitrary::{Result, Unstructured};
use sev_launch_abi::{CpuSignature, Gpa, SevFeatures};
use sev_launch_digest::firmware::{AbsorbedFirmware, Firmware};
use sev_launch_digest::hash::{Portable, Sha256Digest};
use sev_launch_digest::kernel_hashes::KernelHashes;
use sev_launch_digest::{Guest, Launch, VcpuCount, Vmsas, libkrun, profile, sev, sev_es, snp};

use super::changed_image;

/// Sections may say that a guest has a million pages: a launch with more than this many is not computed.
pub(super) const MOST_PAGES: u64 = 200;

/// The input chooses an image, a profile, and what a guest is.
pub(crate) fn run(bytes: &[u8]) {
    // Where the bytes end too early, there is no guest.
    let _ = launch(&mut Unstructured::new(bytes));
}

fn launch(u: &mut Unstructured<'_>) -> Result<()> {
    let image = changed_image(u)?;
    let Ok(firmware) = Firmware::parse(&image) else { return Ok(()) };
    let firmware = &firmware.absorb();
    let profile = u.choose(profile::ALL)?;
    let hash = Sha256Digest::from_bytes([u.arbitrary()?; 32]);
    let hashes = KernelHashes { kernel: hash, initrd: KernelHashes::no_initrd(), cmdline: hash };
    let kernel_hashes = u.arbitrary::<bool>()?.then_some(hashes);
    let vcpus = VcpuCount::new(u.int_in_range(1..=4)?).expect("a good count");
    let vcpus = vcpus.with_late(u.int_in_range(0..=2)?).unwrap_or(vcpus);
    let signature = u.arbitrary::<Option<u32>>()?.map(CpuSignature);
    let sev_features = u.arbitrary::<Option<u64>>()?.map(SevFeatures);
    let vmsas = Vmsas::Profile { signature, sev_features };
    let monitor = changed_image(u)?;
    let svsm = snp::Svsm::place(&monitor, firmware, u.arbitrary()?);
    let svsm = svsm.as_ref().ok().filter(|_| profile.name.contains("svsm"));
    let files = [u.int_in_range(0..=2)?, u.int_in_range(0..=2)?, u.int_in_range(0..=2)?];
    let [qboot, kernel, initrd] = files.map(|pages| vec![7; pages * 0x800]);
    let guests = [
        Guest::Sev(sev::Guest { firmware, kernel_hashes }),
        Guest::SevEs(sev_es::Guest {
            firmware,
            kernel_hashes,
            vcpus,
            profile,
            vmsas: vmsas.clone(),
        }),
        Guest::Snp(snp::Guest {
            firmware,
            kernel_hashes,
            svsm,
            vcpus,
            profile,
            vmsas: vmsas.clone(),
        }),
        Guest::Libkrun(libkrun::Guest {
            qboot: &qboot,
            kernel: &kernel,
            kernel_gpa: Gpa(u.arbitrary()?),
            initrd: &initrd,
            vcpus,
            profile,
            vmsas,
        }),
    ];
    let guest = u.choose(&guests)?;
    let tables = svsm.map_or(firmware, snp::Svsm::firmware);
    if matches!(guest, Guest::Snp(_)) && pages(tables) > MOST_PAGES {
        return Ok(());
    }
    if let Ok(launch) = guest.launch() {
        agrees(&launch, vcpus);
    } else {
        // Of plain SEV, only a kernel whose hashes have no place is refused.
        assert!(!matches!(guest, Guest::Sev(_)) || kernel_hashes.is_some(), "SEV is refused");
    }
    Ok(())
}

/// The digest by itself, the last of the trace, and the one of the pass over all numbers of vCPUs.
fn agrees(launch: &Launch<'_>, vcpus: VcpuCount) {
    let digest = launch.digest();
    assert_eq!(launch.trace().last().map(|(_, digest)| digest), Some(digest));
    if vcpus.late() == 0 && !matches!(launch, Launch::Sev(_)) {
        let nth = usize::try_from(vcpus.number() - 1).expect("few");
        assert_eq!(launch.digests(&Portable).nth(nth), Some(digest));
    }
}

/// How many pages its sections have.
pub(super) fn pages(firmware: &AbsorbedFirmware) -> u64 {
    let sections = firmware.sections().unwrap_or_default();
    sections.iter().map(|section| u64::from(section.length) / 4096).sum()
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    super::patterns(256)
}
