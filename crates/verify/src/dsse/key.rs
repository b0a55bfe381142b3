//! Keys that sign and verify envelopes: ECDSA on P-256, as files hold them.
//!
//! Public keys are SubjectPublicKeyInfo, private ones PKCS#8 or SEC1, in PEM or DER: what `openssl` writes, and what cosign writes as its public
//! key. cosign's private keys are encrypted in a way of its own, and are refused by name, as every other encrypted key.

use alloc::boxed::Box;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use der::asn1::ObjectIdentifier;
use p256::ecdsa::signature::hazmat::{PrehashSigner as _, PrehashVerifier as _};
use p256::ecdsa::{self, Signature};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::ec_key_file::{self, SECP256R1, Unfit};

/// Bytes of a number on P-256.
const NUMBER_SIZE: usize = 32;
/// What stands before an uncompressed point on P-256 in a SubjectPublicKeyInfo. [RFC 5480, SubjectPublicKeyInfo]
const SPKI_HEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// Why a file holds no key that can sign or verify an envelope. No error quotes anything of a file.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// Encrypted, and no passphrase is asked for.
    #[error("the private key is encrypted: decrypt it first (openssl pkcs8 -in KEY -out PLAIN)")]
    Encrypted,
    /// Encrypted as cosign does.
    #[error(
        "the private key is encrypted in cosign's own way, which only cosign reads: sign with cosign, or with a key that openssl made"
    )]
    EncryptedByCosign,
    /// A key on another curve.
    #[error("the key is on {found}, wanted P-256")]
    Curve {
        /// The curve's name, or its object identifier.
        found: String,
    },
    /// A key of another algorithm.
    #[error("the key is of {found}, wanted ECDSA on P-256")]
    Algorithm {
        /// The algorithm's name, or its object identifier.
        found: String,
    },
    /// Not one public key.
    #[error(
        "not a public key on P-256 as a SubjectPublicKeyInfo in one PEM block (`BEGIN PUBLIC KEY`) or DER"
    )]
    Public,
    /// A private key where a public one is wanted: it should be where nobody verifies.
    #[error(
        "a private key, wanted its public half (openssl pkey -in KEY -pubout -out PUB): keep the private one where is signed, and nowhere else"
    )]
    PrivateForPublic,
    /// Not one private key.
    #[error(
        "not a private key on P-256 as PKCS#8 (`BEGIN PRIVATE KEY`) or SEC1 (`BEGIN EC PRIVATE KEY`), in one PEM block or DER"
    )]
    Private,
    /// A public half that is another key's.
    #[error("the public half in the private key's file is another key's")]
    OtherHalf,
}

impl KeyError {
    fn of(unfit: Unfit, malformed: Self) -> Self {
        match unfit {
            Unfit::Malformed => malformed,
            Unfit::Algorithm(found) => Self::Algorithm { found: name(found) },
            Unfit::Curve(found) => Self::Curve { found: name(found) },
        }
    }
}

/// What people call an algorithm or a curve. [RFC 5480, named curves], [RFC 8017, object identifiers], [RFC 8410, object identifiers]
fn name(found: ObjectIdentifier) -> String {
    const NAMES: [(ObjectIdentifier, &str); 6] = [
        (ec_key_file::SECP384R1, "P-384"),
        (ObjectIdentifier::new_unwrap("1.3.132.0.35"), "P-521"),
        (ObjectIdentifier::new_unwrap("1.3.132.0.33"), "P-224"),
        (ObjectIdentifier::new_unwrap("1.3.132.0.10"), "secp256k1"),
        (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1"), "RSA"),
        (ObjectIdentifier::new_unwrap("1.3.101.112"), "Ed25519"),
    ];
    let known = NAMES.iter().find(|(oid, _)| *oid == found);
    known.map_or_else(|| found.to_string(), |(_, name)| (*name).into())
}

/// A public key that verifies envelopes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyingKey(ecdsa::VerifyingKey);

impl VerifyingKey {
    /// From a SubjectPublicKeyInfo in DER or one PEM block (`PUBLIC KEY`), its point compressed or not.
    ///
    /// Errors: anything else; another algorithm or curve, by its name; a private key; a point that is not on P-256.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeyError> {
        if contains(bytes, b"PRIVATE KEY-----") {
            return Err(KeyError::PrivateForPublic);
        }
        let point = ec_key_file::public(bytes, SECP256R1)
            .map_err(|unfit| KeyError::of(unfit, KeyError::Public))?;
        ecdsa::VerifyingKey::from_sec1_bytes(&point).map(Self).map_err(|_| KeyError::Public)
    }

    /// The key as DER: a SubjectPublicKeyInfo of 91 bytes, the point uncompressed. [RFC 5480, SubjectPublicKeyInfo]
    pub fn to_der(&self) -> Vec<u8> {
        let point = self.0.to_sec1_point(false);
        [SPKI_HEAD.as_slice(), point.as_bytes()].concat()
    }

    /// The SHA-256 of that: what `openssl pkey -pubin -in PUB -outform DER | sha256sum` prints.
    pub fn fingerprint(&self) -> [u8; 32] {
        Sha256::digest(self.to_der()).into()
    }

    /// Is that the signature of a message with this hash? It is DER, and of nothing but r and s. [RFC 5480, ECDSA-Sig-Value]
    pub(super) fn verifies_hash(&self, hash: &[u8; 32], signature: &[u8]) -> bool {
        let signature = Signature::from_der(signature);
        signature.is_ok_and(|signature| self.0.verify_prehash(hash, &signature).is_ok())
    }
}

