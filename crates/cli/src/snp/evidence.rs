//! Reports and their certificates as people have them: read from a file, standard input, or the flag itself.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use sev_launch_evidence::snp::{self, Evidence};
use sev_launch_verify::snp::report::UnverifiedReport;

use crate::{inputs, output};

/// A report, and what was read to get at it.
pub(crate) struct ReportFile {
    /// As an error names it.
    pub(crate) name: String,
    pub(crate) report: UnverifiedReport,
    pub(crate) evidence: Evidence,
}

impl ReportFile {
    /// Reads a report in any of the forms that `sev-launch-evidence` knows.
    pub(crate) fn read(path: &Path, verbose: bool) -> anyhow::Result<Self> {
        let (name, evidence) = read(path, verbose)?;
        let report = evidence.unverified_report().with_context(|| name.clone())?;
        Ok(Self { name, report, evidence })
    }
}

/// Reads evidence, and gives its name too; `verbose` says what was in it, and what was taken off.
pub(crate) fn read(path: &Path, verbose: bool) -> anyhow::Result<(String, Evidence)> {
    let (name, bytes) = match typed(path) {
        Some(text) => ("the value of the flag".to_owned(), text.as_bytes().to_vec()),
        None => {
            let limit = usize::try_from(inputs::SMALL).unwrap_or(usize::MAX);
            (inputs::name(path), inputs::read_piped(path, limit)?)
        }
    };
    let evidence = snp::read(&bytes).with_context(|| name.clone())?;
    for remark in evidence.remarks() {
        output::remark("warning", &format!("{name}: {remark}"));
    }
    if verbose {
        output::remark("note", &format!("{name}: {}", told(&evidence)));
    }
    Ok((name, evidence))
}

/// The same where a flag was given.
pub(crate) fn read_given(
    path: Option<&PathBuf>,
    verbose: bool,
) -> anyhow::Result<Option<(String, Evidence)>> {
    path.map(|path| read(path, verbose)).transpose()
}

/// The shortest value of a flag that is taken for the evidence itself: far longer than anybody's file name, and shorter than a certificate.
const SHORTEST_TYPED: usize = 300;

/// A value that is no file's path but text: the evidence itself.
fn typed(path: &Path) -> Option<&str> {
    let text = path.to_str().filter(|text| text.len() >= SHORTEST_TYPED)?;
    (!path.exists()).then_some(text)
}

/// What was in a file, and what it was taken out of.
pub(crate) fn told(evidence: &Evidence) -> String {
    let certificates = match evidence.certificates().len() {
        0 => None,
        1 => Some("1 certificate".to_owned()),
        count => Some(format!("{count} certificates")),
    };
    let report = evidence.report().map(|_| "an attestation report".to_owned());
    let found: Vec<_> = [report, certificates].into_iter().flatten().collect();
    let found = match found.is_empty() {
        true => "a table without certificates".to_owned(),
        false => found.join(" and "),
    };
    match unwrapped(evidence).join(", then ") {
        layers if layers.is_empty() => format!("{found}, with nothing around it"),
        layers => format!("{found}, taken out of {layers}"),
    }
}

/// What was unwrapped, in words, from outside in; nothing if the bytes lay bare.
pub(crate) fn unwrapped(evidence: &Evidence) -> Vec<String> {
    let mut layers: Vec<String> = evidence.layers().iter().map(ToString::to_string).collect();
    if let (Some(data), Some(last)) = (evidence.runtime_data(), layers.last_mut()) {
        last.push_str(&format!(", whose runtime data is bound by {} in REPORT_DATA", data.hash()));
    }
    layers
}
