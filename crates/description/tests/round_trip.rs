//! What is written reads back, in TOML and in JSON; what is laid over a description replaces single fields.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use sev_launch_abi::{CpuSignature, SevFeatures, Technology};
use sev_launch_description::axes::Cpu;
use sev_launch_description::description::{Blob, Cmdline, Image, Kernel, Vars};
use sev_launch_description::keys::{self, KEYS};
use sev_launch_description::{Description, Error, Origin, Sourced, Unknown};
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::{profile, snp};

fn origin() -> Origin {
    Origin::file("launch.toml")
}

fn field<T>(value: T) -> Option<Sourced<T>> {
    Some(Sourced::new(value, origin()))
}

fn path() -> impl Strategy<Value = PathBuf> {
    "/[a-zäß \"'#\\\\=.\\[\\]]{1,12}".prop_map(PathBuf::from)
}

fn hash() -> impl Strategy<Value = Sha256Digest> {
    any::<[u8; 32]>().prop_map(Sha256Digest::from_bytes)
}

fn unknown() -> impl Strategy<Value = Unknown> {
    let key =
        prop::sample::select(vec![None, Some("boot.cmdline"), Some("signature"), Some("vcpus")]);
    (key, any::<[String; 4]>()).prop_map(|(key, [source, place, text, settled_by])| Unknown {
        key,
        source,
        place,
        text,
        settled_by,
    })
}

fn maybe<T: Clone + std::fmt::Debug + 'static>(
    strategy: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Option<Sourced<T>>> {
    prop::option::of(strategy).prop_map(|value| value.and_then(field))
}

fn list<T: Clone + std::fmt::Debug + 'static>(
    strategy: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Option<Sourced<Vec<T>>>> {
    maybe(prop::collection::vec(strategy, 1..4))
}

fn description() -> impl Strategy<Value = Description> {
    let head = (
        maybe(prop::sample::select(vec![Technology::Sev, Technology::SevEs, Technology::Snp])),
        maybe(any::<u64>()),
        list((0..profile::ALL.len()).prop_map(|index| &profile::ALL[index])),
        maybe(prop::sample::select(vec!["1", "4096", "1..=4,8", "2,2"])),
        prop_oneof![
            list(any::<u32>().prop_map(|number| Cpu::from(CpuSignature(number)))),
            list(
                prop::sample::select(vec!["EPYC-Milan", "epyc-rome-v2"])
                    .prop_map(|name| Cpu::of_model(name).expect("a model"))
            ),
        ],
        list(any::<u64>().prop_map(SevFeatures)),
        prop::option::of(any::<bool>()),
    );
    let boot = (
        prop_oneof![
            list(path().prop_map(Kernel::File)),
            list(hash().prop_map(Kernel::Sha256)),
            list(path().prop_map(Kernel::Uki))
        ],
        prop_oneof![list(path().prop_map(Blob::File)), list(hash().prop_map(Blob::Sha256))],
        prop_oneof![
            list(any::<String>().prop_map(|text| Cmdline::Bytes(text.into_bytes()))),
            list(
                prop::collection::vec(any::<u8>(), 0..9)
                    .prop_map(|bytes| Cmdline::Bytes([&[0xff], &bytes[..]].concat()))
            ),
            list(path().prop_map(Cmdline::File)),
            list(hash().prop_map(Cmdline::Sha256)),
        ],
        list(any::<bool>()),
        maybe(any::<u64>()),
    );
    let rest = (
        prop_oneof![list(path().prop_map(Image::File)), list(path().prop_map(Image::Absorbed))],
        maybe(hash()),
        prop::option::of(any::<[u8; 24]>()),
        maybe(path()),
        maybe(prop_oneof![any::<u64>().prop_map(Vars::Bytes), path().prop_map(Vars::File)]),
        prop::collection::vec(unknown(), 0..4),
        list(any::<String>()),
    );
    (head, boot, rest).prop_map(|(head, boot, rest)| {
        let mut made = Description {
            technology: head.0,
            policy: head.1,
            profiles: head.2,
            vcpus: head.3.map(|field| Sourced::new(field.value.parse().expect("counts"), origin())),
            cpus: head.4,
            sev_features: head.5,
            ..Description::default()
        };
        made.host.debug_swap = head.6.and_then(field);
        made.host.kernel = head.6.and_then(|_| field("6.8.0-31-generic".to_owned()));
        (made.boot.kernels, made.boot.initrds) = (boot.0, boot.1);
        (made.boot.cmdlines, made.boot.kernel_hashes) = (boot.2, boot.3);
        made.boot.kernel_gpa = boot.4;
        (made.firmware.images, made.firmware.sha256) = (rest.0, rest.1);
        made.firmware.snp_digest = rest.2.and_then(|half| {
            let mut bytes = [0; 48];
            bytes[..24].copy_from_slice(&half);
            field(snp::LaunchDigest::from_bytes(bytes))
        });
        (made.vmsa.bsp, made.svsm.vars) = (rest.3, rest.4);
        (made.unknown, made.harmless) = (rest.5, rest.6);
        made
    })
}

