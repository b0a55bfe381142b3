//! The ID block and its authentication: what a guest owner signs before launch, so that the AMD-SP starts nothing else.
//!
//! Defined by [SNP-ABI, SNP_LAUNCH_FINISH]: the ID block (96 bytes) names the launch digest and the policy; the ID
//! authentication (4096 bytes) has the ID key's signature over it and, if wanted, an author key's signature over the ID key.
//! In a report they become ID_KEY_DIGEST and AUTHOR_KEY_DIGEST. What surprises: the author signs all 1028 bytes of the ID
//! key's field, padding included; and whether there is an author is said outside the structure, by AUTHOR_KEY_EN of the
//! command, so a host could leave it out. Insist on the digest in the report.
//!
//! A key may live elsewhere: sign [`IdBlock::to_bytes`] and, for an author, [`IdPublicKey::to_bytes`] with ECDSA on P-384 and
//! SHA-384, bring the signature back by [`IdSignature::from_raw`] or [`IdSignature::from_der`], and put both together by
//! [`IdAuth::assemble`].

use alloc::boxed::Box;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;
use der::asn1::{ObjectIdentifier, OctetStringRef, UintRef};
use der::{Decode as _, Reader as _, SliceReader};
use p384::ecdsa::signature::{Signer as _, Verifier as _};
use p384::ecdsa::{Signature, SigningKey, VerifyingKey};
use sev_launch_digest::snp::LaunchDigest;
use sha2::Digest as _;
use thiserror::Error;
use zeroize::Zeroizing;

use super::fields::{Fields, wide};
use super::policy::{Finding, Policy};
use super::report::SignatureError;
use super::signature::{self, SIGNATURE_SIZE};
use crate::outcome::Family;
use crate::sev::point::{COORDINATE_SIZE, PointError, PublicPoint};

/// Bytes of an ID block.
pub const ID_BLOCK_SIZE: usize = 96;
/// Bytes of an ID authentication.
pub const ID_AUTH_SIZE: usize = 4096;
/// Bytes of a public key in it.
pub const PUBLIC_KEY_SIZE: usize = 1028;
/// The one version of an ID block.
const VERSION: u32 = 1;
/// ECDSA on P-384 with SHA-384. [SNP-ABI, signature algorithms]
const ECDSA_P384_SHA384: u32 = 1;
/// P-384. [SNP-ABI, ECDSA curves]
const CURVE_P384: u32 = 2;
/// Zero bytes after the coordinates of a key.
const KEY_PADDING: usize = PUBLIC_KEY_SIZE - 4 - 2 * COORDINATE_SIZE;
/// id-ecPublicKey. [RFC 5480, unrestricted algorithm identifier]
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// secp384r1. [RFC 5480, named curves]
const SECP384R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");

/// Why the bytes or texts are not what they should be.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdBlockError {
    /// Another number of bytes.
    #[error("{what} of {found} bytes, wanted {wanted}")]
    Length {
        /// What was being read.
        what: &'static str,
        /// Bytes found.
        found: u64,
        /// Bytes wanted.
        wanted: u64,
    },
    /// No private key on P-384.
    #[error("not a private key on P-384 as SEC1 or PKCS#8, in DER or one PEM block")]
    PrivateKey,
    /// No public key on P-384.
    #[error(
        "not a public key on P-384 as an SEC1 point or SubjectPublicKeyInfo, in DER or one PEM block"
    )]
    PublicKey,
    /// No signature.
    #[error("not a signature on P-384: wanted r and s of 48 bytes each, big-endian, or their DER")]
    Signature,
    /// The parts do not fit together.
    #[error("the AMD-SP would refuse the launch: {}", Listed(.0))]
    Refused(Vec<Rule>),
}

impl IdBlockError {
    /// Rejected where the parts are well formed and do not fit together, else malformed.
    pub const fn family(&self) -> Family {
        match self {
            Self::Refused(_) => Family::Rejected,
            _ => Family::Malformed,
        }
    }
}

