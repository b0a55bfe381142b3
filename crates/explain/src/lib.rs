//! Why a launch digest does not match: the smallest change of launch facts that gives the reported value.
//!
//! Given a launch as it is described and a value that a host reported, [`plan()`] lists every hypothesis around the description,
//! nearest first, and [`run()`] tries them on all cores. The answer is a class: the smallest change, and every other one that
//! gives the same bytes. When there is none, it says what was tried, what that rules out, and what to ask for next.
//!
//! Nothing here opens a file, a socket or a device, or reads a clock; the answer does not depend on the number of threads.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use sev_launch_abi::{CpuSignature, Technology};
//! use sev_launch_digest::cpu::CpuModel;
//! use sev_launch_digest::profile;
//! use sev_launch_digest::vcpus::VcpuCount;
//! use sev_launch_explain::{Cancel, Cmdline, File, Launch, Options, Outcome, Reported, plan, run};
//!
//! # use sev_launch_testkit::expected::{self, Layout};
//! # let image = sev_launch_testkit::firmware::FirmwareBuilder::amd_sev().build();
//! # let pages = expected::vmsa_pages(Layout::QemuFpu, 0x00a0_0f11, 0, 0x0080_b004, 8);
//! # let reported = expected::sev_es(&image, None, &pages);
//! let launch = Launch {
//!     technology: Technology::SevEs,
//!     files: vec![File::of_firmware("OVMF.fd", &image)?],
//!     firmware: 0,
//!     kernel: None,
//!     initrd: None,
//!     cmdline: Cmdline::Bytes(Vec::new()),
//!     kernel_hashes: false,
//!     profile: Some(profile::by_name("es-legacy")?),
//!     sev_features: None,
//!     signature: Some(CpuModel::by_name("EPYC-Milan")?.signature),
//!     vcpus: VcpuCount::new(4)?,
//!     captured: None,
//!     svsm: BTreeMap::new(),
//! };
//! let reported = Reported::Sev(sev_launch_abi::sev::LaunchDigest::from_bytes(reported));
//! let plan = plan(&launch, &reported, &Options::default())?;
//! let Outcome::Explained(explanation) = run(&plan, &mut |_| (), &Cancel::new()) else {
//!     panic!("not explained");
//! };
//! assert_eq!(
//!     explanation.first.to_string(),
//!     "vcpus = 8 (described: 4) and profile = es-init2 (described: es-legacy)"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What an answer is worth
//!
//! It is a launch that gives the reported value, not proof that this launch happened for a good reason: a kernel without
//! hashes is an explanation, and a finding. Facts that no digest covers are told as not measured.

#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing)]
#![cfg_attr(test, allow(clippy::indexing_slicing, reason = "a test may panic"))]

pub mod axes;
mod change;
mod class;
pub mod described;
pub mod error;
mod evaluate;
pub mod firmware;
mod layout;
pub mod outcome;
pub mod plan;
pub mod pool;
pub mod reported;
pub mod run;
mod vmsa;

pub use axes::{Axis, Content, Custom};
pub use change::Change;
pub use described::{CapturedVmsas, Cmdline, File, Launch};
pub use error::Error;
pub use layout::Layout;
pub use outcome::{Collect, Explanation, Outcome, RuledOut, StopReason, Tried};
pub use plan::{Counts, Hypothesis, Options, Plan, plan};
pub use pool::Pool;
pub use reported::Reported;
pub use run::{Cancel, Progress, run, run_with};
