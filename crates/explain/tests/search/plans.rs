//! The plan itself: its order, its size, and what is left out of it.

use std::collections::BTreeSet;

use sev_launch_abi::{SevFeatures, Technology};
use sev_launch_digest::profile::by_name;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_explain::{
    Axis, Change, Cmdline, Custom, Error, Hypothesis, Launch, Options, Reported, plan,
};

use crate::made::{EMPTY, Facts, KERNEL, explanation, whole};

fn options(max_changes: u32) -> Options {
    Options { max_changes, ..Options::default() }
}

fn hypotheses(launch: &Launch, max_changes: u32) -> Vec<Hypothesis> {
    let reported = whole(launch.technology).reported();
    let plan = plan(launch, &reported, &options(max_changes)).expect("a good description");
    plan.hypotheses().collect()
}

fn axes(hypothesis: &Hypothesis) -> Vec<Axis> {
    hypothesis.changes.iter().map(Change::axis).collect()
}

#[test]
fn counts_are_those_of_the_hypotheses() {
    for technology in [Technology::Sev, Technology::SevEs, Technology::Snp] {
        for facts in [
            whole(technology),
            Facts { kernel_hashes: false, ..whole(technology) },
            Facts { kernel: None, ..whole(technology) },
            Facts { initrd: None, ..whole(technology) },
        ] {
            let launch = facts.described();
            let reported = facts.reported();
            let plan = plan(&launch, &reported, &options(2)).unwrap();
            let mut counted = [0_u64; 3];
            for hypothesis in plan.hypotheses() {
                counted[hypothesis.changes.len()] += 1;
            }
            assert_eq!(plan.counts().levels, counted);
        }
    }
}

#[test]
fn no_hypothesis_comes_twice_and_fewer_changes_come_first() {
    let launch = Facts { vcpus: 2, ..whole(Technology::Sev) }.described();
    let (mut seen, mut last) = (BTreeSet::new(), 0);
    for hypothesis in hypotheses(&launch, 3) {
        assert!(hypothesis.changes.len() >= last);
        last = hypothesis.changes.len();
        assert!(seen.insert(hypothesis.to_string()), "{hypothesis} comes twice");
    }
    assert_eq!(last, 3);
}

#[test]
fn likelier_causes_and_nearer_counts_come_first() {
    let launch = whole(Technology::SevEs).described();
    let single = hypotheses(&launch, 1);
    let mut order: Vec<Axis> = single.iter().flat_map(axes).collect();
    order.dedup();
    assert_eq!(order, Axis::ALL[..11]);
    let counts: Vec<&str> = single
        .iter()
        .flat_map(|hypothesis| &hypothesis.changes)
        .filter(|change| change.axis() == Axis::Vcpus)
        .map(Change::value)
        .collect();
    assert_eq!(counts[..5], ["3", "5", "2", "6", "1"]);
    assert_eq!((counts.len(), counts[510]), (511, "512"));
}

#[test]
fn what_is_not_measured_is_not_changed() {
    let contents = [Axis::Kernel, Axis::Initrd, Axis::Cmdline, Axis::BootFiles];
    let off = Facts { kernel_hashes: false, ..whole(Technology::Sev) }.described();
    for hypothesis in hypotheses(&off, 2) {
        let axes = axes(&hypothesis);
        assert!(
            !axes.iter().any(|axis| contents.contains(axis)) || axes.contains(&Axis::KernelHashes),
            "{hypothesis}"
        );
    }
    let none = Facts { kernel: None, kernel_hashes: false, ..whole(Technology::Sev) }.described();
    let changed: BTreeSet<Axis> = hypotheses(&none, 3).iter().flat_map(axes).collect();
    assert_eq!(changed.into_iter().collect::<Vec<_>>(), [Axis::Firmware]);
    let google = Facts { profile: "snp-gce", kernel_hashes: false, ..whole(Technology::Snp) };
    for hypothesis in hypotheses(&google.described(), 1) {
        assert_ne!(axes(&hypothesis), [Axis::Signature]);
    }
}

#[test]
fn swapped_files_are_one_change() {
    let launch = whole(Technology::Sev).described();
    for hypothesis in hypotheses(&launch, 2) {
        let values: Vec<&str> = hypothesis.changes.iter().map(Change::value).collect();
        assert_ne!(values, ["file file2", "file file3"], "{hypothesis}");
    }
}

