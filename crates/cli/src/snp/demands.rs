//! What the command demands of a report: from flags and a file to the library's requirements.
//!
//! These are the command's defaults, in one place; every one is printed with the verdict.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use clap::{Arg, ArgAction, ArgMatches, FromArgMatches};
use sev_launch_abi::snp::LaunchDigest;
use sev_launch_abi::snp::policy::Policy;
use sev_launch_evidence::blob;
use sev_launch_evidence::demands::{Document, KEYS, Key, Takes};
use sev_launch_verify::reference_values::ReferenceValues;
use sev_launch_verify::requirement::Requirement;
use sev_launch_verify::snp::demands::{DemandConflict, ReportDemands};
use sev_launch_verify::snp::requirements::{
    CoherenceRequirements, Generations, Incoherence, PlatformInfoRequirement, PolicyRequirements,
    Requirements, TcbRequirements, UnknownBits, VmplRequirement,
};

use super::policy;
use crate::exit::Insecure;
use crate::inputs;

/// What is demanded of a report, and what is accepted although it is refused otherwise. What is not given may be anything, and is
/// printed as such.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Demands")]
pub(crate) struct DemandFlags {
    /// A file of demands, in TOML or JSON, each of which is added to the flags' own: its keys are the names of these flags with _ for -, for
    /// example vmpl = 0. May repeat.
    #[arg(long, value_name = "FILE")]
    demands: Vec<PathBuf>,
    #[command(flatten)]
    keys: KeyFlags,
    /// Accept a policy that allows a migration agent, and a guest that has one: the agent then decides where else it runs.
    #[arg(long)]
    pub(crate) allow_migration_agent: bool,
    /// Accept a platform whose firmware is running but not committed: its host can go back to older firmware, with older faults.
    #[arg(long)]
    allow_provisional_firmware: bool,
    /// Accept a platform that runs less than LAUNCH_TCB: it went back to older firmware since the launch, or a migration agent
    /// brought the guest from a newer platform.
    #[arg(long)]
    allow_launch_tcb_above_current: bool,
    /// Accept reserved bytes, and bits without a name in KEY_INFO, PLATFORM_INFO and TCB versions, that are not zero: what they
    /// mean is not known.
    #[arg(long)]
    allow_reserved_bits: bool,
}

