//! The properties of server, flavor and image, in the forms that clients of several years print them in.
//!
//! `properties` is an object in newer clients and a text `k='v', k2='v2'` in older ones; a server's flavor is an object, such
//! a text, or no more than a name.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::Source;
use super::Documents;
use crate::error::Error;

/// The most bytes of a document: they have a few kilobytes.
pub const MOST_BYTES: usize = 1 << 20;

/// Keys with their values, as text; `None` where JSON has null.
#[derive(Debug, Default)]
struct Table(BTreeMap<String, Option<String>>);

/// What the documents say.
pub(super) struct Properties {
    server: Table,
    flavor: Table,
    image: Table,
    /// Are the flavor's extra specs shown, be they none? A name, or a flavor from an older API, does not show them.
    pub(super) has_specs: bool,
    /// Are there properties of the image? Without them nothing can be said to be missing.
    pub(super) has_image: bool,
    /// Was there a document of the image itself, which alone says that a property is not there?
    pub(super) has_document: bool,
}

/// A property with its place.
pub(super) struct Found<'a> {
    pub(super) value: &'a str,
    pub(super) place: String,
}

impl Properties {
    pub(super) fn read(documents: Documents<'_>, source: Source<'_>) -> Result<Self, Error> {
        let Documents { server, flavor, image } = documents;
        if server.is_none() && flavor.is_none() && image.is_none() {
            return source.error("no server, flavor or image");
        }
        let has_document = image.is_some();
        let server = read(server, "server", source)?;
        let (flavor, image) = (read(flavor, "flavor", source)?, read(image, "image", source)?);
        let shown_specs = [flavor.get("properties"), flavor.get("extra_specs")];
        let has_specs = shown_specs.into_iter().flatten().any(|specs| !specs.is_null())
            || server.get("flavor").is_some_and(shows_specs);
        let tables = || {
            let mut flavor = table(&flavor, &["properties", "extra_specs"])
                .map_err(|error| format!("flavor: {error}"))?;
            let own = server.get("flavor").map(inner).unwrap_or_else(|| Ok(Table::default()));
            let own = own.map_err(|error| format!("the server's flavor: {error}"))?;
            flavor.merge(own).map_err(|error| format!("the flavor and the server's: {error}"))?;
            let mut image = table(&image, &["properties", "volume_image_metadata"])
                .map_err(|error| format!("image: {error}"))?;
            // Newer clients show the properties of the image that the server was made from.
            let shown = server.get("image").and_then(|image| image.get("properties"));
            let shown = [shown, server.get("volume_image_metadata")];
            let has_image = has_document || shown.iter().flatten().any(|shown| !shown.is_null());
            for own in shown.into_iter().flatten() {
                let own = inner(own).map_err(|error| format!("the server's image: {error}"))?;
                image.merge(own).map_err(|error| format!("the image and the server's: {error}"))?;
            }
            let server = table(&server, &["properties", "metadata"])
                .map_err(|error| format!("server: {error}"))?;
            Ok(Self { server, flavor, image, has_specs, has_image, has_document })
        };
        tables().or_else(|error: String| source.error(error))
    }

    pub(super) fn server(&self, key: &str) -> Option<Found<'_>> {
        find(&self.server, key, "server property")
    }

    pub(super) fn flavor(&self, key: &str) -> Option<Found<'_>> {
        find(&self.flavor, key, "flavor property")
    }

    /// Every key of the flavor and of the image, with its value and its place.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&str, &str, &'static str)> {
        let flavor = self.flavor.pairs().map(|(key, value)| (key, value, "flavor property"));
        flavor.chain(self.image.pairs().map(|(key, value)| (key, value, "image property")))
    }

    pub(super) fn image(&self, key: &str) -> Option<Found<'_>> {
        find(&self.image, key, "image property")
    }

    /// Is a property of the image null, so that nobody says whether there is none?
    pub(super) fn image_is_null(&self, key: &str) -> bool {
        self.image.0.get(key).is_some_and(Option::is_none)
    }
}

/// Does a server's flavor show its extra specs? In a text of pairs they are called so.
fn shows_specs(flavor: &Value) -> bool {
    match flavor {
        Value::Object(map) => {
            let shown = [map.get("extra_specs"), map.get("properties")];
            shown.into_iter().flatten().any(|specs| !specs.is_null())
        }
        Value::String(text) => ["extra_specs", "hw:"].iter().any(|start| {
            let is_key =
                |(at, _)| at == 0 || text.get(..at).is_some_and(|rest| rest.ends_with(", "));
            text.match_indices(start).any(is_key)
        }),
        _ => false,
    }
}

fn find<'a>(table: &'a Table, key: &str, what: &str) -> Option<Found<'a>> {
    table.0.get(key)?.as_deref().map(|value| Found { value, place: format!("{what} {key}") })
}

/// A document's object.
fn read(
    document: Option<&[u8]>,
    what: &str,
    source: Source<'_>,
) -> Result<serde_json::Map<String, Value>, Error> {
    let Some(bytes) = document else { return Ok(serde_json::Map::new()) };
    source.check_size(bytes.len(), MOST_BYTES)?;
    match crate::strict::from_slice(bytes) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => source.error(format!(
            "the {what} is no JSON object: print it with `openstack {what} show -f json`"
        )),
        Err(error) => Err(source.syntax(format!("{what}: {error}"))),
    }
}

