//! Secrets for a launched guest: the table that guests read, and the packet in which the platform takes it.
//!
//! The packet is defined by [SEV-API, LAUNCH_SECRET]: a header of 52 bytes (FLAGS 4, IV 16, MAC 32) and a payload under
//! AES-128-CTR with the TEK. The MAC is HMAC-SHA-256 with the TIK over 0x01, FLAGS, IV, GUEST_LENGTH, TRANS_LENGTH, the ciphertext
//! and MEASURE (its 32 bytes, not the blob of 48).
//!
//! The table is a convention of [OVMF, SecretDxe] and of Linux, not of the platform: GUID and length, then entries of GUID, length
//! and data without alignment, then zeros to a multiple of 16. Lengths count their own headers. The table's length leaves
//! the padding out here and in most tools; some count it, so a reader takes both. A secret's bytes are used as they are: a
//! newline at the end of a passphrase is part of it.
//!
//! ```
//! use sev_launch_verify::sev::secret::{LUKS_PASSPHRASE, SecretArea, SecretTable};
//!
//! let mut table = SecretTable::new();
//! table.add(LUKS_PASSPHRASE, b"correct horse battery staple")?;
//! assert_eq!(table.to_bytes(SecretArea::OVMF)?.len(), 80); // 20 + 20 + 28, padded
//! # Ok::<(), sev_launch_verify::sev::secret::SecretError>(())
//! ```

use alloc::vec::Vec;
use core::fmt;

use sev_launch_abi::Guid;
use subtle::ConstantTimeEq as _;
use thiserror::Error;
use zeroize::Zeroizing;

use super::keys::{SessionKeys, Tek, Tik, aes_128_ctr, hmac_sha256};
use crate::outcome::Family;

/// What is wrong with a table of secrets or a packet.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretError {
    /// The GUID of zeros stands for a deleted entry.
    #[error("a secret has the GUID of zeros, which readers take for a deleted entry")]
    ZeroGuid,
    /// Readers name secrets by their GUID.
    #[error("two secrets have the GUID {guid}")]
    DuplicateGuid {
        /// The GUID.
        guid: Guid,
    },
    /// No secret at all.
    #[error("the table of secrets has no entry")]
    NoEntry,
    /// The firmware has no place for a secret.
    #[error("the firmware's secret area has 0 bytes: it takes no secret")]
    NoArea,
    /// More than fits. What lies over the end overwrites measured data.
    #[error("the table of secrets: {found} bytes with padding, wanted at most {wanted}")]
    TooLarge {
        /// Bytes found.
        found: usize,
        /// The most that fits.
        wanted: usize,
    },
    /// Not even a header.
    #[error("the table of secrets: {found} bytes, wanted at least the 20 of its header")]
    TableHeader {
        /// Bytes found.
        found: usize,
    },
    /// Something else, or a GUID in the wrong byte order.
    #[error(
        "the table of secrets starts with GUID {found}, wanted 1e74f542-71dd-4d66-963e-ef4287ff173b"
    )]
    TableGuid {
        /// The GUID found.
        found: Guid,
    },
    /// The table's length does not fit.
    #[error("the table of secrets: length {found}, wanted 20 to {wanted}")]
    TableLength {
        /// The length found.
        found: u32,
        /// The bytes that there are.
        wanted: usize,
    },
    /// An entry's length does not fit.
    #[error("table of secrets, entry at offset {offset}: length {found}, wanted 20 to {wanted}")]
    EntryLength {
        /// Where the entry starts.
        offset: usize,
        /// The length found.
        found: u32,
        /// The bytes from there to the table's end.
        wanted: usize,
    },
    /// Bytes that belong to no entry.
    #[error(
        "the table of secrets has bytes that are not zero after its last entry, at offset {offset}"
    )]
    Remainder {
        /// Where the last entry ends.
        offset: usize,
    },
    /// The header's wrong number of bytes.
    #[error("the packet's header: {found} bytes, wanted 52")]
    HeaderLength {
        /// Bytes found.
        found: usize,
    },
    /// More than a packet can have.
    #[error("the packet's payload: {found} bytes, wanted at most {wanted}")]
    PayloadLength {
        /// Bytes found.
        found: usize,
        /// The most that a packet has.
        wanted: usize,
    },
    /// Header, payload or measurement were changed, or are of another launch.
    #[error("the packet's MAC is not that of its header, its payload and the launch measurement")]
    Mac,
    /// Compressed or reserved, which nobody writes.
    #[error("the packet's flags are {found:#x}, wanted 0")]
    Flags {
        /// The flags found.
        found: u32,
    },
}

