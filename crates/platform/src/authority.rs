//! AMD's half of the certificates, simulated: ARK, ASK and ASVK, in the form of SEV and in X.509.
//!
//! The keys are throw-away ones, and everything that they sign says so: the key identifiers in the form of SEV begin with `SIMULATED`, and every name
//! in X.509 has an organisation that is not AMD. A verifier that trusts AMD's roots refuses all of it; one that is given this root says yes under that
//! root.

use rand_core::CryptoRng;
use sev_launch_abi::Generation;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::certificate::{self, Body, Certificate, Signed, algorithm, usage};
use crate::layout::put;
use crate::rsa_key::{EXPONENT, Primes, RsaKey};
use crate::x509::{self, CaKind};

/// Bytes before the exponent of an AMD certificate. [SEV-API, AMD certificate]
const HEADER_SIZE: usize = 0x40;
/// The one version of it.
const VERSION: u32 = 1;

/// Why there is no authority.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthorityError {
    /// The generator gives no primes.
    #[error("no RSA key can be made with this generator")]
    Generator,
    /// Two numbers that are no primes of a key with exponent 65537.
    #[error("the two numbers are no primes of an RSA key with the exponent 65537")]
    NoKey,
    /// A key of another size than the generation's authorities have.
    #[error("an RSA key of {found} bits, wanted {wanted}")]
    KeySize {
        /// Bits found.
        found: usize,
        /// Bits wanted.
        wanted: usize,
    },
    /// The library cannot sign.
    #[error("the RSA key cannot sign")]
    Signature,
    /// A generation whose authorities have no certificate in X.509, or no ASVK.
    #[error("{found} has no SNP, so it has no such certificate")]
    NoSnp {
        /// The generation.
        found: Generation,
    },
    /// An authority of another generation than the platform's.
    #[error("the authority is of {found}, the platform of {wanted}")]
    Generation {
        /// The authority's.
        found: Generation,
        /// The platform's.
        wanted: Generation,
    },
}

/// The keys of an authority as their primes: 2048 bits each for Naples, 4096 for every later generation.
#[derive(Debug)]
pub struct AuthorityKeys {
    /// The root's.
    pub ark: Primes,
    /// The key that signs CEKs and VCEKs.
    pub ask: Primes,
    /// The key that signs VLEKs; not used on Naples and Rome, which have none.
    pub asvk: Primes,
}

/// ARK, ASK and ASVK of a generation, with their private keys.
#[derive(Debug)]
pub struct Authority {
    generation: Generation,
    ark: RsaKey,
    ask: RsaKey,
    asvk: Option<RsaKey>,
}

