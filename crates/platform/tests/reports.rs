//! SNP reports of the platform, as `sev-launch-verify` judges them: every version, both keys, ID blocks, what the host configures.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "generators/lab.rs"]
mod lab;

use sev_launch_abi::snp::{LaunchDigest, Policy, TcbVersion};
use sev_launch_abi::{Generation, Technology};
use sev_launch_platform::{Handle, Platform, SigningKey, SnpConfig, SnpFinish, Status};
use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};
use sev_launch_verify::requirement::{Bytes, Requirement};
use sev_launch_verify::snp::certificate::{CaCertificate, Vek, VekKind};
use sev_launch_verify::snp::chain::{Chain, ChainOptions, Revocation, Roots};
use sev_launch_verify::snp::id_block::{IdAuth, IdBlock, IdPrivateKey};
use sev_launch_verify::snp::report::{
    ReportError, ReportOptions, UnverifiedReport, VerifiedReport,
};
use sev_launch_verify::snp::requirements::{
    Generations, Requirements, TcbRequirements, VmplRequirement,
};

const POLICY: u64 = 0x3_0000;
const DATA: [u8; 64] = [0x44; 64];

fn launched(platform: &mut Platform, finish: SnpFinish<'_>) -> Handle {
    let guest = platform.snp_launch_start(POLICY).unwrap();
    platform.snp_launch_update(guest, 0xffff_f000, 1, &[0x90; 4096]).unwrap();
    platform.snp_launch_finish(guest, finish).unwrap();
    guest
}

fn digest(platform: &Platform, guest: Handle) -> LaunchDigest {
    platform.digest(guest).unwrap().try_into().unwrap()
}

/// The report, with its signature and its certificate's chain checked.
fn verified(
    platform: &Platform,
    report: &[u8],
    key: SigningKey,
) -> Result<VerifiedReport, ReportError> {
    let authority = platform.authority().unwrap();
    let parse = |der: Vec<u8>| CaCertificate::parse(&der).unwrap();
    let ark = parse(authority.ark_der().unwrap());
    let intermediate = parse(match key {
        SigningKey::Vcek => authority.ask_der().unwrap(),
        SigningKey::Vlek => authority.asvk_der().unwrap(),
    });
    let vek = Vek::parse(&platform.vek_der(key).unwrap()).unwrap();
    let options = ChainOptions {
        roots: Roots::Explicit(&ark),
        revocation: Revocation::NotChecked,
        time: 1_795_824_000, // 2026-11-28
    };
    let chain = Chain { vek: &vek, intermediate: Some(&intermediate), root: Some(&ark) };
    let vek = chain.verify(&options).unwrap();
    UnverifiedReport::parse(report).unwrap().verify(&vek, ReportOptions::STRICT)
}

/// Strict on everything that has a strict form.
fn requirements(digest: LaunchDigest, kind: VekKind) -> Requirements {
    let mut references = ReferenceValues::new();
    references.add(digest, StandsFor::image(Technology::Snp, "made up"));
    let any = Some(TcbRequirements::all(Requirement::Any));
    Requirements {
        generations: Generations { milan: any, genoa: any, turin: any },
        signing_key: Requirement::Exactly(kind),
        ..Requirements::strict(references, DATA)
    }
}

#[test]
fn reports_of_every_generation_version_and_key_are_accepted() {
    for generation in Generation::SNP {
        let mut platform = lab::platform(generation);
        let finish = SnpFinish { host_data: [0x77; 32], ..SnpFinish::PLAIN };
        let guest = launched(&mut platform, finish);
        let digest = digest(&platform, guest);
        for version in [2, 3, 5] {
            platform.set_report_version(version).unwrap();
            for (key, kind) in
                [(SigningKey::Vcek, VekKind::Vcek), (SigningKey::Vlek, VekKind::Vlek)]
            {
                let case = format!("{generation}, version {version}, {key}");
                let report = platform.report(guest, 0, &DATA, key).unwrap();
                let report = verified(&platform, &report, key).expect(&case);
                let wanted = Requirements {
                    version: Requirement::Exactly(version),
                    host_data: Requirement::Exactly(Bytes([0x77; 32])),
                    ..requirements(digest, kind)
                };
                let accepted = wanted.appraise(&report);
                assert!(accepted.is_ok(), "{case}: {accepted:?}");
                let fields = report.report();
                assert_eq!(fields.cpuid.is_some(), version >= 3, "{case}");
                let names_chip = kind == VekKind::Vcek;
                let chip_id = if names_chip { platform.id() } else { [0; 64] };
                assert_eq!(fields.chip_id, chip_id, "{case}");
                assert_eq!(fields.current_version, platform.model().version(), "{case}");
                // Another digest, other data, another policy bit: no.
                let other = LaunchDigest::from_bytes([1; 48]);
                assert!(requirements(other, kind).appraise(&report).is_err(), "{case}");
            }
        }
    }
}

