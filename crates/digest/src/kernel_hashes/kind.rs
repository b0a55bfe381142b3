//! What a kernel's file is, by its first bytes.

use crate::warning::Warning;

/// What QEMU makes of a file given as kernel. [QEMU, x86_load_linux]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KernelKind {
    /// A bzImage: measured.
    BzImage,
    /// An ELF file: loaded through PVH, which adds no hashes.
    Elf,
    /// A multiboot file: its loader adds no hashes.
    Multiboot,
    /// None of these.
    Unknown,
}

impl KernelKind {
    /// What speaks against the kernel being measured, if anything.
    pub fn warning(self) -> Option<Warning> {
        let (kind, measured) = match self {
            Self::BzImage => return None,
            Self::Elf => ("an ELF file", true),
            Self::Multiboot => ("a multiboot file", true),
            Self::Unknown => ("of no kind that QEMU knows", false),
        };
        Some(Warning::KernelKind { kind, measured })
    }
}

/// The first bytes of a kernel: as many as QEMU looks at.
#[derive(Clone, Debug, Default)]
pub struct Head {
    bytes: alloc::vec::Vec<u8>,
}

impl Head {
    /// Multiboot's magic stands in the first 8 KiB. [Multiboot 0.6.96, OS image format]
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
    pub fn kind(&self) -> KernelKind {
        // [Linux boot protocol, header magic and boot_flag]
        if self.bytes.get(0x202..0x206) == Some(b"HdrS") {
            return KernelKind::BzImage;
        }
        if self.bytes.starts_with(b"\x7fELF") {
            return KernelKind::Elf;
        }
        let (words, _) = self.bytes.as_chunks::<4>();
        if words.contains(&0x1bad_b002_u32.to_le_bytes()) {
            return KernelKind::Multiboot;
        }
        KernelKind::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn kinds_are_known_by_their_first_bytes() {
        let mut bz_image = vec![0; 0x300];
        bz_image[0x202..0x206].copy_from_slice(b"HdrS");
        let mut multiboot = vec![0; 9000];
        multiboot[8188..8192].copy_from_slice(&0x1bad_b002_u32.to_le_bytes());
        let mut late = vec![0; 9000];
        late[8192..8196].copy_from_slice(&0x1bad_b002_u32.to_le_bytes());
        for (bytes, expected) in [
            (bz_image, KernelKind::BzImage),
            (b"\x7fELF\x02".to_vec(), KernelKind::Elf),
            (multiboot, KernelKind::Multiboot),
            (late, KernelKind::Unknown),
            (vec![], KernelKind::Unknown),
        ] {
            let mut head = Head::new();
            bytes.chunks(7).for_each(|chunk| head.update(chunk));
            assert_eq!(head.kind(), expected);
        }
    }
}
