//! The forms in which bytes are written as text: hex, base64, and dumps with addresses.
//!
//! Spaces, tabs and line ends count nowhere. Hex may have `0x` before it, in any case, and colons or commas between bytes.
//! Base64 is the usual one or that for URLs, with padding or without. One text may be read in several of these forms; the caller
//! knows what it wants, and sees which of them is it.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::layer::Layer;

const CONFIG: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, CONFIG);
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, CONFIG);

/// Every form in which the text is bytes, and the bytes.
pub(crate) fn decodings(text: &str) -> Vec<(Layer, Vec<u8>)> {
    if let Some(bytes) = dump(text) {
        return vec![(Layer::Dump, bytes)];
    }
    let packed: String = text.split_ascii_whitespace().collect();
    let mut forms = Vec::new();
    forms.extend(hex(&packed).map(|bytes| (Layer::Hex, bytes)));
    match BASE64.decode(&packed) {
        Ok(bytes) => forms.push((Layer::Base64, bytes)),
        Err(_) => {
            let bytes = BASE64_URL.decode(&packed).ok();
            forms.extend(bytes.map(|bytes| (Layer::Base64Url, bytes)));
        }
    }
    forms.retain(|(_, bytes)| !bytes.is_empty());
    forms
}

/// Hex without spaces, but perhaps with something else between its bytes.
fn hex(packed: &str) -> Option<Vec<u8>> {
    let prefix = packed.strip_prefix("0x").or_else(|| packed.strip_prefix("0X"));
    let digits = prefix.unwrap_or(packed);
    for between in [':', ','] {
        if digits.contains(between) {
            let mut bytes = Vec::with_capacity(digits.len() / 3);
            for byte in digits.trim_end_matches(between).split(between) {
                let byte = byte.strip_prefix("0x").unwrap_or(byte);
                bytes.push(hex::decode(byte).ok().filter(|byte| byte.len() == 1)?.pop()?);
            }
            return Some(bytes);
        }
    }
    hex::decode(digits).ok()
}

/// What `xxd` and `hexdump -C` print: on each line an address, bytes in hex, and the same as text.
fn dump(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut lines = text.lines().filter(|line| !line.trim().is_empty()).peekable();
    lines.peek()?;
    while let Some(line) = lines.next() {
        let line = line.trim();
        let (address, rest) = line.split_at_checked(line.find([':', ' ']).unwrap_or(line.len()))?;
        if address.len() < 7 || usize::from_str_radix(address, 16) != Ok(bytes.len()) {
            return None;
        }
        // The text beside the digits may hold anything. It stands after two spaces, or between bars.
        let digits = match rest.strip_prefix(':') {
            Some(rest) => rest.trim_start().split("  ").next().unwrap_or_default(),
            None => rest.split('|').next().unwrap_or_default(),
        };
        let digits: String = digits.split_ascii_whitespace().collect();
        if digits.is_empty() {
            // hexdump's last line is the size. A line of zeros alone is no dump of nothing.
            return (lines.next().is_none() && !bytes.is_empty()).then_some(bytes);
        }
        bytes.extend(hex::decode(digits).ok()?);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Vec<u8>> {
        decodings(text).into_iter().map(|(_, bytes)| bytes).collect()
    }

    #[test]
    fn every_form_of_the_same_bytes() {
        for text in [
            "fbff01",
            "FBFF01\n",
            "0xfbff01",
            "fb ff 01",
            "fb:ff:01",
            "fb, ff, 01",
            "0xfb,0xff,0x01",
            "fb\r\nff01",
            "+/8B",
            " +/8\n B",
            "-_8B",
            "00000000: fbff 01                                 ...",
            "00000000  fb ff 01   |...|\n00000003\n",
        ] {
            assert!(read(text).contains(&vec![0xfb, 0xff, 1]), "{text:?}: {:?}", decodings(text));
        }
        assert_eq!(read("-_8"), [[0xfb, 0xff]]);
        assert_eq!(read("-_8="), [[0xfb, 0xff]]);
    }

    #[test]
    fn hex_may_be_base64_too() {
        assert_eq!(read("00112233").len(), 2);
        assert_eq!(read("0011223").len(), 0);
    }

    #[test]
    fn zeros_are_no_dump() {
        for digits in [8, 24, 2368] {
            assert!(read(&"0".repeat(digits)).contains(&vec![0; digits / 2]), "{digits}");
        }
    }

    #[test]
    fn what_is_none_of_it() {
        for text in [
            "",
            " ",
            "hello, world!",
            "0x",
            "fb:f:01",
            "+_8B",
            "00000010: fbff 01  ..",
            "a===",
            "fbff0",
        ] {
            assert!(read(text).is_empty(), "{text:?}: {:?}", decodings(text));
        }
    }
}