impl SecretError {
    /// Rejected for a wrong MAC, malformed for the rest.
    pub const fn family(&self) -> Family {
        match self {
            Self::Mac => Family::Rejected,
            _ => Family::Malformed,
        }
    }
}

/// The table itself. [OVMF, SecretDxe]
pub const TABLE_GUID: Guid =
    Guid::new(0x1e74f542, 0x71dd, 0x4d66, [0x96, 0x3e, 0xef, 0x42, 0x87, 0xff, 0x17, 0x3b]);
/// The passphrase of an encrypted disk, as GRUB, libvirt and SVSM call it.
pub const LUKS_PASSPHRASE: Guid =
    Guid::new(0x736869e5, 0x84f0, 0x4973, [0x92, 0xec, 0x06, 0x87, 0x9c, 0xe3, 0xda, 0x0b]);
/// Confidential Containers without a key broker: JSON of key names and keys in base64.
pub const COCO_BUNDLE: Guid =
    Guid::new(0xe6f5a162, 0xd67f, 0x4750, [0xa6, 0x7c, 0x5d, 0x06, 0x5f, 0x2a, 0x99, 0x10]);
/// Confidential Containers with a key broker: JSON of a client's name and its key in base64.
pub const COCO_CONNECTION: Guid =
    Guid::new(0x1ee27366, 0x0c87, 0x43a6, [0xaf, 0x48, 0x28, 0x54, 0x3e, 0xaf, 0x7c, 0xb0]);
/// The bundle of the sample client of simple-kbs.
pub const SIMPLE_KBS_BUNDLE: Guid =
    Guid::new(0x0a46e24d, 0x478c, 0x4eb1, [0x86, 0x96, 0x11, 0x3e, 0xee, 0xc3, 0xaa, 0x99]);
/// No secret: the EFI configuration table that tells where the area is. [OVMF, ConfidentialComputingSecret]
pub const CONFIGURATION_TABLE: Guid =
    Guid::new(0xadf956ad, 0xe98c, 0x484c, [0xae, 0x11, 0xb5, 0x1c, 0x7d, 0x33, 0x64, 0x47]);

/// What a GUID in or around the table stands for; `None` if it is unknown to us.
pub fn guid_name(guid: &Guid) -> Option<&'static str> {
    Some(match *guid {
        TABLE_GUID => "secret table",
        LUKS_PASSPHRASE => "LUKS passphrase",
        COCO_BUNDLE => "Confidential Containers bundle",
        COCO_CONNECTION => "Confidential Containers connection",
        SIMPLE_KBS_BUNDLE => "simple-kbs sample bundle",
        CONFIGURATION_TABLE => "EFI configuration table of the secret area",
        Guid::SEV_SECRET_AREA => "secret area in the firmware's table",
        _ => return None,
    })
}

/// How many bytes a table may have, padding included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretArea(usize);

impl SecretArea {
    /// The most that a packet holds. [Linux, SEV_FW_BLOB_MAX_SIZE]
    pub const MAX_PACKET: usize = 0x4000;
    /// OVMF's area. The table of kernel hashes follows it, so what is longer overwrites what was measured. [OVMF, MemFd]
    pub const OVMF: Self = Self(0xc00);
    /// Whatever a packet holds, for a guest without OVMF.
    pub const PACKET: Self = Self(Self::MAX_PACKET);

    /// The size that the firmware's table gives ([`Guid::SEV_SECRET_AREA`]), or a packet's where that is smaller.
    ///
    /// Errors: size 0, with which a firmware says that it takes no secret.
    pub fn of_firmware(size: u32) -> Result<Self, SecretError> {
        match usize::try_from(size) {
            Ok(0) => Err(SecretError::NoArea),
            Ok(size) => Ok(Self(size.min(Self::MAX_PACKET))),
            Err(_) => Ok(Self::PACKET),
        }
    }

    /// The size in bytes.
    pub const fn size(self) -> usize {
        self.0
    }
}

/// Bytes before a table's entries and before an entry's data: GUID and length. [OVMF, SecretDxe]
const HEADER: usize = 20;
/// The cipher's block, to which tables are padded.
const BLOCK: usize = 16;

/// Secrets by GUID, in order. Their bytes are wiped on drop.
#[derive(Default)]
pub struct SecretTable {
    entries: Vec<(Guid, Zeroizing<Vec<u8>>)>,
}