/// A private key that signs envelopes. Wiped when dropped; never shown, and so without `Debug`.
pub struct SigningKey(Box<ecdsa::SigningKey>);

impl SigningKey {
    /// From the scalar: 32 bytes, big-endian.
    ///
    /// Errors: zero, or not below the order of the curve.
    pub fn from_scalar(scalar: &[u8; NUMBER_SIZE]) -> Result<Self, KeyError> {
        let key = ecdsa::SigningKey::from_slice(scalar).map(Box::new);
        key.map(Self).map_err(|_| KeyError::Private)
    }

    /// From DER or one PEM block, as PKCS#8 (`PRIVATE KEY`) or SEC1 (`EC PRIVATE KEY`), not encrypted; a block `EC PARAMETERS` before
    /// it, as OpenSSL writes one, is passed over where it names P-256.
    ///
    /// Errors: anything else; an encrypted key; another algorithm or curve, by its name; a public half inside that is not this key's.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeyError> {
        if contains(bytes, b"ENCRYPTED SIGSTORE") || contains(bytes, b"ENCRYPTED COSIGN") {
            return Err(KeyError::EncryptedByCosign);
        }
        if contains(bytes, b"ENCRYPTED") {
            return Err(KeyError::Encrypted);
        }
        let file = ec_key_file::private(bytes, SECP256R1)
            .map_err(|unfit| KeyError::of(unfit, KeyError::Private))?;
        let scalar = file.scalar.as_slice().try_into().map_err(|_| KeyError::Private)?;
        let key = Self::from_scalar(scalar)?;
        let point = file.point.map(|point| ecdsa::VerifyingKey::from_sec1_bytes(&point));
        match point {
            None => Ok(key),
            Some(Ok(point)) if VerifyingKey(point) == key.public() => Ok(key),
            Some(_) => Err(KeyError::OtherHalf),
        }
    }

    /// The public half.
    pub fn public(&self) -> VerifyingKey {
        VerifyingKey(*self.0.verifying_key())
    }

    /// Signs a message by its hash, with the nonce of RFC 6979: r and s in DER. `None` where the library makes none, which no hash is known
    /// to bring about.
    pub(super) fn sign_hash(&self, hash: &[u8; 32]) -> Option<Vec<u8>> {
        let signature: Signature = self.0.sign_prehash(hash).ok()?;
        Some(signature.to_der().as_bytes().to_vec())
    }
}

/// Is that text somewhere in the file?
fn contains(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    /// [RFC 6979, A.2.5]: the key, and the signature of `sample` with SHA-256.
    #[test]
    fn the_nonce_is_that_of_rfc_6979() {
        let bytes = |text: &str| -> [u8; 32] {
            hex::decode(text).expect("hex").try_into().expect("32 bytes")
        };
        let key = bytes("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
        let r = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716";
        let s = "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
        let hash = Sha256::digest(b"sample").into();
        let key = SigningKey::from_scalar(&key).expect("a key");
        let signature = key.sign_hash(&hash).expect("signed");
        assert_eq!(hex::encode(&signature), format!("3046022100{r}022100{s}"));
        assert!(key.public().verifies_hash(&hash, &signature));
    }
}
