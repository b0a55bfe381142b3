//! Which guest the tool computes, and whether a host reports its value. [sev-snp-measure, guest.py and vmsa.py]
//!
//! Everything that the tool gets wrong is named here: the launches of which it prints a digest although there are none, what it
//! takes and does not look at, and what it puts into a guest's memory that no host puts there.

use sev_launch_abi::{CpuSignature, Generation, SevFeatures, Technology};
use sev_launch_digest::Error as DigestError;
use sev_launch_digest::firmware::{AbsorbedFirmware, Error as FirmwareError, SectionKind};
use sev_launch_digest::kernel_hashes::Error as KernelError;
use sev_launch_digest::profile::{self, LaunchProfile};
use sev_launch_digest::snp::LaunchDigest;
use sev_launch_digest::vcpus::VcpuCount;

use super::flags::{Flags, VMM_TYPES};
use super::{Mode, NoAnswer, Question, Value};
use crate::axes::{Cpu, VcpuCounts};
use crate::description::{Blob, Boot, Cmdline, Description, Image, Kernel, Vars};
use crate::origin::{Field, Origin, Sourced};

/// What makes a host of SEV-ES the one or the other.
const INIT2: &str = "the tool computes hosts that make SEV-ES guests by KVM_SEV_INIT2 (QEMU's legacy-vm-type=off); QEMU by \
                     default makes them by the legacy ioctl, which leaves the FPU's registers zero";

/// What Google's own tool says of Genoa. [gce-tcb-verifier, sev launch digest]
const GENOA: &str =
    "the tool computes hosts of Milan; on Genoa Google measures the registers at another address";

/// Flags that say nothing of a firmware's pages, or of a guest whose registers are not measured.
const OF_VCPUS: [&str; 7] = [
    "--vcpus",
    "--vcpu-type",
    "--vcpu-sig",
    "--vcpu-family",
    "--vcpu-model",
    "--vcpu-stepping",
    "--guest-features",
];
const OF_BOOT: [&str; 3] = ["--kernel", "--initrd", "--append"];
const OF_SVSM: [&str; 3] = ["--svsm", "--vars-size", "--vars-file"];

/// The tool's question for flags; the order of the checks is its own.
pub(super) fn question(flags: &Flags) -> Result<Question, NoAnswer> {
    let mode = flags.mode.ok_or_else(|| usage("the following arguments are required: --mode"))?;
    if mode == Mode::SnpFirmware {
        return firmware_alone(flags);
    }
    check_usage(flags, mode)?;
    let mut description = described(flags, mode)?;
    let (profiles, value) = judged(flags, mode, &mut description)?;
    description.profiles = match profiles.is_empty() {
        true => None,
        false => flag("--vmm-type", profiles),
    };
    let mut remarks = Vec::new();
    if let (Mode::Sev, names @ [_, ..]) = (mode, flags.given(&["--vmm-type"]).as_slice()) {
        remarks.push(ignored(names, "plain SEV measures the same on every host"));
    }
    Ok(Question {
        description,
        mode,
        value,
        base64: flags.base64 == Some(true),
        verbose: flags.verbose,
        dump_vmsa: flags.dump_vmsa,
        remarks,
    })
}

/// The digest of the image's pages: hex alone, and whatever else is given is not looked at.
fn firmware_alone(flags: &Flags) -> Result<Question, NoAnswer> {
    let others =
        [&OF_VCPUS[..], &OF_BOOT, &OF_SVSM, &["--vmm-type", "--snp-ovmf-hash", "--dump-vmsa"]];
    let mut remarks = Vec::new();
    let names = flags.given(&others.concat());
    if !names.is_empty() {
        remarks.push(ignored(&names, "mode snp:ovmf-hash is of the firmware's pages alone"));
    }
    let forms = flags.given(&["--output-format", "--verbose"]);
    if flags.base64 == Some(true) || flags.verbose {
        remarks.push(ignored(&forms, "this mode prints hex and nothing else"));
    }
    Ok(Question {
        description: Description {
            technology: flag("--mode", Technology::Snp),
            firmware: crate::description::Firmware { images: image(flags), ..Default::default() },
            ..Description::default()
        },
        mode: Mode::SnpFirmware,
        value: Value::Same,
        base64: false,
        verbose: false,
        dump_vmsa: false,
        remarks,
    })
}

