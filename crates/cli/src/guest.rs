//! A guest: what it is started from, on what host, and the digests that follow.
//!
//! [`args`] is what was typed, [`flags`] makes a description of it, [`plan`] reads the inputs ([`boot`] the kernel's),
//! [`rows`] computes. Every command that needs a digest goes this way.

pub(crate) mod advice;
pub(crate) mod args;
pub(crate) mod boot;
pub(crate) mod flags;
pub(crate) mod plan;
pub(crate) mod report;
pub(crate) mod rows;
