//! The attestation service of a guest owner: registers guests, judges their launches, and releases their secrets.

#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing)]
#![cfg_attr(test, allow(clippy::indexing_slicing, reason = "a test may panic"))]

pub mod access;
pub mod candidates;
pub mod catalogue;
pub mod command;
pub mod config;
pub mod conformance;
pub mod differs;
pub mod http;
pub mod judge;
pub mod listener;
pub mod metrics;
pub mod platform;
pub mod rate;
pub mod running;
pub mod seal;
pub mod service;
pub mod store;
pub mod trust;
