//! Words of SEV and SEV-ES, which share them.

pub mod policy;

pub use policy::Policy;

crate::digest_bytes!(
    /// The launch digest of a SEV or SEV-ES guest: SHA-256. [SEV-API, GCTX.LD]
    LaunchDigest, 32
);
