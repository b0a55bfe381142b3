//! One guest for all tests: a small firmware, a kernel, an initrd and a command line, and their digests, computed by
//! `sev_launch_testkit::expected`, which shares nothing with the command.

use std::path::PathBuf;

use sev_launch_testkit::expected::{self, Layout, Vmm};
use sev_launch_testkit::firmware::{AMD_SEV_SECTIONS, FirmwareBuilder};
use sev_launch_testkit::kernel;

use super::harness::{Folder, Run};

/// A SEV guest of the test kit with a measured kernel, described.
pub(super) const SEV: &str = r#"
technology = "sev"
policy = 0x1
[firmware]
path = "OVMF.fd"
[boot]
kernel = "vmlinuz"
initrd = "initrd.img"
cmdline = "console=ttyS0 root=/dev/vda1 quiet"
"#;

pub(crate) const RESET: u32 = 0x0080_b004;
pub(crate) const HASH_AREA: u32 = 0x0081_0c00;
pub(crate) const CMDLINE: &str = "console=ttyS0 root=/dev/vda1 quiet";

/// Signatures as QEMU 11.1.3 has them: `-cpu EPYC-Milan`, `-cpu EPYC-Genoa`.
pub(crate) const MILAN: u32 = 0x00a0_0f11;
pub(crate) const GENOA: u32 = 0x00a1_0f10;

/// The guest's files, in a folder of their own.
pub(crate) struct Guest {
    pub(crate) folder: Folder,
    pub(crate) image: Vec<u8>,
    pub(crate) kernel: Vec<u8>,
    pub(crate) initrd: Vec<u8>,
}

pub(crate) fn image() -> FirmwareBuilder {
    FirmwareBuilder::new(0x10000)
        .reset(RESET)
        .secret_area(0x0081_0000, 0xc00)
        .hash_area(HASH_AREA, 0x400)
        .sections(AMD_SEV_SECTIONS)
}

impl Guest {
    /// Writes `OVMF.fd`, `vmlinuz` and `initrd.img`.
    pub(crate) fn new() -> Self {
        let folder = Folder::new();
        let (image, kernel, initrd) =
            (image().build(), kernel::bz_image(13_824), kernel::initrd(5_000));
        folder.file("OVMF.fd", &image);
        folder.file("vmlinuz", &kernel);
        folder.file("initrd.img", &initrd);
        Self { folder, image, kernel, initrd }
    }

    /// `digest` with the firmware and these flags, apart by spaces, in the guest's folder.
    pub(crate) fn digest(&self, flags: &str) -> Run {
        self.run(&format!("digest --firmware OVMF.fd {flags}"))
    }

    /// The same, with kernel, initrd and command line.
    pub(crate) fn measured(&self, flags: &str) -> Run {
        let kernel = format!("--kernel vmlinuz --initrd initrd.img {flags}");
        self.digest(&kernel).with(["--cmdline", CMDLINE])
    }

    /// Any command with these arguments, apart by spaces.
    pub(crate) fn run(&self, arguments: &str) -> Run {
        Run::new(arguments.split_ascii_whitespace()).in_folder(self.folder.path())
    }

    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        self.folder.file(name, bytes)
    }

    /// The table of hashes with another command line.
    pub(crate) fn table_of(&self, cmdline: &[u8]) -> [u8; 176] {
        expected::hashes_table(&self.kernel, Some(&self.initrd), Some(cmdline))
    }

    /// The table of hashes of the guest.
    pub(crate) fn table(&self) -> [u8; 176] {
        self.table_of(CMDLINE.as_bytes())
    }

    /// The SEV digest, with or without the kernel.
    pub(crate) fn sev(&self, table: Option<&[u8; 176]>) -> String {
        hex::encode(expected::sev(&self.image, table))
    }

    /// The SEV-ES digest.
    pub(crate) fn sev_es(
        &self,
        table: Option<&[u8; 176]>,
        (layout, features): (Layout, u64),
        signature: u32,
        vcpus: u32,
    ) -> String {
        let pages = expected::vmsa_pages(layout, signature, features, RESET, vcpus);
        hex::encode(expected::sev_es(&self.image, table, &pages))
    }

    /// The SEV-ES digest of a default QEMU without a kernel: legacy ioctl, so no FPU state.
    pub(crate) fn es_legacy(&self, signature: u32, vcpus: u32) -> String {
        self.sev_es(None, (Layout::QemuNofpu, 0), signature, vcpus)
    }

    /// The SNP digest on QEMU.
    pub(crate) fn snp(&self, table: Option<&[u8; 176]>, signature: u32, vcpus: u32) -> String {
        self.snp_by(Vmm::Qemu, table, (Layout::QemuFpu, 1), signature, vcpus)
    }

    /// The SNP digest on any host.
    pub(crate) fn snp_by(
        &self,
        vmm: Vmm,
        table: Option<&[u8; 176]>,
        (layout, features): (Layout, u64),
        signature: u32,
        vcpus: u32,
    ) -> String {
        let pages = expected::vmsa_pages(layout, signature, features, RESET, vcpus);
        let hashes = table.map(|table| (table, HASH_AREA));
        hex::encode(expected::snp(&self.image, &AMD_SEV_SECTIONS, hashes, &pages, vmm))
    }
}
