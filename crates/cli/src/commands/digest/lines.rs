//! Rows as they are made: lines of hex or base64, CSV, JSON lines, a table.

use std::io::Write;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;
use sev_launch_abi::text as escape;
use sev_launch_abi::{LaunchDigest, Technology};
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_sweep::boot::BootFile;
use sev_launch_sweep::{Inputs, Row};

use crate::args::Format;
use crate::output::{self, Stdout, UNPRINTED};
use crate::text;

/// Standard output, in one of the forms that have no end to wait for.
pub(super) struct Lines<'a> {
    inputs: &'a Inputs,
    form: Form,
}

enum Form {
    Digests { out: text::Stdout, base64: bool },
    Csv(Box<csv::Writer<Stdout>>),
    JsonLines(Stdout),
    Table { out: text::Stdout, columns: Vec<Column> },
}

/// What a row is of. The columns of CSV, and the members of a JSON line.
#[derive(Serialize)]
struct Line {
    digest: String,
    technology: Technology,
    profile: Option<&'static str>,
    vcpus: Option<u32>,
    signature: Option<String>,
    sev_features: Option<String>,
    cmdline: Option<String>,
    firmware: String,
    kernel: Option<String>,
    initrd: Option<String>,
}

impl Line {
    fn new(inputs: &Inputs, row: &Row) -> Self {
        let file = |file: Option<&BootFile>| {
            let file = file?;
            Some(file.name.clone().unwrap_or_else(|| format!("sha256:{}", file.sha256)))
        };
        let firmware = inputs.firmwares.get(row.firmware).map(|firmware| &firmware.name);
        let igvm = inputs.igvms.get(row.firmware).map(|igvm| &igvm.name);
        Self {
            digest: row.digest.to_string(),
            technology: inputs.mode.technology(),
            profile: row.profile.map(|profile| profile.name),
            vcpus: row.vcpus.map(VcpuCount::number),
            signature: row.signature.map(|signature| signature.to_string()),
            sev_features: row.sev_features.map(|features| features.to_string()),
            cmdline: inputs.cmdline_text(row),
            firmware: firmware.or(igvm).cloned().unwrap_or_default(),
            kernel: file(row.boot.and_then(|boot| inputs.boot.kernels.get(boot.kernel))),
            initrd: file(row.boot.and_then(|boot| inputs.boot.initrds.get(boot.initrd?))),
        }
    }
}

impl Line {
    /// With the texts of others as cells of CSV have them; the rest is made of digits and names of ours.
    fn in_csv(self) -> Self {
        let cell = |text: String| escape::csv(&text).into_owned();
        Self {
            cmdline: self.cmdline.map(cell),
            firmware: cell(self.firmware),
            kernel: self.kernel.map(cell),
            initrd: self.initrd.map(cell),
            ..self
        }
    }
}

/// A column of the table: its head, its width, and what stands in it; `-` if that is nothing.
struct Column {
    name: &'static str,
    width: usize,
    cell: fn(&Line) -> Option<String>,
}

