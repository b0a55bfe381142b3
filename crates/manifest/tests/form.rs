//! The JSON form: it comes back as it was, its schema describes it, and nothing else is read.

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};
use sev_launch_abi::Generation::{Milan, Turin};
use sev_launch_abi::snp::HostData;
use sev_launch_abi::{CpuSignature, Guid, LaunchDigest, SevFeatures, Technology};
use sev_launch_digest::firmware::{KernelHashCheck, SectionKind};
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_manifest::firmware_facts::{Area, Module, Section};
use sev_launch_manifest::row::{Detail, Observed, Root, Source};
use sev_launch_manifest::{
    Error, Facts, FirmwareFacts, Head, Input, InputRefs, Manifest, Obtained, Role, Row,
};

fn schema() -> Validator {
    let text = include_str!("../../../docs/schemas/manifest.schema.json");
    let schema: Value = serde_json::from_str(text).expect("a schema is JSON");
    jsonschema::meta::validate(&schema).unwrap_or_else(|error| panic!("{error}"));
    jsonschema::validator_for(&schema).expect("a schema is well formed")
}

/// A manifest with every field that there is.
fn full() -> Value {
    let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    json!({
        "manifest": 1,
        "name": "guest",
        "tool": "sev-launch 0.1.0",
        "technology": "snp",
        "policy": "0x30000",
        "description": {"technology": "snp"},
        "endorsements": [
            {"kind": "google-launch-endorsement", "root_sha256": sha256, "bytes": "AAEC"},
            {"kind": "azure-uvm-endorsement", "root_sha256": sha256, "bytes": "0oQ="},
        ],
        "inputs": [
            {
                "role": "firmware", "path": "OVMF.fd", "size": 65536, "sha256": sha256,
                "firmware_facts": {
                    "reset_address": "0x80b004",
                    "hash_area": {"base": "0x810c00", "size": 1024},
                    "secret_area": {"base": "0x810000", "size": 3072},
                    "svsm_entry": "0x10",
                    "sections": [{"base": "0x800000", "length": 4096, "kind": "CPUID"}],
                    "snp_digest": "ab".repeat(48),
                    "kernel_hash_check": "yes",
                    "modules": [
                        {
                            "name": "SecMain", "guid": "df1ccef6-f301-4a63-9661-fc6030dcc880",
                            "sha256": sha256,
                        },
                        {"name": "reset vector", "sha256": sha256},
                    ],
                },
            },
            {"role": "kernel", "sha256": sha256},
            {"role": "initrd", "sha256": sha256},
            // SHA-256 of `quiet` and one NUL, by sha256sum.
            {"role": "cmdline", "size": 5, "text": "quiet", "sha256": CMDLINE},
            {"role": "svsm", "sha256": sha256},
            {"role": "vmsa-bsp", "sha256": sha256},
            {"role": "vmsa-ap", "sha256": sha256},
        ],
        "rows": [
            {
                "digest": "01".repeat(48), "vcpus": 4, "signature": "0x00a00f11",
                "sev_features": "0x1", "profile": "snp-qemu", "kernel_hashes": true,
                "inputs": {
                    "firmware": 0, "kernel": 1, "initrd": 2, "cmdline": 3, "svsm": 4,
                    "vmsa_bsp": 5, "vmsa_ap": 6,
                },
                "obtained": {"how": "computed"},
            },
            {
                "digest": "02".repeat(48), "inputs": {},
                "obtained": {
                    "how": "observed", "from": "report", "verified": true,
                    "detail": {
                        "chip_id": "cd".repeat(64), "reported_tcb": "0xd315000000000004",
                        "generation": "Milan", "platform_info": "0x25",
                        "report_sha256": sha256, "platform_version": "1.55.29",
                        "policy": "0x30000", "when": "2026-01-01",
                    },
                },
            },
            {
                "digest": "03".repeat(48), "inputs": {},
                "obtained": {"how": "endorsed", "by": "the cloud"},
            },
            {
                "digest": "04".repeat(48), "inputs": {},
                "obtained": {"how": "endorsed", "endorsement": 0, "svsm": true},
            },
            {
                "digest": "05".repeat(48), "vcpus": 4, "inputs": {},
                "obtained": {"how": "endorsed", "endorsement": 1},
            },
        ],
    })
}

