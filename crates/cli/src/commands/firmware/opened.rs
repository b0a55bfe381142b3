//! Images, read and taken apart.

use std::path::Path;

use anyhow::Context;
use sev_launch_digest::hash::Midstate;
use sev_launch_firmware_diff::{Image, MAX_UNPACKED};

use crate::backend::Hashing;
use crate::inputs;

/// Reads an image whole.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    inputs::read_file(path, u64::try_from(MAX_UNPACKED).unwrap_or(u64::MAX))
}

/// Takes an image apart.
pub(super) fn open<'b>(path: &Path, bytes: &'b [u8]) -> anyhow::Result<Image<'b>> {
    Image::open_file(bytes).with_context(|| inputs::name(path))
}

/// Takes a firmware apart, for a verdict.
pub(super) fn open_firmware<'b>(path: &Path, bytes: &'b [u8]) -> anyhow::Result<Image<'b>> {
    Image::open_firmware(bytes).with_context(|| inputs::name(path))
}

/// The SHA-256 of bytes, in hex.
pub(super) fn sha256(bytes: &[u8]) -> String {
    let mut state = Midstate::new();
    state.update_with(&Hashing, bytes);
    hex::encode(state.finish_with(&Hashing))
}
