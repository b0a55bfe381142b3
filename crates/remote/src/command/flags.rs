//! The flags of a registration: which launch, and what its owner adds.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use sev_launch_abi::{Technology, snp};
use sev_launch_description::number::{sev_policy, snp_policy};
use sev_launch_description::{Description, Origin, Sourced};
use sev_launch_digest::hash::Portable;
use sev_launch_protocol::registration::{Approval, FirmwareVersion, Generation};
use sev_launch_protocol::text::{CpuId, Exact, Label, LabelKey, Time, Ttl};
use sev_launch_sweep::{Inputs, Mode, Reading};

use crate::files::{self, Disk, STDIN};
use crate::output::remark;
use crate::registration::{Owner, Owners};
use crate::secrets;

/// What is launched.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Launch")]
pub(super) struct LaunchFlags {
    /// The launch description (launch.toml, or JSON; - is standard input).
    #[arg(short, long, value_name = "FILE")]
    pub(super) description: PathBuf,
    /// The technology in place of the description's: sev, sev-es or snp.
    #[arg(long, visible_alias = "mode", value_name = "TECHNOLOGY")]
    technology: Option<Technology>,
    /// The guest's policy in place of the description's: 0x5, or NODBG+ES.
    #[arg(long, value_name = "POLICY")]
    policy: Option<String>,
    /// Accept a policy that lets the host debug the guest, which gives it every secret.
    #[arg(long)]
    allow_debug: bool,
    /// Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    harmless: Vec<String>,
    /// A folder in which the file of a command line may lie beside the description's own. May repeat.
    #[arg(long, value_name = "FOLDER")]
    allow_outside: Vec<PathBuf>,
}

impl LaunchFlags {
    /// Reads the description and every file that it names, and says what was taken for granted.
    pub(super) fn read(&self) -> anyhow::Result<Inputs> {
        let file = files::read_description(&self.description)?;
        let description = self.over(file)?;
        let mode = Mode::of(&description);
        let mode =
            mode.context("no technology: give --technology, or technology in the description")?;
        let folder = self.description.parent().unwrap_or(Path::new(""));
        let disk = Disk::of(&description, folder, &self.allow_outside);
        // Every image's SHA-256 is what a registration names it by.
        let reading = Reading { absorbs_whole: true, ..Reading::default() };
        let inputs = Inputs::read(mode, description, reading, &disk, &Portable)?;
        drop(disk);
        for assumption in &inputs.assumptions {
            remark("assumed", assumption);
        }
        for note in &inputs.notes {
            remark("note", note);
        }
        for warning in &inputs.warnings {
            remark("warning", warning);
        }
        Ok(inputs)
    }

    /// The description with what flags say laid over it.
    fn over(&self, file: Description) -> anyhow::Result<Description> {
        let mut flags = Description::default();
        let flag = |name: &'static str| Origin::Flag(name);
        flags.technology =
            self.technology.map(|value| Sourced { value, origin: flag("--technology") });
        let technology = flags.technology.as_ref().or(file.technology.as_ref());
        let is_snp = technology.is_some_and(|field| field.value == Technology::Snp);
        if let Some(text) = &self.policy {
            let bits = match is_snp {
                true => snp_policy(text).map(snp::Policy::bits),
                false => sev_policy(text).map(|policy| policy.bits().into()),
            };
            let value = bits.map_err(|error| anyhow::anyhow!("--policy: {error}"))?;
            flags.policy = Some(Sourced { value, origin: flag("--policy") });
        }
        if !self.harmless.is_empty() {
            let value = self.harmless.clone();
            flags.harmless = Some(Sourced { value, origin: flag("--harmless") });
        }
        Ok(flags.over(file))
    }

    /// What an owner adds to a question of what would be accepted.
    pub(super) fn owner(&self) -> Owner {
        Owner { allow_debug: self.allow_debug, ..Owner::default() }
    }
}

/// What an owner adds.
#[derive(Debug, clap::Args)]
pub(super) struct OwnerFlags {
    /// A name for people.
    #[arg(long, value_name = "TEXT", help_heading = "Guest")]
    name: Option<Label>,
    /// A label, by which guests are listed. May repeat.
    #[arg(long, value_name = "KEY=VALUE", value_parser = label, help_heading = "Guest")]
    label: Vec<(LabelKey, Label)>,
    /// A secret that the guest receives, as luks-key:FILE or GUID:FILE; the file's bytes are the secret, and - is standard input. May repeat.
    #[arg(short, long, value_name = "NAME:FILE", help_heading = "Guest")]
    secret: Vec<String>,
    /// Refuse every launch until `enable`.
    #[arg(long, help_heading = "Guest")]
    disabled: bool,

