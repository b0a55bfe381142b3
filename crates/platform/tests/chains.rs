//! The platform's certificates in every layout: accepted under the simulation's root, refused under AMD's, and marked.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "generators/lab.rs"]
mod lab;

use sev_launch_abi::Generation;
use sev_launch_platform::{Authority, AuthorityError, Model, Platform, SigningKey, Status};
use sev_launch_testkit::certs::{EcKey, Signer, algorithm, ec_certificate, usage};
use sev_launch_verify::point::PublicPoint;
use sev_launch_verify::sev::ca_certificate::CaCertificate;
use sev_launch_verify::sev::certificate::{Certificate, Slot};
use sev_launch_verify::sev::chain::{
    Ca, Chain, Check, Fault, OcaRequirement, Platform as Certificates, Roots,
};
use sev_launch_verify::snp;
use sev_launch_verify::snp::certificate::{Vek, VekKind};
use sev_launch_verify::snp::certificate_table::CertificateTable;
use sev_launch_verify::snp::chain::{ChainOptions, LinkError, Revocation};
use sev_launch_verify::snp::crl::Crl;

/// 2026-11-28.
const NOW: u64 = 1_795_824_000;

fn ark(platform: &Platform) -> CaCertificate {
    CaCertificate::parse(&platform.authority().unwrap().sev_ark().unwrap()).unwrap()
}

#[test]
fn sev_chains_hold_under_their_own_root_alone() {
    for generation in Generation::ALL {
        let platform = lab::platform(generation);
        let full = platform.full_chain().unwrap();
        assert_eq!(full.len(), if generation == Generation::Naples { 10000 } else { 11536 });
        let chain = Chain::parse_full(&full).unwrap();
        let ark = ark(&platform);
        let pdh = chain.verify(Roots::Explicit(&ark), OcaRequirement::Any).verified().unwrap();
        assert_eq!(pdh.generation(), None, "{generation}: of no generation of AMD's");
        let pinned = Roots::Pinned { generations: &Generation::ALL };
        let refused = chain.verify(pinned, OcaRequirement::Any).verified().unwrap_err();
        let found = *ark.key_id();
        assert_eq!(refused.faults(), [(Check::Root, Fault::UntrustedRoot { found })]);
        // Another lab's root is none either.
        let other = match generation {
            Generation::Naples => Generation::Rome,
            _ => Generation::Naples,
        };
        let other = lab::authority(other).sev_ark().unwrap();
        let other = CaCertificate::parse(&other).unwrap();
        let verdict = chain.verify(Roots::Explicit(&other), OcaRequirement::Any);
        assert!(verdict.verified().is_err(), "{generation} under another root");
    }
}

#[test]
fn what_the_firmware_exports_has_an_unsigned_cek() {
    let platform = lab::platform(Generation::Milan);
    let export = platform.pdh_cert_export().unwrap();
    let host = Certificates::parse_host(&export.chain, &export.pdh).unwrap();
    assert!(host.cek().slots().iter().all(|slot| matches!(slot, Slot::Empty)), "no signature");
    assert_eq!(Certificates::parse_export(&platform.export()).unwrap(), host);
    assert_eq!(Chain::under_amd(host.clone()), None);
    // With the certificate of the key server it is whole.
    let cek = Certificate::parse(&platform.signed_cek().unwrap()).unwrap();
    assert_eq!(cek.key_sha256(), host.cek().key_sha256());
    let authority = platform.authority().unwrap();
    let ca = Ca::parse(&authority.sev_ca_file().unwrap()).unwrap();
    let chain = Chain::new(host.with_cek(cek).unwrap(), ca);
    let ark = ark(&platform);
    assert!(chain.verify(Roots::Explicit(&ark), OcaRequirement::Any).verified().is_ok());
    // The certificates tell the firmware that made them; the CEK's is older.
    let chain = Chain::parse_full(&platform.full_chain().unwrap()).unwrap();
    assert_eq!(chain.platform().pek().api(), platform.model().api);
    assert_eq!(chain.platform().cek().api().to_string(), "0.14");
}

