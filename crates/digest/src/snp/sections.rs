//! From the firmware's SEV metadata to the pages of a launch.
//!
//! Order and page types are the launch profile's [`SectionRules`](crate::profile::SectionRules); the page of kernel hashes
//! is built as [QEMU, snp_populate_metadata_pages] builds it: zeros, with the table at the hash area's offset in its page.

use alloc::vec::Vec;

use super::update::{LaunchUpdate, PageDigest, Update};
use crate::error::Error;
use crate::firmware::absorbed::AbsorbedFirmware;
use crate::firmware::error::Error as FirmwareError;
use crate::firmware::metadata::{Section, SectionKind};
use crate::kernel_hashes::{KernelHashes, TABLE_SIZE};
use crate::profile::facts::{KernelHashing, LaunchProfile};
use sev_launch_abi::PAGE_SIZE;
use sev_launch_abi::reader::wide;

/// The updates of all sections, in the profile's order.
pub(super) fn updates(
    firmware: &AbsorbedFirmware,
    profile: &LaunchProfile,
    kernel_hashes: Option<&KernelHashes>,
) -> Result<Vec<LaunchUpdate>, Error> {
    let sections = firmware.sections()?;
    if kernel_hashes.is_some() {
        if profile.kernel_hashes == KernelHashing::None {
            return Err(Error::ProfileWithoutKernelHashes { profile: profile.name });
        }
        firmware.hash_area()?;
        if !sections.iter().any(|section| section.kind == SectionKind::KernelHashes) {
            return Err(FirmwareError::NoKernelHashesSection.into());
        }
    }
    let is_late =
        |section: &&Section| profile.sections.cpuid_last && section.kind == SectionKind::Cpuid;
    let early = sections.iter().filter(|section| !is_late(section));
    let mut updates = Vec::new();
    for section in early.chain(sections.iter().filter(is_late)) {
        match (section.kind, kernel_hashes) {
            (SectionKind::KernelHashes, Some(hashes)) => {
                let offset = firmware.hash_area()?.base.page_offset();
                updates.extend(hash_pages(section, offset, hashes)?);
            }
            (kind, _) => {
                let what = profile.sections.pages(kind);
                updates.extend(section.pages().map(|gpa| what.at(gpa)));
            }
        }
    }
    Ok(updates)
}

/// The NORMAL pages of a KERNEL_HASHES section with the table at `offset` of its first page.
fn hash_pages(
    section: &Section,
    offset: usize,
    hashes: &KernelHashes,
) -> Result<impl Iterator<Item = LaunchUpdate> + use<>, FirmwareError> {
    // The table starts in the first page, so it ends in the second at the latest: from the third on they are zero.
    let mut buffer = [0; 2 * PAGE_SIZE];
    let fits = wide(offset + TABLE_SIZE) <= u64::from(section.length);
    match buffer.get_mut(offset..offset + TABLE_SIZE) {
        Some(space) if fits => space.copy_from_slice(&hashes.table()),
        _ => {
            return Err(FirmwareError::HashTableCrossesSection {
                offset: wide(offset),
                section: section.base,
                length: section.length,
            });
        }
    }
    let zeros = [0; PAGE_SIZE];
    let pages = buffer.as_chunks::<PAGE_SIZE>().0.iter().chain(core::iter::once(&zeros));
    // Only what the section has is hashed, and the page of zeros once.
    let first: Vec<_> = section.pages().zip(pages).map(|(_, page)| PageDigest::of(page)).collect();
    let further = first.last().copied().into_iter().flat_map(core::iter::repeat);
    let contents = first.into_iter().chain(further);
    Ok(section.pages().zip(contents).map(|(gpa, contents)| Update::Normal(contents).at(gpa)))
}
