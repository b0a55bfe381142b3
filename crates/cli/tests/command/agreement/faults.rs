//! What makes a launch impossible, or a description none: one thing at a time, each of which somebody refuses.
//!
//! QEMU (`sev_add_kernel_loader_hashes`, `sev_es_find_reset_vector`, `x86_load_linux`, `snp_launch_update_kernel_hashes`), KVM and the
//! AMD-SP (AMD 55766 and AMD 56860, guest policy), libkrun's alignments; or nobody could say what is meant.

use sev_launch_testkit::expected::{Loads, Vmm};
use sev_launch_testkit::firmware::{
    FirmwareBuilder, HASH_AREA, KERNEL_HASHES, RESET_BLOCK, SEC_MEM, Section,
};
use sev_launch_testkit::kernel;

use super::boot::is_measured;
use super::case::{Case, Form, Technology};
use super::choice::Choice;
use super::rows::has_signature;
use super::value::{Value, text};

/// What is wrong.
pub(super) struct Fault {
    pub(super) name: &'static str,
    /// Is it refused by the same words everywhere? A file that is not there is not, since no two ways read the same disk.
    pub(super) has_words: bool,
    /// Is it wrong by flags too? No flag says a policy or HOST_DATA.
    pub(super) has_flags: bool,
}

/// Makes a case wrong if it can be made so in this way.
type Break = fn(&mut Case, &mut Choice) -> bool;

