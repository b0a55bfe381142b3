//! Manifests that somebody edited: what they say is obeyed or refused, and no secret goes where an edit wants it.

use serde_json::{Value, json};

use super::guest::{Guest, SEV};
use super::platform::{claims, reported};

const PACKED: &str =
    "--tek tek.bin --inject-secret luks-key:secret --secret-header h --secret-payload p";

/// A SEV guest with keys, a secret of so many bytes, and the manifest of `launch`.
fn built(launch: &str, secret: usize) -> Guest {
    let guest = Guest::new().with_keys();
    guest.file("secret", vec![b'x'; secret]);
    guest.file("launch.toml", launch);
    guest.run("manifest build -d launch.toml -o manifest.json").go().answer();
    guest
}

fn stored(guest: &Guest) -> Value {
    serde_json::from_slice(&guest.folder.read("manifest.json")).expect("JSON")
}

fn store(guest: &Guest, manifest: &Value) {
    guest.file("manifest.json", serde_json::to_vec(manifest).expect("JSON"));
}

/// The flags of `verify` for a launch with this digest.
fn verify(digest: &str, flags: &str) -> String {
    format!("verify --manifest manifest.json {} {flags}", claims(&reported(digest, 1), 1))
}

#[test]
fn attack_an_edited_secret_area_holds_no_more_than_ovmfs() {
    // 12 KiB: four times OVMF's area [OVMF, MemFd], and the table of hashes follows it.
    let guest = built(SEV, 12_000);
    let digest = guest.sev(Some(&guest.table()));
    let mut edited = stored(&guest);
    let area = &mut edited["inputs"][0]["firmware_facts"]["secret_area"];
    assert_eq!(area["size"], 0xc00);
    area["size"] = json!(16_384);
    store(&guest, &edited);
    guest.run(&verify(&digest, "")).go().answer();
    guest.run(&verify(&digest, PACKED)).go().refused_with(&["3072"]);
    assert!(!guest.folder.join("p").exists());
    // One that fits is packed.
    guest.file("secret", "passphrase");
    guest.run(&verify(&digest, PACKED)).go().answer();
    // A firmware of which nothing is said has no area.
    std::fs::remove_file(guest.folder.join("h")).expect("a header");
    std::fs::remove_file(guest.folder.join("p")).expect("a payload");
    edited["inputs"][0].as_object_mut().expect("an object").remove("firmware_facts");
    store(&guest, &edited);
    guest.run(&verify(&digest, PACKED)).go().refused_with(&["takes no secret"]);
}

#[test]
fn attack_a_kernel_taken_out_of_a_row_gets_no_secret() {
    let guest = built(&format!("{SEV}kernel_hashes = false\n"), 10);
    let digest = guest.sev(None);
    let mut edited = stored(&guest);
    let refused = |what: &str| {
        let outcome = guest.run(&verify(&digest, PACKED)).go();
        assert_eq!(outcome.code, Some(3), "{what}: {}\n{}", outcome.stdout, outcome.stderr);
        let outcome = guest.run("manifest publish manifest.json --to simple-kbs").go();
        assert_eq!(outcome.code, Some(3), "{what}: {}", outcome.stdout);
    };
    refused("as built");
    edited["rows"][0]["inputs"].as_object_mut().expect("an object").remove("kernel");
    store(&guest, &edited);
    refused("no kernel in the row");
}

#[test]
fn attack_an_endorsed_row_that_says_nothing_of_its_kernel_gets_no_secret() {
    let guest = built(SEV, 10);
    let digest = guest.sev(None);
    let mut edited = stored(&guest);
    let row = json!({
        "digest": digest, "inputs": {}, "obtained": {"how": "endorsed", "by": "somebody"},
    });
    edited["rows"].as_array_mut().expect("a list").push(row);
    store(&guest, &edited);
    let outcome = guest.run(&verify(&digest, "--accept-endorsed")).go();
    assert!(outcome.answer().contains("does not say whether they are measured"));
    let outcome = guest.run(&verify(&digest, &format!("--accept-endorsed {PACKED}"))).go();
    assert_eq!(outcome.code, Some(3), "{}", outcome.stdout);
    // Where the row is not accepted, it takes nothing from the others.
    let measured = guest.sev(Some(&guest.table()));
    guest.run(&verify(&measured, PACKED)).go().answer();
}

