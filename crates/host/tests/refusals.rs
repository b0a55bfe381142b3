//! What is said to be refused, held against an AMD-SP in software, and against what Linux's authors say of their checks.

use proptest::prelude::*;
use sev_launch_abi::snp::policy::{Flag, Policy};
use sev_launch_abi::{ApiVersion, Generation, SevFeatures, Technology, sev};
use sev_launch_digest::profile;
use sev_launch_host::features::{self, NotAskedFor};
use sev_launch_host::{Answer, Facts, Hosts, Problem, Refuser, policy, refusal};
use sev_launch_platform::{Model, Platform, Status};

fn facts(kernel: &str) -> Facts {
    Facts { kernel: Some(kernel.parse().expect("a release")), ..Facts::default() }
}

/// The refusals of an SNP policy that are certain on a host.
fn certain(policy: u64, host: &Facts) -> Vec<(Refuser, Problem)> {
    let refusals = policy::of_snp(Policy::from_bits(policy)).into_iter();
    let certain = refusals.filter(|refusal| refusal.hosts.has(host) == Some(true));
    certain.map(|refusal| (refusal.by, refusal.problem)).collect()
}

// QEMU's default, Kata's, a real guest's (0x3001f), with debugging, Google's without its migration agent.
#[test]
fn policies_of_real_guests_are_refused_by_nobody() {
    for bits in [0x3_0000, 0x3_001f, 0xb_0000] {
        assert_eq!(policy::of_snp(Policy::from_bits(bits)), [], "{bits:#x}");
    }
    for bits in [0x1, 0x3, 0x5, 0x7, 0x33, 0x37, 0xf] {
        assert_eq!(policy::of_sev(sev::Policy::from_bits(bits)), [], "{bits:#x}");
    }
}

// The tables in the commit messages of 24be2b7956a5 and its parent: SMT by what the BIOS has, SINGLE_SOCKET by the number of sockets, and EINVAL of KVM
// before 6.17.
#[test]
fn smt_and_sockets_are_refused_as_linux_says() {
    let smt = (Refuser::Firmware, Problem::Clear(Flag::Smt));
    let socket = (Refuser::Firmware, Problem::Set(Flag::SingleSocket));
    let of =
        |kernel, smt, sockets| Facts { smt: Some(smt), sockets: Some(sockets), ..facts(kernel) };
    assert_eq!(certain(0x2_0000, &of("6.17", true, 1)), [smt]);
    assert_eq!(certain(0x2_0000, &of("6.17", false, 1)), []);
    assert_eq!(certain(0x3_0000, &of("6.17", true, 2)), []);
    assert_eq!(certain(0x13_0000, &of("6.17", true, 1)), []);
    assert_eq!(certain(0x13_0000, &of("6.17", true, 2)), [socket]);
    // KVM itself, whatever the BIOS has.
    for kernel in ["6.11", "6.12.107", "6.16.9"] {
        let by_kvm = certain(0x12_0000, &of(kernel, false, 1));
        let wanted = [smt, socket].map(|(_, problem)| (Refuser::Kvm, problem));
        assert_eq!(by_kvm, wanted, "{kernel}");
    }
    // A vendor's kernel may have either: then it is not known.
    assert_eq!(certain(0x12_0000, &of("6.12.0-55.el10.x86_64", false, 1)), []);
}

// [Linux, the pull request of KVM's SVM changes for 6.19]: KVM takes all bits that need nothing of it.
#[test]
fn newer_bits_need_newer_kernels_and_firmware() {
    for flag in [
        Flag::CxlAllow,
        Flag::MemAes256Xts,
        Flag::RaplDis,
        Flag::CiphertextHidingDram,
        Flag::PageSwapDisable,
    ] {
        let bits = 0x3_0000 | 1 << flag.bit();
        let kvm = [(Refuser::Kvm, Problem::Set(flag))];
        assert_eq!(certain(bits, &facts("6.18.5")), kvm, "{flag}");
        assert_eq!(certain(bits, &facts("7.3")), [], "{flag}");
        // Whether the platform has it is not known.
        let open = policy::of_snp(Policy::from_bits(bits));
        assert!(open.iter().any(|refusal| refusal.hosts.has(&facts("7.3")).is_none()), "{flag}");
    }
    let old = Facts { snp_version: version(1, 57), ..facts("7.3") };
    assert_eq!(certain(0x203_0000, &old), [(Refuser::Kvm, Problem::Set(Flag::PageSwapDisable))]);
    let new = Facts { snp_version: version(1, 58), ..facts("7.3") };
    assert_eq!(certain(0x203_0000, &new), []);
}

fn version(major: u64, minor: u64) -> Option<sev_launch_abi::PlatformVersion> {
    sev_launch_abi::PlatformVersion::from_numbers(major, minor, 1).ok()
}

