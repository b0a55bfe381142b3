//! Chains of certificates: every known answer, every layout, every link.
//!
//! The known answers name certificate files of AMD and of other projects, which are not in this repository: they are judged
//! where `SEV_LAUNCH_VECTORS` names the folder, and said to be skipped where not. What the chains are judged on without it
//! is a throwaway one.

use sev_launch_abi::Generation;
use sev_launch_testkit::certs::vectors::{CertificateFiles, CertificateVectors, ChainVector};
use sev_launch_testkit::certs::{
    self, EcKey, RsaKey, RsaSize, Signer, algorithm, ca_certificate, ec_certificate, usage,
};
use sev_launch_testkit::sev_api::Expect;
use sev_launch_verify::outcome::Family;
use sev_launch_verify::sev::ca_certificate::{CaCertificate, CaCertificateError};
use sev_launch_verify::sev::certificate::{Algorithm, Certificate, CertificateError, Usage};
use sev_launch_verify::sev::chain::{
    Ca, Chain, ChainError, ChainVerdict, Check, Fault, Link, OcaRequirement, Platform, Roots,
};

const EVERY_GENERATION: Roots<'_> = Roots::Pinned { generations: &Generation::ALL };

// --- the known answers ---

/// The vectors' word for an error of a parser.
fn refused_bytes(error: ChainError) -> (String, &'static str) {
    assert_eq!(error.family(), Family::Malformed);
    let at = |place: Usage| place.to_string().to_lowercase();
    match error {
        ChainError::Usage { wanted, .. } => (at(wanted), "bad_usage"),
        ChainError::Certificate { place, error } => (
            at(place),
            match error {
                CertificateError::Length { .. } => "bad_length",
                CertificateError::Version { .. } => "bad_version",
                CertificateError::Reserved { .. } => "nonzero_reserved",
                CertificateError::Usage { .. } => "bad_usage",
                CertificateError::KeyAlgorithm { .. } => "bad_algo",
                CertificateError::Curve { .. } => "bad_curve",
                CertificateError::Point(_) => "bad_point",
                CertificateError::EmptySlot { .. } => "bad_signature_slot",
                CertificateError::SignatureRange { .. } => "bad_signature",
                other => panic!("{other}"),
            },
        ),
        ChainError::CaCertificate { place, error } => (
            at(place),
            match error {
                CaCertificateError::Length { .. } => "bad_length",
                CaCertificateError::Version { .. } => "bad_version",
                CaCertificateError::Reserved { .. } => "nonzero_reserved",
                other => panic!("{other}"),
            },
        ),
        other => panic!("{other}"),
    }
}

/// The vectors' word for a fault.
fn refused_chain(check: Check, fault: Fault) -> (String, &'static str) {
    let at = |place: Usage| place.to_string().to_lowercase();
    let check = check.to_string().to_lowercase().replace(' ', "");
    match fault {
        Fault::UntrustedRoot { .. } | Fault::Generation { .. } => ("ark".into(), "untrusted_root"),
        Fault::UntrustedOwner { .. } => ("oca".into(), "untrusted_owner"),
        Fault::MissingSignature { subject, .. } => (at(subject), "missing_signature"),
        Fault::Algorithm { .. } => (check, "bad_algo"),
        Fault::CertifyingId { .. } => (check, "wrong_signer_id"),
        Fault::Signature => (check, "bad_signature"),
        // The vectors have no word for these.
        other => {
            (check, if matches!(other, Fault::DoubleSignature { .. }) { "twice" } else { "stray" })
        }
    }
}

