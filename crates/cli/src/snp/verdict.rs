//! Answers about a report as they are printed.

use std::io::{self, Write};

use serde::Serialize;

use super::advisories::Advisories;
use super::endorsement::Verification;
use super::fields::Fields;
use super::signer::SignerView;
use crate::checks::{CheckView, print_checks};
use crate::demand_view::{DemandView, print_met, print_unmet, print_unproven, unmet};
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
    /// Why the certificate did not sign the report.
    signer: Option<SignerView>,
    /// What the report was taken out of, from outside in.
    unwrapped: Vec<String>,
    /// The fields: of a no, none, since nothing in them is to be believed.
    report: Option<Fields>,
}

impl ReportView {
    /// A report that nobody has looked at.
    pub(crate) fn not_verified(fields: Fields, unwrapped: Vec<String>) -> Self {
        let answer = "not verified";
        let report = Some(fields);
        Self {
            version: 1,
            answer,
            checks: Vec::new(),
            trust: None,
            signer: None,
            unwrapped,
            report,
        }
    }

    /// A report that was verified, or was not believed.
    pub(crate) fn of(verification: &Verification, unwrapped: Vec<String>) -> Self {
        Self {
            version: 1,
            answer: if verification.report.is_ok() { "yes" } else { "no" },
            checks: verification.checks(),
            trust: Some(verification.trust.clone()),
            signer: verification.signer.clone(),
            unwrapped,
            report: verification.fields(),
        }
    }

    pub(crate) fn output(&self, json: bool) -> anyhow::Result<()> {
        output::print(json, self, |out| self.print(out))
    }

    fn print(&self, out: &mut impl Write) -> io::Result<()> {
        match self.answer {
            "yes" => writeln!(out, "yes: the report is authentic")?,
            "no" => writeln!(out, "{}", not_authentic(self.signer.as_ref()))?,
            _ => writeln!(out, "not verified: anybody can write such a report")?,
        }
        print_checks(out, &self.checks, 21)?;
        if let Some(signer) = &self.signer {
            signer.print(out, 21)?;
        }
        if let Some(trust) = &self.trust {
            writeln!(out, "  {:<21} {trust}", "trusted")?;
        }
        print_unwrapped(out, &self.unwrapped, 21)?;
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
    /// Where the digest is not an accepted one: both, side by side.
    pub(crate) digests: Option<Digests>,
    /// The command that looks for the reason.
    pub(crate) why: Option<String>,
    /// Why the certificate did not sign the report.
    pub(crate) signer: Option<SignerView>,
    /// What is trusted.
    pub(crate) trust: String,
    pub(crate) assumptions: Vec<String>,
    pub(crate) notes: Vec<String>,
    pub(crate) warnings: Vec<String>,
    pub(crate) not_covered: Vec<&'static str>,
    /// What the platform is mended of: to know, and no part of the answer. `None` if the report is not authentic.
    pub(crate) advisories: Option<Advisories>,
    /// What the report was taken out of, from outside in.
    pub(crate) unwrapped: Vec<String>,
    pub(crate) report: Option<Fields>,
}

/// The first line of a no to the report itself.
fn not_authentic(signer: Option<&SignerView>) -> String {
    signer.map_or_else(|| "no: the report is not authentic".to_owned(), SignerView::headline)
}

/// What the report was taken out of, in one line; nothing if it lay bare.
fn print_unwrapped(out: &mut impl Write, unwrapped: &[String], width: usize) -> io::Result<()> {
    match unwrapped.is_empty() {
        true => Ok(()),
        false => writeln!(out, "  {:<width$} {}", "taken out of", unwrapped.join(", then ")),
    }
}

/// What the report has, and what is accepted.
#[derive(Serialize)]
pub(crate) struct Digests {
    pub(crate) reported: String,
    /// The accepted ones, each once.
    pub(crate) accepted: Vec<String>,
}

/// So many digests are printed in full.
const SHOWN: usize = 3;

impl Digests {
    fn print(&self, out: &mut impl Write, width: usize) -> io::Result<()> {
        writeln!(out, "  {:<width$} {}", "reported", self.reported)?;
        for digest in self.accepted.iter().take(SHOWN) {
            writeln!(out, "  {:<width$} {digest}", "accepted")?;
        }
        if let Some(more @ 1..) = self.accepted.len().checked_sub(SHOWN) {
            writeln!(out, "  {:<width$} and {more} more", "")?;
        }
        Ok(())
    }
}

/// The width of the longest demand's name, `POLICY.CIPHERTEXT_HIDING_DRAM`.
const DEMAND: usize = 29;

impl Appraised {
    pub(crate) fn output(&self, json: bool) -> anyhow::Result<()> {
        output::print(json, self, |out| self.print(out))
    }

    fn print(&self, out: &mut impl Write) -> io::Result<()> {
        match (self.answer, &self.report) {
            (Answer::Yes, _) => writeln!(out, "yes: the report is authentic and as demanded")?,
            (Answer::No, Some(_)) => writeln!(
                out,
                "no: the report is authentic, and not as demanded: {}",
                unmet(&self.demands)
            )?,
            (Answer::No, None) => writeln!(out, "{}", not_authentic(self.signer.as_ref()))?,
        }
        print_unmet(out, &self.demands, DEMAND)?;
        if let Some(digests) = &self.digests {
            digests.print(out, DEMAND)?;
        }
        if let Some(why) = &self.why {
            writeln!(out, "  {:<DEMAND$} {why}", "why")?;
        }
        if let Some(guest) = &self.stands_for {
            writeln!(out, "  {:<DEMAND$} {}", "image", guest.image)?;
            for (name, value) in guest.facts() {
                writeln!(out, "  {name:<DEMAND$} {value}")?;
            }
        }
        print_checks(out, &self.checks, DEMAND)?;
        writeln!(out, "  {:<DEMAND$} {}", "trusted", self.trust)?;
        print_unwrapped(out, &self.unwrapped, DEMAND)?;
        if let Some(signer) = &self.signer {
            signer.print(out, DEMAND)?;
        }
        print_met(out, &self.demands, DEMAND)?;
        if let Some(advisories) = &self.advisories {
            advisories.print(out, DEMAND)?;
        }
        match self.answer {
            Answer::Yes => print_unproven(out, &self.not_covered, DEMAND),
            Answer::No => Ok(()),
        }
    }
}
