//! Known answers: launch digests with their inputs, and digests of initial CPU states.
//!
//! `testdata/vectors/digests.json` is a [`Suite`], `testdata/vectors/vmsa-pages.json` a
//! [`PageSuite`]; `testdata/README.md` tells where both are from. Most inputs are recipes that are
//! made here ([`Suite::bytes`]). Some are files of other projects, which are not in this repository:
//! they come from the folder that the environment variable [`VECTORS_VARIABLE`] names, and a vector
//! that needs one ([`Vector::needs_files`]) cannot be judged without it.

mod hardware;
mod igvm;
mod inputs;
mod pages;
mod text;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::Deserialize;

pub use self::hardware::{
    CommonPage, FirmwareTables, HardwareMeasure, HardwareSuite, HardwareVector, ReportFiles,
};
pub use self::igvm::{
    IgvmExpected, IgvmIdBlock, IgvmLaunch, IgvmRefusal, IgvmSuite, IgvmUpdate, IgvmVector,
};
pub use self::inputs::{FirmwareMetadata, Input, Recipe};
pub use self::pages::{PageSuite, PageVector, Vcpu};
use crate::expected::{Layout, Vmm};

/// Names the folder with `digests.json` and the files that its inputs of kind `file` name.
pub const VECTORS_VARIABLE: &str = "SEV_LAUNCH_VECTORS";

/// What is in `digests.json`. Fields that are not here are ignored.
#[derive(Clone, Debug, Deserialize)]
pub struct Suite {
    /// How each input's bytes are made, by name.
    pub inputs: BTreeMap<String, Input>,
    /// Launch digests, digests of CPU states, and refusals.
    pub vectors: Vec<Vector>,
    /// CPU signatures by name, and by family, model and stepping.
    pub cpu_signatures: Vec<CpuSignature>,
    /// SEV launch measurements (HMAC) over a given digest.
    pub measure_vectors: Vec<MeasureVector>,
}

/// What is computed in a [`Vector`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub enum Mode {
    /// The launch digest of an SEV guest, SHA-256.
    #[serde(rename = "sev")]
    Sev,
    /// The launch digest of an SEV-ES guest, SHA-256.
    #[serde(rename = "seves")]
    SevEs,
    /// The launch digest of an SEV-SNP guest, SHA-384.
    #[serde(rename = "snp")]
    Snp,
    /// The SNP digest after the firmware's pages only, SHA-384.
    #[serde(rename = "snp:ovmf-hash")]
    SnpFirmware,
    /// SHA-256 of the first CPU's page and of a further CPU's page, one space between.
    #[serde(rename = "vmsa")]
    Vmsa,
}

/// How widely a [`Vector`]'s answer is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Two or more independent tools agree.
    Core,
    /// One tool, or its relatives, have the case.
    Single,
    /// Some tool prints another digest.
    Disputed,
    /// The case must be refused.
    Refuse,
    /// Only the independent computation has the case.
    ReferenceOnly,
}

/// One known answer. What the mode does not use is `None`.
#[derive(Clone, Debug, Deserialize)]
pub struct Vector {
    /// A name that says what the case is about, such as `sev/cmdline/trail`.
    pub id: String,
    /// What is computed.
    pub mode: Mode,
    /// The firmware: the name of an input.
    pub ovmf: String,
    /// The kernel: the name of an input. `None`: not given, and no hashes.
    pub kernel: Option<String>,
    /// The initrd: the name of an input. `None`: not given, which counts as nothing.
    pub initrd: Option<String>,
    /// The command line. `None`: not given, which counts as empty.
    pub cmdline: Option<String>,
    /// The virtual machine monitor.
    pub vmm: Option<Vmm>,
    /// The initial CPU state.
    pub vmsa: Option<Layout>,
    /// Name of QEMU's CPU model.
    pub vcpu_type: Option<String>,
    /// CPUID Fn0000_0001_EAX, where no model is named.
    pub vcpu_sig: Option<u32>,
    /// Number of CPUs.
    pub vcpus: Option<u32>,
    /// `sev_features` of the CPU state.
    pub guest_features: Option<u64>,
    /// Start from this digest, in hex, in place of the firmware's pages.
    pub ovmf_hash: Option<String>,
    /// The digest in hex, or `error`.
    pub expect: String,
    /// How widely this answer is shared.
    pub class: Class,
    /// What deserves a word.
    pub note: Option<String>,
}

