//! Readers of what already describes a guest. Each gives a description, what to know of it, and what it could not know.
//!
//! | module | reads |
//! |---|---|
//! | [`libvirt`] | a domain's XML |
//! | [`qemu`] | a command line, Proxmox VE's `qm showcmd` too |
//! | [`kata`] | a runtime's `configuration.toml`, with a pod's annotations |
//! | [`kubevirt`] | a VirtualMachineInstance, as YAML or JSON |
//! | [`nova`] | a server, its flavor and its image, as `openstack … show -f json` prints them |
//! | [`sev_snp_measure`] | that tool's own command line, and what its answer is worth; [`argparse`] reads its words |
//!
//! What the VMM, or the orchestrator, would refuse is an error with its reason. What it would start but nobody should rely
//! on is a [`Warning`] by a code of [`CODES`]. What a digest needs and the source does not say is an [`Unknown`] of the description. Relative
//! paths stay as they are: only the caller knows from where they are meant.
//!
//! Each reader has an example of its own.

pub mod argparse;
mod checks;
mod codes;
pub mod kata;
pub mod kubevirt;
pub mod libvirt;
pub mod nova;
pub mod qemu;
pub mod sev_snp_measure;
mod yaml;

use std::fmt;

use serde::Serialize;
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::vcpus::VcpuCount;

use crate::description::Description;
use crate::error::Error;
use crate::origin::{Field, Origin, Sourced};
use crate::source::Source;
use crate::unknown::Unknown;

pub use codes::CODES;

/// What was read from something that describes a guest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Import {
    /// What it says, each value with its place, and what it could not know.
    pub description: Description,
    /// What is insecure, cannot be attested, or is likely a mistake.
    pub warnings: Vec<Warning>,
}

/// Something to know about what was imported. The code is stable; the text is for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// A stable name, as `kernel-not-measured`.
    pub code: &'static str,
    /// What was found, where, and what to do.
    pub text: String,
}

impl Import {
    fn warn(&mut self, code: &'static str, text: impl Into<String>) {
        self.warnings.push(Warning { code, text: text.into() });
    }

    /// What the source does not say: of which key (`None` for what was not read and may change anything), where in it, why,
    /// and what settles it.
    fn unknown(
        &mut self,
        key: impl Into<Option<&'static str>>,
        place: impl Into<String>,
        text: impl Into<String>,
        settled_by: &str,
    ) {
        self.description.unknown.push(Unknown {
            key: key.into(),
            // The same for all: `of` knows it.
            source: String::new(),
            place: place.into(),
            text: text.into(),
            settled_by: settled_by.into(),
        });
    }

    /// The same with the name of what was read.
    ///
    /// Errors: an empty name of a file, which no host starts from and no description holds.
    fn of(mut self, source: Source<'_>) -> Result<Self, Error> {
        for unknown in &mut self.description.unknown {
            source.0.clone_into(&mut unknown.source);
        }
        let paths = self.description.paths();
        match paths.iter().find(|(_, _, path)| path.as_os_str().is_empty()) {
            None => Ok(self),
            Some((_, Origin::Import(place), _)) => Err(source.value(place, "an empty path")),
            Some((key, ..)) => Err(source.value(*key, "an empty path")),
        }
    }
}

/// A text as a message has it: a long one by its start and the SHA-256 of its rest, so that no two texts are told as the same.
fn bounded(text: &str) -> String {
    const MOST: usize = 200;
    match text.char_indices().nth(MOST) {
        Some((at, _)) => {
            let (start, rest) = text.split_at(at);
            format!("{start}… (the rest has SHA-256 {})", Sha256Digest::of(rest.as_bytes()))
        }
        None => text.to_owned(),
    }
}

/// A value found at a place.
fn found<T>(value: T, place: impl Into<String>) -> Field<T> {
    Some(Sourced::new(value, Origin::import(place)))
}

/// A value that nobody gave, and why it holds.
fn default<T>(value: T, reason: impl Into<String>) -> Field<T> {
    Some(Sourced::new(value, Origin::default(reason)))
}

/// A number of vCPUs, if some host can start so many.
fn vcpu_count(number: impl TryInto<u32>) -> Option<VcpuCount> {
    number.try_into().ok().and_then(|number| VcpuCount::new(number).ok())
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.text, self.code)
    }
}
