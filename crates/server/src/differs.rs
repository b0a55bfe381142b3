//! What a launch was, that was none of the approved ones: for the owner, after it was refused.
//!
//! `sev-launch-explain` looks for the smallest change of what is registered that gives the measurement. An explanation is a finding and no
//! excuse: the launch stays refused. It takes some seconds of every core; the caller sets a limit by a [`Cancel`].

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use sev_launch_abi::{SevFeatures, Technology};
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::kernel_hashes::KernelHashes;
use sev_launch_digest::profile::LaunchProfile;
use sev_launch_digest::vcpus::VcpuCount;
pub use sev_launch_explain::{Cancel, Reported};
use sev_launch_explain::{
    Cmdline, Content, Custom, File, Hypothesis, Launch, Options, Outcome, plan, run,
};
use sev_launch_protocol::registration::{CpuCount, OneOrMany, Registration};
use sev_launch_protocol::text::Sha256;

use crate::candidates::{profiles_of, signature_of};
use crate::catalogue::Entry;

/// The most launches that are tried.
const MOST_HYPOTHESES: u64 = 1 << 18;
/// The most facts that are changed together.
const MOST_CHANGES: u32 = 2;
/// The most values of one member that are tried beside those that are tried anyway.
const MOST_VALUES: usize = 64;

/// What the host says that it started. It is a claim, tried like any other value: what the measurement does not confirm is not found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claimed {
    /// SHA-256 of the kernel.
    pub kernel: Option<Sha256>,
    /// SHA-256 of the initrd.
    pub initrd: Option<Sha256>,
    /// The command line.
    pub cmdline: Option<String>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Findings {
    /// Each a launch that gives the measurement, nearest first, in sentences such as "vcpus: 4 instead of 2"; empty where none was found.
    pub explanations: Vec<Vec<String>>,
    /// A profile that gives the measurement and is not registered.
    pub unregistered_profile: Option<String>,
    /// How many launches were tried.
    pub tried: u64,
    /// Was the search stopped before all were?
    pub stopped: bool,
    /// Why nothing could be tried.
    pub obstacle: Option<String>,
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.explanations.first() else {
            if let Some(obstacle) = &self.obstacle {
                return write!(f, "nothing was looked for: {obstacle}");
            }
            let stopped = if self.stopped { ", and the search was stopped" } else { "" };
            return write!(f, "nothing found among {} hypotheses{stopped}", self.tried);
        };
        f.write_str(&first.join("; "))?;
        if let Some(profile) = &self.unregistered_profile {
            write!(f, " (profile {profile} is not registered)")?;
        }
        Ok(())
    }
}

/// Looks for the launch. `reported` is a measurement with the session's TIK, or a digest; `entries` are the registered firmwares, and any others of
/// the catalogue that may have been taken in their place.
#[must_use]
pub fn differs(
    registration: &Registration,
    entries: &[Arc<Entry>],
    claimed: &Claimed,
    reported: &Reported,
    cancel: &Cancel,
) -> Findings {
    match search(registration, entries, claimed, reported, cancel) {
        Ok(findings) => findings,
        Err(obstacle) => Findings {
            explanations: Vec::new(),
            unregistered_profile: None,
            tried: 0,
            stopped: false,
            obstacle: Some(obstacle),
        },
    }
}

