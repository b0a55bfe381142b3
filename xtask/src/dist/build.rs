//! The programs, built so that nothing of the machine is in them: no folder, no user, no time.
//!
//! Paths get into programs by panics' messages, `file!()`, and `__FILE__` in C. rustc and the C compiler are told to write other names in place of
//! the folders of the sources, of cargo's registry, of the build, and of Rust's own sources. Cargo leaves `--remap-path-prefix` out of the hashes that
//! names of symbols are made of, and takes a workspace's members by their folder in it; so the same names come out wherever it lies.
//! Afterwards every program is searched for those folders.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::source::Source;
use crate::call::{Call, target};

/// The programs that are shipped, each the name of its package: `sev-launch` starts the others, which must lie beside it.
pub(super) const PROGRAMS: [&str; 4] =
    ["sev-launch", "sev-launch-agent", "sev-launch-remote", "sev-launch-server"];

/// What programs are built for.
pub(super) struct Target {
    /// Rust's name of it.
    pub(super) triple: &'static str,
    /// Do programs have everything in them, C library and loader too?
    pub(super) is_static: bool,
    /// Where the C compiler's flags for it are found.
    cflags: &'static str,
}

/// For Debian, and every system with its glibc or a newer one.
pub(super) const GNU: Target = Target {
    triple: "x86_64-unknown-linux-gnu",
    is_static: false,
    cflags: "CFLAGS_x86_64_unknown_linux_gnu",
};
/// For any Linux, and for containers with nothing else in them.
pub(super) const MUSL: Target = Target {
    triple: "x86_64-unknown-linux-musl",
    is_static: true,
    cflags: "CFLAGS_x86_64_unknown_linux_musl",
};

/// Programs for a target.
pub(super) struct Built {
    pub(super) target: &'static Target,
    /// Name and bytes, as in [`PROGRAMS`].
    pub(super) programs: Vec<(String, Vec<u8>)>,
    /// The folder in which they are files.
    pub(super) folder: PathBuf,
}

/// Why programs for a target cannot be built here, and what helps.
pub(super) fn missing(target: &Target) -> Result<Option<String>> {
    let triple = target.triple;
    let place = Call::new("rustc", "--print target-libdir --target").arg(triple).text()?;
    if !Path::new(&place).is_dir() {
        return Ok(Some(format!("Rust has no {triple} here: rustup target add {triple}")));
    }
    let has_compiler = !target.is_static || Call::new("musl-gcc", "--version").succeeds();
    Ok((!has_compiler).then(|| "there is no musl-gcc: apt-get install musl-tools".to_owned()))
}

/// Builds the programs, and looks into each.
pub(super) fn build(source: &Source, wanted: &'static Target) -> Result<Built> {
    let place = std::path::absolute(target())?;
    let names = names(source, &place)?;
    let call = Call::cargo("build --profile dist --locked --quiet --target").arg(wanted.triple);
    let call = PROGRAMS.iter().fold(call, |call, program| call.words("--package").arg(*program));
    call.arg("--manifest-path")
        .arg(source.folder.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(&place)
        .env("CARGO_ENCODED_RUSTFLAGS", rustflags(&names))
        .env(wanted.cflags, cflags(&names)?)
        .env("CARGO_PROFILE_DIST_STRIP", "symbols")
        .env("SOURCE_DATE_EPOCH", source.epoch.to_string())
        .run()?;
    let built = place.join(wanted.triple).join("dist");
    let folder = place.join(wanted.triple).join("dist-stripped");
    fs::create_dir_all(&folder)?;
    let mut programs = Vec::new();
    for program in PROGRAMS {
        let path = folder.join(program);
        // Cargo 1.95 does not take the variable for a package that the profile has settings of its own for, as it has for `sev-launch`.
        let strip = Call::new("strip", "--strip-all -o").arg(&path).arg(built.join(program)).text();
        strip.context("strip is needed (Debian: apt-get install binutils)")?;
        look(&path, wanted, &names).with_context(|| path.display().to_string())?;
        programs.push((program.to_owned(), fs::read(&path)?));
    }
    Ok(Built { target: wanted, programs, folder })
}

/// A folder, and the name that stands for it.
type Name = (PathBuf, String);

/// What every folder that could get into a program is called there.
fn names(source: &Source, target: &Path) -> Result<Vec<Name>> {
    let metadata = Call::cargo("metadata --locked --format-version 1 --filter-platform")
        .arg(GNU.triple)
        .arg("--manifest-path")
        .arg(source.folder.join("Cargo.toml"))
        .text()?;
    let metadata: Value = serde_json::from_str(&metadata).context("cargo metadata")?;
    let mut names = vec![(source.folder.clone(), "/sev-launch".to_owned())];
    names.extend(registries(&metadata).into_iter().map(|folder| (folder, "/registry".to_owned())));
    names.push((target.to_owned(), "/target".to_owned()));
    let rustc = Call::new("rustc", "-vV").text()?;
    let hash = rustc.lines().find_map(|line| line.strip_prefix("commit-hash: "));
    let hash = hash.context("rustc -vV says no commit-hash")?;
    let sysroot = PathBuf::from(Call::new("rustc", "--print sysroot").text()?);
    // Where Rust's own sources are installed, rustc shows them in place of the name that they have everywhere else.
    let rust = sysroot.join("lib/rustlib/src/rust");
    if rust.is_dir() {
        names.push((rust, format!("/rustc/{hash}")));
    }
    // The last that fits is taken, and a folder sorts before what is in it.
    names.sort();
    Ok(names)
}

/// The folders that cargo unpacks packages of a registry into, whatever registry stands in for it here.
fn registries(metadata: &Value) -> BTreeSet<PathBuf> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let foreign = packages.filter(|package| !package["source"].is_null());
    let manifests = foreign.filter_map(|package| package["manifest_path"].as_str());
    manifests.filter_map(|path| Some(Path::new(path).parent()?.parent()?.to_owned())).collect()
}