#[test]
fn attack_no_manifest_leaves_a_policy_out_that_its_description_says() {
    let guest = built(SEV, 1);
    let digest = guest.sev(Some(&guest.table()));
    let mut edited = stored(&guest);
    edited.as_object_mut().expect("an object").remove("policy");
    store(&guest, &edited);
    guest.run(&verify(&digest, "")).go().refused_with(&["description.policy"]);
    // A policy that nobody knows is in no manifest.
    let unknown = "[[unknown]]\nkey = \"policy\"\nsource = \"domain.xml\"\nplace = \"line 1\"\ntext = \"a\"\nsettled_by = \"a flag\"\n";
    guest.file("unknown.toml", format!("{}{unknown}", SEV.replace("policy = 0x1\n", "")));
    guest.run("manifest build -d unknown.toml -o other.json").go().refused_with(&["policy"]);
    assert!(!guest.folder.join("other.json").exists());
}

#[test]
fn attack_no_policy_is_published_that_verify_refuses() {
    let guest = built(
        &SEV.replace("\"sev\"", "\"snp\"")
            .replace("0x1", "0x30000")
            .replace("[firmware]", "vcpus = 1\ncpu = \"EPYC-Milan\"\n[firmware]"),
        1,
    );
    let publish = |policy: &str, flags: &str| {
        let mut edited = stored(&guest);
        edited["policy"] = json!(policy);
        edited["description"]["policy"] = json!(policy);
        guest.file("edited.json", serde_json::to_vec(&edited).expect("JSON"));
        guest.run(&format!("manifest publish edited.json --to trustee {flags}")).go()
    };
    publish("0x30000", "").answer();
    // [SNP-ABI, guest policy]: bit 18 is MIGRATE_MA, bit 17 must be one, bit 63 is reserved.
    let outcome = publish("0x70000", "");
    assert_eq!(outcome.code, Some(3), "{}", outcome.stdout);
    assert!(outcome.stderr.contains("--allow-migration-agent"), "{}", outcome.stderr);
    publish("0x70000", "--allow-migration-agent").answer();
    for policy in ["0x10000", "0x8000000000030000"] {
        publish(policy, "").refused_with(&["no platform starts a guest with it"]);
    }
}

// A manifest without a policy of its own has those of the guests that were observed.
#[test]
fn attack_no_row_of_a_guest_under_a_debug_policy_is_published() {
    let guest = built(
        &SEV.replace("\"sev\"", "\"snp\"")
            .replace("policy = 0x1\n", "vcpus = 1\ncpu = \"EPYC-Milan\"\n"),
        1,
    );
    let publish = |policy: &str, flags: &str| {
        let mut edited = stored(&guest);
        edited["rows"].as_array_mut().expect("a list").push(json!({
            "digest": "cd".repeat(48), "inputs": {},
            "obtained": {
                "how": "observed", "from": "report", "verified": false, "detail": {"policy": policy},
            },
        }));
        guest.file("edited.json", serde_json::to_vec(&edited).expect("JSON"));
        guest.run(&format!("manifest publish edited.json --to trustee {flags}")).go()
    };
    // [SNP-ABI, guest policy]: bit 19 is DEBUG.
    publish("0x30000", "--accept-unverified").answer();
    let outcome = publish("0xb0000", "--accept-unverified");
    assert_eq!(outcome.code, Some(3), "{}", outcome.stdout);
    assert!(outcome.stderr.contains("--allow-debug"), "{}", outcome.stderr);
    publish("0xb0000", "--accept-unverified --allow-debug").answer();
    // A row that is not accepted decides nothing.
    publish("0xb0000", "").answer();
}

