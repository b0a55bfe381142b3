//! SEV and SEV-ES: certificates of the platform, launch sessions, launch measurements, secrets.

pub mod attestation_report;
pub mod ca_certificate;
pub mod certificate;
pub mod chain;
pub mod error;
pub mod godh;
pub mod keys;
mod measure_key;
pub mod measurement;
pub mod policy_requirements;
pub mod secret;
pub mod session;