/// What the tool itself refuses, in its order and its words.
fn check_usage(flags: &Flags, mode: Mode) -> Result<(), NoAnswer> {
    let name = mode_name(mode);
    if is_said(flags.initrd.as_ref().map(|path| path.as_os_str().is_empty()))
        && flags.kernel.is_none()
    {
        return Err(usage("--kernel required when using --initrd"));
    }
    if is_said(flags.append.as_ref().map(Vec::is_empty)) && flags.kernel.is_none() {
        return Err(usage("--kernel required when using --append"));
    }
    if mode != Mode::Sev && flags.vcpus.is_none() {
        return Err(usage(format!("missing --vcpus N in guest mode '{name}'")));
    }
    let vmm = flags.vmm_type.as_deref().unwrap_or("QEMU");
    if !VMM_TYPES.contains(&vmm) {
        return Err(usage(format!("unknown VMM type '{vmm}'")));
    }
    if mode != Mode::Sev {
        let is_by_parts = flags.vcpu_family.is_some_and(|family| family != 0);
        if is_by_parts && (flags.vcpu_model.is_none() || flags.vcpu_stepping.is_none()) {
            return Err(stops("--vcpu-family needs --vcpu-model and --vcpu-stepping"));
        }
        let has_signature = flags.vcpu_sig.is_some_and(|signature| signature != 0);
        if !is_by_parts && !has_signature && flags.vcpu_type.is_none() && vmm == "QEMU" {
            return Err(usage(format!(
                "missing --vcpu-type or --vcpu-sig or --vcpu-family in guest mode '{name}'"
            )));
        }
    }
    if mode == Mode::SnpSvsm {
        let has_size = flags.vars_size.is_some_and(|size| size != 0);
        let has_file = is_said(flags.vars_file.as_ref().map(|path| path.as_os_str().is_empty()));
        if !has_size && !has_file {
            return Err(usage("snp:svsm mode requires --vars-size or --vars-file"));
        }
        if flags.svsm.is_none() {
            return Err(stops("snp:svsm mode requires --svsm"));
        }
        if vmm != "QEMU" {
            return Err(stops("SVSM mode is only implemented for QEMU"));
        }
    }
    if flags.dump_vmsa && mode == Mode::Sev {
        return Err(usage("--dump-vmsa is not available in the selected mode"));
    }
    if mode != Mode::Snp && flags.snp_ovmf_hash.as_ref().is_some_and(|hash| !hash.is_empty()) {
        return Err(stops("--snp-ovmf-hash only works with mode snp"));
    }
    Ok(())
}