const CMDLINE: &str = "c801d8e83dec6220b30fe179a8aabec923c8977255530ecc7dc23b95a6959bbc";

fn read(value: &Value) -> Result<Manifest, Error> {
    Manifest::from_json(&serde_json::to_vec(value).expect("JSON"))
}

#[test]
fn every_field_is_read_and_written_back() {
    let manifest = read(&full()).expect("a manifest");
    let json = manifest.to_json().expect("written");
    assert_eq!(serde_json::from_slice::<Value>(&json).expect("JSON"), full());
    assert!(json.ends_with(b"}\n"));
    // Fields stand in a fixed order, so that a change is a small change of the text.
    let text = String::from_utf8(json).expect("UTF-8");
    let places: Vec<_> = ["\"manifest\"", "\"name\"", "\"technology\"", "\"inputs\"", "\"rows\""]
        .iter()
        .map(|field| text.find(field))
        .collect();
    assert!(places.is_sorted(), "{places:?}");
}

/// Every object of a document, by its place; the description is opaque.
fn objects(value: &Value, place: &str, found: &mut Vec<String>) {
    match value {
        _ if place == "/description" => {}
        Value::Object(fields) => {
            found.push(place.to_owned());
            fields
                .iter()
                .for_each(|(name, field)| objects(field, &format!("{place}/{name}"), found));
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(number, item)| objects(item, &format!("{place}/{number}"), found)),
        _ => {}
    }
}

#[test]
fn the_schema_and_the_reader_refuse_the_same() {
    let schema = schema();
    assert!(schema.is_valid(&full()));
    let mut places = Vec::new();
    objects(&full(), "", &mut places);
    assert!(places.len() > 20, "{places:?}");
    let mut refused = 0;
    for place in places {
        let document = full();
        let fields = document.pointer(&place).and_then(Value::as_object).expect("an object");
        for name in fields.keys() {
            for value in [None, Some(Value::Null), Some(json!("x\n")), Some(json!(-1))] {
                let mut changed = full();
                let fields = changed.pointer_mut(&place).and_then(Value::as_object_mut);
                let fields = fields.expect("an object");
                match value {
                    None => fields.remove(name),
                    Some(value) => fields.insert(name.clone(), value),
                };
                // A schema cannot say what a row must say once it is computed, nor what text may hold.
                if !schema.is_valid(&changed) {
                    refused += 1;
                    assert!(read(&changed).is_err(), "{place}/{name} {changed:#}");
                }
            }
        }
        let mut changed = full();
        let fields = changed.pointer_mut(&place).and_then(Value::as_object_mut);
        fields.expect("an object").insert("unknown".into(), json!(1));
        assert!(!schema.is_valid(&changed), "{place}");
        assert!(read(&changed).is_err(), "{place}");
    }
    assert!(refused > 150, "{refused}");
}

#[test]
fn a_digest_has_its_technologys_length() {
    let mut changed = full();
    changed["rows"][0]["digest"] = json!("01".repeat(32));
    let technology = Technology::Snp;
    let error = Error::RowDigest { row: 0, technology, found: 32, wanted: 48 };
    assert_eq!(read(&changed), Err(error));
}

#[track_caller]
fn check_error(place: &str, value: Value, expected: &str) {
    let mut changed = full();
    *changed.pointer_mut(place).expect("the place is there") = value;
    let error = read(&changed).expect_err("it is refused").to_string();
    assert_eq!(error, expected);
}

