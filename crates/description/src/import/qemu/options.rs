//! The value of an option: `key=value` with `,,` for a comma, or JSON.
//!
//! Defined by [QEMU, keyval_parse, qemu_opts_parse]. The first part may leave its key out, where the option has one for it.
//! A key without a value is on, and with `no` before it off. Where a key stands twice the last one holds; in JSON it is refused.

use serde_json::Value;

/// Keys with their values; nested JSON has keys with dots, as `file.filename`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Options(Vec<(String, String)>);

/// How deep JSON may be nested, and how many keys there may be: QEMU's own options have a dozen.
const MOST_KEYS: usize = 1024;

impl Options {
    /// Reads an option's value; `implied` is the key of a first part that has none. An error for JSON that is none, or
    /// has a key twice.
    pub(super) fn parse(text: &str, implied: Option<&str>) -> Result<Self, String> {
        let mut options = Self::default();
        if text.starts_with('{') {
            let value =
                crate::strict::from_slice(text.as_bytes()).map_err(|error| error.to_string())?;
            options.flatten("", &value)?;
            return Ok(options);
        }
        for (number, part) in parts(text).into_iter().enumerate() {
            let (key, value) = match (part.split_once('='), implied) {
                (Some((key, value)), _) => (key.to_owned(), value.to_owned()),
                (None, Some(implied)) if number == 0 => (implied.to_owned(), part),
                (None, _) => match part.strip_prefix("no") {
                    Some(key) if !key.is_empty() => (key.to_owned(), "off".into()),
                    _ => (part, "on".into()),
                },
            };
            options.push(key, value)?;
        }
        Ok(options)
    }

    fn flatten(&mut self, key: &str, value: &Value) -> Result<(), String> {
        let inner = |name: &str| match key {
            "" => name.to_owned(),
            _ => format!("{key}.{name}"),
        };
        match value {
            Value::Object(map) => {
                map.iter().try_for_each(|(name, value)| self.flatten(&inner(name), value))
            }
            Value::Array(list) => list
                .iter()
                .enumerate()
                .try_for_each(|(index, value)| self.flatten(&inner(&index.to_string()), value)),
            Value::String(text) => self.push(key.to_owned(), text.clone()),
            Value::Bool(on) => self.push(key.to_owned(), if *on { "on" } else { "off" }.into()),
            Value::Number(number) => self.push(key.to_owned(), number.to_string()),
            // None, as in `"backing": null`.
            Value::Null => Ok(()),
        }
    }

    fn push(&mut self, key: String, value: String) -> Result<(), String> {
        if self.0.len() >= MOST_KEYS {
            return Err(format!("more than {MOST_KEYS} keys"));
        }
        self.0.push((key, value));
        Ok(())
    }

    /// A key's value: the last, where it stands twice.
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        self.0.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// The first of several spellings that has a value.
    pub(super) fn any(&self, keys: &[&str]) -> Option<&str> {
        keys.iter().find_map(|key| self.value(key))
    }

    /// Takes further keys in, which hold where one stands twice.
    pub(super) fn merge(&mut self, later: Self) -> Result<(), String> {
        later.0.into_iter().try_for_each(|(key, value)| self.push(key, value))
    }

    /// The keys with their values, in order.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The keys that are none of some.
    pub(super) fn without(mut self, is_one: impl Fn(&str) -> bool) -> Self {
        self.0.retain(|(key, _)| !is_one(key));
        self
    }

    /// The keys that start so, without that start.
    pub(super) fn under(self, start: &str) -> Self {
        let rest =
            |(key, value): (String, String)| Some((key.strip_prefix(start)?.to_owned(), value));
        Self(self.0.into_iter().filter_map(rest).collect())
    }

    /// The same with dashes in place of underscores in keys, as QEMU takes both. [QEMU, keyval_dashify, feat2prop]
    pub(super) fn dashed(mut self) -> Self {
        for (key, _) in &mut self.0 {
            *key = key.replace('_', "-");
        }
        self
    }

