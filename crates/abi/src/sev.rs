//! Words of SEV and SEV-ES, which share them.
//!
//! ```
//! use sev_launch_abi::sev::Policy;
//! use sev_launch_abi::sev::policy::Flag;
//!
//! assert!(Policy::from_bits(0x4).has(Flag::Es));
//! ```

pub mod policy;

pub use policy::Policy;

crate::digest_bytes!(
    /// The launch digest of a SEV or SEV-ES guest: SHA-256. [SEV-API, GCTX.LD]
    LaunchDigest, 32
);