/// Everything that is wrong with a vector's chain.
fn judge(files: &CertificateFiles, vector: &ChainVector) -> Vec<(String, &'static str)> {
    let [pdh, pek, oca, cek, ask, ark] = files.changed_chain(vector);
    let root = match vector.pinned_ark.as_deref() {
        Some(lab) if lab.starts_with("syn") => {
            Some(CaCertificate::parse(&files.certificate(lab, "ark")).expect("it is right"))
        }
        _ => None,
    };
    let generations = match vector.pinned_ark.as_deref() {
        Some("naples") => &[Generation::Naples][..],
        Some("rome") => &[Generation::Rome],
        Some(_) => &[],
        None => &Generation::ALL,
    };
    let roots = root.as_ref().map_or(Roots::Pinned { generations }, Roots::Explicit);
    let owner = (vector.pinned_oca.as_ref())
        .map(|base| Certificate::parse(&files.certificate(base, "oca")).expect("it is right"));
    let owner = owner.as_ref().map_or(OcaRequirement::Any, |oca| OcaRequirement::Key(oca.point()));
    let parsed = Ca::parse_files(&ask, &ark).and_then(|ca| {
        Platform::parse_files(&pdh, &pek, &oca, &cek).map(|platform| Chain::new(platform, ca))
    });
    let chain = match parsed {
        Ok(chain) => chain,
        Err(error) => return vec![refused_bytes(error)],
    };
    let verdict = chain.verify(roots, owner);
    assert_eq!(verdict.outcomes().len(), 9, "{}", vector.name);
    match verdict.verified() {
        Ok(pdh) => {
            assert_eq!(pdh.point(), chain.platform().pdh().point());
            vec![]
        }
        Err(refused) => {
            refused.faults().iter().map(|(check, fault)| refused_chain(*check, *fault)).collect()
        }
    }
}

#[test]
fn chains_of_the_suite() {
    let suite = CertificateVectors::read();
    let vectors = suite.sev_chain;
    assert_eq!((vectors.len(), suite.sev_chain_mutation_ops.len()), (64, 8));
    assert_eq!(vectors.iter().filter(|vector| vector.expect == Expect::Accept).count(), 8);
    let Some(files) = CertificateFiles::folder() else { return };
    for vector in &vectors {
        let found = judge(&files, vector);
        match (&vector.reject_at, &vector.reason) {
            (Some(at), Some(reason)) => {
                assert_eq!(vector.expect, Expect::Reject);
                let wanted = (at.clone(), reason.as_str());
                assert!(found.contains(&wanted), "{}: {found:?}, wanted {wanted:?}", vector.name);
            }
            _ => assert!(found.is_empty(), "{}: {found:?}", vector.name),
        }
    }
    println!("{} chains judged", vectors.len());
}

#[test]
fn chain_files_of_the_suite() {
    let vectors = CertificateVectors::read().chain_files;
    assert_eq!(vectors.len(), 4);
    let Some(files) = CertificateFiles::folder() else { return };
    for vector in vectors {
        let full = files.chain(&vector.name).concat();
        let chain = Chain::parse_full(&full).unwrap();
        let export = chain.platform().to_export();
        assert_eq!((export.len(), chain.to_full().len()), (vector.sev_len, vector.full_len));
        assert_eq!(sha256(&export), *vector.sev_sha256);
        assert_eq!(sha256(&chain.to_full()), *vector.full_sha256);
        assert_eq!(chain.to_full(), full);
        every_layout(&chain);
    }
}

