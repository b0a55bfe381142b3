//! A VMM, started for real on a processor of ours.
//!
//! The user's own, unmodified VMM runs as a child on a machine that needs neither SEV nor `/dev/kvm`. What it asks of `/dev/kvm` and `/dev/sev` is
//! answered here, by a model of KVM (`kvm`, `sev`, `host`) and an AMD-SP in software ([`sev_launch_platform`]), which measures the memory that the
//! VMM really hands over; all else goes to the real kernel. Calls are told by seccomp's user notification (`filter`, `supervisor`): no
//! library is loaded into the VMM, no rights are needed, and nothing is left behind.
//!
//! The vCPUs do not run: a guest that was launched waits at its first instruction.
//!
//! The VMM is no prisoner: it runs with the user's rights and can do whatever they allow.
//!
//! Linux on x86-64 alone; on other systems the crate is empty.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod answer;
mod bytes;
mod command_line;
mod family;
mod fault;
mod filter;
mod host;
mod kvm;
mod memory;
mod record;
mod rehearsal;
mod sev;
mod sev_device;
mod sp;
mod supervisor;
mod sys;
mod vmm;
mod watchdog;
mod world;

pub use command_line::{CommandLineError, c_bit, with_host_cpu, with_session};
pub use fault::Fault;
pub use host::{Host, Kernel, KernelError};
pub use record::{Record, Refusal, Secret, Update, UpdateKind};
pub use rehearsal::{Ended, Error, Outcome, Rehearsal, Stay, Watcher};
