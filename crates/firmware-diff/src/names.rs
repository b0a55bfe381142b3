//! Names for the GUIDs that edk2 gives, met in images that were looked into: Debian's of 2022.11, 2025.02 and 2026.08.
//!
//! A module's name is in its own user-interface section; these are what has none. Three were met in none of these images and stand here
//! because their formats are read: FFS3, Brotli, and variables that are not authenticated.

use sev_launch_abi::Guid;

/// A GUID, its name, and the file of edk2 that gives it.
pub(crate) struct Named {
    pub(crate) guid: Guid,
    pub(crate) name: &'static str,
    /// Where a reader can look it up.
    pub(crate) file: &'static str,
}

macro_rules! names {
    ($($constant:ident = $name:literal, $file:literal: $first:literal, $second:literal, $third:literal, [$($rest:literal),+];)+) => {
        $(
            #[doc = concat!("`", $name, "`, ", $file, ".")]
            pub(crate) const $constant: Guid = Guid::new($first, $second, $third, [$($rest),+]);
        )+
        const TABLE: &[Named] = &[$(Named { guid: $constant, name: $name, file: $file }),+];
    };
}

names! {
    FFS2 = "gEfiFirmwareFileSystem2Guid", "MdePkg/MdePkg.dec":
        0x8c8ce578, 0x8a3d, 0x4f1c, [0x99, 0x35, 0x89, 0x61, 0x85, 0xc3, 0x2d, 0xd3];
    FFS3 = "gEfiFirmwareFileSystem3Guid", "MdePkg/MdePkg.dec":
        0x5473c07a, 0x3dcb, 0x4dca, [0xbd, 0x6f, 0x1e, 0x96, 0x89, 0xe7, 0x34, 0x9a];
    NV_DATA = "gEfiSystemNvDataFvGuid", "MdeModulePkg/MdeModulePkg.dec":
        0xfff12b8d, 0x7696, 0x4c8b, [0xa9, 0x85, 0x27, 0x47, 0x07, 0x5b, 0x4f, 0x50];
    VOLUME_TOP = "ResetVector", "OvmfPkg/ResetVector/ResetVector.inf":
        0x1ba0062e, 0xc779, 0x4582, [0x85, 0x66, 0x33, 0x6a, 0xe8, 0xf7, 0x8f, 0x09];
    LZMA = "gLzmaCustomDecompressGuid", "MdeModulePkg/MdeModulePkg.dec":
        0xee4e5898, 0x3914, 0x4259, [0x9d, 0x6e, 0xdc, 0x7b, 0xd7, 0x94, 0x03, 0xcf];
    BROTLI = "gBrotliCustomDecompressGuid", "MdeModulePkg/MdeModulePkg.dec":
        0x3d532050, 0x5cda, 0x4fd0, [0x87, 0x9e, 0x0f, 0x7f, 0x63, 0x0d, 0x5a, 0xfb];
    AUTHENTICATED_VARIABLES = "gEfiAuthenticatedVariableGuid", "MdeModulePkg/MdeModulePkg.dec":
        0xaaf32c78, 0x947b, 0x439a, [0xa1, 0x80, 0x2e, 0x14, 0x4e, 0xc3, 0x77, 0x92];
    VARIABLES = "gEfiVariableGuid", "MdeModulePkg/MdeModulePkg.dec":
        0xddcf3616, 0x3275, 0x4164, [0x98, 0xb6, 0xfe, 0x85, 0x70, 0x7f, 0xfe, 0x7d];
    WORKING_BLOCK = "gEdkiiWorkingBlockSignatureGuid", "MdeModulePkg/MdeModulePkg.dec":
        0x9e58292b, 0x7c68, 0x497d, [0xa0, 0xce, 0x65, 0x00, 0xfd, 0x9f, 0x1b, 0x95];
    FVMAIN_COMPACT = "FVMAIN_COMPACT", "OvmfPkg/OvmfPkgX64.fdf":
        0x48db5e17, 0x707c, 0x472d, [0x91, 0xcd, 0x16, 0x13, 0xe7, 0xef, 0x51, 0xb0];
    FVMAIN_COMPACT_FILE = "PEIFV and DXEFV", "OvmfPkg/OvmfPkgX64.fdf":
        0x9e21fd93, 0x9c72, 0x4c15, [0x8c, 0x4b, 0xe7, 0x7f, 0x1d, 0xb2, 0xd7, 0x92];
    PEIFV = "PEIFV", "OvmfPkg/OvmfPkgX64.fdf":
        0x6938079b, 0xb503, 0x4e3d, [0x9d, 0x24, 0xb2, 0x83, 0x37, 0xa2, 0x58, 0x06];
    DXEFV = "DXEFV", "OvmfPkg/OvmfPkgX64.fdf":
        0x7cb8bdc9, 0xf8eb, 0x4f34, [0xaa, 0xea, 0x3e, 0xe4, 0xaf, 0x65, 0x16, 0xa1];
    SECFV = "SECFV", "OvmfPkg/OvmfPkgX64.fdf":
        0x763bed0d, 0xde9f, 0x48f5, [0x81, 0xf1, 0x3e, 0x90, 0xe1, 0xb1, 0xa0, 0x15];
    PEI_APRIORI = "gPeiAprioriFileNameGuid", "MdePkg/MdePkg.dec":
        0x1b45cc0a, 0x156a, 0x428a, [0xaf, 0x62, 0x49, 0x86, 0x4d, 0xa0, 0xe6, 0xe6];
    DXE_APRIORI = "gAprioriGuid", "MdePkg/MdePkg.dec":
        0xfc510ee7, 0xffdc, 0x11d4, [0xbd, 0x41, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81];
    GLOBAL_VARIABLE = "gEfiGlobalVariableGuid", "MdePkg/MdePkg.dec":
        0x8be4df61, 0x93ca, 0x11d2, [0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c];
    IMAGE_SECURITY_DATABASE = "gEfiImageSecurityDatabaseGuid", "MdePkg/MdePkg.dec":
        0xd719b2cb, 0x3d3a, 0x4596, [0xa3, 0xbc, 0xda, 0xd0, 0x0e, 0x67, 0x65, 0x6f];
    KERNEL_LOADER = "QemuKernelLoaderFsDxe", "OvmfPkg/QemuKernelLoaderFsDxe/QemuKernelLoaderFsDxe.inf":
        0x806040ca, 0xdad9, 0x4978, [0xa3, 0xb4, 0x2d, 0x2a, 0xb0, 0xc8, 0xa4, 0x8f];
}

