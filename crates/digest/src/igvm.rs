//! IGVM files: a guest's memory, registers and policy in one file, as QEMU since 10.1, Coconut's SVSM and Azure have them.
//!
//! Defined by the `igvm_defs` crate [IGVM, IGVM_FIXED_HEADER]. The format says what is loaded; in which order and from which registers a digest comes is
//! the loader's doing, and tools differ from hosts: [`LoaderRules`] has each as data, and launch profiles name them. [`File::parse`]
//! reads a file once; [`File::load`] gives what a loader measures of it before the vCPUs; [`Guest`] puts a number of vCPUs
//! and a launch profile to it.
//!
//! QEMU on KVM measures a VMSA for every vCPU, at the end, and not as it stands in the file: KVM makes it of the registers. So a
//! digest that counts the VMSAs of the file is that of no such host, unless the guest has one vCPU and its VMSA stands last and as
//! KVM keeps it.
//!
//! ```
//! use sev_launch_digest::abi::Technology;
//! use sev_launch_digest::{VcpuCount, Vmsas, igvm, profile};
//!
//! # let bytes = sev_launch_testkit::igvm::snp();
//! let file = igvm::File::parse(bytes)?;
//! let profile = profile::by_name("snp-igvm")?;
//! let loaded = file.load(Technology::Snp, profile.igvm_rules()?)?;
//! let vmsas = Vmsas::Profile { signature: None, sev_features: None };
//! let guest = igvm::Guest { loaded: &loaded, vcpus: VcpuCount::ONE, profile: Some(profile), vmsas };
//! println!("{}", guest.launch()?.digest());
//! # Ok::<(), sev_launch_digest::Error>(())
//! ```

mod context;
pub(crate) mod error;
mod file;
mod guest;
mod header;
mod id_block;
mod load;
mod registers;
mod rules;
mod steps;

pub use error::{Error, HeaderProblem};
pub use file::{File, MAX_SIZE, MOST_HEADERS};
pub use guest::Guest;
pub use header::{
    ContextForm, Directive, GuestPolicy, PageData, PageKind, Platform, PlatformKind, VpContext,
    What,
};
pub use id_block::{ID_BLOCK_SIZE, IdBlock};
pub use load::Loaded;
pub use rules::{InsertRule, LargePageRule, LoaderRules, VmsaRule};
pub use steps::MOST_PAGES;

/// Do bytes start as an IGVM file does?
#[must_use]
pub fn is_igvm(start: &[u8]) -> bool {
    start.starts_with(&igvm_defs::IGVM_MAGIC_VALUE.to_le_bytes())
}
