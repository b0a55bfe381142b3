//! What came from outside is printed escaped: one hostile text through every flag, every key, every string of a manifest, names of
//! files and certificates, and documents of others; on both streams, in every form.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

use serde_json::{Value, json};
use sev_launch_abi::text::from_csv;
use sev_launch_description::{Description, Origin, keys};
use sev_launch_testkit::report::{Authority, Vek};
use sev_launch_testkit::{kernel, testdata_folder, uki};

use super::guest::Guest;
use super::harness::{Outcome, Run};

/// What a terminal, a CI runner, a spreadsheet, a shell, XML and SQL would obey.
const HOSTILE: &str = "=x\n::stop-commands::t\nFORGED\r\t\u{7}\u{1b}[2J\u{1b}]0;t\u{7}\u{7f}\u{85}\u{9b}31m\u{ad}\u{61c}\u{200b}\u{200e}\u{200f}\u{2028}FORGED\
    \u{2029}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{feff}\u{e0041}\"'`$(t)<\u{2f}testcase>]]>-->'; DROP TABLE policy; --\\##[error]t##vso[t]";

/// The same without controls, which manifests refuse in their texts.
const SOFT: &str = "::stop-commands::t\u{ad}\u{61c}\u{200b}\u{200e}\u{200f}\u{202a}\u{202e}\u{2066}\u{2069}\u{e0041}\"'`$(t)<\u{2f}testcase>]]>-->'; \
    DROP TABLE policy; --\\##[error]t##vso[t]";

/// What a terminal or a reader takes for something else. From Unicode's lists by hand: controls but the line feed, ends of lines,
/// bidirectional controls, characters without width, tags.
fn is_raw(c: char) -> bool {
    matches!(c, '\0'..='\t' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0001}'..='\u{e007f}')
}

/// Nothing of it came out as it is, on either stream.
#[track_caller]
fn escaped(what: &str, outcome: &Outcome) {
    assert!(!outcome.stderr.contains("panicked"), "{what}: {}", outcome.stderr);
    for stream in [&outcome.stdout, &outcome.stderr] {
        // A tab at a line's start is the layout of a module in Rego.
        let raw = stream.lines().flat_map(|line| line.trim_start_matches('\t').chars());
        assert_eq!(raw.into_iter().find(|c| is_raw(*c)), None, "{what}: {stream:?}");
        assert!(!stream.contains("##"), "{what}: {stream}");
        for line in stream.lines() {
            assert!(!line.starts_with("FORGED"), "{what}: {stream}");
            assert!(!line.trim_start().starts_with("::stop"), "{what}: {stream}");
        }
    }
}

/// A text in quotes that JSON and TOML read alike.
fn quoted(text: &str) -> String {
    json!(text).to_string().replace('\u{7f}', "\\u007f")
}

/// Every command with its path, and the values that each flag and place of it takes.
fn commands(command: &clap::Command, path: &[String], found: &mut Vec<(Vec<String>, clap::Arg)>) {
    for argument in command.get_arguments() {
        found.push((path.to_vec(), argument.clone()));
    }
    for sub in command.get_subcommands() {
        let path = [path, &[sub.get_name().to_owned()]].concat();
        commands(sub, &path, found);
    }
}

#[test]
#[ignore = "slow: `cargo xtask check` runs it"]
fn attack_no_argument_is_printed_as_it_is() {
    let guest = Guest::new();
    let mut command = sev_launch::command();
    command.build();
    let mut all = Vec::new();
    commands(&command, &[], &mut all);
    let mut tried = 0;
    for (path, argument) in
        all.into_iter().filter(|(path, _)| path.first().is_none_or(|one| one != "help"))
    {
        let takes_value = argument.get_action().takes_values();
        let calls: Vec<Vec<OsString>> = match argument.get_long() {
            None if argument.is_positional() => vec![vec![HOSTILE.into()]],
            Some(long) if takes_value => {
                vec![
                    vec![format!("--{long}={HOSTILE}").into()],
                    vec![format!("--{long}").into(), HOSTILE.into()],
                ]
            }
            _ => continue,
        };
        for call in calls {
            let outcome = Run::new(&path).with(call).in_folder(guest.folder.path()).go();
            // A new folder may have any name.
            let may_be_any =
                path.first().is_some_and(|command| ["man", "platform"].contains(&command.as_str()));
            assert!(outcome.code != Some(0) || may_be_any, "{path:?} {argument:?}");
            escaped(&format!("{path:?} {}", argument.get_id()), &outcome);
            tried += 1;
        }
    }
    assert!(tried > 500, "{tried}");
    for wrong in [
        vec![HOSTILE.to_owned()],
        vec!["digest".into(), format!("--{HOSTILE}")],
        vec!["certs".into(), HOSTILE.into()],
    ] {
        escaped("no such thing", &Run::new(wrong).go());
    }
    // Bytes that are no text: Latin-1, and a lone surrogate.
    let bytes = OsString::from_vec(b"a\xff\xed\xa0\x80\x1b[2J".to_vec());
    for place in [
        ["digest", "--firmware"],
        ["digest", "--mode"],
        ["firmware", "show"],
        ["digest", "--cmdline-hex"],
    ] {
        escaped("bytes", &Run::new(place).with([&bytes]).with(["--mode", "sev"]).go());
    }
}

