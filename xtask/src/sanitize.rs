//! `cargo xtask sanitize`: the tests of `sha2-lanes`, which has `unsafe`, under AddressSanitizer; and under Miri where that is
//! installed.
//!
//! The stable toolchain is enough for the sanitizer (`RUSTC_BOOTSTRAP`). Before the tests a program that reads one byte past the end of
//! its allocation must be caught, since a sanitizer that is not there finds nothing. Miri interprets, and knows no vector
//! instructions, so there the portable implementation alone runs; and it needs a nightly toolchain.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::call::{self, Call, target};
use crate::machine::Machine;
use crate::markdown;

/// What is asked.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Write docs/sanitize.md
    #[arg(long)]
    write: bool,
}

const TARGET: &str = "x86_64-unknown-linux-gnu";
const FLAG: &str = "-Zsanitizer=address";
const PACKAGE: &str = "sev-launch-sha2-lanes";

/// Reads one byte past the end of an allocation of as many bytes as there are arguments, the program's name included.
const CANARY: &str = "\
fn main() {
    let bytes: Box<[u8]> = std::env::args().map(|_| 7).collect();
    let past = bytes.as_ptr().wrapping_add(bytes.len());
    println!(\"{}\", unsafe { past.read_volatile() });
}
";

/// Runs the tests, and fails where one reads or writes what it must not.
pub(crate) fn run(options: &Options) -> Result<()> {
    if cfg!(not(all(target_arch = "x86_64", target_os = "linux"))) {
        bail!("the sanitizer is run on x86-64 Linux, where the lanes are");
    }
    let folder = std::path::absolute(target().join("sanitize"))?;
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    catches_a_read_past_the_end(&folder)?;
    let tests = Call::cargo("test --lib --tests --target").words(TARGET).words("--package");
    let tests = tests.words(PACKAGE).env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", FLAG);
    let output = tests.env("CARGO_TARGET_DIR", &folder).output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    print!("{said}");
    eprint!("{}", String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        bail!("the tests failed under AddressSanitizer ({})", output.status);
    }
    let passed = passed(&said);
    if passed == 0 {
        bail!("no test was run under AddressSanitizer");
    }
    println!("AddressSanitizer: {passed} tests of {PACKAGE}, no report");
    let miri = miri()?;
    println!("Miri: {miri}");
    if options.write {
        let text = document(passed, &miri, &Machine::read()?);
        call::write("docs/sanitize.md", &text)?;
    }
    Ok(())
}

/// A sanitizer that finds nothing here finds nothing anywhere.
fn catches_a_read_past_the_end(folder: &Path) -> Result<()> {
    let (source, program) = (folder.join("canary.rs"), folder.join("canary"));
    fs::write(&source, CANARY).context("the canary's source")?;
    let rustc = Call::new("rustc", FLAG).words("--edition 2024 --target").words(TARGET);
    let rustc = rustc.env("RUSTC_BOOTSTRAP", "1").arg("-o").arg(&program).arg(&source);
    rustc.run().context("a program with AddressSanitizer")?;
    let output = Call::new(&program, "").output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() || !said.contains("heap-buffer-overflow") {
        bail!("a read past the end of an allocation was not caught: {said}");
    }
    println!("AddressSanitizer catches a read one byte past the end of an allocation");
    Ok(())
}

/// How many tests cargo says have passed.
fn passed(said: &str) -> u32 {
    let lines = said.lines().filter_map(|line| line.strip_prefix("test result: ok. "));
    lines.filter_map(|line| line.split_once(' ')?.0.parse::<u32>().ok()).sum()
}

/// The tests under Miri, or that nobody looked. The proxy of rustup alone knows toolchains by name.
fn miri() -> Result<String> {
    if !Call::new("cargo", "+nightly miri --version").succeeds() {
        let how = "rustup toolchain install nightly --component miri";
        return Ok(format!("NOT RUN: Miri is not installed ({how})"));
    }
    let tests = Call::new("cargo", "+nightly miri test --test exact_allocations --package");
    tests.words(PACKAGE).run()?;
    Ok("the portable implementation, no report".into())
}

/// The outcome as a document.
fn document(passed: u32, miri: &str, machine: &Machine) -> String {
    let mut text = format!("{INTRODUCTION}\n{}, {}.\n\n", machine.rustc, machine.line());
    text += &markdown::head(&["checker", "outcome"]);
    let asan = format!(
        "{passed} tests, no report; a program that reads one byte past its allocation is caught"
    );
    text += &markdown::row(&["AddressSanitizer", &asan]);
    text += &markdown::row(&["Miri", miri]);
    text
}

const INTRODUCTION: &str = "\
# `sha2-lanes` under sanitizers

Written by `cargo xtask sanitize --write`; not edited by hand. `sha2-lanes` calls, in its `unsafe` blocks, functions whose target features were
detected, and has no pointers. Its tests run under AddressSanitizer with every implementation that this processor has; those of
`exact_allocations` give it messages of 0 to 300 bytes, states and pages that end where their allocation ends, one stream and up to 17 at once.

Each run shows first that the sanitizer is there, by a program that reads one byte past its allocation. That it sees into the crate was tried
by hand: with such a read after the blocks in `compress256` the tests end with a report.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passed_tests_are_summed() {
        let said = "test result: ok. 3 passed; 0 failed\n\ntest result: ok. 14 passed; 0 failed\n";
        assert_eq!(passed(said), 17);
    }
}
