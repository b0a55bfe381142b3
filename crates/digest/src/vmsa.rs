//! The VM save area: the initial registers of a vCPU, as SEV-ES and SNP measure them.
//!
//! Defined by [APM2, VMSA layout]: 4096 bytes, of which the first 0x670 hold fields. Field names are the manual's in snake
//! case. A page that was captured on a host may hold anything, so a page ([`VmsaPage`]) is what is measured, and the typed
//! [`Vmsa`] is a way to build one and to read one.
//!
//! ```
//! use sev_launch_digest::vmsa::{Vmsa, VmsaPage};
//!
//! let page = Vmsa { rip: 0xfff0, ..Vmsa::ZERO }.to_page();
//! let captured = VmsaPage::from_bytes(&[0; 4096])?;
//! assert_eq!(page.compare(&captured)[0].name, "rip");
//! # Ok::<(), sev_launch_digest::Error>(())
//! ```

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

mod layout;

pub use layout::{FIELDS, Field, Segment, Vmsa};

use crate::vcpus::VcpuCount;
use sev_launch_abi::reader::wide;
use sev_launch_abi::{CpuSignature, PAGE_SIZE, SevFeatures, Technology};

/// Why bytes are no VMSA of a guest.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// Not a VMSA page.
    #[error("a VMSA page has 4096 bytes, found {found}")]
    Length {
        /// Bytes found.
        found: u64,
    },
    /// SEV-ES with the SNP bit.
    #[error(
        "SEV features {found:#x} have bit 0 (SNPActive), which no SEV-ES guest can have: KVM refuses it"
    )]
    SevEsFeatures {
        /// The features found.
        found: u64,
    },
}

/// The 4096 bytes that are measured.
#[derive(Clone, PartialEq, Eq)]
pub struct VmsaPage(Box<[u8; PAGE_SIZE]>);

impl VmsaPage {
    /// From the bytes of a page; an error for any other length than 4096.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let page: &[u8; PAGE_SIZE] =
            bytes.try_into().map_err(|_| Error::Length { found: wide(bytes.len()) })?;
        Ok(Self(Box::new(*page)))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; PAGE_SIZE] {
        &self.0
    }

    /// The page's features word.
    pub fn sev_features(&self) -> SevFeatures {
        SevFeatures(layout::sev_features(self))
    }

    /// Where two pages differ: field by field, and bytes that no field covers as `reserved_0x…`.
    pub fn compare(&self, other: &Self) -> Vec<FieldDifference> {
        let mut differences = Vec::new();
        let mut compare = |name: String, offset: usize, end: usize| {
            let [left, right] = [self, other].map(|page| page.0.get(offset..end));
            if let (Some(left), Some(right), true) = (left, right, left != right) {
                let (left, right) = (left.to_vec(), right.to_vec());
                differences.push(FieldDifference { name, offset, left, right });
            }
        };
        let mut covered = 0;
        let end = Field { name: "", offset: PAGE_SIZE, size: 0 };
        for &Field { name, offset, size } in FIELDS.iter().chain([&end]) {
            // Reserved bytes eight at a time, so that a line stays short.
            for from in (covered..offset).step_by(8) {
                compare(alloc::format!("reserved_{from:#05x}"), from, offset.min(from + 8));
            }
            covered = offset + size;
            compare(name.into(), offset, covered);
        }
        differences
    }
}

impl fmt::Debug for VmsaPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Vmsa::from_page(self).fmt(f)
    }
}

/// A field in which two pages differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDifference {
    /// The field's name.
    pub name: String,
    /// Its offset in the page, in bytes.
    pub offset: usize,
    /// Its bytes in the one page, little endian.
    pub left: Vec<u8>,
    /// Its bytes in the other.
    pub right: Vec<u8>,
}

/// Where a guest's initial VMSAs come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Vmsas {
    /// Made as the launch profile has them.
    Profile {
        /// What RDX holds at reset, if the profile puts the signature there.
        signature: Option<CpuSignature>,
        /// In place of the profile's features word.
        sev_features: Option<SevFeatures>,
    },
    /// Captured on a host.
    Captured {
        /// The first vCPU's page.
        bsp: VmsaPage,
        /// Every further vCPU's page; needed with two and more.
        ap: Option<VmsaPage>,
    },
}

