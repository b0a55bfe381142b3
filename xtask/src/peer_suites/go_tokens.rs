//! The pieces of a source file of Go.

use anyhow::{Context as _, Result};

/// A piece of a source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A name, with the names after its points: `abi.SnpPolicy`.
    Word(String),
    /// In decimal, or in hex after `0x`.
    Number(u64),
    /// Between any of Go's quotes.
    Text(String),
    /// Any other character.
    Sign(char),
}

/// Takes a text apart; comments and blanks are left out.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            _ if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            _ if rest.starts_with("/*") => rest.find("*/").context("a comment without end")? + 2,
            '"' | '`' | '\'' => {
                let length = quoted(rest, first).context("a text without end")?;
                tokens.push(Token::Text(unquoted(
                    rest.get(1..length - 1).unwrap_or_default(),
                    first,
                )));
                length
            }
            _ if first.is_alphanumeric() || first == '_' => {
                let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
                let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                let word = rest.get(..length).unwrap_or_default();
                let number = match word.strip_prefix("0x") {
                    Some(digits) => u64::from_str_radix(digits, 16).ok(),
                    None => word.parse().ok(),
                };
                tokens.push(number.map_or_else(|| Token::Word(word.to_owned()), Token::Number));
                length
            }
            _ => {
                if !first.is_whitespace() {
                    tokens.push(Token::Sign(first));
                }
                first.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    Ok(tokens)
}

/// The bytes of a text with its quotes.
fn quoted(rest: &str, quote: char) -> Option<usize> {
    let mut is_escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if quote != '`' => is_escaped = true,
            _ if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// A text as it is meant: the tables have no escapes but of quotes.
fn unquoted(text: &str, quote: char) -> String {
    match quote {
        '`' => text.to_owned(),
        _ => text.replace("\\\"", "\""),
    }
}
