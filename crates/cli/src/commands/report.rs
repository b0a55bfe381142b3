//! `sev-launch report`: an SNP guest's attestation report shown, verified, and held against requirements.
//!
//! [`endorsement`] reads and verifies the chip's certificates and the report under them, [`demands`] is what is insisted on,
//! [`mod@fields`] the report's fields by name, [`verdict`] the answer as it is printed.

pub(crate) mod demands;
pub(crate) mod endorsement;
mod fields;
mod verdict;

use std::path::{Path, PathBuf};

use anyhow::bail;
use sev_launch_abi::Technology;
use sev_launch_abi::snp::policy::Policy;
use sev_launch_abi::snp::tcb::TcbLayout;
use sev_launch_description::{Origin, Sourced};
use sev_launch_digest::{Warning, snp};
use sev_launch_manifest::Acceptance;
use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};
use sev_launch_verify::snp::product::CpuId;
use sev_launch_verify::snp::requirements::PolicyRequirements;

use crate::args::snp_digest;
use crate::exit::Answer;
use crate::guest::args::{Guest, Mode};
use crate::guest::plan::{Plan, Reading};
use crate::guest::report::{BEYOND_ANY_DIGEST, KERNEL_OFF, not_covered, warnings};
use crate::guest::rows::AnyDigest;
use crate::reference::Proven;
use crate::snp_policy::policy;
use crate::{inputs, output, reference, snp_policy};
use demands::{DemandFlags, DemandView};
use endorsement::{EndorsementFlags, Verification, read_report};
use fields::fields;
use verdict::{Appraised, ReportView};

/// What the long help adds.
pub(crate) const LONG_HELP: &str = "\
Examples:
  sev-launch report show report.bin
  sev-launch report verify report.bin --vek vcek.der --crl crl.der
  sev-launch report appraise report.bin --certificates table.bin --report-data HEX \\
      --firmware OVMF.fd --vcpus 4 --vcpu-type EPYC-Milan --min-tcb bootloader=4,tee=0,snp=24,microcode=219

The VCEK or VLEK comes from the host (its certificate table) or from AMD's key server; ASK, ASVK and ARK are built in.

Exit codes:
  0  yes: authentic, and for appraise also as demanded
  1  no: it is not
  2  could not decide: wrong usage, malformed input, a missing file
  3  refused as insecure: debugging or a migration agent allowed and not accepted, or no certificate to verify with";

/// Attestation reports.
#[derive(Debug, clap::Subcommand)]
#[command(defer = true)]
pub(crate) enum Report {
    /// Name every field of a report; nothing is verified.
    #[command(after_long_help = LONG_HELP)]
    Show {
        /// The report: 1184 bytes, raw, hex or base64.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Verify a report's signature and the chain of certificates above it: a line for each check.
    #[command(after_long_help = LONG_HELP)]
    Verify(Box<Verify>),
    /// Verify a report and compare it with what is demanded: a line for each demand.
    #[command(after_long_help = LONG_HELP)]
    Appraise(Box<Appraise>),
}

/// Verify a report's signature and the chain of certificates above it: a line for each check.
#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// The report: 1184 bytes, raw, hex or base64.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    endorsement: EndorsementFlags,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Verify a report and compare it with what is demanded: a line for each demand.
#[derive(Debug, clap::Args)]
pub(crate) struct Appraise {
    /// The report: 1184 bytes, raw, hex or base64.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    endorsement: EndorsementFlags,
    /// A launch digest that is accepted, where it is known already. May repeat. Without any, and without a guest, none is.
    #[arg(long, value_name = "HASH", value_parser = snp_digest, conflicts_with_all = ["description", "firmware", "firmware_absorbed"], help_heading = "Expected launch")]
    measurement: Vec<snp::LaunchDigest>,
    #[command(flatten)]
    guest: Guest,
    /// The policy that the guest must have, exactly [default: any without debugging and migration agent].
    #[arg(long, value_name = "POLICY", value_parser = policy, help_heading = "Demands")]
    policy: Option<Policy>,
    /// Accept a policy that allows debugging: the host can then read the guest's memory.
    #[arg(long, help_heading = "Demands")]
    allow_debug: bool,
    #[command(flatten)]
    demands: DemandFlags,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Leave warnings and notes out.
    #[arg(short, long)]
    quiet: bool,
}

impl Report {
    pub(crate) fn run(&self) -> anyhow::Result<Answer> {
        match self {
            Self::Show { file, json } => show(file, *json),
            Self::Verify(verify) => verify.run(),
            Self::Appraise(appraise) => appraise.run(),
        }
    }
}

fn show(file: &Path, json: bool) -> anyhow::Result<Answer> {
    let claims = read_report(file)?.claims();
    let layout = claims.cpuid.and_then(CpuId::generation).map(TcbLayout::of);
    ReportView::not_verified(fields(&claims, layout)).output(json)?;
    Ok(Answer::Yes)
}

impl Verify {
    fn run(&self) -> anyhow::Result<Answer> {
        let verification = self.endorsement.verify(&self.file)?;
        let answer = verification.answer();
        ReportView::of(&verification).output(self.json)?;
        Ok(answer)
    }
}

impl Appraise {
    fn run(&self) -> anyhow::Result<Answer> {
        self.demands.check()?;
        let allowed = self.demands.allowed(self.allow_debug);
        let expected = if self.measurement.is_empty() && !self.guest.is_given() {
            Expected::default()
        } else if self.measurement.is_empty() {
            Expected::of_guest(&self.guest)?
        } else {
            Expected::given(&self.measurement)
        };
        let policy = expected.policy(self.policy)?;
        if let Some(policy) = policy {
            snp_policy::check(&allowed, policy)?;
        }
        appraise(&Appraisal {
            file: &self.file,
            endorsement: &self.endorsement,
            demands: &self.demands,
            policy,
            allowed,
            expected,
            json: self.json,
            quiet: self.quiet,
        })
    }
}

/// Accepted digests and what to say of them.
#[derive(Default)]
pub(crate) struct Expected {
    references: ReferenceValues<snp::LaunchDigest>,
    assumptions: Vec<String>,
    notes: Vec<String>,
    warnings: Vec<String>,
    not_covered: Vec<&'static str>,
    /// The policy that is described, and by whom.
    policy: Option<(Policy, String)>,
}

impl Expected {
    fn given(digests: &[snp::LaunchDigest]) -> Self {
        let mut expected = Self::default();
        for digest in digests {
            let stands_for = StandsFor::image(Technology::Snp, "a digest given");
            expected.references.add(*digest, stands_for);
        }
        expected
    }

