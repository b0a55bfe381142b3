//! Is a recorded manifest still what its inputs give? A manifest that `check` calls current says the same digests, facts and inputs as one
//! that is computed anew from its description.
//!
//! The first bytes choose a small guest whose manifest was computed, the others what is changed of its JSON.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::sync::LazyLock;

use arbitrary::Unstructured;
use serde_json::Value;
use sev_launch_description::{Description, Origin};
use sev_launch_digest::hash::Portable;
use sev_launch_manifest::{Manifest, check, serde_json};
use sev_launch_sweep::{Budget, Inputs, Memory, Mode, Reading, Sweep};
use sev_launch_testkit::expected;
use sev_launch_testkit::firmware::FirmwareBuilder;

/// The guests.
const GUESTS: [&str; 5] = [
    r#"{"technology": "sev", "policy": "0x1", "firmware": {"path": "OVMF.fd"}, "boot": {"kernel": "vmlinuz", "initrd": "initrd",
        "cmdline": ["quiet", "debug"], "kernel_hashes": true}}"#,
    r#"{"technology": "sev", "firmware": {"path": ["OVMF.fd", "other.fd"]}}"#,
    r#"{"technology": "sev-es", "vcpus": "1..=2", "cpu": "EPYC-Milan", "firmware": {"path": "OVMF.fd"},
        "profile": ["es-legacy", "es-init2"]}"#,
    r#"{"technology": "snp", "policy": "0x30000", "vcpus": [1, 3], "cpu": "EPYC-Genoa", "firmware": {"path": "OVMF.fd"}}"#,
    r#"{"technology": "snp", "vcpus": 2, "cpu": ["EPYC-Milan", "EPYC-Turin"], "firmware": {"path": "other.fd"},
        "boot": {"kernel": "vmlinuz", "kernel_hashes": false}}"#,
];

static FILES: LazyLock<Memory> = LazyLock::new(|| {
    Memory::from([
        ("OVMF.fd", image()),
        ("other.fd", FirmwareBuilder::amd_sev().size(0x2000).pattern(13, 5).build()),
        ("vmlinuz", b"a kernel".to_vec()),
        ("initrd", b"an initrd".to_vec()),
    ])
});

fn image() -> Vec<u8> {
    FirmwareBuilder::amd_sev().size(0x2000).build()
}

/// A guest's manifest, its JSON, and what that says.
struct Recorded {
    manifest: Manifest,
    json: Value,
    said: Said,
}

static RECORDED: LazyLock<Vec<Recorded>> = LazyLock::new(|| {
    let recorded = |text: &&str| {
        let manifest = computed(text.as_bytes(), "a guest");
        let manifest = manifest.unwrap_or_else(|error| panic!("{text}: {error}"));
        let (json, said) = (parts(&manifest), Said::of(&manifest));
        Recorded { manifest, json, said }
    };
    let all: Vec<Recorded> = GUESTS.iter().map(recorded).collect();
    let table =
        |cmdline: &[u8]| expected::hashes_table(b"a kernel", Some(b"an initrd"), Some(cmdline));
    let digests =
        [b"quiet", b"debug"].map(|cmdline| expected::sev(&image(), Some(&table(cmdline))));
    let found = all[0].manifest.rows().iter().map(|row| row.digest.as_bytes());
    assert!(found.eq(digests.iter().map(<[u8; 32]>::as_slice)), "the test kit has others");
    all
});

/// The manifest of a description, computed now.
fn computed(description: &[u8], name: &str) -> Result<Manifest, Box<dyn Error>> {
    let folder = Path::new("");
    let origin = Origin::file("description");
    let description = Description::from_json(description, &origin, folder)?;
    let mode = Mode::of(&description).ok_or("no technology")?;
    // Sizes and counts come out of the bytes: what would take long is refused here, as with a service.
    let budget = Budget { pages: 256, bytes: 1 << 20 };
    let reading = Reading { absorbs_whole: true, budget, ..Reading::default() };
    let inputs = Inputs::read(mode, description, reading, &*FILES, &Portable)?;
    let rows = Sweep::new(&inputs, &Portable)?.rows()?;
    Ok(Manifest::of_sweep(&inputs, &rows, name, "sev-launch 0.1.0", &Path::to_path_buf)?)
}

