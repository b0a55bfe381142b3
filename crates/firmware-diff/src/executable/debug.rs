//! The debug directory: where the build left its symbols, and which build it was.
//!
//! [PE/COFF, Debug Directory]; CodeView's records as edk2's GenFw writes them: `NB10`, `RSDS` and `MTOC`.
//! [OVMF, EFI_IMAGE_DEBUG_CODEVIEW_RSDS_ENTRY]

use core::ops::Range;

use sev_launch_abi::reader::{Reader, index};

use super::{Area, Paint};

/// Bytes of a directory's entry.
const ENTRY: usize = 28;
/// More entries than this are not looked at.
const MOST_ENTRIES: usize = 16;
/// IMAGE_DEBUG_TYPE_CODEVIEW.
const CODEVIEW: u32 = 2;

/// Says what the bytes of the directory, and of what it points to, are. Returns the place of the first path in it.
pub(super) fn paint(
    bytes: &[u8],
    directory: Range<usize>,
    stripped: usize,
    paint: &mut Paint,
) -> Option<Range<usize>> {
    let reader = Reader::new(bytes);
    let mut first = None;
    // Whole entries alone; what is left of the directory stays what the section is.
    let entries = directory.len() / ENTRY;
    for at in directory.step_by(ENTRY).take(entries.min(MOST_ENTRIES)) {
        // Flags, versions and type; the time; size, address and place.
        paint.over(at..at + 16, Area::DebugEntry);
        paint.over(at + 4..at + 8, Area::Timestamp);
        paint.over(at + 16..at + ENTRY, Area::Debug);
        let field = |offset| reader.u32_at("", at + offset).ok();
        let (Some(kind), Some(size), Some(pointer)) = (field(12), field(16), field(24)) else {
            return first;
        };
        let place = || {
            let start = index(pointer).checked_sub(stripped)?;
            let end = start.checked_add(index(size))?;
            (pointer > 0 && end <= bytes.len()).then_some(start..end)
        };
        // What other entries point to may be read: protections are one of them.
        if let Some(range) = place().filter(|_| kind == CODEVIEW) {
            paint.over(range.clone(), Area::Debug);
            first = first.or(codeview(bytes, range, paint));
        }
    }
    first
}

fn codeview(bytes: &[u8], record: Range<usize>, paint: &mut Paint) -> Option<Range<usize>> {
    let (start, end) = (record.start, record.end);
    let contents = bytes.get(record).unwrap_or_default();
    let (id, path) = match contents.first_chunk() {
        // An offset, the time of the build, its age.
        Some(b"NB10") => (start + 8..start + 12, start + 16),
        // A GUID and its age.
        Some(b"RSDS") => (start + 4..start + 24, start + 24),
        // A UUID.
        Some(b"MTOC") => (start + 4..start + 20, start + 20),
        _ => return None,
    };
    let is_time = contents.starts_with(b"NB10");
    if id.end <= end {
        paint.over(id, if is_time { Area::Timestamp } else { Area::BuildId });
    }
    (path < end).then(|| {
        paint.over(path..end, Area::BuildPath);
        path..end
    })
}
