//! `cargo xtask firmware`: every image of Debian's OVMF packages, taken apart by our command and by a peer, and held against what is known.
//!
//! The images are those of bookworm's and trixie's `ovmf` and of sid's `ovmf-generic` and `ovmf-amdsev`, and two that the test kit makes up. Of each
//! the tree must add up to the whole image, every file must be the one that PyPI's uefi_firmware finds (GUID, type, size, name, sections), and the
//! command must say rightly who checks the kernel's hashes. Then releases are compared in pairs, and the tests of `firmware-diff` put the second of
//! any two images together from the first and the differences.

mod images;
mod page;
mod peer;
mod tree;

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::call::{self, Call, root};
use crate::machine::Machine;
use crate::peers::Tool;
use images::Image;
use tree::Volume;

/// What is asked.
#[derive(Default, clap::Args)]
pub(crate) struct Options {
    /// Fail where the packages or the peer cannot be had
    #[arg(long)]
    must: bool,
    /// Ask this sev-launch instead of building one
    #[arg(long, value_name = "PROGRAM")]
    ours: Option<PathBuf>,
    /// A release that is there already: the folder has usr/share/OVMF. In place of all releases; may be given several times
    #[arg(long, value_name = "NAME=FOLDER", value_parser = images::parse)]
    release: Vec<(String, PathBuf)>,
    /// Write docs/firmware-images.md, and docs/firmware-diff.txt, the whole comparison of two releases
    #[arg(long)]
    write: bool,
}

/// What was found of an image.
struct Looked {
    image: Image,
    sha256: String,
    size: u64,
    check: String,
    /// Parts of every kind.
    parts: usize,
    volumes: Vec<Volume>,
}

impl Looked {
    fn files(&self) -> usize {
        self.volumes.iter().map(|volume| volume.files.len()).sum()
    }
}

/// What was found of two images.
struct Compared {
    a: String,
    b: String,
    statement: String,
    differences: usize,
    modules: usize,
    pages: String,
    digests: String,
}

