//! What an SNP guest's report is held against, and the answer.

use std::path::Path;

use anyhow::bail;
use sev_launch_abi::snp::policy::Policy;
use sev_launch_abi::{Technology, snp};
use sev_launch_description::{Origin, Sourced};
use sev_launch_sweep::coverage::POLICY;
use sev_launch_sweep::{Accepted, Mode};
use sev_launch_verify::requirement::Requirement;
use sev_launch_verify::snp::demands::ReportDemands;

use super::advisories::Advisories;
use super::demands::DemandFlags;
use super::endorsement::EndorsementFlags;
use super::evidence::{ReportFile, unwrapped};
use super::launch_endorsement::{RootFlags, unproven};
use super::policy;
use super::verdict::{Appraised, Digests};
use crate::checks::CheckView;
use crate::demand_view::DemandView;
use crate::exit::Answer;
use crate::guest::args::Guest;
use crate::manifest::acceptance::{AcceptanceFlags, Proven};
use crate::manifest::signing::{ManifestFile, ManifestKeys};
use crate::{again, guest, inputs, output};

/// The digests given.
pub(crate) fn given(digests: &[snp::LaunchDigest]) -> Accepted<snp::LaunchDigest> {
    Accepted::given(Technology::Snp, "a digest given", digests.iter().copied())
}

/// The digests that are demanded, where no guest is described that says which are expected.
///
/// Errors: something of a guest that would not be looked at.
pub(crate) fn demanded(
    demands: &ReportDemands,
    guest: &Guest,
) -> anyhow::Result<Option<Accepted<snp::LaunchDigest>>> {
    let Some(digests) = demands.measurements.as_deref().filter(|_| !guest.is_given()) else {
        return Ok(None);
    };
    if let Some(flag) = guest.first_given()? {
        bail!(
            "{flag} says something of a guest whose firmware is not given, and the digests of --demands are expected: describe the whole guest, or \
             leave {flag} out"
        );
    }
    Ok(Some(Accepted::given(
        Technology::Snp,
        "a digest that --demands has",
        digests.iter().copied(),
    )))
}

/// The digest, if there is only one.
pub(crate) fn only_digest(
    accepted: &Accepted<snp::LaunchDigest>,
) -> anyhow::Result<snp::LaunchDigest> {
    let [first, others @ ..] = accepted.references.rows() else {
        bail!("no launch digest");
    };
    if others.iter().any(|other| other.digest != first.digest) {
        bail!("{} launch digests, wanted one: leave lists out", others.len() + 1);
    }
    Ok(first.digest)
}

/// The digests of a manifest, which one of the keys signed if there are any.
pub(crate) fn of_manifest(
    path: &Path,
    acceptance: &AcceptanceFlags,
    keys: &ManifestKeys,
    (roots, time): (&RootFlags, u64),
) -> anyhow::Result<Accepted<snp::LaunchDigest>> {
    let ManifestFile { mut manifest, notes, .. } = keys.read_file(path)?;
    let proofs = roots.prove(&mut manifest, time)?;
    let mut accepted = acceptance.accepted(&manifest, path)?;
    accepted.notes.extend(notes);
    accepted.notes.extend(unproven(&proofs, &inputs::name(path)));
    Ok(accepted)
}

/// The digests of the guest described, whose policy may be given beside it.
pub(crate) fn of_guest(
    guest: &Guest,
    mode: Option<Mode>,
    given: Option<Policy>,
) -> anyhow::Result<Accepted<snp::LaunchDigest>> {
    let mut description = guest.describe(mode)?;
    if given.is_none() {
        description.check_known("policy")?;
    }
    ["host_data", "id_block"].iter().try_for_each(|key| description.check_known(key))?;
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
    let mode = mode.or_else(|| Mode::of(&description)).unwrap_or(Mode::Guest(Technology::Snp));
    let inputs = guest.read(mode, description, guest::inputs::for_verdict())?;
    let mut accepted = Accepted::of(&guest::inputs::sweep(&inputs)?)?;
    // The report says the policy, which a digest alone would not.
    accepted.not_covered.retain(|text| *text != POLICY);
    Ok(accepted)
}

/// The field of a report that has the launch digest. [SNP-ABI, ATTESTATION_REPORT]
const MEASUREMENT: &str = "MEASUREMENT";

