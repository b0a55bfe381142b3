//! Throwaway certificate chains of the legacy SEV platform, with every private key.
//!
//! A [`Platform`] has the six certificates from ARK to PDH, correctly signed, in every layout in which chains travel. Its
//! RSA keys are always the same published numbers; its P-384 keys come from a seed, so that two seeds are two machines of
//! two owners. The single pieces ([`ec_certificate`], [`Signer`]) are there to make certificates that are correctly signed
//! and wrong.

mod primes;
pub mod vectors;

use core::convert::Infallible;

use p384::SecretKey;
use p384::ecdsa::SigningKey;
use p384::ecdsa::signature::hazmat::PrehashSigner as _;
use p384::elliptic_curve::sec1::ToSec1Point as _;
use rand_core::utils::next_word_via_fill;
use rand_core::{TryCryptoRng, TryRng};
use rsa::signature::{RandomizedSigner as _, SignatureEncoding as _};
use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};
use rsa::{BoxedUint, PrivateKey, pss};
use sha2::{Digest as _, Sha256, Sha384};

use crate::nonce_one;

/// PUBKEY_USAGE codes (AMD 55766, SEV certificate).
pub mod usage {
    /// AMD root key.
    pub const ARK: u32 = 0x0000;
    /// AMD signing key.
    pub const ASK: u32 = 0x0013;
    /// No key: the usage of an empty slot.
    pub const NONE: u32 = 0x1000;
    /// Owner certificate authority.
    pub const OCA: u32 = 0x1001;
    /// Platform endorsement key.
    pub const PEK: u32 = 0x1002;
    /// Platform Diffie-Hellman key.
    pub const PDH: u32 = 0x1003;
    /// Chip endorsement key.
    pub const CEK: u32 = 0x1004;
}

/// PUBKEY_ALGO codes (AMD 55766, SEV certificate).
pub mod algorithm {
    /// RSA with SHA-256, for keys of 2048 bits.
    pub const RSA_SHA256: u32 = 0x0001;
    /// ECDSA with SHA-256.
    pub const ECDSA_SHA256: u32 = 0x0002;
    /// ECDH with SHA-256.
    pub const ECDH_SHA256: u32 = 0x0003;
    /// RSA with SHA-384, for keys of 4096 bits.
    pub const RSA_SHA384: u32 = 0x0101;
}

/// How large the RSA keys are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RsaSize {
    /// 2048 bits and SHA-256, as Naples has it.
    Bits2048,
    /// 4096 bits and SHA-384, as later generations have it.
    Bits4096,
}

/// An RSA key that signs.
#[derive(Clone, Debug)]
pub struct RsaKey {
    key: PrivateKey,
    size: RsaSize,
}

impl RsaKey {
    /// The root's key.
    #[must_use]
    pub fn ark(size: RsaSize) -> Self {
        Self::new(size, [primes::ARK_2048, primes::ARK_4096])
    }

    /// The signing key's key.
    #[must_use]
    pub fn ask(size: RsaSize) -> Self {
        Self::new(size, [primes::ASK_2048, primes::ASK_4096])
    }

    fn new(size: RsaSize, [small, large]: [[&str; 2]; 2]) -> Self {
        let primes = if size == RsaSize::Bits2048 { small } else { large };
        Self { key: rsa_key(primes), size }
    }

    /// The two primes, big-endian.
    ///
    /// # Panics
    ///
    /// Never: every key here is made of two.
    #[must_use]
    pub fn primes(&self) -> [Vec<u8>; 2] {
        let primes = self.key.primes().iter().map(|prime| prime.to_be_bytes().to_vec());
        primes.collect::<Vec<_>>().try_into().expect("two primes")
    }

    /// The modulus, little-endian.
    #[must_use]
    pub fn modulus(&self) -> Vec<u8> {
        self.key.n_bytes().iter().rev().copied().collect()
    }

