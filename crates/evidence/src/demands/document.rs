//! A file of demands: TOML, or JSON of the same keys.
//!
//! A value is a text or a number, or a list of them. A key that means nothing is an error, and so is one that stands twice: a demand that
//! nobody reads would be no demand.

use serde_json::{Value, json};
use sev_launch_abi::text;
use sev_launch_verify::snp::demands::ReportDemands;
use thiserror::Error;

use super::keys::{KEYS, Key, Takes, by_name};
use crate::tree::Tree;

/// The most bytes of a file: keys in PEM are what may be long.
const MOST_BYTES: usize = 1 << 20;

/// Why a file is none of demands.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentError {
    /// More than a file of demands has.
    #[error("{file}: {found} bytes, wanted at most {MOST_BYTES}")]
    TooLarge {
        /// The file's name.
        file: String,
        /// Its bytes.
        found: usize,
    },
    /// Not the form of a document.
    #[error("{file}: {what}")]
    Syntax {
        /// The file's name.
        file: String,
        /// What the parser says, with the place.
        what: String,
    },
    /// Nothing at all: an empty file is more likely a mistake than a wish.
    #[error("{0}: nothing is demanded in it: leave it out, or say what is demanded")]
    Empty(String),
    /// A key that is none.
    #[error("{file}: nothing is demanded by the key {key:?}: {hint}")]
    UnknownKey {
        /// The file's name.
        file: String,
        /// The key found.
        key: String,
        /// What was likely meant, or what there is.
        hint: String,
    },
    /// A value that its key does not have.
    #[error("{file}: {key}: {what}")]
    Value {
        /// The file's name.
        file: String,
        /// The key.
        key: &'static str,
        /// What was found and what was wanted.
        what: String,
    },
}

/// What a file demands, by key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    file: String,
    entries: Vec<(&'static str, Vec<String>)>,
}

