//! DSSE envelopes: a payload with its type, and signatures over both, by ECDSA on P-256 with SHA-256.
//!
//! Defined by [DSSE, protocol] and [DSSE, envelope]. Signed is the pre-authentication encoding of the type and the payload, never the JSON
//! that carries them: so nothing that stands around the payload can change what it means. What surprises: the key's id beside a signature is
//! signed by nobody; it is kept to be shown, and decides nothing. The JSON form is read by `sev-launch-manifest`.
//!
//! Signatures are DER, as cosign and securesystemslib write and read them, and both halves of s are taken, since both of these make both:
//! whoever has one signature can write the other, so an envelope's bytes are no identity. What is made here has the nonce of RFC 6979: equal
//! payloads have equal signatures.
//!
//! ```
//! use sev_launch_verify::dsse::{Envelope, SigningKey};
//!
//! let key = SigningKey::from_scalar(&[3; 32])?; // a real one comes from a file
//! let envelope = Envelope::sign("text/plain", b"a payload".to_vec(), &key)?;
//! let verified = envelope.verify("text/plain", &[key.public()])?;
//! assert_eq!(verified.payload(), b"a payload");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod key;

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use sev_launch_abi::reader::wide;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

pub use key::{KeyError, SigningKey, VerifyingKey};

use crate::outcome::Family;

/// The payload's type of an in-toto statement. [in-toto, DSSE envelope]
pub const IN_TOTO: &str = "application/vnd.in-toto+json";
/// The most signatures that an envelope may have.
pub const MAX_SIGNATURES: usize = 32;

/// A signature, as an envelope has it: of which nothing is known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// What the signer calls its key; empty where it says nothing. Nobody signed it.
    pub key_id: String,
    /// The signature: of ours, a DER SEQUENCE of r and s. Others may be of any algorithm.
    pub bytes: Vec<u8>,
}

/// An envelope that nobody verified: its payload cannot be had before that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    payload_type: String,
    payload: Vec<u8>,
    signatures: Vec<Signature>,
}

/// A payload that one of the given keys signed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct VerifiedPayload {
    payload: Vec<u8>,
    key: VerifyingKey,
    others: Vec<Signature>,
}

/// Why an envelope is none, or its payload is not vouched for.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum DsseError {
    /// Nobody signed.
    #[error("the envelope has no signature: nobody vouches for its payload")]
    NoSignature,
    /// More than anybody needs.
    #[error("the envelope has {found} signatures, at most {MAX_SIGNATURES}")]
    TooManySignatures {
        /// How many it has.
        found: u64,
    },
    /// No key to verify with: it would never be a yes.
    #[error("no key is given by which a signature could be verified")]
    NoKey,
    /// Something else than what is wanted.
    #[error("the envelope's payload is {found:?}, wanted {wanted:?}")]
    PayloadType {
        /// The type found.
        found: String,
        /// The type wanted.
        wanted: String,
    },
    /// The answer is no.
    #[error(
        "none of the envelope's {signatures} signature(s) is by a given key, over this very payload"
    )]
    NotSigned {
        /// How many signatures it has.
        signatures: u64,
    },
}

impl DsseError {
    /// Rejected where the signatures are those of nobody who is trusted, else malformed.
    pub const fn family(&self) -> Family {
        match self {
            Self::NotSigned { .. } => Family::Rejected,
            _ => Family::Malformed,
        }
    }
}

impl Envelope {
    /// Puts together what was read.
    ///
    /// Errors: no signature, or more than [`MAX_SIGNATURES`].
    pub fn new(
        payload_type: String,
        payload: Vec<u8>,
        signatures: Vec<Signature>,
    ) -> Result<Self, DsseError> {
        match signatures.len() {
            0 => Err(DsseError::NoSignature),
            found if found > MAX_SIGNATURES => {
                Err(DsseError::TooManySignatures { found: wide(found) })
            }
            _ => Ok(Self { payload_type, payload, signatures }),
        }
    }

    /// Signs a payload. The signature names no key, as cosign's: an id would be signed by nobody, and securesystemslib passes over a signature
    /// whose id is another than that under which it was given the key.
    ///
    /// Errors: no signature came of it, for which no payload is known.
    pub fn sign(payload_type: &str, payload: Vec<u8>, key: &SigningKey) -> Result<Self, DsseError> {
        let bytes = key.sign_hash(&signed_hash(payload_type, &payload));
        let bytes = bytes.ok_or(DsseError::NoSignature)?;
        let signatures = vec![Signature { key_id: String::new(), bytes }];
        Ok(Self { payload_type: payload_type.to_owned(), payload, signatures })
    }

    /// The payload's type, which is a claim until it is verified.
    pub fn payload_type(&self) -> &str {
        &self.payload_type
    }

    /// The signatures: at least one.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// The bytes of the payload before anybody verified it, to write the envelope down.
    pub fn danger_unverified_payload(&self) -> &[u8] {
        &self.payload
    }

    /// Gives the payload if it is of the type wanted and one of the keys signed it.
    ///
    /// Errors: no keys; another type; no signature that is by one of the keys, in any form but DER too.
    pub fn verify(
        self,
        payload_type: &str,
        keys: &[VerifyingKey],
    ) -> Result<VerifiedPayload, DsseError> {
        if keys.is_empty() {
            return Err(DsseError::NoKey);
        }
        if self.payload_type != payload_type {
            let (found, wanted) = (self.payload_type, payload_type.to_owned());
            return Err(DsseError::PayloadType { found, wanted });
        }
        let Self { payload_type, payload, signatures } = self;
        let hash = signed_hash(&payload_type, &payload);
        let (mut by, mut others) = (None, Vec::new());
        let count = wide(signatures.len());
        for signature in signatures {
            match keys.iter().find(|key| key.verifies_hash(&hash, &signature.bytes)) {
                Some(key) => by = by.or(Some(key)),
                None => others.push(signature),
            }
        }
        match by {
            Some(key) => Ok(VerifiedPayload { payload, key: key.clone(), others }),
            None => Err(DsseError::NotSigned { signatures: count }),
        }
    }
}

impl VerifiedPayload {
    /// The payload.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The key that signed it: of several, the one of the envelope's first signature by any of them.
    pub fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// The signatures that are by none of the given keys. Nothing is known of them.
    pub fn others(&self) -> &[Signature] {
        &self.others
    }
}

/// The SHA-256 of the pre-authentication encoding. [DSSE, protocol, PAE]
fn signed_hash(payload_type: &str, payload: &[u8]) -> [u8; 32] {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    Sha256::new().chain_update(head).chain_update(payload).finalize().into()
}
