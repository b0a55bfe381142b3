//! A description as keys and values, in the order of its file: what is written, and what is shown.
//!
//! ```
//! use sev_launch_description::{Description, Origin};
//!
//! let text = "[boot]\ncmdline_hex = 'ff'";
//! let description = Description::from_toml(text, &Origin::file("launch.toml"), "".as_ref())?;
//! assert_eq!(description.entries()[0].key, "boot.cmdline_hex");
//! assert_eq!(description.to_toml(true)?, "[boot]\ncmdline_hex = \"ff\"  # launch.toml\n");
//! # Ok::<(), sev_launch_description::Error>(())
//! ```

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Map, Value, json};
use sev_launch_abi::text::printable;

use crate::description::Description;
use crate::error::Error;
use crate::form::Written;
use crate::origin::Origin;

/// One key with its value; written as JSON, its key, its value in JSON's form and its origin's text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The key with its table, as `boot.kernel`.
    pub key: &'static str,
    /// The value as TOML has it.
    #[serde(skip)]
    pub toml: String,
    /// The value as JSON has it.
    #[serde(rename = "value")]
    pub json: Value,
    /// Where it came from.
    pub origin: Origin,
    /// Can it be written? The name of a file that is no UTF-8 is shown only in part.
    #[serde(skip)]
    pub(crate) is_whole: bool,
}

impl Description {
    /// The description as `launch.toml`; with `origins` a comment after each value says where it came from.
    ///
    /// Without origins, what is read back is the same description.
    ///
    /// Errors: the name of a file that is no UTF-8 text, which TOML cannot hold.
    pub fn to_toml(&self, origins: bool) -> Result<String, Error> {
        let mut text = String::new();
        let mut table = "";
        for entry in self.writable_entries()? {
            let (own, key) = entry.key.split_once('.').unwrap_or(("", entry.key));
            if own != table {
                let gap = if text.is_empty() { "" } else { "\n" };
                // Writing to a String cannot fail.
                let _ = writeln!(text, "{gap}[{own}]");
                table = own;
            }
            let comment = match origins {
                // A comment ends where a line does, and has no escapes of its own.
                true => format!("  # {}", printable(&entry.origin.to_string())),
                false => String::new(),
            };
            let _ = writeln!(text, "{key} = {}{comment}", entry.toml);
        }
        for unknown in &self.unknown {
            let gap = if text.is_empty() { "" } else { "\n" };
            let _ = writeln!(text, "{gap}[[unknown]]");
            for (key, value) in unknown.parts() {
                let _ = writeln!(text, "{key} = {}", Written::text(value).toml);
            }
        }
        Ok(text)
    }

    /// The description as JSON.
    ///
    /// Errors: the name of a file that is no UTF-8 text, which JSON cannot hold.
    pub fn to_json(&self) -> Result<Value, Error> {
        let mut document = Map::new();
        for entry in self.writable_entries()? {
            match entry.key.split_once('.') {
                None => {
                    document.insert(entry.key.into(), entry.json);
                }
                Some((table, key)) => {
                    let table = document.entry(table).or_insert_with(|| Map::new().into());
                    if let Some(table) = table.as_object_mut() {
                        table.insert(key.into(), entry.json);
                    }
                }
            }
        }
        if !self.unknown.is_empty() {
            document.insert("unknown".into(), json!(self.unknown));
        }
        Ok(document.into())
    }

    /// Every key that has a value, if all of them can be written: another name would be that of another file.
    fn writable_entries(&self) -> Result<Vec<Entry>, Error> {
        let entries = self.entries();
        match entries.iter().find(|entry| !entry.is_whole) {
            Some(Entry { key, toml, .. }) => Err(Error::NotText { key, shown: toml.clone() }),
            None => Ok(entries),
        }
    }
}

/// Writes a value by a key; `None` if the key cannot hold it.
pub(crate) type Writer<'a, T> = &'a dyn Fn(&T) -> Option<Written>;

/// Writes a field's values by the first of its keys that can hold them all. Values of several kinds (a file and a hash) are
/// written each by its own: no file may hold them, and none is dropped.
pub(crate) fn write<T>(
    list: &mut Vec<Entry>,
    values: &[T],
    origin: &Origin,
    keys: &[(&'static str, Writer<'_, T>)],
) {
    let mut push = |key: &'static str, written: Vec<Written>| {
        let Written { toml, json, is_whole } = Written::list(written);
        list.push(Entry { key, toml, json, origin: origin.clone(), is_whole });
    };
    for (key, write) in keys {
        if let Some(written) = values.iter().map(write).collect::<Option<Vec<_>>>() {
            return push(key, written);
        }
    }
    for (key, write) in keys {
        let written: Vec<_> = values.iter().filter_map(write).collect();
        if !written.is_empty() {
            push(key, written);
        }
    }
}
