//! The launch measurement of SEV and SEV-ES: evidence, keys and expected digests to a verdict.

use std::path::PathBuf;

use anyhow::{Context, bail};
use sev_launch_abi::sev::policy::Policy;
use sev_launch_abi::{ApiVersion, Technology, sev};
use sev_launch_description::number::GuestPolicy;
use sev_launch_evidence::HostClaims;
use sev_launch_sweep::coverage::POLICY;
use sev_launch_sweep::{Accepted, Mode};
use sev_launch_verify::outcome::Family;
use sev_launch_verify::requirement::Requirement;
use sev_launch_verify::sev::measurement::{MeasurementError, VerifiedLaunch};
use sev_launch_verify::sev::requirements::{PlatformRequirements, Requirements};

use super::evidence::EvidenceFlags;
use super::keys::KeyFlags;
use super::policy::PolicyFlags;
use super::verdict::Report;
use crate::again::explain;
use crate::args::{flag_ids, policy};
use crate::demand_view::DemandView;
use crate::exit::Insecure;
use crate::guest;
use crate::guest::args::Guest;
use crate::guest::known::KnownDigests;
use crate::manifest::acceptance::{AcceptanceFlags, Proven};
use crate::manifest::signing::ManifestKeys;

/// Everything that a verdict needs.
#[derive(Debug, clap::Args)]
pub(crate) struct SevFlags {
    #[command(flatten)]
    evidence: EvidenceFlags,

    /// The policy that the session was made for, as 0x5 or NODBG+ES; for a report, the guest's, as 0x30000 or SMT.
    #[arg(long, required = true, value_name = "POLICY", value_parser = policy, help_heading = "Session")]
    pub(crate) policy: Option<GuestPolicy>,
    #[command(flatten)]
    keys: KeyFlags,

    /// The manifest whose rows are accepted: the verdict says which one it was.
    #[arg(long, value_name = "FILE", conflicts_with_all = flag_ids::<Guest>(), conflicts_with_all = flag_ids::<KnownDigests>(), help_heading = "Expected launch")]
    pub(crate) manifest: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) manifest_keys: ManifestKeys,
    #[command(flatten)]
    pub(crate) acceptance: AcceptanceFlags,
    #[command(flatten)]
    pub(crate) known: KnownDigests,
    #[command(flatten)]
    pub(crate) guest: Guest,

    #[command(flatten)]
    pub(crate) demands: PolicyFlags,
    /// The lowest API version of the platform that is accepted, for example 1.55 [default: any].
    #[arg(long, value_name = "MAJOR.MINOR", help_heading = "Policy")]
    require_api: Option<ApiVersion>,
    /// The lowest build of the platform that is accepted [default: any].
    #[arg(long, value_name = "NUMBER", help_heading = "Policy")]
    require_build: Option<u8>,
}

/// The answer, and the launch where it is yes.
pub(crate) struct Verdict {
    pub(crate) launch: Option<VerifiedLaunch>,
    pub(crate) report: Report,
    evidence: HostClaims,
}

impl Verdict {
    /// A secret is for a guest that waits for it.
    pub(crate) fn check_waiting(&self) -> Result<(), Insecure> {
        let waiting = self.evidence.check_waiting();
        waiting.map_err(|error| Insecure(format!("{error}: start it paused")))
    }
}

impl SevFlags {
    /// Is there anything of a launch measurement?
    pub(crate) fn is_given(&self) -> bool {
        self.evidence.is_given() || self.policy.is_some() || self.keys.is_given()
    }

    /// An error that names everything that is missing for a verdict.
    pub(crate) fn check_complete(&self) -> anyhow::Result<()> {
        let missing: Vec<_> = [
            ("the session's policy: --policy", self.policy.is_none()),
            ("the session's key: --tik, or --tk", !self.keys.has_tik()),
            ("what the host reports: --evidence, or --measurement", !self.evidence.is_given()),
        ]
        .into_iter()
        .filter_map(|(what, is_missing)| is_missing.then_some(what))
        .collect();
        match missing.is_empty() {
            true => Ok(()),
            false => bail!("a launch measurement cannot be judged without {}", missing.join("; ")),
        }
    }

    /// Was a TEK given?
    pub(crate) fn has_tek(&self) -> bool {
        self.keys.has_tek()
    }

    /// Verifies. An error where it cannot be decided, or where the policy is refused.
    pub(crate) fn verify(&self) -> anyhow::Result<Verdict> {
        let policy = self.policy.context("no policy: give --policy")?;
        let policy = policy.sev().map_err(anyhow::Error::msg)?;
        let technology = policy.technology();
        let mut policy_warnings = self.demands.check(policy, technology)?;
        let evidence = self.evidence.read()?;
        let (measurement, version) = self.evidence.claims(&evidence)?;
        let session = self.keys.session(policy)?;
        let expected = self.expected(technology, policy)?;
        expected.demanded_policy(Some(policy.bits().into()))?;
        let platform = PlatformRequirements {
            api: Requirement::at_least(self.require_api),
            build: Requirement::at_least(self.require_build),
        };
        let (references, policy_demands) = (expected.references, self.demands.requirements());
        let requirements = Requirements { references, policy: policy_demands, platform };
        let result = match evidence.check_policy(policy) {
            Err(other) => Err((other.to_string(), requirements.demands())),
            Ok(()) => {
                session.verify(&measurement, version, &requirements).map_err(|no| match &no {
                    MeasurementError::Rejected { rejection, .. } => {
                        (no.to_string(), rejection.demands().to_vec())
                    }
                    _ => (no.to_string(), requirements.demands()),
                })
            }
        };
        let (launch, reason, demands) = match result {
            Ok(launch) => {
                let demands = launch.demands();
                (Some(launch), None, demands)
            }
            Err((reason, demands)) => (None, Some(reason), demands),
        };
        policy_warnings.extend(expected.warnings);
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
            demands: demands.iter().map(DemandView::from).collect(),
            assumptions: expected.assumptions,
            notes: expected.notes,
            warnings: policy_warnings,
            not_covered: expected.not_covered,
            why: (launch.is_none() && self.guest.is_given())
                .then(|| explain(technology, &[], &[]))
                .flatten(),
            secret_place: expected.secret_place,
        };
        Ok(Verdict { launch, report, evidence })
    }

    /// The accepted digests: the one given, a manifest's, or those of the guest described.
    fn expected(
        &self,
        technology: Technology,
        policy: Policy,
    ) -> anyhow::Result<Accepted<sev::LaunchDigest>> {
        if let Some(path) = &self.manifest {
            return self.manifest_keys.accepted(path, &self.acceptance);
        }
        if self.known.is_given() {
            return self.known.accepted(technology);
        }
        let mut description = self.guest.describe(None)?;
        let mode = Mode::of_policy(&mut description, policy)?;
        let inputs = self.guest.read(mode, description, guest::inputs::for_verdict())?;
        let mut accepted = Accepted::of(&guest::inputs::sweep(&inputs)?)?;
        // The measurement proves the policy, which a digest alone would not.
        accepted.not_covered.retain(|text| *text != POLICY);
        Ok(accepted)
    }
}
