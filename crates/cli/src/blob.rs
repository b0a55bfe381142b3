//! Files with one small structure, as `sev-launch-evidence` reads them. Every error names the file.

use std::path::Path;

use anyhow::Context;
use sev_launch_evidence::blob;
pub(crate) use sev_launch_evidence::blob::{Bytes, array as decode_array, typed_array};

use crate::inputs;

/// What a small file holds. It may be a key, so the bytes are wiped.
pub(crate) fn read<T, E>(
    path: &Path,
    parse: impl FnOnce(&[u8]) -> Result<T, E>,
) -> anyhow::Result<T>
where
    Result<T, E>: Context<T, E>,
{
    let bytes = inputs::read_secret(path)?;
    parse(&bytes).with_context(|| inputs::name(path))
}

/// Reads a file with a key of so many bytes, which stay where they are read to.
pub(crate) fn read_key(what: &'static str, path: &Path, size: usize) -> anyhow::Result<Bytes> {
    read(path, |bytes| blob::decode(what, bytes, &[size]))
}

/// Reads a file with a blob of exactly `N` bytes.
pub(crate) fn read_array<const N: usize>(
    what: &'static str,
    path: &Path,
) -> anyhow::Result<[u8; N]> {
    read(path, |bytes| decode_array(what, bytes))
}
