//! Digests that AMD processors reported, with what went into the launch.
//!
//! The reports, and the firmware's digests and tables, are other projects', so the file is not in this repository:
//! `hardware.json` stands in the folder that [`VECTORS_VARIABLE`](super::VECTORS_VARIABLE) names.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{text, vectors_folder};
use crate::firmware::{FirmwareBuilder, Section};

/// What is in `hardware.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct HardwareSuite {
    /// Launches.
    pub vectors: Vec<HardwareVector>,
    /// SEV launch measurements over a given digest.
    pub measure: Vec<HardwareMeasure>,
}

/// A launch measurement that another project checked with sevctl.
#[derive(Clone, Debug, Deserialize)]
pub struct HardwareMeasure {
    /// API version of the platform's firmware, major part.
    pub api_major: u8,
    /// API version of the platform's firmware, minor part.
    pub api_minor: u8,
    /// Build of the platform's firmware.
    pub build_id: u8,
    /// The guest policy word.
    pub policy: u32,
    /// The transport integrity key.
    #[serde(deserialize_with = "text::bytes")]
    pub tik: [u8; 16],
    /// The launch digest in hex.
    pub digest: String,
    /// The measurement as QEMU reports it.
    pub expect_blob_base64: String,
}

/// A launch whose digest was reported. What is not known of it is `None`.
#[derive(Clone, Debug, Deserialize)]
pub struct HardwareVector {
    /// A name that says whose launch it is, such as `hw/snp-qemu/dstack-milan-2026-06-17`.
    pub id: String,
    /// `snp` or `snp:svsm`.
    pub mode: String,
    /// The digest after the firmware's pages, in hex.
    pub ovmf_hash: Option<String>,
    /// The firmware's tables.
    pub firmware: Option<FirmwareTables>,
    /// The kernel's SHA-256 in hex.
    pub kernel_sha256: Option<String>,
    /// The initrd's SHA-256 in hex.
    pub initrd_sha256: Option<String>,
    /// The command line.
    pub cmdline: Option<String>,
    /// Number of CPUs.
    pub vcpus: u32,
    /// Name of QEMU's CPU model.
    pub vcpu_type: Option<String>,
    /// The report and what stands above it.
    pub report: Option<ReportFiles>,
    /// The digest before the first CPU's page, in hex.
    pub digest_before_vmsas: Option<String>,
    /// The page that every CPU has.
    pub vmsa_page: Option<CommonPage>,
    /// The digest reported, in hex.
    pub expect: String,
}

/// What a firmware's tables say.
#[derive(Clone, Debug, Deserialize)]
pub struct FirmwareTables {
    sections: Vec<SectionRow>,
    #[serde(deserialize_with = "text::number")]
    reset_eip: u32,
    hash_table: Option<Area>,
}

#[derive(Clone, Debug, Deserialize)]
struct SectionRow {
    #[serde(deserialize_with = "text::number")]
    gpa: u32,
    #[serde(deserialize_with = "text::number")]
    size: u32,
    #[serde(rename = "type")]
    kind: u32,
}

#[derive(Clone, Debug, Deserialize)]
struct Area {
    #[serde(deserialize_with = "text::number")]
    gpa: u32,
    #[serde(deserialize_with = "text::number")]
    size: u32,
}

/// Files below the folder, by their paths.
#[derive(Clone, Debug, Deserialize)]
pub struct ReportFiles {
    /// The guest policy.
    pub policy: String,
    /// The host data in hex.
    pub host_data: String,
    /// The report.
    pub file: PathBuf,
    /// The certificate of the key that signed it.
    pub vek: PathBuf,
}

/// A page that is the same for every CPU.
#[derive(Clone, Debug, Deserialize)]
pub struct CommonPage {
    /// Its SHA-384 in hex.
    pub sha384: String,
    /// Where every CPU starts.
    #[serde(deserialize_with = "text::number")]
    pub rip: u32,
    /// CPUID Fn0000_0001_EAX.
    #[serde(deserialize_with = "text::number")]
    pub rdx: u32,
}

impl FirmwareTables {
    /// An image with these tables; its other bytes are not the firmware's.
    #[must_use]
    pub fn image(&self) -> Vec<u8> {
        let section = |row: &SectionRow| Section::new(row.gpa, row.size, row.kind);
        let sections: Vec<_> = self.sections.iter().map(section).collect();
        let builder = FirmwareBuilder::new(0x10000).reset(self.reset_eip).sections(sections);
        match &self.hash_table {
            Some(area) => builder.hash_area(area.gpa, area.size).build(),
            None => builder.build(),
        }
    }
}

impl HardwareSuite {
    /// The suite and its folder; `None`, said loudly, where no folder is named.
    ///
    /// # Panics
    ///
    /// When the folder has no such file, or one of another form.
    #[must_use]
    pub fn found() -> Option<(Self, PathBuf)> {
        let Some(folder) = vectors_folder() else {
            eprintln!("SKIPPED the digests of hardware: SEV_LAUNCH_VECTORS is not set");
            return None;
        };
        Some((Self::read(&folder), folder))
    }

    fn read(folder: &Path) -> Self {
        let path = folder.join("hardware.json");
        let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        serde_json::from_slice(&text).expect("hardware.json has its form")
    }

    /// The launch of this name.
    ///
    /// # Panics
    ///
    /// When there is none.
    #[must_use]
    pub fn vector(&self, id: &str) -> &HardwareVector {
        let found = self.vectors.iter().find(|vector| vector.id == id);
        found.unwrap_or_else(|| panic!("no launch {id:?} of hardware"))
    }
}
