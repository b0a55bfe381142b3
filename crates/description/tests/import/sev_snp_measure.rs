//! sev-snp-measure's command line: which guest it asks about, and what its value is worth.
//!
//! What is expected is what the tool's sources compute, release 0.0.13. [sev-snp-measure, cli.py, guest.py and vmsa.py]

use proptest::prelude::*;
use sev_launch_description::import::sev_snp_measure::{
    CPU_TYPES, FLAGS, Mode, NoAnswer, Question, Request, VMM_TYPES, Value, from_argv,
};

fn asked(words: &str) -> Result<Request, NoAnswer> {
    let words: Vec<_> = words.split(' ').map(|word| word.as_bytes().to_vec()).collect();
    from_argv(&words)
}

fn question(words: &str) -> Question {
    match asked(&format!("--ovmf OVMF.fd {words}")) {
        Ok(Request::Digest(question)) => *question,
        other => panic!("{words}: {other:?}"),
    }
}

/// The names of the profiles that are computed.
fn profiles(question: &Question) -> Vec<&'static str> {
    let profiles = question.description.profiles.iter().flat_map(|field| &field.value);
    profiles.map(|profile| profile.name).collect()
}

#[test]
fn each_mode_and_vmm_has_its_profiles() {
    let guest = "--vcpus 2 --vcpu-type EPYC-Milan";
    for (words, mode, expected) in [
        ("--mode sev", Mode::Sev, &[][..]),
        ("--mode seves", Mode::SevEs, &["es-legacy", "es-init2"]),
        ("--mode snp", Mode::Snp, &["snp-qemu"]),
        ("--mode snp --vmm-type QEMU", Mode::Snp, &["snp-qemu"]),
        ("--mode snp --vmm-type ec2", Mode::Snp, &["snp-ec2"]),
        ("--mode snp --vmm-type gce", Mode::Snp, &["snp-gce"]),
        ("--mode snp:ovmf-hash", Mode::SnpFirmware, &[]),
        (
            "--mode snp:svsm --svsm svsm.bin --vars-size 8192",
            Mode::SnpSvsm,
            &["snp-svsm-legacy", "snp-svsm-nofpu"],
        ),
    ] {
        let question = question(&format!("{words} {guest}"));
        assert_eq!((question.mode, profiles(&question).as_slice()), (mode, expected), "{words}");
        let is_defect = matches!(question.value, Value::Defect(_));
        assert_eq!(is_defect, mode == Mode::SnpSvsm, "{words}");
    }
}

// The two names differ; which is the tool's is the last, so that its pages are those that are written.
#[test]
fn where_ours_differs_the_tool_s_profile_is_the_last() {
    for (words, ours, theirs) in [
        ("--mode seves --vcpus 1 --vcpu-type EPYC-Milan", "es-legacy", "es-init2"),
        ("--mode snp --vcpus 1 --vcpu-type EPYC-Genoa --vmm-type gce", "snp-gce-genoa", "snp-gce"),
    ] {
        let question = question(words);
        assert_eq!(profiles(&question), [ours, theirs], "{words}");
        let Value::Other { ours: one, theirs: other, .. } = question.value else {
            panic!("{words}: {:?}", question.value)
        };
        assert_eq!((one.name, other.name), (ours, theirs), "{words}");
    }
}

#[test]
fn every_cpu_of_the_tool_is_known() {
    for name in CPU_TYPES {
        let question = question(&format!("--mode snp --vcpus 1 --vcpu-type {name}"));
        assert!(question.description.cpus.is_some(), "{name}");
    }
    assert_eq!(VMM_TYPES.len(), 3);
    let mut names: Vec<_> = FLAGS.iter().map(|flag| flag.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), FLAGS.len());
}

#[test]
fn flags_that_are_not_looked_at_are_told_or_refused() {
    let remarks =
        question("--mode snp:ovmf-hash --vcpus 2 --kernel k --output-format base64").remarks;
    let [flags, form] = &remarks[..] else { panic!("{remarks:?}") };
    assert!(flags.contains("--vcpus, --kernel") && form.contains("--output-format"), "{remarks:?}");
    assert_eq!(question("--mode sev --vmm-type ec2").remarks.len(), 1);
    let refused = |words: &str| match asked(&format!("--ovmf OVMF.fd {words}")) {
        Err(NoAnswer::NoLaunch(why)) => why,
        other => panic!("{words}: {other:?}"),
    };
    for (words, text) in [
        ("--mode sev --svsm s", "--svsm would not be looked at"),
        ("--mode snp --vcpus 1 --vcpu-type EPYC --vars-size 1", "--vars-size would not"),
        ("--mode snp --vcpus 1 --vcpu-type EPYC --vcpu-sig 0xa00f11", "give one of them"),
        ("--mode snp --vcpus 99999 --vcpu-type EPYC", "wanted 1 to 4096"),
        ("--mode snp --vcpus 1 --vcpu-sig 0x100000000", "32 bits"),
        ("--mode seves --vcpus 1 --vmm-type gce", "no SEV-ES guest"),
    ] {
        assert!(refused(words).contains(text), "{words}: {}", refused(words));
    }
}

