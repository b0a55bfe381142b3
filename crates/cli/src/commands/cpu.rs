//! `sev-launch cpu`: QEMU's CPU models and what they are.

use std::io::Write;

use sev_launch_abi::Technology;
use sev_launch_digest::cpu::{CpuModel, MODELS};

use crate::exit::Answer;
use crate::output;

/// List CPU models.
#[derive(Debug, clap::Subcommand)]
#[command(defer = true)]
pub(crate) enum Cpu {
    /// List QEMU's CPU models for AMD hosts: all names that share a signature share a digest.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(serde::Serialize)]
struct Model {
    model: &'static str,
    signature: String,
    family: u32,
    model_number: u32,
    stepping: u32,
    generation: Option<&'static str>,
    runs: Vec<&'static str>,
    names: Vec<String>,
}

impl From<&CpuModel> for Model {
    fn from(model: &CpuModel) -> Self {
        let (family, model_number, stepping) = model.signature.parts();
        let generation = model.signature.generation();
        let runs = |technology: &Technology| generation.is_some_and(|one| one.runs(*technology));
        let all = [Technology::Sev, Technology::SevEs, Technology::Snp];
        Self {
            model: model.name,
            signature: model.signature.to_string(),
            family,
            model_number,
            stepping,
            generation: generation.map(sev_launch_abi::Generation::name),
            runs: all.into_iter().filter(runs).map(Technology::name).collect(),
            names: model.names().collect(),
        }
    }
}

impl Cpu {
    pub(crate) fn run(&self) -> anyhow::Result<Answer> {
        let Self::List { json } = self;
        let models: Vec<_> = MODELS.iter().map(Model::from).collect();
        output::print(*json, &models, |out| {
            for Model {
                model,
                signature,
                family,
                model_number,
                stepping,
                generation,
                runs,
                names,
            } in &models
            {
                let (generation, names) = (generation.unwrap_or("-"), names.join(", "));
                let runs = if runs.is_empty() { "none of SEV".into() } else { runs.join(", ") };
                let numbers = format!("family {family}, model {model_number}, stepping {stepping}");
                writeln!(
                    out,
                    "{signature}  {model:<12} {generation:<7} {numbers}; hosts run {runs}; names: {names}"
                )?;
            }
            Ok(())
        })?;
        Ok(Answer::Yes)
    }
}
