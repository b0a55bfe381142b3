//! The digest of a good guest against the test kit's, which shares nothing with ours.

use arbitrary::{Result, Unstructured};
use sev_launch_abi::{CpuSignature, Gpa, SevFeatures};
use sev_launch_digest::firmware::{AbsorbedFirmware, Firmware};
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::kernel_hashes::KernelHashes;
use sev_launch_digest::profile::LaunchProfile;
use sev_launch_digest::{VcpuCount, Vmsas, libkrun, profile, sev, sev_es, snp};
use sev_launch_testkit::expected::{self, Loads, PAGE, PROFILES, Profile, Vmm};
use sev_launch_testkit::firmware::{FirmwareBuilder, KERNEL_HASHES, RESET_BLOCK, Section};
use sev_launch_testkit::pattern;

use super::sections;

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
    if u.ratio(1, 4)? {
        let launch = (sev::Guest { firmware, kernel_hashes }).launch().expect("a good guest");
        assert_eq!(*launch.digest().as_bytes(), expected::sev(&image, table.as_ref()));
        return Ok(());
    }
    let known = u.choose(&PROFILES)?;
    let cpus = Cpus::choose(u, known)?;
    let (name, vmsas, vcpus) = (known.name, cpus.vmsas(), cpus.count());
    let profile = profile::by_name(name).expect("a profile");
    match known.loads {
        Loads::Krun => libkrun(u, profile, &cpus)?,
        Loads::Svsm => svsm(u, &image, firmware, profile, &cpus)?,
        Loads::Firmware if known.is_snp() => {
            let qemu = known.vmm == Vmm::Qemu;
            let kernel_hashes = kernel_hashes.filter(|_| qemu);
            let guest = snp::Guest { firmware, kernel_hashes, svsm: None, vcpus, profile, vmsas };
            let table = table.as_ref().filter(|_| qemu).map(|table| (table, area));
            let digest = guest.launch().expect("a good guest").digest();
            let wanted = expected::snp(&image, &sections, table, &cpus.pages(reset), known.vmm);
            assert_eq!(*digest.as_bytes(), wanted, "{name}");
        }
        Loads::Firmware => {
            let guest = sev_es::Guest { firmware, kernel_hashes, vcpus, profile, vmsas };
            let digest = guest.launch().expect("a good guest").digest();
            let wanted = expected::sev_es(&image, table.as_ref(), &cpus.pages(reset));
            assert_eq!(*digest.as_bytes(), wanted, "{name}");
        }
    }
    Ok(())
}

/// The CPUs of a guest.
struct Cpus {
    known: &'static Profile,
    signature: u32,
    /// In place of the profile's.
    features: Option<u64>,
    number: u32,
    /// How many of them were added late.
    late: u32,
}

impl Cpus {
    fn choose(u: &mut Unstructured<'_>, known: &'static Profile) -> Result<Self> {
        // SEV-ES with the feature that is SNP is refused.
        let mask = if known.is_snp() { !0 } else { !1 };
        let number = u.int_in_range(1..=4)?;
        Ok(Self {
            known,
            signature: u.arbitrary()?,
            features: u.arbitrary::<Option<u64>>()?.map(|features| features & mask),
            number,
            // No other VMM is known to add any.
            late: if known.is_qemu() { u.int_in_range(0..=number - 1)? } else { 0 },
        })
    }

    fn count(&self) -> VcpuCount {
        let count = VcpuCount::new(self.number).expect("a few");
        count.with_late(self.late).expect("the first is never late")
    }

    fn vmsas(&self) -> Vmsas {
        Vmsas::Profile {
            signature: Some(CpuSignature(self.signature)),
            sev_features: self.features.map(SevFeatures),
        }
    }

    /// Their states, by the test kit, where further ones start at `reset`; with an SVSM, all of them.
    fn pages(&self, reset: u32) -> Vec<[u8; PAGE]> {
        let features = self.features.unwrap_or(self.known.features);
        let pages =
            expected::vmsa_pages(self.known.layout, self.signature, features, reset, self.number);
        expected::late(pages, self.late)
    }
}

/// An SVSM, whose own tables count, below the firmware and its variables.
fn svsm(
    u: &mut Unstructured<'_>,
    image: &[u8],
    firmware: &AbsorbedFirmware,
    profile: &LaunchProfile,
    cpus: &Cpus,
) -> Result<()> {
    let sections = sections(u)?;
    let size = u.int_in_range(1..=3)? * PAGE;
    let entry = u.int_in_range(0..=0xfff)?;
    let monitor = FirmwareBuilder::amd_sev().without(RESET_BLOCK).pattern(u.arbitrary()?, 5);
    let monitor = monitor.size(size).svsm_info(entry).sections(sections.clone()).build();
    let vars = u64::from(u.int_in_range(0..=0x40_u32)?) * 0x1000;
    let placed = snp::Svsm::place(&monitor, firmware, vars).expect("it fits");
    let guest = snp::Guest {
        firmware,
        kernel_hashes: None,
        svsm: Some(&placed),
        vcpus: cpus.count(),
        profile,
        vmsas: cpus.vmsas(),
    };
    let digest = guest.launch().expect("a good guest").digest();
    let gpa = expected::svsm_gpa(image.len(), vars, monitor.len());
    let before = expected::snp_svsm(expected::snp_firmware(image), &monitor, gpa);
    let start = u32::try_from(gpa).expect("it is below 4 GiB") + entry;
    let wanted = expected::snp_from(before, &sections, None, &cpus.pages(start), Vmm::Qemu);
    assert_eq!(*digest.as_bytes(), wanted, "{}", profile.name);
    Ok(())
}

/// libkrun's files, in whole pages for SNP.
fn libkrun(u: &mut Unstructured<'_>, profile: &LaunchProfile, cpus: &Cpus) -> Result<()> {
    let unit = if cpus.known.is_snp() { PAGE } else { 16 };
    let mut file = || -> Result<Vec<u8>> {
        let units = u.int_in_range(1..=3)?;
        Ok(pattern(units * unit, u.arbitrary()?, u.arbitrary()?))
    };
    let (qboot, kernel, initrd) = (&file()?, &file()?, &file()?);
    let kernel_gpa = u64::from(u.arbitrary::<u32>()?) * 0x1000;
    let guest = libkrun::Guest {
        qboot,
        kernel,
        kernel_gpa: Gpa(kernel_gpa),
        initrd,
        vcpus: cpus.count(),
        profile,
        vmsas: cpus.vmsas(),
    };
    let digest = guest.launch().expect("a good guest").digest();
    // No firmware says where a further CPU starts.
    let pages = cpus.pages(0);
    let wanted = if cpus.known.is_snp() {
        let before = expected::krun_snp(qboot, (kernel, kernel_gpa), initrd);
        expected::snp_from(before, &[], None, &pages, Vmm::Qemu).to_vec()
    } else {
        expected::krun_sev_es(qboot, kernel, initrd, &pages).to_vec()
    };
    assert_eq!(digest.as_bytes(), wanted, "{}", profile.name);
    Ok(())
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    super::patterns(192)
}
