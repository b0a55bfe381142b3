//! The answer: a digest, a trace, or JSON; and on standard error what differs.

use std::io::Write as _;
use std::path::Path;

use serde::Serialize;
use sev_launch_abi::{LaunchDigest, Technology};
use sev_launch_platform::Summary;
use sev_launch_rehearse::{Host, Outcome, Record};
use sev_launch_sweep::launched::Contradiction;
use sev_launch_sweep::updates::{Difference, LaunchUpdate};

use super::prediction::{self, Prediction};
use crate::output::{self, Outputs};
use crate::vmsa::field_value;

/// The most differences that are told one by one.
const MOST_TOLD: usize = 16;

/// The document of `rehearse --json`; its schema is `docs/schemas/rehearse.schema.json`.
#[derive(Serialize)]
pub(super) struct Document {
    version: u32,
    /// Always true: no processor of AMD's measured this.
    simulated: bool,
    technology: Technology,
    policy: String,
    digest: String,
    /// What is predicted; none with --no-prediction.
    predicted: Option<String>,
    /// Is it what was predicted?
    agrees: Option<bool>,
    /// MEASURE and MNONCE in base64, of SEV and SEV-ES.
    measurement: Option<String>,
    host: HostView,
    platform: Summary,
    updates: Vec<UpdateView>,
    differences: Vec<String>,
    refusals: Vec<String>,
    unknown_calls: Vec<String>,
}

#[derive(Serialize)]
struct HostView {
    kernel: String,
    cpu: &'static str,
    signature: String,
}

#[derive(Serialize)]
struct UpdateView {
    kind: &'static str,
    gpa: Option<String>,
    size: u64,
    contents: String,
    digest: String,
}

/// What is printed in any form.
pub(super) struct Answer<'a> {
    pub(super) outcome: &'a Outcome,
    pub(super) record: &'a Record,
    pub(super) digest: LaunchDigest,
    pub(super) prediction: Option<&'a Prediction>,
    pub(super) differences: &'a [Difference],
    /// In what it is not the launch that is described.
    pub(super) contradictions: &'a [Contradiction],
    /// Is it what is predicted? `None` if nothing is.
    pub(super) agrees: Option<bool>,
    pub(super) host: &'a Host,
}

impl Answer<'_> {
    /// The digest alone.
    pub(super) fn print(&self) -> anyhow::Result<()> {
        output::print_text(|out| writeln!(out, "{}", self.digest))
    }

    /// Each update with the digest after it.
    pub(super) fn print_trace(&self) -> anyhow::Result<()> {
        let updates = prediction::measured(self.record);
        output::print_text(|out| {
            for (update, made) in updates.iter().zip(&self.record.updates) {
                writeln!(out, "{} {update}", made.digest)?;
            }
            Ok(())
        })
    }

    /// All of it.
    pub(super) fn print_json(&self) -> anyhow::Result<()> {
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;
        let updates = prediction::measured(self.record);
        let views = updates.iter().zip(&self.record.updates).map(|(update, made)| UpdateView {
            kind: update.kind,
            gpa: update.gpa.map(|gpa| gpa.to_string()),
            size: update.size,
            contents: hex::encode(&made.contents),
            digest: made.digest.to_string(),
        });
        let refusals = &self.outcome.refusals;
        output::print_json(&Document {
            version: 1,
            simulated: true,
            technology: self.record.technology,
            policy: format!("{:#x}", self.record.policy),
            digest: self.digest.to_string(),
            predicted: self.prediction.map(|prediction| prediction.digest.to_string()),
            agrees: self.agrees,
            measurement: self.record.measurement.map(|blob| STANDARD.encode(blob)),
            host: HostView {
                kernel: self.host.kernel.to_string(),
                cpu: self.host.generation().name(),
                signature: self.host.signature.to_string(),
            },
            platform: self.outcome.platform.summary(),
            updates: views.collect(),
            differences: self
                .contradictions
                .iter()
                .map(ToString::to_string)
                .chain(self.differences.iter().map(ToString::to_string))
                .collect(),
            refusals: refusals
                .iter()
                .map(|one| format!("{}: {}", one.command, one.reason))
                .collect(),
            unknown_calls: self.outcome.unknown.clone(),
        })
    }
}

/// What differs, on standard error: update by update, and registers with both values. Pages in a row that differ in the same are told once.
pub(super) fn tell(differences: &[Difference]) {
    let same = |left: &Difference, right: &Difference| match (left, right) {
        (Difference::Changed { fields: left, .. }, Difference::Changed { fields: right, .. }) => {
            !left.is_empty() && left == right
        }
        _ => false,
    };
    let groups = differences.chunk_by(same);
    for group in groups.clone().take(MOST_TOLD) {
        let [first, rest @ ..] = group else { continue };
        match rest.len() {
            0 => output::remark("differs", first),
            more => output::remark(
                "differs",
                &format_args!("{first}; {more} more after it in the same"),
            ),
        }
        if let Difference::Changed { fields, .. } = first {
            for field in fields {
                let (left, right) = (field_value(&field.left), field_value(&field.right));
                let text = format!("  {}: expected {left}, came {right}", field.name);
                output::remark("differs", &text);
            }
        }
    }
    let told = groups.count();
    if told > MOST_TOLD {
        output::remark("differs", &format!("and {} updates more", told - MOST_TOLD));
    }
}

/// Stages what was measured: a file for each update, by its number, its kind and where it is.
pub(super) fn save(folder: &Path, record: &Record, outputs: &mut Outputs) -> anyhow::Result<()> {
    outputs.add_folder(folder)?;
    let updates = prediction::measured(record);
    for (number, (update, made)) in updates.iter().zip(&record.updates).enumerate() {
        let Some(bytes) = &made.bytes else { continue };
        outputs.add(&folder.join(file_name(number, update)), bytes)?;
    }
    Ok(())
}

fn file_name(number: usize, update: &LaunchUpdate) -> String {
    let kind = update.kind.trim_start_matches("LAUNCH_UPDATE_").to_lowercase();
    match update.gpa {
        Some(gpa) => format!("{number:05}-{kind}-{gpa}.bin"),
        None => format!("{number:05}-{kind}.bin"),
    }
}
