//! Known answers on certificates and attestation reports: the groups of `sev-api.json` that name certificate files.
//!
//! The files are AMD's and other projects', so they are not in this repository: they are in the folder `certs` beside the
//! one that `SEV_LAUNCH_VECTORS` names.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::sev_api::{Expect, Hex, SevApi};
use crate::vectors::{VECTORS_VARIABLE, vectors_folder};

/// The groups on certificates.
#[derive(Clone, Debug)]
pub struct CertificateVectors {
    /// Chains, right and wrong.
    pub sev_chain: Vec<ChainVector>,
    /// What each [`Op`] means, in words.
    pub sev_chain_mutation_ops: BTreeMap<String, String>,
    /// Private keys on P-384 of the synthetic chains, big-endian: by chain, then by certificate.
    pub syn_private_keys: BTreeMap<String, BTreeMap<String, Hex>>,
    /// Whole chains as files.
    pub chain_files: Vec<ChainFile>,
    /// Certificates of AMD.
    pub ca_certs: Vec<CaCert>,
    /// Legacy attestation reports.
    pub attestation_report: Vec<Report>,
}

impl CertificateVectors {
    /// Reads `testdata/vectors/sev-api.json`. Panics when it has another form.
    #[must_use]
    pub fn read() -> Self {
        let others = SevApi::read().others;
        Self {
            sev_chain: group(&others, "sev_chain"),
            sev_chain_mutation_ops: group(&others, "sev_chain_mutation_ops"),
            syn_private_keys: group(&others, "syn_private_keys"),
            chain_files: group(&others, "chain_files"),
            ca_certs: group(&others, "ca_certs"),
            attestation_report: group(&others, "attestation_report"),
        }
    }
}

