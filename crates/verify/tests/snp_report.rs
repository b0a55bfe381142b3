//! Reports, real and made up, against their certificates.
//!
//! The known answers are in `testdata/vectors/sev-api.json`; the reports and certificates that they name are third-party
//! files, found in the folder that SEV_LAUNCH_VECTORS names. Made-up ones come from the testkit.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use serde_json::Value;
use sev_launch_abi::Generation;
use sev_launch_abi::snp::tcb::{TcbLayout, TcbParts};
use sev_launch_testkit::certs::vectors::CertificateFiles;
use sev_launch_testkit::report as made_up;
use sev_launch_testkit::sev_api::{SevApi, text};
use sev_launch_verify::outcome::Family;
use sev_launch_verify::snp::certificate::{CaCertificate, CertificateError, Vek};
use sev_launch_verify::snp::chain::{
    Chain, ChainOptions, LinkError, Revocation, Roots, VerifiedVek,
};
use sev_launch_verify::snp::product::CpuId;
use sev_launch_verify::snp::report::{
    KeyInfo, MaskedChipId, PlatformInfo, REPORT_SIZE, ReportError, ReportOptions, SignatureError,
    SigningKey, UnknownVersion, UnverifiedReport, VerifiedReport,
};

const STRICT: ReportOptions =
    ReportOptions { unknown_version: UnknownVersion::Refuse, masked_chip_id: MaskedChipId::Refuse };

fn vectors(group: &str) -> Vec<Value> {
    SevApi::read().group(group).to_vec()
}

/// A file, decoded where it is hex, and of a PEM chain the block after `#`.
fn file(folder: &CertificateFiles, name: &str) -> Vec<u8> {
    let (path, block) = name.split_once('#').map_or((name, None), |(p, n)| (p, Some(n)));
    let bytes = folder.read(path);
    if path.ends_with(".hex") {
        return hex::decode(bytes.trim_ascii()).unwrap();
    }
    let Some(block) = block else { return bytes };
    let certificates = CaCertificate::parse_many(&bytes).unwrap();
    certificates[block.parse::<usize>().unwrap()].der().to_vec()
}

/// A second at which every certificate of the vectors is valid that a case uses; the VLEK's year ends before the others'.
fn time_of(vek: &Vek) -> u64 {
    vek.validity().not_before + 3600
}

#[derive(Debug)]
enum Refusal {
    Certificate(CertificateError),
    Chain(Vec<LinkError>),
    Report(ReportError),
}

fn judge(folder: &CertificateFiles, case: &Value) -> Result<VerifiedReport, Refusal> {
    let mut bytes = file(folder, text(case, "report"));
    for change in case["mutations"].as_array().unwrap() {
        mutate(&mut bytes, change);
    }
    let report = UnverifiedReport::parse(bytes.as_slice()).map_err(Refusal::Report)?;
    let vek = Vek::parse(&file(folder, text(case, "vek"))).map_err(Refusal::Certificate)?;
    let read = |key| CaCertificate::parse(&file(folder, text(case, key)));
    let (ask, ark) = (read("ask").unwrap(), read("ark").unwrap());
    let options = ChainOptions {
        roots: Roots::Pinned { generations: &[text(case, "product").parse().unwrap()] },
        revocation: Revocation::NotChecked,
        time: time_of(&vek),
    };
    let chain = Chain { vek: &vek, intermediate: Some(&ask), root: Some(&ark) };
    let vek = chain
        .verify(&options)
        .map_err(|e| Refusal::Chain(e.failures().map(|(_, e)| e.clone()).collect()))?;
    report.verify(&vek, STRICT).map_err(Refusal::Report)
}

fn mutate(bytes: &mut Vec<u8>, change: &Value) {
    let value = || hex::decode(text(change, "value")).unwrap();
    let at = || usize::try_from(change["offset"].as_u64().unwrap()).unwrap();
    match text(change, "op") {
        "xor" => value().iter().zip(at()..).for_each(|(value, at)| bytes[at] ^= value),
        "set" => value().iter().zip(at()..).for_each(|(value, at)| bytes[at] = *value),
        "truncate" => {
            bytes.truncate(usize::try_from(change["len"].as_u64().unwrap()).unwrap());
        }
        "append" => bytes.extend(value()),
        other => panic!("unknown change {other}"),
    }
}

/// Cases whose reason in the file assumes another order: we check the signature before a field is interpreted.
const SIGNATURE_FIRST: [&str; 2] = ["milan-v2-flip-version", "genoa-v3-flip-cpuid"];

