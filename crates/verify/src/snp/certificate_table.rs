//! The certificates that a host hands to its guest beside a report.
//!
//! Defined by [GHCB, SNP Extended Guest Request]: entries of 24 bytes (a GUID in RFC 4122 byte order, offset and length as
//! little-endian 32-bit numbers), ended by an entry of zeros; offsets count from the start of the table. Tables whose GUIDs all
//! are in the mixed order of EFI are read too. The host may put anything there: an entry with an unknown GUID is kept, and one
//! that lies is an error. Nothing in it is trusted; the certificates go through [`super::certificate`].
//!
//! ```
//! use sev_launch_verify::snp::certificate_table::CertificateTable;
//!
//! let empty = CertificateTable::parse(&[0; 24])?;
//! assert_eq!(empty.vcek(), None);
//! # Ok::<(), sev_launch_verify::snp::certificate_table::TableError>(())
//! ```

use alloc::vec::Vec;
use sev_launch_abi::reader::{Reader, wide};
use thiserror::Error;

/// Bytes of an entry.
const ENTRY_SIZE: usize = 24;
/// The most entries that are read. Hosts give four or five.
pub const MAX_ENTRIES: usize = 32;

/// 63da758d-e664-4564-adc5-f4b93be8accd. [GHCB, certificate GUIDs]
const VCEK: [u8; 16] = 0x63da758d_e664_4564_adc5_f4b93be8accd_u128.to_be_bytes();
/// a8074bc2-a25a-483e-aae6-39c045a0b8a1. [GHCB, certificate GUIDs]
const VLEK: [u8; 16] = 0xa8074bc2_a25a_483e_aae6_39c045a0b8a1_u128.to_be_bytes();
/// 4ab7b379-bbac-4fe4-a02f-05aef327c782. [GHCB, certificate GUIDs]
const ASK: [u8; 16] = 0x4ab7b379_bbac_4fe4_a02f_05aef327c782_u128.to_be_bytes();
/// c0b406a4-a803-4952-9743-3fb6014cd0ae. [GHCB, certificate GUIDs]
const ARK: [u8; 16] = 0xc0b406a4_a803_4952_9743_3fb6014cd0ae_u128.to_be_bytes();

/// Why the bytes are no certificate table.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum TableError {
    /// No entry of zeros before the end of the bytes.
    #[error("the certificate table has no last entry of zeros within its {found} bytes")]
    Unterminated {
        /// Bytes of the table.
        found: u64,
    },
    /// Too many entries.
    #[error("the certificate table has more than {MAX_ENTRIES} entries")]
    TooMany,
    /// An entry that points past the end or into the entries.
    #[error(
        "entry {entry} of the certificate table: {length} bytes at offset {offset:#x} are not between its entries and its end at {end:#x}"
    )]
    OutOfBounds {
        /// The entry's number, from 0.
        entry: u64,
        /// The offset it gives.
        offset: u32,
        /// The length it gives.
        length: u32,
        /// Where the table ends.
        end: u64,
    },
    /// The same GUID twice: which one counts would be a guess.
    #[error("entry {entry} of the certificate table has the GUID of an earlier one")]
    Twice {
        /// The entry's number, from 0.
        entry: u64,
    },
}

/// 92f81bc3-5811-4d3d-97ff-d19f88dc67ea. [virtee sev, CertType]
const CRL: [u8; 16] = 0x92f81bc3_5811_4d3d_97ff_d19f88dc67ea_u128.to_be_bytes();
/// 9f4116cd-c503-4f5a-8f6f-fb68882f4ce2. [gce-tcb-verifier, endorsement.go]
const GOOGLE_ENDORSEMENT: [u8; 16] = 0x9f4116cd_c503_4f5a_8f6f_fb68882f4ce2_u128.to_be_bytes();
/// The GUIDs by which the order of a table is known.
const KNOWN: [[u8; 16]; 6] = [VCEK, VLEK, ASK, ARK, CRL, GOOGLE_ENDORSEMENT];

/// A GUID in the other of the two byte orders: its first three groups are turned round. [UEFI, appendix A]
const fn turned(guid: [u8; 16]) -> [u8; 16] {
    let [a, b, c, d, e, f, g, h, rest @ ..] = guid;
    let [i, j, k, l, m, n, o, p] = rest;
    [d, c, b, a, f, e, h, g, i, j, k, l, m, n, o, p]
}

