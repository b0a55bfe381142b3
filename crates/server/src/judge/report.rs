//! Attestation reports of SEV-SNP.
//!
//! A report is authentic under the chip's key, and it is of this launch by its REPORT_DATA, which holds the nonce that the launch was given. Only
//! then is it held against what the owner demands.

use sev_launch_abi::{Generation, LaunchDigest, snp};
use sev_launch_protocol::launch::Challenge;
use sev_launch_protocol::problem::{Code, Problem};
use sev_launch_protocol::registration::PlatformRules;
use sev_launch_protocol::text::{CpuId, Sha256};
use sev_launch_verify::requirement::Requirement;
use sev_launch_verify::snp::certificate::{CaCertificate, Vek};
use sev_launch_verify::snp::chain::{
    Chain, ChainError, ChainOptions, Link, Revocation, Roots, VerifiedVek,
};
use sev_launch_verify::snp::report::{
    REPORT_SIZE, ReportOptions, UnverifiedReport, VerifiedReport,
};
use sev_launch_verify::snp::requirements::{
    Generations, PolicyRequirements, Requirements, TcbRequirements,
};
use sha2::{Digest as _, Sha256 as Hash};
use subtle::ConstantTimeEq as _;

use super::{Accepted, Facts, Judgement, Proof, Rejected, Rules};
use crate::candidates::Selected;

/// The roots of SEV-SNP's certificates that the operator trusts.
#[derive(Clone, Debug)]
pub enum ReportRoots {
    /// AMD's, as they are built in.
    Amd,
    /// None: no report is accepted.
    Nobody,
    /// One of a lab: whoever made it can make any report.
    Explicit {
        /// The root.
        ark: Box<CaCertificate>,
        /// What it signed, and what signs the chips' certificates.
        ask: Box<CaCertificate>,
    },
}

/// What a report is judged by, beside what is selected.
#[derive(Clone, Copy, Debug)]
pub struct ReportRules<'a> {
    /// The policy and whether debugging is accepted.
    pub rules: Rules<'a>,
    /// On which machines.
    pub platform: &'a PlatformRules,
    /// The trusted roots.
    pub roots: &'a ReportRoots,
    /// The present, in unix seconds, for the certificates' dates.
    pub time: u64,
}

/// Judges a report with the chip's certificate `vek` (a VCEK, DER or PEM).
pub fn report(
    report: &[u8; REPORT_SIZE],
    vek: &[u8],
    challenge: &Challenge,
    selected: &Selected<'_>,
    rules: &ReportRules<'_>,
) -> Judgement {
    match authentic(report, vek, rules) {
        Ok(verified) => appraise(&verified, challenge, selected, rules),
        Err(problem) => Judgement::Unproven(problem),
    }
}

fn authentic(
    report: &[u8; REPORT_SIZE],
    vek: &[u8],
    rules: &ReportRules<'_>,
) -> Result<VerifiedReport, Problem> {
    let malformed =
        |error: &dyn std::fmt::Display| Problem::at(Code::ChainUsage, "#/vek", error.to_string());
    let vek = Vek::parse(vek).map_err(|error| malformed(&error))?;
    let vek = verified(&vek, rules)?;
    let wrong = |error: &dyn std::fmt::Display| {
        Problem::at(Code::ReportSignature, "#/report", error.to_string())
    };
    let report = UnverifiedReport::parse(report.as_slice()).map_err(|error| wrong(&error))?;
    report.verify(&vek, ReportOptions::STRICT).map_err(|error| wrong(&error))
}

fn verified(vek: &Vek, rules: &ReportRules<'_>) -> Result<VerifiedVek, Problem> {
    let (roots, intermediate) = match rules.roots {
        ReportRoots::Nobody => {
            let detail = "this service trusts no root of reports";
            return Err(Problem::at(Code::ChainRoot, "#/vek", detail));
        }
        ReportRoots::Amd => (Roots::Pinned { generations: &Generation::SNP }, None),
        ReportRoots::Explicit { ark, ask } => (Roots::Explicit(ark), Some(&**ask)),
    };
    let options = ChainOptions { roots, revocation: Revocation::NotChecked, time: rules.time };
    let chain = Chain { vek, intermediate, root: None };
    chain.verify(&options).map_err(|error| of_chain(&error))
}