const FAULTS: [(&str, Break); 32] = [
    ("no area for kernel hashes", |case, _| {
        is_measured(case) && images(case, |builder| builder.without(HASH_AREA))
    }),
    ("kernel hashes at 0", |case, _| {
        is_measured(case) && images(case, |builder| builder.hash_area(0, 0x400))
    }),
    ("too small an area for kernel hashes", |case, _| {
        is_measured(case) && images(case, |builder| builder.hash_area(0x0081_0c00, 175))
    }),
    ("kernel hashes that are not aligned", |case, _| {
        let aligns = case.technology != Technology::Snp;
        aligns && is_measured(case) && images(case, |builder| builder.hash_area(0x0081_0c08, 0x400))
    }),
    ("no section for kernel hashes", |case, _| {
        is_snp_measured(case)
            && sections(case, |section| match section.kind {
                KERNEL_HASHES => Section { kind: SEC_MEM, ..section },
                _ => section,
            })
    }),
    ("kernel hashes that cross their section's end", |case, _| {
        is_snp_measured(case)
            && sections(case, |section| match section.kind {
                KERNEL_HASHES => Section { length: 0x1000, ..section },
                _ => section,
            })
            && images(case, |builder| builder.hash_area(0x0081_0ff8, 0x400))
    }),
    ("reset address 0", |case, _| needs_reset(case) && images(case, |builder| builder.reset(0))),
    ("no reset address", |case, _| {
        needs_reset(case) && images(case, |builder| builder.without(RESET_BLOCK))
    }),
    ("no metadata", |case, _| {
        measures_sections(case) && images(case, FirmwareBuilder::without_metadata)
    }),
    ("metadata of another signature or version", |case, choice| {
        let is_version = choice.one_in(2);
        measures_sections(case)
            && images(case, |builder| match is_version {
                true => builder.version(2),
                false => builder.signature(*b"ASEW"),
            })
    }),
    ("a section of an unknown kind, or not of pages", |case, choice| {
        let wrong = choice.of::<fn(Section) -> Section>(&[
            |section| Section { kind: 5, ..section },
            |section| Section { length: 0, ..section },
            |section| Section { length: section.length + 0x10, ..section },
            |section| Section { base: section.base + 0x800, ..section },
        ]);
        let has_any = case.firmwares.iter().any(|firmware| !firmware.sections.is_empty());
        measures_sections(case) && has_any && sections(case, wrong)
    }),
    ("an image that is not of pages", |case, _| {
        let wants_pages = case.technology == Technology::Snp && case.given_digest.is_none();
        let size = case.firmwares[0].size + 16;
        if wants_pages {
            case.firmwares[0].builder = case.firmwares[0].builder.clone().size(size);
        }
        wants_pages
    }),
    ("a policy of another technology", |case, _| {
        let policy = if case.technology == Technology::Sev { 5 } else { 1 };
        says(case, "policy", Value::Hex(policy))
    }),
    ("a policy for an API that there is none of", |case, _| {
        let policy = if case.technology == Technology::Sev { 0x2_0001 } else { 0x2_0005 };
        case.technology != Technology::Snp && says(case, "policy", Value::Hex(policy))
    }),
    ("reserved bits in the policy", |case, choice| {
        let (policy, bits) = match case.technology {
            Technology::Sev => (1, 6..=15),
            Technology::SevEs => (5, 6..=15),
            Technology::Snp => (0x3_0000, 26..=63),
        };
        let bit = choice.number(bits);
        says(case, "policy", Value::Hex(policy | 1 << bit))
    }),
    ("no number of vCPUs", |case, _| has_vmsas(case) && lacks(case, &["vcpus"])),
    ("0 vCPUs", |case, _| says(case, "vcpus", Value::Number(0))),
    ("more vCPUs than any KVM has", |case, _| says(case, "vcpus", text("1..=4097"))),
    ("a profile of another technology", |case, _| {
        let profile = if case.technology == Technology::Snp { "es-legacy" } else { "snp-qemu" };
        says(case, "profile", text(profile))
    }),
    ("SNPActive in an SEV-ES guest", |case, _| {
        let is_es = case.technology == Technology::SevEs && case.captured.is_none();
        is_es && says(case, "sev_features", Value::Hex(0x21))
    }),
    ("no signature", |case, _| {
        let wants = case.profiles.iter().any(|profile| has_signature(profile.layout));
        wants
            && case.captured.is_none()
            && lacks(case, &["cpu", "signature", "family", "model", "stepping"])
    }),
    ("a kernel whose hashes are not added", |case, choice| {
        let kernel = if choice.one_in(2) { kernel::elf() } else { kernel::multiboot() };
        let is_file = is_measured(case) && case.boot.kernel_form == Form::File;
        is_file.then(|| case.boot.kernels.push(kernel)).is_some()
    }),
    ("a command line without a kernel", |case, _| {
        let is_alone = case.boot.kernels.is_empty();
        is_alone && says(case, "boot.cmdline", text("quiet"))
    }),
    ("a kernel that the VMM does not measure", |case, _| {
        let is_google = case.profiles.iter().any(|one| matches!(one.vmm, Vmm::Gce | Vmm::GceGenoa));
        is_google
            && says(case, "boot.kernel_sha256", super::case::sha256(b"k"))
            && lacks(case, &["boot.kernel", "boot.uki", "boot.kernel_hashes"])
    }),
    ("an SVSM without its store", |case, _| {
        case.svsm.is_some() && lacks(case, &["svsm.vars_size", "svsm.vars_file"])
    }),
    ("an SVSM with its entry outside", |case, _| {
        let Some(svsm) = &mut case.svsm else { return false };
        let size = u32::try_from(svsm.firmware.size).expect("small");
        svsm.firmware.builder = svsm.firmware.builder.clone().svsm_info(size);
        true
    }),
    ("an SVSM of a VMM that has none", |case, _| {
        case.svsm.is_some() && says(case, "profile", text("snp-qemu"))
    }),
    ("libkrun's kernel at no page", |case, _| {
        let wants = case.technology == Technology::Snp && is_krun(case);
        wants && says(case, "boot.kernel_gpa", Value::Hex(0x0100_0800))
    }),
    ("a file of libkrun's of odd size", |case, _| {
        is_krun(case) && {
            case.boot.kernels[0].push(0);
            true
        }
    }),
    ("something unknown", |case, _| {
        let parts = [
            ("key", "boot.shim"),
            ("source", "s"),
            ("place", "p"),
            ("text", "t"),
            ("settled_by", "b"),
        ];
        let parts = parts.map(|(key, value)| (key, value.to_owned()));
        says(case, "unknown", Value::List(vec![Value::Table(parts.into())]))
    }),
    ("another image than described", |case, _| {
        let is_one = case.firmwares.len() == 1 && case.firmware_form == Form::File;
        is_one
            && case.given_digest.is_none()
            && says(case, "firmware.sha256", super::case::sha256(b""))
    }),
    ("a file that is not there", |case, _| {
        let is_file = case.firmware_form == Form::File;
        is_file.then(|| case.missing.push("fw0.fd".into())).is_some()
    }),
];

