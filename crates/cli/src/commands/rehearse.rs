//! `sev-launch rehearse`: the VMM itself, started for real on an AMD-SP in software, and its launch held against the prediction.
//!
//! [`args`] is what was typed, [`background`] is for VMMs that go there, [`host`] the host that is pretended, [`prediction`] what the same command line is predicted to launch, [`owner`] plays the guest's owner through QEMU's monitor ([`qmp`]), [`secrets`] is what must have
//! arrived, [`signals`] passes on what is sent to this process in the VMM's place, and [`report`] prints. The rehearsal is `sev-launch-rehearse`'s, the comparison `sev-launch-sweep`'s.

pub(crate) mod args;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod background;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod host;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod owner;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod prediction;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod qmp;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod report;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod run;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod secrets;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod signals;

use args::Rehearse;

use crate::exit::Answer;

/// What the long help adds.
pub(crate) const LONG_HELP: &str = "\
Examples:
  sev-launch rehearse -- qemu-system-x86_64 -enable-kvm -cpu EPYC-Milan -smp 4 -display none \\
      -machine q35,confidential-guest-support=sev0 -bios OVMF.fd \\
      -object sev-guest,id=sev0,policy=0x5,cbitpos=51,reduced-phys-bits=1
  sev-launch rehearse --host-kernel 6.6.0 --trace -- qemu-system-x86_64 ...
  sev-launch rehearse --platform milan --stay -- qemu-system-x86_64 ... -qmp unix:qmp.sock,server

The VMM runs unmodified, with your rights; /dev/kvm and /dev/sev need not exist. What it hands
over is measured as it comes. The vCPUs do not run, so the guest waits at its first instruction.
It is ended once its guest is launched, or, with --stay, left to you: then this is its wrapper, as
libvirt's <emulator> for example, with its own exit code.

The same command line is read as `sev-launch import qemu` reads it, and the flags of digest replace
what it says. What differs is told update by update.

It needs Linux 5.19 or newer on x86-64, and no root. The platform is a simulation: what it signs
proves nothing about any machine, and only whoever names its root accepts it.

Exit codes:
  0  the VMM launched what is predicted
  1  it launched something else, or the secret was not given
  2  it launched nothing, or something is unknown: the VMM's own words stand on standard error
  3  --inject-secret: the policy allows debugging, and --allow-debug is not given
With --stay it is the VMM's own, or 1 where --expect-secret did not arrive.";

impl Rehearse {
    /// Runs it.
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    pub(crate) fn run(&self) -> anyhow::Result<Answer> {
        run::run(self)
    }

    /// Says why it cannot run.
    #[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
    pub(crate) fn run(&self) -> anyhow::Result<Answer> {
        anyhow::bail!(
            "rehearsals need Linux on x86-64: `sev-launch digest` predicts without starting anything"
        )
    }
}
