//! Which machines get a session. Chains are made by the AMD-SP in software, whose certificates the verify crate's own tests hold against sevctl's.

use serde_json::{Value, json};
use sev_launch_platform::Platform;
use sev_launch_protocol::problem::Code;
use sev_launch_protocol::registration::Registration;
use sev_launch_server::platform::{Proven, Prover, Roots, check_rules};
use sev_launch_verify::sev::certificate::SIZE;

use crate::lab::{
    base64, held, oca, platform, prove, registration, request, roots, sev_base, sha256,
};

fn with_platform(rules: Value) -> Registration {
    registration(sev_base(), json!({"platform": rules}))
}

fn any() -> Registration {
    registration(sev_base(), json!({}))
}

fn code(proven: Result<Proven, sev_launch_protocol::problem::Problem>) -> Code {
    proven.expect_err("it is refused").code
}

#[test]
fn all_four_forms_prove_the_same_platform() {
    let machine = platform(7);
    let (roots, ceks, registration) = (roots(&machine), held(&machine), any());
    let prover = Prover { roots: &roots, ceks: &ceks };
    let host = machine.pdh_cert_export().unwrap();
    let signed = [&machine.export()[..3 * SIZE], &machine.signed_cek().unwrap()].concat();
    let id = Some(machine.id());
    let proven: Vec<Proven> = [
        request(host.chain.to_vec(), Some(&host.pdh), id),
        request(machine.export(), None, id),
        request(signed.clone(), Some(&host.pdh), id),
        request(machine.full_chain().unwrap(), None, id),
    ]
    .iter()
    .map(|request| prover.prove(request, &registration).expect("proven"))
    .collect();
    assert!(proven.iter().all(|one| one.facts == proven[0].facts && one.pdh == proven[0].pdh));
    let facts = &proven[0].facts;
    assert_eq!(facts.chain_sha256.to_string(), sha256(&signed));
    assert_eq!(facts.owner_sha256.to_string(), sha256(&oca(&machine)[0x10..0x10 + 1028]));
    assert_eq!(facts.cpu_id.map(|id| id.0), id);
    assert!(facts.simulated && facts.generation.is_none());
    let text = serde_json::to_string(facts).unwrap();
    assert_eq!(
        serde_json::from_str::<sev_launch_server::platform::PlatformFacts>(&text).unwrap(),
        *facts
    );
}

// attestation-service.md, 1.1: a chain with home-made roots passed virtee's `Chain::verify`, and simple-kbs released its secret.
#[test]
fn a_home_made_root_is_none_of_amd() {
    let machine = platform(7);
    let full = machine.full_chain().unwrap();
    assert_eq!(
        code(prove(&Roots::Amd, &request(full.clone(), None, None), &any())),
        Code::ChainRoot
    );
    // Without the roots in it, it is no better.
    assert_eq!(
        code(prove(&Roots::Amd, &request(full[..4 * SIZE].to_vec(), None, None), &any())),
        Code::ChainRoot
    );
    // Under AMD's names: the CA files of AMD before the lab's CEK.
    let amd = sev_launch_verify::sev::chain::Ca::amd(sev_launch_abi::Generation::Milan)
        .unwrap()
        .to_bytes();
    let dressed = [&full[..4 * SIZE], &amd].concat();
    assert_eq!(
        code(prove(&Roots::Amd, &request(dressed.clone(), None, None), &any())),
        Code::ChainSignature
    );
    assert_eq!(
        code(prove(&roots(&machine), &request(dressed, None, None), &any())),
        Code::ChainRoot
    );
}

#[test]
fn an_unsigned_cek_needs_the_operator_s() {
    let (machine, other) = (platform(7), platform(8));
    let roots = roots(&machine);
    let refused = |sent: Option<[u8; 64]>, held: &dyn sev_launch_server::platform::Ceks| {
        Prover { roots: &roots, ceks: held }
            .prove(&request(machine.export(), None, sent), &any())
            .expect_err("unsigned")
    };
    let own = held(&machine);
    let cases = [
        (refused(None, &own), "send `cpu-id`"),
        (refused(Some(other.id()), &own), "holds no signed CEK"),
        (refused(Some(other.id()), &held(&other)), "another key"),
    ];
    for (problem, said) in cases {
        assert_eq!(problem.code, Code::ChainSignature);
        assert!(problem.detail.as_ref().unwrap().contains(said), "{problem:?}");
    }
}

/// The place of a certificate's slot of this usage: two slots of 520 bytes follow the 1044 that are signed. [SEV-API, certificates]
pub(crate) fn slot(certificate: &[u8], usage: u32) -> usize {
    [1044, 1564]
        .into_iter()
        .find(|at| certificate[*at..*at + 4] == usage.to_le_bytes())
        .expect("such a slot")
}

fn changed(machine: &Platform, change: impl Fn(&mut [u8])) -> Vec<u8> {
    let mut chain = machine.full_chain().unwrap();
    change(&mut chain);
    chain
}

