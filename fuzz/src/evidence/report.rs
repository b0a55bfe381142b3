//! Reports, and the certificates above them: every form of a report says the same, and it does not matter whether a certificate comes as
//! a file or in the host's table.

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sev_launch_evidence::report::{self, Sources};
use sev_launch_testkit::report::{Authority, Vek};
use sev_launch_verify::snp::report::SigningKey;

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
static CERTIFICATES: LazyLock<[Vec<u8>; 5]> = LazyLock::new(|| {
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
    for sources in [
        Sources { signer: Some(bytes), ..Sources::default() },
        Sources { table: Some(bytes), ..Sources::default() },
        Sources { signer: Some(&CERTIFICATES[0]), authorities: Some(bytes), table: None },
    ] {
        let _ = sources.read(SigningKey::Vcek);
    }
}

/// The input as a report, and as the beginning of one.
fn read(bytes: &[u8]) {
    let whole = report::read(bytes);
    let mut report = bytes.to_vec();
    report.resize(1184, 0);
    let Ok(expected) = report::read(&report) else { panic!("a report's size") };
    assert_eq!(*expected.as_bytes(), *report, "as it came");
    if bytes.len() == 1184 {
        assert!(whole.as_ref() == Ok(&expected), "raw");
    }
    let digest = expected.claims().measurement;
    assert_eq!(digest.as_bytes(), &report[0x90..0xc0], "MEASUREMENT");
    // The text of some thousand bytes is not worth its time in every run.
    if bytes.first().is_some_and(|first| first % 8 == 0) {
        for text in texts(&report) {
            assert!(report::read(text.as_bytes()).as_ref() == Ok(&expected), "{text}");
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
    let table = table(&certificates);
    let [vcek, vlek, ask, ark] = &certificates;
    let (signer, vek) =
        if u.arbitrary()? { (SigningKey::Vcek, vcek) } else { (SigningKey::Vlek, vlek) };
    let from_table = Sources { table: Some(&table), ..Sources::default() }.read(signer);
    // A file with PEM of both authorities, which there is only where both are there.
    if let (Some(vek), Some(ask), Some(ark)) = (vek, ask, ark) {
        let both = [pem(ask), pem(ark)].concat();
        let sources =
            Sources { signer: Some(vek), authorities: Some(both.as_bytes()), table: None };
        let from_files = sources.read(signer);
        assert_eq!(from_files.as_ref().ok(), from_table.as_ref().ok(), "files and table");
        let again = Sources { table: Some(&table), ..sources }.read(signer);
        assert_eq!(again.ok(), from_files.ok(), "files go before the table");
    }
    if let Ok(found) = from_table {
        assert_eq!(Some(found.vek.der()), vek.as_deref(), "the signer's");
        let chain = found.chain();
        assert_eq!(chain.vek, &found.vek);
    }
    let mut table = table;
    for _ in 0..u.int_in_range(0..=4)? {
        // Entries stand first, so they are what is changed.
        let at = u.int_in_range(0..=119)?;
        if let Some(byte) = table.get_mut(at) {
            *byte = u.arbitrary()?;
        }
    }
    let _ = Sources { table: Some(&table), ..Sources::default() }.read(signer);
    Ok(())
}

/// A host's table with these certificates. [GHCB, SNP Extended Guest Request]
fn table(certificates: &[Option<Vec<u8>>; 4]) -> Vec<u8> {
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

fn pem(der: &[u8]) -> String {
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
