//! The bytes of a sealed value, version 1:
//!
//! | offset | size | field |
//! |---|---|---|
//! | 0 | 1 | version: 1 |
//! | 1 | 8 | id of the key that wraps the data key |
//! | 9 | 12 | nonce of the wrapping |
//! | 21 | 48 | wrapped data key: ciphertext, then tag |
//! | 69 | 12 | nonce of the payload |
//! | 81 | n + 16 | payload: n bytes of ciphertext, then tag |
//!
//! The payload has no length of its own: it goes to the end. A database finds the keys that it needs by bytes 1 to 8, in SQL
//! `SELECT DISTINCT substr(sealed, 2, 8)`.

use sev_launch_abi::reader::Reader;

use super::gcm::{KEY_SIZE, NONCE_SIZE, TAG_SIZE};
use super::kek::{KEY_ID_SIZE, KeyId};
use super::ring::SealError;

/// The most bytes that are sealed as one value: 1 MiB, four times the largest request that carries secrets.
pub const MAX_PLAINTEXT: usize = 0x10_0000;
/// Bytes that a sealed value has more than what is in it.
pub const OVERHEAD: usize = 1 + KEY_ID_SIZE + NONCE_SIZE + WRAPPED_SIZE + NONCE_SIZE + TAG_SIZE;
/// The one version there is.
const VERSION: u8 = 1;
/// Bytes of a wrapped data key.
pub(super) const WRAPPED_SIZE: usize = KEY_SIZE + TAG_SIZE;

const _: () = assert!(OVERHEAD == 97);

/// A sealed value. Nothing in it is secret, and nothing in it is authentic until it opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    pub(super) key_id: KeyId,
    pub(super) wrap_nonce: [u8; NONCE_SIZE],
    pub(super) wrapped: [u8; WRAPPED_SIZE],
    pub(super) nonce: [u8; NONCE_SIZE],
    /// With its tag.
    pub(super) payload: Vec<u8>,
}

impl Sealed {
    /// From stored bytes: from 97 bytes, which are an empty value, up to 1 MiB more.
    ///
    /// Errors: another length, another version.
    pub fn parse(bytes: &[u8]) -> Result<Self, SealError> {
        let length = SealError::Length { found: bytes.len() };
        if bytes.len() > OVERHEAD + MAX_PLAINTEXT {
            return Err(length);
        }
        let mut reader = Reader::new(bytes);
        match reader.u8() {
            Some(VERSION) => {}
            Some(found) => return Err(SealError::Version { found }),
            None => return Err(length),
        }
        let mut fields = || {
            Some(Self {
                key_id: KeyId::from_bytes(reader.array()?),
                wrap_nonce: reader.array()?,
                wrapped: reader.array()?,
                nonce: reader.array()?,
                payload: Some(reader.rest()).filter(|rest| rest.len() >= TAG_SIZE)?.to_vec(),
            })
        };
        fields().ok_or(length)
    }

    /// The bytes to store: 97 more than what was sealed.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(OVERHEAD.saturating_add(self.payload.len()));
        bytes.push(VERSION);
        let fields = [
            self.key_id.as_bytes().as_slice(),
            &self.wrap_nonce,
            &self.wrapped,
            &self.nonce,
            &self.payload,
        ];
        fields.into_iter().for_each(|field| bytes.extend_from_slice(field));
        bytes
    }

    /// Which key wraps it.
    pub const fn key_id(&self) -> KeyId {
        self.key_id
    }
}
