//! The launch measurement of SEV and SEV-ES: evidence, keys and expected digests to a verdict.

use std::path::PathBuf;

use anyhow::{Context, bail};
use sev_launch_abi::sev::policy::Policy;
use sev_launch_abi::{ApiVersion, Technology, sev};
use sev_launch_description::{Origin, Sourced};
use sev_launch_sweep::coverage::{BEYOND_ANY_DIGEST, POLICY};
use sev_launch_sweep::{Accepted, Mode, Reading};
use sev_launch_verify::outcome::Family;
use sev_launch_verify::requirement::Requirement;
use sev_launch_verify::sev::measurement::VerifiedLaunch;
use sev_launch_verify::sev::requirements::{PlatformRequirements, Requirements};

use super::evidence::EvidenceFlags;
use super::keys::KeyFlags;
use super::policy::{PolicyFlags, policy};
use super::verdict::Report;
use crate::args::{api_version, digest_bytes, flag_ids};
use crate::exit::Insecure;
use crate::guest::args::Guest;
use crate::manifest::acceptance::{AcceptanceFlags, Proven};
use crate::{guest, inputs, manifest};

/// Everything that a verdict needs.
#[derive(Debug, clap::Args)]
pub(crate) struct SevFlags {
    #[command(flatten)]
    evidence: EvidenceFlags,

    /// The policy that the session was made for.
    #[arg(long, required = true, value_name = "POLICY", value_parser = policy, help_heading = "Session")]
    pub(crate) policy: Option<Policy>,
    #[command(flatten)]
    keys: KeyFlags,

    /// The manifest whose rows are accepted: the verdict says which one it was.
    #[arg(long, value_name = "FILE", conflicts_with_all = flag_ids::<Guest>(), conflicts_with = "launch_digest", help_heading = "Expected launch")]
    pub(crate) manifest: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) acceptance: AcceptanceFlags,
    /// The digest that is accepted, where it is known already.
    #[arg(long, value_name = "HASH", value_parser = launch_digest, conflicts_with_all = flag_ids::<Guest>(), help_heading = "Expected launch")]
    launch_digest: Option<sev::LaunchDigest>,
    #[command(flatten)]
    pub(crate) guest: Guest,

    #[command(flatten)]
    pub(crate) demands: PolicyFlags,
    /// The lowest API version of the platform that is accepted, for example 1.55 [default: any].
    #[arg(long, value_name = "MAJOR.MINOR", value_parser = api_version, help_heading = "Policy")]
    require_api: Option<ApiVersion>,
    /// The lowest build of the platform that is accepted [default: any].
    #[arg(long, value_name = "NUMBER", help_heading = "Policy")]
    require_build: Option<u8>,
}

fn launch_digest(text: &str) -> Result<sev::LaunchDigest, crate::args::DigestError> {
    digest_bytes(text).map(sev::LaunchDigest::from_bytes)
}

/// The answer, and the launch where it is yes.
pub(crate) struct Verdict {
    pub(crate) launch: Option<VerifiedLaunch>,
    pub(crate) report: Report,
    /// Does the guest run already, as the host says?
    running: bool,
}

impl Verdict {
    /// A secret is for a guest that waits for it: one that runs may have been led astray before it has its keys.
    pub(crate) fn check_waiting(&self) -> Result<(), Insecure> {
        let reason = "the host says that the guest is not waiting for secrets (its state is not launch-secret): start it paused";
        if self.running { Err(Insecure(reason.into())) } else { Ok(()) }
    }
}

impl SevFlags {
    /// Was a TEK given?
    pub(crate) fn has_tek(&self) -> bool {
        self.keys.has_tek()
    }

