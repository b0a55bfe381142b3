//! The file's form: `launch.toml`, and JSON of the same shape.
//!
//! Every key may be left out. Those that are axes of a sweep take one value or a list. Numbers may be text, so that JSON
//! can hold hex; in TOML `0x5` is a number of its own. A key that means nothing is an error, since a misspelt restriction
//! would be no restriction.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use sev_launch_abi::CpuSignature;

use crate::axes::Cpu;
use crate::description::Description;
use crate::error::Error;
use crate::form::OneOrMany;
use crate::keys::{self, FileForm};
use crate::object::{Fields, Object};
use crate::origin::{Field, Origin, Sourced};
use crate::source::Source;
use crate::unknown::Unknown;

/// The most bytes of a description's file: a command line may have a few kilobytes, and a sweep a few hundred of them.
const MOST_BYTES: usize = 1 << 20;

impl Description {
    /// Reads `launch.toml`. Relative paths in it are taken from `folder`, the file's own.
    ///
    /// Errors: no TOML; a key that means nothing, with the one that was likely meant; a value that cannot be what its key
    /// stands for; two keys that say the same thing.
    pub fn from_toml(text: &str, origin: &Origin, folder: &Path) -> Result<Self, Error> {
        let file = origin.to_string();
        let source = Source(&file);
        source.check_size(text.len(), MOST_BYTES)?;
        let table = toml::de::DeTable::parse(text).map_err(|error| source.toml(text, &error))?;
        let line = |at: usize| {
            let before = text.as_bytes().get(..at).unwrap_or_default();
            Some(before.iter().filter(|byte| **byte == b'\n').count() + 1)
        };
        for (key, value) in table.get_ref() {
            keys::check(&file, key.get_ref(), line(key.span().start))?;
            let inner = value.get_ref().as_table();
            for (inner, _) in inner.into_iter().flatten() {
                let name = format!("{}.{}", key.get_ref(), inner.get_ref());
                keys::check(&file, &name, line(inner.span().start))?;
            }
        }
        let Object(form) = toml::from_str(text).map_err(|error| source.toml(text, &error))?;
        describe(form, origin, source).map(|description| description.in_folder(folder))
    }

    /// Reads the same as JSON. Relative paths in it are taken from `folder`. Errors are those of TOML.
    pub fn from_json(text: &[u8], origin: &Origin, folder: &Path) -> Result<Self, Error> {
        let file = origin.to_string();
        let source = Source(&file);
        let syntax = |error: serde_json::Error| source.syntax(error);
        source.check_size(text.len(), MOST_BYTES)?;
        let value = crate::strict::from_slice(text).map_err(syntax)?;
        for (key, value) in value.as_object().into_iter().flatten() {
            keys::check(&file, key, None)?;
            for (inner, _) in value.as_object().into_iter().flatten() {
                keys::check(&file, &format!("{key}.{inner}"), None)?;
            }
        }
        if let Some(place) = null_in(&value, "") {
            let message = "null says nothing: give a value, or leave the key out";
            return Err(source.value(place, message));
        }
        // From the text again, so that an error has its place and a key that stands twice is one.
        let Object(form) = serde_json::from_slice(text).map_err(syntax)?;
        describe(form, origin, source).map(|description| description.in_folder(folder))
    }
}

