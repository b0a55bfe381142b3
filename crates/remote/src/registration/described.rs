//! From a description to members: field by field, and none of them left out.

use serde_json::{Map, Value, json};
use sev_launch_abi::Technology;
use sev_launch_description::axes::Cpu;
use sev_launch_description::{Description, Field, Origin, Sourced};
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::profile::Loads;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_protocol::registration::{CpuCount, Scheme};
use sev_launch_protocol::text::Sha256;
use sev_launch_sweep::Inputs;
use sev_launch_sweep::boot::{BootInputs, Cmdline};

use super::{Error, Firmware, Owner, Unregistered};

/// What was made of a description.
pub(super) struct Described {
    pub(super) members: Map<String, Value>,
    pub(super) firmwares: Vec<Firmware>,
    pub(super) unregistered: Vec<Unregistered>,
}

pub(super) fn of(inputs: &Inputs, owner: &Owner) -> Result<Described, Error> {
    let technology = inputs.mode.technology();
    let description = &inputs.description;
    check_words(inputs)?;
    let mut members = Map::new();
    let mut unregistered = Vec::new();
    let scheme = Scheme::ALL.into_iter().find(|scheme| scheme.technology() == technology);
    members.insert("scheme".into(), json!(scheme));
    ["policy", "vcpus"].iter().try_for_each(|key| description.check_known(key))?;
    let policy = description.policy.as_ref().ok_or(Error::NoPolicy)?;
    members.insert("policy".into(), policy.value.into());
    if let Some(counts) = &description.vcpus {
        members.insert("cpu-count".into(), cpu_count(counts.value.counts(), &counts.origin)?);
    }
    if technology != Technology::Sev {
        registers(inputs, &mut members)?;
    }
    let firmwares = firmwares(inputs)?;
    let hashes: Vec<Sha256> = firmwares.iter().map(|firmware| firmware.sha256).collect();
    members.insert("firmware-hashes".into(), json!(hashes));
    if inputs.boot.is_measured() {
        boot(&inputs.boot, description, &mut members);
    } else if let Some(kernels) = &description.boot.kernels {
        if !owner.secrets.is_empty() {
            return Err(Error::UnmeasuredKernel { origin: kernels.origin.clone() });
        }
        let why = "kernel_hashes is off, so that nothing of it is measured";
        let keys = [
            ("boot.kernel", true),
            ("boot.initrd", description.boot.initrds.is_some()),
            ("boot.cmdline", description.boot.cmdlines.is_some()),
        ];
        let keys = keys.into_iter().filter(|(_, is_said)| *is_said);
        unregistered.extend(keys.map(|(key, _)| Unregistered { key, why }));
    }
    unregistered.extend(undecisive(description, technology));
    Ok(Described { members, firmwares, unregistered })
}

