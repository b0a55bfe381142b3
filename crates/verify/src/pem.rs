//! Bytes as a file has them: DER, or one block of PEM around it.
//!
//! Defined by [RFC 7468]. What surprises: a file may hold several blocks, as a chain or as a key after its parameters, and a reader that takes
//! the first of them would pass over the others without a word. So there is one block and nothing beside it.

use alloc::vec;
use alloc::vec::Vec;

use zeroize::Zeroizing;

/// The DER inside exactly one PEM block with that label, or the bytes themselves where they are not PEM.
///
/// Before and after the block there may be white space and nothing else. `None` if the text is not one such block.
///
/// It may be a private key: it is wiped, and its room is there from the start, since a vector that grows leaves copies behind.
pub(crate) fn der_of(bytes: &[u8], label: &str) -> Option<Zeroizing<Vec<u8>>> {
    let text = bytes.trim_ascii();
    if !text.starts_with(b"-----BEGIN ") {
        return Some(Zeroizing::new(bytes.to_vec()));
    }
    let begins = text.windows(11).filter(|window| *window == b"-----BEGIN ").count();
    if begins != 1 || !text.ends_with(b"-----") {
        return None;
    }
    let mut der = Zeroizing::new(vec![0; text.len()]);
    let (found, decoded) = der::pem::decode(text, &mut der).ok()?;
    let (is_right, length) = (found == label, decoded.len());
    der.truncate(length);
    is_right.then_some(der)
}