/// Where a document has a null: `serde` would take it for a key that was left out, and a demand would be dropped.
fn null_in(value: &Value, place: &str) -> Option<String> {
    match value {
        Value::Null => Some(place.to_owned()),
        Value::Array(list) => list.iter().find_map(|value| null_in(value, place)),
        Value::Object(map) => map.iter().find_map(|(key, value)| {
            let dot = if place.is_empty() { "" } else { "." };
            null_in(value, &format!("{place}{dot}{key}"))
        }),
        _ => None,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnknownForm {
    key: Option<String>,
    source: String,
    place: String,
    text: String,
    settled_by: String,
}

impl Fields for UnknownForm {
    const WANTED: &'static str = "a table: [[unknown]] with source = … and such";
}

impl UnknownForm {
    fn describe(self, file: &str) -> Result<Unknown, Error> {
        if let Some(key) = &self.key {
            keys::check(file, key, None)?;
        }
        // What is no key but a table belongs to no field.
        let key = self.key.and_then(|key| keys::find(&key)).map(|key| key.name);
        let Self { source, place, text, settled_by, .. } = self;
        Ok(Unknown { key, source, place, text, settled_by })
    }
}

/// Turns raw values into fields, with the file's name in every error.
pub(crate) struct Reader<'a> {
    source: Source<'a>,
    origin: &'a Origin,
}

impl Reader<'_> {
    pub(crate) fn one<T, U>(
        &self,
        key: &str,
        raw: Option<T>,
        read: impl FnOnce(T) -> Result<U, String>,
    ) -> Result<Field<U>, Error> {
        let Some(raw) = raw else { return Ok(None) };
        let value = read(raw).map_err(|message| self.source.value(key, message))?;
        Ok(Some(Sourced::new(value, self.origin)))
    }

    pub(crate) fn many<T, U>(
        &self,
        key: &str,
        raw: Option<OneOrMany<T>>,
        read: impl Fn(T) -> Result<U, String>,
    ) -> Result<Field<Vec<U>>, Error> {
        let Some(raw) = raw else { return Ok(None) };
        let raw = raw.into_vec();
        if raw.is_empty() {
            let message = "an empty list describes no launch: leave the key out";
            return Err(self.source.value(key, message));
        }
        let values = raw.into_iter().map(read).collect::<Result<_, _>>();
        let values = values.map_err(|message| self.source.value(key, message))?;
        Ok(Some(Sourced::new(values, self.origin)))
    }

    /// The one of several fields that was given.
    pub(crate) fn only<T, const N: usize>(
        &self,
        fields: [(&'static str, Field<T>); N],
    ) -> Result<Field<T>, Error> {
        let mut given: Option<(&'static str, Field<T>)> = None;
        for (key, field) in fields {
            if field.is_none() {
                continue;
            }
            if let Some((first, _)) = given {
                return Err(Error::Both { file: self.source.0.into(), first, second: key });
            }
            given = Some((key, field));
        }
        Ok(given.and_then(|(_, field)| field))
    }
}

/// What a file says, taken together.
fn describe(mut form: FileForm, origin: &Origin, source: Source<'_>) -> Result<Description, Error> {
    let reader = Reader { source, origin };
    form.name_policy().map_err(|message| source.value("policy", message))?;
    let parts = parts(form.family, form.model, form.stepping)
        .map_err(|message| source.value("family", message))?;
    let parts = parts.map(|cpu| Sourced::new(vec![cpu], origin));
    let unknown = std::mem::take(&mut form.unknown).into_iter();
    let unknown = unknown.map(|Object(form)| form.describe(source.0)).collect::<Result<_, _>>()?;
    let mut description = Description { unknown, ..form.describe(&reader)? };
    let name = description.cpus.as_ref().and_then(|field| field.value.first()?.name.as_ref());
    let first = if name.is_some() { "cpu" } else { "signature" };
    description.cpus = reader.only([(first, description.cpus), ("family", parts)])?;
    Ok(description)
}

/// Family, model and stepping go together.
fn parts(
    family: Option<u32>,
    model: Option<u32>,
    stepping: Option<u32>,
) -> Result<Option<Cpu>, String> {
    match (family, model, stepping) {
        (None, None, None) => Ok(None),
        (Some(family), Some(model), Some(stepping)) => {
            CpuSignature::from_parts(family, model, stepping)
                .map(|signature| Some(Cpu::from(signature)))
                .map_err(|error| error.to_string())
        }
        _ => Err("family, model and stepping go together: give all three".into()),
    }
}
