//! The files of a described guest, read from disk with a progress bar.

use std::path::Path;

use sev_launch_description::Description;
use sev_launch_digest::firmware::AbsorbedFirmware;
use sev_launch_digest::vmsa::VmsaPage;
use sev_launch_sweep::{FileError, Files, Inputs, Mode, Reading, Sweep, firmware};

use super::flags;
use crate::backend::Hashing;
use crate::inputs;
use crate::progress::Progress;

/// Files on disk; kernels and initrds may also be pipes, or `-` for standard input.
pub(crate) struct Disk {
    /// Where the bytes of kernels and initrds are counted.
    progress: Option<Progress>,
}

impl Disk {
    /// Without a progress bar.
    pub(crate) const QUIET: Self = Self { progress: None };

    /// With a progress bar for that many bytes.
    pub(crate) fn counted(bytes: u64) -> Self {
        Self { progress: Some(Progress::of_bytes(bytes)) }
    }
}

impl Files for Disk {
    fn size(&self, path: &Path) -> Result<u64, FileError> {
        Ok(inputs::size_of_file(path)?)
    }

    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
        Ok(inputs::read_file(path, limit)?)
    }

    fn stream(&self, path: &Path, each: &mut (dyn FnMut(&[u8]) + Send)) -> Result<(), FileError> {
        Ok(inputs::for_each_chunk(path, |chunk| {
            each(chunk);
            if let Some(progress) = &self.progress {
                progress.advance(u64::try_from(chunk.len()).unwrap_or_default());
            }
        })?)
    }

    fn name(&self, path: &Path) -> String {
        inputs::name(path)
    }
}

/// Reads everything that is asked for.
pub(crate) fn read(
    mode: Mode,
    description: Description,
    reading: Reading,
) -> anyhow::Result<Inputs> {
    let paths = flags::stdin_paths(&description);
    inputs::check_stdin(&paths)?;
    let total = paths.iter().map(|path| inputs::size_of(path)).sum();
    Ok(Inputs::read(mode, description, reading, &Disk::counted(total), &Hashing)?)
}

/// Reads a firmware image whole.
pub(crate) fn read_firmware(path: &Path) -> anyhow::Result<Vec<u8>> {
    Ok(firmware::read_whole(&Disk::QUIET, path)?)
}

/// Absorbs a firmware image for launches of all technologies.
pub(crate) fn absorb_firmware(path: &Path) -> anyhow::Result<AbsorbedFirmware> {
    Ok(firmware::absorb(&Disk::QUIET, path, None, &Hashing)?)
}

/// Reads a captured VMSA page.
pub(crate) fn read_vmsa(path: &Path) -> anyhow::Result<VmsaPage> {
    Ok(sev_launch_sweep::inputs::read_vmsa(path, &Disk::QUIET)?)
}

/// The sweep of inputs.
pub(crate) fn sweep(inputs: &Inputs) -> anyhow::Result<Sweep<'_, Hashing>> {
    Ok(Sweep::new(inputs, &Hashing)?)
}