proptest! {
    #[test]
    fn toml_and_json_read_back(description in description()) {
        let folder = Path::new("/");
        let toml = description.to_toml(false).unwrap();
        let read = Description::from_toml(&toml, &origin(), folder);
        prop_assert_eq!(read, Ok(description.clone()), "{}", toml);
        // A comment on each line changes nothing.
        let commented = description.to_toml(true).unwrap();
        let read = Description::from_toml(&commented, &origin(), folder);
        prop_assert_eq!(read, Ok(description.clone()), "{}", commented);
        let json = serde_json::to_vec(&description.to_json().unwrap()).unwrap();
        prop_assert_eq!(Description::from_json(&json, &origin(), folder), Ok(description));
    }

    #[test]
    fn no_text_is_a_panic(text in any::<String>(), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Description::from_toml(&text, &origin(), Path::new(""));
        let _ = Description::from_json(&bytes, &origin(), Path::new(""));
    }

    #[test]
    fn a_field_laid_over_wins_and_the_rest_stays(base in description(), over in description()) {
        let merged = over.clone().over(base.clone());
        prop_assert_eq!(&merged.vcpus, if over.vcpus.is_some() { &over.vcpus } else { &base.vcpus });
        prop_assert_eq!(
            &merged.boot.cmdlines,
            if over.boot.cmdlines.is_some() { &over.boot.cmdlines } else { &base.boot.cmdlines }
        );
        prop_assert_eq!(Description::default().over(base.clone()), base.clone());
        if over.firmware.sha256.is_none() {
            // A check that was asked for holds, whichever file is given.
            prop_assert_eq!(&merged.firmware.sha256, &base.firmware.sha256);
        }
    }
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    for (text, part) in [
        ("vcpus = 4\nvcpu = 4", "launch.toml, line 2: unknown key vcpu: did you mean vcpus?"),
        (
            "[boot]\n\nkernal = \"k\"",
            "launch.toml, line 3: unknown key boot.kernal: did you mean boot.kernel?",
        ),
        ("technology = \"tdx\"", "technology: \"tdx\" is no technology"),
        ("vcpus = 0", "vcpus: 0 vCPUs"),
        ("vcpus = \"1..4\"", "a range is written 1..=16"),
        ("vcpus = []", "vcpus:"),
        ("cpu = \"EPYC\"\nsignature = 1", "cpu and signature say the same thing in two ways"),
        ("family = 25", "family, model and stepping go together"),
        ("profile = \"es-legcy\"", "profile:"),
        ("[boot]\ncmdline_hex = \"0\"", "boot.cmdline_hex:"),
        ("[boot]\nkernel = \"\"", "an empty path"),
        ("[firmware]\nsha256 = \"00\"", "firmware.sha256:"),
        ("[host]\nkernel = \"new\"", "host.kernel:"),
        ("vcpus = ", "TOML parse error at line 1"),
        ("[boot]\nkernel = 1", "launch.toml:"),
        ("[[unknown]]\nplace = \"p\"", "missing field"),
        (
            "[[unknown]]\nkey = \"boot.cmdlin\"\nsource = \"\"\nplace = \"\"\ntext = \"\"\nsettled_by = \"\"",
            "unknown key boot.cmdlin: did you mean boot.cmdline?",
        ),
    ] {
        let error = Description::from_toml(text, &origin(), Path::new("")).unwrap_err().to_string();
        assert!(error.contains(part), "{text:?}: {error}");
    }
    let large = format!("#{}", "x".repeat(1 << 20));
    assert!(Description::from_toml(&large, &origin(), Path::new("")).is_err());
    let twice = br#"{"vcpus": 1, "vcpus": 2}"#;
    assert!(Description::from_json(twice, &origin(), Path::new("")).is_err());
    assert!(
        Description::from_json(br#"{"boot": {"kernl": 1}}"#, &origin(), Path::new("")).is_err()
    );
}

#[test]
fn numbers_of_vcpus_are_written_as_they_were_spelled() {
    for text in
        ["vcpus = 4", "vcpus = '04'", "vcpus = '+4'", "vcpus = '0x4'", "vcpus = [4, '5..=6']"]
    {
        let read = Description::from_toml(text, &origin(), Path::new("")).unwrap();
        let toml = read.to_toml(false).unwrap();
        let again = Description::from_toml(&toml, &origin(), Path::new(""));
        assert_eq!(again, Ok(read), "{toml}");
    }
}

#[test]
fn paths_are_taken_from_the_file_s_folder() {
    let text = "[firmware]\npath = \"fw.fd\"\n[boot]\nkernel = \"/k\"\ninitrd = \"-\"";
    let made = Description::from_toml(text, &origin(), Path::new("/etc/guest")).unwrap();
    assert_eq!(made.firmware.images.unwrap().value, [Image::File("/etc/guest/fw.fd".into())]);
    assert_eq!(made.boot.kernels.unwrap().value, [Kernel::File("/k".into())]);
    assert_eq!(made.boot.initrds.unwrap().value, [Blob::File("-".into())]);
}

#[test]
fn what_is_said_settles_what_was_unknown() {
    let read = |text: &str| Description::from_toml(text, &origin(), Path::new("")).unwrap();
    let entry = "source = \"s\"\nplace = \"p\"\ntext = \"t\"\nsettled_by = \"b\"\n";
    let base = read(&format!(
        "harmless = \"a\"\n[[unknown]]\nkey = \"signature\"\n{entry}[[unknown]]\n{entry}"
    ));
    let merged = read("cpu = \"EPYC-Milan\"\nharmless = \"b\"").over(base.clone());
    assert_eq!(merged.unknown, base.unknown[1..]);
    assert_eq!(merged.harmless.unwrap().value, ["b", "a"]);
    assert_eq!(read("vcpus = 1").over(base.clone()).unknown, base.unknown);
    let both = base.clone().over(base.clone());
    assert_eq!(both.unknown.len(), 4);
}

#[test]
fn a_named_profile_and_a_host_replace_each_other() {
    let read = |text: &str| Description::from_toml(text, &origin(), Path::new("")).unwrap();
    let host = read("[host]\nkernel = \"6.8\"\nvmm = \"qemu 9.2\"");
    let named = read("profile = \"es-init2\"");
    let merged = named.clone().over(host.clone());
    assert!(merged.host.kernel.is_none() && merged.host.vmm.is_some());
    assert!(host.over(named).profiles.is_none());
}

fn schema() -> serde_json::Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas");
    let text = std::fs::read(folder.join("launch.schema.json")).expect("the schema is there");
    serde_json::from_slice(&text).expect("the schema is JSON")
}

