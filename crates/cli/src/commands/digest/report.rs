//! How the answer is printed, and what is said beside it.

use std::io::IsTerminal;

use sev_launch_digest::Warning;
use sev_launch_sweep::coverage::warnings;
use sev_launch_sweep::{Inputs, Sweep};

use super::args::Digest;
use super::document::Document;
use super::lines::Lines;
use crate::args::Format;
use crate::backend::Hashing;
use crate::output;

/// Notes and warnings, each once, and with `--verbose` the assumptions.
pub(super) fn remarks(arguments: &Digest, inputs: &Inputs, list: &[Warning]) {
    if arguments.quiet {
        return;
    }
    if arguments.verbose {
        inputs.assumptions.iter().for_each(|text| output::remark("assumed", text));
    }
    inputs.notes.iter().for_each(|text| output::remark("note", text));
    warnings(list).iter().for_each(|text| output::remark("warning", text));
}

/// Prints the answer; everything that can be refused was refused before.
pub(super) fn print(
    arguments: &Digest,
    inputs: &Inputs,
    sweep: &Sweep<'_, Hashing>,
) -> anyhow::Result<()> {
    let wants_trace = arguments.trace.is_some();
    let format = arguments.format().unwrap_or_else(|| default_format(wants_trace, sweep.len()));
    if format == Format::Json {
        let mut rows = Vec::new();
        sweep.run(wants_trace, &mut |row| {
            rows.push(row);
            anyhow::Ok(())
        })?;
        return output::print_json(&Document::new(inputs, &rows, sweep.warnings())?);
    }
    let mut lines = Lines::new(format, inputs)?;
    sweep.run(wants_trace, &mut |row| lines.print(&row))?;
    lines.finish()
}

/// A digest alone is a line of hex; several need to say which is which.
fn default_format(wants_trace: bool, rows: usize) -> Format {
    match rows {
        _ if wants_trace => Format::Hex,
        0 | 1 => Format::Hex,
        _ if std::io::stdout().is_terminal() => Format::Table,
        _ => Format::Jsonl,
    }
}
