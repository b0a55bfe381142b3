//! Peers as hosts that do not match: what they compute is explained to the profile that they follow.
//!
//! Each tool prints the digest (sevctl, the MAC) of one guest, made by its own code. `sev-launch explain` is given that
//! value and a description of the guest with another profile, and must name the tool's.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::cases::Case;
use super::inputs::Inputs;
use super::peers::{self, Ours, Outcome, Peer};
use super::table::Row;

/// A tool's value for a case, and what it is explained to.
struct Expectation {
    peer: &'static str,
    case: &'static str,
    /// The profile that is described, where it is not the default.
    described: Option<&'static str>,
    /// How the answer starts.
    found: &'static str,
}

/// What is known of the tools: testdata/differences.toml has the reasons.
const EXPECTATIONS: [Expectation; 11] = [
    Expectation {
        peer: "sev-snp-measure 0.0.9",
        case: "seves/es-legacy/by-default",
        described: Some("es-init2"),
        found: "matches if profile = es-legacy ",
    },
    Expectation {
        peer: "sev-snp-measure 0.0.9",
        case: "seves/es-legacy/by-default",
        described: None,
        found: "it already matches",
    },
    Expectation {
        peer: "sev-snp-measure 0.0.13",
        case: "seves/es-legacy/by-default",
        described: None,
        found: "matches if profile = es-init2 ",
    },
    Expectation {
        peer: "sev 8.0.0",
        case: "seves/es-legacy/by-default",
        described: None,
        found: "matches if profile = es-init2 ",
    },
    Expectation {
        peer: "sevctl 0.6.2",
        case: "seves/es-legacy/by-default",
        described: Some("es-init2"),
        found: "matches if profile = es-legacy ",
    },
    Expectation {
        peer: "sevctl 0.6.2",
        case: "seves/es-legacy/by-default",
        described: None,
        found: "it already matches",
    },
    Expectation {
        peer: "sev-snp-measure 0.0.9",
        case: "snp-no-caa/4xEPYC-Milan",
        described: None,
        found: "matches if profile = snp-amdese-old ",
    },
    Expectation {
        peer: "sev-snp-measure 0.0.13",
        case: "snp/features-0x21/4xEPYC-Milan",
        described: None,
        found: "it already matches",
    },
    Expectation {
        peer: "sev-snp-measure 0.0.13",
        case: "snp-ec2/vmm-type/4",
        described: Some("snp-qemu"),
        found: "matches if profile = snp-ec2 ",
    },
    Expectation {
        peer: "sev 8.0.0",
        case: "snp-ec2/vmm-type/4",
        described: Some("snp-qemu"),
        found: "matches if profile = snp-ec2-rdx0 ",
    },
    Expectation {
        peer: "sev 8.0.0",
        case: "snp/features-0x1/4xEPYC-Milan",
        described: Some("snp-gce"),
        found: "matches if profile = snp-qemu ",
    },
];

/// Explains what the peers have said; one line for each, and an error where one is explained to something else.
pub(super) fn check(
    cases: &[Case],
    rows: &[Row],
    peers: &[Peer],
    inputs: &Inputs,
    ours: &Ours,
    folder: &Path,
) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    let mut failures = Vec::new();
    for Expectation { peer, case, described, found } in EXPECTATIONS {
        let Some(place) = peers.iter().position(|one| one.name == peer) else { continue };
        let asked = cases.iter().find(|one| one.id == case).context(case)?;
        let Some(row) = rows.iter().find(|row| row.id == case) else { continue };
        let peer_value = peers.get(place).context("a peer")?;
        let mut reported = Vec::new();
        match row.theirs.get(place) {
            Some(Some(Outcome::Digest(_))) if peer_value.is_sevctl() => {
                let tik = folder.join("explained-tik.bin");
                std::fs::write(&tik, peers::SIXTEEN_BYTES_RAW)?;
                let mac = peer_value.measurement(asked, inputs)?;
                reported.extend(["--measurement".to_owned(), mac]);
                let numbers = ["--api-major", "1", "--api-minor", "55", "--build-id", "24"];
                reported.extend(numbers.map(str::to_owned));
                reported.extend(["--policy".to_owned(), "5".to_owned(), "--tik".to_owned()]);
                reported.push(tik.display().to_string());
            }
            Some(Some(Outcome::Digest(digest))) => {
                reported.extend(["--reported".to_owned(), digest.clone()]);
            }
            _ => bail!("{peer} has no digest for {case}"),
        }
        let mut command = Command::new(ours.program());
        let with_vmm = described.is_none();
        command.arg("explain").arg("--quiet").args(reported);
        command.args(peers::arguments(asked, inputs, |flag| with_vmm || flag != "--vmm-type")?);
        if let Some(profile) = described {
            command.args(["--profile", profile]);
        }
        let answer = peers::checked(&mut command)?;
        let first = answer.lines().next().unwrap_or_default();
        let described = described.unwrap_or("the default");
        lines.push(format!("| {case} | {peer} | {described} | {first} |"));
        if !first.starts_with(found) {
            failures.push(format!("{case} by {peer}: {first:?}, wanted {found:?}"));
        }
    }
    if failures.is_empty() {
        return Ok(lines);
    }
    bail!("explained to something else:\n  {}", failures.join("\n  "))
}
