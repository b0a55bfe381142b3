//! Virtual CPUs: how many and of what kind.

#[cfg(feature = "schema")]
use std::borrow::Cow;

#[cfg(feature = "schema")]
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::body::some;
use crate::problem::Code;
use crate::text::{Label, Misread};

/// One value, or a list of one to 4096.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneOrMany<T>(Vec<T>);

/// More than the candidates that they could make.
const MOST: usize = 4096;

impl<T> OneOrMany<T> {
    /// The values, at least one.
    #[must_use]
    pub fn values(&self) -> &[T] {
        &self.0
    }
}

impl<T: Serialize> Serialize for OneOrMany<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<T>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Reader<T> {
            type Value = OneOrMany<T>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("one value or a list of them")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                let value = T::deserialize(de::value::StrDeserializer::new(text))?;
                Ok(OneOrMany(vec![value]))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let value = T::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(OneOrMany(vec![value]))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = seq.next_element()? {
                    if values.len() == MOST {
                        let detail = format!("more than {MOST} values");
                        return Err(Misread::new(Code::TooManyCandidates, detail).into_de());
                    }
                    values.push(value);
                }
                if values.is_empty() {
                    let detail = "an empty list allows nothing; leave the member out, or name what is allowed";
                    return Err(Misread::new(Code::Schema, detail).into_de());
                }
                Ok(OneOrMany(values))
            }
        }

        deserializer.deserialize_any(Reader(std::marker::PhantomData))
    }
}

#[cfg(feature = "schema")]
impl<T: JsonSchema> JsonSchema for OneOrMany<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("OneOrMany{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({ "oneOf": [one, { "type": "array", "items": one, "minItems": 1, "maxItems": MOST }] })
    }
}

/// The kind of a virtual CPU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(untagged)]
pub enum Cpu {
    /// By the name that QEMU has for its model, for example `EPYC-Milan`.
    Model(CpuModel),
    /// By family, model and stepping, as CPUID shows them.
    Parts(CpuParts),
}

/// A model by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CpuModel {
    /// The name.
    pub r#type: Label,
}

/// A CPU by its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CpuParts {
    /// Extended and base family together, for example 25.
    pub family: u32,
    /// Extended and base model together, for example 1.
    pub model: u32,
    /// Stepping, for example 1.
    pub stepping: u32,
}

impl<'de> Deserialize<'de> for Cpu {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// Both forms' members. serde's own reader of such an enum would not say which member is wrong.
        #[derive(Deserialize)]
        #[serde(
            deny_unknown_fields,
            expecting = "an object: {\"type\": \"EPYC-Milan\"}, or {\"family\": 25, \"model\": 1, \"stepping\": 1}"
        )]
        struct Either {
            #[serde(default, deserialize_with = "some")]
            r#type: Option<Label>,
            #[serde(default, deserialize_with = "some")]
            family: Option<u32>,
            #[serde(default, deserialize_with = "some")]
            model: Option<u32>,
            #[serde(default, deserialize_with = "some")]
            stepping: Option<u32>,
        }
        let Either { r#type, family, model, stepping } = Either::deserialize(deserializer)?;
        match (r#type, family, model, stepping) {
            (Some(r#type), None, None, None) => Ok(Self::Model(CpuModel { r#type })),
            (None, Some(family), Some(model), Some(stepping)) => {
                Ok(Self::Parts(CpuParts { family, model, stepping }))
            }
            _ => Err(Misread::new(
                Code::Schema,
                "a CPU is one of {\"type\"} and {\"family\", \"model\", \"stepping\"}",
            )
            .into_de()),
        }
    }
}

/// How many vCPUs: a number, a list, or a range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(untagged)]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub enum CpuCount {
    /// Exactly so many.
    One(#[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1024)))] u32),
    /// One of these.
    List(
        #[cfg_attr(
            feature = "schema",
            schemars(length(min = 1, max = 1024), inner(range(min = 1, max = 1024)))
        )]
        Vec<u32>,
    ),
    /// From `min` to `max`, both included.
    Range {
        /// The fewest.
        #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1024)))]
        min: u32,
        /// The most.
        #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1024)))]
        max: u32,
    },
}

impl CpuCount {
    /// The most vCPUs that the protocol can say.
    pub const MOST: u32 = 1024;

    /// Every count that is allowed, ascending, each once.
    #[must_use]
    pub fn counts(&self) -> Vec<u32> {
        match self {
            Self::One(count) => vec![*count],
            Self::List(counts) => {
                let mut counts = counts.clone();
                counts.sort_unstable();
                counts.dedup();
                counts
            }
            Self::Range { min, max } => (*min..=*max).collect(),
        }
    }
}

impl<'de> Deserialize<'de> for CpuCount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CountReader)
    }
}

struct CountReader;

fn in_range<E: de::Error>(count: u64) -> Result<u32, E> {
    u32::try_from(count).ok().filter(|count| (1..=CpuCount::MOST).contains(count)).ok_or_else(
        || {
            let detail = format!("{count} vCPUs, wanted 1 to {}", CpuCount::MOST);
            Misread::new(Code::OutOfRange, detail).into_de()
        },
    )
}

impl<'de> Visitor<'de> for CountReader {
    type Value = CpuCount;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a number of vCPUs, a list of them, or {\"min\": …, \"max\": …}")
    }

    fn visit_u64<E: de::Error>(self, count: u64) -> Result<CpuCount, E> {
        in_range(count).map(CpuCount::One)
    }

    fn visit_i64<E: de::Error>(self, count: i64) -> Result<CpuCount, E> {
        in_range(u64::try_from(count).unwrap_or(0)).map(CpuCount::One)
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<CpuCount, A::Error> {
        let mut counts = Vec::new();
        let mut read = 0_u32;
        while let Some(count) = seq.next_element::<u64>()? {
            let count = in_range(count)?;
            read = read.saturating_add(1);
            if read > CpuCount::MOST {
                let detail = format!("more than {} numbers of vCPUs", CpuCount::MOST);
                return Err(Misread::new(Code::OutOfRange, detail).into_de());
            }
            if !counts.contains(&count) {
                counts.push(count);
            }
        }
        if counts.is_empty() {
            return Err(
                Misread::new(Code::Schema, "an empty list allows no number of vCPUs").into_de()
            );
        }
        Ok(CpuCount::List(counts))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<CpuCount, A::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Range {
            min: u64,
            max: u64,
        }
        let range = Range::deserialize(de::value::MapAccessDeserializer::new(map))?;
        let (min, max) = (in_range(range.min)?, in_range(range.max)?);
        if min > max {
            let detail = format!("min {min} is more than max {max}");
            return Err(Misread::new(Code::OutOfRange, detail).into_de());
        }
        Ok(CpuCount::Range { min, max })
    }
}
