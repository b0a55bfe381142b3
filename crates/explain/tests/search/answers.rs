//! What an answer says: its words, its class, what is not measured, what was tried, and that threads change nothing.

use sev_launch_abi::Technology;
use sev_launch_digest::vmsa::VmsaPage;
use sev_launch_explain::outcome::LevelTried;
use sev_launch_explain::{
    Axis, Cancel, CapturedVmsas, Cmdline, Collect, Options, Outcome, Reported, RuledOut,
    StopReason, plan, run,
};
use sev_launch_testkit::expected::{self, Layout};

use crate::made::{EMPTY, Facts, KERNEL, OTHER_FIRMWARE, explanation, search, texts, whole};

fn first(described: &Facts, happened: &Facts) -> String {
    explanation(search(&described.described(), &happened.reported(), 3)).first.to_string()
}

#[test]
fn changes_are_said_as_people_want_them() {
    let said = whole(Technology::SevEs);
    let happened = Facts { vcpus: 8, profile: "es-init2", ..said.clone() };
    assert_eq!(
        first(&said, &happened),
        "vcpus = 8 (described: 4) and profile = es-init2 (described: es-legacy)"
    );
    let happened = Facts { signature: 0x00a0_0f11, ..said.clone() };
    assert_eq!(
        first(&said, &happened),
        "signature = EPYC-Milan (0x00a00f11) (described: EPYC (0x00800f12))"
    );
    let happened = Facts { kernel_hashes: false, ..said.clone() };
    assert_eq!(first(&said, &happened), "kernel hashes = off (described: on)");
    let happened = Facts { kernel: said.initrd, initrd: said.kernel, ..said.clone() };
    assert_eq!(first(&said, &happened), "kernel and initrd swapped");
    let happened = Facts { firmware: OTHER_FIRMWARE, ..said.clone() };
    assert_eq!(first(&said, &happened), "firmware = file file1 (described: file file0)");
    let happened = Facts { features: Some(0x221), ..whole(Technology::Snp) };
    assert_eq!(
        first(&whole(Technology::Snp), &happened),
        "SEV features = 0x221 (described: 0x1, the profile's)"
    );
    let newline = Facts { cmdline: b"quiet\n".to_vec(), ..said.clone() };
    let none = Facts { cmdline: b"quiet".to_vec(), ..said };
    assert_eq!(first(&newline, &none), "command line without its trailing newline");
    assert_eq!(first(&none, &newline), "command line with a newline at its end");
}

// Of a line that ends in a newline, other edits give the same bytes; they are no other launch.
#[test]
fn other_words_for_the_same_command_line_are_not_told() {
    let said = Facts { cmdline: b"quiet\n".to_vec(), ..whole(Technology::Sev) };
    let happened = Facts { cmdline: b"quiet".to_vec(), ..said.clone() };
    let answer = explanation(search(&said.described(), &happened.reported(), 1));
    assert_eq!(texts(&answer), ["command line without its trailing newline"]);
}

#[test]
#[ignore = "slow: `cargo xtask check` runs it"]
fn three_changes_are_found() {
    for technology in [Technology::SevEs, Technology::Snp] {
        let said = whole(technology);
        let cmdline = [&said.cmdline[..], b"\n"].concat();
        let happened = Facts { vcpus: 300, signature: 0x00a1_0f11, cmdline, ..said.clone() };
        assert_eq!(
            first(&said, &happened),
            "vcpus = 300 (described: 4) and command line with a newline at its end and \
             signature = a Genoa processor (0x00a10f11) (described: EPYC (0x00800f12))"
        );
    }
}

#[test]
fn launch_that_matches_has_a_class_too() {
    let said = Facts { initrd: None, ..whole(Technology::Snp) };
    let explanation = explanation(search(&said.described(), &said.reported(), 3));
    assert!(explanation.matches_as_described());
    let texts = texts(&explanation);
    for member in [
        "as described",
        "profile = snp-amdese-6.9 (described: snp-qemu)",
        "signature = EPYC-v4 (0x00800f12) (described: EPYC (0x00800f12))",
        "signature = EPYC-IBPB (0x00800f12) (described: EPYC (0x00800f12))",
        "signature = a Naples processor (0x00800f12) (described: EPYC (0x00800f12))",
        "initrd = file file5 (described: none)",
    ] {
        assert!(texts.iter().any(|text| text == member), "{member} is not in {texts:#?}");
    }
    assert_eq!(explanation.tried.hypotheses(), 1);
    assert!(explanation.not_measured.is_empty());
}

#[test]
fn empty_initrd_and_none_are_one_class() {
    let said = whole(Technology::Sev);
    for initrd in [None, Some(EMPTY)] {
        let happened = Facts { initrd, ..said.clone() };
        let explanation = explanation(search(&said.described(), &happened.reported(), 1));
        assert_eq!(
            texts(&explanation),
            [
                "initrd = none (described: file file3)",
                "initrd = file file5 (described: file file3)"
            ]
        );
    }
}

