//! Blobs of a known size as people keep them: raw, hex, or base64. One strict parser for all of them.
//!
//! Text, with at most one line end after it, that is hex or padded base64 of exactly a wanted size is that; anything else must
//! have a wanted size itself, and is raw. Text comes first because sizes can be each other's: a platform's three
//! certificates in base64 have as many characters as four have bytes. No structure that is read here is text when raw. What
//! does not fit is refused with what was wanted. Blobs may be keys, so all copies are wiped.

use std::path::Path;

use anyhow::{Context, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use zeroize::Zeroizing;

use crate::inputs;

/// The bytes of a blob that has one of `sizes`.
pub(crate) fn decode(
    what: &str,
    bytes: &[u8],
    sizes: &[usize],
) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    match decode_text(what, bytes, sizes) {
        Err(_) if sizes.contains(&bytes.len()) => Ok(Zeroizing::new(bytes.to_vec())),
        decoded => decoded,
    }
}

/// The same from hex or base64 only: what is typed is text, so that text of a blob's own length is not the blob.
fn decode_text(what: &str, bytes: &[u8], sizes: &[usize]) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let text = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    let digits = text.strip_prefix(b"0x").unwrap_or(text);
    let candidates = [hex::decode(digits).ok(), BASE64.decode(text).ok()];
    for candidate in candidates.map(|one| one.map(Zeroizing::new)).into_iter().flatten() {
        if sizes.contains(&candidate.len()) {
            return Ok(candidate);
        }
    }
    let sizes: Vec<_> = sizes.iter().map(ToString::to_string).collect();
    bail!(
        "{what}: wanted {} bytes, or hex or padded base64 of them; these {} bytes are none of it",
        sizes.join(" or "),
        bytes.len()
    )
}

/// The same for exactly one size.
pub(crate) fn decode_array<const N: usize>(what: &str, bytes: &[u8]) -> anyhow::Result<[u8; N]> {
    let bytes = decode(what, bytes, &[N])?;
    bytes.as_slice().try_into().map_err(|_| anyhow::anyhow!("{what}: wanted {N} bytes"))
}

/// A blob of exactly `N` bytes that was typed: hex or base64.
pub(crate) fn typed_array<const N: usize>(what: &str, text: &str) -> anyhow::Result<[u8; N]> {
    let bytes = decode_text(what, text.trim().as_bytes(), &[N])?;
    bytes.as_slice().try_into().map_err(|_| anyhow::anyhow!("{what}: wanted {N} bytes"))
}

/// Reads a file with a blob of exactly `N` bytes.
pub(crate) fn read_array<const N: usize>(what: &str, path: &Path) -> anyhow::Result<[u8; N]> {
    let bytes = Zeroizing::new(inputs::read_small(path)?);
    decode_array(what, &bytes).with_context(|| inputs::name(path))
}

/// Reads a file with a blob of one of `sizes`.
pub(crate) fn read(what: &str, path: &Path, sizes: &[usize]) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let bytes = Zeroizing::new(inputs::read_small(path)?);
    decode(what, &bytes, sizes).with_context(|| inputs::name(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_hex_and_base64_of_the_same_bytes() {
        for form in
            [&b"\x01\x02\x03"[..], b"010203", b"0x010203", b"010203\n", b"AQID", b"AQID\r\n"]
        {
            assert_eq!(decode_array::<3>("blob", form).unwrap(), [1, 2, 3], "{form:?}");
        }
    }

    #[test]
    fn typed_text_is_never_the_blob_itself() {
        assert_eq!(typed_array::<4>("blob", "AQIDBA==").unwrap(), [1, 2, 3, 4]);
        assert!(typed_array::<4>("blob", "AQID").is_err());
        assert!(typed_array::<4>("blob", "0102").is_err());
    }

    #[test]
    fn text_whose_length_is_another_size() {
        assert_eq!(decode("blob", b"AQID", &[3, 4]).unwrap().as_slice(), [1, 2, 3]);
        assert_eq!(decode("blob", b"0102", &[2, 4]).unwrap().as_slice(), [1, 2]);
        assert_eq!(decode("blob", b"AQI\0", &[3, 4]).unwrap().as_slice(), b"AQI\0");
    }

    #[test]
    fn anything_else_is_refused() {
        for form in [
            &b""[..],
            b"\x01\x02",
            b"01020",
            b"0102 03",
            b"010203\n\n",
            b"AQI=",
            b" AQID",
            b"AQID=",
        ] {
            assert!(decode_array::<3>("blob", form).is_err(), "{form:?}");
        }
    }
}
