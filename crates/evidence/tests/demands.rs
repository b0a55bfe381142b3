//! Files of demands: every key demands something, and nothing that is written is passed over.

use sev_launch_abi::PlatformVersion;
use sev_launch_abi::snp::tcb::TcbParts;
use sev_launch_evidence::demands::{Document, KEYS, ReportDemands, Takes, by_name, schema};
use sev_launch_testkit::certs::EcKey;
use sev_launch_verify::requirement::Bytes;
use sev_launch_verify::requirement::Requirement::{Any, AtLeast};
use sev_launch_verify::snp::id_block::IdPublicKey;

/// A value of each key.
fn value(name: &str) -> String {
    match name {
        "policy" => "0x30000".into(),
        "policy_set" => "SINGLE_SOCKET,RAPL_DIS".into(),
        "policy_clear" => "smt".into(),
        "min_policy_abi" => "1.51".into(),
        "generation" => "Milan".into(),
        "min_tcb" | "min_platform_tcb" | "min_launch_tcb" => {
            "bootloader=4,tee=0,snp=24,microcode=219".into()
        }
        "min_firmware" | "min_committed_firmware" => "1.55.29".into(),
        "min_firmware_build" | "min_guest_svn" | "min_report_version" => "3".into(),
        "advisory" => "AMD-SB-3019".into(),
        "platform_set" | "platform_clear" => "ALIAS_CHECK_COMPLETE".into(),
        "report_data" | "chip_id" => "5a".repeat(64),
        "host_data" | "report_id" | "report_id_ma" => "5a".repeat(32),
        "id_key_digest" | "author_key_digest" | "trusted_id_key" | "trusted_author_key"
        | "launch_digest" => "5a".repeat(48),
        "family_id" | "image_id" => "5a".repeat(16),
        "vmpl" => "1".into(),
        "signing_key" => "vlek".into(),
        other => panic!("no value of {other} is here"),
    }
}

fn toml(text: &str) -> Result<ReportDemands, String> {
    let document = Document::from_toml(text, "demands.toml").map_err(|error| error.to_string())?;
    document.demands().map_err(|error| error.to_string())
}

fn json(text: &str) -> Result<ReportDemands, String> {
    let document = Document::from_json(text.as_bytes(), "demands.json");
    document.map_err(|error| error.to_string())?.demands().map_err(|error| error.to_string())
}

