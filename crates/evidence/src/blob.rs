//! Bytes of a known size as people keep them: raw, hex, or base64. One strict parser for all of them.
//!
//! Text, with at most one line end after it, that is hex or padded base64 of exactly a wanted size is that; anything else must
//! have a wanted size itself, and is raw. Text comes first because sizes can be each other's: a platform's three
//! certificates in base64 have as many characters as four have bytes. No structure that is read here is text when raw. Blobs may
//! be keys, so all copies are wiped.
//!
//! A [`digest`] is stricter: hex of the wrong size is never taken for base64, since the 64 digits of a SHA-256 are base64 of 48
//! bytes too. Of blobs that cannot be asked: 48 zeros in base64 are 64 letters A, which are hex.
//!
//! ```
//! use sev_launch_evidence::blob;
//!
//! for form in [&b"\x01\x02\x03"[..], b"010203\n", b"0x010203", b"AQID"] {
//!     assert_eq!(blob::array::<3>("example", form), Ok([1, 2, 3]));
//! }
//! let error = blob::array::<3>("example", b"01").unwrap_err();
//! assert_eq!((error.wanted, error.found), (vec![3], 2));
//! ```

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sev_launch_abi::{LaunchDigest, Technology, sev, snp};
use thiserror::Error;
use zeroize::Zeroizing;

/// Bytes that are in no form a blob of a wanted size.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "{what}: wanted {} bytes, or hex or padded base64 of them; these {found} bytes are none of it",
    .wanted.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
)]
pub struct BlobError {
    /// What was read.
    pub what: &'static str,
    /// The sizes it can have, in bytes.
    pub wanted: Vec<usize>,
    /// Bytes found, as they came.
    pub found: usize,
}

/// A text that is no digest of the wanted size.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum DigestError {
    /// Not hex, as the decoder says, and not base64 of the size either.
    #[error("no hex: {0}")]
    NotHex(String),
    /// Hex of another size.
    #[error("{found} bytes, wanted {wanted}: {} hex digits, or base64 of {wanted} bytes", 2 * .wanted)]
    Size {
        /// Bytes found.
        found: usize,
        /// Bytes wanted.
        wanted: usize,
    },
}

/// Bytes that are wiped when they are dropped.
pub type Bytes = Zeroizing<Vec<u8>>;

/// The bytes of a blob that has one of `sizes`. `what` it is goes into the error.
pub fn decode(what: &'static str, bytes: &[u8], sizes: &[usize]) -> Result<Bytes, BlobError> {
    match decode_text(what, bytes, sizes) {
        Err(_) if sizes.contains(&bytes.len()) => Ok(Zeroizing::new(bytes.to_vec())),
        decoded => decoded,
    }
}

/// [`decode`] for exactly one size.
pub fn array<const N: usize>(what: &'static str, bytes: &[u8]) -> Result<[u8; N], BlobError> {
    sized(what, &decode(what, bytes, &[N])?)
}

/// A blob of exactly `N` bytes that was typed: hex or base64. Text of the blob's own length is not the blob.
pub fn typed_array<const N: usize>(what: &'static str, text: &str) -> Result<[u8; N], BlobError> {
    sized(what, &decode_text(what, text.trim().as_bytes(), &[N])?)
}

/// A digest of `N` bytes that was typed: hex with or without `0x`, in any case, or base64. Spaces, line ends and colons between the bytes
/// do not count, since tools print digests so.
pub fn digest<const N: usize>(text: &str) -> Result<[u8; N], DigestError> {
    let bytes = digest_bytes(text, &[N])?;
    let size = DigestError::Size { found: bytes.len(), wanted: N };
    bytes.try_into().map_err(|_| size)
}

/// A launch digest of any technology, by its size: 32 bytes in SEV and SEV-ES, 48 in SNP; as [`digest`] reads it.
pub fn any_launch_digest(text: &str) -> Result<LaunchDigest, DigestError> {
    let bytes = digest_bytes(text, &[32, 48])?;
    let size = DigestError::Size { found: bytes.len(), wanted: 48 };
    match (<[u8; 32]>::try_from(bytes.as_slice()), <[u8; 48]>::try_from(bytes.as_slice())) {
        (Ok(digest), _) => Ok(sev::LaunchDigest::from_bytes(digest).into()),
        (_, Ok(digest)) => Ok(snp::LaunchDigest::from_bytes(digest).into()),
        _ => Err(size),
    }
}