#[test]
fn errors_say_where() {
    check_error("/rows", json!([]), "a manifest without rows accepts nothing and checks nothing");
    let place = "/rows/0/inputs/kernel";
    check_error(
        place,
        json!(7),
        "rows[0].inputs.kernel: there is no inputs[7], the manifest has 7",
    );
    check_error(place, json!(2), "rows[0].inputs.kernel: inputs[2] has the role initrd");
    let place = "/rows/1/obtained/detail/chip_id";
    check_error(
        place,
        json!("ab"),
        "rows[1].obtained.detail.chip_id: wanted 128 lower-case hex digits",
    );
    check_error("/manifest", json!(2), "the manifest's form is version 2, wanted 1");
    check_error("/name", json!("a\nb"), "name: holds the control character '\\n'");
    check_error(
        "/description",
        json!({"a": [0, 0.5]}),
        "description/a/1: a number that is no 64-bit integer",
    );
    let text = "inputs[3].text: its hash is not the SHA-256 beside it";
    check_error("/inputs/3/text", json!("quite"), text);
    check_error(
        "/inputs/1",
        json!({"role": "kernel", "sha256": "00".repeat(32), "text": "x"}),
        "inputs[1].text: the role kernel has none",
    );
    let sections = vec![json!({"base": "0x0", "length": 4096, "kind": "CPUID"}); 33];
    let text = "inputs[0].firmware_facts.sections: 33 sections, at most 32";
    check_error("/inputs/0/firmware_facts/sections", json!(sections), text);
}

// What is unknown is left out: a word for it would be a second spelling.
#[test]
fn attack_another_spelling_of_the_hash_check_is_refused() {
    let values = ["unknown", "Yes", "NO", "", "true"].map(|text| json!(text));
    let others = [json!(true), json!(null), json!({"yes": null}), json!(["yes"])];
    for value in values.into_iter().chain(others) {
        let mut manifest = full();
        manifest["inputs"][0]["firmware_facts"]["kernel_hash_check"] = value.clone();
        let found = Manifest::from_json(manifest.to_string().as_bytes());
        assert!(found.is_err(), "{value}");
        assert!(!schema().is_valid(&manifest), "{value}");
    }
    let mut manifest = full();
    let facts = manifest["inputs"][0]["firmware_facts"].as_object_mut().expect("an object");
    facts.remove("kernel_hash_check");
    let found = Manifest::from_json(manifest.to_string().as_bytes()).expect("one of before");
    let facts = found.inputs()[0].firmware_facts.as_ref().expect("facts");
    assert_eq!(facts.kernel_hash_check, KernelHashCheck::Unknown);
}

#[test]
fn attack_a_list_of_modules_is_bounded_and_has_one_spelling() {
    let at = "/inputs/0/firmware_facts/modules";
    let modules = "inputs[0].firmware_facts.modules";
    check_error(
        at,
        json!([]),
        &format!("{modules}: an empty list, wanted modules or no such field"),
    );
    let sha256 = "ab".repeat(32);
    let module = json!({"name": "a", "sha256": sha256});
    let with = |list: Value| {
        let mut manifest = full();
        *manifest.pointer_mut(at).expect("it is there") = list;
        (read(&manifest), schema().is_valid(&manifest))
    };
    assert!(matches!(with(json!(vec![&module; 4096])), (Ok(_), true)));
    let (found, is_valid) = with(json!(vec![&module; 4097]));
    assert!(found.expect_err("too many").to_string().contains("more than 4096 items"));
    assert!(!is_valid);
    for bad in [
        json!({"name": "", "sha256": sha256}),
        json!({"name": "n".repeat(257), "sha256": sha256}),
        json!({"name": "a", "sha256": sha256, "guid": null}),
        json!({"name": "a", "sha256": sha256, "guid": "DF1CCEF6-F301-4A63-9661-FC6030DCC880"}),
        json!({"name": "a", "sha256": sha256, "guid": "df1ccef6f3014a639661fc6030dcc880"}),
        json!({"name": "a", "sha256": sha256, "size": 1}),
        json!({"name": "a", "sha256": "ab"}),
        json!({"name": "a"}),
        json!(["a", null, sha256]),
        json!(null),
    ] {
        let (found, is_valid) = with(json!([bad]));
        assert!(found.is_err() && !is_valid, "{bad}");
    }
    for name in ["a\nb", "\u{1b}[2J", "\u{2028}"] {
        let (found, _) = with(json!([module, {"name": name, "sha256": sha256}]));
        let error = found.expect_err(name).to_string();
        assert!(error.starts_with(&format!("{modules}[1].name: ")), "{error}");
    }
    // One of before has none, and says so by leaving it out.
    assert!(with(json!(null)).0.is_err());
    let mut manifest = full();
    let facts = manifest["inputs"][0]["firmware_facts"].as_object_mut().expect("an object");
    facts.remove("modules");
    let found = read(&manifest).expect("one of before");
    let facts = found.inputs()[0].firmware_facts.as_ref().expect("facts");
    assert_eq!(facts.modules, None);
    let written: Value = serde_json::from_slice(&found.to_json().expect("JSON")).expect("JSON");
    assert_eq!(written, manifest);
}