impl Vector {
    /// Whether any of its inputs is a file of the vectors folder.
    ///
    /// # Panics
    ///
    /// When an input is not in the suite.
    #[must_use]
    pub fn needs_files(&self, suite: &Suite) -> bool {
        let names = [Some(&self.ovmf), self.kernel.as_ref(), self.initrd.as_ref()];
        names.into_iter().flatten().any(|name| suite.input(name).is_file())
    }

    /// The name of the launch profile that its layout, mode and features stand for.
    ///
    /// # Panics
    ///
    /// When the vector names no layout, or one that no vector uses in its mode.
    #[must_use]
    pub fn profile(&self) -> &'static str {
        let features = self.guest_features.unwrap_or_default();
        let snp = self.mode == Mode::Snp || self.mode == Mode::Vmsa && features & 1 == 1;
        match (self.vmsa.expect("the vector names a layout"), snp) {
            (Layout::QemuFpu, true) => "snp-qemu",
            (Layout::QemuNofpu, true) => "snp-amdese-old",
            (Layout::QemuFpu, false) => "es-init2",
            (Layout::QemuNofpu, false) => "es-legacy",
            (Layout::Ec2, _) => "snp-ec2",
            (Layout::Ec2Rdx0, _) => "snp-ec2-rdx0",
            (Layout::Gce, _) => "snp-gce",
            (other, _) => panic!("{}: no profile for {other:?}", self.id),
        }
    }

    /// Whether the case must be refused, with no digest printed.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.expect == "error"
    }
}

/// A CPU signature: by a model's name, or by numbers alone.
#[derive(Clone, Debug, Deserialize)]
pub struct CpuSignature {
    /// Name of QEMU's CPU model.
    pub model_name: Option<String>,
    /// CPU family, the extended one added.
    pub family: u32,
    /// CPU model, the extended one included.
    pub model: u32,
    /// Stepping.
    pub stepping: u32,
    /// CPUID Fn0000_0001_EAX.
    #[serde(rename = "sig", deserialize_with = "text::number")]
    pub signature: u32,
}

/// A launch measurement: HMAC-SHA-256 keyed with the TIK over 0x04, the API version, the build, the
/// policy, the launch digest and the nonce (AMD 55766, LAUNCH_MEASURE).
#[derive(Clone, Debug, Deserialize)]
pub struct MeasureVector {
    /// A name.
    pub id: String,
    /// API version of the platform's firmware, major part.
    pub api_major: u8,
    /// API version of the platform's firmware, minor part.
    pub api_minor: u8,
    /// Build of the platform's firmware.
    pub build_id: u8,
    /// The guest policy word; little-endian in the HMAC.
    pub policy: u32,
    /// The transport integrity key.
    #[serde(deserialize_with = "text::bytes")]
    pub tik: [u8; 16],
    /// The firmware's nonce, MNONCE.
    #[serde(deserialize_with = "text::bytes")]
    pub nonce: [u8; 16],
    /// The launch digest.
    #[serde(deserialize_with = "text::bytes")]
    pub digest: [u8; 32],
    /// The HMAC.
    #[serde(deserialize_with = "text::bytes")]
    pub expect_mac: [u8; 32],
}

impl Suite {
    /// Reads a file in the form of `digests.json`.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or has another form.
    pub fn load(path: impl AsRef<Path>) -> io::Result<Self> {
        Ok(serde_json::from_slice(&fs::read(path)?)?)
    }

