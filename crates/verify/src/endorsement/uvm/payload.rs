//! The payload of an endorsement of a utility VM: one flat JSON object of two texts.
//!
//! Defined by [Azure UVM]: `x-ms-sevsnpvm-guestsvn`, a number as text, and `x-ms-sevsnpvm-launchmeasurement`, 96 hex digits. It is read
//! by hand, since it is this and nothing more: an object of texts without escapes, each key once. A library would bring the whole of
//! JSON, with numbers, nesting and equal keys, into a crate that reads no other.

use sev_launch_abi::snp::LaunchDigest;

use crate::endorsement::error::FormError;

const SVN: &str = "x-ms-sevsnpvm-guestsvn";
const MEASUREMENT: &str = "x-ms-sevsnpvm-launchmeasurement";

/// The security version, and the launch digest.
pub(super) fn read(bytes: &[u8]) -> Result<(u32, LaunchDigest), FormError> {
    const FORM: FormError = FormError::Payload {
        what: "it is not one JSON object of plain texts and nothing beside it",
    };
    let text = core::str::from_utf8(bytes).map_err(|_| FORM)?;
    let mut rest = text.trim_matches(is_space).strip_prefix('{').ok_or(FORM)?;
    let (mut svn, mut digest) = (None, None);
    loop {
        let (key, after) = read_text(rest).ok_or(FORM)?;
        let after = after.trim_start_matches(is_space).strip_prefix(':').ok_or(FORM)?;
        let (value, after) = read_text(after).ok_or(FORM)?;
        let place = match key {
            SVN => &mut svn,
            MEASUREMENT => &mut digest,
            _ => return Err(FormError::Payload { what: "a key that is not known here" }),
        };
        if place.replace(value).is_some() {
            return Err(FormError::Payload { what: "one key twice" });
        }
        let after = after.trim_start_matches(is_space);
        match (after.strip_prefix(','), after) {
            (Some(more), _) => rest = more,
            (None, "}") => break,
            (None, _) => return Err(FORM),
        }
    }
    let (Some(svn), Some(digest)) = (svn, digest) else {
        return Err(FormError::Payload { what: "no guest SVN, or no launch measurement" });
    };
    Ok((read_number(svn)?, read_digest(digest)?))
}

/// White space. [RFC 8259, insignificant whitespace]
const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// A text without escapes, and what follows it.
fn read_text(rest: &str) -> Option<(&str, &str)> {
    let (text, after) = rest.trim_start_matches(is_space).strip_prefix('"')?.split_once('"')?;
    let is_plain = text.chars().all(|c| c != '\\' && !c.is_control());
    is_plain.then_some((text, after))
}

fn read_number(text: &str) -> Result<u32, FormError> {
    let is_plain =
        text.bytes().all(|digit| digit.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    let what = "the guest SVN is not a decimal number of 32 bits, as text";
    text.parse().ok().filter(|_| is_plain).ok_or(FormError::Payload { what })
}

fn read_digest(text: &str) -> Result<LaunchDigest, FormError> {
    let what = "the launch measurement is not 96 hex digits";
    let mut digest = [0; 48];
    hex::decode_to_slice(text, &mut digest).map_err(|_| FormError::Payload { what })?;
    Ok(LaunchDigest::from_bytes(digest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn keys_come_in_any_order_with_white_space_between() {
        let digest = "0a".repeat(48);
        for text in [
            format!(r#"{{"{SVN}":"101","{MEASUREMENT}":"{digest}"}}"#),
            format!(" {{\r\n\t\"{MEASUREMENT}\" : \"{digest}\" ,\n \"{SVN}\" :\"101\" }}\n"),
        ] {
            let wanted = (101, LaunchDigest::from_bytes([0x0a; 48]));
            assert_eq!(read(text.as_bytes()), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn anything_more_or_less_is_refused() {
        let digest = "0a".repeat(48);
        let good = format!(r#"{{"{SVN}":"101","{MEASUREMENT}":"{digest}"}}"#);
        assert!(read(good.as_bytes()).is_ok());
        for (from, to) in [
            ("{", "[{"),
            ("}", "}}"),
            ("}", ",}"),
            ("}", ""),
            ("}", r#","more":"1"}"#),
            ("}", r#","x-ms-sevsnpvm-guestsvn":"102"}"#),
            (r#""101""#, "101"),
            (r#""101""#, r#""0101""#),
            (r#""101""#, r#""+101""#),
            (r#""101""#, r#""4294967296""#),
            (r#""101""#, r#""10\u0031""#),
            (r#""101""#, r#""""#),
            ("0a0a", "0a0"),
            ("0a0a", "0a0z"),
        ] {
            let text = good.replacen(from, to, 1);
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
        for wrong in [&b""[..], b"{}", b"{", b"\xff", br#"{"a"}"#, b"\"\""] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