proptest! {
    #[test]
    fn what_is_written_keeps_to_the_schema(description in description()) {
        static VALIDATOR: std::sync::OnceLock<jsonschema::Validator> = std::sync::OnceLock::new();
        let validator =
            VALIDATOR.get_or_init(|| jsonschema::validator_for(&schema()).expect("a schema"));
        let json = description.to_json().unwrap();
        prop_assert!(validator.is_valid(&json), "{}", json);
    }
}

/// The schema has the table's keys and no others, each of the shape that the table gives it.
#[test]
fn the_schema_s_keys_are_those_of_the_table() {
    let schema = schema();
    let properties = schema["properties"].as_object().expect("an object");
    let mut found = Vec::new();
    for (key, value) in properties.iter().filter(|(key, _)| *key != "unknown") {
        match value["properties"].as_object() {
            Some(inner) => {
                found.extend(inner.iter().map(|(inner, value)| (format!("{key}.{inner}"), value)));
            }
            None => found.push((key.clone(), value)),
        }
    }
    let names: BTreeSet<_> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, KEYS.iter().map(|key| key.name).collect::<BTreeSet<_>>());
    for (name, value) in found {
        let key = keys::find(&name).expect("a key");
        let takes_list = value["anyOf"][1]["type"] == "array";
        // The texts of what is harmless are a list that describes one launch.
        assert_eq!(takes_list, key.is_axis || name == "harmless", "{name}");
        let one = if takes_list { &value["anyOf"][0] } else { value };
        assert_eq!(one["minLength"] == 1, key.holds_path, "{name}");
        // A key without a value would be a demand that nobody obeys.
        let text = match name.split_once('.') {
            Some((table, key)) => format!("{{\"{table}\": {{\"{key}\": null}}}}"),
            None => format!("{{\"{name}\": null}}"),
        };
        let read = Description::from_json(text.as_bytes(), &origin(), Path::new(""));
        let message = "null says nothing: give a value, or leave the key out";
        assert_eq!(
            read,
            Err(Error::Value { file: "launch.toml".into(), key: name, message: message.into() }),
            "{text}"
        );
    }
}

