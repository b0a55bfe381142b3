//! Files of demands, and policies of go-sev-guest's check: every key demands something, and nothing that is written is passed over.

use sev_launch_abi::snp::policy::Flag;
use sev_launch_abi::snp::tcb::TcbParts;
use sev_launch_abi::{ApiVersion, Generation, PlatformVersion};
use sev_launch_evidence::demands::check_policy::{self, CheckPolicy};
use sev_launch_evidence::demands::{Document, KEYS, ReportDemands, Takes, by_name, schema};
use sev_launch_testkit::certs::EcKey;
use sev_launch_testkit::report::{Authority, Vek};
use sev_launch_verify::requirement::Bytes;
use sev_launch_verify::requirement::Requirement::{Any, AtLeast, Exactly};
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

fn policy(text: &str) -> Result<CheckPolicy, String> {
    check_policy::read(text, "policy.textproto").map_err(|error| error.to_string())
}

// What each field means: [go-sev-guest, validate.go]. TCB versions there are the ABI's 8 bytes as a number.
#[test]
fn a_policy_of_go_sev_guest_is_taken_over_field_by_field() {
    let text = "# made by hand\npolicy {\n  minimum_guest_svn: 2\n  policy: 0x70133\n  vmpl { value: 1 }\n  \
        minimum_tcb: 0xdb18000000000004\n  minimum_launch_tcb: 0xd116000000000003\n  platform_info { value: 0x25 }\n  \
        report_data: \"\\x5a\" host_data: ''\n  minimum_build: 21 minimum_version: \"1.51\"\n  \
        permit_provisional_firmware: true\n  require_id_block: true\n  \
        trusted_id_key_hashes: [\"HASH\", \"HASH\"]\n}\nroot_of_trust { product_line: \"Milan\" disallow_network: true }\n";
    let hash = "\\x11".repeat(48);
    let whole = text.replace("HASH", &hash).replace("\\x5a", &"\\x5a".repeat(64));
    let read = policy(&whole).unwrap();
    let demands = read.document.demands().unwrap();
    // 0x70133: bits 16, 17, 18; ABI 1.51.
    assert_eq!(demands.min_api, AtLeast(ApiVersion { major: 1, minor: 0x33 }));
    assert_eq!(demands.policy_clear, [Flag::Debug, Flag::CxlAllow]);
    assert_eq!(demands.policy_set, []);
    assert_eq!((demands.guest_svn, demands.vmpl), (AtLeast(2), Some(1)));
    let now = TcbParts { fmc: None, boot_loader: 4, tee: 0, snp: 0x18, microcode: 0xdb };
    let launch = TcbParts { fmc: None, boot_loader: 3, tee: 0, snp: 0x16, microcode: 0xd1 };
    assert_eq!((demands.milan.reported, demands.genoa.committed), (AtLeast(now), AtLeast(now)));
    assert_eq!((demands.milan.launch, demands.turin.launch), (AtLeast(launch), Any));
    // 0x25: SMT may be on, TSME may not; ECC and the alias check must be.
    assert_eq!((demands.platform_set, demands.platform_clear), (0x24, 0x02));
    assert_eq!(demands.report_data, Exactly(Bytes([0x5a; 64])));
    assert_eq!(demands.host_data, Any);
    let digest =
        policy(&format!("policy {{ policy: 0x20000 measurement: \"{}\" }}", "\\x07".repeat(48)));
    let digest = digest.unwrap().document.demands().unwrap().measurements.unwrap();
    assert_eq!(digest.first().map(|digest| *digest.as_bytes()), Some([7; 48]));
    assert_eq!(demands.current_build, AtLeast(21));
    assert_eq!(demands.current_version, AtLeast(PlatformVersion { major: 1, minor: 51, build: 0 }));
    assert_eq!(demands.signers[0].id_keys, [Bytes([0x11; 48]), Bytes([0x11; 48])]);
    assert_eq!(demands.generations, Some(vec![Generation::Milan]));
    let permits = read.permits.join("\n");
    assert!(permits.contains("--allow-migration-agent"), "{permits}");
    assert!(permits.contains("--allow-provisional-firmware") && !permits.contains("debug"));
    // As TOML it is the same.
    let again = Document::from_toml(&read.document.to_toml(), "demands.toml").unwrap();
    assert_eq!(again.demands().unwrap(), demands);
}

