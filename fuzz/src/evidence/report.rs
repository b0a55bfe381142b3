//! A report's certificates: every form of a report says the same, and it does not matter whether a certificate comes as a file, beside the
//! report or in the host's table. Which of them are taken is computed a second time here.

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sev_launch_evidence::report::{EndorsementError, Endorsements, Sources};
use sev_launch_evidence::snp::{self, Evidence};
use sev_launch_testkit::report::{Authority, Vek};
use sev_launch_verify::snp::certificate::{self, CaCertificate, CaKind, VekKind};
use sev_launch_verify::snp::report::{REPORT_SIZE, SigningKey};

use super::texts;

/// What each entry of a table is for, by its GUID: VCEK, VLEK, ASK, ARK, and one of nobody's. [GHCB, certificate GUIDs]
const GUIDS: [u128; 5] = [
    0x63da758d_e664_4564_adc5_f4b93be8accd,
    0xa8074bc2_a25a_483e_aae6_39c045a0b8a1,
    0x4ab7b379_bbac_4fe4_a02f_05aef327c782,
    0xc0b406a4_a803_4952_9743_3fb6014cd0ae,
    0x92f81bc3_5811_4d3d_97ff_d19f88dc67ea,
];

/// Throw-away certificates: VCEK, VLEK, ASK, ARK, ASVK.
pub(super) static CERTIFICATES: LazyLock<[Vec<u8>; 5]> = LazyLock::new(|| {
    let authority = |one: Authority| one.certificate("Milan", Authority::Ark);
    [
        Vek::vcek("Milan").certificate(Authority::Ask),
        Vek::vlek("Milan").certificate(Authority::Asvk),
        authority(Authority::Ask),
        authority(Authority::Ark),
        authority(Authority::Asvk),
    ]
});

pub(crate) fn run(bytes: &[u8]) {
    read(bytes);
    let _ = above(&mut Unstructured::new(bytes));
    let Ok(evidence) = snp::read(bytes) else { return };
    let (some, none) = (Some(&evidence), Sources::default());
    for sources in [
        Sources { signer: some, ..none },
        Sources { table: some, ..none },
        Sources { beside: some, ..none },
        Sources { signer: Some(&file(&CERTIFICATES[0])), authorities: some, ..none },
    ] {
        let _ = sources.read(SigningKey::Vcek);
    }
}

/// The input as a report, and as the beginning of one.
fn read(bytes: &[u8]) {
    if let (Ok(evidence), Ok(raw)) = (snp::read(bytes), <&[u8; REPORT_SIZE]>::try_from(bytes))
        && evidence.layers().is_empty()
    {
        assert_eq!(evidence.report(), Some(raw), "as it came");
    }
    let mut report = [0; REPORT_SIZE];
    report.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    // What a report is known by: its version, and the one algorithm there is. [SNP-ABI, ATTESTATION_REPORT]
    let version = 1 + report[0] % 5;
    report[..4].copy_from_slice(&[version, 0, 0, 0]);
    report[0x34..0x38].copy_from_slice(&[1, 0, 0, 0]);
    let expected = snp::read(&report).expect("a report");
    assert_eq!(expected.report(), Some(&report), "as it came");
    assert!(expected.layers().is_empty() && expected.certificates().is_empty(), "a report alone");
    let claims = expected.unverified_report().expect("a report").claims();
    assert_eq!(claims.measurement.as_bytes(), &report[0x90..0xc0], "MEASUREMENT");
    // The text of some thousand bytes is not worth its time in every run.
    if bytes.first().is_some_and(|first| first % 8 == 0) {
        for text in texts(&report) {
            let read = snp::read(text.as_bytes());
            assert!(read.is_ok_and(|read| read.report() == Some(&report)), "{text}");
        }
    }
}

/// Certificates that bytes choose and change, in a table and as files.
fn above(u: &mut Unstructured<'_>) -> Result<()> {
    let mut certificates = [const { None }; 4];
    for (place, certificate) in certificates.iter_mut().enumerate() {
        // Mostly what belongs there.
        let which = if u.ratio(1, 8)? { u.choose_index(CERTIFICATES.len())? } else { place };
        let mut der = CERTIFICATES[which].clone();
        for _ in 0..u.int_in_range(0..=2)? {
            let at = u.choose_index(der.len())?;
            der[at] = u.arbitrary()?;
        }
        *certificate = (!u.ratio(1, 8)?).then_some(der);
    }
    let (signer, kind) = match u.arbitrary()? {
        true => (SigningKey::Vcek, VekKind::Vcek),
        false => (SigningKey::Vlek, VekKind::Vlek),
    };
    let there: Vec<&[u8]> = certificates.iter().flatten().map(Vec::as_slice).collect();
    let expected = choose(&there, |vek| vek.kind() == kind);

    let mut table = table(&certificates);
    if there.is_empty() {
        table.resize(4096, 0);
    }
    let read_table = snp::read(&table).expect("a table");
    let none = Sources::default();
    let from_table = Sources { table: Some(&read_table), ..none }.read(signer);
    assert_same(&from_table, &expected, "out of the table");
    let all: String = there.iter().map(|der| pem(der)).collect();
    if !there.is_empty() {
        let bundle = file(all.as_bytes());
        let beside = Sources { beside: Some(&bundle), ..none }.read(signer);
        assert_same(&beside, &expected, "beside the report");
    }

    // The same as files: one for the signer, one for the authorities.
    let [vcek, vlek, ask, ark] = &certificates;
    let vek = if signer == SigningKey::Vcek { vcek } else { vlek };
    if let (Some(vek), Some(ask), Some(ark)) = (vek, ask, ark) {
        let vek_file = file(pem(vek).as_bytes());
        let authorities = file([pem(ask), pem(ark)].concat().as_bytes());
        let sources = Sources { signer: Some(&vek_file), authorities: Some(&authorities), ..none };
        let from_files = sources.read(signer);
        // Of what was named, nothing may be passed over but a bundle's own certificate of the signer.
        let is_named = certificate::Vek::parse(vek).is_ok();
        let judged = [ask, ark].map(|der| CaCertificate::parse(der).is_ok());
        let of_signer = [ask, ark].map(|der| certificate::Vek::parse(der).is_ok());
        let is_wrong = judged.iter().zip(of_signer).any(|(ca, vek)| !ca && !vek);
        if is_named && ask == ark {
            assert_eq!(from_files, Err(EndorsementError::Twice), "one certificate in two places");
        } else if !is_named || is_wrong || judged == [false; 2] {
            assert!(from_files.is_err(), "no certificate where one was named");
        } else {
            let mut all = vec![vek.as_slice()];
            all.extend(
                [ask, ark]
                    .into_iter()
                    .filter(|der| CaCertificate::parse(der).is_ok())
                    .map(Vec::as_slice),
            );
            assert_same(&from_files, &choose(&all, |_| true), "out of files");
        }
        let more = Sources { table: Some(&read_table), beside: Some(&read_table), ..sources };
        assert_eq!(more.read(signer), from_files, "files go before all else");
    }
    for _ in 0..u.int_in_range(0..=4)? {
        // Entries stand first, so they are what is changed.
        let at = u.int_in_range(0..=119)?;
        if let Some(byte) = table.get_mut(at) {
            *byte = u.arbitrary()?;
        }
    }
    if let Ok(changed) = snp::read(&table) {
        let _ = Sources { table: Some(&changed), ..none }.read(signer);
    }
    Ok(())
}