#[test]
fn features_that_only_name_another_profile_are_left_out() {
    let launch = whole(Technology::SevEs).described();
    let texts: BTreeSet<String> = hypotheses(&launch, 2).iter().map(ToString::to_string).collect();
    // The profile that has DebugSwap, with DebugSwap taken off, is the described one.
    assert!(!texts.iter().any(|text| {
        text.contains("profile = es-legacy-debugswap") && text.contains("SEV features")
    }));
    // The same bytes have a smaller change: es-init2-debugswap.
    assert!(
        !texts
            .iter()
            .any(|text| { text.contains("profile = es-init2 ") && text.contains("SEV features") })
    );
}

#[test]
fn custom_values_are_tried() {
    let said = whole(Technology::SevEs);
    let launch = said.described();
    let search = |happened: Facts, custom: Custom| {
        let reported = happened.reported();
        let options = Options { max_changes: 1, custom: vec![custom], ..Options::default() };
        let plan = plan(&launch, &reported, &options).unwrap();
        let outcome = sev_launch_explain::run(&plan, &mut |_| (), &Default::default());
        explanation(outcome).first.to_string()
    };
    let happened = Facts { vcpus: 700, ..said.clone() };
    let custom = Custom::Vcpus(VcpuCount::new(700).unwrap());
    assert_eq!(search(happened, custom), "vcpus = 700 (described: 4)");
    let happened = Facts { features: Some(0x400), ..said.clone() };
    let custom = Custom::SevFeatures(SevFeatures(0x400));
    assert_eq!(search(happened, custom), "SEV features = 0x400 (described: 0x0, the profile's)");
    let happened = Facts { signature: 0x00b0_0f22, ..said.clone() };
    let custom = Custom::Signature {
        name: "our lab".to_owned(),
        signature: sev_launch_abi::CpuSignature(0x00b0_0f22),
    };
    assert_eq!(
        search(happened, custom),
        "signature = our lab (0x00b00f22) (described: EPYC (0x00800f12))"
    );
    let happened = Facts { cmdline: b"init=/bin/sh".to_vec(), ..said.clone() };
    let custom = Custom::Cmdline { name: "of staging".to_owned(), bytes: b"init=/bin/sh".to_vec() };
    assert_eq!(search(happened, custom), "command line of staging");
}

#[test]
fn descriptions_that_contradict_themselves_are_errors() {
    let said = whole(Technology::SevEs);
    let reported = said.reported();
    let check = |launch: &Launch| plan(launch, &reported, &options(1)).map(|_| ()).unwrap_err();
    let technology = Technology::SevEs;
    let launch = Launch { profile: None, ..said.described() };
    assert_eq!(check(&launch), Error::NoProfile { technology });
    let launch = Launch { kernel: Some(6), ..said.described() };
    assert_eq!(check(&launch), Error::FileIndex { what: "kernel", found: 6, wanted: 6 });
    let launch = Launch { firmware: KERNEL, ..said.described() };
    assert_eq!(check(&launch), Error::NotFirmware { name: "file2".to_owned() });
    let launch = Launch { profile: by_name("snp-qemu").ok(), ..said.described() };
    let (wanted, found) = (Technology::Snp, technology);
    assert_eq!(check(&launch), Error::ProfileTechnology { profile: "snp-qemu", wanted, found });
    let launch = Launch { profile: by_name("es-krun-1.4").ok(), ..said.described() };
    assert_eq!(check(&launch), Error::ProfileLoads { profile: "es-krun-1.4" });
    let snp = whole(Technology::Snp).described();
    let error = check(&snp);
    assert_eq!(
        error.to_string(),
        "a launch digest of SEV or SEV-ES is reported, which no launch of snp gives"
    );
    let sev = whole(Technology::Sev).described();
    let custom = vec![Custom::Vcpus(VcpuCount::ONE)];
    let options = Options { custom, ..options(1) };
    let error = plan(&sev, &reported, &options).map(|_| ()).unwrap_err();
    let technology = Technology::Sev;
    assert_eq!(error, Error::CustomAxis { axis: Axis::Vcpus, technology });
}

#[test]
fn files_of_the_same_bytes_are_one_value() {
    let said = whole(Technology::Sev);
    let mut launch = said.described();
    let twin = launch.files[EMPTY].clone();
    launch.files.extend(vec![twin; 20]);
    let reported = said.reported();
    let sizes = |launch: &Launch| plan(launch, &reported, &options(2)).unwrap().counts();
    assert_eq!(sizes(&launch), sizes(&said.described()));
    launch.cmdline = Cmdline::Sha256(launch.cmdline.sha256());
    let axes = sizes(&launch).axes;
    assert!(axes.contains(&(Axis::Cmdline, 1)), "{axes:?}");
    assert!(matches!(reported, Reported::Sev(_)));
}