    /// RSASSA-PSS over `bytes`, little-endian, with a salt as long as the hash.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.sign_with_salt(bytes, if self.size == RsaSize::Bits2048 { 32 } else { 48 })
    }

    /// RSASSA-PSS over `bytes`, little-endian, with a salt of any length.
    ///
    /// # Panics
    ///
    /// When the library cannot sign.
    #[must_use]
    pub fn sign_with_salt(&self, bytes: &[u8], salt: usize) -> Vec<u8> {
        let key = self.key.clone();
        let mut state: [u8; 32] = Sha256::digest(bytes).into();
        let mut salts = Salts(|to: &mut [u8]| {
            for part in to.chunks_mut(32) {
                state = Sha256::digest(state).into();
                part.copy_from_slice(&state[..part.len()]);
            }
        });
        let signature = match self.size {
            RsaSize::Bits2048 => pss::SigningKey::<Sha256>::new_with_salt_len(key, salt)
                .try_sign_with_rng(&mut salts, bytes),
            RsaSize::Bits4096 => pss::SigningKey::<Sha384>::new_with_salt_len(key, salt)
                .try_sign_with_rng(&mut salts, bytes),
        };
        let mut bytes = signature.expect("the key is large enough").to_vec();
        bytes.reverse();
        bytes
    }
}

/// The key of two primes, big-endian hex.
pub(crate) fn rsa_key(primes: [&str; 2]) -> PrivateKey {
    let [p, q] = primes.map(|prime| {
        BoxedUint::from_be_slice_vartime(&hex::decode(prime).expect("the primes are hex"))
    });
    let exponent = BoxedUint::from(65537_u32);
    PrivateKey::from_p_q(p, q, exponent).expect("the primes make a key")
}

/// Not random at all: salts that a function fills, so that a chain or a report is the same each time it is made.
pub(crate) struct Salts<F>(pub(crate) F);

impl<F: FnMut(&mut [u8])> TryRng for Salts<F> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        (self.0)(to);
        Ok(())
    }
}

impl<F: FnMut(&mut [u8])> TryCryptoRng for Salts<F> {}

/// A private key on P-384.
#[derive(Clone, Debug)]
pub struct EcKey(SecretKey);

impl EcKey {
    /// The key of a text: its SHA-384, less than the order by chance for every text but one in 2^190.
    ///
    /// # Panics
    ///
    /// When the text is that one.
    #[must_use]
    pub fn from_seed(seed: &str) -> Self {
        Self(SecretKey::from_slice(&Sha384::digest(seed)).expect("another seed is needed"))
    }

    /// The key of a private number, big-endian.
    ///
    /// # Panics
    ///
    /// When the number is 0, or not below the order of P-384.
    #[must_use]
    pub fn from_private(private: &[u8; 48]) -> Self {
        Self(SecretKey::from_slice(private).expect("a private key"))
    }

    /// The private number, big-endian.
    #[must_use]
    pub fn private(&self) -> [u8; 48] {
        self.0.to_bytes().into()
    }

    /// The public point: x and y, little-endian, 72 bytes each.
    ///
    /// # Panics
    ///
    /// Never: a private key has a public one.
    #[must_use]
    pub fn coordinates(&self) -> [[u8; 72]; 2] {
        let point = self.0.public_key().to_sec1_point(false);
        [point.x(), point.y()].map(|coordinate| {
            little_endian(coordinate.expect("the point is not compressed").as_slice())
        })
    }

    /// ECDSA with SHA-256 over `bytes`: r and s, little-endian, 72 bytes each.
    ///
    /// # Panics
    ///
    /// When the library cannot sign.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        let signature: p384::ecdsa::Signature = SigningKey::from(&self.0)
            .sign_prehash(&Sha256::digest(bytes))
            .expect("a SHA-256 can be signed");
        let (r, s) = signature.split_bytes();
        [little_endian(&r), little_endian(&s)].concat()
    }

    /// The same with [nonce 1](nonce_one): at next to no cost, and anybody can compute the key from it.
    #[must_use]
    pub fn sign_with_nonce_one(&self, bytes: &[u8]) -> Vec<u8> {
        let numbers = nonce_one::sign(&self.private(), &Sha256::digest(bytes));
        numbers.map(|number| little_endian(&number)).concat()
    }
}

/// A big-endian number of 48 bytes in a little-endian field of 72.
fn little_endian(number: &[u8]) -> [u8; 72] {
    let mut field = [0; 72];
    for (to, from) in field.iter_mut().zip(number.iter().rev()) {
        *to = *from;
    }
    field
}

