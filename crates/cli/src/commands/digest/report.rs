//! How the answer is printed, and what is said beside it.

use std::io::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;
use sev_launch_digest::Technology;
use sev_launch_digest::hash::Sha256Digest;

use super::args::Digest;
use crate::args::Format;
use crate::guest::args::Mode;
use crate::guest::boot::BootFile;
use crate::guest::plan::{CapturedPage, Plan};
use crate::guest::report::{not_covered, warnings};
use crate::guest::rows::{AnyDigest, Computed, Row};
use crate::output;

/// Notes and warnings, each once, and with `--verbose` the assumptions.
pub(super) fn remarks(arguments: &Digest, plan: &Plan, computed: &Computed) {
    if arguments.quiet {
        return;
    }
    if arguments.verbose {
        plan.assumptions.iter().for_each(|text| output::remark("assumed", text));
    }
    plan.notes.iter().for_each(|text| output::remark("note", text));
    warnings(computed).iter().for_each(|text| output::remark("warning", text));
}

/// Prints the answer, whole or not at all.
pub(super) fn print(arguments: &Digest, plan: &Plan, computed: &Computed) -> anyhow::Result<()> {
    match arguments.format() {
        Format::Json => output::print_json(&document(plan, computed)),
        Format::Csv => print_csv(plan, computed),
        format @ (Format::Hex | Format::Base64) => print_lines(format, computed),
    }
}

fn print_lines(format: Format, computed: &Computed) -> anyhow::Result<()> {
    let text = |digest: &AnyDigest| match format {
        Format::Base64 => BASE64.encode(digest.bytes()),
        _ => hex::encode(digest.bytes()),
    };
    let mut stdout = output::stdout();
    for row in &computed.rows {
        if row.trace.is_empty() {
            writeln!(stdout, "{}", text(&row.digest))?;
        }
        for step in &row.trace {
            writeln!(stdout, "{} {}", text(&step.digest), step.update)?;
        }
    }
    Ok(stdout.flush()?)
}

fn print_csv(plan: &Plan, computed: &Computed) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_writer(output::stdout());
    for row in &computed.rows {
        writer.serialize(Line {
            digest: hex::encode(row.digest.bytes()),
            technology: plan.mode.technology(),
            profile: row.profile.map(|profile| profile.name),
            vcpus: row.vcpus.map(sev_launch_digest::vcpus::VcpuCount::number),
            signature: row.signature.map(|signature| signature.to_string()),
            sev_features: row.sev_features.map(|features| features.to_string()),
            cmdline: plan.kernel.measured.then(|| plan.cmdline_text(row)).flatten(),
        })?;
    }
    Ok(writer.flush()?)
}

#[derive(Serialize)]
struct Line {
    digest: String,
    technology: Technology,
    profile: Option<&'static str>,
    vcpus: Option<u32>,
    signature: Option<String>,
    sev_features: Option<String>,
    cmdline: Option<String>,
}

/// The document of `--format json`; its schema is `docs/schemas/digest.schema.json`.
#[derive(Serialize)]
struct Document {
    version: u32,
    technology: Technology,
    mode: &'static str,
    inputs: Inputs,
    digests: Vec<Answer>,
    assumptions: Vec<String>,
    notes: Vec<String>,
    warnings: Vec<String>,
    not_covered: Vec<&'static str>,
}

#[derive(Serialize)]
struct Inputs {
    firmware: FileInput,
    #[serde(skip_serializing_if = "Option::is_none")]
    snp_firmware_digest: Option<String>,
    kernel_hashes: bool,
    kernel: Option<FileInput>,
    initrd: Option<FileInput>,
    cmdlines: Vec<CmdlineInput>,
    svsm: Option<FileInput>,
    /// Bytes of the variable store between SVSM and firmware.
    #[serde(skip_serializing_if = "Option::is_none")]
    vars_size: Option<u64>,
    /// The captured page of the first vCPU, in place of the profile's.
    #[serde(skip_serializing_if = "Option::is_none")]
    vmsa_bsp: Option<FileInput>,
    /// The captured page of further vCPUs.
    #[serde(skip_serializing_if = "Option::is_none")]
    vmsa_ap: Option<FileInput>,
    /// Where libkrun's bundle puts the kernel.
    #[serde(skip_serializing_if = "Option::is_none")]
    kernel_gpa: Option<String>,
}

#[derive(Serialize)]
struct FileInput {
    path: Option<String>,
    size: Option<u64>,
    sha256: String,
}

