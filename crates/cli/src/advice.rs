//! What to do about an error of the libraries, in the command's words: the libraries know facts, and no flags.

use sev_launch_description::error::NotMeasured;
use sev_launch_description::spelling::nearest;
use sev_launch_description::{Error as DescriptionError, Unknown, keys};
use sev_launch_digest::cpu::{CpuModel, MODELS};
use sev_launch_digest::profile::Question;
use sev_launch_digest::{Error, cpu, firmware, kernel_hashes, profile, vmsa};
use sev_launch_sweep::Error as SweepError;

/// What is said on the error's own line, right after it; empty if there is nothing.
pub(crate) fn in_line(error: &anyhow::Error) -> String {
    match causes(error).find_map(|cause| cause.downcast_ref()) {
        Some(DescriptionError::SeveralProfiles { question, .. }) => flag_of(*question).into(),
        Some(DescriptionError::Digest(error)) => remedy(error).into(),
        // On a line of its own.
        Some(DescriptionError::Unknown(_)) => String::new(),
        Some(error) => of_description(error),
        None => digest_error(error).as_ref().map_or("", remedy).into(),
    }
}

/// What follows an error's text; empty if the text says it all.
pub(crate) fn of_description(error: &DescriptionError) -> String {
    use DescriptionError as E;
    let text = match error {
        E::Unknown(unknown) => return format!("\n  {}", give(unknown)),
        E::NoTechnology => ": give --mode, or technology in a description",
        E::NoFirmware => ": give --firmware FILE or --firmware-absorbed FILE",
        E::NoVcpus { .. } => ": give --vcpus, the number that exist at launch (QEMU's -smp cpus=)",
        E::NoKernel { .. } => ": give --kernel or --kernel-sha256 too",
        E::HashesWithoutKernel => "; give --kernel, or leave --kernel-hashes out",
        E::NoFirstPage => ": give --vmsa-bsp too",
        E::NoSvsm => ": --vars-size and --vars-file belong to --mode snp:svsm: give --svsm FILE",
        E::NoVars => ": give --vars-size BYTES or --vars-file FILE",
        E::NotMeasured { reason: NotMeasured::DigestOutsideSnp, .. } => {
            ": --snp-ovmf-hash belongs to --mode snp"
        }
        E::NotMeasured { key, .. } => {
            return flag_of_key(key).map_or_else(String::new, |flag| format!(": leave {flag} out"));
        }
        E::UnprovenFirmware => {
            "; give the image itself with --firmware, or leave --firmware-sha256 out and trust the absorbed file as the image"
        }
        E::OtherVmm { .. } => {
            ": give that VMM's profile, or with --vmm-version the profile's VMM, or leave the profile out to have it derived"
        }
        E::NoSvsmProfile { .. } => "; give --profile",
        E::NoProfile { .. } => ": `sev-launch profile list` says which hosts are known",
        _ => "",
    };
    text.into()
}

/// What is unknown, where that is the error.
pub(crate) fn unknown(error: &anyhow::Error) -> Option<&[Unknown]> {
    match causes(error).find_map(|cause| cause.downcast_ref()) {
        Some(DescriptionError::Unknown(unknown)) => Some(unknown),
        _ => None,
    }
}

fn give(unknown: &[Unknown]) -> String {
    format!("give {}", settle(unknown).join(", "))
}

/// The flags that settle what is unknown, each once.
fn settle(unknown: &[Unknown]) -> Vec<String> {
    let mut flags: Vec<String> = Vec::new();
    for unknown in unknown {
        let flag = match unknown.key {
            Some(key) => flag_of_key(key).unwrap_or(key).to_owned(),
            None => {
                let text = unknown.text.replace('\'', "'\\''");
                format!("--harmless '{text}' (if it changes nothing)")
            }
        };
        if !flags.contains(&flag) {
            flags.push(flag);
        }
    }
    flags
}

/// The flag that says a key's value.
fn flag_of_key(key: &str) -> Option<&'static str> {
    keys::find(key)?.flag
}

/// The flag by which a question is answered.
fn flag_of(question: Question) -> &'static str {
    match question {
        Question::Vmm => " (--vmm-version \"qemu 9.2\", ec2, gce, \"libkrun 1.9\")",
        Question::Ec2Date => " Name the profile, or accept both digests",
        Question::Generation => " (--host-cpu Milan or Genoa)",
        Question::Kernel => " (uname -r on the host, --host-kernel here)",
        Question::LibkrunVersion => " (--vmm-version \"libkrun 1.9\")",
        Question::DebugSwap => {
            " (--debug-swap on|off, --host-cpu Milan); is the kernel a vendor's with backports?"
        }
        _ => "",
    }
}

