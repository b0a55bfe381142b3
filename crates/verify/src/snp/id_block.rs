//! The ID block and its authentication: what a guest owner signs before launch, so that the AMD-SP starts nothing else.
//!
//! Defined by [SNP-ABI, SNP_LAUNCH_FINISH]: the ID block (96 bytes) names the launch digest and the policy; the ID
//! authentication (4096 bytes) has the ID key's signature over it and, if wanted, an author key's signature over the ID key.
//! In a report they become ID_KEY_DIGEST and AUTHOR_KEY_DIGEST. What surprises: the author signs all 1028 bytes of the ID
//! key's field, padding included; and whether there is an author is said outside the structure, by AUTHOR_KEY_EN of the
//! command, so a host could leave it out. Insist on the digest in the report.
//!
//! A key may live elsewhere: sign [`IdBlock::to_bytes`] and, for an author, [`IdPublicKey::to_bytes`] with ECDSA on P-384 and
//! SHA-384, bring the signature back by [`IdSignature::from_raw`] or [`IdSignature::from_der`], and put both together by
//! [`IdAuth::assemble`].
//!
//! ```
//! use sev_launch_verify::abi::snp::{LaunchDigest, Policy};
//! use sev_launch_verify::snp::id_block::{AuthorKey, IdAuth, IdBlock, IdPrivateKey};
//!
//! let digest = LaunchDigest::from_bytes([0x5a; 48]);
//! let block = IdBlock::new(digest, [1; 16], [2; 16], 7, Policy::from_bits(0x3_0000));
//! let key = IdPrivateKey::from_scalar(&[3; 48])?; // a real one comes from a file or a device
//! let auth = IdAuth::sign(&block, &key, None);
//! assert!(auth.check(&block, AuthorKey::Disabled).is_ok());
//! # Ok::<(), sev_launch_verify::snp::id_block::IdBlockError>(())
//! ```

mod auth;
mod key;
mod rule;
mod signature;

use sev_launch_abi::snp::LaunchDigest;

pub use auth::{Author, AuthorKey, IdAuth};
pub use key::{IdPrivateKey, IdPublicKey};
pub use rule::{IdBlockError, IdKey, Rule};
pub use signature::IdSignature;

use sev_launch_abi::reader::{Reader, wide};
use sev_launch_abi::snp::policy::Policy;

/// Bytes of an ID block.
pub const ID_BLOCK_SIZE: usize = 96;
/// Bytes of an ID authentication.
pub const ID_AUTH_SIZE: usize = 4096;
/// Bytes of a public key in it.
pub const PUBLIC_KEY_SIZE: usize = 1028;
/// The one version of an ID block.
const VERSION: u32 = 1;
/// P-384. [SNP-ABI, ECDSA curves]
const CURVE_P384: u32 = 2;

/// The ID block. [SNP-ABI, ID block structure]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdBlock {
    /// The launch digest that the guest must have.
    pub launch_digest: LaunchDigest,
    /// The owner's name for a family of guests; FAMILY_ID in reports.
    pub family_id: [u8; 16],
    /// The owner's name for an image; IMAGE_ID in reports.
    pub image_id: [u8; 16],
    /// The version of this structure: 1.
    pub version: u32,
    /// The owner's security version of the image; GUEST_SVN in reports.
    pub guest_svn: u32,
    /// The policy that the guest must have.
    pub policy: Policy,
}

impl IdBlock {
    /// An ID block of version 1.
    pub const fn new(
        launch_digest: LaunchDigest,
        family_id: [u8; 16],
        image_id: [u8; 16],
        guest_svn: u32,
        policy: Policy,
    ) -> Self {
        Self { launch_digest, family_id, image_id, version: VERSION, guest_svn, policy }
    }

    /// From 96 bytes.
    ///
    /// Errors: another number of bytes. The fields are judged by [`IdAuth::check`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, IdBlockError> {
        exactly("an ID block", bytes, ID_BLOCK_SIZE, |reader| {
            Some(Self {
                launch_digest: LaunchDigest::from_bytes(reader.array()?),
                family_id: reader.array()?,
                image_id: reader.array()?,
                version: reader.u32()?,
                guest_svn: reader.u32()?,
                policy: Policy::from_le_bytes(reader.array()?),
            })
        })
    }

    /// The 96 bytes: what the ID key signs.
    pub fn to_bytes(&self) -> [u8; ID_BLOCK_SIZE] {
        let mut bytes = [0; ID_BLOCK_SIZE];
        write(
            &mut bytes,
            &[
                self.launch_digest.as_bytes(),
                &self.family_id,
                &self.image_id,
                &self.version.to_le_bytes(),
                &self.guest_svn.to_le_bytes(),
                &self.policy.to_le_bytes(),
            ],
        );
        bytes
    }
}

/// Writes parts one after the other.
fn write(space: &mut [u8], parts: &[&[u8]]) {
    for (to, from) in space.iter_mut().zip(parts.iter().copied().flatten()) {
        *to = *from;
    }
}

/// Reads a structure of a fixed size.
fn exactly<T>(
    what: &'static str,
    bytes: &[u8],
    size: usize,
    read: impl FnOnce(&mut Reader<'_>) -> Option<T>,
) -> Result<T, IdBlockError> {
    let length = IdBlockError::Length { what, found: wide(bytes.len()), wanted: wide(size) };
    let fields = if bytes.len() == size { read(&mut Reader::new(bytes)) } else { None };
    fields.ok_or(length)
}
