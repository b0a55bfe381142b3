//! PI firmware images, good and bad: volumes, files, sections, executables, variables, and a whole little OVMF.
//!
//! Written from the UEFI PI specification, volume 3 (`EFI_FIRMWARE_VOLUME_HEADER`, `EFI_FFS_FILE_HEADER`, `EFI_COMMON_SECTION_HEADER`), and from edk2's
//! `MdeModulePkg/Include/Guid/VariableFormat.h`. All integers are little-endian. A builder keeps its parts in the order in which they were given:
//!
//! ```
//! use sev_launch_testkit::pi::{self, File, Section, Volume};
//! let name = "11111111-2222-3333-4444-555555555555";
//! let driver = File::driver(name, "Driver").section(Section::pe32([0; 64]));
//! let laid = Volume::new(pi::FFS2, 0x1000).file(driver).lay();
//! assert_eq!(laid.bytes.len(), 0x1000);
//! assert_eq!(laid.files[0].offset, 0x48);
//! ```
//!
//! Checksums and sizes are right unless a setter says otherwise; a test that wants a lie writes it over the finished bytes. Packed sections are packed
//! here ([`lzma`], [`brotli`]), without the libraries that are under test.

mod file;
mod ovmf;
mod pack;
mod pe;
mod section;
mod small;
mod variables;
mod volume;

pub use self::file::File;
pub use self::ovmf::{Ovmf, VERIFIER_GUIDS};
pub use self::pack::{brotli, lzma, lzma_literals};
pub use self::pe::{CodeView, Pe};
pub use self::section::{Section, stream};
pub use self::small::{NAMES, small_image};
pub use self::variables::{Variable, VariableStore, ftw_working_block};
pub use self::volume::{Laid, Placed, Volume};

/// File system of a volume whose files are below 16 MiB.
pub const FFS2: &str = "8c8ce578-8a3d-4f1c-9935-896185c32dd3";
/// File system of a volume whose files may be of 16 MiB and more.
pub const FFS3: &str = "5473c07a-3dcb-4dca-bd6f-1e9689e7349a";
/// "File system" of the volume with the variables (edk2, `gEfiSystemNvDataFvGuid`).
pub const NV_DATA: &str = "fff12b8d-7696-4c8b-a985-2747075b4f50";
/// Name of the file that ends at the last byte of its volume.
pub const VOLUME_TOP_FILE: &str = "1ba0062e-c779-4582-8566-336ae8f78f09";
/// Name of a pad file.
pub const PAD_FILE: &str = "ffffffff-ffff-ffff-ffff-ffffffffffff";
/// GUID-defined section: LZMA with the header of `.lzma` files (edk2, `gLzmaCustomDecompressGuid`).
pub const LZMA: &str = "ee4e5898-3914-4259-9d6e-dc7bd79403cf";
/// GUID-defined section: LZMA after a filter for x86 code (edk2, `gLzmaF86CustomDecompressGuid`).
pub const LZMA_F86: &str = "d42ae6bd-1352-4bfb-909a-ca72a6eae889";
/// GUID-defined section: Brotli after 16 bytes of sizes (edk2, `gBrotliCustomDecompressGuid`).
pub const BROTLI: &str = "3d532050-5cda-4fd0-879e-0f7f630d5afb";
/// GUID-defined section: EFI's own compression, as Tiano has it (edk2, `gTianoCustomDecompressGuid`).
pub const TIANO: &str = "a31280ad-481e-41b6-95e8-127f4c984779";
/// GUID-defined section: a CRC-32 of what follows (UEFI PI, `EFI_GUIDED_SECTION_CRC32_GUID`).
pub const CRC32: &str = "fc1bcdb0-7d31-49aa-936a-a4600d9dd083";

/// Type of a file: bytes without sections.
pub const RAW: u8 = 0x01;
/// Type of a file: sections of any kind.
pub const FREEFORM: u8 = 0x02;
/// Type of a file: the security core, the first code of all.
pub const SECURITY_CORE: u8 = 0x03;
/// Type of a file: the PEI core.
pub const PEI_CORE: u8 = 0x04;
/// Type of a file: the DXE core.
pub const DXE_CORE: u8 = 0x05;
/// Type of a file: a module of the PEI phase.
pub const PEIM: u8 = 0x06;
/// Type of a file: a driver of the DXE phase.
pub const DRIVER: u8 = 0x07;
/// Type of a file: an application.
pub const APPLICATION: u8 = 0x09;
/// Type of a file: holds a volume.
pub const VOLUME_IMAGE: u8 = 0x0b;
/// Type of a file: space that is not used.
pub const PAD: u8 = 0xf0;

/// The lowest `bytes` bytes of a number.
fn low(number: usize, bytes: usize) -> Vec<u8> {
    let wide = u64::try_from(number).expect("usize holds at most 64 bits").to_le_bytes();
    assert!(
        wide[bytes..].iter().all(|byte| *byte == 0),
        "{number:#x} does not fit in {bytes} bytes"
    );
    wide[..bytes].to_vec()
}

