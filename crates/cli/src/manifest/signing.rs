//! Signed manifests, for the commands: one rule for all that read one. With a key nothing is read that the key did not sign; without one no
//! signed manifest is read, since nobody would have looked at its signature.

use std::path::{Path, PathBuf};

use anyhow::Context;
use sev_launch_abi::LaunchDigest;
use sev_launch_manifest::Manifest;
use sev_launch_manifest::manifest::MAX_BYTES;
use sev_launch_manifest::signed::{Kind, MAX_ENVELOPE_BYTES, SignedError, SignedManifest, kind};
use sev_launch_sweep::Accepted;
use sev_launch_verify::dsse::{SigningKey, VerifyingKey};
use sev_launch_verify::outcome::Family;

use super::acceptance::AcceptanceFlags;
use crate::exit::{Refused, Steps};
use crate::{inputs, output};

/// The keys that a manifest must be signed by, one of them.
#[derive(Debug, clap::Args)]
pub(crate) struct ManifestKeys {
    /// Take the manifest only if it is signed by this key: the public half, on P-256, in PEM or DER. May repeat: one of them is enough.
    /// A manifest that is not signed, or by another key, is a no.
    #[arg(long, value_name = "FILE", help_heading = "Manifest's signature")]
    manifest_key: Vec<PathBuf>,
}

/// A manifest that was read.
pub(crate) struct ManifestFile {
    pub(crate) manifest: Manifest,
    /// By whom it is signed, where it is.
    pub(crate) notes: Vec<String>,
    /// What the file holds; of a signed one nothing, since no line of it is the manifest's.
    pub(crate) text: String,
}

impl ManifestKeys {
    /// Reads a manifest, and tells by whom it is signed.
    pub(crate) fn read(&self, path: &Path) -> anyhow::Result<Manifest> {
        let ManifestFile { manifest, notes, .. } = self.read_file(path)?;
        notes.iter().for_each(|text| output::remark("note", text));
        Ok(manifest)
    }

    /// The accepted rows of a manifest, which may be none, with notes on those that are not, and by whom it is signed.
    pub(crate) fn accepted<D: TryFrom<LaunchDigest>>(
        &self,
        path: &Path,
        acceptance: &AcceptanceFlags,
    ) -> anyhow::Result<Accepted<D>> {
        let ManifestFile { manifest, notes, .. } = self.read_file(path)?;
        let mut accepted = acceptance.accepted(&manifest, path)?;
        accepted.notes.extend(notes);
        Ok(accepted)
    }

    /// Reads a manifest.
    pub(crate) fn read_file(&self, path: &Path) -> anyhow::Result<ManifestFile> {
        let keys = self.manifest_key.iter().map(|path| public_key(path));
        let keys = keys.collect::<anyhow::Result<Vec<VerifyingKey>>>()?;
        // Of an envelope that is too long for a manifest, nothing would be read without a key.
        let limit = if keys.is_empty() { MAX_BYTES } else { MAX_ENVELOPE_BYTES };
        let bytes = inputs::read_file(path, u64::try_from(limit).unwrap_or(u64::MAX))?;
        let name = inputs::name(path);
        match (kind(&bytes), keys.is_empty()) {
            (Kind::Envelope, true) => Err(unchecked(&name).into()),
            (Kind::Manifest, false) => {
                Err(Refused(format!("{name}: is not signed, and --manifest-key wants it signed"))
                    .into())
            }
            (_, true) => unsigned(bytes, &name),
            (_, false) => self.signed(&bytes, &keys, &name),
        }
    }

    fn signed(
        &self,
        bytes: &[u8],
        keys: &[VerifyingKey],
        name: &str,
    ) -> anyhow::Result<ManifestFile> {
        let read = SignedManifest::from_json(bytes);
        let read = read.with_context(|| format!("{name}: not a signed manifest"))?;
        let verified = match read.verify(keys) {
            Err(error) if error.family() == Family::Rejected => {
                return Err(Refused(format!("{name}: {error}")).into());
            }
            found => found.with_context(|| name.to_owned())?,
        };
        let of_key = keys.iter().zip(&self.manifest_key).find(|(key, _)| *key == verified.key());
        let file = of_key.map(|(_, path)| inputs::name(path)).unwrap_or_default();
        let fingerprint = hex::encode(verified.key().fingerprint());
        let mut notes = vec![format!("{name}: signed by {file}, a key of SHA-256 {fingerprint}")];
        match verified.others().len() {
            0 => {}
            count => notes.push(format!(
                "{name}: {count} more signature(s), by none of the keys given: nothing is known of them"
            )),
        }
        Ok(ManifestFile { manifest: verified.into_manifest(), notes, text: String::new() })
    }
}

/// Reads a manifest for a command that takes none that is signed, since it would change what was signed.
pub(super) fn read_unsigned(path: &Path) -> anyhow::Result<Manifest> {
    let bytes = inputs::read_file(path, u64::try_from(MAX_BYTES).unwrap_or(u64::MAX))?;
    let name = inputs::name(path);
    match kind(&bytes) {
        Kind::Envelope => Err(sealed(&name).into()),
        _ => Ok(unsigned(bytes, &name)?.manifest),
    }
}

fn unsigned(bytes: Vec<u8>, name: &str) -> anyhow::Result<ManifestFile> {
    let what = || format!("{name}: not a manifest");
    let manifest = Manifest::from_json(&bytes).with_context(what)?;
    let text = String::from_utf8(bytes).with_context(what)?;
    Ok(ManifestFile { manifest, notes: Vec::new(), text })
}

/// A signature that nobody would look at.
fn unchecked(name: &str) -> Steps {
    let next = ["by a key that you trust:  --manifest-key PUB"];
    let said = format!("{name}: is signed, and no key is given to verify it with");
    Steps { said, next: next.map(str::to_owned).to_vec(), insecure: false }
}

/// A signed manifest where one is wanted that can be changed or signed.
fn sealed(name: &str) -> Steps {
    let next = [
        "what is in it:  sev-launch manifest show FILE --json --manifest-key PUB",
        "then sign the new one:  sev-launch manifest sign MANIFEST --key KEY",
    ];
    let said = format!("{name}: is signed: it cannot be changed, and is signed already");
    Steps { said, next: next.map(str::to_owned).to_vec(), insecure: false }
}

fn public_key(path: &Path) -> anyhow::Result<VerifyingKey> {
    VerifyingKey::parse(&inputs::read_small(path)?).with_context(|| inputs::name(path))
}

/// Reads the private key that signs, and warns where others may read it too.
pub(crate) fn private_key(path: &Path) -> anyhow::Result<SigningKey> {
    let (bytes, is_shared) = inputs::read_owners_secret(path)?;
    let name = inputs::name(path);
    if is_shared {
        let text = format!("{name}: others than its owner have access to this key (chmod 600)");
        output::remark("warning", &text);
    }
    SigningKey::parse(&bytes).context(name)
}

/// The envelope of a manifest, once it was found that it may be signed.
pub(crate) fn sign(
    manifest: &Manifest,
    acceptance: &AcceptanceFlags,
    key: &SigningKey,
) -> Result<Vec<u8>, SignedError> {
    sev_launch_manifest::signed::sign(manifest, &acceptance.accept(), key)
}