/// Is this refusal the one that the vector names?
fn is_reason(name: &str, refusal: &Refusal, reason: &str) -> bool {
    use ReportError as E;
    if SIGNATURE_FIRST.contains(&name) {
        return reason == "product" && matches!(refusal, Refusal::Report(E::Signature { .. }));
    }
    match (reason, refusal) {
        ("product", Refusal::Report(E::Product { .. } | E::UnknownProduct { .. }))
        | ("report_signature", Refusal::Report(E::Signature { .. }))
        | ("report_signature", Refusal::Report(E::SignatureField(SignatureError::Absent)))
        | ("nonzero_reserved", Refusal::Report(E::SignatureField(SignatureError::Padding { .. })))
        | ("report_version", Refusal::Report(E::Version { .. }))
        | ("signature_algorithm", Refusal::Report(E::SignatureAlgorithm { .. }))
        | ("signing_key", Refusal::Report(E::SigningKey { .. }))
        | ("bad_length", Refusal::Report(E::Length { .. }))
        // An authority's certificate where a VEK belongs is refused when it is read.
        | ("cert_issuer", Refusal::Certificate(CertificateError::CommonName { .. })) => true,
        ("cert_issuer", Refusal::Chain(failures)) => failures.iter().any(|failure| {
            matches!(
                failure,
                LinkError::Issuer
                    | LinkError::Kind { .. }
                    | LinkError::Generation { .. }
                    | LinkError::NotAccepted { .. }
            )
        }),
        ("untrusted_root", Refusal::Chain(failures)) => {
            failures.iter().any(|failure| matches!(failure, LinkError::UntrustedRoot { .. }))
        }
        _ => false,
    }
}

#[test]
fn known_reports() {
    let cases = vectors("snp_report");
    assert_eq!(cases.len(), 47);
    let Some(folder) = CertificateFiles::folder() else { return };
    let (mut accepted, mut refused) = (0, 0);
    for case in &cases {
        let name = text(case, "name");
        match (judge(&folder, case), text(case, "expect")) {
            (Ok(report), "accept") => {
                compare(name, &report, &case["fields"]);
                accepted += 1;
            }
            (Err(refusal), "reject") => {
                let reason = text(case, "reason");
                assert!(is_reason(name, &refusal, reason), "{name}: {refusal:?}, wanted {reason}");
                refused += 1;
            }
            (verdict, wanted) => panic!("{name}: {verdict:?}, wanted {wanted}"),
        }
    }
    assert_eq!((accepted, refused), (5, 42));
}

/// Every field that the vector gives.
fn compare(name: &str, verified: &VerifiedReport, wanted: &Value) {
    let report = verified.report();
    let layout = TcbLayout::of(verified.generation());
    let number = |value: u64| format!("{value:#x}");
    let mut found = serde_json::json!({
        "version": report.version,
        "guest_svn": report.guest_svn,
        "policy": number(report.policy.bits()),
        "family_id": hex::encode(report.family_id),
        "image_id": hex::encode(report.image_id),
        "vmpl": report.vmpl,
        "signature_algo": report.signature_algo,
        "current_tcb": report.current_tcb.to_string(),
        "platform_info": number(report.platform_info.bits()),
        "key_info": number(report.key_info.bits().into()),
        "report_data": hex::encode(report.report_data),
        "measurement": report.measurement.to_string(),
        "host_data": hex::encode(report.host_data),
        "id_key_digest": hex::encode(report.id_key_digest),
        "author_key_digest": hex::encode(report.author_key_digest),
        "report_id": hex::encode(report.report_id),
        "report_id_ma": hex::encode(report.report_id_ma),
        "reported_tcb": report.reported_tcb.to_string(),
        "chip_id": hex::encode(report.chip_id),
        "committed_tcb": report.committed_tcb.to_string(),
        "current_version": report.current_version.to_string(),
        "committed_version": report.committed_version.to_string(),
        "launch_tcb": report.launch_tcb.to_string(),
    });
    let TcbParts { fmc, boot_loader, tee, snp, microcode } = report.reported_tcb.parts(layout);
    let mut parts =
        serde_json::json!({"bl": boot_loader, "tee": tee, "snp": snp, "ucode": microcode});
    if let Some(fmc) = fmc {
        parts["fmc"] = fmc.into();
    }
    found["reported_tcb_parts"] = parts;
    if let Some(cpuid) = report.cpuid {
        found["cpuid_fms"] = hex::encode([cpuid.family, cpuid.model, cpuid.stepping]).into();
    }
    for (field, wanted) in wanted.as_object().unwrap() {
        match field.as_str() {
            "launch_mit_vector" => assert_eq!(
                report.launch_mit_vector.map(number).as_deref(),
                wanted.as_str(),
                "{name}"
            ),
            "current_mit_vector" => assert_eq!(
                report.current_mit_vector.map(number).as_deref(),
                wanted.as_str(),
                "{name}"
            ),
            _ => assert_eq!(&found[field], wanted, "{name}: {field}"),
        }
    }
    assert!(report.reserved.is_empty(), "{name}: {:?}", report.reserved);
    assert!(verified.is_under_amd_root());
}

