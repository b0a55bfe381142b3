//! Random launches of every technology and profile, as the digest crate describes them, handed over to the platform: after each update the platform
//! has measured what was predicted, and what it says of the whole is accepted by the verify crate.
//!
//! The digest crate says what a VMM loads and where, and predicts; the platform hashes bytes, and knows nothing of either. Bytes that a description
//! holds only as a digest (pages of firmware, the page of kernel hashes) are made here.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "generators/lab.rs"]
mod lab;

use std::collections::BTreeMap;

use lab::Seeded;
use sev_launch_abi::{CpuSignature, Generation, Gpa, LaunchDigest, PAGE_SIZE, Technology};
use sev_launch_digest::firmware::Firmware;
use sev_launch_digest::kernel_hashes::KernelHashes;
use sev_launch_digest::launch::{Launch, LaunchUpdate};
use sev_launch_digest::profile::{ALL, KernelHashing, LaunchProfile, Loads};
use sev_launch_digest::snp::{PageDigest, Svsm, Update};
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::{VmsaPage, Vmsas};
use sev_launch_digest::{Guest, libkrun, sev, sev_es, snp};
use sev_launch_platform::{
    Handle, Model, PageType, Platform, Session, SigningKey, SnpFinish, Status,
};
use sev_launch_testkit::expected;
use sev_launch_testkit::firmware::{FirmwareBuilder, Section};
use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};
use sev_launch_verify::requirement::Requirement;
use sev_launch_verify::sev::certificate::Certificate;
use sev_launch_verify::sev::measurement::LaunchMeasurement;
use sev_launch_verify::sev::requirements as sev_requirements;
use sev_launch_verify::sev::requirements::PlatformRequirements;
use sev_launch_verify::sev::session::{Session as OwnerSession, UnverifiedPdh};
use sev_launch_verify::snp::certificate::{CaCertificate, Vek};
use sev_launch_verify::snp::chain::{Chain, ChainOptions, Revocation, Roots, VerifiedVek};
use sev_launch_verify::snp::report::{ReportOptions, UnverifiedReport};
use sev_launch_verify::snp::requirements::{Generations, Requirements, TcbRequirements};

/// How often each profile is launched, and plain SEV.
const LAUNCHES: u64 = 50;

/// Files and settings of one launch.
struct Case {
    firmware: Vec<u8>,
    svsm: Vec<u8>,
    vars_size: u64,
    kernel: Vec<u8>,
    initrd: Vec<u8>,
    cmdline: Vec<u8>,
    hashes: bool,
    vcpus: VcpuCount,
    vmsas: Vmsas,
}