/// The accepted digests as they are printed, each once.
fn digests(accepted: &Accepted<snp::LaunchDigest>) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for row in accepted.references.rows() {
        let text = row.digest.to_string();
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

/// A report, and everything that it is held against.
pub(crate) struct Appraisal<'a> {
    pub(crate) file: &'a Path,
    pub(crate) endorsement: &'a EndorsementFlags,
    pub(crate) flags: &'a DemandFlags,
    /// What is demanded by flags and file, the policy too where one was given.
    pub(crate) demands: ReportDemands,
    /// Is a policy accepted that allows debugging?
    pub(crate) allow_debug: bool,
    pub(crate) expected: Accepted<snp::LaunchDigest>,
    /// Checks that were made already: of a launch endorsement.
    pub(crate) checked: Vec<CheckView>,
    /// Where a guest is described, in which a reason may be looked for: what `explain` must be given besides the flags that were typed.
    pub(crate) why: Option<Vec<String>>,
    pub(crate) json: bool,
    pub(crate) quiet: bool,
}

impl Appraisal<'_> {
    /// Verifies and appraises, and prints the answer.
    pub(crate) fn run(self) -> anyhow::Result<Answer> {
        let Self {
            file,
            endorsement,
            flags,
            demands,
            allow_debug,
            expected,
            checked,
            why,
            json,
            quiet,
        } = self;
        let demands = match expected.id_block.clone() {
            Some(more) => more.and(demands)?,
            None => demands,
        };
        let allowed = flags.allowed(allow_debug);
        let policy = match demands.policy {
            Requirement::Any => None,
            Requirement::Exactly(word) | Requirement::AtLeast(word) => Some(word.bits()),
        };
        let policy = expected.demanded_policy(policy)?.map(Policy::from_bits);
        if let Some(policy) = policy {
            policy::check(&allowed, policy)?;
        }
        let accepted_digests = expected.references.len();
        let host_data = expected.demanded_host_data(demands.host_data())?;
        let accepted_texts = digests(&expected);
        let demands = ReportDemands {
            policy: Requirement::exactly(policy),
            host_data: Requirement::exactly(host_data.map(|data| *data.as_bytes())),
            ..demands
        };
        let requirements = flags.requirements(&demands, allowed, expected.references)?;
        let file = ReportFile::read(file, endorsement.verbose)?;
        let verification = endorsement.verify(&file)?;
        if let Ok(report) = &verification.report {
            policy::check(&allowed, report.report().policy)?;
        }
        let verdict = verification.report.as_ref().ok().map(|report| requirements.appraise(report));
        let answered = match &verdict {
            None => requirements.demands(),
            Some(Ok(accepted)) => accepted.demands().to_vec(),
            Some(Err(rejection)) => rejection.demands().to_vec(),
        };
        let accepted = verdict.and_then(Result::ok);
        let is_other = answered
            .iter()
            .any(|demand| demand.field == MEASUREMENT && demand.found.is_some() && !demand.met);
        let reported = verification.report.as_ref().ok().filter(|_| is_other);
        let digests = reported.map(|report| Digests {
            reported: report.report().measurement.to_string(),
            accepted: accepted_texts,
        });
        let why = why.filter(|_| digests.is_some());
        // The policy is of the report, and no part of what is searched.
        let why = why.and_then(|more| again::explain(Technology::Snp, &more, &["policy"]));
        let mut notes = expected.notes;
        notes.extend(DemandFlags::notes(&demands));
        let appraised = Appraised {
            version: 1,
            answer: accepted.is_some().into(),
            checks: checked.into_iter().chain(verification.checks()).collect(),
            demands: answered.iter().map(DemandView::from).collect(),
            stands_for: accepted.as_ref().map(|yes| Proven::new(yes.digest(), yes.stands_for())),
            accepted_digests,
            digests,
            why,
            signer: verification.signer.clone(),
            trust: verification.trust.clone(),
            assumptions: expected.assumptions,
            notes,
            warnings: expected.warnings,
            not_covered: expected.not_covered,
            advisories: Advisories::of(verification.report.as_ref().ok()),
            unwrapped: unwrapped(&file.evidence),
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
