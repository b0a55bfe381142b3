//! Chains of X.509 certificates, real and made up, link by link.
//!
//! What `testdata/vectors/sev-api.json` says of AMD's certificates needs the files themselves, which are in the folder that
//! SEV_LAUNCH_VECTORS names. Every refusal is tested on made-up chains.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use base64::Engine as _;
use serde_json::Value;
use sev_launch_abi::Generation;
use sev_launch_testkit::certs::vectors::CertificateFiles;
use sev_launch_testkit::report::{self as made_up, Authority, Extension, NOT_AFTER, NOT_BEFORE};
use sev_launch_testkit::sev_api::{SevApi, text};
use sev_launch_verify::outcome::Family;
use sev_launch_verify::snp::certificate::{
    CaCertificate, CaKind, CertificateError, HardwareId, Vek, VekKind,
};
use sev_launch_verify::snp::certificate_table::{CertificateTable, TableError};
use sev_launch_verify::snp::chain::{
    Basis, Chain, ChainError, ChainOptions, Link, LinkError, Revocation, Roots, VerifiedVek,
};
use sev_launch_verify::snp::crl::{Crl, CrlError};
use sha2::Digest as _;

fn vectors(group: &str) -> Vec<Value> {
    SevApi::read().group(group).to_vec()
}

/// Unix seconds of `2023-04-03T19:23:43+00:00`, by counting days from the civil calendar.
fn seconds(date: &str) -> u64 {
    let number = |range: std::ops::Range<usize>| date[range].parse::<u64>().unwrap();
    let (year, month, day) = (number(0..4), number(5..7), number(8..10));
    let leap =
        |year: u64| year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let mut days: u64 = (1970..year).map(|year| if leap(year) { 366 } else { 365 }).sum();
    let months = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    days += months.iter().zip(1..month).map(|(days, _)| days).sum::<u64>() + day - 1;
    days * 86400 + number(11..13) * 3600 + number(14..16) * 60 + number(17..19)
}

#[test]
fn known_extensions() {
    let cases = vectors("snp_vek_extensions");
    assert_eq!(cases.len(), 6);
    let Some(folder) = CertificateFiles::folder() else { return };
    for case in &cases {
        let name = text(case, "file");
        let vek = Vek::parse(&folder.read(name)).unwrap();
        assert!(vek.serial().is_empty() && case["serial"] == 0, "{name}");
        let kind =
            if text(case, "subject_cn") == "SEV-VCEK" { VekKind::Vcek } else { VekKind::Vlek };
        assert_eq!(vek.kind(), kind, "{name}");
        let product = text(case, "issuer_cn").rsplit('-').next().unwrap();
        assert_eq!(vek.generation().name(), product, "{name}");
        assert_eq!(vek.validity().not_before, seconds(text(case, "not_before")), "{name}");
        assert_eq!(vek.validity().not_after, seconds(text(case, "not_after")), "{name}");
        assert_eq!(case["struct_version"], vek.struct_version(), "{name}");
        assert_eq!(case["product_name"], vek.product_name(), "{name}");
        let levels = &case["spl"];
        assert_eq!(levels["3.1"], vek.tcb().boot_loader, "{name}");
        assert_eq!(levels["3.2"], vek.tcb().tee, "{name}");
        assert_eq!(levels["3.3"], vek.tcb().snp, "{name}");
        assert_eq!(levels["3.8"], vek.tcb().microcode, "{name}");
        assert_eq!(levels["3.9"].as_u64(), vek.tcb().fmc.map(u64::from), "{name}");
        let id = vek.hardware_id().map(|id| hex::encode(id.as_bytes()));
        assert_eq!(case["hwid"].as_str(), id.as_deref(), "{name}");
        assert_eq!(case["csp_id"].as_str(), vek.csp_id(), "{name}");
    }
}

#[test]
fn known_roots() {
    let cases = vectors("snp_roots");
    assert_eq!(cases.len(), 6);
    let Some(folder) = CertificateFiles::folder() else { return };
    for case in &cases {
        let name = text(case, "file");
        let certificate = CaCertificate::parse(&folder.read(name)).unwrap();
        assert_eq!(hex::encode(certificate.fingerprint()), text(case, "der_sha256"), "{name}");
        let modulus = hex::encode(sha2::Sha256::digest(certificate.modulus()));
        assert_eq!(modulus, text(case, "modulus_sha256"), "{name}");
        let serial = certificate.serial().iter().fold(0, |n, byte| n << 8 | u64::from(*byte));
        assert_eq!(case["serial"], serial, "{name}");
        assert_eq!(certificate.validity().not_before, seconds(text(case, "not_before")), "{name}");
        assert_eq!(certificate.validity().not_after, seconds(text(case, "not_after")), "{name}");
        let kind = if name.contains("ark") { CaKind::Ark } else { CaKind::Ask };
        assert_eq!(certificate.kind(), kind, "{name}");
    }
}

