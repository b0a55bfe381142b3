//! What is compared: the guests, in the flags that sev-snp-measure has and all tools here share.
//!
//! A case's id says what is special about it, and testdata/differences.toml names cases by their ids.
//! Every case is in the list whether or not its inputs are there, so that a difference that is listed
//! for a file of another distribution is not taken for a mistake. The quick cases vary one thing at a
//! time; the full run adds every combination of vCPU count, model and features.

use super::inputs::{DISTRIBUTION_FIRMWARE, distribution_name, file_name};

/// A flag's value: text, or the name of an input whose path is to be given.
#[derive(Clone)]
pub(crate) enum Value {
    Text(String),
    Input(String),
}

pub(crate) struct Case {
    pub(crate) id: String,
    /// Part of the short run as well.
    pub(crate) quick: bool,
    /// The launch cannot succeed, so we must refuse to print a digest.
    pub(crate) refused: bool,
    /// The launch profile that our command is asked for, where its default is not meant.
    pub(crate) profile: Option<&'static str>,
    pub(crate) flags: Vec<(&'static str, Value)>,
}

const VCPUS: [u32; 4] = [1, 2, 4, 64];
const CPUS: [&str; 5] = ["EPYC-v4", "EPYC-Rome", "EPYC-Milan", "EPYC-Genoa", "EPYC-Turin"];
const CMDLINES: [(&str, Option<&str>); 5] = [
    ("none", None),
    ("empty", Some("")),
    ("normal", Some(NORMAL)),
    ("trailing-space", Some("console=ttyS0 root=/dev/vda1 ")),
    ("unicode", Some("console=ttyS0 root=LABEL=d\u{e9}marrage-\u{65e5}\u{672c}")),
];
const NORMAL: &str = "console=ttyS0 loglevel=7";
const ES_PROFILES: [&str; 2] = ["es-legacy", "es-init2"];
/// 48 bytes that are no image's: a digest of the firmware's pages that somebody else computed.
const GIVEN_HASH: &str = concat!(
    "086e2e9149ebf45abdc3445fba5b2da8270bdbb04094d7a2",
    "c37faaa4b24af3aa16aff8c374c2a55c467a50da6d466b74"
);

pub(crate) fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    sev(&mut cases);
    sev_es(&mut cases);
    snp(&mut cases);
    clouds(&mut cases);
    svsm(&mut cases);
    refusals(&mut cases);
    distribution(&mut cases);
    cases
}

fn sev(cases: &mut Vec<Case>) {
    cases.push(Case::new("sev/no-kernel", "sev", "amdsev.fd"));
    cases.push(Case::new("sev/no-metadata", "sev", "no-metadata.fd"));
    cases.push(Case::new("sev/kernel-without-initrd", "sev", "amdsev.fd").kernel().append(NORMAL));
    for (name, cmdline) in CMDLINES {
        let case = Case::new(format!("sev/cmdline/{name}"), "sev", "amdsev.fd");
        cases.push(case.kernel().initrd().append_if(cmdline));
    }
}

fn sev_es(cases: &mut Vec<Case>) {
    let guest = |id: String| Case::new(id, "seves", "amdsev.fd").cpus(2, "EPYC-Milan");
    cases.push(guest("seves/es-legacy/by-default".into()).booted());
    for profile in ES_PROFILES {
        let guest = |id: &str| guest(format!("seves/{profile}/{id}")).profile(profile);
        cases.push(guest("no-kernel"));
        cases.push(guest("kernel-without-initrd").kernel().append(NORMAL));
        for (name, cmdline) in CMDLINES {
            let case = guest(&format!("cmdline/{name}")).kernel().initrd().append_if(cmdline);
            cases.push(case.only_full(name != "trailing-space"));
        }
        for (vcpus, cpu, quick) in combinations() {
            let case = Case::new(format!("seves/{profile}/{vcpus}x{cpu}"), "seves", "amdsev.fd");
            cases.push(case.profile(profile).cpus(vcpus, cpu).booted().only_full(!quick));
        }
    }
}