#[test]
fn the_generation_is_found_by_the_cek() {
    let Some(files) = CertificateFiles::folder() else { return };
    for (base, generation) in [("naples", Generation::Naples), ("rome", Generation::Rome)] {
        let given = Chain::parse_full(&files.chain(base).concat()).unwrap();
        let found = Chain::under_amd(given.platform().clone()).unwrap();
        assert_eq!(found, given);
        let pdh = found.verify(EVERY_GENERATION, OcaRequirement::Any).verified().unwrap();
        assert_eq!(pdh.generation(), Some(generation));
        // Naples, Rome: a generation that is not on the list is refused, with its name.
        let others: Vec<_> = Generation::ALL.into_iter().filter(|one| *one != generation).collect();
        let refused =
            found.verify(Roots::Pinned { generations: &others }, OcaRequirement::Any).verified();
        let fault = Fault::Generation { found: generation };
        assert_eq!(refused.unwrap_err().faults(), [(Check::Root, fault)]);
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    <sha2::Sha256 as sha2::Digest>::digest(bytes).into()
}

// --- layouts ---

/// Every layout reads back what was written, and nothing with a byte more or less.
fn every_layout(chain: &Chain) {
    let platform = chain.platform();
    let (export, host) = (platform.to_export(), platform.to_host_chain());
    let (ca, full) = (chain.ca().to_bytes(), chain.to_full());
    let pdh = platform.pdh().as_bytes();
    assert_eq!(Platform::parse_export(&export).as_ref(), Ok(platform));
    assert_eq!(Platform::parse_host(&host, pdh).as_ref(), Ok(platform));
    assert_eq!(Ca::parse(&ca).as_ref(), Ok(chain.ca()));
    assert_eq!(Chain::parse_full(&full).as_ref(), Ok(chain));
    let wrong = |bytes: &[u8]| {
        let longer = [bytes, &[0]].concat();
        let doubled = [bytes, bytes].concat();
        [bytes[..bytes.len() - 1].to_vec(), bytes[1..].to_vec(), longer, doubled, vec![]]
    };
    for bytes in wrong(&export) {
        assert!(matches!(Platform::parse_export(&bytes), Err(ChainError::Length { .. })));
    }
    for bytes in wrong(&host) {
        assert!(matches!(Platform::parse_host(&bytes, pdh), Err(ChainError::Length { .. })));
    }
    for bytes in wrong(&ca) {
        assert!(matches!(Ca::parse(&bytes), Err(ChainError::Length { .. })));
    }
    for bytes in wrong(&full) {
        assert!(matches!(Chain::parse_full(&bytes), Err(ChainError::Length { .. })));
    }
    for bytes in wrong(pdh) {
        let refused = Platform::parse_host(&host, &bytes).expect_err("another length");
        assert_eq!(refused_bytes(refused), ("pdh".into(), "bad_length"));
    }
}

#[test]
fn layouts_of_a_throwaway_chain() {
    for size in [RsaSize::Bits2048, RsaSize::Bits4096] {
        let platform = certs::Platform::new(size, "layouts");
        let chain = chain(&platform);
        assert_eq!(chain.platform().to_export(), platform.export());
        assert_eq!(chain.platform().to_host_chain(), platform.host_chain());
        assert_eq!((chain.to_full(), chain.ca().to_bytes()), (platform.full(), platform.ca()));
        every_layout(&chain);
    }
}

#[test]
fn an_order_of_another_tool_is_refused() {
    let made = certs::Platform::new(RsaSize::Bits2048, "order");
    let files = [&made.pdh, &made.pek, &made.oca, &made.cek].map(Vec::as_slice);
    let usages = [Usage::Pdh, Usage::Pek, Usage::Oca, Usage::Cek];
    for (a, b) in [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)] {
        let mut order = files;
        order.swap(a, b);
        // The place nearer to the root is looked at first.
        let wanted = ChainError::Usage { wanted: usages[b], found: usages[a] };
        assert_eq!(Platform::parse_export(&order.concat()), Err(wanted));
    }
    let exchanged = [made.ark.as_slice(), &made.ask].concat();
    let wanted = ChainError::Usage { wanted: Usage::Ark, found: Usage::Ask };
    assert_eq!(Ca::parse(&exchanged), Err(wanted));
    assert_eq!(Chain::parse_full(&[made.export(), exchanged].concat()), Err(wanted));
}

// --- a throwaway chain ---

fn chain(made: &certs::Platform) -> Chain {
    Chain::parse_full(&made.full()).expect("it is well formed")
}

fn verify_under_own_root(made: &certs::Platform) -> ChainVerdict {
    let chain = chain(made);
    let root = chain.ca().ark().clone();
    chain.verify(Roots::Explicit(&root), OcaRequirement::Any)
}

/// The faults of a chain under its own root.
fn faults(made: &certs::Platform) -> Vec<(Check, Fault)> {
    verify_under_own_root(made)
        .verified()
        .map_or_else(|refused| refused.faults().to_vec(), |_| vec![])
}

fn link(signer: Usage, subject: Usage) -> Check {
    Check::Link(Link { signer, subject })
}

#[test]
fn a_throwaway_chain_passes_under_its_own_root_only() {
    for size in [RsaSize::Bits2048, RsaSize::Bits4096] {
        let made = certs::Platform::new(size, "roots");
        let verdict = verify_under_own_root(&made);
        let pdh = verdict.verified().unwrap();
        assert_eq!(pdh.point().to_coordinates(), made.pdh_key.coordinates().into());
        assert_eq!((pdh.generation(), pdh.owner().expected), (None, false));
        let pek = verdict.verified_pek().unwrap();
        assert_eq!(pek.point().to_coordinates(), made.pek_key.coordinates().into());

        let chain = chain(&made);
        let verdict = chain.verify(EVERY_GENERATION, OcaRequirement::Any);
        let fault = Fault::UntrustedRoot { found: *chain.ca().ark().key_id() };
        let refused = verdict.verified().unwrap_err();
        assert_eq!(refused.faults(), [(Check::Root, fault)]);
        assert_eq!((refused.family(), fault.family()), (Family::Rejected, Family::Rejected));
        assert!(verdict.verified_pek().is_err());

        // AMD's root does not vouch for it, a list without a generation for nothing.
        for generation in Generation::ALL {
            let ark = Ca::amd(generation).unwrap().ark().clone();
            assert!(chain.verify(Roots::Explicit(&ark), OcaRequirement::Any).verified().is_err());
        }
        let none = Roots::Pinned { generations: &[] };
        assert!(chain.verify(none, OcaRequirement::Any).verified().is_err());
        assert_eq!(Chain::under_amd(chain.platform().clone()), None);
    }
}

