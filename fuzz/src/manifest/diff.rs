//! What differs between two manifests: nothing between one and itself, and something wherever one of them says something that the other
//! does not.
//!
//! The first bytes choose a manifest, the others what is changed of it.

use std::collections::{BTreeMap, BTreeSet};

use arbitrary::{Result, Unstructured};
use serde_json::Value;
use sev_launch_manifest::{Manifest, diff, serde_json};

use super::made;

pub(crate) fn run(bytes: &[u8]) {
    let _ = chosen(&mut Unstructured::new(bytes));
}

fn chosen(u: &mut Unstructured<'_>) -> Result<()> {
    let Some(one) = made::manifest(u)? else { return Ok(()) };
    let none = diff(&one, &one);
    assert!(none.is_empty() && none.to_string().is_empty(), "{none}");
    let other = match u.ratio(1, 8)? {
        true => made::manifest(u)?,
        false => made::changed(u, &one)?,
    };
    let Some(other) = other else { return Ok(()) };
    for (old, new) in [(&one, &other), (&other, &one)] {
        compare(old, new);
    }
    Ok(())
}

fn compare(old: &Manifest, new: &Manifest) {
    let differences = diff(old, new);
    let text = differences.to_string();
    serde_json::to_string(&differences).expect("JSON");
    assert_eq!(differences.is_empty(), text.is_empty(), "{text}");
    if differences.is_empty() {
        assert_eq!(said(old), said(new), "a difference that is not told");
        // Lists of modules name what changed: of the same image one is as good as none, and not as good as another.
        let lists = |manifest: &Manifest| -> BTreeSet<_> {
            let facts = manifest.inputs().iter().filter_map(|input| input.firmware_facts.as_ref());
            facts
                .filter_map(|facts| facts.modules.clone().map(|list| format!("{list:?}")))
                .collect()
        };
        let (one, two) = (lists(old), lists(new));
        let alone = |manifest: &Manifest| manifest.inputs().len() == 1;
        let is_told = one.is_empty() || two.is_empty() || one == two;
        assert!(is_told || !alone(old), "another list that is not told");
    } else {
        assert_ne!(old, new, "{text}");
    }
    let rows = [old, new].map(|manifest| manifest.rows().len());
    let in_both = differences.rows_same.len() + differences.rows_changed.len();
    assert_eq!(in_both + differences.rows_removed.len(), rows[0], "{text}");
    assert_eq!(in_both + differences.rows_added.len(), rows[1], "{text}");
    for change in &differences.rows_changed {
        assert!(!change.causes.is_empty(), "{text}");
        for cause in &change.causes {
            assert!(!differences.explain(cause).is_empty(), "{text}");
        }
    }
}

/// All that a manifest says and another may not pass over: its head, and how often each input and each row stands in it, with inputs in
/// place of their numbers. What one of them knows of an image and the other does not is no difference: the list of its modules, and
/// whether it checks the kernel's hashes.
fn said(manifest: &Manifest) -> (Value, [BTreeMap<String, usize>; 2]) {
    let json = manifest.to_json().expect("small");
    let mut value: Value = serde_json::from_slice(&json).expect("JSON");
    let mut inputs = value["inputs"].take();
    for input in inputs.as_array_mut().expect("a list") {
        if let Some(facts) = input["firmware_facts"].as_object_mut() {
            facts.remove("modules");
            facts.remove("kernel_hash_check");
        }
    }
    let rows = value["rows"].take();
    let inputs = inputs.as_array().expect("a list");
    let count = |texts: &mut dyn Iterator<Item = String>| {
        let mut counts = BTreeMap::new();
        for text in texts {
            *counts.entry(text).or_default() += 1;
        }
        counts
    };
    let of_row = |row: &Value| {
        let mut row = row.clone();
        for (_, input) in row["inputs"].as_object_mut().expect("an object") {
            let index = usize::try_from(input.as_u64().expect("a number")).expect("small");
            *input = inputs[index].clone();
        }
        row.to_string()
    };
    let inputs_said = count(&mut inputs.iter().map(Value::to_string));
    let rows_said = count(&mut rows.as_array().expect("a list").iter().map(of_row));
    (value, [inputs_said, rows_said])
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    (0..6_u8).map(|number| sev_launch_testkit::pattern(900, 2 * number + 3, 31 * number)).collect()
}