#[test]
fn versions_go_with_the_abi() {
    for (generation, wanted) in
        [(Generation::Milan, 2), (Generation::Genoa, 3), (Generation::Turin, 5)]
    {
        let mut platform = lab::platform(generation);
        let guest = launched(&mut platform, SnpFinish::PLAIN);
        let report = platform.report(guest, 0, &DATA, SigningKey::Vcek).unwrap();
        assert_eq!(report[0], wanted, "{generation}");
    }
    let mut platform = lab::platform(Generation::Milan);
    for version in [0, 1, 4, 6] {
        assert_eq!(platform.set_report_version(version), Err(Status::InvalidParam));
    }
}

#[test]
fn a_changed_report_is_refused() {
    let mut platform = lab::platform(Generation::Milan);
    let guest = launched(&mut platform, SnpFinish::PLAIN);
    let report = platform.report(guest, 0, &DATA, SigningKey::Vcek).unwrap();
    for at in [0x008, 0x030, 0x050, 0x090, 0x0c0, 0x29f] {
        let mut changed = report;
        changed[at] ^= 1;
        assert!(verified(&platform, &changed, SigningKey::Vcek).is_err(), "byte {at:#x}");
    }
    assert!(verified(&platform, &report, SigningKey::Vcek).is_ok());
}

#[test]
fn reports_are_for_the_level_that_asked() {
    let mut platform = lab::platform(Generation::Milan);
    let guest = launched(&mut platform, SnpFinish::PLAIN);
    let digest = digest(&platform, guest);
    for vmpl in 0..4 {
        let report = platform.report(guest, vmpl, &DATA, SigningKey::Vcek).unwrap();
        let report = verified(&platform, &report, SigningKey::Vcek).unwrap();
        let wanted = Requirements {
            vmpl: VmplRequirement::Exactly(vmpl),
            ..requirements(digest, VekKind::Vcek)
        };
        assert!(wanted.appraise(&report).is_ok());
    }
}

/// An ID block for a guest, with what signs it.
struct Owner {
    id: IdPrivateKey,
    author: IdPrivateKey,
}

impl Owner {
    fn new() -> Self {
        let key = |byte| IdPrivateKey::from_scalar(&[byte; 48]).unwrap();
        Self { id: key(3), author: key(4) }
    }

    fn sign(&self, block: &IdBlock, with_author: bool) -> ([u8; 96], IdAuth) {
        let author = with_author.then_some(&self.author);
        (block.to_bytes(), IdAuth::sign(block, &self.id, author))
    }
}

fn block(digest: LaunchDigest) -> IdBlock {
    IdBlock::new(digest, [1; 16], [2; 16], 7, Policy::from_bits(POLICY))
}

/// A launch up to its end, and the end with this ID block.
fn finish(
    platform: &mut Platform,
    block: &[u8],
    auth: &[u8],
    author_key_enabled: bool,
) -> (Handle, Result<(), Status>) {
    let guest = platform.snp_launch_start(POLICY).unwrap();
    platform.snp_launch_update(guest, 0xffff_f000, 1, &[0x90; 4096]).unwrap();
    let id_block = Some((block, auth));
    let finish = SnpFinish { id_block, author_key_enabled, ..SnpFinish::PLAIN };
    (guest, platform.snp_launch_finish(guest, finish))
}

