//! The keys between a guest's owner and the platform.
//!
//! Defined by [SEV-API, LAUNCH_START]: the owner chooses TEK (encrypts) and TIK (authenticates) and sends them wrapped under KEK and
//! KIK, which both sides derive from a shared secret of P-384. All are wiped on drop, none can be cloned, and `Debug` shows
//! none. `expose` gives the bytes; each call of it is a place where a key can leak. Each lies on the heap, in a place of its own:
//! a value on the stack leaves a copy wherever it is moved from.
//!
//! ```
//! use sev_launch_verify::sev::keys::{SessionKeys, Tek, Tik};
//!
//! /// Keys that were stored: 32 bytes, TEK first.
//! fn stored(bytes: &[u8; 32]) -> Option<SessionKeys> {
//!     let (tek, tik) = bytes.split_at(16);
//!     Some(SessionKeys { tek: Tek::from_bytes(tek).ok()?, tik: Tik::from_bytes(tik).ok()? })
//! }
//! assert!(stored(&[7; 32]).is_some());
//! ```

use alloc::boxed::Box;
use core::fmt;

use aes::Aes128;
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit as _, StreamCipher as _};
use hmac::digest::FixedOutput as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use p384::SecretKey;
use rand_core::CryptoRng;
use sha2::Sha256;
use sha2::digest::block_api::CoreProxy;
use thiserror::Error;
use zeroize::{Zeroize as _, ZeroizeOnDrop, Zeroizing};

use crate::point::PublicPoint;

/// Bytes of TEK, TIK, KEK, KIK and the master secret. [SEV-API, key derivation]
pub const KEY_SIZE: usize = 16;
/// Bytes of a private key and of a shared secret: those of P-384's field. [SEV-API, key derivation]
pub const SCALAR_SIZE: usize = 48;
/// Bytes in a block of SHA-256, up to which HMAC takes a key as it is.
const HMAC_BLOCK: usize = 64;
/// Bytes in one output of HMAC-SHA-256.
const MAC_SIZE: usize = 32;

/// What is wrong with a key.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// The wrong number of bytes.
    #[error("{what}: {found} bytes, wanted {wanted}")]
    Length {
        /// Which key.
        what: &'static str,
        /// Bytes found.
        found: usize,
        /// Bytes wanted.
        wanted: usize,
    },
    /// A private key that is zero, or not below the order of P-384.
    #[error("the private key is not between 1 and the order of P-384")]
    PrivateKey,
    /// The generator gives nothing that can be a private key, again and again.
    #[error("the random number generator gave no private key in {attempts} attempts: it is broken")]
    Generator {
        /// How often it was asked.
        attempts: u8,
    },
}

/// Declares a key of 16 bytes.
macro_rules! secret_key {
    ($(#[$doc:meta])* $name:ident, $text:literal) => {
        $(#[$doc])*
        pub struct $name(Box<[u8; KEY_SIZE]>);

        impl $name {
            /// Room for a key.
            fn empty() -> Self {
                Self(Box::new([0; KEY_SIZE]))
            }

            /// From exactly 16 bytes, which stay where they are: wiping them is the caller's part.
            pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
                let wrong = KeyError::Length { what: $text, found: bytes.len(), wanted: KEY_SIZE };
                <&[u8; KEY_SIZE]>::try_from(bytes).map(Self::from_array).map_err(|_| wrong)
            }

            /// From an array, which stays where it is.
            pub(super) fn from_array(bytes: &[u8; KEY_SIZE]) -> Self {
                let mut key = Self::empty();
                key.0.copy_from_slice(bytes);
                key
            }

            /// The bytes.
            pub fn expose(&self) -> &[u8; KEY_SIZE] {
                &self.0
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                self.0.zeroize();
            }
        }

        impl ZeroizeOnDrop for $name {}

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}

secret_key!(
    /// The transport integrity key: under it are launch measurement, policy and secrets. It is what makes a launch fresh.
    Tik, "the TIK"
);
secret_key!(
    /// The transport encryption key: under it go secrets.
    Tek, "the TEK"
);
secret_key!(
    /// The key encryption key: wraps TEK and TIK.
    Kek, "the KEK"
);
secret_key!(
    /// The key integrity key: under it is WRAP_MAC.
    Kik, "the KIK"
);
secret_key!(
    /// What KEK and KIK are derived from.
    MasterSecret, "the master secret"
);

impl Tik {
    /// Draws 16 bytes.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut key = Self::empty();
        rng.fill_bytes(key.0.as_mut_slice());
        key
    }
}

impl Tek {
    /// Draws 16 bytes.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut key = Self::empty();
        rng.fill_bytes(key.0.as_mut_slice());
        key
    }
}

/// The two keys that the owner chooses for one launch.
#[derive(Debug)]
pub struct SessionKeys {
    /// TEK.
    pub tek: Tek,
    /// TIK.
    pub tik: Tik,
}

/// A private key on P-384: of the guest's owner (GODH), or of a platform (PDH).
pub struct PrivateKey(Box<SecretKey>);

/// After so many refused draws a generator is broken: a good one is refused once in 2^189 draws.
const ATTEMPTS: u8 = 8;