#[test]
fn real_reports_verify_with_built_in_keys_alone() {
    let Some(folder) = CertificateFiles::folder() else { return };
    let mut count = 0;
    for case in vectors("snp_report").iter().filter(|case| case["expect"] == "accept") {
        let vek = Vek::parse(&file(&folder, text(case, "vek"))).unwrap();
        let options = ChainOptions {
            roots: Roots::Pinned { generations: &Generation::SNP },
            revocation: Revocation::NotChecked,
            time: time_of(&vek),
        };
        let vek = Chain { vek: &vek, intermediate: None, root: None }.verify(&options).unwrap();
        let bytes = file(&folder, text(case, "report"));
        let report = UnverifiedReport::parse(bytes.as_slice()).unwrap();
        assert!(report.verify(&vek, STRICT).is_ok(), "{}", case["name"]);
        count += 1;
    }
    assert_eq!(count, 5);
}

/// A made-up key and its verified certificate.
fn verified(vek: &made_up::Vek) -> VerifiedVek {
    let ark = CaCertificate::parse(
        &made_up::Authority::Ark.certificate(vek.product, made_up::Authority::Ark),
    )
    .unwrap();
    let authority = match vek.hardware_id {
        Some(_) => made_up::Authority::Ask,
        None => made_up::Authority::Asvk,
    };
    let intermediate =
        CaCertificate::parse(&authority.certificate(vek.product, made_up::Authority::Ark)).unwrap();
    let leaf = Vek::parse(&vek.certificate(authority)).unwrap();
    let options = ChainOptions {
        roots: Roots::Explicit(&ark),
        revocation: Revocation::NotChecked,
        time: made_up::NOT_BEFORE,
    };
    Chain { vek: &leaf, intermediate: Some(&intermediate), root: None }.verify(&options).unwrap()
}

fn verify(
    vek: &VerifiedVek,
    report: &[u8],
    options: ReportOptions,
) -> Result<VerifiedReport, ReportError> {
    UnverifiedReport::parse(report)?.verify(vek, options)
}

#[test]
fn made_up_reports_of_every_version_and_product_verify() {
    for product in ["Milan", "Genoa", "Turin"] {
        for key in [made_up::Vek::vcek(product), made_up::Vek::vlek(product)] {
            let vek = verified(&key);
            for version in 2..=5 {
                let report = verify(&vek, &key.report(version, |_| ()), STRICT).unwrap();
                assert_eq!(report.report().version, version);
                assert_eq!(report.generation().name(), product);
                assert_eq!(report.report().cpuid.is_some(), version >= 3);
                assert_eq!(report.report().launch_mit_vector.is_some(), version >= 5);
                assert!(!report.is_under_amd_root());
            }
        }
    }
}

#[test]
fn unknown_versions_are_refused_unless_allowed() {
    let key = made_up::Vek::vcek("Turin");
    let vek = verified(&key);
    let lenient = ReportOptions { unknown_version: UnknownVersion::ReadAsLastKnown, ..STRICT };
    let newer = key.report(6, |report| report[0x220] = 7);
    assert_eq!(verify(&vek, &newer, STRICT), Err(ReportError::Version { found: 6 }));
    let report = verify(&vek, &newer, lenient).unwrap();
    assert_eq!(report.report().reserved, [(0x220, 7)]);
    let older = key.report(1, |_| ());
    assert_eq!(verify(&vek, &older, lenient), Err(ReportError::Version { found: 1 }));
}

