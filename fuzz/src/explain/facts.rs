//! Launches that bytes choose, and what the test kit computes of them: small files, and few values for each fact.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use sev_launch_abi::{CpuSignature, SevFeatures, Technology};
use sev_launch_digest::profile;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_explain::{Cmdline, Content, File, Hypothesis, Launch};
use sev_launch_testkit::expected::{self, Loads, Profile};
use sev_launch_testkit::firmware::{AMD_SEV_SECTIONS, FirmwareBuilder, Section};

/// The test kit's profiles of launches with a firmware and nothing else: those of SEV-ES, and those of SNP.
static PROFILES: LazyLock<[Vec<Profile>; 2]> = LazyLock::new(|| {
    [false, true].map(|is_snp| {
        let all = expected::PROFILES.iter().filter(|one| one.loads == Loads::Firmware);
        all.filter(|one| one.is_snp() == is_snp).copied().collect()
    })
});

/// Signatures of QEMU's models. [QEMU, builtin_x86_defs]
const SIGNATURES: [u32; 3] = [0x0080_0f12, 0x00a0_0f11, 0x00a1_0f10];
/// Command lines, each of which a slip makes of the first.
const CMDLINES: [&[u8]; 6] =
    [b"ro  quiet", b"ro  quiet\n", b"ro quiet", b"", b"'ro  quiet'", b" quiet"];

const RESETS: [u32; 2] = [0x0080_b004, 0xf1e2_d3c4];
const AREAS: [u32; 2] = [0x0081_0c00, 0x0081_0400];

/// The pool: two images, then a kernel, an initrd, another kernel, and a file without bytes.
static POOL: LazyLock<[(Vec<u8>, File); 6]> = LazyLock::new(|| {
    let image = |which: usize| {
        let image = FirmwareBuilder::amd_sev().size(0x1000).pattern([31, 13][which], 7);
        let image = image.reset(RESETS[which]).hash_area(AREAS[which], 0x200);
        let image = image.sections(sections(which)).build();
        let file = File::of_firmware(format!("image {which}"), &image).expect("an image");
        (image, file)
    };
    let file = |bytes: &[u8]| {
        let name = String::from_utf8_lossy(bytes).into_owned();
        (bytes.to_vec(), File::of(name, bytes))
    };
    [image(0), image(1), file(b"a kernel"), file(b"an initrd"), file(b"another kernel"), file(b"")]
});

static FIRMWARE_DIGESTS: LazyLock<[[u8; 48]; 2]> =
    LazyLock::new(|| [0, 1].map(|which: usize| expected::snp_firmware(&POOL[which].0)));

fn sections(which: usize) -> Vec<Section> {
    let mut sections = AMD_SEV_SECTIONS.to_vec();
    if which == 1 {
        sections.swap(2, 3);
    }
    sections
}

/// What may be read out of a launch.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) technology: Technology,
    firmware: usize,
    kernel: Option<usize>,
    initrd: Option<usize>,
    /// As it is measured.
    cmdline: [u8; 32],
    kernel_hashes: bool,
    profile: &'static str,
    features: Option<u64>,
    signature: u32,
    vcpus: u32,
    late: u32,
}

impl Facts {
    /// What is described.
    pub(super) fn described(u: &mut Unstructured<'_>, technology: Technology) -> Result<Self> {
        let profile = u.choose(profiles(technology))?.name;
        let kernel = *u.choose(&[None, Some(2), Some(2), Some(4)])?;
        Ok(Self {
            technology,
            firmware: u.int_in_range(0..=1)?,
            kernel,
            initrd: *u.choose(&[None, Some(3), Some(3), Some(5)])?,
            cmdline: measured(CMDLINES[0]),
            // Who describes no kernel and says that none is measured is believed.
            kernel_hashes: kernel.is_none() || u.ratio(3, 4)?,
            profile,
            features: if u.ratio(1, 4)? { Some(*u.choose(features(technology))?) } else { None },
            signature: *u.choose(&SIGNATURES)?,
            vcpus: u.int_in_range(1..=3)?,
            late: 0,
        })
    }

    /// Changes one fact to a value that a search tries.
    pub(super) fn change(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let has_vmsas = self.technology != Technology::Sev;
        match u.int_in_range(0..=if has_vmsas { 9 } else { 5 })? {
            0 => self.kernel_hashes = !self.kernel_hashes,
            1 => self.cmdline = measured(u.choose(&CMDLINES)?),
            2 => self.firmware = 1 - self.firmware,
            3 => self.initrd = *u.choose(&[None, Some(2), Some(3), Some(4), Some(5)])?,
            4 => self.kernel = Some(u.int_in_range(2..=5)?),
            5 if self.kernel.is_some() && self.initrd.is_some() => {
                std::mem::swap(&mut self.kernel, &mut self.initrd);
            }
            6 => self.profile = u.choose(profiles(self.technology))?.name,
            7 => self.signature = *u.choose(&SIGNATURES)?,
            8 => self.features = Some(*u.choose(features(self.technology))?),
            9 => self.vcpus = u.int_in_range(1..=4)?,
            _ => {}
        }
        Ok(())
    }

