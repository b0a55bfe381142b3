//! `sev-launch describe`: what is described, and where each value came from.

use std::io::Write;

use serde::Serialize;
use serde_json::Value;
use sev_launch_description::entries::Entry;
use sev_launch_description::resolve::resolve;
use sev_launch_sweep::Mode;

use crate::advice;
use crate::exit::Answer;
use crate::guest::args::{Guest, mode};
use crate::output;

/// What the long help adds.
pub(crate) const LONG_HELP: &str = "\
Examples:
  sev-launch describe --description launch.toml
  sev-launch describe --description launch.toml --vcpus 8 --json
  sev-launch describe --mode snp --firmware OVMF.fd --vcpus 4 --vcpu-type EPYC-Milan > launch.toml

What is printed is a description itself: every value stands with a comment that says where it came
from. No file that it names is read.

Exit codes:
  0  the description says enough for a digest
  2  it does not, or contradicts itself; what it says is printed all the same";

/// Show a launch description: every value and where it came from.
#[derive(Debug, clap::Args)]
pub(crate) struct Describe {
    /// The technology: sev, seves (sev-es), snp (sev-snp); or snp:svsm, an SVSM before the firmware.
    #[arg(long, value_name = "MODE", value_parser = mode)]
    mode: Option<Mode>,
    #[command(flatten)]
    guest: Guest,
    /// Print JSON: the description and the origin of each of its keys.
    #[arg(long)]
    json: bool,
}

/// The document of `describe --json`; its schema is `docs/schemas/describe.schema.json`.
#[derive(Serialize)]
struct Document {
    version: u32,
    description: Value,
    values: Vec<Entry>,
    assumptions: Vec<String>,
    notes: Vec<String>,
    /// Why this is no launch, if it is none.
    problem: Option<String>,
}

impl Describe {
    pub(crate) fn run(&self) -> anyhow::Result<Answer> {
        let described = self.guest.describe(self.mode)?;
        let (description, assumptions, notes, problem) = match resolve(described.clone()) {
            Ok(resolved) => (resolved.description, resolved.assumptions, resolved.notes, None),
            Err(error) => (described, Vec::new(), Vec::new(), Some(error)),
        };
        if self.json {
            let problem =
                problem.as_ref().map(|error| format!("{error}{}", advice::of_description(error)));
            output::print_json(&Document {
                version: 1,
                description: description.to_json()?,
                values: description.entries(),
                assumptions,
                notes,
                problem,
            })?;
        } else {
            let toml = description.to_toml(true)?;
            output::print_text(|out| out.write_all(toml.as_bytes()))?;
            notes.iter().for_each(|text| output::remark("note", text));
        }
        problem.map_or(Ok(Answer::Yes), |problem| Err(problem.into()))
    }
}
