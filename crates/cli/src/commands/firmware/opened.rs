//! Images, read and taken apart.

use std::path::Path;

use anyhow::{Context, bail};
use sev_launch_digest::Firmware;
use sev_launch_digest::hash::Midstate;
use sev_launch_firmware_diff::{Image, MAX_UNPACKED};

use crate::backend::Hashing;
use crate::inputs;

/// Reads an image whole.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    inputs::read_file(path, u64::try_from(MAX_UNPACKED).unwrap_or(u64::MAX))
}

/// Takes an image apart. An error if it is a container of another kind, or has no firmware volume.
pub(super) fn open<'b>(path: &Path, bytes: &'b [u8]) -> anyhow::Result<Image<'b>> {
    let image = Image::open(bytes).with_context(|| inputs::name(path))?;
    Firmware::parse(bytes).with_context(|| inputs::name(path))?;
    if !image.has_volume() {
        bail!(
            "{}: no firmware volume is in it, so it is no OVMF image or variable store",
            inputs::name(path)
        );
    }
    Ok(image)
}

/// The SHA-256 of bytes, in hex.
pub(super) fn sha256(bytes: &[u8]) -> String {
    let mut state = Midstate::new();
    state.update_with(&Hashing, bytes);
    hex::encode(state.finish_with(&Hashing))
}
