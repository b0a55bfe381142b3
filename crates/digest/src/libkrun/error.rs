//! Why libkrun cannot have measured some files.

use sev_launch_abi::Gpa;

/// Why libkrun cannot have measured these files.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The kernel must start at a page.
    #[error("libkrun's kernel address {found} is not that of a page: wanted a multiple of 4096")]
    KernelAddress {
        /// The address found.
        found: Gpa,
    },
    /// A file that libkrun cannot have measured so.
    #[error("libkrun's {what} has {found} bytes, wanted a multiple of {wanted}, more than 0")]
    Length {
        /// Which file.
        what: &'static str,
        /// Bytes found.
        found: u64,
        /// The unit.
        wanted: u64,
    },
}
