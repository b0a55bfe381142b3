//! The stored form: a flat map. Sections are one text, `page+pages:type` in hex, so that 32 of them stay small.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::AbsorbedFirmware;
use crate::firmware::areas::Area;
use crate::firmware::contents::Contents;
use crate::firmware::error::Error;
use crate::firmware::hash_check::KernelHashCheck;
use crate::firmware::limits::{MAX_SECTIONS, MAX_SIZE};
use crate::firmware::metadata::{Metadata, Section, SectionKind};
use crate::firmware::tables::Tables;
use crate::firmware::warnings;
use crate::hash::{Midstate, Sha256Digest};
use sev_launch_abi::Gpa;
use sev_launch_abi::snp::LaunchDigest;

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
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    snp: Option<LaunchDigest>,
    table: bool,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    reset: Option<u32>,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    hashes: Option<(u32, u32)>,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    secret: Option<(u32, u32)>,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    svsm_entry: Option<u32>,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    sections: Option<String>,
    /// `yes` or `no`; absent where it is unknown, as in forms of before.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    kernel_hash_check: Option<String>,
}

/// A field that stands there has a value: `serde` would take null for an area that is not there.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A stored form that is a map: `serde` would take a list for one too, value by value, without the fields' names.
struct OnlyMaps;

impl<'de> Visitor<'de> for OnlyMaps {
    type Value = Stored;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with an absorbed firmware's fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Stored, A::Error> {
        Stored::deserialize(MapAccessDeserializer::new(map))
    }
}

/// Whole pages have an SNP digest, and nothing else has.
fn check_snp(size: u64, snp: Option<LaunchDigest>) -> Result<(), Error> {
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
                .ok_or_else(|| refuse(format!("section {item:?} is not page+pages:type in hex")))
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
        Stored::try_from(self).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

impl TryFrom<&AbsorbedFirmware> for Stored {
    type Error = Error;

    fn try_from(firmware: &AbsorbedFirmware) -> Result<Self, Error> {
        let state = firmware.midstate()?;
        let snp = firmware.contents.snp_digest()?;
        check_snp(firmware.size, snp)?;
        let words: Vec<u8> = state.words().iter().flat_map(|word| word.to_be_bytes()).collect();
        let tables = firmware.tables.clone();
        Ok(Self {
            absorbed_firmware: FORMAT,
            size: firmware.size,
            sha256: firmware.sha256()?,
            midstate: hex::encode(words),
            tail: hex::encode(state.tail()),
            snp,
            table: tables.has_guid_table,
            reset: tables.reset_address?,
            hashes: tables.hash_area?.map(pair),
            secret: tables.secret_area?.map(pair),
            svsm_entry: tables.svsm_entry?,
            sections: tables.metadata?.as_ref().map(write_sections),
            kernel_hash_check: write_check(firmware.kernel_hash_check),
        })
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
        check_snp(stored.size, stored.snp)?;
        let needs_table = stored.hashes.is_some()
            || stored.secret.is_some()
            || stored.svsm_entry.is_some()
            || stored.sections.is_some();
        if needs_table && !stored.table {
            return refuse("areas or sections without a table to hold them".into());
        }
        let firmware = Gpa(Gpa::FIRMWARE_END.0 - stored.size);
        let metadata = stored.sections.map(|text| read_sections(&text, firmware)).transpose()?;
        let kernel_hash_check = read_check(stored.kernel_hash_check.as_deref())?;
        let mut warnings = warnings::of_size(stored.size);
        warnings.extend(metadata.as_ref().and_then(warnings::of_metadata));
        Ok(Self {
            size: stored.size,
            contents: Contents { midstate: Some(state), snp: Some(stored.snp) },
            tables: Tables {
                has_guid_table: stored.table,
                reset_address: Ok(stored.reset),
                hash_area: Ok(stored.hashes.map(area)),
                secret_area: Ok(stored.secret.map(area)),
                metadata: Ok(metadata),
                svsm_entry: Ok(stored.svsm_entry),
            },
            warnings,
            kernel_hash_check,
        })
    }
}

/// What is unknown is not written, so that it has one spelling.
fn write_check(check: KernelHashCheck) -> Option<String> {
    (check != KernelHashCheck::Unknown).then(|| check.name().into())
}

fn read_check(text: Option<&str>) -> Result<KernelHashCheck, Error> {
    let Some(text) = text else { return Ok(KernelHashCheck::Unknown) };
    KernelHashCheck::by_name(text).ok_or_else(|| Error::Absorbed {
        what: format!("kernel_hash_check {text:?}, wanted \"yes\" or \"no\", or no such field"),
    })
}

fn read_words(bytes: &[u8]) -> Option<[u32; 8]> {
    let (words, rest) = bytes.as_chunks::<4>();
    let words: &[[u8; 4]; 8] = words.try_into().ok()?;
    rest.is_empty().then(|| words.map(u32::from_be_bytes))
}

impl<'de> Deserialize<'de> for AbsorbedFirmware {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = deserializer.deserialize_map(OnlyMaps)?;
        Self::try_from(stored).map_err(D::Error::custom)
    }
}