fn search(
    registration: &Registration,
    entries: &[Arc<Entry>],
    claimed: &Claimed,
    reported: &Reported,
    cancel: &Cancel,
) -> Result<Findings, String> {
    let profiles = profiles_of(registration).map_err(|problem| problem.code.name().to_owned())?;
    let launch = described(registration, entries, claimed, &profiles)?;
    let custom = custom(registration, claimed);
    let options = Options { max_changes: MOST_CHANGES, hypotheses: Some(MOST_HYPOTHESES), custom };
    let plan = plan(&launch, reported, &options).map_err(|error| error.to_string())?;
    let outcome = run(&plan, &mut |_| (), cancel);
    let (tried, stopped) =
        (outcome.tried().hypotheses(), matches!(outcome, Outcome::Stopped { .. }));
    let found: Vec<&Hypothesis> = match &outcome {
        Outcome::Explained(explanation) => {
            std::iter::once(&explanation.first).chain(&explanation.others).collect()
        }
        Outcome::NothingFound(_) | Outcome::Stopped { .. } => Vec::new(),
    };
    let is_registered =
        |profile: &LaunchProfile| profiles.iter().any(|one| one.name == profile.name);
    let others = found.iter().flat_map(|hypothesis| &hypothesis.changes).filter_map(|change| {
        match change.content() {
            Content::Profile(Some(profile)) if !is_registered(profile) => {
                Some(profile.name.to_owned())
            }
            _ => None,
        }
    });
    let unregistered_profile = others.clone().next();
    let explanations =
        found.into_iter().take(MOST_VALUES).map(|one| sentences(one, registration)).collect();
    Ok(Findings { explanations, unregistered_profile, tried, stopped, obstacle: None })
}

/// The changes of a hypothesis, but for those that are no difference: the search starts from the first of each member's values, and another one
/// that is registered is as good.
fn sentences(hypothesis: &Hypothesis, registration: &Registration) -> Vec<String> {
    let changes =
        hypothesis.changes.iter().filter(|change| !is_registered(change.content(), registration));
    let told: Vec<String> = changes
        .map(|change| {
            let described = match change.content() {
                Content::Vcpus(_) => registered_counts(registration),
                _ => None,
            };
            let described = described.unwrap_or_else(|| match change.described() {
                "as described" => "what is registered".to_owned(),
                other => other.to_owned(),
            });
            format!("{}: {} instead of {described}", change.axis(), change.value())
        })
        .collect();
    if told.is_empty() {
        return vec![
            "as registered, in another combination than the host's hints chose".to_owned(),
        ];
    }
    told
}

/// Is a number of vCPUs or a kind of CPU one of several that are registered?
fn is_registered(content: &Content, registration: &Registration) -> bool {
    match content {
        Content::Vcpus(count) => {
            let counts = registration.cpu_count.as_ref().map(CpuCount::counts).unwrap_or_default();
            counts.iter().any(|own| VcpuCount::new(*own).is_ok_and(|own| own == *count))
        }
        Content::Signature(Some(signature)) => {
            let mut cpus = registration.cpu.iter().flat_map(OneOrMany::values);
            cpus.any(|cpu| signature_of(cpu).is_ok_and(|own| own == *signature))
        }
        Content::Profile(Some(profile)) => profiles_of(registration)
            .is_ok_and(|profiles| profiles.iter().any(|own| own.name == profile.name)),
        _ => false,
    }
}

/// The registered numbers of vCPUs in words, where there are several.
fn registered_counts(registration: &Registration) -> Option<String> {
    match registration.cpu_count.as_ref()? {
        CpuCount::One(_) => None,
        CpuCount::Range { min, max } => Some(format!("{min} to {max}")),
        CpuCount::List(counts) => {
            let counts: Vec<String> = counts.iter().map(ToString::to_string).collect();
            Some(format!("one of {}", counts.join(", ")))
        }
    }
}