#[test]
fn everything_says_that_it_is_a_simulation() {
    for generation in Generation::ALL {
        let platform = lab::platform(generation);
        let authority = platform.authority().unwrap();
        assert!(authority.ark_key_id().starts_with(b"SIMULATED ARK"));
        assert!(authority.ask_key_id().starts_with(b"SIMULATED ASK"));
        let mark: &[u8] =
            if generation == Generation::Turin { b"sim" } else { b"sev-launch simulation" };
        assert!(platform.id().starts_with(mark), "{generation}");
        assert!(platform.summary().simulated);
        assert!(platform.summary().to_string().starts_with("simulated "));
        if Generation::SNP.contains(&generation) {
            let names = [
                authority.ark_der(),
                authority.ask_der(),
                authority.asvk_der(),
                platform.vek_der(SigningKey::Vcek),
                platform.vek_der(SigningKey::Vlek),
            ];
            for der in names {
                let (der, name) = (der.unwrap(), b"sev-launch simulation, not AMD");
                let count = der.windows(name.len()).filter(|window| window == name).count();
                assert_eq!(count, 2, "{generation}: in subject and issuer");
            }
        } else {
            let found = generation;
            assert_eq!(authority.ark_der(), Err(AuthorityError::NoSnp { found }));
            let error = platform.vek_der(SigningKey::Vlek);
            assert_eq!(error, Err(AuthorityError::NoSnp { found }));
        }
    }
}

#[cfg(feature = "serde")]
#[test]
fn json_says_so_too() {
    let summary = Platform::new(Model::of(Generation::Rome), &[7; 32]).summary();
    let json = serde_json::to_value(&summary).unwrap();
    assert_eq!(json["simulated"], true);
    assert_eq!((&json["generation"], &json["owner"]), (&"Rome".into(), &"self".into()));
}