/// Is each thing that is said something that a registration can say, or something that decides nothing? Every field of a description is
/// named here, in [`undecisive`] or in [`of`]: a new one does not compile until it is.
fn check_words(inputs: &Inputs) -> Result<(), Error> {
    let Description {
        technology: _,
        policy: _,
        host_data,
        id_block,
        id_auth,
        author_key,
        profiles: _,
        host: _,
        vcpus: _,
        late_vcpus,
        cpus: _,
        sev_features,
        firmware,
        boot,
        vmsa,
        svsm,
        unknown: _,
        harmless: _,
    } = &inputs.description;
    let report = "the service makes no demand on it in a report; demand it by `sev-launch verify`";
    let captured = "the service computes vCPUs' pages from launch profiles alone";
    no_word("host_data", host_data, report)?;
    no_word("id_block", id_block, report)?;
    no_word("id_auth", id_auth, report)?;
    no_word("author_key", author_key, report)?;
    no_word(
        "firmware.snp_digest",
        &firmware.snp_digest,
        "the service computes from the image: name it by firmware.path",
    )?;
    no_word("boot.kernel_gpa", &boot.kernel_gpa, "libkrun's launches are not registered")?;
    no_word("boot.shim", &boot.shim, "what is measured beside a shim cannot be said")?;
    no_word("boot.dtb", &boot.dtb, "what is measured beside a device tree cannot be said")?;
    no_word("vmsa.bsp", &vmsa.bsp, captured)?;
    no_word("vmsa.ap", &vmsa.ap, captured)?;
    no_word("svsm.image", &svsm.image, "the service computes no launch with an SVSM")?;
    no_word("svsm.vars", &svsm.vars, "the service computes no launch with an SVSM")?;
    let several = "a registration has one word of features: register a guest for each";
    no_word_if("sev_features", sev_features, |words| words.len() > 1, several)?;
    let both = "a registration has kernel hashes or has none: register a guest for each";
    no_word_if(
        "boot.kernel_hashes",
        &boot.kernel_hashes,
        |on| on.contains(&true) && on.contains(&false),
        both,
    )?;
    let is_late = inputs.vcpus.iter().any(|count| count.late() > 0);
    no_word_if(
        "late_vcpus",
        late_vcpus,
        |_| is_late,
        "the service computes launches whose vCPUs all exist from the start",
    )?;
    if let Some(profile) = inputs.profiles.iter().find(|one| one.loads != Loads::Firmware) {
        let origin = inputs.description.profiles.as_ref().map(|field| field.origin.clone());
        return Err(Error::NoWord {
            key: "profile",
            origin: origin.unwrap_or(Origin::default(profile.summary)),
            why: "the service computes launches of a firmware alone, without an SVSM and without libkrun's files",
        });
    }
    Ok(())
}

fn no_word<T>(key: &'static str, field: &Field<T>, why: &'static str) -> Result<(), Error> {
    no_word_if(key, field, |_| true, why)
}

fn no_word_if<T>(
    key: &'static str,
    field: &Field<T>,
    holds: impl Fn(&T) -> bool,
    why: &'static str,
) -> Result<(), Error> {
    match field {
        Some(Sourced { value, origin }) if holds(value) => {
            Err(Error::NoWord { key, origin: origin.clone(), why })
        }
        _ => Ok(()),
    }
}

/// What is said and decides nothing of this launch, or has decided what is registered in its place.
fn undecisive(description: &Description, technology: Technology) -> Vec<Unregistered> {
    let Description { host, late_vcpus, cpus, sev_features, firmware, boot, harmless, .. } =
        description;
    let is_sev = technology == Technology::Sev;
    let of_host = if is_sev {
        "no digest of plain SEV depends on the host"
    } else {
        "of the host only the launch profile is registered"
    };
    let registers = "plain SEV measures no registers";
    let rows = [
        ("host.kernel", host.kernel.is_some(), of_host),
        ("host.vmm", host.vmm.is_some(), of_host),
        ("host.cpu", host.cpu.is_some(), of_host),
        ("host.machine", host.machine.is_some(), of_host),
        ("host.debug_swap", host.debug_swap.is_some(), of_host),
        ("host.legacy_vm_type", host.legacy_vm_type.is_some(), of_host),
        ("cpu", is_sev && cpus.is_some(), registers),
        ("sev_features", is_sev && sev_features.is_some(), registers),
        (
            "late_vcpus",
            late_vcpus.is_some(),
            if is_sev { registers } else { "late vCPUs start as the others do here" },
        ),
        (
            "firmware.in_flash",
            firmware.in_flash.is_some(),
            "it decides whether a host starts the guest, and no digest",
        ),
        (
            "boot.kernel_hashes",
            boot.kernel_hashes.is_some() && boot.kernels.is_none(),
            "there is no kernel",
        ),
        ("harmless", harmless.is_some(), "it was said to change nothing"),
    ];
    let said = rows.into_iter().filter(|(_, is_said, _)| *is_said);
    said.map(|(key, _, why)| Unregistered { key, why }).collect()
}

