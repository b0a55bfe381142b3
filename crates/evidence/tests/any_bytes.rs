//! No bytes make a reader panic, and what one layout holds comes back from any form of it.

use proptest::prelude::*;
use sev_launch_abi::Technology;
use sev_launch_evidence::report::{EndorsementError, Sources};
use sev_launch_evidence::sev_certificates::{self, CertificateSet, PlatformFile, SevCertificate};
use sev_launch_evidence::{HostClaims, blob, host_claims, reported, snp};
use sev_launch_testkit::certs::{Platform, RsaSize};
use sev_launch_testkit::report::{Authority, Vek};
use sev_launch_verify::snp::certificate::CaCertificate;
use sev_launch_verify::snp::report::SigningKey;

/// Everything that reads bytes.
fn read(bytes: &[u8]) {
    let _ = blob::decode("bytes", bytes, &[0, 3, 48]);
    let _ = HostClaims::parse(bytes);
    let _ = sev_certificates::read(bytes);
    let _ = sev_certificates::oca(bytes);
    let _ = sev_certificates::ca(bytes);
    let _ = sev_certificates::ark(bytes);
    if let Ok(PlatformFile::Host(chain)) = PlatformFile::parse(bytes) {
        let _ = chain.with_pdh(bytes);
    }
    for technology in [Technology::Sev, Technology::SevEs, Technology::Snp] {
        let _ = reported::read(technology, bytes);
    }
    if let Ok(evidence) = snp::read(bytes) {
        let (some, none) = (Some(&evidence), Sources::default());
        for sources in [
            Sources { signer: some, ..none },
            Sources { table: some, ..none },
            Sources { beside: some, ..none },
            Sources { signer: some, authorities: some, table: some, beside: some },
        ] {
            let _ = sources.read(SigningKey::Vcek);
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = host_claims::measurement(text);
        for technology in [Technology::Sev, Technology::SevEs, Technology::Snp] {
            let _ = blob::launch_digest(technology, text);
        }
    }
}

/// The sizes of layouts, and of reports and tables.
const SIZES: [usize; 12] = [24, 576, 832, 1184, 1600, 1664, 2084, 3200, 6252, 8336, 10_000, 11_536];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..4096)) {
        read(&bytes);
    }

    #[test]
    fn no_bytes_of_a_known_size_panic(seed in any::<u64>(), size in prop::sample::select(&SIZES[..])) {
        let bytes: Vec<u8> = (0..).map(|i: u64| (seed.wrapping_mul(i | 1) >> 23).to_le_bytes()[0]).take(size).collect();
        read(&bytes);
        read(hex::encode(&bytes).as_bytes());
        let zeros_but_one: Vec<u8> = bytes.iter().zip(0..).map(|(byte, i)| if i % 97 == 0 { *byte } else { 0 }).collect();
        read(&zeros_but_one);
    }

    #[test]
    fn no_text_panics(text in r#"[\[{]?[ \n"{}:,\[\]a-z0-9-]{0,200}"#) {
        read(text.as_bytes());
    }

    #[test]
    fn no_changed_claims_panic(at in 0usize..120, byte in any::<u8>()) {
        let qmp = r#"{"return": {"api-major": 1, "api-minor": 55, "build-id": 24, "policy": 5, "state": "running"}}"#;
        let virsh = "sev-measurement: QRfz\nsev-api-major  : 1\nsev-policy     : 3\n";
        for text in [qmp, virsh] {
            let mut bytes = text.as_bytes().to_vec();
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
            read(&bytes);
        }
    }
}

#[test]
fn every_layout_in_every_form() {
    for size in [RsaSize::Bits2048, RsaSize::Bits4096] {
        let platform = Platform::new(size, "evidence");
        let layouts = [
            (platform.pdh.clone(), 1),
            (platform.host_chain(), 3),
            (platform.export(), 4),
            (platform.full(), 6),
            (platform.ark.clone(), 1),
            (platform.ca(), 2),
        ];
        for (bytes, count) in layouts {
            let certificates = sev_certificates::read(&bytes).unwrap();
            assert_eq!(certificates.len(), count);
            let text = hex::encode(&bytes);
            assert_eq!(sev_certificates::read(text.as_bytes()).unwrap(), certificates);
            let joined: Vec<_> =
                certificates.iter().flat_map(SevCertificate::as_bytes).copied().collect();
            assert_eq!(joined, bytes);
        }
    }
}

