//! Launches that load other things than a firmware with its tables: an SVSM below it, and libkrun's files.
//!
//! From sev-snp-measure, `guest.py` (SVSM), and libkrun's `vmm` and `arch` (libkrun).

use super::{CPUID, PAGE, SECRETS, ZERO, extend, normal_pages, sev_es};

/// Where libkrun loads an initrd.
const KRUN_INITRD: u64 = 0x00a0_0000;

/// Where an SVSM of `size` bytes lies: it ends where the variable store starts, which ends where the firmware does start.
///
/// # Panics
///
/// When it does not fit below the firmware.
#[must_use]
pub fn svsm_gpa(firmware_size: usize, vars_size: u64, size: usize) -> u64 {
    let bytes = |size: usize| u64::try_from(size).expect("a file is under 4 GiB");
    let below = [bytes(firmware_size), vars_size, bytes(size)];
    below
        .iter()
        .try_fold(1_u64 << 32, |end, size| end.checked_sub(*size))
        .expect("room below 4 GiB")
}

/// The SNP digest before the sections and CPU states of a guest with an SVSM. `firmware` is the digest after the firmware's
/// pages; sections are the SVSM's own, and [`snp_from`](super::snp_from) adds them and the CPU states.
///
/// # Panics
///
/// When the image is no multiple of 4096 bytes.
#[must_use]
pub fn snp_svsm(firmware: [u8; 48], image: &[u8], gpa: u64) -> [u8; 48] {
    normal_pages(firmware, gpa, image)
}

/// The launch digest of libkrun's SEV-ES guest.
#[must_use]
pub fn krun_sev_es(qboot: &[u8], kernel: &[u8], initrd: &[u8], pages: &[[u8; PAGE]]) -> [u8; 32] {
    sev_es(&[qboot, kernel, initrd, &[0; PAGE]].concat(), None, pages)
}

/// The SNP digest before the CPU states of libkrun's guest, which [`snp_from`](super::snp_from) adds.
///
/// # Panics
///
/// When a file is no multiple of 4096 bytes.
#[must_use]
pub fn krun_snp(qboot: &[u8], kernel: (&[u8], u64), initrd: &[u8]) -> [u8; 48] {
    let (kernel, kernel_gpa) = kernel;
    let digest = super::snp_firmware(qboot);
    let digest = normal_pages(digest, kernel_gpa, kernel);
    let digest = normal_pages(digest, KRUN_INITRD, initrd);
    // The page of boot parameters, which is written to after it was measured.
    let digest = normal_pages(digest, 0x7000, &[0; PAGE]);
    let digest = extend(digest, ZERO, 0, [0; 48]);
    let digest = extend(digest, SECRETS, 0x5000, [0; 48]);
    let digest = extend(digest, CPUID, 0x6000, [0; 48]);
    (0x8000..0xf000).step_by(PAGE).fold(digest, |digest, gpa| extend(digest, ZERO, gpa, [0; 48]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expected::{Layout, Vmm, snp_firmware, snp_from, vmsa_pages};
    use crate::firmware::{self, FirmwareBuilder, Section};

    // sev-snp-measure 0.0.13, `--mode snp:svsm` with these files and EPYC-Milan: docs/reference.md, svsm/snp-svsm-ssm.
    #[test]
    fn an_svsm_s_digest_is_the_peer_s() {
        let sections = [
            Section::new(0x0080_0000, 0x4000, firmware::SEC_MEM),
            Section::new(0x0080_4000, 0x1000, firmware::SECRETS),
            Section::new(0x0080_5000, 0x1000, firmware::CPUID),
        ];
        let svsm = FirmwareBuilder::amd_sev()
            .without(firmware::RESET_BLOCK)
            .without(firmware::HASH_AREA)
            .without(firmware::SECRET_AREA)
            .sections(sections)
            .svsm_info(0x1000)
            .build();
        let image = std::fs::read(crate::testdata_folder().join("firmware/amdsev.fd")).unwrap();
        let gpa = svsm_gpa(image.len(), 0x2_0000, svsm.len());
        let before = snp_svsm(snp_firmware(&image), &svsm, gpa);
        for (vcpus, wanted) in [(1, "896cb61a40d6a7ac"), (4, "8389d309f1544bf5")] {
            let entry = u32::try_from(gpa + 0x1000).unwrap();
            let pages = vmsa_pages(Layout::SvsmFcw0, 0x00a0_0f11, 1, entry, vcpus);
            let digest = hex::encode(snp_from(before, &sections, None, &pages, Vmm::Qemu));
            assert_eq!(digest[..16], *wanted);
        }
    }
}
