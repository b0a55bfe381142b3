//! What a kernel's file is, by its first bytes.

use super::error::Error;
use crate::warning::Warning;
use alloc::vec::Vec;

/// What QEMU makes of a file given as kernel. [QEMU, x86_load_linux]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KernelKind {
    /// A bzImage: measured.
    BzImage,
    /// An ELF file: loaded through PVH, which adds no hashes.
    Elf,
    /// A multiboot file: its loader adds no hashes.
    Multiboot,
    /// None of these: measured, as a kernel from before the boot protocol.
    Unknown,
}

/// What the first bytes of a kernel's file say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KernelHead {
    /// What QEMU makes of it.
    pub kind: KernelKind,
    /// Bytes of its setup part, which must be in the file.
    pub setup_size: u64,
    /// Is its boot protocol (2.00 and newer) one with initrds?
    pub takes_initrd: bool,
}

impl KernelHead {
    /// What is odd about a kernel file of that size, beside an initrd or alone.
    ///
    /// An error for a kernel of which QEMU adds no hashes, though they are asked for.
    pub fn check(self, size: u64, has_initrd: bool) -> Result<Vec<Warning>, Error> {
        let mut warnings = Vec::new();
        match self.kind {
            KernelKind::BzImage => {}
            KernelKind::Elf => return Err(Error::NotHashed { kind: "an ELF file" }),
            KernelKind::Multiboot => return Err(Error::NotHashed { kind: "a multiboot file" }),
            KernelKind::Unknown => warnings.push(Warning::KernelKind),
        }
        if size < self.setup_size {
            warnings.push(Warning::KernelShort { size, setup: self.setup_size });
        }
        if has_initrd && !self.takes_initrd {
            warnings.push(Warning::KernelWithoutInitrd);
        }
        Ok(warnings)
    }
}

/// The first bytes of a kernel: as many as QEMU looks at.
#[derive(Clone, Debug, Default)]
pub struct Head {
    bytes: Vec<u8>,
}

impl Head {
    /// QEMU reads so many. [QEMU, x86_load_linux]
    const SIZE: usize = 8192;

    /// Before any byte.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next chunk in; what lies past the first 8 KiB is not looked at.
    pub fn update(&mut self, chunk: &[u8]) {
        let space = Self::SIZE.saturating_sub(self.bytes.len());
        self.bytes.extend(chunk.iter().take(space));
    }

    /// What the bytes are the start of.
    pub fn kernel(&self) -> KernelHead {
        let kind = self.kind();
        // [Linux boot protocol, setup_sects and version]: sectors after the first one, 0 standing for 4.
        let sectors = match self.bytes.get(0x1f1) {
            None | Some(0) => 4,
            Some(sectors) => u64::from(*sectors),
        };
        let version = match self.bytes.get(0x206..0x208) {
            Some([low, high]) => u16::from_le_bytes([*low, *high]),
            _ => 0,
        };
        let takes_initrd = kind == KernelKind::BzImage && version >= 0x200;
        KernelHead { kind, setup_size: (sectors + 1) * 512, takes_initrd }
    }

    fn kind(&self) -> KernelKind {
        // [Linux boot protocol, header]; QEMU asks for it first, and for multiboot before ELF.
        if self.bytes.get(0x202..0x206) == Some(b"HdrS") {
            KernelKind::BzImage
        } else if self.is_multiboot() {
            KernelKind::Multiboot
        } else if self.bytes.starts_with(b"\x7fELF") {
            KernelKind::Elf
        } else {
            KernelKind::Unknown
        }
    }

    /// Is there a header whose magic, flags and checksum add up to 0? It is sought as far as its 48 bytes fit.
    /// [QEMU, load_multiboot; Multiboot 0.6.96, OS image format]
    fn is_multiboot(&self) -> bool {
        const MAGIC: u32 = 0x1bad_b002;
        let (words, _) = self.bytes.as_chunks::<4>();
        let mut headers = words.windows(3).take((Self::SIZE - 48) / 4);
        headers.any(|header| {
            let sum =
                header.iter().fold(0_u32, |sum, word| sum.wrapping_add(u32::from_le_bytes(*word)));
            header.first() == Some(&MAGIC.to_le_bytes()) && sum == 0
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn head(bytes: &[u8]) -> KernelHead {
        let mut head = Head::new();
        bytes.chunks(7).for_each(|chunk| head.update(chunk));
        head.kernel()
    }

    /// Bytes with a multiboot header whose sum is `sum` at an offset.
    fn multiboot(offset: usize, sum: u32) -> Vec<u8> {
        let mut bytes = vec![0; 9000];
        let checksum = sum.wrapping_sub(0x1bad_b002).wrapping_sub(3);
        for (index, word) in [0x1bad_b002, 3, checksum].into_iter().enumerate() {
            let at = offset + index * 4;
            bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    #[test]
    fn kinds_are_known_by_their_first_bytes() {
        let mut bz_image = vec![0; 0x300];
        bz_image[0x202..0x206].copy_from_slice(b"HdrS");
        let mut both = multiboot(64, 0);
        both[..4].copy_from_slice(b"\x7fELF");
        // Offsets of [QEMU, load_multiboot]: the last one is before 8192 - 48.
        for (bytes, expected) in [
            (bz_image, KernelKind::BzImage),
            (b"\x7fELF\x02".to_vec(), KernelKind::Elf),
            (both, KernelKind::Multiboot),
            (multiboot(8140, 0), KernelKind::Multiboot),
            (multiboot(8144, 0), KernelKind::Unknown),
            (multiboot(64, 1), KernelKind::Unknown),
            (multiboot(66, 0), KernelKind::Unknown),
            (vec![], KernelKind::Unknown),
        ] {
            assert_eq!(head(&bytes).kind, expected);
        }
    }

    // [Linux boot protocol]: 0 sectors stand for 4, and one more than said is the boot sector.
    #[test]
    fn the_setup_part_has_its_sectors_and_the_boot_sector() {
        let of = |sectors: u8| {
            let mut bytes = vec![0; 0x300];
            bytes[0x1f1] = sectors;
            head(&bytes).setup_size
        };
        assert_eq!([of(0), of(1), of(27), of(255)], [2560, 1024, 14_336, 131_072]);
        assert_eq!(head(b"text").setup_size, 2560);
    }

    #[test]
    fn what_qemu_does_not_hash_is_refused_and_what_is_odd_is_told() {
        let with = |kind| KernelHead { kind, setup_size: 1024, takes_initrd: false };
        let bz_image = KernelHead { takes_initrd: true, ..with(KernelKind::BzImage) };
        assert_eq!(bz_image.check(1024, true), Ok(vec![]));
        let short = Warning::KernelShort { size: 1023, setup: 1024 };
        assert_eq!(bz_image.check(1023, true), Ok(vec![short]));
        let old = with(KernelKind::BzImage).check(1024, true);
        assert_eq!(old, Ok(vec![Warning::KernelWithoutInitrd]));
        assert_eq!(with(KernelKind::Unknown).check(1024, false), Ok(vec![Warning::KernelKind]));
        for (kind, text) in
            [(KernelKind::Elf, "an ELF file"), (KernelKind::Multiboot, "a multiboot file")]
        {
            assert_eq!(with(kind).check(1 << 20, false), Err(Error::NotHashed { kind: text }));
        }
    }
}
