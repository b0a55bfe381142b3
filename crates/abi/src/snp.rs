//! Words of SEV-SNP.
//!
//! ```
//! use sev_launch_abi::snp::Policy;
//! use sev_launch_abi::snp::policy::Flag;
//!
//! assert!(Policy::from_bits(0x3_0000).has(Flag::Smt));
//! ```

pub mod policy;
pub mod tcb;

pub use policy::Policy;
pub use tcb::{TcbLayout, TcbParts, TcbVersion};

crate::digest_bytes!(
    /// The launch digest of an SNP guest: SHA-384; in a report it is the MEASUREMENT field. [SNP-ABI, GCTX.LD]
    LaunchDigest, 48
);

crate::digest_bytes!(
    /// HOST_DATA: 32 bytes that the host gives the AMD-SP at launch, and that every report repeats. [SNP-ABI, SNP_LAUNCH_FINISH]
    HostData, 32
);

impl LaunchDigest {
    /// Before any page. [SNP-ABI, SNP_LAUNCH_START]
    pub const START: Self = Self::from_bytes([0; 48]);
}
