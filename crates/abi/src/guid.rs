//! GUIDs in the mixed-endian form in which firmware tables store them.
//!
//! Defined by UEFI, "EFI_GUID": the first three groups are little endian, the last two are as printed. All names that
//! this field gives to GUIDs stand in [`Guid::name`], so that a listing can name what it found.
//!
//! ```
//! use sev_launch_abi::Guid;
//!
//! let guid: Guid = "00f771de-1a7e-4fcb-890e-68c77e2fb44e".parse()?;
//! assert_eq!(guid, Guid::SEV_ES_RESET_BLOCK);
//! assert_eq!(guid.as_bytes()[..4], [0xde, 0x71, 0xf7, 0x00]);
//! # Ok::<(), sev_launch_abi::Error>(())
//! ```

use core::fmt;
use core::str::FromStr;

use crate::error::Error;

/// A GUID, kept as its 16 wire bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guid([u8; 16]);

impl Guid {
    /// The footer of the GUIDed table at the end of a firmware image. [OVMF, ResetVectorVtf0]
    pub const TABLE_FOOTER: Self =
        Self::new(0x96b582de, 0x1fb2, 0x45f7, [0xba, 0xea, 0xa3, 0x66, 0xc5, 0x5a, 0x08, 0x2d]);
    /// The SEV-ES reset block: where application processors start. [OVMF, ResetVectorVtf0]
    pub const SEV_ES_RESET_BLOCK: Self =
        Self::new(0x00f771de, 0x1a7e, 0x4fcb, [0x89, 0x0e, 0x68, 0xc7, 0x7e, 0x2f, 0xb4, 0x4e]);
    /// The area that takes a launch secret. [OVMF, ResetVectorVtf0]
    pub const SEV_SECRET_AREA: Self =
        Self::new(0x4c2eb361, 0x7d9b, 0x4cc3, [0x80, 0x81, 0x12, 0x7c, 0x90, 0xd3, 0xd2, 0x94]);
    /// The area that takes the table of kernel hashes. [OVMF, ResetVectorVtf0]
    pub const SEV_HASH_TABLE_AREA: Self =
        Self::new(0x7255371f, 0x3a3b, 0x4b04, [0x92, 0x7b, 0x1d, 0xa6, 0xef, 0xa8, 0xd4, 0x54]);
    /// The SEV metadata: which guest pages a launcher must prepare. [OVMF, OvmfSevMetadata]
    pub const SEV_METADATA: Self =
        Self::new(0xdc886566, 0x984a, 0x4798, [0xa7, 0x5e, 0x55, 0x85, 0xa7, 0xbf, 0x67, 0xcc]);
    /// The TDX metadata: not used by SEV. [OVMF, ResetVectorVtf0]
    pub const TDX_METADATA: Self =
        Self::new(0xe47a6535, 0x984a, 0x4798, [0x86, 0x5e, 0x46, 0x85, 0xa7, 0xbf, 0x8e, 0xc2]);
    /// Where an IGVM loader puts its parameters: no part of a digest. [OVMF, ResetVectorVtf0]
    pub const IGVM_PARAMETERS: Self =
        Self::new(0x784fa70e, 0x3176, 0x4677, [0x8a, 0x20, 0x04, 0xb6, 0x86, 0x99, 0xe3, 0x74]);
    /// The entry point of an SVSM binary. [SVSM, stage 1 footer table]
    pub const SVSM_INFO: Self =
        Self::new(0xa789a612, 0x0597, 0x4c4b, [0xa4, 0x9f, 0xcb, 0xb1, 0xfe, 0x9d, 0x1d, 0xdd]);
    /// The boot block of SNP firmware before its release in edk2: read by no host of today. [OVMF-AMDESE]
    pub const SNP_BOOT_BLOCK: Self =
        Self::new(0xbd39c0c2, 0x2f8e, 0x4243, [0x83, 0xe8, 0x1b, 0x74, 0xce, 0xbc, 0xb7, 0xd9]);
    /// The header of the table of kernel hashes. [QEMU, sev_add_kernel_loader_hashes]
    pub const KERNEL_HASHES_TABLE: Self =
        Self::new(0x9438d606, 0x4f22, 0x4cc9, [0xb4, 0x79, 0xa7, 0x93, 0xd4, 0x11, 0xfd, 0x21]);
    /// The command line's entry in that table. [QEMU, sev_add_kernel_loader_hashes]
    pub const CMDLINE_HASH: Self =
        Self::new(0x97d02dd8, 0xbd20, 0x4c94, [0xaa, 0x78, 0xe7, 0x71, 0x4d, 0x36, 0xab, 0x2a]);
    /// The initrd's entry in that table. [QEMU, sev_add_kernel_loader_hashes]
    pub const INITRD_HASH: Self =
        Self::new(0x44baf731, 0x3a2f, 0x4bd7, [0x9a, 0xf1, 0x41, 0xe2, 0x91, 0x69, 0x78, 0x1d]);
    /// The kernel's entry in that table. [QEMU, sev_add_kernel_loader_hashes]
    pub const KERNEL_HASH: Self =
        Self::new(0x4de79437, 0xabd2, 0x427f, [0xb8, 0x35, 0xd5, 0xb1, 0x72, 0xd2, 0x04, 0x5b]);