struct Listed<'a>(&'a [Rule]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, rule) in self.0.iter().enumerate() {
            write!(f, "{}{rule}", if number == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

/// A rule of SNP_LAUNCH_FINISH that is broken. [SNP-ABI, SNP_LAUNCH_FINISH]
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// The ID block's version.
    #[error("ID block version {found}, wanted {VERSION}")]
    Version {
        /// The version found.
        found: u32,
    },
    /// A policy that no guest can have.
    #[error("policy {policy}: {finding}")]
    Policy {
        /// The policy.
        policy: Policy,
        /// What is wrong with it.
        finding: Finding,
    },
    /// Not the policy that the guest is launched with.
    #[error("the ID block has policy {found}, the guest has {wanted}")]
    OtherPolicy {
        /// The ID block's.
        found: Policy,
        /// The guest's.
        wanted: Policy,
    },
    /// Not the digest of what was launched.
    #[error("the ID block has launch digest {found}, the guest has {wanted}")]
    OtherDigest {
        /// The ID block's.
        found: LaunchDigest,
        /// The guest's.
        wanted: LaunchDigest,
    },
    /// An algorithm that does not exist.
    #[error("{which} algorithm {found}, wanted 1 (ECDSA P-384 with SHA-384)")]
    Algorithm {
        /// Whose.
        which: IdKey,
        /// The number found.
        found: u32,
    },
    /// A curve that is not taken.
    #[error("{which} curve {found}, wanted 2 (P-384)")]
    Curve {
        /// Whose.
        which: IdKey,
        /// The number found.
        found: u32,
    },
    /// No point of the curve.
    #[error("{which}: {error}")]
    Point {
        /// Whose.
        which: IdKey,
        /// What is wrong.
        error: PointError,
    },
    /// Bytes after a key's coordinates.
    #[error("{which}: the bytes after its coordinates are not zero")]
    KeyPadding {
        /// Whose.
        which: IdKey,
    },
    /// No signature.
    #[error("{which}: {error}")]
    SignatureField {
        /// Whose.
        which: IdKey,
        /// What is wrong.
        error: SignatureError,
    },
    /// A wrong signature.
    #[error("the signature is not by the {which}")]
    Signature {
        /// Whose.
        which: IdKey,
    },
    /// Reserved bytes.
    #[error("reserved byte {offset:#x} of the ID authentication is not zero")]
    Reserved {
        /// Its offset.
        offset: u64,
    },
    /// Author fields, and nobody to say that they count.
    #[error("the author's fields are not zero, and no author was asked for")]
    UnusedAuthor,
}

/// Which of the two keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdKey {
    /// Signs the ID block.
    Id,
    /// Signs the ID key.
    Author,
}

impl fmt::Display for IdKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Id => "ID key",
            Self::Author => "author key",
        })
    }
}

/// The ID block. [SNP-ABI, ID block structure]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdBlock {
    /// The launch digest that the guest must have.
    pub launch_digest: LaunchDigest,
    /// The owner's name for a family of guests; FAMILY_ID in reports.
    pub family_id: [u8; 16],
    /// The owner's name for an image; IMAGE_ID in reports.
    pub image_id: [u8; 16],
    /// The version of this structure: 1.
    pub version: u32,
    /// The owner's security version of the image; GUEST_SVN in reports.
    pub guest_svn: u32,
    /// The policy that the guest must have.
    pub policy: Policy,
}

impl IdBlock {
    /// An ID block of version 1.
    pub const fn new(
        launch_digest: LaunchDigest,
        family_id: [u8; 16],
        image_id: [u8; 16],
        guest_svn: u32,
        policy: Policy,
    ) -> Self {
        Self { launch_digest, family_id, image_id, version: VERSION, guest_svn, policy }
    }

