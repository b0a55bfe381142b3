//! A firmware image taken in: everything that a digest needs of it, without the image.
//!
//! This is what guests hold. Its stored form (the `serde` feature) is under 1 KiB whatever the image's size, so that a
//! verifier can compute every digest of a firmware without carrying it. It must be trusted as much as the image: who can
//! change it can change the digest that will be expected.

use alloc::vec::Vec;

use super::{Area, Firmware, Metadata, Part, Section};
use crate::error::Error;
use crate::hash::{Midstate, Sha256Digest};
use crate::kernel_hashes::TABLE_SIZE;
use crate::snp;
use crate::warning::Warning;
use sev_launch_abi::Gpa;

/// What stays of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AbsorbedFirmware {
    size: u64,
    /// Nothing where only SNP launches were meant.
    state: Option<Midstate>,
    /// Nothing where only SEV and SEV-ES launches were meant; inside, nothing where the image is not made of whole pages.
    snp_digest: Option<Option<snp::LaunchDigest>>,
    reset_address: Part<u32>,
    hash_area: Part<Area>,
    secret_area: Part<Area>,
    metadata: Part<Metadata>,
    svsm_entry: Part<u32>,
    has_table: bool,
    warnings: Vec<Warning>,
}

impl AbsorbedFirmware {
    pub(super) fn new(
        firmware: &Firmware<'_>,
        state: Option<Midstate>,
        snp_digest: Option<Option<snp::LaunchDigest>>,
    ) -> Self {
        Self {
            size: firmware.size(),
            state,
            snp_digest,
            reset_address: firmware.reset_address(),
            hash_area: firmware.hash_area(),
            secret_area: firmware.secret_area(),
            metadata: firmware.metadata().map(Option::<&Metadata>::cloned),
            svsm_entry: firmware.svsm_entry(),
            has_table: !matches!(firmware.table(), Ok(None)),
            warnings: firmware.warnings(),
        }
    }

    /// The image's size in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Where the image starts in guest memory.
    pub fn gpa(&self) -> Gpa {
        Gpa(Gpa::FIRMWARE_END.0.saturating_sub(self.size()))
    }

    /// The SHA-256 after the image: the state from which SEV and SEV-ES digests go on.
    ///
    /// An error where the image was absorbed for SNP launches alone.
    pub fn midstate(&self) -> Result<&Midstate, Error> {
        self.state.as_ref().ok_or(Error::NotAbsorbed { what: "SHA-256" })
    }

    /// The image's SHA-256.
    ///
    /// An error where the image was absorbed for SNP launches alone.
    pub fn sha256(&self) -> Result<Sha256Digest, Error> {
        Ok(Sha256Digest::from_bytes(self.midstate()?.finish()))
    }

    /// The SNP launch digest after the image's pages, from which SNP digests go on.
    ///
    /// Errors: an image that is not made of whole pages, or was absorbed for SEV and SEV-ES launches alone.
    pub fn snp_digest(&self) -> Result<snp::LaunchDigest, Error> {
        self.snp_digest
            .ok_or(Error::NotAbsorbed { what: "SNP digest" })?
            .ok_or(Error::FirmwareNotPages { size: self.size() })
    }

    /// The same firmware with another SNP digest after its pages, as sev-snp-measure's `--snp-ovmf-hash` has it: the
    /// tables are this image's, the contents are those of the image that the digest was made of.
    pub fn with_snp_digest(mut self, digest: snp::LaunchDigest) -> Self {
        self.snp_digest = Some(Some(digest));
        self
    }

    /// Where further vCPUs start. An error where the firmware does not say, or says 0.
    pub fn reset_address(&self) -> Result<u32, Error> {
        match self.reset_address.clone()? {
            None => Err(Error::NoResetAddress),
            Some(0) => Err(Error::ResetAddressZero),
            Some(address) => Ok(address),
        }
    }

    /// Where a launch secret goes, if anywhere.
    pub fn secret_area(&self) -> Part<Area> {
        self.secret_area.clone()
    }

    /// Where the kernel hash table goes: an area that QEMU accepts for a measured kernel, or QEMU's reason against it.
    /// [QEMU, sev_add_kernel_loader_hashes]
    pub fn hash_area(&self) -> Result<Area, Error> {
        if !self.has_table {
            return Err(Error::NoTable { needed_for: "the kernel hash table area" });
        }
        let area = self.hash_area.clone()?.ok_or(Error::NoHashArea)?;
        if area.base.0 == 0 {
            return Err(Error::HashAreaBaseZero { size: area.size });
        }
        if u64::from(area.size) < sev_launch_abi::reader::wide(TABLE_SIZE) {
            return Err(Error::HashAreaTooSmall { base: area.base, size: area.size });
        }
        Ok(area)
    }