/// A name that a file can have.
fn name() -> String {
    HOSTILE.replace('/', "|")
}

#[test]
fn attack_no_name_of_a_file_is_printed_as_it_is() {
    let guest = Guest::new();
    for (name, bytes) in [
        (name(), &guest.image),
        (format!("k{}", name()), &guest.kernel),
        (format!("i{}", name()), &guest.initrd),
    ] {
        guest.file(&name, bytes);
    }
    let (firmware, kernel, initrd) = (name(), format!("k{}", name()), format!("i{}", name()));
    let flags = [
        "--mode",
        "snp",
        "--vcpu-type",
        "EPYC-Milan",
        "--firmware",
        &firmware,
        "--kernel",
        &kernel,
    ];
    let run = |arguments: &str| {
        guest.run(arguments).with(flags).with([
            "--initrd",
            &initrd,
            "--vcpus",
            "1,2",
            "--cmdline",
            HOSTILE,
        ])
    };
    for form in ["hex", "base64", "csv", "json", "jsonl", "table"] {
        let outcome = run(&format!("digest -v --format {form}")).go();
        outcome.answer();
        escaped(form, &outcome);
        match form {
            "json" => {
                let found: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
                assert_eq!(found["inputs"]["kernels"][0]["path"], kernel.as_str());
                assert_eq!(found["inputs"]["cmdlines"][0]["text"], HOSTILE);
            }
            "jsonl" => {
                for line in outcome.stdout.lines() {
                    let found: Value = serde_json::from_str(line).expect("JSON");
                    assert_eq!(
                        [&found["firmware"], &found["cmdline"]],
                        [firmware.as_str(), HOSTILE]
                    );
                }
            }
            "csv" => {
                let mut reader = csv::Reader::from_reader(outcome.stdout.as_bytes());
                let records: Vec<_> = reader.records().map(|record| record.expect("CSV")).collect();
                assert_eq!(records.len(), 2);
                for record in &records {
                    // A spreadsheet takes none of them for a formula.
                    assert!(
                        record
                            .iter()
                            .all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r']))
                    );
                    assert_eq!(record.get(6).and_then(from_csv).as_deref(), Some(HOSTILE));
                    assert_eq!(
                        record.get(7).and_then(from_csv).as_deref(),
                        Some(firmware.as_str())
                    );
                }
            }
            _ => {}
        }
    }
    for command in ["describe", "describe --json", "manifest build", "explain --reported 00"] {
        escaped(command, &run(command).go());
    }
    // What is written as a description says the same when it is read.
    let described = run("describe").go();
    let read = Description::from_toml(&described.stdout, &Origin::file("l.toml"), "".as_ref())
        .expect("TOML");
    assert!(
        read.paths()
            .iter()
            .any(|(key, _, path)| *key == "boot.kernel" && path.to_str() == Some(&kernel))
    );
    for command in [
        "firmware show",
        "certs show",
        "report show",
        "import libvirt",
        "import qemu",
        "import kata",
        "manifest show",
        "vmsa show",
    ] {
        for file in [&firmware, "missing\n::stop-commands::t\u{202e}"] {
            escaped(command, &guest.run(command).with([file]).go());
            escaped(command, &guest.run(command).with([file, "--json"]).go());
        }
    }
    escaped("folder", &guest.run("session").with([&firmware, "0x5", "-o", &firmware]).go());
}