impl Case {
    fn new(random: &mut Seeded, profile: Option<&LaunchProfile>) -> Self {
        let mut below = |end| usize::try_from(random.below(end)).unwrap();
        let pages = |number: usize| number * PAGE_SIZE;
        let (mul, add) = (u8::try_from(below(256)).unwrap() | 1, u8::try_from(below(256)).unwrap());
        let hash_offset = u32::try_from(below(240) * 16).unwrap();
        let firmware = FirmwareBuilder::amd_sev()
            .size(pages(1 + below(12)))
            .pattern(mul, add)
            .reset(0x0080_b004 + u32::try_from(below(1 << 12)).unwrap())
            .hash_area(0x0081_0000 + hash_offset, 0x400)
            .section(Section::new(0x0090_0000, 0x1000 * u32::try_from(1 + below(3)).unwrap(), 1))
            .build();
        let entry = 16 * u32::try_from(1 + below(64)).unwrap();
        let svsm = FirmwareBuilder::amd_sev().size(pages(1 + below(4))).svsm_info(entry).build();
        let vars_size = u64::try_from(pages(below(3))).unwrap();
        let bytes = |length: usize| sev_launch_testkit::pattern(length, mul, add);
        // libkrun's files are whole pages; of a measured kernel any length is hashed.
        let is_krun = profile.is_some_and(|profile| profile.loads == Loads::KrunFiles);
        let (kernel, initrd) = if is_krun {
            (bytes(pages(1 + below(4))), bytes(pages(1 + below(3))))
        } else {
            (bytes(1 + below(5000)), bytes(below(5000)))
        };
        let cmdline: Vec<u8> = b"console=ttyS0 quiet root=/dev/vda1"[..below(30)].to_vec();
        let number = 1 + u32::try_from(below(6)).unwrap();
        let late = if below(4) == 0 { u32::try_from(below(u64::from(number))).unwrap() } else { 0 };
        let signatures = [0x0080_0f12, 0x0083_0f10, 0x00a0_0f11, 0x00a1_0f10, 0x00b0_0f20];
        let signature = CpuSignature(signatures[below(5)]);
        let vmsas = if below(5) == 0 {
            let page = |fill: u8| {
                let mut page = [0; PAGE_SIZE];
                page[..0x2f0].fill(fill);
                // SEV_FEATURES: SNP or nothing. [APM2, VMSA layout]
                page[0x3b0] =
                    u8::from(profile.is_some_and(|profile| profile.technology == Technology::Snp));
                VmsaPage::from_bytes(&page).unwrap()
            };
            Vmsas::Captured { bsp: page(add), ap: Some(page(mul)) }
        } else {
            Vmsas::of_signature(signature)
        };
        Self {
            firmware,
            svsm,
            vars_size,
            kernel,
            initrd,
            cmdline,
            hashes: below(2) == 0,
            vcpus: VcpuCount::new(number).unwrap().with_late(late).unwrap(),
            vmsas,
        }
    }

    fn kernel_hashes(&self, profile: Option<&LaunchProfile>) -> Option<KernelHashes> {
        let is_known = profile.is_none_or(|profile| {
            profile.loads == Loads::Firmware && profile.kernel_hashes != KernelHashing::None
        });
        (self.hashes && is_known)
            .then(|| KernelHashes::of(&self.kernel, &self.initrd, &self.cmdline).unwrap())
    }
}

/// Bytes by their address and by their digest: what a host has in its memory.
#[derive(Default)]
struct Memory {
    regions: BTreeMap<&'static str, Vec<u8>>,
    pages: Vec<[u8; PAGE_SIZE]>,
}

impl Memory {
    fn add(&mut self, bytes: &[u8]) {
        self.pages.extend(bytes.as_chunks().0);
    }

    /// The page with this digest.
    fn page(&self, wanted: PageDigest) -> [u8; PAGE_SIZE] {
        let found = self.pages.iter().find(|page| PageDigest::of(page) == wanted);
        *found.expect("the page was made here")
    }
}

/// Hands one SNP update over.
fn snp_update(
    platform: &mut Platform,
    guest: Handle,
    memory: &Memory,
    update: &snp::LaunchUpdate,
    vmsa: impl Fn(u32) -> [u8; PAGE_SIZE],
) -> Result<(), Status> {
    // What the firmware clears or fills may hold anything before.
    let (gpa, junk) = (update.gpa.0, [0xcc; PAGE_SIZE]);
    let mut hand = |gpa, page_type: PageType, page: &[u8; PAGE_SIZE]| {
        platform.snp_launch_update(guest, gpa, page_type.number(), page)
    };
    match update.what {
        Update::Region { name, size, .. } => {
            let bytes = &memory.regions[name];
            assert_eq!(u64::try_from(bytes.len()), Ok(size));
            for (page, at) in bytes.as_chunks().0.iter().zip(Gpa(gpa).pages(size)) {
                hand(at.0, PageType::Normal, page)?;
            }
            Ok(())
        }
        Update::Normal(digest) => hand(gpa, PageType::Normal, &memory.page(digest)),
        Update::Zero => hand(gpa, PageType::Zero, &junk),
        Update::Unmeasured => hand(gpa, PageType::Unmeasured, &junk),
        Update::Secrets => hand(gpa, PageType::Secrets, &junk),
        Update::Cpuid => hand(gpa, PageType::Cpuid, &[0; PAGE_SIZE]),
        Update::Vmsa { vcpu, .. } => hand(gpa, PageType::Vmsa, &vmsa(vcpu)),
    }
}

