//! Which launch profiles are meant: by name, by VMM, derived from the host, or the default.

use anyhow::bail;
use sev_launch_digest::Technology;
use sev_launch_digest::profile::{self, LaunchProfile};

use super::args::{Guest, Mode, VmmType};

/// The launch profiles asked for: by name, by VMM, derived from the host, or the default.
pub(super) fn choose(
    arguments: &Guest,
    mode: Mode,
    assumptions: &mut Vec<String>,
    notes: &mut Vec<String>,
) -> anyhow::Result<Vec<&'static LaunchProfile>> {
    let technology = mode.technology();
    if technology == Technology::Sev || mode == Mode::SnpFirmware {
        return Ok(Vec::new());
    }
    let derived =
        arguments.host.is_named().then(|| profile::derive(technology, &arguments.host.facts()));
    let named = match (&arguments.profile, arguments.vmm_type) {
        (Some(names), _) => Some(names.profiles()?),
        (None, Some(vmm)) => Some(vec![by_vmm(vmm, mode)?]),
        (None, None) => None,
    };
    if let Some(profiles) = named {
        if let Some(derived) = derived {
            for profile in profiles.iter().filter(|profile| !derived.profiles.contains(profile)) {
                notes.push(format!(
                    "profile {profile} contradicts the host named: it holds for {}",
                    profile.hosts
                ));
            }
        }
        return Ok(profiles);
    }
    let Some(derived) = derived else {
        return by_default(arguments, mode, assumptions, notes);
    };
    assumptions.extend(derived.assumptions.iter().map(|text| (*text).to_owned()));
    match (derived.profiles.as_slice(), derived.question) {
        ([], _) => bail!(
            "no launch profile of {technology} fits this host: `sev-launch profile list` says which hosts are known"
        ),
        ([profile], _) => {
            let text = format!("profile {profile} derived from the host named");
            let amdese = derived.assumptions.contains(&profile::AMDESE);
            notes.push(if amdese { format!("{text}: {}", profile::AMDESE) } else { text.clone() });
            assumptions.push(text);
            Ok(vec![profile])
        }
        (several, question) => {
            let names: Vec<_> = several.iter().map(|profile| profile.name).collect();
            bail!(
                "{} profiles fit this host: {}; ask its owner: {}",
                several.len(),
                names.join(", "),
                question.unwrap_or("what does it run?")
            )
        }
    }
}

fn by_vmm(vmm: VmmType, mode: Mode) -> anyhow::Result<&'static LaunchProfile> {
    let name = match (vmm, mode) {
        (VmmType::Qemu, Mode::SnpSvsm) => "snp-svsm-legacy",
        (VmmType::Qemu, Mode::Guest(Technology::SevEs)) => "es-legacy",
        (VmmType::Qemu, _) => "snp-qemu",
        (VmmType::Ec2, Mode::Guest(Technology::Snp)) => "snp-ec2",
        (VmmType::Gce, Mode::Guest(Technology::Snp)) => "snp-gce",
        (VmmType::Krun, Mode::Guest(Technology::SevEs)) => "es-krun-sevctl",
        (VmmType::Krun, _) => bail!(
            "--vmm-type krun says too little in SNP: give --profile snp-krun-1.4, snp-krun-1.4-amdese or snp-krun-reset"
        ),
        (VmmType::Ec2 | VmmType::Gce, mode) => {
            bail!("EC2 and GCE start plain SNP guests only, none of {}", mode.technology())
        }
    };
    Ok(profile::by_name(name)?)
}

fn by_default(
    arguments: &Guest,
    mode: Mode,
    assumptions: &mut Vec<String>,
    notes: &mut Vec<String>,
) -> anyhow::Result<Vec<&'static LaunchProfile>> {
    let technology = mode.technology();
    let profile = match mode {
        Mode::SnpSvsm => Some(profile::by_name("snp-svsm-legacy")?),
        _ => profile::default_for(technology),
    };
    if let Some(profile) = profile {
        if arguments.vmsa_bsp.is_some() {
            assumptions.push(format!("VMSA pages as captured; all else as in profile {profile}"));
            return Ok(vec![profile]);
        }
        let text = format!("profile {profile}: {}", profile.summary);
        if technology == Technology::SevEs {
            notes.push(format!("{text}; a host with legacy-vm-type=off needs --profile es-init2"));
        }
        assumptions.push(text);
    }
    Ok(profile.into_iter().collect())
}