/// rustc's arguments, as CARGO_ENCODED_RUSTFLAGS has them.
fn rustflags(names: &[Name]) -> OsString {
    let mut flags = OsString::new();
    for (folder, name) in names {
        if !flags.is_empty() {
            flags.push("\u{1f}");
        }
        flags.push("--remap-path-prefix=");
        flags.push(folder);
        flags.push("=");
        flags.push(name);
    }
    flags
}

/// The C compiler's arguments, which build scripts split at spaces.
fn cflags(names: &[Name]) -> Result<String> {
    let mut flags = Vec::new();
    for (folder, name) in names {
        let shown = folder.to_str().with_context(|| format!("{}: no UTF-8", folder.display()))?;
        let is_plain = !shown.contains(|c: char| c.is_whitespace() || c == '=');
        ensure!(
            is_plain,
            "{shown}: a folder with a space or = cannot be hidden from the C compiler; build elsewhere"
        );
        flags.push(format!("-ffile-prefix-map={shown}={name}"));
    }
    Ok(flags.join(" "))
}

/// Is a program static where it must be, dynamic where it may, and without a folder of this machine?
fn look(path: &Path, target: &Target, names: &[Name]) -> Result<()> {
    let headers = Call::new("readelf", "-lW").arg(path).env("LC_ALL", "C").text();
    let headers = headers.context("readelf is needed (Debian: apt-get install binutils)")?;
    let has_loader = headers.lines().any(|line| line.trim_start().starts_with("INTERP"));
    ensure!(
        has_loader != target.is_static,
        "it {} a loader (INTERP of readelf -l), wanted the contrary of {}",
        if has_loader { "asks for" } else { "asks for no" },
        target.triple
    );
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let home = home.filter(|home| home.components().count() > 1);
    for folder in names.iter().map(|(folder, _)| folder).chain(&home) {
        let found = Call::new("grep", "-qaF -e").arg(folder).arg("--").arg(path).status()?;
        match found.code() {
            Some(1) => {}
            Some(0) => bail!("{} is in it: a folder of this machine", folder.display()),
            _ => bail!("grep failed ({found})"),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn two() -> [Name; 2] {
        [("/home/a".into(), "/sev-launch".into()), ("/home/a/target".into(), "/target".into())]
    }

    #[test]
    fn flags_keep_their_order() {
        let wanted = "--remap-path-prefix=/home/a=/sev-launch\u{1f}--remap-path-prefix=/home/a/target=/target";
        assert_eq!(rustflags(&two()), wanted);
        let wanted =
            "-ffile-prefix-map=/home/a=/sev-launch -ffile-prefix-map=/home/a/target=/target";
        assert_eq!(cflags(&two()).unwrap(), wanted);
        assert!(cflags(&[("/my home".into(), "/x".into())]).is_err());
    }

    #[test]
    fn folders_of_registries_are_found() {
        let metadata = json!({"packages": [
            {"source": null, "manifest_path": "/work/crates/cli/Cargo.toml"},
            {"source": "registry", "manifest_path": "/c/registry/src/one/a-1.0.0/Cargo.toml"},
            {"source": "registry", "manifest_path": "/c/registry/src/one/b-1.0.0/Cargo.toml"},
        ]});
        assert_eq!(registries(&metadata), ["/c/registry/src/one".into()].into());
    }
}
