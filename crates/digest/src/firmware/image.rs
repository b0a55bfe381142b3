//! An image whose bytes are all there.

use alloc::vec::Vec;

use super::container;
use super::error::Error;
use super::guid_table::GuidTable;
use super::limits::MAX_SIZE;
use super::tables::{Ends, Tables};
use super::warnings;
use crate::snp::update::{LaunchUpdate, PageDigest, Update};
use crate::warning::Warning;
use sev_launch_abi::reader::wide;
use sev_launch_abi::{Gpa, PAGE_SIZE};

/// An image of a guest's firmware. [`absorb`](Self::absorb) makes of it what guests hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Firmware<'a> {
    image: &'a [u8],
    pub(super) ends: Ends<'a>,
}

impl<'a> Firmware<'a> {
    /// Looks at an image: all bytes of the file that the VMM loads as firmware.
    ///
    /// Errors: an empty image, or one that does not fit below 4 GiB; a container, as a qcow2 image, whose contents are what
    /// is measured. What is wrong inside is kept, and told by what asks for it.
    pub fn parse(image: &'a [u8]) -> Result<Self, Error> {
        check_size(wide(image.len()))?;
        container::check(image, image)?;
        Ok(Self { image, ends: Ends::new(wide(image.len()), image, image) })
    }

    /// The image's bytes.
    pub fn image(&self) -> &'a [u8] {
        self.image
    }

    /// The image's size in bytes.
    pub fn size(&self) -> u64 {
        self.ends.size
    }

    /// Where the image starts in guest memory: it ends at 4 GiB. [QEMU, pc_system_firmware_init]
    pub fn gpa(&self) -> Gpa {
        self.ends.gpa()
    }

    /// The GUIDed table; `None` if the image has no footer.
    pub fn table(&self) -> Result<Option<&GuidTable<'a>>, Error> {
        self.ends.table()
    }

    /// What the tables say.
    pub fn tables(&self) -> Tables {
        self.ends.tables()
    }

    /// The launch updates of the image's own pages, which is how an SNP trace can show it page by page.
    ///
    /// An error if the image is not made of whole pages.
    pub fn page_updates(
        &self,
    ) -> Result<impl Iterator<Item = LaunchUpdate> + Clone + use<'a>, Error> {
        let (pages, rest) = self.image.as_chunks::<PAGE_SIZE>();
        if !rest.is_empty() {
            return Err(Error::NotPages { size: self.size() });
        }
        let update = |(gpa, page): (Gpa, _)| Update::Normal(PageDigest::of(page)).at(gpa);
        Ok(self.gpa().pages(self.size()).zip(pages).map(update))
    }

    /// Does the image start with a firmware volume, as OVMF's files do? [UEFI PI, EFI_FIRMWARE_VOLUME_HEADER]
    #[must_use]
    pub fn starts_with_volume(&self) -> bool {
        self.ends.starts_with_volume()
    }

    /// Does the image start with a volume of variables? [UEFI PI, EFI_SYSTEM_NV_DATA_FV_GUID]
    #[must_use]
    pub fn starts_with_variables(&self) -> bool {
        self.ends.starts_with_variables()
    }

    /// What is odd about the image, whatever is launched with it.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        warnings::of_image(&self.ends, &self.tables())
    }
}

/// An image has a byte, and fits below 4 GiB.
pub(super) fn check_size(size: u64) -> Result<(), Error> {
    match size {
        0 => Err(Error::Empty),
        1..=MAX_SIZE => Ok(()),
        _ => Err(Error::TooLarge { size }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // An image ends at 4 GiB: the largest one starts at address 0x1000.
    #[test]
    fn largest_image_leaves_the_first_page_free() {
        assert_eq!(check_size(0), Err(Error::Empty));
        assert_eq!(check_size(1), Ok(()));
        assert_eq!(check_size(0xffff_f000), Ok(()));
        for size in [0xffff_f001, 1 << 32, u64::MAX] {
            assert_eq!(check_size(size), Err(Error::TooLarge { size }));
        }
    }
}
