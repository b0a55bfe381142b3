//! Unified kernel images: a PE with the sections it is given.
//!
//! Defined by Microsoft's "PE Format" (COFF file header, optional header, section table) and by the
//! UAPI Group's "Unified Kernel Image" specification, which gives the sections their names.

/// Where the PE header starts, after a DOS header of 64 bytes.
const PE_HEADER: u32 = 0x40;
/// Bytes of the optional header of PE32+ with its 16 data directories.
const OPTIONAL_HEADER: u16 = 112 + 16 * 8;
/// What sections are aligned to in the file.
const ALIGNMENT: usize = 512;
/// The subsystem of an EFI application.
pub const EFI_APPLICATION: u16 = 10;

/// A PE32+ file of `subsystem` with `sections`, whose names have up to eight bytes.
///
/// # Panics
///
/// Where a name is longer, or the file would have more than 4 GiB.
#[must_use]
pub fn pe(subsystem: u16, sections: &[(&str, &[u8])]) -> Vec<u8> {
    let number = |size: usize| u32::try_from(size).expect("a PE has up to 4 GiB");
    let count = u16::try_from(sections.len()).expect("a PE has up to 65535 sections");
    let mut file = vec![0; 0x3c];
    file[..2].copy_from_slice(b"MZ");
    file.extend(PE_HEADER.to_le_bytes());
    file.extend(b"PE\0\0");
    // Machine, sections, time stamp, symbol table and its count, optional header's size, flags.
    file.extend(0x8664_u16.to_le_bytes());
    file.extend(count.to_le_bytes());
    file.extend([0; 12]);
    file.extend(OPTIONAL_HEADER.to_le_bytes());
    file.extend(0x0206_u16.to_le_bytes());
    let optional = file.len();
    file.resize(optional + usize::from(OPTIONAL_HEADER), 0);
    file[optional..optional + 2].copy_from_slice(&0x20b_u16.to_le_bytes());
    file[optional + 68..optional + 70].copy_from_slice(&subsystem.to_le_bytes());
    file[optional + 108..optional + 112].copy_from_slice(&16_u32.to_le_bytes());
    let table = file.len();
    file.resize((table + 40 * sections.len()).next_multiple_of(ALIGNMENT), 0);
    for (index, (name, bytes)) in sections.iter().enumerate() {
        let start = file.len();
        file.extend(*bytes);
        file.resize(file.len().next_multiple_of(ALIGNMENT), 0);
        let raw_size = file.len() - start;
        let header = &mut file[table + 40 * index..table + 40 * (index + 1)];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[8..12].copy_from_slice(&number(bytes.len()).to_le_bytes());
        header[12..16].copy_from_slice(&number(start).to_le_bytes());
        header[16..20].copy_from_slice(&number(raw_size).to_le_bytes());
        header[20..24].copy_from_slice(&number(start).to_le_bytes());
    }
    file
}
