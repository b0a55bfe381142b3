//! How many vCPUs a guest starts with.

use crate::error::Error;

/// The largest number of vCPUs of any KVM build. [Linux, CONFIG_KVM_MAX_NR_VCPUS]
pub const MAX_VCPUS: u32 = 4096;

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
        if count == 0 || count > MAX_VCPUS {
            // Lossless; From is not const.
            #[expect(clippy::as_conversions, reason = "u32 to u64 in a const fn")]
            return Err(Error::VcpuCount { found: count as u64 });
        }
        Ok(Self(count))
    }

    /// The number.
    pub const fn number(self) -> u32 {
        self.0
    }
}