#[test]
fn an_owner_takes_the_platform_over() {
    let mut platform = lab::platform(Generation::Milan);
    let before = platform.pdh_cert_export().unwrap();
    let csr = platform.pek_csr().unwrap();
    assert!(Certificate::parse(&csr).unwrap().slots().iter().all(|slot| *slot == Slot::Empty));

    let (owner, other) = (EcKey::from_seed("an owner"), EcKey::from_seed("another"));
    let certificate = |key: &EcKey, signer: &EcKey| {
        let signer = Signer::Ec(usage::OCA, signer);
        ec_certificate(usage::OCA, algorithm::ECDSA_SHA256, &key.coordinates(), &[signer])
    };
    let oca = certificate(&owner, &owner);
    let signed = |csr: &[u8], key: &EcKey| {
        let mut pek = csr.to_vec();
        pek[0x414..0x41c].copy_from_slice(&[0x01, 0x10, 0, 0, 0x02, 0, 0, 0]);
        pek[0x41c..0x41c + 144].copy_from_slice(&key.sign(&csr[..1044]));
        pek
    };
    let pek = signed(&csr, &owner);
    let mut refuse = |pek: &[u8], oca: &[u8], wanted| {
        assert_eq!(platform.pek_cert_import(pek, oca), Err(wanted));
    };
    refuse(&pek[1..], &oca, Status::InvalidLength);
    refuse(&pek, &oca[1..], Status::InvalidLength);
    refuse(&pek, &certificate(&owner, &other), Status::BadSignature);
    refuse(&signed(&csr, &other), &oca, Status::BadSignature);
    refuse(&csr, &oca, Status::InvalidCertificate); // nobody signed it
    refuse(&oca, &oca, Status::InvalidCertificate); // no PEK
    refuse(&pek, &pek, Status::InvalidCertificate); // no OCA
    let mut foreign = csr.to_vec();
    foreign[5] ^= 1; // another API version: not the PEK that is here
    let foreign = signed(&foreign, &owner);
    refuse(&foreign, &oca, Status::InvalidCertificate);
    // Its form is looked at before its signature: a usage, the algorithm of the owner's slot.
    for at in [0x8, 0xc, 0x10, 0x418] {
        let mut changed = pek.clone();
        changed[at] ^= 1;
        refuse(&changed, &oca, Status::InvalidCertificate);
    }
    for at in [0x4, 0x41c] {
        let mut changed = pek.clone();
        changed[at] ^= 1;
        refuse(&changed, &oca, Status::BadSignature);
    }
    assert!(!platform.status().is_externally_owned);

    platform.pek_cert_import(&pek, &oca).unwrap();
    assert!(platform.status().is_externally_owned);
    assert_eq!(platform.status().to_bytes()[3], 1);
    assert_eq!(platform.pek_cert_import(&pek, &oca), Err(Status::AlreadyOwned));
    let after = platform.pdh_cert_export().unwrap();
    assert_ne!(after.pdh, before.pdh);
    let chain = Chain::parse_full(&platform.full_chain().unwrap()).unwrap();
    let ark = ark(&platform);
    let [x, y] = owner.coordinates();
    let point = PublicPoint::from_coordinates(&x, &y).unwrap();
    let verdict = chain.verify(Roots::Explicit(&ark), OcaRequirement::Key(&point));
    assert!(verdict.verified().unwrap().owner().expected);
    assert_eq!(platform.pek_csr().unwrap(), csr, "the same PEK, without its signatures");

    // Not initialised, it does not say so; initialised again, it does.
    let mut off = Platform::from_bytes(&platform.to_bytes()).unwrap();
    off.shutdown();
    assert!(!off.status().is_externally_owned);
    off.init(true).unwrap();
    assert!(off.status().is_externally_owned);

    // It is kept, and given back by PEK_GEN.
    let mut loaded = Platform::from_bytes(&platform.to_bytes()).unwrap();
    assert_eq!(loaded.pdh_cert_export(), platform.pdh_cert_export());
    loaded.pek_gen().unwrap();
    assert!(!loaded.status().is_externally_owned);
    let chain = Chain::parse_full(&loaded.full_chain().unwrap()).unwrap();
    let verdict = chain.verify(Roots::Explicit(&ark), OcaRequirement::Any);
    assert!(verdict.verified().is_ok(), "self-owned again");
    assert_ne!(loaded.pek_csr().unwrap(), csr);
}

fn snp_authorities(platform: &Platform) -> [snp::certificate::CaCertificate; 3] {
    let authority = platform.authority().unwrap();
    [authority.ark_der(), authority.ask_der(), authority.asvk_der()]
        .map(|der| snp::certificate::CaCertificate::parse(&der.unwrap()).unwrap())
}

#[test]
fn snp_chains_hold_under_their_own_root_alone() {
    for generation in Generation::SNP {
        let platform = lab::platform(generation);
        let [ark, ask, asvk] = snp_authorities(&platform);
        for (key, kind, intermediate) in
            [(SigningKey::Vcek, VekKind::Vcek, &ask), (SigningKey::Vlek, VekKind::Vlek, &asvk)]
        {
            let vek = Vek::parse(&platform.vek_der(key).unwrap()).unwrap();
            assert_eq!((vek.kind(), vek.generation()), (kind, generation));
            assert_eq!(vek.hardware_id().is_some(), kind == VekKind::Vcek);
            assert!(vek.serial().is_empty(), "serial number 0, as AMD's");
            let chain =
                |root| snp::chain::Chain { vek: &vek, intermediate: Some(intermediate), root };
            let authority = platform.authority().unwrap();
            let list = Crl::from_der(&authority.crl_der(&[]).unwrap()).unwrap();
            let explicit = ChainOptions {
                roots: snp::chain::Roots::Explicit(&ark),
                revocation: Revocation::Checked(&list),
                time: NOW,
            };
            let verified = chain(Some(&ark)).verify(&explicit).unwrap();
            assert!(!verified.is_under_amd_root());
            let revoked = match kind {
                VekKind::Vcek => Authority::ASK_SERIAL,
                VekKind::Vlek => Authority::ASVK_SERIAL,
            };
            let list = Crl::from_der(&authority.crl_der(&[revoked]).unwrap()).unwrap();
            let revocation = Revocation::Checked(&list);
            let error = chain(None).verify(&ChainOptions { revocation, ..explicit }).unwrap_err();
            let [(_, LinkError::Revoked { .. })] = error.failures().collect::<Vec<_>>()[..] else {
                panic!("{error}");
            };
            let pinned = ChainOptions {
                roots: snp::chain::Roots::Pinned { generations: &Generation::SNP },
                revocation: Revocation::NotChecked,
                time: NOW,
            };
            assert!(chain(Some(&ark)).verify(&pinned).is_err(), "{generation} under AMD's root");
            assert!(chain(None).verify(&pinned).is_err(), "{generation} under AMD's built-in key");
        }
    }
}

