//! One thing that the AMD-SP takes in, as SNP measures it.

use core::fmt;

use crate::hash::sha384;
use sev_launch_abi::snp::LaunchDigest;
use sev_launch_abi::{Gpa, PAGE_SIZE};

sev_launch_abi::digest_bytes!(
    /// The SHA-384 of a page's 4096 bytes. [SNP-ABI, PAGE_INFO.CONTENTS]
    PageDigest, 48
);

impl PageDigest {
    /// The digest of a page.
    pub fn of(page: &[u8; PAGE_SIZE]) -> Self {
        Self::from_bytes(sha384(page))
    }
}

/// One thing that the AMD-SP takes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaunchUpdate {
    /// Where it is in guest memory.
    pub gpa: Gpa,
    /// What it is.
    pub what: Update,
}

/// What the AMD-SP takes in: a page with what its kind needs and no more, or a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// The pages of an image, as one region whose digest is known.
    Region {
        /// What it is.
        name: &'static str,
        /// Its size in bytes: whole pages.
        size: u64,
        /// The launch digest after its last page.
        digest_after: LaunchDigest,
    },
    /// PAGE_TYPE_NORMAL: a page with contents, by the SHA-384 of its bytes.
    Normal(PageDigest),
    /// PAGE_TYPE_ZERO: a page that the AMD-SP clears.
    Zero,
    /// PAGE_TYPE_UNMEASURED: a page whose contents are not measured; that it is there is.
    Unmeasured,
    /// PAGE_TYPE_SECRETS: the page that the AMD-SP fills with the guest's keys.
    Secrets,
    /// PAGE_TYPE_CPUID: the page of CPUID values that the AMD-SP checks.
    Cpuid,
    /// PAGE_TYPE_VMSA: a vCPU's registers.
    Vmsa {
        /// The vCPU's index, from 0.
        vcpu: u32,
        /// The SHA-384 of the VMSA page.
        contents: PageDigest,
    },
}

impl Update {
    /// At an address.
    pub const fn at(self, gpa: Gpa) -> LaunchUpdate {
        LaunchUpdate { gpa, what: self }
    }

    /// The kind, as a word: the page type's name, or `REGION`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Region { .. } => "REGION",
            Self::Normal(_) => "NORMAL",
            Self::Zero => "ZERO",
            Self::Unmeasured => "UNMEASURED",
            Self::Secrets => "SECRETS",
            Self::Cpuid => "CPUID",
            Self::Vmsa { .. } => "VMSA",
        }
    }
}

impl fmt::Display for LaunchUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.what.kind(), self.gpa)?;
        match self.what {
            Update::Region { name, size, .. } => write!(f, " {name}, {size} bytes"),
            Update::Vmsa { vcpu, .. } => write!(f, " vCPU {vcpu}"),
            _ => Ok(()),
        }
    }
}