    fn is_kernel_measured(&self) -> bool {
        self.kernel_hashes && self.kernel.is_some()
    }

    /// Would a host launch it? Google's knows no kernel hashes.
    pub(super) fn can_launch(&self) -> bool {
        let is_google = self.technology == Technology::Snp && self.profile.contains("gce");
        !(is_google && self.is_kernel_measured())
    }

    /// The digest, by the test kit.
    pub(super) fn digest(&self) -> Vec<u8> {
        let bytes = |file: usize| POOL[file].0.as_slice();
        let table = self.kernel.filter(|_| self.kernel_hashes).map(|kernel| {
            let mut table = expected::hashes_table(bytes(kernel), self.initrd.map(bytes), None);
            // The command line's row stands first: of it only the hash is known.
            table[36..68].copy_from_slice(&self.cmdline);
            table
        });
        let image = bytes(self.firmware);
        let pages = || {
            let Profile { layout, vmm, features, .. } = *expected::profile(self.profile);
            let (reset, features) = (RESETS[self.firmware], self.features.unwrap_or(features));
            let count = self.vcpus - self.late;
            let mut pages = expected::vmsa_pages(layout, self.signature, features, reset, count);
            pages.extend((0..self.late).map(|_| pages[0]).collect::<Vec<_>>());
            (pages, vmm)
        };
        match self.technology {
            Technology::Sev => expected::sev(image, table.as_ref()).to_vec(),
            Technology::SevEs => expected::sev_es(image, table.as_ref(), &pages().0).to_vec(),
            Technology::Snp => {
                let hashes = table.as_ref().map(|table| (table, AREAS[self.firmware]));
                let (pages, vmm) = pages();
                let firmware = FIRMWARE_DIGESTS[self.firmware];
                expected::snp_from(firmware, &sections(self.firmware), hashes, &pages, vmm).to_vec()
            }
        }
    }

    /// The description of it.
    pub(super) fn launch(&self) -> Launch {
        let has_vmsas = self.technology != Technology::Sev;
        let profile = profile::by_name(self.profile).expect("a profile of ours");
        assert_eq!(self.cmdline, measured(CMDLINES[0]), "its bytes are known");
        Launch {
            technology: self.technology,
            files: POOL.iter().map(|(_, file)| file.clone()).collect(),
            firmware: self.firmware,
            kernel: self.kernel,
            initrd: self.initrd,
            cmdline: Cmdline::Bytes(CMDLINES[0].to_vec()),
            kernel_hashes: self.kernel_hashes,
            profile: has_vmsas.then_some(profile),
            sev_features: self.features.filter(|_| has_vmsas).map(SevFeatures),
            signature: has_vmsas.then_some(CpuSignature(self.signature)),
            vcpus: VcpuCount::new(self.vcpus).expect("a few"),
            captured: None,
            svsm: BTreeMap::new(),
        }
    }

    /// The facts with a hypothesis' changes; nothing where the test kit does not know the profile.
    pub(super) fn with(&self, hypothesis: &Hypothesis) -> Option<Self> {
        let mut facts = self.clone();
        for change in &hypothesis.changes {
            match change.content() {
                Content::BootFilesSwapped(_) => {
                    std::mem::swap(&mut facts.kernel, &mut facts.initrd);
                }
                Content::Cmdline(hash) => facts.cmdline = *hash.as_bytes(),
                Content::Firmware(file) => facts.firmware = *file,
                Content::Initrd(file) => facts.initrd = *file,
                Content::Kernel(file) => facts.kernel = *file,
                Content::KernelHashes(on) => facts.kernel_hashes = *on,
                Content::Profile(profile) => {
                    let name = profile.expect("no page was captured").name;
                    let known = profiles(self.technology).iter().find(|known| known.name == name);
                    facts.profile = known?.name;
                }
                Content::SevFeatures(features) => facts.features = features.map(|word| word.0),
                Content::Signature(signature) => facts.signature = signature.expect("a number").0,
                Content::Vcpus(count) => facts.vcpus = count.number(),
                Content::LateVcpus(late) => facts.late = *late,
                // The measurement's own facts are not in the digest.
                _ => {}
            }
        }
        Some(facts)
    }
}

/// Words of SEV_FEATURES that known hosts set. [Linux, sev_supported_vmsa_features]
fn features(technology: Technology) -> &'static [u64] {
    if technology == Technology::Snp { &[0x1, 0x21, 0x201] } else { &[0, 0x20] }
}

fn profiles(technology: Technology) -> &'static [Profile] {
    &PROFILES[usize::from(technology == Technology::Snp)]
}

/// SHA-256 of a command line and a NUL.
fn measured(line: &[u8]) -> [u8; 32] {
    expected::sev(&[line, b"\0"].concat(), None)
}
