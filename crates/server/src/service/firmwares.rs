//! The firmware catalogue, and launches as others describe them.

use sev_launch_description::import::{libvirt, qemu};
use sev_launch_description::{Description, Origin};
use sev_launch_protocol::body;
use sev_launch_protocol::problem::{Code, Problem};
use sev_launch_protocol::text::{Sha256, Time};
use sev_launch_protocol::views::{
    FirmwareList, FirmwareView, ImportAnswer, ImportFrom, ImportRequest,
};

use subtle::ConstantTimeEq as _;

use super::keys::MAC_SIZE;
use super::registrations::{internal, unavailable};
use super::{Answered, Service};
use crate::catalogue::Entry;
use crate::store::{Caller, FirmwareRow};

impl Service {
    /// `POST /firmware`: whether it is new, and what it is.
    ///
    /// # Errors
    ///
    /// What is wrong with the image.
    pub fn add_firmware(
        &self,
        caller: &Caller,
        image: &[u8],
        keep: bool,
    ) -> Answered<(bool, FirmwareView)> {
        let entry = Entry::of_image(image)?;
        let json = entry.to_json().map_err(internal)?;
        let mac = self.keys.entry_mac(&caller.tenant, &json);
        let row = FirmwareRow {
            sha256: entry.sha256(),
            entry: [&mac[..], &json].concat(),
            image: keep.then(|| image.to_vec()),
            image_kept: keep,
            created: caller.now,
        };
        let before = self.store.firmware(&caller.tenant, entry.sha256()).map_err(unavailable)?;
        match before.map(|before| (self.of_row(&caller.tenant, &before), before.image_kept)) {
            // It is there, with all that is to be kept of it.
            Some((Ok(known), image_kept)) if image_kept || !keep => return Ok((false, known)),
            Some((Ok(_), _)) | None => {}
            // What somebody else wrote makes way for what this service reads in the image.
            Some((Err(_), _)) => {
                self.store.remove_firmware(caller, entry.sha256()).map_err(unavailable)?;
            }
        }
        let added = self.store.add_firmware(caller, &row).map_err(unavailable)?;
        Ok((added, view(&entry, keep, caller.now)))
    }

    /// `GET /firmware`.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub fn list_firmwares(&self, caller: &Caller) -> Answered<FirmwareList> {
        let rows = self.store.firmwares(&caller.tenant).map_err(unavailable)?;
        Ok(FirmwareList {
            items: rows
                .iter()
                .map(|row| self.of_row(&caller.tenant, row))
                .collect::<Answered<_>>()?,
        })
    }

    /// `GET /firmware/{sha256}`.
    ///
    /// # Errors
    ///
    /// `no-such-firmware`.
    pub fn read_firmware(&self, caller: &Caller, sha256: Sha256) -> Answered<FirmwareView> {
        let row = self.store.firmware(&caller.tenant, sha256).map_err(unavailable)?;
        self.of_row(&caller.tenant, &row.ok_or(Code::NoSuchFirmware)?)
    }

    /// `DELETE /firmware/{sha256}`.
    ///
    /// # Errors
    ///
    /// `no-such-firmware`.
    pub fn remove_firmware(&self, caller: &Caller, sha256: Sha256) -> Answered<()> {
        let removed = self.store.remove_firmware(caller, sha256).map_err(unavailable)?;
        if removed { Ok(()) } else { Err(Code::NoSuchFirmware.into()) }
    }

    /// `POST /import`.
    ///
    /// # Errors
    ///
    /// `unmeasurable`, if the text is not what it is said to be.
    pub fn import(&self, body: &[u8]) -> Answered<ImportAnswer> {
        let request: ImportRequest = body::read(body)?;
        let text = request.text.as_bytes();
        let wrong = |error: &dyn std::fmt::Display| {
            Problem::at(Code::Unmeasurable, "#/text", error.to_string())
        };
        let name = "text";
        let (description, warnings) = match request.from {
            ImportFrom::Libvirt => {
                let import = libvirt::from_xml(text, name).map_err(|error| wrong(&error))?;
                (import.description, import.warnings)
            }
            ImportFrom::Qemu => {
                let import = qemu::from_text(text, name).map_err(|error| wrong(&error))?;
                (import.description, import.warnings)
            }
            ImportFrom::LaunchToml => {
                let origin = Origin::file(name);
                let description = Description::from_toml(&request.text, &origin, "".as_ref())
                    .map_err(|error| wrong(&error))?;
                (description, Vec::new())
            }
        };
        Ok(ImportAnswer {
            launch_toml: description.to_toml(true).map_err(|error| wrong(&error))?,
            warnings: warnings.iter().map(ToString::to_string).collect(),
        })
    }
}

impl Service {
    /// An entry as it is kept: its MAC, and its JSON.
    ///
    /// # Errors
    ///
    /// `sealed`, with a word in the log, if somebody else wrote it.
    pub(super) fn opened_entry(&self, tenant: &str, kept: &[u8]) -> Answered<Entry> {
        let is_own = |(mac, json): &(&[u8; MAC_SIZE], &[u8])| {
            bool::from(mac.ct_eq(&self.keys.entry_mac(tenant, json)))
        };
        let Some((_, json)) = kept.split_first_chunk().filter(is_own) else {
            tracing::error!(
                "an entry of the firmware catalogue is not this service's: somebody changed the store"
            );
            return Err(Code::Sealed.into());
        };
        Entry::from_json(json).map_err(internal)
    }

    fn of_row(&self, tenant: &str, row: &FirmwareRow) -> Answered<FirmwareView> {
        let entry = self.opened_entry(tenant, &row.entry)?;
        Ok(view(&entry, row.image_kept, row.created))
    }
}

fn view(entry: &Entry, image_kept: bool, created: Time) -> FirmwareView {
    FirmwareView {
        sha256: entry.sha256(),
        sha384: hex::encode(entry.sha384()),
        size: entry.size(),
        secret_area: entry.secret_area().map(|area| area.size),
        hash_table: entry.hash_area().is_some(),
        es_reset: entry.es_reset_address().is_some(),
        snp_metadata: entry.has_snp_metadata(),
        image_kept,
        created,
    }
}