fn digest_bytes(text: &str, sizes: &[usize]) -> Result<Vec<u8>, DigestError> {
    let packed: String = text.split_ascii_whitespace().flat_map(|part| part.split(':')).collect();
    hex::decode(packed.strip_prefix("0x").unwrap_or(&packed)).or_else(|no_hex| {
        let base64 = BASE64.decode(text.trim()).ok().filter(|bytes| sizes.contains(&bytes.len()));
        base64.ok_or(DigestError::NotHex(no_hex.to_string()))
    })
}

/// The launch digest of a technology's guest, as [`digest`] reads it.
pub fn launch_digest(technology: Technology, text: &str) -> Result<LaunchDigest, DigestError> {
    Ok(match technology {
        Technology::Sev | Technology::SevEs => sev::LaunchDigest::from_bytes(digest(text)?).into(),
        Technology::Snp => snp::LaunchDigest::from_bytes(digest(text)?).into(),
    })
}

fn decode_text(what: &'static str, bytes: &[u8], sizes: &[usize]) -> Result<Bytes, BlobError> {
    let text = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    let forms = [from_hex(text.strip_prefix(b"0x").unwrap_or(text)), from_base64(text)];
    let decoded = forms.into_iter().flatten().find(|form| sizes.contains(&form.len()));
    decoded.ok_or_else(|| BlobError { what, wanted: sizes.to_vec(), found: bytes.len() })
}

// Both write into room that is there from the start: a vector that grows leaves copies behind.

fn from_hex(text: &[u8]) -> Option<Bytes> {
    let mut bytes = Zeroizing::new(vec![0; text.len() / 2]);
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(bytes)
}

fn from_base64(text: &[u8]) -> Option<Bytes> {
    let mut bytes = Zeroizing::new(vec![0; base64::decoded_len_estimate(text.len())]);
    let length = BASE64.decode_slice(text, &mut bytes).ok()?;
    bytes.truncate(length);
    Some(bytes)
}

fn sized<const N: usize>(what: &'static str, bytes: &[u8]) -> Result<[u8; N], BlobError> {
    bytes.try_into().map_err(|_| BlobError { what, wanted: vec![N], found: bytes.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_hex_and_base64_of_the_same_bytes() {
        for form in
            [&b"\x01\x02\x03"[..], b"010203", b"0x010203", b"010203\n", b"AQID", b"AQID\r\n"]
        {
            assert_eq!(array::<3>("blob", form), Ok([1, 2, 3]), "{form:?}");
        }
    }

    #[test]
    fn typed_text_is_never_the_blob_itself() {
        assert_eq!(typed_array::<4>("blob", "AQIDBA=="), Ok([1, 2, 3, 4]));
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
            assert!(array::<3>("blob", form).is_err(), "{form:?}");
        }
    }

    #[test]
    fn hex_of_the_wrong_size_is_no_digest_in_base64() {
        // 64 hex digits are base64 of 48 bytes.
        assert!(digest::<48>(&"ab".repeat(32)).is_err());
        // As are 48 zeros, which a blob may be.
        assert_eq!(typed_array("blob", &"A".repeat(64)), Ok([0; 48]));
    }

    #[test]
    fn digests_are_hex_or_base64_of_the_right_length() {
        assert_eq!(digest::<2>("0aFF"), Ok([0x0a, 0xff]));
        assert_eq!(digest::<2>("0x0aff"), Ok([0x0a, 0xff]));
        assert_eq!(digest::<2>("Cv8="), Ok([0x0a, 0xff]));
        // As older snpguest and openssl print digests.
        assert_eq!(digest::<2>("0a ff\n"), Ok([0x0a, 0xff]));
        assert_eq!(digest::<2>("0A:FF"), Ok([0x0a, 0xff]));
        for wrong in ["", "0a", "0aff00", "zz", "Cv8", "Cv8AAA=="] {
            assert!(digest::<2>(wrong).is_err(), "{wrong}");
        }
    }
}
