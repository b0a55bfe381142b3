//! `sev-launch digest`: the digest that an honest host must report.
//!
//! Three steps: [`args`] is what was typed, [`plan`] reads the inputs and settles what is asked, [`rows`] computes, and
//! [`report`] prints. The first touches nothing outside the arguments.

pub(crate) mod args;
mod plan;
mod report;
mod rows;

use crate::exit::Answer;
use crate::inputs;
use args::Digest;

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
    let plan = plan::Plan::new(arguments)?;
    let computed = rows::compute(&plan, arguments.trace.is_some()).map_err(|error| {
        let file = error.concerns_firmware().then(|| inputs::name(&plan.firmware.path));
        let error = anyhow::Error::from(error);
        match file {
            Some(file) => error.context(file),
            None => error,
        }
    })?;
    // Before the answer: where a page cannot be written, there is none.
    if arguments.dump_vmsa {
        rows::dump_vmsas(&computed)?;
    }
    report::remarks(arguments, &plan, &computed);
    report::print(arguments, &plan, &computed)?;
    Ok(Answer::Yes)
}
