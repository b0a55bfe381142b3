//! What each program is made of: a CycloneDX document for every package, by cargo-cyclonedx.
//!
//! cargo-cyclonedx writes beside each manifest, so it gets a copy of the manifests and sources. It names our own packages by their folder, which is
//! taken out; with SOURCE_DATE_EPOCH it takes that time and no serial number by chance.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use super::build::GNU;
use super::source::Source;
use crate::call::Call;
use crate::peers;

const VERSION: &str = "0.5.9";
/// Packages, and their folders: the command is the root.
const PACKAGES: [(&str, &str); 4] = [
    ("sev-launch", "."),
    ("sev-launch-agent", "crates/agent"),
    ("sev-launch-remote", "crates/remote"),
    ("sev-launch-server", "crates/server"),
];
/// The name under which cargo-cyclonedx writes.
const NAME: &str = "sev-launch-sbom";

/// cargo-cyclonedx, installed first where it is not there; that takes minutes. It is not optimised: it runs for a second.
pub(super) fn program() -> Result<PathBuf> {
    let own = std::path::absolute(peers::folder().join("cargo-cyclonedx"))?;
    let program = own.join("bin/cargo-cyclonedx");
    if !program.is_file() {
        let install =
            format!("install cargo-cyclonedx --locked --debug --quiet --version {VERSION} --root");
        Call::cargo(&install).arg(&own).arg("--target-dir").arg(own.join("target")).run()?;
        // Nobody needs again what it was built from.
        fs::remove_dir_all(own.join("target"))?;
    }
    Ok(program)
}

/// Writes the documents into a folder, by way of another one that is not there yet.
pub(super) fn write(source: &Source, program: &Path, way: &Path, to: &Path) -> Result<()> {
    source
        .copy(way, |name| name.ends_with(".rs") || matches!(name, "Cargo.toml" | "Cargo.lock"))?;
    Call::new(
        program,
        "cyclonedx --quiet --format json --spec-version 1.5 --no-build-deps --target",
    )
    .arg(GNU.triple)
    .args(["--override-filename", NAME, "--manifest-path"])
    .arg(way.join("Cargo.toml"))
    .env("SOURCE_DATE_EPOCH", source.epoch.to_string())
    .text()?;
    for (package, folder) in PACKAGES {
        let path = way.join(folder).join(format!("{NAME}.json"));
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let text = without_folder(&text, way)?;
        let value: serde_json::Value = serde_json::from_str(&text).context(package)?;
        ensure!(
            value["metadata"]["component"]["name"] == package,
            "{folder}: cargo-cyclonedx described {}, wanted {package}",
            value["metadata"]["component"]["name"]
        );
        fs::write(to.join(format!("{package}-{}.cdx.json", source.version)), text)?;
    }
    fs::remove_dir_all(way)?;
    Ok(())
}

/// The document with our own packages named by their folder in the sources alone.
fn without_folder(text: &str, folder: &Path) -> Result<String> {
    let folder = folder.to_str().context("a folder's name is no UTF-8")?;
    Ok(text.replace(&format!("{folder}/"), "/sev-launch/").replace(folder, "/sev-launch"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_taken_out() {
        let text = r#""path+file:///w/x/crates/cli#0.1.0", "file:///w/x""#;
        let wanted = r#""path+file:///sev-launch/crates/cli#0.1.0", "file:///sev-launch""#;
        assert_eq!(without_folder(text, Path::new("/w/x")).unwrap(), wanted);
    }
}