fn remedy(error: &Error) -> &'static str {
    match error {
        Error::ProfileWithoutKernelHashes { .. } => "; leave kernel, initrd and command line out",
        Error::ProfileOfLibkrun { .. } => {
            ": ask for a libkrun digest with its kernel and initrd, or give another profile"
        }
        Error::ProfileSvsm { wanted: false, .. } => {
            ": leave the SVSM image out, or use snp-svsm-legacy, snp-svsm-nofpu or snp-svsm-ssm"
        }
        Error::Profile(profile::Error::LateVcpus { .. }) => {
            ": give --vmm-version \"qemu 10.1\", and --host-kernel, or --profile beside it"
        }
        Error::Profile(profile::Error::NoLateVcpus { .. }) => ": leave --late-vcpus out",
        Error::NoSignature { .. } => {
            ": give the vCPU type, the signature, or family, model and stepping"
        }
        Error::Vmsa(vmsa::Error::SevEsFeatures { .. }) => {
            "; leave the features out (sev-snp-measure takes 0 in this mode, whatever --guest-features says)"
        }
        Error::KernelHashes(kernel_hashes::Error::NotHashed { .. }) => {
            ": give the bzImage, or --kernel-hashes off for a launch that does not measure it"
        }
        Error::KernelHashes(kernel_hashes::Error::Shim) => "; leave the shim out",
        Error::KernelHashes(kernel_hashes::Error::Dtb) => "; leave the device tree out",
        _ => "",
    }
}

/// What to do next, on a line of its own.
pub(crate) fn next_line(error: &anyhow::Error) -> Option<String> {
    if let Some(unknown) = unknown(error) {
        return Some(give(unknown));
    }
    let of_sweep = match causes(error).find_map(|cause| cause.downcast_ref()) {
        Some(SweepError::NoSvsm) => Some("give --svsm FILE"),
        Some(SweepError::KrunFiles) => Some("give --firmware, --kernel and --initrd as files"),
        Some(SweepError::Work { .. }) => Some(
            "where it is meant, allow more with --work-limit FACTOR; where others wrote the description, look into it first",
        ),
        Some(SweepError::KrunKernelGpa) => Some("give --kernel-gpa, the bundle's guest address"),
        _ => None,
    };
    if let Some(text) = of_sweep {
        return Some(text.into());
    }
    match digest_error(error)? {
        Error::Profile(profile::Error::UnknownProfile { found }) => {
            let names = profile::ALL.iter().map(|profile| profile.name.to_owned());
            Some(did_you_mean(&found, names, "`sev-launch profile list` lists them all"))
        }
        Error::Cpu(cpu::Error::UnknownModel { found }) if matches!(found.as_str(), "host" | "max") => Some(
            "it stands for the host's own processor: give its --vcpu-sig, as `cpuid -1 -l 1` prints EAX there".into(),
        ),
        Error::Cpu(cpu::Error::UnknownModel { found }) => {
            let names = MODELS.iter().flat_map(CpuModel::names);
            Some(did_you_mean(&found, names, "`sev-launch cpu list` lists them all"))
        }
        Error::Firmware(
            firmware::Error::NotPages { .. }
            | firmware::Error::NoTable { .. }
            | firmware::Error::NoMetadata
            | firmware::Error::VariableStore,
        ) => Some("`sev-launch firmware show FILE` says what the file is and what it can launch".into()),
        Error::ProfileOfLibkrun { .. } => {
            Some("give libkrun's qboot as --firmware, and its --kernel and --initrd".into())
        }
        _ => None,
    }
}

/// Every cause of an error, those too that an error shows as its own.
fn causes(error: &anyhow::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    error.chain().flat_map(|cause| {
        let of_sweep: Option<&(dyn std::error::Error + 'static)> = match cause.downcast_ref() {
            Some(SweepError::Description(error)) => Some(error),
            Some(SweepError::Launch(error)) => Some(error),
            _ => None,
        };
        let described: Option<&(dyn std::error::Error + 'static)> =
            match of_sweep.unwrap_or(cause).downcast_ref() {
                Some(DescriptionError::Digest(error)) => Some(error),
                _ => None,
            };
        [Some(cause), of_sweep, described].into_iter().flatten()
    })
}

/// The error of the digest library among an error's causes, if there is one.
pub(crate) fn digest_error(error: &anyhow::Error) -> Option<Error> {
    causes(error).find_map(|cause| {
        let of = cause.downcast_ref::<Error>().cloned();
        of.or_else(|| Some(cause.downcast_ref::<firmware::Error>()?.clone().into()))
            .or_else(|| Some(cause.downcast_ref::<kernel_hashes::Error>()?.to_owned().into()))
            .or_else(|| Some(cause.downcast_ref::<profile::Error>()?.clone().into()))
            .or_else(|| Some(cause.downcast_ref::<cpu::Error>()?.clone().into()))
    })
}

fn did_you_mean(found: &str, names: impl Iterator<Item = String>, list: &str) -> String {
    nearest(found, names)
        .map_or_else(|| list.to_owned(), |name| format!("did you mean {name}? {list}"))
}