impl SecretTable {
    /// The table without a secret, which cannot be packed.
    pub const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// Adds a secret, whose bytes are copied. Errors: the GUID of zeros, one that is there already, more than a packet holds.
    pub fn add(&mut self, guid: Guid, data: &[u8]) -> Result<(), SecretError> {
        if *guid.as_bytes() == [0; 16] {
            return Err(SecretError::ZeroGuid);
        }
        if self.entries.iter().any(|(other, _)| *other == guid) {
            return Err(SecretError::DuplicateGuid { guid });
        }
        let found = self.size().saturating_add(HEADER).saturating_add(data.len());
        if found > SecretArea::MAX_PACKET {
            let found = found.checked_next_multiple_of(BLOCK).unwrap_or(found);
            return Err(SecretError::TooLarge { found, wanted: SecretArea::MAX_PACKET });
        }
        self.entries.push((guid, Zeroizing::new(data.to_vec())));
        Ok(())
    }

    /// The secrets, in order.
    pub fn entries(&self) -> impl Iterator<Item = (&Guid, &[u8])> {
        self.entries.iter().map(|(guid, data)| (guid, data.as_slice()))
    }

    /// Bytes of header and entries, which is what the table's length field says. At most 16384.
    pub fn size(&self) -> usize {
        self.entries.iter().fold(HEADER, |size, (_, data)| size + HEADER + data.len())
    }

    /// The table for an area, padded with zeros to a multiple of 16. Errors: no entry, more than the area holds.
    pub fn to_bytes(&self, area: SecretArea) -> Result<Zeroizing<Vec<u8>>, SecretError> {
        if self.entries.is_empty() {
            return Err(SecretError::NoEntry);
        }
        let (size, wanted) = (self.size(), area.size());
        let found = size.next_multiple_of(BLOCK);
        let too_large = SecretError::TooLarge { found, wanted };
        if found > wanted {
            return Err(too_large);
        }
        // Room for all: a vector that grew would leave copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(found));
        let whole = [(&TABLE_GUID, size, [].as_slice())];
        let entries = self.entries().map(|(guid, data)| (guid, HEADER + data.len(), data));
        for (guid, length, data) in whole.into_iter().chain(entries) {
            let length = u32::try_from(length).map_err(|_| too_large.clone())?;
            bytes.extend_from_slice(guid.as_bytes());
            bytes.extend_from_slice(&length.to_le_bytes());
            bytes.extend_from_slice(data);
        }
        bytes.resize(found, 0);
        Ok(bytes)
    }

    /// Reads a table, by either convention of its length.
    ///
    /// Errors: lengths that do not fit, a GUID that is zero or there twice, no entry, and bytes that are not zero after the
    /// last entry: no writer leaves them, and a guest would not see them.
    pub fn parse(bytes: &[u8]) -> Result<Self, SecretError> {
        let header = read_header(bytes);
        let (guid, length, _) = header.ok_or(SecretError::TableHeader { found: bytes.len() })?;
        if guid != TABLE_GUID {
            return Err(SecretError::TableGuid { found: guid });
        }
        let within = usize::try_from(length).ok().and_then(|length| bytes.get(HEADER..length));
        let mut rest =
            within.ok_or(SecretError::TableLength { found: length, wanted: bytes.len() })?;
        let mut table = Self::new();
        let mut offset = HEADER;
        // Fewer bytes than an entry's header are padding that the length counts. [Linux, efi_secret_securityfs_setup]
        while let Some((guid, length, _)) = read_header(rest) {
            let data = usize::try_from(length).ok().and_then(|length| {
                let (entry, after) = rest.split_at_checked(length)?;
                Some((entry.get(HEADER..)?, after))
            });
            let (data, after) =
                data.ok_or(SecretError::EntryLength { offset, found: length, wanted: rest.len() })?;
            table.add(guid, data)?;
            offset += HEADER + data.len();
            rest = after;
        }
        if table.entries.is_empty() {
            return Err(SecretError::NoEntry);
        }
        if bytes.iter().skip(offset).any(|byte| *byte != 0) {
            return Err(SecretError::Remainder { offset });
        }
        Ok(table)
    }
}

impl fmt::Debug for SecretTable {
    /// GUIDs and sizes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.entries().map(|(guid, data)| (guid, data.len()))).finish()
    }
}