#[test]
fn a_list_is_no_table_and_null_is_nothing_at_any_depth() {
    let json = |text: &str| Description::from_json(text.as_bytes(), &origin(), Path::new(""));
    let toml = |text: &str| Description::from_toml(text, &origin(), Path::new(""));
    let unknown = r#""source": "s", "place": "p", "text": "t", "settled_by": "x""#;
    for (read, wanted) in [
        (json(r#"["snp"]"#), "an object with a description's keys"),
        (json(r#"{"firmware": ["OVMF.fd"]}"#), "[firmware] with path"),
        (json(r#"{"firmware": []}"#), "[firmware] with path"),
        (json(r#"{"boot": ["vmlinuz"]}"#), "[boot] with kernel"),
        (json(r#"{"host": "6.8"}"#), "[host] with kernel"),
        (json(r#"{"vmsa": ["a", "b"]}"#), "[vmsa] with bsp"),
        (json(r#"{"unknown": [["vcpus", "s", "p", "t", "x"]]}"#), "[[unknown]] with source"),
        (json(r#"{"unknown": {}}"#), "expected a sequence"),
        (json(r#"{"technology": {"snp": null}}"#), "technology.snp"),
        (json(r#"{"technology": {"snp": 1}}"#), "technology.snp"),
        (json(r#"{"unknown": null}"#), "unknown: null says nothing"),
        (json(r#"{"vcpus": [1, null]}"#), "vcpus: null says nothing"),
        (json(r#"{"vmsa": null}"#), "vmsa: null says nothing"),
        (json(&format!(r#"{{"unknown": [{{"key": null, {unknown}}}]}}"#)), "unknown.key: null"),
        (toml("firmware = [\"OVMF.fd\"]"), "[firmware] with path"),
        (toml("boot = [\"vmlinuz\"]"), "[boot] with kernel"),
        (toml("[[svsm]]\nimage = \"s\""), "[svsm] with image"),
        (toml("unknown = [[\"vcpus\", \"s\", \"p\", \"t\", \"x\"]]"), "[[unknown]] with source"),
    ] {
        let error = read.unwrap_err().to_string();
        assert!(error.contains(wanted), "{wanted}: {error}");
    }
    assert!(json(&format!(r#"{{"unknown": [{{{unknown}}}]}}"#)).is_ok());
}

#[cfg(unix)]
#[test]
fn names_that_are_no_text_are_shown_and_never_written() {
    use std::os::unix::ffi::OsStrExt as _;
    let text = "[boot]\nkernel = 'vmlinuz'";
    let description = Description::from_toml(text, &Origin::file("launch.toml"), "".as_ref());
    let description =
        description.unwrap().with_paths(|_| std::ffi::OsStr::from_bytes(b"vmlinuz-\xff").into());
    assert_eq!(description.entries()[0].toml, "\"vmlinuz-\u{fffd}\"");
    let error = description.to_toml(false).unwrap_err();
    assert!(matches!(error, Error::NotText { key: "boot.kernel", .. }), "{error}");
    assert_eq!(description.to_toml(true), Err(error.clone()));
    assert_eq!(description.to_json(), Err(error));
}
