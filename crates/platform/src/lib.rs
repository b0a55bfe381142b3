//! An AMD secure processor (AMD-SP) in software: for tests of what launches guests and of what judges launches, and never for production.
//!
//! A [`Platform`] does what the firmware does at a launch of a SEV, SEV-ES or SNP guest. It has the firmware's states and status codes, certificates
//! in the real formats under a root of its own, and it measures the bytes that it is handed. It knows nothing of firmware images, VMMs or profiles:
//! what a launch should have measured is the business of others, so that agreement with them means something.
//!
//! Nothing here opens a file, reads a clock or draws a random number: all keys and nonces follow from a seed. Whoever has the seed has every key.
//!
//! ```
//! use sev_launch_abi::Generation;
//! use sev_launch_platform::{Model, Platform, Status};
//!
//! let mut platform = Platform::new(Model::of(Generation::Milan), &[7; 32]);
//! let guest = platform.launch_start(0x1, None)?;
//! platform.launch_update_data(guest, &[0; 4096])?;
//! assert_eq!(platform.launch_update_data(guest, &[0; 15]), Err(Status::InvalidLength));
//!
//! let digest = platform.digest(guest)?; // SHA-256 of 4096 zeros
//! assert!(digest.to_string().starts_with("ad7facb2586fc6e966c004d7d1d16b02"));
//! let measurement = platform.launch_measure(guest)?;
//! assert_eq!(measurement.len(), 48);
//! platform.launch_finish(guest)?;
//! # Ok::<(), Status>(())
//! ```

#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(test, allow(clippy::indexing_slicing, reason = "a test may panic"))]

mod attestation;
mod authority;
mod certificate;
mod crypto;
mod der;
mod endorsement;
mod guest;
mod id_block;
mod identity;
mod keys;
mod layout;
mod model;
mod platform;
mod random;
mod report;
mod rsa_key;
mod session;
mod sev_guest;
mod snp_guest;
mod snp_settings;
mod status;
mod stored;
mod summary;
mod x509;

pub use attestation::REPORT_SIZE;
pub use authority::{Authority, AuthorityError, AuthorityKeys};
pub use certificate::CERTIFICATE_SIZE;
pub use guest::{GuestState, GuestStatus, Handle, SnpGuestState, SnpGuestStatus};
pub use model::Model;
pub use platform::{
    CERT_CHAIN_SIZE, PdhExport, Platform, PlatformState, PlatformStatus, SEED_SIZE,
};
pub use rand_core;
pub use report::{SNP_REPORT_SIZE, SigningKey};
pub use rsa_key::Primes;
pub use session::{MAX_SECRET_SIZE, PACKET_HEADER_SIZE, SESSION_SIZE, Session};
pub use sev_guest::MEASUREMENT_SIZE;
pub use sev_launch_abi as abi;
pub use snp_guest::{PageType, SnpFinish};
pub use snp_settings::{SnpConfig, SnpPlatformStatus};
pub use status::Status;
pub use stored::StoredError;
pub use summary::Summary;
pub use zeroize;