#[test]
fn a_head_and_its_description_say_the_same() {
    let head = "the manifest's head";
    for (key, value, expected) in [
        ("technology", json!("sev"), format!("the description says sev, and {head} snp")),
        ("policy", json!("0x130000"), format!("the description says 0x130000, and {head} 0x30000")),
        // A description has numbers in hex or in decimal.
        ("policy", json!(0x13_0000), format!("the description says 0x130000, and {head} 0x30000")),
        (
            "host_data",
            json!("ab".repeat(32)),
            format!("the description says {}, and {head} none", "ab".repeat(32)),
        ),
    ] {
        let mut changed = full();
        changed["description"][key] = value;
        let error = read(&changed).expect_err(key).to_string();
        assert_eq!(error, format!("description.{key}: {expected}"));
    }
    let mut changed = full();
    changed["description"]["policy"] = json!(0x3_0000);
    assert!(read(&changed).is_ok());
    changed.as_object_mut().expect("an object").remove("policy");
    assert!(read(&changed).is_err());
    // What is unknown cannot be demanded.
    changed["description"] = json!({"unknown": [{"key": "policy", "source": "a", "place": "b", "text": "c", "settled_by": "d"}]});
    let error = read(&changed).expect_err("an unknown policy").to_string();
    assert!(error.contains("policy"), "{error}");
    check_error("/description", json!([]), "description: no object");
}

// A demand that nobody can meet would be forgotten.
#[test]
fn host_data_is_of_snp_guests_alone() {
    let size = |technology: &str| if technology == "snp" { 96 } else { 64 };
    for technology in ["sev", "sev-es", "snp"] {
        let row = json!({
            "digest": "0".repeat(size(technology)), "inputs": {},
            "obtained": {"how": "endorsed", "by": "a"},
        });
        let manifest = json!({
            "manifest": 1, "name": "a", "tool": "b", "technology": technology, "description": {},
            "host_data": "ab".repeat(32), "inputs": [], "rows": [row],
        });
        let refused = read(&manifest).err().map(|error| error.to_string());
        let wanted =
            format!("host_data: guests of {technology} have none, so nothing could prove it");
        assert_eq!(refused, (technology != "snp").then_some(wanted));
    }
}

#[test]
fn a_row_is_observed_in_evidence_of_its_technology() {
    let mut changed = full();
    changed["rows"][1]["obtained"]["from"] = json!("measurement");
    let error = read(&changed).expect_err("a report's guest").to_string();
    let wanted = "rows[1].obtained.from: measurement: guests of snp have none, wanted report";
    assert_eq!(error, wanted);
    for technology in ["sev", "sev-es"] {
        let row = json!({
            "digest": "01".repeat(32), "inputs": {},
            "obtained": {"how": "observed", "from": "report", "verified": true},
        });
        let manifest = json!({
            "manifest": 1, "name": "a", "tool": "b", "technology": technology, "description": {},
            "inputs": [], "rows": [row],
        });
        let error = read(&manifest).expect_err(technology).to_string();
        assert!(error.starts_with("rows[0].obtained.from: report"), "{error}");
    }
}

