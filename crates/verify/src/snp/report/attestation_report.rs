//! The fields of an attestation report, whoever made it.
//!
//! Defined by [SNP-ABI, ATTESTATION_REPORT]; the document's names are kept, and the fields are read in its order. What
//! surprises: a firmware version is stored with the build first; and later versions took fields out of what was reserved, so
//! that an older report's bytes in these places are kept as reserved ones.

use alloc::vec::Vec;
use core::fmt;
use sev_launch_abi::PlatformVersion;
use sev_launch_abi::reader::Reader;
use sev_launch_abi::snp::LaunchDigest;

use super::REPORT_SIZE;
use crate::snp::product::CpuId;
use sev_launch_abi::snp::policy::Policy;
use sev_launch_abi::snp::tcb::{TcbLayout, TcbVersion};

/// The first version with family, model and stepping.
const VERSION_WITH_CPUID: u32 = 3;
/// The first version with mitigation vectors.
const VERSION_WITH_MITIGATIONS: u32 = 5;
/// KEY_INFO, of which bits 31:5 are reserved.
const KEY_INFO: u16 = 0x048;
/// The reserved bytes: their offset, their number, and the first version that gives them a meaning.
const RESERVED: [(u16, usize, Option<u32>); 7] = [
    (0x04c, 4, None),
    (0x188, 3, Some(VERSION_WITH_CPUID)),
    (0x18b, 21, None),
    (0x1eb, 1, None),
    (0x1ef, 1, None),
    (0x1f8, 16, Some(VERSION_WITH_MITIGATIONS)),
    (0x208, 152, None),
];

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
    #[must_use]
    pub const fn author_key_en(self) -> bool {
        self.0 & 1 == 1
    }

    /// MASK_CHIP_KEY, bit 1: the signature is zeros.
    #[must_use]
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
    /// The bits by AMD's names, lowest first.
    pub const NAMED: [(&str, u64); 8] = [
        ("SMT_EN", Self::SMT_EN),
        ("TSME_EN", Self::TSME_EN),
        ("ECC_EN", Self::ECC_EN),
        ("RAPL_DIS", Self::RAPL_DIS),
        ("CIPHERTEXT_HIDING_DRAM_EN", Self::CIPHERTEXT_HIDING_DRAM_EN),
        ("ALIAS_CHECK_COMPLETE", Self::ALIAS_CHECK_COMPLETE),
        ("IOMMU_WRITE_SAFE", Self::IOMMU_WRITE_SAFE),
        ("TIO_EN", Self::TIO_EN),
    ];

    /// From the word.
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The word.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Are all of these bits one?
    #[must_use]
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

/// The fields of a report, in the document's order and by its names. [SNP-ABI, ATTESTATION_REPORT]
///
/// Whoever holds one knows nothing of where it came from: see [`super::VerifiedReport`].
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
    pub current_version: PlatformVersion,
    /// The firmware that the platform cannot go back behind.
    pub committed_version: PlatformVersion,
    /// What the platform ran when the guest was launched.
    pub launch_tcb: TcbVersion,
    /// Mitigations at launch, since version 5.
    pub launch_mit_vector: Option<u64>,
    /// Mitigations now, since version 5.
    pub current_mit_vector: Option<u64>,
    /// Every reserved byte that is not zero, by its offset; of KEY_INFO the reserved bits, in their byte. What the TCB versions
    /// reserve depends on the generation: [`reserved_with_tcb`](Self::reserved_with_tcb).
    pub reserved: Vec<(u16, u8)>,
}

impl AttestationReport {
    /// Reads the fields; `None` if one lies past the end, which the report's size rules out. The version is not judged: newer
    /// ones are read as the last known.
    pub(super) fn read(bytes: &[u8; REPORT_SIZE]) -> Option<Self> {
        let r = &mut Reader::new(bytes);
        let version = r.u32()?;
        let firmware = |[build, minor, major]: [u8; 3]| PlatformVersion { major, minor, build };
        let cpuid = |[family, model, stepping]: [u8; 3]| {
            (version >= VERSION_WITH_CPUID).then_some(CpuId { family, model, stepping })
        };
        let mitigations =
            |bytes| (version >= VERSION_WITH_MITIGATIONS).then_some(u64::from_le_bytes(bytes));
        let is_reserved = |first: Option<u32>| first.is_none_or(|first| version < first);
        let reserved = RESERVED.into_iter().filter(|(.., first)| is_reserved(*first));
        let reserved = reserved.flat_map(|(offset, length, _)| {
            (offset..).zip(bytes.iter().copied().skip(offset.into()).take(length))
        });
        let key_info = KeyInfo(u32::from_le_bytes(*bytes.get(KEY_INFO.into()..)?.first_chunk()?));
        let reserved = (KEY_INFO..).zip(key_info.reserved().to_le_bytes()).chain(reserved);
        Some(Self {
            version,
            guest_svn: r.u32()?,
            policy: Policy::from_le_bytes(r.array()?),
            family_id: r.array()?,
            image_id: r.array()?,
            vmpl: r.u32()?,
            signature_algo: r.u32()?,
            current_tcb: TcbVersion::from_bytes(r.array()?),
            platform_info: PlatformInfo(r.u64()?),
            key_info,
            report_data: r.skip(8)?.array()?,
            measurement: LaunchDigest::from_bytes(r.array()?),
            host_data: r.array()?,
            id_key_digest: r.array()?,
            author_key_digest: r.array()?,
            report_id: r.array()?,
            report_id_ma: r.array()?,
            reported_tcb: TcbVersion::from_bytes(r.array()?),
            cpuid: cpuid(r.array()?),
            chip_id: r.skip(21)?.array()?,
            committed_tcb: TcbVersion::from_bytes(r.array()?),
            current_version: firmware(r.array()?),
            committed_version: firmware(r.skip(1)?.array()?),
            launch_tcb: TcbVersion::from_bytes(r.skip(1)?.array()?),
            launch_mit_vector: mitigations(r.array()?),
            current_mit_vector: mitigations(r.array()?),
            reserved: reserved.filter(|(_, byte)| *byte != 0).collect(),
        })
    }

    /// Every reserved byte that is not zero, those of the TCB versions too, where it is known how these are laid out.
    pub fn reserved_with_tcb(&self, layout: TcbLayout) -> Vec<(u16, u8)> {
        let tcb_versions = [
            (0x038_u16, self.current_tcb),
            (0x180, self.reported_tcb),
            (0x1e0, self.committed_tcb),
            (0x1f0, self.launch_tcb),
        ];
        let of_tcb = tcb_versions.into_iter().flat_map(|(offset, tcb)| {
            (offset..).zip(tcb.reserved(layout)).filter(|(_, byte)| *byte != 0)
        });
        let mut reserved: Vec<_> = self.reserved.iter().copied().chain(of_tcb).collect();
        reserved.sort_unstable();
        reserved
    }

    /// Is CHIP_ID all zeros: masked by the host, or of a VLEK?
    #[must_use]
    pub fn chip_id_is_zero(&self) -> bool {
        self.chip_id == [0; 64]
    }
}
