//! JSON values that every reader reads alike: no duplicate keys, whole numbers only.
//!
//! `serde_json::Value` keeps the last of two equal keys without a word, and rounds what no 64-bit integer holds. RFC 8259
//! leaves both to the reader, so a signed manifest could mean one thing to its signer and another to its user.

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::error::Error;

/// How many values a description may have: a value takes many times the memory of its text.
const MAX_VALUES: usize = 1 << 18;
/// How deep a description may nest.
pub(crate) const MAX_DEPTH: usize = 32;

/// For `#[serde(deserialize_with)]`: a value, or an error where two keys of an object are equal.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    let left = Cell::new(MAX_VALUES);
    Seed(&left).deserialize(deserializer)
}

/// For `#[serde(deserialize_with)]`: a list of objects, or an error as soon as it has more than `MOST` items, so that no more are held.
pub(crate) fn at_most<'de, D: Deserializer<'de>, T: Deserialize<'de>, const MOST: usize>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    struct List<T, const MOST: usize>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for List<T, MOST> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a list of at most {MOST} items")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Vec<T>, A::Error> {
            let mut items = Vec::new();
            while let Some(Object(item)) = access.next_element()? {
                if items.len() == MOST {
                    return Err(A::Error::custom(format_args!("more than {MOST} items")));
                }
                items.push(item);
            }
            Ok(items)
        }
    }

    deserializer.deserialize_seq(List::<T, MOST>(PhantomData))
}

/// The same on a field that may be left out: what is there is no null.
pub(crate) fn present_at_most<'de, D: Deserializer<'de>, T: Deserialize<'de>, const MOST: usize>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    at_most::<_, _, MOST>(deserializer).map(Some)
}

/// For `#[serde(deserialize_with)]` on a field that may be left out: what is there is no null.
pub(crate) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// What stands as an object: `serde` would take a list for one too, value by value and without the names of fields.
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OnlyMaps<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for OnlyMaps<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(OnlyMaps(PhantomData))
    }
}

/// For `#[serde(deserialize_with)]`: an object, and no list.
pub(crate) fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Object::deserialize(deserializer).map(|Object(value)| value)
}

/// The same on a field that may be left out: what is there is no null.
pub(crate) fn present_object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    object(deserializer).map(Some)
}

/// The same for a list of objects.
pub(crate) fn present_objects<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    let objects = Vec::<Object<T>>::deserialize(deserializer)?;
    Ok(Some(objects.into_iter().map(|Object(value)| value).collect()))
}

/// For `#[serde(deserialize_with)]`: one of several words. `serde` would take an object with the word as its key for it too.
pub(crate) fn word<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let word = String::deserialize(deserializer)?;
    T::deserialize(IntoDeserializer::<D::Error>::into_deserializer(word))
}

/// The same on a field that may be left out.
pub(crate) fn present_word<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    word(deserializer).map(Some)
}

/// Refuses what [`deserialize`] would not give back: numbers that are not whole, and deep nesting.
pub(crate) fn check(value: &Value) -> Result<(), Error> {
    check_at(value, String::new(), 0)
}

fn check_at(value: &Value, place: String, depth: usize) -> Result<(), Error> {
    if depth > MAX_DEPTH {
        return Err(Error::Description { place, what: "nested too deeply" });
    }
    match value {
        Value::Number(number) if !number.is_u64() && !number.is_i64() => {
            Err(Error::Description { place, what: "a number that is no 64-bit integer" })
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| check_at(item, format!("{place}/{index}"), depth + 1)),
        Value::Object(fields) => fields
            .iter()
            .try_for_each(|(key, field)| check_at(field, child(&place, key), depth + 1)),
        _ => Ok(()),
    }
}

/// The JSON pointer of a field, RFC 6901.
pub(crate) fn child(place: &str, key: &str) -> String {
    format!("{place}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// Reads a value, and counts down how many more there may be.
#[derive(Clone, Copy)]
struct Seed<'c>(&'c Cell<usize>);

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let Some(left) = self.0.get().checked_sub(1) else {
            return Err(D::Error::custom(format_args!(
                "a description of more than {MAX_VALUES} values"
            )));
        };
        self.0.set(left);
        deserializer.deserialize_any(self)
    }
}

/// Visits what is a value by itself.
macro_rules! scalars {
    ($($visit:ident: $type:ty,)*) => {$(
        fn $visit<E>(self, value: $type) -> Result<Value, E> {
            Ok(value.into())
        }
    )*};
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    scalars! {
        visit_bool: bool,
        visit_i64: i64,
        visit_u64: u64,
        // Kept, so that `check` can say where it stands.
        visit_f64: f64,
        visit_str: &str,
        visit_string: String,
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            let value = access.next_value_seed(self)?;
            if fields.contains_key(&key) {
                return Err(A::Error::custom(format!("duplicate field {key:?}")));
            }
            fields.insert(key, value);
        }
        Ok(Value::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Value, serde_json::Error> {
        deserialize(&mut serde_json::Deserializer::from_str(text))
    }

    #[test]
    fn duplicate_keys_are_refused_at_any_depth() {
        assert!(read(r#"{"a": 1, "a": 1}"#).is_err());
        assert!(read(r#"[{"b": {"a": 1, "a": 2}}]"#).is_err());
        assert!(read(r#"[{"a": 1}, {"a": 2}]"#).is_ok());
    }

    #[test]
    fn numbers_are_whole() {
        for (text, place) in [("1.5", ""), (r#"{"a/b": [0, 1e3]}"#, "/a~1b/1")] {
            let error = check(&read(text).expect("JSON")).expect_err(text);
            let what = "a number that is no 64-bit integer";
            assert_eq!(error, Error::Description { place: place.into(), what });
        }
        assert!(
            check(&read("[18446744073709551615, -9223372036854775808]").expect("JSON")).is_ok()
        );
        assert!(check(&read("18446744073709551616").expect("JSON")).is_err());
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(check(&read(&nested(33)).expect("JSON")).is_ok());
        assert!(check(&read(&nested(34)).expect("JSON")).is_err());
        assert!(read(&nested(100_000)).is_err());
    }
}