fn group<T: DeserializeOwned>(groups: &BTreeMap<String, serde_json::Value>, name: &str) -> T {
    let group = groups.get(name).unwrap_or_else(|| panic!("no group {name}")).clone();
    serde_json::from_value(group).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A chain of six files with changes.
#[derive(Clone, Debug, Deserialize)]
pub struct ChainVector {
    /// Of the case.
    pub name: String,
    /// The chain that it starts from.
    pub base: String,
    /// What is changed, in order.
    pub mutations: Vec<Mutation>,
    /// The chain whose ARK is the trusted root. Nothing: not what the case is about.
    pub pinned_ark: Option<String>,
    /// The chain whose OCA is the expected owner. Nothing: any.
    pub pinned_oca: Option<String>,
    /// Must it be accepted?
    pub expect: Expect,
    /// The certificate or link that is wrong, as `pdh` or `pek->pdh`.
    pub reject_at: Option<String>,
    /// What is wrong with it.
    pub reason: Option<String>,
}

/// A change to one file.
#[derive(Clone, Debug, Deserialize)]
pub struct Mutation {
    /// `ark`, `ask`, `cek`, `oca`, `pek` or `pdh`.
    pub file: String,
    /// The change.
    #[serde(flatten)]
    pub op: Op,
}

/// What is done to a file's bytes.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the file's own names, which it explains")]
pub enum Op {
    Xor { offset: usize, value: Hex },
    Set { offset: usize, value: Hex },
    Zero { offset: usize, len: usize },
    Truncate { len: usize },
    Append { value: Hex },
    SwapSlots,
    ReplaceFrom { base: String, from: String },
    ReplaceFile { name: String },
}

/// A chain in the layouts of `sevctl export`.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "lengths and hashes of two files")]
pub struct ChainFile {
    pub name: String,
    pub sev_len: usize,
    pub sev_sha256: Hex,
    pub full_len: usize,
    pub full_sha256: Hex,
}

/// A certificate of AMD.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "AMD's names")]
pub struct CaCert {
    pub file: String,
    pub len: usize,
    pub sha256: Hex,
    pub key_id: Hex,
    pub certifying_id: Hex,
    pub usage: u32,
    pub bits: u32,
    pub modulus_sha256: Hex,
    pub expect: Expect,
}

/// A legacy attestation report.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "AMD's names")]
pub struct Report {
    pub name: String,
    pub report: Hex,
    /// The PEK's file.
    pub pek: String,
    pub expect: Expect,
    pub reason: Option<String>,
    pub mnonce: Hex,
    pub launch_digest: Hex,
    pub policy: u32,
}

/// The folder with certificate files.
#[derive(Clone, Debug)]
pub struct CertificateFiles(PathBuf);

impl CertificateFiles {
    /// The folder, or nothing and a line that says so.
    #[must_use]
    pub fn folder() -> Option<Self> {
        let Some(folder) = vectors_folder() else {
            println!("SKIPPED: {VECTORS_VARIABLE} is not set, so there are no certificate files");
            return None;
        };
        Some(Self(folder.join("certs")))
    }

    /// The bytes of a file. Panics when it cannot be read.
    #[must_use]
    pub fn read(&self, path: impl AsRef<Path>) -> Vec<u8> {
        let path = self.0.join(path);
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// One certificate of a chain.
    #[must_use]
    pub fn certificate(&self, base: &str, file: &str) -> Vec<u8> {
        let folder = if base.starts_with("syn") { "synthetic" } else { "sev" };
        self.read(format!("{folder}/{base}/{file}.cert"))
    }

    /// The six certificates of a chain, in the order of `sevctl export --full`.
    #[must_use]
    pub fn chain(&self, base: &str) -> [Vec<u8>; 6] {
        ["pdh", "pek", "oca", "cek", "ask", "ark"].map(|file| self.certificate(base, file))
    }

    /// The changed files of a vector: PDH, PEK, OCA, CEK, ASK, ARK.
    #[must_use]
    pub fn changed_chain(&self, vector: &ChainVector) -> [Vec<u8>; 6] {
        let [mut pdh, mut pek, mut oca, mut cek, mut ask, mut ark] = self.chain(&vector.base);
        for mutation in &vector.mutations {
            let bytes = match mutation.file.as_str() {
                "pdh" => &mut pdh,
                "pek" => &mut pek,
                "oca" => &mut oca,
                "cek" => &mut cek,
                "ask" => &mut ask,
                "ark" => &mut ark,
                other => panic!("{}: no file {other}", vector.name),
            };
            self.change(bytes, &mutation.op);
        }
        [pdh, pek, oca, cek, ask, ark]
    }

    fn change(&self, bytes: &mut Vec<u8>, op: &Op) {
        match op {
            Op::Xor { offset, value } => {
                assert_eq!(value.len(), 1, "one byte exclusive-or");
                bytes[*offset] ^= value[0];
            }
            Op::Set { offset, value } => {
                bytes[*offset..*offset + value.len()].copy_from_slice(value);
            }
            Op::Zero { offset, len } => bytes[*offset..*offset + *len].fill(0),
            Op::Truncate { len } => bytes.truncate(*len),
            Op::Append { value } => bytes.extend_from_slice(value),
            Op::SwapSlots => {
                let (_, slots) = bytes.split_at_mut(0x414);
                let (first, second) = slots.split_at_mut(520);
                first.swap_with_slice(second);
            }
            Op::ReplaceFrom { base, from } => *bytes = self.certificate(base, from),
            Op::ReplaceFile { name } => *bytes = self.read(format!("synthetic/bad/{name}.cert")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_groups_are_whole() {
        let vectors = CertificateVectors::read();
        assert_eq!(vectors.sev_chain.len(), 64);
        assert_eq!((vectors.sev_chain_mutation_ops.len(), vectors.syn_private_keys.len()), (8, 2));
        assert_eq!((vectors.chain_files.len(), vectors.ca_certs.len()), (4, 10));
        assert_eq!(vectors.attestation_report.len(), 8);
    }
}