fn parts(manifest: &Manifest) -> Value {
    serde_json::from_slice(&manifest.to_json().expect("small")).expect("JSON")
}

pub(crate) fn run(bytes: &[u8]) {
    let _ = chosen(&mut Unstructured::new(bytes));
}

fn chosen(u: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let base = &RECORDED[u.choose_index(RECORDED.len())?];
    let mut json = base.json.clone();
    let changes = u.int_in_range(0..=3)?;
    for _ in 0..changes {
        change(u, &mut json)?;
    }
    let bytes = serde_json::to_vec(&json).expect("JSON");
    let Ok(recorded) = Manifest::from_json(&bytes) else {
        assert_ne!(changes, 0, "what was written is not read");
        return Ok(());
    };
    let name = &recorded.head().name;
    let computed = match json["description"] == base.json["description"] {
        true => None,
        false => match computed(&serde_json::to_vec(&json["description"]).expect("JSON"), name) {
            Ok(computed) => Some(computed),
            Err(_) => return Ok(()),
        },
    };
    let again = computed.as_ref().unwrap_or(&base.manifest);
    let is_as_again = || match &computed {
        Some(computed) => Said::of(&recorded).compared(&Said::of(computed)),
        None => Said::of(&recorded).compared(&base.said),
    };
    match check(&recorded, again) {
        Ok(check) if check.is_same() => {
            assert_ne!(is_as_again(), Compared::Other, "called current, and is not");
        }
        Ok(check) => {
            let is_same = is_as_again() == Compared::Same;
            assert!(!is_same || is_ambiguous(&json), "called drifted, and is not: {check}");
        }
        Err(_) => {
            let is_computed = |row: &Value| row["obtained"]["how"] == "computed";
            let rows = json["rows"].as_array().expect("a list");
            assert!(!rows.iter().any(is_computed), "there is something to check");
        }
    }
    if changes == 0 {
        assert!(check(&recorded, again).is_ok_and(|check| check.is_same()), "nothing was changed");
    }
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
enum Compared {
    Same,
    /// But for inputs that no computed row depends on.
    SameRows,
    Other,
}

/// What a manifest says, without the places of files.
struct Said {
    /// The head's facts.
    head: Vec<Value>,
    /// How often each computed row stands there, with its inputs in place of their numbers.
    rows: BTreeMap<String, usize>,
    /// Every input, whether or not a row depends on it.
    inputs: Vec<Value>,
}

impl Said {
    fn of(manifest: &Manifest) -> Self {
        let json = parts(manifest);
        let inputs = json["inputs"].as_array().expect("a list").iter().map(without_place);
        let inputs: Vec<Value> = inputs.collect();
        let head = ["technology", "policy", "host_data"].map(|key| json[key].clone()).to_vec();
        let mut rows = BTreeMap::new();
        let all = json["rows"].as_array().expect("a list").iter();
        for row in all.filter(|row| row["obtained"]["how"] == "computed") {
            let mut row = row.clone();
            for (_, input) in row["inputs"].as_object_mut().expect("an object") {
                let index = usize::try_from(input.as_u64().expect("a number")).expect("small");
                *input = inputs[index].clone();
            }
            *rows.entry(row.to_string()).or_default() += 1;
        }
        Self { head, rows, inputs }
    }

    fn compared(&self, other: &Self) -> Compared {
        if (&self.head, &self.rows) != (&other.head, &other.rows) {
            return Compared::Other;
        }
        if self.inputs == other.inputs { Compared::Same } else { Compared::SameRows }
    }
}

/// Do two files of one name have different bytes? Then nothing says which of them became which.
fn is_ambiguous(json: &Value) -> bool {
    let inputs = json["inputs"].as_array().expect("a list");
    let named = |one: &Value| (one["role"].clone(), one["path"].clone());
    let other = |one: &Value, other: &Value| named(one) == named(other) && one != other;
    inputs.iter().any(|one| inputs.iter().any(|two| other(one, two)))
}

/// An input without where it lies, and whether a firmware is the image or what was absorbed of it.
fn without_place(input: &Value) -> Value {
    let mut input = input.clone();
    let fields = input.as_object_mut().expect("an object");
    fields.remove("path");
    if fields["role"] == "absorbed-firmware" {
        fields.insert("role".to_owned(), "firmware".into());
    }
    input
}

/// Changes something of a manifest's JSON: a value, a field, or a whole row or input.
fn change(u: &mut Unstructured<'_>, json: &mut Value) -> arbitrary::Result<()> {
    if u.ratio(1, 4)? {
        return change_list(u, json);
    }
    let mut places = Vec::new();
    pointers(json, String::new(), &mut places);
    let place = u.choose(&places)?.clone();
    let other = u.choose(&places)?.clone();
    match u.int_in_range(0..=5)? {
        0 => {
            // A field or item goes.
            let (parent, key) = place.rsplit_once('/').expect("below the root");
            match json.pointer_mut(parent).expect("it is there") {
                Value::Object(fields) => drop(fields.remove(key)),
                Value::Array(items) => drop(items.remove(key.parse().expect("a number"))),
                _ => {}
            }
        }
        // What stands elsewhere stands here too.
        1 | 2 => {
            let value = json.pointer(&other).expect("it is there").clone();
            *json.pointer_mut(&place).expect("it is there") = value;
        }
        _ => {
            let value = json.pointer_mut(&place).expect("it is there");
            *value = changed(u, value)?;
        }
    }
    Ok(())
}

/// A row or an input goes, comes twice, or stands in another place.
fn change_list(u: &mut Unstructured<'_>, json: &mut Value) -> arbitrary::Result<()> {
    let name = *u.choose(&["rows", "rows", "inputs"])?;
    let Some(list) = json[name].as_array_mut().filter(|list| !list.is_empty()) else {
        return Ok(());
    };
    let [place, other] = [u.choose_index(list.len())?, u.choose_index(list.len())?];
    match u.int_in_range(0..=2)? {
        0 => drop(list.remove(place)),
        1 => list.insert(other, list[place].clone()),
        _ => list.swap(place, other),
    }
    Ok(())
}

/// The places of all values that hold no others.
fn pointers(value: &Value, path: String, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (key, value) in fields {
                let key = key.replace('~', "~0").replace('/', "~1");
                pointers(value, format!("{path}/{key}"), found);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, value) in items.iter().enumerate() {
                pointers(value, format!("{path}/{index}"), found);
            }
        }
        _ => found.push(path),
    }
}

