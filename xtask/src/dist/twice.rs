//! The second build: from another folder, as another user on a host of another name, in another time zone and language, with another umask, home, folder of
//! cargo and folder of the build, and later. Then every file must be the same.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use super::source::Source;
use super::sums;
use crate::call::{Call, target};

/// Starts the arguments as user 4321 on another host; that user is root outside, so that every file can be read.
const ELSEWHERE: &str = r#"hostname elsewhere.example
exec unshare --user --map-user=4321 --map-group=4321 -- sh -ec 'umask 077; exec "$@"' sh "$@""#;

/// Builds again, and compares; says how many files were the same, and how many seconds it took from nothing.
pub(super) fn build(source: &Source, first: &Path, flags: Vec<OsString>) -> Result<(usize, f64)> {
    let place = std::path::absolute(target())?.join("dist-again");
    if place.exists() {
        fs::remove_dir_all(&place)?;
    }
    let sources = place.join("another/folder/with-a-longer-name");
    source.copy(&sources, |_| true)?;
    let home = place.join("home");
    let cargo = place.join("cargo");
    fs::create_dir_all(&home)?;
    packages(&cargo)?;
    let second = place.join("out");
    let started = Instant::now();
    let mut call = Call::new("unshare", "--uts sh -ec")
        .arg(ELSEWHERE)
        .arg("sh")
        .arg(std::env::current_exe()?)
        .words("dist --source")
        .arg(&sources)
        .arg("--to")
        .arg(&second)
        .args(flags);
    for (name, value) in [
        ("SOURCE_DATE_EPOCH", source.epoch.to_string().into()),
        ("CARGO_TARGET_DIR", place.join("t").into_os_string()),
        ("RUSTUP_HOME", rustup()?.into_os_string()),
        ("CARGO_HOME", cargo.into_os_string()),
        ("HOME", home.into_os_string()),
        ("USER", "somebody-else".into()),
        ("LOGNAME", "somebody-else".into()),
        ("TZ", "Pacific/Chatham".into()),
        ("LC_ALL", "C.UTF-8".into()),
    ] {
        call = call.env(name, value);
    }
    call.run().context("the second build (it needs root, for another name of the host)")?;
    let seconds = started.elapsed().as_secs_f64();
    let (first, found) = (sums::of(first)?, sums::of(&second)?);
    let differences = sums::differences(&first, &found);
    ensure!(
        differences.is_empty(),
        "two builds of the same sources differ; the second is kept in {} (diffoscope tells where):\n{}",
        second.display(),
        differences.join("\n")
    );
    fs::remove_dir_all(&place)?;
    Ok((first.len(), seconds))
}

/// Another folder of cargo, with the packages that were downloaded already: it unpacks them anew.
fn packages(to: &Path) -> Result<()> {
    let registry = folder("CARGO_HOME", ".cargo")?.join("registry");
    fs::create_dir_all(to.join("registry"))?;
    for name in ["cache", "index"] {
        let from = registry.join(name);
        Call::new("cp", "--recursive --").arg(&from).arg(to.join("registry")).text()?;
    }
    Ok(())
}

/// The folder of rustup, which the second build uses too: one compiler.
fn rustup() -> Result<PathBuf> {
    folder("RUSTUP_HOME", ".rustup")
}

/// The folder that a variable names, or the one of this name in the home.
fn folder(variable: &str, name: &str) -> Result<PathBuf> {
    let told = std::env::var_os(variable).map(PathBuf::from);
    let own = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(name));
    told.or_else(own).with_context(|| format!("neither {variable} nor HOME is set"))
}
