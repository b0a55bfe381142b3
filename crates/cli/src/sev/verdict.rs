//! What a verdict on a SEV or SEV-ES launch looks like.

use std::io::{self, Write};

use serde::Serialize;
use sev_launch_abi::Technology;
use sev_launch_sweep::SecretPlace;

use crate::exit::Answer;
use crate::manifest::acceptance::Proven;
use crate::output;

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
    pub(crate) demands: Vec<String>,
    pub(crate) assumptions: Vec<String>,
    pub(crate) notes: Vec<String>,
    pub(crate) warnings: Vec<String>,
    pub(crate) not_covered: Vec<&'static str>,
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
        if let Some(proven) = &self.proven {
            writeln!(out, "  digest    {}", proven.digest)?;
            writeln!(out, "  image     {}", proven.image)?;
            for (name, value) in proven.facts() {
                writeln!(out, "  {name:<9} {value}")?;
            }
        }
        writeln!(out, "  policy    {}", self.policy)?;
        writeln!(out, "  platform  {}", self.platform_version)?;
        for demand in &self.demands {
            writeln!(out, "  demanded  {demand}")?;
        }
        for text in self.not_covered.iter().filter(|_| self.reason.is_none()) {
            writeln!(out, "  unproven  {text}")?;
        }
        Ok(())
    }
}
