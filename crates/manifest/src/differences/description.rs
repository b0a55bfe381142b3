//! Where two descriptions differ: the values, by JSON pointer.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::strict::child;

/// A value of a description that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ValueChange {
    /// Where it stands, as a JSON pointer (RFC 6901).
    pub path: String,
    /// Before; missing where there was none.
    pub old: Option<Value>,
    /// After; missing where there is none.
    pub new: Option<Value>,
}

impl fmt::Display for ValueChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |value: &Option<Value>| value.as_ref().map_or("none".into(), Value::to_string);
        // A key may hold anything.
        write!(f, "{}: {} -> {}", self.path.escape_debug(), text(&self.old), text(&self.new))
    }
}

/// Goes down as long as both are objects, or arrays.
pub(super) fn compare(old: &Value, new: &Value, path: String, found: &mut Vec<ValueChange>) {
    let both = |old: Option<&Value>, new: Option<&Value>, path, found: &mut Vec<_>| match (old, new)
    {
        (Some(old), Some(new)) => compare(old, new, path, found),
        (old, new) => found.push(ValueChange { path, old: old.cloned(), new: new.cloned() }),
    };
    match (old, new) {
        (Value::Object(one), Value::Object(two)) => {
            let keys: BTreeSet<_> = one.keys().chain(two.keys()).collect();
            for key in keys {
                both(one.get(key), two.get(key), child(&path, key), found);
            }
        }
        (Value::Array(one), Value::Array(two)) => {
            for index in 0..one.len().max(two.len()) {
                both(one.get(index), two.get(index), format!("{path}/{index}"), found);
            }
        }
        _ if old == new => {}
        _ => found.push(ValueChange { path, old: Some(old.clone()), new: Some(new.clone()) }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_named_where_they_stand() {
        let old =
            json!({"vcpus": 4, "boot": {"kernel": "a", "x/y": 1}, "list": [1, 2], "same": {}});
        let new = json!({"vcpus": 8, "boot": {"kernel": "a"}, "list": [1, 2, 3], "same": {}});
        let mut found = Vec::new();
        compare(&old, &new, String::new(), &mut found);
        let lines: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(lines, ["/boot/x~1y: 1 -> none", "/list/2: none -> 3", "/vcpus: 4 -> 8"]);
    }

    #[test]
    fn another_type_is_another_value() {
        let mut found = Vec::new();
        compare(&json!({"a": 1}), &json!({"a": [1]}), String::new(), &mut found);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].to_string(), "/a: 1 -> [1]");
    }
}
