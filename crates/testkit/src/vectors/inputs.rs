//! Makes the bytes of a suite's inputs.
//!
//! The recipes are those of the vectors' own description, told again in `testdata/README.md`. Every
//! input has a size and a SHA-256, so a recipe that is followed wrongly cannot pass for another
//! answer.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use sha2::{Digest, Sha256};
use shake::digest::{ExtendableOutput, Update, XofReader};

use super::text;
use crate::firmware::{self, Entry, FirmwareBuilder, Payload, Section};
use crate::{cpio, pattern};

/// One input: how its bytes are made, and what they must be.
#[derive(Clone, Debug, Deserialize)]
pub struct Input {
    /// How the bytes are made.
    #[serde(flatten)]
    pub recipe: Recipe,
    /// Size in bytes.
    pub size: usize,
    /// SHA-256 in hex.
    pub sha256: String,
}

/// How an input's bytes are made.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Recipe {
    /// A file of the vectors folder.
    File {
        /// Path relative to the folder.
        path: String,
    },
    /// See [`pattern`].
    Pattern {
        /// The factor.
        mul: u8,
        /// The addend.
        add: u8,
    },
    /// The bytes themselves.
    Hex {
        /// In hex, often none.
        hex: String,
    },
    /// A firmware image, see [`FirmwareBuilder`].
    Fw {
        /// The factor of the filling.
        mul: u8,
        /// The addend of the filling.
        add: u8,
        /// The SEV metadata.
        metadata: Option<FirmwareMetadata>,
        /// Records of the table, the first next to the footer: a GUID or `reset`, `secret`, `hashes`,
        /// `metadata`; then the payload in hex, or `auto` for where the metadata is.
        table: Vec<(String, String)>,
        /// The footer's length, where it is not the real one.
        footer_len: Option<u16>,
    },
    /// A cpio archive with a payload of SHAKE-128 output, in a gzip of stored blocks.
    CpioGz {
        /// Size of the payload in bytes.
        payload: usize,
        /// What SHAKE-128 absorbs.
        seed: String,
    },
}

/// SEV metadata of a firmware image. The last three are given where the image is malformed.
#[derive(Clone, Debug, Deserialize)]
pub struct FirmwareMetadata {
    /// Where it starts, in bytes back from the end of the image.
    pub offset_from_end: u32,
    /// Base and length in hex with `0x`, and kind.
    pub sections: Vec<(String, String, u32)>,
    /// In place of `ASEV`.
    pub signature: Option<String>,
    /// In place of 1.
    pub version: Option<u32>,
    /// In place of the number of sections.
    pub count: Option<u32>,
}

impl Input {
    pub(super) fn is_file(&self) -> bool {
        matches!(self.recipe, Recipe::File { .. })
    }

    pub(super) fn make(&self, name: &str, folder: Option<&Path>) -> Option<Vec<u8>> {
        Some(match &self.recipe {
            Recipe::File { path } => {
                let path = folder?.join(path);
                fs::read(&path)
                    .unwrap_or_else(|error| panic!("input {name}: {}: {error}", path.display()))
            }
            Recipe::Pattern { mul, add } => pattern(self.size, *mul, *add),
            Recipe::Hex { hex } => bytes(name, hex),
            Recipe::Fw { mul, add, metadata, table, footer_len } => {
                let mut image = FirmwareBuilder::new(self.size).pattern(*mul, *add);
                if let Some(metadata) = metadata {
                    image = metadata.write_to(image, name);
                }
                let records: Vec<Entry> =
                    table.iter().map(|(guid, payload)| entry(name, guid, payload)).collect();
                image = image.table(records);
                if let Some(length) = footer_len {
                    image = image.footer_len(*length);
                }
                image.build()
            }
            Recipe::CpioGz { payload, seed } => cpio_gz(*payload, seed),
        })
    }

    pub(super) fn check(&self, name: &str, bytes: &[u8]) {
        assert_eq!(bytes.len(), self.size, "input {name} has another size than the suite says");
        let sha256 = hex::encode(Sha256::digest(bytes));
        assert_eq!(sha256, self.sha256, "input {name} has another SHA-256 than the suite says");
    }
}

