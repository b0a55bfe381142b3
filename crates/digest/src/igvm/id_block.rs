//! The ID block that an IGVM file brings for an SNP guest, with what signs it.
//!
//! Defined by [IGVM, IGVM_VHS_SNP_ID_BLOCK] and [SNP-ABI, ID_BLOCK]. It is no part of a digest: it says which digest the guest must
//! have, and what a report says of it. The policy in the block that is handed over is the file's, 0 if it has none, and the guest's
//! own is the command line's: where they differ, the AMD-SP refuses the launch. [QEMU, igvm_sev_snp_id_block]

use igvm_defs::{
    IGVM_VHS_SNP_ID_BLOCK, IGVM_VHS_SNP_ID_BLOCK_PUBLIC_KEY, IGVM_VHS_SNP_ID_BLOCK_SIGNATURE,
};
use zerocopy::IntoBytes;

use crate::snp::LaunchDigest;

/// Bytes of an ID block. [SNP-ABI, ID_BLOCK]
pub const ID_BLOCK_SIZE: usize = 96;

/// An ID block as the file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdBlock {
    /// For which platforms.
    pub mask: u32,
    /// LD: the digest that the guest must have.
    pub launch_digest: LaunchDigest,
    /// FAMILY_ID.
    pub family_id: [u8; 16],
    /// IMAGE_ID.
    pub image_id: [u8; 16],
    /// GUEST_SVN.
    pub guest_svn: u32,
    /// Does the file say that an author's key signs the ID key? QEMU looks at the key itself.
    pub author_key_enabled: bool,
    /// ID_KEY_ALGO.
    pub id_key_algorithm: u32,
    /// AUTHOR_KEY_ALGO.
    pub author_key_algorithm: u32,
    /// The signature of the block by the ID key: R and S, 72 bytes each, little endian.
    pub id_key_signature: [u8; 144],
    /// The ID key as AMD has it: the curve's number, X and Y, 72 bytes each, little endian.
    pub id_public_key: [u8; 148],
    /// The signature of the ID key by the author's.
    pub author_key_signature: [u8; 144],
    /// The author's key.
    pub author_public_key: [u8; 148],
}

impl IdBlock {
    pub(super) fn new(block: &IGVM_VHS_SNP_ID_BLOCK) -> Self {
        Self {
            mask: block.compatibility_mask,
            launch_digest: LaunchDigest::from_bytes(block.ld),
            family_id: block.family_id,
            image_id: block.image_id,
            guest_svn: block.guest_svn,
            author_key_enabled: block.author_key_enabled != 0,
            id_key_algorithm: block.id_key_algorithm,
            author_key_algorithm: block.author_key_algorithm,
            id_key_signature: signature(&block.id_key_signature),
            id_public_key: key(&block.id_public_key),
            author_key_signature: signature(&block.author_key_signature),
            author_public_key: key(&block.author_public_key),
        }
    }

    /// The 96 bytes that QEMU hands to KVM, with the policy of the file: version 1, little endian. [SNP-ABI, ID_BLOCK]
    pub fn to_bytes(&self, policy: u64) -> [u8; ID_BLOCK_SIZE] {
        let mut bytes = [0; ID_BLOCK_SIZE];
        bytes[..0x30].copy_from_slice(self.launch_digest.as_bytes());
        bytes[0x30..0x40].copy_from_slice(&self.family_id);
        bytes[0x40..0x50].copy_from_slice(&self.image_id);
        bytes[0x50..0x54].copy_from_slice(&1_u32.to_le_bytes());
        bytes[0x54..0x58].copy_from_slice(&self.guest_svn.to_le_bytes());
        bytes[0x58..].copy_from_slice(&policy.to_le_bytes());
        bytes
    }

    /// The page with keys and signatures that QEMU hands over beside it. [SNP-ABI, ID_AUTH_INFO]
    pub fn to_auth_page(&self) -> [u8; 4096] {
        let mut page = [0; 4096];
        page[..4].copy_from_slice(&self.id_key_algorithm.to_le_bytes());
        page[4..8].copy_from_slice(&self.author_key_algorithm.to_le_bytes());
        page[0x40..0xd0].copy_from_slice(&self.id_key_signature);
        page[0x240..0x2d4].copy_from_slice(&self.id_public_key);
        page[0x680..0x710].copy_from_slice(&self.author_key_signature);
        page[0x880..0x914].copy_from_slice(&self.author_public_key);
        page
    }

    /// AUTHOR_KEY_EN as QEMU sets it: the author's key does not begin with 0. [QEMU, igvm_sev_snp_id_block]
    #[must_use]
    pub fn has_author_key(&self) -> bool {
        self.author_public_key.first().is_some_and(|byte| *byte != 0)
    }
}

fn signature(found: &IGVM_VHS_SNP_ID_BLOCK_SIGNATURE) -> [u8; 144] {
    found.as_bytes().try_into().unwrap_or([0; 144])
}

/// AMD's form has no reserved word between the curve and the point. [SNP-ABI, ECDSA public key]
fn key(found: &IGVM_VHS_SNP_ID_BLOCK_PUBLIC_KEY) -> [u8; 148] {
    let mut bytes = [0; 148];
    bytes[..4].copy_from_slice(&found.curve.to_le_bytes());
    bytes[4..76].copy_from_slice(&found.qx);
    bytes[76..].copy_from_slice(&found.qy);
    bytes
}

const _: () = assert!(size_of::<IGVM_VHS_SNP_ID_BLOCK_SIGNATURE>() == 144);
