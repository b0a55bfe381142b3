//! The program as `sev-snp-measure`: its flags, its output and its exit codes, and values that some host reports.
//!
//! What the tool is asked, and what its value is worth, is the library's to say: [`from_argv`].

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sev_launch_abi::{LaunchDigest, Technology};
use sev_launch_description::Description;
use sev_launch_description::description::Image;
use sev_launch_description::import::sev_snp_measure::{
    Mode, NoAnswer, Question, Request, VERSION, Value, from_argv, misreads, prints_anyway,
};
use sev_launch_sweep::coverage::warnings;
use sev_launch_sweep::{Inputs, Reading, Row};

use super::failure::Failure;
use crate::commands::digest::dump_vmsas;
use crate::guest::inputs::{absorb_firmware, read_described, sweep};
use crate::output::{self, Outputs};
use crate::{advice, text};

/// The name of the tool.
pub(super) const NAME: &str = "sev-snp-measure";

const USAGE: &str =
    "usage: sev-snp-measure --mode {sev,seves,snp,snp:ovmf-hash,snp:svsm} --ovmf PATH [FLAG ...]";

const HELP: &str = "\
Calculate AMD SEV/SEV-ES/SEV-SNP guest launch measurement: sev-launch, in the words of sev-snp-measure

options:
  -h, --help              show this help message and exit
  --version               show the version and exit
  -v, --verbose           print a sentence around the digest
  --mode MODE             sev, seves, snp, snp:ovmf-hash (the firmware's pages alone) or snp:svsm
  --vcpus N               number of vCPUs
  --vcpu-type CPUTYPE     QEMU's CPU model, as EPYC-Milan
  --vcpu-sig VALUE        the CPU's signature, in place of a model
  --vcpu-family FAMILY    its family, model and stepping, in place of both
  --vcpu-model MODEL
  --vcpu-stepping STEPPING
  --vmm-type VMMTYPE      QEMU (the default), ec2 or gce
  --ovmf PATH             the firmware image
  --kernel PATH           the kernel
  --initrd PATH           the initrd (with --kernel)
  --append CMDLINE        the kernel's command line (with --kernel)
  --guest-features VALUE  SEV features, as 0x1 (the default)
  --output-format FORMAT  hex (the default) or base64
  --snp-ovmf-hash HASH    the digest of the firmware's pages, in hex
  --dump-vmsa             write each vCPU's registers to vmsa<N>.bin
  --svsm PATH             the SVSM binary (snp:svsm)
  --vars-size SIZE        the size of the variable store in bytes (snp:svsm)
  --vars-file PATH        the variable store, for its size (snp:svsm)

The digest is that tool's. Where a default host reports another one, a line on standard error has
it; where no host reports the tool's, there is an error with what hosts do report.

exit codes:
  0  the digest is on standard output
  1  there is none, nor has the tool one: a file cannot be read, or cannot be launched
  2  wrong usage, or the tool's digest is no host's

Everything else that sev-launch does: sev-launch --help";

/// Answers.
pub(super) fn run(words: &[Vec<u8>]) -> Result<(), Failure> {
    let question = match from_argv(words) {
        Ok(Request::Help) => {
            return Ok(output::print_text(|out| {
                text::lines(out, format_args!("{USAGE}\n\n{HELP}"))
            })?);
        }
        Ok(Request::Version) => {
            let ours = env!("CARGO_PKG_VERSION");
            return Ok(output::print_text(|out| {
                writeln!(out, "{NAME} {VERSION} (sev-launch {ours})")
            })?);
        }
        Ok(Request::Digest(question)) => *question,
        Err(NoAnswer::Usage(error)) => return Err(Failure::Usage { usage: USAGE, error }),
        Err(NoAnswer::NoLaunch(why)) => return Err(Failure::Defect { why, ours: Vec::new() }),
        Err(error) => return Err(Failure::Stops(error.into())),
    };
    let stopped = |error| stopped(&question, error);
    let inputs = read(question.mode, question.description.clone()).map_err(stopped)?;
    let rows = sweep(&inputs).and_then(|sweep| Ok(sweep.rows()?)).map_err(stopped)?;
    let misread = inputs.firmwares.iter().find_map(|one| misreads(question.mode, &one.absorbed));
    if let Value::Defect(why) = &question.value {
        return Err(defect(why, &question, &rows));
    }
    if let Some(why) = misread {
        return Err(defect(&why, &question, &rows));
    }
    answer(&question, &inputs, &rows)
}

/// Reads the guest's files.
fn read(mode: Mode, description: Description) -> anyhow::Result<Inputs> {
    let mode = match mode {
        Mode::Sev => sev_launch_sweep::Mode::Guest(Technology::Sev),
        Mode::SevEs => sev_launch_sweep::Mode::Guest(Technology::SevEs),
        Mode::Snp => sev_launch_sweep::Mode::Guest(Technology::Snp),
        Mode::SnpFirmware => sev_launch_sweep::Mode::SnpFirmware,
        Mode::SnpSvsm => sev_launch_sweep::Mode::SnpSvsm,
    };
    read_described(mode, description, Reading::default())
}

/// There is no digest: does the tool have one?
fn stopped(question: &Question, error: anyhow::Error) -> Failure {
    let images = question.description.firmware.images.iter().flat_map(|images| &images.value);
    let mut firmware = images.filter_map(|image| match image {
        Image::File(path) => absorb_firmware(path).ok(),
        Image::Absorbed(_) | Image::Igvm(_) => None,
    });
    let firmware = firmware.next_back();
    let prints_anyway =
        |error: sev_launch_digest::Error| prints_anyway(question, firmware.as_ref(), &error);
    match advice::digest_error(&error).is_some_and(prints_anyway) {
        true => {
            let why = format!("{error:#}; {NAME} {VERSION} prints a digest all the same");
            Failure::Defect { why, ours: Vec::new() }
        }
        false => Failure::Stops(error),
    }
}

/// The tool's digest is no host's: those of hosts stand beside the reason.
fn defect(why: &str, question: &Question, rows: &[Row]) -> Failure {
    let ours = rows.iter().map(|row| {
        let profile = row.profile.map(|profile| format!("{} ({})", profile.name, profile.summary));
        format!("{}: {}", profile.unwrap_or_default(), shown(question, &row.digest))
    });
    let ours = ours.collect();
    Failure::Defect {
        why: format!("no host reports the digest of {NAME} {VERSION} for this: {why}"),
        ours,
    }
}

/// Prints the tool's digest; what is ours and differs goes beside it.
fn answer(question: &Question, inputs: &Inputs, rows: &[Row]) -> Result<(), Failure> {
    let theirs = rows.last().ok_or_else(|| anyhow::anyhow!("no digest was computed"))?;
    question.remarks.iter().for_each(|text| output::remark("note", text));
    inputs.notes.iter().for_each(|text| output::remark("note", text));
    let sweep = sweep(inputs)?;
    warnings(sweep.warnings()).iter().for_each(|text| output::remark("warning", text));
    if let (Value::Other { ours, theirs, why }, Some(row)) = (&question.value, rows.first()) {
        let digest = shown(question, &row.digest);
        let (ours, theirs) = (ours.name, theirs.name);
        output::remark(
            "note",
            &format_args!(
                "this is the digest of profile {theirs}; that of {ours} is {digest}: {why}"
            ),
        );
    }
    let mut outputs = Outputs::new();
    if question.dump_vmsa {
        dump_vmsas(&sweep, &mut outputs)?;
    }
    let digest = shown(question, &theirs.digest);
    output::print_text(|out| match question.verbose {
        true => {
            let mode = question.mode.verbose_name();
            writeln!(out, "Calculated {mode} guest measurement: {digest}")
        }
        false => writeln!(out, "{digest}"),
    })?;
    Ok(outputs.settle()?)
}

fn shown(question: &Question, digest: &LaunchDigest) -> String {
    match question.base64 {
        true => BASE64.encode(digest.as_bytes()),
        false => digest.to_string(),
    }
}