/// The launch from which the search starts: the first value of each member. Every firmware, kernel and initrd is in the pool.
fn described(
    registration: &Registration,
    entries: &[Arc<Entry>],
    claimed: &Claimed,
    profiles: &[&'static LaunchProfile],
) -> Result<Launch, String> {
    let technology = registration.scheme.technology();
    let mut files = Vec::new();
    let registered =
        registration.firmware_hashes.as_ref().and_then(|hashes| hashes.values().first());
    let registered = registered.ok_or("only digests are registered, and no firmware")?;
    let is_first = |entry: &&Arc<Entry>| entry.sha256() == *registered;
    let first = entries
        .iter()
        .find(is_first)
        .ok_or("the registered firmware is not in the catalogue any more")?;
    let others = entries.iter().filter(|entry| !is_first(entry)).take(MOST_VALUES);
    for entry in std::iter::once(first).chain(others) {
        let file = File::of_absorbed(entry.sha256().to_string(), entry.absorbed().clone());
        files.push(file.map_err(|error| error.to_string())?);
    }
    let mut add = |hashes: &[Sha256]| {
        let index = files.len();
        files.extend(hashes.iter().take(MOST_VALUES).map(|hash| File {
            name: hash.to_string(),
            sha256: Sha256Digest::from_bytes(hash.0),
            size: 0,
            firmware: None,
            igvm: None,
        }));
        index
    };
    let kernel = registration.kernel_hash.as_ref().map(|hashes| add(hashes.values()));
    // No initrd is one whose hash is that of no bytes; the search knows it as none.
    let no_initrd = Sha256(*KernelHashes::no_initrd().as_bytes());
    let initrds = registration.initrd_hash.as_ref().map(OneOrMany::values);
    let initrd = initrds.filter(|hashes| hashes.first() != Some(&no_initrd)).map(&mut add);
    // Last, so that they are no part of what is registered.
    for claim in [claimed.kernel, claimed.initrd].into_iter().flatten() {
        add(&[claim]);
    }
    let signature =
        registration.cpu.as_ref().and_then(|cpus| signature_of(cpus.values().first()?).ok());
    let count = registration
        .cpu_count
        .as_ref()
        .and_then(|count| count.counts().first().copied())
        .unwrap_or(1);
    let measures_vmsas = technology != Technology::Sev;
    Ok(Launch {
        technology,
        files,
        firmware: 0,
        kernel,
        initrd,
        cmdline: cmdline(registration),
        kernel_hashes: registration.has_kernel_hashes(),
        profile: profiles.first().copied().filter(|_| measures_vmsas),
        sev_features: registration.sev_features.map(SevFeatures),
        signature,
        vcpus: VcpuCount::new(count).map_err(|error| error.to_string())?,
        captured: None,
        svsm: BTreeMap::new(),
    })
}

fn cmdline(registration: &Registration) -> Cmdline {
    let text = registration.cmdline.as_ref().and_then(|lines| lines.values().first());
    let hash = registration.cmdline_hash.as_ref().and_then(|hashes| hashes.values().first());
    match (text, hash) {
        (Some(text), _) => Cmdline::Bytes(text.as_bytes().to_vec()),
        (None, Some(hash)) => Cmdline::Sha256(Sha256Digest::from_bytes(hash.0)),
        (None, None) => Cmdline::Bytes(Vec::new()),
    }
}

/// A command line as it is told: whoever claims a long one does not fill the audit with it.
fn shortened(line: &str) -> String {
    let characters = line.chars().count();
    if characters <= MOST_TOLD {
        return format!("{line:?}");
    }
    let start: String = line.chars().take(MOST_TOLD).collect();
    format!("{start:?}… ({characters} characters)")
}

/// Characters of a command line that are told.
const MOST_TOLD: usize = 160;

/// The further registered values that the search does not try by itself: command lines and signatures by numbers.
fn custom(registration: &Registration, claimed: &Claimed) -> Vec<Custom> {
    let mut custom = Vec::new();
    if registration.has_kernel_hashes() {
        let lines =
            registration.cmdline.iter().flat_map(OneOrMany::values).skip(1).take(MOST_VALUES);
        let lines = lines.chain(&claimed.cmdline);
        custom.extend(lines.map(|line| Custom::Cmdline {
            name: shortened(line),
            bytes: line.as_bytes().to_vec(),
        }));
    }
    if registration.scheme.technology() != Technology::Sev {
        let cpus = registration.cpu.iter().flat_map(OneOrMany::values).skip(1).take(MOST_VALUES);
        let signatures = cpus.filter_map(|cpu| signature_of(cpu).ok());
        custom.extend(
            signatures
                .map(|signature| Custom::Signature { name: signature.to_string(), signature }),
        );
    }
    custom
}
