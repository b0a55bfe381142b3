//! Why an SVSM cannot be placed.

/// Why an SVSM cannot be placed.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The entry point is not in the image.
    #[error(
        "the SVSM's entry point is {found:#x} bytes from the start of an image of {size} bytes"
    )]
    Entry {
        /// The offset found, in bytes.
        found: u32,
        /// Bytes of the SVSM image.
        size: u64,
    },
    /// The SVSM would lie below address 0.
    #[error(
        "an SVSM of {svsm} bytes, {vars} bytes of variable store and {firmware} bytes of firmware do not fit below 4 GiB"
    )]
    DoesNotFit {
        /// Bytes of the SVSM image.
        svsm: u64,
        /// Bytes of the variable store.
        vars: u64,
        /// Bytes of the firmware image.
        firmware: u64,
    },
    /// The SVSM must start at a page.
    #[error(
        "a variable store of {vars} bytes does not put the SVSM at a page: wanted a multiple of 4096"
    )]
    VarsNotPages {
        /// Bytes of the variable store.
        vars: u64,
    },
}
