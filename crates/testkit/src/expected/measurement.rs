//! Launch measurements (AMD 55766, LAUNCH_MEASURE): what a platform reports of a SEV or SEV-ES launch.

use sha2::{Digest, Sha256};

/// HMAC-SHA-256 (FIPS 198-1) with a key of at most a block.
///
/// # Panics
///
/// When the key has more than 64 bytes.
#[must_use]
pub fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    assert!(key.len() <= 64, "a longer key is hashed first");
    let pad = |with: u8| {
        let mut block = [with; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().into()
}

/// The blob of 48 bytes: MEASURE, an HMAC with the TIK over 0x04, `version` (API_MAJOR, API_MINOR, BUILD), the policy, the
/// launch digest and MNONCE; then MNONCE.
#[must_use]
pub fn measurement(
    tik: &[u8; 16],
    version: [u8; 3],
    policy: u32,
    digest: [u8; 32],
    mnonce: [u8; 16],
) -> [u8; 48] {
    let message = [&[0x04][..], &version, &policy.to_le_bytes(), &digest, &mnonce].concat();
    let mut blob = [0; 48];
    blob[..32].copy_from_slice(&hmac(tik, &message));
    blob[32..].copy_from_slice(&mnonce);
    blob
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 4231, test case 2: a key shorter than a block.
    #[test]
    fn hmac_is_that_of_the_rfc() {
        let mac = hmac(b"Jefe", b"what do ya want for nothing?");
        let wanted = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex::encode(mac), wanted);
    }
}
