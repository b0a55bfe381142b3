//! Kernels and initrds that look real to a launcher.
//!
//! A launcher looks at the head of the kernel to choose the way to load it, and only the Linux boot
//! protocol's way measures hashes: QEMU loads an ELF kernel with a PVH note, or a multiboot one,
//! without. No kernel of these boots.

use crate::{cpio, pattern, put};

/// Sectors of 512 bytes of real-mode code after the boot sector in [`bz_image`].
pub const SETUP_SECTS: u8 = 4;

/// A kernel of the Linux boot protocol 2.15 (Linux, `Documentation/arch/x86/boot.rst`): boot sector
/// and four sectors of setup, then `payload_len` bytes of pattern. 2560 + `payload_len` bytes long.
#[must_use]
pub fn bz_image(payload_len: usize) -> Vec<u8> {
    let paragraphs = u32::try_from(payload_len.div_ceil(16)).expect("a kernel is under 64 GiB");
    let init_size = u32::try_from(payload_len.next_multiple_of(4096)).expect("under 4 GiB");
    let mut image = vec![0; 512 * (1 + usize::from(SETUP_SECTS))];
    let header: [(usize, &[u8], &str); 16] = [
        (0x1f1, &[SETUP_SECTS], "setup_sects"),
        (0x1f4, &paragraphs.to_le_bytes(), "syssize"),
        (0x1fe, &0xaa55_u16.to_le_bytes(), "boot_flag"),
        (0x200, &[0xeb, 0x66], "jump"),
        (0x202, b"HdrS", "header"),
        (0x206, &0x020f_u16.to_le_bytes(), "version"),
        (0x211, &[0x01], "loadflags: LOADED_HIGH"),
        (0x214, &0x0010_0000_u32.to_le_bytes(), "code32_start"),
        (0x22c, &0x7fff_ffff_u32.to_le_bytes(), "initrd_addr_max"),
        (0x230, &0x0020_0000_u32.to_le_bytes(), "kernel_alignment"),
        (0x234, &[1], "relocatable_kernel"),
        (0x235, &[21], "min_alignment"),
        (0x236, &[0x03], "xloadflags: KERNEL_64, CAN_BE_LOADED_ABOVE_4G"),
        (0x238, &2047_u32.to_le_bytes(), "cmdline_size"),
        (0x258, &0x0100_0000_u64.to_le_bytes(), "pref_address"),
        (0x260, &init_size.to_le_bytes(), "init_size"),
    ];
    for (at, bytes, field) in header {
        put(&mut image, at, bytes, field);
    }
    image.extend(pattern(payload_len, 37, 11));
    image
}

/// An ELF kernel of 8 KiB with a note of its PVH entry point (Xen, `XEN_ELFNOTE_PHYS32_ENTRY`).
///
/// Defined by the System V ABI, "ELF Header" and "Program Header", and its AMD64 supplement.
#[must_use]
pub fn elf() -> Vec<u8> {
    let mut image = vec![0; 8192];
    let fields: [(usize, &[u8], &str); 18] = [
        (0x00, b"\x7fELF\x02\x01\x01", "64-bit, little-endian, version 1"),
        (0x10, &[2], "e_type: ET_EXEC"),
        (0x12, &[62], "e_machine: EM_X86_64"),
        (0x14, &[1], "e_version"),
        (0x18, &0x0100_0000_u64.to_le_bytes(), "e_entry"),
        (0x20, &64_u64.to_le_bytes(), "e_phoff"),
        (0x34, &[64], "e_ehsize"),
        (0x36, &[56], "e_phentsize"),
        (0x38, &[1], "e_phnum"),
        (0x40, &[4], "p_type: PT_NOTE"),
        (0x48, &0x1000_u64.to_le_bytes(), "p_offset"),
        (0x60, &20_u64.to_le_bytes(), "p_filesz"),
        (0x68, &20_u64.to_le_bytes(), "p_memsz"),
        (0x70, &4_u64.to_le_bytes(), "p_align"),
        (0x1000, &[4, 0, 0, 0, 4, 0, 0, 0], "n_namesz, n_descsz"),
        (0x1008, &18_u32.to_le_bytes(), "n_type: XEN_ELFNOTE_PHYS32_ENTRY"),
        (0x100c, b"Xen\0", "name"),
        (0x1010, &0x0100_0000_u32.to_le_bytes(), "the entry point"),
    ];
    for (at, bytes, field) in fields {
        put(&mut image, at, bytes, field);
    }
    image
}