/// Looks at every image, and compares releases.
pub(crate) fn run(options: &Options) -> Result<()> {
    let peer = match peer::install().and_then(|peer| Ok((peer, images::find(&options.release)?))) {
        Ok(found) => found,
        Err(error) if !options.must => {
            println!(
                "SKIPPED: images or their peer cannot be had, so nothing was looked at: {error:#}"
            );
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let (peer, (packages, images)) = peer;
    let ours = Tool::ours(options.ours.as_deref())?;
    let mut looked = Vec::new();
    for image in images {
        let name = image.name.clone();
        looked.push(look(&ours, &peer, image).with_context(|| name)?);
    }
    let pairs = images::pairs(&looked);
    ensure!(!pairs.is_empty(), "no image is in two releases");
    let compared: Vec<Compared> =
        pairs.iter().map(|(a, b)| compare(&ours, a, b)).collect::<Result<_>>()?;
    let folders: Vec<PathBuf> = images::folders(&looked);
    rebuild(&folders)?;
    releases(&ours, &looked, options.write)?;
    let files: usize = looked.iter().map(Looked::files).sum();
    println!(
        "firmware: {} images, {files} files, all as {} has them; {} pairs compared and rebuilt",
        looked.len(),
        peer.name,
        compared.len()
    );
    if options.write {
        let machine = Machine::read()?.line();
        let date = Call::new("date", "-u +%F").text()?;
        let page =
            page::page(&date, &packages, &peer.name, &looked, &compared, (&machine, &hostile()?));
        call::write("docs/firmware-images.md", &page)?;
    }
    Ok(())
}

/// What `firmware diff` prints of two releases, whole. The rebuild test proves it: it puts the second image together from the first and from nothing but
/// the differences that these lines count.
const RELEASES: &str = "docs/firmware-diff.txt";

/// Holds that page against what our command prints, or writes it. Where a release has other images by now, there is nothing to hold.
fn releases(ours: &Tool, looked: &[Looked], write: bool) -> Result<()> {
    let named = |name: &str| looked.iter().find(|one| one.image.name == name);
    let (Some(a), Some(b)) = (named("bookworm OVMF.fd"), named("trixie OVMF.fd")) else {
        println!("SKIPPED: {RELEASES}, whose releases are not here");
        return Ok(());
    };
    let call = ours.call.clone().words("firmware diff").arg(a.image.path.as_os_str());
    let output = call.arg(b.image.path.as_os_str()).output()?;
    ensure!(output.status.code() == Some(1), "firmware diff: {}", output.status);
    let mut text = String::from_utf8(output.stdout)?;
    // The longer path first: the other one may be its end.
    let mut named = [a, b];
    named.sort_by_key(|one| std::cmp::Reverse(one.image.path.as_os_str().len()));
    for one in named {
        text = text.replace(&*one.image.path.to_string_lossy(), &one.image.name);
    }
    if write {
        return call::write(RELEASES, &text);
    }
    let page = call::read(RELEASES)?;
    if !page.contains(&a.sha256) || !page.contains(&b.sha256) {
        println!(
            "SKIPPED: {RELEASES}, which is of other images than these releases have now: --write"
        );
        return Ok(());
    }
    ensure!(page == text, "{RELEASES} is not what firmware diff prints: --write writes it");
    Ok(())
}

/// How long the worst images take, as tables; fails where that is 2 seconds or more.
fn hostile() -> Result<String> {
    Call::cargo("run --quiet --release -p sev-launch-firmware-diff --example hostile").text()
}

/// Takes an image apart in both ways, and holds what comes of it against what is known.
fn look(ours: &Tool, peer: &peer::Peer, image: Image) -> Result<Looked> {
    let call = ours.call.clone().words("firmware tree --json").arg(image.path.as_os_str());
    let document: Value = serde_json::from_str(&call.text()?)?;
    let sha256 = Call::new("sha256sum", "-b").arg(image.path.as_os_str()).text()?;
    let sha256 = sha256.split(' ').next().unwrap_or_default().to_owned();
    ensure!(document["sha256"] == sha256.as_str(), "{}: another SHA-256", document["sha256"]);
    let size = std::fs::metadata(&image.path)?.len();
    ensure!(document["size"] == size, "{}: another size", document["size"]);
    let parts = tree::add_up(&document)?;
    ensure!(document["understood"] == true, "not all of it was understood");
    let volumes = tree::volumes(&document)?;
    let theirs = peer.volumes(&image.path)?;
    tree::assert_same(&volumes, &theirs)?;
    let check = document["kernel_hash_check"].as_str().unwrap_or_default().to_owned();
    ensure!(check == image.check, "kernel hashes: {check}, and {} is known", image.check);
    let shown = ours.call.clone().words("firmware show --json").arg(image.path.as_os_str());
    let shown: Value = serde_json::from_str(&shown.text()?)?;
    let flavour = shown["flavour"].as_str().unwrap_or_default();
    let wanted = images::flavour(&image);
    ensure!(wanted.iter().any(|text| flavour.starts_with(text)), "flavour: {flavour}");
    Ok(Looked { image, sha256, size, check, parts, volumes })
}

/// What our command says of two images.
fn compare(ours: &Tool, a: &Looked, b: &Looked) -> Result<Compared> {
    let call = ours.call.clone().words("firmware diff --json").arg(a.image.path.as_os_str());
    let output = call.arg(b.image.path.as_os_str()).output()?;
    let status = output.status;
    ensure!(status.code() == Some(1), "{} and {}: {status}", a.image.name, b.image.name);
    let document: Value = serde_json::from_slice(&output.stdout)?;
    let count = |key: &str| document[key].as_array().map_or(0, Vec::len);
    let statement = document["statement"].as_str().context("no statement")?.to_owned();
    let pages = &document["pages"];
    let digests = document["digests"].as_array().into_iter().flatten();
    let changing = digests.filter(|one| one["changes"] == true);
    let changing: Vec<&str> = changing.filter_map(|one| one["technology"].as_str()).collect();
    Ok(Compared {
        a: a.image.name.clone(),
        b: b.image.name.clone(),
        statement,
        differences: count("differences"),
        modules: count("modules"),
        pages: format!("{} of {}", pages["differing"], pages["common"]),
        digests: changing.join(", "),
    })
}

/// Runs the tests of `firmware-diff` that put images together from one another, over all of these images.
fn rebuild(folders: &[PathBuf]) -> Result<()> {
    let joined = std::env::join_paths(folders)?;
    let call = Call::cargo("test --quiet -p sev-launch-firmware-diff --test real");
    let call = call.env("SEV_LAUNCH_FIRMWARE", joined).arg("--manifest-path");
    call.arg(root().join("Cargo.toml"))
        .words("-- --include-ignored")
        .run()
        .context("images are not rebuilt from one another")
}