#[test]
fn a_root_with_a_known_id_and_another_key_is_refused() {
    let mut made = certs::Platform::new(RsaSize::Bits4096, "id");
    let amd = Ca::amd(Generation::Milan).unwrap();
    let (ark_id, ask_id) = (*amd.ark().key_id(), *amd.ask().key_id());
    let [ark, ask] = [RsaKey::ark(RsaSize::Bits4096), RsaKey::ask(RsaSize::Bits4096)];
    made.ark = ca_certificate(usage::ARK, ark_id, &ark, ark_id, &ark);
    made.ask = ca_certificate(usage::ASK, ask_id, &ask, ark_id, &ark);
    assert_eq!(faults(&made), []);
    let verdict = chain(&made).verify(EVERY_GENERATION, OcaRequirement::Any);
    let fault = Fault::UntrustedRoot { found: ark_id };
    assert_eq!(verdict.verified().unwrap_err().faults(), [(Check::Root, fault)]);
    let under_amd = chain(&made).verify(Roots::Explicit(amd.ark()), OcaRequirement::Any);
    assert_eq!(under_amd.verified().unwrap_err().faults(), [(Check::Root, fault)]);
}

#[test]
fn a_certifying_id_is_compared_whole() {
    let mut made = certs::Platform::new(RsaSize::Bits2048, "id");
    let [ark, ask] = [RsaKey::ark(RsaSize::Bits2048), RsaKey::ask(RsaSize::Bits2048)];
    let wanted = *b"throwaway ARK id";
    for at in 0..16 {
        let mut found = wanted;
        found[at] ^= 0x80;
        made.ask = ca_certificate(usage::ASK, *b"throwaway ASK id", &ask, found, &ark);
        let fault = Fault::CertifyingId { found, wanted };
        assert_eq!(faults(&made), [(link(Usage::Ark, Usage::Ask), fault)]);
    }
}

#[test]
fn the_expected_owner_is_told_by_key_or_by_hash() {
    let made = certs::Platform::new(RsaSize::Bits2048, "one owner");
    let other = chain(&certs::Platform::new(RsaSize::Bits2048, "another owner"));
    let chain = chain(&made);
    let root = chain.ca().ark().clone();
    let verified = |owner| chain.verify(Roots::Explicit(&root), owner).verified();
    let (oca, other) = (chain.platform().oca(), other.platform().oca());
    let hash = sha256(&made.oca[0x10..0x414]);
    assert_eq!(hash, oca.key_sha256());
    for owner in [OcaRequirement::Key(oca.point()), OcaRequirement::KeySha256(&hash)] {
        let found = verified(owner).unwrap().owner();
        assert_eq!((found.key_sha256, found.expected), (hash, true));
    }
    let fault = Fault::UntrustedOwner { found: hash };
    for owner in
        [OcaRequirement::Key(other.point()), OcaRequirement::KeySha256(&other.key_sha256())]
    {
        assert_eq!(verified(owner).unwrap_err().faults(), [(Check::Owner, fault)]);
    }
}

#[test]
fn every_fault_is_reported() {
    // The certificates of two machines, mixed: nothing but the self-signed ones and the roots hold.
    let mut made = certs::Platform::new(RsaSize::Bits2048, "one");
    let other = certs::Platform::new(RsaSize::Bits2048, "other");
    made.pek = other.pek;
    made.cek[0x41c] ^= 1;
    let chain = chain(&made);
    let verdict = chain.verify(EVERY_GENERATION, OcaRequirement::KeySha256(&[0; 32]));
    let checks: Vec<_> = verdict.outcomes().iter().map(|outcome| outcome.check).collect();
    assert_eq!(checks[..2], [Check::Root, Check::Owner]);
    assert_eq!(checks[2..], Link::ALL.map(Check::Link));
    let refused = verdict.verified().unwrap_err();
    let failed: Vec<_> = refused.faults().iter().map(|(check, _)| check.to_string()).collect();
    let wanted =
        ["root", "owner", "ASK -> CEK", "OCA -> PEK", "CEK -> PEK", "PEK -> PDH"].map(String::from);
    assert_eq!(failed, wanted);
    let text = verdict.to_string();
    assert_eq!(text.lines().count(), 9);
    assert!(text.contains("ARK -> ARK: yes\n") && text.contains("OCA -> OCA: yes\n"), "{text}");
    assert!(text.ends_with("PEK -> PDH: no, the signature is wrong"), "{text}");
    assert!(refused.to_string().starts_with("the chain is refused: root: the ARK with key id"));
}

