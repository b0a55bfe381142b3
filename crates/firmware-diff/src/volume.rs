//! Firmware volumes: a header, a map of blocks, and files after one another.
//!
//! Defined by [UEFI PI, EFI_FIRMWARE_VOLUME_HEADER]; numbers are little endian. The header's words add up to 0. A volume's name
//! stands in an extended header, which edk2's GenFv puts into a padding file.

use sev_launch_abi::Guid;
use sev_launch_abi::reader::{OutOfBounds, Reader, index, wide};

use crate::names;

/// What stands 40 bytes into a volume.
pub(crate) const SIGNATURE: &[u8; 4] = b"_FVH";
/// Where it stands.
pub(crate) const SIGNATURE_OFFSET: usize = 40;

/// Bytes of a header with a map of one range of blocks.
const LEAST_HEADER: usize = 72;
/// More than this no header is read: a map of 120 ranges of blocks.
const MOST_HEADER: usize = 1024;
/// Erased flash is all ones. [UEFI PI, EFI_FVB2_ERASE_POLARITY]
const ERASE_POLARITY: u32 = 0x800;

/// A volume's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeHeader {
    /// The format of what is in it.
    pub file_system: Guid,
    /// The volume's name, of its extended header.
    pub name: Option<Guid>,
    /// All of the volume, in bytes.
    pub length: u64,
    /// EFI_FVB_ATTRIBUTES_2.
    pub attributes: u32,
    /// 2 for today's form.
    pub revision: u8,
    /// The header's bytes, map of blocks included.
    pub(crate) header_length: usize,
    /// Where the extended header lies, from the volume's start.
    pub(crate) extended: Option<(usize, usize)>,
    pub(crate) has_right_checksum: bool,
    pub(crate) has_right_map: bool,
}

impl VolumeHeader {
    /// The byte that erased flash consists of.
    pub const fn erased(&self) -> u8 {
        if self.attributes & ERASE_POLARITY != 0 { 0xff } else { 0 }
    }

    /// Does it hold variables, and no files?
    #[must_use]
    pub fn holds_variables(&self) -> bool {
        self.file_system == names::NV_DATA
    }

    /// Does it hold files of a file system that is read?
    #[must_use]
    pub fn holds_files(&self) -> bool {
        self.file_system == names::FFS2 || self.has_large_files()
    }

    /// May its files have 16 MiB and more?
    pub(crate) fn has_large_files(&self) -> bool {
        self.file_system == names::FFS3
    }

    /// What people call it.
    pub(crate) fn label(&self) -> String {
        match self.name {
            Some(name) => {
                names::of(name).map_or_else(|| format!("volume {name}"), ToOwned::to_owned)
            }
            None if self.holds_variables() => "variables".into(),
            None => names::of(self.file_system)
                .map_or_else(|| format!("volume {}", self.file_system), |_| "volume".into()),
        }
    }

    /// Reads the header at the start of `bytes`, which are all that a volume there could have. The error says why it is none.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, &'static str> {
        let reader = Reader::new(bytes);
        let cut = |_: OutOfBounds| "its header is cut off";
        let length = reader.array_at("", 32).map(u64::from_le_bytes).map_err(cut)?;
        let header_length = usize::from(reader.u16_at("", 48).map_err(cut)?);
        if !(LEAST_HEADER..=MOST_HEADER).contains(&header_length) || header_length % 2 != 0 {
            return Err("its header's length is impossible");
        }
        if length < wide(header_length) {
            return Err("it is shorter than its header");
        }
        if length > wide(bytes.len()) {
            return Err("it ends after the end of what it is in");
        }
        let header = reader.slice_at("", 0, header_length).map_err(cut)?;
        let (words, _) = header.as_chunks::<2>();
        let sum =
            words.iter().fold(0, |sum: u16, word| sum.wrapping_add(u16::from_le_bytes(*word)));
        let guid = |offset| reader.array_at("", offset).map(Guid::from_bytes).map_err(cut);
        let extended_offset = usize::from(reader.u16_at("", 52).map_err(cut)?);
        let extended = (extended_offset != 0)
            .then(|| {
                let size = index(reader.u32_at("", extended_offset + 16).ok()?);
                let end = extended_offset.checked_add(size)?;
                (size >= 20 && wide(end) <= length).then_some((extended_offset, end))
            })
            .flatten();
        Ok(Self {
            file_system: guid(16)?,
            name: extended.map(|(offset, _)| guid(offset)).transpose()?,
            length,
            attributes: reader.u32_at("", 44).map_err(cut)?,
            revision: reader.array_at::<1>("", 55).map_err(cut)?[0],
            header_length,
            extended,
            has_right_checksum: sum == 0,
            has_right_map: map_covers(header, length)
                && (extended_offset == 0 || extended.is_some()),
        })
    }
}

/// Does the map of blocks end with an empty one, and name as many bytes as the volume has?
fn map_covers(header: &[u8], length: u64) -> bool {
    let (ranges, rest) = header.get(56..).unwrap_or_default().as_chunks::<8>();
    let mut total = 0_u64;
    for (number, [n0, n1, n2, n3, l0, l1, l2, l3]) in ranges.iter().enumerate() {
        let blocks = u64::from(u32::from_le_bytes([*n0, *n1, *n2, *n3]));
        let size = u64::from(u32::from_le_bytes([*l0, *l1, *l2, *l3]));
        if blocks == 0 && size == 0 {
            return number + 1 == ranges.len() && rest.is_empty() && total == length;
        }
        total = total.saturating_add(blocks.saturating_mul(size));
    }
    false
}