fn snp(cases: &mut Vec<Case>) {
    let guest = |id: String, firmware| Case::new(id, "snp", firmware).features("0x1");
    cases.push(guest("snp/no-kernel".into(), "amdsev.fd").cpus(2, "EPYC-Milan"));
    cases.push(
        guest("snp/kernel-without-initrd".into(), "amdsev.fd")
            .cpus(1, "EPYC-Rome")
            .kernel()
            .append(NORMAL),
    );
    for (name, cmdline) in CMDLINES {
        let case = guest(format!("snp/cmdline/{name}"), "amdsev.fd").cpus(1, "EPYC-Genoa");
        cases.push(case.kernel().initrd().append_if(cmdline));
    }
    for features in ["0x1", "0x21"] {
        for (vcpus, cpu, quick) in combinations() {
            let id = format!("snp/features-{features}/{vcpus}x{cpu}");
            let case = Case::new(id, "snp", "amdsev.fd").features(features).cpus(vcpus, cpu);
            let quick = quick && (features == "0x1" || vcpus == 4);
            cases.push(case.booted().only_full(!quick));
        }
    }
    for signature in ["0xa00f11", "0xb00f21"] {
        let case = guest(format!("snp/signature/{signature}"), "amdsev.fd").booted();
        cases.push(case.text("--vcpus", "2").text("--vcpu-sig", signature));
    }
    cases.push(guest("snp-no-caa/4xEPYC-Milan".into(), "no-caa.fd").cpus(4, "EPYC-Milan").booted());
    for (profile, features) in [("snp-amdese-old", "0x1"), ("snp-amdese-6.6", "0x21")] {
        let case = Case::new(format!("snp-no-caa/{profile}"), "snp", "no-caa.fd");
        cases.push(case.profile(profile).features(features).cpus(4, "EPYC-Milan").booted());
    }
    for firmware in ["amdsev.fd", "no-caa.fd"] {
        cases.push(Case::new(format!("ovmf-hash/of/{firmware}"), "snp:ovmf-hash", firmware));
    }
    let given = guest("ovmf-hash/given".into(), "amdsev.fd").cpus(2, "EPYC-v4").booted();
    cases.push(given.text("--snp-ovmf-hash", GIVEN_HASH));
}

/// EC2 and GCE: by the `--vmm-type` of sev-snp-measure, and by our names.
fn clouds(cases: &mut Vec<Case>) {
    let guest = |id: String, firmware, vmm, vcpus| {
        let case = Case::new(id, "snp", firmware).features("0x1");
        case.text("--vmm-type", vmm).cpus(vcpus, "EPYC-Milan")
    };
    for vcpus in [1, 4] {
        cases.push(guest(format!("snp-ec2/vmm-type/{vcpus}"), "amdsev.fd", "ec2", vcpus));
        cases.push(guest(format!("snp-gce/vmm-type/{vcpus}"), "amdsev.fd", "gce", vcpus));
        for firmware in ["amdsev.fd", "no-caa.fd"] {
            let id = format!("snp-ec2-rdx0/{firmware}/{vcpus}");
            let case = guest(id, firmware, "ec2", vcpus);
            cases.push(case.profile("snp-ec2-rdx0"));
        }
    }
    cases.push(guest("snp-ec2/kernel".into(), "amdsev.fd", "ec2", 2).booted());
    cases.push(guest("snp-ec2/profile".into(), "amdsev.fd", "ec2", 4).profile("snp-ec2"));
    cases.push(guest("snp-gce/profile".into(), "amdsev.fd", "gce", 4).profile("snp-gce"));
    let unnamed = Case::new("snp-ec2/no-cpu-model", "snp", "amdsev.fd").features("0x1");
    cases.push(unnamed.text("--vmm-type", "ec2").text("--vcpus", "2"));
}

fn svsm(cases: &mut Vec<Case>) {
    for (profile, vcpus) in [("snp-svsm-ssm", 1), ("snp-svsm-ssm", 4), ("snp-svsm-legacy", 4)] {
        let case = Case::new(format!("svsm/{profile}/{vcpus}"), "snp:svsm", "amdsev.fd");
        let case = case.profile(profile).cpus(vcpus, "EPYC-Milan");
        cases.push(case.input("--svsm", "svsm.bin").text("--vars-size", "131072"));
    }
}

