//! The image's end: the reset vector's code, and before it the GUIDed table that launchers read backwards.
//!
//! Defined by edk2 [OVMF, ResetVectorVtf0]. It lies in a raw file, the volume top file, whose bytes are told apart here.

use core::ops::Range;

use sev_launch_digest::Firmware;

use crate::error::Error;
use crate::limits::{Budget, saturated};
use crate::part::{Part, Span, What};

/// Bytes of a record's length and GUID, which follow its payload.
const RECORD: usize = 18;
/// Bytes after the table.
const VECTOR: usize = 32;

/// Splits the leaf at the image's end into the table's records, its footer and the reset vector, where there is a table.
pub(crate) fn carve(root: &mut Part, image: &[u8], budget: &mut Budget) -> Result<(), Error> {
    let Ok(firmware) = Firmware::parse(image) else {
        return Ok(());
    };
    let Ok(Some(table)) = firmware.table() else {
        return Ok(());
    };
    let Some(footer) = image.len().checked_sub(VECTOR + RECORD) else {
        return Ok(());
    };
    let mut pieces: Vec<(What, Range<usize>)> = Vec::new();
    for record in table.entries.iter().rev() {
        // The footer is a record without a payload: the first from the end.
        let start = saturated(record.offset);
        let what = What::TableRecord(record.guid);
        pieces.push((what, start..start + record.payload.len() + RECORD));
    }
    pieces.push((What::TableFooter, footer..footer + RECORD));
    pieces.push((What::ResetVector, footer + RECORD..image.len()));
    let start = pieces.first().map_or(footer, |(_, range)| range.start);
    let Some(leaf) = leaf_of(root, start..image.len()) else {
        return Ok(());
    };
    let body = leaf.body();
    let mut at = body.start;
    for (what, range) in core::iter::once((What::Data, at..start)).chain(pieces) {
        if range.start != at {
            // The records do not follow one another: the table stays one leaf.
            leaf.parts.clear();
            return Ok(());
        }
        at = range.end;
        if !range.is_empty() {
            budget.part()?;
            leaf.parts.push(Part::new(what, Span::new(0, range)));
        }
    }
    Ok(())
}

/// The leaf of the image's own bytes that has all of the range, and ends where it ends.
fn leaf_of(part: &mut Part, range: Range<usize>) -> Option<&mut Part> {
    let body = part.body();
    if part.unpacked.is_some()
        || body.space != 0
        || body.start > range.start
        || body.end != range.end
    {
        return None;
    }
    if part.parts.is_empty() {
        return matches!(part.what, What::File(_) | What::Section(_) | What::Data).then_some(part);
    }
    part.parts.iter_mut().find_map(|below| leaf_of(below, range.clone()))
}
