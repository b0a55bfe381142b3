//! The files of a described guest, read from disk with a progress bar.

use std::path::Path;

use sev_launch_description::Description;
use sev_launch_digest::firmware::AbsorbedFirmware;
use sev_launch_digest::vmsa::VmsaPage;
use sev_launch_firmware_diff::{Image, InventoryEntry, kernel_hash_check};
use sev_launch_sweep::inside::Module;
use sev_launch_sweep::{FileError, Files, Inputs, Inside, Mode, Reading, Sweep, firmware};

use super::args::Guest;
use super::flags;
use crate::backend::Hashing;
use crate::inputs::{self, Named, Reach};
use crate::progress::Progress;

/// Files on disk; kernels and initrds may also be pipes, or `-` for standard input.
pub(crate) struct Disk<'n> {
    /// Which of them other files named.
    named: &'n Named,
    /// Where the bytes of kernels and initrds are counted.
    progress: Option<Progress>,
}

impl<'n> Disk<'n> {
    /// With a progress bar for that many bytes; `None` where it is not known how many.
    pub(crate) fn counted(bytes: Option<u64>, named: &'n Named) -> Self {
        Self { named, progress: Some(Progress::of_bytes(bytes)) }
    }

    /// Without a progress bar.
    const fn quiet(named: &'n Named) -> Self {
        Self { named, progress: None }
    }
}

impl Files for Disk<'_> {
    fn size(&self, path: &Path) -> Result<u64, FileError> {
        Ok(inputs::size_of_file(path, self.named)?)
    }

    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
        Ok(inputs::read_named(path, limit, self.named)?)
    }

    fn stream(&self, path: &Path, each: &mut (dyn FnMut(&[u8]) + Send)) -> Result<(), FileError> {
        let name = inputs::name(path);
        Ok(inputs::for_each_chunk(path, self.named, |chunk| {
            each(chunk);
            if let Some(progress) = &self.progress {
                progress.advance(&name, u64::try_from(chunk.len()).unwrap_or_default());
            }
        })?)
    }

    fn may_quote(&self, path: &Path) -> bool {
        !self.named.contains(path)
    }

    fn may_show(&self, path: &Path) -> bool {
        !self.named.is_strangers(path)
    }

    fn name(&self, path: &Path) -> String {
        inputs::name(path)
    }
}

impl Guest {
    /// The files that a description names: the one given, or what `folder` holds it to.
    pub(crate) fn named(&self, description: &Description) -> Named {
        Named::of(description, &self.reach(self.description.as_deref(), self.confine))
    }

    /// How far the names in a file reach.
    pub(crate) fn reach(&self, file: Option<&Path>, confines_all: bool) -> Reach {
        let folder = file.and_then(Path::parent).unwrap_or(Path::new("")).to_owned();
        Reach { folder, confines_all, allowed: self.allow_outside.clone() }
    }

    /// Reads everything that is asked for.
    pub(crate) fn read(
        &self,
        mode: Mode,
        description: Description,
        reading: Reading,
    ) -> anyhow::Result<Inputs> {
        let named = self.named(&description);
        self.read_named(mode, description, reading, &named)
    }

    /// The same where it is known who named which file.
    pub(crate) fn read_named(
        &self,
        mode: Mode,
        description: Description,
        reading: Reading,
        named: &Named,
    ) -> anyhow::Result<Inputs> {
        let budget = reading.budget.times(self.work_limit.into());
        read(mode, description, Reading { budget, ..reading }, named)
    }
}

/// Reads everything that is asked for of a description whose files the command line names, each of them.
pub(crate) fn read_described(
    mode: Mode,
    description: Description,
    reading: Reading,
) -> anyhow::Result<Inputs> {
    read(mode, description, reading, &Named::default())
}

fn read(
    mode: Mode,
    description: Description,
    reading: Reading,
    named: &Named,
) -> anyhow::Result<Inputs> {
    let total = flags::streamed(&description).map(|path| inputs::size_of(path)).sum();
    let files = Disk::counted(total, named);
    Ok(Inputs::read(mode, description, reading, &files, &Hashing)?)
}

/// Reads a firmware image whole.
pub(crate) fn read_firmware(path: &Path) -> anyhow::Result<Vec<u8>> {
    Ok(firmware::read_whole(&Disk::quiet(&Named::default()), path)?)
}

/// Absorbs a firmware image for launches of all technologies, with what it does with the kernel's hashes.
pub(crate) fn absorb_firmware(path: &Path) -> anyhow::Result<AbsorbedFirmware> {
    let named = Named::default();
    let files = Disk::quiet(&named);
    Ok(firmware::absorb_looking(&files, path, None, &Hashing, look_at_hashes)?.0)
}

/// How images are read for a verdict: no secret goes to a guest whose firmware is known not to check what the verdict is about.
pub(crate) fn for_verdict() -> Reading {
    Reading { looks_inside: Some(look_at_hashes), ..Reading::default() }
}

/// What an image does with the kernel's hashes, and nothing else of it.
fn look_at_hashes(image: &[u8]) -> Inside {
    Inside { kernel_hash_check: kernel_hash_check(image), ..Inside::default() }
}

/// How a manifest's images are read: with all their hashes, with what they do with the kernel's, and with their modules.
pub(crate) fn for_manifest() -> Reading {
    Reading { absorbs_whole: true, looks_inside: Some(look_inside), ..Reading::default() }
}

/// Takes an image apart, once for all that is asked of it. Of one that asks for more memory or time than any firmware needs nothing
/// is known.
fn look_inside(image: &[u8]) -> Inside {
    let Ok(image) = Image::open(image) else { return Inside::default() };
    let module =
        |InventoryEntry { name, guid, sha256 }: InventoryEntry| Module { name, guid, sha256 };
    let modules = image.inventory().into_iter().map(module).collect();
    Inside { kernel_hash_check: image.kernel_hash_check(), modules }
}

/// Reads a captured VMSA page.
pub(crate) fn read_vmsa(path: &Path) -> anyhow::Result<VmsaPage> {
    Ok(sev_launch_sweep::inputs::read_vmsa(path, &Disk::quiet(&Named::default()))?)
}

/// The sweep of inputs.
pub(crate) fn sweep(inputs: &Inputs) -> anyhow::Result<Sweep<'_, Hashing>> {
    Ok(Sweep::new(inputs, &Hashing)?)
}
