//! The value of `-object` or `-machine`: `kind,key=value,…` with `,,` for a comma, or JSON.
//!
//! Defined by [QEMU, keyval_parse_one] and, for JSON, `qobject_from_json`. Values are read, and keys are added at the end: what stands there is not written anew.
//! Where a key stands twice in the text, the last one holds; in JSON QEMU refuses it.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;

use serde_json::Value;

/// The most keys: QEMU's own objects have a dozen.
const MOST_KEYS: usize = 1024;

/// A list of keys with their values.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    pairs: Vec<(String, Said)>,
    is_json: bool,
}

/// A value, as it is said.
#[derive(Clone, Debug)]
enum Said {
    Text(Vec<u8>),
    Json(Value),
}

/// A value that is added.
#[derive(Clone, Copy, Debug)]
pub(super) enum Added<'a> {
    Number(u32),
    Hex(u32),
    Switch(bool),
    File(&'a Path),
}

impl Keys {
    /// Reads a value; `implied` is the key of a first part that has none. An error for JSON that is none.
    pub(super) fn read(value: &OsStr, implied: &str) -> Result<Self, String> {
        let bytes = value.as_bytes();
        if bytes.first() != Some(&b'{') {
            return Self::read_text(bytes, implied);
        }
        let value: Value = serde_json::from_slice(bytes)
            .map_err(|error| format!("{error}: wanted JSON, with its texts in double quotes"))?;
        let Value::Object(map) = value else { return Err("no object of JSON".to_owned()) };
        let pairs = map.into_iter().map(|(key, value)| (key, Said::Json(value))).collect();
        Ok(Self { pairs, is_json: true })
    }