/// The guest; what the tool cuts off or takes for nothing has no launch.
fn described(flags: &Flags, mode: Mode) -> Result<Description, NoAnswer> {
    if flags.kernel.as_ref().is_some_and(|path| path.as_os_str().is_empty()) {
        return Err(no_launch(
            "--kernel has an empty path, which the tool takes for no kernel: leave the flag out",
        ));
    }
    if mode != Mode::SnpSvsm
        && let names @ [_, ..] = flags.given(&OF_SVSM).as_slice()
    {
        let names = names.join(", ");
        return Err(no_launch(format!(
            "{names} would not be looked at in mode {}: an SVSM is measured in mode snp:svsm",
            mode_name(mode)
        )));
    }
    let technology = match mode {
        Mode::Sev => Technology::Sev,
        Mode::SevEs => Technology::SevEs,
        Mode::Snp | Mode::SnpFirmware | Mode::SnpSvsm => Technology::Snp,
    };
    let mut description =
        Description { technology: flag("--mode", technology), ..Description::default() };
    description.vcpus = vcpus(flags)?.and_then(|count| flag("--vcpus", VcpuCounts::one(count)));
    description.cpus = cpu(flags)?;
    // The tool's own default is what the profile has.
    if let Some(features) = flags.guest_features {
        let word = u64::try_from(features).map_err(|_| {
            no_launch(format!(
                "--guest-features {features}: wanted 64 bits, the tool cuts off the rest"
            ))
        })?;
        description.sev_features = flag("--guest-features", vec![SevFeatures(word)]);
    }
    description.firmware.images = image(flags);
    if let Some(text) = flags.snp_ovmf_hash.as_deref().filter(|text| !text.is_empty()) {
        description.firmware.snp_digest = flag("--snp-ovmf-hash", snp_digest(text)?);
    }
    let boot = &mut description.boot;
    boot.kernels = flags.kernel.clone().and_then(|path| flag("--kernel", vec![Kernel::File(path)]));
    // An empty path is how scripts leave one out, and QEMU measures the same for both.
    let initrd = flags.initrd.clone().filter(|path| !path.as_os_str().is_empty());
    boot.initrds = initrd.and_then(|path| flag("--initrd", vec![Blob::File(path)]));
    let append = flags.append.clone().filter(|_| flags.kernel.is_some());
    boot.cmdlines = append.and_then(|bytes| flag("--append", vec![Cmdline::Bytes(bytes)]));
    if mode == Mode::SnpSvsm {
        description.svsm.image = flags.svsm.clone().and_then(|path| flag("--svsm", path));
        description.svsm.vars = match (&flags.vars_file, flags.vars_size) {
            (Some(path), _) => flag("--vars-file", Vars::File(path.clone())),
            (None, size) => {
                let size = size.unwrap_or_default();
                let bytes = u64::try_from(size).map_err(|_| {
                    no_launch(format!("--vars-size {size}: wanted a number of bytes"))
                })?;
                flag("--vars-size", Vars::Bytes(bytes))
            }
        };
    }
    Ok(description)
}

/// The profiles to compute, and what the tool's value is worth. What no such host has is taken out of the description.
fn judged(
    flags: &Flags,
    mode: Mode,
    description: &mut Description,
) -> Result<(Vec<&'static LaunchProfile>, Value), NoAnswer> {
    let vmm = flags.vmm_type.as_deref().unwrap_or("QEMU");
    match (mode, vmm) {
        (Mode::Sev | Mode::SnpFirmware, _) => Ok((Vec::new(), Value::Same)),
        (Mode::SevEs, "QEMU") => {
            let (ours, theirs) = (named("es-legacy")?, named("es-init2")?);
            match flags.guest_features {
                None | Some(0) => {
                    Ok((vec![ours, theirs], Value::Other { ours, theirs, why: INIT2 }))
                }
                Some(features) => {
                    let why = format!(
                        "in mode seves the tool does not look at --guest-features ({features:#x}): its digest is of a guest without any"
                    );
                    // SNPActive, which KVM refuses in SEV-ES.
                    if features & 1 == 1 {
                        description.sev_features = None;
                    }
                    Ok((vec![ours], Value::Defect(why)))
                }
            }
        }
        (Mode::SevEs, vmm) => Err(no_launch(format!(
            "--vmm-type {vmm} starts no SEV-ES guest: EC2 and GCE have plain SNP guests only"
        ))),
        (Mode::Snp, "QEMU") => Ok((vec![named("snp-qemu")?], Value::Same)),
        (Mode::Snp, "ec2") => Ok((vec![named("snp-ec2")?], Value::Same)),
        (Mode::Snp, _) if !flags.given(&["--kernel"]).is_empty() => {
            let why =
                "GCE starts no guest from a kernel file, and the tool measures one all the same";
            description.boot = Boot::default();
            Ok((vec![named("snp-gce")?], Value::Defect(why.into())))
        }
        (Mode::Snp, _) => {
            let theirs = named("snp-gce")?;
            let cpus = description.cpus.iter().flat_map(|cpus| &cpus.value);
            let mut generations = cpus.filter_map(|cpu| cpu.signature.generation());
            if generations.any(|generation| generation == Generation::Genoa) {
                let ours = named("snp-gce-genoa")?;
                return Ok((vec![ours, theirs], Value::Other { ours, theirs, why: GENOA }));
            }
            Ok((vec![theirs], Value::Same))
        }
        (Mode::SnpSvsm, _) => {
            let mut why = "the tool means to set the FPU's control word in an SVSM's registers, and names a field that does \
                           not exist: the word stays 0 beside an MXCSR that is set, as on no host"
                .to_owned();
            let unseen = flags.given(&[&OF_BOOT[..], &["--guest-features"]].concat());
            if !unseen.is_empty() {
                let unseen = unseen.join(", ");
                why.push_str(&format!("; nor does it look at {unseen} in this mode"));
            }
            description.boot = Boot::default();
            Ok((vec![named("snp-svsm-legacy")?, named("snp-svsm-nofpu")?], Value::Defect(why)))
        }
    }
}

