//! Why a certificate did not sign a report, as it is printed: both side by side, and where the right one is to be had.

use std::io::{self, Write};

use serde::Serialize;
use sev_launch_verify::snp::certificate::Vek;
use sev_launch_verify::snp::report::AttestationReport;
use sev_launch_verify::snp::signer::{Mismatch, compare, mismatch, vcek_addresses};

/// Report and certificate, side by side.
#[derive(Clone, Serialize)]
pub(crate) struct SignerView {
    /// The reason, in words.
    reason: String,
    /// Do both say the same, so that what was signed is not these bytes?
    #[serde(skip)]
    is_changed: bool,
    compared: Vec<ComparedView>,
    /// Where AMD's key server has the certificate that the report wants; empty if it does not have it.
    fetch: Vec<String>,
}

/// One thing that both say.
#[derive(Clone, Serialize)]
struct ComparedView {
    part: String,
    report: String,
    certificate: String,
    equal: bool,
}

impl SignerView {
    /// What a report says of its signer, beside a certificate that did not sign it.
    pub(crate) fn new(report: &AttestationReport, vek: &Vek) -> Self {
        let compared = compare(report, vek);
        let mismatch = mismatch(&compared);
        let view = |one: sev_launch_verify::snp::signer::Compared| ComparedView {
            part: one.part.to_string(),
            equal: one.agrees(),
            report: one.report,
            certificate: one.certificate,
        };
        Self {
            reason: mismatch.to_string(),
            is_changed: mismatch == Mismatch::Changed,
            compared: compared.into_iter().map(view).collect(),
            fetch: vcek_addresses(report),
        }
    }

    /// The answer's first line: a certificate that is another one's is no report that was changed.
    pub(crate) fn headline(&self) -> String {
        match self.is_changed {
            true => format!("no: the report is not authentic: {}", self.reason),
            false => {
                format!("no: the report was not signed by this certificate's key: {}", self.reason)
            }
        }
    }

    /// Lines with the name of each thing in `width` columns.
    pub(crate) fn print(&self, out: &mut impl Write, width: usize) -> io::Result<()> {
        for ComparedView { part, report, certificate, equal } in &self.compared {
            match equal {
                true => writeln!(out, "  {part:<width$} {report} in both")?,
                false => {
                    // A level alone says nothing, so it is named: SNP 24.
                    let name = part.strip_prefix("TCB ");
                    let name = name.map_or_else(String::new, |name| format!("{name} "));
                    writeln!(
                        out,
                        "  {part:<width$} {name}{report} in the report, {name}{certificate} in the certificate"
                    )?;
                }
            }
        }
        self.fetch.iter().try_for_each(|address| writeln!(out, "  {:<width$} {address}", "fetch"))
    }
}