#[test]
fn a_report_is_bound_to_its_certificate() {
    let key = made_up::Vek::vcek("Milan");
    let vek = verified(&key);
    let refused = |report: Vec<u8>| verify(&vek, &report, STRICT).unwrap_err();
    for part in [0x180, 0x181, 0x186, 0x187] {
        let report = key.report(3, |report| report[part] += 1);
        assert!(matches!(refused(report), ReportError::ReportedTcb { .. }), "{part:#x}");
    }
    for part in 0x182..=0x185 {
        let report = key.report(3, |report| report[part] = 1);
        assert!(matches!(refused(report), ReportError::ReportedTcbReserved { .. }), "{part:#x}");
    }
    for byte in 0x1a0..0x1e0 {
        let report = key.report(3, |report| report[byte] ^= 0x80);
        assert_eq!(refused(report), ReportError::ChipId, "{byte:#x}");
    }
    let genoa = key.report(3, |report| report[0x189] = 0x11);
    assert_eq!(
        refused(genoa),
        ReportError::Product { found: Generation::Genoa, wanted: Generation::Milan }
    );
    let venice = key.report(3, |report| report[0x188..0x18a].copy_from_slice(&[0x1a, 0x50]));
    assert!(matches!(refused(venice), ReportError::UnknownProduct { .. }));
}

#[test]
fn turin_chip_ids_have_zeros_after_eight_bytes() {
    let key = made_up::Vek::vcek("Turin");
    let vek = verified(&key);
    let report = key.report(5, |report| report[0x1a8] = 1);
    assert_eq!(verify(&vek, &report, STRICT), Err(ReportError::ChipId));
}

#[test]
fn masked_chip_ids_need_consent() {
    let key = made_up::Vek::vcek("Genoa");
    let vek = verified(&key);
    let report = key.report(3, |report| report[0x1a0..0x1e0].fill(0));
    assert_eq!(verify(&vek, &report, STRICT), Err(ReportError::ChipIdMasked));
    let lenient = ReportOptions { masked_chip_id: MaskedChipId::Accept, ..STRICT };
    assert!(verify(&vek, &report, lenient).is_ok());
    let vlek = made_up::Vek::vlek("Genoa");
    let named = vlek.report(3, |report| report[0x1a0] = 1);
    assert_eq!(verify(&verified(&vlek), &named, lenient), Err(ReportError::ChipIdUnexpected));
}

#[test]
fn key_info_must_fit() {
    let key = made_up::Vek::vcek("Milan");
    let vek = verified(&key);
    for (bits, masked) in [(0b00100, false), (0b11100, false), (0b01000, false), (0b00010, true)] {
        let report = key.report(3, |report| report[0x48] = bits);
        match verify(&vek, &report, STRICT) {
            Err(ReportError::KeyMasked) => assert!(masked),
            Err(ReportError::SigningKey { .. }) => assert!(!masked),
            other => panic!("{bits:#b}: {other:?}"),
        }
    }
    let other = verified(&made_up::Vek::vlek("Milan"));
    let report = key.report(3, |_| ());
    assert!(matches!(verify(&other, &report, STRICT), Err(ReportError::SigningKey { .. })));
}

#[test]
fn what_is_reserved_is_kept() {
    let key = made_up::Vek::vcek("Milan");
    let report = key.report(2, |report| {
        for offset in [0x45, 0x4b, 0x4c, 0x188, 0x19f, 0x1eb, 0x1ef, 0x1f8, 0x29f] {
            report[offset] = 0x5a;
        }
    });
    let report = verify(&verified(&key), &report, STRICT).unwrap();
    let offsets: Vec<u16> = report.report().reserved.iter().map(|(offset, _)| *offset).collect();
    assert_eq!(offsets, [0x4b, 0x4c, 0x188, 0x19f, 0x1eb, 0x1ef, 0x1f8, 0x29f]);
    assert_eq!(report.report().platform_info.unknown(), 0x5a << 40);
}

#[test]
fn lengths_are_exact() {
    for length in [0, REPORT_SIZE - 1, REPORT_SIZE + 1] {
        let error = UnverifiedReport::parse(vec![0; length].as_slice()).unwrap_err();
        assert_eq!(error, ReportError::Length { found: u64::try_from(length).unwrap() });
        assert_eq!(error.family(), Family::Malformed);
    }
}

/// The order of P-384. [FIPS 186-5, P-384]
const ORDER: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973";