    /// From 96 bytes.
    ///
    /// Errors: another number of bytes. The fields are judged by [`IdAuth::check`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, IdBlockError> {
        let bytes: &[u8; ID_BLOCK_SIZE] = sized("an ID block", bytes)?;
        let mut fields = Fields::new(bytes);
        Ok(Self {
            launch_digest: LaunchDigest::from_bytes(fields.take()),
            family_id: fields.take(),
            image_id: fields.take(),
            version: fields.u32(),
            guest_svn: fields.u32(),
            policy: Policy::from_le_bytes(fields.take()),
        })
    }

    /// The 96 bytes: what the ID key signs.
    pub fn to_bytes(&self) -> [u8; ID_BLOCK_SIZE] {
        let mut bytes = [0; ID_BLOCK_SIZE];
        write(
            &mut bytes,
            &[
                self.launch_digest.as_bytes(),
                &self.family_id,
                &self.image_id,
                &self.version.to_le_bytes(),
                &self.guest_svn.to_le_bytes(),
                &self.policy.to_le_bytes(),
            ],
        );
        bytes
    }
}

/// Writes parts one after the other.
fn write(space: &mut [u8], parts: &[&[u8]]) {
    for (to, from) in space.iter_mut().zip(parts.iter().copied().flatten()) {
        *to = *from;
    }
}

fn sized<'a, const N: usize>(
    what: &'static str,
    bytes: &'a [u8],
) -> Result<&'a [u8; N], IdBlockError> {
    bytes.try_into().map_err(|_| IdBlockError::Length {
        what,
        found: wide(bytes.len()),
        wanted: wide(N),
    })
}

/// The public half of an ID key or author key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdPublicKey(PublicPoint);

impl IdPublicKey {
    /// A point on P-384.
    pub const fn new(point: PublicPoint) -> Self {
        Self(point)
    }

    /// From an SEC1 point, or from a SubjectPublicKeyInfo in DER or one PEM block (`PUBLIC KEY`).
    ///
    /// Errors: anything else, and points that are not on P-384.
    pub fn parse(bytes: &[u8]) -> Result<Self, IdBlockError> {
        let key = p384::PublicKey::from_sec1_bytes(bytes).ok().or_else(|| {
            let der = super::x509::der_of(bytes, "PUBLIC KEY")?;
            let spki = x509_cert::spki::SubjectPublicKeyInfoRef::from_der(&der).ok()?;
            let curve: ObjectIdentifier = spki.algorithm.parameters?.decode_as().ok()?;
            if spki.algorithm.oid != EC_PUBLIC_KEY || curve != SECP384R1 {
                return None;
            }
            p384::PublicKey::from_sec1_bytes(spki.subject_public_key.as_bytes()?).ok()
        });
        key.map(|key| Self(key.into())).ok_or(IdBlockError::PublicKey)
    }

    /// The 1028 bytes of the structure: what an author key signs.
    pub fn to_bytes(&self) -> [u8; PUBLIC_KEY_SIZE] {
        let (x, y) = self.0.to_coordinates();
        let mut bytes = [0; PUBLIC_KEY_SIZE];
        write(&mut bytes, &[&CURVE_P384.to_le_bytes(), &x, &y]);
        bytes
    }

    /// The SHA-384 of those bytes: ID_KEY_DIGEST or AUTHOR_KEY_DIGEST of a report.
    pub fn digest(&self) -> [u8; 48] {
        sha2::Sha384::digest(self.to_bytes()).into()
    }

    fn verifies(&self, message: &[u8], signature: &Signature) -> bool {
        VerifyingKey::from(self.0.key()).verify(message, signature).is_ok()
    }
}

/// The private half of an ID key or author key. Wiped when dropped; never shown.
pub struct IdPrivateKey(SigningKey);

impl IdPrivateKey {
    /// From the scalar: 48 bytes, big-endian.
    ///
    /// Errors: zero, or not below the order of the curve.
    pub fn from_scalar(scalar: &[u8; 48]) -> Result<Self, IdBlockError> {
        SigningKey::from_slice(scalar).map(Self).map_err(|_| IdBlockError::PrivateKey)
    }