#[test]
fn real_chains_hold_however_much_of_them_is_given() {
    let Some(folder) = CertificateFiles::folder() else {
        return;
    };
    let read = |name: &str| folder.read(name);
    for (vek, authorities) in [
        ("snp/milan/vcek.der", "snp/milan/cert_chain.pem"),
        ("snp/turin/vcek.der", "snp/turin/cert_chain.pem"),
        ("extra/trustee-vlek/test-vlek.der", "extra/trustee-vlek/ask_ark_milan_vlek.pem"),
    ] {
        let vek = Vek::parse(&read(vek)).unwrap();
        let authorities = CaCertificate::parse_many(&read(authorities)).unwrap();
        let [ask, ark] = authorities.as_slice() else { panic!("two certificates") };
        for intermediate in [None, Some(ask)] {
            for root in [None, Some(ark)] {
                let time = vek.validity().not_after;
                let generations = &[vek.generation()];
                for roots in [Roots::Pinned { generations }, Roots::Explicit(ark)] {
                    let built_in = matches!(roots, Roots::Pinned { .. });
                    let verdict = Chain { vek: &vek, intermediate, root }.verify(&ChainOptions {
                        roots,
                        revocation: Revocation::NotChecked,
                        time,
                    });
                    // Only the built-in anchor brings an ASK of its own. Whoever demands AMD's can see which it was.
                    let is_amds = verdict.ok().map(|vek| vek.is_under_amd_root());
                    let holds = built_in || intermediate.is_some();
                    assert_eq!(is_amds, holds.then_some(built_in));
                }
            }
        }
    }
}

/// A made-up chain, as bytes that a test may change.
struct Made {
    vek: Vec<u8>,
    intermediate: Vec<u8>,
    root: Vec<u8>,
}

impl Made {
    fn vcek() -> Self {
        Self {
            vek: made_up::Vek::vcek("Milan").certificate(Authority::Ask),
            intermediate: Authority::Ask.certificate("Milan", Authority::Ark),
            root: Authority::Ark.certificate("Milan", Authority::Ark),
        }
    }

    fn judge(&self, time: u64, crl: Option<&[u8]>) -> Result<VerifiedVek, ChainError> {
        let vek = Vek::parse(&self.vek).unwrap();
        let intermediate = CaCertificate::parse(&self.intermediate).unwrap();
        let root = CaCertificate::parse(&self.root).unwrap();
        let trusted = Made::vcek().root;
        let trusted = CaCertificate::parse(&trusted).unwrap();
        let crl = crl.map(|crl| Crl::from_der(crl).unwrap());
        Chain { vek: &vek, intermediate: Some(&intermediate), root: Some(&root) }.verify(
            &ChainOptions {
                roots: Roots::Explicit(&trusted),
                revocation: crl.as_ref().map_or(Revocation::NotChecked, Revocation::Checked),
                time,
            },
        )
    }

    fn failures(&self, time: u64, crl: Option<&[u8]>) -> Vec<(Link, LinkError)> {
        let error = self.judge(time, crl).unwrap_err();
        assert_eq!(error.links().len(), 6);
        assert_eq!(error.family(), Family::Rejected);
        error.failures().map(|(link, error)| (link, error.clone())).collect()
    }
}

#[test]
fn a_made_up_chain_holds_under_its_own_root_only() {
    let chain = Made::vcek();
    let verdict = chain.judge(NOT_BEFORE, None).unwrap();
    let bases: Vec<_> = verdict.links().iter().map(|link| link.verdict.clone().unwrap()).collect();
    let checked = Basis::Checked;
    assert_eq!(bases, [checked, checked, checked, checked, checked, Basis::NotAsked]);
    let vek = Vek::parse(&chain.vek).unwrap();
    let ask = CaCertificate::parse(&chain.intermediate).unwrap();
    let ark = CaCertificate::parse(&chain.root).unwrap();
    let options = ChainOptions {
        roots: Roots::Pinned { generations: &Generation::SNP },
        revocation: Revocation::NotChecked,
        time: NOT_BEFORE,
    };
    let failed = |intermediate, root| -> Vec<Link> {
        let chain = Chain { vek: &vek, intermediate, root };
        chain.verify(&options).unwrap_err().failures().map(|(link, _)| link).collect()
    };
    assert_eq!(failed(Some(&ask), Some(&ark)), [Link::Anchor]);
    assert_eq!(failed(Some(&ask), None), [Link::Intermediate]);
    assert_eq!(failed(None, None), [Link::Vek]);
    // Nobody who forgets a lab's root is told that a signature is wrong, nor that a certificate was not given that was.
    let error = Chain { vek: &vek, intermediate: Some(&ask), root: None }.verify(&options);
    let error = error.unwrap_err();
    assert_eq!(error.failures().next(), Some((Link::Intermediate, &LinkError::NotAmds)));
    let trusted = Roots::Explicit(&ark);
    let error = Chain { vek: &vek, intermediate: None, root: None }
        .verify(&ChainOptions { roots: trusted, ..options })
        .unwrap_err();
    let (missing, unasked) = (LinkError::Missing, LinkError::NoIssuer { wanted: CaKind::Ask });
    assert!(error.failures().eq([(Link::Intermediate, &missing), (Link::Vek, &unasked)]));
}

