//! OpenStack servers: conflicts as Nova refuses them, and forms of several clients.

use sev_launch_abi::Technology;
use sev_launch_description::import::Import;
use sev_launch_description::import::nova::{Documents, from_json};

fn read(server: Option<&str>, flavor: Option<&str>, image: Option<&str>) -> Result<Import, String> {
    let [server, flavor, image] = [server, flavor, image].map(|text| text.map(str::as_bytes));
    from_json(Documents { server, flavor, image }, "s.json").map_err(|error| error.to_string())
}

fn flavor(specs: &str) -> String {
    format!("{{\"vcpus\": 2, \"properties\": {{{specs}}}}}")
}

fn image(properties: &str) -> String {
    format!("{{\"properties\": {{{properties}}}}}")
}

// Nova's libvirt driver, by model.
#[test]
fn models_have_nova_s_policies() {
    for (model, technology, policy) in [
        ("", Technology::Sev, 0x33),
        (", \"hw:mem_encryption_model\": \"amd-sev\"", Technology::Sev, 0x33),
        (", \"hw:mem_encryption_model\": \"amd-sev-es\"", Technology::SevEs, 0x37),
        (", \"hw:mem_encryption_model\": \"amd-sev-snp\"", Technology::Snp, 0x30000),
    ] {
        let flavor = flavor(&format!("\"hw:mem_encryption\": \"True\"{model}"));
        let import = read(None, Some(&flavor), Some(&image(""))).unwrap();
        assert_eq!(import.description.technology.unwrap().value, technology, "{model}");
        assert_eq!(import.description.policy.unwrap().value, policy, "{model}");
        let attestable = !import.warnings.iter().any(|warning| warning.code == "not-attestable");
        assert_eq!(attestable, technology == Technology::Snp, "{model}");
    }
}

#[test]
fn contradictions_are_refused_as_by_nova() {
    for (specs, properties, part) in [
        (
            "\"hw:mem_encryption\": \"true\"",
            "\"hw_mem_encryption\": \"false\"",
            "Nova refuses the server",
        ),
        (
            "\"hw:mem_encryption\": \"true\", \"hw:mem_encryption_model\": \"amd-sev\"",
            "\"hw_mem_encryption_model\": \"amd-sev-snp\"",
            "Nova refuses the server",
        ),
        ("", "", "not encrypted"),
        ("\"hw:mem_encryption\": \"no\"", "", "not encrypted"),
        ("\"hw:mem_encryption_model\": \"amd-sev-snp\"", "", "not encrypted"),
        ("\"hw:mem_encryption\": \"1\", \"hw:mem_encryption_model\": \"tdx\"", "", "model \"tdx\""),
    ] {
        let error = read(None, Some(&flavor(specs)), Some(&image(properties))).unwrap_err();
        assert!(error.contains(part), "{specs}: {error}");
    }
    // The same in two spellings is no contradiction.
    let (flavor, image) =
        (flavor("\"hw:mem_encryption\": \"True\""), image("\"hw_mem_encryption\": true"));
    assert!(read(None, Some(&flavor), Some(&image)).is_ok());
}

#[test]
fn forms_of_several_clients_say_the_same() {
    for server in [
        r#"{"flavor": {"vcpus": 4, "extra_specs": {"hw:mem_encryption": "true"}}}"#,
        r#"{"flavor": {"vcpus": 4, "extra_specs": "hw:mem_encryption='true'"}}"#,
        r#"{"flavor": "description=, disk='1', extra_specs.hw:mem_encryption='true', name='a', vcpus='4'"}"#,
    ] {
        let import = read(Some(server), None, None).unwrap();
        assert_eq!(import.description.vcpus.unwrap().value.to_string(), "4", "{server}");
    }
    let named = r#"{"flavor": "m1.small (1)"}"#;
    let import = read(Some(named), None, Some(&image("\"hw_mem_encryption\": true"))).unwrap();
    assert!(import.description.unknown.iter().any(|unknown| unknown.key == Some("vcpus")));
}

#[test]
fn a_kernel_is_measured_for_snp_alone() {
    let image =
        image("\"kernel_id\": \"a\", \"hw_firmware_type\": \"uefi\", \"hw_machine_type\": \"q35\"");
    for (model, measured) in [("amd-sev-es", false), ("amd-sev-snp", true)] {
        let flavor = flavor(&format!(
            "\"hw:mem_encryption\": \"t\", \"hw:mem_encryption_model\": \"{model}\""
        ));
        let import = read(None, Some(&flavor), Some(&image)).unwrap();
        assert_eq!(import.description.boot.kernel_hashes.unwrap().value, [measured]);
        assert!(
            import.description.unknown.iter().any(|unknown| unknown.key == Some("boot.kernel"))
        );
        let warned = import.warnings.iter().any(|warning| warning.code == "kernel-not-measured");
        assert_eq!(warned, !measured);
    }
}