#[test]
fn profile_and_features_of_the_same_bytes_are_one_class() {
    let said = whole(Technology::SevEs);
    let happened = Facts { profile: "es-legacy-debugswap", ..said.clone() };
    let explanation = explanation(search(&said.described(), &happened.reported(), 3));
    let texts = texts(&explanation);
    assert_eq!(
        texts[..2],
        [
            "profile = es-legacy-debugswap (described: es-legacy)",
            "SEV features = 0x20 (described: 0, the profile's)".replace("0,", "0x0,").as_str()
        ]
    );
}

// With features of their own, two profiles make the same pages: each is a hit, and the other's other name.
#[test]
fn profiles_of_the_same_pages_are_told_once() {
    let said = Facts { profile: "es-init2", features: Some(0x20), ..whole(Technology::SevEs) };
    let happened = Facts { profile: "es-legacy", ..said.clone() };
    let texts = texts(&explanation(search(&said.described(), &happened.reported(), 1)));
    for profile in ["es-legacy", "es-legacy-debugswap"] {
        let text = format!("profile = {profile} (described: es-init2)");
        assert_eq!(texts.iter().filter(|found| **found == text).count(), 1, "{texts:#?}");
    }
}

#[test]
fn what_is_not_measured_is_told_apart() {
    let said = whole(Technology::SevEs);
    let off = Facts { kernel_hashes: false, ..said.clone() };
    let answer = explanation(search(&said.described(), &off.reported(), 1));
    assert_eq!(answer.not_measured, [Axis::Cmdline, Axis::Initrd, Axis::Kernel]);
    let sev = whole(Technology::Sev);
    let answer = explanation(search(&sev.described(), &sev.reported(), 1));
    assert_eq!(
        answer.not_measured,
        [Axis::Vcpus, Axis::Profile, Axis::Signature, Axis::SevFeatures, Axis::LateVcpus]
    );
    let ec2 = Facts { profile: "snp-ec2", ..whole(Technology::Snp) };
    let answer = explanation(search(&ec2.described(), &ec2.reported(), 1));
    assert_eq!(answer.not_measured, [Axis::Signature]);
    assert!(texts(&answer).iter().all(|text| !text.contains("signature")));
}

#[test]
fn nothing_found_says_what_was_tried() {
    let said = whole(Technology::SevEs);
    let reported = Reported::Sev(sev_launch_abi::sev::LaunchDigest::from_bytes([7; 32]));
    let Outcome::NothingFound(tried) = search(&said.described(), &reported, 1) else {
        panic!("a digest of nothing is explained");
    };
    assert!(tried.axes.contains(&(Axis::Vcpus, 511)));
    assert!(tried.axes.contains(&(Axis::Profile, 3)));
    assert!(tried.levels.iter().all(LevelTried::is_complete));
    let vcpus = RuledOut::Axis { axis: Axis::Vcpus, values: 511, others: 0 };
    assert!(tried.ruled_out.contains(&RuledOut::AsDescribed) && tried.ruled_out.contains(&vcpus));
    assert!(tried.collect_next.contains(&Collect::DebugSwap));
    let files = ["file0", "file2", "file3"].map(str::to_owned).to_vec();
    assert_eq!(tried.collect_next.last(), Some(&Collect::FileHashes(files)));
    // SEV measures nothing of the host's processor.
    let sev = whole(Technology::Sev);
    let tried = search(&sev.described(), &reported, 1).tried().clone();
    assert!(!tried.collect_next.contains(&Collect::SmpArgument));
    // Whoever describes no kernel is asked for one, and not for its command line.
    assert!(!tried.collect_next.contains(&Collect::KernelArgument));
    let bare = Facts { kernel: None, initrd: None, kernel_hashes: false, ..sev };
    let asked = search(&bare.described(), &reported, 1).tried().clone().collect_next;
    assert!(asked.contains(&Collect::KernelArgument));
    assert!(!asked.contains(&Collect::AppendArgument));
}

#[test]
fn budget_stops_and_is_never_passed() {
    let said = whole(Technology::SevEs);
    let launch = said.described();
    let reported = Reported::Sev(sev_launch_abi::sev::LaunchDigest::from_bytes([7; 32]));
    for hypotheses in [0, 1, 2, 300, 5000] {
        let options = Options { hypotheses: Some(hypotheses), ..Options::default() };
        let plan = plan(&launch, &reported, &options).unwrap();
        let outcome = run(&plan, &mut |_| (), &Cancel::new());
        let Outcome::Stopped { tried, complete_levels, why } = outcome else {
            panic!("not stopped at {hypotheses}: {outcome:?}");
        };
        assert_eq!(why, StopReason::Budget);
        assert!(tried.hypotheses() <= hypotheses);
        assert_eq!(
            complete_levels,
            if hypotheses == 0 { 0 } else { 1 + u32::from(hypotheses > 1000) }
        );
    }
    // What was found until then is an answer, and says that its level was not tried whole.
    let happened = Facts { kernel_hashes: false, ..said };
    let options = Options { hypotheses: Some(2), ..Options::default() };
    let reported = happened.reported();
    let plan = plan(&launch, &reported, &options).unwrap();
    let answer = explanation(run(&plan, &mut |_| (), &Cancel::new()));
    assert!(!answer.level_complete);
}