#[test]
#[ignore = "slow: `cargo xtask check` runs it"]
fn attack_no_text_of_a_description_is_printed_as_it_is() {
    let guest = Guest::new();
    let text = quoted(HOSTILE);
    for key in keys::KEYS {
        let (table, own) = key.name.split_once('.').unwrap_or(("", key.name));
        let value = match table {
            "" => json!({own: HOSTILE}),
            _ => json!({table: {own: HOSTILE}}),
        };
        let toml = if table.is_empty() {
            format!("{own} = {text}")
        } else {
            format!("[{table}]\n{own} = {text}")
        };
        for (file, bytes) in [("l.json", value.to_string()), ("l.toml", toml)] {
            guest.file(file, bytes);
            for command in ["describe", "describe --json", "digest --mode sev --firmware OVMF.fd"] {
                escaped(
                    &format!("{command} {}", key.name),
                    &guest.run(command).with(["-d", file]).go(),
                );
            }
        }
    }
    let unknown =
        json!([{"source": HOSTILE, "place": HOSTILE, "text": HOSTILE, "settled_by": HOSTILE}]);
    guest.file(
        "l.json",
        json!({"technology": "sev", "unknown": unknown, "harmless": [HOSTILE, "b"]}).to_string(),
    );
    guest.file("m.json", json!({"technology": "sev", "unknown": unknown}).to_string());
    guest.file("k.json", json!({HOSTILE: 1, "boot": {HOSTILE: 1}}).to_string());
    guest.file("k.toml", format!("{text} = 1\n"));
    guest.file("bad.toml", HOSTILE);
    guest.file("bad.json", HOSTILE);
    for file in ["l.json", "m.json", "k.json", "k.toml", "bad.toml", "bad.json"] {
        for command in
            ["describe", "describe --json", "digest --firmware OVMF.fd", "explain --reported 00"]
        {
            escaped(&format!("{command} {file}"), &guest.run(command).with(["-d", file]).go());
        }
    }
    let told = guest.run("digest --firmware OVMF.fd -d m.json").go();
    told.refused_with(&["unknown: ", "give --harmless"]);
}

/// The places of all strings in a document.
fn strings(value: &Value, place: String, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(place),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(at, item)| strings(item, format!("{place}/{at}"), found)),
        Value::Object(fields) => {
            fields.iter().for_each(|(key, field)| strings(field, format!("{place}/{key}"), found));
        }
        _ => {}
    }
}

const LAUNCH: &str = r#"
technology = "snp"
policy = 0x30000
vcpus = [1, 2]
cpu = "EPYC-Milan"
firmware.path = "OVMF.fd"
boot.kernel = ["vmlinuz", "other"]
boot.initrd = "initrd.img"
boot.cmdline = "quiet"
"#;

#[test]
#[ignore = "slow: `cargo xtask check` runs it"]
fn attack_no_text_of_a_manifest_is_printed_as_it_is() {
    let guest = Guest::new();
    guest.file("other", kernel::bz_image(14_000));
    guest.file("launch.toml", LAUNCH);
    guest.run("manifest build -d launch.toml -o good.json").go().answer();
    guest
        .run("manifest add good.json -o rows.json --when now --allow-contradiction --from-report")
        .with([testdata_folder().join("snp/report.bin")])
        .go()
        .answer();
    let good: Value = serde_json::from_slice(&guest.folder.read("rows.json")).expect("JSON");
    let mut places = Vec::new();
    strings(&good, String::new(), &mut places);
    assert!(places.len() > 30, "{places:?}");
    let mut read = 0;
    for place in places {
        for text in [HOSTILE, SOFT] {
            let mut changed = good.clone();
            *changed.pointer_mut(&place).expect("the place is there") = json!(text);
            guest.file("m.json", changed.to_string());
            for command in [
                "manifest show m.json",
                "manifest show m.json --json",
                "manifest diff good.json m.json",
                "manifest diff m.json good.json --json",
            ] {
                let outcome = guest.run(command).go();
                read += usize::from(outcome.code != Some(2));
                escaped(&format!("{command} {place}"), &outcome);
                if command.ends_with("show m.json --json") && outcome.code == Some(0) {
                    let found: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
                    assert_eq!(found.pointer(&place), Some(&json!(text)), "{place}");
                }
            }
            for form in ["text", "json", "junit"] {
                escaped(
                    &format!("check {form} {place}"),
                    &guest.run(&format!("manifest check m.json --format {form}")).go(),
                );
            }
            let annotations = guest.run("manifest check m.json --format annotations").go();
            // Every line is one that the command began.
            for line in annotations.stdout.lines() {
                assert!(
                    ["::error ", "::warning ", "::notice "]
                        .iter()
                        .any(|start| line.starts_with(start)),
                    "{line}"
                );
            }
            escaped(&place, &annotations);
            if place == "/name"
                || place == "/tool"
                || place.ends_with("/profile")
                || place.ends_with("/path")
            {
                for form in ["trustee", "trustee-message", "in-toto", "rego", "config-map"] {
                    escaped(
                        &format!("{form} {place}"),
                        &guest
                            .run(&format!(
                                "manifest publish m.json --accept-unverified --to {form}"
                            ))
                            .go(),
                    );
                }
            }
        }
    }
    assert!(read > 20, "{read} documents were read");
    // JUnit's reader finds the name as it is.
    let mut changed = good;
    changed["name"] = json!(SOFT);
    guest.file("m.json", changed.to_string());
    let outcome = guest.run("manifest check m.json --format junit").go();
    let document = roxmltree::Document::parse(&outcome.stdout).expect("XML");
    let suite =
        document.descendants().find(|node| node.has_tag_name("testsuite")).expect("a suite");
    assert_eq!(suite.attribute("name"), Some(SOFT));
}