/// Makes a launch impossible in a random one of the ways in which it can be.
pub(super) fn add(choice: &mut Choice, case: &mut Case) -> Fault {
    let all = choice.shuffled(FAULTS.iter().chain(&MORE).collect());
    for (name, wrong) in all {
        let mut broken = case.clone();
        if wrong(&mut broken, choice) {
            *case = broken;
            let has_words = *name != "a file that is not there";
            let has_flags = !name.contains("policy") && !name.contains("HOST_DATA");
            return Fault { name, has_words, has_flags };
        }
    }
    unreachable!("any policy can be wrong")
}

/// Those of hosts, and of descriptions alone.
const MORE: [(&str, Break); 9] = [
    ("a kernel to which QEMU 7.2.0 adds a seed", |case, _| {
        let is_qemu = case.profiles.iter().all(|profile| profile.is_qemu());
        is_qemu
            && is_measured(case)
            && says(case, "host.vmm", text("qemu 7.2.0"))
            && says(case, "host.machine", text("pc-q35-7.2"))
    }),
    ("a shim", |case, _| is_measured(case) && says(case, "boot.shim", text("kernel0"))),
    ("flash where KVM has no read-only memory", |case, _| {
        let is_named =
            case.names_profiles && case.profiles.iter().all(|one| one.name == "snp-qemu");
        is_named
            && case.technology == Technology::Snp
            && says(case, "host.kernel", text("6.12"))
            && says(case, "firmware.in_flash", Value::Switch(true))
    }),
    ("a command line with a NUL", |case, _| {
        let is_hex = is_measured(case);
        if is_hex {
            (case.boot.cmdlines, case.boot.cmdline_form) = (vec![b"a\0b".to_vec()], Form::Other);
        }
        is_hex
    }),
    ("every vCPU late", |case, _| has_vmsas(case) && says(case, "late_vcpus", Value::Number(4096))),
    ("an SNP digest in place of what is no SNP guest's", |case, _| {
        let is_heeded = case.technology == Technology::Snp && !is_krun(case) && case.svsm.is_none();
        !is_heeded && says(case, "firmware.snp_digest", text("ab".repeat(48)))
    }),
    ("HOST_DATA of what is no SNP guest", |case, _| {
        case.technology != Technology::Snp && says(case, "host_data", text("ab".repeat(32)))
    }),
    ("kernel hashes, or an address, that libkrun does not heed", |case, _| {
        let is_es = case.technology == Technology::SevEs;
        is_krun(case)
            && match is_es {
                true => says(case, "boot.kernel_gpa", Value::Hex(0x0100_0000)),
                false => says(case, "boot.kernel_hashes", Value::Switch(true)),
            }
    }),
    ("a key that is none", |case, _| says(case, "boot.kernl", text("kernel0"))),
];

fn is_snp_measured(case: &Case) -> bool {
    case.technology == Technology::Snp && is_measured(case)
}

fn has_vmsas(case: &Case) -> bool {
    case.technology != Technology::Sev
}

fn is_krun(case: &Case) -> bool {
    case.profiles.iter().any(|profile| profile.loads == Loads::Krun)
}

fn needs_reset(case: &Case) -> bool {
    let loads_firmware = case.profiles.iter().any(|profile| profile.loads == Loads::Firmware);
    let has_table = case.firmwares.iter().any(|firmware| firmware.has_table);
    loads_firmware && case.captured.is_none() && has_table
}

fn measures_sections(case: &Case) -> bool {
    case.technology == Technology::Snp
        && case.profiles.iter().all(|profile| profile.loads == Loads::Firmware)
}

/// Changes every image, none of which is absorbed then: `firmware absorb` refuses some of them by itself.
fn images(case: &mut Case, change: impl Fn(FirmwareBuilder) -> FirmwareBuilder) -> bool {
    case.firmware_form = Form::File;
    for firmware in &mut case.firmwares {
        firmware.builder = change(firmware.builder.clone());
    }
    true
}

/// The same for every section of every image.
fn sections(case: &mut Case, change: impl Fn(Section) -> Section) -> bool {
    case.firmware_form = Form::File;
    for firmware in &mut case.firmwares {
        for section in &mut firmware.sections {
            *section = change(*section);
        }
        firmware.builder = firmware.builder.clone().sections(firmware.sections.clone());
    }
    true
}

fn says(case: &mut Case, key: &'static str, value: Value) -> bool {
    case.more.retain(|(other, _)| *other != key);
    case.more.push((key, value));
    true
}

fn lacks(case: &mut Case, keys: &[&'static str]) -> bool {
    case.left_out.extend(keys);
    true
}