#[test]
fn attack_no_row_that_is_not_accepted_leaks_in_what_is_published() {
    let guest = built(SEV, 1);
    let mut edited = stored(&guest);
    edited["inputs"].as_array_mut().expect("a list").push(json!({
        "role": "kernel", "path": "customers-kernel", "sha256": "ab".repeat(32),
    }));
    let input = edited["inputs"].as_array().expect("a list").len() - 1;
    edited["rows"].as_array_mut().expect("a list").insert(
        0,
        json!({
            "digest": "cd".repeat(32), "inputs": {"kernel": input},
            "obtained": {
                "how": "observed", "from": "measurement", "verified": false,
                "detail": {"chip_id": "ef".repeat(64)},
            },
        }),
    );
    store(&guest, &edited);
    let publish = |form: &str, flags: &str| {
        let command = format!("manifest publish manifest.json --to {form} {flags}");
        guest.run(&command).go().answer().to_owned()
    };
    for form in ["in-toto", "config-map"] {
        let hidden = ["ef".repeat(64), "cd".repeat(32), "customers-kernel".into()];
        let text = publish(form, "");
        assert!(!hidden.iter().any(|hidden| text.contains(hidden)), "{text}");
        let text = publish(form, "--accept-unverified");
        assert!(hidden.iter().all(|hidden| text.contains(hidden)), "{text}");
    }
}

#[test]
fn a_command_line_beside_a_kernel_that_is_not_measured_is_compared() {
    let guest = built(&format!("{SEV}kernel_hashes = false\n"), 1);
    let found = stored(&guest);
    assert_eq!(found["inputs"][3]["text"], "console=ttyS0 root=/dev/vda1 quiet");
    assert_eq!(found["rows"][0]["inputs"]["cmdline"], 3);
    guest.run("manifest check manifest.json").go().answer();
    let outcome = guest.run("manifest check manifest.json --cmdline quiet").go();
    assert_eq!(outcome.code, Some(1), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("cmdline"), "{}", outcome.stdout);
}

#[test]
fn an_input_that_only_uncomputed_rows_use_is_missed_by_nobody() {
    let guest = built(SEV, 1);
    let mut edited = stored(&guest);
    edited["inputs"].as_array_mut().expect("a list").push(json!({
        "role": "kernel", "path": "old-kernel", "sha256": "ab".repeat(32),
    }));
    let input = edited["inputs"].as_array().expect("a list").len() - 1;
    store(&guest, &edited);
    // One that no row uses is a fact that changed.
    let outcome = guest.run("manifest check manifest.json").go();
    assert_eq!(outcome.code, Some(1), "{}", outcome.stdout);
    edited["rows"].as_array_mut().expect("a list").push(json!({
        "digest": "cd".repeat(32), "inputs": {"kernel": input},
        "obtained": {"how": "observed", "from": "measurement", "verified": false},
    }));
    store(&guest, &edited);
    for form in ["text", "json", "junit", "annotations", "markdown"] {
        let outcome = guest.run(&format!("manifest check manifest.json --format {form}")).go();
        // JSON has a list of the inputs that changed, and each says its role.
        let change = if form == "json" { "\"role\"" } else { "removed" };
        assert!(!outcome.answer().contains(change), "{form}: {}", outcome.stdout);
    }
}

/// What a verdict in JSON says that it does not prove.
fn not_covered(guest: &Guest, command: &str) -> Vec<String> {
    let outcome = guest.run(&format!("{command} --json")).go();
    let verdict: Value = serde_json::from_str(outcome.answer()).expect("JSON");
    let list = verdict["not_covered"].as_array().expect("a list");
    let mut texts: Vec<_> =
        list.iter().map(|text| text.as_str().expect("text").to_owned()).collect();
    texts.sort();
    texts
}

#[test]
fn a_manifest_leaves_as_much_unproven_as_the_guest_that_it_is_of() {
    let without = SEV.split("[boot]").next().expect("a part");
    let off = format!("{SEV}kernel_hashes = false\n");
    for launch in [SEV, without, &off] {
        let guest = built(launch, 1);
        let digest = if launch == SEV { guest.sev(Some(&guest.table())) } else { guest.sev(None) };
        let claims = claims(&reported(&digest, 1), 1);
        let described = not_covered(&guest, &format!("verify -d launch.toml {claims}"));
        let found = not_covered(&guest, &verify(&digest, ""));
        assert_eq!(found, described, "{launch}");
        assert!(found.iter().any(|text| text.contains("initial registers")), "{found:?}");
    }
}
