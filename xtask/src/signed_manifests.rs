//! `cargo xtask signed-manifests`: manifests that are signed by ours, by cosign and by securesystemslib, verified by each of the three, offline.
//!
//! cosign is Debian trixie's package, unpacked below target/; securesystemslib is PyPI's, in a virtual environment there. Each verifier is asked
//! for what each signer made, for the same with a changed byte in the payload, in the signature and in the payload's type, and for another key.
//! cosign is run in a network namespace of its own where this machine lets it, so that nothing can be asked of anybody.

mod page;
mod peers;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::call::{self, Call};
use crate::peers::{Tool, folder};
use peers::{Peers, Signer, Verifier};

/// What is asked.
#[derive(Default, clap::Args)]
pub(crate) struct Options {
    /// Fail where cosign or securesystemslib cannot be had
    #[arg(long)]
    must: bool,
    /// Ask this sev-launch instead of building one
    #[arg(long, value_name = "PROGRAM")]
    ours: Option<PathBuf>,
    /// Write docs/signed-manifests.md
    #[arg(long)]
    write: bool,
}

/// What was asked of a verifier, and what it said.
struct Answer {
    signer: Signer,
    verifier: Verifier,
    /// How many envelopes are right, and of how many it said so.
    right: [usize; 2],
    /// How many are not, and how many it refused.
    wrong: [usize; 2],
}

/// An envelope, and the public key of whom signed it.
struct Envelope {
    signer: Signer,
    file: PathBuf,
    key: PathBuf,
    /// The manifest that is in it.
    manifest: Value,
}

/// The manifests that are signed: their name, what `manifest build` is told, and how many digests there are.
const MANIFESTS: [(&str, &str); 3] = [
    ("snp", "--description testdata/launch.toml --vcpus 1..=4"),
    (
        "sev-es",
        "--mode seves --firmware testdata/firmware/amdsev.fd --vcpus 1 --vcpu-type EPYC-Milan",
    ),
    ("sev", "--mode sev --firmware testdata/firmware/amdsev.fd"),
];