    /// From DER or one PEM block, as SEC1 (`EC PRIVATE KEY`) or PKCS#8 (`PRIVATE KEY`), not encrypted.
    ///
    /// OpenSSL writes a block `EC PARAMETERS` before a SEC1 key unless told not to (`-noout`); it has to be removed.
    ///
    /// Errors: anything else; another curve; a public half inside that is not that of the private one.
    pub fn parse(bytes: &[u8]) -> Result<Self, IdBlockError> {
        ["EC PRIVATE KEY", "PRIVATE KEY"]
            .into_iter()
            .filter_map(|label| super::x509::der_of(bytes, label))
            .map(Zeroizing::new)
            .find_map(|der| sec1(&der, false).or_else(|| pkcs8(&der)))
            .ok_or(IdBlockError::PrivateKey)
    }

    /// The public half.
    pub fn public(&self) -> IdPublicKey {
        IdPublicKey(p384::PublicKey::from(self.0.verifying_key()).into())
    }

    /// Signs with the nonce of RFC 6979, so that equal inputs give equal signatures.
    pub fn sign(&self, message: &[u8]) -> IdSignature {
        IdSignature(self.0.sign(message))
    }
}

impl fmt::Debug for IdPrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdPrivateKey(..)")
    }
}

/// ECPrivateKey. [RFC 5915, ECPrivateKey] The curve is named outside where PKCS#8 wraps it.
fn sec1(der: &[u8], curve_is_known: bool) -> Option<IdPrivateKey> {
    use der::{TagMode, TagNumber};
    let mut reader = SliceReader::new(der).ok()?;
    let (version, scalar, curve, point) = reader
        .sequence(|reader| {
            let version: u8 = reader.decode()?;
            let scalar: &OctetStringRef = reader.decode()?;
            let curve: Option<ObjectIdentifier> =
                reader.context_specific(TagNumber(0), TagMode::Explicit)?;
            let point: Option<der::asn1::BitStringRef<'_>> =
                reader.context_specific(TagNumber(1), TagMode::Explicit)?;
            Ok::<_, der::Error>((version, scalar.as_bytes(), curve, point))
        })
        .ok()?;
    reader.finish().ok()?;
    let curve_is_right = curve.map_or(curve_is_known, |curve| curve == SECP384R1);
    if version != 1 || !curve_is_right {
        return None;
    }
    let key = IdPrivateKey::from_scalar(scalar.try_into().ok()?).ok()?;
    match point {
        Some(point) => (IdPublicKey::parse(point.as_bytes()?).ok()? == key.public()).then_some(key),
        None => Some(key),
    }
}

/// PrivateKeyInfo. [RFC 5208, PrivateKeyInfo] Attributes after the key are not looked at.
fn pkcs8(der: &[u8]) -> Option<IdPrivateKey> {
    let mut reader = SliceReader::new(der).ok()?;
    let (version, algorithm, inner) = reader
        .sequence(|reader| {
            let version: u8 = reader.decode()?;
            let algorithm: x509_cert::spki::AlgorithmIdentifierRef<'_> = reader.decode()?;
            let inner: &OctetStringRef = reader.decode()?;
            reader.drain(reader.remaining_len())?;
            Ok::<_, der::Error>((version, algorithm, inner.as_bytes()))
        })
        .ok()?;
    reader.finish().ok()?;
    let curve: ObjectIdentifier = algorithm.parameters?.decode_as().ok()?;
    if version > 1 || algorithm.oid != EC_PUBLIC_KEY || curve != SECP384R1 {
        return None;
    }
    sec1(inner, true)
}

/// A signature on P-384 with SHA-384, its numbers in range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdSignature(Signature);

impl IdSignature {
    /// From r and s, 48 bytes each, big-endian.
    ///
    /// Errors: another number of bytes; r or s of zero, or not below the order of the curve.
    pub fn from_raw(bytes: &[u8]) -> Result<Self, IdBlockError> {
        Signature::from_slice(bytes).map(Self).map_err(|_| IdBlockError::Signature)
    }

