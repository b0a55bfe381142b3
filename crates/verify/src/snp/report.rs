//! The attestation report of an SNP guest: 1184 bytes, signed by the chip.
//!
//! Defined by [SNP-ABI, ATTESTATION_REPORT]. The signature covers the first 672 bytes as they are, so it is checked over
//! those bytes and never over a second encoding, and before any field is believed. Three fields have to be looked at first,
//! since they say how to check: VERSION, SIGNATURE_ALGO and KEY_INFO. Bits and bytes that are reserved today are kept as data:
//! firmware has given them a meaning before the document did.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use p384::ecdsa::signature::Verifier as _;
use sev_launch_digest::snp::LaunchDigest;
use thiserror::Error;

pub use super::signature::SignatureError;

use super::certificate::VekKind;
use super::chain::VerifiedVek;
use super::fields::{Fields, wide};
use super::policy::Policy;
use super::product::{CpuId, Generation};
use super::signature::{self, SIGNATURE_SIZE};
use super::tcb::{TcbLayout, TcbParts, TcbVersion};
use crate::outcome::Family;

/// Bytes of a report, the signature included.
pub const REPORT_SIZE: usize = 1184;
/// Bytes that are signed: everything before the signature.
const SIGNED_SIZE: usize = REPORT_SIZE - SIGNATURE_SIZE;
/// The oldest version that has this layout.
const FIRST_VERSION: u32 = 2;
/// The newest version that is known.
const LAST_VERSION: u32 = 5;
/// The first version with family, model and stepping.
const VERSION_WITH_CPUID: u32 = 3;
/// The first version with mitigation vectors.
const VERSION_WITH_MITIGATIONS: u32 = 5;
/// ECDSA on P-384 with SHA-384. [SNP-ABI, signature algorithms]
const ECDSA_P384_SHA384: u32 = 1;

/// What is done with versions after the last known one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownVersion {
    /// They are refused.
    Refuse,
    /// They are read as the last known one. What they add is then not seen, nor appraised.
    ReadAsLastKnown,
}

/// What is done with a report by a VCEK whose CHIP_ID is all zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaskedChipId {
    /// It is refused, since it cannot be held against the certificate.
    Refuse,
    /// It is accepted: the signature and the TCB alone bind it to the certificate.
    Accept,
}

/// Choices of whoever verifies a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportOptions {
    /// Versions after the last known one.
    pub unknown_version: UnknownVersion,
    /// Masked CHIP_IDs.
    pub masked_chip_id: MaskedChipId,
}

/// Why a report is not believed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReportError {
    /// Another number of bytes.
    #[error("a report of {found} bytes, wanted {REPORT_SIZE}")]
    Length {
        /// Bytes found.
        found: u64,
    },
    /// A version that is not known.
    #[error("report version {found}, wanted {FIRST_VERSION} to {LAST_VERSION}")]
    Version {
        /// The version found.
        found: u32,
    },
    /// Another algorithm.
    #[error("signature algorithm {found}, wanted 1 (ECDSA P-384 with SHA-384)")]
    SignatureAlgorithm {
        /// The number found.
        found: u32,
    },
    /// Signed by no key, by an unknown one, or by the other kind than the certificate's.
    #[error("signed by {found}, wanted {wanted}, the kind of the certificate")]
    SigningKey {
        /// What the report says.
        found: SigningKey,
        /// The certificate's kind.
        wanted: VekKind,
    },
    /// The host masks the chip's key, so nothing was signed.
    #[error("MASK_CHIP_KEY is set: the host has turned signatures off")]
    KeyMasked,
    /// No signature.
    #[error("report {0}")]
    SignatureField(#[source] SignatureError),
    /// The signature is not by the certificate's key over these bytes.
    #[error("the report's signature is not by the key of the {kind}")]
    Signature {
        /// The certificate's kind.
        kind: VekKind,
    },
    /// A processor without a known generation.
    #[error("processor {found} is of no known generation")]
    UnknownProduct {
        /// What the report says.
        found: CpuId,
    },
    /// A processor of another generation than the chain's.
    #[error("the report is from {found}, the certificates are of {wanted}")]
    Product {
        /// The report's generation.
        found: Generation,
        /// The chain's.
        wanted: Generation,
    },
    /// REPORTED_TCB is not the one that the key was derived for.
    #[error("REPORTED_TCB is {found}, the certificate is for {wanted}")]
    ReportedTcb {
        /// The report's levels.
        found: TcbParts,
        /// The certificate's.
        wanted: TcbParts,
    },
    /// REPORTED_TCB has levels that the certificate cannot have.
    #[error("REPORTED_TCB {found} has reserved bytes that are not zero")]
    ReportedTcbReserved {
        /// The 8 bytes.
        found: TcbVersion,
    },
    /// The certificate is of another chip.
    #[error("CHIP_ID is not the hardware identity in the VCEK")]
    ChipId,
    /// All zeros, and not accepted.
    #[error("CHIP_ID is masked (all zeros), and masked ones are not accepted")]
    ChipIdMasked,
    /// A VLEK names no chip, so its reports have none either.
    #[error("CHIP_ID is not zero in a report signed by a VLEK")]
    ChipIdUnexpected,
}