/// Who fills a signature slot.
#[derive(Clone, Copy, Debug)]
pub enum Signer<'a> {
    /// A key on P-384, under the usage that the slot shall claim.
    Ec(u32, &'a EcKey),
    /// An RSA key, under usage ASK.
    Rsa(&'a RsaKey),
}

/// A SEV certificate of 2084 bytes, version 1, API 0.24, with one or two signatures over its first 1044 bytes.
///
/// # Panics
///
/// When there are more than two signers.
#[must_use]
pub fn ec_certificate(
    usage: u32,
    algorithm: u32,
    coordinates: &[[u8; 72]; 2],
    signers: &[Signer<'_>],
) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(2084);
    bytes.extend(1_u32.to_le_bytes());
    bytes.extend([0, 24, 0, 0]);
    bytes.extend(usage.to_le_bytes());
    bytes.extend(algorithm.to_le_bytes());
    bytes.extend(2_u32.to_le_bytes());
    bytes.extend(coordinates.as_flattened());
    bytes.resize(1044, 0);
    let signed = bytes.clone();
    for signer in signers {
        let (usage, algorithm, signature) = match signer {
            Signer::Ec(usage, key) => (*usage, algorithm::ECDSA_SHA256, key.sign(&signed)),
            Signer::Rsa(key) => {
                let algorithm = match key.size {
                    RsaSize::Bits2048 => algorithm::RSA_SHA256,
                    RsaSize::Bits4096 => algorithm::RSA_SHA384,
                };
                (usage::ASK, algorithm, key.sign(&signed))
            }
        };
        bytes.extend(usage.to_le_bytes());
        bytes.extend(algorithm.to_le_bytes());
        let end = bytes.len() + 512;
        bytes.extend(signature);
        bytes.resize(end, 0);
    }
    while bytes.len() < 2084 {
        bytes.extend(usage::NONE.to_le_bytes());
        bytes.resize(bytes.len() + 4 + 512, 0);
    }
    assert_eq!(bytes.len(), 2084, "a certificate has two signature slots");
    bytes
}

/// An AMD certificate of 832 or 1600 bytes.
#[must_use]
pub fn ca_certificate(
    usage: u32,
    key_id: [u8; 16],
    key: &RsaKey,
    certifying_id: [u8; 16],
    signer: &RsaKey,
) -> Vec<u8> {
    let bits: u32 = if key.size == RsaSize::Bits2048 { 2048 } else { 4096 };
    let modulus = key.modulus();
    let mut bytes = Vec::with_capacity(1600);
    bytes.extend(1_u32.to_le_bytes());
    bytes.extend(key_id);
    bytes.extend(certifying_id);
    bytes.extend(usage.to_le_bytes());
    bytes.extend([0; 16]);
    bytes.extend(bits.to_le_bytes());
    bytes.extend(bits.to_le_bytes());
    bytes.extend(65537_u32.to_le_bytes());
    bytes.resize(64 + modulus.len(), 0);
    bytes.extend(modulus);
    bytes.extend(signer.sign(&bytes));
    bytes
}

/// A pretend machine: its certificates, those above it, and every private key on P-384.
#[derive(Clone, Debug)]
pub struct Platform {
    /// The root, self-signed: 832 or 1600 bytes.
    pub ark: Vec<u8>,
    /// The signing key: 832 or 1600 bytes.
    pub ask: Vec<u8>,
    /// The chip's key, signed by the ASK: 2084 bytes.
    pub cek: Vec<u8>,
    /// The owner's key, self-signed: 2084 bytes.
    pub oca: Vec<u8>,
    /// The endorsement key, signed by OCA and CEK: 2084 bytes.
    pub pek: Vec<u8>,
    /// The Diffie-Hellman key, signed by the PEK: 2084 bytes.
    pub pdh: Vec<u8>,
    /// The chip's private key.
    pub cek_key: EcKey,
    /// The owner's private key.
    pub oca_key: EcKey,
    /// The endorsement key's private key.
    pub pek_key: EcKey,
    /// The Diffie-Hellman key's private key: it opens the sessions that are made for the PDH.
    pub pdh_key: EcKey,
}

impl Platform {
    /// The machine of a seed.
    #[must_use]
    pub fn new(size: RsaSize, seed: &str) -> Self {
        let (ark_id, ask_id) = (*b"throwaway ARK id", *b"throwaway ASK id");
        let (ark_key, ask_key) = (RsaKey::ark(size), RsaKey::ask(size));
        let key = |name: &str| EcKey::from_seed(&format!("{name} of {seed}"));
        let [cek_key, oca_key, pek_key, pdh_key] = ["CEK", "OCA", "PEK", "PDH"].map(key);
        let ecdsa = |usage, key: &EcKey, signers: &[Signer<'_>]| {
            ec_certificate(usage, algorithm::ECDSA_SHA256, &key.coordinates(), signers)
        };
        let owner = Signer::Ec(usage::OCA, &oca_key);
        let chip = Signer::Ec(usage::CEK, &cek_key);
        let endorsement = Signer::Ec(usage::PEK, &pek_key);
        Self {
            ark: ca_certificate(usage::ARK, ark_id, &ark_key, ark_id, &ark_key),
            ask: ca_certificate(usage::ASK, ask_id, &ask_key, ark_id, &ark_key),
            cek: ecdsa(usage::CEK, &cek_key, &[Signer::Rsa(&ask_key)]),
            oca: ecdsa(usage::OCA, &oca_key, &[owner]),
            pek: ecdsa(usage::PEK, &pek_key, &[owner, chip]),
            pdh: ec_certificate(
                usage::PDH,
                algorithm::ECDH_SHA256,
                &pdh_key.coordinates(),
                &[endorsement],
            ),
            cek_key,
            oca_key,
            pek_key,
            pdh_key,
        }
    }

    /// The same machine with this Diffie-Hellman key.
    #[must_use]
    pub fn with_pdh(mut self, key: EcKey) -> Self {
        let endorsement = Signer::Ec(usage::PEK, &self.pek_key);
        let coordinates = key.coordinates();
        self.pdh = ec_certificate(usage::PDH, algorithm::ECDH_SHA256, &coordinates, &[endorsement]);
        self.pdh_key = key;
        self
    }

    /// PDH, PEK, OCA, CEK: what `sevctl export` writes, 8336 bytes.
    #[must_use]
    pub fn export(&self) -> Vec<u8> {
        [&*self.pdh, &self.pek, &self.oca, &self.cek].concat()
    }

    /// PDH, PEK, OCA, CEK, ASK, ARK: what `sevctl export --full` writes, 10000 or 11536 bytes.
    #[must_use]
    pub fn full(&self) -> Vec<u8> {
        [self.export(), self.ca()].concat()
    }

    /// ASK, ARK: AMD's CA file, 1664 or 3200 bytes.
    #[must_use]
    pub fn ca(&self) -> Vec<u8> {
        [&*self.ask, &self.ark].concat()
    }

    /// PEK, OCA, CEK: what QEMU and libvirt give as `cert-chain`, 6252 bytes, with the PDH beside it.
    #[must_use]
    pub fn host_chain(&self) -> Vec<u8> {
        [&*self.pek, &self.oca, &self.cek].concat()
    }

    /// A legacy attestation report of 208 bytes, signed by the PEK (AMD 55766, ATTESTATION).
    #[must_use]
    pub fn attestation_report(&self, nonce: [u8; 16], digest: [u8; 32], policy: u32) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(208);
        bytes.extend(nonce);
        bytes.extend(digest);
        bytes.extend(policy.to_le_bytes());
        let signature = self.pek_key.sign(&bytes);
        bytes.extend(usage::PEK.to_le_bytes());
        bytes.extend(algorithm::ECDSA_SHA256.to_le_bytes());
        bytes.extend([0; 4]);
        bytes.extend(signature);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_is_the_same_each_time() {
        let [first, again] = ["a", "a"].map(|seed| Platform::new(RsaSize::Bits2048, seed).full());
        assert!(first == again);
        assert_ne!(first, Platform::new(RsaSize::Bits2048, "b").full());
    }

    #[test]
    fn layouts_have_the_lengths_of_real_files() {
        for (size, full, ca) in [(RsaSize::Bits2048, 10000, 1664), (RsaSize::Bits4096, 11536, 3200)]
        {
            let platform = Platform::new(size, "lengths");
            assert_eq!((platform.full().len(), platform.ca().len()), (full, ca));
            assert_eq!((platform.export().len(), platform.host_chain().len()), (8336, 6252));
        }
    }
}
