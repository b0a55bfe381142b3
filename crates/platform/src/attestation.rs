//! The report that the platform itself makes of a SEV or SEV-ES guest: 208 bytes.
//!
//! Defined by [SEV-API, ATTESTATION]. The signature covers the first 52 bytes.

use sev_launch_abi::sev::Policy;

use crate::certificate::{algorithm, usage};
use crate::keys::EcKey;
use crate::layout::put;

/// Bytes of a report.
pub const REPORT_SIZE: usize = 208;
/// Bytes of it that are signed.
const SIGNED_SIZE: usize = 0x34;

/// A report, signed by the PEK.
pub(crate) fn report(
    pek: &EcKey,
    mnonce: [u8; 16],
    digest: [u8; 32],
    policy: Policy,
) -> [u8; REPORT_SIZE] {
    let mut signed = [0; SIGNED_SIZE];
    put(&mut signed, 0x00, &mnonce);
    put(&mut signed, 0x10, &digest);
    put(&mut signed, 0x30, &policy.to_le_bytes());
    let mut report = [0; REPORT_SIZE];
    put(&mut report, 0x00, &signed);
    put(&mut report, 0x34, &usage::PEK.to_le_bytes());
    put(&mut report, 0x38, &algorithm::ECDSA_SHA256.to_le_bytes());
    put(&mut report, 0x40, &pek.sign_sha256(&signed));
    report
}