#[test]
fn another_root_of_the_same_name_is_refused() {
    let mut chain = Made::vcek();
    chain.root = Authority::OtherArk.certificate("Milan", Authority::OtherArk);
    let failures = chain.failures(NOT_BEFORE, None);
    assert!(matches!(
        failures.as_slice(),
        [
            (Link::Anchor, LinkError::UntrustedRoot { .. }),
            (Link::Intermediate, LinkError::Signature)
        ]
    ));
    chain.intermediate = Authority::Ask.certificate("Milan", Authority::OtherArk);
    let failures = chain.failures(NOT_BEFORE, None);
    assert!(matches!(failures.as_slice(), [(Link::Anchor, LinkError::UntrustedRoot { .. })]));
}

#[test]
fn vceks_are_under_asks_and_vleks_under_asvks() {
    let mut chain = Made::vcek();
    chain.intermediate = Authority::Asvk.certificate("Milan", Authority::Ark);
    let kind = LinkError::Kind { found: CaKind::Asvk, wanted: CaKind::Ask };
    assert_eq!(
        chain.failures(NOT_BEFORE, None),
        [(Link::Intermediate, kind), (Link::Vek, LinkError::Issuer)]
    );
    let mut chain = Made::vcek();
    chain.vek = made_up::Vek::vlek("Milan").certificate(Authority::Asvk);
    let kind = LinkError::Kind { found: CaKind::Ask, wanted: CaKind::Asvk };
    assert_eq!(
        chain.failures(NOT_BEFORE, None),
        [(Link::Intermediate, kind), (Link::Vek, LinkError::Issuer)]
    );
    chain.intermediate = Authority::Asvk.certificate("Milan", Authority::Ark);
    assert!(chain.judge(NOT_BEFORE, None).is_ok());
}

#[test]
fn generations_do_not_mix() {
    let mut chain = Made::vcek();
    chain.intermediate = Authority::Ask.certificate("Genoa", Authority::Ark);
    let links: Vec<Link> =
        chain.failures(NOT_BEFORE, None).into_iter().map(|(link, _)| link).collect();
    assert_eq!(links, [Link::Generation, Link::Intermediate, Link::Vek]);
}

#[test]
fn a_generation_that_is_not_accepted_is_refused() {
    let vek = Vek::parse(&Made::vcek().vek).unwrap();
    let generations = &[Generation::Genoa, Generation::Turin];
    let roots = Roots::Pinned { generations };
    let options = ChainOptions { roots, revocation: Revocation::NotChecked, time: NOT_BEFORE };
    let error = Chain { vek: &vek, intermediate: None, root: None }.verify(&options).unwrap_err();
    let found = Generation::Milan;
    assert!(error.failures().any(|(_, error)| *error == LinkError::NotAccepted { found }));
}

#[test]
fn time_is_judged_on_every_link() {
    let chain = Made::vcek();
    assert!(chain.judge(NOT_AFTER, None).is_ok());
    for time in [NOT_BEFORE - 1, NOT_AFTER + 1, 0, u64::MAX] {
        let expired = LinkError::Expired { time, not_before: NOT_BEFORE, not_after: NOT_AFTER };
        assert_eq!(
            chain.failures(time, None),
            [
                (Link::Root, expired.clone()),
                (Link::Intermediate, expired.clone()),
                (Link::Vek, expired)
            ]
        );
    }
}

#[test]
fn every_failure_is_reported_in_one_text() {
    let mut chain = Made::vcek();
    chain.intermediate = Authority::Asvk.certificate("Milan", Authority::Ark);
    assert_eq!(
        chain.judge(NOT_BEFORE, None).unwrap_err().to_string(),
        "the certificate chain does not hold: ASK or ASVK: a certificate of an ASVK where the one of an ASK belongs; \
         VCEK or VLEK: the issuer's name is not the subject's name of the certificate above"
    );
}

#[test]
fn revocation_lists_are_heeded() {
    let chain = Made::vcek();
    let list = |issuer, revoked: &[&[u8]]| made_up::crl("Milan", issuer, revoked);
    // Serial number 0 is every VEK's, and not the ARK's to revoke.
    for harmless in [list(Authority::Ark, &[]), list(Authority::Ark, &[&[0], &[3], &[2, 0]])] {
        let verdict = chain.judge(NOT_BEFORE, Some(&harmless)).unwrap();
        assert_eq!(verdict.links().last().unwrap().verdict, Ok(Basis::Checked));
    }
    let failure = |crl: &[u8], time| {
        let failures = chain.failures(time, Some(crl));
        failures.into_iter().find(|(link, _)| *link == Link::Revocation).unwrap().1
    };
    let revoked = |which| LinkError::Revoked { which };
    assert_eq!(failure(&list(Authority::Ark, &[&[2]]), NOT_BEFORE), revoked(CaKind::Ask));
    assert_eq!(failure(&list(Authority::Ark, &[&[9], &[1]]), NOT_BEFORE), revoked(CaKind::Ark));
    assert_eq!(failure(&list(Authority::OtherArk, &[]), NOT_BEFORE), LinkError::CrlSignature);
    let genoa = made_up::crl("Genoa", Authority::Ark, &[]);
    assert!(matches!(failure(&genoa, NOT_BEFORE), LinkError::CrlGeneration { .. }));
    for time in [NOT_BEFORE - 1, NOT_AFTER + 1] {
        let error = failure(&list(Authority::Ark, &[]), time);
        assert!(matches!(error, LinkError::CrlNotCurrent { .. }));
    }
    let by_ask = made_up::crl("Milan", Authority::Ask, &[]);
    assert!(matches!(Crl::from_der(&by_ask), Err(CrlError::Issuer { .. })));
}

