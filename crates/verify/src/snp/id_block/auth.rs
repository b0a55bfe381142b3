//! The ID authentication: the keys of an ID block and what they signed, made and checked.
//!
//! Defined by [SNP-ABI, ID authentication information structure]: two algorithms, two signatures, two public keys, and zeros up
//! to 4096 bytes. What surprises: nothing in it says whether the author's fields count, so a check has to be told; and the
//! author signs all 1028 bytes of the ID key's field.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use sev_launch_abi::reader::Reader;
use sev_launch_abi::snp::LaunchDigest;
use sha2::Digest as _;

use super::key::{IdPrivateKey, IdPublicKey};
use super::rule::{IdBlockError, IdKey, Rule};
use super::signature::IdSignature;
use super::{CURVE_P384, ID_AUTH_SIZE, IdBlock, PUBLIC_KEY_SIZE, VERSION, exactly, write};
use crate::point::PublicPoint;
use crate::snp::signature::{self, SIGNATURE_SIZE};
use sev_launch_abi::snp::policy::Policy;

/// ECDSA on P-384 with SHA-384. [SNP-ABI, signature algorithms]
const ECDSA_P384_SHA384: u32 = 1;

/// What an author adds: the key, and its signature over the ID key's 1028 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The author key.
    pub key: IdPublicKey,
    /// Its signature over [`IdPublicKey::to_bytes`] of the ID key.
    pub signature: IdSignature,
}

/// Is an author key asked for at launch: AUTHOR_KEY_EN?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorKey {
    /// Yes: it must have signed the ID key.
    Enabled,
    /// No: its fields must be zero, so that nobody believes in a signature that nothing checks.
    Disabled,
}

/// The ID authentication: 4096 bytes. [SNP-ABI, ID authentication information structure]
#[derive(Clone, PartialEq, Eq)]
pub struct IdAuth {
    bytes: Box<[u8; ID_AUTH_SIZE]>,
    parts: Box<Parts>,
}

impl IdAuth {
    /// Signs an ID block, and the ID key with an author key where one is given.
    pub fn sign(block: &IdBlock, id_key: &IdPrivateKey, author: Option<&IdPrivateKey>) -> Self {
        let public = id_key.public();
        let author = author.map(|author| Author {
            key: author.public(),
            signature: author.sign(&public.to_bytes()),
        });
        Self::put_together(&public, &id_key.sign(&block.to_bytes()), author.as_ref())
    }

    /// Puts together what was signed elsewhere, and checks it.
    ///
    /// Errors: every rule that [`IdAuth::check`] finds broken.
    pub fn assemble(
        block: &IdBlock,
        id_key: &IdPublicKey,
        signature: &IdSignature,
        author: Option<&Author>,
    ) -> Result<Self, IdBlockError> {
        let auth = Self::put_together(id_key, signature, author);
        let author = if author.is_some() { AuthorKey::Enabled } else { AuthorKey::Disabled };
        auth.check(block, author)?;
        Ok(auth)
    }

    fn put_together(
        id_key: &IdPublicKey,
        signature: &IdSignature,
        author: Option<&Author>,
    ) -> Self {
        let id = Signer::new(id_key, signature);
        let author =
            author.map_or(Signer::NONE, |author| Signer::new(&author.key, &author.signature));
        let mut bytes = Box::new([0; ID_AUTH_SIZE]);
        write(
            bytes.as_mut_slice(),
            &[
                &id.algorithm.to_le_bytes(),
                &author.algorithm.to_le_bytes(),
                &[0; FIRST_RESERVED],
                &id.signature,
                &id.key,
                &[0; SECOND_RESERVED],
                &author.signature,
                &author.key,
            ],
        );
        Self { bytes, parts: Box::new(Parts { id, author, reserved: None }) }
    }