impl Document {
    /// Reads TOML. `file` names it in errors.
    ///
    /// Errors: no TOML; a key or a value that is none.
    pub fn from_toml(text: &str, file: &str) -> Result<Self, DocumentError> {
        check_size(text.len(), file)?;
        let tree = toml::from_str::<Tree>(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            syntax(
                file,
                &format!("no TOML at line {line}: {}", error.message().replace('\n', ", ")),
            )
        })?;
        Self::of(tree, file)
    }

    /// Reads JSON. Errors are those of TOML.
    pub fn from_json(bytes: &[u8], file: &str) -> Result<Self, DocumentError> {
        check_size(bytes.len(), file)?;
        let tree = serde_json::from_slice::<Tree>(bytes).map_err(|error| syntax(file, &error))?;
        Self::of(tree, file)
    }

    /// Of keys with their values, as a program has them.
    ///
    /// Errors: a value that its key does not have.
    pub fn of_entries(
        entries: Vec<(&'static Key, Vec<String>)>,
        file: &str,
    ) -> Result<Self, DocumentError> {
        let entries = entries.into_iter().map(|(key, values)| (key.name, values)).collect();
        Self::checked(entries, file)
    }

    /// In the order of [`KEYS`], with values that are the keys' own.
    fn checked(
        mut entries: Vec<(&'static str, Vec<String>)>,
        file: &str,
    ) -> Result<Self, DocumentError> {
        if entries.is_empty() {
            return Err(DocumentError::Empty(file.to_owned()));
        }
        entries.sort_by_key(|(name, _)| KEYS.iter().position(|key| key.name == *name));
        let document = Self { file: file.to_owned(), entries };
        document.demands()?;
        Ok(document)
    }

    fn of(tree: Tree, file: &str) -> Result<Self, DocumentError> {
        let Tree::Object(fields) = tree else {
            return Err(syntax(file, &"wanted an object with the keys of demands"));
        };
        let mut entries = Vec::new();
        for (name, value) in fields {
            let Some(key) = by_name(&name) else {
                let hint = hint(&name);
                return Err(DocumentError::UnknownKey { file: file.to_owned(), key: name, hint });
            };
            let values = values(key, value).map_err(|what| DocumentError::Value {
                file: file.to_owned(),
                key: key.name,
                what: format!("{what}: {}", key.help),
            })?;
            entries.push((key.name, values));
        }
        Self::checked(entries, file)
    }

    /// What is demanded.
    ///
    /// Errors: a value that its key does not have.
    pub fn demands(&self) -> Result<ReportDemands, DocumentError> {
        let mut demands = ReportDemands::default();
        for (name, values) in &self.entries {
            let Some(key) = by_name(name) else { continue };
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            key.add(&mut demands, &values).map_err(|what| DocumentError::Value {
                file: self.file.clone(),
                key: key.name,
                what,
            })?;
        }
        Ok(demands)
    }

    /// As TOML, a line for each key.
    pub fn to_toml(&self) -> String {
        let mut out = String::new();
        for (name, values) in &self.entries {
            let values: Vec<_> = values.iter().map(|value| text::toml(value)).collect();
            let value = match values.as_slice() {
                [one] => one.clone(),
                several => format!("[{}]", several.join(", ")),
            };
            out.push_str(&format!("{name} = {value}\n"));
        }
        out
    }

    /// As JSON: an object of texts and lists of texts.
    pub fn to_json(&self) -> Value {
        let entries = self.entries.iter().map(|(name, values)| match values.as_slice() {
            [one] => ((*name).to_owned(), json!(one)),
            several => ((*name).to_owned(), json!(several)),
        });
        Value::Object(entries.collect())
    }
}

fn check_size(found: usize, file: &str) -> Result<(), DocumentError> {
    match found > MOST_BYTES {
        true => Err(DocumentError::TooLarge { file: file.to_owned(), found }),
        false => Ok(()),
    }
}

fn syntax(file: &str, what: &impl ToString) -> DocumentError {
    DocumentError::Syntax { file: file.to_owned(), what: what.to_string().trim_end().to_owned() }
}

/// What other tools and people call some of the keys.
const CALLED: [(&str, &str); 7] = [
    ("measurement", "launch_digest"),
    ("nonce", "report_data"),
    ("tcb", "min_tcb"),
    ("product", "generation"),
    ("cpu", "generation"),
    ("platform_info", "platform_set"),
    ("id_key", "trusted_id_key"),
];

/// What to write instead of a key that is none.
fn hint(name: &str) -> String {
    const ALIKE: f64 = 0.6;
    let name = name.replace('-', "_").to_ascii_lowercase();
    if name.starts_with("allow_") || name == "demands" {
        return "it is a flag alone, since nothing in a file loosens a demand".into();
    }
    if let Some((_, key)) = CALLED.iter().find(|(called, _)| *called == name) {
        return format!("is {key} meant?");
    }
    let alike = |key: &Key| strsim::normalized_damerau_levenshtein(key.name, &name);
    let best = KEYS.iter().max_by(|one, other| alike(one).total_cmp(&alike(other)));
    match best.filter(|best| alike(best) >= ALIKE) {
        Some(best) => format!("is {} meant?", best.name),
        None => {
            let names: Vec<_> = KEYS.iter().map(|key| key.name).collect();
            format!("the keys are {}", names.join(", "))
        }
    }
}

/// A value's texts: its own, or those of its list. Digits that are meant as hex would be another value as a number, so these are texts.
fn values(key: &Key, tree: Tree) -> Result<Vec<String>, &'static str> {
    let takes_numbers = ["NUMBER", "LEVEL"].contains(&key.value);
    let one = |tree: Tree| match tree {
        Tree::Text(text) => Ok(text),
        Tree::Number(number) if takes_numbers => Ok(number.to_string()),
        Tree::Number(_) => Err("wanted a text, and no number"),
        _ => Err("wanted a text, a number that is not negative, or a list of them"),
    };
    match tree {
        Tree::List(items) => items.into_iter().map(one).collect(),
        other => one(other).map(|text| vec![text]),
    }
}

/// The JSON Schema of a file of demands.
pub fn schema() -> Value {
    let properties = KEYS.iter().map(|key| {
        let one = match key.value {
            "NUMBER" | "LEVEL" => json!({ "type": ["string", "integer"], "minimum": 0 }),
            _ => json!({ "type": "string" }),
        };
        let mut property = match key.takes {
            Takes::One => one,
            Takes::All | Takes::Any => {
                json!({ "oneOf": [one, { "type": "array", "items": one, "minItems": 1 }] })
            }
        };
        if let Value::Object(fields) = &mut property {
            fields.insert("description".into(), format!("{}.", key.help).into());
        }
        (key.name.to_owned(), property)
    });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://github.com/sev-launch/sev-launch/blob/main/docs/schemas/demands.schema.json",
        "title": "What is demanded of an SNP report: the file of sev-launch verify --demands",
        "type": "object",
        "additionalProperties": false,
        "properties": Value::Object(properties.collect()),
    })
}
