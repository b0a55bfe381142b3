//! Launch digests computed a second time, for the expected values of tests.
//!
//! Written from the published interfaces (AMD 55766, LAUNCH_UPDATE_DATA and LAUNCH_UPDATE_VMSA; AMD
//! 56860, PAGE_INFO; QEMU, `target/i386/sev.c`) and sharing nothing with the code under test. It is
//! short because it parses nothing: the caller says where the firmware's reset address, sections
//! and hash area are, and it refuses nothing that can be computed at all.
//!
//! An SNP digest is a chain over pages in the order in which they are loaded, so for an order that
//! no function here has, [`extend`] and [`normal_pages`] build one.

pub mod igvm;
mod measurement;
mod others;
mod profiles;
mod vmsa;

use serde::Deserialize;
use sha2::{Digest, Sha256, Sha384};

pub use self::measurement::{hmac, measurement};
pub use self::others::{krun_sev_es, krun_snp, snp_svsm, svsm_gpa};
pub use self::profiles::{IGVM_PROFILES, Loads, PROFILES, Profile, profile};
pub use self::vmsa::{Layout, late, vmsa_page, vmsa_pages};
use crate::firmware::{self, Section};
use crate::{index, put};

/// Bytes of a page, and of an initial CPU state.
pub const PAGE: usize = 4096;
/// PAGE_TYPE of a page that is measured with its bytes (AMD 56860, PAGE_INFO).
pub const NORMAL: u8 = 1;
/// PAGE_TYPE of an initial CPU state, measured with its bytes.
pub const VMSA: u8 = 2;
/// PAGE_TYPE of a page that is zero when the guest starts.
pub const ZERO: u8 = 3;
/// PAGE_TYPE of a page whose bytes are not measured; that it is there is measured.
pub const UNMEASURED: u8 = 4;
/// PAGE_TYPE of the secrets page.
pub const SECRETS: u8 = 5;
/// PAGE_TYPE of the CPUID page.
pub const CPUID: u8 = 6;
/// Guest physical address of every CPU state under KVM (Linux, `INITIAL_VMSA_GPA`).
pub const VMSA_GPA: u64 = 0xffff_ffff_f000;
/// Guest physical address of every CPU state on Google's hosts with 52 address bits (Genoa).
pub const VMSA_GPA_52: u64 = 0x000f_ffff_ffff_f000;

/// Who loads the pages of an SNP guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Vmm {
    /// QEMU on KVM: sections in the order of the metadata.
    Qemu,
    /// Amazon EC2: as QEMU, with the CPUID sections last.
    Ec2,
    /// Google Compute Engine: as QEMU, with `SNP_SEC_MEM` unmeasured.
    Gce,
    /// Google Compute Engine on Genoa: CPU states at [`VMSA_GPA_52`].
    GceGenoa,
}

/// The table of kernel hashes (QEMU, `build_kernel_loader_hashes`): 168 bytes and 8 of zeros.
///
/// `initrd` `None` counts as no bytes, `cmdline` `None` as an empty command line. The NUL after the
/// command line is added here.
#[must_use]
pub fn hashes_table(kernel: &[u8], initrd: Option<&[u8]>, cmdline: Option<&[u8]>) -> [u8; 176] {
    let cmdline = [cmdline.unwrap_or_default(), b"\0"].concat();
    let rows: [(&str, [u8; 32]); 3] = [
        ("97d02dd8-bd20-4c94-aa78-e7714d36ab2a", Sha256::digest(cmdline).into()),
        ("44baf731-3a2f-4bd7-9af1-41e29169781d", Sha256::digest(initrd.unwrap_or_default()).into()),
        ("4de79437-abd2-427f-b835-d5b172d2045b", Sha256::digest(kernel).into()),
    ];
    let mut table = firmware::guid("9438d606-4f22-4cc9-b479-a793d411fd21").to_vec();
    table.extend(168_u16.to_le_bytes());
    for (guid, hash) in rows {
        table.extend(firmware::guid(guid));
        table.extend(50_u16.to_le_bytes());
        table.extend(hash);
    }
    table.resize(176, 0);
    table.try_into().expect("the table has 176 bytes")
}

/// The launch digest of an SEV guest: SHA-256 of the image, then of the table of kernel hashes.
#[must_use]
pub fn sev(image: &[u8], hashes: Option<&[u8; 176]>) -> [u8; 32] {
    sev_es(image, hashes, &[])
}

/// The launch digest of an SEV-ES guest: as [`sev`], then the CPU states in the order of the CPUs.
#[must_use]
pub fn sev_es(image: &[u8], hashes: Option<&[u8; 176]>, pages: &[[u8; PAGE]]) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(image);
    if let Some(hashes) = hashes {
        digest.update(hashes);
    }
    for page in pages {
        digest.update(page);
    }
    digest.finalize().into()
}

