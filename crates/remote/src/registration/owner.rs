//! What an owner adds to a description: whose machines, how often, who, and what the guest receives.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use sev_launch_protocol::registration::{Approval, FirmwareVersion, Generation};
use sev_launch_protocol::secret::SecretEntry;
use sev_launch_protocol::text::{CpuId, Exact, Label, LabelKey, Time, Ttl};

/// Whose machines are accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Owners {
    /// It is not said: nobody's, which no registration of SEV and SEV-ES may mean.
    #[default]
    Unsaid,
    /// Anybody's.
    Any,
    /// Those whose certificates (OCA) these are, 2084 bytes each.
    These(Vec<Exact<2084>>),
}

/// Which versions of the AMD-SP's firmware are accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Versions {
    /// The oldest.
    pub min: Option<FirmwareVersion>,
    /// The newest.
    pub max: Option<FirmwareVersion>,
    /// These alone.
    pub allow: Vec<FirmwareVersion>,
    /// Never these.
    pub deny: Vec<FirmwareVersion>,
}

/// What an owner adds. What is not said is left out of the registration, where the protocol has a default for it.
#[derive(Clone, Debug, Default)]
pub struct Owner {
    /// A name for people.
    pub name: Option<Label>,
    /// Labels.
    pub labels: BTreeMap<LabelKey, Label>,
    /// Accept a policy that lets the host debug the guest.
    pub allow_debug: bool,
    /// Whose machines.
    pub owners: Owners,
    /// These generations alone, if any is said.
    pub generations: Vec<Generation>,
    /// These machines alone, if any is said.
    pub cpu_ids: Vec<CpuId>,
    /// Never these machines.
    pub deny_cpu_ids: Vec<CpuId>,
    /// Versions of the AMD-SP's firmware.
    pub versions: Versions,
    /// What the guest receives, in order.
    pub secrets: Vec<SecretEntry>,
    /// Launches in all.
    pub total: Option<u64>,
    /// Launches that wait at once.
    pub concurrent: Option<u32>,
    /// How long a launch waits.
    pub ttl: Option<Ttl>,
    /// How many wrong measurements end a launch.
    pub attempts: Option<u32>,
    /// Who may launch it, if anybody is named.
    pub launchers: Vec<Label>,
    /// May anybody launch it?
    pub anonymous: bool,
    /// Who approves.
    pub approval: Approval,
    /// Answer and audit, and release nothing.
    pub report_only: bool,
    /// The first time.
    pub valid_from: Option<Time>,
    /// The time from which no more.
    pub valid_until: Option<Time>,
    /// Refuse every launch.
    pub disabled: bool,
    /// Make a token that may launch this guest alone.
    pub issues_token: bool,
}

impl Owner {
    /// The members of a registration, without the secrets. What is left out has the protocol's default.
    pub(super) fn members(&self) -> Map<String, Value> {
        let Self {
            name,
            labels,
            allow_debug,
            owners,
            generations,
            cpu_ids,
            deny_cpu_ids,
            versions,
            secrets: _,
            total,
            concurrent,
            ttl,
            attempts,
            launchers,
            anonymous,
            approval,
            report_only,
            valid_from,
            valid_until,
            disabled,
            issues_token,
        } = self;
        let mut platform = Map::new();
        match owners {
            Owners::Unsaid => {}
            Owners::Any => drop(platform.insert("any-owner".into(), true.into())),
            Owners::These(certificates) => list(&mut platform, "cloud-certs", certificates),
        }
        list(&mut platform, "generations", generations);
        list(&mut platform, "cpu-ids", cpu_ids);
        list(&mut platform, "deny-cpu-ids", deny_cpu_ids);
        let Versions { min, max, allow, deny } = versions;
        let mut version = Map::new();
        one(&mut version, "min", min.as_ref());
        one(&mut version, "max", max.as_ref());
        list(&mut version, "allow", allow);
        list(&mut version, "deny", deny);
        let mut limit = Map::new();
        one(&mut limit, "total", total.as_ref());
        one(&mut limit, "concurrent", concurrent.as_ref());
        one(&mut limit, "ttl", ttl.as_ref());
        one(&mut limit, "validate-attempts", attempts.as_ref());

        let mut members = Map::new();
        one(&mut members, "name", name.as_ref());
        let labels: Map<String, Value> =
            labels.iter().map(|(key, label)| (key.to_string(), label.as_str().into())).collect();
        for (member, object) in [
            ("labels", labels),
            ("platform", platform),
            ("firmware-version", version),
            ("launch-limit", limit),
        ] {
            if !object.is_empty() {
                members.insert(member.into(), object.into());
            }
        }
        for (member, is_set) in [
            ("allow-debug", *allow_debug),
            ("anonymous", *anonymous),
            ("report-only", *report_only),
            ("disabled", *disabled),
            ("issue-launch-token", *issues_token),
        ] {
            if is_set {
                members.insert(member.into(), true.into());
            }
        }
        list(&mut members, "launchers", launchers);
        if *approval == Approval::Manual {
            members.insert("approval".into(), json!(approval));
        }
        one(&mut members, "valid-from", valid_from.as_ref());
        one(&mut members, "valid-until", valid_until.as_ref());
        members
    }
}

fn one(members: &mut Map<String, Value>, name: &str, value: Option<&impl serde::Serialize>) {
    if let Some(value) = value {
        members.insert(name.into(), json!(value));
    }
}

fn list(members: &mut Map<String, Value>, name: &str, values: &[impl serde::Serialize]) {
    if !values.is_empty() {
        members.insert(name.into(), json!(values));
    }
}
