//! The files that every tool reads: made under target/reference/inputs, or found on this system.
//!
//! Ours come from testdata where they are there; what is missing is made up with the same properties.
//! A distribution's firmware is taken where its package is installed and skipped where it is not. The
//! distribution's kernel and an initrd of 200 MB cost time and a download, so only the full run has them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use sev_launch_testkit::firmware::{
    CPUID, FirmwareBuilder, HASH_AREA, KERNEL_HASHES, RESET_BLOCK, SEC_MEM, SECRET_AREA, SECRETS,
    SEV_METADATA, Section, guid,
};

use crate::call::{Call, root};
use crate::{peers, random};

/// Firmware files of the `ovmf` package, in Debian's and its descendants' places.
const DISTRIBUTION_FIRMWARE: &[&str] = &[
    "/usr/share/ovmf/OVMF.fd",
    "/usr/share/ovmf/OVMF.amdsev.fd",
    "/usr/share/OVMF/OVMF_CODE.fd",
    "/usr/share/OVMF/OVMF_CODE.secboot.fd",
    "/usr/share/OVMF/OVMF_CODE_4M.fd",
    "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd",
];

/// The meta package whose newest kernel is fetched: the smallest of Debian's.
const KERNEL_META_PACKAGE: &str = "linux-image-cloud-amd64";

/// Where each input of this run lies, by its name in the cases.
pub(crate) struct Inputs {
    folder: PathBuf,
    paths: BTreeMap<String, PathBuf>,
    /// One line for each input that comes from outside of the repository.
    pub(crate) origins: Vec<String>,
}

impl Inputs {
    pub(crate) fn make(full: bool) -> Result<Self> {
        let folder = peers::folder().join("inputs");
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        let mut inputs = Self { folder, paths: BTreeMap::new(), origins: Vec::new() };
        for file in ["firmware/amdsev.fd", "boot/vmlinuz", "boot/initrd.img"] {
            let path = root().join("testdata").join(file);
            anyhow::ensure!(path.is_file(), "{}: cargo xtask testdata makes it", path.display());
            inputs.paths.insert(file_name(&path), path);
        }
        inputs.made_up()?;
        inputs.distribution_firmware()?;
        if full {
            let path = inputs.folder.join("initrd-200m.img");
            random::fill_file(&path, 0x9e37_79b9_7f4a_7c15, Vec::new(), 200 << 20)?;
            inputs.paths.insert("initrd-200m.img".into(), path);
            if let Err(error) = inputs.distribution_kernel() {
                eprintln!("reference: no distribution kernel: {error:#}");
            }
        }
        Ok(inputs)
    }

    /// The file of that name; `None` if this run does not have it.
    pub(crate) fn path(&self, name: &str) -> Option<&Path> {
        self.paths.get(name).map(PathBuf::as_path)
    }

    /// What the paths of those that were made here start with.
    pub(crate) fn prefix(&self) -> String {
        format!("{}/", self.folder.display())
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
        let long_cpuid = [
            Section::new(0x80_0000, 0x9000, SEC_MEM),
            Section::new(0x80_d000, 0x1000, SECRETS),
            Section::new(0x80_e000, 0x2000, CPUID),
        ];
        for (name, image) in [
            ("no-caa.fd", amd_sev().size(128 << 10).sections(without_caa)),
            ("no-hash-area.fd", amd_sev().without(HASH_AREA)),
            ("no-metadata.fd", amd_sev().without_metadata()),
            ("no-reset.fd", amd_sev().without(RESET_BLOCK)),
            ("reset-0.fd", amd_sev().reset(0)),
            ("svsm.bin", svsm),
            ("long-cpuid.fd", amd_sev().sections(long_cpuid)),
            ("short-hash-area.fd", amd_sev().hash_area(0x81_0400, 0x80)),
        ] {
            let path = self.folder.join(name);
            fs::write(&path, image.build()).with_context(|| path.display().to_string())?;
            self.paths.insert(name.into(), path);
        }
        Ok(())
    }

    fn distribution_firmware(&mut self) -> Result<()> {
        for path in DISTRIBUTION_FIRMWARE.iter().map(Path::new).filter(|path| path.is_file()) {
            let image = fs::read(path).with_context(|| path.display().to_string())?;
            let kind = if names_sev_metadata(&image) { "sev" } else { "plain" };
            self.paths.insert(distribution_name(path, kind), path.to_path_buf());
            self.origins.push(format!("`{}`, {} bytes", path.display(), image.len()));
        }
        let version = Call::new("dpkg-query", "-W -f=${Version} ovmf").text();
        if let (false, Ok(version)) = (self.origins.is_empty(), version) {
            self.origins.push(format!("the firmware above: package ovmf {version}"));
        }
        Ok(())
    }

    /// The kernel that runs here, one fetched before, or the newest of Debian's cloud kernels.
    fn distribution_kernel(&mut self) -> Result<()> {
        let unpacked = self.folder.join("kernel");
        let newest =
            || newest_kernel(Path::new("/boot")).or_else(|| newest_kernel(&unpacked.join("boot")));
        if newest().is_none() {
            fetch_kernel(&unpacked)?;
        }
        let kernel = newest().context("the package holds no boot/vmlinuz-*")?;
        let size = fs::metadata(&kernel)?.len();
        self.origins.push(format!("`{}`, {size} bytes", file_name(&kernel)));
        self.paths.insert("distribution-vmlinuz".into(), kernel);
        Ok(())
    }
}

/// The name of a distribution's image: with `sev` or `plain` for whether it has SEV metadata,
/// because what tools say about it depends on that and on nothing else.
fn distribution_name(path: &Path, kind: &str) -> String {
    format!("distribution-{kind}/{}", file_name(path))
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.display().to_string()).unwrap_or_default()
}

/// True where the image's last page names SEV metadata, as images for SEV-SNP do.
fn names_sev_metadata(image: &[u8]) -> bool {
    let tail = image.get(image.len().saturating_sub(4096)..).unwrap_or(image);
    tail.windows(16).any(|window| window == guid(SEV_METADATA))
}

fn newest_kernel(boot: &Path) -> Option<PathBuf> {
    let paths = fs::read_dir(boot).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    paths.filter(|path| path.is_file() && file_name(path).starts_with("vmlinuz-")).max()
}

fn fetch_kernel(unpacked: &Path) -> Result<()> {
    fs::create_dir_all(unpacked)?;
    let depends = Call::new("apt-cache", "depends").arg(KERNEL_META_PACKAGE).text()?;
    let package = depends
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Depends: "))
        .find(|package| package.starts_with("linux-image-"))
        .with_context(|| format!("{KERNEL_META_PACKAGE} depends on no linux-image-*"))?;
    // apt-get leaves the package where it is started.
    let script = "cd \"$1\" && apt-get download \"$2\" && dpkg -x ./*.deb . && rm ./*.deb";
    let call = Call::new("sh", "-ec").arg(script).arg("sh").arg(unpacked).arg(package);
    call.text().context("apt-get update may be due").map(|_| ())
}
