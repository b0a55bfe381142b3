//! How values stand in a description's file: each form as it is read from TOML or JSON, and written to both.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::str::FromStr;

use serde::Deserialize;
use serde_json::Value;
use sev_launch_abi::snp::HostData;
use sev_launch_abi::text::{self as escape, printable};
use sev_launch_abi::{CpuSignature, SevFeatures, Technology, names};
use sev_launch_digest::cpu::{self, CpuModel, MODELS};
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::profile::{self, LaunchProfile};
use sev_launch_digest::snp;

use crate::axes::{Cpu, VcpuCounts};
use crate::id_block::{IdAuth, IdBlock};
use crate::number::{GuestPolicy, number, number32, policy, sev_features};
use crate::spelling::nearest;

/// A form: what a file has, and the value that it stands for.
pub(crate) trait Form {
    /// What a file has.
    type Raw;
    /// The value.
    type Value;
    /// Is the value the path of a file?
    const HOLDS_PATH: bool = false;
    /// Is one value a list in itself?
    const IS_LIST: bool = false;

    /// Reads it; an error says what is wrong with it.
    fn read(raw: Self::Raw) -> Result<Self::Value, String>;

    /// Writes it; `None` if this form cannot hold the value.
    fn write(value: &Self::Value) -> Option<Written>;

    /// The path in it.
    fn path(_: &mut Self::Value) -> Option<&mut PathBuf> {
        None
    }
}

/// A value in both forms.
pub(crate) struct Written {
    pub(crate) toml: String,
    pub(crate) json: Value,
    /// Is it all of the value? A file's name that is no UTF-8 can be shown and not written.
    pub(crate) is_whole: bool,
}

impl Written {
    pub(crate) fn text(text: impl AsRef<str>) -> Self {
        let text = text.as_ref();
        let toml = match printable(text) {
            // In the quotes that need the fewest escapes.
            Cow::Borrowed(text) => toml::Value::from(text).to_string(),
            Cow::Owned(_) => escape::toml(text),
        };
        Self { toml, json: text.into(), is_whole: true }
    }

    fn number(number: u64) -> Self {
        Self { toml: number.to_string(), json: number.into(), is_whole: true }
    }

    /// In hex, which JSON has as text; above what TOML's numbers hold, TOML too.
    fn hex(number: u64) -> Self {
        let text = format!("{number:#x}");
        let fits = i64::try_from(number).is_ok();
        let toml = if fits { text.clone() } else { format!("{text:?}") };
        Self { toml, json: text.into(), is_whole: true }
    }

    /// One value stands alone, several as a list.
    pub(crate) fn list(mut values: Vec<Self>) -> Self {
        if values.len() == 1
            && let Some(one) = values.pop()
        {
            return one;
        }
        let toml: Vec<_> = values.iter().map(|value| value.toml.as_str()).collect();
        let toml = format!("[{}]", toml.join(", "));
        let is_whole = values.iter().all(|value| value.is_whole);
        Self { toml, json: values.into_iter().map(|value| value.json).collect(), is_whole }
    }
}

/// One value, or a list of them.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "wanted one value, or a list of values, of the kind that the key has: text in quotes, true or false without"
)]
pub(crate) enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    pub(crate) fn into_vec(self) -> Vec<T> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

/// A number, which may be text.
#[derive(Deserialize)]
#[serde(untagged, expecting = "wanted a number, or a number as text")]
pub(crate) enum Number {
    Number(u64),
    Text(String),
}

impl Number {
    fn read(&self) -> Result<u64, String> {
        match self {
            Self::Number(number) => Ok(*number),
            Self::Text(text) => number(text),
        }
    }

    /// The same where the text may be the names of bits.
    fn word(&self, read: impl Fn(&str) -> Result<u64, String>) -> Result<u64, String> {
        match self {
            Self::Number(number) => Ok(*number),
            Self::Text(text) => read(text),
        }
    }

    /// The text, where it is names.
    pub(crate) fn names(&self) -> Option<&str> {
        match self {
            Self::Text(text) if !names::is_number(text) => Some(text),
            _ => None,
        }
    }

    fn text(self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text,
        }
    }
}

/// Forms of texts that a type reads and shows.
macro_rules! text_forms {
    ($($type:ty),*) => {$(
        impl Form for $type {
            type Raw = String;
            type Value = Self;

            fn read(raw: String) -> Result<Self, String> {
                raw.parse().map_err(|error: <Self as FromStr>::Err| error.to_string())
            }

            fn write(value: &Self) -> Option<Written> {
                Some(Written::text(value.to_string()))
            }
        }
    )*};
}

text_forms!(Technology, Sha256Digest, snp::LaunchDigest, HostData, IdBlock, IdAuth, String);

impl Form for PathBuf {
    type Raw = Self;
    type Value = Self;
    const HOLDS_PATH: bool = true;

    fn read(raw: Self) -> Result<Self, String> {
        if raw.as_os_str().is_empty() { Err("an empty path".into()) } else { Ok(raw) }
    }

