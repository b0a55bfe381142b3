//! Launches of SEV-SNP on an AMD-SP in software, by their reports.

use serde_json::{Value, json};
use sev_launch_abi::PAGE_SIZE;
use sev_launch_platform::{Handle, PageType, Platform, SigningKey, SnpFinish};
use sev_launch_protocol::launch::Challenge;
use sev_launch_protocol::problem::Code;
use sev_launch_protocol::registration::Registration;
use sev_launch_protocol::text::{LaunchId, VmId};
use sev_launch_server::differs::{Cancel, Claimed, Reported, differs};
use sev_launch_server::judge::{Judgement, ReportRoots, ReportRules, Rules, report};
use sev_launch_testkit::expected::{self, Layout};
use sev_launch_testkit::firmware::FirmwareBuilder;
use sev_launch_verify::snp::certificate::CaCertificate;
use sha2::Digest as _;

use crate::lab::{Catalogue, platform, registration, sha256};

/// 2026-11-29, in unix seconds.
const NOW: u64 = 1_795_910_400;

/// Builds of AmdSev as edk2-stable202411 and newer have them: sections, each with its kind, in the test kit's words.
fn image() -> Vec<u8> {
    FirmwareBuilder::amd_sev().build()
}

fn base() -> Value {
    json!({
        "scheme": "amd-sev-snp", "policy": 0x3_0000, "cpu-count": [1, 2], "cpu": {"type": "EPYC-Milan"},
        "vmsa-profiles": "snp-qemu", "firmware-hashes": sha256(image()),
    })
}

fn roots(machine: &Platform) -> ReportRoots {
    let authority = machine.authority().unwrap();
    let [ark, ask] = [authority.ark_der(), authority.ask_der()]
        .map(|der| Box::new(CaCertificate::parse(&der.unwrap()).unwrap()));
    ReportRoots::Explicit { ark, ask }
}

/// QEMU's launch of the image without a kernel: what it hands over stands in `snp_populate_metadata_pages`.
fn launch(machine: &mut Platform, policy: u64, vcpus: u32) -> Handle {
    let guest = machine.snp_launch_start(policy).unwrap();
    let image = image();
    let mut gpa = (1_u64 << 32) - u64::try_from(image.len()).unwrap();
    let mut hand = |gpa, kind: PageType, page: &[u8]| {
        machine.snp_launch_update(guest, gpa, kind.number(), page).unwrap();
    };
    for page in image.chunks(PAGE_SIZE) {
        hand(gpa, PageType::Normal, page);
        gpa += 4096;
    }
    let zeros = [0; PAGE_SIZE];
    for section in sev_launch_testkit::firmware::AMD_SEV_SECTIONS {
        let (base, length) = (u64::from(section.base), u64::from(section.length));
        let kind = match section.base {
            0x0080_d000 => PageType::Secrets,
            0x0080_e000 => PageType::Cpuid,
            _ => PageType::Zero,
        };
        (0..length / 4096).for_each(|page| hand(base + page * 4096, kind, &zeros));
    }
    for page in expected::vmsa_pages(Layout::QemuFpu, 0x00a0_0f11, 1, 0x0080_b004, vcpus) {
        hand(0xffff_ffff_f000, PageType::Vmsa, &page);
    }
    machine.snp_launch_finish(guest, SnpFinish::PLAIN).unwrap();
    guest
}

fn challenge(nonce: u8) -> Challenge {
    Challenge {
        nonce: [nonce; 32],
        vmid: VmId::from_random([1; 16]),
        launch: LaunchId::from_random([2; 16]),
    }
}

/// A report and the chip's certificate.
type Evidence = ([u8; 1184], Vec<u8>);

fn judge(
    registration: &Registration,
    evidence: &Evidence,
    roots: &ReportRoots,
    time: u64,
) -> Judgement {
    let candidates = Catalogue::of(&[&image()]).candidates(registration).unwrap();
    let platform = &registration.platform;
    let rules = ReportRules { rules: Rules::of(registration), platform, roots, time };
    let selected = candidates.select(None, None).unwrap();
    report(&evidence.0, &evidence.1, &challenge(5), &selected, &rules)
}

/// Of evidence from elsewhere, for the plain registration.
pub(crate) fn judge_of(evidence: &Evidence, roots: &ReportRoots) -> Judgement {
    // 2024-01-01: the certificates of real machines are of 2022 and 2023, and good for seven years.
    judge(&registration(base(), json!({})), evidence, roots, 1_704_067_200)
}

struct Case {
    machine: Platform,
    guest: Handle,
    registration: Registration,
}

impl Case {
    fn new(more: Value, policy: u64, vcpus: u32) -> Self {
        let mut machine = platform(7);
        let guest = launch(&mut machine, policy, vcpus);
        Self { machine, guest, registration: registration(base(), more) }
    }

    fn reported(&mut self, vmpl: u32, data: &[u8; 64], key: SigningKey) -> ([u8; 1184], Vec<u8>) {
        (
            self.machine.report(self.guest, vmpl, data, key).unwrap(),
            self.machine.vek_der(key).unwrap(),
        )
    }

    fn judged(&self, evidence: &Evidence, roots: &ReportRoots, time: u64) -> Judgement {
        judge(&self.registration, evidence, roots, time)
    }

    /// With an honest guest's report.
    fn judge(&mut self) -> Judgement {
        let evidence = self.reported(0, &challenge(5).report_data(), SigningKey::Vcek);
        self.judged(&evidence, &roots(&self.machine), NOW)
    }
}