/// What makes the sum of all bytes 0.
fn checksum8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte)).wrapping_neg()
}

/// What makes the sum of all 16-bit words 0.
fn checksum16(bytes: &[u8]) -> u16 {
    let words = bytes.chunks_exact(2).map(|word| u16::from_le_bytes([word[0], word[1]]));
    words.fold(0u16, u16::wrapping_add).wrapping_neg()
}

/// Text as UTF-16 with the 0 that ends it.
fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
}

/// Appends `filling` until the length is a multiple of `alignment`.
fn align(bytes: &mut Vec<u8>, alignment: usize, filling: u8) {
    bytes.resize(bytes.len().next_multiple_of(alignment), filling);
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEC: &str = "763bed0d-de9f-48f5-81f1-3e90e1b1a015";
    const SEC_MAIN: &str = "df1ccef6-f301-4a63-9661-fc6030dcc880";

    // The first bytes of OVMF.fd of Debian's ovmf 2022.11-6: the header of the volume of variables, and that of the store in it (edk2,
    // `OvmfPkg/VarStore.fdf.inc`, writes both out).
    #[test]
    fn the_volume_of_variables_begins_as_ovmfs_does() {
        let wanted = "000000000000000000000000000000008d2bf1ff96768b4ca9852747075b4f50\
                      00000200000000005f465648fffe0400480019f9000000022000000000100000\
                      0000000000000000782cf3aa7b949a43a1802e144ec37792b8df00005afe0000\
                      00000000ffffffff";
        assert_eq!(hex::encode(&Ovmf::amd_sev().variable_volume()[..104]), wanted);
    }

    // The volume of the reset vector in the same image: its header, and the pad file with the extended header in it.
    #[test]
    fn a_volume_with_a_name_begins_as_ovmfs_does() {
        let wanted = "0000000000000000000000000000000078e58c8c3d8a1c4f9935896185c32dd3\
                      00400300000000005f465648fffe0400480038a6600000023400000000100000\
                      0000000000000000\
                      fffffffffffffffffffffffffffffffff4aaf0002c0000f8\
                      0ded3b769fdef54881f13e90e1b1a01514000000ffffffff";
        let main = File::new(SECURITY_CORE, SEC_MAIN).content(vec![0; 0x8f7e - 24]);
        let laid = Volume::new(FFS2, 0x34000).name(SEC).file(main).lay();
        assert_eq!(hex::encode(&laid.bytes[..0x78]), wanted);
        // The file behind it, up to the end of its header.
        assert_eq!(laid.files[1].offset, 0x78);
        let header = "f6ce1cdf01f3634a9661fc6030dcc880e9aa03007e8f00f8";
        assert_eq!(hex::encode(&laid.bytes[0x78..0x90]), header);
    }

    // Its sections' ends: SecMain's name, the version, and where the next file begins.
    #[test]
    fn names_and_versions_are_written_as_ovmfs_are() {
        let sections = [Section::user_interface("SecMain"), Section::version(0, "1.0")];
        let wanted = "140000155300650063004d00610069006e0000000e000014000031002e0030000000";
        assert_eq!(hex::encode(stream(&sections)), wanted);
    }

    // By hand from the specification: where the size does not stand in 24 bits.
    #[test]
    fn large_files_and_sections_have_their_size_behind_the_header() {
        let section = Section::raw([1, 2, 3]).extended().bytes();
        assert_eq!(hex::encode(section), "ffffff190b000000010203");
        let guided = Section::guided(BROTLI, 1, &[9], [7]).extended().bytes();
        assert_eq!(hex::encode(&guided[..8]), "ffffff021e000000");
        assert_eq!(hex::encode(&guided[24..]), "1d0001000907");
        let file = File::raw(PAD_FILE, [5; 4]).large().checksummed().bytes(false);
        // 16 bytes 0xff are -16; then 1 (type), 0x41 (attributes) and 36 (size): their sum is 0x56. Contents: 4 times 5.
        let wanted =
            format!("{}aaec0141000000072400000000000000{}", "ff".repeat(16), "05".repeat(4));
        assert_eq!(hex::encode(file), wanted);
    }

    #[test]
    fn contents_are_aligned_and_the_top_file_ends_with_its_volume() {
        let aligned = File::raw(SEC_MAIN, [1; 8]).aligned(10);
        let top = File::raw(VOLUME_TOP_FILE, [2; 40]);
        let laid = Volume::new(FFS2, 0x1000).file(aligned).top(top).lay();
        let places: Vec<_> = laid.files.iter().map(|placed| (placed.offset, placed.size)).collect();
        // Pad, the file whose contents are at 0x400, pad, and the last 64 bytes.
        assert_eq!(places, [(0x48, 0x3a0), (0x3e8, 32), (0x408, 0xbb8), (0xfc0, 64)]);
        assert_eq!((laid.bytes[0x400], laid.bytes[0xfff]), (1, 2));
    }
}
