//! What of the environment would change the programs: cargo's settings, and the choice and the flags of compilers.
//!
//! It is refused and not taken away: whoever sets it wants other programs than a release has. Settings in cargo's own files are not seen here; the
//! second build has another folder of cargo, and would show them.

use std::ffi::{OsStr, OsString};

use anyhow::{Result, ensure};

/// Read by cargo, by rustc, and by gcc. [The Cargo Book, Environment Variables; GCC, Environment Variables Affecting GCC]
const NAMES: [&str; 12] = [
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_INCREMENTAL",
    "RUSTC",
    "RUSTC_BOOTSTRAP",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTFLAGS",
    "COMPILER_PATH",
    "CPATH",
    "C_INCLUDE_PATH",
    "GCC_EXEC_PREFIX",
    "LIBRARY_PATH",
];

/// Names that begin like this, but for [`HARMLESS`]: cargo's configuration, and what SQLite's build script reads. [libsqlite3-sys, build.rs]
const BEGINNINGS: [&str; 6] =
    ["CARGO_BUILD_", "CARGO_PROFILE_", "CARGO_TARGET_", "CARGO_UNSTABLE_", "LIBSQLITE3_", "SQLITE"];

/// Where and how fast it is built, not what.
const HARMLESS: [&str; 3] = ["CARGO_BUILD_JOBS", "CARGO_BUILD_TARGET_DIR", "CARGO_TARGET_DIR"];

/// Each also with `HOST_` or `TARGET_` before it, or a target after it. [cc, External configuration via environment variables]
const TOOLS: [&str; 8] =
    ["AR", "ARFLAGS", "CC", "CFLAGS", "CRATE_CC_NO_DEFAULTS", "CXX", "RANLIB", "RANLIBFLAGS"];

/// Refuses what would change the programs.
pub(super) fn check(variables: impl Iterator<Item = (OsString, OsString)>) -> Result<()> {
    let found: Vec<String> = variables
        .filter(|(name, value)| changes(name, value))
        .map(|(name, _)| name.to_string_lossy().into_owned())
        .collect();
    ensure!(
        found.is_empty(),
        "{}: set in the environment, and would make other programs than a release has: unset {}",
        found.join(", "),
        if found.len() == 1 { "it" } else { "them" }
    );
    Ok(())
}

fn changes(name: &OsStr, value: &OsStr) -> bool {
    let Some(name) = name.to_str() else { return false };
    // Off, as it is for the profile.
    if HARMLESS.contains(&name) || (name == "CARGO_INCREMENTAL" && value == "0") {
        return false;
    }
    let rest = name.strip_prefix("HOST_").or_else(|| name.strip_prefix("TARGET_")).unwrap_or(name);
    let is_tool = |tool: &str| {
        let after = rest.strip_prefix(tool);
        after.is_some_and(|target| target.is_empty() || target.starts_with('_'))
    };
    NAMES.contains(&name)
        || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
        || TOOLS.into_iter().any(is_tool)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(names: &[&str]) -> Result<()> {
        check(names.iter().map(|name| (name.into(), "1".into())))
    }

    #[test]
    fn what_changes_programs_is_refused() {
        for name in [
            "CC",
            "CC_x86_64-unknown-linux-musl",
            "HOST_CFLAGS",
            "TARGET_AR",
            "CFLAGS_x86_64_unknown_linux_gnu",
            "RUSTFLAGS",
            "CARGO_PROFILE_DIST_LTO",
            "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER",
            "CARGO_BUILD_RUSTFLAGS",
            "CARGO_INCREMENTAL",
            "LIBSQLITE3_FLAGS",
            "SQLITE_MAX_COLUMN",
            "CPATH",
        ] {
            let error = checked(&["HOME", name]).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("{name}: ")) && error.ends_with("unset it"),
                "{error}"
            );
        }
        let error = checked(&["CC", "RUSTC"]).unwrap_err().to_string();
        assert!(error.starts_with("CC, RUSTC: ") && error.ends_with("unset them"), "{error}");
    }

    #[test]
    fn what_changes_no_program_is_left() {
        checked(&["ARCH", "CCACHE", "CARGO", "CARGO_HOME", "CARGO_TARGET_DIR", "CARGO_BUILD_JOBS"])
            .unwrap();
        checked(&["HOME", "PATH", "RUSTUP_TOOLCHAIN", "TZ", "LC_ALL", "SOURCE_DATE_EPOCH"])
            .unwrap();
        check([("CARGO_INCREMENTAL".into(), "0".into())].into_iter()).unwrap();
    }
}
