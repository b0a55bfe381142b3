//! Measured direct boot: the hashes of kernel, initrd and command line, and the table in which QEMU gives them to the
//! firmware.
//!
//! Defined by [QEMU, sev_add_kernel_loader_hashes]. The command line is hashed with one NUL after it, also where none
//! was given; an initrd that was not given is hashed as no bytes. QEMU hashes the kernel file as it is on disk: what it
//! patches into the header of a plain guest's kernel it leaves alone in a confidential one.

use crate::error::{Error, Unpredictable};
use crate::hash::{CompressSha256, Midstate, Portable, Sha256Digest};
use crate::warning::Warning;
use sev_launch_abi::Guid;
use sev_launch_abi::reader::wide;

/// Bytes of the table with its padding to 16. [QEMU, PaddedSevHashTable]
pub const TABLE_SIZE: usize = 176;

/// Bytes of the table without padding: its length field.
const TABLE_LENGTH: u16 = 168;

/// Bytes of an entry: GUID, u16 length, SHA-256.
const ENTRY_LENGTH: u16 = 50;

/// The three hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KernelHashes {
    /// The kernel file's SHA-256.
    pub kernel: Sha256Digest,
    /// The initrd file's SHA-256, or [`KernelHashes::no_initrd`].
    pub initrd: Sha256Digest,
    /// The command line's, as [`KernelHashes::of_cmdline`] makes it.
    pub cmdline: Sha256Digest,
}

impl KernelHashes {
    /// The hash of an initrd that was not given: of no bytes.
    pub fn no_initrd() -> Sha256Digest {
        Sha256Digest::of(&[])
    }

    /// The hash of a command line: its bytes exactly as they are given to `-append`, and one NUL.
    ///
    /// A command line that was not given is the empty one. An error where it holds a NUL itself.
    pub fn of_cmdline(cmdline: &[u8]) -> Result<Sha256Digest, Error> {
        if let Some(offset) = cmdline.iter().position(|byte| *byte == 0) {
            return Err(Error::CmdlineNul { offset: wide(offset) });
        }
        let mut state = Midstate::new();
        state.update(cmdline);
        state.update(&[0]);
        Ok(Sha256Digest::from_bytes(state.finish()))
    }

    /// The table of 176 bytes that enters the digest.
    pub fn table(&self) -> [u8; TABLE_SIZE] {
        let (table_length, entry_length) = (TABLE_LENGTH.to_le_bytes(), ENTRY_LENGTH.to_le_bytes());
        let parts: [&[u8]; 11] = [
            Guid::KERNEL_HASHES_TABLE.as_bytes(),
            &table_length,
            Guid::CMDLINE_HASH.as_bytes(),
            &entry_length,
            self.cmdline.as_bytes(),
            Guid::INITRD_HASH.as_bytes(),
            &entry_length,
            self.initrd.as_bytes(),
            Guid::KERNEL_HASH.as_bytes(),
            &entry_length,
            self.kernel.as_bytes(),
        ];
        let mut table = [0; TABLE_SIZE];
        let mut space = table.as_mut_slice();
        for part in parts {
            let Some((head, rest)) = space.split_at_mut_checked(part.len()) else { break };
            head.copy_from_slice(part);
            space = rest;
        }
        table
    }
}

/// The SHA-256 of a file that comes in chunks, and its first bytes, in constant memory.
///
/// ```
/// # use sev_launch_digest::kernel_hashes::{FileHasher, KernelKind};
/// let mut hasher = FileHasher::new();
/// for chunk in [&b"MZ"[..], &[0; 600]] {
///     hasher.update(chunk);
/// }
/// let file = hasher.finish();
/// assert_eq!((file.size, file.kind), (602, KernelKind::Unknown));
/// ```
#[derive(Clone, Debug)]
pub struct FileHasher {
    state: Midstate,
    head: Head,
}

/// A file that was hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashedFile {
    /// The SHA-256 of all bytes.
    pub sha256: Sha256Digest,
    /// How many bytes.
    pub size: u64,
    /// What kind of kernel its first bytes make it.
    pub kind: KernelKind,
}

impl FileHasher {
    /// Before any byte.
    pub fn new() -> Self {
        Self { state: Midstate::new(), head: Head::new() }
    }

    /// Takes the next chunk of the file in.
    pub fn update(&mut self, chunk: &[u8]) {
        self.update_with(&Portable, chunk);
    }

    /// Takes the next chunk in by the given compression.
    pub fn update_with(&mut self, compression: &impl CompressSha256, chunk: &[u8]) {
        self.head.update(chunk);
        self.state.update_with(compression, chunk);
    }

    /// The file, whole.
    pub fn finish(&self) -> HashedFile {
        HashedFile {
            sha256: Sha256Digest::from_bytes(self.state.finish()),
            size: self.state.length(),
            kind: self.head.kind(),
        }
    }
}

impl Default for FileHasher {
    fn default() -> Self {
        Self::new()
    }
}

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
        match self {
            Self::BzImage => None,
            Self::Elf => Some(Warning::KernelKind { kind: "an ELF file", measured: true }),
            Self::Multiboot => {
                Some(Warning::KernelKind { kind: "a multiboot file", measured: true })
            }
            Self::Unknown => {
                Some(Warning::KernelKind { kind: "of no kind that QEMU knows", measured: false })
            }
        }
    }
}

/// The first bytes of a kernel: as many as QEMU looks at.
#[derive(Clone, Debug)]
pub struct Head {
    bytes: alloc::vec::Vec<u8>,
}

impl Head {
    /// Multiboot's magic stands in the first 8 KiB. [Multiboot 0.6.96, OS image format]
    const SIZE: usize = 8192;

