//! What hosts accept of a launch, before anything boots, and what a host can launch.
//!
//! - [`policy`], [`features`]: which words a guest can ask for, who refuses the others, on which hosts, and with which error. They need no host:
//!   each [`Refusal`] says by itself on which [`Hosts`] it holds.
//! - [`Facts`]: what is known of one host. They come from [`Collected`], a document that is made on the host ([`gather`]) and can be carried away.
//! - [`Support`]: whether that host launches SEV, SEV-ES and SEV-SNP guests, with which launch profile, what is missing and what to change.
//!
//! What is not known of a host is unknown, and never taken for a yes. Nothing is opened here: [`gather`] reads through the trait [`Source`].
//!
//! ```
//! use sev_launch_host::{Facts, Hosts, Refuser, policy};
//! use sev_launch_abi::snp;
//!
//! // A guest that may not run where SMT is on.
//! let refusals = policy::of_snp(snp::Policy::from_names("none")?);
//! let firmware = refusals.iter().find(|refusal| refusal.by == Refuser::Firmware).expect("it refuses");
//! assert_eq!(firmware.hosts, Hosts::SmtOn);
//! let host = Facts { smt: Some(false), ..Facts::default() };
//! assert_eq!(firmware.hosts.has(&host), Some(false));
//! # Ok::<(), sev_launch_abi::Error>(())
//! ```
//!
//! [`gather`]: collected::gather
//! [`Source`]: collected::Source

#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing)]
#![cfg_attr(test, allow(clippy::indexing_slicing, reason = "a test may panic"))]

pub mod bounded_xml;
pub mod collected;
pub mod domain_capabilities;
pub mod facts;
pub mod features;
pub mod kernel_log;
pub mod policy;
pub mod refusal;
pub mod support;

pub use collected::Collected;
pub use facts::Facts;
pub use refusal::{Answer, Hosts, Problem, Refusal, Refuser};
pub use support::Support;
