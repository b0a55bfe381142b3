//! Manifests for unit tests. Digests are made-up bytes; what they are computed from does not matter to a writer.

use serde_json::json;
use sev_launch_abi::{CpuSignature, SevFeatures, Technology};
use sev_launch_digest::firmware::{Firmware, KernelHashCheck};
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_testkit::firmware::FirmwareBuilder;

use crate::input::{Input, Role};
use crate::manifest::{Head, Manifest};
use crate::row::{Detail, Facts, InputRefs, Observed, Obtained, Root, Row, Source};
use sev_launch_abi::LaunchDigest;

pub(crate) fn digest(technology: Technology, byte: u8) -> LaunchDigest {
    let bytes = vec![byte; LaunchDigest::size_for(technology)];
    LaunchDigest::from_slice(&bytes).expect("a digest's length")
}

pub(crate) fn head(technology: Technology) -> Head {
    Head {
        name: "guest 'one'".into(),
        tool: "sev-launch 0.1.0".into(),
        technology,
        policy: Some(if technology == Technology::Snp { 0x0003_0137 } else { 5 }),
        host_data: None,
        description: json!({"technology": technology.name(), "vcpus": [1, 2]}),
    }
}

pub(crate) fn inputs() -> Vec<Input> {
    let image = FirmwareBuilder::amd_sev().build();
    let firmware = Firmware::parse(&image).expect("an image").absorb();
    vec![
        Input::firmware(Role::Firmware, "OVMF.fd", &firmware).expect("absorbed whole"),
        Input::file(Role::Kernel, "vmlinuz", 3, Sha256Digest::of(b"abc")),
        Input::cmdline(b"quiet").expect("no NUL"),
    ]
}

pub(crate) fn facts(vcpus: u32) -> Facts {
    Facts {
        vcpus: Some(VcpuCount::new(vcpus).expect("a count")),
        signature: Some(CpuSignature(0x00a0_0f11)),
        sev_features: Some(SevFeatures(1)),
        profile: Some("snp-qemu".into()),
        kernel_hashes: Some(true),
        inputs: InputRefs {
            firmware: Some(0),
            kernel: Some(1),
            cmdline: Some(2),
            ..InputRefs::default()
        },
    }
}

pub(crate) fn observed(verified: bool) -> Obtained {
    let root = verified.then_some(Root::Amd);
    Obtained::Observed(Observed { from: Source::Report, verified, root, detail: Detail::default() })
}

pub(crate) fn computed(technology: Technology, byte: u8, vcpus: u32) -> Row {
    Row { digest: digest(technology, byte), facts: facts(vcpus), obtained: Obtained::Computed }
}

/// Rows of every kind; two of them have the same digest.
pub(crate) fn snp() -> Manifest {
    let technology = Technology::Snp;
    let row = |byte, vcpus, obtained| Row { obtained, ..computed(technology, byte, vcpus) };
    let rows = vec![
        row(0x11, 1, Obtained::Computed),
        row(0x22, 2, Obtained::Computed),
        row(0x11, 3, Obtained::Computed),
        row(0x33, 4, Obtained::Endorsed { by: "the cloud".into() }),
        row(0x44, 5, observed(true)),
        row(0x55, 6, observed(false)),
    ];
    Manifest::new(head(technology), inputs(), rows).expect("a manifest")
}

/// [`snp`], of a firmware of which that is known.
pub(crate) fn checking(check: KernelHashCheck) -> Manifest {
    let manifest = snp();
    let mut inputs = manifest.inputs().to_vec();
    for facts in inputs.iter_mut().filter_map(|input| input.firmware_facts.as_mut()) {
        facts.kernel_hash_check = check;
    }
    Manifest::new(manifest.head().clone(), inputs, manifest.rows().to_vec()).expect("a manifest")
}

pub(crate) fn sev_es() -> Manifest {
    let technology = Technology::SevEs;
    let rows = vec![computed(technology, 0x11, 1), computed(technology, 0x22, 2)];
    Manifest::new(head(technology), inputs(), rows).expect("a manifest")
}

pub(crate) fn observed_only() -> Manifest {
    let row = Row {
        digest: digest(Technology::Snp, 0x66),
        facts: Facts::default(),
        obtained: observed(false),
    };
    Manifest::new(head(Technology::Snp), Vec::new(), vec![row]).expect("a manifest")
}
