//! The described launch as the search wants it, and the files that might have been taken instead of its own.
//!
//! No example: it needs the inputs of a sweep, and adds to the crate's example what a command has at hand.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use sev_launch_digest::firmware::Firmware;
use sev_launch_digest::hash::Backend;
use sev_launch_digest::igvm::is_igvm;
use sev_launch_digest::kernel_hashes::FileHasher;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_sweep::boot::BootFile;
use sev_launch_sweep::firmware::read_whole;
use sev_launch_sweep::{AllCores, Files, Inputs, igvm};

use crate::described::{CapturedVmsas, Cmdline, File, Launch};
use crate::error::Error;
use crate::firmware::variants;

/// The largest candidate that is looked at as firmware: eight times what QEMU maps by default.
const MOST_FIRMWARE: u64 = 64 << 20;

/// Bytes of firmware images that are kept to be cut and joined.
const MOST_KEPT: usize = 128 << 20;

/// The files of a search: the launch's own first.
#[derive(Debug)]
pub struct Pool {
    files: Vec<File>,
    /// Firmware images whose bytes are at hand, for what can be made of them.
    images: Vec<(String, Vec<u8>)>,
    kernel: Option<usize>,
    initrd: Option<usize>,
}

impl Pool {
    /// The launch's own files, of inputs that were read for a search ([`Reading::SEARCH`](sev_launch_sweep::Reading::SEARCH)).
    ///
    /// Errors: a launch of libkrun's, or one without firmware; a firmware that was not absorbed whole, or an IGVM file that was not kept.
    pub fn new(inputs: &Inputs) -> Result<Self, Error> {
        if let Some(igvm) = inputs.igvms.first() {
            let file = igvm.file.clone().ok_or(Error::IgvmNotKept)?;
            let file = File::of_igvm(igvm.name.clone(), file, igvm.sha256);
            return Ok(Self { files: vec![file], images: Vec::new(), kernel: None, initrd: None });
        }
        let firmware = inputs.firmwares.first().filter(|_| inputs.boot.krun.is_none());
        let firmware = firmware.ok_or(Error::Libkrun)?;
        let name = firmware.name.clone();
        let mut pool = Self {
            files: vec![File::of_absorbed(name.clone(), firmware.absorbed.clone())?],
            images: firmware.image.iter().map(|image| (name.clone(), image.clone())).collect(),
            kernel: None,
            initrd: None,
        };
        pool.kernel = inputs.boot.kernels.first().map(|file| pool.push(boot_file("kernel", file)));
        pool.initrd = inputs.boot.initrds.first().map(|file| pool.push(boot_file("initrd", file)));
        Ok(pool)
    }

    fn push(&mut self, file: File) -> usize {
        self.files.push(file);
        self.files.len() - 1
    }

    /// A candidate, hashed as it comes; one that looks like firmware is absorbed too.
    ///
    /// Errors: a file that cannot be read.
    pub fn add(
        &mut self,
        path: &Path,
        files: &dyn Files,
        backend: &(impl Backend + Sync),
    ) -> Result<(), sev_launch_sweep::Error> {
        let name = files.name(path);
        let size = files.size(path).map_err(sev_launch_sweep::Error::File)?;
        if size <= MOST_FIRMWARE && size > 0 {
            let image = read_whole(files, path)?;
            if is_igvm(&image) {
                // One that nothing can be started from may still have been a kernel or an initrd, as any other file.
                match igvm::read(files, path, backend) {
                    Ok((file, sha256)) => {
                        self.files.push(File::of_igvm(name, Arc::new(file), sha256));
                        return Ok(());
                    }
                    Err(cannot_be_read @ sev_launch_sweep::Error::File(_)) => {
                        return Err(cannot_be_read);
                    }
                    Err(_) => {}
                }
            }
            if let Some(file) = as_firmware(&name, &image, backend) {
                self.files.push(file);
                // Images are kept to be cut and joined; beyond that, each is tried as it is.
                let kept: usize = self.images.iter().map(|(_, image)| image.len()).sum();
                if kept.saturating_add(image.len()) <= MOST_KEPT {
                    self.images.push((name, image));
                }
                return Ok(());
            }
        }
        let mut hasher = FileHasher::new();
        files
            .stream(path, &mut |chunk| hasher.update_with(backend, chunk))
            .map_err(sev_launch_sweep::Error::File)?;
        let hashed = hasher.finish();
        self.push(File {
            name,
            sha256: hashed.sha256,
            size: hashed.size,
            firmware: None,
            igvm: None,
        });
        Ok(())
    }

    /// The launch that the inputs describe first, with what can be made of its firmware images.
    pub fn launch(mut self, inputs: &Inputs) -> Launch {
        let images: Vec<_> =
            self.images.iter().map(|(name, image)| (name.as_str(), image.as_slice())).collect();
        self.files.extend(variants(&images));
        let svsm = inputs.svsm.as_ref().map_or_else(BTreeMap::new, |svsm| {
            let below = |file: &File| svsm.below(file.firmware.as_ref()?);
            let placed = self.files.iter().map(below).enumerate();
            placed.filter_map(|(index, placed)| Some((index, placed?))).collect()
        });
        let cmdline = inputs.boot.cmdlines.first();
        Launch {
            technology: inputs.mode.technology(),
            files: self.files,
            // The first of the pool's files, whatever else there is.
            firmware: 0,
            kernel: self.kernel,
            initrd: self.initrd,
            cmdline: match cmdline.map(|cmdline| (cmdline.shown(), cmdline.sha256)) {
                Some((Some(bytes), _)) => Cmdline::Bytes(bytes.to_vec()),
                Some((None, sha256)) => Cmdline::Sha256(sha256),
                None => Cmdline::Bytes(Vec::new()),
            },
            // Without a kernel nothing is measured, but one of the candidates may have been.
            kernel_hashes: inputs.boot.switches.first().copied().unwrap_or(true),
            profile: inputs.profiles.first().copied(),
            sev_features: inputs.sev_features.first().copied().flatten(),
            signature: inputs.signatures.first().copied().flatten(),
            vcpus: inputs.vcpus.first().copied().unwrap_or(VcpuCount::ONE),
            captured: inputs.captured.as_ref().map(|captured| CapturedVmsas {
                bsp: captured.bsp.page.clone(),
                ap: captured.ap.as_ref().map(|ap| ap.page.clone()),
            }),
            svsm,
        }
    }
}

fn boot_file(what: &str, file: &BootFile) -> File {
    let name = file.name.clone().unwrap_or_else(|| format!("{what} of the hash given"));
    File {
        name,
        sha256: file.sha256,
        size: file.size.unwrap_or_default(),
        firmware: None,
        igvm: None,
    }
}

/// The file as firmware, if it is like one: whole pages, with tables at its end or a volume at its start.
fn as_firmware(name: &str, image: &[u8], backend: &(impl Backend + Sync)) -> Option<File> {
    let firmware = Firmware::parse(image).ok()?;
    let has_table = matches!(firmware.table(), Ok(Some(_)));
    let is_pages = firmware.size().is_multiple_of(4096);
    if !is_pages || !(has_table || firmware.starts_with_volume()) {
        return None;
    }
    File::of_absorbed(name, firmware.absorb_with(None, &AllCores(backend))).ok()
}