impl Vmsas {
    /// The profile's, with this signature.
    pub const fn of_signature(signature: CpuSignature) -> Self {
        Self::Profile { signature: Some(signature), sev_features: None }
    }
}

/// The pages of a guest: the first vCPU's and that of all further ones. [`new`](Self::new) makes them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VmsaPages {
    /// The first vCPU's (the bootstrap processor's).
    pub bsp: VmsaPage,
    /// Every further vCPU's (the application processors').
    pub ap: VmsaPage,
    /// Those of vCPUs that have one of their own, in an IGVM file: by index, ascending.
    own: Vec<(u32, VmsaPage)>,
}

impl VmsaPages {
    /// The pages of a guest of this technology. An error for SEV-ES with the SNP bit in the features.
    pub fn new(technology: Technology, bsp: VmsaPage, ap: VmsaPage) -> Result<Self, Error> {
        for features in [bsp.sev_features(), ap.sev_features()] {
            if technology != Technology::Snp && features.contains(SevFeatures::SNP_ACTIVE) {
                return Err(Error::SevEsFeatures { found: features.0 });
            }
        }
        Ok(Self { bsp, ap, own: Vec::new() })
    }

    /// The same where some vCPUs have pages of their own, by index, ascending.
    pub(crate) fn with_own(self, own: Vec<(u32, VmsaPage)>) -> Self {
        Self { own, ..self }
    }

    /// The pages of vCPUs that have one of their own, with their indices.
    pub fn own(&self) -> impl Iterator<Item = (u32, &VmsaPage)> {
        self.own.iter().map(|(vcpu, page)| (*vcpu, page))
    }

    fn own_of(&self, vcpu: u32) -> Option<&VmsaPage> {
        let index = self.own.binary_search_by_key(&vcpu, |(vcpu, _)| *vcpu).ok()?;
        self.own.get(index).map(|(_, page)| page)
    }

    /// The first vCPU's page.
    pub fn first(&self) -> &VmsaPage {
        self.own_of(0).unwrap_or(&self.bsp)
    }

    /// The page of a further vCPU by its index, if it is not a late one.
    pub(crate) fn further(&self, vcpu: u32) -> &VmsaPage {
        self.own_of(vcpu).unwrap_or(&self.ap)
    }

    /// The page of a vCPU by its index, from 0, in a guest of that many.
    pub fn of_vcpu(&self, vcpu: u32, vcpus: VcpuCount) -> &VmsaPage {
        if vcpus.starts_as_first(vcpu) { self.first() } else { self.further(vcpu) }
    }

    /// The features word of the first vCPU's page.
    pub fn sev_features(&self) -> SevFeatures {
        self.first().sev_features()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_pages() {
        for length in [0, 1, 4095, 4097] {
            let bytes = alloc::vec![0; length];
            let found = u64::try_from(length).unwrap();
            assert_eq!(VmsaPage::from_bytes(&bytes), Err(Error::Length { found }));
        }
    }

    #[test]
    fn differences_name_the_field_or_the_reserved_bytes() {
        let left = Vmsa { rip: 0xfff0, ..Vmsa::ZERO }.to_page();
        let mut bytes = *left.as_bytes();
        bytes[0x178] = 0xf1; // [APM2, VMSA layout]: RIP
        bytes[0x12] = 1; // CS attributes
        bytes[0x300] = 7; // reserved
        bytes[0xfff] = 9;
        let right = VmsaPage::from_bytes(&bytes).unwrap();
        let differences = left.compare(&right);
        let names: Vec<_> = differences.iter().map(|one| (one.name.as_str(), one.offset)).collect();
        assert_eq!(
            names,
            [
                ("cs.attributes", 0x12),
                ("rip", 0x178),
                ("reserved_0x300", 0x300),
                ("reserved_0xff8", 0xff8)
            ]
        );
        assert!(left.compare(&left).is_empty());
    }

    #[test]
    fn the_features_word_is_the_field_of_that_name() {
        let page = Vmsa { sev_features: 0x1234_5678_9abc_def0, ..Vmsa::ZERO }.to_page();
        assert_eq!(page.sev_features(), SevFeatures(0x1234_5678_9abc_def0));
    }
}