#[test]
fn attack_no_text_of_another_s_document_is_printed_as_it_is() {
    let guest = Guest::new();
    let xml = HOSTILE
        .replace(['\u{7}', '\u{1b}'], "")
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('\n', "&#10;")
        .replace('\r', "&#13;")
        .replace('"', "&quot;");
    guest.file(
        "domain.xml",
        format!(
            "<domain type=\"kvm\"><name>{xml}</name><os><loader>{xml}</loader><kernel>{xml}</kernel><cmdline>{xml}</cmdline></os><cpu><model>{xml}</model></cpu>\
             <vcpu current=\"{xml}\">2</vcpu><launchSecurity type=\"sev\"><policy>{xml}</policy></launchSecurity></domain>"
        ),
    );
    let shell = HOSTILE.replace('\'', "'\\''");
    guest.file("qemu.sh", format!("qemu-system-x86_64 -machine '{shell}' -append '{shell}' -kernel '{shell}' -bios '{shell}' -cpu '{shell}' '-{shell}'"));
    guest.file(
        "argv.json",
        json!(["qemu-system-x86_64", "-append", HOSTILE, "-kernel", HOSTILE, HOSTILE]).to_string(),
    );
    let text = quoted(HOSTILE);
    guest.file("kata.toml", format!("[hypervisor.qemu]\npath = {text}\nkernel = {text}\nfirmware = {text}\nkernel_params = {text}\ncpu_features = {text}\n"));
    guest.file("server.json", json!({"server": {"name": HOSTILE, "flavor": {"extra_specs": {HOSTILE: HOSTILE, "hw:mem_encryption": HOSTILE}}}}).to_string());
    for command in [
        "libvirt domain.xml",
        "qemu qemu.sh",
        "qemu argv.json",
        "kata kata.toml",
        "nova --server server.json",
    ] {
        for form in ["", "--json", "-o out.toml"] {
            let outcome = guest.run(&format!("import {command} {form}")).go();
            escaped(&format!("{command} {form}"), &outcome);
        }
        // What was written can be shown, and be a description.
        if guest.folder.join("out.toml").exists() {
            escaped(command, &guest.run("digest -d out.toml").go());
            escaped(command, &guest.run("describe -d out.toml --json").go());
        }
    }
    // A unified kernel image says its own command line, release and name.
    let sections: [(&str, &[u8]); 5] = [
        (".linux", &guest.kernel),
        (".initrd", &guest.initrd),
        (".cmdline", HOSTILE.as_bytes()),
        (".uname", HOSTILE.as_bytes()),
        (".osrel", format!("PRETTY_NAME={text}\nNAME={HOSTILE}").leak().as_bytes()),
    ];
    guest.file("uki.efi", uki::pe(uki::EFI_APPLICATION, &sections));
    for form in ["hex", "json", "csv", "table", "jsonl"] {
        let outcome = guest.digest(&format!("--mode sev --uki uki.efi -v --format {form}")).go();
        outcome.answer();
        escaped(form, &outcome);
    }
    // Certificates and evidence.
    let vek = Vek { product: "Milan\n::stop-commands::t\u{1b}[2J", ..Vek::vcek("Milan") };
    guest.file("vek.der", vek.certificate(Authority::Ask));
    guest.file("ark.der", Authority::Ark.certificate("\u{202e}##[error]t", Authority::Ark));
    guest.file("ask.der", Authority::Ask.certificate("a\n::stop-commands::t", Authority::Ark));
    let report = testdata_folder().join("snp/report.bin");
    for flags in ["--vek vek.der", "--vek ark.der", "--vek vek.der --chain ask.der --root ark.der"]
    {
        for form in ["", "--json"] {
            escaped(
                flags,
                &guest.run(&format!("report verify {flags} {form}")).with([&report]).go(),
            );
        }
    }
    let evidence = [
        json!({"api-major": HOSTILE, "state": HOSTILE, "data": HOSTILE, HOSTILE: HOSTILE})
            .to_string(),
        format!("sev-measurement: {HOSTILE}\nsev-policy: {HOSTILE}\n"),
        HOSTILE.to_owned(),
    ];
    for bytes in evidence {
        guest.file("evidence", bytes);
        for command in [
            "verify --policy 5 --tik tik --evidence evidence --firmware OVMF.fd",
            "report show evidence",
            "report appraise evidence",
            "certs show evidence",
            "certs verify evidence",
            "session evidence 5",
            "secret show --secret-header evidence --secret-payload evidence --tek evidence",
            "id-block check evidence evidence",
            "manifest show evidence",
            "firmware show evidence",
            "vmsa show evidence",
            "digest --mode sev --firmware-absorbed evidence",
        ] {
            guest.file("tik", [7; 16]);
            escaped(command, &guest.run(command).go());
            escaped(command, &guest.run(command).with(["--json"]).go());
        }
    }
}
