//! Answers about a report as they are printed.

use std::io::{self, Write};

use serde::Serialize;

use super::endorsement::Verification;
use super::fields::Fields;
use crate::checks::{CheckView, print_checks};
use crate::demand_view::{DemandView, print_demands, print_unproven};
use crate::exit::Answer;
use crate::manifest::acceptance::Proven;
use crate::output;

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
        Self {
            version: 1,
            answer: if verification.report.is_ok() { "yes" } else { "no" },
            checks: verification.checks(),
            trust: Some(verification.trust.clone()),
            report: verification.fields(),
        }
    }

    pub(crate) fn output(&self, json: bool) -> anyhow::Result<()> {
        output::print(json, self, |out| self.print(out))
    }

    fn print(&self, out: &mut impl Write) -> io::Result<()> {
        match self.answer {
            "yes" => writeln!(out, "yes: the report is authentic")?,
            "no" => writeln!(out, "no: the report is not authentic")?,
            _ => writeln!(out, "not verified: anybody can write such a report")?,
        }
        print_checks(out, &self.checks, 21)?;
        if let Some(trust) = &self.trust {
            writeln!(out, "  {:<21} {trust}", "trusted")?;
        }
        self.report.as_ref().map_or(Ok(()), |report| report.print(out))
    }
}

/// The document of `report appraise` and of `verify --report`; its schema is `docs/schemas/report-appraise.schema.json`.
#[derive(Serialize)]
pub(crate) struct Appraised {
    pub(crate) version: u32,
    pub(crate) answer: Answer,
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
        output::print(json, self, |out| self.print(out))
    }

    fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let unmet = self.demands.iter().filter(|demand| demand.met == Some(false)).count();
        match (self.answer, &self.report) {
            (Answer::Yes, _) => writeln!(out, "yes: the report is authentic and as demanded")?,
            (Answer::No, Some(_)) => {
                let of = self.demands.len();
                writeln!(
                    out,
                    "no: the report is authentic, and {unmet} of {of} demands are unmet"
                )?;
            }
            (Answer::No, None) => writeln!(out, "no: the report is not authentic")?,
        }
        if let Some(guest) = &self.stands_for {
            writeln!(out, "  {:<DEMAND$} {}", "image", guest.image)?;
            for (name, value) in guest.facts() {
                writeln!(out, "  {name:<DEMAND$} {value}")?;
            }
        }
        print_checks(out, &self.checks, DEMAND)?;
        writeln!(out, "  {:<DEMAND$} {}", "trusted", self.trust)?;
        print_demands(out, &self.demands, DEMAND)?;
        match self.answer {
            Answer::Yes => print_unproven(out, &self.not_covered, DEMAND),
            Answer::No => Ok(()),
        }
    }
}