impl FirmwareMetadata {
    fn write_to(&self, image: FirmwareBuilder, name: &str) -> FirmwareBuilder {
        let number = |text: &str| {
            text::parse_number(text).unwrap_or_else(|error| panic!("input {name}: {error}"))
        };
        let sections: Vec<Section> = self
            .sections
            .iter()
            .map(|(base, length, kind)| Section::new(number(base), number(length), *kind))
            .collect();
        let mut image = image.sections(sections).metadata_offset(self.offset_from_end);
        if let Some(signature) = &self.signature {
            let bytes = signature.as_bytes().try_into();
            image = image.signature(bytes.expect("a signature has four letters"));
        }
        if let Some(version) = self.version {
            image = image.version(version);
        }
        if let Some(count) = self.count {
            image = image.count(count);
        }
        image
    }
}

fn entry(input: &str, guid: &str, payload: &str) -> Entry {
    let guid = match guid {
        "reset" => firmware::RESET_BLOCK,
        "secret" => firmware::SECRET_AREA,
        "hashes" => firmware::HASH_AREA,
        "metadata" => firmware::SEV_METADATA,
        text => text,
    };
    let payload = match payload {
        "auto" => Payload::MetadataOffset,
        hex => Payload::Bytes(bytes(input, hex)),
    };
    Entry { guid: guid.to_owned(), payload, length: None }
}

fn bytes(input: &str, text: &str) -> Vec<u8> {
    hex::decode(text).unwrap_or_else(|error| panic!("input {input}: {text:?} is not hex: {error}"))
}

/// Folders, an `init` script and a payload that does not compress.
fn cpio_gz(payload: usize, seed: &str) -> Vec<u8> {
    let mut absorbed = shake::Shake128::default();
    absorbed.update(seed.as_bytes());
    let mut noise = vec![0; payload];
    absorbed.finalize_xof().read(&mut noise);

    let folders = [".", "bin", "dev", "etc", "lib", "lib/modules", "proc", "sys"];
    let folder = |(name, inode)| cpio::Entry { name, inode, mode: cpio::DIRECTORY, content: &[] };
    let mut entries: Vec<cpio::Entry<'_>> = folders.into_iter().zip(1..).map(folder).collect();
    let init = b"#!/bin/sh\nexec /bin/sh\n";
    entries.push(cpio::Entry { name: "init", inode: 9, mode: cpio::PROGRAM, content: init });
    let name = "lib/modules/payload.bin";
    entries.push(cpio::Entry { name, inode: 10, mode: cpio::FILE, content: &noise });
    cpio::gzip_stored(&cpio::archive(&entries))
}

#[cfg(test)]
mod tests {
    use super::super::{Suite, vectors_folder};
    use super::*;

    // Sizes and SHA-256 in testdata/vectors/digests.json; `bytes` panics where one is missed.
    #[test]
    fn every_input_that_is_no_file_can_be_made() {
        let suite = Suite::ours().unwrap();
        let made = suite.inputs.keys().filter(|name| suite.bytes(name, None).is_some()).count();
        assert_eq!((made, suite.inputs.len() - made), (38, 5));
    }

    #[test]
    fn every_file_is_in_the_folder() {
        let Some(folder) = vectors_folder() else {
            println!("SKIPPED: {} is not set", super::super::VECTORS_VARIABLE);
            return;
        };
        let suite = Suite::ours().unwrap();
        let files = suite.inputs.iter().filter(|(_, input)| input.is_file());
        let read = files.filter(|(name, _)| suite.bytes(name, Some(&folder)).is_some()).count();
        assert_eq!(read, 5);
    }

    #[test]
    #[should_panic(expected = "another SHA-256 than the suite says")]
    fn other_bytes_than_meant_panic() {
        let mut suite = Suite::ours().unwrap();
        let Recipe::Pattern { add, .. } = &mut suite.inputs.get_mut("k_64").unwrap().recipe else {
            panic!("k_64 is a pattern");
        };
        *add += 1;
        let _ = suite.bytes("k_64", None);
    }
}