impl Authority {
    /// Draws the keys. That takes some seconds: RSA keys of 4096 bits are searched for.
    ///
    /// Errors: a generator that gives no primes.
    pub fn generate(
        generation: Generation,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, AuthorityError> {
        let size = key_size(generation);
        let ark = RsaKey::generate(size, rng)?;
        let ask = RsaKey::generate(size, rng)?;
        let asvk = has_snp(generation).then(|| RsaKey::generate(size, rng)).transpose()?;
        Ok(Self { generation, ark, ask, asvk })
    }

    /// From keys that exist.
    ///
    /// Errors: numbers that are no primes of a key with exponent 65537, or of one of another size.
    pub fn from_keys(generation: Generation, keys: &AuthorityKeys) -> Result<Self, AuthorityError> {
        let size = key_size(generation);
        let asvk = has_snp(generation).then(|| RsaKey::from_primes(size, &keys.asvk));
        Ok(Self {
            generation,
            ark: RsaKey::from_primes(size, &keys.ark)?,
            ask: RsaKey::from_primes(size, &keys.ask)?,
            asvk: asvk.transpose()?,
        })
    }

    /// The keys, to store them. Without an ASVK its primes are empty.
    pub fn keys(&self) -> AuthorityKeys {
        let none = || Primes { p: Vec::new().into(), q: Vec::new().into() };
        AuthorityKeys {
            ark: self.ark.primes(),
            ask: self.ask.primes(),
            asvk: self.asvk.as_ref().map_or_else(none, RsaKey::primes),
        }
    }

    /// The generation whose certificates it makes.
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// The ARK's key identifier: it begins with `SIMULATED ARK`.
    pub fn ark_key_id(&self) -> [u8; 16] {
        key_id(*b"SIMULATED ARK", &self.ark)
    }

    /// The ASK's key identifier: it begins with `SIMULATED ASK`.
    pub fn ask_key_id(&self) -> [u8; 16] {
        key_id(*b"SIMULATED ASK", &self.ask)
    }

    /// The ARK in the form of SEV: 832 bytes for Naples, 1600 for every later generation.
    ///
    /// Errors: the library cannot sign.
    pub fn sev_ark(&self) -> Result<Vec<u8>, AuthorityError> {
        self.amd_certificate(usage::ARK, self.ark_key_id(), &self.ark)
    }

    /// The ASK in the form of SEV, as long as the ARK.
    ///
    /// Errors: the library cannot sign.
    pub fn sev_ask(&self) -> Result<Vec<u8>, AuthorityError> {
        self.amd_certificate(usage::ASK, self.ask_key_id(), &self.ask)
    }

    /// ASK and ARK as AMD's file for a generation has them.
    ///
    /// Errors: the library cannot sign.
    pub fn sev_ca_file(&self) -> Result<Vec<u8>, AuthorityError> {
        Ok([self.sev_ask()?, self.sev_ark()?].concat())
    }

    /// The ARK in X.509, as DER.
    ///
    /// Errors: a generation without SNP.
    pub fn ark_der(&self) -> Result<Vec<u8>, AuthorityError> {
        self.snp()?;
        x509::ca(CaKind::Ark, self.generation, &self.ark, &self.ark)
    }

    /// The ASK in X.509, as DER.
    ///
    /// Errors: a generation without SNP.
    pub fn ask_der(&self) -> Result<Vec<u8>, AuthorityError> {
        self.snp()?;
        x509::ca(CaKind::Ask, self.generation, &self.ask, &self.ark)
    }

    /// The ASVK in X.509, as DER.
    ///
    /// Errors: a generation without SNP.
    pub fn asvk_der(&self) -> Result<Vec<u8>, AuthorityError> {
        x509::ca(CaKind::Asvk, self.generation, self.asvk()?, &self.ark)
    }

    /// A revocation list of the ARK's, as DER, that names serial numbers (big-endian): [`Authority::ASK_SERIAL`] and its neighbours.
    ///
    /// Errors: a generation without SNP.
    pub fn crl_der(&self, revoked: &[u8]) -> Result<Vec<u8>, AuthorityError> {
        self.snp()?;
        x509::revocation_list(self.generation, &self.ark, revoked)
    }

    /// The serial number of the ARK's certificate in X.509.
    pub const ARK_SERIAL: u8 = CaKind::Ark.serial();
    /// The serial number of the ASK's.
    pub const ASK_SERIAL: u8 = CaKind::Ask.serial();
    /// The serial number of the ASVK's.
    pub const ASVK_SERIAL: u8 = CaKind::Asvk.serial();

    /// A CEK certificate with the ASK's signature.
    pub(crate) fn sign_cek(&self, body: &Body) -> Result<Certificate, AuthorityError> {
        let mut signature = self.ask.sign(body)?;
        signature.reverse();
        let algorithm = match self.ask.size() {
            256 => algorithm::RSA_SHA256,
            _ => algorithm::RSA_SHA384,
        };
        let signed = Signed(usage::ASK, algorithm, &signature);
        Ok(certificate::with_signatures(body, &[signed]))
    }

    /// The key that signs VCEKs.
    pub(crate) const fn ask(&self) -> &RsaKey {
        &self.ask
    }

    /// The key that signs VLEKs.
    pub(crate) fn asvk(&self) -> Result<&RsaKey, AuthorityError> {
        self.asvk.as_ref().ok_or(AuthorityError::NoSnp { found: self.generation })
    }

    pub(crate) fn snp(&self) -> Result<(), AuthorityError> {
        match has_snp(self.generation) {
            true => Ok(()),
            false => Err(AuthorityError::NoSnp { found: self.generation }),
        }
    }

    /// [SEV-API, AMD certificate]: numbers are little-endian; the signature covers all before it.
    fn amd_certificate(
        &self,
        usage: u32,
        id: [u8; 16],
        key: &RsaKey,
    ) -> Result<Vec<u8>, AuthorityError> {
        let size = key.size();
        let bits = u32::try_from(size * 8).unwrap_or_default().to_le_bytes();
        let mut modulus = key.modulus();
        modulus.reverse();
        let mut bytes = vec![0; HEADER_SIZE + 2 * size];
        put(&mut bytes, 0x00, &VERSION.to_le_bytes());
        put(&mut bytes, 0x04, &id);
        put(&mut bytes, 0x14, &self.ark_key_id());
        put(&mut bytes, 0x24, &usage.to_le_bytes());
        put(&mut bytes, 0x38, &bits);
        put(&mut bytes, 0x3c, &bits);
        put(&mut bytes, HEADER_SIZE, &EXPONENT.to_le_bytes());
        put(&mut bytes, HEADER_SIZE + size, &modulus);
        let mut signature = self.ark.sign(&bytes)?;
        signature.reverse();
        bytes.extend(signature);
        Ok(bytes)
    }
}

/// The mark, and three bytes that tell two authorities apart.
fn key_id(mark: [u8; 13], key: &RsaKey) -> [u8; 16] {
    let mut id = [0; 16];
    put(&mut id, 0, &Sha256::digest(key.modulus()));
    put(&mut id, 0, &mark);
    id
}

/// Bytes of a modulus.
const fn key_size(generation: Generation) -> usize {
    match generation {
        Generation::Naples => 256,
        _ => 512,
    }
}

fn has_snp(generation: Generation) -> bool {
    Generation::SNP.contains(&generation)
}
