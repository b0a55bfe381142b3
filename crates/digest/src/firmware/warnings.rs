//! What is odd about an image, whatever is launched with it.

use alloc::vec::Vec;

use super::metadata::Metadata;
use super::tables::{Ends, Tables};
use crate::warning::Warning;

/// All that can be told of an image.
pub(super) fn of_image(ends: &Ends<'_>, tables: &Tables) -> Vec<Warning> {
    let mut warnings = of_size(ends.size);
    let table = ends.table();
    match (ends.starts_with_variables(), &table) {
        (true, Ok(Some(_))) => warnings.push(Warning::CombinedImage),
        (true, _) => warnings.push(Warning::VariableStore),
        (false, _) => {}
    }
    if let Ok(Some(table)) = table {
        let duplicate = |guid| Warning::DuplicateEntry { guid: alloc::format!("{guid}") };
        warnings.extend(table.duplicates().map(duplicate));
    }
    if let Ok(Some(metadata)) = &tables.metadata {
        warnings.extend(of_metadata(metadata));
    }
    // What cannot be read; a broken table breaks everything that stands in it, and is told once.
    let mut broken: Vec<_> = [
        ends.table().err(),
        tables.metadata.clone().err(),
        tables.reset_address.clone().err(),
        tables.hash_area.clone().err(),
        tables.secret_area.clone().err(),
        tables.svsm_entry.clone().err(),
    ]
    .into_iter()
    .flatten()
    .collect();
    broken.dedup();
    warnings.extend(broken.into_iter().map(Warning::BrokenTables));
    warnings
}

/// Sections that no host accepts together.
pub(super) fn of_metadata(metadata: &Metadata) -> Option<Warning> {
    let (first, second, gpa) = metadata.overlap()?;
    Some(Warning::SectionsOverlap { first, second, gpa })
}

/// Sizes that QEMU does not load, which are nonetheless measured as they are. [QEMU, pc_system_flash_map, x86_bios_rom_init]
pub(super) fn of_size(size: u64) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if !size.is_multiple_of(4096) {
        warnings.push(Warning::FirmwareNotPages { size });
    } else if !size.is_multiple_of(65536) {
        warnings.push(Warning::FirmwareNotBios { size });
    }
    if size > 8 << 20 {
        warnings.push(Warning::FirmwareLarge { size });
    }
    warnings
}