#[test]
fn signatures_are_found_by_usage_and_must_all_be_needed() {
    let made = certs::Platform::new(RsaSize::Bits2048, "slots");
    let owner = Signer::Ec(usage::OCA, &made.oca_key);
    let chip = Signer::Ec(usage::CEK, &made.cek_key);
    let endorsement = Signer::Ec(usage::PEK, &made.pek_key);
    let point = made.pek_key.coordinates();
    let pek = |signers: &[Signer<'_>]| certs::Platform {
        pek: ec_certificate(usage::PEK, algorithm::ECDSA_SHA256, &point, signers),
        ..made.clone()
    };
    let (oca_pek, cek_pek) = (link(Usage::Oca, Usage::Pek), link(Usage::Cek, Usage::Pek));
    let missing = |signer| Fault::MissingSignature { signer, subject: Usage::Pek };
    let double = |signer| Fault::DoubleSignature { signer, subject: Usage::Pek };
    let stray = Fault::StraySignature { found: Usage::Pek, subject: Usage::Pek };
    assert_eq!(faults(&pek(&[chip, owner])), []);
    assert_eq!(faults(&pek(&[owner])), [(cek_pek, missing(Usage::Cek))]);
    assert_eq!(faults(&pek(&[chip])), [(oca_pek, missing(Usage::Oca))]);
    let none = [(oca_pek, missing(Usage::Oca)), (cek_pek, missing(Usage::Cek))];
    assert_eq!(faults(&pek(&[])), none);
    let twice = [(oca_pek, double(Usage::Oca)), (cek_pek, missing(Usage::Cek))];
    assert_eq!(faults(&pek(&[owner, owner])), twice);
    let self_signed = [(oca_pek, stray), (cek_pek, missing(Usage::Cek))];
    assert_eq!(faults(&pek(&[owner, endorsement])), self_signed);

    // A signature that is right, of a key that signs no PDH, beside the one that is needed.
    let pdh = |signers: &[Signer<'_>]| certs::Platform {
        pdh: ec_certificate(
            usage::PDH,
            algorithm::ECDH_SHA256,
            &made.pdh_key.coordinates(),
            signers,
        ),
        ..made.clone()
    };
    let pek_pdh = link(Usage::Pek, Usage::Pdh);
    let stray = Fault::StraySignature { found: Usage::Cek, subject: Usage::Pdh };
    assert_eq!(faults(&pdh(&[endorsement, chip])), [(pek_pdh, stray)]);
    let missing = Fault::MissingSignature { signer: Usage::Pek, subject: Usage::Pdh };
    assert_eq!(faults(&pdh(&[chip])), [(pek_pdh, missing)]);
    assert_eq!(faults(&pdh(&[owner])), [(pek_pdh, missing)]);
    // Another key than the slot claims.
    let liar = Signer::Ec(usage::PEK, &made.cek_key);
    assert_eq!(faults(&pdh(&[liar])), [(pek_pdh, Fault::Signature)]);

    // An ARK that signs a CEK in the ASK's place.
    let ark = RsaKey::ark(RsaSize::Bits2048);
    let cek = certs::Platform {
        cek: ec_certificate(
            usage::CEK,
            algorithm::ECDSA_SHA256,
            &made.cek_key.coordinates(),
            &[Signer::Rsa(&ark)],
        ),
        ..made.clone()
    };
    assert_eq!(faults(&cek), [(link(Usage::Ask, Usage::Cek), Fault::Signature)]);

    // A CEK that also signed itself.
    let ask = RsaKey::ask(RsaSize::Bits2048);
    let coordinates = made.cek_key.coordinates();
    let signers = [Signer::Rsa(&ask), chip];
    let cek = ec_certificate(usage::CEK, algorithm::ECDSA_SHA256, &coordinates, &signers);
    let stray = Fault::StraySignature { found: Usage::Cek, subject: Usage::Cek };
    let twice = certs::Platform { cek, ..made };
    assert_eq!(faults(&twice), [(link(Usage::Ask, Usage::Cek), stray)]);
}

