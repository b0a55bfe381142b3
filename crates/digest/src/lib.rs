//! Exact launch digests of AMD SEV, SEV-ES and SEV-SNP guests.
//!
//! Bytes in, digest out: nothing here opens a file, a socket or a device, reads a clock or the environment, or starts a
//! thread. Given what a guest is started from, this crate says exactly what an AMD secure processor will measure.
//!
//! # The way through
//!
//! 1. [`Firmware::parse`] looks at an image; [`absorb`](Firmware::absorb) makes an owned [`AbsorbedFirmware`] of under
//!    1 KiB, from which every digest can be had without the image. [`firmware::Absorber`] makes the same of an image that is
//!    read in pieces, and keeps nothing of it but its ends.
//! 2. [`KernelHashes`] are the hashes of a measured kernel, initrd and command line.
//! 3. A [`LaunchProfile`] says what the host does: the initial VMSA differs by VMM, by host kernel and by the way the VM was
//!    made, and nothing in the guest's own files tells which.
//! 4. [`sev::Guest`], [`sev_es::Guest`], [`snp::Guest`], [`libkrun::Guest`] and [`igvm::Guest`] put these together, and
//!    [`Guest`] is any of them. `launch` checks everything that the VMM checks; the launch lists its updates in order, and its digest is a fold
//!    over that list.
//!
//! ```
#![doc = include_str!("../examples/digest.rs")]
//! ```
//!
//! # What a digest does not say
//!
//! It covers what was loaded before the first instruction: firmware, kernel hashes, initial registers. It does not cover
//! the root file system, variables in NVRAM, a vTPM, ACPI tables, devices, vCPUs plugged in later, or, without kernel
//! hashes, the kernel. The policy is no part of it either.

#![no_std]
#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(test, allow(clippy::indexing_slicing, reason = "a test may panic"))]

extern crate alloc;

pub mod cpu;
pub mod error;
pub mod firmware;
pub mod guest;
pub mod hash;
pub mod igvm;
pub mod kernel_hashes;
pub mod launch;
pub mod libkrun;
pub mod profile;
pub mod refused;
pub mod sev;
pub mod sev_es;
pub mod snp;
pub mod vcpus;
pub mod vmsa;
pub mod warning;

pub use cpu::CpuModel;
pub use error::Error;
pub use firmware::{AbsorbedFirmware, Firmware};
pub use guest::Guest;
pub use kernel_hashes::KernelHashes;
pub use launch::Launch;
pub use profile::LaunchProfile;
/// The crate whose words this one takes and gives.
pub use sev_launch_abi as abi;
pub use vcpus::VcpuCount;
pub use vmsa::Vmsas;
pub use warning::Warning;