#[test]
fn the_table_that_a_host_hands_on() {
    let platform = lab::platform(Generation::Genoa);
    let authority = platform.authority().unwrap();
    for key in SigningKey::ALL {
        let table = platform.certificate_table(key).unwrap();
        let table = CertificateTable::parse(&table).unwrap();
        let vek = platform.vek_der(key).unwrap();
        let (found, other, intermediate) = match key {
            SigningKey::Vcek => (table.vcek(), table.vlek(), authority.ask_der()),
            SigningKey::Vlek => (table.vlek(), table.vcek(), authority.asvk_der()),
        };
        assert_eq!((found, other), (Some(&*vek), None));
        assert_eq!(table.ask(), Some(&*intermediate.unwrap()));
        assert_eq!(table.ark(), Some(&*authority.ark_der().unwrap()));
        assert_eq!(table.entries().len(), 3);
    }
}

#[test]
fn an_authority_is_for_one_generation() {
    let platform = Platform::new(Model::of(Generation::Milan), &[7; 32]);
    let error = platform.with_authority(lab::authority(Generation::Genoa)).unwrap_err();
    let (found, wanted) = (Generation::Genoa, Generation::Milan);
    assert_eq!(error, AuthorityError::Generation { found, wanted });
    let mut keys = lab::authority(Generation::Milan).keys();
    std::mem::swap(&mut keys.ark.p, &mut keys.ask.q);
    keys.ark.q = vec![4; 256].into();
    let error = Authority::from_keys(Generation::Milan, &keys).unwrap_err();
    assert_eq!(error, AuthorityError::NoKey);
    let small = lab::authority(Generation::Naples).keys();
    let error = Authority::from_keys(Generation::Rome, &small).unwrap_err();
    assert_eq!(error, AuthorityError::KeySize { found: 2048, wanted: 4096 });
}

// Keys of 2048 bits, since those of 4096 are searched for too long here.
#[test]
fn an_authority_follows_from_the_seed() {
    let platform = |byte| Platform::new(Model::of(Generation::Naples), &[byte; 32]);
    let (first, again) = (platform(3), platform(3));
    assert!(!first.to_bytes().windows(5).any(|line| line == b"ark 9"));
    let ark = first.authority().unwrap().sev_ark().unwrap();
    assert_eq!(again.authority().unwrap().sev_ark().unwrap(), ark);
    let chain = Chain::parse_full(&first.full_chain().unwrap()).unwrap();
    let root = CaCertificate::parse(&ark).unwrap();
    assert!(chain.verify(Roots::Explicit(&root), OcaRequirement::Any).verified().is_ok());
    let loaded = Platform::from_bytes(&first.to_bytes()).unwrap();
    assert_eq!(loaded.full_chain(), first.full_chain());
}

#[test]
fn debug_shows_no_secret() {
    let platform = lab::platform(Generation::Milan);
    let shown = format!("{platform:?} {:?}", platform.authority().unwrap().keys());
    let seed = "7, 7, 7";
    assert!(!shown.contains(seed) && shown.contains("Primes(..)"), "{shown}");
    let shown = format!("{:?}", platform.authority().unwrap());
    assert!(shown.contains("4096 bits, ..") && shown.len() < 300, "{shown}");
}
