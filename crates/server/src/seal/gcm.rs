//! AES-256-GCM, as NIST SP 800-38D defines it, with nonces of 96 bits and tags of 128 bits behind the ciphertext.

use std::mem;

use aes_gcm::{AeadInOut as _, Aes256Gcm, KeyInit as _, Nonce, Tag};
use zeroize::Zeroizing;

/// Bytes of a key.
pub(super) const KEY_SIZE: usize = 32;
/// Bytes of a nonce.
pub(super) const NONCE_SIZE: usize = 12;
/// Bytes of a tag.
pub(super) const TAG_SIZE: usize = 16;

/// Ciphertext and tag. `None` for more plaintext than the mode allows, 64 GiB.
pub(super) fn encrypt(
    key: &[u8; KEY_SIZE],
    nonce: &[u8; NONCE_SIZE],
    associated: &[u8],
    plaintext: &[u8],
) -> Option<Vec<u8>> {
    let nonce: &Nonce<_> = nonce.into();
    // With room for the tag from the start, the plaintext is never left behind by a move to a larger place.
    let mut buffer = Zeroizing::new(Vec::with_capacity(plaintext.len().checked_add(TAG_SIZE)?));
    buffer.extend_from_slice(plaintext);
    let cipher = Aes256Gcm::new(key.into());
    let text = buffer.as_mut_slice().into();
    let tag = cipher.encrypt_inout_detached(nonce, associated, text).ok()?;
    buffer.extend_from_slice(&tag);
    Some(mem::take(&mut *buffer))
}

/// The plaintext, if the tag is right. The tag is compared in constant time, and nothing is decrypted before.
pub(super) fn decrypt(
    key: &[u8; KEY_SIZE],
    nonce: &[u8; NONCE_SIZE],
    associated: &[u8],
    ciphertext: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let (ciphertext, tag) = ciphertext.split_last_chunk::<TAG_SIZE>()?;
    let (nonce, tag): (&Nonce<_>, &Tag) = (nonce.into(), tag.into());
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    let cipher = Aes256Gcm::new(key.into());
    let text = buffer.as_mut_slice().into();
    cipher.decrypt_inout_detached(nonce, associated, text, tag).ok()?;
    Some(buffer)
}