    /// Before any byte.
    pub fn new() -> Self {
        Self { bytes: alloc::vec::Vec::new() }
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

impl Default for Head {
    fn default() -> Self {
        Self::new()
    }
}

/// What the VMM is given besides the kernel, by which the hash of the kernel file would not be what it measures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KernelSurroundings<'a> {
    /// QEMU's version, if known: `(7, 2, 0)`.
    pub qemu: Option<crate::profile::Version>,
    /// QEMU's machine type, if known: `pc-q35-7.2`, `pc`, `q35`.
    pub machine: Option<&'a str>,
    /// Is a shim given (`-shim`)?
    pub shim: bool,
    /// Is a device tree given (`-dtb`)?
    pub dtb: bool,
}

impl KernelSurroundings<'_> {
    /// An error where the kernel that QEMU hashes is not the kernel's file. [QEMU, x86_load_linux]
    pub fn check(&self) -> Result<(), Error> {
        let seeds = |machine: &str| {
            // Unversioned names stand for the newest machine type, which in 7.2.0 is 7.2.
            matches!(machine, "pc" | "q35")
                || machine.starts_with("pc-") && machine.ends_with("-7.2")
        };
        let reason = if self.shim {
            Unpredictable::Shim
        } else if self.dtb {
            Unpredictable::Dtb
        } else if self.qemu == Some(crate::profile::Version::new(7, 2, 0))
            && seeds(self.machine.unwrap_or("pc"))
        {
            Unpredictable::RngSeed
        } else {
            return Ok(());
        };
        Err(Error::UnpredictableKernel { reason })
    }
}

/// What looks like a mistake in a command line. The digest is of its bytes all the same.
pub fn cmdline_warnings(cmdline: &[u8]) -> impl Iterator<Item = Warning> {
    let quoted = |quote: u8| {
        cmdline.len() > 1 && cmdline.first() == Some(&quote) && cmdline.last() == Some(&quote)
    };
    [
        (matches!(cmdline, [.., b'\n' | b'\r']), "ends with a newline"),
        (matches!(cmdline, [.., b' ' | b'\t']), "ends with white space"),
        (matches!(cmdline, [b' ' | b'\t' | b'\n', ..]), "starts with white space"),
        (quoted(b'"') || quoted(b'\''), "is wrapped in quotes"),
    ]
    .into_iter()
    .filter_map(|(holds, what)| holds.then_some(Warning::Cmdline(what)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Version;
    use alloc::vec;

    #[test]
    fn absent_parts_hash_as_qemu_has_them() {
        // facts: SHA-256 of nothing, and of one NUL.
        assert_eq!(
            alloc::format!("{}", KernelHashes::no_initrd()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(
            KernelHashes::of_cmdline(b"").map(|hash| alloc::format!("{hash}")).as_deref(),
            Ok("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")
        );
    }

    #[test]
    fn table_stands_as_qemu_lays_it_out() {
        let hash = |byte| Sha256Digest::from_bytes([byte; 32]);
        let hashes = KernelHashes { kernel: hash(1), initrd: hash(2), cmdline: hash(3) };
        let table = hashes.table();
        // Offsets of [QEMU, SevHashTable]: lengths at 16, 34, 84, 134; hashes at 36, 86, 136; padding from 168.
        assert_eq!((table[16], table[34], table[84], table[134]), (168, 50, 50, 50));
        assert_eq!((table[36], table[67], table[86], table[136], table[167]), (3, 3, 2, 1, 1));
        assert_eq!(table[168..], [0; 8]);
        assert_eq!(table[..4], [0x06, 0xd6, 0x38, 0x94]);
    }

    #[test]
    fn a_nul_in_the_command_line_is_an_error() {
        assert_eq!(KernelHashes::of_cmdline(b"a\0b"), Err(Error::CmdlineNul { offset: 1 }));
    }

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
            let mut hasher = FileHasher::new();
            bytes.chunks(7).for_each(|chunk| hasher.update(chunk));
            assert_eq!(hasher.finish().kind, expected);
        }
    }

    #[test]
    fn kernels_that_qemu_changes_are_refused() {
        let check = |qemu, machine| {
            KernelSurroundings { qemu: Some(qemu), machine, ..Default::default() }.check()
        };
        let refused = Err(Error::UnpredictableKernel { reason: Unpredictable::RngSeed });
        assert_eq!(check(Version::new(7, 2, 0), Some("pc-q35-7.2")), refused);
        assert_eq!(check(Version::new(7, 2, 0), Some("pc-i440fx-7.2")), refused);
        assert_eq!(check(Version::new(7, 2, 0), None), refused);
        assert_eq!(check(Version::new(7, 2, 0), Some("pc-q35-7.1")), Ok(()));
        assert_eq!(check(Version::new(7, 2, 1), Some("pc-q35-7.2")), Ok(()));
        let dtb = KernelSurroundings { dtb: true, ..Default::default() }.check();
        assert_eq!(dtb, Err(Error::UnpredictableKernel { reason: Unpredictable::Dtb }));
        let shim = KernelSurroundings { shim: true, ..Default::default() }.check();
        assert_eq!(shim, Err(Error::UnpredictableKernel { reason: Unpredictable::Shim }));
    }

    #[test]
    fn slips_in_command_lines_are_noticed() {
        let found = |cmdline: &[u8]| cmdline_warnings(cmdline).count();
        assert_eq!(found(b"console=ttyS0\n"), 1);
        assert_eq!(found(b"\"a b\""), 1);
        assert_eq!(found(b" a "), 2);
        assert_eq!(found(b"a=\"b c\""), 0);
        assert_eq!(found(b""), 0);
    }
}
