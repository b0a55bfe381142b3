//! Key-encryption keys: 32 bytes, and the id that a stored value names its key by.
//!
//! A key file has the 32 bytes as they are, or as text: base64 (RFC 4648 section 4, with its padding) or hexadecimal digits, with at
//! most one newline behind. Its length alone says which, so that no file can be read in two ways. The id is the start of a SHA-256
//! over the key, so nobody has to invent names, and two programs with the same file agree on it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sev_launch_verify::rand_core::CryptoRng;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use thiserror::Error;
use zeroize::{Zeroize as _, Zeroizing};

/// Bytes of a key-encryption key: AES-256 takes it.
pub const KEK_SIZE: usize = 32;
/// Bytes of a key id.
pub const KEY_ID_SIZE: usize = 8;
/// Characters of a key in base64, the padding among them.
const BASE64_SIZE: usize = 44;
/// Hexadecimal digits of a key.
const HEX_SIZE: usize = 64;
/// The longest key file: hexadecimal, and a newline of two bytes.
pub(super) const MAX_FILE: usize = HEX_SIZE + 2;
/// Before the key in the hash that names it.
const ID_LABEL: &[u8] = b"sev-launch kek id";

/// What is wrong with the contents of a key file. None says anything of the key.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum KekError {
    /// The wrong number of bytes.
    #[error(
        "{found} bytes, newline included: wanted 32 raw bytes, or 44 characters of base64 or 64 hexadecimal digits with at most one newline; `openssl rand -base64 32` makes one"
    )]
    Length {
        /// Bytes found.
        found: usize,
    },
    /// More bytes than any key file has. No more were read.
    #[error(
        "more than 66 bytes: wanted 32 raw bytes, or 44 characters of base64 or 64 hexadecimal digits with at most one newline; `openssl rand -base64 32` makes one"
    )]
    TooLong,
    /// As long as base64 of a key, and not base64.
    #[error(
        "44 characters that are not base64 of 32 bytes: wanted letters, digits, `+` and `/`, and one `=` at the end"
    )]
    Base64,
    /// As long as a key in hexadecimal, and not hexadecimal.
    #[error("64 characters that are not all hexadecimal digits")]
    Hex,
    /// As long as a raw key, and text: a passphrase, or 16 bytes in hexadecimal. A drawn key is so once in 2 * 10^13 draws.
    #[error(
        "32 bytes of printable text: wanted 32 random bytes, which text of that length has not; `openssl rand -base64 32` makes a key"
    )]
    Text,
    /// A key of zeros.
    #[error(
        "a key of 32 zero bytes: wanted 32 random bytes; `openssl rand -base64 32` makes a key"
    )]
    Zero,
}

/// The name of a key: the first 8 bytes of SHA-256 over `sev-launch kek id` and the key. Not secret. Shown as 16 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; KEY_ID_SIZE]);

impl KeyId {
    /// From the 8 bytes that a sealed value has at offset 1, for instance where a database lists them.
    pub const fn from_bytes(bytes: [u8; KEY_ID_SIZE]) -> Self {
        Self(bytes)
    }

    /// The 8 bytes.
    pub const fn as_bytes(&self) -> &[u8; KEY_ID_SIZE] {
        &self.0
    }

    fn of(key: &[u8; KEK_SIZE]) -> Self {
        let mut hash = Sha256::new_with_prefix(ID_LABEL).chain_update(key).finalize();
        let mut id = [0; KEY_ID_SIZE];
        id.iter_mut().zip(&hash).for_each(|(to, from)| *to = *from);
        hash.as_mut_slice().zeroize();
        Self(id)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// A key-encryption key. Wiped on drop; it can be neither shown nor copied.
pub struct Kek {
    /// In a place of its own on the heap: a value on the stack leaves a copy wherever it is moved from.
    bytes: Box<Zeroizing<[u8; KEK_SIZE]>>,
    id: KeyId,
}

impl Kek {
    /// Draws 32 bytes.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = Box::new(Zeroizing::new([0; KEK_SIZE]));
        rng.fill_bytes(bytes.as_mut_slice());
        Self::named(bytes)
    }

    /// From the contents of a key file; wiping them is the caller's part.
    ///
    /// Errors: no length of a key file; text that is not what its length says; a key of zeros, or of 32 printable characters.
    pub fn parse(contents: &[u8]) -> Result<Self, KekError> {
        let line = without_newline(contents);
        let mut bytes = Box::new(Zeroizing::new([0; KEK_SIZE]));
        match (contents.len(), line.len()) {
            (KEK_SIZE, _) if is_text(contents) => return Err(KekError::Text),
            (KEK_SIZE, _) => bytes.copy_from_slice(contents),
            (_, BASE64_SIZE) => {
                // The decoder wants room for 33 bytes: its estimate knows nothing of the padding.
                let mut decoded = Zeroizing::new([0; BASE64_SIZE]);
                let found = STANDARD.decode_slice(line, decoded.as_mut_slice());
                match found.ok().and_then(|size| decoded.get(..size)) {
                    Some(decoded) if decoded.len() == KEK_SIZE => bytes.copy_from_slice(decoded),
                    _ => return Err(KekError::Base64),
                }
            }
            (_, HEX_SIZE) => {
                hex::decode_to_slice(line, bytes.as_mut_slice()).map_err(|_| KekError::Hex)?;
            }
            (found, _) if found > MAX_FILE => return Err(KekError::TooLong),
            (found, _) => return Err(KekError::Length { found }),
        }
        if bool::from(bytes.as_slice().ct_eq(&[0; KEK_SIZE])) {
            return Err(KekError::Zero);
        }
        Ok(Self::named(bytes))
    }

    /// The key's name.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The key.
    pub(super) fn expose(&self) -> &[u8; KEK_SIZE] {
        &self.bytes
    }

    fn named(bytes: Box<Zeroizing<[u8; KEK_SIZE]>>) -> Self {
        let id = KeyId::of(&bytes);
        Self { bytes, id }
    }
}

fn without_newline(contents: &[u8]) -> &[u8] {
    match contents {
        [line @ .., b'\r', b'\n'] | [line @ .., b'\n'] => line,
        line => line,
    }
}

fn is_text(contents: &[u8]) -> bool {
    let is_printable = |byte: &u8| matches!(*byte, b' '..=b'~' | b'\t' | b'\r' | b'\n');
    contents.iter().all(is_printable)
}
