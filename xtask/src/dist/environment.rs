//! What of the environment the builds get: what says where things lie and who asks, and nothing that could change the programs.
//!
//! Compilers, linkers, tar, gzip and git are steered by more variables than a list could name, so the list is of those that are passed on. The task
//! starts itself again without the others, and says which they are. Settings in cargo's own files are not seen here; the second build has another
//! folder of cargo, and would show them.

use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use anyhow::{Context as _, Result};

/// Where programs, packages and certificates are found, and how they are fetched; the times and words of messages.
const PASSED_ON: [&str; 29] = [
    "ALL_PROXY",
    "CARGO",
    "CARGO_BUILD_JOBS",
    "CARGO_HOME",
    "CARGO_TARGET_DIR",
    "COLUMNS",
    "HOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LOGNAME",
    "NO_PROXY",
    "PATH",
    "RUSTUP_HOME",
    // The compiler that it chooses is named by the outcome.
    "RUSTUP_TOOLCHAIN",
    "RUST_BACKTRACE",
    "SHELL",
    "SOURCE_DATE_EPOCH",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TERM",
    "TMPDIR",
    "TZ",
    "USER",
    "all_proxy",
    "http_proxy",
    "https_proxy",
];

/// Cargo's settings of how packages are fetched; what they are is in Cargo.lock. [The Cargo Book, Configuration]
const BEGINNINGS: [&str; 4] = ["CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTRIES_", "CARGO_SOURCE_"];

/// Set by cargo and rustup for what they start, and by shells; not worth a word.
const OF_CARGO: [&str; 9] = [
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "CARGO_PKG_",
    "LD_LIBRARY_PATH",
    "OLDPWD",
    "PWD",
    "RUST_RECURSION_COUNT",
    "SHLVL",
    "_",
];

/// Starts this task again where it has variables that are not passed on; comes back only where it has none.
pub(super) fn settle() -> Result<()> {
    let (kept, left): (Vec<_>, Vec<_>) =
        std::env::vars_os().partition(|(name, _)| is_passed_on(name));
    if left.is_empty() {
        return Ok(());
    }
    let told = told(left.into_iter().map(|(name, _)| name));
    if !told.is_empty() {
        println!("dist: not passed on to what is built: {}", told.join(", "));
    }
    let error = Command::new(std::env::current_exe()?)
        .args(std::env::args_os().skip(1))
        .env_clear()
        .envs(kept)
        .exec();
    Err(error).context("this task, started again")
}

fn is_passed_on(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| {
        PASSED_ON.contains(&name) || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
    })
}

/// The names of those that somebody set, in order.
fn told(names: impl Iterator<Item = OsString>) -> Vec<String> {
    let names = names.map(|name| name.to_string_lossy().into_owned());
    let is_of_cargo = |name: &String| {
        OF_CARGO.iter().any(|known| {
            match known.strip_suffix('_').filter(|known| !known.is_empty()) {
                Some(_) => name.starts_with(known),
                None => name == known,
            }
        })
    };
    let mut names: Vec<String> = names.filter(|name| !is_of_cargo(name)).collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_programs_is_not_passed_on() {
        for name in [
            "CC",
            "CC_x86_64-unknown-linux-musl",
            "CFLAGS",
            "CROSS_COMPILE",
            "REALGCC",
            "LD_RUN_PATH",
            "LD_PRELOAD",
            "RUSTFLAGS",
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_INCREMENTAL",
            "CARGO_PROFILE_DIST_LTO",
            "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER",
            "CARGO_BUILD_RUSTFLAGS",
            "LIBSQLITE3_FLAGS",
            "TAR_OPTIONS",
            "GZIP",
            "GIT_DIR",
            "CPATH",
        ] {
            assert!(!is_passed_on(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn where_things_lie_is_passed_on() {
        for name in ["HOME", "PATH", "CARGO", "CARGO_HOME", "CARGO_TARGET_DIR", "RUSTUP_HOME", "TZ"]
        {
            assert!(is_passed_on(OsStr::new(name)), "{name}");
        }
        assert!(is_passed_on(OsStr::new("CARGO_REGISTRIES_CRATES_IO_PROTOCOL")));
    }

    #[test]
    fn what_somebody_set_is_told() {
        let set = ["REALGCC", "CARGO_PKG_NAME", "_", "PWD", "CC", "PWDS"];
        assert_eq!(told(set.into_iter().map(OsString::from)), ["CC", "PWDS", "REALGCC"]);
    }
}