#[test]
fn what_is_no_document_is_refused() {
    assert!(read(None, None, None).is_err());
    for wrong in ["[]", "{", "", "1"] {
        assert!(read(Some(wrong), None, None).is_err(), "{wrong}");
    }
    let flavor = "{\"vcpus\": 0, \"properties\": {\"hw:mem_encryption\": \"y\"}}";
    assert!(read(None, Some(flavor), None).unwrap_err().contains("no number of vCPUs"));
}

#[test]
fn properties_of_nova_that_are_not_read_are_unknown() {
    let flavor = flavor(
        "\"hw:mem_encryption\": \"True\", \"hw:cpu_policy\": \"dedicated\", \"trait:HW_CPU\": \"required\", \"hw:new_loader\": \"x\"",
    );
    let image = image(
        "\"hw_machine_type\": \"q35\", \"hw_disk_bus\": \"scsi\", \"os_new\": \"y\", \"owner\": \"z\"",
    );
    let import = read(None, Some(&flavor), Some(&image)).unwrap();
    let keyless = import.description.unknown.iter().filter(|one| one.key.is_none());
    let texts: Vec<_> = keyless.map(|one| one.text.as_str()).collect();
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(
        texts[0].starts_with("flavor property hw:new_loader=\"x\" was not looked at"),
        "{texts:?}"
    );
    assert!(texts[1].starts_with("image property os_new=\"y\" was not looked at"), "{texts:?}");
}

const SNP_FLAVOR: &str = r#"{"vcpus": 2, "properties": {"hw:mem_encryption": "true", "hw:mem_encryption_model": "amd-sev-snp"}}"#;

fn unknown(import: &Import) -> Vec<&str> {
    let unknown = import.description.unknown.iter();
    unknown.map(|one| one.key.unwrap_or(&one.text)).collect()
}

