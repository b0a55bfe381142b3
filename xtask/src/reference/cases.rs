//! What is compared: the guests, in the flags that sev-snp-measure has and all tools here share.
//!
//! A case's id says what is special about it, and testdata/differences.toml names cases by their ids.
//! Every case is in the list whether or not its inputs are there, so that a difference that is listed
//! for a file of another distribution is not taken for a mistake. The quick cases vary one thing at a
//! time; the full run adds every combination of vCPU count, model and features.

use super::inputs::{DISTRIBUTION_FIRMWARE, Inputs};
use crate::peers::Guest;

/// A guest to ask every tool about.
pub(crate) struct Case {
    pub(crate) id: String,
    /// Part of the short run as well.
    pub(crate) quick: bool,
    /// The launch cannot succeed, so we must refuse to print a digest.
    pub(crate) refused: bool,
    /// Its flags; `@name` stands for the path of an input.
    guest: Guest,
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
const BOOT: &str = "--kernel @vmlinuz --initrd @initrd.img";
const ES_PROFILES: [&str; 2] = ["es-legacy", "es-init2"];
/// 48 bytes that are no image's: a digest of the firmware's pages that somebody else computed.
const GIVEN_HASH: &str = "086e2e9149ebf45abdc3445fba5b2da8270bdbb04094d7a2\
                          c37faaa4b24af3aa16aff8c374c2a55c467a50da6d466b74";

pub(crate) fn all() -> Vec<Case> {
    [sev(), sev_es(), snp(), clouds(), svsm(), refusals(), distribution()]
        .into_iter()
        .flatten()
        .collect()
}

fn sev() -> Vec<Case> {
    let guest = |id: &str, firmware| case(format!("sev/{id}"), "sev", firmware, "");
    let mut cases = vec![
        guest("no-kernel", "amdsev.fd"),
        guest("no-metadata", "no-metadata.fd"),
        guest("kernel-without-initrd", "amdsev.fd").kernel_alone(),
    ];
    cases.extend(CMDLINES.map(|(name, cmdline)| {
        guest(&format!("cmdline/{name}"), "amdsev.fd").with(BOOT).append(cmdline)
    }));
    cases
}

fn sev_es() -> Vec<Case> {
    let guest = |id: &str, profile, cpus: &str| {
        case(format!("seves/es-legacy/{id}"), "seves", "amdsev.fd", cpus).profile_in_id(profile)
    };
    let two = &cpus(2, "EPYC-Milan");
    let mut cases = vec![guest("by-default", None, two).booted()];
    for profile in ES_PROFILES.map(Some) {
        cases.push(guest("no-kernel", profile, two));
        cases.push(guest("kernel-without-initrd", profile, two).kernel_alone());
        cases.extend(CMDLINES.map(|(name, cmdline)| {
            let case = guest(&format!("cmdline/{name}"), profile, two).with(BOOT).append(cmdline);
            case.only_full(name != "trailing-space")
        }));
        cases.extend(
            combinations()
                .map(|(id, cpus, _, quick)| guest(&id, profile, &cpus).booted().only_full(!quick)),
        );
    }
    cases
}

fn snp() -> Vec<Case> {
    let guest = |id: &str, firmware, flags: &str| {
        case(id, "snp", firmware, "--guest-features 0x1").with(flags)
    };
    let mut cases = vec![
        guest("snp/no-kernel", "amdsev.fd", &cpus(2, "EPYC-Milan")),
        guest("snp/kernel-without-initrd", "amdsev.fd", &cpus(1, "EPYC-Rome")).kernel_alone(),
    ];
    cases.extend(CMDLINES.map(|(name, cmdline)| {
        let id = format!("snp/cmdline/{name}");
        guest(&id, "amdsev.fd", &cpus(1, "EPYC-Genoa")).with(BOOT).append(cmdline)
    }));
    for features in ["0x1", "0x21"] {
        cases.extend(combinations().map(|(id, cpus, vcpus, quick)| {
            let id = format!("snp/features-{features}/{id}");
            let case = case(id, "snp", "amdsev.fd", &format!("--guest-features {features} {cpus}"));
            case.booted().only_full(!quick || (features != "0x1" && vcpus != 4))
        }));
    }
    cases.extend(["0xa00f11", "0xb00f21"].map(|signature| {
        let case = guest(&format!("snp/signature/{signature}"), "amdsev.fd", "").booted();
        case.with(&format!("--vcpus 2 --vcpu-sig {signature}"))
    }));
    let milan = &cpus(4, "EPYC-Milan");
    cases.push(guest("snp-no-caa/4xEPYC-Milan", "no-caa.fd", milan).booted());
    for (profile, features) in [("snp-amdese-old", "0x1"), ("snp-amdese-6.6", "0x21")] {
        let flags = format!("--guest-features {features} {milan}");
        let case = case(format!("snp-no-caa/{profile}"), "snp", "no-caa.fd", &flags);
        cases.push(case.profile(profile).booted());
    }
    cases.extend(
        ["amdsev.fd", "no-caa.fd"].map(|firmware| {
            case(format!("ovmf-hash/of/{firmware}"), "snp:ovmf-hash", firmware, "")
        }),
    );
    let given = guest("ovmf-hash/given", "amdsev.fd", &cpus(2, "EPYC-v4")).booted();
    cases.push(given.with(&format!("--snp-ovmf-hash {GIVEN_HASH}")));
    cases
}

/// EC2 and GCE: by the `--vmm-type` of sev-snp-measure, and by our names.
fn clouds() -> Vec<Case> {
    let guest = |id: String, firmware, vmm, vcpus| {
        let flags = format!("--guest-features 0x1 --vmm-type {vmm} {}", cpus(vcpus, "EPYC-Milan"));
        case(id, "snp", firmware, &flags)
    };
    let mut cases = Vec::new();
    for vcpus in [1, 4] {
        for vmm in ["ec2", "gce"] {
            cases.push(guest(format!("snp-{vmm}/vmm-type/{vcpus}"), "amdsev.fd", vmm, vcpus));
        }
        for firmware in ["amdsev.fd", "no-caa.fd"] {
            let id = format!("snp-ec2-rdx0/{firmware}/{vcpus}");
            cases.push(guest(id, firmware, "ec2", vcpus).profile("snp-ec2-rdx0"));
        }
    }
    cases.push(guest("snp-ec2/kernel".into(), "amdsev.fd", "ec2", 2).booted());
    cases.push(guest("snp-ec2/profile".into(), "amdsev.fd", "ec2", 4).profile("snp-ec2"));
    cases.push(guest("snp-gce/profile".into(), "amdsev.fd", "gce", 4).profile("snp-gce"));
    let unnamed = "--guest-features 0x1 --vmm-type ec2 --vcpus 2";
    cases.push(case("snp-ec2/no-cpu-model", "snp", "amdsev.fd", unnamed));
    cases
}

fn svsm() -> Vec<Case> {
    let cases = [("snp-svsm-ssm", 1), ("snp-svsm-ssm", 4), ("snp-svsm-legacy", 4)];
    let case = |(profile, vcpus)| {
        let flags = cpus(vcpus, "EPYC-Milan") + " --svsm @svsm.bin --vars-size 131072";
        case(format!("svsm/{profile}/{vcpus}"), "snp:svsm", "amdsev.fd", &flags).profile(profile)
    };
    cases.map(case).into()
}

fn refusals() -> Vec<Case> {
    let mut cases = Vec::new();
    for mode in ["sev", "seves", "snp"] {
        let id = format!("refuse/{mode}/kernel-no-hash-area");
        cases.push(case(id, mode, "no-hash-area.fd", cpus_unless_sev(mode, 1).as_str()).booted());
    }
    for mode in ["seves", "snp"] {
        for (what, firmware, vcpus) in [
            ("0-vcpus", "amdsev.fd", 0),
            ("no-reset-address", "no-reset.fd", 2),
            ("reset-address-0", "reset-0.fd", 2),
        ] {
            let id = format!("refuse/{mode}/{what}");
            cases.push(case(id, mode, firmware, &cpus(vcpus, "EPYC-v4")));
        }
    }
    let one = cpus(1, "EPYC-v4");
    cases.push(case("refuse/snp/no-metadata", "snp", "no-metadata.fd", &one));
    cases.iter_mut().for_each(|case| case.refused = true);
    cases
}

fn distribution() -> Vec<Case> {
    let modes = [("sev", "sev"), ("es-legacy", "seves"), ("es-init2", "seves"), ("snp", "snp")];
    let guest =
        |folder: &str, (name, mode): (&'static str, &'static str), firmware: &str, vcpus| {
            let case =
                case(format!("{folder}/{name}"), mode, firmware, &cpus_unless_sev(mode, vcpus));
            if mode == "seves" { case.profile(name) } else { case }
        };
    let mut cases = Vec::new();
    for kind in ["sev", "plain"] {
        for path in DISTRIBUTION_FIRMWARE {
            let firmware = super::inputs::distribution_name(path.as_ref(), kind);
            cases.extend(modes.map(|mode| {
                let mut case = guest(&firmware, mode, &firmware, 2);
                case.refused = kind == "plain" && mode.1 == "snp";
                case
            }));
        }
    }
    cases.extend(modes.map(|mode| {
        let large = "--kernel @distribution-vmlinuz --initrd @initrd-200m.img";
        guest("large", mode, "amdsev.fd", 4).with(large).append(Some(NORMAL)).only_full(true)
    }));
    for case in cases.iter_mut().filter(|case| case.guest.flag("--mode") == Some("snp")) {
        case.guest.add("--guest-features 0x1");
    }
    cases
}

/// Every vCPU count with every model; quick are those that differ from 4 of EPYC-Milan in one only.
fn combinations() -> impl Iterator<Item = (String, String, u32, bool)> {
    VCPUS.into_iter().flat_map(|vcpus| {
        CPUS.into_iter().map(move |cpu| {
            let quick = vcpus == 4 || cpu == "EPYC-Milan";
            (format!("{vcpus}x{cpu}"), cpus(vcpus, cpu), vcpus, quick)
        })
    })
}

fn cpus(vcpus: u32, model: &str) -> String {
    format!("--vcpus {vcpus} --vcpu-type {model}")
}

fn cpus_unless_sev(mode: &str, vcpus: u32) -> String {
    if mode == "sev" { String::new() } else { cpus(vcpus, "EPYC-Milan") }
}

fn case(id: impl Into<String>, mode: &str, firmware: &str, flags: &str) -> Case {
    let case = Case { id: id.into(), quick: true, refused: false, guest: Guest::default() };
    case.with(&format!("--mode {mode} --ovmf @{firmware} {flags}"))
}

impl Case {
    /// The guest with the inputs' paths; `None` if this run does not have them all.
    pub(crate) fn guest(&self, inputs: &Inputs) -> Option<Guest> {
        let mut guest = self.guest.clone();
        for (_, value) in &mut guest.flags {
            if let Some(name) = value.strip_prefix('@') {
                *value = inputs.path(name)?.display().to_string();
            }
        }
        Some(guest)
    }

    fn with(mut self, flags: &str) -> Self {
        self.guest.add(flags);
        self
    }

    fn append(mut self, cmdline: Option<&str>) -> Self {
        self.guest.flags.extend(cmdline.map(|text| ("--append".into(), text.into())));
        self
    }

    fn booted(self) -> Self {
        self.with(BOOT).append(Some(NORMAL))
    }

    fn kernel_alone(self) -> Self {
        self.with("--kernel @vmlinuz").append(Some(NORMAL))
    }

    fn profile(mut self, profile: &'static str) -> Self {
        self.guest.profile = Some(profile);
        self
    }

    /// With a profile, which stands in the id in place of the default one.
    fn profile_in_id(mut self, profile: Option<&'static str>) -> Self {
        if let Some(profile) = profile {
            self.id = self.id.replace("es-legacy", profile);
        }
        self.guest.profile = profile;
        self
    }

    fn only_full(self, yes: bool) -> Self {
        Self { quick: !yes, ..self }
    }
}
