//! A guest firmware image, and what its tables tell a launcher.
//!
//! Defined by edk2 [OVMF, ResetVectorVtf0] and read by QEMU [QEMU, pc_system_parse_ovmf_flash]. The tables are read
//! backwards from the image's end. A launch reads only those that it needs: plain SEV without a kernel reads none, so an
//! image with broken tables is a value here, and each part answers for itself when it is asked for.

use alloc::vec::Vec;

pub mod absorbed;
pub mod absorber;
pub mod areas;
pub mod guid_table;
pub mod metadata;

pub use absorbed::AbsorbedFirmware;
pub use absorber::Absorber;
pub use areas::Area;
pub use guid_table::{Entry, GuidTable};
pub use metadata::{MAX_SECTIONS, Metadata, Section, SectionKind};

use crate::error::Error;
use crate::hash::Midstate;
use crate::snp;
use crate::warning::Warning;
use sev_launch_abi::reader::{Reader, wide};
use sev_launch_abi::{Gpa, Guid, PAGE_SIZE, Technology};

/// The largest image: it ends at 4 GiB, so it has fewer bytes than that and one page.
pub const MAX_SIZE: u64 = (1 << 32) - 4096;

/// A table or value that an image may lack, or hold in a form that cannot be read.
pub type Part<T> = Result<Option<T>, Error>;

/// An image of a guest's firmware.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Firmware<'a> {
    size: u64,
    /// The first bytes: where its volume's header is.
    start: &'a [u8],
    /// The last bytes: where its tables are. All of them, but for a value that an [`Absorber`] makes for itself.
    end: &'a [u8],
    table: Part<GuidTable<'a>>,
    metadata: Part<Metadata>,
}

impl<'a> Firmware<'a> {
    /// Looks at an image: all bytes of the file that the VMM loads as firmware.
    ///
    /// Errors: an empty image, or one that does not fit below 4 GiB. What is wrong inside is kept, and told by the
    /// method that asks for it.
    pub fn parse(image: &'a [u8]) -> Result<Self, Error> {
        check_size(wide(image.len()))?;
        Ok(Self::of_ends(wide(image.len()), image, image))
    }

    /// Looks at an image of a good size by its first and last bytes.
    fn of_ends(size: u64, start: &'a [u8], end: &'a [u8]) -> Self {
        let reader = reader(size, end);
        let table = GuidTable::parse(reader);
        let metadata = match &table {
            Ok(Some(table)) => match table.find(Guid::SEV_METADATA) {
                Some(entry) => Metadata::parse(reader, entry).map(Some),
                None => Ok(None),
            },
            _ => Ok(None),
        };
        Self { size, start, end, table, metadata }
    }