    /// Verifies. An error where it cannot be decided, or where the policy is refused.
    pub(crate) fn verify(&self) -> anyhow::Result<Verdict> {
        let policy = self.policy.context("no policy: give --policy")?;
        let technology = policy.technology();
        let mut policy_warnings = self.demands.check(policy, technology)?;
        let evidence = self.evidence.read()?;
        let (measurement, version) = self.evidence.claims(&evidence)?;
        let session = self.keys.session(policy)?;
        let expected = self.expected(technology, policy)?;
        let platform = PlatformRequirements {
            api: Requirement::at_least(self.require_api),
            build: Requirement::at_least(self.require_build),
        };
        let (references, policy_demands) = (expected.references, self.demands.requirements());
        let requirements = Requirements { references, policy: policy_demands, platform };
        let restated = evidence.policy.filter(|claimed| *claimed != u64::from(policy.bits()));
        let result = match restated {
            Some(claimed) => {
                Err(format!("the host says policy {claimed:#x}, the session was made for {policy}"))
            }
            None => {
                session.verify(&measurement, version, &requirements).map_err(|no| no.to_string())
            }
        };
        let (reason, launch) = (result.as_ref().err().cloned(), result.ok());
        policy_warnings.extend(expected.warnings);
        let platform_demands = format!("platform: API {}, build {}", platform.api, platform.build);
        let report = Report {
            version: 1,
            answer: launch.is_some().into(),
            for_peer: reason.as_ref().map(|_| Family::Rejected.to_string()),
            reason,
            technology,
            proven: launch.as_ref().map(|launch| Proven::new(launch.digest(), launch.stands_for())),
            policy: policy.to_string(),
            platform_version: version.with_build_named(),
            accepted_digests: requirements.references.len(),
            demands: vec![self.demands.demands(), platform_demands],
            assumptions: expected.assumptions,
            notes: expected.notes,
            warnings: policy_warnings,
            not_covered: expected.not_covered,
            secret_place: expected.secret_place,
        };
        Ok(Verdict { launch, report, running: evidence.is_running() })
    }

    /// The accepted digests: the one given, a manifest's, or those of the guest described.
    fn expected(
        &self,
        technology: Technology,
        policy: Policy,
    ) -> anyhow::Result<Accepted<sev::LaunchDigest>> {
        if let Some(path) = &self.manifest {
            let manifest = manifest::read(path)?;
            check_described(manifest.head().policy, policy, &inputs::name(path))?;
            return self.acceptance.accepted(&manifest, path);
        }
        if let Some(digest) = self.launch_digest {
            let not_covered = BEYOND_ANY_DIGEST.to_vec();
            let given = Accepted::given(technology, "the digest given", [digest]);
            return Ok(Accepted { not_covered, ..given });
        }
        let mut description = self.guest.describe(None)?;
        let has_vcpus = description.vcpus.is_some() || description.vmsa.bsp.is_some();
        match &description.technology {
            Some(Sourced { value, origin }) if *value != technology => {
                bail!(contradiction(format!(
                    "{origin} describes a guest of {value}, but the policy is one of {technology}"
                )))
            }
            Some(_) => {}
            None if technology == Technology::Sev && has_vcpus => bail!(contradiction(
                "vCPUs are described, but the policy has no ES bit, so none of them is measured"
                    .into()
            )),
            None => {
                description.technology =
                    Some(Sourced { value: technology, origin: Origin::Flag("--policy") });
            }
        }
        if let Some(field) = &description.policy {
            check_described(Some(field.value), policy, &field.origin.to_string())?;
        }
        let mode = Mode::Guest(technology);
        let inputs = guest::inputs::read(mode, description, Reading::default())?;
        let mut accepted = Accepted::of(&guest::inputs::sweep(&inputs)?)?;
        if inputs.captured.is_some() {
            accepted.notes.push(
                "VMSA pages as captured: whoever captured them chose where the vCPUs start; compare them with the \
                 profile's by `sev-launch vmsa diff`"
                    .into(),
            );
        }
        // The measurement proves the policy, which a digest alone would not.
        accepted.not_covered.retain(|text| *text != POLICY);
        Ok(accepted)
    }
}

/// Who describes a policy means it: another one is refused.
fn check_described(described: Option<u64>, policy: Policy, who: &str) -> Result<(), Insecure> {
    match described {
        Some(word) if word != u64::from(policy.bits()) => Err(contradiction(format!(
            "{who} describes policy {word:#x}, the session was made for {policy}"
        ))),
        _ => Ok(()),
    }
}

fn contradiction(what: String) -> Insecure {
    Insecure(format!("{what}: this contradicts the policy"))
}
