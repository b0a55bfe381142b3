//! The words of the attestation service of a guest owner, and the rules between them.

#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing)]
#![cfg_attr(test, allow(clippy::indexing_slicing, reason = "a test may panic"))]

pub mod audit;
pub mod body;
pub mod canonical;
pub mod launch;
pub mod openapi;
pub mod problem;
pub mod registration;
pub mod routes;
pub mod secret;
pub mod state;
pub mod text;
pub mod views;
