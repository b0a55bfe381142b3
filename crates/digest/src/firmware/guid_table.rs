//! The firmware's GUIDed table: small records that tell a launcher where things are.
//!
//! Defined by edk2 [OVMF, ResetVectorVtf0], read by QEMU [QEMU, pc_system_parse_ovmf_flash]. It is read backwards: each
//! record's GUID comes last, before it the record's length, before that its payload; the footer's GUID ends 32 bytes
//! before the image does. Where a GUID stands twice, the one nearest the end wins, since QEMU looks from there.

use alloc::vec::Vec;

use super::error::Error;
use sev_launch_abi::Guid;
use sev_launch_abi::reader::{OutOfBounds, Reader, wide};

/// Bytes after the table: the reset vector's code. [OVMF, ResetVectorVtf0]
pub(super) const BYTES_AFTER_TABLE: usize = 32;

/// Bytes of a record's own header: a u16 length, then the GUID.
const HEADER_SIZE: u16 = 18;

/// A record of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Whose record it is.
    pub guid: Guid,
    /// Where the payload starts, in bytes from the start of the image.
    pub offset: u64,
    /// The payload: what the GUID's owner put there.
    pub payload: &'a [u8],
}

impl Entry<'_> {
    /// The first `N` u32 words of the payload, little endian; an error if it is shorter.
    pub fn u32s<const N: usize>(&self) -> Result<[u32; N], Error> {
        let (words, _) = self.payload.as_chunks::<4>();
        let mut values = [0; N];
        if words.len() < N {
            return Err(Error::EntryPayload {
                guid: self.guid,
                offset: self.offset,
                found: wide(self.payload.len()),
                wanted: wide(N * 4),
            });
        }
        for (value, word) in values.iter_mut().zip(words) {
            *value = u32::from_le_bytes(*word);
        }
        Ok(values)
    }
}

/// The table, whole: every record is in bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuidTable<'a> {
    /// The records in the order in which a launcher meets them: from the image's end down. Unknown GUIDs are kept.
    pub entries: Vec<Entry<'a>>,
}

impl<'a> GuidTable<'a> {
    /// Reads the table of an image; `None` if its footer is not there.
    pub(super) fn parse(reader: Reader<'a>) -> Result<Option<Self>, Error> {
        let Some(footer) = reader.size().checked_sub(BYTES_AFTER_TABLE + 16) else {
            return Ok(None);
        };
        let guid = reader.array_at("firmware table footer", footer).map(Guid::from_bytes)?;
        if guid != Guid::TABLE_FOOTER {
            return Ok(None);
        }
        let offset = footer.checked_sub(2).ok_or(OutOfBounds {
            what: "firmware table footer's length",
            offset: 0,
            wanted: 2,
            found: wide(footer),
        })?;
        let total = reader.u16_at("firmware table footer's length", offset)?;
        let found = usize::from(total);
        let table_end = footer + 16;
        if total < HEADER_SIZE || found > table_end {
            return Err(Error::TableLength {
                offset: wide(offset),
                found: total,
                wanted: wide(table_end),
            });
        }
        let start = table_end - found;
        let mut entries = Vec::new();
        let mut end = offset;
        while end > start {
            let entry = read_entry(reader, start, end)?;
            end = end.saturating_sub(entry.payload.len() + usize::from(HEADER_SIZE));
            entries.push(entry);
        }
        Ok(Some(Self { entries }))
    }

    /// The record that a launcher would use for this GUID: the one nearest the image's end.
    pub fn find(&self, guid: Guid) -> Option<&Entry<'a>> {
        self.entries.iter().find(|entry| entry.guid == guid)
    }

    /// GUIDs that stand more than once, each named once.
    pub(super) fn duplicates(&self) -> impl Iterator<Item = Guid> {
        self.entries.iter().enumerate().filter_map(|(number, entry)| {
            let earlier = self.entries.iter().take(number).filter(|other| other.guid == entry.guid);
            (earlier.count() == 1).then_some(entry.guid)
        })
    }
}

/// The record that ends at `end`, in a table that starts at `start`.
fn read_entry(reader: Reader<'_>, start: usize, end: usize) -> Result<Entry<'_>, Error> {
    let header = usize::from(HEADER_SIZE);
    let left = end.saturating_sub(start);
    if left < header {
        return Err(Error::TableRemainder { offset: wide(start), found: wide(left) });
    }
    let guid = reader.array_at("firmware table entry", end - 16).map(Guid::from_bytes)?;
    let length = reader.u16_at("firmware table entry's length", end - header)?;
    if length < HEADER_SIZE || usize::from(length) > left {
        return Err(Error::EntryLength {
            guid,
            offset: wide(end - header),
            found: length,
            wanted: wide(left),
        });
    }
    let payload_length = usize::from(length) - header;
    let offset = end - usize::from(length);
    let payload = reader.slice_at("firmware table entry's payload", offset, payload_length)?;
    Ok(Entry { guid, offset: wide(offset), payload })
}