#[test]
fn id_blocks_are_checked_and_reported() {
    let mut platform = lab::platform(Generation::Milan);
    let guest = launched(&mut platform, SnpFinish::PLAIN);
    let digest = digest(&platform, guest);
    let owner = Owner::new();
    for with_author in [false, true] {
        let (bytes, auth) = owner.sign(&block(digest), with_author);
        let (guest, done) = finish(&mut platform, &bytes, auth.as_bytes(), with_author);
        assert_eq!(done, Ok(()));
        let report = platform.report(guest, 0, &DATA, SigningKey::Vcek).unwrap();
        let report = verified(&platform, &report, SigningKey::Vcek).unwrap();
        let author_digest = if with_author { auth.author_key_digest() } else { [0; 48] };
        let wanted = Requirements {
            guest_svn: Requirement::Exactly(7),
            family_id: Requirement::Exactly(Bytes([1; 16])),
            image_id: Requirement::Exactly(Bytes([2; 16])),
            id_key_digest: Requirement::Exactly(Bytes(auth.id_key_digest())),
            author_key_digest: Requirement::Exactly(Bytes(author_digest)),
            ..requirements(digest, VekKind::Vcek)
        };
        let accepted = wanted.appraise(&report);
        assert!(accepted.is_ok(), "{accepted:?}");
    }
}

#[test]
fn wrong_id_blocks_end_the_launch() {
    let mut platform = lab::platform(Generation::Milan);
    let guest = launched(&mut platform, SnpFinish::PLAIN);
    let right = block(digest(&platform, guest));
    let owner = Owner::new();
    let (bytes, auth) = owner.sign(&right, true);
    let auth = auth.as_bytes();
    let mut refuse = |block: &[u8], auth: &[u8], author, wanted, why: &str| {
        let (guest, found) = finish(&mut platform, block, auth, author);
        assert_eq!(found, Err(wanted), "{why}");
        // The guest did not start.
        let report = platform.report(guest, 0, &DATA, SigningKey::Vcek);
        assert_eq!(report, Err(Status::InvalidGuestState), "{why}");
        platform.decommission(guest);
    };
    let (other, signed) =
        owner.sign(&IdBlock { launch_digest: LaunchDigest::from_bytes([9; 48]), ..right }, true);
    refuse(&other, signed.as_bytes(), true, Status::BadMeasurement, "another digest");
    let (other, signed) =
        owner.sign(&IdBlock { policy: Policy::from_bits(0xb_0000), ..right }, true);
    refuse(&other, signed.as_bytes(), true, Status::PolicyFailure, "another policy");
    let (other, signed) = owner.sign(&IdBlock { version: 2, ..right }, true);
    refuse(&other, signed.as_bytes(), true, Status::InvalidParam, "another version");
    refuse(&bytes[1..], auth, true, Status::InvalidLength, "a short block");
    refuse(&bytes, &auth[1..], true, Status::InvalidLength, "a short authentication");
    let changed = |at: usize| {
        let mut auth = *auth;
        auth[at] ^= 1;
        auth
    };
    for (at, author, wanted, why) in [
        (0x000, false, Status::InvalidParam, "the ID key's algorithm"),
        (0x004, true, Status::InvalidParam, "the author key's algorithm"),
        (0x040, false, Status::BadSignature, "the ID key's signature"),
        (0x240, false, Status::BadSignature, "the ID key's curve"),
        (0x244, false, Status::BadSignature, "the ID key"),
        (0x680, true, Status::BadSignature, "the author key's signature"),
        (0x884, true, Status::BadSignature, "the author key"),
        (0x643, true, Status::BadSignature, "the padding that the author signed"),
    ] {
        refuse(&bytes, &changed(at), author, wanted, why);
    }
    // Of a field that the launch does not use, nothing is looked at.
    for at in [0x004, 0x680, 0x884] {
        let (_, done) = finish(&mut platform, &bytes, &changed(at), false);
        assert_eq!(done, Ok(()), "{at:#x}");
    }
    let (_, plain) = owner.sign(&right, false);
    let (_, found) = finish(&mut platform, &bytes, plain.as_bytes(), true);
    assert_eq!(found, Err(Status::InvalidParam), "no author");
    let guest = platform.snp_launch_start(POLICY).unwrap();
    let finish = SnpFinish { author_key_enabled: true, ..SnpFinish::PLAIN };
    assert_eq!(platform.snp_launch_finish(guest, finish), Err(Status::InvalidParam));
}

