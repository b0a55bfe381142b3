//! Bytes of a known size, raw, in hex or in base64: every form of the same bytes is read as the same, and what was read is what one
//! of the forms says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sev_launch_evidence::blob;

use super::texts;

/// The sizes that are asked for: each can be another one's in hex or in base64.
const SIZES: [usize; 8] = [0, 1, 3, 4, 16, 32, 48, 64];

pub(crate) fn run(bytes: &[u8]) {
    // Forms of the bytes, which are at most as many as somebody would type.
    let kept = &bytes[..bytes.len().min(64)];
    let own = [kept.len()];
    let read = |form: &[u8]| blob::decode("bytes", form, &own).map(|read| read.to_vec());
    assert_eq!(read(kept), Ok(kept.to_vec()), "raw");
    for text in texts(kept) {
        assert_eq!(read(text.as_bytes()), Ok(kept.to_vec()), "{text:?}");
    }
    // The bytes as a form of others.
    match blob::decode("bytes", bytes, &SIZES) {
        Ok(read) => {
            assert!(SIZES.contains(&read.len()));
            assert!(says(bytes, &read) || *read == bytes, "{bytes:?} is no form of {:?}", *read);
        }
        Err(error) => {
            assert_eq!((error.found, error.wanted), (bytes.len(), SIZES.to_vec()));
            assert!(!SIZES.contains(&bytes.len()), "the size is right");
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        typed::<16>(text);
        typed::<32>(text);
        typed::<48>(text);
    }
}

/// Is this text, with one line end after it at most, these bytes in hex or base64?
fn says(text: &[u8], bytes: &[u8]) -> bool {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    let digits = text.strip_prefix(b"0x").unwrap_or(text);
    digits.eq_ignore_ascii_case(hex::encode(bytes).as_bytes())
        || text == STANDARD.encode(bytes).as_bytes()
}

/// What is typed is read more strictly, and never as something else.
fn typed<const N: usize>(text: &str) {
    let typed = blob::typed_array::<N>("bytes", text);
    if let Ok(bytes) = typed {
        assert!(says(text.trim().as_bytes(), &bytes), "{text:?}");
    }
    if let Ok(digest) = blob::digest::<N>(text) {
        assert_eq!(typed, Ok(digest), "{text:?}: a digest, and no bytes");
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let all = [0, 3, 48].map(|size| sev_launch_testkit::pattern(size, 37, 11));
    let texts = all.iter().flat_map(|bytes| texts(bytes)).map(String::into_bytes).collect();
    [all.to_vec(), texts].concat()
}
