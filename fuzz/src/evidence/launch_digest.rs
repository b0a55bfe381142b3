//! Launch digests that somebody typed: whatever is read is what stands there, and every form of a digest is read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sev_launch_abi::{LaunchDigest, Technology};
use sev_launch_evidence::blob;

use super::texts;

pub(crate) fn run(bytes: &[u8]) {
    for technology in [Technology::Sev, Technology::SevEs, Technology::Snp] {
        let size = if technology == Technology::Snp { 48 } else { 32 };
        if let Ok(text) = std::str::from_utf8(bytes) {
            let found = blob::launch_digest(technology, text).ok();
            let found = found.as_ref().map(LaunchDigest::as_bytes);
            assert_eq!(found, read(text, size).as_deref(), "{technology}: {text:?}");
        }
        let mut digest = bytes.to_vec();
        digest.resize(size, 0);
        for text in texts(&digest) {
            // Hex goes first: its digits can be base64 of the very size, and so can its `0x`.
            let found = blob::launch_digest(technology, &text).ok();
            let digits = text.trim().strip_prefix("0x").unwrap_or(text.trim());
            let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            if !is_hex || digits.len() == 2 * size {
                assert_eq!(found.as_ref().map(LaunchDigest::as_bytes), Some(&*digest), "{text:?}");
            }
        }
    }
}

/// The plainest reader: pairs of digits, whatever white space and colons stand between them, or else what encodes to this text.
fn read(text: &str, size: usize) -> Option<Vec<u8>> {
    let packed: String = text.chars().filter(|c| !(c.is_ascii_whitespace() || *c == ':')).collect();
    let text = text.trim();
    let digits = packed.strip_prefix("0x").unwrap_or(&packed);
    let is_hex =
        digits.len().is_multiple_of(2) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let bytes = if is_hex {
        let pairs = (0..digits.len()).step_by(2).map(|at| &digits[at..at + 2]);
        pairs.map(|pair| u8::from_str_radix(pair, 16).expect("two digits")).collect()
    } else {
        let bytes = STANDARD.decode(text).ok()?;
        assert_eq!(STANDARD.encode(&bytes), text, "base64 in two spellings");
        bytes
    };
    (bytes.len() == size).then_some(bytes)
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let digests = [32, 48].map(|size| sev_launch_testkit::pattern(size, 37, 11));
    digests.iter().flat_map(|digest| texts(digest)).map(Into::into).collect()
}