#[test]
fn an_empty_initrd_is_none_and_an_empty_kernel_is_refused() {
    let words = |kernel: &str| {
        let words = ["--mode", "sev", "--ovmf", "f", "--kernel", kernel, "--initrd", ""];
        words.map(|word| word.as_bytes().to_vec())
    };
    let Ok(Request::Digest(question)) = from_argv(&words("k")) else { panic!() };
    assert!(question.description.boot.kernels.is_some());
    assert!(question.description.boot.initrds.is_none());
    assert!(matches!(from_argv(&words("")), Err(NoAnswer::NoLaunch(_))));
}

// No bytes of a command line make it panic, and a name of a file is never made up from others.
#[test]
fn hostile_words_are_refused() {
    for words in [
        vec![b"--mode".to_vec(), b"\xff".to_vec()],
        vec![b"--\xff=\xff".to_vec()],
        vec![b"-\xff".to_vec(), b"=".to_vec(), b"--=".to_vec()],
        vec![b"--ovmf".to_vec(), b"\xff".to_vec(), b"--mode=sev".to_vec()],
        vec![b"--vcpus".to_vec(), vec![b'9'; 4000]],
        Vec::new(),
    ] {
        assert!(matches!(from_argv(&words), Err(NoAnswer::Usage(_))), "{words:?}");
    }
}

proptest! {
    // Words of the tool, of Python and of nobody: something is answered, and a digest is asked for by whoever named a mode.
    #[test]
    fn any_words_are_answered(words in proptest::collection::vec(
        prop_oneof![
            proptest::sample::select(FLAGS.to_vec()).prop_map(|flag| flag.name.as_bytes().to_vec()),
            "(sev|seves|snp|snp:svsm|EPYC-Milan|ec2|gce|0|1|-1|0x_1|1_0|2\u{2003})".prop_map(String::into_bytes),
            "-{0,2}[a-z=]{0,4}( )?[0-9.]{0,2}".prop_map(String::into_bytes),
            proptest::collection::vec(any::<u8>(), 0..6),
        ],
        0..14,
    )) {
        if let Ok(Request::Digest(_)) = from_argv(&words) {
            let names_mode = |word: &[u8]| word.starts_with(b"--m");
            prop_assert!(words.iter().any(|word| names_mode(word)));
        }
    }
}

/// Words that the tool itself refuses, as its sources have the words; `Stops` where it ends by an exception. [sev-snp-measure, cli.py]
#[test]
fn what_the_tool_refuses_is_refused_as_it_does() {
    let guest = "--vcpus 2 --vcpu-type EPYC";
    let svsm = format!("--mode snp:svsm {guest}");
    for (words, text) in [
        ("--mode sev --initrd i".into(), "--kernel required when using --initrd"),
        ("--mode sev --append a".into(), "--kernel required when using --append"),
        ("--mode snp --vcpu-type EPYC".into(), "missing --vcpus N in guest mode 'snp'"),
        ("--mode seves --vcpu-type EPYC".into(), "missing --vcpus N in guest mode 'seves'"),
        (format!("--mode sev --vmm-type KRUN {guest}"), "unknown VMM type 'KRUN'"),
        (
            "--mode snp --vcpus 2 --vcpu-sig 0 --vcpu-family 0".into(),
            "missing --vcpu-type or --vcpu-sig or --vcpu-family in guest mode 'snp'",
        ),
        (format!("{svsm} --svsm s"), "snp:svsm mode requires --vars-size or --vars-file"),
        (
            format!("{svsm} --svsm s --vars-size 0"),
            "snp:svsm mode requires --vars-size or --vars-file",
        ),
        (
            format!("{svsm} --vars-file v --vars-size 1"),
            "argument --vars-size: not allowed with argument --vars-file",
        ),
        ("--mode sev --dump-vmsa".into(), "--dump-vmsa is not available in the selected mode"),
        (
            "--mode tdx".into(),
            "argument --mode: invalid choice: 'tdx' (choose from 'sev', 'seves', 'snp', 'snp:ovmf-hash', 'snp:svsm')",
        ),
    ] {
        let refused = asked(&format!("--ovmf OVMF.fd {words}"));
        assert_eq!(refused, Err(NoAnswer::Usage(text.into())), "{words}");
    }
    let missing = "the following arguments are required: --mode, --ovmf";
    assert_eq!(asked("--verbose"), Err(NoAnswer::Usage(missing.into())));
    for words in [
        format!("{svsm} --vars-size 1"),
        format!("{svsm} --vars-size 1 --svsm s --vmm-type ec2"),
        format!("--mode snp {guest} --snp-ovmf-hash 00"),
        "--mode sev --snp-ovmf-hash 00".into(),
        "--mode snp --vcpus 2 --vcpu-family 25 --vcpu-model 1".into(),
        "--mode snp --vcpus 2 --vcpu-family 25 --vcpu-stepping 1".into(),
    ] {
        let refused = asked(&format!("--ovmf OVMF.fd {words}"));
        assert!(matches!(refused, Err(NoAnswer::Stops(_))), "{words}: {refused:?}");
    }
    // What the tool does not ask of plain SEV, and of the firmware alone.
    for words in
        ["--mode sev", "--mode snp:ovmf-hash --append a --dump-vmsa", "--mode sev --vcpu-family 25"]
    {
        question(words);
    }
}
