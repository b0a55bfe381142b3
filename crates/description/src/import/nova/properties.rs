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

/// Keys with their values, as text.
type Table = BTreeMap<String, String>;

/// What the documents say.
pub(super) struct Properties {
    server: Table,
    flavor: Table,
    image: Table,
    /// Was there an image document? Without one, nothing can be said to be missing.
    pub(super) has_image: bool,
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
        let server = read(server, "server", source)?;
        let own = server.get("flavor").map(inner).unwrap_or_default();
        let flavor = match flavor {
            Some(_) => table(&read(flavor, "flavor", source)?, &["properties", "extra_specs"]),
            None => own,
        };
        Ok(Self {
            server: table(&server, &["properties", "metadata"]),
            flavor,
            image: table(&read(image, "image", source)?, &["properties"]),
            has_image: image.is_some(),
        })
    }

    pub(super) fn server(&self, key: &str) -> Option<Found<'_>> {
        find(&self.server, key, "server property")
    }

    pub(super) fn flavor(&self, key: &str) -> Option<Found<'_>> {
        find(&self.flavor, key, "flavor property")
    }

    /// Every key of the flavor and of the image, with its place.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&str, &'static str)> {
        let flavor = self.flavor.keys().map(|key| (key.as_str(), "flavor property"));
        flavor.chain(self.image.keys().map(|key| (key.as_str(), "image property")))
    }

    pub(super) fn image(&self, key: &str) -> Option<Found<'_>> {
        find(&self.image, key, "image property")
    }
}

fn find<'a>(table: &'a Table, key: &str, what: &str) -> Option<Found<'a>> {
    table.get(key).map(|value| Found { value, place: format!("{what} {key}") })
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

/// A document's own keys, and those of the tables in it, which hold where a key stands in both.
fn table(map: &serde_json::Map<String, Value>, tables: &[&str]) -> Table {
    let mut table: Table =
        map.iter().filter_map(|(key, value)| Some((key.clone(), text(value)?))).collect();
    for name in tables {
        table.extend(map.get(*name).map(inner).unwrap_or_default());
    }
    table
}

/// The keys of an object, or of a text that lists them. Those of a flavor's extra specs stand beside its own.
fn inner(value: &Value) -> Table {
    match value {
        Value::Object(map) => {
            let mut table = Table::new();
            for (key, value) in map {
                match (key.as_str(), value) {
                    ("extra_specs" | "properties", _) => table.extend(inner(value)),
                    _ => table.extend(text(value).map(|text| (key.clone(), text))),
                }
            }
            table
        }
        Value::String(list) => {
            let strip = |key: &str| key.strip_prefix("extra_specs.").unwrap_or(key).to_owned();
            pairs(list).into_iter().map(|(key, value)| (strip(&key), value)).collect()
        }
        _ => Table::new(),
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(on) => Some(on.to_string()),
        _ => None,
    }
}

/// `k='v', k2='v2'`, as the client's `format_dict` writes it. A quote in a value is not escaped there, so a value ends at
/// the quote before a comma or the end.
fn pairs(text: &str) -> Table {
    let mut table = Table::new();
    let mut rest = text.trim();
    while let Some((key, after)) = rest.split_once("='") {
        let end = after.find("', ").or_else(|| after.ends_with('\'').then(|| after.len() - 1));
        let Some((value, tail)) = end.and_then(|end| after.split_at_checked(end)) else { break };
        table.insert(key.trim().to_owned(), value.to_owned());
        rest = tail.strip_prefix("', ").unwrap_or_default();
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_as_text_and_as_object() {
        let text = "hw:mem_encryption='True', a='it's, so', os='x=y z', empty=''";
        let table = pairs(text);
        assert_eq!(table.get("hw:mem_encryption").map(String::as_str), Some("True"));
        assert_eq!(table.get("a").map(String::as_str), Some("it's, so"));
        assert_eq!(table.get("os").map(String::as_str), Some("x=y z"));
        assert_eq!(table.get("empty").map(String::as_str), Some(""));
        assert!(pairs("m1.small (4b1)").is_empty());
        assert!(pairs("a='b").is_empty());
        let json = serde_json::json!({"vcpus": 4, "extra_specs": {"k": "v"}});
        let table = inner(&json);
        assert_eq!(table.get("vcpus").map(String::as_str), Some("4"));
        assert_eq!(table.get("k").map(String::as_str), Some("v"));
    }
}