fn pem(der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

#[test]
fn pem_is_exactly_one_block() {
    let der = Made::vcek().vek;
    let one = pem(&der);
    let vek = Vek::parse(&der).unwrap();
    assert_eq!(Vek::parse(one.as_bytes()).as_ref(), Ok(&vek));
    assert_eq!(Vek::parse(format!("\n {one}\n\n").as_bytes()).as_ref(), Ok(&vek));
    assert_eq!(Vek::parse(one.replace('\n', "\r\n").as_bytes()).as_ref(), Ok(&vek));
    let wrong = CertificateError::Pem { wanted: "CERTIFICATE" };
    for text in [
        format!("{one}{one}"),
        format!("{one}tail"),
        one.replace("CERTIFICATE", "PUBLIC KEY"),
        one.replacen("END", "AND", 1),
        one.replacen("MII", "M?I", 1),
    ] {
        assert_eq!(Vek::parse(text.as_bytes()), Err(wrong.clone()), "{text}");
    }
    let comment = format!("# a comment\n{one}");
    assert!(matches!(Vek::parse(comment.as_bytes()), Err(CertificateError::Der { .. })));
}

#[test]
fn der_has_no_trailing_bytes() {
    let mut der = Made::vcek().vek;
    der.push(0);
    assert!(matches!(Vek::parse(&der), Err(CertificateError::Der { .. })));
    der.truncate(der.len() - 2);
    assert!(matches!(Vek::parse(&der), Err(CertificateError::Der { .. })));
}

#[test]
fn chain_files_hold_several_certificates() {
    let chain = Made::vcek();
    let file = format!("{}{}", pem(&chain.intermediate), pem(&chain.root));
    let kinds = |file: &str| {
        CaCertificate::parse_many(file.as_bytes())
            .map(|all| all.iter().map(CaCertificate::kind).collect::<Vec<_>>())
    };
    assert_eq!(kinds(&file), Ok(vec![CaKind::Ask, CaKind::Ark]));
    assert_eq!(kinds(""), Ok(vec![]));
    assert_eq!(kinds(&pem(&chain.root).repeat(9)), Err(CertificateError::TooMany));
    assert!(kinds(&format!("{file}tail")).is_err());
}

#[test]
fn hardware_ids_are_as_long_as_chip_ids_want() {
    let mut key = made_up::Vek::vcek("Turin");
    let read = |key: &made_up::Vek| Vek::parse(&key.certificate(Authority::Ask));
    let vek = read(&key).unwrap();
    assert!(matches!(vek.hardware_id(), Some(HardwareId::Short(_))));
    assert!(vek.hardware_id().unwrap().chip_id().ends_with(&[0; 56]));
    // The same bytes in an OCTET STRING, as some older certificates have them.
    let raw = key.hardware_id.clone().unwrap();
    key.hardware_id = Some([&[4, 8], raw.as_slice()].concat());
    assert_eq!(read(&key).unwrap().hardware_id(), vek.hardware_id());
    for wrong in [0, 7, 9, 64] {
        key.hardware_id = Some(vec![1; wrong]);
        assert!(matches!(read(&key), Err(CertificateError::ExtensionValue { name: "hwID", .. })));
    }
}

#[test]
fn authorities_are_no_veks_and_the_reverse() {
    let chain = Made::vcek();
    for wrong in [&chain.root, &chain.intermediate] {
        assert!(matches!(Vek::parse(wrong), Err(CertificateError::CommonName { .. })));
    }
    let wrong = CaCertificate::parse(&chain.vek);
    assert!(matches!(wrong, Err(CertificateError::CommonName { which: "subject", .. })));
}

// [UEFI, appendix A]: in EFI's order the first three groups of a GUID are little-endian. The first GUID is the VCEK's [GHCB, SNP Extended Guest
// Request], then the CRL's and that of Google's endorsement.
#[test]
fn certificate_tables_in_either_order() {
    const RFC: [[u8; 16]; 3] = [
        0x63da758d_e664_4564_adc5_f4b93be8accd_u128.to_be_bytes(),
        0x92f81bc3_5811_4d3d_97ff_d19f88dc67ea_u128.to_be_bytes(),
        0x9f4116cd_c503_4f5a_8f6f_fb68882f4ce2_u128.to_be_bytes(),
    ];
    const EFI: [[u8; 16]; 3] = [
        0x8d75da63_64e6_6445_adc5_f4b93be8accd_u128.to_be_bytes(),
        0xc31bf892_1158_3d4d_97ff_d19f88dc67ea_u128.to_be_bytes(),
        0xcd16419f_03c5_5a4f_8f6f_fb68882f4ce2_u128.to_be_bytes(),
    ];
    let table = |guids: [[u8; 16]; 3]| {
        let mut table = Vec::new();
        for (guid, at) in guids.into_iter().zip([96_u32, 97, 99]) {
            table.extend(guid);
            table.extend(at.to_le_bytes());
            table.extend((at / 97 + 1).to_le_bytes());
        }
        table.extend([0; 24]);
        table.extend(*b"vCRgo");
        table
    };
    for guids in [RFC, EFI] {
        let bytes = table(guids);
        let read = CertificateTable::parse(&bytes).unwrap();
        assert_eq!(read.vcek(), Some(&b"v"[..]));
        assert_eq!((read.crl(), read.google_endorsement()), (Some(&b"CR"[..]), Some(&b"go"[..])));
        assert!(CertificateTable::is_likely(&bytes));
    }
    // The order is the table's: one entry in the usual order makes it that of all.
    let [first, second, third] = RFC;
    let mixed = table([first, EFI[1], third]);
    let read = CertificateTable::parse(&mixed).unwrap();
    assert_eq!((read.crl(), read.google_endorsement()), (None, Some(&b"go"[..])));
    let unknown = table([[1; 16], [2; 16], [3; 16]]);
    assert!(!CertificateTable::is_likely(&unknown));
    assert!(CertificateTable::is_likely(&table([[1; 16], second, [3; 16]])));
    // What follows the entry of zeros is none.
    let behind = [&[0; 24][..], &bytes_of_entry(&first)].concat();
    assert!(!CertificateTable::is_likely(&behind));
}

fn bytes_of_entry(guid: &[u8; 16]) -> [u8; 24] {
    let mut entry = [0; 24];
    entry[..16].copy_from_slice(guid);
    entry
}

#[test]
fn certificate_tables() {
    let guid = |text: &str| hex::decode(text.replace('-', "")).unwrap();
    let entry = |guid: &[u8], offset: u32, length: u32| {
        [guid, &offset.to_le_bytes(), &length.to_le_bytes()].concat()
    };
    let vcek = guid("63da758d-e664-4564-adc5-f4b93be8accd");
    let ask = guid("4ab7b379-bbac-4fe4-a02f-05aef327c782");
    let end = vec![0; 24];
    let table =
        [entry(&vcek, 72, 3), entry(&ask, 75, 2), end.clone(), b"abcde***".to_vec()].concat();
    let read = CertificateTable::parse(&table).unwrap();
    assert_eq!((read.vcek(), read.ask()), (Some(&b"abc"[..]), Some(&b"de"[..])));
    assert_eq!((read.vlek(), read.ark()), (None, None));
    assert!(CertificateTable::parse(&end).unwrap().entries().is_empty());
    let (vlek, ark) = (
        guid("a8074bc2-a25a-483e-aae6-39c045a0b8a1"),
        guid("c0b406a4-a803-4952-9743-3fb6014cd0ae"),
    );
    let table = [entry(&vlek, 72, 2), entry(&ark, 73, 2), end.clone(), b"abc".to_vec()].concat();
    let read = CertificateTable::parse(&table).unwrap();
    assert_eq!((read.vlek(), read.ark()), (Some(&b"ab"[..]), Some(&b"bc"[..])));
    let rows =
        [(vlek, &b"ab"[..]), (ark, b"bc")].map(|(guid, der)| (guid.try_into().unwrap(), der));
    assert_eq!(read.entries(), rows);
    for (offset, length) in [(47, 1), (48, 4), (u32::MAX, 1), (51, u32::MAX), (0, 0)] {
        let table = [entry(&vcek, offset, length), end.clone(), b"abc".to_vec()].concat();
        let error = TableError::OutOfBounds { entry: 0, offset, length, end: 51 };
        assert_eq!(CertificateTable::parse(&table), Err(error));
    }
    let twice = [entry(&vcek, 72, 1), entry(&vcek, 72, 1), end.clone(), vec![0]].concat();
    assert_eq!(CertificateTable::parse(&twice), Err(TableError::Twice { entry: 1 }));
    let endless = entry(&vcek, 24, 0).repeat(40);
    assert_eq!(CertificateTable::parse(&endless), Err(TableError::TooMany));
    let found = 24;
    assert_eq!(
        CertificateTable::parse(&entry(&vcek, 24, 0)),
        Err(TableError::Unterminated { found })
    );
}

// A host chooses the table's length: 32 entries are read, and not one more.
#[test]
fn certificate_tables_have_at_most_32_entries() {
    let entry = |number: u8, at: u32| {
        let guid = [number; 16];
        [&guid[..], &at.to_le_bytes(), &0_u32.to_le_bytes()].concat()
    };
    let table = |entries: u8, has_end: bool| {
        let at = u32::from(entries) * 24 + if has_end { 24 } else { 0 };
        let mut bytes: Vec<u8> = (1..=entries).flat_map(|number| entry(number, at)).collect();
        bytes.resize(usize::try_from(at).unwrap(), 0);
        bytes
    };
    assert_eq!(CertificateTable::parse(&table(32, true)).unwrap().entries().len(), 32);
    assert_eq!(CertificateTable::parse(&table(33, true)), Err(TableError::TooMany));
    let found = 32 * 24;
    assert_eq!(CertificateTable::parse(&table(32, false)), Err(TableError::Unterminated { found }));
    assert_eq!(CertificateTable::parse(&table(33, false)), Err(TableError::TooMany));
}

/// Replaces the `which`-th place of some bytes, which must be there.
fn patch(der: &[u8], from: &str, to: &str, which: usize) -> Vec<u8> {
    let (from, to) = (hex::decode(from).unwrap(), hex::decode(to).unwrap());
    let mut places = der.windows(from.len()).enumerate().filter(|(_, window)| *window == from);
    let (at, _) = places.nth(which).unwrap_or_else(|| panic!("no {from:02x?}"));
    let mut der = der.to_vec();
    der[at..at + to.len()].copy_from_slice(&to);
    der
}

#[test]
fn a_root_with_the_right_key_and_other_bytes_is_refused() {
    let mut chain = Made::vcek();
    *chain.root.last_mut().unwrap() ^= 1;
    let failures = chain.failures(NOT_BEFORE, None);
    assert!(matches!(
        failures.as_slice(),
        [(Link::Anchor, LinkError::UntrustedRoot { .. }), (Link::Root, LinkError::Signature)]
    ));
}

#[test]
fn what_a_vek_says_of_itself_is_checked() {
    let der = Made::vcek().vek;
    let refused = |from, to, which| Vek::parse(&patch(&der, from, to, which)).unwrap_err();
    assert_eq!(refused("a003020102", "a003020101", 0), CertificateError::Version);
    for which in [0, 1] {
        // The salt's length, and the hash under MGF1: in the signed part, and outside of it.
        let salt = refused("a203020130", "a203020120", which);
        assert_eq!(salt, CertificateError::SignatureAlgorithm);
    }
    let twice = refused("9c78010305", "9c78010304", 0);
    assert_eq!(twice, CertificateError::ExtensionTwice { oid: "1.3.6.1.4.1.3704.1.3.4".into() });
    let value = |error| match error {
        CertificateError::ExtensionValue { name, .. } => name,
        other => panic!("{other:?}"),
    };
    assert_eq!(value(refused("9c7801010403020100", "9c7801010403020101", 0)), "structVersion");
    assert_eq!(value(refused("9c780103040403020100", "9c780103040403020101", 0)), "spl_4");
    let missing = refused("9c78010303", "9c78010363", 0);
    assert_eq!(missing, CertificateError::ExtensionMissing { name: "snpSPL" });
    let curve = refused("2b81040022", "2b81040023", 0);
    assert_eq!(curve, CertificateError::PublicKey { wanted: "P-384" });
}

// RSASSA-PSS with SHA-384, in its mask too, and 48 bytes of salt. [AMD, VCEK specification; RFC 4055] Each part stands in what is
// signed, and again outside of it.
#[test]
fn every_part_of_the_signature_algorithm_is_amds() {
    let made = Made::vcek();
    let list = made_up::crl("Milan", Authority::Ark, &[&[9]]);
    let (pss, sha384, mgf1) =
        ("06092a864886f70d01010a", "0609608648016503040202", "06092a864886f70d010108");
    for (from, to, places) in [
        (pss, "06092a864886f70d01010b", 2),
        (sha384, "0609608648016503040201", 4),
        (mgf1, "06092a864886f70d010109", 2),
        ("a203020130", "a20302012f", 2),
        ("a303020101", "a303020102", 2),
    ] {
        for which in 0..places {
            let vek = Vek::parse(&patch(&made.vek, from, to, which));
            assert_eq!(vek.unwrap_err(), CertificateError::SignatureAlgorithm, "{from} {which}");
            let ca = CaCertificate::parse(&patch(&made.root, from, to, which));
            assert_eq!(ca.unwrap_err(), CertificateError::SignatureAlgorithm, "{from} {which}");
            let crl = Crl::from_der(&patch(&list, from, to, which));
            assert_eq!(crl.unwrap_err(), CrlError::SignatureAlgorithm, "{from} {which}");
        }
    }
}

// [RFC 5280, appendix A.1, DirectoryString]: AMD's names are printable strings or UTF-8.
#[test]
fn common_names_are_read_in_each_of_their_forms() {
    let der = Made::vcek().vek;
    for tag in ["0c", "13", "16"] {
        let vek = Vek::parse(&patch(&der, "06035504030c", &format!("0603550403{tag}"), 1)).unwrap();
        assert_eq!((vek.kind(), vek.generation()), (VekKind::Vcek, Generation::Milan), "{tag}");
    }
    // A BMPString is two bytes a letter.
    let other = patch(&der, "06035504030c", "06035504031e", 1);
    assert!(matches!(Vek::parse(&other), Err(CertificateError::CommonName { .. })));
}

// Whoever sends a certificate or a list chooses its size.
#[test]
fn what_is_too_large_is_not_read_at_all() {
    let zeros = |size: usize| vec![0; size];
    assert!(matches!(Vek::parse(&zeros(16_384)), Err(CertificateError::Der { .. })));
    let found = 16_385;
    assert_eq!(Vek::parse(&zeros(16_385)).unwrap_err(), CertificateError::TooLarge { found });
    assert!(matches!(Crl::from_der(&zeros(1_048_576)), Err(CrlError::Der { .. })));
    let found = 1_048_577;
    assert_eq!(Crl::from_der(&zeros(1_048_577)).unwrap_err(), CrlError::TooLarge { found });
}

#[test]
fn what_was_read_is_shown_as_it_was() {
    let made = Made::vcek();
    assert_eq!(CaCertificate::parse(&made.root).unwrap().der(), made.root);
    let list =
        |revoked: &[&[u8]]| Crl::from_der(&made_up::crl("Milan", Authority::Ark, revoked)).unwrap();
    let (none, two) = (list(&[]), list(&[&[8], &[9]]));
    assert_eq!((none.len(), none.is_empty()), (0, true));
    assert_eq!((two.len(), two.is_empty()), (2, false));
    assert_eq!(two.dates(), (NOT_BEFORE, NOT_AFTER));
    // Neither kind of key is more than the other.
    assert!(VekKind::Vcek.partial_cmp(&VekKind::Vlek).is_none());
    assert!(VekKind::Vcek.partial_cmp(&VekKind::Vcek).is_some());
    // A report of Turin has zeros after the eight bytes.
    let short = HardwareId::Short([1, 2, 3, 4, 5, 6, 7, 8]).chip_id();
    assert_eq!(short[..9], [1, 2, 3, 4, 5, 6, 7, 8, 0]);
    assert_eq!(short[9..], [0; 55]);
    assert_eq!(HardwareId::Full([7; 64]).chip_id(), [7; 64]);
}

#[test]
fn authorities_need_the_right_to_sign() {
    let der = Made::vcek().intermediate;
    let refused = |from, to| CaCertificate::parse(&patch(&der, from, to, 0)).unwrap_err();
    let not = |what| CertificateError::NotAuthority { what };
    assert_eq!(
        refused("040403020204", "040403020102"),
        not("key usage does not include keyCertSign")
    );
    assert!(matches!(refused("30030101ff", "3003010100"), CertificateError::NotAuthority { .. }));
    let unknown = refused("551d0f0101ff", "551d630101ff");
    assert_eq!(unknown, CertificateError::ExtensionCritical { oid: "2.5.29.99".into() });
}

/// 2.5.29.15, 2.5.29.19, and 2.5.29.99, which is no extension.
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const NO_EXTENSION: &[u8] = &[0x55, 0x1d, 0x63];

/// One of AMD's arc, 1.3.6.1.4.1.3704, that is critical.
fn critical_amd(suffix: &[u8]) -> Extension {
    Extension::critical(&[&[0x2b, 6, 1, 4, 1, 0x9c, 0x78], suffix].concat(), &[5, 0])
}

#[test]
fn critical_extensions_that_are_unknown_are_refused_under_amd_s_arc_too() {
    let oid = |oid: &str| CertificateError::ExtensionCritical { oid: oid.into() };
    let key = made_up::Vek::vcek("Milan");
    let vek = |extension: &Extension| {
        Vek::parse(&key.certificate_with(Authority::Ask, std::slice::from_ref(extension)))
    };
    let authority = |extension: &Extension| {
        let more = std::slice::from_ref(extension);
        CaCertificate::parse(&Authority::Ask.certificate_with("Milan", Authority::Ark, more))
    };
    for (extension, number) in [
        (Extension::critical(NO_EXTENSION, &[5, 0]), "2.5.29.99"),
        (critical_amd(&[1, 6]), "1.3.6.1.4.1.3704.1.6"),
        (critical_amd(&[1, 3, 10]), "1.3.6.1.4.1.3704.1.3.10"),
        (critical_amd(&[1]), "1.3.6.1.4.1.3704.1"),
        (critical_amd(&[2, 1]), "1.3.6.1.4.1.3704.2.1"),
    ] {
        assert_eq!(vek(&extension), Err(oid(number)));
        assert_eq!(authority(&extension).unwrap_err(), oid(number));
        let harmless = Extension { critical: false, ..extension };
        assert!(vek(&harmless).is_ok() && authority(&harmless).is_ok(), "{number}");
    }
    // What a VEK's reader knows may be critical there, and nowhere else.
    let known = Extension { critical: true, ..Extension::product_name("Milan-B0") };
    assert!(vek(&known).is_ok());
    assert_eq!(authority(&known).unwrap_err(), oid("1.3.6.1.4.1.3704.1.2"));
}

#[test]
fn a_vek_is_no_authority() {
    let key = made_up::Vek::vcek("Milan");
    let with = |oid, value: &[u8]| {
        let more = [Extension::critical(oid, value)];
        Vek::parse(&key.certificate_with(Authority::Ask, &more)).map(|_| ())
    };
    let wrong = |name, wanted| Err(CertificateError::ExtensionValue { name, wanted });
    // SEQUENCE { BOOLEAN TRUE }, SEQUENCE {}.
    let authority = wrong("basicConstraints", "no certificate authority");
    assert_eq!(with(BASIC_CONSTRAINTS, &[0x30, 3, 1, 1, 0xff]), authority);
    assert_eq!(with(BASIC_CONSTRAINTS, &[0x30, 0]), Ok(()));
    assert_eq!(with(BASIC_CONSTRAINTS, &[5, 0]), authority);
    // BIT STRING: digitalSignature is the first bit, keyCertSign the sixth.
    let usage = wrong("keyUsage", "digitalSignature");
    assert_eq!(with(KEY_USAGE, &[3, 2, 7, 0x80]), Ok(()));
    assert_eq!(with(KEY_USAGE, &[3, 2, 2, 4]), usage);
    assert_eq!(with(KEY_USAGE, &[5, 0]), usage);
}

#[test]
fn a_root_that_may_have_no_authority_below_it_is_refused() {
    // SEQUENCE { BOOLEAN TRUE, INTEGER 0 or 1 }.
    let root = |length| {
        let constraints =
            Extension::critical(BASIC_CONSTRAINTS, &[0x30, 6, 1, 1, 0xff, 2, 1, length]);
        CaCertificate::parse(&Authority::Ark.certificate_with(
            "Milan",
            Authority::Ark,
            &[constraints],
        ))
    };
    let what = "the path length lets no authority be below this root";
    assert_eq!(root(0).unwrap_err(), CertificateError::NotAuthority { what });
    assert!(root(1).is_ok());
}

#[test]
fn critical_extensions_of_lists_and_of_their_entries_are_refused() {
    let of_list = |more: &[Extension]| {
        Crl::from_der(&made_up::crl_with("Milan", Authority::Ark, &[&[9]], &[], more))
    };
    let of_entries = |more: &[Extension]| {
        Crl::from_der(&made_up::crl_with("Milan", Authority::Ark, &[&[8], &[9]], more, &[]))
    };
    // issuingDistributionPoint would change what the list covers; cRLReason and cRLNumber, as AMD has them, are not critical.
    for extension in [
        Extension::critical(&[0x55, 0x1d, 0x1c], &[0x30, 0]),
        Extension::critical(NO_EXTENSION, &[5, 0]),
        critical_amd(&[1, 1]),
    ] {
        let more = std::slice::from_ref(&extension);
        assert!(matches!(of_list(more), Err(CrlError::ExtensionCritical { .. })));
        assert!(matches!(of_entries(more), Err(CrlError::ExtensionCritical { .. })));
        let harmless = [Extension { critical: false, ..extension }];
        assert_eq!(of_list(&harmless).unwrap().len(), 1);
        assert_eq!(of_entries(&harmless).unwrap().len(), 2);
    }
}

#[test]
fn the_product_s_name_is_that_of_the_authority_s_product() {
    let judge = |key: made_up::Vek, authority: Authority, name: &str| {
        let chain = Made {
            vek: key.certificate_with(authority, &[Extension::product_name(name)]),
            intermediate: authority.certificate("Milan", Authority::Ark),
            root: Authority::Ark.certificate("Milan", Authority::Ark),
        };
        chain.judge(NOT_BEFORE, None).map(|_| ()).map_err(|error| {
            let mut failures = error.failures();
            let failure = failures.next().map(|(link, error)| (link, error.to_string()));
            assert_eq!(failures.next(), None);
            failure.unwrap()
        })
    };
    let vcek = |name| judge(made_up::Vek::vcek("Milan"), Authority::Ask, name);
    let vlek = |name| judge(made_up::Vek::vlek("Milan"), Authority::Asvk, name);
    // A stepping that is wrong has been seen in genuine certificates, so it does not count.
    for fine in ["Milan", "Milan-B0", "Milan-B1", "Milan-A0"] {
        assert_eq!(vcek(fine), Ok(()));
    }
    for wrong in ["Genoa", "Genoa-B1", "Turin", "milan", "MilanX", "Mila", "", " Milan"] {
        let text = format!(
            "the product name of the VCEK is {wrong:?}, wanted that of Milan, its issuer's product"
        );
        assert_eq!(vcek(wrong), Err((Link::Generation, text)));
    }
    assert_eq!(vlek("Milan"), Ok(()));
    for wrong in ["Genoa", "Milan-B0"] {
        assert_eq!(vlek(wrong).unwrap_err().0, Link::Generation);
    }
}

#[test]
fn a_root_that_may_sign_no_list_has_none() {
    // BIT STRING: keyCertSign is the sixth bit, cRLSign the seventh.
    let root = |usage: &[u8]| {
        let usage = Extension::critical(KEY_USAGE, usage);
        Authority::Ark.certificate_with("Milan", Authority::Ark, &[usage])
    };
    let judge = |root: &[u8]| {
        let chain = Made::vcek();
        let vek = Vek::parse(&chain.vek).unwrap();
        let ask = CaCertificate::parse(&chain.intermediate).unwrap();
        let root = CaCertificate::parse(root).unwrap();
        let crl = Crl::from_der(&made_up::crl("Milan", Authority::Ark, &[])).unwrap();
        let options = |revocation| ChainOptions {
            roots: Roots::Explicit(&root),
            revocation,
            time: NOT_BEFORE,
        };
        let chain = Chain { vek: &vek, intermediate: Some(&ask), root: None };
        assert!(chain.verify(&options(Revocation::NotChecked)).is_ok());
        let verdict = chain.verify(&options(Revocation::Checked(&crl)));
        verdict.map(|_| ()).map_err(|error| {
            error.failures().map(|(link, error)| (link, error.clone())).collect::<Vec<_>>()
        })
    };
    assert_eq!(judge(&root(&[3, 2, 1, 6])), Ok(()));
    assert_eq!(judge(&root(&[3, 2, 2, 4])), Err(vec![(Link::Revocation, LinkError::CrlSigner)]));
}
