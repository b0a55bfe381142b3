//! The tool's own tests, from its source package, with our program in place of the functions that they test.
//!
//! The package and what is unpacked of it lie under target/reference and go nowhere else. It has no firmware: the images of
//! sev-snp-measure's repository are taken from the folder that `SEV_LAUNCH_VECTORS` names, and a test whose files are not there is
//! told as skipped. What differs is listed with its reason in suite.txt.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use crate::call::Call;

const SUITE: &str = include_str!("suite.py");
const LISTED: &str = include_str!("suite.txt");

/// How a test has ended.
#[derive(Deserialize)]
struct Ended {
    name: String,
    result: String,
    text: String,
}

/// Runs the tests: `bin` is where the tool's Python lies, `programs` is ours under the tool's two names.
pub(super) fn run(
    version: &str,
    bin: &Path,
    programs: [&Path; 2],
    folder: &Path,
    must: bool,
) -> Result<()> {
    let folder = folder.join("suite");
    fs::create_dir_all(&folder)?;
    let package =
        format!("download --quiet --no-deps --no-binary :all: sev-snp-measure=={version} -d");
    match Call::new(bin.join("pip"), &package).arg(&folder).text() {
        Err(error) if !must => {
            println!("SKIPPED: the tool's own tests cannot be had: {error:#}");
            return Ok(());
        }
        downloaded => downloaded?,
    };
    let archive = folder.join(format!("sev_snp_measure-{version}.tar.gz"));
    Call::new("tar", "-xzf").arg(&archive).arg("-C").arg(&folder).text()?;
    let unpacked = folder.join(format!("sev_snp_measure-{version}"));
    fixtures(&unpacked.join("tests/fixtures"))?;
    let script = folder.join("suite.py");
    fs::write(&script, SUITE)?;
    // The tests name their files from their own folder; the tool's modules are those that are installed.
    let shell = "cd \"$1\" && PYTHONPATH=. exec \"$2\" \"$3\" \"$4\" \"$5\"";
    let call = Call::new("sh", "-c").arg(shell).arg("sh").arg(&unpacked).arg(bin.join("python"));
    let told = call.arg(&script).args(programs).text()?;
    judge(&told)
}

/// The images of the tool's repository, as far as they are here.
fn fixtures(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let Some(vectors) = std::env::var_os("SEV_LAUNCH_VECTORS").map(PathBuf::from) else {
        return Ok(());
    };
    for name in ["ovmf_AmdSev_suffix.bin", "ovmf_OvmfX64_suffix.bin"] {
        let image = vectors.join("firmware").join(name);
        if image.is_file() {
            fs::copy(&image, folder.join(name)).with_context(|| image.display().to_string())?;
        }
    }
    Ok(())
}

/// Counts what passed, and fails for what differs and is not listed, and for what is listed and passes.
fn judge(told: &str) -> Result<()> {
    let listed: BTreeMap<_, _> = LISTED
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(": "))
        .collect();
    let (mut passed, mut skipped, mut failures) = (0, 0, Vec::new());
    let mut differing = 0;
    for line in told.lines() {
        let Ended { name, result, text } =
            serde_json::from_str(line).with_context(|| line.to_owned())?;
        match (result.as_str(), listed.get(name.as_str())) {
            ("passed", None) => passed += 1,
            ("passed", Some(_)) => failures.push(format!("{name} is listed, and passes")),
            ("skipped", _) => {
                skipped += 1;
                println!("SKIPPED {name}: {text}");
            }
            (_, Some(reason)) => {
                differing += 1;
                println!("{name} differs: {reason}");
            }
            (_, None) => failures.push(format!("{name}: {text}")),
        }
    }
    println!(
        "drop-in: of the tool's own tests {passed} pass, {differing} differ with a reason, {skipped} have no files here"
    );
    ensure!(passed + differing + skipped + failures.len() > 25, "few tests have run: {told}");
    ensure!(failures.is_empty(), "{} to look at:\n  {}", failures.len(), failures.join("\n  "));
    Ok(())
}
