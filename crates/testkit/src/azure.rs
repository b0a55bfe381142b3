//! Azure's envelope of a report, as a confidential VM reads it from its vTPM's NV index 0x01400001.
//!
//! Header of 32 bytes, report, header of 20 bytes, runtime data; all integers are little-endian. [Azure guest attestation, HwVmReport]

use sha2::{Digest as _, Sha256};

use crate::report::Vek;

/// Bytes of the NV index: what follows the data is zero.
const SIZE: usize = 2600;

/// An envelope whose report has SHA-256 of the runtime data in REPORT_DATA; `change` is made to the report before it is signed.
///
/// # Panics
///
/// If the data does not fit in the NV index.
#[must_use]
pub fn envelope(key: &Vek, runtime_data: &[u8], change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let report = key.report(3, |report| {
        change(report);
        crate::put(report, 0x50, &[0; 64], "REPORT_DATA");
        crate::put(report, 0x50, &Sha256::digest(runtime_data), "REPORT_DATA");
    });
    let length = |length: usize| u32::try_from(length).expect("the data is small");
    // Version 2, the size of all that is used, request 2, status 0.
    let used = 32 + report.len() + 20 + runtime_data.len();
    let mut bytes = b"HCLA".to_vec();
    for word in [2, length(used), 2, 0, 0, 0, 0] {
        bytes.extend(word.to_le_bytes());
    }
    bytes.extend(report);
    // The sizes, version 1, report type 2 (SEV-SNP), hash 1 (SHA-256).
    for word in [length(20 + runtime_data.len()), 1, 2, 1, length(runtime_data.len())] {
        bytes.extend(word.to_le_bytes());
    }
    bytes.extend(runtime_data);
    assert!(bytes.len() <= SIZE, "the data does not fit");
    bytes.resize(SIZE, 0);
    bytes
}
