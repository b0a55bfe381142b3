//! HMAC, key derivation and AES in counter mode, written from the documents.
//!
//! Nothing of this is taken from the crates that judge a platform: agreement with them means something only where both were written apart. What
//! surprises in the derivation: its counter and its length are little-endian, and the length counts bits. [SEV-API, key derivation]

use aes::Aes128;
use aes::cipher::{BlockCipherEncrypt as _, KeyInit as _};
use sha2::{Digest as _, Sha256, Sha384};
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize as _, Zeroizing};

/// Bytes of a transport key, and of what they are derived from.
pub(crate) const KEY_SIZE: usize = 16;
/// Bytes of a MAC.
pub(crate) const MAC_SIZE: usize = 32;
/// Bytes in a block of SHA-256.
const BLOCK: usize = 64;

/// HMAC-SHA-256 of the parts, one after another. [FIPS 198-1, HMAC]
pub(crate) fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; MAC_SIZE] {
    let mut block = Zeroizing::new([0_u8; BLOCK]);
    if key.len() > BLOCK {
        block.iter_mut().zip(Sha256::digest(key)).for_each(|(to, from)| *to = from);
    } else {
        block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    }
    let keyed = |pad: u8| {
        let mut padded = Zeroizing::new([0_u8; BLOCK]);
        padded.iter_mut().zip(block.iter()).for_each(|(to, from)| *to = from ^ pad);
        Sha256::new().chain_update(padded.as_slice())
    };
    let inner = parts.iter().fold(keyed(0x36), Sha256::chain_update).finalize();
    keyed(0x5c).chain_update(inner).finalize().into()
}

/// Are two MACs the same? Takes as long whatever they are.
#[must_use]
pub(crate) fn same(found: &[u8; MAC_SIZE], wanted: &[u8; MAC_SIZE]) -> bool {
    found.ct_eq(wanted).into()
}

/// A key of 16 bytes: counter mode with HMAC-SHA-256, of which one block is enough. [SP 800-108, KDF in counter mode] [SEV-API, key derivation]
pub(crate) fn derive(key: &[u8], label: &str, context: &[u8]) -> Zeroizing<[u8; KEY_SIZE]> {
    let (counter, bits) = (1_u32.to_le_bytes(), 128_u32.to_le_bytes());
    let mut block = hmac_sha256(key, &[&counter, label.as_bytes(), &[0], context, &bits]);
    let mut derived = Zeroizing::new([0; KEY_SIZE]);
    derived.iter_mut().zip(block).for_each(|(to, from)| *to = from);
    block.zeroize();
    derived
}

/// Encrypts or decrypts: the exclusive or with the stream of AES-128 in counter mode. `iv` is the whole first counter, 128 bits, big-endian.
/// [SP 800-38A, CTR mode]
pub(crate) fn aes_128_ctr(key: &[u8; KEY_SIZE], iv: &[u8; 16], bytes: &mut [u8]) {
    let cipher = Aes128::new(key.into());
    let mut counter = u128::from_be_bytes(*iv);
    for chunk in bytes.chunks_mut(16) {
        let mut stream = counter.to_be_bytes().into();
        cipher.encrypt_block(&mut stream);
        chunk.iter_mut().zip(stream.iter()).for_each(|(to, from)| *to ^= from);
        stream.zeroize();
        counter = counter.wrapping_add(1);
    }
}

/// SHA-384.
pub(crate) fn sha384(bytes: &[u8]) -> [u8; 48] {
    Sha384::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sev_launch_testkit::sev_api::SevApi;

    #[test]
    fn derived_keys_are_the_known_ones_and_those_of_no_usual_mistake() {
        let file = SevApi::read();
        let keys: Vec<_> = file.kdf.iter().filter(|vector| vector.size == KEY_SIZE).collect();
        assert!(keys.len() >= 3, "{} of 16 bytes", keys.len());
        for vector in keys {
            let derived = derive(&vector.key, &vector.label, &vector.context);
            assert_eq!(*derived, *vector.out, "{}", vector.name);
        }
        let vector = file.kdf.iter().find(|vector| vector.name == "master-from-z48").unwrap();
        let derived = hex::encode(*derive(&vector.key, &vector.label, &vector.context));
        let equal = file.kdf_wrong_variants.iter().filter(|(_, wrong)| **wrong == derived);
        assert_eq!(equal.map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["right"]);
    }

    // RFC 4231, test cases 1, 2 and 6: a key of 20 bytes, of 4, and one longer than a block.
    #[test]
    fn macs_are_those_of_the_rfc() {
        let six = b"Test Using Larger Than Block-Size Key - Hash Key First";
        for (key, message, mac) in [
            (
                &[0x0b; 20][..],
                &b"Hi There"[..],
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (&[0xaa; 131], six, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
        ] {
            let (start, end) = message.split_at(3);
            assert_eq!(hex::encode(hmac_sha256(key, &[start, end])), mac);
        }
    }

    // SP 800-38A, F.5.1 CTR-AES128.Encrypt.
    #[test]
    fn the_cipher_is_that_of_the_document() {
        let bytes = |text: &str| hex::decode(text).unwrap();
        let key = bytes("2b7e151628aed2a6abf7158809cf4f3c").try_into().unwrap();
        let iv = bytes("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff").try_into().unwrap();
        let mut text = bytes("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
        aes_128_ctr(&key, &iv, &mut text);
        let wanted = "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff";
        assert_eq!(hex::encode(text), wanted);
    }
}