impl Table {
    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|(key, value)| Some((key.as_str(), value.as_deref()?)))
    }

    /// Takes in further keys, which hold where one stands twice; null holds over nothing.
    ///
    /// Errors: two values of a key that counts.
    fn merge(&mut self, later: Self) -> Result<(), String> {
        later.0.into_iter().try_for_each(|(key, value)| self.insert(key, value))
    }

    fn insert(&mut self, key: String, value: Option<String>) -> Result<(), String> {
        if let (Some(Some(old)), Some(new)) = (self.0.get(&key), &value)
            && counts(&key)
            && !is_same(old, new)
        {
            return Err(format!("{key} is {old:?}, and {new:?} in another place"));
        }
        let known = self.0.entry(key).or_default();
        *known = value.or(known.take());
        Ok(())
    }
}

/// A key that Nova reads, so that its value must be known.
fn counts(key: &str) -> bool {
    ["hw:", "hw_", "os:", "os_", "ATTESTATION:"].iter().any(|start| key.starts_with(start))
        || matches!(key.strip_prefix("OS-EXT-SRV-ATTR:").unwrap_or(key), "kernel_id" | "ramdisk_id")
        || matches!(key, "vcpus" | "architecture")
}

/// Are two values the same? Switches stand in several cases of letters.
fn is_same(one: &str, other: &str) -> bool {
    let is_switch = |text: &str| ["true", "false"].iter().any(|on| text.eq_ignore_ascii_case(on));
    one == other || is_switch(one) && one.eq_ignore_ascii_case(other)
}

/// A document's own keys, and those of the tables in it, which hold where a key stands in both.
fn table(map: &serde_json::Map<String, Value>, tables: &[&str]) -> Result<Table, String> {
    let mut table = Table::default();
    for (key, value) in map.iter().filter(|(key, _)| !tables.contains(&key.as_str())) {
        if let Some(text) = text(key, value)? {
            table.insert(key.clone(), text)?;
        }
    }
    for name in tables {
        if let Some(value) = map.get(*name) {
            table.merge(inner(value).map_err(|error| format!("{name}: {error}"))?)?;
        }
    }
    Ok(table)
}

/// The keys of an object, or of a text that lists them. Those of a flavor's extra specs stand beside its own.
fn inner(value: &Value) -> Result<Table, String> {
    match value {
        Value::Object(map) => table(map, &["extra_specs", "properties"]),
        Value::String(list) => pairs(list),
        Value::Null => Ok(Table::default()),
        _ => Err("wanted an object, or a text of key='value'".into()),
    }
}

/// A value as text, in which null is none; `None` for a list or an object that nobody reads. An error for one of a key that counts.
fn text(key: &str, value: &Value) -> Result<Option<Option<String>>, String> {
    Ok(Some(match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(on) => Some(on.to_string()),
        Value::Null => None,
        Value::Array(_) | Value::Object(_) if counts(key) => {
            return Err(format!("{key} is a list or an object, wanted a text"));
        }
        Value::Array(_) | Value::Object(_) => return Ok(None),
    }))
}

/// `k='v', k2='v2'`, as the client's `format_dict` writes it, and `k=` for none. A quote in a value is not escaped there, so a value
/// ends at the quote before a comma or the end. A text without `=` is a name.
fn pairs(text: &str) -> Result<Table, String> {
    let mut table = Table::default();
    let mut rest = text.trim();
    if !rest.contains('=') {
        return Ok(table);
    }
    while !rest.is_empty() {
        // An empty object.
        if let Some(after) = rest.strip_prefix(", ") {
            rest = after;
            continue;
        }
        let wrong = || format!("{rest:?} does not start with key='value'");
        let (key, after) = rest.split_once('=').ok_or_else(wrong)?;
        let (value, tail) = match after.strip_prefix('\'') {
            Some(quoted) => {
                let last = || quoted.ends_with('\'').then(|| quoted.len() - 1);
                let end = quoted.find("', ").or_else(last).ok_or_else(wrong)?;
                let (value, tail) = quoted.split_at_checked(end).ok_or_else(wrong)?;
                (Some(value.to_owned()), tail.strip_prefix("', ").unwrap_or_default())
            }
            None if after.is_empty() || after == "," => (None, ""),
            None => (None, after.strip_prefix(", ").ok_or_else(wrong)?),
        };
        let key = key.trim();
        let key = key.strip_prefix("extra_specs.").unwrap_or(key);
        if table.0.insert(key.to_owned(), value).is_some() {
            return Err(format!("{key} stands twice"));
        }
        rest = tail;
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_as_text_and_as_object() {
        let text = "description=, hw:mem_encryption='True', a='it's, so', os='x=y z', empty=''";
        let table = pairs(text).unwrap();
        let value = |key: &str| table.0.get(key).cloned();
        let some = |text: &str| Some(Some(text.to_owned()));
        assert_eq!(value("hw:mem_encryption"), some("True"));
        assert_eq!(value("a"), some("it's, so"));
        assert_eq!(value("os"), some("x=y z"));
        assert_eq!(value("empty"), some(""));
        assert_eq!(value("description"), Some(None));
        assert!(pairs("m1.small (4b1)").unwrap().0.is_empty());
        for wrong in ["a='b", "a='b', c", "a='b', a=''", "a=b"] {
            assert!(pairs(wrong).is_err(), "{wrong}");
        }
        let json = serde_json::json!({"vcpus": 4, "extra_specs": {"k": "v"}});
        let table = inner(&json).unwrap();
        assert_eq!(table.0.get("vcpus").cloned(), some("4"));
        assert_eq!(table.0.get("k").cloned(), some("v"));
    }
}
