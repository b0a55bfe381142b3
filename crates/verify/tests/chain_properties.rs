//! What must hold for every chain: no bit can be changed, and no bytes break a parser.

use proptest::prelude::*;
use sev_launch_testkit::certs::{self, RsaSize};
use sev_launch_verify::sev::attestation_report::AttestationReport;
use sev_launch_verify::sev::ca_certificate::CaCertificate;
use sev_launch_verify::sev::certificate::Certificate;
use sev_launch_verify::sev::chain::{Ca, Chain, OcaRequirement, Platform, Roots};

/// Whether the bytes are a chain of `sevctl export --full` that passes under this root.
fn passes(full: &[u8], root: &CaCertificate) -> bool {
    let Ok(chain) = Chain::parse_full(full) else { return false };
    chain.verify(Roots::Explicit(root), OcaRequirement::Any).verified().is_ok()
}

/// One bit of every `step`th byte of a chain, another bit each time, from byte `first` on.
fn no_bit_can_be_changed(size: RsaSize, first: usize, step: usize) {
    let mut full = certs::Platform::new(size, "bits").full();
    let chain = Chain::parse_full(&full).expect("it is well formed");
    let root = chain.ca().ark().clone();
    assert!(passes(&full, &root));
    for (count, at) in (first..full.len()).step_by(step).enumerate() {
        let bit = 1 << (count % 8);
        full[at] ^= bit;
        assert!(!passes(&full, &root), "byte {at:#x} with bit {bit:#x} changed");
        full[at] ^= bit;
    }
    assert!(passes(&full, &root));
}

#[test]
fn no_bit_of_a_small_chain_can_be_changed() {
    no_bit_can_be_changed(RsaSize::Bits2048, 0, 13);
}

#[test]
fn no_bit_of_a_large_chain_can_be_changed() {
    no_bit_can_be_changed(RsaSize::Bits4096, 1, 37);
}

#[test]
#[ignore = "slow: `cargo xtask check` runs it"]
fn no_bit_of_a_field_can_be_changed() {
    // Half the bits of every byte that is not of a key's or a signature's number, in every certificate.
    let mut full = certs::Platform::new(RsaSize::Bits2048, "bits").full();
    let root = Chain::parse_full(&full).unwrap().ca().ark().clone();
    let certificate = (0..0x14).chain(0xa4..0xa8).chain(0x414..0x41c).chain(0x61c..0x624);
    let fields = (0..4).flat_map(|number| certificate.clone().map(move |at| 2084 * number + at));
    let fields = fields.chain((8336..8336 + 0x44).chain(9168..9168 + 0x44));
    for at in fields {
        for bit in (at % 2..8).step_by(2).map(|shift| 1 << shift) {
            full[at] ^= bit;
            assert!(!passes(&full, &root), "byte {at:#x} with bit {bit:#x} changed");
            full[at] ^= bit;
        }
    }
    assert!(passes(&full, &root));
}

fn parse_everything(bytes: &[u8]) {
    if let Ok(certificate) = Certificate::parse(bytes) {
        assert_eq!(certificate.as_bytes(), bytes);
        assert!(!certificate.to_string().is_empty());
    }
    if let Ok(certificate) = CaCertificate::parse(bytes) {
        assert_eq!(certificate.as_bytes(), bytes);
        assert!(!certificate.to_string().is_empty());
    }
    if let Ok(platform) = Platform::parse_export(bytes) {
        assert_eq!(platform.to_export(), bytes);
    }
    if let Ok(ca) = Ca::parse(bytes) {
        assert_eq!(ca.to_bytes(), bytes);
    }
    if let Ok(chain) = Chain::parse_full(bytes) {
        assert_eq!(chain.to_full(), bytes);
        // The answer is no matter; that there is one is.
        let verdict = chain.verify(Roots::Explicit(chain.ca().ark()), OcaRequirement::Any);
        assert_eq!(verdict.outcomes().len(), 9);
    }
    let (first, second) = bytes.split_at(bytes.len() / 2);
    drop(Platform::parse_host(bytes, first));
    drop(Platform::parse_host(second, bytes));
    drop(Platform::parse_files(first, second, bytes, first));
    drop(Ca::parse_files(first, second));
    drop(CaCertificate::from_unsigned_naples_ark(bytes));
    drop(AttestationReport::parse(bytes));
}

proptest! {
    #[test]
    fn parsers_return_on_arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..2500)) {
        parse_everything(&bytes);
    }

    #[test]
    fn parsers_return_on_chains_with_other_bytes(
        changes in prop::collection::vec((0usize..10_000, any::<u8>()), 0..4),
        window in prop::sample::select(vec![(0, 10_000), (0, 8336), (8336, 10_000), (8336, 9168),
            (9168, 10_000), (0, 2084), (2084, 4168), (4168, 6252), (6252, 8336), (0, 208)]),
    ) {
        use std::sync::OnceLock;
        static CHAIN: OnceLock<Vec<u8>> = OnceLock::new();
        let chain = CHAIN.get_or_init(|| certs::Platform::new(RsaSize::Bits2048, "arbitrary").full());
        let mut bytes = chain.clone();
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        parse_everything(&bytes[window.0..window.1]);
    }
}