    /// Sets a key.
    pub(super) fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        self.push(key.to_owned(), value.to_owned())
    }

    /// A number as QEMU reads one: decimal, hex after `0x`, octal after `0`.
    pub(super) fn number(&self, key: &str) -> Result<Option<u64>, String> {
        self.value(key)
            .map(|text| number(text).map_err(|error| format!("{key}: {error}")))
            .transpose()
    }

    /// A switch. [QEMU, qapi_bool_parse]
    pub(super) fn switch(&self, key: &str) -> Result<Option<bool>, String> {
        let Some(text) = self.value(key) else { return Ok(None) };
        match text {
            "on" | "yes" | "true" | "y" => Ok(Some(true)),
            "off" | "no" | "false" | "n" => Ok(Some(false)),
            _ => Err(format!("{key}: {text:?} is neither on nor off")),
        }
    }
}

fn number(text: &str) -> Result<u64, String> {
    let octal = text.strip_prefix('0').filter(|rest| !rest.is_empty());
    match octal {
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            u64::from_str_radix(digits, 8).map_err(|_| format!("{text:?} is no octal number"))
        }
        _ => crate::number::number(text),
    }
}

/// The parts between single commas; two commas are one that belongs to its part.
fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, parts.last_mut()) {
            (',', _) if characters.peek() != Some(&',') => parts.push(String::new()),
            (',', Some(part)) => {
                characters.next();
                part.push(',');
            }
            (_, Some(part)) => part.push(character),
            (_, None) => {}
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values() {
        let options = Options::parse("q35,accel=kvm,usb=off,nosmm,acpi", Some("type")).unwrap();
        for (key, value) in
            [("type", "q35"), ("accel", "kvm"), ("usb", "off"), ("smm", "off"), ("acpi", "on")]
        {
            assert_eq!(options.value(key), Some(value), "{key}");
        }
        assert_eq!(options.value("x"), None);
    }

    // QEMU's manual: a comma in a file name is doubled.
    #[test]
    fn two_commas_are_one() {
        let options = Options::parse("if=pflash,file=/a,,b,,c.fd,unit=0", None).unwrap();
        assert_eq!(options.value("file"), Some("/a,b,c.fd"));
        assert_eq!(options.value("unit"), Some("0"));
    }

    #[test]
    fn json_is_flattened_and_the_last_key_holds_outside_of_it() {
        let text = r#"{"qom-type":"sev-guest","policy":5,"kernel-hashes":true,"file":{"filename":"x"},"a":[1]}"#;
        let options = Options::parse(text, None).unwrap();
        assert_eq!(options.number("policy"), Ok(Some(5)));
        assert_eq!(options.switch("kernel-hashes"), Ok(Some(true)));
        assert_eq!(options.value("file.filename"), Some("x"));
        assert_eq!(options.value("a.0"), Some("1"));
        assert!(Options::parse("{", None).is_err());
        let twice = Options::parse("a=1,a=2", None).unwrap();
        assert_eq!(twice.value("a"), Some("2"));
        // QEMU 10.0: "duplicate key" of its JSON parser.
        let error = Options::parse(r#"{"policy":1,"policy":5}"#, None).unwrap_err();
        assert!(error.contains("\"policy\" stands twice"), "{error}");
    }

    // strtoull with base 0, as qemu_strtou64 calls it.
    #[test]
    fn numbers_have_three_bases() {
        let read = |text: &str| Options::parse(&format!("n={text}"), None).unwrap().number("n");
        assert_eq!(read("10"), Ok(Some(10)));
        assert_eq!(read("0x10"), Ok(Some(16)));
        assert_eq!(read("010"), Ok(Some(8)));
        assert_eq!(read("0"), Ok(Some(0)));
        for wrong in ["", "08", "x", "-1", "0x"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