/// An object as a list of its values: what `serde` takes for the same unless it is told not to.
fn as_list(value: &Value) -> Value {
    value.as_object().expect("an object").values().cloned().collect()
}

#[test]
fn attack_no_list_is_an_object_and_no_object_is_a_word() {
    let whole = full();
    let mut places = Vec::new();
    objects(&whole, "", &mut places);
    for place in &places {
        let mut changed = whole.clone();
        let found = changed.pointer_mut(place).expect("it was found there");
        *found = as_list(found);
        let Err(Error::Json { reason, .. }) = read(&changed) else { panic!("{place}") };
        assert!(reason.contains("expected an object"), "{place}: {reason}");
    }
    for place in ["/technology", "/inputs/0/role", "/rows/0/obtained/how", "/rows/1/obtained/from"]
    {
        let mut changed = whole.clone();
        let found = changed.pointer_mut(place).expect("a word");
        let word = found.as_str().expect("text").to_owned();
        *found = json!({word: null});
        assert!(matches!(read(&changed), Err(Error::Json { .. })), "{place}");
    }
    // [version] alone is no newer form.
    assert!(matches!(read(&json!([2])), Err(Error::Json { .. })));
}

#[test]
fn a_computed_row_says_what_it_was_computed_from() {
    for field in ["vcpus", "profile", "kernel_hashes", "inputs/firmware", "inputs/kernel"] {
        let mut changed = full();
        let (object, name) = field.rsplit_once('/').unwrap_or(("", field));
        let place = if object.is_empty() { "/rows/0".into() } else { format!("/rows/0/{object}") };
        let fields = changed.pointer_mut(&place).and_then(Value::as_object_mut);
        fields.expect("an object").remove(name);
        let error = read(&changed).expect_err(field).to_string();
        let place = field.replace('/', ".");
        assert_eq!(error, format!("rows[0].{place}: a computed row of snp says it"));
    }
}

#[test]
fn a_newer_form_is_told_from_a_broken_one() {
    let newer = json!({"manifest": 2, "anything": [1]});
    assert_eq!(read(&newer), Err(Error::Version { found: 2, wanted: 1 }));
    assert!(matches!(read(&json!({"manifest": 1})), Err(Error::Json { .. })));
}

#[test]
fn duplicate_keys_are_refused_everywhere() {
    let text = serde_json::to_string(&full()).expect("JSON");
    // Each replacement writes a key a second time, with the same value.
    for (once, twice) in [
        ("\"manifest\":1", "\"manifest\":1,\"manifest\":1"),
        ("\"technology\":\"snp\"}", "\"technology\":\"snp\",\"technology\":\"snp\"}"),
        ("\"vcpus\":4", "\"vcpus\":4,\"vcpus\":4"),
        ("\"how\":\"computed\"", "\"how\":\"computed\",\"how\":\"computed\""),
        ("\"verified\":true", "\"verified\":true,\"verified\":true"),
        ("\"kernel\":1", "\"kernel\":1,\"kernel\":1"),
        ("\"svsm_entry\":\"0x10\"", "\"svsm_entry\":\"0x10\",\"svsm_entry\":\"0x10\""),
    ] {
        assert!(text.contains(once), "{once}");
        let error = Manifest::from_json(text.replacen(once, twice, 1).as_bytes());
        let Err(Error::Json { reason, .. }) = error else { panic!("{twice}: {error:?}") };
        assert!(reason.contains("duplicate field"), "{twice}: {reason}");
    }
}

prop_compose! {
    fn description()(text in any::<String>(), number in any::<i64>(), flag in any::<bool>()) -> Value {
        json!({"text": text, "list": [number, flag, null], "nested": {text.clone(): {}}})
    }
}

fn digest(bytes: [u8; 48], technology: Technology) -> LaunchDigest {
    let size = LaunchDigest::size_for(technology);
    LaunchDigest::from_slice(&bytes[..size]).expect("a digest's length")
}