fn of_chain(error: &ChainError) -> Problem {
    let code = if error.failures().any(|(link, _)| link == Link::Anchor) {
        Code::ChainRoot
    } else {
        Code::ChainSignature
    };
    Problem::at(code, "#/vek", error.to_string())
}

fn appraise(
    report: &VerifiedReport,
    challenge: &Challenge,
    selected: &Selected<'_>,
    rules: &ReportRules<'_>,
) -> Judgement {
    let fields = report.report();
    let wanted = challenge.report_data();
    if !bool::from(fields.report_data.ct_eq(&wanted)) {
        let detail = "REPORT_DATA is not SHA-512 of this launch's nonce, guest and launch: the report is of another launch, or an old one";
        return Judgement::Unproven(Problem::at(Code::ReportRejected, "#/report", detail));
    }
    let digest = LaunchDigest::from(fields.measurement);
    let mut facts = Facts {
        candidate: selected.of_digest(&digest).cloned(),
        policy: Some(fields.policy.bits()),
        version: Some(fields.current_version.to_string()),
        evidence_sha256: Some(Sha256(Hash::digest(report.as_bytes()).into())),
        generation: Some(report.generation().to_string()),
        chip_id: Some(hex::encode(fields.chip_id)),
        unmet: Vec::new(),
        simulated: !report.is_under_amd_root(),
    };
    let answer = requirements(wanted, selected, rules).appraise(report);
    if let Err(rejection) = &answer {
        facts.unmet = rejection.unmet().map(ToString::to_string).collect();
    }
    let broken = broken_rule(report, rules).or_else(|| {
        let policy = snp::Policy::from_bits(rules.rules.policy);
        (fields.policy != policy).then(|| {
            (
                Code::PolicyMismatch,
                format!("the guest runs under {}, wanted {policy}", fields.policy),
            )
        })
    });
    if let Some((code, detail)) = broken {
        return Judgement::Rejected(Box::new(Rejected { code, detail, facts }));
    }
    if facts.candidate.is_none() {
        return Judgement::Mismatch { digest: Some(digest) };
    }
    match answer {
        Ok(report) => {
            let proof = Proof::Report(Box::new(report));
            Judgement::Accepted(Box::new(Accepted { proof, facts }))
        }
        Err(rejection) => {
            let (code, detail) = (Code::ReportRejected, rejection.to_string());
            Judgement::Rejected(Box::new(Rejected { code, detail, facts }))
        }
    }
}

/// The demands: strict ones, in which the TCB's versions may be anything, since a registration has no word for them.
fn requirements(
    report_data: [u8; 64],
    selected: &Selected<'_>,
    rules: &ReportRules<'_>,
) -> Requirements {
    let any = Some(TcbRequirements::all(Requirement::Any));
    let strict = Requirements::strict(selected.snp(), report_data);
    let debug =
        if rules.rules.allow_debug { Requirement::Any } else { Requirement::Exactly(false) };
    let word = Requirement::Exactly(snp::Policy::from_bits(rules.rules.policy));
    let policy = PolicyRequirements { word, debug, ..PolicyRequirements::STRICT };
    let generations = Generations { milan: any, genoa: any, turin: any };
    Requirements { generations, policy, ..strict }
}

/// A rule on machines that is broken.
fn broken_rule(report: &VerifiedReport, rules: &ReportRules<'_>) -> Option<(Code, String)> {
    let (platform, found) = (rules.platform, report.generation());
    let allowed =
        |one: &sev_launch_protocol::registration::Generation| Generation::from(*one) == found;
    if platform.generations.as_ref().is_some_and(|list| !list.values().iter().any(allowed)) {
        return Some((Code::GenerationNotAllowed, format!("the machine is of {found}")));
    }
    let id = CpuId(report.report().chip_id);
    let is_denied = platform.deny_cpu_ids.contains(&id);
    let is_other = platform.cpu_ids.as_ref().is_some_and(|list| !list.values().contains(&id));
    (is_denied || is_other).then(|| (Code::ChipNotAllowed, format!("the chip is {id}")))
}
