//! How many vCPUs a guest starts with.
//!
//! ```
//! use sev_launch_digest::VcpuCount;
//!
//! assert_eq!(VcpuCount::new(4)?.number(), 4);
//! assert!(VcpuCount::new(0).is_err());
//! # Ok::<(), sev_launch_digest::Error>(())
//! ```

/// The largest number of vCPUs of any KVM build. [Linux, CONFIG_KVM_MAX_NR_VCPUS]
pub const MAX_VCPUS: u32 = 4096;

/// Not a number of vCPUs that a guest can have.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{found} vCPUs: wanted 1 to {MAX_VCPUS} (KVM's largest build)")]
pub struct Error {
    /// The number found.
    pub found: u32,
}

/// A number of vCPUs: those that exist at launch (QEMU's `-smp cpus=`), not those that may be plugged in later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VcpuCount(u32);

impl VcpuCount {
    /// One vCPU.
    pub const ONE: Self = Self(1);
    /// The most.
    pub const MAX: Self = Self(MAX_VCPUS);

    /// From 1 to [`MAX_VCPUS`], or an error.
    pub const fn new(count: u32) -> Result<Self, Error> {
        if count == 0 || count > MAX_VCPUS { Err(Error { found: count }) } else { Ok(Self(count)) }
    }

    /// The number.
    pub const fn number(self) -> u32 {
        self.0
    }
}