    /// From DER: a SEQUENCE of r and s, as OpenSSL and most hardware return it.
    ///
    /// Errors: other bytes, trailing ones too; r or s out of range.
    pub fn from_der(bytes: &[u8]) -> Result<Self, IdBlockError> {
        let numbers = || {
            let mut reader = SliceReader::new(bytes).ok()?;
            let numbers = reader
                .sequence(|reader| {
                    let r: UintRef<'_> = reader.decode()?;
                    let s: UintRef<'_> = reader.decode()?;
                    Ok::<_, der::Error>((r, s))
                })
                .ok()?;
            reader.finish().ok()?;
            Some((padded(numbers.0.as_bytes())?, padded(numbers.1.as_bytes())?))
        };
        let (r, s) = numbers().ok_or(IdBlockError::Signature)?;
        Signature::from_scalars(r, s).map(Self).map_err(|_| IdBlockError::Signature)
    }

    /// The 512 bytes of the structure.
    pub fn to_bytes(&self) -> [u8; SIGNATURE_SIZE] {
        signature::write(&self.0)
    }
}

/// A big-endian number in 48 bytes.
fn padded(number: &[u8]) -> Option<[u8; 48]> {
    let mut bytes = [0; 48];
    let at = bytes.len().checked_sub(number.len())?;
    bytes.get_mut(at..)?.copy_from_slice(number);
    Some(bytes)
}

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
pub struct IdAuth(Box<[u8; ID_AUTH_SIZE]>);

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
        let author_algorithm = if author.is_some() { ECDSA_P384_SHA384 } else { 0 };
        let author_signature =
            author.map_or([0; SIGNATURE_SIZE], |author| author.signature.to_bytes());
        let author_key = author.map_or([0; PUBLIC_KEY_SIZE], |author| author.key.to_bytes());
        let mut bytes = Box::new([0; ID_AUTH_SIZE]);
        write(
            bytes.as_mut_slice(),
            &[
                &ECDSA_P384_SHA384.to_le_bytes(),
                &author_algorithm.to_le_bytes(),
                &[0; 56],
                &signature.to_bytes(),
                &id_key.to_bytes(),
                &[0; 60],
                &author_signature,
                &author_key,
            ],
        );
        Self(bytes)
    }

    /// From 4096 bytes.
    ///
    /// Errors: another number of bytes. The fields are judged by [`IdAuth::check`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, IdBlockError> {
        sized("an ID authentication", bytes).map(|bytes| Self(Box::new(*bytes)))
    }

    /// The 4096 bytes.
    pub const fn as_bytes(&self) -> &[u8; ID_AUTH_SIZE] {
        &self.0
    }

    /// ID_KEY_DIGEST of the reports of a guest that is launched with this: SHA-384 of the ID key's 1028 bytes.
    pub fn id_key_digest(&self) -> [u8; 48] {
        sha2::Sha384::digest(self.parts().id_key).into()
    }

    /// AUTHOR_KEY_DIGEST of them: SHA-384 of the author key's 1028 bytes; zeros where there is none.
    pub fn author_key_digest(&self) -> [u8; 48] {
        let parts = self.parts();
        if parts.author_key == [0; PUBLIC_KEY_SIZE] {
            return [0; 48];
        }
        sha2::Sha384::digest(parts.author_key).into()
    }

    /// Would the AMD-SP take this with the ID block?
    ///
    /// Errors: every broken rule: version and policy of the block, algorithms, keys, signatures, reserved bytes. Bytes of
    /// padding that some firmware may tolerate are refused here.
    pub fn check(&self, block: &IdBlock, author: AuthorKey) -> Result<(), IdBlockError> {
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
        let parts = self.parts();
        check_key(
            IdKey::Id,
            parts.id_algorithm,
            &parts.id_key,
            &parts.block_signature,
            &block.to_bytes(),
            &mut broken,
        );
        let has_author = parts.author_algorithm != 0
            || parts.author_signature != [0; SIGNATURE_SIZE]
            || parts.author_key != [0; PUBLIC_KEY_SIZE];
        match author {
            AuthorKey::Enabled => check_key(
                IdKey::Author,
                parts.author_algorithm,
                &parts.author_key,
                &parts.author_signature,
                &parts.id_key,
                &mut broken,
            ),
            AuthorKey::Disabled if has_author => broken.push(Rule::UnusedAuthor),
            AuthorKey::Disabled => {}
        }
        broken.extend(parts.reserved.map(|offset| Rule::Reserved { offset }));
        if broken.is_empty() { Ok(()) } else { Err(IdBlockError::Refused(broken)) }
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
        let mut broken = match self.check(block, author) {
            Ok(()) => Vec::new(),
            Err(IdBlockError::Refused(broken)) => broken,
            Err(other) => return Err(other),
        };
        if block.launch_digest != launch_digest {
            let found = block.launch_digest;
            broken.push(Rule::OtherDigest { found, wanted: launch_digest });
        }
        if block.policy != policy {
            broken.push(Rule::OtherPolicy { found: block.policy, wanted: policy });
        }
        if broken.is_empty() { Ok(()) } else { Err(IdBlockError::Refused(broken)) }
    }

    fn parts(&self) -> Parts {
        let mut fields = Fields::new(self.0.as_slice());
        let f = &mut fields;
        let (id_algorithm, author_algorithm) = (f.u32(), f.u32());
        let first: [u8; 56] = f.take();
        let (block_signature, id_key) = (f.take(), f.take());
        let second: [u8; 60] = f.take();
        let (author_signature, author_key) = (f.take(), f.take());
        let reserved = [(0x008, first.as_slice()), (0x644, &second), (0xc84, f.rest())]
            .into_iter()
            .flat_map(|(start, bytes)| (start..).zip(bytes))
            .find(|(_, byte)| **byte != 0)
            .map(|(offset, _)| offset);
        Parts {
            id_algorithm,
            author_algorithm,
            block_signature,
            id_key,
            author_signature,
            author_key,
            reserved,
        }
    }
}

