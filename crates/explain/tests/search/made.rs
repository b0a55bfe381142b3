//! Launches in the tests' own terms: what is said, what happened, and the digest of it by the testkit.

use std::collections::BTreeMap;

use sev_launch_abi::{CpuSignature, SevFeatures, Technology};
use sev_launch_digest::profile::{self, LaunchProfile};
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::{sev, snp};
use sev_launch_explain::{
    Cancel, Cmdline, Content, Explanation, File, Hypothesis, Launch, Options, Outcome, Reported,
    plan, run,
};
use sev_launch_testkit::expected::{self, Layout, Vmm};
use sev_launch_testkit::firmware::{AMD_SEV_SECTIONS, FirmwareBuilder, Section};

/// Profiles as the testkit knows them: name, layout of the VMSA, VMM, features word.
pub(crate) const ES: [(&str, Layout, Vmm, u64); 4] = [
    ("es-legacy", Layout::QemuNofpu, Vmm::Qemu, 0),
    ("es-legacy-debugswap", Layout::QemuNofpu, Vmm::Qemu, 0x20),
    ("es-init2", Layout::QemuFpu, Vmm::Qemu, 0),
    ("es-init2-debugswap", Layout::QemuFpu, Vmm::Qemu, 0x20),
];
pub(crate) const SNP: [(&str, Layout, Vmm, u64); 8] = [
    ("snp-qemu", Layout::QemuFpu, Vmm::Qemu, 0x1),
    ("snp-amdese-old", Layout::QemuNofpu, Vmm::Qemu, 0x1),
    ("snp-amdese-6.6", Layout::QemuNofpu, Vmm::Qemu, 0x21),
    ("snp-amdese-6.9", Layout::QemuFpu, Vmm::Qemu, 0x1),
    ("snp-ec2", Layout::Ec2, Vmm::Ec2, 0x1),
    ("snp-ec2-rdx0", Layout::Ec2Rdx0, Vmm::Ec2, 0x1),
    ("snp-gce", Layout::Gce, Vmm::Gce, 0x1),
    ("snp-gce-genoa", Layout::Gce, Vmm::GceGenoa, 0x1),
];

/// The pool: two firmware images, then four other files.
pub(crate) const FIRMWARE: usize = 0;
pub(crate) const OTHER_FIRMWARE: usize = 1;
pub(crate) const KERNEL: usize = 2;
pub(crate) const INITRD: usize = 3;
pub(crate) const OTHER_KERNEL: usize = 4;
pub(crate) const EMPTY: usize = 5;

const RESETS: [u32; 2] = [0x0080_b004, 0xf1e2_d3c4];
const AREAS: [u32; 2] = [0x0081_0c00, 0x0081_0400];

/// What may be read out of a launch, all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) technology: Technology,
    pub(crate) firmware: usize,
    pub(crate) kernel: Option<usize>,
    pub(crate) initrd: Option<usize>,
    pub(crate) cmdline: Vec<u8>,
    pub(crate) kernel_hashes: bool,
    pub(crate) profile: &'static str,
    /// In place of the profile's.
    pub(crate) features: Option<u64>,
    pub(crate) signature: u32,
    pub(crate) vcpus: u32,
    /// How many of them keep the first one's registers.
    pub(crate) late: u32,
}

/// A launch of the technology with everything in it.
pub(crate) fn whole(technology: Technology) -> Facts {
    let profile = match technology {
        Technology::Sev | Technology::SevEs => "es-legacy",
        Technology::Snp => "snp-qemu",
    };
    Facts {
        technology,
        firmware: FIRMWARE,
        kernel: Some(KERNEL),
        initrd: Some(INITRD),
        cmdline: b"root=/dev/sda1 ro  console=hvc0".to_vec(),
        kernel_hashes: true,
        profile,
        features: None,
        signature: 0x0080_0f12,
        vcpus: 4,
        late: 0,
    }
}

/// The bytes of a file of the pool.
pub(crate) fn bytes(file: usize) -> Vec<u8> {
    let hash_area = |image: FirmwareBuilder, which: usize| {
        image.reset(RESETS[which]).hash_area(AREAS[which], 0x200).sections(sections(which)).build()
    };
    match file {
        FIRMWARE => hash_area(FirmwareBuilder::amd_sev().size(0x2000), 0),
        OTHER_FIRMWARE => hash_area(FirmwareBuilder::amd_sev().size(0x3000).pattern(13, 5), 1),
        KERNEL => b"the kernel".to_vec(),
        INITRD => b"the initrd".to_vec(),
        OTHER_KERNEL => b"another kernel".to_vec(),
        EMPTY => Vec::new(),
        _ => panic!("no file {file}"),
    }
}