fn refusals(cases: &mut Vec<Case>) {
    for mode in ["sev", "seves", "snp"] {
        let case = Case::new(format!("refuse/{mode}/kernel-no-hash-area"), mode, "no-hash-area.fd");
        cases.push(case.cpus_unless_sev(1).booted().refused());
    }
    for mode in ["seves", "snp"] {
        let case = Case::new(format!("refuse/{mode}/0-vcpus"), mode, "amdsev.fd");
        cases.push(case.cpus(0, "EPYC-v4").refused());
        let case = Case::new(format!("refuse/{mode}/no-reset-address"), mode, "no-reset.fd");
        cases.push(case.cpus(2, "EPYC-v4").refused());
        let case = Case::new(format!("refuse/{mode}/reset-address-0"), mode, "reset-0.fd");
        cases.push(case.cpus(2, "EPYC-v4").refused());
    }
    let case = Case::new("refuse/snp/no-metadata", "snp", "no-metadata.fd");
    cases.push(case.cpus(1, "EPYC-v4").refused());
}

fn distribution(cases: &mut Vec<Case>) {
    for kind in ["sev", "plain"] {
        for path in DISTRIBUTION_FIRMWARE {
            let file = file_name(path.as_ref());
            let firmware = distribution_name(&file, kind);
            let guest = |name: &str, mode| {
                Case::new(format!("{firmware}/{name}"), mode, &firmware).cpus_unless_sev(2)
            };
            cases.push(guest("sev", "sev"));
            for profile in ES_PROFILES {
                cases.push(guest(profile, "seves").profile(profile));
            }
            let snp = guest("snp", "snp").features("0x1");
            cases.push(if kind == "plain" { snp.refused() } else { snp });
        }
    }
    let guest = |name: &str, mode| {
        Case::new(format!("large/{name}"), mode, "amdsev.fd")
            .cpus_unless_sev(4)
            .input("--kernel", "distribution-vmlinuz")
            .input("--initrd", "initrd-200m.img")
            .append(NORMAL)
            .only_full(true)
    };
    cases.push(guest("sev", "sev"));
    for profile in ES_PROFILES {
        cases.push(guest(profile, "seves").profile(profile));
    }
    cases.push(guest("snp", "snp").features("0x1"));
}

/// Every vCPU count with every model; quick are those that differ from 4 of EPYC-Milan in one only.
fn combinations() -> impl Iterator<Item = (u32, &'static str, bool)> {
    VCPUS.into_iter().flat_map(|vcpus| {
        CPUS.into_iter().map(move |cpu| (vcpus, cpu, vcpus == 4 || cpu == "EPYC-Milan"))
    })
}

impl Case {
    fn new(id: impl Into<String>, mode: &'static str, firmware: &str) -> Self {
        let case = Self {
            id: id.into(),
            quick: true,
            refused: false,
            profile: None,
            flags: vec![("--mode", Value::Text(mode.into()))],
        };
        case.input("--ovmf", firmware)
    }

    fn text(mut self, flag: &'static str, value: &str) -> Self {
        self.flags.push((flag, Value::Text(value.into())));
        self
    }

    fn input(mut self, flag: &'static str, name: &str) -> Self {
        self.flags.push((flag, Value::Input(name.into())));
        self
    }

    fn profile(self, profile: &'static str) -> Self {
        Self { profile: Some(profile), ..self }
    }

    fn refused(self) -> Self {
        Self { refused: true, ..self }
    }

    fn only_full(self, yes: bool) -> Self {
        Self { quick: !yes, ..self }
    }

    fn cpus(self, vcpus: u32, model: &str) -> Self {
        self.text("--vcpus", &vcpus.to_string()).text("--vcpu-type", model)
    }

    fn cpus_unless_sev(self, vcpus: u32) -> Self {
        match self.flag("--mode") {
            Some(Value::Text(mode)) if mode == "sev" => self,
            _ => self.cpus(vcpus, "EPYC-Milan"),
        }
    }

    fn features(self, features: &str) -> Self {
        self.text("--guest-features", features)
    }

    fn kernel(self) -> Self {
        self.input("--kernel", "vmlinuz")
    }

    fn initrd(self) -> Self {
        self.input("--initrd", "initrd.img")
    }

    fn append(self, cmdline: &str) -> Self {
        self.text("--append", cmdline)
    }

    fn append_if(self, cmdline: Option<&str>) -> Self {
        match cmdline {
            Some(cmdline) => self.append(cmdline),
            None => self,
        }
    }

    fn booted(self) -> Self {
        self.kernel().initrd().append(NORMAL)
    }

    /// The value given for a flag.
    pub(crate) fn flag(&self, name: &str) -> Option<&Value> {
        self.flags.iter().find(|(flag, _)| *flag == name).map(|(_, value)| value)
    }
}