/// Hands every update over, and compares after each.
fn hand_over(
    platform: &mut Platform,
    guest: Handle,
    launch: &Launch<'_>,
    memory: &Memory,
    vcpus: VcpuCount,
) {
    let pages = launch.vmsa_pages();
    let vmsa = |vcpu| *pages.unwrap().of_vcpu(vcpu, vcpus).as_bytes();
    for (update, predicted) in launch.trace() {
        match &update {
            LaunchUpdate::Sev(sev::LaunchUpdate::Firmware { .. }) => {
                // A VMM may hand it over in several parts.
                let (first, second) = memory.regions["firmware"].split_at(2048);
                platform.launch_update_data(guest, first).unwrap();
                platform.launch_update_data(guest, second).unwrap();
            }
            LaunchUpdate::Sev(sev::LaunchUpdate::File { bytes, .. }) => {
                platform.launch_update_data(guest, bytes).unwrap();
            }
            LaunchUpdate::Sev(sev::LaunchUpdate::Pages(_)) => {
                unreachable!("no launch here is of an IGVM file");
            }
            LaunchUpdate::Sev(sev::LaunchUpdate::KernelHashes(_)) => {
                platform.launch_update_data(guest, &memory.regions["hashes"]).unwrap();
            }
            LaunchUpdate::Sev(sev::LaunchUpdate::Vmsa { vcpu, .. }) => {
                platform.launch_update_vmsa(guest, &vmsa(*vcpu)).unwrap();
            }
            LaunchUpdate::Snp(update) => {
                snp_update(platform, guest, memory, update, vmsa).unwrap();
            }
        }
        assert_eq!(platform.digest(guest), Ok(predicted), "{update}");
    }
}

/// A platform, and what somebody who judges its launches knows of it.
struct Judge {
    platform: Platform,
    pdh: UnverifiedPdh,
    vek: VerifiedVek,
    random: Seeded,
}

impl Judge {
    fn new() -> Self {
        let platform = lab::platform(Generation::Genoa);
        let pdh = Certificate::parse(&platform.pdh_cert_export().unwrap().pdh).unwrap();
        let authority = platform.authority().unwrap();
        let [ark, ask] = [authority.ark_der(), authority.ask_der()]
            .map(|der| CaCertificate::parse(&der.unwrap()).unwrap());
        let vek = Vek::parse(&platform.vek_der(SigningKey::Vcek).unwrap()).unwrap();
        let options = ChainOptions {
            roots: Roots::Explicit(&ark),
            revocation: Revocation::NotChecked,
            time: 1_795_824_000, // 2026-11-28
        };
        let vek = Chain { vek: &vek, intermediate: Some(&ask), root: None }.verify(&options);
        let (pdh, vek) = (UnverifiedPdh(pdh.point().clone()), vek.unwrap());
        Self { platform, pdh, vek, random: Seeded(7) }
    }