// KVM's mask has no MIGRATE_MA in any release. [Linux, SNP_POLICY_MASK_VALID, KVM_SNP_POLICY_MASK_VALID]
#[test]
fn what_no_host_starts_is_all_that_is_told() {
    let told = |bits| {
        let refusals = policy::of_snp(Policy::from_bits(bits));
        let told = refusal::worth_telling(refusals, &Facts::default());
        told.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let agent = "MIGRATE_MA (bit 18) is set: KVM refuses it, and SNP_LAUNCH_START fails with EINVAL (QEMU prints ret=-22 fw_error=0)";
    assert_eq!(told(0x7_0000), [agent]);
    // 0x30000 without a digit: bit 17 and SMT are 0, and ABI 48.0 is asked for.
    let clear = "bit 17 is 0, and must be 1, as in 0x30000: KVM refuses it, and SNP_LAUNCH_START fails with EINVAL (QEMU prints ret=-22 fw_error=0)";
    assert_eq!(told(0x3000), [clear]);
    assert_eq!(
        told(0x2_0000),
        [
            "SMT (bit 16) is 0: KVM, before Linux 6.17, refuses it, and SNP_LAUNCH_START fails with EINVAL (QEMU prints ret=-22 fw_error=0)",
            "SMT (bit 16) is 0: the AMD-SP, where SMT is on, refuses it, and SNP_LAUNCH_START fails with POLICY_FAILURE (QEMU prints \
             fw_error=7 'Policy is not allowed')",
        ]
    );
    // On a named host only what concerns it.
    let host = Facts { smt: Some(false), ..facts("6.17") };
    let refusals = policy::of_snp(Policy::from_bits(0x2_0000));
    assert_eq!(refusal::worth_telling(refusals, &host), []);
}

// [Linux, sev_supported_vmsa_features]: DebugSwap, and Secure TSC in SNP; SNPActive is KVM's own.
#[test]
fn features_that_kvm_does_not_offer() {
    let names = |technology, word| {
        let refusals = features::of_init2(technology, SevFeatures(word));
        let certain = refusals.into_iter().filter(|refusal| refusal.hosts == Hosts::All);
        certain.map(|refusal| refusal.problem).collect::<Vec<_>>()
    };
    assert_eq!(names(Technology::Snp, 0x221), []);
    assert_eq!(names(Technology::SevEs, 0x20), []);
    assert_eq!(names(Technology::SevEs, 0x221), [Problem::Features(SevFeatures(0x201))]);
    // RestrictedInjection and Secure AVIC, which only others' kernels have.
    assert_eq!(names(Technology::Snp, 0x1_0009), [Problem::Features(SevFeatures(0x1_0008))]);
    let swap = features::of_init2(Technology::SevEs, SevFeatures::DEBUG_SWAP);
    let [swap] = swap.try_into().expect("one refusal");
    assert_eq!(swap.answer, Answer::Invalid);
    for (host, refused) in [
        (r#"{"version": 1, "kernel": "6.5"}"#, Some(true)),
        (r#"{"version": 1, "kernel": "6.12", "parameters": {"debug_swap": "N"}}"#, Some(true)),
        (r#"{"version": 1, "kernel": "6.12", "parameters": {"debug_swap": "Y"}}"#, Some(false)),
        (r#"{"version": 1, "kernel": "7.3", "parameters": {"sev": "Y"}}"#, None),
        (
            r#"{"version": 1, "kernel": "7.3", "cpu": {"vendor": "AuthenticAMD", "family": 23, "model": 49, "stepping": 0, "flags": []}}"#,
            Some(true),
        ),
    ] {
        let facts = sev_launch_host::Collected::from_json(host).unwrap().facts().unwrap();
        assert_eq!(swap.hosts.has(&facts), refused, "{host}");
    }
    let snp = profile::by_name("snp-qemu").unwrap();
    assert_eq!(NotAskedFor::of(snp, SevFeatures(1)), None);
    let asked = NotAskedFor::of(snp, SevFeatures(0x21)).unwrap().to_string();
    assert!(asked.starts_with("SEV_FEATURES 0x21 (SNPActive, DebugSwap): "), "{asked}");
    assert_eq!(NotAskedFor::of(profile::by_name("snp-ec2").unwrap(), SevFeatures(0x21)), None);
}

proptest! {
    // The AMD-SP in software was written from AMD's documents, without these rules.
    #[test]
    fn the_firmware_refuses_what_is_said_of_it(
        flags in any::<u64>(),
        mask in prop::sample::select(vec![u64::MAX, 0x3ff_ffff, 0x3ff_0000, 0x13_0037]),
        has_bit_17 in prop::bool::weighted(0.8),
        smt in any::<bool>(),
        generation in prop::sample::select(Generation::SNP.to_vec()),
    ) {
        let bits = flags & mask & !(1 << 17) | u64::from(has_bit_17) << 17;
        let mut platform = Platform::new(Model::of(generation), &[7; 32]);
        platform.set_platform_info(u64::from(smt));
        let version = platform.snp_platform_status().unwrap().version;
        prop_assume!(version.api() >= ApiVersion { major: 1, minor: 51 });
        let host = Facts {
            smt: Some(smt),
            sockets: Some(1),
            snp_version: Some(version),
            ..facts("7.3")
        };
        // Of what KVM refuses itself, the firmware refuses only what AMD's document rules out.
        let refused = policy::of_snp(Policy::from_bits(bits)).into_iter().any(|refusal| {
            let by_document =
                matches!(refusal.problem, Problem::Bit17Clear | Problem::ReservedBits { .. });
            (refusal.by == Refuser::Firmware || by_document) && refusal.hosts.has(&host) == Some(true)
        });
        let answer = platform.snp_launch_start(bits).err();
        prop_assert_eq!(answer, refused.then_some(Status::PolicyFailure));
    }

    #[test]
    fn the_firmware_refuses_sev_policies_as_said(bits in any::<u32>(), mask in prop::sample::select(vec![u32::MAX, 0x3f, 0x37ff_003b, 0xff01_003f])) {
        let bits = bits & mask;
        let mut platform = Platform::new(Model::of(Generation::Milan), &[7; 32]);
        let host = Facts { sev_version: Some(platform.status().version), ..facts("7.3") };
        let refusals = policy::of_sev(sev::Policy::from_bits(bits)).into_iter();
        let refused = refusals.filter(|refusal| refusal.hosts.has(&host) == Some(true)).count() > 0;
        let answer = platform.launch_start(bits, None).err();
        prop_assert_eq!(answer, refused.then_some(Status::PolicyFailure));
    }
}