/// A value of the same kind, near the one that stands there.
fn changed(u: &mut Unstructured<'_>, value: &Value) -> arbitrary::Result<Value> {
    Ok(match value {
        Value::Bool(one) => (!one).into(),
        Value::Number(number) => {
            let number = number.as_u64().unwrap_or_default();
            match u.int_in_range(0..=2)? {
                0 => number.wrapping_add(1).into(),
                1 => number.wrapping_sub(1).into(),
                _ => u.int_in_range(0..=4_u64)?.into(),
            }
        }
        Value::String(text) => {
            const WORDS: [&str; 12] = [
                "endorsed",
                "observed",
                "computed",
                "snp",
                "sev",
                "sev-es",
                "es-init2",
                "snp-qemu",
                "OVMF.fd",
                "other.fd",
                "EPYC-Rome",
                "1..=3",
            ];
            let mut characters: Vec<char> = text.chars().collect();
            if characters.is_empty() || u.ratio(1, 4)? {
                return Ok((*u.choose(&WORDS)?).into());
            }
            let place = u.choose_index(characters.len())?;
            characters[place] = u.int_in_range(b' '..=b'~')?.into();
            characters.into_iter().collect::<String>().into()
        }
        _ => u.arbitrary::<u8>()?.into(),
    })
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    (0..8_u8).map(|number| sev_launch_testkit::pattern(64, 2 * number + 3, 32 * number)).collect()
}