#[test]
fn a_host_s_chain_wants_its_pdh() {
    let platform = Platform::new(RsaSize::Bits2048, "evidence");
    let Ok(PlatformFile::Host(chain)) = PlatformFile::parse(&platform.host_chain()) else {
        panic!("not a host's chain");
    };
    assert_eq!(chain.with_pdh(&platform.pdh).unwrap().to_export(), platform.export());
    assert!(chain.with_pdh(&platform.pek).is_err());
    let Ok(PlatformFile::Whole(whole)) = PlatformFile::parse(&platform.full()) else {
        panic!("not a full chain");
    };
    let (read, ca) = *whole;
    assert_eq!((read.to_export(), ca.unwrap().to_bytes()), (platform.export(), platform.ca()));
    // AMD's alone are no platform.
    assert!(PlatformFile::parse(&platform.ca()).is_err());
}

#[test]
fn a_set_has_each_usage_once() {
    let [one, other] = ["one", "other"].map(|seed| Platform::new(RsaSize::Bits2048, seed));
    let mut set = CertificateSet::default();
    for bytes in [one.host_chain(), one.host_chain(), one.pdh.clone()] {
        for certificate in sev_certificates::read(&bytes).unwrap() {
            set.put(certificate).unwrap();
        }
    }
    assert_eq!(set.iter().count(), 4);
    assert_eq!(set.to_host_chain().unwrap(), one.host_chain());
    assert_eq!(set.platform().unwrap().to_export(), one.export());
    assert_eq!(set.ca().unwrap_err().to_string(), "no certificate of the ASK");
    let second = sev_certificates::read(&other.pek).unwrap().remove(0);
    let error = set.put(second).unwrap_err().to_string();
    assert_eq!(error, "a second certificate of the PEK, which differs");
}

/// A host's table with VCEK, ASK and ARK.
fn table(certificates: [&Vec<u8>; 3]) -> Vec<u8> {
    // The GUIDs of VCEK, ASK and ARK. [GHCB, certificate GUIDs]
    let guids = [
        0x63da758d_e664_4564_adc5_f4b93be8accd_u128,
        0x4ab7b379_bbac_4fe4_a02f_05aef327c782,
        0xc0b406a4_a803_4952_9743_3fb6014cd0ae,
    ];
    let (mut rows, mut rest) = (Vec::new(), Vec::new());
    for (guid, der) in guids.into_iter().zip(certificates) {
        rows.extend(guid.to_be_bytes());
        rows.extend(u32::try_from(4 * 24 + rest.len()).expect("small").to_le_bytes());
        rows.extend(u32::try_from(der.len()).expect("small").to_le_bytes());
        rest.extend(der);
    }
    [rows, vec![0; 24], rest].concat()
}

#[test]
fn the_table_stands_in_for_files() {
    let signer = Vek::vcek("Milan").certificate(Authority::Ask);
    let authorities =
        [Authority::Ask, Authority::Ark].map(|one| one.certificate("Milan", Authority::Ark));
    let [ask, ark] = &authorities;
    let table = snp::read(&table([&signer, ask, ark])).unwrap();
    let [signer_file, ask_file] = [&signer, ask].map(|der| snp::read(der).unwrap());
    let from_table = Sources { table: Some(&table), ..Sources::default() };
    let from_files =
        Sources { signer: Some(&signer_file), authorities: Some(&ask_file), ..Sources::default() };
    let read = from_table.read(SigningKey::Vcek).unwrap();
    assert_eq!(read.root.as_ref().map(CaCertificate::der), Some(&**ark));
    let files = from_files.read(SigningKey::Vcek).unwrap();
    assert_eq!((files.vek, files.intermediate, files.root), (read.vek, read.intermediate, None));
    let error = from_table.read(SigningKey::Vlek).unwrap_err().to_string();
    assert_eq!(error, "no certificate of the report's signer, VLEK");
    let error = Sources::default().read(SigningKey::Vcek).unwrap_err().to_string();
    assert_eq!(error, "no certificate of the report's signer");
}

