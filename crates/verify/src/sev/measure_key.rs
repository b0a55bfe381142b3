//! HMAC-SHA-256 of the 56 bytes of a launch measurement, and of nothing else.
//!
//! Defined by [FIPS 198-1] and [SEV-API, LAUNCH_MEASURE]. A server computes one for every launch and reference value, `explain`
//! one for every hypothesis. With the size known it is five blocks of SHA-256 and a few stores; on a processor with SHA
//! instructions, buffers for messages of any size cost half as much again. The key's two blocks are taken in once.

use alloc::boxed::Box;

use sha2::block_api::compress256;
use zeroize::{Zeroize as _, ZeroizeOnDrop, Zeroizing};

use super::keys::{KEY_SIZE, Tik};

/// Bytes under the HMAC. [SEV-API, LAUNCH_MEASURE]
pub(super) const MESSAGE_SIZE: usize = 56;

/// The initial hash value of SHA-256. [FIPS 180-4, SHA-256 initial hash value]
const INITIAL: [u32; 8] = [
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

/// What is over every byte of the key, and of the zeros after it. [FIPS 198-1, ipad and opad]
const INNER_PAD: u8 = 0x36;
const OUTER_PAD: u8 = 0x5c;

/// The states of SHA-256 after the key's blocks: as secret as the key, wiped on drop, and never moved.
pub(super) struct MeasureKey(Box<States>);

#[derive(ZeroizeOnDrop)]
struct States {
    inner: [u32; 8],
    outer: [u32; 8],
}

impl MeasureKey {
    /// Takes the key in, which stays where it is.
    pub(super) fn new(tik: &Tik) -> Self {
        let mut states = Box::new(States { inner: INITIAL, outer: INITIAL });
        take_in(&mut states.inner, tik, INNER_PAD);
        take_in(&mut states.outer, tik, OUTER_PAD);
        Self(states)
    }

    /// The HMAC of a message.
    pub(super) fn mac(&self, message: &[u8; MESSAGE_SIZE]) -> [u8; 32] {
        // After the key's block the message leaves 8 bytes in its own, and padding takes 9 at least: two blocks.
        let mut bytes = [0; 128];
        bytes[..MESSAGE_SIZE].copy_from_slice(message);
        bytes[MESSAGE_SIZE] = 0x80;
        bytes[126..].copy_from_slice(&bits(64 + MESSAGE_SIZE));
        let mut words = Zeroizing::new(self.0.inner);
        compress256(&mut words, bytes.as_chunks().0);
        let mut block = [0; 64];
        for (space, word) in block.as_chunks_mut::<4>().0.iter_mut().zip(words.iter()) {
            *space = word.to_be_bytes();
        }
        block[32] = 0x80;
        block[62..].copy_from_slice(&bits(64 + 32));
        *words = self.0.outer;
        compress256(&mut words, &[block]);
        let mut mac = [0; 32];
        for (space, word) in mac.as_chunks_mut::<4>().0.iter_mut().zip(words.iter()) {
            *space = word.to_be_bytes();
        }
        mac
    }
}

/// Takes in the one block of the key under a pad.
fn take_in(words: &mut [u32; 8], tik: &Tik, pad: u8) {
    let mut blocks = [[pad; 64]];
    let [block] = &mut blocks;
    block.iter_mut().zip(tik.expose()).for_each(|(byte, key)| *byte ^= key);
    compress256(words, &blocks);
    // All that came from the key; the rest is the pad.
    let [block] = &mut blocks;
    block[..KEY_SIZE].zeroize();
}

/// A number of bytes as the two lowest bytes of their number of bits.
fn bits(bytes: usize) -> [u8; 2] {
    let [.., high, low] = (8 * bytes).to_be_bytes();
    [high, low]
}

#[cfg(test)]
mod tests {
    use super::super::keys::hmac_sha256;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_the_library_s_hmac(key in any::<[u8; KEY_SIZE]>(), low in any::<[u8; 32]>(), high in any::<[u8; 24]>()) {
            let mut message = [0; MESSAGE_SIZE];
            message[..32].copy_from_slice(&low);
            message[32..].copy_from_slice(&high);
            let measure_key = MeasureKey::new(&Tik::from_array(&key));
            prop_assert_eq!(measure_key.mac(&message), hmac_sha256(&key, &[&message]));
            // Once more: the key is not used up.
            prop_assert_eq!(measure_key.mac(&message), hmac_sha256(&key, &[&message]));
        }
    }
}