/// The report with s of its signature as the order minus s: the other signature that ECDSA verifies.
fn negated(report: &[u8]) -> Vec<u8> {
    let order = hex::decode(ORDER).unwrap();
    let mut report = report.to_vec();
    let mut borrow = 0;
    for (s, n) in report[0x2a0 + 72..][..48].iter_mut().zip(order.iter().rev()) {
        let difference = 0x100 + u16::from(*n) - u16::from(*s) - borrow;
        borrow = u16::from(difference < 0x100);
        *s = difference.to_le_bytes()[0];
    }
    report
}

#[test]
fn both_signatures_of_a_pair_are_taken_and_nothing_else_of_them_may_change() {
    let key = made_up::Vek::vcek("Milan");
    let report = key.report(3, |_| ());
    let other = negated(&report);
    assert!(other != report && negated(&other) == report);
    let vek = verified(&key);
    let reports = [&report, &other].map(|report| verify(&vek, report, STRICT).unwrap());
    assert_eq!(reports[0].report(), reports[1].report());
    let mut padded = other.clone();
    padded[0x2a0 + 72 + 48] = 1;
    let padding = SignatureError::Padding { offset: 120 };
    assert_eq!(verify(&vek, &padded, STRICT), Err(ReportError::SignatureField(padding)));
}

#[test]
fn real_hardware_signs_with_s_in_both_halves() {
    let Some(folder) = CertificateFiles::folder() else { return };
    let half: Vec<u8> = hex::decode(format!("7{}", &ORDER[1..])).unwrap();
    // s, big-endian; what lies above half of the order begins with a digit of 8 or more, or is within a hair of it.
    let is_high = |name: &str| {
        let report = folder.read(format!("extra/{name}"));
        let s: Vec<u8> = report[0x2a0 + 72..][..48].iter().rev().copied().collect();
        s > half
    };
    let names = ["microsoft-tav/turin_attestation_report.bin", "trustee-vlek/test-vlek-report.bin"];
    assert_eq!(names.map(is_high), [true, true]);
    assert!(!is_high("microsoft-tav/genoa_attestation_report.bin"));
}

// [SNP-ABI, ATTESTATION_REPORT]: KEY_INFO and PLATFORM_INFO, bit by bit.
#[test]
fn the_words_of_a_report_read_well() {
    let keys = [SigningKey::Vcek, SigningKey::Vlek, SigningKey::None, SigningKey::Reserved(3)];
    let texts = keys.map(|key| key.to_string());
    assert_eq!(texts, ["VCEK", "VLEK", "no key", "reserved key 3"]);
    let found = [0, 1, 2, 3].map(|bits| KeyInfo::from_bits(bits).author_key_en());
    assert_eq!(found, [false, true, false, true]);
    let info = PlatformInfo::from_bits(0x121);
    let both = PlatformInfo::SMT_EN | PlatformInfo::ALIAS_CHECK_COMPLETE;
    assert!(info.has(both) && info.has(0) && !info.has(PlatformInfo::TSME_EN));
    assert!(!info.has(PlatformInfo::SMT_EN | PlatformInfo::TSME_EN));
    assert_eq!((info.unknown(), info.to_string()), (0x100, "0x121".to_owned()));
    // Each has its bit.
    let bits = [
        PlatformInfo::SMT_EN,
        PlatformInfo::TSME_EN,
        PlatformInfo::ECC_EN,
        PlatformInfo::RAPL_DIS,
        PlatformInfo::CIPHERTEXT_HIDING_DRAM_EN,
        PlatformInfo::ALIAS_CHECK_COMPLETE,
        PlatformInfo::IOMMU_WRITE_SAFE,
        PlatformInfo::TIO_EN,
    ];
    assert_eq!(bits, [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80]);
}

// Family 19h, models 00h to 0Fh are Milan's, 10h to 1Fh Genoa's; family 1Ah Turin's. [AMD, PPR] Rome has no SNP.
#[test]
fn the_processor_that_a_report_names_has_its_generation() {
    let generation = |family, model| CpuId { family, model, stepping: 1 }.generation();
    assert_eq!(generation(0x19, 0x01), Some(Generation::Milan));
    assert_eq!(generation(0x19, 0x11), Some(Generation::Genoa));
    assert_eq!(generation(0x1a, 0x02), Some(Generation::Turin));
    assert_eq!(generation(0x17, 0x31), None);
    assert_eq!(generation(0x06, 0x01), None);
    let text = CpuId { family: 0x19, model: 0x11, stepping: 2 }.to_string();
    assert_eq!(text, "family 0x19 model 0x11 stepping 0x2");
}