#[test]
fn every_signature_counts() {
    let (machine, other) = (platform(7), platform(8));
    let roots = roots(&machine);
    let refused =
        |chain, pdh: Option<&[u8]>| code(prove(&roots, &request(chain, pdh, None), &any()));
    // CEK's signature broken.
    let broken = changed(&machine, |chain| {
        let cek = &mut chain[3 * SIZE..4 * SIZE];
        let at = slot(cek, 0x13);
        cek[at + 8 + 100] ^= 1;
    });
    assert_eq!(refused(broken, None), Code::ChainSignature);
    // The PEK signed by the OCA only.
    let half = changed(&machine, |chain| {
        let pek = &mut chain[SIZE..2 * SIZE];
        let at = slot(pek, 0x1004);
        pek[at..at + 520].fill(0);
        pek[at..at + 4].copy_from_slice(&0x1000_u32.to_le_bytes());
    });
    assert_eq!(refused(half, None), Code::ChainSignature);
    // The PDH of another machine, in the chain, and beside it.
    let pdh = other.pdh_cert_export().unwrap().pdh;
    let signed = [&machine.export()[SIZE..3 * SIZE], &machine.signed_cek().unwrap()].concat();
    assert_eq!(refused(signed, Some(&pdh)), Code::ChainSignature);
    assert_eq!(refused(machine.full_chain().unwrap(), Some(&pdh)), Code::ChainUsage);
    // Another's order, and lengths that none has.
    let swapped = changed(&machine, |chain| chain[SIZE..3 * SIZE].rotate_left(SIZE));
    assert_eq!(refused(swapped, None), Code::ChainUsage);
    for length in [0, 1, SIZE, 3 * SIZE + 1, 8335, 10_000, 11_535] {
        let chain = machine.full_chain().unwrap()[..length].to_vec();
        assert_eq!(refused(chain, None), Code::ChainUsage, "{length}");
    }
}

#[test]
fn owners_are_those_that_are_registered() {
    let (machine, other) = (platform(7), platform(8));
    let roots = roots(&machine);
    let request = request(machine.full_chain().unwrap(), None, None);
    let both = with_platform(json!({"cloud-certs": [base64(oca(&other)), base64(oca(&machine))]}));
    assert!(prove(&roots, &request, &both).is_ok());
    let one = with_platform(json!({"cloud-certs": [base64(oca(&other))]}));
    assert_eq!(code(prove(&roots, &request, &one)), Code::ChainOwner);
    assert_eq!(check_rules(&both), Ok(()));
    // A PEK is no owner, and nothing is no certificate: refused when registered, and never matched.
    for wrong in [machine.export()[SIZE..2 * SIZE].to_vec(), vec![0; SIZE]] {
        let rules = with_platform(json!({"cloud-certs": [base64(wrong)]}));
        assert_eq!(check_rules(&rules).expect_err("no owner").code, Code::Schema);
        assert_eq!(code(prove(&roots, &request, &rules)), Code::ChainOwner);
    }
}

#[test]
fn lists_of_machines_demand_a_proven_id() {
    let (machine, other) = (platform(7), platform(8));
    let (roots, own) = (roots(&machine), held(&machine));
    let (mine, others) = (hex::encode(machine.id()), hex::encode(other.id()));
    let full = machine.full_chain().unwrap();
    let with_id = request(full.clone(), None, Some(machine.id()));
    let prover = Prover { roots: &roots, ceks: &own };
    let allow = with_platform(json!({"any-owner": true, "cpu-ids": [mine.clone()]}));
    assert!(prover.prove(&with_id, &allow).is_ok());
    // A claim alone proves nothing.
    assert_eq!(code(prove(&roots, &with_id, &allow)), Code::ChipNotAllowed);
    assert_eq!(
        code(prover.prove(&request(full.clone(), None, None), &allow)),
        Code::ChipNotAllowed
    );
    let deny = with_platform(json!({"any-owner": true, "deny-cpu-ids": [mine]}));
    assert_eq!(code(prover.prove(&with_id, &deny)), Code::ChipNotAllowed);
    // A denied machine that names another's id, or none.
    for id in [Some(other.id()), None] {
        let request = request(full.clone(), None, id);
        assert_eq!(code(prover.prove(&request, &deny)), Code::ChipNotAllowed);
    }
    let elsewhere = with_platform(json!({"any-owner": true, "cpu-ids": [others.clone()]}));
    assert_eq!(code(prover.prove(&with_id, &elsewhere)), Code::ChipNotAllowed);
    let fine = with_platform(json!({"any-owner": true, "deny-cpu-ids": [others]}));
    assert!(prover.prove(&with_id, &fine).is_ok());
}

#[test]
fn no_generation_is_proven_under_a_lab_s_root() {
    let machine = platform(7);
    let rules = with_platform(json!({"any-owner": true, "generations": ["milan"]}));
    let proven =
        prove(&roots(&machine), &request(machine.full_chain().unwrap(), None, None), &rules);
    assert_eq!(code(proven), Code::GenerationNotAllowed);
}

#[test]
fn what_is_missing_is_named() {
    let machine = platform(7);
    let mut without = request(Vec::new(), None, None);
    without.cert_chain = None;
    let problem = prove(&roots(&machine), &without, &any()).expect_err("no chain");
    assert_eq!((problem.code, problem.errors[0].pointer.as_str()), (Code::Schema, "#/cert-chain"));
    let chain = machine.pdh_cert_export().unwrap().chain.to_vec();
    let problem = prove(&roots(&machine), &request(chain, None, None), &any()).expect_err("no PDH");
    assert_eq!((problem.code, problem.errors[0].pointer.as_str()), (Code::Schema, "#/pdh"));
}