    /// Accept the machines of this owner: its certificate (OCA), 2084 bytes. May repeat.
    #[arg(long, value_name = "FILE", help_heading = "Machines")]
    owner_cert: Vec<PathBuf>,
    /// Accept machines of any owner.
    #[arg(long, conflicts_with = "owner_cert", help_heading = "Machines")]
    any_owner: bool,
    /// Accept this generation alone: naples, rome, milan, genoa or turin. May repeat.
    #[arg(long, value_name = "NAME", value_parser = generation, help_heading = "Machines")]
    generation: Vec<Generation>,
    /// Accept the machine of this id alone: 64 bytes in hex or base64. May repeat.
    #[arg(long, value_name = "ID", help_heading = "Machines")]
    cpu_id: Vec<CpuId>,
    /// Never accept the machine of this id. May repeat.
    #[arg(long, value_name = "ID", help_heading = "Machines")]
    deny_cpu_id: Vec<CpuId>,
    /// Versions of the AMD-SP's firmware that are accepted: min:1.51, max:1.55.20, allow:1.55 or deny:1.55.8; min is meant where none
    /// is said. May repeat.
    #[arg(long, value_name = "[RULE:]MAJOR.MINOR[.BUILD]", value_parser = rule, help_heading = "Machines")]
    firmware_version: Vec<(Rule, FirmwareVersion)>,

    /// Who decides that a launch whose measurement is right gets its secrets: automatic, or manual (`approve`).
    #[arg(long, value_name = "WHO", default_value = "automatic", value_parser = approval, help_heading = "Launches")]
    approval: Approval,
    /// Who may launch it, by a token's id or a certificate's name; any launcher of the tenant where nobody is named. May repeat.
    #[arg(long, value_name = "NAME", help_heading = "Launches")]
    launcher: Vec<Label>,
    /// Let anybody launch it who reaches the service.
    #[arg(long, conflicts_with = "launcher", help_heading = "Launches")]
    anonymous: bool,
    /// How long a launch may take to its measurement, as PT10M.
    #[arg(long, value_name = "SPAN", help_heading = "Launches")]
    ttl: Option<Ttl>,
    /// How many launches there may be in all.
    #[arg(long, value_name = "COUNT", help_heading = "Launches")]
    total: Option<u64>,
    /// How many launches may wait at once; with one, a newer takes an older one's place.
    #[arg(long, value_name = "COUNT", help_heading = "Launches")]
    concurrent: Option<u32>,
    /// How many wrong measurements end a launch.
    #[arg(long, value_name = "COUNT", help_heading = "Launches")]
    attempts: Option<u32>,
    /// The first time, by RFC 3339.
    #[arg(long, value_name = "TIME", help_heading = "Launches")]
    valid_from: Option<Time>,
    /// The time from which no more, by RFC 3339.
    #[arg(long, value_name = "TIME", help_heading = "Launches")]
    valid_until: Option<Time>,
    /// Answer and audit, and release nothing.
    #[arg(long, help_heading = "Launches")]
    report_only: bool,
    /// Have a token made that may launch this guest alone, and write it into this new file, which its owner alone may read.
    #[arg(long, value_name = "FILE", help_heading = "Launches")]
    pub(super) issue_launch_token: Option<PathBuf>,
}

impl OwnerFlags {
    /// Reads certificates and secrets.
    pub(super) fn read(&self, launch: &LaunchFlags) -> anyhow::Result<Owner> {
        let stdin = format!(":{STDIN}");
        let piped = self.secret.iter().filter(|secret| secret.ends_with(&stdin)).count();
        let described = usize::from(launch.description == Path::new(STDIN));
        ensure!(piped.saturating_add(described) <= 1, "standard input (-) is one file alone");
        let mut owner = self.plain()?;
        owner.allow_debug = launch.allow_debug;
        for text in &self.secret {
            let secrets::Read { entry, warning } = secrets::read(text)?;
            if let Some(warning) = warning {
                remark("warning", warning);
            }
            owner.secrets.push(entry);
        }
        Ok(owner)
    }

