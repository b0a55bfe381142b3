//! What AMD processors reported, from the command's flags to its verdict.
//!
//! Reports, certificates and digests are other projects' data: without `SEV_LAUNCH_VECTORS` these tests say that they skip.

use sev_launch_testkit::vectors::HardwareSuite;

use super::harness::{Folder, Run};

/// The launch that a Milan host reported on 2026-06-17, with its report and the files' folder.
struct Observed {
    folder: Folder,
    arguments: Vec<String>,
    expect: String,
}

impl Observed {
    fn found() -> Option<Self> {
        let (suite, files) = HardwareSuite::found()?;
        let vector = suite.vector("hw/snp-qemu/dstack-milan-2026-06-17");
        let folder = Folder::new();
        folder.file("OVMF.fd", vector.firmware.as_ref().expect("tables").image());
        let report = vector.report.as_ref().expect("a report");
        for (name, path) in [("report", &report.file), ("vek", &report.vek)] {
            folder.file(name, std::fs::read(files.join(path)).expect("the file is there"));
        }
        let ask = files.join("hardware/milan-ask.pem");
        folder.file("ask", std::fs::read(ask).expect("the file is there"));
        let text = |text: &Option<String>| text.clone().expect("it is published");
        let arguments = vec![
            "--firmware=OVMF.fd".into(),
            format!("--snp-ovmf-hash={}", text(&vector.ovmf_hash)),
            format!("--kernel-sha256={}", text(&vector.kernel_sha256)),
            format!("--initrd-sha256={}", text(&vector.initrd_sha256)),
            format!("--cmdline={}", text(&vector.cmdline)),
            format!("--vcpus={}", vector.vcpus),
            format!("--vcpu-type={}", text(&vector.vcpu_type)),
        ];
        Some(Self { folder, arguments, expect: vector.expect.clone() })
    }

    fn run(&self, command: &str) -> Run {
        let command = command.split_ascii_whitespace();
        Run::new(command).with(&self.arguments).in_folder(self.folder.path())
    }
}

#[test]
fn the_default_profile_gives_the_digest_of_a_real_milan_host() {
    let Some(observed) = Observed::found() else { return };
    assert_eq!(observed.run("digest --mode snp").go().line(), observed.expect);
}

#[test]
fn a_real_report_is_verified_from_its_image_to_amd_s_root() {
    let Some(observed) = Observed::found() else { return };
    let verify = "verify --report report --vek vek --chain ask --time 2026-06-17T12:00:00Z";
    let outcome = observed.run(verify).go();
    assert!(outcome.answer().starts_with("yes"), "{}", outcome.stdout);
    for (what, answer) in
        [("trusted root", "AMD's built-in key"), ("MEASUREMENT", "one of 1 reference values")]
    {
        let met = |line: &str| line.contains(what) && line.ends_with(&format!("yes: {answer}"));
        assert!(outcome.stdout.lines().any(met), "{what}: {}", outcome.stdout);
    }
    // A host that writes other registers did not report this.
    let outcome = observed.run(verify).with(["--profile", "snp-amdese-old"]).go();
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
}

#[test]
fn a_measurement_of_another_project_s_tests_is_verified() {
    let Some((suite, _)) = HardwareSuite::found() else { return };
    assert_eq!(suite.measure.len(), 1);
    for vector in &suite.measure {
        let folder = Folder::new();
        folder.file("tik", vector.tik);
        let outcome = Run::new(["verify", "--tik", "tik"])
            .with([format!("--measurement={}", vector.expect_blob_base64)])
            .with([format!("--launch-digest={}", vector.digest)])
            .with([format!("--policy={:#x}", vector.policy)])
            .with([format!("--api-major={}", vector.api_major)])
            .with([format!("--api-minor={}", vector.api_minor)])
            .with([format!("--build-id={}", vector.build_id)])
            .in_folder(folder.path())
            .go();
        assert!(outcome.answer().starts_with("yes"), "{}", outcome.stdout);
    }
}