#[test]
fn what_the_host_configures_is_reported() {
    let mut platform = lab::platform(Generation::Milan);
    let guest = launched(&mut platform, SnpFinish::PLAIN);
    let current = platform.snp_platform_status().unwrap().current_tcb;
    let config = |bytes| SnpConfig {
        reported_tcb: TcbVersion::from_bytes(bytes),
        mask_chip_id: false,
        mask_chip_key: false,
    };
    // Above what runs, in one part; and with a reserved byte.
    for bytes in
        [[5, 2, 0, 0, 0, 0, 24, 219], [4, 2, 0, 0, 0, 0, 25, 0], [4, 2, 1, 0, 0, 0, 24, 219]]
    {
        assert_eq!(platform.snp_config(config(bytes)), Err(Status::InvalidParam));
    }
    // Below it: reports claim less, and are signed by the key of that TCB.
    let before = platform.vek_der(SigningKey::Vcek).unwrap();
    let old = platform.report(guest, 0, &DATA, SigningKey::Vcek).unwrap();
    platform.snp_config(config([3, 0, 0, 0, 0, 0, 20, 115])).unwrap();
    assert_ne!(platform.vek_der(SigningKey::Vcek).unwrap(), before);
    let error = verified(&platform, &old, SigningKey::Vcek).unwrap_err();
    assert_eq!(error, ReportError::Signature { kind: VekKind::Vcek }, "by the key of another TCB");
    let report = platform.report(guest, 0, &DATA, SigningKey::Vcek).unwrap();
    let report = verified(&platform, &report, SigningKey::Vcek).unwrap();
    assert_eq!(report.report().reported_tcb.as_bytes(), &[3, 0, 0, 0, 0, 0, 20, 115]);
    assert_eq!(report.report().current_tcb, current);
    // Zeros are what runs.
    platform.snp_config(config([0; 8])).unwrap();
    assert_eq!(platform.vek_der(SigningKey::Vcek).unwrap(), before);
    // [SNP-ABI, SNP_PLATFORM_STATUS]: version, state, build, flags (VLEK_EN), guests, both TCBs.
    let status = platform.snp_platform_status().unwrap().to_bytes();
    assert_eq!(status[..16], [1, 55, 1, 1, 29, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0]);
    assert_eq!(
        (&status[16..24], &status[24..]),
        (&current.as_bytes()[..], &current.as_bytes()[..])
    );

    let masked = SnpConfig { mask_chip_id: true, ..config([0; 8]) };
    platform.snp_config(masked).unwrap();
    let report = platform.report(guest, 0, &DATA, SigningKey::Vcek).unwrap();
    let error = verified(&platform, &report, SigningKey::Vcek).unwrap_err();
    assert_eq!(error, ReportError::ChipIdMasked);
    platform.snp_config(SnpConfig { mask_chip_key: true, ..config([0; 8]) }).unwrap();
    let report = platform.report(guest, 0, &DATA, SigningKey::Vcek).unwrap();
    assert!(report[0x2a0..].iter().all(|byte| *byte == 0));
    assert!(verified(&platform, &report, SigningKey::Vcek).is_err());
}

#[test]
fn a_guest_without_the_chip_s_key() {
    let mut platform = lab::platform(Generation::Turin);
    let finish = SnpFinish { vcek_disabled: true, ..SnpFinish::PLAIN };
    let guest = launched(&mut platform, finish);
    let found = platform.report(guest, 0, &DATA, SigningKey::Vcek);
    assert_eq!(found, Err(Status::InvalidKey));
    let report = platform.report(guest, 0, &DATA, SigningKey::Vlek).unwrap();
    assert!(verified(&platform, &report, SigningKey::Vlek).is_ok());
}

#[test]
fn another_tcb_is_another_key_and_is_kept() {
    let mut platform = lab::platform(Generation::Turin);
    let guest = launched(&mut platform, SnpFinish::PLAIN);
    let tcb = TcbVersion::from_bytes([2, 2, 2, 5, 0, 0, 0, 0x60]);
    platform.set_tcb(tcb).unwrap();
    assert_eq!(
        platform.set_tcb(TcbVersion::from_bytes([2, 2, 2, 5, 1, 0, 0, 0])),
        Err(Status::InvalidParam)
    );
    let report = platform.report(guest, 0, &DATA, SigningKey::Vcek).unwrap();
    let report = verified(&platform, &report, SigningKey::Vcek).unwrap();
    // It was launched before the update.
    assert_ne!(report.report().launch_tcb, report.report().current_tcb);
    assert!(requirements(digest(&platform, guest), VekKind::Vcek).appraise(&report).is_ok());
    let loaded = Platform::from_bytes(&platform.to_bytes()).unwrap();
    assert_eq!(loaded.vek_der(SigningKey::Vcek), platform.vek_der(SigningKey::Vcek));
}
