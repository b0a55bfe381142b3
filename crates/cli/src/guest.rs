//! A guest: what it is started from, on what host, and the digests that follow.
//!
//! [`args`] is what was typed, [`flags`] makes a description of it, [`inputs`] reads its files for the library that computes.
//! Every command that needs a digest goes this way.

pub(crate) mod args;
pub(crate) mod flags;
pub(crate) mod inputs;
pub(crate) mod known;