fn code(more: Value, policy: u64, vcpus: u32) -> Option<Code> {
    Case::new(more, policy, vcpus).judge().code()
}

#[test]
fn report_data_is_of_nonce_guest_and_launch() {
    let (vm, launch) = (VmId::from_random([1; 16]), LaunchId::from_random([2; 16]));
    let all = [&[5; 32][..], vm.as_bytes(), launch.as_bytes()].concat();
    assert_eq!(challenge(5).report_data(), <[u8; 64]>::from(sha2::Sha512::digest(all)));
}

#[test]
fn an_approved_launch_is_accepted() {
    let mut case = Case::new(json!({"platform": {"generations": ["milan"]}}), 0x3_0000, 2);
    let chip = case.machine.id();
    let Judgement::Accepted(accepted) = case.judge() else {
        panic!("not accepted: {:?}", case.judge())
    };
    assert!(accepted.proof.launch().is_none(), "SEV-SNP has no secret of a launch");
    let facts = accepted.facts;
    assert_eq!(
        facts.candidate.and_then(|one| one.facts().and_then(|facts| facts.cpu_count)),
        Some(2)
    );
    assert_eq!(
        (facts.chip_id, facts.generation.as_deref()),
        (Some(hex::encode(chip)), Some("Milan"))
    );
    assert!(facts.unmet.is_empty() && facts.simulated);
}

#[test]
fn machines_and_policies_that_are_not_allowed() {
    let chip = hex::encode(platform(7).id());
    let rules = |rules: Value| json!({"platform": rules});
    assert_eq!(
        code(rules(json!({"generations": ["genoa"]})), 0x3_0000, 1),
        Some(Code::GenerationNotAllowed)
    );
    assert_eq!(
        code(rules(json!({"deny-cpu-ids": [chip]})), 0x3_0000, 1),
        Some(Code::ChipNotAllowed)
    );
    assert_eq!(
        code(rules(json!({"cpu-ids": "ab".repeat(64)})), 0x3_0000, 1),
        Some(Code::ChipNotAllowed)
    );
    assert_eq!(code(rules(json!({"cpu-ids": chip})), 0x3_0000, 1), None);
    // The host may debug it; and one that is stricter than the owner said is another one too.
    assert_eq!(code(json!({}), 0xb_0000, 1), Some(Code::PolicyMismatch));
    assert_eq!(code(json!({}), 0x13_0000, 1), Some(Code::PolicyMismatch));
}

#[test]
fn another_launch_is_a_mismatch_whose_difference_is_named() {
    let mut case = Case::new(json!({}), 0x3_0000, 4);
    let Judgement::Mismatch { digest: Some(digest) } = case.judge() else { panic!("no mismatch") };
    let reported = Reported::Snp(digest.try_into().unwrap());
    let findings = differs(
        &case.registration,
        &Catalogue::of(&[&image()]).entries(),
        &Claimed::default(),
        &reported,
        &Cancel::new(),
    );
    assert_eq!(findings.explanations[0], ["vcpus: 4 instead of one of 1, 2"]);
}

#[test]
fn an_old_report_and_one_of_a_guest_s_user_are_refused() {
    let mut case = Case::new(json!({}), 0x3_0000, 1);
    let own = roots(&case.machine);
    let stale = case.reported(0, &challenge(4).report_data(), SigningKey::Vcek);
    let judged = case.judged(&stale, &own, NOW);
    assert!(matches!(&judged, Judgement::Unproven(_)), "it says nothing of this launch");
    assert_eq!(judged.code(), Some(Code::ReportRejected));
    let vmpl = case.reported(1, &challenge(5).report_data(), SigningKey::Vcek);
    let Judgement::Rejected(rejected) = case.judged(&vmpl, &own, NOW) else {
        panic!("not rejected")
    };
    assert_eq!(rejected.code, Code::ReportRejected);
    assert!(
        rejected.facts.unmet.iter().any(|unmet| unmet.starts_with("VMPL")),
        "{:?}",
        rejected.facts.unmet
    );
}

#[test]
fn forged_evidence_proves_nothing() {
    let mut case = Case::new(json!({}), 0x3_0000, 1);
    let own = roots(&case.machine);
    let good = case.reported(0, &challenge(5).report_data(), SigningKey::Vcek);
    let mut flipped = good.clone();
    flipped.0[0x90] ^= 1;
    let other = (good.0, platform(8).vek_der(SigningKey::Vcek).unwrap());
    for (evidence, roots, time, expected) in [
        (&flipped, &own, NOW, Code::ReportSignature),
        (&other, &own, NOW, Code::ReportSignature),
        (&good, &ReportRoots::Amd, NOW, Code::ChainSignature),
        (&good, &own, 0, Code::ChainSignature),
        (&(good.0, vec![0; 9]), &own, NOW, Code::ChainUsage),
    ] {
        let judged = case.judged(evidence, roots, time);
        assert!(
            matches!(&judged, Judgement::Unproven(problem) if problem.code == expected),
            "{judged:?}"
        );
    }
}

#[test]
fn a_policy_under_which_no_report_would_be_accepted_is_not_registered() {
    let agent = registration(base(), json!({"policy": 0x7_0000}));
    let problem = Catalogue::of(&[&image()]).candidates(&agent).expect_err("a migration agent");
    assert_eq!(problem.code, Code::PolicyInconsistent);
}
