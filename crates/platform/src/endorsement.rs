//! What stands above the platform's own certificates: the authority's signatures on the CEK, the VCEK and the VLEK, and every layout in which they
//! travel.

use crate::authority::{Authority, AuthorityError};
use crate::certificate::CERTIFICATE_SIZE;
use crate::identity::Identity;
use crate::layout::put;
use crate::platform::Platform;
use crate::random::Generator;
use crate::report::SigningKey;
use crate::x509::{self, VekFacts};

/// Bytes of an entry of a certificate table. [GHCB, SNP Extended Guest Request]
const ENTRY_SIZE: usize = 24;
/// The GUIDs of its entries, in the byte order of RFC 4122. [GHCB, certificate GUIDs]
const VCEK: [u8; 16] = 0x63da758d_e664_4564_adc5_f4b93be8accd_u128.to_be_bytes();
const VLEK: [u8; 16] = 0xa8074bc2_a25a_483e_aae6_39c045a0b8a1_u128.to_be_bytes();
const ASK: [u8; 16] = 0x4ab7b379_bbac_4fe4_a02f_05aef327c782_u128.to_be_bytes();
const ARK: [u8; 16] = 0xc0b406a4_a803_4952_9743_3fb6014cd0ae_u128.to_be_bytes();

impl Platform {
    /// The authority under which the platform's certificates are: one of its own, whose keys follow from the seed, unless it was given another. It is
    /// made when it is first needed, and that takes some seconds.
    ///
    /// Errors: none but those of a library that cannot make an RSA key.
    pub fn authority(&self) -> Result<&Authority, AuthorityError> {
        if let Some(authority) = self.authority.get() {
            return Ok(authority);
        }
        let mut stream = Generator::new(self.seed(), "authority", 0);
        let made = Authority::generate(self.model.generation, &mut stream)?;
        Ok(self.authority.get_or_init(|| made))
    }

    /// Puts the platform under a given authority, which several platforms may share.
    ///
    /// Errors: an authority of another generation.
    pub fn with_authority(mut self, authority: Authority) -> Result<Self, AuthorityError> {
        let (found, wanted) = (authority.generation(), self.model.generation);
        if found != wanted {
            return Err(AuthorityError::Generation { found, wanted });
        }
        self.authority = authority.into();
        Ok(self)
    }

    /// The CEK's certificate with the ASK's signature, 2084 bytes: what AMD's key server has for a chip.
    ///
    /// Errors: those of [`Platform::authority`].
    pub fn signed_cek(&self) -> Result<[u8; CERTIFICATE_SIZE], AuthorityError> {
        self.authority()?.sign_cek(&Identity::cek_to_sign(self.seed()))
    }

    /// PDH, PEK, OCA and CEK, as `sevctl export` writes them: 8336 bytes. The CEK has no signature.
    pub fn export(&self) -> Vec<u8> {
        let (seed, api) = (self.seed(), self.model.api);
        [
            self.identity.pdh_certificate(seed, api),
            self.identity.pek_certificate(seed, api),
            self.identity.oca_certificate(seed, api),
            Identity::exported_cek(seed, api),
        ]
        .concat()
    }

    /// PDH, PEK, OCA, CEK, ASK and ARK, as `sevctl export --full` writes them: 10000 bytes for Naples, 11536 for every later generation.
    ///
    /// Errors: those of [`Platform::authority`].
    pub fn full_chain(&self) -> Result<Vec<u8>, AuthorityError> {
        let mut chain = self.export();
        chain.truncate(3 * CERTIFICATE_SIZE);
        chain.extend(self.signed_cek()?);
        chain.extend(self.authority()?.sev_ca_file()?);
        Ok(chain)
    }

    /// The certificate of the key that signs reports now, as DER. Another REPORTED_TCB has another key.
    ///
    /// Errors: those of [`Platform::authority`]; a generation without SNP.
    pub fn vek_der(&self, key: SigningKey) -> Result<Vec<u8>, AuthorityError> {
        let authority = self.authority()?;
        authority.snp()?;
        let tcb = self.snp.config.reported_tcb;
        let chip = self.id();
        let point = self.signing_key(key, tcb).public().to_sec1();
        let (chip, signer) = match key {
            SigningKey::Vcek => (Some(&chip), authority.ask()),
            SigningKey::Vlek => (None, authority.asvk()?),
        };
        let (generation, tcb) = (self.model.generation, self.tcb_parts(tcb));
        x509::vek(&VekFacts { generation, tcb, chip, point: &point }, signer)
    }

    /// The certificate table that a host hands to its guests: VCEK and ASK, or VLEK and ASVK, and the ARK. [GHCB, SNP Extended Guest Request]
    ///
    /// Errors: those of [`Platform::authority`]; a generation without SNP.
    pub fn certificate_table(&self, key: SigningKey) -> Result<Vec<u8>, AuthorityError> {
        let authority = self.authority()?;
        let (guid, intermediate) = match key {
            SigningKey::Vcek => (VCEK, authority.ask_der()?),
            SigningKey::Vlek => (VLEK, authority.asvk_der()?),
        };
        let certificates =
            [(guid, self.vek_der(key)?), (ASK, intermediate), (ARK, authority.ark_der()?)];
        let mut table = vec![0; (certificates.len() + 1) * ENTRY_SIZE];
        for (number, (guid, certificate)) in certificates.into_iter().enumerate() {
            let at = number * ENTRY_SIZE;
            let place = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
            let offset = place(table.len());
            put(&mut table, at, &guid);
            put(&mut table, at + 16, &offset);
            put(&mut table, at + 20, &place(certificate.len()));
            table.extend(certificate);
        }
        Ok(table)
    }
}