fn sections(which: usize) -> Vec<Section> {
    let mut sections = AMD_SEV_SECTIONS.to_vec();
    if which == 1 {
        sections.swap(2, 3);
    }
    sections
}

impl Facts {
    fn profile(&self) -> (Layout, Vmm, u64) {
        let known = ES.iter().chain(&SNP).find(|(name, ..)| *name == self.profile);
        let (_, layout, vmm, features) = known.expect("the test knows the profile");
        (*layout, *vmm, self.features.unwrap_or(*features))
    }

    /// Are kernel, initrd and command line in the digest?
    pub(crate) fn is_kernel_measured(&self) -> bool {
        self.kernel_hashes && self.kernel.is_some()
    }

    /// Would a host launch it? Google's knows no kernel hashes; only QEMU adds vCPUs late, and never the first.
    pub(crate) fn can_launch(&self) -> bool {
        let google = self.technology == Technology::Snp && self.profile.contains("gce");
        let cloud = google || self.technology == Technology::Snp && self.profile.contains("ec2");
        let late = self.technology != Technology::Sev && self.late > 0;
        !(google && self.is_kernel_measured()) && !(late && (cloud || self.late >= self.vcpus))
    }

    /// The digest by the testkit.
    pub(crate) fn digest(&self) -> Vec<u8> {
        let image = bytes(self.firmware);
        let table = self.is_kernel_measured().then(|| {
            let (kernel, initrd) = (self.kernel.expect("it is measured"), self.initrd.map(bytes));
            expected::hashes_table(&bytes(kernel), initrd.as_deref(), Some(&self.cmdline))
        });
        let (layout, vmm, features) = self.profile();
        let reset = RESETS[self.firmware];
        let pages = || {
            let count = self.vcpus - self.late;
            let mut pages = expected::vmsa_pages(layout, self.signature, features, reset, count);
            let late = (0..self.late).map(|_| pages[0]).collect::<Vec<_>>();
            pages.extend(late);
            pages
        };
        match self.technology {
            Technology::Sev => expected::sev(&image, table.as_ref()).to_vec(),
            Technology::SevEs => expected::sev_es(&image, table.as_ref(), &pages()).to_vec(),
            Technology::Snp => {
                let hashes = table.as_ref().map(|table| (table, AREAS[self.firmware]));
                expected::snp(&image, &sections(self.firmware), hashes, &pages(), vmm).to_vec()
            }
        }
    }

    /// The digest, as it is reported.
    pub(crate) fn reported(&self) -> Reported {
        let digest = self.digest();
        match self.technology {
            Technology::Snp => {
                let digest = digest.try_into().expect("48 bytes");
                Reported::Snp(snp::LaunchDigest::from_bytes(digest))
            }
            _ => Reported::Sev(sev::LaunchDigest::from_bytes(digest.try_into().expect("32 bytes"))),
        }
    }

    /// The description of it.
    pub(crate) fn described(&self) -> Launch {
        let file = |index| {
            let name = format!("file{index}");
            match index {
                FIRMWARE | OTHER_FIRMWARE => {
                    File::of_firmware(name, &bytes(index)).expect("an image")
                }
                _ => File::of(name, &bytes(index)),
            }
        };
        let es = self.technology != Technology::Sev;
        Launch {
            technology: self.technology,
            files: (0..=EMPTY).map(file).collect(),
            firmware: self.firmware,
            kernel: self.kernel,
            initrd: self.initrd,
            cmdline: Cmdline::Bytes(self.cmdline.clone()),
            kernel_hashes: self.kernel_hashes,
            profile: es.then(|| by_name(self.profile)),
            sev_features: self.features.map(SevFeatures),
            signature: es.then_some(CpuSignature(self.signature)),
            vcpus: VcpuCount::new(self.vcpus)
                .and_then(|count| count.with_late(self.late))
                .expect("a good count"),
            captured: None,
            svsm: BTreeMap::new(),
        }
    }

