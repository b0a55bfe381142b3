//! The digest of a good guest against the test kit's, which shares nothing with ours.

use arbitrary::{Result, Unstructured};
use sev_launch_abi::{CpuSignature, SevFeatures};
use sev_launch_digest::firmware::Firmware;
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::kernel_hashes::KernelHashes;
use sev_launch_digest::{VcpuCount, Vmsas, profile, sev, sev_es, snp};
use sev_launch_testkit::expected::{self, Layout, Vmm};
use sev_launch_testkit::firmware::{FirmwareBuilder, KERNEL_HASHES, Section};

use super::sections;

/// Profiles of SEV-ES, and what their pages hold.
const SEV_ES: [(&str, Layout, u64); 4] = [
    ("es-legacy", Layout::QemuNofpu, 0),
    ("es-legacy-debugswap", Layout::QemuNofpu, 0x20),
    ("es-init2", Layout::QemuFpu, 0),
    ("es-init2-debugswap", Layout::QemuFpu, 0x20),
];

/// Profiles of SNP, what their pages hold, and who loads them.
const SNP: [(&str, Layout, u64, Vmm); 8] = [
    ("snp-qemu", Layout::QemuFpu, 1, Vmm::Qemu),
    ("snp-amdese-old", Layout::QemuNofpu, 1, Vmm::Qemu),
    ("snp-amdese-6.6", Layout::QemuNofpu, 0x21, Vmm::Qemu),
    ("snp-amdese-6.9", Layout::QemuFpu, 1, Vmm::Qemu),
    ("snp-ec2", Layout::Ec2, 1, Vmm::Ec2),
    ("snp-ec2-rdx0", Layout::Ec2Rdx0, 1, Vmm::Ec2),
    ("snp-gce", Layout::Gce, 1, Vmm::Gce),
    ("snp-gce-genoa", Layout::Gce, 1, Vmm::GceGenoa),
];

/// The input chooses a guest that can be launched.
pub(crate) fn run(bytes: &[u8]) {
    let _ = compare(&mut Unstructured::new(bytes));
}

/// What a guest's kernel consists of.
struct Kernel {
    kernel: Vec<u8>,
    initrd: Option<Vec<u8>>,
    cmdline: Vec<u8>,
}

impl Kernel {
    fn choose(u: &mut Unstructured<'_>) -> Result<Self> {
        let some = |u: &mut Unstructured<'_>| {
            let length = u.int_in_range(0..=40)?;
            u.bytes(length).map(<[u8]>::to_vec)
        };
        let initrd = if u.arbitrary()? { Some(some(u)?) } else { None };
        let cmdline = some(u)?.into_iter().filter(|byte| *byte != 0).collect();
        Ok(Self { kernel: some(u)?, initrd, cmdline })
    }

    fn hashes(&self) -> KernelHashes {
        KernelHashes {
            kernel: Sha256Digest::of(&self.kernel),
            initrd: self.initrd.as_deref().map_or_else(KernelHashes::no_initrd, Sha256Digest::of),
            cmdline: KernelHashes::of_cmdline(&self.cmdline).expect("no NUL"),
        }
    }

    fn table(&self) -> [u8; 176] {
        expected::hashes_table(&self.kernel, self.initrd.as_deref(), Some(&self.cmdline))
    }
}

fn compare(u: &mut Unstructured<'_>) -> Result<()> {
    let mut sections = sections(u)?;
    let kernel = if u.arbitrary()? { Some(Kernel::choose(u)?) } else { None };
    if kernel.is_some() && !sections.iter().any(|section| section.kind == KERNEL_HASHES) {
        sections.push(Section::new(0x90_0000, 0x1000, KERNEL_HASHES));
    }
    // LAUNCH_UPDATE_DATA takes addresses that are multiples of 16; the table's 176 bytes end with the page at the latest.
    let area = 0x90_0000 + u.int_in_range(0..=0xf5)? * 16;
    let reset = u.int_in_range(1..=u32::MAX)?;
    let size = u.int_in_range(1..=3)? * 0x1000;
    let builder = FirmwareBuilder::amd_sev().pattern(u.arbitrary()?, u.arbitrary()?);
    let builder = builder.size(size).reset(reset).hash_area(area, 0x400).sections(sections.clone());
    let image = builder.build();
    let firmware = &Firmware::parse(&image).expect("an image").absorb();

    let kernel_hashes = kernel.as_ref().map(Kernel::hashes);
    let table = kernel.as_ref().map(Kernel::table);
    let count = u.int_in_range(1..=4)?;
    let vcpus = VcpuCount::new(count).expect("a good count");
    let signature: u32 = u.arbitrary()?;
    let features = u.arbitrary::<Option<u64>>()?;
    let choose = |mask: u64| Vmsas::Profile {
        signature: Some(CpuSignature(signature)),
        sev_features: features.map(|features| SevFeatures(features & mask)),
    };
    match u.int_in_range(0..=2)? {
        0 => {
            let launch = (sev::Guest { firmware, kernel_hashes }).launch().expect("a good guest");
            assert_eq!(*launch.digest().as_bytes(), expected::sev(&image, table.as_ref()));
        }
        1 => {
            let (name, layout, own) = *u.choose(&SEV_ES)?;
            let profile = profile::by_name(name).expect("a profile");
            // SEV-ES with the feature that is SNP is refused.
            let vmsas = choose(!1);
            let guest = sev_es::Guest { firmware, kernel_hashes, vcpus, profile, vmsas };
            let features = features.map_or(own, |features| features & !1);
            let pages = expected::vmsa_pages(layout, signature, features, reset, count);
            let digest = guest.launch().expect("a good guest").digest();
            assert_eq!(
                *digest.as_bytes(),
                expected::sev_es(&image, table.as_ref(), &pages),
                "{name}"
            );
        }
        _ => {
            let (name, layout, own, vmm) = *u.choose(&SNP)?;
            let profile = profile::by_name(name).expect("a profile");
            let qemu = vmm == Vmm::Qemu;
            let vmsas = choose(!0);
            let kernel_hashes = kernel_hashes.filter(|_| qemu);
            let guest = snp::Guest { firmware, kernel_hashes, svsm: None, vcpus, profile, vmsas };
            let features = features.unwrap_or(own);
            let pages = expected::vmsa_pages(layout, signature, features, reset, count);
            let table = table.as_ref().filter(|_| qemu).map(|table| (table, area));
            let digest = guest.launch().expect("a good guest").digest();
            let wanted = expected::snp(&image, &sections, table, &pages, vmm);
            assert_eq!(*digest.as_bytes(), wanted, "{name}");
        }
    }
    Ok(())
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    super::patterns(192)
}