    fn write(value: &Self) -> Option<Written> {
        let is_whole = value.to_str().is_some();
        Some(Written { is_whole, ..Written::text(value.display().to_string()) })
    }

    fn path(value: &mut Self) -> Option<&mut PathBuf> {
        Some(value)
    }
}

impl Form for VcpuCounts {
    type Raw = OneOrMany<Number>;
    type Value = Self;
    const IS_LIST: bool = true;

    fn read(raw: Self::Raw) -> Result<Self, String> {
        let texts: Vec<_> = raw.into_vec().into_iter().map(Number::text).collect();
        texts.join(",").parse()
    }

    fn write(value: &Self) -> Option<Written> {
        let text = value.to_string();
        // As text where it is spelled otherwise than the number would be: `04`.
        let number = text.parse::<u64>().ok().filter(|number| number.to_string() == text);
        Some(number.map_or_else(|| Written::text(&text), Written::number))
    }
}

/// A text of which it is enough to know that it can be read as `T`.
pub(crate) struct Readable<T>(PhantomData<T>);

impl<T: FromStr<Err = profile::Error>> Form for Readable<T> {
    type Raw = String;
    type Value = String;

    fn read(raw: String) -> Result<String, String> {
        raw.parse::<T>().map_err(|error| error.to_string())?;
        Ok(raw)
    }

    fn write(value: &String) -> Option<Written> {
        Some(Written::text(value))
    }
}

/// An error's text, with the name that was likely meant.
fn did_you_mean(
    error: &sev_launch_digest::Error,
    found: &str,
    names: impl Iterator<Item = String>,
) -> String {
    match nearest(found, names) {
        Some(name) => format!("{error}: did you mean {name}?"),
        None => error.to_string(),
    }
}

macro_rules! forms {
    ($($(#[$doc:meta])* $name:ident: $raw:ty => $value:ty,
        read($read_arg:ident) $read:block write($write_arg:ident) $write:block)*) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl Form for $name {
            type Raw = $raw;
            type Value = $value;

            fn read($read_arg: $raw) -> Result<$value, String> $read

            fn write($write_arg: &$value) -> Option<Written> $write
        }
    )*};
}

forms! {
    /// True or false.
    Switch: bool => bool,
        read(raw) { Ok(raw) }
        write(on) { Some(Written { toml: on.to_string(), json: (*on).into(), is_whole: true }) }
    /// A number of 64 bits that is written in hex.
    Hex: Number => u64,
        read(raw) { raw.read() }
        write(number) { Some(Written::hex(*number)) }
    /// A guest policy, written in hex.
    Policy: Number => u64,
        read(raw) { raw.word(|text| policy(text).map(GuestPolicy::bits)) }
        write(number) { Some(Written::hex(*number)) }
    /// A number of 64 bits that is written in decimal.
    Decimal: Number => u64,
        read(raw) { raw.read() }
        write(number) { Some(Written::number(*number)) }
    /// A features word, in hex.
    Features: Number => SevFeatures,
        read(raw) { raw.word(|text| sev_features(text).map(|features| features.0)).map(SevFeatures) }
        write(features) { Some(Written::hex(features.0)) }
    /// A generation of processors by name, or by that of a model.
    GenerationName: String => String,
        read(raw) { cpu::generation(&raw).map_err(|error| error.to_string()).map(|_| raw) }
        write(name) { Some(Written::text(name)) }
    /// A launch profile by its name.
    ProfileName: String => &'static LaunchProfile,
        read(raw) {
            let names = || profile::ALL.iter().map(|profile| profile.name.to_owned());
            profile::by_name(&raw).map_err(|error| did_you_mean(&error.into(), &raw, names()))
        }
        write(profile) { Some(Written::text(profile.name)) }
    /// A CPU by its model's name.
    CpuName: String => Cpu,
        read(raw) {
            let names = || MODELS.iter().flat_map(CpuModel::names);
            Cpu::of_typed(&raw).map_err(|error| did_you_mean(&error, &raw, names()))
        }
        write(cpu) { cpu.name.as_ref().map(Written::text) }
    /// A CPU by its signature.
    Signature: Number => Cpu,
        read(raw) { number32(&raw.text()).map(|number| Cpu::from(CpuSignature(number))) }
        write(cpu) { Some(Written::hex(cpu.signature.0.into())) }
    /// Bytes that are text.
    TextBytes: String => Vec<u8>,
        read(raw) { Ok(raw.into_bytes()) }
        write(bytes) { std::str::from_utf8(bytes).ok().map(Written::text) }
    /// Any bytes, in hex.
    HexBytes: String => Vec<u8>,
        read(raw) { hex::decode(raw).map_err(|error| error.to_string()) }
        write(bytes) { Some(Written::text(hex::encode(bytes))) }
    /// Texts that are one value together.
    Texts: OneOrMany<String> => Vec<String>,
        read(raw) {
            let texts = raw.into_vec();
            if texts.is_empty() { Err("an empty list says nothing".into()) } else { Ok(texts) }
        }
        write(texts) { Some(Written::list(texts.iter().map(Written::text).collect())) }
}