/// The launch digest of an SEV-SNP guest.
///
/// `hashes` is the table of kernel hashes and the guest physical address of the firmware's hash
/// area, of which only the offset in its page counts. `pages` are the CPU states, one for each CPU.
///
/// # Panics
///
/// When the image is no multiple of 4096 bytes, a section's kind is unknown or its length is no
/// multiple of 4096, or the table does not fit in its section.
#[must_use]
pub fn snp(
    image: &[u8],
    sections: &[Section],
    hashes: Option<(&[u8; 176], u32)>,
    pages: &[[u8; PAGE]],
    vmm: Vmm,
) -> [u8; 48] {
    snp_from(snp_firmware(image), sections, hashes, pages, vmm)
}

/// The SNP digest after the firmware's pages only; the image ends at 4 GiB.
///
/// # Panics
///
/// When the image is no multiple of 4096 bytes, or larger than 4 GiB.
#[must_use]
pub fn snp_firmware(image: &[u8]) -> [u8; 48] {
    let size = u64::try_from(image.len()).expect("an image is under 4 GiB");
    normal_pages([0; 48], (1_u64 << 32) - size, image)
}

/// As [`snp`], from the digest after the firmware's pages.
///
/// # Panics
///
/// As [`snp`].
#[must_use]
pub fn snp_from(
    firmware: [u8; 48],
    sections: &[Section],
    hashes: Option<(&[u8; 176], u32)>,
    pages: &[[u8; PAGE]],
    vmm: Vmm,
) -> [u8; 48] {
    let mut ordered = sections.to_vec();
    if vmm == Vmm::Ec2 {
        ordered.sort_by_key(|section| section.kind == firmware::CPUID);
    }
    let google = matches!(vmm, Vmm::Gce | Vmm::GceGenoa);
    let mut digest = firmware;
    for section in &ordered {
        let gpa = u64::from(section.base);
        let page_type = match (section.kind, hashes) {
            (firmware::KERNEL_HASHES, Some((table, area))) => {
                let mut bytes = vec![0; index(section.length)];
                put(&mut bytes, index(area & 0xfff), table, "table of kernel hashes");
                digest = normal_pages(digest, gpa, &bytes);
                continue;
            }
            (firmware::SEC_MEM, _) if google => UNMEASURED,
            (firmware::SEC_MEM | firmware::SVSM_CAA | firmware::KERNEL_HASHES, _) => ZERO,
            (firmware::SECRETS, _) => SECRETS,
            (firmware::CPUID, _) => CPUID,
            (kind, _) => panic!("no section of kind {kind:#x} is known"),
        };
        assert_eq!(section.length % 4096, 0, "a section has whole pages");
        for offset in (0..u64::from(section.length)).step_by(PAGE) {
            digest = extend(digest, page_type, gpa + offset, [0; 48]);
        }
    }
    let gpa = if vmm == Vmm::GceGenoa { VMSA_GPA_52 } else { VMSA_GPA };
    pages.iter().fold(digest, |digest, page| extend(digest, VMSA, gpa, Sha384::digest(page).into()))
}

/// The digest after the pages of `bytes`, all of type [`NORMAL`], the first at `gpa`.
///
/// # Panics
///
/// When the bytes are not whole pages.
#[must_use]
pub fn normal_pages(digest: [u8; 48], gpa: u64, bytes: &[u8]) -> [u8; 48] {
    assert_eq!(bytes.len() % PAGE, 0, "{:#x} bytes are not whole pages", bytes.len());
    let pages = bytes.chunks(PAGE).zip((gpa..).step_by(PAGE));
    pages.fold(digest, |digest, (page, gpa)| {
        extend(digest, NORMAL, gpa, Sha384::digest(page).into())
    })
}

/// The digest after one more page: SHA-384 of the 112 bytes of PAGE_INFO (AMD 56860).
///
/// `contents` is the SHA-384 of a page of type [`NORMAL`] or [`VMSA`], and 48 zeros for the others.
#[must_use]
pub fn extend(digest: [u8; 48], page_type: u8, gpa: u64, contents: [u8; 48]) -> [u8; 48] {
    let mut info = [0; 0x70];
    put(&mut info, 0x00, &digest, "DIGEST_CUR");
    put(&mut info, 0x30, &contents, "CONTENTS");
    put(&mut info, 0x60, &0x70_u16.to_le_bytes(), "LENGTH");
    put(&mut info, 0x62, &[page_type], "PAGE_TYPE");
    put(&mut info, 0x68, &gpa.to_le_bytes(), "GPA");
    Sha384::digest(info).into()
}

#[cfg(test)]
mod tests;
