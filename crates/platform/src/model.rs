//! Which processor it is, and which firmware it runs.
//!
//! ```
//! use sev_launch_abi::Generation;
//! use sev_launch_platform::Model;
//!
//! let milan = Model::of(Generation::Milan);
//! assert_eq!((milan.api.to_string(), milan.build), ("1.55".into(), 29));
//! ```

use sev_launch_abi::{ApiVersion, Generation, PlatformVersion};

/// A processor and its firmware's version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model {
    /// The generation of the processor.
    pub generation: Generation,
    /// The version of the SEV API, which is that of the SNP ABI too.
    pub api: ApiVersion,
    /// BUILD.
    pub build: u8,
}

impl Model {
    /// A processor of a generation with firmware of a version that knows all that is simulated here. It is no claim about which is current.
    pub const fn of(generation: Generation) -> Self {
        let (major, minor, build) = match generation {
            Generation::Naples => (0, 17, 48),
            Generation::Rome => (0, 24, 20),
            Generation::Milan => (1, 55, 29),
            Generation::Genoa => (1, 57, 2),
            Generation::Turin => (1, 58, 1),
        };
        Self { generation, api: ApiVersion { major, minor }, build }
    }

    /// The firmware's version with its build.
    pub const fn version(self) -> PlatformVersion {
        PlatformVersion { major: self.api.major, minor: self.api.minor, build: self.build }
    }
}
