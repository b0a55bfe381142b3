//! The most that is accepted of an image.

/// The largest image in bytes: it ends at 4 GiB, so it has fewer bytes than that and one page.
pub const MAX_SIZE: u64 = (1 << 32) - 4096;

/// The most sections that are accepted: edk2 has 7.
pub const MAX_SECTIONS: u32 = 32;
