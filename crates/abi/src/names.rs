//! Words of several bits, as people write them: the bits' names in place of a number.
//!
//! Names are separated by `+` or `|`; those of a policy by `,` too, which of features separates whole words. Upper and lower case are no difference, and neither are spaces, `-` and `_` within a name: AMD's
//! documents, Linux and QEMU spell one bit `SecureTSC`, `SECURE_TSC` and `secure-tsc`.
//!
//! ```
//! use sev_launch_abi::{SevFeatures, sev, snp};
//!
//! assert_eq!(SevFeatures::from_names("SNPActive+debug-swap")?, SevFeatures(0x21));
//! assert_eq!(snp::Policy::from_names("SMT,ABI=1.55")?.bits(), 0x3_0137);
//! assert_eq!(sev::Policy::from_names("NODBG, ES")?.bits(), 0x5);
//! # Ok::<(), sev_launch_abi::Error>(())
//! ```

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::Error;
use crate::version::ApiVersion;

/// The word for no bit at all.
const NONE: &str = "none";

/// Are two names the same, but for case, and for spaces, `-` and `_` between their letters? One at an end is no spelling: `-DEBUG` may mean without.
#[must_use]
pub fn is_same(left: &str, right: &str) -> bool {
    let between = |byte: &u8| matches!(byte, b' ' | b'-' | b'_');
    let letters = |name: &str| -> Option<Vec<u8>> {
        let bytes = name.as_bytes();
        if bytes.first().is_some_and(between) || bytes.last().is_some_and(between) {
            return None;
        }
        let kept = bytes.iter().filter(|byte| !between(byte));
        Some(kept.map(u8::to_ascii_lowercase).collect())
    };
    letters(left).is_some_and(|left| letters(right).is_some_and(|right| left == right))
}

/// Does a text begin as a number does, and so is no name?
#[must_use]
pub fn is_number(text: &str) -> bool {
    text.trim_start().starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-'))
}

/// The names in a text; none where it is `none`. An error for a text without any, or with an empty one.
pub(crate) fn split<'a>(
    what: &'static str,
    separators: &[char],
    text: &'a str,
) -> Result<Vec<&'a str>, Error> {
    if is_same(text.trim(), NONE) {
        return Ok(Vec::new());
    }
    let names: Vec<_> = text.split(separators).map(str::trim).collect();
    match names.contains(&"") {
        true => Err(Error::EmptyName { what }),
        false => Ok(names),
    }
}

/// The bits of a policy's names, and the lowest version that it asks for as `KEY=1.55` or `KEY 1.55`, 0.0 where it does not.
pub(crate) fn policy<const N: usize>(
    what: &'static str,
    key: &'static str,
    flags: [(&'static str, u32); N],
    text: &str,
) -> Result<(u64, ApiVersion), Error> {
    let (mut bits, mut min_api) = (0, None);
    for name in split(what, &['+', '|', ','], text)? {
        let words = name.split_once(|c: char| c == '=' || c.is_whitespace());
        if let Some((_, version)) = words.filter(|(word, _)| is_same(word, key)) {
            if min_api.replace(version.parse()?).is_some() {
                return Err(Error::VersionTwice { what });
            }
            continue;
        }
        match flags.iter().find(|(flag, _)| is_same(flag, name)) {
            Some((_, bit)) => bits |= 1 << bit,
            None => {
                let version = alloc::format!("{key}=1.55");
                let flags = flags.iter().map(|(flag, _)| *flag);
                return Err(unknown(what, name, flags.chain([version.as_str()])));
            }
        }
    }
    Ok((bits, min_api.unwrap_or(ApiVersion { major: 0, minor: 0 })))
}

/// The error for a name that is none of those wanted.
pub(crate) fn unknown<'a>(
    what: &'static str,
    found: &str,
    wanted: impl Iterator<Item = &'a str>,
) -> Error {
    let wanted: Vec<_> = wanted.collect();
    Error::UnknownName { what, found: String::from(found), wanted: wanted.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name() {
        for spelling in ["SecureTSC", "SECURE_TSC", "secure-tsc", "Secure TSC"] {
            assert!(is_same(spelling, "SecureTSC"), "{spelling}");
        }
        for other in ["SecureTS", "-SecureTSC", "SecureTSC-", "_SecureTSC", " SecureTSC", ""] {
            assert!(!is_same(other, "SecureTSC"), "{other}");
        }
    }

    #[test]
    fn texts_are_split_at_three_signs() {
        let split = |text| split("word", &['+', '|', ','], text);
        assert_eq!(split(" a+b , c|d "), Ok(alloc::vec!["a", "b", "c", "d"]));
        assert_eq!(split("None"), Ok(alloc::vec![]));
        for empty in ["", "a+", ",a", "a,,b", " "] {
            assert_eq!(split(empty), Err(Error::EmptyName { what: "word" }), "{empty:?}");
        }
    }
}