#[test]
fn every_key_demands_something_in_every_form() {
    for key in KEYS {
        let value = value(key.name);
        let read = toml(&format!("{} = '{value}'", key.name)).unwrap();
        assert_ne!(read, ReportDemands::default(), "{} demands nothing", key.name);
        assert_eq!(json(&format!(r#"{{"{}": "{value}"}}"#, key.name)).as_ref(), Ok(&read));
        let mut by_key = ReportDemands::default();
        key.add(&mut by_key, &[&value]).unwrap();
        assert_eq!(by_key, read);
        let list = toml(&format!("{} = ['{value}']", key.name));
        assert_eq!(list.as_ref(), Ok(&read));
        let two = toml(&format!("{0} = ['{value}', '{value}']", key.name));
        assert_eq!(two.is_ok(), key.takes != Takes::One, "{}", key.name);
        for wrong in ["[]", "true", "-1", "1.5", "{ a = 1 }", "['']", "'?'", "[[1]]"] {
            assert!(toml(&format!("{} = {wrong}", key.name)).is_err(), "{} = {wrong}", key.name);
        }
        assert!(json(&format!(r#"{{"{}": null}}"#, key.name)).is_err());
        let twice = format!(r#"{{"{0}": "{value}", "{0}": "{value}"}}"#, key.name);
        assert!(json(&twice).is_err(), "{} twice", key.name);
        assert_eq!(key.flag, key.name.replace('_', "-"));
    }
}

#[test]
fn values_are_what_they_say() {
    let read = toml(
        "vmpl = 0\nmin_guest_svn = 7\nmin_firmware = '1.55'\npolicy = 0x30000\n\
         min_tcb = ['milan:bootloader=4,tee=0,snp=24,microcode=219', 'turin:fmc=1,bootloader=1,tee=1,snp=4,microcode=80']\n\
         trusted_author_key = ['0x0101010101010101010101010101010101010101010101010101010101010101 01010101010101010101010101010101']\n",
    )
    .unwrap();
    let milan = TcbParts { fmc: None, boot_loader: 4, tee: 0, snp: 24, microcode: 219 };
    let turin = TcbParts { fmc: Some(1), boot_loader: 1, tee: 1, snp: 4, microcode: 80 };
    // A launch may be demanded more of than what the platform has now, and both are asked for.
    let two = toml(
        "min_tcb = 'bootloader=4,tee=0,snp=24,microcode=0'\nmin_launch_tcb = 'milan:bootloader=0,tee=0,snp=0,microcode=219'",
    );
    assert_eq!(two.unwrap().milan.launch, AtLeast(milan));
    assert!(toml("min_tcb = ['bootloader=4,tee=0,snp=24,microcode=0', 'turin:fmc=1,bootloader=0,tee=0,snp=0,microcode=1']").is_err());
    assert_eq!(read.vmpl, Some(0));
    assert_eq!(read.guest_svn, AtLeast(7));
    assert_eq!(read.current_version, AtLeast(PlatformVersion { major: 1, minor: 55, build: 0 }));
    assert_eq!(read.milan.launch, AtLeast(milan));
    assert_eq!((read.turin.reported, read.genoa.reported), (AtLeast(turin), Any));
    assert_eq!(read.signers.len(), 1);
    assert_eq!(read.signers[0].author_keys, [Bytes([1; 48])]);
    assert_eq!(read.policy.to_string(), "0x30000 (abi 0.0, SMT)");
}

#[test]
fn a_misspelt_key_is_no_demand_and_is_told() {
    for (text, wanted) in [
        ("min-tcb = 'x'", "is min_tcb meant?"),
        ("reportdata = 'x'", "report_data"),
        ("[policy]\nset = 'SMT'", "wanted a text"),
        ("minimum_guest_svn = 1", "min_guest_svn"),
        ("colour = 'red'", "the keys are policy, "),
        ("measurement = '00'", "launch_digest"),
        ("allow_provisional_firmware = 1", "a flag alone"),
        ("min_tcb = { snp = 24 }", "bootloader=4,tee=0,snp=24"),
        ("", "nothing is demanded in it"),
        ("# a comment\n", "nothing is demanded in it"),
        ("policy { policy: 1 }", "no TOML at line 1"),
        ("vmpl = 4", "0 to 3"),
        ("trusted_id_key = '00'", "neither"),
        ("vmpl = ", "no TOML at line 1"),
    ] {
        let error = toml(text).unwrap_err();
        assert!(error.starts_with("demands.toml: ") && error.contains(wanted), "{text}: {error}");
    }
    let zeros = format!("trusted_id_key = '{}'", "00".repeat(48));
    assert!(toml(&zeros).unwrap_err().contains("zeros are no key's digest"));
    // Digits that are meant as hex are a text: as a number they would be another value.
    assert!(
        toml("chip_id = 1112131415161718").unwrap_err().contains("wanted a text, and no number")
    );
    assert!(toml("min_firmware = 1").is_err() && toml("advisory = 3019").is_ok());
    assert!(json("{}").unwrap_err().contains("nothing is demanded"));
    assert!(json("[]").is_err() && json("{").is_err() && json("{} {}").is_err());
}

#[test]
fn what_is_written_is_read_again() {
    let entries = KEYS.iter().map(|key| (key, vec![value(key.name)])).collect();
    let document = Document::of_entries(entries, "all").unwrap();
    assert_eq!(Document::from_toml(&document.to_toml(), "all").unwrap(), document);
    let text = document.to_json().to_string();
    assert_eq!(Document::from_json(text.as_bytes(), "all").unwrap(), document);
}

#[test]
fn the_schema_has_every_key() {
    let schema = schema();
    let names: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    assert_eq!(names.len(), KEYS.len());
    assert!(names.into_iter().all(|name| by_name(name).is_some()));
    assert_eq!(schema["additionalProperties"], false);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schemas/demands.schema.json");
    let text = format!("{schema:#}\n");
    if std::env::var_os("SEV_LAUNCH_BLESS").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), text, "SEV_LAUNCH_BLESS=1 writes it");
}

// A public key's digest is that of its 1028 bytes; as a key it may come in PEM and as DER in base64.
#[test]
fn a_signer_may_be_its_public_key() {
    let key = EcKey::from_seed("a signer");
    let [x, y] = key.coordinates().map(|little| {
        let mut big: Vec<u8> = little[..48].to_vec();
        big.reverse();
        big
    });
    let point = [&[4][..], &x, &y].concat();
    let digest = IdPublicKey::parse(&point).unwrap().digest();
    // [RFC 5480]: SEQUENCE { SEQUENCE { id-ecPublicKey, secp384r1 }, BIT STRING }.
    let head = hex::decode("3076301006072a8648ce3d020106052b81040022036200").unwrap();
    let der = [head, point].concat();
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::STANDARD.encode(&der);
    // Lines of 64, as RFC 7468 has them.
    let lines: Vec<&str> =
        (0..base64.len()).step_by(64).map(|at| &base64[at..base64.len().min(at + 64)]).collect();
    let lines = lines.join("\n");
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n");
    for text in [hex::encode(digest), base64.clone(), pem.replace('\n', "\\n").replace("\\n", "\n")]
    {
        let demands = toml(&format!("trusted_id_key = '''{text}'''"));
        let demands = demands.unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(demands.signers[0].id_keys, [Bytes(digest)], "{text}");
    }
}

#[test]
fn a_file_has_its_size_and_a_value_its_key() {
    let comment = |size: usize| format!("vmpl = 1\n#{}", " ".repeat(size - 10));
    assert!(toml(&comment(1 << 20)).is_ok());
    assert!(toml(&comment((1 << 20) + 1)).unwrap_err().contains("1048577 bytes"));
    let vmpl = by_name("vmpl").unwrap();
    assert!(vmpl.check("3").is_ok() && vmpl.check("4").unwrap_err().contains("0 to 3"));
    assert!(by_name("min_guest_svn").unwrap().check("4294967296").unwrap_err().contains("32 bits"));
    let names = KEYS.iter().filter(|key| key.is_comma_separated).map(|key| key.name);
    let wanted =
        ["policy_set", "policy_clear", "generation", "advisory", "platform_set", "platform_clear"];
    assert!(names.eq(wanted));
    let signers = KEYS.iter().filter(|key| key.is_signer).map(|key| key.name);
    assert!(signers.eq(["trusted_id_key", "trusted_author_key"]));
}
