//! AMD's root and signing keys of each generation of EPYC, as numbers.
//!
//! Published by AMD as `ask_ark_<generation>.cert`, [SEV-API, AMD certificate]; each key comes with the SHA-256 of the
//! certificate it was read from. From Milan on the X.509 certificates of SNP hold the same two keys, with other signatures
//! around them. Everything that is verified here rests on the five ARKs.
//!
//! ```
//! use sev_launch_verify::abi::Generation;
//! use sev_launch_verify::amd_keys::{ark, ask};
//!
//! // The root has signed itself, and the key below it.
//! assert_eq!(ark(Generation::Milan).certifying_id, ark(Generation::Milan).key_id);
//! assert_eq!(ask(Generation::Milan).certifying_id, ark(Generation::Milan).key_id);
//! ```

mod genoa;
mod milan;
mod naples;
mod rome;
mod turin;

use sev_launch_abi::Generation;

/// One of AMD's RSA keys, and what else its SEV certificate says. Numbers are big-endian; the exponent is
/// [`EXPONENT`](crate::rsa_pss::EXPONENT).
#[derive(Debug, PartialEq, Eq)]
pub struct AmdKey {
    /// The key's identifier.
    pub key_id: [u8; 16],
    /// The identifier of the key that signed the certificate: the ARK's.
    pub certifying_id: [u8; 16],
    /// The modulus: 256 bytes for Naples, 512 for the others.
    pub modulus: &'static [u8],
    /// The ARK's signature in the SEV certificate, as long as the modulus. The X.509 certificate has another.
    pub signature: &'static [u8],
    /// The SHA-256 of the SEV certificate.
    pub certificate_sha256: [u8; 32],
}

/// The root key of a generation.
pub const fn ark(generation: Generation) -> &'static AmdKey {
    match generation {
        Generation::Naples => &naples::ARK,
        Generation::Rome => &rome::ARK,
        Generation::Milan => &milan::ARK,
        Generation::Genoa => &genoa::ARK,
        Generation::Turin => &turin::ARK,
    }
}

/// The key of a generation that signs its chips' keys.
pub const fn ask(generation: Generation) -> &'static AmdKey {
    match generation {
        Generation::Naples => &naples::ASK,
        Generation::Rome => &rome::ASK,
        Generation::Milan => &milan::ASK,
        Generation::Genoa => &genoa::ASK,
        Generation::Turin => &turin::ASK,
    }
}

/// Bytes from their hex digits, while compiling: a wrong digit or length stops the build.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, never at run time")]
pub(crate) const fn hex<const N: usize>(text: &str) -> [u8; N] {
    const fn digit(character: u8) -> u8 {
        match character {
            b'0'..=b'9' => character - b'0',
            b'a'..=b'f' => character - b'a' + 10,
            _ => panic!("not a hex digit"),
        }
    }
    let text = text.as_bytes();
    assert!(text.len() == 2 * N, "another number of hex digits");
    let mut bytes = [0; N];
    let mut at = 0;
    while at < N {
        bytes[at] = digit(text[2 * at]) << 4 | digit(text[2 * at + 1]);
        at += 1;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_keys_are_the_same() {
        let keys = || Generation::ALL.into_iter().flat_map(|one| [ark(one), ask(one)]).enumerate();
        for ((first, a), (second, b)) in keys().flat_map(|a| keys().map(move |b| (a, b))) {
            let same = first == second;
            assert_eq!((a.key_id == b.key_id, a.modulus == b.modulus), (same, same));
        }
    }
}