/// A multiboot kernel of 8 KiB: its header of three u32 (magic, flags, a checksum that brings the
/// sum to 0) is at offset 0 (Multiboot Specification 0.6.96, "The layout of Multiboot header").
#[must_use]
pub fn multiboot() -> Vec<u8> {
    let (magic, flags) = (0x1bad_b002_u32, 0_u32);
    let checksum = 0_u32.wrapping_sub(magic).wrapping_sub(flags);
    let mut image = [magic, flags, checksum].map(u32::to_le_bytes).concat();
    image.resize(8192, 0);
    image
}

/// An uncompressed cpio archive with `init` and a file of `payload_len` bytes of pattern.
#[must_use]
pub fn initrd(payload_len: usize) -> Vec<u8> {
    let init = b"#!/bin/sh\nexec /bin/sh\n";
    let payload = pattern(payload_len, 41, 13);
    cpio::archive(&[
        cpio::Entry { name: ".", inode: 1, mode: cpio::DIRECTORY, content: &[] },
        cpio::Entry { name: "init", inode: 2, mode: cpio::PROGRAM, content: init },
        cpio::Entry { name: "payload.bin", inode: 3, mode: cpio::FILE, content: &payload },
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    // Linux, Documentation/arch/x86/boot.rst: the protected-mode kernel starts at
    // (setup_sects + 1) * 512, and syssize is its size in 16-byte units.
    #[test]
    fn bz_image_has_the_fields_of_the_boot_protocol() {
        let image = bz_image(13_824);
        assert_eq!(image.len(), 16_384);
        assert_eq!(image[0x1fe..0x200], [0x55, 0xaa]);
        assert_eq!(image[0x202..0x208], *b"HdrS\x0f\x02");
        let setup = 512 * (usize::from(image[0x1f1]) + 1);
        let units = u32::from_le_bytes(image[0x1f4..0x1f8].try_into().unwrap());
        assert_eq!(16 * units, u32::try_from(image.len() - setup).unwrap());
    }

    // Multiboot Specification: the three numbers add up to 0 in 32 bits.
    #[test]
    fn multiboot_header_adds_up_to_zero() {
        let image = multiboot();
        let number = |at: usize| u32::from_le_bytes(image[at..at + 4].try_into().unwrap());
        assert_eq!(number(0), 0x1bad_b002);
        assert_eq!(number(0).wrapping_add(number(4)).wrapping_add(number(8)), 0);
    }

    // System V ABI: the first program header is at e_phoff, and the note it names holds type 18.
    #[test]
    fn elf_note_is_where_its_program_header_says() {
        let image = elf();
        assert_eq!(image[..4], *b"\x7fELF");
        let long = |at: usize| u64::from_le_bytes(image[at..at + 8].try_into().unwrap());
        let header = usize::try_from(long(0x20)).unwrap();
        let note = usize::try_from(long(header + 8)).unwrap();
        assert_eq!(image[note + 8], 18);
        assert_eq!(image[note + 12..note + 16], *b"Xen\0");
    }

    // Linux, buffer-format.rst: c_filesize is the seventh number of a header.
    #[test]
    fn initrd_gives_the_size_of_its_program() {
        let archive = initrd(100);
        let second = 110 + 2;
        assert_eq!(archive[second..second + 6], *b"070701");
        assert_eq!(archive[second + 6 + 6 * 8..][..8], *b"00000017");
    }
}
