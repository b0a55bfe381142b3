//! The files that every tool reads: made under target/reference/inputs, or found on this system.
//!
//! Ours come from testdata where they are there; what is missing is made up with the same properties.
//! A distribution's firmware is taken where its package is installed and skipped where it is not. The
//! distribution's kernel and an initrd of 200 MB cost time and a download, so only the full run has them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use sev_launch_testkit::firmware::{
    CPUID, FirmwareBuilder, HASH_AREA, KERNEL_HASHES, RESET_BLOCK, SEC_MEM, SECRET_AREA, SECRETS,
    SEV_METADATA, Section, guid,
};

use super::peers::checked;
use crate::random::Random;

/// Firmware files of the `ovmf` package, in Debian's and its descendants' places.
pub(crate) const DISTRIBUTION_FIRMWARE: &[&str] = &[
    "/usr/share/ovmf/OVMF.fd",
    "/usr/share/ovmf/OVMF.amdsev.fd",
    "/usr/share/OVMF/OVMF_CODE.fd",
    "/usr/share/OVMF/OVMF_CODE.secboot.fd",
    "/usr/share/OVMF/OVMF_CODE_4M.fd",
    "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd",
];

/// The meta package whose newest kernel is fetched: the smallest of Debian's.
const KERNEL_META_PACKAGE: &str = "linux-image-cloud-amd64";

const LARGE_INITRD_BYTES: usize = 200 * 1024 * 1024;

/// Where each input of this run lies, by its name in the cases.
pub(crate) struct Inputs {
    pub(crate) folder: PathBuf,
    paths: BTreeMap<String, PathBuf>,
    /// One line for each input that comes from outside of the repository.
    pub(crate) origins: Vec<String>,
}