    /// The facts with a hypothesis' changes; nothing for a command line, of which only the hash is told.
    pub(crate) fn with(&self, hypothesis: &Hypothesis) -> Option<Self> {
        let mut facts = self.clone();
        for change in &hypothesis.changes {
            match change.content() {
                Content::BootFilesSwapped(_) => {
                    std::mem::swap(&mut facts.kernel, &mut facts.initrd);
                }
                Content::Cmdline(hash) => facts.cmdline = cmdline(&self.cmdline, *hash.as_bytes())?,
                Content::Firmware(file) => facts.firmware = *file,
                Content::Initrd(file) => facts.initrd = *file,
                Content::Kernel(file) => facts.kernel = *file,
                Content::KernelHashes(on) => facts.kernel_hashes = *on,
                Content::Profile(profile) => facts.profile = profile.expect("none captured").name,
                Content::SevFeatures(features) => facts.features = features.map(|word| word.0),
                Content::Signature(signature) => {
                    facts.signature = signature.expect("one is tried").0;
                }
                Content::Vcpus(count) => facts.vcpus = count.number(),
                Content::LateVcpus(late) => facts.late = *late,
                other => panic!("{other:?} is no fact of a digest"),
            }
        }
        Some(facts)
    }

    /// What decides the digest's bytes: facts without those that are other names for the same.
    pub(crate) fn bytes_decided(&self) -> impl PartialEq + std::fmt::Debug + use<> {
        let kernel = self.is_kernel_measured().then(|| {
            let initrd = self.initrd.map(bytes).unwrap_or_default();
            (self.kernel.map(bytes), initrd, self.cmdline.clone())
        });
        let (layout, vmm, features) = self.profile();
        let signature = matches!(layout, Layout::QemuFpu | Layout::QemuNofpu);
        let vcpus = (self.vcpus, self.late);
        let vmsa = (layout, vmm, features, signature.then_some(self.signature), vcpus);
        let vmsa = (self.technology != Technology::Sev).then_some(vmsa);
        (self.firmware, kernel, vmsa)
    }
}

/// What people do to a command line, in the tests' own words.
pub(crate) fn slips(line: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8(line.to_vec()).expect("text");
    let mut slips = vec![
        format!("{text}\n"),
        format!("{text}\r\n"),
        format!("{text} "),
        format!(" {text}"),
        format!("\"{text}\""),
        format!("'{text}'"),
        format!("{text}\0"),
        String::new(),
        text.replace("  ", " "),
        text.replace('\t', " "),
        text.trim().to_owned(),
    ];
    let space = if text.is_empty() { "" } else { " " };
    slips.extend(
        ["console=ttyS0", "console=hvc0", "quiet"].map(|token| format!("{text}{space}{token}")),
    );
    for token in text.split(' ').filter(|token| !token.is_empty()) {
        let left: Vec<&str> = text.split(' ').filter(|other| *other != token).collect();
        slips.push(left.join(" "));
    }
    slips.into_iter().map(String::into_bytes).filter(|slip| slip != line).collect()
}

/// The bytes of which this is the measured hash, if they are one of the slips.
fn cmdline(line: &[u8], hash: [u8; 32]) -> Option<Vec<u8>> {
    let measured = |line: &Vec<u8>| expected::sev(&[&line[..], b"\0"].concat(), None) == hash;
    slips(line).into_iter().find(measured)
}

pub(crate) fn by_name(name: &str) -> &'static LaunchProfile {
    profile::by_name(name).expect("the profile is known")
}

/// Searches with at most so many changes.
pub(crate) fn search(launch: &Launch, reported: &Reported, max_changes: u32) -> Outcome {
    let options = Options { max_changes, ..Options::default() };
    let plan = plan(launch, reported, &options).expect("a good description");
    run(&plan, &mut |_| (), &Cancel::new())
}

/// The explanation, or a panic with what came instead.
pub(crate) fn explanation(outcome: Outcome) -> Explanation {
    match outcome {
        Outcome::Explained(explanation) => {
            let all: Vec<&Hypothesis> = members(&explanation).collect();
            let twice = |(index, one): (usize, &&Hypothesis)| all[..index].contains(one);
            assert!(!all.iter().enumerate().any(twice), "a member is told twice: {all:#?}");
            explanation
        }
        other => panic!("not explained: {other:?}"),
    }
}

/// All members of the class, the first one first.
pub(crate) fn members(explanation: &Explanation) -> impl Iterator<Item = &Hypothesis> {
    [&explanation.first].into_iter().chain(&explanation.others)
}

/// The members as text.
pub(crate) fn texts(explanation: &Explanation) -> Vec<String> {
    members(explanation).map(ToString::to_string).collect()
}
