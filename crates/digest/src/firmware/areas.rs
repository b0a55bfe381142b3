//! Areas in guest memory that the firmware sets aside, and the reset block.
//!
//! Defined by edk2 [OVMF, ResetVectorVtf0]: each is a record of the GUIDed table whose payload is little-endian u32s.

use super::error::{Error, Part};
use super::guid_table::{BYTES_AFTER_TABLE, Entry};
use sev_launch_abi::reader::Reader;
use sev_launch_abi::{Gpa, Guid};

/// A range of guest memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// Its guest physical address; 0 in firmware that has the record but not the area.
    pub base: Gpa,
    /// Its size in bytes.
    pub size: u32,
}

impl Area {
    pub(super) fn read(entry: &Entry<'_>) -> Result<Self, Error> {
        entry.u32s::<2>().map(|[base, size]| Self { base: Gpa(u64::from(base)), size })
    }
}

/// The reset block of images older than the GUIDed table: its GUID stands where the footer's would, before it a u16
/// length, and that many bytes before the image's last 32 the address. [QEMU, sev_es_find_reset_vector]
pub(super) fn lone_reset_block(reader: Reader<'_>) -> Part<u32> {
    const WHAT: &str = "lone SEV-ES reset block";
    let Some(end) = reader.size().checked_sub(BYTES_AFTER_TABLE) else {
        return Ok(None);
    };
    let Some(guid) = end.checked_sub(16) else {
        return Ok(None);
    };
    if reader.array_at(WHAT, guid).map(Guid::from_bytes)? != Guid::SEV_ES_RESET_BLOCK {
        return Ok(None);
    }
    let too_short = |found: u64| Error::EntryPayload {
        guid: Guid::SEV_ES_RESET_BLOCK,
        offset: sev_launch_abi::reader::wide(guid),
        found,
        wanted: 22,
    };
    let length_at = guid.checked_sub(2).ok_or(too_short(0))?;
    let length = reader.u16_at(WHAT, length_at)?;
    match end.checked_sub(usize::from(length)) {
        Some(start) if length >= 22 => Ok(Some(reader.u32_at(WHAT, start)?)),
        _ => Err(too_short(u64::from(length))),
    }
}
