//! Names that owners choose for what is published: what readers take, and what they do not.

use arbitrary::{Result, Unstructured};

use super::made;

/// A name, put together from what some reader takes, or a text that none takes.
pub(super) fn chosen(u: &mut Unstructured<'_>) -> Result<String> {
    const PARTS: [&str; 24] = [
        "a", "digests", "guest", "1", "0x1", "1e3", "yes", "null", "true", "default", "in", "data",
        "allow", "with", "_", "-", ".", ".", ".", "-", "A", "é", "\n", "~",
    ];
    if u.ratio(1, 8)? {
        return made::text(u);
    }
    let long = if u.ratio(1, 16)? { u.int_in_range(60..=255)? } else { 0 };
    let parts = (0..u.int_in_range(0..=3)?).map(|_| Ok(*u.choose(&PARTS)?));
    Ok(parts.collect::<Result<String>>()? + &"a".repeat(long))
}

/// [Kubernetes, IsDNS1123Label]
pub(super) fn is_label(name: &str) -> bool {
    name.len() <= 63 && is_part(name)
}

/// [Kubernetes, IsDNS1123Subdomain]
pub(super) fn is_subdomain(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(is_part)
}

fn is_part(text: &str) -> bool {
    let is_own = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '-');
    !text.is_empty() && text.chars().all(is_own) && !text.starts_with('-') && !text.ends_with('-')
}

/// Identifiers with dots between, none of which is a word of the language. [OPA, grammar and reserved names]
pub(super) fn is_package(name: &str) -> bool {
    const WORDS: [&str; 17] = [
        "as", "contains", "data", "default", "else", "every", "false", "if", "import", "in",
        "input", "not", "null", "package", "some", "true", "with",
    ];
    let is_identifier = |part: &str| {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
        rest.is_empty()
            && !part.is_empty()
            && !part.starts_with(|c: char| c.is_ascii_digit())
            && !WORDS.contains(&part)
    };
    // Nobody needs a longer one.
    name.len() <= 200 && name.split('.').all(is_identifier)
}