    /// The digest, where there is only one.
    pub(crate) fn only_digest(&self) -> anyhow::Result<snp::LaunchDigest> {
        let [first, others @ ..] = self.references.rows() else {
            bail!("no launch digest");
        };
        if others.iter().any(|other| other.digest != first.digest) {
            bail!("{} launch digests, wanted one: leave lists out", others.len() + 1);
        }
        Ok(first.digest)
    }

    /// The digests of a manifest.
    pub(crate) fn of_manifest(path: &Path, accept: Acceptance) -> anyhow::Result<Self> {
        let manifest = super::manifest::read(path)?;
        let (references, notes) = reference::snp(&manifest, accept, path)?;
        let mut not_covered = BEYOND_ANY_DIGEST.to_vec();
        let mut warnings = Vec::new();
        if manifest.rows().iter().any(reference::leaves_kernel_out) {
            not_covered.push(KERNEL_OFF);
            warnings.push(Warning::KernelNotMeasured.to_string());
        }
        let policy =
            manifest.head().policy.map(|word| (Policy::from_bits(word), inputs::name(path)));
        Ok(Self { references, notes, warnings, not_covered, policy, ..Self::default() })
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

    /// The digests of the guest described.
    pub(crate) fn of_guest(guest: &Guest) -> anyhow::Result<Self> {
        let mut description = guest.describe(None)?;
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
        let plan = Plan::new(mode, description, Reading::default())?;
        let computed = plan.compute(false)?;
        let mut references = ReferenceValues::new();
        for row in &computed.rows {
            let AnyDigest::Sha384(digest) = row.digest else {
                bail!("a SEV digest in an SNP launch");
            };
            let stands_for = StandsFor {
                technology: Technology::Snp,
                vcpus: row.vcpus.map(sev_launch_digest::vcpus::VcpuCount::number),
                signature: row.signature,
                profile: row.profile.map(|profile| profile.name.to_owned()),
                image: plan.image_name(row),
            };
            references.add(digest, stands_for);
        }
        Ok(Self {
            references,
            warnings: warnings(&computed.warnings),
            not_covered: not_covered(&plan),
            assumptions: plan.assumptions,
            notes: plan.notes,
            policy,
        })
    }
}

/// A report, and everything that it is held against.
pub(crate) struct Appraisal<'a> {
    pub(crate) file: &'a Path,
    pub(crate) endorsement: &'a EndorsementFlags,
    pub(crate) demands: &'a DemandFlags,
    pub(crate) policy: Option<Policy>,
    pub(crate) allowed: PolicyRequirements,
    pub(crate) expected: Expected,
    pub(crate) json: bool,
    pub(crate) quiet: bool,
}

/// Verifies and appraises, and prints the answer.
pub(crate) fn appraise(appraisal: &Appraisal<'_>) -> anyhow::Result<Answer> {
    let Appraisal { file, endorsement, demands, policy, allowed, expected, .. } = appraisal;
    let verification: Verification = endorsement.verify(file)?;
    if let Ok(report) = &verification.report {
        snp_policy::check(allowed, report.report().policy)?;
    }
    let references = expected.references.clone();
    let requirements = demands.requirements(*policy, *allowed, references);
    let report = verification.report.as_ref().ok();
    let verdict = report.map(|report| requirements.appraise(report));
    let answered = match &verdict {
        None => requirements.demands(),
        Some(Ok(accepted)) => accepted.demands().to_vec(),
        Some(Err(rejection)) => rejection.demands().to_vec(),
    };
    let accepted = verdict.and_then(Result::ok);
    let mut notes = expected.notes.clone();
    notes.extend(demands.notes());
    let appraised = Appraised {
        version: 1,
        answer: if accepted.is_some() { "yes" } else { "no" },
        checks: verification.checks(),
        demands: answered.iter().map(DemandView::from).collect(),
        stands_for: accepted.as_ref().map(|yes| Proven::new(yes.digest(), yes.stands_for())),
        accepted_digests: expected.references.len(),
        trust: verification.trust.clone(),
        assumptions: expected.assumptions.clone(),
        notes,
        warnings: expected.warnings.clone(),
        not_covered: expected.not_covered.clone(),
        report: report
            .map(|report| fields(report.report(), Some(TcbLayout::of(report.generation())))),
    };
    if !appraisal.quiet {
        appraised.notes.iter().for_each(|text| output::remark("note", text));
        appraised.warnings.iter().for_each(|text| output::remark("warning", text));
    }
    appraised.output(appraisal.json)?;
    Ok(if accepted.is_some() { Answer::Yes } else { Answer::No })
}
