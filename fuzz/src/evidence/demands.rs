//! Files of demands and policies of go-sev-guest: what is read is written and read again as the same, a file demands what its keys demand
//! one by one, and demands that are put together are both asked for.

use sev_launch_evidence::demands::{Document, KEYS, ReportDemands, check_policy};
use sev_launch_verify::reference_values::ReferenceValues;
use sev_launch_verify::requirement::Requirement;
use sev_launch_verify::snp::requirements::{Generations, Requirements, TcbRequirements};

/// The first byte: TOML, JSON, or a policy's text.
pub(crate) fn run(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else {
        assert!(Document::from_json(rest, "x").is_err(), "JSON is UTF-8");
        return;
    };
    let document = match first % 3 {
        0 => Document::from_toml(text, "x").ok(),
        1 => Document::from_json(rest, "x").ok(),
        _ => check_policy::read(text, "x").ok().map(|policy| policy.document),
    };
    let Some(document) = document else { return };
    let toml = document.to_toml();
    assert_eq!(Document::from_toml(&toml, "x").as_ref(), Ok(&document), "{toml}");
    let json = document.to_json();
    assert_eq!(Document::from_json(json.to_string().as_bytes(), "x").as_ref(), Ok(&document));
    let demands = document.demands().expect("it was read");
    assert!(json.as_object().is_some_and(|keys| !keys.is_empty()), "an empty file is read");
    one_by_one(&json, &demands);
    added(&demands);
}

/// Each key by itself, as if they were sources of their own.
fn one_by_one(json: &serde_json::Value, whole: &ReportDemands) {
    let mut all = ReportDemands::default();
    for key in KEYS.iter().filter(|key| !key.is_signer) {
        let values: Vec<&str> = match &json[key.name] {
            serde_json::Value::Null => continue,
            serde_json::Value::Array(values) => {
                values.iter().map(|value| value.as_str().expect("a text")).collect()
            }
            value => vec![value.as_str().expect("a text")],
        };
        let mut alone = ReportDemands::default();
        key.add(&mut alone, &values).expect("it was read");
        // Bits that are demanded to be both are read, and refused when they are taken together.
        let Ok(both) = all.and(alone) else { return };
        all = both;
    }
    all.signers.clone_from(&whole.signers);
    // Generations with levels are accepted alone unless the same source names others.
    all.generations.clone_from(&whole.generations);
    assert_eq!(all, *whole, "{json}");
}

/// Whatever is demanded is demanded still, and is in no conflict with itself.
fn added(demands: &ReportDemands) {
    let any = Some(TcbRequirements::all(Requirement::Any));
    let base = || Requirements {
        generations: Generations { milan: any, genoa: any, turin: any },
        report_data: Requirement::Any,
        signing_key: Requirement::Any,
        ..Requirements::strict(ReferenceValues::new(), [0; 64])
    };
    let Ok(once) = demands.added_to(base()) else { return };
    assert!(demands.clone().and(demands.clone()).is_ok(), "{demands:?} contradicts itself");
    let Ok(twice) = demands.added_to(once.clone()) else { panic!("{demands:?} was added before") };
    let open = |requirements: &Requirements| -> Vec<String> {
        let demands = requirements.demands();
        let open = demands.iter().filter(|demand| demand.is_open());
        open.map(|demand| demand.field.clone()).collect()
    };
    let all = open(&once);
    assert!(all.iter().all(|field| open(&base()).contains(field)), "a demand is loosened");
    assert_eq!(open(&twice), all);
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let toml = |text: &str| [&[0], text.as_bytes()].concat();
    let hex = |size: usize| "5a".repeat(size);
    vec![
        toml("policy_set = ['SMT', 'RAPL_DIS']\npolicy_clear = 'DEBUG'\nvmpl = 1\nmin_guest_svn = 2\n"),
        toml("min_tcb = ['milan:bootloader=4,tee=0,snp=24,microcode=219', 'turin:fmc=1,bootloader=1,tee=1,snp=4,microcode=80']\n"),
        toml("min_platform_tcb = 'bootloader=4,tee=0,snp=24,microcode=219'\nmin_launch_tcb = 'genoa:bootloader=1,tee=0,snp=1,microcode=1'"),
        toml("min_firmware = '1.55.29'\nmin_firmware_build = 3\nmin_committed_firmware = '1.55'\nmin_policy_abi = '1.51'\nadvisory = 'AMD-SB-3019'"),
        toml("platform_set = 'ECC_EN'\nplatform_clear = 'SMT_EN'\ngeneration = 'Milan'\nsigning_key = 'vlek'\nmin_report_version = 3\npolicy = '0x30000'"),
        toml(&format!("id_key_digest = '{0}'\nauthor_key_digest = '{0}'\ntrusted_id_key = '{0}'\ntrusted_author_key = '{0}'\nlaunch_digest = '{0}'", hex(48))),
        toml(&format!("host_data = '{0}'\nreport_id = '{0}'\nreport_id_ma = '{1}'\nfamily_id = '{2}'\nimage_id = '{2}'", hex(32), "ff".repeat(32), hex(16))),
        toml(&format!("report_data = '{0}'\nchip_id = '{1}'", hex(64), hex(8))),
        [&[1][..], br#"{"vmpl": 0, "policy_set": ["SMT"], "min_guest_svn": "0x2"}"#].concat(),
        [&[2][..], br#"policy { policy: 0x70133 vmpl { value: 1 } minimum_tcb: 0xdb18000000000004 platform_info { value: 0x25 } minimum_version: "1.51" minimum_build: 3 permit_provisional_firmware: true }"#].concat(),
        [&[2][..], br#"policy { policy: 131072 require_id_block: true trusted_id_key_hashes: ["\021\021"] product { name: SEV_PRODUCT_MILAN } } root_of_trust { product_line: "Milan" disallow_network: true }"#].concat(),
    ]
}
