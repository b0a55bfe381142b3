//! What a guest's owner asks of an attestation service, over the typed client: the command `sev-launch-remote`, which `sev-launch remote`
//! starts.
//!
//! | module | what it answers |
//! |---|---|
//! | [`registration`] | a launch description and what its owner adds, as the body of a registration |
//! | [`secrets`] | secrets in files, as the guest receives them |
//! | [`files`] | files that are read, and new ones that their owner alone may read |
//! | [`exit`] | which exit code an error has |
//! | [`command`] | the command itself |
//!
//! [`registration::of`] is a function of values: what a service is asked for is decided before anything is sent.

#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing)]
#![cfg_attr(test, allow(clippy::indexing_slicing, reason = "a test may panic"))]

pub mod command;
pub mod exit;
pub mod files;
mod output;
pub mod registration;
pub mod secrets;
mod waiting;
