//! Measured direct boot: the hashes of kernel, initrd and command line, and the table in which QEMU gives them to the
//! firmware.
//!
//! Defined by [QEMU, sev_add_kernel_loader_hashes]. The command line is hashed with one NUL after it, also where none
//! was given; an initrd that was not given is hashed as no bytes. QEMU hashes the kernel file as it is on disk: what it
//! patches into the header of a plain guest's kernel it leaves alone in a confidential one.
//!
//! ```
//! use sev_launch_digest::KernelHashes;
//!
//! let no_initrd = b"";
//! let hashes = KernelHashes::of(b"the bytes of vmlinuz", no_initrd, b"console=ttyS0")?;
//! assert_eq!(hashes.initrd, KernelHashes::no_initrd());
//! assert_eq!(hashes.table().len(), 176);
//! # Ok::<(), sev_launch_digest::Error>(())
//! ```

mod cmdline;
pub(crate) mod error;
mod file;
mod kind;
mod surroundings;

pub use cmdline::cmdline_warnings;
pub use error::Error;
pub use file::{FileHasher, HashedFile};
pub use kind::{Head, KernelHead, KernelKind};
pub use surroundings::KernelSurroundings;

use crate::hash::{Midstate, Sha256Digest};
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
    /// The hashes of a kernel file's bytes, of an initrd's (none for no initrd), and of a command line as `-append` has it. Large files are better
    /// read by a [`FileHasher`].
    ///
    /// # Errors
    ///
    /// [`Error::CmdlineNul`] for a command line with a NUL in it.
    pub fn of(kernel: &[u8], initrd: &[u8], cmdline: &[u8]) -> Result<Self, Error> {
        let (kernel, initrd) = (Sha256Digest::of(kernel), Sha256Digest::of(initrd));
        Ok(Self { kernel, initrd, cmdline: Self::of_cmdline(cmdline)? })
    }

    /// The hash of an initrd that was not given: of no bytes.
    pub fn no_initrd() -> Sha256Digest {
        Sha256Digest::of(&[])
    }

    /// The hash of a command line: its bytes exactly as they are given to `-append`, and one NUL.
    ///
    /// A command line that was not given is the empty one. An error if it holds a NUL itself.
    pub fn of_cmdline(bytes: &[u8]) -> Result<Sha256Digest, Error> {
        match bytes.iter().position(|byte| *byte == 0) {
            Some(offset) => Err(Error::CmdlineNul { offset: wide(offset) }),
            None => Ok(Self::of_any_cmdline(bytes)),
        }
    }

    /// The same, also if a NUL is among the bytes: then no QEMU was given it, but another tool may have been.
    pub fn of_any_cmdline(bytes: &[u8]) -> Sha256Digest {
        let mut state = Midstate::new();
        state.update(bytes);
        state.update(&[0]);
        Sha256Digest::from_bytes(state.finish())
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

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_nul_in_the_command_line_is_an_error() {
        assert_eq!(KernelHashes::of_cmdline(b"a\0b"), Err(Error::CmdlineNul { offset: 1 }));
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
}
