//! One form of a JSON value: members sorted by the bytes of their names, no white space, numbers as they were read. What is compared
//! or hashed is hashed in this form, so that the order of members and white space mean nothing.

use serde_json::Value;
use sha2::{Digest as _, Sha256 as Sha2};
use zeroize::Zeroizing;

use crate::problem::{Code, Problem};
use crate::text::Sha256;

/// The canonical form of a body that was read already, wiped when dropped: it may hold secrets.
///
/// # Errors
///
/// `malformed-json`, if `body` is not JSON.
pub fn of_body(body: &[u8]) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| Problem::new(Code::MalformedJson, error.to_string()))?;
    // At most six bytes for one: a control character is escaped. With its capacity at once it leaves no copies behind.
    let mut out = Zeroizing::new(Vec::with_capacity(body.len().saturating_add(64)));
    write(&value, &mut out);
    wipe(value);
    Ok(out)
}

/// SHA-256 of the canonical form of a body.
///
/// # Errors
///
/// As [`of_body`].
pub fn digest(body: &[u8]) -> Result<Sha256, Problem> {
    Ok(Sha256(Sha2::digest(&*of_body(body)?).into()))
}

/// The canonical form of a value.
#[must_use]
pub fn of_value(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write(value, &mut out);
    out
}

/// The same as text.
#[must_use]
pub fn text_of_value(value: &Value) -> String {
    // What is written of JSON is UTF-8.
    String::from_utf8_lossy(&of_value(value)).into_owned()
}

fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.extend(b"null"),
        Value::Bool(value) => out.extend(value.to_string().bytes()),
        Value::Number(number) => out.extend(number.to_string().bytes()),
        Value::String(text) => write_text(text, out),
        Value::Array(values) => {
            out.push(b'[');
            for (at, value) in values.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write(value, out);
            }
            out.push(b']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| name.as_bytes());
            out.push(b'{');
            for (at, (name, value)) in members.into_iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write_text(name, out);
                out.push(b':');
                write(value, out);
            }
            out.push(b'}');
        }
    }
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    // A string is always written.
    let written = serde_json::to_writer(&mut *out, text);
    debug_assert!(written.is_ok(), "a string is written to memory");
}

/// Wipes the texts of a value, but for the names of members.
pub fn wipe(value: Value) {
    match value {
        Value::String(text) => drop(Zeroizing::new(text)),
        Value::Array(values) => values.into_iter().for_each(wipe),
        Value::Object(members) => members.into_iter().for_each(|(_, value)| wipe(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_white_space_mean_nothing() {
        let one = digest(br#"{"b": [1, {"z": null, "a": "x"}], "a": true}"#).expect("JSON");
        let other =
            digest(b"{\"a\":true,\n\"b\":[1,{\"a\":\"\\u0078\",\"z\":null}]}").expect("JSON");
        assert_eq!(one, other);
        // printf '%s' '{"a":true,"b":[1,{"a":"x","z":null}]}' | sha256sum
        assert_eq!(
            one.to_string(),
            "9fad447aa27c4a7b8385e0d000319aaf9c255ff798da4c706cb8e99735844c1f"
        );
        assert_ne!(one, digest(br#"{"a": true, "b": [{"a": "x", "z": null}, 1]}"#).expect("JSON"));
    }

    // serde_json reads this number a few units off in the last place unless it is told not to, and its own text otherwise again.
    #[test]
    fn the_form_of_a_form_is_the_same() {
        let body = "8".repeat(71);
        let form = of_body(body.as_bytes()).expect("JSON");
        // Python: repr(float('8' * 71))
        assert_eq!(String::from_utf8_lossy(&form), "8.888888888888888e+70");
        assert_eq!(*of_body(&form).expect("JSON"), *form);
    }
}
