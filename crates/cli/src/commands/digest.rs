//! `sev-launch digest`: the digest that an honest host must report.
//!
//! [`args`] is what was typed, [`guest`](crate::guest) reads and computes, and [`report`] prints.

pub(crate) mod args;
mod report;

use anyhow::bail;
use sev_launch_digest::Technology;

use crate::args::Format;
use crate::exit::Answer;
use crate::guest::args::Mode;
use crate::guest::plan::Plan;
use crate::guest::rows;
use args::{Digest, Trace};

/// What the long help adds.
pub(crate) const LONG_HELP: &str = "\
Examples:
  sev-launch digest --mode sev --firmware OVMF.fd
  sev-launch digest --mode seves --firmware OVMF.fd --vcpus 4 --vcpu-type EPYC-Milan
  sev-launch digest --mode snp --firmware OVMF.amdsev.fd --kernel vmlinuz --initrd initrd.img \\
      --cmdline 'console=ttyS0' --vcpus 1..=16 --vcpu-type EPYC-Rome,EPYC-Milan --format csv

Rows: command lines vary slowest, then profiles, then signatures, then vCPU counts.

Without --profile, --vmm-type or host flags the profile is what a default QEMU does: es-legacy
for SEV-ES, snp-qemu for SNP. For SEV-ES, sev-snp-measure 0.0.10 and newer print what is called
es-init2 here, which hosts do only with QEMU's legacy-vm-type=off.

A digest covers what is loaded before the guest's first instruction. It does not cover the root
file system, NVRAM variables, a vTPM, devices, the policy, or vCPUs plugged in later.

Exit codes:
  0  the digest is on standard output
  2  there is no digest: wrong usage, malformed input, a launch that no host would do, or more
     than one profile that fits the host";

/// Computes and prints.
pub(crate) fn run(arguments: &Digest) -> anyhow::Result<Answer> {
    check_combinations(arguments)?;
    let keep_image = arguments.trace == Some(Trace::Pages);
    let plan = Plan::new(arguments.mode, &arguments.guest, keep_image)?;
    check_krun(arguments, &plan)?;
    let computed = plan.compute(arguments.trace.is_some())?;
    // Before the answer: where a page cannot be written, there is none.
    if arguments.dump_vmsa {
        rows::dump_vmsas(&computed)?;
    }
    report::remarks(arguments, &plan, &computed);
    report::print(arguments, &plan, &computed)?;
    Ok(Answer::Yes)
}

/// Flags of the output that contradict the rest.
fn check_combinations(arguments: &Digest) -> anyhow::Result<()> {
    let mode = arguments.mode;
    let measures_vmsas = mode.technology() != Technology::Sev && mode != Mode::SnpFirmware;
    if arguments.dump_vmsa && !measures_vmsas {
        bail!("--dump-vmsa: this mode measures no VMSA");
    }
    let Some(trace) = arguments.trace else {
        return Ok(());
    };
    if arguments.format() == Format::Csv {
        bail!("--trace does not fit into CSV: use hex, base64 or json");
    }
    if mode == Mode::SnpFirmware {
        bail!("--trace belongs to guests: use --mode snp --trace=pages");
    }
    if trace == Trace::Pages && arguments.guest.firmware_absorbed.is_some() {
        bail!(
            "--trace=pages needs the image itself: an absorbed firmware has no pages; give --firmware"
        );
    }
    Ok(())
}

/// A libkrun guest has neither a trace nor pages to write.
fn check_krun(arguments: &Digest, plan: &Plan) -> anyhow::Result<()> {
    if plan.kernel.krun.is_some() && (arguments.trace.is_some() || arguments.dump_vmsa) {
        bail!("--trace and --dump-vmsa are not there for libkrun's profiles");
    }
    Ok(())
}
