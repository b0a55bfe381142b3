//! Digests that AMD processors reported, from all that went into the launch.
//!
//! They are other projects' data: without `SEV_LAUNCH_VECTORS` these tests say loudly that they skip.

use sev_launch_abi::CpuSignature;
use sev_launch_digest::cpu::CpuModel;
use sev_launch_digest::firmware::{AbsorbedFirmware, Firmware};
use sev_launch_digest::kernel_hashes::KernelHashes;
use sev_launch_digest::profile::{self, Confidence};
use sev_launch_digest::snp::{self, PageDigest, Svsm};
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::Vmsas;
use sev_launch_testkit::firmware::FirmwareBuilder;
use sev_launch_testkit::vectors::{HardwareSuite, HardwareVector};

/// The firmware of a vector: its tables, and the digest after its pages.
fn firmware(vector: &HardwareVector) -> AbsorbedFirmware {
    let image = vector.firmware.as_ref().expect("its tables are published").image();
    let absorbed = Firmware::parse(&image).expect("an image").absorb();
    let digest = vector.ovmf_hash.as_ref().expect("it is published");
    absorbed.with_snp_digest(digest.parse().expect("hex"))
}

fn digest(vector: &HardwareVector, profile: &str) -> String {
    let firmware = firmware(vector);
    let hash = |text: &String| text.parse().expect("hex");
    let kernel_hashes = vector.kernel_sha256.as_ref().map(|kernel| KernelHashes {
        kernel: hash(kernel),
        initrd: vector.initrd_sha256.as_ref().map_or_else(KernelHashes::no_initrd, hash),
        cmdline: KernelHashes::of_cmdline(vector.cmdline.as_deref().unwrap_or("").as_bytes())
            .expect("no NUL"),
    });
    let model = vector.vcpu_type.as_ref().map(|name| CpuModel::by_name(name).expect("a model"));
    let guest = snp::Guest {
        firmware: &firmware,
        kernel_hashes,
        svsm: None,
        vcpus: VcpuCount::new(vector.vcpus).expect("a good count"),
        profile: profile::by_name(profile).expect("the profile exists"),
        vmsas: Vmsas::Profile { signature: model.map(|model| model.signature), sev_features: None },
    };
    guest.launch().expect("it was launched").digest().to_string()
}

#[test]
fn hosts_that_were_observed_reported_these_digests() {
    let Some((suite, _)) = HardwareSuite::found() else { return };
    for (id, profile) in [
        ("hw/snp-qemu/dstack-milan-2026-06-17", "snp-qemu"),
        ("hw/snp-ec2-rdx0/ovmf_img_2", "snp-ec2-rdx0"),
    ] {
        let vector = suite.vector(id);
        assert_eq!(digest(vector, profile), vector.expect, "{id}");
    }
}

// Which profiles are called observed is those of the test above.
#[test]
fn only_what_was_observed_is_called_so() {
    let observed = profile::ALL.iter().filter(|one| one.confidence == Confidence::Observed);
    let names: Vec<_> = observed.map(|profile| profile.name).collect();
    assert_eq!(names, ["snp-qemu", "snp-ec2-rdx0"]);
}

// The images are not published, but the digest before the VMSAs is, and where they start.
#[test]
fn svsm_hosts_reported_these_digests() {
    let Some((suite, _)) = HardwareSuite::found() else { return };
    let image = FirmwareBuilder::amd_sev().build();
    let firmware = Firmware::parse(&image).expect("an image").absorb();
    let svsm_image = FirmwareBuilder::amd_sev().svsm_info(0x4000).build();
    for id in ["hw/snp-svsm-nofpu/vcpus-4", "hw/snp-svsm-nofpu/vcpus-2"] {
        let vector = suite.vector(id);
        let page = vector.vmsa_page.as_ref().expect("it is published");
        // Any image with its entry where the host's had it.
        let start = u64::from(page.rip) - 0x4000;
        let vars = firmware.gpa().0 - start - 0x1_0000;
        let svsm = Svsm::place(&svsm_image, &firmware, vars).expect("it fits");
        let guest = snp::Guest {
            firmware: &firmware,
            kernel_hashes: None,
            svsm: Some(&svsm),
            vcpus: VcpuCount::ONE,
            profile: profile::by_name("snp-svsm-nofpu").expect("the profile exists"),
            vmsas: Vmsas::of_signature(CpuSignature(page.rdx)),
        };
        let launch = guest.launch().expect("a good launch");
        for vmsa in [
            &launch.vmsas().expect("VMSAs").pages().bsp,
            &launch.vmsas().expect("VMSAs").pages().ap,
        ] {
            assert_eq!(PageDigest::of(vmsa.as_bytes()).to_string(), page.sha384, "{id}");
        }
        let before = vector.digest_before_vmsas.as_ref().expect("it is published");
        let before = before.parse().expect("hex");
        let vcpus = VcpuCount::new(vector.vcpus).expect("a good count");
        assert_eq!(
            launch.vmsas().expect("VMSAs").digest(before, vcpus).to_string(),
            vector.expect,
            "{id}"
        );
    }
}
