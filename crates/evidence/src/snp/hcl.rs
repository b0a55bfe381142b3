//! Azure's envelope: the report and the runtime data of its host compatibility layer (HCL).
//!
//! A confidential VM of Azure reads it from the vTPM's NV index 0x01400001. REPORT_DATA of the report is the hash of the runtime data, which
//! names the vTPM's key; header and sizes are not signed. All integers are little-endian. [az-cvm-vtpm, hcl; Azure guest attestation, HwVmReport]

use sev_launch_verify::snp::report::REPORT_SIZE;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use thiserror::Error;

/// The first bytes of an envelope.
pub(super) const MAGIC: &[u8] = b"HCLA";
/// Bytes before the report.
const HEADER: usize = 32;
/// Bytes of the runtime data's own header: size, version, report type, hash, size of what follows.
const DATA_HEADER: usize = 20;
/// The report type of SEV-SNP.
const SNP: u32 = 2;

/// Why bytes are no envelope of an SNP report.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum HclError {
    /// Fewer bytes than header, report and the data's header.
    #[error("Azure's HCL envelope is cut: {found} bytes, wanted at least {}", HEADER + REPORT_SIZE + DATA_HEADER)]
    Short {
        /// Bytes found.
        found: usize,
    },
    /// Another kind of guest.
    #[error("Azure's HCL envelope is of report type {0}, wanted {SNP}, SEV-SNP (4 is TDX)")]
    Type(u32),
    /// A hash that is not known.
    #[error(
        "Azure's HCL envelope names hash {0} for its runtime data, wanted 1 (SHA-256), 2 (SHA-384) or 3 (SHA-512)"
    )]
    Hash(u32),
    /// The runtime data does not end within the bytes.
    #[error("the runtime data of Azure's HCL envelope has {wanted} bytes, but only {found} follow")]
    Size {
        /// Bytes that it should have.
        wanted: u32,
        /// Bytes that are there.
        found: usize,
    },
    /// REPORT_DATA is not the data's hash.
    #[error(
        "the runtime data is not the report's: its {hash} is not in REPORT_DATA, so its keys may be anybody's"
    )]
    Unbound {
        /// The hash that was computed.
        hash: RuntimeHash,
    },
}

/// How runtime data is bound to a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuntimeHash {
    /// SHA-256, which every Azure host seen uses.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl core::fmt::Display for RuntimeHash {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        })
    }
}

/// What a guest's firmware added to its report: JSON with its keys, exactly as it was hashed. REPORT_DATA was found to be its hash, so it
/// is as true as the report is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeData {
    bytes: Vec<u8>,
    hash: RuntimeHash,
}

impl RuntimeData {
    /// The data, if REPORT_DATA is its hash and zeros.
    ///
    /// Errors: [`HclError::Unbound`].
    pub fn bound(
        bytes: &[u8],
        hash: RuntimeHash,
        report: &[u8; REPORT_SIZE],
    ) -> Result<Self, HclError> {
        let mut wanted = match hash {
            RuntimeHash::Sha256 => Sha256::digest(bytes).to_vec(),
            RuntimeHash::Sha384 => Sha384::digest(bytes).to_vec(),
            RuntimeHash::Sha512 => Sha512::digest(bytes).to_vec(),
        };
        wanted.resize(64, 0);
        // [SNP-ABI, ATTESTATION_REPORT]: REPORT_DATA
        match report.get(0x50..0x90) {
            Some(found) if found == wanted => Ok(Self { bytes: bytes.to_vec(), hash }),
            _ => Err(HclError::Unbound { hash }),
        }
    }

    /// The bytes that were hashed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How they are bound.
    #[must_use]
    pub fn hash(&self) -> RuntimeHash {
        self.hash
    }
}

/// The report and the runtime data of an envelope.
pub(super) fn parse(bytes: &[u8]) -> Result<([u8; REPORT_SIZE], RuntimeData), HclError> {
    let short = HclError::Short { found: bytes.len() };
    let after = bytes.get(HEADER..).ok_or(short.clone())?;
    let (report, after) = after.split_first_chunk::<REPORT_SIZE>().ok_or(short.clone())?;
    let (header, data) = after.split_first_chunk::<DATA_HEADER>().ok_or(short)?;
    let (words, _) = header.as_chunks::<4>();
    let [_, _, kind, hash, size] = words else {
        return Err(HclError::Short { found: bytes.len() });
    };
    let [kind, hash, size] = [kind, hash, size].map(|word| u32::from_le_bytes(*word));
    if kind != SNP {
        return Err(HclError::Type(kind));
    }
    let hash = match hash {
        1 => RuntimeHash::Sha256,
        2 => RuntimeHash::Sha384,
        3 => RuntimeHash::Sha512,
        other => return Err(HclError::Hash(other)),
    };
    let data = usize::try_from(size).ok().and_then(|size| data.get(..size));
    let data = data.ok_or(HclError::Size { wanted: size, found: after.len() - DATA_HEADER })?;
    Ok((*report, RuntimeData::bound(data, hash, report)?))
}
