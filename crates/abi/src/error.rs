//! Why a text or a number is none of AMD's words.
//!
//! ```
//! use sev_launch_abi::Technology;
//!
//! let error = "sgx".parse::<Technology>().unwrap_err();
//! assert!(error.to_string().contains("sgx"));
//! ```

use alloc::string::String;
use thiserror::Error;

/// Why there is no such value. Every variant says what was found and what was wanted.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// Hex of the wrong length or with other characters.
    #[error("{what}: wanted {wanted} hex digits, found {found} characters that are not that")]
    HexDigest {
        /// The type that was wanted.
        what: &'static str,
        /// Characters found.
        found: u64,
        /// Hex digits wanted.
        wanted: usize,
    },
    /// A launch digest of neither size.
    #[error("wanted 64 or 96 lower-case hex digits, found {found} bytes of text")]
    LaunchDigest {
        /// Bytes of text found.
        found: u64,
    },
    /// Not a GUID.
    #[error("{found:?} is no GUID: wanted 8-4-4-4-12 hex digits")]
    Guid {
        /// The text found.
        found: String,
    },
    /// Not a technology.
    #[error("{found:?} is no technology: wanted sev, sev-es (seves) or snp")]
    UnknownTechnology {
        /// The text found.
        found: String,
    },
    /// Not a generation of AMD server processors.
    #[error("{found:?} is no generation: wanted Naples, Rome, Milan, Genoa or Turin")]
    UnknownGeneration {
        /// The text found.
        found: String,
    },
    /// Not a version of the API.
    #[error("{found:?}: wanted two numbers up to 255, as 1.55")]
    ApiVersion {
        /// The text found.
        found: String,
    },
    /// A family, model or stepping that no signature can hold.
    #[error("CPU {what} {found}: wanted at most {wanted}")]
    CpuNumber {
        /// Family, model or stepping.
        what: &'static str,
        /// The number found.
        found: u32,
        /// The largest one.
        wanted: u32,
    },
    /// Part of a version that its byte cannot hold.
    #[error("the platform's {what} is {found}, wanted at most 255")]
    VersionNumber {
        /// Which part.
        what: &'static str,
        /// The number found.
        found: u64,
    },
    /// A name that no bit of a word has.
    #[error("{found:?} is no name in {what}: wanted {wanted}")]
    UnknownName {
        /// The word.
        what: &'static str,
        /// The name found.
        found: String,
        /// The names there are, comma-separated.
        wanted: String,
    },
    /// No name where one was wanted.
    #[error("a name is missing in {what}: wanted names separated by +")]
    EmptyName {
        /// The word.
        what: &'static str,
    },
    /// A word of names that says its lowest version twice.
    #[error("{what} says its lowest version twice")]
    VersionTwice {
        /// The word.
        what: &'static str,
    },
}
