//! AMD's own words for SEV, SEV-ES and SEV-SNP, each in one place, and nothing else.
//!
//! A type here is a structure, a field or a number that AMD's documents define, with the document's names. Nothing is computed
//! or judged: the digest crate says what a launch measures, the verify crate what is acceptable. The same kind of thing has the
//! same name and the same methods in [`sev`] and in [`snp`]: a `Policy` with its `Flag`s and `Finding`s, a `LaunchDigest`.
//!
//! ```
//! use sev_launch_abi::{CpuSignature, Generation, Guid, Technology, sev, snp};
//!
//! let milan = CpuSignature::from_parts(25, 1, 1)?;
//! assert_eq!(milan.generation(), Some(Generation::Milan));
//! assert!(Generation::Milan.runs(Technology::Snp));
//!
//! // The two policies are other words: a one forbids debugging in SEV, and allows it in SNP.
//! assert!(sev::Policy::from_bits(0x5).has(sev::policy::Flag::Nodbg));
//! assert!(!snp::Policy::from_bits(0x3_0000).has(snp::policy::Flag::Debug));
//!
//! let secret_area: Guid = "4c2eb361-7d9b-4cc3-8081-127c90d3d294".parse()?;
//! assert_eq!(secret_area, Guid::SEV_SECRET_AREA);
//! # Ok::<(), sev_launch_abi::Error>(())
//! ```

#![no_std]
#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(test, allow(clippy::indexing_slicing, reason = "a test may panic"))]

extern crate alloc;

pub mod cpu;
pub mod digest_bytes;
pub mod error;
pub mod generation;
pub mod gpa;
pub mod guid;
pub mod launch_digest;
pub mod named;
pub mod names;
pub mod reader;
pub mod sev;
pub mod sev_features;
pub mod snp;
pub mod technology;
pub mod text;
pub mod unix_time;
pub mod version;

pub use cpu::CpuSignature;
pub use error::Error;
pub use generation::Generation;
pub use gpa::{Gpa, PAGE_SIZE};
pub use guid::Guid;
pub use launch_digest::LaunchDigest;
pub use sev_features::SevFeatures;
pub use technology::Technology;
pub use unix_time::UnixTime;
pub use version::{ApiVersion, PlatformVersion};