#[test]
fn an_exported_cek_is_replaced_by_the_signed_one() {
    let made = certs::Platform::new(RsaSize::Bits4096, "exported");
    let mut exported = made.clone();
    exported.cek =
        ec_certificate(usage::CEK, algorithm::ECDSA_SHA256, &made.cek_key.coordinates(), &[]);
    let missing = Fault::MissingSignature { signer: Usage::Ask, subject: Usage::Cek };
    assert_eq!(faults(&exported), [(link(Usage::Ask, Usage::Cek), missing)]);
    let platform = chain(&exported).platform().clone();
    let signed = Certificate::parse(&made.cek).unwrap();
    assert_eq!(&platform.clone().with_cek(signed).unwrap(), chain(&made).platform());
    let pdh = Certificate::parse(&made.pdh).unwrap();
    let wrong = ChainError::Usage { wanted: Usage::Cek, found: Usage::Pdh };
    assert_eq!(platform.with_cek(pdh), Err(wrong));
}

#[test]
fn an_algorithm_of_the_other_key_size_is_refused() {
    // A CEK signed by a 4096-bit ASK, under a 2048-bit one.
    let made = certs::Platform::new(RsaSize::Bits2048, "sizes");
    let large = certs::Platform::new(RsaSize::Bits4096, "sizes");
    let mixed = certs::Platform { cek: large.cek, ..made };
    let fault = Fault::Algorithm { found: Algorithm::RsaSha384, wanted: Algorithm::RsaSha256 };
    assert_eq!(faults(&mixed), [(link(Usage::Ask, Usage::Cek), fault)]);
}

#[test]
fn an_owner_that_did_not_sign_the_pek_is_refused() {
    let made = certs::Platform::new(RsaSize::Bits2048, "machine");
    let thief = EcKey::from_seed("thief");
    let oca = ec_certificate(
        usage::OCA,
        algorithm::ECDSA_SHA256,
        &thief.coordinates(),
        &[Signer::Ec(usage::OCA, &thief)],
    );
    let swapped = certs::Platform { oca, ..made };
    assert_eq!(faults(&swapped), [(link(Usage::Oca, Usage::Pek), Fault::Signature)]);
}

#[test]
fn a_salt_of_another_length_is_refused() {
    for (size, right) in [(RsaSize::Bits2048, 32), (RsaSize::Bits4096, 48)] {
        let mut made = certs::Platform::new(size, "salt");
        let key = RsaKey::ark(size);
        let signed = made.ask.len() - key.modulus().len();
        for salt in [0, 20, 31, 32, 33, 47, 48, 49, 64] {
            let signature = key.sign_with_salt(&made.ask[..signed], salt);
            made.ask[signed..].copy_from_slice(&signature);
            let wrong = (link(Usage::Ark, Usage::Ask), Fault::Signature);
            let wanted = if salt == right { vec![] } else { vec![wrong] };
            assert_eq!(faults(&made), wanted, "{size:?} with a salt of {salt} bytes");
        }
    }
}

#[test]
fn pinned_roots_need_no_file_of_amd() {
    // The certificates that are put together from numbers are a root for a lab too, and print what they are.
    for generation in Generation::ALL {
        let ca = Ca::amd(generation).unwrap();
        assert_eq!(Ca::parse(&ca.to_bytes()).as_ref(), Ok(&ca));
        assert_eq!((ca.ark().usage(), ca.ask().usage()), (Usage::Ark, Usage::Ask));
        assert_eq!(ca.ask().certifying_id(), ca.ark().key_id());
    }
}

#[test]
fn a_chain_prints_every_certificate_from_the_root_down() {
    let machine = certs::Platform::new(RsaSize::Bits2048, "printed");
    let text = Chain::parse_full(&machine.full()).expect("a chain").to_string();
    let platform = Platform::parse_export(&machine.export()).expect("a platform");
    let (ark, pdh) = (CaCertificate::parse(&machine.ark).expect("an ARK"), platform.pdh());
    assert!(text.starts_with(&ark.to_string()), "{text}");
    assert!(text.ends_with(&pdh.to_string()), "{text}");
    for one in [platform.cek(), platform.oca(), platform.pek()] {
        assert!(text.contains(&one.to_string()), "{text}");
    }
}