/// What edk2 calls a GUID; `None` if it was met in no image that was looked into.
pub(crate) fn of(guid: Guid) -> Option<&'static str> {
    TABLE.iter().find(|named| named.guid == guid).map(|named| named.name)
}

/// The file of edk2 that gives a GUID, from the root of its sources; `None` if it was met in no image that was looked into.
pub fn given_by(guid: Guid) -> Option<&'static str> {
    TABLE.iter().find(|named| named.guid == guid).map(|named| named.file)
}

#[cfg(test)]
mod tests {
    use super::*;

    // As edk2's files print them: MdePkg.dec, AmdSevX64.fdf, ResetVector.inf.
    #[test]
    fn guids_are_those_of_edk2() {
        for (guid, name, file) in [
            (
                "8c8ce578-8a3d-4f1c-9935-896185c32dd3",
                "gEfiFirmwareFileSystem2Guid",
                "MdePkg/MdePkg.dec",
            ),
            ("763bed0d-de9f-48f5-81f1-3e90e1b1a015", "SECFV", "OvmfPkg/OvmfPkgX64.fdf"),
            (
                "1ba0062e-c779-4582-8566-336ae8f78f09",
                "ResetVector",
                "OvmfPkg/ResetVector/ResetVector.inf",
            ),
            (
                "9e58292b-7c68-497d-a0ce-6500fd9f1b95",
                "gEdkiiWorkingBlockSignatureGuid",
                "MdeModulePkg/MdeModulePkg.dec",
            ),
        ] {
            let guid = guid.parse().unwrap();
            assert_eq!((of(guid), given_by(guid)), (Some(name), Some(file)));
        }
        assert_eq!(of(Guid::KERNEL_HASH), None);
    }
}
