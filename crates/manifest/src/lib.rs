//! Manifests.

#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing)]
#![cfg_attr(test, allow(clippy::indexing_slicing, reason = "a test may panic"))]

pub mod check;
pub mod differences;
pub mod error;
pub mod finding;
pub mod firmware_facts;
mod hexadecimal;
pub mod input;
pub mod launch_digest;
pub mod manifest;
pub mod publish;
pub mod row;
#[cfg(test)]
mod sample;
mod stored;
mod strict;
mod text;

pub use check::{Check, check};
pub use differences::{Differences, diff};
pub use error::Error;
pub use finding::Finding;
pub use firmware_facts::FirmwareFacts;
pub use input::{Input, Role};
pub use launch_digest::LaunchDigest;
pub use manifest::{Head, Manifest};
pub use publish::{Accept, Published};
pub use row::{Facts, InputRefs, Obtained, Row};
