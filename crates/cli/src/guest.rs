//! A guest: what it is started from, on what host, and the digests that follow.
//!
//! [`args`] is what was typed, [`plan`] reads the inputs and settles what is asked ([`boot`] the kernel, [`profiles`] the
//! host), [`rows`] computes. Every command that needs a digest goes this way.

pub(crate) mod args;
pub(crate) mod boot;
pub(crate) mod plan;
mod profiles;
pub(crate) mod report;
pub(crate) mod rows;
