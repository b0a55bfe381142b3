//! The ID block and its authentication, as SNP_LAUNCH_FINISH checks them.
//!
//! Defined by [SNP-ABI, ID block structure] and [SNP-ABI, ID authentication information structure]. The order of checks is that of AMD's published
//! firmware [ASPFW, snp_mcmd_launch_finish]: the digest and the policy before any signature. The author signs all 1028 bytes of the ID key's field.

use sev_launch_abi::snp::Policy;

use crate::crypto::sha384;
use crate::keys::{FIELD, PublicKey};
use crate::layout::{array_at, u32_at};
use crate::status::Status;

/// Bytes of an ID block.
const BLOCK_SIZE: usize = 96;
/// Bytes of an ID authentication.
const AUTH_SIZE: usize = 4096;
/// Bytes of a key in it.
const KEY_SIZE: usize = 1028;
/// Bytes of a signature's two numbers.
const SIGNATURE_SIZE: usize = 2 * FIELD;
/// ECDSA on P-384 with SHA-384. [SNP-ABI, signature algorithms]
const ECDSA_P384_SHA384: u32 = 1;
/// P-384. [SNP-ABI, ECDSA curves]
const P384: u32 = 2;
/// The one version of an ID block.
const VERSION: u32 = 1;

/// What a guest's owner said of it by an ID block, as reports repeat it; zeros where there was none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identified {
    pub(crate) family_id: [u8; 16],
    pub(crate) image_id: [u8; 16],
    pub(crate) guest_svn: u32,
    pub(crate) id_key_digest: [u8; 48],
    pub(crate) author_key_digest: [u8; 48],
    pub(crate) author_key_enabled: bool,
}

impl Identified {
    pub(crate) const NONE: Self = Self {
        family_id: [0; 16],
        image_id: [0; 16],
        guest_svn: 0,
        id_key_digest: [0; 48],
        author_key_digest: [0; 48],
        author_key_enabled: false,
    };

    /// Checks both against the guest.
    pub(crate) fn check(
        block: &[u8],
        auth: &[u8],
        author_key_enabled: bool,
        digest: &[u8; 48],
        policy: Policy,
    ) -> Result<Self, Status> {
        let block: &[u8; BLOCK_SIZE] = block.try_into().map_err(|_| Status::InvalidLength)?;
        let auth: &[u8; AUTH_SIZE] = auth.try_into().map_err(|_| Status::InvalidLength)?;
        let fields = || {
            let launch_digest: [u8; 48] = array_at(block, 0x00)?;
            let family_id = array_at(block, 0x30)?;
            let image_id = array_at(block, 0x40)?;
            let version = u32_at(block, 0x50)?;
            let guest_svn = u32_at(block, 0x54)?;
            let policy = Policy::from_le_bytes(array_at(block, 0x58)?);
            Some((launch_digest, family_id, image_id, version, guest_svn, policy))
        };
        let (found, family_id, image_id, version, guest_svn, wanted) =
            fields().ok_or(Status::InvalidLength)?;
        if found != *digest {
            return Err(Status::BadMeasurement);
        }
        if wanted != policy {
            return Err(Status::PolicyFailure);
        }
        let algorithms = u32_at(auth, 0x000).zip(u32_at(auth, 0x004));
        let (id_algorithm, author_algorithm) = algorithms.ok_or(Status::InvalidLength)?;
        let is_known = id_algorithm == ECDSA_P384_SHA384
            && (!author_key_enabled || author_algorithm == ECDSA_P384_SHA384);
        if version != VERSION || !is_known {
            return Err(Status::InvalidParam);
        }
        let id_key: [u8; KEY_SIZE] = array_at(auth, 0x240).ok_or(Status::InvalidLength)?;
        verify(auth, 0x040, &id_key, block)?;
        let mut author_key_digest = [0; 48];
        if author_key_enabled {
            let author_key: [u8; KEY_SIZE] = array_at(auth, 0x880).ok_or(Status::InvalidLength)?;
            verify(auth, 0x680, &author_key, &id_key)?;
            author_key_digest = sha384(&author_key);
        }
        Ok(Self {
            family_id,
            image_id,
            guest_svn,
            id_key_digest: sha384(&id_key),
            author_key_digest,
            author_key_enabled,
        })
    }
}

/// Is what stands at `signature` the key's signature over the message?
fn verify(
    auth: &[u8; AUTH_SIZE],
    signature: usize,
    key: &[u8; KEY_SIZE],
    message: &[u8],
) -> Result<(), Status> {
    let parsed = || {
        let coordinate = |offset| array_at::<FIELD>(key, offset);
        let point = PublicKey::from_fields(&coordinate(0x04)?, &coordinate(0x4c)?)?;
        let signature: [u8; SIGNATURE_SIZE] = array_at(auth, signature)?;
        (u32_at(key, 0) == Some(P384) && point.verifies_sha384(message, &signature)).then_some(())
    };
    parsed().ok_or(Status::BadSignature)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sev_launch_testkit::certs::vectors::CertificateFiles;
    use sev_launch_testkit::sev_api::{SevApi, text};

    // The block that virtee/sev publishes with its authentication, and both digests.
    #[test]
    fn the_published_block_is_accepted() {
        let Some(files) = CertificateFiles::folder() else { return };
        let api = SevApi::read();
        let [case, ..] = api.group("id_block") else { panic!("no case") };
        let bytes = |key| hex::decode(text(case, key)).unwrap();
        let auth = files.read(text(case, "id_auth_file"));
        let (block, digest) = (bytes("id_block"), bytes("launch_digest").try_into().unwrap());
        let policy = Policy::from_bits(0x3_0000);
        let found = Identified::check(&block, &auth, true, &digest, policy).unwrap();
        assert_eq!(found.id_key_digest[..], bytes("id_key_digest"));
        assert_eq!(found.author_key_digest[..], bytes("author_key_digest"));
        let found = Identified::check(&block, &auth, false, &digest, policy).unwrap();
        assert_eq!((found.author_key_digest, found.author_key_enabled), ([0; 48], false));
    }
}