/// Signs and verifies; fails where an answer is not the one wanted.
pub(crate) fn run(options: &Options) -> Result<()> {
    let ours = Tool::ours(options.ours.as_deref())?;
    let place = std::path::absolute(folder().join("signed-manifests"))?;
    if place.exists() {
        fs::remove_dir_all(&place)?;
    }
    fs::create_dir_all(&place)?;
    let peers = match Peers::fetch(ours.call.program(), &place) {
        Ok(peers) => peers,
        Err(error) if !options.must => {
            println!(
                "SKIPPED: cosign or securesystemslib cannot be had, nothing was run: {error:#}"
            );
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let envelopes = signed(&peers, &place)?;
    let mut answers = Vec::new();
    for signer in Signer::ALL {
        let of_signer: Vec<&Envelope> =
            envelopes.iter().filter(|one| one.signer == signer).collect();
        ensure!(!of_signer.is_empty(), "{} signed nothing", signer.name());
        for verifier in Verifier::ALL {
            answers.push(ask(&peers, &place, (signer, &of_signer), verifier)?);
        }
    }
    for Answer { signer, verifier, right, wrong } in &answers {
        println!(
            "signed-manifests: of {}, by {}: {} of {} verified, {} of {} changed or under another key refused",
            signer.name(),
            verifier.name(),
            right[1],
            right[0],
            wrong[1],
            wrong[0]
        );
    }
    if options.write {
        let date = Call::new("date", "-u +%F").text()?;
        call::write("docs/signed-manifests.md", &page::page(&date, &peers, &answers))?;
    }
    let is_as_wanted =
        |answer: &Answer| answer.right[0] == answer.right[1] && answer.wrong[0] == answer.wrong[1];
    ensure!(answers.iter().all(is_as_wanted), "an envelope was not judged as it should be");
    Ok(())
}

/// Every manifest, signed by everybody who can.
fn signed(peers: &Peers, place: &Path) -> Result<Vec<Envelope>> {
    let mut envelopes = Vec::new();
    for (name, flags) in MANIFESTS {
        let manifest = place.join(format!("{name}.json"));
        peers.ours("manifest build --quiet").words(flags).arg("-o").arg(&manifest).text()?;
        let value: Value = serde_json::from_slice(&fs::read(&manifest)?)?;
        let mut add = |signer: Signer, file: PathBuf, key: &Path, manifest: &Value| {
            let (key, manifest) = (key.to_owned(), manifest.clone());
            envelopes.push(Envelope { signer, file, key, manifest });
        };
        let out = |who: &str| place.join(format!("{name}.{who}.dsse.json"));
        let file = out("ours");
        peers
            .ours("manifest sign")
            .arg(&manifest)
            .arg("--key")
            .arg(&peers.key)
            .arg("-o")
            .arg(&file)
            .text()?;
        add(Signer::Ours, file, &peers.public, &value);
        // What others sign is the statement that we publish, whose manifest has no lists of modules.
        let statement = place.join(format!("{name}.statement.json"));
        let publish = peers.ours("manifest publish --to in-toto -o");
        publish.arg(&statement).arg(&manifest).text()?;
        let file = out("securesystemslib");
        peers.python("sign").arg(&peers.key).arg(&statement).arg(&file).text()?;
        let published: Value = serde_json::from_slice(&fs::read(&statement)?)?;
        add(Signer::Securesystemslib, file, &peers.public, &published["predicate"]);
        // cosign makes the statement by itself, about one SHA-256: of a guest of SEV or SEV-ES, of which there is one digest.
        let rows = value["rows"].as_array().context("rows")?;
        if let [row] = &rows[..]
            && let Some(digest) = row["digest"].as_str().filter(|digest| digest.len() == 64)
        {
            let file = out("cosign");
            fs::write(&file, peers.cosign_signs(&manifest, digest)?)?;
            add(Signer::Cosign, file, &peers.cosign_public, &value);
        }
    }
    Ok(envelopes)
}

/// Asks a verifier for all envelopes of a signer.
fn ask(
    peers: &Peers,
    place: &Path,
    (signer, envelopes): (Signer, &[&Envelope]),
    verifier: Verifier,
) -> Result<Answer> {
    let mut answer = Answer { signer, verifier, right: [0; 2], wrong: [0; 2] };
    for Envelope { file, key, manifest, .. } in envelopes {
        let other_half = place.join("half.json");
        peers.python("half").arg(file).arg(&other_half).text()?;
        for file in [file, &other_half] {
            answer.right[0] += 1;
            let is_yes = peers.verifies(verifier, file, key)?;
            // Ours gives back what was signed.
            let is_same = verifier != Verifier::Ours || peers.shown(file, key)? == *manifest;
            answer.right[1] += usize::from(is_yes && is_same);
        }
        let text = fs::read(file)?;
        for (number, changed) in changed(&text)?.into_iter().enumerate() {
            let file = place.join(format!("changed.{number}.json"));
            fs::write(&file, changed.to_string())?;
            answer.wrong[0] += 1;
            answer.wrong[1] += usize::from(!peers.verifies(verifier, &file, key)?);
        }
        answer.wrong[0] += 1;
        answer.wrong[1] += usize::from(!peers.verifies(verifier, file, &peers.other_public)?);
    }
    Ok(answer)
}

/// The envelope with one byte changed: in the payload's first, middle and last byte, in the signature's, and in the type.
fn changed(text: &[u8]) -> Result<Vec<Value>> {
    let right: Value = serde_json::from_slice(text)?;
    let payload = STANDARD.decode(right["payload"].as_str().context("a payload")?)?;
    let signature =
        STANDARD.decode(right["signatures"][0]["sig"].as_str().context("a signature")?)?;
    let flipped = |bytes: &[u8], at: usize| {
        let mut bytes = bytes.to_vec();
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1;
        }
        STANDARD.encode(bytes)
    };
    let mut all = Vec::new();
    for at in [0, payload.len() / 2, payload.len() - 1] {
        let mut value = right.clone();
        value["payload"] = json!(flipped(&payload, at));
        all.push(value);
    }
    for at in [0, signature.len() / 2, signature.len() - 1] {
        let mut value = right.clone();
        value["signatures"][0]["sig"] = json!(flipped(&signature, at));
        all.push(value);
    }
    let mut value = right;
    value["payloadType"] = json!("application/vnd.in-toto+jsom");
    all.push(value);
    Ok(all)
}
