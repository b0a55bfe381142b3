//! Names that are spelled almost as what was written: "did you mean".
//!
//! ```
//! use sev_launch_description::spelling::nearest;
//!
//! let names = || ["es-legacy", "es-init2"].into_iter().map(str::to_owned);
//! assert_eq!(nearest("ES-legcy", names()).as_deref(), Some("es-legacy"));
//! assert_eq!(nearest("snp", names()), None);
//! ```

use strsim::{normalized_levenshtein as likeness, osa_distance};

/// How alike two names are at least, from 0 to 1, where one may be meant by the other.
const LEAST: f64 = 0.6;

/// The name that is spelled most like `found`, upper and lower case alike; `None` if none is near enough to be meant.
pub fn nearest(found: &str, names: impl Iterator<Item = String>) -> Option<String> {
    let found = found.to_ascii_lowercase();
    nearest_by(names, |name| likeness(&found, &name.to_ascii_lowercase()))
}

/// Is `found` the name with a slip of the fingers: one or two letters too many, left out, exchanged or in the wrong order, of at least three
/// times as many?
#[must_use]
pub fn is_slip(found: &str, name: &str) -> bool {
    let slips = osa_distance(&found.to_ascii_lowercase(), &name.to_ascii_lowercase());
    let letters = name.chars().filter(|letter| letter.is_alphanumeric()).count();
    slips <= 2 && slips * 3 <= letters
}

/// The name of the greatest likeness, which `likeness` gives as a number from 0 to about 1.
pub(crate) fn nearest_by(
    names: impl Iterator<Item = String>,
    likeness: impl Fn(&str) -> f64,
) -> Option<String> {
    names
        .map(|name| (likeness(&name), name))
        .filter(|(likeness, _)| *likeness >= LEAST)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_of_one_letter_or_two() {
        for (found, name) in [("--vcpu", "--vcpus"), ("digset", "digest"), ("--kernal", "--kernel")]
        {
            assert!(is_slip(found, name), "{found}");
        }
        for (found, name) in [
            ("--version", "--vmm-version"),
            ("--domain", "--machine"),
            ("--tik", "--tek-file"),
            ("--x", "--y"),
            ("attest", "digest"),
        ] {
            assert!(!is_slip(found, name), "{found}");
        }
    }
}