    /// A firmware volume of variables. [UEFI PI, EFI_SYSTEM_NV_DATA_FV_GUID]
    pub const NV_DATA_VOLUME: Self =
        Self::new(0xfff12b8d, 0x7696, 0x4c8b, [0xa9, 0x85, 0x27, 0x47, 0x07, 0x5b, 0x4f, 0x50]);

    /// Makes a GUID from its groups as they are printed: `first-second-third-rest`.
    pub const fn new(first: u32, second: u16, third: u16, rest: [u8; 8]) -> Self {
        let [a0, a1, a2, a3] = first.to_le_bytes();
        let [b0, b1] = second.to_le_bytes();
        let [c0, c1] = third.to_le_bytes();
        let [d0, d1, d2, d3, d4, d5, d6, d7] = rest;
        Self([a0, a1, a2, a3, b0, b1, c0, c1, d0, d1, d2, d3, d4, d5, d6, d7])
    }

    /// A GUID from its 16 wire bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 wire bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// What the GUID stands for; `None` if it is unknown to us.
    pub fn name(&self) -> Option<&'static str> {
        Some(match *self {
            Self::TABLE_FOOTER => "table footer",
            Self::SEV_ES_RESET_BLOCK => "SEV-ES reset block",
            Self::SEV_SECRET_AREA => "launch secret area",
            Self::SEV_HASH_TABLE_AREA => "kernel hash table area",
            Self::SEV_METADATA => "SEV metadata",
            Self::TDX_METADATA => "TDX metadata",
            Self::IGVM_PARAMETERS => "IGVM parameters",
            Self::SVSM_INFO => "SVSM info",
            Self::SNP_BOOT_BLOCK => "SNP boot block (pre-release)",
            Self::KERNEL_HASHES_TABLE => "kernel hash table",
            Self::CMDLINE_HASH => "command line hash",
            Self::INITRD_HASH => "initrd hash",
            Self::KERNEL_HASH => "kernel hash",
            Self::NV_DATA_VOLUME => "variable store volume",
            _ => return None,
        })
    }
}

impl FromStr for Guid {
    type Err = Error;

    /// Reads five groups of hex digits, 8-4-4-4-12, in any case.
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::Guid { found: text.into() };
        if !text.split('-').map(str::len).eq([8, 4, 4, 4, 12]) {
            return Err(wrong());
        }
        let mut bytes = [0; 16];
        hex::decode_to_slice(text.replace('-', ""), &mut bytes).map_err(|_| wrong())?;
        let [a0, a1, a2, a3, b0, b1, c0, c1, rest @ ..] = bytes;
        let first = u32::from_be_bytes([a0, a1, a2, a3]);
        let (second, third) = (u16::from_be_bytes([b0, b1]), u16::from_be_bytes([c0, c1]));
        Ok(Self::new(first, second, third, rest))
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a0, a1, a2, a3, b0, b1, c0, c1, d0, d1, rest @ ..] = self.0;
        let first = u32::from_le_bytes([a0, a1, a2, a3]);
        let (second, third) = (u16::from_le_bytes([b0, b1]), u16::from_le_bytes([c0, c1]));
        write!(f, "{first:08x}-{second:04x}-{third:04x}-{d0:02x}{d1:02x}-{}", hex::encode(rest))
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn wire_form_is_mixed_endian() {
        // The first eight wire bytes as edk2's ResetVectorVtf0.asm writes them.
        let bytes = Guid::TABLE_FOOTER.as_bytes();
        assert_eq!(bytes[..8], [0xde, 0x82, 0xb5, 0x96, 0xb2, 0x1f, 0xf7, 0x45]);
        assert_eq!(Guid::SVSM_INFO.as_bytes()[..4], [0x12, 0xa6, 0x89, 0xa7]);
    }

    #[test]
    fn prints_as_documents_print_it() {
        assert_eq!(Guid::KERNEL_HASH.to_string(), "4de79437-abd2-427f-b835-d5b172d2045b");
    }
}