    /// From 4096 bytes.
    ///
    /// Errors: another number of bytes. The fields are judged by [`IdAuth::check`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, IdBlockError> {
        exactly("an ID authentication", bytes, ID_AUTH_SIZE, |reader| {
            let bytes = Box::new(bytes.try_into().ok()?);
            Parts::read(reader).map(|parts| Self { bytes, parts: Box::new(parts) })
        })
    }

    /// The 4096 bytes.
    pub const fn as_bytes(&self) -> &[u8; ID_AUTH_SIZE] {
        &self.bytes
    }

    /// ID_KEY_DIGEST of the reports of a guest that is launched with this: SHA-384 of the ID key's 1028 bytes.
    pub fn id_key_digest(&self) -> [u8; 48] {
        sha2::Sha384::digest(self.parts.id.key).into()
    }

    /// AUTHOR_KEY_DIGEST of them: SHA-384 of the author key's 1028 bytes; zeros where there is none.
    pub fn author_key_digest(&self) -> [u8; 48] {
        if self.parts.author.key == [0; PUBLIC_KEY_SIZE] {
            return [0; 48];
        }
        sha2::Sha384::digest(self.parts.author.key).into()
    }

    /// Would the AMD-SP take this with the ID block?
    ///
    /// Errors: every broken rule: version and policy of the block, algorithms, keys, signatures, reserved bytes. Bytes of
    /// padding that some firmware may tolerate are refused here.
    pub fn check(&self, block: &IdBlock, author: AuthorKey) -> Result<(), IdBlockError> {
        refused(self.broken(block, author))
    }

    /// As [`IdAuth::check`], for a guest whose launch digest and policy are known.
    ///
    /// Errors: those of it; a block with another digest or policy.
    pub fn check_for(
        &self,
        block: &IdBlock,
        author: AuthorKey,
        launch_digest: LaunchDigest,
        policy: Policy,
    ) -> Result<(), IdBlockError> {
        let mut broken = self.broken(block, author);
        if block.launch_digest != launch_digest {
            let found = block.launch_digest;
            broken.push(Rule::OtherDigest { found, wanted: launch_digest });
        }
        if block.policy != policy {
            broken.push(Rule::OtherPolicy { found: block.policy, wanted: policy });
        }
        refused(broken)
    }

    fn broken(&self, block: &IdBlock, author: AuthorKey) -> Vec<Rule> {
        let mut broken = Vec::new();
        if block.version != VERSION {
            broken.push(Rule::Version { found: block.version });
        }
        let findings = block.policy.findings().into_iter();
        broken.extend(
            findings
                .filter(|finding| finding.is_refused_by_platform())
                .map(|finding| Rule::Policy { policy: block.policy, finding }),
        );
        let parts = &self.parts;
        parts.id.check(IdKey::Id, &block.to_bytes(), &mut broken);
        match author {
            AuthorKey::Enabled => parts.author.check(IdKey::Author, &parts.id.key, &mut broken),
            AuthorKey::Disabled if parts.author != Signer::NONE => broken.push(Rule::UnusedAuthor),
            AuthorKey::Disabled => {}
        }
        broken.extend(parts.reserved.map(|offset| Rule::Reserved { offset }));
        broken
    }
}

impl fmt::Debug for IdAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdAuth(ID key {})", hex::encode(self.id_key_digest()))
    }
}

/// The fields of an ID authentication.
#[derive(Clone, PartialEq, Eq)]
struct Parts {
    id: Signer,
    author: Signer,
    /// The first reserved byte that is not zero.
    reserved: Option<u64>,
}

/// Reserved bytes after the algorithms.
const FIRST_RESERVED: usize = 56;
/// Reserved bytes after the ID key.
const SECOND_RESERVED: usize = 60;

impl Parts {
    /// `None` if a field lies past the end, which the structure's size rules out.
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let (id_algorithm, author_algorithm) = (reader.u32()?, reader.u32()?);
        let first = reader.slice(FIRST_RESERVED)?;
        let (block_signature, id_key) = (reader.array()?, reader.array()?);
        let second = reader.slice(SECOND_RESERVED)?;
        let (author_signature, author_key) = (reader.array()?, reader.array()?);
        let reserved = [(0x008, first), (0x644, second), (0xc84, reader.rest())]
            .into_iter()
            .flat_map(|(start, bytes)| (start..).zip(bytes))
            .find(|(_, byte)| **byte != 0)
            .map(|(offset, _)| offset);
        let id = Signer { algorithm: id_algorithm, signature: block_signature, key: id_key };
        let author =
            Signer { algorithm: author_algorithm, signature: author_signature, key: author_key };
        Some(Self { id, author, reserved })
    }
}

fn refused(broken: Vec<Rule>) -> Result<(), IdBlockError> {
    if broken.is_empty() { Ok(()) } else { Err(IdBlockError::Refused(broken)) }
}

/// The fields of one key: of the ID key or of the author key.
#[derive(Clone, PartialEq, Eq)]
struct Signer {
    algorithm: u32,
    signature: [u8; SIGNATURE_SIZE],
    key: [u8; PUBLIC_KEY_SIZE],
}

impl Signer {
    /// The fields of an author key where there is none.
    const NONE: Self =
        Self { algorithm: 0, signature: [0; SIGNATURE_SIZE], key: [0; PUBLIC_KEY_SIZE] };

    fn new(key: &IdPublicKey, signature: &IdSignature) -> Self {
        let (signature, key) = (signature.to_bytes(), key.to_bytes());
        Self { algorithm: ECDSA_P384_SHA384, signature, key }
    }

    /// Checks the key and what it signed.
    fn check(&self, which: IdKey, message: &[u8], broken: &mut Vec<Rule>) {
        if self.algorithm != ECDSA_P384_SHA384 {
            broken.push(Rule::Algorithm { which, found: self.algorithm });
        }
        let mut reader = Reader::new(&self.key);
        let mut fields = || Some((reader.u32()?, reader.array()?, reader.array()?, reader.rest()));
        let Some((curve, x, y, padding)) = fields() else {
            broken.push(Rule::KeyPadding { which });
            return;
        };
        if curve != CURVE_P384 {
            broken.push(Rule::Curve { which, found: curve });
        }
        if padding.iter().any(|byte| *byte != 0) {
            broken.push(Rule::KeyPadding { which });
        }
        let key = PublicPoint::from_coordinates(&x, &y)
            .map_err(|error| broken.push(Rule::Point { which, error }));
        let signature = signature::read(&self.signature)
            .map_err(|error| broken.push(Rule::SignatureField { which, error }));
        if let (Ok(key), Ok(signature)) = (key, signature)
            && !IdPublicKey::new(key).verifies(message, &signature)
        {
            broken.push(Rule::Signature { which });
        }
    }
}
