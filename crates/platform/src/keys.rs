//! Private keys on P-384: those of a chip, of its firmware and of an owner.
//!
//! Numbers leave as certificates have them: little-endian in fields of 72 bytes. [SEV-API, SEV certificate]

use core::fmt;

use p384::SecretKey;
use p384::ecdsa::signature::hazmat::{PrehashSigner as _, PrehashVerifier as _};
use p384::ecdsa::{Signature, SigningKey, VerifyingKey};
use p384::elliptic_curve::sec1::ToSec1Point as _;
use sha2::{Digest as _, Sha256, Sha384};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::random::Generator;

/// Bytes of a coordinate's field.
pub(crate) const FIELD: usize = 72;
/// Bytes of it that P-384 uses.
const USED: usize = 48;

/// A private key. It is wiped on drop.
pub(crate) struct EcKey(Box<SecretKey>);

impl EcKey {
    /// The key of a purpose: the first 48 bytes of its stream that are one. One draw in 2^189 is none. [FIPS 186-5, rejection sampling]
    pub(crate) fn derive(seed: &[u8], purpose: &str, number: u64) -> Self {
        let mut stream = Generator::new(seed, purpose, number);
        loop {
            let bytes: Zeroizing<[u8; USED]> = Zeroizing::new(stream.array());
            if let Ok(key) = SecretKey::from_slice(bytes.as_slice()) {
                return Self(Box::new(key));
            }
        }
    }

    /// From the number itself, big-endian.
    #[cfg(test)]
    pub(crate) fn from_scalar(bytes: &[u8]) -> Self {
        Self(Box::new(SecretKey::from_slice(bytes).expect("a private key")))
    }

    /// The public key.
    pub(crate) fn public(&self) -> PublicKey {
        PublicKey(self.0.public_key())
    }

    /// ECDH: the x coordinate, 48 bytes, big-endian. [SEV-API, key derivation]
    pub(crate) fn agree(&self, other: &PublicKey) -> Zeroizing<[u8; USED]> {
        let shared = self.0.diffie_hellman(&other.0);
        let mut z = Zeroizing::new([0; USED]);
        z.iter_mut().zip(shared.raw_secret_bytes()).for_each(|(to, from)| *to = *from);
        z
    }

    /// ECDSA with SHA-256: r and s.
    pub(crate) fn sign_sha256(&self, message: &[u8]) -> [u8; 2 * FIELD] {
        self.sign(&Sha256::digest(message))
    }

    /// ECDSA with SHA-384: r and s.
    pub(crate) fn sign_sha384(&self, message: &[u8]) -> [u8; 2 * FIELD] {
        self.sign(&Sha384::digest(message))
    }

    /// A signature of zeros, which nobody takes, where the library refuses: it signs every hash of 32 bytes and more.
    fn sign(&self, hash: &[u8]) -> [u8; 2 * FIELD] {
        let mut fields = [0; 2 * FIELD];
        let signature: Result<Signature, _> = SigningKey::from(&*self.0).sign_prehash(hash);
        if let Ok(signature) = signature {
            let (r, s) = signature.split_bytes();
            let numbers = [field(&r), field(&s)];
            fields.iter_mut().zip(numbers.as_flattened()).for_each(|(to, from)| *to = *from);
        }
        fields
    }
}

// Both forms of a private key are wiped by the library: it does not compile otherwise.
const _: () = {
    const fn is_wiped<T: ZeroizeOnDrop>() {}
    is_wiped::<SecretKey>();
    is_wiped::<SigningKey>();
};

impl fmt::Debug for EcKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EcKey(..)")
    }
}

/// A point of P-384.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicKey(p384::PublicKey);

impl PublicKey {
    /// From two little-endian coordinates; `None` where they are no point of the curve, or a number is longer than 48 bytes.
    pub(crate) fn from_fields(x: &[u8; FIELD], y: &[u8; FIELD]) -> Option<Self> {
        let sec1 = [&[4][..], &number(x)?, &number(y)?].concat();
        p384::PublicKey::from_sec1_bytes(&sec1).map(Self).ok()
    }

    /// The two coordinates, little-endian.
    pub(crate) fn to_fields(&self) -> [[u8; FIELD]; 2] {
        let point = self.0.to_sec1_point(false);
        let of = |number: Option<&[u8]>| field(number.unwrap_or_default());
        [of(point.x().map(|x| &**x)), of(point.y().map(|y| &**y))]
    }

    /// Uncompressed, as X.509 has it: 97 bytes. [SEC 1, octet string of a point]
    pub(crate) fn to_sec1(&self) -> Vec<u8> {
        self.0.to_sec1_point(false).as_bytes().to_vec()
    }

    /// Is this the key's signature, r and s of 72 bytes each, over a message by ECDSA with SHA-256?
    #[must_use]
    pub(crate) fn verifies_sha256(&self, message: &[u8], fields: &[u8]) -> bool {
        self.verifies(&Sha256::digest(message), fields)
    }

    /// The same with SHA-384.
    #[must_use]
    pub(crate) fn verifies_sha384(&self, message: &[u8], fields: &[u8]) -> bool {
        self.verifies(&Sha384::digest(message), fields)
    }

    fn verifies(&self, hash: &[u8], fields: &[u8]) -> bool {
        let (numbers, _) = fields.as_chunks::<FIELD>();
        let [r, s, ..] = numbers else { return false };
        let (Some(r), Some(s)) = (number(r), number(s)) else { return false };
        let Ok(signature) = Signature::from_scalars(r, s) else { return false };
        VerifyingKey::from(self.0).verify_prehash(hash, &signature).is_ok()
    }
}

/// A big-endian number in a little-endian field.
fn field(number: &[u8]) -> [u8; FIELD] {
    let mut field = [0; FIELD];
    field.iter_mut().zip(number.iter().rev()).for_each(|(to, from)| *to = *from);
    field
}

/// And back; `None` where the number has more than 48 bytes.
fn number(field: &[u8; FIELD]) -> Option<[u8; USED]> {
    let (used, rest) = field.split_at(USED);
    let mut number = [0; USED];
    number.iter_mut().rev().zip(used).for_each(|(to, from)| *to = *from);
    rest.iter().all(|byte| *byte == 0).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sev_launch_testkit::sev_api::SevApi;

    fn from_big_endian(x: &[u8], y: &[u8]) -> PublicKey {
        PublicKey::from_fields(&field(x), &field(y)).expect("a point")
    }

    #[test]
    fn agreements_are_the_known_ones() {
        let vectors = SevApi::read().ecdh;
        assert_eq!(vectors.len(), 6);
        for vector in vectors {
            let pdh = EcKey::from_scalar(&vector.pdh_private);
            let godh = from_big_endian(&vector.godh_x_be, &vector.godh_y_be);
            assert_eq!(pdh.public(), from_big_endian(&vector.pdh_x_be, &vector.pdh_y_be));
            assert_eq!(*pdh.agree(&godh), *vector.z, "{}", vector.name);
        }
    }

    #[test]
    fn what_is_no_point_is_refused() {
        let vectors = SevApi::read().bad_points;
        assert_eq!(vectors.len(), 4);
        for vector in vectors {
            let found = PublicKey::from_fields(&vector.x_le72.array(), &vector.y_le72.array());
            assert_eq!(found, None, "{}", vector.name);
        }
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(format!("{:?}", EcKey::derive(&[7; 32], "PDH", 0)), "EcKey(..)");
    }
}