/// How many vCPUs, if that was said.
fn vcpus(flags: &Flags) -> Result<Option<VcpuCount>, NoAnswer> {
    let Some(number) = flags.vcpus else { return Ok(None) };
    let count = u32::try_from(number).ok().and_then(|number| VcpuCount::new(number).ok());
    let wanted = || {
        format!(
            "--vcpus {number}: wanted 1 to {}, and the tool prints a digest all the same",
            VcpuCount::MAX.number()
        )
    };
    count.map(Some).ok_or_else(|| no_launch(wanted()))
}

/// The CPU, by the first of family, signature and model's name that says something; all that do must say the same.
fn cpu(flags: &Flags) -> Result<Field<Vec<Cpu>>, NoAnswer> {
    let mut cpus = Vec::new();
    if let Some(family) = flags.vcpu_family.filter(|family| *family != 0) {
        let parts = [family, flags.vcpu_model.unwrap_or(0), flags.vcpu_stepping.unwrap_or(0)];
        let numbers = parts.map(|part| u32::try_from(part).unwrap_or(u32::MAX));
        let [family, model, stepping] = numbers;
        let signature = CpuSignature::from_parts(family, model, stepping);
        let signature = signature.map_err(|error| {
            no_launch(format!(
                "{error}: there is no such CPU, and the tool cuts off what does not fit"
            ))
        })?;
        cpus.push(("--vcpu-family", Cpu::from(signature)));
    }
    if let Some(number) = flags.vcpu_sig.filter(|number| *number != 0) {
        let signature = u32::try_from(number)
            .map_err(|_| no_launch(format!("--vcpu-sig {number:#x}: a signature has 32 bits")))?;
        cpus.push(("--vcpu-sig", CpuSignature(signature).into()));
    }
    if let Some(name) = &flags.vcpu_type {
        let cpu = Cpu::of_model(name).map_err(|error| stops(error.to_string()))?;
        cpus.push(("--vcpu-type", cpu));
    }
    let Some((first, cpu)) = cpus.first().cloned() else { return Ok(None) };
    match cpus.iter().find(|(_, other)| other.signature != cpu.signature) {
        None => Ok(flag(first, vec![cpu])),
        Some((second, other)) => Err(no_launch(format!(
            "{first} names the CPU {}, and {second} {}, which the tool would not look at: give one of them",
            cpu.signature, other.signature
        ))),
    }
}

/// The image's own digest, as Python's `bytes.fromhex` reads it: white space between bytes is skipped.
fn snp_digest(text: &str) -> Result<LaunchDigest, NoAnswer> {
    let digits: String = text.split_ascii_whitespace().collect();
    let bytes = hex::decode(&digits).ok().and_then(|bytes| <[u8; 48]>::try_from(bytes).ok());
    let wanted = || {
        stops(format!(
            "--snp-ovmf-hash: wanted 96 hex digits, found {} characters",
            digits.chars().count()
        ))
    };
    bytes.map(LaunchDigest::from_bytes).ok_or_else(wanted)
}