/// GUID, length, and what follows them.
fn read_header(bytes: &[u8]) -> Option<(Guid, u32, &[u8])> {
    let (guid, rest) = bytes.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    Some((Guid::from_bytes(*guid), u32::from_le_bytes(*length), rest))
}

/// Bytes of a packet's header. [SEV-API, LAUNCH_SECRET]
pub const PACKET_HEADER_SIZE: usize = 52;
/// The first byte under a packet's MAC. [SEV-API, LAUNCH_SECRET]
const LABEL: u8 = 0x01;

/// What the host gives to the platform: QEMU's `sev-inject-launch-secret` takes both parts as base64.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// FLAGS, IV and MAC: 52 bytes.
    pub header: [u8; PACKET_HEADER_SIZE],
    /// The ciphertext: as long as the padded table, at most 16384 bytes.
    pub payload: Vec<u8>,
}

/// Seals any plaintext. The IV must be fresh for the TEK.
pub(super) fn seal(
    keys: &SessionKeys,
    measure: &[u8; 32],
    iv: &[u8; 16],
    plaintext: &[u8],
) -> Result<Packet, SecretError> {
    let mut payload = plaintext.to_vec();
    aes_128_ctr(keys.tek.expose(), iv, &mut payload);
    let flags = [0; 4];
    let mac = packet_mac(&keys.tik, flags, iv, &payload, measure)?;
    let mut header = [0; PACKET_HEADER_SIZE];
    let fields = flags.iter().chain(iv).chain(&mac);
    header.iter_mut().zip(fields).for_each(|(to, from)| *to = *from);
    Ok(Packet { header, payload })
}

/// Opens a packet as the platform does: MAC in constant time, then the cipher. For debugging; a guest's owner only seals.
///
/// Errors: a header that is not 52 bytes, more payload than a packet holds, a wrong MAC, flags.
pub fn open_packet(
    tek: &Tek,
    tik: &Tik,
    measure: &[u8; 32],
    header: &[u8],
    payload: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let fields = || {
        let (flags, rest) = header.split_first_chunk::<4>()?;
        let (iv, mac) = rest.split_first_chunk::<16>()?;
        Some((*flags, iv, <[u8; 32]>::try_from(mac).ok()?))
    };
    let (flags, iv, mac) = fields().ok_or(SecretError::HeaderLength { found: header.len() })?;
    if !bool::from(packet_mac(tik, flags, iv, payload, measure)?.ct_eq(&mac)) {
        return Err(SecretError::Mac);
    }
    match u32::from_le_bytes(flags) {
        0 => {}
        found => return Err(SecretError::Flags { found }),
    }
    let mut plaintext = Zeroizing::new(payload.to_vec());
    aes_128_ctr(tek.expose(), iv, &mut plaintext);
    Ok(plaintext)
}

/// The MAC of a packet that is not compressed: GUEST_LENGTH and TRANS_LENGTH are the payload's. [SEV-API, LAUNCH_SECRET]
fn packet_mac(
    tik: &Tik,
    flags: [u8; 4],
    iv: &[u8; 16],
    payload: &[u8],
    measure: &[u8; 32],
) -> Result<[u8; 32], SecretError> {
    let (found, wanted) = (payload.len(), SecretArea::MAX_PACKET);
    let length = u32::try_from(found).ok().filter(|_| found <= wanted);
    let length = length.ok_or(SecretError::PayloadLength { found, wanted })?.to_le_bytes();
    let parts = [&[LABEL], flags.as_slice(), iv, &length, &length, payload, measure];
    Ok(hmac_sha256(tik.expose(), &parts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sev_launch_testkit::sev_api::SevApi;

    #[test]
    fn known_answers_over_raw_plaintexts() {
        let packets = SevApi::read().secret_packet;
        assert_eq!(packets.len(), 13);
        for vector in packets {
            let keys = SessionKeys {
                tek: Tek::from_bytes(&vector.tek).unwrap(),
                tik: Tik::from_bytes(&vector.tik).unwrap(),
            };
            let (measure, iv) = (vector.measure.array(), vector.iv.array());
            let packet = seal(&keys, &measure, &iv, &vector.plaintext).unwrap();
            assert_eq!(packet.header, *vector.header, "{}", vector.name);
            assert_eq!(packet.payload, *vector.ciphertext, "{}", vector.name);
            assert_eq!(vector.mac_message_len, 61 + packet.payload.len(), "{}", vector.name);
        }
    }
}