impl ReportError {
    /// Malformed where the bytes are no report, rejected where they are one that is not believed.
    pub const fn family(&self) -> Family {
        match self {
            Self::Length { .. }
            | Self::Version { .. }
            | Self::SignatureAlgorithm { .. }
            | Self::SignatureField(SignatureError::Padding { .. } | SignatureError::Range) => {
                Family::Malformed
            }
            _ => Family::Rejected,
        }
    }
}

/// Which key signed a report. [SNP-ABI, KEY_INFO.SIGNING_KEY]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningKey {
    /// 0: the chip's.
    Vcek,
    /// 1: the cloud provider's.
    Vlek,
    /// 7: none.
    None,
    /// A reserved number.
    Reserved(u8),
}

impl fmt::Display for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vcek => f.write_str("VCEK"),
            Self::Vlek => f.write_str("VLEK"),
            Self::None => f.write_str("no key"),
            Self::Reserved(number) => write!(f, "reserved key {number}"),
        }
    }
}

/// KEY_INFO, 32 bits. [SNP-ABI, ATTESTATION_REPORT]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyInfo(u32);

impl KeyInfo {
    /// From the word.
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// The word.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// AUTHOR_KEY_EN, bit 0: AUTHOR_KEY_DIGEST is that of a key that signed the ID key.
    pub const fn author_key_en(self) -> bool {
        self.0 & 1 == 1
    }

    /// MASK_CHIP_KEY, bit 1: the signature is zeros.
    pub const fn mask_chip_key(self) -> bool {
        self.0 >> 1 & 1 == 1
    }

    /// SIGNING_KEY, bits 4:2.
    pub const fn signing_key(self) -> SigningKey {
        let [low, ..] = self.0.to_le_bytes();
        match low >> 2 & 7 {
            0 => SigningKey::Vcek,
            1 => SigningKey::Vlek,
            7 => SigningKey::None,
            number => SigningKey::Reserved(number),
        }
    }

    /// Bits 31:5, in their places.
    pub const fn reserved(self) -> u32 {
        self.0 & !0x1f
    }
}

/// PLATFORM_INFO, 64 bits. [SNP-ABI, ATTESTATION_REPORT]
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PlatformInfo(u64);

impl PlatformInfo {
    /// Bit 0: simultaneous multithreading is on.
    pub const SMT_EN: u64 = 1;
    /// Bit 1: transparent SME is on.
    pub const TSME_EN: u64 = 1 << 1;
    /// Bit 2: memory has error correction.
    pub const ECC_EN: u64 = 1 << 2;
    /// Bit 3: the running average power limit is off.
    pub const RAPL_DIS: u64 = 1 << 3;
    /// Bit 4: the host cannot read ciphertext in DRAM.
    pub const CIPHERTEXT_HIDING_DRAM_EN: u64 = 1 << 4;
    /// Bit 5: no memory is reachable under two addresses, checked since the last reset.
    pub const ALIAS_CHECK_COMPLETE: u64 = 1 << 5;
    /// Bit 6: writes of devices through the IOMMU are safe. Set by real Turin machines before it was documented.
    pub const IOMMU_WRITE_SAFE: u64 = 1 << 6;
    /// Bit 7: trusted I/O is on.
    pub const TIO_EN: u64 = 1 << 7;
    /// Every bit with a name here.
    pub const KNOWN: u64 = 0xff;

