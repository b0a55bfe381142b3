//! The stored form of an absorbed firmware: what is read is written again as it was, whatever stands around it. A launch from it has the
//! digest that the test kit makes of what the form says.

use std::sync::LazyLock;

use sev_launch_abi::CpuSignature;
use sev_launch_digest::firmware::{AbsorbedFirmware, Firmware, KernelHashCheck};
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::kernel_hashes::KernelHashes;
use sev_launch_digest::{VcpuCount, Vmsas, profile, sev, sev_es, snp};
use sev_launch_testkit::expected::{self, Vmm};
use sev_launch_testkit::firmware::{AMD_SEV_SECTIONS, FirmwareBuilder, Section};

use super::guests::{MOST_PAGES, pages};

/// An SVSM, whose tables count in place of the firmware's.
static MONITOR: LazyLock<Vec<u8>> =
    LazyLock::new(|| FirmwareBuilder::amd_sev().size(0x1000).svsm_info(16).build());

const SIGNATURE: u32 = 0x00a0_0f11;

/// The input is JSON.
pub(crate) fn run(bytes: &[u8]) {
    let Ok(absorbed) = serde_json::from_slice::<AbsorbedFirmware>(bytes) else { return };
    let written = serde_json::to_string(&absorbed).expect("a stored form");
    let again: AbsorbedFirmware = serde_json::from_str(&written).expect("what was written");
    assert_eq!(again, absorbed, "{written}");
    // One spelling: the same fields with the same values.
    let given: serde_json::Value = serde_json::from_slice(bytes).expect("read before");
    let written: serde_json::Value = serde_json::from_str(&written).expect("written before");
    assert_eq!(without_case(given), without_case(written));
    let _ = absorbed.secret_area();
    for has_kernel in [false, true] {
        let launched = launch(&absorbed, has_kernel);
        assert!(launched == launch(&again, has_kernel), "launched again");
    }
}

/// The digests of guests with this firmware: SEV, SEV-ES, SNP, and SNP with an SVSM. Nothing where it is refused.
fn launch(firmware: &AbsorbedFirmware, has_kernel: bool) -> [Option<Vec<u8>>; 4] {
    let hash = Sha256Digest::of;
    let kernel_hashes = has_kernel.then(|| KernelHashes {
        kernel: hash(b"a kernel"),
        initrd: KernelHashes::no_initrd(),
        cmdline: KernelHashes::of_cmdline(b"quiet").expect("no NUL"),
    });
    let table = has_kernel.then(|| expected::hashes_table(b"a kernel", None, Some(b"quiet")));
    let vcpus = VcpuCount::new(2).expect("a good count");
    let vmsas = Vmsas::Profile { signature: Some(CpuSignature(SIGNATURE)), sev_features: None };
    let profile = |name| profile::by_name(name).expect("a profile");

    let sev = sev::Guest { firmware, kernel_hashes }.launch().ok().map(|launch| launch.digest());
    if let (Some(sev), false) = (sev, has_kernel) {
        // Nothing follows the image.
        let sha256 = firmware.sha256().expect("what is launched was absorbed");
        assert_eq!(sev.as_bytes(), sha256.as_bytes());
    }
    let sev_es = sev_es::Guest {
        firmware,
        kernel_hashes,
        vcpus,
        profile: profile("es-init2"),
        vmsas: vmsas.clone(),
    };
    let sev_es = sev_es.launch().ok().map(|launch| launch.digest());

    let guest = snp::Guest {
        firmware,
        kernel_hashes,
        svsm: None,
        vcpus,
        profile: profile("snp-qemu"),
        vmsas: vmsas.clone(),
    };
    // Sections may say that a guest has a million pages.
    let snp = if pages(firmware) <= MOST_PAGES { guest.launch().ok() } else { None };
    let snp = snp.map(|launch| launch.digest());
    if let Some(snp) = snp {
        let area =
            firmware.hash_area().ok().map(|area| u32::try_from(area.base.0).expect("32 bits"));
        let sections: Vec<Section> = firmware
            .sections()
            .expect("launched")
            .iter()
            .map(|one| {
                let base = u32::try_from(one.base.0).expect("32 bits");
                Section::new(base, one.length, one.kind.number())
            })
            .collect();
        let reset = firmware.reset_address().expect("launched");
        let known = expected::profile("snp-qemu");
        let states = expected::vmsa_pages(known.layout, SIGNATURE, known.features, reset, 2);
        let hashes = table.as_ref().map(|table| (table, area.expect("launched")));
        let after = *firmware.snp_digest().expect("launched").as_bytes();
        let wanted = expected::snp_from(after, &sections, hashes, &states, Vmm::Qemu);
        assert_eq!(*snp.as_bytes(), wanted);
    }

    let placed = snp::Svsm::place(&MONITOR, firmware, 0x2_0000).ok();
    let svsm = placed.as_ref().and_then(|svsm| {
        let profile = profile("snp-svsm-ssm");
        snp::Guest { svsm: Some(svsm), profile, ..guest.clone() }.launch().ok()
    });
    let svsm = svsm.map(|launch| launch.digest());
    if let Some(svsm) = svsm {
        assert!(!has_kernel, "an SVSM has no kernel hashes");
        let size = usize::try_from(firmware.size()).expect("below 4 GiB");
        let gpa = expected::svsm_gpa(size, 0x2_0000, MONITOR.len());
        let after = *firmware.snp_digest().expect("launched").as_bytes();
        let after = expected::snp_svsm(after, &MONITOR, gpa);
        let known = expected::profile("snp-svsm-ssm");
        let entry = u32::try_from(gpa).expect("below 4 GiB") + 16;
        let states = expected::vmsa_pages(known.layout, SIGNATURE, known.features, entry, 2);
        let wanted = expected::snp_from(after, &AMD_SEV_SECTIONS, None, &states, Vmm::Qemu);
        assert_eq!(*svsm.as_bytes(), wanted);
    }
    let [sev, sev_es] = [sev, sev_es].map(|digest| digest.map(|one| one.as_bytes().to_vec()));
    let [snp, svsm] = [snp, svsm].map(|digest| digest.map(|one| one.as_bytes().to_vec()));
    [sev, sev_es, snp, svsm]
}

/// With every text in lower case: hexadecimal digits may be given in either.
fn without_case(mut value: serde_json::Value) -> serde_json::Value {
    for text in value.as_object_mut().into_iter().flat_map(|fields| fields.values_mut()) {
        if let serde_json::Value::String(text) = text {
            *text = text.to_lowercase();
        }
    }
    // A tail of no bytes may be said or left out.
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|name, value| name != "tail" || value != "");
    }
    value
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let images = [
        FirmwareBuilder::amd_sev().size(0x1000).build(),
        FirmwareBuilder::amd_sev().size(0x1000).svsm_info(16).secret_area(0x80_c000, 4096).build(),
        FirmwareBuilder::new(0x1001).build(),
    ];
    let stored = |image: Vec<u8>| {
        let absorbed = Firmware::parse(&image).expect("an image").absorb();
        serde_json::to_vec(&absorbed).expect("a stored form")
    };
    let checked = [KernelHashCheck::Yes, KernelHashCheck::No].map(|check| {
        let image = FirmwareBuilder::amd_sev().size(0x1000).build();
        let absorbed = Firmware::parse(&image).expect("an image").absorb();
        serde_json::to_vec(&absorbed.with_kernel_hash_check(check)).expect("a stored form")
    });
    images.into_iter().map(stored).chain(checked).collect()
}
