//! SHA-2 in lanes: many independent streams at once, and one stream on processors without SHA instructions.
#![deny(clippy::indexing_slicing)]

pub use backend::{Backend, Stream256, Stream512};

mod backend;
mod constants;
#[cfg(target_arch = "x86_64")]
mod sha256_lanes;
#[cfg(target_arch = "x86_64")]
mod sha256_pair;
#[cfg(target_arch = "x86_64")]
mod sha256_stream;
#[cfg(target_arch = "x86_64")]
mod sha512_lanes;
#[cfg(target_arch = "x86_64")]
mod vector;

/// Bytes in a guest page.
pub const PAGE_SIZE: usize = 4096;
