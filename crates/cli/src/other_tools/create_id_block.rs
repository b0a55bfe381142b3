//! The program as `snp-create-id-block`, sev-snp-measure's second tool: an ID block and its authentication, in base64 for QEMU.
//!
//! The block has what the tool puts into every one: no family and image, version 1, security version 0, and policy 0x30000.
//! [sev-snp-measure, id_block.py]

use std::ffi::OsStr;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sev_launch_abi::snp;
use sev_launch_abi::snp::policy::Policy;
use sev_launch_description::import::argparse::{self, Flag};
use sev_launch_description::import::sev_snp_measure::VERSION;
use sev_launch_verify::snp::id_block::{Author, IdAuth, IdBlock};

use super::failure::Failure;
use crate::commands::id_block::private_key;
use crate::{output, text};

/// The name of the tool.
pub(super) const NAME: &str = "snp-create-id-block";

const USAGE: &str =
    "usage: snp-create-id-block [-h] --measurement VALUE --idkey PATH --authorkey PATH";

const HELP: &str = "\
Calculate AMD SEV-SNP guest id block: sev-launch, in the words of snp-create-id-block

options:
  -h, --help           show this help message and exit
  --measurement VALUE  the guest's launch digest in base64
  --idkey PATH         the private ID key
  --authorkey PATH     the private author key

The policy is 0x30000, the guest's security version 0. For other values, for an ID key alone, and
for keys that live elsewhere: sev-launch id-block build --help";

const FLAGS: [Flag; 4] = [
    Flag::switch("--help", Some('h')),
    Flag::value("--measurement"),
    Flag::value("--idkey"),
    Flag::value("--authorkey"),
];

/// The tool's policy: SMT is allowed, and nothing else; bit 17 is one by rule. [SNP-ABI, guest policy]
const POLICY: u64 = 0x30000;

/// Answers.
pub(super) fn run(words: &[Vec<u8>]) -> Result<(), Failure> {
    let usage = |error: String| Failure::Usage { usage: USAGE, error };
    let given = argparse::read(&FLAGS, words).map_err(usage)?;
    if given.iter().any(|one| one.flag == "--help") {
        return Ok(output::print_text(|out| text::lines(out, format_args!("{USAGE}\n\n{HELP}")))?);
    }
    let value = |name| given.iter().rev().find(|one| one.flag == name).map(|one| one.value);
    let (Some(id_key), Some(author_key)) = (value("--idkey"), value("--authorkey")) else {
        return Err(usage("missing key files for id block".into()));
    };
    let measurement = value("--measurement").context("no measurement: give --measurement")?;
    let block = IdBlock::new(digest(measurement)?, [0; 16], [0; 16], 0, Policy::from_bits(POLICY));
    let path = |bytes| Path::new(OsStr::from_bytes(bytes));
    let id_key = private_key(path(id_key))?;
    let author_key = private_key(path(author_key))?;
    let id_public = id_key.public();
    let author =
        Author { key: author_key.public(), signature: author_key.sign(&id_public.to_bytes()) };
    let signature = id_key.sign(&block.to_bytes());
    let auth = IdAuth::assemble(&block, &id_public, &signature, Some(&author))
        .map_err(anyhow::Error::from)?;
    output::print_text(|out| {
        let (block, auth) = (BASE64.encode(block.to_bytes()), BASE64.encode(auth.as_bytes()));
        writeln!(out, "id-block={block},id-auth={auth}")?;
        writeln!(out, "id_key_hash: {}", BASE64.encode(id_public.digest()))?;
        writeln!(out, "author_key: {}", BASE64.encode(author.key.digest()))
    })?;
    Ok(())
}

/// The launch digest. The tool skips what is no base64, and keeps the first 48 bytes of what is left: hex becomes another digest.
fn digest(value: &[u8]) -> Result<snp::LaunchDigest, Failure> {
    let shown = String::from_utf8_lossy(value);
    let array = |bytes: Vec<u8>| <[u8; 48]>::try_from(bytes).ok();
    if let Some(bytes) = BASE64.decode(value).ok().and_then(array) {
        return Ok(snp::LaunchDigest::from_bytes(bytes));
    }
    if let Some(bytes) = hex::decode(value).ok().and_then(array) {
        let why = format!(
            "--measurement is in hex, which {NAME} of {VERSION} reads as base64: the ID block is then for another digest"
        );
        let ours = vec![format!("in base64 it is {}", BASE64.encode(bytes))];
        return Err(Failure::Defect { why, ours });
    }
    let characters = shown.chars().count();
    let why = format!(
        "--measurement: wanted 48 bytes in base64, which are 64 characters; found {characters} characters"
    );
    Err(match BASE64.decode(value) {
        Ok(bytes) if bytes.len() < 48 => Failure::Stops(anyhow::anyhow!(why)),
        _ => Failure::Defect { why, ours: Vec::new() },
    })
}
