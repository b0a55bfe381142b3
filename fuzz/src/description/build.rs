//! Descriptions built from choices: keys of the table, with values that their keys take, or nearly.

use arbitrary::{Result, Unstructured};
use serde_json::{Map, Value, json};
use sev_launch_description::keys::{KEYS, Key};

/// A description's document, as JSON has it.
pub(crate) fn document(choices: &mut Unstructured<'_>) -> Result<Value> {
    let mut document = Map::new();
    // What hardly any description is without comes by itself, most of the time.
    for name in ["technology", "vcpus", "firmware.path", "boot.kernel", "cpu"] {
        if choices.ratio(7, 8)? {
            say(&mut document, find(name), choices)?;
        }
    }
    for _ in 0..choices.int_in_range(0..=8)? {
        let key = choices.choose(KEYS)?;
        // Some mean nothing, or nothing good, alone.
        let alone = choices.ratio(1, 16)?;
        let together: &[&str] = match key.name {
            "family" | "model" | "stepping" if !alone => &["family", "model", "stepping"],
            "svsm.image" | "svsm.vars_size" if !alone => &["svsm.image", "svsm.vars_size"],
            name => &[name],
        };
        for name in together {
            say(&mut document, find(name), choices)?;
        }
    }
    let mut list = Vec::new();
    for _ in 0..choices.int_in_range(0..=3_u8)?.saturating_sub(1) {
        list.push(unknown(choices)?);
    }
    if !list.is_empty() {
        document.insert("unknown".into(), list.into());
    }
    Ok(document.into())
}

/// The key of a name.
pub(crate) fn find(name: &str) -> &'static Key {
    sev_launch_description::keys::find(name).unwrap_or_else(|| panic!("no key is called {name}"))
}

/// Says a key in a document, and most of the time takes back what says the same in another way.
pub(crate) fn say(
    document: &mut Map<String, Value>,
    key: &Key,
    choices: &mut Unstructured<'_>,
) -> Result<()> {
    let value = match key.is_axis && choices.ratio(1, 4)? {
        false => value(key, choices)?,
        true => {
            let count = if choices.ratio(1, 32)? { 0 } else { choices.int_in_range(1..=3)? };
            (0..count).map(|_| value(key, choices)).collect::<Result<Vec<_>>>()?.into()
        }
    };
    if !choices.ratio(1, 32)? {
        for other in KEYS.iter().filter(|other| says_the_same(other, key)) {
            match other.name.split_once('.') {
                None => document.remove(other.name),
                Some((table, name)) => document
                    .get_mut(table)
                    .and_then(|table| table.as_object_mut())
                    .and_then(|table| table.remove(name)),
            };
        }
    }
    match key.name.split_once('.') {
        None => document.insert(key.name.into(), value),
        Some((table, name)) => {
            let table = document.entry(table).or_insert_with(|| Map::new().into());
            table.as_object_mut().and_then(|table| table.insert(name.into(), value))
        }
    };
    Ok(())
}

/// Is it another key of the same field? The parts of a CPU's signature go together.
fn says_the_same(other: &Key, key: &Key) -> bool {
    let is_part = |key: &Key| ["family", "model", "stepping"].contains(&key.name);
    other.name != key.name && other.field() == key.field() && !(is_part(other) && is_part(key))
}

fn unknown(choices: &mut Unstructured<'_>) -> Result<Value> {
    let text = *choices.choose(&TEXTS)?;
    let mut unknown = json!({"source": "s", "place": "p", "text": text, "settled_by": "x"});
    if choices.ratio(7, 8)? {
        unknown["key"] = choices.choose(KEYS)?.name.into();
    }
    Ok(unknown)
}

/// Texts of what is unknown, which may be called harmless.
const TEXTS: [&str; 3] = ["why", "another", "a\u{202e}b"];

