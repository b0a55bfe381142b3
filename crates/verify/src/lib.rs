//! Decides whether evidence of a SEV, SEV-ES or SEV-SNP launch is authentic and acceptable.
//!
//! Nothing here opens a file, a socket or a device, reads a clock or draws a random number: time, randomness, trust anchors
//! and revocation lists are arguments. Parsed is not trusted: only verification makes the types whose names begin with
//! `Verified`, and only those can be appraised or given a secret.
//!
//! # A SEV launch
//!
//! ```
//! use sev_launch_abi::{PlatformVersion, Technology};
//! use sev_launch_digest::sev;
//! use sev_launch_verify::reference_values::{Description, ReferenceValues};
//! use sev_launch_verify::requirement::Requirement;
//! use sev_launch_verify::sev::error::MeasurementError;
//! use sev_launch_verify::sev::measurement::{LaunchMeasurement, PlatformRequirements, VerifiedLaunch};
//! use sev_launch_verify::sev::session::LaunchSession;
//!
//! /// `session` was kept when it was made; the blob and the version are what the host says.
//! fn decide(
//!     session: LaunchSession,
//!     blob: &[u8],
//!     version: PlatformVersion,
//!     expected: sev::LaunchDigest,
//! ) -> Result<VerifiedLaunch, MeasurementError> {
//!     let mut accepted = ReferenceValues::new();
//!     accepted.add(expected, Description {
//!         technology: Technology::Sev,
//!         vcpus: None,
//!         signature: None,
//!         profile: None,
//!         image: "OVMF.fd".into(),
//!     });
//!     let platform = PlatformRequirements { api: Requirement::Any, build: Requirement::Any };
//!     session.verify(&LaunchMeasurement::parse(blob)?, version, &accepted, &platform)
//! }
//! ```

#![no_std]
#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(test, allow(clippy::indexing_slicing, reason = "a test may panic"))]

extern crate alloc;

pub mod amd_keys;
pub mod outcome;
pub mod point;
pub mod reference_values;
pub mod requirement;
pub mod rsa_pss;
pub mod sev;
pub mod snp;

pub use rand_core;
pub use sev_launch_abi as abi;
