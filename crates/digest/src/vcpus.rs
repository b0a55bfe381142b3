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
#[non_exhaustive]
pub enum Error {
    /// None, or more than any KVM runs.
    #[error("{found} vCPUs: wanted 1 to {MAX_VCPUS} (KVM's largest build)")]
    Count {
        /// The number found.
        found: u32,
    },
    /// The first vCPU is never added late.
    #[error(
        "{late} of {count} vCPUs were added late: wanted fewer than all, since the first one never is"
    )]
    Late {
        /// How many were added late.
        late: u32,
        /// How many there are.
        count: u32,
    },
}

/// A number of vCPUs: those that exist when they are measured, not those that may be plugged in later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VcpuCount {
    number: u32,
    late: u32,
}

impl VcpuCount {
    /// One vCPU.
    pub const ONE: Self = Self { number: 1, late: 0 };
    /// The most.
    pub const MAX: Self = Self { number: MAX_VCPUS, late: 0 };

    /// From 1 to [`MAX_VCPUS`], or an error.
    pub const fn new(count: u32) -> Result<Self, Error> {
        match count {
            1..=MAX_VCPUS => Ok(Self { number: count, late: 0 }),
            _ => Err(Error::Count { found: count }),
        }
    }

    /// The same number, of which the last `late` start with the first vCPU's registers: they were added after the VMM had
    /// given those that existed their own. [QEMU, sev_es_set_ap_context; see `LaunchProfile::late_vcpus`]
    ///
    /// An error unless at least the first one is none of them.
    pub const fn with_late(self, late: u32) -> Result<Self, Error> {
        let count = self.number;
        if late < count { Ok(Self { late, ..self }) } else { Err(Error::Late { late, count }) }
    }

    /// The number.
    pub const fn number(self) -> u32 {
        self.number
    }

    /// How many of them, the last ones, start with the first vCPU's registers though they are further ones.
    pub const fn late(self) -> u32 {
        self.late
    }

    /// Does the vCPU of this index, from 0, start with the first one's registers?
    #[must_use]
    pub const fn starts_as_first(self, vcpu: u32) -> bool {
        vcpu == 0 || vcpu >= self.number - self.late
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ones_are_late_and_never_the_first() {
        let four = VcpuCount::new(4).unwrap();
        let starts = |count: VcpuCount| [0, 1, 2, 3].map(|vcpu| count.starts_as_first(vcpu));
        assert_eq!(starts(four), [true, false, false, false]);
        assert_eq!(four.with_late(1).map(starts), Ok([true, false, false, true]));
        assert_eq!(four.with_late(3).map(starts), Ok([true; 4]));
        assert_eq!(four.with_late(4), Err(Error::Late { late: 4, count: 4 }));
        assert_eq!(VcpuCount::ONE.with_late(1), Err(Error::Late { late: 1, count: 1 }));
    }
}