impl Inputs {
    pub(crate) fn make(root: &Path, folder: &Path, full: bool) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
        let mut inputs =
            Self { folder: folder.to_path_buf(), paths: BTreeMap::new(), origins: Vec::new() };
        inputs.ours(root)?;
        inputs.made_up()?;
        inputs.distribution_firmware()?;
        if full {
            inputs.large_initrd()?;
            if let Err(error) = inputs.distribution_kernel() {
                eprintln!("reference: no distribution kernel: {error:#}");
            }
        }
        Ok(inputs)
    }

    /// The file of that name, unless this run does not have it.
    pub(crate) fn path(&self, name: &str) -> Option<&Path> {
        self.paths.get(name).map(PathBuf::as_path)
    }

    fn ours(&mut self, root: &Path) -> Result<()> {
        for (name, file) in [
            ("amdsev.fd", "testdata/firmware/amdsev.fd"),
            ("vmlinuz", "testdata/boot/vmlinuz"),
            ("initrd.img", "testdata/boot/initrd.img"),
        ] {
            let file = root.join(file);
            anyhow::ensure!(file.is_file(), "{}: cargo xtask testdata makes it", file.display());
            self.paths.insert(name.into(), file);
        }
        Ok(())
    }

    fn made_up(&mut self) -> Result<()> {
        let amd_sev = FirmwareBuilder::amd_sev;
        // Tools of 2024 and before do not know SVSM_CAA.
        let without_caa = [
            Section::new(0x80_0000, 0x9000, SEC_MEM),
            Section::new(0x80_a000, 0x3000, SEC_MEM),
            Section::new(0x80_d000, 0x1000, SECRETS),
            Section::new(0x80_e000, 0x1000, CPUID),
            Section::new(0x81_1000, 0xf000, SEC_MEM),
            Section::new(0x81_0000, 0x1000, KERNEL_HASHES),
        ];
        // An SVSM's own memory, secrets and CPUID page.
        let svsm = [
            Section::new(0x80_0000, 0x4000, SEC_MEM),
            Section::new(0x80_4000, 0x1000, SECRETS),
            Section::new(0x80_5000, 0x1000, CPUID),
        ];
        let svsm = amd_sev()
            .without(RESET_BLOCK)
            .without(HASH_AREA)
            .without(SECRET_AREA)
            .sections(svsm)
            .svsm_info(0x1000);
        for (name, image) in [
            ("no-caa.fd", amd_sev().size(128 << 10).sections(without_caa)),
            ("no-hash-area.fd", amd_sev().without(HASH_AREA)),
            ("no-metadata.fd", amd_sev().without_metadata()),
            ("no-reset.fd", amd_sev().without(RESET_BLOCK)),
            ("reset-0.fd", amd_sev().reset(0)),
            ("svsm.bin", svsm),
        ] {
            self.write(name, &image.build())?;
        }
        Ok(())
    }

    fn distribution_firmware(&mut self) -> Result<()> {
        for path in DISTRIBUTION_FIRMWARE.iter().map(Path::new).filter(|path| path.is_file()) {
            let image = fs::read(path).with_context(|| format!("{}", path.display()))?;
            let file = file_name(path);
            let kind = if names_sev_metadata(&image) { "sev" } else { "plain" };
            self.paths.insert(distribution_name(&file, kind), path.to_path_buf());
            self.origins.push(format!("`{}`, {} bytes", path.display(), image.len()));
        }
        if !self.origins.is_empty()
            && let Ok(version) =
                checked(Command::new("dpkg-query").args(["-W", "-f=${Version}", "ovmf"]))
        {
            self.origins.push(format!("the firmware above: package ovmf {}", version.trim()));
        }
        Ok(())
    }

    fn large_initrd(&mut self) -> Result<()> {
        let path = self.folder.join("initrd-200m.img");
        Random::new(0x9e37_79b9_7f4a_7c15).fill_file(&path, &[], LARGE_INITRD_BYTES)?;
        self.paths.insert("initrd-200m.img".into(), path);
        Ok(())
    }

    /// The kernel that runs here, one fetched before, or the newest of Debian's cloud kernels.
    fn distribution_kernel(&mut self) -> Result<()> {
        let unpacked = self.folder.join("kernel");
        if newest_kernel(Path::new("/boot")).is_none()
            && newest_kernel(&unpacked.join("boot")).is_none()
        {
            fetch_kernel(&unpacked)?;
        }
        let kernel = newest_kernel(Path::new("/boot"))
            .or_else(|| newest_kernel(&unpacked.join("boot")))
            .context("the package holds no boot/vmlinuz-*")?;
        let size = fs::metadata(&kernel)?.len();
        self.origins.push(format!("`{}`, {size} bytes", file_name(&kernel)));
        self.paths.insert("distribution-vmlinuz".into(), kernel);
        Ok(())
    }

    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.folder.join(name);
        fs::write(&path, bytes).with_context(|| format!("{}", path.display()))?;
        self.paths.insert(name.into(), path);
        Ok(())
    }
}

/// The name of a distribution's image: with `sev` or `plain` for whether it has SEV metadata,
/// because what tools say about it depends on that and on nothing else.
pub(crate) fn distribution_name(file: &str, kind: &str) -> String {
    format!("distribution-{kind}/{file}")
}

/// The last part of a path.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// True where the image's last page names SEV metadata, as images for SEV-SNP do.
fn names_sev_metadata(image: &[u8]) -> bool {
    let tail = image.get(image.len().saturating_sub(4096)..).unwrap_or(image);
    tail.windows(16).any(|window| window == guid(SEV_METADATA))
}

fn newest_kernel(boot: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(boot).ok()?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.filter(|path| path.is_file() && file_name(path).starts_with("vmlinuz-")).max()
}

fn fetch_kernel(unpacked: &Path) -> Result<()> {
    fs::create_dir_all(unpacked)?;
    let depends = checked(Command::new("apt-cache").args(["depends", KERNEL_META_PACKAGE]))?;
    let package = depends
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Depends: "))
        .find(|package| package.starts_with("linux-image-"))
        .with_context(|| format!("{KERNEL_META_PACKAGE} depends on no linux-image-*"))?;
    checked(Command::new("apt-get").args(["download", package]).current_dir(unpacked))
        .context("apt-get update may be due")?;
    let archive = fs::read_dir(unpacked)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .context("apt-get download left no package")?;
    checked(Command::new("dpkg").arg("-x").arg(&archive).arg(unpacked))?;
    fs::remove_file(archive)?;
    Ok(())
}