    /// The suite in this repository.
    ///
    /// # Errors
    ///
    /// As [`Suite::load`].
    pub fn ours() -> io::Result<Self> {
        Self::load(crate::testdata_folder().join("vectors/digests.json"))
    }

    /// The bytes of an input, made or read, with size and SHA-256 checked. `None`: it is a file, and
    /// there is no folder.
    ///
    /// # Panics
    ///
    /// When there is no such input, its file cannot be read, or the bytes are not those meant.
    #[must_use]
    pub fn bytes(&self, name: &str, folder: Option<&Path>) -> Option<Vec<u8>> {
        let bytes = self.input(name).make(name, folder)?;
        self.input(name).check(name, &bytes);
        Some(bytes)
    }

    /// The CPU signature of a vector that has one: given as a number or by its model's name.
    ///
    /// # Panics
    ///
    /// When the model's name is not in the suite.
    #[must_use]
    pub fn signature(&self, vector: &Vector) -> Option<u32> {
        let Some(name) = vector.vcpu_type.as_ref() else { return vector.vcpu_sig };
        let known = self.cpu_signatures.iter().find(|cpu| cpu.model_name.as_ref() == Some(name));
        Some(known.unwrap_or_else(|| panic!("{}: no CPU model {name:?}", vector.id)).signature)
    }

    fn input(&self, name: &str) -> &Input {
        self.inputs.get(name).unwrap_or_else(|| panic!("no input {name:?} in the suite"))
    }
}

/// The folder that [`VECTORS_VARIABLE`] names; `None` when it is not set.
///
/// # Panics
///
/// When it is set and there is no `digests.json` in the folder: a typing error must not pass for an
/// absent folder.
#[must_use]
pub fn vectors_folder() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os(VECTORS_VARIABLE)?);
    let file = folder.join("digests.json");
    assert!(file.is_file(), "{VECTORS_VARIABLE} is set, but {} is no file", file.display());
    Some(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Counted in the published set of vectors.
    #[test]
    fn suite_has_249_vectors_and_75_need_no_file() {
        let suite = Suite::ours().unwrap();
        let free = suite.vectors.iter().filter(|vector| !vector.needs_files(&suite)).count();
        assert_eq!((suite.vectors.len(), free), (249, 75));
        assert_eq!((suite.inputs.len(), suite.cpu_signatures.len()), (43, 26));
        assert_eq!(suite.measure_vectors.len(), 7);
    }

    #[test]
    fn refusals_are_exactly_the_vectors_of_their_class() {
        for vector in Suite::ours().unwrap().vectors {
            assert_eq!(vector.is_refused(), vector.class == Class::Refuse, "{}", vector.id);
        }
    }

    #[test]
    fn every_named_cpu_model_has_a_signature() {
        let suite = Suite::ours().unwrap();
        let turin = suite.vectors.iter().find(|vector| vector.id == "snp/cpu/EPYC-Turin");
        // QEMU 11.1.3, `-cpu EPYC-Turin`: family 26, model 0, stepping 0.
        assert_eq!(suite.signature(turin.unwrap()), Some(0x00b0_0f00));
        for vector in &suite.vectors {
            let named = vector.vcpu_type.is_some() || vector.vcpu_sig.is_some();
            assert_eq!(suite.signature(vector).is_some(), named, "{}", vector.id);
        }
    }

    #[test]
    fn our_copy_of_the_suite_is_the_folders() {
        let Some(folder) = vectors_folder() else {
            println!("SKIPPED: {VECTORS_VARIABLE} is not set");
            return;
        };
        let read = |path: PathBuf| -> serde_json::Value {
            serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
        };
        let ours = crate::testdata_folder().join("vectors/digests.json");
        assert!(read(ours) == read(folder.join("digests.json")), "the two files differ");
    }
}
