//! Evidence in every form in which people have it: bytes, digests, claims, certificates, reports.

pub(crate) mod blob;
pub(crate) mod certificates;
pub(crate) mod claims;
pub(crate) mod demands;
pub(crate) mod launch_digest;
pub(crate) mod report;
pub(crate) mod snp;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The texts that stand for these bytes, each with what may stand around it in a file.
fn texts(bytes: &[u8]) -> Vec<String> {
    let hex = hex::encode(bytes);
    let base64 = STANDARD.encode(bytes);
    let forms = [hex.clone(), hex.to_uppercase(), format!("0x{hex}"), base64];
    forms.iter().flat_map(|form| ["", "\n", "\r\n"].map(|end| format!("{form}{end}"))).collect()
}

/// A file of the repository's `testdata`.
fn testdata(path: &str) -> Vec<u8> {
    let path = sev_launch_testkit::testdata_folder().join(path);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