/// A flag for each key of a file of demands, with its values.
#[derive(Clone, Debug, Default)]
struct KeyFlags(Vec<(&'static Key, Vec<String>)>);

/// Keys that are flags of their own elsewhere: `--policy`, and the launch digests.
const ELSEWHERE: [&str; 2] = ["policy", "launch_digest"];

fn flags() -> impl Iterator<Item = &'static Key> {
    KEYS.iter().filter(|key| !ELSEWHERE.contains(&key.name))
}

impl clap::Args for KeyFlags {
    fn augment_args(command: clap::Command) -> clap::Command {
        flags().fold(command, |command, key| {
            let action = match key.takes {
                Takes::One => ArgAction::Set,
                Takes::All | Takes::Any => ArgAction::Append,
            };
            // A signer may be a file, which is read later.
            let read = |text: &str| match key.is_signer {
                true => Ok(text.to_owned()),
                false => key.check(text).map(|()| text.to_owned()),
            };
            let flag = Arg::new(key.name).long(key.flag).value_name(key.value).help(key.help);
            let flag = flag.help_heading("Demands").action(action);
            command.arg(flag.value_parser(read))
        })
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for KeyFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = flags().filter_map(|key| {
            let values = matches.get_many::<String>(key.name)?;
            Some((key, values.cloned().collect()))
        });
        Ok(Self(given.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl KeyFlags {
    fn demands(&self) -> anyhow::Result<ReportDemands> {
        let mut demands = ReportDemands::default();
        for (key, values) in &self.0 {
            let flag = format!("--{}", key.flag);
            let values = values.iter().map(|value| match key.is_signer {
                true => signer(value),
                false => Ok(value.clone()),
            });
            let values = values.collect::<anyhow::Result<Vec<_>>>().context(flag.clone())?;
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            key.add(&mut demands, &values).map_err(|what| anyhow::anyhow!("{flag}: {what}"))?;
        }
        Ok(demands)
    }
}

/// A signer's key: its digest as it was typed, or what is in its file, as text.
fn signer(value: &str) -> anyhow::Result<String> {
    if blob::digest::<48>(value).is_ok() {
        return Ok(value.to_owned());
    }
    let bytes = inputs::read_small(Path::new(value))?;
    Ok(String::from_utf8(bytes).unwrap_or_else(|error| BASE64.encode(error.as_bytes())))
}

/// The most bytes of a file of demands.
const MOST_BYTES: usize = 1 << 20;

/// The demands of a file: JSON where its name ends so, or where what comes from standard input starts so; else TOML.
fn read(path: &Path) -> anyhow::Result<ReportDemands> {
    let bytes = inputs::read_piped(path, MOST_BYTES)?;
    let name = inputs::name(path);
    let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
        || path == Path::new("-") && bytes.trim_ascii_start().starts_with(b"{");
    let document = match is_json {
        true => Document::from_json(&bytes, &name)?,
        false => {
            let text = String::from_utf8(bytes)
                .with_context(|| format!("{name}: a file of demands is text in UTF-8"))?;
            if is_check_policy(path, &text) {
                bail!(
                    "{name}: this looks like a policy of go-sev-guest's check, which becomes a file of demands by: sev-launch import check-policy {} \
                     -o demands.toml",
                    path.display()
                );
            }
            Document::from_toml(&text, &name)?
        }
    };
    Ok(document.demands()?)
}

/// Is it protobuf's text rather than TOML?
fn is_check_policy(path: &Path, text: &str) -> bool {
    let is_named = path.extension().is_some_and(|extension| extension == "textproto");
    let mut lines = text.lines().map(str::trim);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or_default();
    is_named
        || ["policy", "root_of_trust"].iter().any(|name| {
            first.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with(['{', ':']))
        })
}

/// What to say of demands that no report meets together.
fn conflict(error: DemandConflict) -> anyhow::Error {
    match error {
        DemandConflict::Policy(_) => anyhow::Error::new(error).context(
            "the demands on the policy (--policy or what describes the guest, --policy-set, --policy-clear, --demands, and what is \
             refused unless --allow-debug or --allow-migration-agent accepts it)",
        ),
        _ => anyhow::Error::new(error).context("the demands (flags, --demands, and what describes the guest)"),
    }
}

impl DemandFlags {
    /// What is accepted although it is insecure, and nothing else.
    pub(crate) fn allowed(&self, debug: bool) -> PolicyRequirements {
        policy::allowing(debug, self.allow_migration_agent)
    }

    /// What flags and file demand, with the policy that was given.
    ///
    /// Errors: a file or a value that is none; demands that contradict each other; those of an ID block that nobody signs.
    pub(crate) fn read(&self, policy: Option<Policy>) -> anyhow::Result<ReportDemands> {
        let mut demands = self.keys.demands()?;
        demands.policy = Requirement::exactly(policy);
        for path in &self.demands {
            demands = demands.and(read(path)?).map_err(conflict)?;
        }
        demands.check_id_block().map_err(|unsigned| {
            let flags =
                "(--id-key-digest, --author-key-digest, --trusted-id-key or --trusted-author-key)";
            Insecure(format!("{unsigned} {flags}"))
        })?;
        Ok(demands)
    }

    /// What to say of demands that are left out.
    pub(crate) fn notes(demands: &ReportDemands) -> Option<String> {
        (demands.report_data == Requirement::Any).then(|| {
            "without --report-data nothing says that the report is fresh, or from the guest you talk to".to_owned()
        })
    }

    /// The demands with what is refused anyway, unless a flag accepts it.
    ///
    /// Errors: demands that no report meets together.
    pub(crate) fn requirements(
        &self,
        demands: &ReportDemands,
        allowed: PolicyRequirements,
        references: ReferenceValues<LaunchDigest>,
    ) -> anyhow::Result<Requirements> {
        let unknown = match self.allow_reserved_bits {
            true => UnknownBits::Accept,
            false => UnknownBits::Refuse,
        };
        let any = Some(TcbRequirements::all(Requirement::Any));
        let base = Requirements {
            generations: Generations { milan: any, genoa: any, turin: any },
            policy: allowed,
            vmpl: VmplRequirement::AnyGuest,
            platform_info: PlatformInfoRequirement { set: 0, clear: 0, unknown },
            signing_key: Requirement::Any,
            report_data: Requirement::Any,
            migration_agent: match self.allow_migration_agent {
                true => Requirement::Any,
                false => Requirement::Exactly(Requirements::NO_MIGRATION_AGENT),
            },
            coherence: self.coherence(),
            reserved: unknown,
            ..Requirements::strict(references, [0; 64])
        };
        demands.added_to(base).map_err(conflict)
    }

    fn coherence(&self) -> CoherenceRequirements {
        let mut coherence = CoherenceRequirements::STRICT;
        if self.allow_provisional_firmware {
            coherence.provisional_firmware = Incoherence::Accept;
        }
        if self.allow_launch_tcb_above_current {
            coherence.launch_above_current = Incoherence::Accept;
        }
        coherence
    }
}
