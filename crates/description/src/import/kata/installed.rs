//! What is installed on the host, as people say it: no configuration names its runtime's release.

use std::fmt;
use std::str::FromStr;

use super::{Release, Settings};
use crate::error::Error;

/// Which of Kata's two runtimes starts the guest. Their command lines have little in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runtime {
    /// That in Go.
    Go,
    /// That in Rust: runtime-rs, in releases from 3.25 on for SNP.
    Rust,
}

/// What is installed, and what of it was said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Installed<'a> {
    /// The runtime. Its file tells it too, and must not contradict.
    pub runtime: Option<Runtime>,
    /// The release.
    pub release: Option<Release>,
    /// How many CPUs the host has, which some configurations ask for.
    pub host_cpus: Option<u32>,
    /// The drop-in files of `config.d` beside the configuration, with their names, in the order in which the runtime reads them:
    /// by name. A later one replaces keys of those before.
    pub drop_ins: &'a [(String, Vec<u8>)],
}

impl From<Release> for Installed<'_> {
    fn from(release: Release) -> Self {
        Self { release: Some(release), ..Self::default() }
    }
}

impl From<Option<Release>> for Installed<'_> {
    fn from(release: Option<Release>) -> Self {
        Self { release, ..Self::default() }
    }
}

impl FromStr for Runtime {
    type Err = String;

    /// Reads `go` and `rust`.
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "go" => Ok(Self::Go),
            "rust" => Ok(Self::Rust),
            _ => Err(format!("{text:?}: wanted go or rust")),
        }
    }
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Go => "Go",
            Self::Rust => "Rust",
        })
    }
}

/// Keys of `[runtime]` that the Rust runtime alone has. [Kata, configuration-qemu-snp-runtime-rs.toml]
const RUNTIME: [&str; 3] = ["name", "hypervisor_name", "agent_name"];
/// Keys of the hypervisor's table that it alone has.
const HYPERVISOR: [&str; 2] = ["vm_rootfs_driver", "overhead_vcpus"];

impl Settings<'_> {
    /// Which runtime's file is it? Only the Rust runtime's names its parts.
    ///
    /// Errors: another than the one that was said.
    pub(super) fn read_runtime(&self, said: Option<Runtime>) -> Result<Runtime, Error> {
        let runtime = self.file.get("runtime");
        let of_runtime = RUNTIME
            .iter()
            .find(|key| runtime.is_some_and(|table| table.get(**key).is_some()))
            .map(|key| format!("runtime.{key}"));
        let own = HYPERVISOR.iter().find(|key| self.has(key)).map(|key| self.place(key));
        match (of_runtime.or(own), said) {
            (Some(mark), Some(Runtime::Go)) => Err(self.source.value(
                mark,
                "only the Rust runtime's file has this key, and the runtime is said to be go",
            )),
            (None, Some(Runtime::Rust)) => self.source.error(format!(
                "none of {} in [runtime], which the Rust runtime's file has, and the runtime is said to be rust",
                RUNTIME.join(", ")
            )),
            (Some(_), _) => Ok(Runtime::Rust),
            (None, _) => Ok(Runtime::Go),
        }
    }
}
