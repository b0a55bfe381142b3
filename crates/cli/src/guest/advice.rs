//! What to do about a description's error: the flags that settle it, which the library does not know.

use sev_launch_description::{Error, Unknown, keys};

/// What follows an error's text; empty if the text says it all.
pub(crate) fn advice(error: &Error) -> String {
    match error {
        Error::Unknown(unknown) => format!("\n  give {}", settle(unknown).join(", ")),
        _ => String::new(),
    }
}

/// The flags that settle what is unknown, each once.
fn settle(unknown: &[Unknown]) -> Vec<String> {
    let mut flags: Vec<String> = Vec::new();
    for unknown in unknown {
        let flag = match unknown.key {
            Some(key) => flag_of(key).unwrap_or(key).to_owned(),
            None => {
                let text = unknown.text.replace('\'', "'\\''");
                format!("--harmless '{text}' (if it changes nothing)")
            }
        };
        if !flags.contains(&flag) {
            flags.push(flag);
        }
    }
    flags
}

/// The flag that says a key's value.
fn flag_of(key: &str) -> Option<&'static str> {
    keys::find(key)?.flag
}