    /// The image's bytes.
    pub fn image(&self) -> &'a [u8] {
        self.end
    }

    /// The image's size in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Where the image starts in guest memory: it ends at 4 GiB. [QEMU, pc_system_firmware_init]
    pub fn gpa(&self) -> Gpa {
        Gpa(Gpa::FIRMWARE_END.0 - self.size())
    }

    /// The GUIDed table, or nothing where the image has no footer.
    pub fn table(&self) -> Result<Option<&GuidTable<'a>>, Error> {
        self.table.as_ref().map(Option::as_ref).map_err(Clone::clone)
    }

    /// The SEV metadata, or nothing where the table has no entry for it.
    pub fn metadata(&self) -> Result<Option<&Metadata>, Error> {
        self.table()?;
        self.metadata.as_ref().map(Option::as_ref).map_err(Clone::clone)
    }

    /// Where further vCPUs start: the address of the SEV-ES reset block, which may be 0.
    ///
    /// The block stands in the table, or, in images older than the table, alone where the footer would be.
    /// [QEMU, sev_es_find_reset_vector]
    pub fn reset_address(&self) -> Part<u32> {
        match self.find(Guid::SEV_ES_RESET_BLOCK)? {
            Some(entry) => entry.u32s::<1>().map(|[address]| Some(address)),
            None => areas::lone_reset_block(reader(self.size, self.end)),
        }
    }

    /// Where the launch secret goes.
    pub fn secret_area(&self) -> Part<Area> {
        self.find(Guid::SEV_SECRET_AREA)?.map(Area::read).transpose()
    }

    /// Where the kernel hash table goes.
    pub fn hash_area(&self) -> Part<Area> {
        self.find(Guid::SEV_HASH_TABLE_AREA)?.map(Area::read).transpose()
    }

    /// The entry point of an SVSM binary, in bytes from the image's start. [SVSM, stage 1 footer table]
    pub fn svsm_entry(&self) -> Part<u32> {
        self.find(Guid::SVSM_INFO)?
            .map(|entry| entry.u32s::<1>().map(|[offset]| offset))
            .transpose()
    }

    fn find(&self, guid: Guid) -> Result<Option<&Entry<'a>>, Error> {
        Ok(self.table()?.and_then(|table| table.find(guid)))
    }

    /// Takes the image in: everything that a digest needs of it, as an owned value of under 1 KiB.
    pub fn absorb(&self) -> AbsorbedFirmware {
        self.absorb_with(&crate::hash::Portable, &crate::hash::Portable)
    }

    /// Takes the image in, by the given hash implementations.
    pub fn absorb_with(
        &self,
        compression: &impl crate::hash::CompressSha256,
        pages: &impl crate::hash::HashPages,
    ) -> AbsorbedFirmware {
        let state = self.midstate_with(compression);
        AbsorbedFirmware::new(self, Some(state), Some(self.snp_digest_with(pages)))
    }

    /// Takes in only what launches of this technology need: for SEV and SEV-ES the SHA-256 of the image, for SNP the digest
    /// after its pages. Who asks for the other of the two gets [`Error::NotAbsorbed`].
    pub fn absorb_for(
        &self,
        technology: Technology,
        compression: &impl crate::hash::CompressSha256,
        pages: &impl crate::hash::HashPages,
    ) -> AbsorbedFirmware {
        match technology {
            Technology::Sev | Technology::SevEs => {
                AbsorbedFirmware::new(self, Some(self.midstate_with(compression)), None)
            }
            Technology::Snp => AbsorbedFirmware::new(self, None, Some(self.snp_digest_with(pages))),
        }
    }

    fn midstate_with(&self, compression: &impl crate::hash::CompressSha256) -> Midstate {
        let mut state = Midstate::new();
        state.update_with(compression, self.image());
        state
    }

    /// Nothing where the image is not made of whole pages.
    fn snp_digest_with(&self, pages: &impl crate::hash::HashPages) -> Option<snp::LaunchDigest> {
        let mut region = snp::Region::new(snp::LaunchDigest::START, self.gpa());
        region.update_with(pages, self.image());
        region.finish()
    }

    /// The launch updates of the image's own pages, which is how an SNP trace can show it page by page.
    ///
    /// An error where the image is not made of whole pages.
    pub fn page_updates(
        &self,
    ) -> Result<impl Iterator<Item = snp::LaunchUpdate> + Clone + 'a, Error> {
        let (pages, rest) = self.image().as_chunks::<PAGE_SIZE>();
        if !rest.is_empty() {
            return Err(Error::FirmwareNotPages { size: self.size() });
        }
        Ok(self.gpa().pages(self.size()).zip(pages).map(|(gpa, page)| snp::LaunchUpdate::Normal {
            gpa,
            contents: snp::PageDigest::of(page),
        }))
    }

    /// Does the image start with a firmware volume, as OVMF's files do? [UEFI PI, EFI_FIRMWARE_VOLUME_HEADER]
    pub fn starts_with_volume(&self) -> bool {
        self.start.get(40..44) == Some(b"_FVH")
    }

    /// Does the image start with a volume of variables? [UEFI PI, EFI_SYSTEM_NV_DATA_FV_GUID]
    pub fn starts_with_variables(&self) -> bool {
        self.starts_with_volume() && self.start.get(16..32) == Some(Guid::NV_DATA_VOLUME.as_bytes())
    }

    /// What is odd about the image, whatever is launched with it.
    pub fn warnings(&self) -> Vec<Warning> {
        let mut warnings = size_warnings(self.size());
        match (self.starts_with_variables(), &self.table) {
            (true, Ok(Some(_))) => warnings.push(Warning::CombinedImage),
            (true, _) => warnings.push(Warning::VariableStore),
            (false, _) => {}
        }
        if let Ok(Some(table)) = &self.table {
            warnings.extend(
                table
                    .duplicates()
                    .map(|guid| Warning::DuplicateEntry { guid: alloc::format!("{guid}") }),
            );
        }
        if let Ok(Some(metadata)) = &self.metadata {
            warnings.extend(metadata.overlap());
        }
        // What cannot be read; a broken table breaks everything that stands in it, and is told once.
        let mut broken: Vec<_> = [
            self.table().err(),
            self.metadata().err(),
            self.reset_address().err(),
            self.hash_area().err(),
            self.secret_area().err(),
            self.svsm_entry().err(),
        ]
        .into_iter()
        .flatten()
        .collect();
        broken.dedup();
        warnings.extend(broken.into_iter().map(Warning::BrokenTables));
        warnings
    }
}

/// Reads the last bytes of an image of `size` bytes.
fn reader(size: u64, end: &[u8]) -> Reader<'_> {
    Reader::of_end(end, usize::try_from(size).unwrap_or(usize::MAX))
}

/// An image has a byte, and fits below 4 GiB.
fn check_size(size: u64) -> Result<(), Error> {
    match size {
        0 => Err(Error::EmptyFirmware),
        1..=MAX_SIZE => Ok(()),
        _ => Err(Error::FirmwareTooLarge { size }),
    }
}

/// Sizes that QEMU does not load, which are nonetheless measured as they are. [QEMU, pc_system_flash_map, x86_bios_rom_init]
pub(crate) fn size_warnings(size: u64) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if !size.is_multiple_of(4096) {
        warnings.push(Warning::FirmwareNotPages { size });
    } else if !size.is_multiple_of(65536) {
        warnings.push(Warning::FirmwareNotBios { size });
    }
    if size > 8 << 20 {
        warnings.push(Warning::FirmwareLarge { size });
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    // An image ends at 4 GiB: the largest one starts at address 0x1000.
    #[test]
    fn largest_image_leaves_the_first_page_free() {
        assert_eq!(check_size(0), Err(Error::EmptyFirmware));
        assert_eq!(check_size(1), Ok(()));
        assert_eq!(check_size(0xffff_f000), Ok(()));
        for size in [0xffff_f001, 1 << 32, u64::MAX] {
            assert_eq!(check_size(size), Err(Error::FirmwareTooLarge { size }));
        }
    }
}