/// Does the tool print a digest of a guest with which this is wrong? `firmware` is the image where it could be read; what is not listed
/// stops the tool too.
///
/// Its reader of firmware looks for few faults, and it asks nothing of a host. But where it needs the address at which further
/// vCPUs start it stops without one.
#[must_use]
pub fn prints_anyway(
    question: &Question,
    firmware: Option<&AbsorbedFirmware>,
    error: &DigestError,
) -> bool {
    let has_reset_block = || firmware.is_some_and(|one| one.tables().reset_address != Ok(None));
    if question.mode != Mode::Sev && !has_reset_block() {
        return false;
    }
    match error {
        DigestError::Firmware(error) => match error {
            FirmwareError::TooLarge { .. }
            | FirmwareError::Container { .. }
            | FirmwareError::Igvm
            | FirmwareError::SectionEmpty { .. }
            | FirmwareError::SectionOverFirmware { .. }
            | FirmwareError::SectionsTotal { .. }
            | FirmwareError::NoMetadata
            | FirmwareError::VariableStore
            | FirmwareError::HashAreaTooSmall { .. }
            | FirmwareError::HashAreaAlignment { .. } => true,
            FirmwareError::ResetAddressZero => {
                let counts = question.description.vcpus.iter().flat_map(|one| one.value.counts());
                counts.map(|count| count.number()).max() == Some(1)
            }
            _ => false,
        },
        DigestError::KernelHashes(error) => matches!(error, KernelError::NotHashed { .. }),
        _ => false,
    }
}

/// Why the tool's digest of a guest with this firmware is no host's, where that is so: it counts one page for each section of
/// secrets and CPUID, whatever its length. [QEMU, snp_populate_metadata_pages]
pub fn misreads(mode: Mode, firmware: &AbsorbedFirmware) -> Option<String> {
    if !matches!(mode, Mode::Snp | Mode::SnpSvsm) {
        return None;
    }
    let sections = firmware.sections().ok()?;
    let is_cut = |kind| matches!(kind, SectionKind::SnpSecrets | SectionKind::Cpuid);
    let cut = sections.iter().find(|section| is_cut(section.kind) && section.length > 4096)?;
    Some(format!(
        "the firmware's section {} has {} bytes, of which the tool counts the first page alone",
        cut.kind, cut.length
    ))
}

/// Is there a value that is not empty? The tool takes an empty one for none.
fn is_said(is_empty: Option<bool>) -> bool {
    is_empty == Some(false)
}

fn image(flags: &Flags) -> Field<Vec<Image>> {
    flags.ovmf.clone().and_then(|path| flag("--ovmf", vec![Image::File(path)]))
}

fn named(name: &str) -> Result<&'static LaunchProfile, NoAnswer> {
    profile::by_name(name).map_err(|error| stops(error.to_string()))
}

const fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Sev => "sev",
        Mode::SevEs => "seves",
        Mode::Snp => "snp",
        Mode::SnpFirmware => "snp:ovmf-hash",
        Mode::SnpSvsm => "snp:svsm",
    }
}

#[expect(clippy::unnecessary_wraps, reason = "every value of a description is optional")]
fn flag<T>(name: &'static str, value: T) -> Field<T> {
    Some(Sourced { value, origin: Origin::Flag(name) })
}

fn ignored(names: &[&str], why: &str) -> String {
    format!("not looked at: {}, since {why}", names.join(", "))
}

fn usage(text: impl Into<String>) -> NoAnswer {
    NoAnswer::Usage(text.into())
}

fn stops(text: impl Into<String>) -> NoAnswer {
    NoAnswer::Stops(text.into())
}

fn no_launch(text: impl Into<String>) -> NoAnswer {
    NoAnswer::NoLaunch(text.into())
}