#[test]
fn cancelled_search_stops() {
    let launch = whole(Technology::SevEs).described();
    let reported = Reported::Sev(sev_launch_abi::sev::LaunchDigest::from_bytes([7; 32]));
    let plan = plan(&launch, &reported, &Options::default()).unwrap();
    let cancel = Cancel::new();
    let mut calls = 0;
    let outcome = run(
        &plan,
        &mut |_| {
            calls += 1;
            cancel.cancel();
        },
        &cancel,
    );
    let Outcome::Stopped { complete_levels, why, .. } = outcome else {
        panic!("not stopped: {outcome:?}");
    };
    assert_eq!((calls, complete_levels, why), (1, 1, StopReason::Cancelled));
}

#[test]
fn progress_ends_at_what_was_planned() {
    let launch = whole(Technology::Sev).described();
    let reported = Reported::Sev(sev_launch_abi::sev::LaunchDigest::from_bytes([7; 32]));
    let options = Options { max_changes: 2, ..Options::default() };
    let plan = plan(&launch, &reported, &options).unwrap();
    let mut last = [0; 3];
    let outcome = run(
        &plan,
        &mut |progress| {
            let level = usize::try_from(progress.changes).unwrap();
            assert!(progress.tried >= last[level] && progress.tried <= progress.planned);
            last[level] = progress.tried;
        },
        &Cancel::new(),
    );
    assert_eq!(last.to_vec(), plan.counts().levels);
    let tried: Vec<u64> = outcome.tried().levels.iter().map(|level| level.tried).collect();
    assert_eq!(tried, last);
}

#[test]
fn number_of_threads_changes_nothing() {
    let said = whole(Technology::Snp);
    let cases = [
        Facts { vcpus: 7, profile: "snp-amdese-6.6", ..said.clone() },
        Facts { features: Some(0x21), kernel_hashes: false, ..said.clone() },
        // Not within two changes.
        Facts { vcpus: 2, signature: 0x00a0_0f12, initrd: None, ..said.clone() },
    ];
    let launch = said.described();
    for happened in cases {
        let reported = happened.reported();
        let outcome = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| search(&launch, &reported, 2))
        };
        let one = outcome(1);
        assert_eq!(one, outcome(2));
        assert_eq!(one, outcome(4));
    }
}

#[test]
fn captured_pages_are_a_fact_like_others() {
    let said = Facts { vcpus: 2, kernel: None, initrd: None, ..whole(Technology::SevEs) };
    let pages = expected::vmsa_pages(Layout::Krun14Fpu, 0, 0, 0x0080_b004, 2);
    let page = |which: usize| VmsaPage::from_bytes(&pages[which]).unwrap();
    let mut launch = said.described();
    launch.captured = Some(CapturedVmsas { bsp: page(0), ap: Some(page(1)) });
    let image = crate::made::bytes(crate::made::FIRMWARE);
    let digest = expected::sev_es(&image, None, &pages);
    let reported = Reported::Sev(sev_launch_abi::sev::LaunchDigest::from_bytes(digest));
    let answer = explanation(search(&launch, &reported, 1));
    assert!(answer.matches_as_described());
    assert!(answer.not_measured.contains(&Axis::Profile));
    // Another number of them; and a profile's in their place.
    let more = [&pages[..], &pages[1..], &pages[1..]].concat();
    let digest = expected::sev_es(&image, None, &more);
    let reported = Reported::Sev(sev_launch_abi::sev::LaunchDigest::from_bytes(digest));
    let answer = explanation(search(&launch, &reported, 1));
    assert_eq!(answer.first.to_string(), "vcpus = 4 (described: 2)");
    let answer = explanation(search(&launch, &said.reported(), 1));
    assert_eq!(answer.first.to_string(), "profile = es-legacy (described: captured VMSA pages)");
}

#[test]
fn command_line_known_by_its_hash_can_be_missing() {
    let said = whole(Technology::Sev);
    let mut launch = said.described();
    launch.cmdline = Cmdline::Sha256(launch.cmdline.sha256());
    let happened = Facts { cmdline: Vec::new(), ..said };
    let answer = explanation(search(&launch, &happened.reported(), 1));
    assert_eq!(answer.first.to_string(), "command line missing");
    assert_eq!(launch.kernel, Some(KERNEL));
}
