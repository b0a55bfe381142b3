//! Descriptions at their limits: large pools, nothing given, the most vCPUs, firmware that cannot launch.

use sev_launch_abi::Technology;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_explain::{
    Cancel, Cmdline, File, Options, Outcome, Reported, StopReason, plan, run,
};
use sev_launch_testkit::firmware::FirmwareBuilder;

use crate::made::{Facts, explanation, search, whole};

fn of_nothing() -> Reported {
    Reported::Sev(sev_launch_abi::sev::LaunchDigest::from_bytes([7; 32]))
}

#[test]
fn pool_of_ten_thousand_files_is_planned_and_bounded() {
    let said = whole(Technology::SevEs);
    let mut launch = said.described();
    let files = (0..10_000_u32).map(|number| File::of(format!("{number}"), &number.to_le_bytes()));
    launch.files.extend(files);
    let reported = of_nothing();
    let options = Options { hypotheses: Some(50_000), ..Options::default() };
    let plan = plan(&launch, &reported, &options).unwrap();
    assert!(plan.counts().levels[2] > 100_000_000);
    let outcome = run(&plan, &mut |_| (), &Cancel::new());
    let Outcome::Stopped { why, complete_levels, .. } = outcome else {
        panic!("not stopped");
    };
    assert_eq!((why, complete_levels), (StopReason::Budget, 2));
}

#[test]
fn nothing_but_firmware_is_enough() {
    let said = Facts {
        kernel: None,
        initrd: None,
        cmdline: Vec::new(),
        vcpus: 1,
        ..whole(Technology::Snp)
    };
    let happened = Facts { vcpus: 2, ..said.clone() };
    let answer = explanation(search(&said.described(), &happened.reported(), 3));
    assert_eq!(answer.first.to_string(), "vcpus = 2 (described: 1)");
}

#[test]
fn most_vcpus_are_one_more_value() {
    let said = Facts { vcpus: 4096, ..whole(Technology::Snp) };
    let happened = Facts { vcpus: 512, ..said.clone() };
    let launch = said.described();
    let reported = happened.reported();
    let options = Options { max_changes: 1, ..Options::default() };
    let plan = plan(&launch, &reported, &options).unwrap();
    assert!(plan.counts().axes.contains(&(sev_launch_explain::Axis::Vcpus, 512)));
    let answer = explanation(run(&plan, &mut |_| (), &Cancel::new()));
    assert_eq!(answer.first.to_string(), "vcpus = 512 (described: 4096)");
    let answer = explanation(search(&launch, &said.reported(), 1));
    assert!(answer.matches_as_described());
}

#[test]
fn firmware_that_cannot_launch_is_refused_and_not_wrong() {
    let mut launch = whole(Technology::SevEs).described();
    let image = FirmwareBuilder::amd_sev().reset(0).build();
    launch.files[0] = File::of_firmware("no reset address", &image).unwrap();
    launch.files.truncate(1);
    (launch.kernel, launch.initrd) = (None, None);
    let Outcome::NothingFound(tried) = search(&launch, &of_nothing(), 1) else {
        panic!("a digest of nothing is explained");
    };
    for level in &tried.levels {
        assert_eq!(level.refused, level.planned);
    }
}

#[test]
fn command_lines_of_any_bytes_are_tried() {
    let said = whole(Technology::Sev);
    let long: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
    for bytes in [vec![], vec![0], vec![0xff; 3], b" ".repeat(1000), b"\"".to_vec(), long] {
        let mut launch = said.described();
        launch.cmdline = Cmdline::Bytes(bytes);
        let outcome = search(&launch, &of_nothing(), 1);
        assert!(matches!(outcome, Outcome::NothingFound(_)));
    }
}

#[test]
fn one_vcpu_hides_the_others() {
    let mut launch = whole(Technology::SevEs).described();
    launch.vcpus = VcpuCount::ONE;
    launch.signature = None;
    // Without a signature no profile of QEMU launches; with the right one, this does.
    let happened = Facts { vcpus: 1, signature: 0x0083_0f10, ..whole(Technology::SevEs) };
    let answer = explanation(search(&launch, &happened.reported(), 1));
    assert_eq!(answer.first.to_string(), "signature = EPYC-Rome (0x00830f10) (described: none)");
}