#[test]
fn what_is_named_goes_before_what_stood_beside_the_report() {
    let [mine, other] =
        ["Milan", "Genoa"].map(|product| Vek::vcek(product).certificate(Authority::Ask));
    let authority = |product, one: Authority| one.certificate(product, Authority::Ark);
    let (ask, ark) = (authority("Milan", Authority::Ask), authority("Milan", Authority::Ark));
    let (of_genoa, asvk) =
        (authority("Genoa", Authority::Ask), authority("Milan", Authority::Asvk));
    let bundle = |all: &[&Vec<u8>]| {
        snp::read(&all.iter().flat_map(|der| der.iter().copied()).collect::<Vec<_>>()).unwrap()
    };
    let beside = bundle(&[&mine, &ask, &ark]);
    let of_report = Sources { beside: Some(&beside), ..Sources::default() };
    let found = of_report.read(SigningKey::Vcek).unwrap();
    assert_eq!(found.vek.der(), mine);
    assert_eq!(found.intermediate.as_ref().map(CaCertificate::der), Some(&*ask));

    // A file for the signer with its authorities in it: neither comes from beside the report.
    let named = bundle(&[&other, &of_genoa]);
    let found = Sources { signer: Some(&named), ..of_report }.read(SigningKey::Vcek).unwrap();
    assert_eq!(found.vek.der(), other);
    assert_eq!(found.intermediate.as_ref().map(CaCertificate::der), Some(&*of_genoa));
    assert_eq!(found.root, None);

    // Authorities that are named go before both.
    let chain = bundle(&[&asvk, &ask, &ark]);
    let found = Sources { signer: Some(&named), authorities: Some(&chain), ..of_report };
    let found = found.read(SigningKey::Vcek).unwrap();
    assert_eq!(found.intermediate.as_ref().map(CaCertificate::der), Some(&*ask));
    assert_eq!(found.root.as_ref().map(CaCertificate::der), Some(&*ark));
}

#[test]
fn several_that_would_do_are_a_question() {
    let veks = ["Milan", "Genoa"].map(|product| Vek::vcek(product).certificate(Authority::Ask));
    let arks = ["Milan", "Genoa"].map(|one| Authority::Ark.certificate(one, Authority::Ark));
    let [two_veks, two_arks] = [&veks, &arks].map(|both| snp::read(&both.concat()).unwrap());
    let one_vek = snp::read(&veks[0]).unwrap();
    for sources in [
        Sources { signer: Some(&two_veks), ..Sources::default() },
        Sources { beside: Some(&two_veks), ..Sources::default() },
        Sources { signer: Some(&one_vek), authorities: Some(&two_arks), ..Sources::default() },
    ] {
        assert_eq!(sources.read(SigningKey::Vcek), Err(EndorsementError::Several));
    }
    // What is named as authorities must be some.
    let sources =
        Sources { signer: Some(&one_vek), authorities: Some(&one_vek), ..Sources::default() };
    assert_eq!(sources.read(SigningKey::Vcek), Err(EndorsementError::NoAuthority));
    let twice = snp::read(&[arks[0].clone(), arks[0].clone()].concat()).unwrap();
    let sources = Sources { authorities: Some(&twice), ..sources };
    assert_eq!(sources.read(SigningKey::Vcek), Err(EndorsementError::Twice));
    let report = snp::read("00".repeat(1184).as_bytes()).unwrap();
    let sources = Sources { signer: Some(&report), ..Sources::default() };
    assert_eq!(sources.read(SigningKey::Vcek), Err(EndorsementError::NoCertificate));
}
