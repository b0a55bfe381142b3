//! Decides whether evidence of a SEV, SEV-ES or SEV-SNP launch is authentic and acceptable.
//!
//! Nothing here opens a file, a socket or a device, reads a clock or draws a random number: time, randomness, trust anchors
//! and revocation lists are arguments. Parsed is not trusted: only verification makes the types whose names begin with
//! `Verified`, and only those can be appraised or given a secret.
//!
//! [`sev`] and [`snp`] have the same words for the same things, and nothing of each other: `Roots`, `Chain`, `Requirements`.
//! What both need stands beside them. A verdict carries every [`demand`], met or not.
//!
//! # A SEV launch
//!
//! ```
//! use sev_launch_verify::abi::PlatformVersion;
//! use sev_launch_verify::sev::measurement::{LaunchMeasurement, MeasurementError, VerifiedLaunch};
//! use sev_launch_verify::sev::requirements::Requirements;
//! use sev_launch_verify::sev::session::LaunchSession;
//!
//! /// `session` was kept when it was made; the blob and the version are what the host says.
//! fn decide(
//!     session: LaunchSession,
//!     blob: &[u8],
//!     version: PlatformVersion,
//!     requirements: &Requirements,
//! ) -> Result<VerifiedLaunch, MeasurementError> {
//!     session.verify(&LaunchMeasurement::parse(blob)?, version, requirements)
//! }
//! ```
//!
//! # An SNP report
//!
//! ```
//! use sev_launch_verify::abi::Generation;
//! use sev_launch_verify::snp::certificate::Vek;
//! use sev_launch_verify::snp::chain::{Chain, ChainOptions, Revocation, Roots};
//! use sev_launch_verify::snp::report::{ReportOptions, UnverifiedReport};
//! use sev_launch_verify::snp::requirements::{AcceptedReport, Requirements};
//!
//! /// `time` is the present in unix seconds; the report and the certificate are from anybody.
//! fn decide(
//!     report: &[u8],
//!     vek: &[u8],
//!     time: u64,
//!     requirements: &Requirements,
//! ) -> Result<AcceptedReport, Box<dyn std::error::Error>> {
//!     let vek = Vek::parse(vek)?;
//!     let roots = Roots::Pinned { generations: &Generation::SNP };
//!     let options = ChainOptions { roots, revocation: Revocation::NotChecked, time };
//!     let vek = Chain { vek: &vek, intermediate: None, root: None }.verify(&options)?;
//!     let report = UnverifiedReport::parse(report)?.verify(&vek, ReportOptions::STRICT)?;
//!     Ok(requirements.appraise(&report)?)
//! }
//! ```

#![no_std]
#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(test, allow(clippy::indexing_slicing, reason = "a test may panic"))]

extern crate alloc;

pub mod amd_keys;
pub mod demand;
pub mod dsse;
mod ec_key_file;
pub mod endorsement;
pub mod outcome;
mod pem;
pub mod point;
pub mod policy_requirements;
pub mod reference_values;
pub mod requirement;
pub mod roots;
mod rsa_pkcs1;
pub mod rsa_pss;
pub mod sev;
pub mod snp;

pub use rand_core;
pub use sev_launch_abi as abi;
pub use zeroize;
