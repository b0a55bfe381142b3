//! `cargo xtask dist`: everything that a release consists of, in one folder, the same wherever it is made.
//!
//! [`build`] makes the programs, [`package`] the Debian package, [`image`] the container image, [`sbom`] says what is in them, [`sums`] lists it all. The folder
//! appears whole or not at all. With `--twice` all of it is made a second time, elsewhere and by somebody else ([`twice`]), and compared; with
//! `--install` the package is used and purged in a bare Debian ([`install`]). What came is docs/dist.md.

mod build;
mod environment;
mod image;
mod install;
mod licences;
mod look;
mod package;
mod page;
mod sbom;
mod source;
mod sums;
mod tree;
mod twice;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use self::build::{Built, GNU, MUSL};
use self::source::Source;
use self::tree::Tree;
use crate::call::{self, root, target};

/// What is made, and what is shown of it.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Where it is made [default: target/dist-out]
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
    /// Fail where something that this needs cannot be had, in place of doing without it
    #[arg(long)]
    must: bool,
    /// Make it a second time, elsewhere and as somebody else, and compare every byte
    #[arg(long)]
    twice: bool,
    /// Install, use and purge the package in a bare bookworm, and run the static programs in an empty folder
    #[arg(long)]
    install: bool,
    /// Write docs/dist.md
    #[arg(long, requires_all = ["must", "twice", "install"])]
    write: bool,
    /// Leave out the static programs and the container image
    #[arg(long, conflicts_with = "write")]
    without_static: bool,
    /// Build the sources in this folder [default: this repository's]
    #[arg(long, value_name = "FOLDER")]
    source: Option<PathBuf>,
    /// Ask this cargo-cyclonedx in place of installing one
    #[arg(long, value_name = "PROGRAM")]
    cyclonedx: Option<PathBuf>,
}

/// What was made.
struct Made {
    gnu: Built,
    musl: Option<Built>,
    /// By which the image is known.
    image: Option<String>,
    /// What lists the parts of each program, if it can be had.
    cyclonedx: Option<PathBuf>,
}

/// Makes the folder, and shows of it what is asked for.
pub(crate) fn run(options: &Options) -> Result<()> {
    environment::settle()?;
    let source = Source::read(options.source.as_deref().unwrap_or(root()))?;
    let to = options.to.clone().unwrap_or_else(|| target().join("dist-out"));
    let to = std::path::absolute(to)?;
    sums::must_be_ours(&to)?;
    if options.must && source.commit.ends_with("-dirty") {
        bail!(
            "{}: there are changes that no commit has: what is made could not be made again",
            source.folder.display()
        );
    }
    let new = beside(&to, "new")?;
    remove(&new)?;
    fs::create_dir_all(&new).with_context(|| new.display().to_string())?;
    let made = make(&source, &new, options)?;
    let remarks = look_over(&source, &new, &made)?;
    let old = beside(&to, "old")?;
    remove(&old)?;
    if to.exists() {
        fs::rename(&to, &old)?;
    }
    fs::rename(&new, &to).with_context(|| to.display().to_string())?;
    remove(&old)?;
    println!(
        "dist: {} of commit {}, SOURCE_DATE_EPOCH={}",
        to.display(),
        source.commit,
        source.epoch
    );
    for (name, sum) in sums::of(&to)? {
        println!("dist: {} {:>9} {name}", sum.sha256, sum.size);
    }
    let steps = match options.install {
        true => {
            let package = to.join(package::file_name(&source.version));
            let steps = install::run(&source, &package, made.musl.as_ref())?;
            steps.iter().for_each(|step| println!("dist: {}", step.what));
            steps
        }
        false => Vec::new(),
    };
    let again = match options.twice {
        true => {
            let again = twice::build(&source, &to, same_flags(options, &made))?;
            println!("dist: {} files are the same in a second build, {:.0} s", again.0, again.1);
            Some(again)
        }
        false => None,
    };
    if let (Some(again), true) = (again, options.write) {
        let page = page::page(&source, &made, &sums::of(&to)?, again, &steps, &remarks)?;
        call::write("docs/dist.md", &page)?;
    }
    Ok(())
}