    /// From the word.
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The word.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Are all of these bits one?
    pub const fn has(self, bits: u64) -> bool {
        self.0 & bits == bits
    }

    /// The bits without a name, in their places.
    pub const fn unknown(self) -> u64 {
        self.0 & !Self::KNOWN
    }
}

impl fmt::Display for PlatformInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

impl fmt::Debug for PlatformInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PlatformInfo({self})")
    }
}

/// A version of the SNP firmware: ordered by major, minor, build. Stored the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FirmwareVersion {
    /// The ABI's major version.
    pub major: u8,
    /// The ABI's minor version.
    pub minor: u8,
    /// The build.
    pub build: u8,
}

impl fmt::Display for FirmwareVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.build)
    }
}

/// The fields of a report, in the document's order and by its names. [SNP-ABI, ATTESTATION_REPORT]
///
/// Whoever holds one knows nothing of where it came from: see [`VerifiedReport`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttestationReport {
    /// The version of this structure.
    pub version: u32,
    /// From the ID block; 0 without one.
    pub guest_svn: u32,
    /// The policy that the guest runs under.
    pub policy: Policy,
    /// From the ID block.
    pub family_id: [u8; 16],
    /// From the ID block.
    pub image_id: [u8; 16],
    /// 0 to 3 where the guest asked, 0xFFFFFFFF where the host did.
    pub vmpl: u32,
    /// The algorithm: 1.
    pub signature_algo: u32,
    /// What the platform runs now.
    pub current_tcb: TcbVersion,
    /// State of the platform.
    pub platform_info: PlatformInfo,
    /// How and by which key it was signed.
    pub key_info: KeyInfo,
    /// What the guest gave: usually a hash over the verifier's nonce and the guest's key.
    pub report_data: [u8; 64],
    /// The launch digest.
    pub measurement: LaunchDigest,
    /// What the host gave at launch.
    pub host_data: [u8; 32],
    /// SHA-384 of the key that signed the ID block; zeros without one.
    pub id_key_digest: [u8; 48],
    /// SHA-384 of the key that signed the ID key; zeros without one.
    pub author_key_digest: [u8; 48],
    /// The guest's number, chosen by the AMD-SP.
    pub report_id: [u8; 32],
    /// The migration agent's number; all 0xFF without one.
    pub report_id_ma: [u8; 32],
    /// What the host chose to report: never above `current_tcb`. The key was derived for it.
    pub reported_tcb: TcbVersion,
    /// The processor, since version 3.
    pub cpuid: Option<CpuId>,
    /// The chip; zeros where masked, and with a VLEK.
    pub chip_id: [u8; 64],
    /// What the platform cannot go back behind.
    pub committed_tcb: TcbVersion,
    /// The running firmware.
    pub current_version: FirmwareVersion,
    /// The firmware that the platform cannot go back behind.
    pub committed_version: FirmwareVersion,
    /// What the platform ran when the guest was launched.
    pub launch_tcb: TcbVersion,
    /// Mitigations at launch, since version 5.
    pub launch_mit_vector: Option<u64>,
    /// Mitigations now, since version 5.
    pub current_mit_vector: Option<u64>,
    /// Every reserved byte that is not zero: its offset and value.
    pub reserved: Vec<(u16, u8)>,
}

