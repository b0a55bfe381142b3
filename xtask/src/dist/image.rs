//! The container image, as dist/Containerfile describes it, made without a daemon: an OCI image layout in a tar archive.
//!
//! [OCI-IMAGE, Image Layout Specification] has blobs under their SHA-256: one layer with the static programs, the image's configuration, and the
//! manifest that names both; index.json names the manifest.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::build::Built;
use super::licences;
use super::source::Source;
use super::tree::{Tree, gzip};
use crate::served::sha256;

/// Who runs the program in the container: nobody with a name.
const USER: &str = "65532:65532";
/// Where the programs lie.
const FOLDER: &str = "usr/bin";
/// Where the licences of others are in it.
const DOC: &str = "usr/share/doc/sev-launch";
const PROGRAM: &str = "/usr/bin/sev-launch";

/// The name of the archive.
pub(super) fn file_name(version: &str) -> String {
    format!("sev-launch-{version}-oci.tar")
}

/// Makes the archive, by way of a folder that is not there yet; says the digest of the manifest, by which the image is known.
pub(super) fn make(
    source: &Source,
    built: &Built,
    licences: &str,
    way: &Path,
    to: &Path,
) -> Result<String> {
    let mut layer = Tree::default();
    for (name, bytes) in &built.programs {
        layer.program(format!("{FOLDER}/{name}"), bytes.clone());
    }
    layer.file(format!("{DOC}/{}", licences::NAME), licences);
    let path = way.with_extension("layer");
    layer.archive(way, source.epoch, &path)?;
    let plain = sha256(fs::read(&path)?);
    gzip(&path)?;
    let mut zipped = path.into_os_string();
    zipped.push(".gz");
    let layer = fs::read(&zipped)?;
    fs::remove_file(&zipped)?;
    let config = config(&source.version, &source.date("+%FT%TZ")?, &plain).to_string();
    let manifest = manifest(config.as_bytes(), &layer).to_string();
    let digest = sha256(&manifest);
    let mut layout = Tree::default();
    layout.file("oci-layout", json!({"imageLayoutVersion": "1.0.0"}).to_string());
    layout.file("index.json", index(&source.version, manifest.as_bytes()).to_string());
    for blob in [config.into_bytes(), layer, manifest.into_bytes()] {
        layout.file(format!("blobs/sha256/{}", sha256(&blob)), blob);
    }
    layout.archive(way, source.epoch, to).context("the image's archive")?;
    Ok(digest)
}

/// The image's configuration: what runs, as whom, and the SHA-256 of the layer before it was compressed.
fn config(version: &str, created: &str, layer: &str) -> Value {
    json!({
        "created": created,
        "architecture": "amd64",
        "os": "linux",
        "config": {
            "User": USER,
            "Env": ["PATH=/usr/bin"],
            "Entrypoint": [PROGRAM],
            "WorkingDir": "/",
            "Labels": {
                "org.opencontainers.image.title": "sev-launch",
                "org.opencontainers.image.version": version,
                "org.opencontainers.image.licenses": "MIT OR Apache-2.0",
                "org.opencontainers.image.source": "https://github.com/sev-launch/sev-launch",
            },
        },
        "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{layer}")]},
        "history": [{"created": created, "created_by": "cargo xtask dist"}],
    })
}

/// What the image consists of.
fn manifest(config: &[u8], layer: &[u8]) -> Value {
    json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": descriptor("application/vnd.oci.image.config.v1+json", config),
        "layers": [descriptor("application/vnd.oci.image.layer.v1.tar+gzip", layer)],
    })
}

/// What the archive has: one image, under its version's name.
fn index(version: &str, manifest: &[u8]) -> Value {
    let mut image = descriptor("application/vnd.oci.image.manifest.v1+json", manifest);
    image["platform"] = json!({"architecture": "amd64", "os": "linux"});
    image["annotations"] = json!({"org.opencontainers.image.ref.name": version});
    json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [image],
    })
}

/// [OCI-IMAGE, Content Descriptors]: what a blob is, its digest and its size.
fn descriptor(kind: &str, blob: &[u8]) -> Value {
    json!({"mediaType": kind, "digest": format!("sha256:{}", sha256(blob)), "size": blob.len()})
}

#[cfg(test)]
mod tests {
    use super::super::build::PROGRAMS;
    use super::*;
    use crate::call::read;

    /// SHA-256 of nothing and of "abc", as FIPS 180-2 and everybody else has them.
    const OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn blobs_are_described_by_digest_and_size() {
        let wanted = format!(
            r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
            "config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:{OF_NOTHING}","size":0}},
            "layers":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:{OF_ABC}","size":3}}]}}"#
        );
        assert_eq!(manifest(b"", b"abc"), serde_json::from_str::<Value>(&wanted).unwrap());
        let index = index("1.2.3", b"abc");
        assert_eq!(index["manifests"][0]["digest"], format!("sha256:{OF_ABC}"));
        let name = &index["manifests"][0]["annotations"]["org.opencontainers.image.ref.name"];
        assert_eq!(name, "1.2.3");
    }

    #[test]
    fn the_image_is_what_the_containerfile_says() {
        let recipe = read("dist/Containerfile").unwrap();
        let lines: Vec<&str> =
            recipe.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        let config = config("1.2.3", "2026-11-29T00:00:00Z", OF_ABC);
        assert_eq!(config["rootfs"]["diff_ids"][0], format!("sha256:{OF_ABC}"));
        let wanted = [
            "FROM scratch".to_owned(),
            format!("COPY {} /{FOLDER}/", PROGRAMS.join(" ")),
            format!("COPY {} /{DOC}/", licences::NAME),
            format!("USER {}", config["config"]["User"].as_str().unwrap()),
            format!("ENTRYPOINT {}", config["config"]["Entrypoint"]),
        ];
        assert_eq!(lines, wanted);
    }
}