    /// The sections that SNP measures. An error where the firmware has no SEV metadata.
    pub fn sections(&self) -> Result<&[Section], Error> {
        match &self.metadata {
            Ok(Some(metadata)) => Ok(&metadata.sections),
            Ok(None) => Err(Error::NoMetadata),
            Err(error) => Err(error.clone()),
        }
    }

    /// The entry point of an SVSM binary, in bytes from its start.
    pub fn svsm_entry(&self) -> Result<u32, Error> {
        self.svsm_entry.clone()?.ok_or(Error::NoSvsmInfo)
    }

    /// What is odd about the image. Those about tables are left out where a launch reads none.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

#[cfg(feature = "serde")]
mod stored {
    //! The stored form: a flat map. Sections are one text, `page+pages:type` in hex, so that 32 of them stay small.

    use alloc::borrow::ToOwned;
    use alloc::format;
    use alloc::string::String;
    use alloc::vec::Vec;
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::*;
    use crate::firmware::{MAX_SECTIONS, MAX_SIZE, SectionKind, size_warnings};

    /// The version of the form; another one is refused.
    const FORMAT: u32 = 1;

    #[derive(Deserialize, Serialize)]
    #[serde(deny_unknown_fields)]
    struct Stored {
        absorbed_firmware: u32,
        size: u64,
        sha256: Sha256Digest,
        midstate: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        tail: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        snp: Option<snp::LaunchDigest>,
        table: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reset: Option<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hashes: Option<(u32, u32)>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        secret: Option<(u32, u32)>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        svsm_entry: Option<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sections: Option<String>,
    }

    /// Whole pages have an SNP digest, and nothing else has.
    fn check_snp(size: u64, snp: Option<snp::LaunchDigest>) -> Result<(), Error> {
        if snp.is_some() == size.is_multiple_of(4096) {
            return Ok(());
        }
        let says = if snp.is_some() { "cannot have" } else { "need" };
        Err(Error::Absorbed { what: format!("{size} bytes {says} an SNP digest") })
    }

    fn pair(area: Area) -> (u32, u32) {
        (u32::try_from(area.base.0).unwrap_or(u32::MAX), area.size)
    }

    fn area((base, size): (u32, u32)) -> Area {
        Area { base: Gpa(u64::from(base)), size }
    }

    fn write_sections(metadata: &Metadata) -> String {
        let texts = metadata.sections.iter().map(|section| {
            let (page, pages) = (section.base.0 >> 12, section.length >> 12);
            format!("{page:x}+{pages:x}:{:x}", section.kind.number())
        });
        texts.collect::<Vec<_>>().join(" ")
    }

    fn read_sections(text: &str, firmware: Gpa) -> Result<Metadata, Error> {
        let refuse = |what: String| Error::Absorbed { what };
        let sections: Vec<Section> = text
            .split_ascii_whitespace()
            .map(|item| {
                read_section(item)
                    .filter(|section| section.length > 0 && section.end() <= firmware)
                    .ok_or_else(|| {
                        refuse(format!("section {item:?} is not page+pages:type in hex"))
                    })
            })
            .collect::<Result<_, _>>()?;
        if sev_launch_abi::reader::wide(sections.len()) > u64::from(MAX_SECTIONS) {
            return Err(refuse(format!("{} sections, at most {MAX_SECTIONS}", sections.len())));
        }
        let total: u64 = sections.iter().map(|section| u64::from(section.length)).sum();
        if total > Gpa::FIRMWARE_END.0 {
            return Err(refuse(format!("sections of {total:#x} bytes together, more than 4 GiB")));
        }
        let metadata = Metadata { sections };
        // One spelling, so that a stored firmware can be compared as text.
        if write_sections(&metadata) != text {
            return Err(refuse(format!("sections {text:?} are not spelled as they are written")));
        }
        Ok(metadata)
    }

    fn read_section(item: &str) -> Option<Section> {
        let (page, rest) = item.split_once('+')?;
        let (pages, kind) = rest.split_once(':')?;
        let bytes = |text: &str| u32::from_str_radix(text, 16).ok()?.checked_mul(4096);
        Some(Section {
            base: Gpa(u64::from(bytes(page)?)),
            length: bytes(pages)?,
            kind: SectionKind::from_number(u32::from_str_radix(kind, 16).ok()?)?,
        })
    }