#[derive(Serialize)]
struct CmdlineInput {
    /// The text, where the bytes are known and are text.
    text: Option<String>,
    /// Bytes, the NUL that is hashed after them left out.
    size: Option<usize>,
    /// Of the bytes and one NUL.
    sha256: String,
}

#[derive(Serialize)]
struct Answer {
    digest: String,
    algorithm: &'static str,
    profile: Option<&'static str>,
    profile_confidence: Option<&'static str>,
    vcpus: Option<u32>,
    signature: Option<String>,
    sev_features: Option<String>,
    cmdline: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    trace: Vec<Step>,
}

#[derive(Serialize)]
struct Step {
    update: String,
    digest: String,
}

fn document(plan: &Plan, computed: &Computed) -> Document {
    let technology = plan.mode.technology();
    let firmware = &plan.firmware.absorbed;
    let captured = plan.captured.as_ref();
    let krun = plan.kernel.krun.as_ref().filter(|_| technology == Technology::Snp);
    let given = plan.firmware.given_digest.then(|| firmware.snp_digest().ok()).flatten();
    let cmdlines = plan.kernel.cmdlines.iter().map(|cmdline| CmdlineInput {
        text: cmdline.bytes.clone().and_then(|bytes| String::from_utf8(bytes).ok()),
        size: cmdline.bytes.as_ref().map(Vec::len),
        sha256: cmdline.sha256.to_string(),
    });
    Document {
        version: 1,
        technology,
        mode: match plan.mode {
            Mode::Guest(technology) => technology.name(),
            Mode::SnpFirmware => "snp:ovmf-hash",
            Mode::SnpSvsm => "snp:svsm",
        },
        inputs: Inputs {
            firmware: FileInput {
                path: Some(plan.firmware.path.display().to_string()),
                size: Some(firmware.size()),
                sha256: firmware.sha256().to_string(),
            },
            snp_firmware_digest: given.map(|digest| digest.to_string()),
            kernel_hashes: plan.kernel.measured,
            kernel: plan.kernel.kernel.as_ref().map(file_input),
            initrd: plan.kernel.initrd.as_ref().map(file_input),
            cmdlines: if plan.kernel.kernel.is_some() { cmdlines.collect() } else { Vec::new() },
            svsm: plan.svsm.as_ref().map(|(path, svsm)| FileInput {
                path: Some(path.display().to_string()),
                size: Some(svsm.firmware().size()),
                sha256: svsm.firmware().sha256().to_string(),
            }),
            vars_size: plan.vars_size,
            vmsa_bsp: captured.map(|captured| captured_page(&captured.bsp)),
            vmsa_ap: captured.and_then(|captured| captured.ap.as_ref()).map(captured_page),
            kernel_gpa: krun.map(|files| format!("{:#x}", files.kernel_gpa)),
        },
        digests: computed.rows.iter().map(|row| answer(plan, row)).collect(),
        assumptions: plan.assumptions.clone(),
        notes: plan.notes.clone(),
        warnings: warnings(computed),
        not_covered: not_covered(plan),
    }
}

fn file_input(file: &BootFile) -> FileInput {
    FileInput {
        path: file.path.as_ref().map(|path| path.display().to_string()),
        size: file.size,
        sha256: file.sha256.to_string(),
    }
}

fn captured_page(captured: &CapturedPage) -> FileInput {
    FileInput {
        path: Some(captured.path.display().to_string()),
        size: Some(4096),
        sha256: Sha256Digest::of(captured.page.as_bytes()).to_string(),
    }
}

fn answer(plan: &Plan, row: &Row) -> Answer {
    Answer {
        digest: hex::encode(row.digest.bytes()),
        algorithm: match row.digest {
            AnyDigest::Sha256(_) => "sha256",
            AnyDigest::Sha384(_) => "sha384",
        },
        profile: row.profile.map(|profile| profile.name),
        profile_confidence: row.profile.map(|profile| profile.confidence.name()),
        vcpus: row.vcpus.map(sev_launch_digest::vcpus::VcpuCount::number),
        signature: row.signature.map(|signature| signature.to_string()),
        sev_features: row.sev_features.map(|features| features.to_string()),
        cmdline: plan.kernel.measured.then_some(row.cmdline),
        trace: row
            .trace
            .iter()
            .map(|step| Step {
                update: step.update.clone(),
                digest: hex::encode(step.digest.bytes()),
            })
            .collect(),
    }
}
