//! RSASSA-PKCS1-v1_5, which Microsoft signs its certificates with and AMD signs nothing with.
//!
//! Defined by [RFC 8017, RSASSA-PKCS1-V1_5-VERIFY]. It is known to the certificates above an endorsement of Azure's alone: no
//! certificate of SEV or SNP can be signed with it, and no endorsement itself.
//!
//! No example: it is this crate's own.

use rsa::PublicKey;
use rsa::pkcs1v15::{Signature, VerifyingKey};
use rsa::signature::Verifier as _;
use rsa::traits::PublicKeyParts as _;
use sha2::{Sha256, Sha384};

use crate::rsa_pss::Hash;

/// Whether `signature`, as long as the modulus, is the key's over `message`.
pub(crate) fn verifies(key: PublicKey, hash: Hash, message: &[u8], signature: &[u8]) -> bool {
    if signature.len() != key.size() {
        return false;
    }
    let Ok(signature) = Signature::try_from(signature) else { return false };
    match hash {
        Hash::Sha256 => VerifyingKey::<Sha256>::new(key).verify(message, &signature).is_ok(),
        Hash::Sha384 => VerifyingKey::<Sha384>::new(key).verify(message, &signature).is_ok(),
    }
}
