//! Files with one small structure, as `sev-launch-evidence` reads them. Every error names the file.

use std::path::Path;

use anyhow::Context;
pub(crate) use sev_launch_evidence::blob::{array as decode_array, typed_array};
use zeroize::Zeroizing;

use crate::inputs;

/// What a small file holds. It may be a key, so the bytes are wiped.
pub(crate) fn read<T, E>(
    path: &Path,
    parse: impl FnOnce(&[u8]) -> Result<T, E>,
) -> anyhow::Result<T>
where
    Result<T, E>: Context<T, E>,
{
    let bytes = Zeroizing::new(inputs::read_small(path)?);
    parse(&bytes).with_context(|| inputs::name(path))
}

/// Reads a file with a blob of exactly `N` bytes.
pub(crate) fn read_array<const N: usize>(
    what: &'static str,
    path: &Path,
) -> anyhow::Result<[u8; N]> {
    read(path, |bytes| decode_array(what, bytes))
}
