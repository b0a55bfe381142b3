//! Peers as hosts that do not match: what they compute is explained to the profile that they follow.
//!
//! Each tool prints the digest (sevctl, the MAC) of one guest, made by its own code. `sev-launch explain` is given that
//! value and a description of the guest with another profile, and must name the tool's.

use std::fs;

use anyhow::{Context as _, Result, bail};

use super::cases::Case;
use super::inputs::Inputs;
use super::table::{Outcome, Row};
use crate::peers::{self, Guest, Kind, PLATFORM, SIXTEEN_BYTES, Tool};

/// A tool's value for a case; the profile that is described, if it is not the default; and how the answer starts.
type Expectation = (&'static str, &'static str, Option<&'static str>, &'static str);

/// What is known of the tools: testdata/differences.toml has the reasons.
const EXPECTATIONS: [Expectation; 11] = [
    ("sev-snp-measure 0.0.9", ES, Some("es-init2"), "matches if profile = es-legacy "),
    ("sev-snp-measure 0.0.9", ES, None, "it already matches"),
    ("sev-snp-measure 0.0.13", ES, None, "matches if profile = es-init2 "),
    ("sev 8.0.0", ES, None, "matches if profile = es-init2 "),
    ("sevctl 0.6.2", ES, Some("es-init2"), "matches if profile = es-legacy "),
    ("sevctl 0.6.2", ES, None, "it already matches"),
    (
        "sev-snp-measure 0.0.9",
        "snp-no-caa/4xEPYC-Milan",
        None,
        "matches if profile = snp-amdese-old ",
    ),
    ("sev-snp-measure 0.0.13", "snp/features-0x21/4xEPYC-Milan", None, "it already matches"),
    ("sev-snp-measure 0.0.13", EC2, Some("snp-qemu"), "matches if profile = snp-ec2 "),
    ("sev 8.0.0", EC2, Some("snp-qemu"), "matches if profile = snp-ec2-rdx0 "),
    (
        "sev 8.0.0",
        "snp/features-0x1/4xEPYC-Milan",
        Some("snp-gce"),
        "matches if profile = snp-qemu ",
    ),
];
const ES: &str = "seves/es-legacy/by-default";
const EC2: &str = "snp-ec2/vmm-type/4";

/// Explains what the peers have said; one line for each, and an error if one is explained to something else.
pub(super) fn check(
    cases: &[Case],
    rows: &[Row],
    ours: &Tool,
    peers: &[Tool],
    inputs: &Inputs,
) -> Result<Vec<String>> {
    let (mut lines, mut failures) = (Vec::new(), Vec::new());
    for (name, id, described, found) in EXPECTATIONS {
        let Some(place) = peers.iter().position(|peer| peer.name == name) else { continue };
        let Some(row) = rows.iter().find(|row| row.id == id) else { continue };
        let case = cases.iter().find(|case| case.id == id);
        let guest = case.and_then(|case| case.guest(inputs)).context(id)?;
        let asked = Guest { profile: described.map(str::to_owned), ..guest.clone() };
        let call = ours.command("explain --quiet", &asked);
        let call = match (peers.get(place), row.theirs.get(place)) {
            (Some(peer), Some(Some(Outcome::Digest(_)))) if peer.kind == Kind::Sevctl => {
                let tik = peers::folder().join("explained-tik.bin");
                fs::write(&tik, SIXTEEN_BYTES)?;
                let mac = peer.digest(&guest)?.context(id)?.text()?;
                call.words(&format!("--measurement {mac} {PLATFORM} --policy 5 --tik")).arg(tik)
            }
            (_, Some(Some(Outcome::Digest(digest)))) => call.args(["--reported", digest]),
            _ => bail!("{name} has no digest for {id}"),
        };
        let answer = call.text()?;
        let first = answer.lines().next().unwrap_or_default();
        lines.push(format!("| {id} | {name} | {} | {first} |", described.unwrap_or("the default")));
        if !first.starts_with(found) {
            failures.push(format!("{id} by {name}: {first:?}, wanted {found:?}"));
        }
    }
    if failures.is_empty() {
        return Ok(lines);
    }
    bail!("explained to something else:\n  {}", failures.join("\n  "))
}