/// What is to be found among certificates: the DER of the signer's, of its issuer's and of the root's.
#[derive(Debug)]
enum Expected {
    Found([Option<Vec<u8>>; 3]),
    Several,
    NoSigner,
}

/// The one certificate of each kind, if it is one. An authority that issues no such signer counts where it is alone, so that it is judged.
fn choose(all: &[&[u8]], is_signer: impl Fn(&certificate::Vek) -> bool) -> Expected {
    let mut distinct: Vec<&[u8]> = Vec::new();
    all.iter().for_each(|der| {
        if !distinct.contains(der) {
            distinct.push(der);
        }
    });
    let veks = distinct.iter().filter_map(|der| certificate::Vek::parse(der).ok());
    let veks: Vec<_> = veks.filter(is_signer).collect();
    let authorities = distinct.iter().filter_map(|der| CaCertificate::parse(der).ok());
    let (roots, issuers): (Vec<_>, Vec<_>) = authorities.partition(|one| one.kind() == CaKind::Ark);
    let [vek] = veks.as_slice() else {
        return if veks.is_empty() { Expected::NoSigner } else { Expected::Several };
    };
    let wanted = match vek.kind() {
        VekKind::Vlek => CaKind::Asvk,
        _ => CaKind::Ask,
    };
    let fitting: Vec<_> = match issuers.len() {
        0 | 1 => issuers.iter().collect(),
        _ => issuers.iter().filter(|issuer| issuer.kind() == wanted).collect(),
    };
    if fitting.len() > 1 || roots.len() > 1 {
        return Expected::Several;
    }
    Expected::Found([
        Some(vek.der().to_vec()),
        fitting.first().map(|one| one.der().to_vec()),
        roots.first().map(|one| one.der().to_vec()),
    ])
}

fn assert_same(
    found: &std::result::Result<Endorsements, EndorsementError>,
    expected: &Expected,
    what: &str,
) {
    match (found, expected) {
        (Ok(found), Expected::Found(expected)) => {
            let authority =
                |one: &Option<CaCertificate>| one.as_ref().map(|one| one.der().to_vec());
            let found = [
                Some(found.vek.der().to_vec()),
                authority(&found.intermediate),
                authority(&found.root),
            ];
            assert_eq!(found, *expected, "{what}");
        }
        (Err(EndorsementError::Several), Expected::Several)
        | (Err(EndorsementError::NotInTable(_) | EndorsementError::NoSigner), Expected::NoSigner) =>
            {}
        (found, expected) => panic!("{what}: {found:?}, wanted {expected:?}"),
    }
}

/// A file that has evidence.
fn file(bytes: &[u8]) -> Evidence {
    snp::read(bytes).expect("a file with certificates")
}

/// A host's table with these certificates. [GHCB, SNP Extended Guest Request]
pub(super) fn table(certificates: &[Option<Vec<u8>>; 4]) -> Vec<u8> {
    let (mut rows, mut rest) = (Vec::new(), Vec::new());
    let there: Vec<_> = GUIDS
        .iter()
        .zip(certificates)
        .filter_map(|(guid, der)| Some((guid, der.as_ref()?)))
        .collect();
    let size = |length: usize| u32::try_from(length).expect("small").to_le_bytes();
    for (guid, der) in &there {
        rows.extend(guid.to_be_bytes());
        rows.extend(size((there.len() + 1) * 24 + rest.len()));
        rows.extend(size(der.len()));
        rest.extend(*der);
    }
    [rows, vec![0; 24], rest].concat()
}

pub(super) fn pem(der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let lines: Vec<&str> = base64
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).expect("ASCII"))
        .collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let choices = (0..4).map(|number| sev_launch_testkit::pattern(64, 29, number * 64));
    let files = ["snp/report.bin", "snp/vcek.der", "snp/ark.der"].map(super::testdata);
    let entries = table(&[None, None, None, Some(vec![0; 8])]);
    choices.chain(files).chain([entries, pem(&CERTIFICATES[2]).into()]).collect()
}