impl PrivateKey {
    /// From exactly 48 bytes, big endian. Errors: another length, zero, the curve's order or more.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        if bytes.len() != SCALAR_SIZE {
            let (what, found) = ("the private key", bytes.len());
            return Err(KeyError::Length { what, found, wanted: SCALAR_SIZE });
        }
        let key = SecretKey::from_slice(bytes).map(Box::new);
        key.map(Self).map_err(|_| KeyError::PrivateKey)
    }

    /// Draws 48 bytes, and again while they are no private key. [FIPS 186-5, private key by rejection sampling]
    pub fn generate(rng: &mut impl CryptoRng) -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0; SCALAR_SIZE]);
        for _ in 0..ATTEMPTS {
            rng.fill_bytes(bytes.as_mut_slice());
            if let Ok(key) = Self::from_bytes(bytes.as_slice()) {
                return Ok(key);
            }
        }
        Err(KeyError::Generator { attempts: ATTEMPTS })
    }

    /// The public key.
    pub fn public_point(&self) -> PublicPoint {
        PublicPoint::of(self.0.public_key())
    }

    /// Z: the x coordinate of this key times the other's point. [SEV-API, key derivation]
    pub fn agree(&self, other: &PublicPoint) -> SharedSecret {
        let shared = self.0.diffie_hellman(other.key());
        let mut z = SharedSecret(Box::new([0; SCALAR_SIZE]));
        z.0.iter_mut().zip(shared.raw_secret_bytes()).for_each(|(to, from)| *to = *from);
        z
    }

    /// The 48 bytes, big endian.
    pub fn expose(&self) -> Zeroizing<[u8; SCALAR_SIZE]> {
        let field = Zeroizing::new(self.0.to_bytes());
        let mut bytes = Zeroizing::new([0; SCALAR_SIZE]);
        bytes.copy_from_slice(&field);
        bytes
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(..)")
    }
}

/// Z, 48 bytes, big endian with its leading zeros.
pub struct SharedSecret(Box<[u8; SCALAR_SIZE]>);

impl SharedSecret {
    /// The bytes.
    pub fn expose(&self) -> &[u8; SCALAR_SIZE] {
        &self.0
    }
}

impl Drop for SharedSecret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for SharedSecret {}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSecret(..)")
    }
}

/// Fills `output` from a key of at most 64 bytes: HMACs over counter, label, a zero byte, context and length, joined and cut.
///
/// [SEV-API, key derivation] is the counter mode of [SP 800-108, KDF in counter mode] with HMAC-SHA-256. What surprises:
/// counter and length are little-endian, the length counts bits, and the shared secret goes in big-endian.
pub fn derive<const K: usize, const N: usize>(
    key: &[u8; K],
    label: &str,
    context: &[u8],
    output: &mut [u8; N],
) {
    const { assert!(N < 0x1000_0000, "the length in bits has 32 bits") };
    let length = u32::try_from(N * 8).unwrap_or(u32::MAX).to_le_bytes();
    let mut block = Zeroizing::new([0; MAC_SIZE]);
    for (counter, space) in (1_u32..).zip(output.chunks_mut(MAC_SIZE)) {
        let counter = counter.to_le_bytes();
        let parts = [&counter, label.as_bytes(), &[0], context, &length];
        hmac_sha256_into(key, &parts, &mut block);
        space.iter_mut().zip(block.iter()).for_each(|(to, from)| *to = *from);
    }
}

impl MasterSecret {
    /// From the shared secret and the session's NONCE. [SEV-API, key derivation]
    pub fn derive(z: &SharedSecret, nonce: &[u8; 16]) -> Self {
        Self::derive_raw(z.expose(), nonce)
    }

    /// The same from a secret of any size: published vectors have one of 16 bytes.
    pub(super) fn derive_raw<const K: usize>(z: &[u8; K], nonce: &[u8; 16]) -> Self {
        let mut master = Self::empty();
        derive(z, "sev-master-secret", nonce, &mut master.0);
        master
    }

    /// The key encryption key.
    pub fn kek(&self) -> Kek {
        let mut kek = Kek::empty();
        derive(self.expose(), "sev-kek", &[], &mut kek.0);
        kek
    }

    /// The key integrity key.
    pub fn kik(&self) -> Kik {
        let mut kik = Kik::empty();
        derive(self.expose(), "sev-kik", &[], &mut kik.0);
        kik
    }
}

/// HMAC-SHA-256 of the parts, one after another. [FIPS 198-1]
///
/// The key is no longer than a block, so it is used as it is.
pub(super) fn hmac_sha256<const K: usize>(key: &[u8; K], parts: &[&[u8]]) -> [u8; MAC_SIZE] {
    let mut output = [0; MAC_SIZE];
    hmac_sha256_into(key, parts, &mut output);
    output
}

/// The same where it is a key itself.
fn hmac_sha256_into<const K: usize>(key: &[u8; K], parts: &[&[u8]], output: &mut [u8; MAC_SIZE]) {
    const { assert!(K <= HMAC_BLOCK, "a longer key would have to be hashed") };
    let mut block = Zeroizing::new([0; HMAC_BLOCK]);
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    let mut mac: Hmac<Sha256> = Hmac::new((&*block).into());
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize_into(output.into());
}

// The two states that keep an HMAC's key are wiped: it does not compile otherwise.
const _: () = {
    const fn is_wiped<T: ZeroizeOnDrop>() {}
    is_wiped::<<Sha256 as CoreProxy>::Core>();
};

/// AES-128 in counter mode: `iv` is the whole first counter block, and the counter is 128 bits, big endian, wrapping.
pub(super) fn aes_128_ctr(key: &[u8; KEY_SIZE], iv: &[u8; 16], bytes: &mut [u8]) {
    Ctr128BE::<Aes128>::new(key.into(), iv.into()).apply_keystream(bytes);
}