    impl Serialize for AbsorbedFirmware {
        /// Fails for an image whose tables are broken: what they would have said cannot be stored. Fails for an SNP
        /// digest that was given to an image of other than whole pages: nothing reads that back.
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let broken = |error: &Error| serde::ser::Error::custom(error);
            let custom = serde::ser::Error::custom::<Error>;
            let state = self.midstate().map_err(custom)?;
            let missing = || custom(Error::NotAbsorbed { what: "SNP digest" });
            let snp_digest = self.snp_digest.ok_or_else(missing)?;
            check_snp(self.size(), snp_digest).map_err(custom)?;
            let words: Vec<u8> = state.words().iter().flat_map(|word| word.to_be_bytes()).collect();
            Stored {
                absorbed_firmware: FORMAT,
                size: self.size(),
                sha256: Sha256Digest::from_bytes(state.finish()),
                midstate: hex::encode(words),
                tail: hex::encode(state.tail()),
                snp: snp_digest,
                table: self.has_table,
                reset: self.reset_address.as_ref().map_err(broken)?.to_owned(),
                hashes: self.hash_area.as_ref().map_err(broken)?.map(pair),
                secret: self.secret_area.as_ref().map_err(broken)?.map(pair),
                svsm_entry: self.svsm_entry.as_ref().map_err(broken)?.to_owned(),
                sections: self.metadata.as_ref().map_err(broken)?.as_ref().map(write_sections),
            }
            .serialize(serializer)
        }
    }

    impl TryFrom<Stored> for AbsorbedFirmware {
        type Error = Error;

        fn try_from(stored: Stored) -> Result<Self, Error> {
            let refuse = |what: String| Err(Error::Absorbed { what });
            if stored.absorbed_firmware != FORMAT {
                let found = stored.absorbed_firmware;
                return refuse(format!("its form is version {found}, wanted {FORMAT}"));
            }
            if stored.size == 0 || stored.size > MAX_SIZE {
                return refuse(format!("a size of {} bytes, wanted 1 to {MAX_SIZE}", stored.size));
            }
            let Ok(words) = hex::decode(&stored.midstate).map(|bytes| read_words(&bytes)) else {
                return refuse("the midstate is not hex".into());
            };
            let Ok(tail) = hex::decode(&stored.tail) else {
                return refuse("the tail is not hex".into());
            };
            let state = words.and_then(|words| Midstate::from_parts(words, stored.size, &tail));
            let Some(state) = state else {
                return refuse(format!("midstate and tail do not fit {} bytes", stored.size));
            };
            if Sha256Digest::from_bytes(state.finish()) != stored.sha256 {
                return refuse("the midstate does not give the SHA-256 beside it".into());
            }
            if stored.snp.is_some() != stored.size.is_multiple_of(4096) {
                return refuse(format!(
                    "{} bytes {} an SNP digest",
                    stored.size,
                    if stored.snp.is_some() { "cannot have" } else { "need" }
                ));
            }
            let needs_table = stored.hashes.is_some()
                || stored.secret.is_some()
                || stored.svsm_entry.is_some()
                || stored.sections.is_some();
            if needs_table && !stored.table {
                return refuse("areas or sections without a table to hold them".into());
            }
            let firmware = Gpa(Gpa::FIRMWARE_END.0 - stored.size);
            let metadata =
                stored.sections.map(|text| read_sections(&text, firmware)).transpose()?;
            let mut warnings = size_warnings(stored.size);
            warnings.extend(metadata.as_ref().and_then(Metadata::overlap));
            Ok(Self {
                size: stored.size,
                state: Some(state),
                snp_digest: Some(stored.snp),
                reset_address: Ok(stored.reset),
                hash_area: Ok(stored.hashes.map(area)),
                secret_area: Ok(stored.secret.map(area)),
                metadata: Ok(metadata),
                svsm_entry: Ok(stored.svsm_entry),
                has_table: stored.table,
                warnings,
            })
        }
    }

    fn read_words(bytes: &[u8]) -> Option<[u32; 8]> {
        let (words, rest) = bytes.as_chunks::<4>();
        let words: &[[u8; 4]; 8] = words.try_into().ok()?;
        rest.is_empty().then(|| words.map(u32::from_be_bytes))
    }

    impl<'de> Deserialize<'de> for AbsorbedFirmware {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let stored = Stored::deserialize(deserializer)?;
            Self::try_from(stored).map_err(D::Error::custom)
        }
    }
}