/// A certificate table: every entry, by GUID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateTable<'a> {
    entries: Vec<([u8; 16], &'a [u8])>,
}

impl<'a> CertificateTable<'a> {
    /// Reads the entries. What follows the last certificate is padding and may be anything.
    ///
    /// Errors: no entry of zeros; more than [`MAX_ENTRIES`]; an entry that points outside; a GUID twice.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, TableError> {
        let (rows, _) = bytes.as_chunks::<ENTRY_SIZE>();
        let count =
            rows.iter().take(MAX_ENTRIES + 1).position(|row| *row == [0; ENTRY_SIZE]).ok_or(
                if rows.len() > MAX_ENTRIES {
                    TableError::TooMany
                } else {
                    TableError::Unterminated { found: wide(bytes.len()) }
                },
            )?;
        let first = (count + 1) * ENTRY_SIZE;
        let mut entries: Vec<([u8; 16], &[u8])> = Vec::with_capacity(count);
        for (row, entry) in rows.iter().take(count).zip(0u64..) {
            let mut reader = Reader::new(row);
            let mut fields = || Some((reader.array()?, reader.u32()?, reader.u32()?));
            let unterminated = TableError::Unterminated { found: wide(bytes.len()) };
            let (guid, offset, length) = fields().ok_or(unterminated)?;
            let certificate = usize::try_from(offset)
                .ok()
                .filter(|start| *start >= first)
                .and_then(|start| Some(start..start.checked_add(usize::try_from(length).ok()?)?))
                .and_then(|range| bytes.get(range))
                .ok_or(TableError::OutOfBounds { entry, offset, length, end: wide(bytes.len()) })?;
            if entries.iter().any(|(earlier, _)| *earlier == guid) {
                return Err(TableError::Twice { entry });
            }
            entries.push((guid, certificate));
        }
        // The order is the table's, never an entry's; the known GUIDs cannot be taken for each other in either.
        let known = |guid: [u8; 16]| KNOWN.contains(&guid);
        let has = |entries: &[([u8; 16], &[u8])], order: fn([u8; 16]) -> [u8; 16]| {
            entries.iter().any(|(guid, _)| known(order(*guid)))
        };
        if !has(&entries, |guid| guid) && has(&entries, turned) {
            for (guid, _) in &mut entries {
                *guid = turned(*guid);
            }
        }
        Ok(Self { entries })
    }

    /// Could these bytes be a table? Before an entry of zeros one has a known GUID, in either order.
    #[must_use]
    pub fn is_likely(bytes: &[u8]) -> bool {
        let (rows, _) = bytes.as_chunks::<ENTRY_SIZE>();
        let rows = rows.iter().take(MAX_ENTRIES).take_while(|row| **row != [0; ENTRY_SIZE]);
        let mut guids = rows.filter_map(|row| row.first_chunk::<16>());
        guids.any(|guid| KNOWN.contains(guid) || KNOWN.contains(&turned(*guid)))
    }

    /// Google's launch endorsement, a serialised `VMLaunchEndorsement`, where the host gives one.
    pub fn google_endorsement(&self) -> Option<&'a [u8]> {
        self.entry(&GOOGLE_ENDORSEMENT)
    }

    /// A revocation list in DER, where the host gives one.
    pub fn crl(&self) -> Option<&'a [u8]> {
        self.entry(&CRL)
    }

    /// What the entry with that GUID has: the GUID in RFC 4122 byte order, whichever the table's is.
    pub fn entry(&self, guid: &[u8; 16]) -> Option<&'a [u8]> {
        self.entries.iter().find(|(found, _)| found == guid).map(|(_, certificate)| *certificate)
    }

    /// Every entry in order, those with unknown GUIDs too.
    pub fn entries(&self) -> &[([u8; 16], &'a [u8])] {
        &self.entries
    }

    /// The VCEK's DER.
    pub fn vcek(&self) -> Option<&'a [u8]> {
        self.entry(&VCEK)
    }

    /// The VLEK's DER.
    pub fn vlek(&self) -> Option<&'a [u8]> {
        self.entry(&VLEK)
    }

    /// The DER of the ASK, or of the ASVK where the table has a VLEK.
    pub fn ask(&self) -> Option<&'a [u8]> {
        self.entry(&ASK)
    }

    /// The ARK's DER.
    pub fn ark(&self) -> Option<&'a [u8]> {
        self.entry(&ARK)
    }
}
