//! The RSA keys of the simulated authorities: made from a stream or from given primes, and used for nothing but to sign.
//!
//! RSASSA-PSS with MGF1 by the same hash, and with a salt as long as the hash: SHA-256 for keys of 2048 bits, SHA-384 for 4096. [RFC 8017, RSASSA-PSS]
//! [SEV-API, AMD certificate]. The salt follows from the message, so a certificate is the same each time it is made.

use core::fmt;

use rand_core::CryptoRng;
use rsa::signature::{RandomizedSigner as _, SignatureEncoding as _};
use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};
use rsa::{BoxedUint, PrivateKey, pss};
use sha2::{Sha256, Sha384};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::authority::AuthorityError;
use crate::random::Generator;

/// 65537, the exponent of every AMD key.
pub(crate) const EXPONENT: u32 = 65537;

/// The two primes of an RSA key, big-endian. They are wiped on drop, and `Debug` shows none.
pub struct Primes {
    /// One.
    pub p: Zeroizing<Vec<u8>>,
    /// The other.
    pub q: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Primes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Primes(..)")
    }
}

/// A key of 2048 or 4096 bits. The library wipes it on drop.
pub(crate) struct RsaKey {
    key: PrivateKey,
    size: usize,
}

// It does not compile otherwise.
const _: () = {
    const fn is_wiped<T: ZeroizeOnDrop>() {}
    is_wiped::<PrivateKey>();
};

impl fmt::Debug for RsaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaKey({} bits, ..)", self.size * 8)
    }
}

impl RsaKey {
    /// Draws primes until there is a key of `size` bytes.
    pub(crate) fn generate(size: usize, rng: &mut impl CryptoRng) -> Result<Self, AuthorityError> {
        let key = PrivateKey::new(rng, size * 8).map_err(|_| AuthorityError::Generator)?;
        Ok(Self { key, size })
    }

    /// The key of two primes, which must have `size` bytes.
    pub(crate) fn from_primes(size: usize, primes: &Primes) -> Result<Self, AuthorityError> {
        let [p, q] = [&primes.p, &primes.q].map(|prime| BoxedUint::from_be_slice_vartime(prime));
        let key = PrivateKey::from_p_q(p, q, BoxedUint::from(EXPONENT))
            .map_err(|_| AuthorityError::NoKey)?;
        let found = key.n_bytes().len();
        if found != size {
            return Err(AuthorityError::KeySize { found: found * 8, wanted: size * 8 });
        }
        Ok(Self { key, size })
    }

    /// Its primes, to store them.
    pub(crate) fn primes(&self) -> Primes {
        let bytes = |index: usize| {
            let prime = self.key.primes().get(index).map(|prime| prime.to_be_bytes().to_vec());
            Zeroizing::new(prime.unwrap_or_default())
        };
        Primes { p: bytes(0), q: bytes(1) }
    }

    /// Bytes of the modulus: 256 or 512.
    pub(crate) const fn size(&self) -> usize {
        self.size
    }

    /// The modulus, big-endian.
    pub(crate) fn modulus(&self) -> Vec<u8> {
        self.key.n_bytes().to_vec()
    }

    /// RSASSA-PSS over the message, big-endian, as long as the modulus.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, AuthorityError> {
        let mut salts = Generator::new(message, "salt", 0);
        let key = self.key.clone();
        let signature = match self.size {
            256 => pss::SigningKey::<Sha256>::new(key).try_sign_with_rng(&mut salts, message),
            _ => pss::SigningKey::<Sha384>::new(key).try_sign_with_rng(&mut salts, message),
        };
        let signature = signature.map_err(|_| AuthorityError::Signature)?.to_vec();
        let mut padded = vec![0; self.size.saturating_sub(signature.len())];
        padded.extend(signature);
        Ok(padded)
    }
}
