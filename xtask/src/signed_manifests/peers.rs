//! The three that sign and verify: how each is had, and how it is asked.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::call::{Call, root};
use crate::{debian, peers};

/// The release of Debian whose cosign is asked.
const RELEASE: &str = "trixie";
const SECURESYSTEMSLIB: &str = "1.6.0";
const CRYPTOGRAPHY: &str = "50.0.2";
/// The type of what is signed.
const PREDICATE: &str = "https://github.com/sev-launch/sev-launch/manifest/v1";

/// Who signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signer {
    Ours,
    Cosign,
    Securesystemslib,
}

/// Who verifies.
pub(super) type Verifier = Signer;

impl Signer {
    pub(super) const ALL: [Self; 3] = [Self::Ours, Self::Cosign, Self::Securesystemslib];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Ours => "sev-launch",
            Self::Cosign => "cosign",
            Self::Securesystemslib => "securesystemslib",
        }
    }
}

/// The programs and the keys.
pub(super) struct Peers {
    ours: PathBuf,
    cosign: PathBuf,
    python: PathBuf,
    place: PathBuf,
    /// What runs a program without a network; empty where this machine does not let it.
    alone: Vec<&'static str>,
    /// The package of cosign, by name and version.
    pub(super) package: String,
    /// A key of openssl's, its public half, and the public half of another.
    pub(super) key: PathBuf,
    pub(super) public: PathBuf,
    pub(super) other_public: PathBuf,
    /// The public half of the key that cosign made.
    pub(super) cosign_public: PathBuf,
}

impl Peers {
    /// Fetches what was not fetched before, and makes new keys.
    pub(super) fn fetch(ours: &Path, place: &Path) -> Result<Self> {
        let packages = debian::packages(RELEASE, &["cosign"])?;
        let [package] = &packages[..] else { bail!("one package was asked for") };
        let cosign = package.files.join("usr/bin/cosign");
        Call::new(&cosign, "version").text().context("cosign")?;
        let venv = std::path::absolute(
            peers::folder().join(format!("securesystemslib-{SECURESYSTEMSLIB}")),
        )?;
        let python = venv.join("bin/python");
        if !Call::new(&python, "-c").arg("import securesystemslib, cryptography").succeeds() {
            let make = Call::new("python3", "-m venv --clear").arg(&venv).text();
            make.context("python3 with venv is needed (Debian: apt-get install python3-venv)")?;
            let install = format!(
                "install --quiet securesystemslib=={SECURESYSTEMSLIB} cryptography=={CRYPTOGRAPHY}"
            );
            Call::new(venv.join("bin/pip"), &install).text()?;
        }
        let alone = ["unshare", "--net", "--map-root-user"];
        let is_allowed = Call::new("unshare", "--net --map-root-user true").succeeds();
        let key = |name: &str| -> Result<[PathBuf; 2]> {
            let [private, public] = ["pem", "pub"].map(|end| place.join(format!("{name}.{end}")));
            let make =
                Call::new("openssl", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out");
            make.arg(&private).text()?;
            Call::new("openssl", "pkey -pubout -in")
                .arg(&private)
                .arg("-out")
                .arg(&public)
                .text()?;
            Ok([private, public])
        };
        let [[key, public], [_, other_public]] = [key("owner")?, key("other")?];
        let peers = Self {
            ours: ours.to_owned(),
            cosign,
            python,
            place: place.to_owned(),
            alone: if is_allowed { alone.to_vec() } else { Vec::new() },
            package: package.name.clone(),
            key,
            public,
            other_public,
            cosign_public: place.join("cosign.pub"),
        };
        // Debian's cosign 2.5.0 refuses to import a key of openssl's ("unsupported public key type"), so that it makes one itself.
        let make = peers.cosign_in_place("generate-key-pair --output-key-prefix cosign");
        make.text().context("cosign's key")?;
        Ok(peers)
    }

    /// Was cosign without a network?
    pub(super) fn is_alone(&self) -> bool {
        !self.alone.is_empty()
    }

    pub(super) fn versions(&self) -> [String; 3] {
        [
            format!("sev-launch {}", env!("CARGO_PKG_VERSION")),
            format!("{} of Debian {RELEASE}", self.package),
            format!("securesystemslib {SECURESYSTEMSLIB} with cryptography {CRYPTOGRAPHY} (PyPI)"),
        ]
    }

    /// Our command.
    pub(super) fn ours(&self, words: &str) -> Call {
        Call::new(&self.ours, words)
    }

    /// securesystemslib.
    pub(super) fn python(&self, words: &str) -> Call {
        Call::new(&self.python, "")
            .arg(root().join("xtask/src/signed_manifests/peer.py"))
            .words(words)
    }

    /// cosign in the folder of the keys, without a network and without anybody's settings.
    fn cosign_in_place(&self, words: &str) -> Call {
        let mut line = self.alone.iter();
        let call = match line.next() {
            Some(program) => Call::new(*program, "").args(line).arg("env"),
            None => Call::new("env", ""),
        };
        let call = call.arg("-C").arg(&self.place).arg(&self.cosign).words(words);
        // Nothing of a repository of sigstore's roots is there.
        call.env("COSIGN_PASSWORD", "")
            .env("HOME", &self.place)
            .env("TUF_ROOT", self.place.join("tuf"))
    }

    /// The envelope that cosign makes of a manifest with one digest.
    pub(super) fn cosign_signs(&self, manifest: &Path, digest: &str) -> Result<String> {
        fs::write(self.place.join("guest"), "a name")?;
        let call =
            self.cosign_in_place("attest-blob --tlog-upload=false --yes --key cosign.key --type");
        let call = call.arg(PREDICATE).words("--hash").arg(digest).arg("--predicate").arg(manifest);
        call.arg("guest").text()
    }

    /// Does it say yes?
    pub(super) fn verifies(&self, verifier: Verifier, envelope: &Path, key: &Path) -> Result<bool> {
        let call = match verifier {
            Signer::Ours => {
                self.ours("manifest show --json").arg(envelope).arg("--manifest-key").arg(key)
            }
            Signer::Securesystemslib => self.python("verify").arg(key).arg(envelope),
            Signer::Cosign => {
                let call = self.cosign_in_place(
                    "verify-blob-attestation --insecure-ignore-tlog --check-claims=false --type",
                );
                call.arg(PREDICATE).arg("--key").arg(key).arg("--signature").arg(envelope)
            }
        };
        let output = call.output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        // No yes may be for a reason that has nothing to do with what was asked.
        match output.status.code() {
            Some(0) => Ok(true),
            Some(1 | 2) if !said.contains("panic") && !said.contains("No such file") => Ok(false),
            _ => bail!("{}: {}: {}", verifier.name(), output.status, said.trim()),
        }
    }

    /// What is in an envelope, as ours shows it.
    pub(super) fn shown(&self, envelope: &Path, key: &Path) -> Result<Value> {
        let call = self.ours("manifest show --json").arg(envelope).arg("--manifest-key").arg(key);
        Ok(serde_json::from_slice(&call.output()?.stdout).unwrap_or_default())
    }
}
