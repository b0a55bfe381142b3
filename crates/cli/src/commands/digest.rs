//! `sev-launch digest`: the digest that an honest host must report.
//!
//! [`args`] is what was typed, [`guest`] reads and computes, and [`report`] prints: [`lines`] a row at a time
//! as it is made, [`document`] all of them with what was assumed.

pub(crate) mod args;
mod document;
mod lines;
mod report;

use anyhow::bail;
use sev_launch_abi::Technology;
use sev_launch_sweep::{Inputs, Mode, Reading, Sweep};

use crate::args::Format;
use crate::backend::Hashing;
use crate::exit::Answer;
use crate::guest;
use crate::output::Outputs;
use args::{Digest, Trace};

/// What the long help adds.
pub(crate) const LONG_HELP: &str = "\
Examples:
  sev-launch digest --mode sev --firmware OVMF.fd
  sev-launch digest --mode seves --firmware OVMF.fd --vcpus 4 --vcpu-type EPYC-Milan
  sev-launch digest --description launch.toml
  sev-launch digest --mode snp --firmware OVMF.amdsev.fd --kernel vmlinuz --initrd initrd.img \\
      --cmdline 'console=ttyS0' --vcpus 1..=16 --vcpu-type EPYC-Rome,EPYC-Milan --format csv

Rows come out as they are made: firmwares vary slowest, then kernels, initrds, command lines and
kernel-hashes, then profiles, features, signatures and vCPU counts.

Without --profile, --vmm-type or host flags the profile is what a default QEMU does: es-legacy
for SEV-ES, snp-qemu for SNP. For SEV-ES, sev-snp-measure 0.0.10 and newer print what is called
es-init2 here, which hosts do only with QEMU's legacy-vm-type=off.

A digest covers what is loaded before the guest's first instruction. It does not cover the root
file system, NVRAM variables, a vTPM, devices, the policy, or vCPUs plugged in later.

Exit codes:
  0  the digest is on standard output
  2  there is no digest: wrong usage, malformed input, a launch that the host refuses, or more
     than one profile that fits the host";

/// Computes and prints.
pub(crate) fn run(arguments: &Digest) -> anyhow::Result<Answer> {
    let (description, mode) = arguments.guest.describe_mode(arguments.mode)?;
    check_combinations(arguments, mode)?;
    if arguments.mode == Some(Mode::Guest(Technology::Snp)) && description.svsm.image.is_some() {
        bail!("--svsm belongs to --mode snp:svsm");
    }
    let reading = Reading {
        keeps_image: arguments.trace == Some(Trace::Pages),
        absorbs_whole: arguments.format() == Some(Format::Json),
        ..Reading::default()
    };
    let inputs = arguments.guest.read(mode, description, reading)?;
    check_inputs(arguments, &inputs)?;
    let sweep = guest::inputs::sweep(&inputs)?;
    let mut outputs = Outputs::new();
    if arguments.dump_vmsa {
        dump_vmsas(&sweep, &mut outputs)?;
    }
    report::remarks(arguments, &inputs, sweep.warnings());
    report::print(arguments, &inputs, &sweep)?;
    outputs.settle()?;
    Ok(Answer::Yes)
}

/// Stages each vCPU's page as `vmsa<index>.bin` in the current folder, as sev-snp-measure does.
pub(crate) fn dump_vmsas(sweep: &Sweep<'_, Hashing>, outputs: &mut Outputs) -> anyhow::Result<()> {
    let Some((pages, vcpus)) = sweep.last_vmsas()? else {
        return Ok(());
    };
    for vcpu in 0..vcpus.number() {
        let path = format!("vmsa{vcpu}.bin");
        outputs.add(path.as_ref(), pages.of_vcpu(vcpu, vcpus).as_bytes())?;
    }
    Ok(())
}

/// Flags of the output that contradict the rest.
fn check_combinations(arguments: &Digest, mode: Mode) -> anyhow::Result<()> {
    if arguments.dump_vmsa && !mode.measures_vmsas() {
        bail!("--dump-vmsa: this mode measures no VMSA");
    }
    if arguments.trace.is_none() {
        return Ok(());
    }
    if let Some(Format::Csv | Format::Jsonl | Format::Table) = arguments.format() {
        bail!("--trace does not fit into CSV, JSON lines or a table: use hex, base64 or json");
    }
    if mode == Mode::SnpFirmware {
        bail!("--trace belongs to guests: use --mode snp --trace=pages");
    }
    Ok(())
}

/// What cannot be shown of these inputs.
fn check_inputs(arguments: &Digest, inputs: &Inputs) -> anyhow::Result<()> {
    let is_absorbed = inputs.firmwares.iter().any(|firmware| firmware.is_absorbed);
    if arguments.trace == Some(Trace::Pages) && is_absorbed {
        bail!(
            "--trace=pages needs the image itself: an absorbed firmware has no pages; give --firmware"
        );
    }
    if inputs.boot.krun.is_some() && (arguments.trace.is_some() || arguments.dump_vmsa) {
        bail!("--trace and --dump-vmsa are not there for libkrun's profiles");
    }
    Ok(())
}
