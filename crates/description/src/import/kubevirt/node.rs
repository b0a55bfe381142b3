//! Values of an object with their places, so that what is of another kind than the API's is refused where it stands.

use serde_json::Value;

use super::super::Source;
use crate::error::Error;

/// A value, or none, with its place. Null is none, as Kubernetes takes it.
#[derive(Clone)]
pub(super) struct Node<'a> {
    value: Option<&'a Value>,
    place: String,
    source: Source<'a>,
}

impl<'a> Node<'a> {
    pub(super) fn new(value: &'a Value, place: &str, source: Source<'a>) -> Self {
        Self { value: Some(value), place: place.to_owned(), source }
    }

    pub(super) fn place(&self) -> &str {
        &self.place
    }

    pub(super) fn is_some(&self) -> bool {
        self.value.is_some_and(|value| !value.is_null())
    }

    /// The value under a key. An error where this is a value that has no keys.
    pub(super) fn get(&self, key: &str) -> Result<Self, Error> {
        let value = match self.value {
            None | Some(Value::Null) => None,
            Some(Value::Object(map)) => map.get(key).filter(|value| !value.is_null()),
            Some(_) => return self.error("wanted an object"),
        };
        Ok(Self { value, place: format!("{}.{key}", self.place), source: self.source })
    }

    /// The items of a list.
    pub(super) fn items(&self) -> Result<Vec<Self>, Error> {
        match self.value {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(list)) => {
                let place = |index| format!("{}[{index}]", self.place);
                let node = |(index, value)| Self::new(value, &place(index), self.source);
                Ok(list.iter().enumerate().map(node).collect())
            }
            Some(_) => self.error("wanted a list"),
        }
    }

    /// The keys whose values are not null, with those.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let map = self.value.and_then(Value::as_object);
        let entries = map.into_iter().flatten().filter(|(_, value)| !value.is_null());
        entries.map(|(key, value)| (key.as_str(), value))
    }

    pub(super) fn text(&self) -> Result<Option<&'a str>, Error> {
        match self.value {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => self.error("wanted a text"),
        }
    }

    pub(super) fn switch(&self) -> Result<Option<bool>, Error> {
        match self.value {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(on)) => Ok(Some(*on)),
            Some(_) => self.error("wanted true or false"),
        }
    }

    /// A number of 32 bits.
    pub(super) fn number(&self) -> Result<Option<u32>, Error> {
        match self.value {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match value.as_u64().and_then(|number| u32::try_from(number).ok()) {
                Some(number) => Ok(Some(number)),
                None => self.error("wanted a number of 32 bits"),
            },
        }
    }

    /// A text, or a number as Kubernetes takes it for one: quantities and policies.
    pub(super) fn word(&self) -> Result<Option<String>, Error> {
        match self.value {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => self.error("wanted a text or a number"),
        }
    }

    pub(super) fn error<T>(&self, message: impl Into<String>) -> Result<T, Error> {
        Err(self.source.value(&self.place, message))
    }

    pub(super) fn source(&self) -> Source<'a> {
        self.source
    }
}
