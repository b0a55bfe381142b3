//! What a real QEMU measured of IGVM files, beside what tools say of the same files.
//!
//! `igvm.json` and its files stand in the folder that [`VECTORS_VARIABLE`](super::VECTORS_VARIABLE) names.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde::Deserialize;

use super::vectors_folder;

/// What is in `igvm.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct IgvmSuite {
    /// Guests.
    pub vectors: Vec<IgvmVector>,
}

/// A guest of QEMU's.
#[derive(Clone, Debug, Deserialize)]
pub struct IgvmVector {
    /// Its name.
    pub name: String,
    /// What it is about.
    pub kind: String,
    /// The file, from the folder.
    pub file: PathBuf,
    /// How it was started.
    pub launch: IgvmLaunch,
    /// What came of it.
    pub expect: IgvmExpected,
    /// How binding that is: `must`, `may` or `or-refuse`.
    pub judge: String,
    /// What was measured, in order.
    #[serde(default)]
    pub updates: Vec<IgvmUpdate>,
    /// The ID block that was handed over.
    pub id_block: Option<IgvmIdBlock>,
    /// What else says something of the guest, by name: a digest, or why there is none.
    pub other: BTreeMap<String, String>,
}

/// How a guest was started.
#[derive(Clone, Debug, Deserialize)]
pub struct IgvmLaunch {
    /// `sev`, `sev-es` or `sev-snp`.
    pub technology: String,
    /// `legacy` or `init2`.
    pub vm_type: String,
    /// The number of vCPUs.
    pub vcpus: u32,
    /// QEMU's CPU model.
    pub vcpu_type: String,
    /// Its signature, in hexadecimal with 0x.
    pub vcpu_sig: String,
    /// The arguments that matter; a file's name follows `@`.
    pub qemu: Vec<String>,
}

/// What came of a launch.
#[derive(Clone, Debug, Deserialize)]
pub struct IgvmExpected {
    /// The digest in hex.
    pub digest: Option<String>,
    /// Who refused it.
    pub refused: Option<IgvmRefusal>,
}

/// A refusal.
#[derive(Clone, Debug, Deserialize)]
pub struct IgvmRefusal {
    /// `parser`, `qemu` or `kvm`.
    pub by: String,
    /// In its words.
    pub text: String,
}

/// A thing that was measured.
#[derive(Clone, Debug, Deserialize)]
pub struct IgvmUpdate {
    /// The page type in small letters, `data` or `vmsa`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where it starts, in hexadecimal with 0x.
    pub gpa: String,
    /// Its size in bytes; a VMSA has none.
    pub len: Option<u64>,
    /// The SHA-256 of its contents, where they count.
    pub sha256: Option<String>,
    /// The bytes of a VMSA that are not zero, in hex by offset.
    pub bytes: Option<BTreeMap<String, String>>,
    /// The digest after it.
    pub digest: String,
}

/// An ID block that was handed over.
#[derive(Clone, Debug, Deserialize)]
pub struct IgvmIdBlock {
    /// The block, in hex.
    pub block: String,
    /// Whether an author's key was said to be there.
    pub auth_key_en: u8,
    /// The SHA-256 of the authentication page.
    pub auth_sha256: String,
}

impl IgvmSuite {
    /// The suite and its folder; `None`, said loudly, where the folder is not named.
    ///
    /// # Panics
    ///
    /// When the file cannot be read.
    #[must_use]
    pub fn found() -> Option<(Self, PathBuf)> {
        let folder = vectors_folder()?;
        let path = folder.join("igvm.json");
        let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let suite = serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{error}"));
        Some((suite, folder))
    }
}
