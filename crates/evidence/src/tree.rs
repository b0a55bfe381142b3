//! A document of named values: JSON or CBOR, read alike.
//!
//! Each key of an object may stand there once: readers differ in which of two they take, so a document could mean one thing to
//! its signer and another to its reader.

use std::fmt;

use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A value of a document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tree {
    /// A text.
    Text(String),
    /// A string of bytes, which only CBOR has.
    Bytes(Vec<u8>),
    /// A number from 0 to 2^64 - 1.
    Number(u64),
    /// Values in order.
    List(Vec<Tree>),
    /// Values by name, in the order in which they stand there.
    Object(Vec<(String, Tree)>),
    /// Null, true, false, or another number.
    Other,
}

impl Tree {
    /// The value of a key, if this is an object that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object(fields) = self else { return None };
        fields.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The bytes that a string of bytes or a list of numbers up to 255 has.
    pub(crate) fn bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::Bytes(bytes) => Some(bytes.clone()),
            Self::List(items) => items
                .iter()
                .map(|item| match item {
                    Self::Number(number) => u8::try_from(*number).ok(),
                    _ => None,
                })
                .collect(),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of a document")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Tree, E> {
        Ok(Tree::Other)
    }

    fn visit_i64<E>(self, number: i64) -> Result<Tree, E> {
        Ok(u64::try_from(number).map_or(Tree::Other, Tree::Number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Tree, E> {
        Ok(Tree::Number(number))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Tree, E> {
        Ok(Tree::Other)
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Tree, E> {
        Ok(Tree::Text(text))
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Tree, E> {
        Ok(Tree::Bytes(bytes.to_vec()))
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Other)
    }

    fn visit_none<E>(self) -> Result<Tree, E> {
        Ok(Tree::Other)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        Tree::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut fields: Vec<(String, Tree)> = Vec::new();
        let mut names = std::collections::BTreeSet::new();
        while let Some((name, value)) = access.next_entry::<String, Tree>()? {
            if !names.insert(name.clone()) {
                return Err(A::Error::custom(format_args!("the key {name:?} stands twice")));
            }
            fields.push((name, value));
        }
        Ok(Tree::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_cbor_are_read_alike() {
        let json: Tree = serde_json::from_str(r#"{"a": [1, 255], "b": "x", "c": null}"#).unwrap();
        assert_eq!(json.get("a").and_then(Tree::bytes), Some(vec![1, 255]));
        assert_eq!(json.get("b"), Some(&Tree::Text("x".into())));
        assert_eq!(json.get("c"), Some(&Tree::Other));
        // {"a": h'01ff', "b": "x", "c": null}, by hand. [RFC 8949, appendix B]
        let cbor = b"\xa3\x61a\x42\x01\xff\x61b\x61x\x61c\xf6";
        let cbor: Tree = ciborium::from_reader(cbor.as_slice()).unwrap();
        assert_eq!(cbor.get("a").and_then(Tree::bytes), Some(vec![1, 255]));
        assert_eq!(cbor.get("b"), json.get("b"));
        assert_eq!(cbor.get("c"), Some(&Tree::Other));
    }

    #[test]
    fn a_key_that_stands_twice_is_refused_at_any_depth() {
        for text in [r#"{"a": 1, "a": 1}"#, r#"[{"b": {"a": 1, "\u0061": 2}}]"#] {
            let error = serde_json::from_str::<Tree>(text).unwrap_err().to_string();
            assert!(error.contains("stands twice"), "{error}");
        }
        assert!(ciborium::from_reader::<Tree, _>(b"\xa2\x61a\x01\x61a\x01".as_slice()).is_err());
    }

    #[test]
    fn what_is_no_byte_is_no_bytes() {
        for text in ["[256]", "[-1]", "[1.5]", r#"["1"]"#, "1"] {
            assert_eq!(serde_json::from_str::<Tree>(text).unwrap().bytes(), None, "{text}");
        }
    }
}
