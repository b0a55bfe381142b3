//! The peer: PyPI's uefi_firmware in a virtual environment of its own.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::tree::Volume;
use crate::call::Call;
use crate::peers;

const VERSION: &str = "1.16";
const SCRIPT: &str = include_str!("peer.py");

/// The peer, ready to run.
pub(super) struct Peer {
    /// Its name and version.
    pub(super) name: String,
    python: PathBuf,
}

/// Installs it where it is not there.
pub(super) fn install() -> Result<Peer> {
    let venv = peers::folder().join(format!("uefi_firmware-{VERSION}"));
    let python = venv.join("bin/python");
    if !venv.join("bin/uefi-firmware-parser").is_file() {
        let make = Call::new("python3", "-m venv --clear").arg(&venv).text();
        make.context("python3 with venv is needed (Debian: apt-get install python3-venv)")?;
        let package = format!("install --quiet uefi_firmware=={VERSION}");
        Call::new(venv.join("bin/pip"), &package).text()?;
    }
    Ok(Peer { name: format!("uefi_firmware {VERSION}"), python })
}

impl Peer {
    /// What it finds in an image.
    pub(super) fn volumes(&self, image: &Path) -> Result<Vec<Volume>> {
        let call = Call::new(&self.python, "-c").arg(SCRIPT).arg(image);
        let text = call.text()?;
        // What it says while it reads comes before.
        let line = text.lines().next_back().context("the peer said nothing")?;
        serde_json::from_str(line).with_context(|| line.chars().take(200).collect::<String>())
    }
}
