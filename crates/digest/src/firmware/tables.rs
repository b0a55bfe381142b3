//! What an image's tables say, as far as it can be told from the image's ends.

use super::areas::{self, Area};
use super::error::{Error, Part};
use super::guid_table::{Entry, GuidTable};
use super::metadata::Metadata;
use sev_launch_abi::reader::Reader;
use sev_launch_abi::{Gpa, Guid};

/// Everything that a launcher can ask an image for, as it stands there: whether it will do is judged by who needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    /// Is there a GUIDed table, readable or not?
    pub has_guid_table: bool,
    /// Where further vCPUs start: the address of the SEV-ES reset block, which may be 0.
    ///
    /// The block stands in the table, or, in images older than the table, alone where the footer would be.
    /// [QEMU, sev_es_find_reset_vector]
    pub reset_address: Part<u32>,
    /// Where the kernel hash table goes.
    pub hash_area: Part<Area>,
    /// Where the launch secret goes.
    pub secret_area: Part<Area>,
    /// The pages that a launcher must prepare besides the firmware.
    pub metadata: Part<Metadata>,
    /// The entry point of an SVSM binary, in bytes from the image's start. [SVSM, stage 1 footer table]
    pub svsm_entry: Part<u32>,
}

/// The first and last bytes of an image, and the table at its end. The last bytes may be the whole image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ends<'a> {
    /// The image's size in bytes.
    pub(super) size: u64,
    /// Its first bytes: where its volume's header is.
    start: &'a [u8],
    /// Its last bytes: where its tables are.
    end: &'a [u8],
    table: Part<GuidTable<'a>>,
    metadata: Part<Metadata>,
}

impl<'a> Ends<'a> {
    /// Looks at an image of a size that was checked.
    pub(super) fn new(size: u64, start: &'a [u8], end: &'a [u8]) -> Self {
        let reader = reader(size, end);
        let table = GuidTable::parse(reader);
        let metadata = match &table {
            Ok(Some(table)) => table
                .find(Guid::SEV_METADATA)
                .map(|entry| Metadata::parse(reader, entry))
                .transpose(),
            Ok(None) => Ok(None),
            Err(error) => Err(error.clone()),
        };
        Self { size, start, end, table, metadata }
    }

    /// Where the image starts in guest memory: it ends at 4 GiB. [QEMU, pc_system_firmware_init]
    pub(super) fn gpa(&self) -> Gpa {
        Gpa(Gpa::FIRMWARE_END.0 - self.size)
    }

    /// The GUIDed table; `None` if the image has no footer.
    pub(super) fn table(&self) -> Result<Option<&GuidTable<'a>>, Error> {
        self.table.as_ref().map(Option::as_ref).map_err(Clone::clone)
    }

    /// What the tables say.
    pub(super) fn tables(&self) -> Tables {
        let number = |guid| self.read(guid, |entry| entry.u32s::<1>().map(|[number]| number));
        Tables {
            has_guid_table: !matches!(self.table, Ok(None)),
            reset_address: match number(Guid::SEV_ES_RESET_BLOCK) {
                Ok(None) => areas::lone_reset_block(reader(self.size, self.end)),
                found => found,
            },
            hash_area: self.read(Guid::SEV_HASH_TABLE_AREA, Area::read),
            secret_area: self.read(Guid::SEV_SECRET_AREA, Area::read),
            metadata: self.metadata.clone(),
            svsm_entry: number(Guid::SVSM_INFO),
        }
    }

    fn read<T>(&self, guid: Guid, read: impl Fn(&Entry<'_>) -> Result<T, Error>) -> Part<T> {
        self.table()?.and_then(|table| table.find(guid)).map(read).transpose()
    }

    /// Does the image start with a firmware volume, as OVMF's files do? [UEFI PI, EFI_FIRMWARE_VOLUME_HEADER]
    pub(super) fn starts_with_volume(&self) -> bool {
        self.start.get(40..44) == Some(b"_FVH")
    }

    /// Does the image start with a volume of variables? [UEFI PI, EFI_SYSTEM_NV_DATA_FV_GUID]
    pub(super) fn starts_with_variables(&self) -> bool {
        self.starts_with_volume() && self.start.get(16..32) == Some(Guid::NV_DATA_VOLUME.as_bytes())
    }
}

/// Reads the last bytes of an image of `size` bytes.
fn reader(size: u64, end: &[u8]) -> Reader<'_> {
    Reader::of_end(end, usize::try_from(size).unwrap_or(usize::MAX))
}
