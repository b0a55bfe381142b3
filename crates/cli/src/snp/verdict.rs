//! Answers about a report as they are printed.

use std::io::{BufWriter, StdoutLock, Write};

use serde::Serialize;
use sev_launch_abi::snp::tcb::TcbLayout;

use super::demands::DemandView;
use super::endorsement::Verification;
use super::fields::{Fields, fields};
use crate::manifest::acceptance::Proven;
use crate::output;

/// A check as it is printed.
#[derive(Serialize)]
pub(crate) struct CheckView {
    pub(crate) check: String,
    /// `yes`, `no` or `not asked`.
    pub(crate) answer: &'static str,
    pub(crate) reason: Option<String>,
}

/// The document of `report show` and `report verify`; its schema is `docs/schemas/report.schema.json`.
#[derive(Serialize)]
pub(crate) struct ReportView {
    version: u32,
    /// `yes`, `no` or `not verified`.
    answer: &'static str,
    checks: Vec<CheckView>,
    /// What is trusted.
    trust: Option<String>,
    /// The fields: of a no, none, since nothing in them is to be believed.
    report: Option<Fields>,
}

impl ReportView {
    /// A report that nobody has looked at.
    pub(crate) fn not_verified(fields: Fields) -> Self {
        let answer = "not verified";
        Self { version: 1, answer, checks: Vec::new(), trust: None, report: Some(fields) }
    }

    /// A report that was verified, or was not believed.
    pub(crate) fn of(verification: &Verification) -> Self {
        let report = verification.report.as_ref().ok();
        Self {
            version: 1,
            answer: if report.is_some() { "yes" } else { "no" },
            checks: verification.checks(),
            trust: Some(verification.trust.clone()),
            report: report
                .map(|report| fields(report.report(), Some(TcbLayout::of(report.generation())))),
        }
    }

    pub(crate) fn output(&self, json: bool) -> anyhow::Result<()> {
        if json {
            return output::print_json(self);
        }
        let mut out = output::stdout();
        match self.answer {
            "yes" => writeln!(out, "yes: the report is authentic")?,
            "no" => writeln!(out, "no: the report is not authentic")?,
            _ => writeln!(out, "not verified: anybody can write such a report")?,
        }
        print_checks(&mut out, &self.checks, 21)?;
        if let Some(trust) = &self.trust {
            writeln!(out, "  {:<21} {trust}", "trusted")?;
        }
        if let Some(report) = &self.report {
            report.print(&mut out)?;
        }
        Ok(out.flush()?)
    }
}

fn print_checks(
    out: &mut BufWriter<StdoutLock<'_>>,
    checks: &[CheckView],
    width: usize,
) -> std::io::Result<()> {
    for CheckView { check, answer, reason } in checks {
        match reason {
            None => writeln!(out, "  {check:<width$} {answer}")?,
            Some(reason) => writeln!(out, "  {check:<width$} {answer}: {reason}")?,
        }
    }
    Ok(())
}

/// The document of `report appraise` and of `verify --report`; its schema is `docs/schemas/report-appraise.schema.json`.
#[derive(Serialize)]
pub(crate) struct Appraised {
    pub(crate) version: u32,
    /// `yes` or `no`.
    pub(crate) answer: &'static str,
    pub(crate) checks: Vec<CheckView>,
    pub(crate) demands: Vec<DemandView>,
    /// Which guest a yes proves.
    pub(crate) stands_for: Option<Proven>,
    pub(crate) accepted_digests: usize,
    /// What is trusted.
    pub(crate) trust: String,
    pub(crate) assumptions: Vec<String>,
    pub(crate) notes: Vec<String>,
    pub(crate) warnings: Vec<String>,
    pub(crate) not_covered: Vec<&'static str>,
    pub(crate) report: Option<Fields>,
}

/// The width of the longest demand's name, `POLICY.CIPHERTEXT_HIDING_DRAM`.
const DEMAND: usize = 29;

impl Appraised {
    pub(crate) fn output(&self, json: bool) -> anyhow::Result<()> {
        if json {
            return output::print_json(self);
        }
        let mut out = output::stdout();
        let unmet = self.demands.iter().filter(|demand| demand.met == Some(false)).count();
        match (self.answer, &self.report) {
            ("yes", _) => writeln!(out, "yes: the report is authentic and as demanded")?,
            (_, Some(_)) => {
                let of = self.demands.len();
                writeln!(
                    out,
                    "no: the report is authentic, and {unmet} of {of} demands are unmet"
                )?;
            }
            (_, None) => writeln!(out, "no: the report is not authentic")?,
        }
        if let Some(guest) = &self.stands_for {
            writeln!(out, "  {:<DEMAND$} {}", "image", guest.image)?;
            for (name, value) in guest.facts() {
                writeln!(out, "  {name:<DEMAND$} {value}")?;
            }
        }
        print_checks(&mut out, &self.checks, DEMAND)?;
        writeln!(out, "  {:<DEMAND$} {}", "trusted", self.trust)?;
        for DemandView { field, wanted, found, met } in &self.demands {
            match (met, found) {
                (Some(true), _) => writeln!(out, "  {field:<DEMAND$} yes: {wanted}")?,
                (Some(false), Some(found)) => {
                    writeln!(out, "  {field:<DEMAND$} no: found {found}, wanted {wanted}")?;
                }
                _ => writeln!(out, "  {field:<DEMAND$} not asked: {wanted}")?,
            }
        }
        Ok(out.flush()?)
    }
}
