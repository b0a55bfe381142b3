//! The YAML of a Kubernetes object, as that system's tools read it: into the same values as JSON.
//!
//! Defined by [YAML 1.2] for its form, and by [Kubernetes, sigs.k8s.io/yaml] for what an unquoted word means: that library has
//! the switches and the numbers of YAML 1.1, as `yes`, `0644` and `0x10`. What makes a short text long, or what readers take in
//! different ways, is refused: aliases, merge keys, equal keys, tags, and more than one document.

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Number, Value};

/// The deepest that lists and maps lie in each other: those of pods and virtual machines lie 10 deep.
const DEEPEST: usize = 64;

/// What is open while a document is read.
enum Open {
    List(Vec<Value>),
    /// A map, and its key whose value is yet to come.
    Map(Map<String, Value>, Option<String>),
}

/// Reads the one document of a text.
///
/// Errors: no YAML; what the head of this file says is refused; nested deeper than [`DEEPEST`]; a key that is no text.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let mut reader = Reader::default();
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| format!("no YAML: {error}"))?;
        let line = span.start.line();
        reader.take(event).map_err(|message| format!("line {line}: {message}"))?;
    }
    reader.root.ok_or_else(|| "no document in it".to_owned())
}

#[derive(Default)]
struct Reader {
    open: Vec<Open>,
    root: Option<Value>,
}

impl Reader {
    fn take(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Alias(_) => {
                Err("an alias (*name) is not read: write what it stands for in its place".into())
            }
            Event::SequenceStart(_, None) => self.push(Open::List(Vec::new())),
            Event::MappingStart(_, None) => self.push(Open::Map(Map::new(), None)),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::List(list)) => self.add(Value::Array(list)),
                Some(Open::Map(map, _)) => self.add(Value::Object(map)),
                None => Err("something ends that did not begin".into()),
            },
            Event::Scalar(text, style, _, tag) => {
                // A key is a text, whatever its word would mean as a value.
                let is_key = matches!(self.open.last(), Some(Open::Map(_, None)));
                let value = match (tag, style) {
                    (Some(tag), _) if tag.is_yaml_core_schema() && tag.suffix == "str" => {
                        Value::String(text.into_owned())
                    }
                    (Some(tag), _) => return Err(not_read(&tag)),
                    (None, ScalarStyle::Plain) if !is_key => plain(&text),
                    (None, _) if text == "<<" && is_key => {
                        let message = "a merge key (<<) is not read: write out what it merges";
                        return Err(message.into());
                    }
                    (None, _) => Value::String(text.into_owned()),
                };
                self.add(value)
            }
            Event::SequenceStart(_, Some(tag)) | Event::MappingStart(_, Some(tag)) => {
                Err(not_read(&tag))
            }
            Event::DocumentStart(_) if self.root.is_some() => {
                Err("a second document: give one alone".into())
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn push(&mut self, open: Open) -> Result<(), String> {
        if self.open.len() == DEEPEST {
            return Err(format!("nested deeper than {DEEPEST}"));
        }
        self.open.push(open);
        Ok(())
    }

    /// Puts a value where it belongs.
    fn add(&mut self, value: Value) -> Result<(), String> {
        match self.open.last_mut() {
            None => self.root = Some(value),
            Some(Open::List(list)) => list.push(value),
            Some(Open::Map(map, key)) => match (key.take(), value) {
                (Some(key), value) => {
                    map.insert(key, value);
                }
                (None, Value::String(new)) if map.contains_key(&new) => {
                    return Err(format!("key {new:?} stands twice"));
                }
                (None, Value::String(new)) => *key = Some(new),
                (None, _) => return Err("a key that is no text".into()),
            },
        }
        Ok(())
    }
}

fn not_read(tag: &saphyr_parser::Tag) -> String {
    format!("the tag {tag} is not read: leave it out")
}

/// What an unquoted word means.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "true" | "True" | "TRUE" => {
            return Value::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "false" | "False" | "FALSE" => {
            return Value::Bool(false);
        }
        _ => {}
    }
    let number = whole(text).map(Number::from).or_else(|| fraction(text));
    number.map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

/// A whole number in the bases of Go: decimal, `0b`, `0o` or a leading 0, `0x`, with underscores between.
fn whole(text: &str) -> Option<i64> {
    let first = text.trim_start_matches(['+', '-']).bytes().next();
    if !first.is_some_and(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = digits.replace('_', "").to_ascii_lowercase();
    let (radix, digits) = match digits.split_at_checked(2) {
        Some(("0x", rest)) => (16, rest),
        Some(("0o", rest)) => (8, rest),
        Some(("0b", rest)) => (2, rest),
        _ if digits.len() > 1 && digits.starts_with('0') => (8, digits.as_str()),
        _ => (10, digits.as_str()),
    };
    if !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    i64::from_str_radix(&format!("{sign}{digits}"), radix).ok()
}

fn fraction(text: &str) -> Option<Number> {
    let is_number = text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte))
        && !text.starts_with(['e', 'E']);
    is_number.then(|| text.parse().ok().and_then(Number::from_f64)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    // As `kubectl create --dry-run=client -o json` prints them.
    #[test]
    fn words_mean_what_kubernetes_takes_them_for() {
        let text = "a: 2\nb: \"2\"\nc: 500m\nd: 1.5\ne: yes\nf: 0644\ng: 0x10\nh:\ni: [1, x]\nj: |\n  two\n  lines\nk: 1e3\nl: -3\nm: 1.2.3\nn: !!str 7\n1: one\n";
        let expected = json!({
            "a": 2, "b": "2", "c": "500m", "d": 1.5, "e": true, "f": 420, "g": 16, "h": null, "i": [1, "x"],
            "j": "two\nlines\n", "k": 1000.0, "l": -3, "m": "1.2.3", "n": "7", "1": "one",
        });
        assert_eq!(read(text), Ok(expected));
        assert_eq!(read("---\na: b\n...\n"), Ok(json!({"a": "b"})));
    }

    #[test]
    fn what_readers_take_in_different_ways_is_refused() {
        let deep = format!("{}{}", "[".repeat(70), "]".repeat(70));
        let deep_block = "- ".repeat(70) + "a";
        for (text, part) in [
            ("a: &x [1]\nb: *x\n", "line 2: an alias"),
            ("a: 1\n<<: {b: 2}\n", "a merge key"),
            ("a: 1\na: 2\n", "key \"a\" stands twice"),
            ("a: !!binary aGk=\n", "is not read"),
            ("a: !!map {}\n", "is not read"),
            ("a: 1\n---\nb: 2\n", "a second document"),
            ("[a]: 1\n", "a key that is no text"),
            ("", "no document"),
            ("# nothing\n", "no document"),
            ("a: [", "no YAML"),
            (deep.as_str(), "nested deeper than 64"),
            (deep_block.as_str(), "nested deeper than 64"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