    fn read_text(text: &[u8], implied: &str) -> Result<Self, String> {
        let mut pairs = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            if pairs.len() >= MOST_KEYS {
                return Err(format!("more than {MOST_KEYS} keys"));
            }
            let end =
                rest.iter().position(|byte| matches!(byte, b'=' | b',')).unwrap_or(rest.len());
            let (key, behind) = rest.split_at_checked(end).unwrap_or((rest, &[]));
            let Ok(name) = std::str::from_utf8(key) else {
                return Err("a key that is no text".to_owned());
            };
            if name.is_empty() {
                return Err("an empty key: two commas are one that belongs to a value".to_owned());
            }
            if let Some(value) = behind.strip_prefix(b"=") {
                let (value, behind) = unescaped(value);
                pairs.push((name.to_owned(), Said::Text(value)));
                rest = behind;
                continue;
            }
            // Without a value it is the first part, or, as old releases had it, a switch.
            let (key, value) = match pairs.is_empty() {
                true => (implied, key),
                false => (name, &b"on"[..]),
            };
            pairs.push((key.to_owned(), Said::Text(value.to_vec())));
            rest = behind.strip_prefix(b",").unwrap_or(behind);
        }
        Ok(Self { pairs, is_json: false })
    }

    fn said(&self, key: &str) -> Option<&Said> {
        // QEMU takes both signs in the machine's keys, and has no key with an underscore in the object.
        let is_it = |name: &str| name == key || name.replace('_', "-") == key;
        self.pairs.iter().rev().find(|(name, _)| is_it(name)).map(|(_, said)| said)
    }

    /// Is the key there?
    pub(super) fn has(&self, key: &str) -> bool {
        self.said(key).is_some()
    }

    /// A key's value as text, if it is one.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        match self.said(key)? {
            Said::Text(text) => std::str::from_utf8(text).ok(),
            Said::Json(value) => value.as_str(),
        }
    }

    /// A number. An error with what stands there, if it is none of 32 bits.
    pub(super) fn number(&self, key: &str) -> Result<Option<u32>, String> {
        let (number, shown) = match self.said(key) {
            None => return Ok(None),
            Some(Said::Text(text)) => (
                std::str::from_utf8(text).ok().and_then(number),
                String::from_utf8_lossy(text).into(),
            ),
            Some(Said::Json(value)) => (value.as_u64(), value.to_string()),
        };
        match number.and_then(|number| u32::try_from(number).ok()) {
            Some(number) => Ok(Some(number)),
            None => Err(format!("{key}={shown}: wanted a number of 32 bits")),
        }
    }

    /// A switch. [QEMU, qapi_bool_parse]
    pub(super) fn switch(&self, key: &str) -> Result<Option<bool>, String> {
        let (on, shown) = match self.said(key) {
            None => return Ok(None),
            Some(Said::Json(value)) => (value.as_bool(), value.to_string()),
            Some(Said::Text(text)) => {
                let on = match text.as_slice() {
                    b"on" | b"yes" | b"true" | b"y" => Some(true),
                    b"off" | b"no" | b"false" | b"n" => Some(false),
                    _ => None,
                };
                (on, String::from_utf8_lossy(text).into())
            }
        };
        match on {
            Some(on) => Ok(Some(on)),
            None => Err(format!("{key}={shown}: wanted on or off")),
        }
    }

    /// The value that this was read from, with more keys behind its own. An error for a path that is no UTF-8, which JSON cannot have.
    pub(super) fn with(
        &self,
        value: &OsStr,
        added: &[(&str, Added<'_>)],
    ) -> Result<OsString, String> {
        let mut bytes = value.as_bytes().to_vec();
        if self.is_json {
            let end = bytes.iter().rposition(|byte| *byte == b'}').unwrap_or(bytes.len());
            let behind = bytes.split_off(end);
            for (key, value) in added {
                let comma = if self.pairs.is_empty() { "" } else { "," };
                bytes.extend(format!("{comma}\"{key}\":{}", json(*value)?).bytes());
            }
            bytes.extend(behind);
            return Ok(OsString::from_vec(bytes));
        }
        for (key, value) in added {
            if !ends_with_separator(&bytes) {
                bytes.push(b',');
            }
            bytes.extend(key.bytes());
            bytes.push(b'=');
            match value {
                Added::Number(number) => bytes.extend(number.to_string().bytes()),
                Added::Hex(number) => bytes.extend(format!("{number:#x}").bytes()),
                Added::Switch(on) => bytes.extend_from_slice(if *on { b"on" } else { b"off" }),
                Added::File(path) => bytes.extend(escaped(path.as_os_str().as_bytes())),
            }
        }
        Ok(OsString::from_vec(bytes))
    }
}

fn json(value: Added<'_>) -> Result<String, String> {
    Ok(match value {
        Added::Number(number) | Added::Hex(number) => number.to_string(),
        Added::Switch(on) => on.to_string(),
        Added::File(path) => match path.to_str() {
            Some(path) => Value::from(path).to_string(),
            None => return Err(format!("{}: JSON has paths in UTF-8 alone", path.display())),
        },
    })
}

/// A value with its commas doubled, as an option's text has it.
pub(crate) fn escaped(value: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(value.len());
    for byte in value {
        escaped.push(*byte);
        if *byte == b',' {
            escaped.push(*byte);
        }
    }
    escaped
}

/// A value up to its single comma, and what stands behind that.
fn unescaped(text: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut value = Vec::new();
    let mut rest = text;
    while let Some((byte, behind)) = rest.split_first() {
        rest = behind;
        if *byte == b',' {
            match rest.strip_prefix(b",") {
                Some(behind) => rest = behind,
                None => break,
            }
        }
        value.push(*byte);
    }
    (value, rest)
}

/// Is the last comma one between keys? Those before it in a row are pairs then.
fn ends_with_separator(text: &[u8]) -> bool {
    let commas = text.iter().rev().take_while(|byte| **byte == b',').count();
    commas % 2 == 1
}

/// A number as QEMU reads one: decimal, hexadecimal after `0x`, octal after `0`. [QEMU, qemu_strtou64 with base 0]
fn number(text: &str) -> Option<u64> {
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let (digits, base) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None => match text.strip_prefix('0') {
            Some(digits) if !digits.is_empty() => (digits, 8),
            _ => (text, 10),
        },
    };
    // A sign is none of a policy's.
    u64::from_str_radix(digits, base).ok().filter(|_| is_digits(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Keys {
        Keys::read(OsStr::new(text), "qom-type").unwrap()
    }

    #[test]
    fn text_is_read_as_qemu_reads_it() {
        let keys = read("sev-guest,id=a,,b,policy=0x3,policy=010,kernel-hashes=yes,");
        assert_eq!((keys.text("qom-type"), keys.text("id")), (Some("sev-guest"), Some("a,b")));
        assert_eq!(keys.number("policy"), Ok(Some(8)));
        assert_eq!(keys.switch("kernel-hashes"), Ok(Some(true)));
        assert_eq!(keys.number("cbitpos"), Ok(None));
        for text in
            ["policy=x", "policy=", "policy=-1", "policy=+1", "policy=0x", "policy=4294967296"]
        {
            let error = read(&format!("sev-guest,{text}")).number("policy").unwrap_err();
            assert!(error.starts_with(text), "{error}");
        }
        assert!(Keys::read(OsStr::new("sev-guest,,id=a"), "qom-type").is_err());
    }

    #[test]
    fn keys_are_added_behind_the_others() {
        let added = [("policy", Added::Hex(5)), ("f", Added::File(Path::new("/a,b")))];
        for (text, wanted) in [
            ("sev-guest,id=a", "sev-guest,id=a,policy=0x5,f=/a,,b"),
            ("sev-guest,id=a,", "sev-guest,id=a,policy=0x5,f=/a,,b"),
            ("sev-guest,id=a,,", "sev-guest,id=a,,,policy=0x5,f=/a,,b"),
            ("sev-guest,id=a,,,", "sev-guest,id=a,,,policy=0x5,f=/a,,b"),
            (
                r#"{"qom-type":"sev-guest", "id":"}" } "#,
                r#"{"qom-type":"sev-guest", "id":"}" ,"policy":5,"f":"/a,b"} "#,
            ),
        ] {
            let keys = read(text);
            let written = keys.with(OsStr::new(text), &added).unwrap();
            assert_eq!(written, wanted, "{text}");
            let again = read(written.to_str().unwrap());
            assert_eq!(again.text("f"), Some("/a,b"), "{text}");
            assert_eq!(again.text("id"), keys.text("id"), "{text}");
            assert_eq!(again.number("policy"), Ok(Some(5)));
        }
    }

    #[test]
    fn json_says_what_it_is() {
        let keys =
            read(r#"{"qom-type":"sev-guest","policy":5,"kernel-hashes":true,"cbitpos":"51"}"#);
        assert_eq!(keys.number("policy"), Ok(Some(5)));
        assert_eq!(keys.switch("kernel-hashes"), Ok(Some(true)));
        // QEMU: "Invalid parameter type for 'cbitpos', expected: integer".
        assert!(keys.number("cbitpos").is_err());
        let error = Keys::read(OsStr::new("{'qom-type':'sev-guest'}"), "qom-type").unwrap_err();
        assert!(error.contains("double quotes"), "{error}");
    }
}