// The words of [go-sev-guest, check_test.go]: each is a bad value of -min_version. Nothing is 0.0 [go-sev-guest, validate.go].
#[test]
fn a_version_that_is_none_is_told_of_the_policy_s_own_field() {
    let with = |version: &str| {
        policy(&format!("policy {{ policy: 0x20000 minimum_version: '{version}' }}"))
    };
    for version in ["0.0.0", "0.", ".0", "1.256", "1", "+1.2"] {
        let error = with(version).unwrap_err();
        let field = "policy.textproto: minimum_version: ";
        assert!(error.starts_with(field) && error.contains("two numbers"), "{version}: {error}");
    }
    assert_eq!(with("").unwrap().document.demands().unwrap().current_version, Any);
}

#[test]
fn what_a_policy_says_is_taken_over_or_refused() {
    let with = |field: &str| policy(&format!("policy {{ policy: 0x20000 {field} }}"));
    assert!(with("").is_ok());
    for (field, wanted) in [
        ("colour: 1", "colour"),
        ("minimum_build: 256", "at most 255"),
        ("minimum_version: '1'", "two numbers"),
        ("minimum_version: '1.2.3'", "two numbers"),
        ("vmpl { value: 4 }", "0 to 3"),
        ("vmpl { level: 0 }", "value: NUMBER"),
        ("minimum_tcb: 0x0018010000000004", "no processor"),
        ("platform_info { value: 0x100 }", "0x100"),
        ("report_data: '\\x5a'", "64"),
        ("measurement: 'HEX'", "protobuf"),
        ("require_author_key: true", "trusted_author_keys"),
        ("require_id_block: true", "trusted_id_keys"),
        ("require_id_block: 2", "true or false"),
        ("product { name: SEV_PRODUCT_MILAN machine_stepping { value: 0 } }", "stepping"),
        ("product { name: SEV_PRODUCT_ROME }", "Milan, Genoa or Turin"),
        ("require_id_block: true trusted_id_keys: 'RAW'", "no certificate"),
        ("minimum_version: '0x1.0x33'", "two numbers"),
        ("trusted_id_key_hashes: 'RAW'", "require_id_block"),
        ("product { name: SEV_PRODUCT_TURIN } minimum_tcb: 1", "minimum_tcb_turin"),
        ("product { name: SEV_PRODUCT_MILAN } minimum_launch_tcb_turin: 1", "minimum_launch_tcb"),
        ("vmpl { value: 1 } vmpl { value: 1 }", "twice"),
    ] {
        let field = &field.replace("HEX", &"5a".repeat(48)).replace("RAW", &"\\x07".repeat(48));
        let error = with(field).map(|policy| policy.document.to_toml()).unwrap_err();
        assert!(
            error.contains(wanted) && error.starts_with("policy.textproto: "),
            "{field}: {error}"
        );
    }
    // Every field that names a processor must name the same.
    let two = |line: &str, product: &str| {
        policy(&format!(
            "root_of_trust {{ product_line: '{line}' }} policy {{ policy: 0x20000 product {{ name: SEV_PRODUCT_{product} }} }}"
        ))
    };
    assert_eq!(
        two("Milan", "MILAN").unwrap().document.demands().unwrap().generations,
        Some(vec![Generation::Milan])
    );
    assert!(two("Milan", "GENOA").unwrap_err().contains("no processor is both"));
    assert!(two("Milan,Genoa", "MILAN").unwrap_err().contains("wanted Milan, Genoa or Turin"));
    for (text, wanted) in [
        ("", "no policy"),
        ("policy { }", "bit 17"),
        ("policy { policy: 0x4000000 }", "bit 17"),
        ("policy { policy: 0x20000 } root_of_trust { check_crl: true }", "--crl"),
        ("policy { policy: 0x20000 } root_of_trust { cabundle_paths: 'x' }", "--chain"),
        (
            "policy { policy: 0x20000 product { name: SEV_PRODUCT_MILAN } } root_of_trust { product_line: 'Turin' }",
            "no processor is both",
        ),
        ("policy { policy: 0x20000 } extra: 1", "no such field of check.Config"),
        ("minimum_tcb: 1", "policy { … }"),
        ("policy: 0x20000", "policy { … }"),
        ("policy {", "line 1"),
    ] {
        let error = policy(text).unwrap_err();
        assert!(error.contains(wanted), "{text}: {error}");
    }
    let permits = policy("policy { policy: 0xa0000 }").unwrap().permits;
    assert!(permits.iter().any(|text| text.contains("--allow-debug")), "{permits:?}");
}