impl AttestationReport {
    /// Reads the fields. The version is not judged: newer ones are read as the last known.
    fn read(bytes: &[u8; REPORT_SIZE]) -> Self {
        let mut fields = Fields::new(bytes);
        let f = &mut fields;
        let version = f.u32();
        let has = |first: u32| version >= first;
        let firmware = |[build, minor, major]: [u8; 3]| FirmwareVersion { major, minor, build };
        let guest_svn = f.u32();
        let policy = Policy::from_le_bytes(f.take());
        let family_id = f.take();
        let image_id = f.take();
        let vmpl = f.u32();
        let signature_algo = f.u32();
        let current_tcb = TcbVersion::from_bytes(f.take());
        let platform_info = PlatformInfo(f.u64());
        let key_info = KeyInfo(f.u32());
        let mut reserved = Vec::new();
        keep(&mut reserved, 0x4c, &f.take::<4>());
        let report_data = f.take();
        let measurement = LaunchDigest::from_bytes(f.take());
        let host_data = f.take();
        let id_key_digest = f.take();
        let author_key_digest = f.take();
        let report_id = f.take();
        let report_id_ma = f.take();
        let reported_tcb = TcbVersion::from_bytes(f.take());
        let cpuid_bytes @ [family, model, stepping] = f.take();
        let cpuid = has(VERSION_WITH_CPUID).then_some(CpuId { family, model, stepping });
        if cpuid.is_none() {
            keep(&mut reserved, 0x188, &cpuid_bytes);
        }
        keep(&mut reserved, 0x18b, &f.take::<21>());
        let chip_id = f.take();
        let committed_tcb = TcbVersion::from_bytes(f.take());
        let current_version = firmware(f.take());
        keep(&mut reserved, 0x1eb, &f.take::<1>());
        let committed_version = firmware(f.take());
        keep(&mut reserved, 0x1ef, &f.take::<1>());
        let launch_tcb = TcbVersion::from_bytes(f.take());
        let mitigations: [[u8; 8]; 2] = [f.take(), f.take()];
        let vectors = has(VERSION_WITH_MITIGATIONS).then_some(mitigations.map(u64::from_le_bytes));
        if vectors.is_none() {
            keep(&mut reserved, 0x1f8, mitigations.as_flattened());
        }
        keep(&mut reserved, 0x208, &f.take::<152>());
        Self {
            version,
            guest_svn,
            policy,
            family_id,
            image_id,
            vmpl,
            signature_algo,
            current_tcb,
            platform_info,
            key_info,
            report_data,
            measurement,
            host_data,
            id_key_digest,
            author_key_digest,
            report_id,
            report_id_ma,
            reported_tcb,
            cpuid,
            chip_id,
            committed_tcb,
            current_version,
            committed_version,
            launch_tcb,
            launch_mit_vector: vectors.map(|[launch, _]| launch),
            current_mit_vector: vectors.map(|[_, current]| current),
            reserved,
        }
    }

    /// Is CHIP_ID all zeros: masked by the host, or of a VLEK?
    pub fn chip_id_is_zero(&self) -> bool {
        self.chip_id == [0; 64]
    }

    /// Is there no migration agent: REPORT_ID_MA all 0xFF?
    pub fn has_no_migration_agent(&self) -> bool {
        self.report_id_ma == [0xff; 32]
    }
}

/// Keeps the reserved bytes that are not zero, with their offsets.
fn keep(reserved: &mut Vec<(u16, u8)>, offset: u16, bytes: &[u8]) {
    reserved.extend((offset..).zip(bytes.iter().copied()).filter(|(_, byte)| *byte != 0));
}

/// The bytes of a report, from anybody.
#[derive(Clone, PartialEq, Eq)]
pub struct UnverifiedReport(Box<[u8; REPORT_SIZE]>);

impl UnverifiedReport {
    /// Takes the bytes. Nothing is looked at.
    pub fn from_bytes(bytes: &[u8; REPORT_SIZE]) -> Self {
        Self(Box::new(*bytes))
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; REPORT_SIZE] {
        &self.0
    }

    /// What the report says of itself, for fetching the certificate that may prove it: nothing here is true yet.
    pub fn claims(&self) -> AttestationReport {
        AttestationReport::read(&self.0)
    }

    /// Checks the signature over the raw bytes, reads the fields, and binds them to the certificate.
    ///
    /// The caller must trust that `vek` was verified at the right time and against the right root; the type says that it was
    /// verified.
    ///
    /// Errors: an unknown version; another algorithm; another kind of key than the certificate's, or none; a signature that
    /// is missing, malformed or wrong; another product than the chain's; a REPORTED_TCB or CHIP_ID that is not the
    /// certificate's.
    pub fn verify(
        &self,
        vek: &VerifiedVek,
        options: ReportOptions,
    ) -> Result<VerifiedReport, ReportError> {
        self.check_how(vek.vek().kind(), options.unknown_version)?;
        self.check_signature(vek)?;
        let report = AttestationReport::read(&self.0);
        let generation = vek.generation();
        if let Some(cpuid) = report.cpuid {
            let found = cpuid.generation().ok_or(ReportError::UnknownProduct { found: cpuid })?;
            if found != generation {
                return Err(ReportError::Product { found, wanted: generation });
            }
        }
        check_tcb(&report, vek)?;
        check_chip_id(&report, vek, options.masked_chip_id)?;
        Ok(VerifiedReport {
            report,
            generation,
            kind: vek.vek().kind(),
            under_amd_root: vek.is_under_amd_root(),
            raw: self.clone(),
        })
    }