fn technology() -> impl Strategy<Value = Technology> {
    prop_oneof![Just(Technology::Sev), Just(Technology::SevEs), Just(Technology::Snp)]
}

fn name() -> impl Strategy<Value = String> {
    "[a-zé '\"\\\\%:,<&]{1,12}"
}

prop_compose! {
    fn facts()(
        reset in any::<Option<u32>>(),
        area in any::<Option<(u64, u32)>>(),
        sections in prop::option::of(prop::collection::vec((any::<u64>(), any::<u32>(), 0..5usize), 0..4)),
        snp in any::<Option<[u8; 32]>>(),
        check in 0..3usize,
        modules in prop::option::of(prop::collection::vec((name(), any::<Option<[u8; 16]>>(), any::<[u8; 32]>()), 1..4)),
    ) -> FirmwareFacts {
        let section = |(base, length, kind): (u64, u32, usize)| {
            Section { base, length, kind: SectionKind::ALL[kind] }
        };
        let module = |(name, guid, sha256): (String, Option<[u8; 16]>, [u8; 32])| Module {
            name,
            guid: guid.map(Guid::from_bytes),
            sha256: Sha256Digest::from_bytes(sha256),
        };
        FirmwareFacts {
            reset_address: reset,
            hash_area: area.map(|(base, size)| Area { base, size }),
            secret_area: None,
            svsm_entry: reset,
            sections: sections.map(|list| list.into_iter().map(section).collect()),
            snp_digest: snp.map(|bytes| {
                let mut digest = [0; 48];
                digest[..32].copy_from_slice(&bytes);
                sev_launch_abi::snp::LaunchDigest::from_bytes(digest)
            }),
            kernel_hash_check: [KernelHashCheck::Yes, KernelHashCheck::No, KernelHashCheck::Unknown]
                [check],
            modules: modules.map(|list| list.into_iter().map(module).collect()),
        }
    }
}

fn obtained() -> impl Strategy<Value = Obtained> {
    let detail = (any::<Option<u64>>(), any::<Option<[u8; 32]>>(), prop::option::of(name()));
    let detail = detail.prop_map(|(number, hash, text)| Detail {
        chip_id: number.map(|number| format!("{number:0128x}")),
        reported_tcb: number,
        generation: number.map(|number| if number & 1 == 0 { Milan } else { Turin }),
        platform_info: number,
        report_sha256: hash.map(Sha256Digest::from_bytes),
        platform_version: text.clone(),
        policy: number,
        when: text,
    });
    let source = prop_oneof![Just(Source::Report), Just(Source::Measurement)];
    let root = prop_oneof![
        Just(Root::Amd),
        any::<[u8; 32]>().prop_map(|bytes| Root::Other(Sha256Digest::from_bytes(bytes)))
    ];
    let root = prop::option::of(root);
    let observed =
        (source, any::<bool>(), root, detail).prop_map(|(from, verified, root, detail)| {
            let root = root.filter(|_| verified && from == Source::Report);
            Obtained::Observed(Observed { from, verified, root, detail })
        });
    prop_oneof![Just(Obtained::Computed), name().prop_map(|by| Obtained::Endorsed { by }), observed,]
}

prop_compose! {
    fn row()(
        bytes in prop::collection::vec(any::<u8>(), 48),
        vcpus in 1..=4096u32,
        signature in any::<Option<u32>>(),
        features in any::<Option<u64>>(),
        profile in name(),
        kernel_hashes in any::<bool>(),
        obtained in obtained(),
    ) -> ([u8; 48], Row) {
        let bytes: [u8; 48] = bytes.try_into().expect("48 bytes");
        let inputs = InputRefs {
            firmware: Some(0),
            kernel: Some(1),
            cmdline: Some(2),
            ..InputRefs::default()
        };
        let facts = Facts {
            vcpus: VcpuCount::new(vcpus).ok(),
            signature: signature.map(CpuSignature),
            sev_features: features.map(SevFeatures),
            profile: Some(profile),
            kernel_hashes: Some(kernel_hashes),
            inputs,
        };
        (bytes, Row { digest: digest(bytes, Technology::Snp), facts, obtained })
    }
}

