//! Searches that find nothing, so that every hypothesis of their plan is tried.
//!
//! The described launch has a kernel, an initrd and four vCPUs, as most have. Two changes together make 30,000 to 50,000 hypotheses
//! here; the cost of one is the cost of all by [`Tried::hypotheses`](sev_launch_explain::Tried::hypotheses).

use sev_launch_abi::PlatformVersion;
use sev_launch_abi::Technology;
use sev_launch_abi::sev::policy::Policy;
use sev_launch_digest::{sev, snp};
use sev_launch_explain::{
    Cancel, Cmdline, File, Launch, Options, Outcome, Plan, Reported, plan, run,
};
use sev_launch_testkit::expected;
use sev_launch_verify::sev::keys::Tik;
use sev_launch_verify::sev::measurement::LaunchMeasurement;

use crate::guests::{MILAN, es_profile, snp_profile, vcpus};
use crate::images;

/// What is to be explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A launch digest of SEV-ES.
    SevEs,
    /// A launch digest of SNP.
    Snp,
    /// A launch measurement of SEV-ES.
    Measurement,
}

/// A launch and a value that no change of it gives.
#[derive(Debug)]
pub struct Search {
    launch: Launch,
    reported: Reported,
}

impl Search {
    /// For a value of this kind.
    pub fn new(value: Value) -> Self {
        let snp_guest = value == Value::Snp;
        let launch = Launch {
            technology: if snp_guest { Technology::Snp } else { Technology::SevEs },
            files: vec![
                File::of_absorbed("OVMF.fd", images::small()).expect("small() is absorbed whole"),
                File::of("vmlinuz", b"kernel"),
                File::of("initrd.img", b"initrd"),
            ],
            firmware: 0,
            kernel: Some(1),
            initrd: Some(2),
            cmdline: Cmdline::Bytes(b"console=ttyS0 root=/dev/vda1".to_vec()),
            kernel_hashes: true,
            profile: Some(if snp_guest { snp_profile() } else { es_profile() }),
            sev_features: None,
            signature: Some(MILAN),
            vcpus: vcpus(4),
            captured: None,
            svsm: std::collections::BTreeMap::new(),
        };
        let reported = match value {
            Value::SevEs => Reported::Sev(sev::LaunchDigest::from_bytes([0x5a; 32])),
            Value::Snp => Reported::Snp(snp::LaunchDigest::from_bytes([0x5a; 48])),
            Value::Measurement => measurement(),
        };
        Self { launch, reported }
    }

    /// For a launch digest of SEV-ES, the launch without a kernel: nothing of it can change but its VMSAs.
    pub fn without_kernel() -> Self {
        let mut search = Self::new(Value::SevEs);
        search.launch.files.truncate(1);
        search.launch.kernel = None;
        search.launch.initrd = None;
        search.launch.cmdline = Cmdline::Bytes(Vec::new());
        search.launch.kernel_hashes = false;
        search.launch.vcpus = vcpus(1);
        search
    }

    /// Every hypothesis of up to `changes` changes.
    pub fn plan(&self, changes: u32) -> Plan<'_> {
        let options = Options { max_changes: changes, ..Options::default() };
        plan(&self.launch, &self.reported, &options).expect("it can be planned")
    }

    /// Plans and tries every hypothesis of up to `changes` changes; how many they were.
    pub fn run(&self, changes: u32) -> u64 {
        match run(&self.plan(changes), &mut |_| (), &Cancel::new()) {
            Outcome::NothingFound(tried) => tried.hypotheses(),
            other => panic!("nothing gives the value, but: {other:?}"),
        }
    }
}

fn measurement() -> Reported {
    let (tik, version, policy) = ([7; 16], [1, 55, 24], 5);
    let blob = expected::measurement(&tik, version, policy, [0x5a; 32], [9; 16]);
    let [major, minor, build] = version;
    Reported::Measurement {
        tik: Tik::from_bytes(&tik).expect("16 bytes"),
        version: PlatformVersion { major, minor, build },
        policy: Policy::from_bits(policy),
        measurement: LaunchMeasurement::parse(&blob).expect("48 bytes"),
    }
}