    /// A SEV or SEV-ES launch under a session, judged by its measurement.
    fn sev(&mut self, launch: &Launch<'_>, memory: &Memory, vcpus: VcpuCount) {
        let Self { platform, pdh, random, .. } = self;
        let is_es = launch.technology() == Technology::SevEs;
        let policy = sev_launch_abi::sev::Policy::from_bits(if is_es { 0xf } else { 0xb });
        let session = OwnerSession::create_unverified(policy, pdh, random).unwrap();
        let blob = session.blob().to_bytes();
        let handed = Session { godh: session.godh_certificate(), session: &blob };
        let guest = platform.launch_start(policy.bits(), Some(handed)).unwrap();
        hand_over(platform, guest, launch, memory, vcpus);
        let blob = platform.launch_measure(guest).unwrap();
        platform.launch_finish(guest).unwrap();
        assert_eq!(platform.digest(guest), Ok(launch.digest()), "what was measured stays");
        let mut references = ReferenceValues::new();
        let stands_for = StandsFor::image(launch.technology(), "made up");
        references.add(launch.digest().try_into().unwrap(), stands_for);
        let api = Requirement::Exactly(platform.model().api);
        let build = Requirement::Exactly(platform.model().build);
        let requirements =
            sev_requirements::Requirements::strict(references, PlatformRequirements { api, build });
        let blob = LaunchMeasurement::parse(&blob).unwrap();
        let version = platform.model().version();
        let verified = session.into_launch().verify(&blob, version, &requirements).unwrap();
        assert_eq!(LaunchDigest::from(*verified.digest()), launch.digest());
        platform.decommission(guest);
    }

    /// An SNP launch, judged by its report.
    fn snp(&mut self, launch: &Launch<'_>, memory: &Memory, vcpus: VcpuCount) {
        let Self { platform, vek, .. } = self;
        let guest = platform.snp_launch_start(0x3_0000).unwrap();
        hand_over(platform, guest, launch, memory, vcpus);
        platform.snp_launch_finish(guest, SnpFinish::PLAIN).unwrap();
        assert_eq!(platform.digest(guest), Ok(launch.digest()), "what was measured stays");
        let data = [0x11; 64];
        let report = platform.report(guest, 0, &data, SigningKey::Vcek).unwrap();
        let report = UnverifiedReport::parse(&report[..]).unwrap();
        let report = report.verify(vek, ReportOptions::STRICT).unwrap();
        let mut references = ReferenceValues::new();
        let stands_for = StandsFor::image(Technology::Snp, "made up");
        references.add(launch.digest().try_into().unwrap(), stands_for);
        let genoa = Some(TcbRequirements::all(Requirement::Any));
        let requirements = Requirements {
            generations: Generations { genoa, ..Generations::NONE },
            ..Requirements::strict(references, data)
        };
        assert!(requirements.appraise(&report).is_ok());
        platform.decommission(guest);
    }
}

/// One launch: predicted, handed over, compared, and judged.
fn launch(judge: &mut Judge, case: &Case, profile: Option<&'static LaunchProfile>) -> LaunchDigest {
    let absorbed = Firmware::parse(&case.firmware).unwrap().absorb();
    let svsm = Svsm::place(&case.svsm, &absorbed, case.vars_size).unwrap();
    let kernel_hashes = case.kernel_hashes(profile);
    let (vcpus, vmsas) = (case.vcpus, case.vmsas.clone());
    let mut memory = Memory::default();
    memory.regions.insert("firmware", case.firmware.clone());
    memory.regions.insert("SVSM", case.svsm.clone());
    memory.add(&case.firmware);
    memory.add(&case.kernel);
    memory.add(&case.initrd);
    memory.add(&[0; PAGE_SIZE]);
    // The table comes from the test kit, which shares nothing with what predicts.
    let table = expected::hashes_table(&case.kernel, Some(&case.initrd), Some(&case.cmdline));
    memory.regions.insert("hashes", table.to_vec());
    if kernel_hashes.is_some() {
        let mut page = [0; PAGE_SIZE];
        let at = absorbed.hash_area().unwrap().base.page_offset();
        page[at..at + table.len()].copy_from_slice(&table);
        memory.add(&page);
    }
    let firmware = &absorbed;
    let guest = match profile {
        None => Guest::Sev(sev::Guest { firmware, kernel_hashes }),
        Some(profile) if profile.loads == Loads::KrunFiles => Guest::Libkrun(libkrun::Guest {
            qboot: &case.firmware,
            kernel: &case.kernel,
            kernel_gpa: Gpa(0x10_0000),
            initrd: &case.initrd,
            vcpus,
            profile,
            vmsas,
        }),
        Some(profile) if profile.technology == Technology::SevEs => {
            Guest::SevEs(sev_es::Guest { firmware, kernel_hashes, vcpus, profile, vmsas })
        }
        Some(profile) => Guest::Snp(snp::Guest {
            firmware,
            kernel_hashes,
            svsm: (profile.loads == Loads::FirmwareAndSvsm).then_some(&svsm),
            vcpus,
            profile,
            vmsas,
        }),
    };
    let launch = guest.launch().unwrap();
    match launch.technology() {
        Technology::Sev | Technology::SevEs => judge.sev(&launch, &memory, vcpus),
        Technology::Snp => judge.snp(&launch, &memory, vcpus),
    }
    launch.digest()
}

