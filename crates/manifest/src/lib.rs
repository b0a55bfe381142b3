//! Manifests of launch digests: what CI keeps, compares, and publishes to verifiers.
//!
//! A [`Manifest`] names the inputs of a guest by their hashes and has a row per launch digest, with the launch facts that it
//! stands for and how it was obtained: computed, endorsed or observed. Nothing here opens a file or reads a clock, and digests
//! are the sweep's: bytes and values go in, bytes and values come out.
//!
//! # The way through
//!
//! 1. [`Manifest::new`] or [`Manifest::from_json`] proves what a manifest promises: rows of its technology, inputs that are
//!    there, at least one row. Nothing that JSON readers could take differently is read.
//! 2. [`Manifest::find`] says which rows a digest is; [`Manifest::add`] adds what was observed, and says whether that
//!    confirms or contradicts what was computed.
//! 3. [`diff`] says what differs between two manifests, down to the part of a firmware, and which changed input explains
//!    which changed digest. [`check`](check()) is the same question for CI: only computed rows count. Its answer is text,
//!    JSON, [JUnit](check::junit), [annotations](check::annotations) or [Markdown](check::markdown).
//! 4. [`publish`] writes what verifiers of others read: Trustee, CoRIM, in-toto, simple-kbs, Rego, Kubernetes.
//!
//! ```
//! use sev_launch_digest::hash::Sha256Digest;
//! use sev_launch_abi::{LaunchDigest, Technology};
//! use sev_launch_digest::sev;
//! use sev_launch_manifest::publish::simple_kbs::{self, Builds, Platform};
//! use sev_launch_manifest::{Acceptance, Facts, Head, Input, InputRefs, Manifest, Obtained, Published, Role, Row, check};
//!
//! let image = b"an image of a firmware";
//! let sha256 = Sha256Digest::of(image);
//! let head = Head {
//!     name: "my guest".into(),
//!     tool: "sev-launch 0.1.0".into(),
//!     technology: Technology::Sev,
//!     policy: Some(0x1),
//!     host_data: None,
//!     description: serde_json::json!({"technology": "sev"}),
//! };
//! // Without a measured kernel, the digest of a SEV guest is its firmware's SHA-256.
//! let row = Row {
//!     digest: LaunchDigest::from(sev::LaunchDigest::from_bytes(*sha256.as_bytes())),
//!     facts: Facts {
//!         kernel_hashes: Some(false),
//!         inputs: InputRefs { firmware: Some(0), ..InputRefs::default() },
//!         ..Facts::default()
//!     },
//!     obtained: Obtained::Computed,
//! };
//! let inputs = vec![Input::file(Role::Firmware, "OVMF.fd", 22, sha256)];
//! let manifest = Manifest::new(head, inputs, vec![row])?;
//!
//! let json = manifest.to_json()?;
//! assert_eq!(Manifest::from_json(&json)?, manifest);
//! assert!(check(&manifest, &manifest)?.is_same());
//!
//! let published = Published::of(&manifest, &Acceptance::COMPUTED)?;
//! let platform = Platform { min_fw_api_major: 0, min_fw_api_minor: 24, builds: Builds::Any };
//! assert!(simple_kbs::sql(&published, &platform)?.starts_with("INSERT INTO policy"));
//! # Ok::<(), sev_launch_manifest::Error>(())
//! ```
//!
//! # What a manifest does not say
//!
//! It is as trustworthy as the way it came: it carries no signature of its own. [`signed`] puts it into an envelope that does, and takes it
//! out of one. An observed row says what ran on some host, not that it should have; a verified report says it of that host only.

#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing)]
#![cfg_attr(test, allow(clippy::indexing_slicing, reason = "a test may panic"))]

mod accepted;
pub mod check;
mod computed;
mod described;
pub mod differences;
pub mod endorsement;
pub mod error;
pub mod finding;
pub mod firmware_facts;
mod hexadecimal;
pub mod igvm_facts;
pub mod input;
pub mod manifest;
mod module;
pub mod publish;
pub mod row;
#[cfg(test)]
mod sample;
pub mod signed;
mod stored;
mod strict;
mod text;

pub use accepted::LeftOut;
pub use check::{Check, check};
pub use computed::Others;
pub use differences::{Differences, diff};
pub use endorsement::{KeptEndorsement, Proof, ProofError, RowProof};
pub use error::Error;
pub use finding::Finding;
pub use firmware_facts::FirmwareFacts;
pub use igvm_facts::IgvmFacts;
pub use input::{Input, Role};
pub use manifest::{Head, Manifest};
pub use publish::Published;
pub use row::{Facts, InputRefs, Obtained, Root, Row};
pub use serde_json;
pub use sev_launch_verify::reference_values::Acceptance;
pub use signed::{SignedManifest, VerifiedManifest};
