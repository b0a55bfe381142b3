//! Guest firmware images with chosen tables, good and bad.
//!
//! An image is pattern bytes with the two structures that a launcher reads written over them: the
//! GUIDed table (edk2, `OvmfPkg/ResetVector/Ia16/ResetVectorVtf0.asm`) and the SEV metadata (edk2,
//! `OvmfPkg/ResetVector/X64/OvmfSevMetadata.asm`). The table ends 32 bytes before the end of the
//! image and is read backwards: of each record the GUID comes last, and the first record of our
//! list is the highest in address. All integers are little-endian.
//!
//! Nothing is checked: a builder whose lengths lie is what it is for. Only what cannot be written
//! into the image at all panics.

mod builder;

pub use self::builder::{AMD_SEV_SECTIONS, FirmwareBuilder};

/// Ends the table: its payload is none, its length is that of the whole table.
pub const FOOTER: &str = "96b582de-1fb2-45f7-baea-a366c55a082d";
/// SEV-ES reset block: u32 address at which all CPUs but the first start.
pub const RESET_BLOCK: &str = "00f771de-1a7e-4fcb-890e-68c77e2fb44e";
/// Area for `LAUNCH_SECRET`: u32 guest physical address, u32 size in bytes.
pub const SECRET_AREA: &str = "4c2eb361-7d9b-4cc3-8081-127c90d3d294";
/// Area for the table of kernel hashes: u32 guest physical address, u32 size in bytes.
pub const HASH_AREA: &str = "7255371f-3a3b-4b04-927b-1da6efa8d454";
/// SEV metadata: u32 distance in bytes from the end of the image back to its start.
pub const SEV_METADATA: &str = "dc886566-984a-4798-a75e-5585a7bf67cc";
/// In an SVSM image: u32 offset of the entry point.
pub const SVSM_INFO: &str = "a789a612-0597-4c4b-a49f-cbb1fe9d1ddd";

/// Section kind `SNP_SEC_MEM`: memory that the firmware uses before it accepts more.
pub const SEC_MEM: u32 = 1;
/// Section kind `SNP_SECRETS`: the secrets page.
pub const SECRETS: u32 = 2;
/// Section kind `CPUID`: the CPUID page.
pub const CPUID: u32 = 3;
/// Section kind `SVSM_CAA`: the calling area of an SVSM.
pub const SVSM_CAA: u32 = 4;
/// Section kind `KERNEL_HASHES`: the page with the table of kernel hashes.
pub const KERNEL_HASHES: u32 = 0x10;

/// One section of the SEV metadata: 12 bytes in the image, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// Guest physical address of its first byte.
    pub base: u32,
    /// Size in bytes.
    pub length: u32,
    /// What it is for: [`SEC_MEM`] and the like, or anything.
    pub kind: u32,
}

impl Section {
    /// A section of `length` bytes at guest physical address `base`.
    #[must_use]
    pub const fn new(base: u32, length: u32, kind: u32) -> Self {
        Self { base, length, kind }
    }
}

/// What a record of the table holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// These bytes.
    Bytes(Vec<u8>),
    /// u32: where the metadata really is, as a distance back from the end.
    MetadataOffset,
}

/// One record of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The GUID as text, in the usual form.
    pub guid: String,
    /// What comes before the length and the GUID.
    pub payload: Payload,
    /// Written as the record's length in place of payload + 18.
    pub length: Option<u16>,
}

/// The 16 bytes of a GUID in text form: the first three groups little-endian, the rest as printed
/// (UEFI, appendix A).
///
/// # Panics
///
/// When the text is no GUID.
#[must_use]
pub fn guid(text: &str) -> [u8; 16] {
    let mut bytes = [0; 16];
    hex::decode_to_slice(text.replace('-', ""), &mut bytes)
        .unwrap_or_else(|error| panic!("{text:?} is no GUID: {error}"));
    for group in [0..4, 4..6, 6..8] {
        bytes[group].reverse();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    // The bytes of edk2's `OvmfPkg/ResetVector/Ia16/ResetVectorVtf0.asm`.
    #[test]
    fn a_guid_is_mixed_endian() {
        let wire = "de82b596b21ff745baeaa366c55a082d";
        assert_eq!(hex::encode(guid(FOOTER)), wire);
    }

    // `fw_256k` of testdata/vectors/digests.json.
    #[test]
    fn amd_sev_image_of_256_kib_is_the_one_of_the_vectors() {
        let image = FirmwareBuilder::amd_sev().size(0x40000).build();
        let digest = hex::encode(Sha256::digest(image));
        assert_eq!(digest, "3a6ec82398dcbe0231589ace96b3c1e400cd247ea19ee8a0b407f65d31346ebb");
    }

    // QEMU, `pc_system_parse_ovmf_flash`: without a footer, the reset block is looked for at
    // end - 48 (the GUID), end - 50 (its length, 22) and end - 54 (the address).
    #[test]
    fn lone_reset_block_stands_where_the_footer_would() {
        let image = FirmwareBuilder::new(4096).lone_reset_block(0x1234_5678).build();
        assert_eq!(image[4096 - 48..4096 - 32], guid(RESET_BLOCK));
        assert_eq!(image[4096 - 54..4096 - 48], [0x78, 0x56, 0x34, 0x12, 22, 0]);
    }

    #[test]
    #[should_panic(expected = "the image is smaller than its table")]
    fn a_table_larger_than_the_image_panics() {
        let _ = FirmwareBuilder::amd_sev().size(100).build();
    }
}