#[test]
#[ignore = "slow: `cargo xtask check` runs it"]
fn every_profile_measures_what_is_predicted() {
    let mut judge = Judge::new();
    let mut digests = BTreeMap::new();
    let mut random = Seeded(20_261_128);
    // An IGVM file's launches are held against a real QEMU's.
    let of_images = ALL.iter().filter(|profile| profile.igvm_rules().is_err());
    let profiles = of_images.map(Some).chain([None]);
    for profile in profiles {
        for _ in 0..LAUNCHES {
            let case = Case::new(&mut random, profile);
            let digest = launch(&mut judge, &case, profile);
            *digests.entry(digest.to_string()).or_insert(0_u32) += 1;
        }
    }
    let count: u32 = digests.values().sum();
    assert!(count >= 1000, "{count} launches");
    assert!(digests.len() > 900, "{} different digests", digests.len());
}

// [ASPFW, snp_mcmd_launch_update]: two fields of a save area are measured as zeros.
#[test]
fn tsc_fields_of_a_save_area_are_measured_as_zeros() {
    let mut platform = Platform::new(Model::of(Generation::Genoa), &[3; 32]);
    let mut measured = |page: &[u8; PAGE_SIZE], page_type: PageType| {
        let guest = platform.snp_launch_start(0x3_0000).unwrap();
        platform.snp_launch_update(guest, 0, page_type.number(), page).unwrap();
        platform.digest(guest).unwrap()
    };
    let zeros = [0; PAGE_SIZE];
    let mut page = zeros;
    page[0x2f0..0x300].fill(0xff);
    assert_eq!(measured(&page, PageType::Vmsa), measured(&zeros, PageType::Vmsa));
    assert_ne!(measured(&page, PageType::Normal), measured(&zeros, PageType::Normal));
    for at in [0x2ef, 0x300] {
        let mut page = zeros;
        page[at] = 1;
        assert_ne!(measured(&page, PageType::Vmsa), measured(&zeros, PageType::Vmsa));
    }
}

// The test kit's own chain, written from the document and sharing nothing with either.
#[test]
fn page_types_are_chained_as_the_document_has_it() {
    let mut platform = Platform::new(Model::of(Generation::Milan), &[3; 32]);
    let guest = platform.snp_launch_start(0x3_0000).unwrap();
    let mut page = [0x5a; PAGE_SIZE];
    page[0x2f0..0x300].fill(0);
    let contents: [u8; 48] = <sha2::Sha384 as sha2::Digest>::digest(page).into();
    let mut wanted = [0; 48];
    for (gpa, page_type, contents) in [
        (0xffff_f000, expected::NORMAL, contents),
        (0x0080_0000, expected::ZERO, [0; 48]),
        (0x0080_1000, expected::UNMEASURED, [0; 48]),
        (0x0080_d000, expected::SECRETS, [0; 48]),
        (expected::VMSA_GPA, expected::VMSA, contents),
    ] {
        platform.snp_launch_update(guest, gpa, page_type, &page).unwrap();
        wanted = expected::extend(wanted, page_type, gpa, contents);
        assert_eq!(platform.digest(guest).unwrap().as_bytes(), wanted, "page type {page_type}");
    }
}
