//! What an SNP guest's report is held against, and the answer.

use std::path::Path;

use anyhow::bail;
use sev_launch_abi::snp::policy::Policy;
use sev_launch_abi::{Technology, snp};
use sev_launch_description::{Origin, Sourced};
use sev_launch_sweep::{Accepted, Mode, Reading};

use super::demands::{DemandFlags, DemandView};
use super::endorsement::EndorsementFlags;
use super::policy;
use super::verdict::Appraised;
use crate::exit::Answer;
use crate::guest::args::Guest;
use crate::manifest::acceptance::{AcceptanceFlags, Proven};
use crate::{guest, inputs, manifest, output};

/// Accepted digests, and the policy that is described.
#[derive(Default)]
pub(crate) struct Expected {
    accepted: Accepted<snp::LaunchDigest>,
    /// The policy that is described, and by whom.
    policy: Option<(Policy, String)>,
}

impl Expected {
    pub(crate) fn given(digests: &[snp::LaunchDigest]) -> Self {
        let digests = digests.iter().copied();
        Self { accepted: Accepted::given(Technology::Snp, "a digest given", digests), policy: None }
    }

    /// The digest, if there is only one.
    pub(crate) fn only_digest(&self) -> anyhow::Result<snp::LaunchDigest> {
        let [first, others @ ..] = self.accepted.references.rows() else {
            bail!("no launch digest");
        };
        if others.iter().any(|other| other.digest != first.digest) {
            bail!("{} launch digests, wanted one: leave lists out", others.len() + 1);
        }
        Ok(first.digest)
    }

    /// The digests of a manifest.
    pub(crate) fn of_manifest(path: &Path, acceptance: AcceptanceFlags) -> anyhow::Result<Self> {
        let manifest = manifest::read(path)?;
        let accepted = acceptance.accepted(&manifest, path)?;
        let policy =
            manifest.head().policy.map(|word| (Policy::from_bits(word), inputs::name(path)));
        Ok(Self { accepted, policy })
    }

    /// The policy that is demanded: the one given, or the one described. An error where the two differ.
    pub(crate) fn policy(&self, given: Option<Policy>) -> anyhow::Result<Option<Policy>> {
        match (&self.policy, given) {
            (Some((described, who)), Some(given)) if *described != given => {
                bail!("{who} describes policy {described}, --policy says {given}: which of them?")
            }
            (Some((described, _)), _) => Ok(Some(*described)),
            (None, given) => Ok(given),
        }
    }

    /// The digests of the guest described, whose policy may be given beside it.
    pub(crate) fn of_guest(guest: &Guest, given: Option<Policy>) -> anyhow::Result<Self> {
        let mut description = guest.describe(None)?;
        if given.is_none() {
            description.check_known("policy")?;
        }
        let technology = description.technology.get_or_insert_with(|| Sourced {
            value: Technology::Snp,
            origin: Origin::default("a report is of an SNP guest"),
        });
        if technology.value != Technology::Snp {
            bail!(
                "a report is of an SNP guest, but {} describes a guest of {}",
                technology.origin,
                technology.value
            );
        }
        let policy = description.policy.as_ref();
        let policy = policy.map(|field| (Policy::from_bits(field.value), field.origin.to_string()));
        let mode = Mode::of(&description).unwrap_or(Mode::Guest(Technology::Snp));
        let inputs = guest::inputs::read(mode, description, Reading::default())?;
        Ok(Self { accepted: Accepted::of(&guest::inputs::sweep(&inputs)?)?, policy })
    }
}

/// A report, and everything that it is held against.
pub(crate) struct Appraisal<'a> {
    pub(crate) file: &'a Path,
    pub(crate) endorsement: &'a EndorsementFlags,
    pub(crate) demands: &'a DemandFlags,
    /// The policy that is demanded, where it was given.
    pub(crate) policy: Option<Policy>,
    /// Is a policy accepted that allows debugging?
    pub(crate) allow_debug: bool,
    pub(crate) expected: Expected,
    pub(crate) json: bool,
    pub(crate) quiet: bool,
}

impl Appraisal<'_> {
    /// Verifies and appraises, and prints the answer.
    pub(crate) fn run(self) -> anyhow::Result<Answer> {
        let Self { file, endorsement, demands, policy, allow_debug, expected, json, quiet } = self;
        let allowed = demands.allowed(allow_debug);
        let policy = expected.policy(policy)?;
        if let Some(policy) = policy {
            policy::check(&allowed, policy)?;
        }
        let expected = expected.accepted;
        let verification = endorsement.verify(file)?;
        if let Ok(report) = &verification.report {
            policy::check(&allowed, report.report().policy)?;
        }
        let accepted_digests = expected.references.len();
        let requirements = demands.requirements(policy, allowed, expected.references);
        let verdict = verification.report.as_ref().ok().map(|report| requirements.appraise(report));
        let answered = match &verdict {
            None => requirements.demands(),
            Some(Ok(accepted)) => accepted.demands().to_vec(),
            Some(Err(rejection)) => rejection.demands().to_vec(),
        };
        let accepted = verdict.and_then(Result::ok);
        let mut notes = expected.notes;
        notes.extend(demands.notes());
        let appraised = Appraised {
            version: 1,
            answer: accepted.is_some().into(),
            checks: verification.checks(),
            demands: answered.iter().map(DemandView::from).collect(),
            stands_for: accepted.as_ref().map(|yes| Proven::new(yes.digest(), yes.stands_for())),
            accepted_digests,
            trust: verification.trust.clone(),
            assumptions: expected.assumptions,
            notes,
            warnings: expected.warnings,
            not_covered: expected.not_covered,
            report: verification.fields(),
        };
        if !quiet {
            appraised.notes.iter().for_each(|text| output::remark("note", text));
            appraised.warnings.iter().for_each(|text| output::remark("warning", text));
        }
        appraised.output(json)?;
        Ok(appraised.answer)
    }
}
