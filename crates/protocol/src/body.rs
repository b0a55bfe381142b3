//! Bodies of requests: JSON in, a value or a problem out.

mod strict;
mod well_formed;

use serde::de::DeserializeOwned;

use self::strict::Strict;
use self::well_formed::WellFormed;
use crate::problem::{Code, Problem};
use crate::text::Misread;

/// The longest body of a request that is JSON, in bytes.
pub const MOST: usize = 256 * 1024;

/// Reads one JSON value of a request's type from the whole body. That it is JSON, without a member twice, is asked first.
///
/// # Errors
///
/// A [`Problem`] that names the member by a JSON pointer: `too-large`, `malformed-json`, `unknown-member`, `schema`, or the code of
/// a text form. It quotes names of members and numbers of the body, and no text of it: that could be a secret in a wrong place.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    if body.len() > MOST {
        let detail = format!("the body has {} bytes, at most {MOST}", body.len());
        return Err(Problem::new(Code::TooLarge, detail));
    }
    let WellFormed = whole(body)?;
    whole(body)
}

fn whole<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(Strict(&mut json)).map_err(|error| {
        let path = pointer(error.path());
        of_json(&path, error.inner())
    })?;
    json.end().map_err(|error| of_json("#", &error))?;
    Ok(value)
}

fn of_json(path: &str, error: &serde_json::Error) -> Problem {
    use serde_json::error::Category;
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        Category::Data => {}
        Category::Eof | Category::Io | Category::Syntax => {
            let detail = format!("line {line}, column {column}: {}", without_place(error));
            return Problem::new(Code::MalformedJson, detail);
        }
    }
    let text = without_place(error);
    let (code, detail) = match Misread::of_marked(&text) {
        Some((code, detail)) => (code, detail.to_owned()),
        None if text.starts_with("unknown field") => (Code::UnknownMember, text),
        None => (Code::Schema, without_value(path, text)),
    };
    Problem::at(code, path, detail)
}

/// serde's text without the value that it quotes, where that is a text or stands among the secrets.
fn without_value(path: &str, text: String) -> String {
    let of_serde = ["invalid type: ", "invalid value: ", "unknown variant "];
    let of_serde = of_serde.iter().any(|begin| text.starts_with(begin));
    let Some((found, wanted)) = text.rsplit_once(", expected ").filter(|_| of_serde) else {
        return text;
    };
    let is_text = found.contains('"') || found.starts_with("unknown variant");
    let may_quote = !is_text && !path.starts_with("#/secrets");
    match found.split_once(['"', '`']) {
        Some((kind, _)) if !may_quote => format!("{}, expected {wanted}", kind.trim_end()),
        _ => text,
    }
}

/// The error's text without serde_json's " at line 1 column 2", which the pointer says better.
fn without_place(error: &serde_json::Error) -> String {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let text = error.to_string();
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

/// The JSON pointer as a fragment of a URI (RFC 6901, section 6): what may not stand there is written by `%`.
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut text = String::from("#");
    for segment in path {
        let part = match segment {
            Segment::Map { key } => key.replace('~', "~0").replace('/', "~1"),
            Segment::Seq { index } => index.to_string(),
            Segment::Enum { variant } => variant.clone(),
            Segment::Unknown => continue,
        };
        text.push('/');
        for byte in part.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@?".contains(&byte) {
                text.push(byte.into());
            } else {
                text.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    text
}

/// For members that may be left out and are never null: a null says nothing that could be obeyed.
pub(crate) fn some<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// For members of a merge patch: left out is `None`, null is `Some(None)`.
pub(crate) fn some_or_null<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::Deserialize<'de>,
{
    <Option<T> as serde::Deserialize>::deserialize(deserializer).map(Some)
}

/// A map from a name to a value, in which no name stands twice.
pub(crate) fn once<'de, D, K, V>(
    deserializer: D,
) -> Result<std::collections::BTreeMap<K, V>, D::Error>
where
    D: serde::Deserializer<'de>,
    K: serde::Deserialize<'de> + Ord + std::fmt::Display,
    V: serde::Deserialize<'de>,
{
    struct Once<K, V>(std::marker::PhantomData<(K, V)>);

    impl<'de, K, V> serde::de::Visitor<'de> for Once<K, V>
    where
        K: serde::Deserialize<'de> + Ord + std::fmt::Display,
        V: serde::Deserialize<'de>,
    {
        type Value = std::collections::BTreeMap<K, V>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(
            self,
            mut map: A,
        ) -> Result<Self::Value, A::Error> {
            let mut found = Self::Value::new();
            while let Some(key) = map.next_key::<K>()? {
                let text = key.to_string();
                if found.insert(key, map.next_value()?).is_some() {
                    return Err(serde::de::Error::custom(format_args!("{text:?} stands twice")));
                }
            }
            Ok(found)
        }
    }

    deserializer.deserialize_map(Once(std::marker::PhantomData))
}

/// What a launcher sent beyond what the protocol names: kept for the audit, never interpreted; 4 KiB at most.
pub type More = serde_json::Map<String, serde_json::Value>;

/// The most bytes of [`More`], written as JSON.
pub const MOST_MORE: usize = 4096;

/// Is `more` short enough to be kept?
///
/// # Errors
///
/// `too-large` with its size.
pub(crate) fn check_more(more: &More) -> Result<(), Problem> {
    let size = serde_json::to_vec(more).map_or(usize::MAX, |bytes| bytes.len());
    if size > MOST_MORE {
        let detail = format!(
            "members that the protocol does not name have {size} bytes, at most {MOST_MORE}"
        );
        return Err(Problem::new(Code::TooLarge, detail));
    }
    // A record of the audit holds it some levels deeper, and has to be read again.
    if more.values().any(|value| depth(value) > MOST_DEPTH) {
        let detail = format!(
            "members that the protocol does not name are nested more than {MOST_DEPTH} deep"
        );
        return Err(Problem::new(Code::Schema, detail));
    }
    Ok(())
}

/// The most levels of arrays and objects in a value of [`More`].
const MOST_DEPTH: usize = 8;

fn depth(value: &serde_json::Value) -> usize {
    use serde_json::Value;
    let inner = match value {
        Value::Array(values) => values.iter().map(depth).max(),
        Value::Object(members) => members.values().map(depth).max(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return 0,
    };
    inner.unwrap_or(0).saturating_add(1)
}