    /// The three fields that say how to check the rest.
    fn check_how(&self, wanted: VekKind, unknown: UnknownVersion) -> Result<(), ReportError> {
        let claims = self.claims();
        let is_newer = claims.version > LAST_VERSION && unknown == UnknownVersion::ReadAsLastKnown;
        if !(FIRST_VERSION..=LAST_VERSION).contains(&claims.version) && !is_newer {
            return Err(ReportError::Version { found: claims.version });
        }
        if claims.signature_algo != ECDSA_P384_SHA384 {
            return Err(ReportError::SignatureAlgorithm { found: claims.signature_algo });
        }
        let found = claims.key_info.signing_key();
        match (found, wanted) {
            (SigningKey::Vcek, VekKind::Vcek) | (SigningKey::Vlek, VekKind::Vlek) => {}
            _ => return Err(ReportError::SigningKey { found, wanted }),
        }
        if claims.key_info.mask_chip_key() {
            return Err(ReportError::KeyMasked);
        }
        Ok(())
    }

    fn check_signature(&self, vek: &VerifiedVek) -> Result<(), ReportError> {
        let (signed, field) = self.0.split_at(SIGNED_SIZE);
        let signature =
            signature::read(&Fields::new(field).take()).map_err(ReportError::SignatureField)?;
        vek.vek()
            .key()
            .verify(signed, &signature)
            .map_err(|_| ReportError::Signature { kind: vek.vek().kind() })
    }
}

impl TryFrom<&[u8]> for UnverifiedReport {
    type Error = ReportError;

    /// Exactly 1184 bytes.
    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        <&[u8; REPORT_SIZE]>::try_from(bytes)
            .map(Self::from_bytes)
            .map_err(|_| ReportError::Length { found: wide(bytes.len()) })
    }
}

impl fmt::Debug for UnverifiedReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnverifiedReport({})", hex::encode(self.0.as_slice()))
    }
}

fn check_tcb(report: &AttestationReport, vek: &VerifiedVek) -> Result<(), ReportError> {
    let layout = TcbLayout::of(vek.generation());
    let found = report.reported_tcb.parts(layout);
    let wanted = *vek.vek().tcb();
    if found != wanted {
        return Err(ReportError::ReportedTcb { found, wanted });
    }
    if !report.reported_tcb.reserved_is_zero(layout) {
        return Err(ReportError::ReportedTcbReserved { found: report.reported_tcb });
    }
    Ok(())
}

fn check_chip_id(
    report: &AttestationReport,
    vek: &VerifiedVek,
    masked: MaskedChipId,
) -> Result<(), ReportError> {
    match vek.vek().hardware_id() {
        None if report.chip_id_is_zero() => Ok(()),
        None => Err(ReportError::ChipIdUnexpected),
        Some(id) if report.chip_id == id.chip_id() => Ok(()),
        Some(_) if !report.chip_id_is_zero() => Err(ReportError::ChipId),
        Some(_) if masked == MaskedChipId::Accept => Ok(()),
        Some(_) => Err(ReportError::ChipIdMasked),
    }
}

/// A report that a chip has signed, under a chain that holds. Only [`UnverifiedReport::verify`] makes one.
///
/// It is authentic and nothing more: whether the guest that it describes is acceptable is for
/// [`super::requirements::Requirements::appraise`] to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedReport {
    report: AttestationReport,
    generation: Generation,
    kind: VekKind,
    under_amd_root: bool,
    raw: UnverifiedReport,
}

impl VerifiedReport {
    /// The fields.
    pub const fn report(&self) -> &AttestationReport {
        &self.report
    }

    /// The generation of the chain, and of the processor where the report says so.
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// Which kind of key signed it.
    pub const fn signing_key(&self) -> VekKind {
        self.kind
    }

    /// Does the chain end in AMD's own root, and not in an explicit one?
    pub const fn is_under_amd_root(&self) -> bool {
        self.under_amd_root
    }

    /// The bytes, signature included.
    pub const fn as_bytes(&self) -> &[u8; REPORT_SIZE] {
        self.raw.as_bytes()
    }
}