// Compute API, "Show Server Details": OS-EXT-SRV-ATTR:kernel_id, and from 2.98 on image.properties; Block Storage API,
// volume_image_metadata; Image API, whose kernel_id may be null.
#[test]
fn attack_a_kernel_stands_in_many_places() {
    let none = image("\"hw_machine_type\": \"q35\"");
    for (server, image) in [
        (r#"{"OS-EXT-SRV-ATTR:kernel_id": "k"}"#, Some(none.as_str())),
        (r#"{"volume_image_metadata": {"kernel_id": "k"}}"#, Some(&none)),
        (r#"{"volume_image_metadata": "kernel_id='k'"}"#, Some(&none)),
        (r#"{"image": {"id": "i", "properties": {"kernel_id": "k"}}}"#, Some(&none)),
        (r#"{"image": {"id": "i", "properties": {"hw_machine_type": "q35"}}}"#, None),
        (r#"{"image": "debian (1)"}"#, None),
        (r#"{"OS-EXT-SRV-ATTR:kernel_id": null}"#, None),
        ("{}", Some(r#"{"kernel_id": null}"#)),
        ("{}", Some(r#"{"properties": {"kernel_id": null}}"#)),
        ("{}", Some(r#"{"properties": "a=, kernel_id='k'"}"#)),
        ("{}", Some(r#"{"volume_image_metadata": {"kernel_id": "k"}}"#)),
    ] {
        let import = read(Some(server), Some(SNP_FLAVOR), image).unwrap();
        assert!(unknown(&import).contains(&"boot.kernel"), "{server} {image:?}");
    }
    for (server, image) in [
        ("{}", Some(none.as_str())),
        (r#"{"OS-EXT-SRV-ATTR:kernel_id": ""}"#, None),
        (r#"{"OS-EXT-SRV-ATTR:kernel_id": null}"#, Some(&none)),
    ] {
        let import = read(Some(server), Some(SNP_FLAVOR), image).unwrap();
        assert!(!unknown(&import).contains(&"boot.kernel"), "{server} {image:?}");
    }
}

#[test]
fn attack_values_that_contradict_or_are_of_another_kind_are_refused() {
    let list = r#"{"properties": {"kernel_id": ["k"]}}"#;
    for (server, flavor, image, part) in [
        ("{}", SNP_FLAVOR, list, "kernel_id is a list or an object"),
        ("{}", SNP_FLAVOR, r#"{"properties": ["kernel_id"]}"#, "wanted an object"),
        ("{}", SNP_FLAVOR, r#"{"properties": "kernel_id='k"}"#, "does not start with"),
        ("{}", SNP_FLAVOR, r#"{"properties": "kernel_id='k', kernel_id=''"}"#, "stands twice"),
        ("{}", SNP_FLAVOR, r#"{"kernel_id": "k", "properties": {"kernel_id": ""}}"#, "in another"),
        ("{}", r#"{"vcpus": [2]}"#, "{}", "vcpus is a list or an object"),
        ("{}", r#"{"vcpus": 2, "vcpus": 4}"#, "{}", "stands twice"),
        (r#"{"flavor": {"vcpus": 4}}"#, SNP_FLAVOR, "{}", "vcpus is \"2\", and \"4\""),
        (r#"{"flavor": "vcpus='4'"}"#, SNP_FLAVOR, "{}", "vcpus is \"2\", and \"4\""),
        (r#"{"OS-EXT-SRV-ATTR:kernel_id": "a"}"#, SNP_FLAVOR, r#"{"kernel_id": "b"}"#, "is \"b\""),
        (
            r#"{"image": {"properties": {"os_command_line": "a"}}}"#,
            SNP_FLAVOR,
            r#"{"os_command_line": "b"}"#,
            "os_command_line is \"b\"",
        ),
    ] {
        let error = read(Some(server), Some(flavor), Some(image)).unwrap_err();
        assert!(error.contains(part), "{server} {flavor} {image}: {error}");
    }
    let same = r#"{"flavor": {"vcpus": "2", "extra_specs": {"hw:mem_encryption": "True"}}}"#;
    assert!(read(Some(same), Some(SNP_FLAVOR), Some("{}")).is_ok());
}

#[test]
fn machines_and_architectures_of_another_kind_are_unknown() {
    for (properties, part) in [
        ("\"hw_machine_type\": \"microvm\"", "microvm is neither of the pc nor of the q35 kind"),
        ("\"hw_architecture\": \"aarch64\"", "aarch64 is not x86_64"),
    ] {
        let import = read(None, Some(SNP_FLAVOR), Some(&image(properties))).unwrap();
        assert!(unknown(&import).iter().any(|text| text.contains(part)), "{properties}");
    }
}

// Compute API, "Show Server Details": extra_specs are left out where the policy does not let the user see them, and of older
// versions a flavor's name alone is shown; image.properties are there from 2.98 on.
#[test]
fn attack_what_is_not_shown_is_asked_for_and_is_no_answer() {
    let none = image("");
    let specs = flavor("");
    let encrypted = r#"{"vcpus": 2, "properties": {"hw:mem_encryption": "true"}}"#;
    for (server, flavor, image, asked) in [
        (Some("{}"), None, None, "--flavor; `openstack image"),
        (Some(r#"{"flavor": "m1.small (1)"}"#), None, None, "--flavor; `openstack image"),
        (
            Some(r#"{"flavor": {"vcpus": 2, "original_name": "m1"}}"#),
            None,
            Some(&*none),
            "--flavor",
        ),
        (Some(r#"{"flavor": "name='a', vcpus='4'"}"#), None, Some(&none), "--flavor"),
        (Some(r#"{"flavor": {"vcpus": 2, "extra_specs": null}}"#), None, Some(&none), "--flavor"),
        (None, Some(r#"{"vcpus": 2}"#), Some(&none), "--flavor"),
        (Some(r#"{"image": "debian (1)"}"#), Some(&specs), None, "--image"),
        (None, Some(&specs), None, "--image"),
        // Encrypted it is, and the image may have another model than the default.
        (None, Some(encrypted), None, "--image"),
        (None, None, Some(r#"{"properties": {"hw_mem_encryption": "true"}}"#), "--flavor"),
    ] {
        let import = read(server, flavor, image).unwrap();
        let found = import.description;
        assert!(found.technology.is_none() && found.policy.is_none(), "{server:?}");
        for key in ["technology", "policy"] {
            let unknown = found.unknown.iter().find(|one| one.key == Some(key)).unwrap();
            assert!(
                unknown.settled_by.ends_with(asked) || unknown.settled_by.contains(asked),
                "{unknown}"
            );
        }
        // A digest of any technology stops.
        assert!(sev_launch_description::resolve::resolve(found).is_err());
    }
    // What is shown and says no is an answer.
    let off = r#"{"flavor": {"vcpus": 2, "extra_specs": {"hw:mem_encryption": "false"}}}"#;
    assert!(read(Some(off), None, None).unwrap_err().contains("not encrypted"));
    let empty = r#"{"flavor": {"vcpus": 2, "extra_specs": {}}, "image": {"properties": {}}}"#;
    assert!(read(Some(empty), None, None).unwrap_err().contains("not encrypted"));
}
