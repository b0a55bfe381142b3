//! The table of base relocations: which words change with the address that an image is at.
//!
//! [PE/COFF, The .reloc Section]: blocks of a page's address, a size, and entries of a type and an offset in the page.

use core::ops::Range;

use sev_launch_abi::reader::{Reader, index};

/// IMAGE_REL_BASED_HIGHLOW: a word of 32 bits.
const HIGHLOW: u16 = 3;
/// IMAGE_REL_BASED_DIR64: a word of 64 bits.
const DIR64: u16 = 10;

/// More words than these are not looked at: OVMF's largest module has some thousand.
pub(super) const MOST_SITES: usize = 1 << 18;

/// A word that changes with the image's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Site {
    /// Where it is in the file.
    pub(crate) range: Range<usize>,
}

impl Site {
    /// The word in an executable's bytes; `None` if it is not in them.
    pub(crate) fn word(&self, bytes: &[u8]) -> Option<u64> {
        let bytes = bytes.get(self.range.clone())?;
        Some(bytes.iter().rev().fold(0_u64, |word, byte| word << 8 | u64::from(*byte)))
    }

    /// Which bits of a sum the word keeps.
    pub(crate) fn mask(&self) -> u64 {
        if self.range.len() < 8 { u64::from(u32::MAX) } else { u64::MAX }
    }
}

/// The places that the table names, in order; `offset` finds an address in the file.
pub(super) fn sites(table: &[u8], offset: impl Fn(u32) -> Option<usize>) -> Vec<Site> {
    let mut reader = Reader::new(table);
    let mut sites = Vec::new();
    while sites.len() < MOST_SITES
        && let (Some(page), Some(size)) = (reader.u32(), reader.u32())
    {
        let Some(entries) = index(size).checked_sub(8).and_then(|left| reader.slice(left)) else {
            break;
        };
        for entry in entries.as_chunks::<2>().0 {
            let entry = u16::from_le_bytes(*entry);
            let width = match entry >> 12 {
                HIGHLOW => 4,
                DIR64 => 8,
                _ => continue,
            };
            let place = page.checked_add(u32::from(entry & 0xfff)).and_then(&offset);
            sites.extend(place.map(|start| Site { range: start..start.saturating_add(width) }));
        }
    }
    sites.sort_by_key(|site| site.range.start);
    sites
}