// Numbers and truth values in every spelling of protobuf's text, and bounds at their edges.
#[test]
fn a_policy_s_values_are_those_of_protobuf() {
    let with = |field: &str| policy(&format!("policy {{ policy: 0x20000 {field} }}"));
    let demands = |field: &str| with(field).unwrap().document.demands().unwrap();
    assert_eq!(demands("vmpl { }").vmpl, Some(0));
    assert_eq!(demands("minimum_build: 255").current_build, AtLeast(255));
    assert_eq!(
        demands(
            "minimum_guest_svn: 4294967295 require_id_block: true trusted_id_key_hashes: 'HASH'"
                .replace("HASH", &"\\x01".repeat(48))
                .as_str()
        )
        .guest_svn,
        AtLeast(u32::MAX)
    );
    for word in ["true", "True", "t", "1"] {
        let permits = with(&format!("permit_provisional_firmware: {word}")).unwrap().permits;
        assert_eq!(permits.len(), 1, "{word}");
    }
    for word in ["false", "False", "f", "0"] {
        let permits = with(&format!("permit_provisional_firmware: {word}")).unwrap().permits;
        assert!(permits.is_empty(), "{word}");
    }
    for word in ["yes", "TRUE", "2", "'true'"] {
        assert!(with(&format!("permit_provisional_firmware: {word}")).is_err(), "{word}");
    }
    // [SNP-ABI, TCB_VERSION]: on Turin FMC, boot loader, TEE and SNP stand in the lowest bytes, in this order.
    let turin = TcbParts { fmc: Some(1), boot_loader: 2, tee: 3, snp: 4, microcode: 0x51 };
    let read = demands("minimum_tcb_turin: 0x5100000004030201");
    assert_eq!(
        (read.turin.reported, read.turin.launch, read.milan.reported),
        (AtLeast(turin), Any, Any)
    );
    let read = demands("minimum_launch_tcb_turin: 0x5100000004030201");
    assert_eq!((read.turin.reported, read.turin.launch), (Any, AtLeast(turin)));
    for (product, generation) in [
        ("SEV_PRODUCT_MILAN", Generation::Milan),
        ("1", Generation::Milan),
        ("2", Generation::Genoa),
        ("3", Generation::Turin),
    ] {
        let read = demands(&format!("product {{ name: {product} }}"));
        assert_eq!(read.generations, Some(vec![generation]), "{product}");
    }
    let hash = "\\x02".repeat(48);
    let read = demands(&format!("require_author_key: true trusted_author_key_hashes: '{hash}'"));
    assert_eq!(read.signers[0].author_keys, [Bytes([2; 48])]);
    let read = demands(&format!("require_id_block: true trusted_author_key_hashes: '{hash}'"));
    assert_eq!((read.signers[0].author_keys.len(), read.signers[0].id_keys.len()), (1, 0));
    // A key's certificate: the test kit's VCEK is one on P-384.
    let der = Vek::vcek("Milan").certificate(Authority::Ask);
    let der: String = der.iter().map(|byte| format!("\\x{byte:02x}")).collect();
    let id = demands(&format!("require_id_block: true trusted_id_keys: '{der}'"));
    let author = demands(&format!("require_author_key: true trusted_author_keys: '{der}'"));
    assert_eq!((id.signers[0].id_keys.len(), id.signers[0].author_keys.len()), (1, 0));
    assert_eq!(author.signers[0].author_keys, id.signers[0].id_keys);
    // Each bit of the policy by its own rule; bits 16, 18, 19 and 21 permit, the others restrict.
    for bit in 16..=25_u64 {
        let word = 0x20000 | 1 << bit;
        let read = policy(&format!("policy {{ policy: {word} }}")).unwrap();
        let demands = read.document.demands().unwrap();
        let named = |flags: &[Flag]| flags.iter().any(|flag| u64::from(flag.bit()) == bit);
        let permits = [16, 18, 19, 21].contains(&bit);
        assert_eq!(named(&demands.policy_set), !permits && bit != 17, "{bit}");
        assert!(!named(&demands.policy_clear), "{bit}");
        assert_eq!(!read.permits.is_empty(), bit == 18 || bit == 19, "{bit}");
    }
    // Each bit of PLATFORM_INFO: the first two may be, the others must be.
    for bit in 0..8_u64 {
        let read = demands(&format!("platform_info {{ value: {} }}", 1_u64 << bit));
        let set = if bit < 2 { 0 } else { 1 << bit };
        assert_eq!((read.platform_set, read.platform_clear), (set, 3 & !(1 << bit)), "{bit}");
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