prop_compose! {
    fn manifest()(
        technology in technology(),
        name in name(),
        policy in any::<Option<u64>>(),
        description in description(),
        path in name(),
        size in any::<u64>(),
        facts in prop::option::of(facts()),
        cmdline in "[^\0]{0,20}",
        rows in prop::collection::vec(row(), 1..5),
    ) -> Manifest {
        let host_data = policy.filter(|_| technology == Technology::Snp);
        let host_data = host_data.map(|word| HostData::from_bytes([u8::try_from(word % 256).expect("a byte"); 32]));
        let head = Head { tool: name.clone(), name, technology, policy, host_data, description };
        let hash = Sha256Digest::of(path.as_bytes());
        let firmware = Input { firmware_facts: facts, ..Input::file(Role::Firmware, path.clone(), size, hash) };
        let inputs = vec![
            firmware,
            Input::file(Role::Kernel, path, size, hash),
            Input::cmdline(cmdline.as_bytes()).expect("no NUL"),
        ];
        let fit = |(bytes, row): ([u8; 48], Row)| {
            let obtained = match row.obtained {
                Obtained::Observed(observed) => {
                    let from = match technology {
                        Technology::Snp => Source::Report,
                        Technology::Sev | Technology::SevEs => Source::Measurement,
                    };
                    let root = observed.root.filter(|_| from == Source::Report);
                    Obtained::Observed(Observed { from, root, ..observed })
                }
                other => other,
            };
            Row { digest: digest(bytes, technology), obtained, ..row }
        };
        Manifest::new(head, inputs, rows.into_iter().map(fit).collect()).expect("a manifest")
    }
}

proptest! {
    #[test]
    #[ignore = "slow: `cargo xtask check` runs it"]
    fn what_is_written_is_read_back(manifest in manifest()) {
        let json = manifest.to_json().expect("written");
        let document: Value = serde_json::from_slice(&json).expect("JSON");
        let errors: Vec<_> = schema().iter_errors(&document).map(|error| error.to_string()).collect();
        prop_assert_eq!(errors, Vec::<String>::new());
        let read = Manifest::from_json(&json).expect("read back");
        prop_assert_eq!(read.to_json().expect("written"), json);
        prop_assert_eq!(read, manifest);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Manifest::from_json(&bytes);
    }

    /// A good manifest with a piece cut out or doubled: an error or a manifest, never a panic.
    #[test]
    fn no_cut_makes_it_panic(at in 0..4000usize, length in 0..40usize, doubled in any::<bool>()) {
        let mut bytes = serde_json::to_vec(&full()).expect("JSON");
        let start = at.min(bytes.len());
        let end = (start + length).min(bytes.len());
        let piece: Vec<u8> = bytes[start..end].to_vec();
        bytes.splice(start..end, if doubled { [piece.clone(), piece].concat() } else { Vec::new() });
        if let Ok(manifest) = Manifest::from_json(&bytes) {
            prop_assert_eq!(Manifest::from_json(&manifest.to_json().expect("written")), Ok(manifest));
        }
    }
}

/// Every object of a schema that has properties: closed, and each property described.
fn check_described(value: &Value, place: &str) {
    if let Some(properties) = value.get("properties").and_then(Value::as_object) {
        assert_eq!(value["additionalProperties"], false, "{place}");
        for (name, property) in properties {
            assert!(property["description"].is_string(), "{place}/{name}");
        }
    }
    if let Value::Object(fields) = value {
        fields.iter().for_each(|(name, field)| check_described(field, &format!("{place}/{name}")));
    }
}

#[test]
fn every_field_of_the_schema_is_described() {
    let text = include_str!("../../../docs/schemas/manifest.schema.json");
    let schema: Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    check_described(&schema, "");
}