/// The columns that tell rows apart, and the digest.
fn columns(inputs: &Inputs) -> Vec<Column> {
    let mut columns = Vec::new();
    let mut add = |several: bool, name, width, cell: fn(&Line) -> Option<String>| {
        if several {
            columns.push(Column { name, width, cell });
        }
    };
    let widest = |texts: Vec<String>| texts.iter().map(|text| text.chars().count()).max();
    let paths = |files: &[BootFile]| {
        let names = files.iter().filter_map(|file| file.name.clone()).collect();
        widest(names).unwrap_or(71).clamp(6, 71)
    };
    let firmwares = inputs.firmwares.iter().map(|firmware| firmware.name.clone());
    let firmwares: Vec<_> =
        firmwares.chain(inputs.igvms.iter().map(|igvm| igvm.name.clone())).collect();
    let has_several = firmwares.len() > 1;
    let boot = &inputs.boot;
    let firmware = widest(firmwares).unwrap_or(0).max(8);
    let (kernel, initrd) = (paths(&boot.kernels), paths(&boot.initrds));
    let digits = if inputs.mode.technology() == Technology::Snp { 96 } else { 64 };
    add(has_several, "firmware", firmware, |line| Some(line.firmware.clone()));
    add(boot.kernels.len() > 1, "kernel", kernel, |line| line.kernel.clone());
    add(boot.initrds.len() > 1, "initrd", initrd, |line| line.initrd.clone());
    add(inputs.profiles.len() > 1, "profile", 20, |line| line.profile.map(str::to_owned));
    add(inputs.sev_features.len() > 1, "features", 8, |line| line.sev_features.clone());
    add(inputs.signatures.len() > 1, "signature", 10, |line| line.signature.clone());
    add(inputs.vcpus.len() > 1, "vCPUs", 5, |line| Some(line.vcpus?.to_string()));
    add(true, "digest", digits, |line| Some(line.digest.clone()));
    // Last, since it has no width.
    let several = boot.cmdlines.len() > 1 || boot.switches.len() > 1;
    add(several, "command line", 0, |line| Some(format!("{:?}", line.cmdline.as_ref()?)));
    columns
}

impl<'a> Lines<'a> {
    /// In this form; a table's head is printed at once.
    pub(super) fn new(format: Format, inputs: &'a Inputs) -> anyhow::Result<Self> {
        output::check_stdout()?;
        let form = match format {
            Format::Hex | Format::Json => Form::Digests { out: text::stdout(), base64: false },
            Format::Base64 => Form::Digests { out: text::stdout(), base64: true },
            Format::Csv => Form::Csv(Box::new(csv::Writer::from_writer(output::stdout()))),
            Format::Jsonl => Form::JsonLines(output::stdout()),
            Format::Table => {
                let mut out = text::stdout();
                let columns = columns(inputs);
                write_cells(&mut out, &columns, |column| column.name.to_owned())?;
                Form::Table { out, columns }
            }
        };
        Ok(Self { inputs, form })
    }
}

/// One line of cells, padded to their columns' widths.
fn write_cells(
    out: &mut text::Stdout,
    columns: &[Column],
    text: impl Fn(&Column) -> String,
) -> anyhow::Result<()> {
    let cell = |column: &Column| format!("{:<width$}", text(column), width = column.width);
    let cells: Vec<_> = columns.iter().map(cell).collect();
    writeln!(out, "{}", cells.join("  ").trim_end()).context(UNPRINTED)
}

impl Lines<'_> {
    /// Prints a row.
    pub(super) fn print(&mut self, row: &Row) -> anyhow::Result<()> {
        let inputs = self.inputs;
        match &mut self.form {
            Form::Digests { out, base64 } => {
                let text = |digest: &LaunchDigest| match base64 {
                    true => BASE64.encode(digest.as_bytes()),
                    false => digest.to_string(),
                };
                if row.trace.is_empty() {
                    writeln!(out, "{}", text(&row.digest)).context(UNPRINTED)?;
                }
                for step in &row.trace {
                    writeln!(out, "{} {}", text(&step.digest), step.update).context(UNPRINTED)?;
                }
            }
            Form::Csv(writer) => {
                writer.serialize(Line::new(inputs, row).in_csv()).context(UNPRINTED)?;
            }
            Form::JsonLines(out) => {
                let line = serde_json::to_string(&Line::new(inputs, row))?;
                writeln!(out, "{}", escape::json(&line)).context(UNPRINTED)?;
            }
            Form::Table { out, columns } => {
                let line = Line::new(inputs, row);
                write_cells(out, columns, |column| (column.cell)(&line).unwrap_or("-".into()))?;
            }
        }
        Ok(())
    }

    /// Nothing follows.
    pub(super) fn finish(self) -> anyhow::Result<()> {
        match self.form {
            Form::Digests { mut out, .. } | Form::Table { mut out, .. } => out.flush(),
            Form::JsonLines(mut out) => out.flush(),
            Form::Csv(mut writer) => writer.flush(),
        }
        .context(UNPRINTED)
    }
}
