//! RSASSA-PSS as AMD signs with it, in the certificates of SEV and in the X.509 certificates of SNP.
//!
//! Defined by [RFC 8017, RSASSA-PSS-VERIFY]; which parameters belong to which key was read out of AMD's signatures. MGF1 uses
//! the hash of the signature and the salt is as long as its output; any other is refused, and PKCS #1 v1.5 is not known here.
//! What surprises: in SEV the size of the key decides the hash, 2048 bits with SHA-256 and 4096 bits with SHA-384; X.509 names
//! the hash, and it is SHA-384 with every size. Numbers are big-endian here; SEV certificates hold them little-endian.
//!
//! ```
//! use sev_launch_verify::abi::Generation;
//! use sev_launch_verify::amd_keys::ark;
//! use sev_launch_verify::rsa_pss::{KeySize, PublicKey};
//!
//! let key = PublicKey::from_modulus(ark(Generation::Milan).modulus);
//! assert_eq!(key.map(|key| key.size()), Some(KeySize::Bits4096));
//! ```

use rsa::pss::{Signature, VerifyingKey};
use rsa::signature::Verifier as _;
use rsa::traits::PublicKeyParts as _;
use rsa::{BoxedUint, PublicKey as RsaPublicKey};
use sha2::{Sha256, Sha384};

/// The public exponent of every key of AMD, and the only one that is accepted.
pub const EXPONENT: u32 = 65537;

/// How large a modulus is; the hash follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeySize {
    /// 2048 bits, with SHA-256: Naples.
    Bits2048,
    /// 4096 bits, with SHA-384: every later generation.
    Bits4096,
}

impl KeySize {
    /// Bits of the modulus.
    pub const fn bits(self) -> u32 {
        match self {
            Self::Bits2048 => 2048,
            Self::Bits4096 => 4096,
        }
    }

    /// Bytes of the modulus, and of a signature.
    pub const fn bytes(self) -> usize {
        match self {
            Self::Bits2048 => 256,
            Self::Bits4096 => 512,
        }
    }

    /// The hash that SEV signs with under a key of this size.
    const fn hash(self) -> Hash {
        match self {
            Self::Bits2048 => Hash::Sha256,
            Self::Bits4096 => Hash::Sha384,
        }
    }

    /// The size of a modulus of this many bits; `None` if it is neither of the two.
    pub const fn from_bits(bits: u32) -> Option<Self> {
        match bits {
            2048 => Some(Self::Bits2048),
            4096 => Some(Self::Bits4096),
            _ => None,
        }
    }
}

/// A public key with exponent 65537 and a modulus of exactly 2048 or 4096 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    key: RsaPublicKey,
    size: KeySize,
}

impl PublicKey {
    /// From a big-endian modulus. `None` if it is even, or if its highest bit is not bit 2047 or 4095.
    pub fn from_modulus(modulus: &[u8]) -> Option<Self> {
        let key = key(modulus, EXPONENT.into())?;
        let size = KeySize::from_bits(key.n().bit_width_vartime())?;
        (size.bytes() == modulus.len()).then_some(Self { key, size })
    }

    /// How large the modulus is.
    pub fn size(&self) -> KeySize {
        self.size
    }

    /// Whether `signature`, big-endian and as long as the modulus, is this key's over `message`.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        verifies(self.key.clone(), self.size.hash(), message, signature)
    }
}

/// The hash of a signature, which decides the salt's length too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
}

impl Hash {
    /// Bytes of the salt: as many as the hash has.
    pub(crate) const fn salt_size(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
        }
    }
}

/// A key of 2048 to 4096 bits. `None` if it has another size, or if modulus or exponent cannot be those of a key.
pub(crate) fn key(modulus: &[u8], exponent: u64) -> Option<RsaPublicKey> {
    let modulus = BoxedUint::from_be_slice_vartime(modulus);
    RsaPublicKey::new_with_size_limits(modulus, BoxedUint::from(exponent), 2048..=4096).ok()
}

/// Whether `signature`, as long as the modulus, is the key's over `message`.
pub(crate) fn verifies(key: RsaPublicKey, hash: Hash, message: &[u8], signature: &[u8]) -> bool {
    if signature.len() != key.size() {
        return false;
    }
    let Ok(signature) = Signature::try_from(signature) else { return false };
    let salt = hash.salt_size();
    match hash {
        Hash::Sha256 => {
            VerifyingKey::<Sha256>::new_with_salt_len(key, salt).verify(message, &signature).is_ok()
        }
        Hash::Sha384 => {
            VerifyingKey::<Sha384>::new_with_salt_len(key, salt).verify(message, &signature).is_ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_modulus_of_another_size_or_an_even_one_is_no_key() {
        assert!(PublicKey::from_modulus(&[0xff; 256]).is_some());
        assert!(PublicKey::from_modulus(&[0xff; 512]).is_some());
        for wrong in [&[0xff; 255][..], &[0xff; 257], &[0xff; 384], &[0xfe; 256], &[0x7f; 256], &[]]
        {
            assert!(PublicKey::from_modulus(wrong).is_none(), "{} bytes", wrong.len());
        }
        // A 2048-bit number in 512 bytes.
        assert!(PublicKey::from_modulus(&[[0; 256], [0xff; 256]].concat()).is_none());
    }

    #[test]
    fn a_signature_of_another_length_is_refused() {
        let key = PublicKey::from_modulus(&[0xff; 256]).unwrap();
        for length in [0, 255, 256, 257, 512, 2000] {
            assert!(!key.verifies(b"", &alloc::vec![0; length]), "{length}");
        }
    }
}
