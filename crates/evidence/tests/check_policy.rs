//! Policies of go-sev-guest's check: each field is taken over, or refused by its name.

use sev_launch_abi::snp::policy::Flag;
use sev_launch_abi::snp::tcb::TcbParts;
use sev_launch_abi::{ApiVersion, Generation, PlatformVersion};
use sev_launch_evidence::demands::Document;
use sev_launch_evidence::demands::check_policy::{self, CheckPolicy};
use sev_launch_testkit::report::{Authority, Vek};
use sev_launch_verify::requirement::Bytes;
use sev_launch_verify::requirement::Requirement::{Any, AtLeast, Exactly};

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
