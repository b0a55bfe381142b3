//! The described launch as the search wants it, and the files that might have been taken instead of its own.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use sev_launch_digest::firmware::Firmware;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_explain::firmware::variants;
use sev_launch_explain::{CapturedVmsas, Cmdline, File, Launch};

use crate::backend::AllCores;
use crate::guest::boot::BootFile;
use crate::guest::plan::Plan;
use crate::inputs;
use crate::progress::Progress;

/// Candidates from folders at most: more than any folder of builds has.
const MOST_FILES: usize = 1024;
/// The largest candidate that is looked at as firmware: eight times what QEMU maps by default.
const MOST_FIRMWARE: u64 = 64 << 20;

/// Bytes of firmware images that are kept to be cut and joined.
const MOST_KEPT: usize = 128 << 20;

/// The files of a search: the launch's own first.
pub(super) struct Pool {
    files: Vec<File>,
    /// Firmware images whose bytes are at hand, for what can be made of them.
    images: Vec<(String, Vec<u8>)>,
    firmware: usize,
    kernel: Option<usize>,
    initrd: Option<usize>,
}

impl Pool {
    /// The launch's own files.
    pub(super) fn new(plan: &Plan) -> anyhow::Result<Self> {
        if plan.boot.krun.is_some() {
            bail!(
                "libkrun's launches are not searched: they have neither tables nor kernel hashes"
            );
        }
        let firmware = plan.firmware().context("no firmware")?;
        let name = inputs::name(&firmware.path);
        let mut pool = Self {
            files: vec![File::of_absorbed(name.clone(), firmware.absorbed.clone())?],
            images: firmware.image.iter().map(|image| (name.clone(), image.clone())).collect(),
            firmware: 0,
            kernel: None,
            initrd: None,
        };
        pool.kernel = plan.boot.kernels.first().map(|file| pool.push(boot_file("kernel", file)));
        pool.initrd = plan.boot.initrds.first().map(|file| pool.push(boot_file("initrd", file)));
        Ok(pool)
    }

    fn push(&mut self, file: File) -> usize {
        self.files.push(file);
        self.files.len() - 1
    }

    /// A candidate, hashed as it comes; one that looks like firmware is absorbed too.
    pub(super) fn add(&mut self, path: &Path) -> anyhow::Result<()> {
        let name = inputs::name(path);
        let size = inputs::size_of_file(path)?;
        if size <= MOST_FIRMWARE && size > 0 {
            let image = inputs::read_firmware(path)?;
            if let Some(file) = as_firmware(&name, &image) {
                self.files.push(file);
                // Images are kept to be cut and joined; beyond that, each is tried as it is.
                let kept: usize = self.images.iter().map(|(_, image)| image.len()).sum();
                if kept.saturating_add(image.len()) <= MOST_KEPT {
                    self.images.push((name, image));
                }
                return Ok(());
            }
        }
        let progress = Progress::new(size);
        let hashed = inputs::hash_file(path, &progress)?;
        let file = File { name, sha256: hashed.sha256, size: hashed.size, firmware: None };
        self.files.push(file);
        Ok(())
    }

    /// Every file of a folder, in the order of their names.
    pub(super) fn add_folder(&mut self, folder: &Path) -> anyhow::Result<()> {
        let context = || inputs::name(folder);
        let entries = fs::read_dir(folder).with_context(context)?;
        let mut paths = Vec::new();
        for entry in entries {
            let path = entry.with_context(context)?.path();
            if fs::metadata(&path).is_ok_and(|metadata| metadata.is_file()) {
                paths.push(path);
            }
            if paths.len() > MOST_FILES {
                bail!("{}: more than {MOST_FILES} files, name the candidates instead", context());
            }
        }
        paths.sort();
        paths.iter().try_for_each(|path| self.add(path))
    }

    /// The launch, with what can be made of its firmware images.
    pub(super) fn launch(mut self, plan: &Plan) -> anyhow::Result<Launch> {
        let images: Vec<_> =
            self.images.iter().map(|(name, image)| (name.as_str(), image.as_slice())).collect();
        self.files.extend(variants(&images));
        let cmdline = plan.boot.cmdlines.first().context("no command line")?;
        let captured = plan.captured.as_ref().map(|captured| CapturedVmsas {
            bsp: captured.bsp.page.clone(),
            ap: captured.ap.as_ref().map(|ap| ap.page.clone()),
        });
        Ok(Launch {
            technology: plan.mode.technology(),
            files: self.files,
            firmware: self.firmware,
            kernel: self.kernel,
            initrd: self.initrd,
            cmdline: match &cmdline.bytes {
                Some(bytes) => Cmdline::Bytes(bytes.clone()),
                None => Cmdline::Sha256(cmdline.sha256),
            },
            // Without a kernel nothing is measured, but one of the candidates may have been.
            kernel_hashes: plan.boot.switches.first().copied().unwrap_or(true),
            profile: plan.profiles.first().copied(),
            sev_features: plan.sev_features.first().copied().flatten(),
            signature: plan.signatures.first().copied().flatten(),
            vcpus: plan.vcpus.first().copied().unwrap_or(VcpuCount::ONE),
            captured,
        })
    }
}

fn boot_file(what: &str, file: &BootFile) -> File {
    let name = match &file.path {
        Some(path) => inputs::name(path),
        None => format!("{what} of the hash given"),
    };
    File { name, sha256: file.sha256, size: file.size.unwrap_or_default(), firmware: None }
}

/// The file as firmware, where it is like one: whole pages, with tables at its end or a volume at its start.
fn as_firmware(name: &str, image: &[u8]) -> Option<File> {
    let firmware = Firmware::parse(image).ok()?;
    let has_table = matches!(firmware.table(), Ok(Some(_)));
    let is_pages = firmware.size().is_multiple_of(4096);
    if !is_pages || !(has_table || firmware.starts_with_volume()) {
        return None;
    }
    File::of_absorbed(name, firmware.absorb_with(None, &AllCores)).ok()
}