/// A value that a key takes; once in a while any text or number in its place.
fn value(key: &Key, choices: &mut Unstructured<'_>) -> Result<Value> {
    if choices.ratio(1, 64)? {
        return Ok(match choices.ratio(1, 2)? {
            true => choices.arbitrary::<u64>()?.into(),
            false => choices.arbitrary::<&str>()?.into(),
        });
    }
    let of = |choices: &mut Unstructured<'_>, list: &[&str]| Ok(json!(choices.choose(list)?));
    match key.name {
        "technology" => of(choices, &["sev", "sev-es", "snp"]),
        // Those that fit a technology, and one that does not.
        "policy" => of(choices, &["0x1", "0x5", "0x30000", "0xb0000", "0x7"]),
        "host_data" => Ok("ab".repeat(32).into()),
        // 96 and 4096 bytes in base64; a block of zeros is one for any policy of zeros.
        "id_block" => Ok("A".repeat(128).into()),
        "id_auth" => Ok(["A".repeat(5462).as_str(), "=="].concat().into()),
        "profile" => of(choices, &PROFILES),
        "vcpus" => of(choices, &["1", "2", "1..=3", "4,1", "8", "0x2", "2,2"]),
        "late_vcpus" => Ok(choices.int_in_range(0..=2)?.into()),
        "cpu" => of(choices, &["EPYC-Milan", "EPYC-v4", "epyc-genoa", "EPYC"]),
        "signature" => of(choices, &["0xa00f11", "0x800f12", "0"]),
        "sev_features" => of(choices, &["0x1", "0x21", "0x0"]),
        "harmless" => of(choices, &TEXTS),
        "family" => Ok(25.into()),
        "model" => Ok(choices.int_in_range(0..=17)?.into()),
        "stepping" => Ok(choices.int_in_range(0..=16)?.into()),
        "host.kernel" => of(choices, &["6.8.0-31-generic", "6.6.10", "5.14.0-503.el9", "6.12"]),
        "host.vmm" => of(choices, &VMMS),
        "host.cpu" => of(choices, &["Milan", "Genoa", "Rome"]),
        "host.machine" => of(choices, &["q35", "pc-q35-9.2", "pc-i440fx-7.1"]),
        "firmware.snp_digest" => Ok("cd".repeat(48).into()),
        "boot.cmdline" => of(choices, &["", "console=ttyS0", "a b"]),
        "boot.cmdline_hex" => of(choices, &["", "ff", "6100"]),
        "boot.kernel_gpa" => of(choices, &["0x0", "0x1000000"]),
        "svsm.vars_size" => of(choices, &["0", "4096", "0x3000"]),
        "author_key"
        | "host.debug_swap"
        | "host.legacy_vm_type"
        | "firmware.in_flash"
        | "boot.kernel_hashes" => Ok(choices.arbitrary::<bool>()?.into()),
        name if name.ends_with("sha256") => Ok("ef".repeat(32).into()),
        name if key.holds_path => {
            let number = choices.int_in_range(0..=1)?;
            Ok(format!("{}-{number}", name.replace('.', "-")).into())
        }
        name => panic!("{name}: this target knows no value of it"),
    }
}

/// Launch profiles of all three technologies and of VMMs that load other things.
const PROFILES: [&str; 10] = [
    "es-legacy",
    "es-init2",
    "es-legacy-debugswap",
    "snp-qemu",
    "snp-ec2",
    "snp-gce",
    "snp-krun-reset",
    "snp-svsm-legacy",
    "snp-svsm-nofpu",
    "snp-svsm-ssm",
];

/// VMMs with and without their versions.
const VMMS: [&str; 7] = ["qemu", "qemu 9.2", "qemu 6.1", "qemu 10.1", "ec2", "libkrun 1.9", "gce"];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use sev_launch_description::Description;
    use sev_launch_digest::profile;

    use super::super::origin;
    use super::*;

    /// A key that is added to the table must have values here, and they must be what it takes.
    #[test]
    fn every_key_has_values_that_can_be_read() {
        for key in KEYS.iter().filter(|key| !["family", "model", "stepping"].contains(&key.name)) {
            for bytes in [[255_u8; 16], [77; 16], [130; 16]] {
                let mut choices = Unstructured::new(&bytes);
                let value = value(key, &mut choices).unwrap();
                let mut document = Map::new();
                let place = match key.name.split_once('.') {
                    None => document.entry(key.name),
                    Some((table, name)) => {
                        let table = document.entry(table).or_insert(json!({}));
                        table.as_object_mut().unwrap().entry(name)
                    }
                };
                place.or_insert(value);
                let text = serde_json::to_vec(&document).unwrap();
                let read = Description::from_json(&text, &origin(), Path::new(""));
                assert!(read.is_ok(), "{document:?}: {read:?}");
            }
        }
        for name in PROFILES {
            assert!(profile::by_name(name).is_ok(), "{name}");
        }
    }
}
