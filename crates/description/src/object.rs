//! Tables and objects that are nothing else: `serde` would take a list for a struct too, value by value, without their names.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// What is read from a table of TOML or an object of JSON.
pub(crate) trait Fields {
    /// What is wanted, for whoever wrote something else.
    const WANTED: &'static str;
}

/// Fields that stood in a table or an object.
#[derive(Default)]
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Fields + Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(OnlyMaps(PhantomData))
    }
}

struct OnlyMaps<T>(PhantomData<T>);

impl<'de, T: Fields + Deserialize<'de>> Visitor<'de> for OnlyMaps<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::WANTED)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}
