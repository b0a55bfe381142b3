//! Stored requirements: what is written is read again, and a key that is missing or unknown is an error and no weaker demand.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sev_launch_verify::demand::Demand;
use sev_launch_verify::{sev, snp};

use super::choices::Choices;
use super::snp_keys::KEYS;
use super::{appraisal, sev_measurement};

/// Keys whose values may be nothing: no generation is accepted then, and no part of a TCB or of a description is there.
const OPTIONAL: [&str; 7] = ["milan", "genoa", "turin", "fmc", "vcpus", "signature", "profile"];

/// The first byte: text as it stands, or requirements of SEV or of SNP that are chosen.
pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    match choices.byte() % 4 {
        0 => {
            let text = choices.rest();
            read_again::<sev::requirements::Requirements>(text);
            read_again::<snp::requirements::Requirements>(text);
            read_again::<Vec<Demand>>(text);
        }
        1 => {
            let requirements = sev_measurement::requirements(&mut choices);
            stored(&mut choices, &requirements);
        }
        _ => {
            let key = choices.one_of(&KEYS);
            let requirements = appraisal::chosen(&mut choices, key);
            stored(&mut choices, &requirements);
        }
    }
}

/// Whatever is read is written as something that is read as the same.
fn read_again<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(text: &[u8]) {
    let Ok(read) = serde_json::from_slice::<T>(text) else { return };
    let written = serde_json::to_vec(&read).expect("it is data");
    assert_eq!(serde_json::from_slice::<T>(&written).ok(), Some(read));
}

/// Writes requirements, and takes one key away or adds one.
fn stored<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
    choices: &mut Choices<'_>,
    requirements: &T,
) {
    let mut value = serde_json::to_value(requirements).expect("it is data");
    let read = serde_json::from_value::<T>(value.clone());
    assert_eq!(read.as_ref().ok(), Some(requirements), "{value}");
    let Some(object) = some_object(choices, &mut value) else { return };
    let keys: Vec<String> = object.keys().cloned().collect();
    let key = choices.one_of(&keys).clone();
    let is_added = choices.flag();
    if is_added {
        object.insert(format!("{key}_"), Value::Bool(true));
    } else {
        object.remove(&key);
    }
    let read = serde_json::from_value::<T>(value.clone());
    let may_be_missing = !is_added && OPTIONAL.contains(&key.as_str());
    assert!(read.is_err() || may_be_missing, "{key}: {value}");
}

/// One of the objects in a value that has keys, the outer ones more often.
fn some_object<'a>(
    choices: &mut Choices<'_>,
    value: &'a mut Value,
) -> Option<&'a mut serde_json::Map<String, Value>> {
    let goes_deeper = choices.flag();
    match value {
        Value::Object(object) if object.is_empty() => None,
        Value::Object(object) => {
            if !goes_deeper {
                return Some(object);
            }
            let number = choices.below(object.len());
            some_object(choices, object.values_mut().nth(number)?)
        }
        Value::Array(list) if !list.is_empty() => {
            let number = choices.below(list.len());
            some_object(choices, &mut list[number])
        }
        _ => None,
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    let text = |value: &str| [&[0], value.as_bytes()].concat();
    let sev = sev_measurement::requirements(&mut Choices::new(&[1, 0]));
    seeds.push(text(&serde_json::to_string(&sev).expect("it is data")));
    let snp = appraisal::chosen(&mut Choices::new(&[1, 0]), &KEYS[4]);
    seeds.push(text(&serde_json::to_string(&snp).expect("it is data")));
    let demands = snp.demands();
    seeds.push(text(&serde_json::to_string(&demands[..3]).expect("it is data")));
    for depth in 0..6 {
        let path = [1, depth].repeat(usize::from(depth));
        seeds.push([&[1, 1, 2, 1], &[0; 9][..], &path, &[0, depth, 0]].concat());
        seeds.push([&[2, 4, 1, 0, 0], &[0; 7][..], &path, &[0, depth, 1]].concat());
    }
    seeds
}
