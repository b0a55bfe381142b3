//! Derivation of the keys that wrap a launch session's keys.
//!
//! Defined by [SEV-API, key derivation], which is the counter mode of [SP 800-108, KDF in counter mode] with HMAC-SHA-256. Surprising:
//! counter and length are little endian, the length counts bits, and the shared secret goes in big endian.

use zeroize::Zeroizing;

use super::keys::{KEY_SIZE, Kek, Kik, MasterSecret, SharedSecret, hmac_sha256};

/// Bytes in one output of HMAC-SHA-256.
const BLOCK: usize = 32;

/// `N` bytes from a key of at most 64: HMACs over counter, label, a zero byte, context and length, joined and cut.
pub fn derive<const K: usize, const N: usize>(
    key: &[u8; K],
    label: &str,
    context: &[u8],
) -> Zeroizing<[u8; N]> {
    const { assert!(N < 0x1000_0000, "the length in bits has 32 bits") };
    let length = u32::try_from(N * 8).unwrap_or(u32::MAX).to_le_bytes();
    let mut output = Zeroizing::new([0; N]);
    for (counter, space) in (1_u32..).zip(output.chunks_mut(BLOCK)) {
        let counter = counter.to_le_bytes();
        let parts = [&counter, label.as_bytes(), &[0], context, &length];
        let block = Zeroizing::new(hmac_sha256(key, &parts));
        space.iter_mut().zip(*block).for_each(|(to, from)| *to = from);
    }
    output
}

impl MasterSecret {
    /// From the shared secret and the session's NONCE. [SEV-API, key derivation]
    pub fn derive(z: &SharedSecret, nonce: &[u8; 16]) -> Self {
        Self::derive_raw(z.expose(), nonce)
    }

    /// The same from a secret of any size: published vectors have one of 16 bytes.
    pub(super) fn derive_raw<const K: usize>(z: &[u8; K], nonce: &[u8; 16]) -> Self {
        Self::from_array(&derive(z, "sev-master-secret", nonce))
    }

    /// The key encryption key.
    pub fn kek(&self) -> Kek {
        Kek::from_array(&derive::<KEY_SIZE, KEY_SIZE>(self.expose(), "sev-kek", &[]))
    }

    /// The key integrity key.
    pub fn kik(&self) -> Kik {
        Kik::from_array(&derive::<KEY_SIZE, KEY_SIZE>(self.expose(), "sev-kik", &[]))
    }
}