impl fmt::Debug for IdAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digest: String = hex::encode(self.id_key_digest()).to_string();
        write!(f, "IdAuth(ID key {digest})")
    }
}

/// The fields of an ID authentication.
struct Parts {
    id_algorithm: u32,
    author_algorithm: u32,
    block_signature: [u8; SIGNATURE_SIZE],
    id_key: [u8; PUBLIC_KEY_SIZE],
    author_signature: [u8; SIGNATURE_SIZE],
    author_key: [u8; PUBLIC_KEY_SIZE],
    /// The first reserved byte that is not zero.
    reserved: Option<u64>,
}

/// Checks one key and what it signed.
fn check_key(
    which: IdKey,
    algorithm: u32,
    key: &[u8; PUBLIC_KEY_SIZE],
    signature: &[u8; SIGNATURE_SIZE],
    message: &[u8],
    broken: &mut Vec<Rule>,
) {
    if algorithm != ECDSA_P384_SHA384 {
        broken.push(Rule::Algorithm { which, found: algorithm });
    }
    let mut fields = Fields::new(key);
    let curve = fields.u32();
    if curve != CURVE_P384 {
        broken.push(Rule::Curve { which, found: curve });
    }
    let (x, y): ([u8; COORDINATE_SIZE], [u8; COORDINATE_SIZE]) = (fields.take(), fields.take());
    if fields.take::<KEY_PADDING>() != [0; KEY_PADDING] {
        broken.push(Rule::KeyPadding { which });
    }
    let key = PublicPoint::from_coordinates(&x, &y)
        .map_err(|error| broken.push(Rule::Point { which, error }));
    let signature = signature::read(signature)
        .map_err(|error| broken.push(Rule::SignatureField { which, error }));
    if let (Ok(key), Ok(signature)) = (key, signature)
        && !IdPublicKey(key).verifies(message, &signature)
    {
        broken.push(Rule::Signature { which });
    }
}
