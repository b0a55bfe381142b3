//! What JSON says, read in the plainest way, to hold our strict readers against.

use std::collections::HashSet;

/// Does an object of this document have two keys that are equal? The document is known to be JSON.
pub(crate) fn has_a_key_twice(document: &[u8]) -> bool {
    // The keys of each object that is open, and nothing for a list.
    let mut open: Vec<HashSet<String>> = Vec::new();
    let mut at = 0;
    while let Some(byte) = document.get(at) {
        at += 1;
        match byte {
            b'{' | b'[' => open.push(HashSet::new()),
            b'}' | b']' => drop(open.pop()),
            b'"' => {
                let start = at - 1;
                while document.get(at) != Some(&b'"') {
                    at += if document.get(at) == Some(&b'\\') { 2 } else { 1 };
                }
                at += 1;
                let mut rest = document[at..].iter().filter(|byte| !byte.is_ascii_whitespace());
                let is_key = rest.next() == Some(&b':');
                if is_key {
                    let key = serde_json::from_slice(&document[start..at]).expect("a text");
                    if !open.last_mut().expect("an object").insert(key) {
                        return true;
                    }
                }
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_from_values_and_objects_from_each_other() {
        for (document, wanted) in [
            (r#"{"a": "a", "b": ["a", {"a": 1}], "\"": "\\"}"#, false),
            (r#"[{"a": 1}, {"a": 1}]"#, false),
            (r#"{"a": 1, "b": {"c": 1, "c" : 2}}"#, true),
            (r#"{"a": [{}, []], "\u0061": 1}"#, true),
        ] {
            assert_eq!(has_a_key_twice(document.as_bytes()), wanted, "{document}");
        }
    }
}
