//! What a verdict on a SEV or SEV-ES launch looks like.

use std::io::{self, Write};

use serde::Serialize;
use sev_launch_abi::Technology;
use sev_launch_sweep::SecretPlace;

use crate::demand_view::{DemandView, print_met, print_unmet, print_unproven};
use crate::exit::Answer;
use crate::manifest::acceptance::Proven;
use crate::output;

/// The width of the longest demand's name, `POLICY.RESERVED`.
const WIDTH: usize = 15;

/// The document of `verify --json`; its schema is `docs/schemas/verify.schema.json`.
#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) version: u32,
    pub(crate) answer: Answer,
    /// Why not, for the guest's owner.
    pub(crate) reason: Option<String>,
    /// What a network peer may be told of a no.
    pub(crate) for_peer: Option<String>,
    pub(crate) technology: Technology,
    pub(crate) proven: Option<Proven>,
    pub(crate) policy: String,
    pub(crate) platform_version: String,
    /// How many digests were accepted.
    pub(crate) accepted_digests: usize,
    pub(crate) demands: Vec<DemandView>,
    pub(crate) assumptions: Vec<String>,
    pub(crate) notes: Vec<String>,
    pub(crate) warnings: Vec<String>,
    pub(crate) not_covered: Vec<&'static str>,
    /// Of a no, the command that looks for the reason.
    pub(crate) why: Option<String>,
    /// Where the firmware takes secrets.
    #[serde(skip)]
    pub(crate) secret_place: SecretPlace,
}

impl Report {
    /// Notes and warnings, on standard error.
    pub(crate) fn remarks(&self) {
        self.notes.iter().for_each(|text| output::remark("note", text));
        self.warnings.iter().for_each(|text| output::remark("warning", text));
    }

    /// The answer, as JSON or for people.
    pub(crate) fn output(&self, json: bool) -> anyhow::Result<()> {
        output::print(json, self, |out| self.print(out))
    }

    fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let Self { technology, .. } = self;
        match &self.reason {
            Some(reason) => writeln!(out, "no: {reason}")?,
            None => writeln!(out, "yes: the launch measurement proves this {technology} launch")?,
        }
        print_unmet(out, &self.demands, WIDTH)?;
        if let Some(why) = &self.why {
            writeln!(out, "  {:<WIDTH$} {why}", "why")?;
        }
        if let Some(proven) = &self.proven {
            writeln!(out, "  {:<WIDTH$} {}", "digest", proven.digest)?;
            writeln!(out, "  {:<WIDTH$} {}", "image", proven.image)?;
            for (name, value) in proven.facts() {
                writeln!(out, "  {name:<WIDTH$} {value}")?;
            }
        }
        writeln!(out, "  {:<WIDTH$} {}", "policy", self.policy)?;
        writeln!(out, "  {:<WIDTH$} {}", "platform", self.platform_version)?;
        print_met(out, &self.demands, WIDTH)?;
        match self.reason {
            None => print_unproven(out, &self.not_covered, WIDTH),
            Some(_) => Ok(()),
        }
    }
}