/// What is measured of a vCPU.
fn registers(inputs: &Inputs, members: &mut Map<String, Value>) -> Result<(), Error> {
    let profiles: Vec<&str> = inputs.profiles.iter().map(|profile| profile.name).collect();
    members.insert("vmsa-profiles".into(), json!(profiles));
    let cpus = inputs.description.cpus.as_ref().ok_or(Error::NoCpu)?;
    members.insert("cpu".into(), cpus.value.iter().map(cpu).collect());
    // Several were refused.
    if let Some(word) =
        inputs.description.sev_features.as_ref().and_then(|field| field.value.first())
    {
        members.insert("sev-features".into(), word.0.into());
    }
    Ok(())
}

fn cpu(cpu: &Cpu) -> Value {
    match &cpu.name {
        Some(name) => json!({ "type": name }),
        None => {
            let (family, model, stepping) = cpu.signature.parts();
            json!({ "family": family, "model": model, "stepping": stepping })
        }
    }
}

/// A number, a range where there is no gap, or a list.
fn cpu_count(counts: &[VcpuCount], origin: &Origin) -> Result<Value, Error> {
    let mut numbers: Vec<u32> = counts.iter().map(|count| count.number()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let (Some(first), Some(last)) = (numbers.first().copied(), numbers.last().copied()) else {
        return Ok(Value::Null);
    };
    if last > CpuCount::MOST {
        return Err(Error::NoWord {
            key: "vcpus",
            origin: origin.clone(),
            why: "a registration has at most 1024 vCPUs",
        });
    }
    let has_all = usize::try_from(last.saturating_sub(first)).ok() == numbers.len().checked_sub(1);
    Ok(match numbers.len() {
        1 => first.into(),
        _ if has_all => json!({ "min": first, "max": last }),
        _ => json!(numbers),
    })
}

fn firmwares(inputs: &Inputs) -> Result<Vec<Firmware>, Error> {
    if let (Some(_), Some(images)) = (inputs.igvms.first(), &inputs.description.firmware.images) {
        return Err(Error::NoWord {
            key: "firmware.igvm",
            origin: images.origin.clone(),
            why: "the service takes firmware images, and no IGVM files",
        });
    }
    let firmwares = inputs.firmwares.iter().map(|firmware| {
        let sha256 = firmware.absorbed.sha256();
        let sha256 = sha256.map_err(|_| Error::NoSha256 { name: firmware.name.clone() })?;
        let image = (!firmware.is_absorbed).then(|| firmware.path.clone());
        Ok(Firmware { sha256: plain(sha256), image })
    });
    firmwares.collect()
}

fn boot(boot: &BootInputs, description: &Description, members: &mut Map<String, Value>) {
    let hashes = |hashes: &mut dyn Iterator<Item = Sha256Digest>| -> Value {
        json!(hashes.map(plain).collect::<Vec<_>>())
    };
    let kernels = hashes(&mut boot.kernels.iter().map(|kernel| kernel.sha256));
    members.insert("kernel-hash".into(), kernels);
    if !boot.initrds.is_empty() {
        let initrds = hashes(&mut boot.initrds.iter().map(|initrd| initrd.sha256));
        members.insert("initrd-hash".into(), initrds);
    }
    if description.boot.cmdlines.is_none() {
        return;
    }
    // As text, the owner's audit can say what differs. A registration has texts or hashes, not both.
    let texts: Option<Vec<String>> = boot.cmdlines.iter().map(Cmdline::text).collect();
    match texts {
        Some(texts) => members.insert("cmdline".into(), json!(texts)),
        None => {
            let lines = hashes(&mut boot.cmdlines.iter().map(|cmdline| cmdline.sha256));
            members.insert("cmdline-hash".into(), lines)
        }
    };
}

fn plain(hash: Sha256Digest) -> Sha256 {
    Sha256(*hash.as_bytes())
}
