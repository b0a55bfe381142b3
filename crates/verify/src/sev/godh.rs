//! The certificate in which the guest's owner hands its key (GODH) to the platform.
//!
//! Defined by [SEV-API, SEV certificate format]: version 1, usage PDH, ECDH with SHA-256, P-384, and two empty signature slots. Nobody
//! signs it, and the platform checks no signature: whoever holds the private key is the owner. All numbers are little
//! endian. This is, byte for byte, what sevctl writes.
//!
//! Without an example: [`Session::create`](super::session::Session::create) makes it.

use crate::point::PublicPoint;

/// Bytes of a SEV certificate. [SEV-API, SEV certificate format]
pub const CERTIFICATE_SIZE: usize = 2084;

/// The certificate of a key, 2084 bytes.
pub fn certificate(godh: &PublicPoint) -> [u8; CERTIFICATE_SIZE] {
    let (x, y) = godh.to_coordinates();
    // [SEV-API, SEV certificate format]: offset and value of all that is not zero.
    let fields: [(usize, &[u8]); 8] = [
        (0x000, &1_u32.to_le_bytes()), // VERSION; API_MAJOR and API_MINOR are 0
        (0x008, &0x1003_u32.to_le_bytes()), // PUBKEY_USAGE: PDH
        (0x00c, &0x0003_u32.to_le_bytes()), // PUBKEY_ALGO: ECDH with SHA-256
        (0x010, &2_u32.to_le_bytes()), // CURVE: P-384
        (0x014, &x),                   // QX
        (0x05c, &y),                   // QY
        (0x414, &0x1000_u32.to_le_bytes()), // SIG1_USAGE: none
        (0x61c, &0x1000_u32.to_le_bytes()), // SIG2_USAGE: none
    ];
    let mut certificate = [0; CERTIFICATE_SIZE];
    for (offset, value) in fields {
        let space = certificate.iter_mut().skip(offset);
        space.zip(value).for_each(|(to, from)| *to = *from);
    }
    certificate
}