/// What the second build is asked for, so that it makes the same files.
fn same_flags(options: &Options, made: &Made) -> Vec<OsString> {
    let named = made.cyclonedx.iter().flat_map(|program| ["--cyclonedx".into(), program.into()]);
    let must = options.must.then(|| "--must".into());
    let without_static = options.without_static.then(|| "--without-static".into());
    named.chain(must).chain(without_static).collect()
}

/// Builds everything into a folder that is there and empty.
fn make(source: &Source, to: &Path, options: &Options) -> Result<Made> {
    let way = beside(to, "way")?;
    remove(&way)?;
    let version = &source.version;
    if let (Some(missing), true) = (look::missing(), options.must) {
        bail!("nobody could look over what is made: {missing}");
    }
    let mut missing = build::missing(&MUSL)?;
    if options.without_static {
        missing = Some("--without-static was asked for".to_owned());
    } else if let (Some(why), true) = (&missing, options.must) {
        bail!("{}: {why}", MUSL.triple);
    }
    let cyclonedx = match options.cyclonedx.clone().map_or_else(sbom::program, Ok) {
        Ok(program) => Some(program),
        Err(error) if !options.must => {
            println!(
                "SKIPPED: cargo-cyclonedx cannot be had, NOTHING SAYS what is in the programs: {error:#}"
            );
            None
        }
        Err(error) => return Err(error),
    };
    let licences = licences::text(source)?;
    let gnu = build::build(source, &GNU)?;
    archive(source, &gnu, &licences, &way, to)?;
    package::make(source, &gnu, &licences, &way, &to.join(package::file_name(version)))?;
    let mut made = Made { gnu, musl: None, image: None, cyclonedx };
    if let Some(why) = missing {
        println!("SKIPPED: THERE ARE NO STATIC PROGRAMS AND NO CONTAINER IMAGE: {why}");
    } else {
        let musl = build::build(source, &MUSL)?;
        archive(source, &musl, &licences, &way, to)?;
        made.image =
            Some(image::make(source, &musl, &licences, &way, &to.join(image::file_name(version)))?);
        made.musl = Some(musl);
    }
    if let Some(program) = &made.cyclonedx {
        sbom::write(source, program, &way, to)?;
    }
    sums::write(to)?;
    Ok(made)
}

/// Lets others judge what was made; what they remark.
fn look_over(source: &Source, folder: &Path, made: &Made) -> Result<Vec<String>> {
    if let Some(missing) = look::missing() {
        println!("SKIPPED: NOBODY LOOKED OVER the package and the image: {missing}");
        return Ok(Vec::new());
    }
    if let (Some(digest), Some(musl)) = (&made.image, &made.musl) {
        let way = beside(folder, "look")?;
        remove(&way)?;
        let path = folder.join(image::file_name(&source.version));
        look::image(&path, digest, &source.version, musl, &way)?;
    }
    look::package(&folder.join(package::file_name(&source.version)))
}

/// An archive of programs and all that one reads about them.
fn archive(source: &Source, built: &Built, licences: &str, way: &Path, to: &Path) -> Result<()> {
    let name = format!("sev-launch-{}-{}", source.version, built.target.triple);
    let mut tree = Tree::default();
    for (program, bytes) in &built.programs {
        tree.program(format!("{name}/{program}"), bytes.clone());
    }
    for file in ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "SECURITY.md"] {
        tree.file(format!("{name}/{file}"), source.file(file)?);
    }
    tree.file(format!("{name}/{}", licences::NAME), licences);
    if built.target.is_static {
        tree.file(format!("{name}/Containerfile"), source.file("dist/Containerfile")?);
    }
    for folder in ["man", "completions"] {
        for (file, text) in source.files(&format!("docs/{folder}"))? {
            tree.file(format!("{name}/{folder}/{file}"), text);
        }
    }
    let path = to.join(format!("{name}.tar"));
    tree.archive(way, source.epoch, &path)?;
    tree::gzip(&path)
}

/// A folder of almost the same name.
fn beside(folder: &Path, ending: &str) -> Result<PathBuf> {
    let mut name = folder.file_name().context("--to is no folder's name: give it one")?.to_owned();
    name.push(".dist-");
    name.push(ending);
    Ok(folder.with_file_name(name))
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    Ok(())
}