    fn plain(&self) -> anyhow::Result<Owner> {
        let certificates = self.owner_cert.iter().map(|path| files::read_exact(path).map(Exact));
        let certificates: Vec<_> = certificates.collect::<anyhow::Result<_>>()?;
        let owners = match (certificates.is_empty(), self.any_owner) {
            (true, true) => Owners::Any,
            (true, false) => Owners::Unsaid,
            (false, _) => Owners::These(certificates),
        };
        let mut owner = Owner {
            name: self.name.clone(),
            owners,
            generations: self.generation.clone(),
            cpu_ids: self.cpu_id.clone(),
            deny_cpu_ids: self.deny_cpu_id.clone(),
            total: self.total,
            concurrent: self.concurrent,
            ttl: self.ttl,
            attempts: self.attempts,
            launchers: self.launcher.clone(),
            anonymous: self.anonymous,
            approval: self.approval,
            report_only: self.report_only,
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            disabled: self.disabled,
            issues_token: self.issue_launch_token.is_some(),
            ..Owner::default()
        };
        for (key, label) in &self.label {
            if owner.labels.insert(key.clone(), label.clone()).is_some() {
                bail!("--label: {key} is given twice");
            }
        }
        for (rule, version) in &self.firmware_version {
            let versions = &mut owner.versions;
            let place = match rule {
                Rule::Min => &mut versions.min,
                Rule::Max => &mut versions.max,
                Rule::Allow => {
                    versions.allow.push(*version);
                    continue;
                }
                Rule::Deny => {
                    versions.deny.push(*version);
                    continue;
                }
            };
            if place.replace(*version).is_some() {
                bail!("--firmware-version: {} is given twice", rule.name());
            }
        }
        Ok(owner)
    }

    /// Is a secret given?
    pub(super) fn has_secrets(&self) -> bool {
        !self.secret.is_empty()
    }
}

/// What a version is to an accepted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    Min,
    Max,
    Allow,
    Deny,
}

impl Rule {
    const ALL: [Self; 4] = [Self::Min, Self::Max, Self::Allow, Self::Deny];

    const fn name(self) -> &'static str {
        match self {
            Self::Min => "min",
            Self::Max => "max",
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }
}

fn rule(text: &str) -> Result<(Rule, FirmwareVersion), String> {
    let wrong = || format!("{text:?}: wanted min:1.51, max:1.55.20, allow:1.55 or deny:1.55.8");
    let (rule, version) = match text.split_once(':') {
        Some((name, version)) => {
            let rule = Rule::ALL.into_iter().find(|rule| rule.name() == name);
            (rule.ok_or_else(wrong)?, version)
        }
        None => (Rule::Min, text),
    };
    let numbers: Result<Vec<u8>, _> = version.split('.').map(str::parse).collect();
    let (api_major, api_minor, build) = match numbers.map_err(|_| wrong())?.as_slice() {
        [major, minor] => (*major, *minor, None),
        [major, minor, build] => (*major, *minor, Some(*build)),
        _ => return Err(wrong()),
    };
    Ok((rule, FirmwareVersion { api_major, api_minor, build }))
}

fn label(text: &str) -> Result<(LabelKey, Label), String> {
    let (key, label) = text.split_once('=').ok_or("wanted KEY=VALUE")?;
    Ok((
        key.parse().map_err(|error| format!("{error}"))?,
        label.parse().map_err(|error| format!("{error}"))?,
    ))
}

/// The protocol's own names.
fn named<T: serde::de::DeserializeOwned>(text: &str, wanted: &str) -> Result<T, String> {
    let text = text.to_ascii_lowercase();
    serde_json::from_value(text.into()).map_err(|_| format!("wanted {wanted}"))
}

fn generation(text: &str) -> Result<Generation, String> {
    named(text, "naples, rome, milan, genoa or turin")
}

fn approval(text: &str) -> Result<Approval, String> {
    named(text, "automatic or manual")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_rules() {
        let version = |api_major, api_minor, build| FirmwareVersion { api_major, api_minor, build };
        assert_eq!(rule("1.51"), Ok((Rule::Min, version(1, 51, None))));
        assert_eq!(rule("max:1.55.20"), Ok((Rule::Max, version(1, 55, Some(20)))));
        assert_eq!(rule("deny:1.55.8"), Ok((Rule::Deny, version(1, 55, Some(8)))));
        for wrong in ["", "1", "1.2.3.4", "least:1.51", "1.256", "1.-1", "min:", "1.51 "] {
            assert!(rule(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn names_are_the_protocols() {
        assert_eq!(generation("Milan"), Ok(Generation::Milan));
        assert_eq!(approval("manual"), Ok(Approval::Manual));
        assert!(generation("epyc").is_err() && approval("").is_err());
        assert!(label("env=prod").is_ok() && label("env").is_err() && label("a b=c").is_err());
    }
}
