//! The forms in which people have reports, certificates and measurements, read into the types of `sev-launch-verify`.
//!
//! Tools write the same structure in many ways: raw, in hex or in base64; certificates each in a file of its own or one after
//! the other; a measurement as QMP's JSON or virsh's lines. Bytes and text go in, typed values come out. Nothing is verified
//! here: what was read is a claim until `sev-launch-verify` has judged it. Errors say what was found, what was wanted and where;
//! what to do about it is the caller's to say.
//!
//! ```
//! use sev_launch_abi::Technology;
//! use sev_launch_evidence::{HostClaims, blob};
//!
//! // What virsh domlaunchsecinfo prints of a guest that waits for its secret.
//! let measurement = "A".repeat(64);
//! let claims = HostClaims::parse(format!("sev-measurement: {measurement}\nsev-policy: 3\n").as_bytes())?;
//! assert_eq!(claims.measurement.map(|measurement| measurement.to_bytes()), Some([0; 48]));
//!
//! // A launch digest that somebody typed.
//! let digest = blob::launch_digest(Technology::Snp, &"5a".repeat(48))?;
//! assert_eq!(digest.as_bytes(), [0x5a; 48]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing)]
#![cfg_attr(test, allow(clippy::indexing_slicing, reason = "a test may panic"))]

pub mod blob;
pub mod demands;
pub mod endorsement;
pub mod host_claims;
pub mod layer;
pub mod report;
pub mod reported;
pub mod sev_certificates;
pub mod snp;
mod text;
pub mod textproto;
mod tree;

pub use host_claims::HostClaims;
pub use layer::Layer;
pub use zeroize;
