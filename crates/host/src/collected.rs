//! What was collected from a host: a JSON document that can be carried away from it.
//!
//! It holds versions, switches and counts, and nothing that names the host or opens it: no host name, no address, no serial number, no chip id, and of
//! the kernel's log only the messages that [`kernel_log`](crate::kernel_log) knows.
//!
//! ```
//! use sev_launch_host::Collected;
//!
//! let text = r#"{"version": 1, "kernel": "6.12.10", "qemu": "QEMU emulator version 9.2.0", "parameters": {"sev": "Y", "sev_snp": "N"}}"#;
//! let facts = Collected::from_json(text)?.facts()?;
//! assert_eq!(facts.parameters.and_then(|one| one.sev_snp), Some(false));
//! assert_eq!(facts.smt, None);
//! # Ok::<(), sev_launch_host::collected::Error>(())
//! ```

mod gather;
pub mod versions;

pub use gather::{PROGRAMS, Source, gather};

use serde::{Deserialize, Serialize};
use sev_launch_abi::CpuSignature;
use sev_launch_digest::profile::{HostKernel, VersionRange, Vmm, VmmFact};
use thiserror::Error as ThisError;

use crate::domain_capabilities::DomainCapabilities;
use crate::facts::{CpuFlags, Facts, Guests, Parameters};
use crate::kernel_log::{KernelLog, known_lines};

/// The version of the document that is read and written here.
pub const VERSION: u32 = 1;

/// The document. What was not found is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Collected {
    /// 1.
    pub version: u32,
    /// `/proc/sys/kernel/osrelease`, as `uname -r` prints it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
    /// The first processor of `/proc/cpuinfo`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<Cpu>,
    /// `/sys/devices/system/cpu/smt/active`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smt: Option<bool>,
    /// The different numbers under `/sys/devices/system/cpu/cpu*/topology/physical_package_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sockets: Option<u32>,
    /// `/sys/module/kvm_amd/parameters`; left out where the module is not loaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<ModuleParameters>,
    /// Is there `/dev/sev`?
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sev_device: Option<bool>,
    /// What is known of the kernel's log, a message each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel_log: Option<Vec<String>>,
    /// `/sys/fs/cgroup/misc.capacity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Counts>,
    /// `/sys/fs/cgroup/misc.current`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running: Option<Counts>,
    /// The first line of `qemu-system-x86_64 --version`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qemu: Option<String>,
    /// `virsh --version`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub libvirt: Option<String>,
    /// `virsh domcapabilities`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain_capabilities: Option<DomainCapabilities>,
    /// The version of the package that holds OVMF.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ovmf: Option<String>,
}

/// A processor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cpu {
    /// `vendor_id`.
    pub vendor: String,
    /// `cpu family`.
    pub family: u32,
    /// `model`.
    pub model: u32,
    /// `stepping`.
    pub stepping: u32,
    /// Those of its `flags` that are about SEV.
    pub flags: Vec<String>,
}

/// Parameters as their files have them, for example `Y`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModuleParameters {
    /// `sev`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sev: Option<String>,
    /// `sev_es`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sev_es: Option<String>,
    /// `sev_snp`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sev_snp: Option<String>,
    /// `debug_swap`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debug_swap: Option<String>,
    /// `ciphertext_hiding_asids`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ciphertext_hiding_asids: Option<String>,
}

/// Numbers of guests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Of SEV.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sev: Option<u32>,
    /// Of SEV-ES and SNP together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sev_es: Option<u32>,
}

/// Why a text is no document, or holds what cannot be.
#[derive(Clone, Debug, ThisError, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// No such document.
    #[error("no facts of a host, as sev-launch host collect writes them: {0}")]
    Json(String),
    /// Of another version.
    #[error("facts of a host in version {found}: wanted version {VERSION}")]
    Version {
        /// The version found.
        found: u32,
    },
    /// A value that cannot be what its key says.
    #[error("{key}: {found:?}: {why}")]
    Value {
        /// The key.
        key: &'static str,
        /// What it holds.
        found: String,
        /// What was wanted.
        why: String,
    },
}

/// The flags of a processor that are collected.
const FLAGS: [&str; 5] = ["sev", "sev_es", "sev_snp", "debug_swap", "hypervisor"];
/// The vendor of processors that have SEV. [APM3, CPUID Fn0000_0000]
const VENDOR: &str = "AuthenticAMD";

impl Collected {
    /// Reads the document.
    ///
    /// Errors: no JSON, a key that is not known or stands twice, another version.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let read: Self =
            serde_json::from_str(text).map_err(|error| Error::Json(error.to_string()))?;
        match read.version {
            VERSION => Ok(read),
            found => Err(Error::Version { found }),
        }
    }

    /// Keeps of what was given in a program's place, or found in a file, what may leave the host: versions alone. What is none is left out.
    #[must_use]
    pub fn tidied(mut self) -> Self {
        let tidy = |text: &mut Option<String>, kept: fn(&str) -> Option<String>| {
            *text = text.as_deref().and_then(kept);
        };
        tidy(&mut self.kernel, versions::kernel);
        tidy(&mut self.qemu, versions::qemu);
        tidy(&mut self.libvirt, versions::libvirt);
        tidy(&mut self.ovmf, versions::ovmf);
        self
    }

    /// The facts in it.
    ///
    /// Errors: a value that cannot be read. What is left out is unknown, and no error.
    pub fn facts(&self) -> Result<Facts, Error> {
        let (is_amd, signature) = match &self.cpu {
            None => (None, None),
            Some(cpu) if cpu.vendor != VENDOR => (Some(false), None),
            Some(Cpu { family, model, stepping, .. }) => {
                let signature = CpuSignature::from_parts(*family, *model, *stepping);
                let wrong = |error: sev_launch_abi::Error| Error::Value {
                    key: "cpu",
                    found: format!("{family}/{model}/{stepping}"),
                    why: error.to_string(),
                };
                (Some(true), Some(signature.map_err(wrong)?))
            }
        };
        let flags = self.cpu.as_ref().map(|cpu| {
            let has =
                |name: &str| is_amd == Some(true) && cpu.flags.iter().any(|flag| flag == name);
            CpuFlags {
                sev: has("sev"),
                sev_es: has("sev_es"),
                sev_snp: has("sev_snp"),
                debug_swap: has("debug_swap"),
                hypervisor: cpu.flags.iter().any(|flag| flag == "hypervisor"),
            }
        });
        let lines = self.kernel_log.as_deref().unwrap_or_default();
        let wrong = |key, found: &String, why: &str| {
            Err(Error::Value { key, found: found.clone(), why: why.to_owned() })
        };
        if let Some(line) = lines.iter().find(|line| known_lines(line).len() != 1) {
            return wrong("kernel_log", line, "no message that is known: collect writes no other");
        }
        let flags_of = self.cpu.iter().flat_map(|cpu| &cpu.flags);
        if let Some(flag) = flags_of.clone().find(|flag| !FLAGS.contains(&flag.as_str())) {
            return wrong(
                "cpu.flags",
                flag,
                "wanted sev, sev_es, sev_snp, debug_swap or hypervisor",
            );
        }
        if self.sockets == Some(0) {
            return wrong("sockets", &"0".to_owned(), "a host has a socket");
        }
        let log = KernelLog::read(&lines.join("\n"));
        let counts = |counts: Option<Counts>| counts.unwrap_or_default();
        let (capacity, running) = (counts(self.capacity), counts(self.running));
        let text = |text: &Option<String>| text.as_ref().map(|text| text.trim().to_owned());
        Ok(Facts {
            release: text(&self.kernel),
            qemu_banner: text(&self.qemu),
            kernel: parse("kernel", self.kernel.as_deref(), str::parse::<HostKernel>)?,
            qemu: parse("qemu", self.qemu.as_deref(), |text| match text.parse::<VmmFact>() {
                Ok(VmmFact { vmm: Vmm::Qemu, version: Some(version) }) => Ok(version),
                Ok(_) => Err("wanted what qemu-system-x86_64 --version prints".to_owned()),
                Err(error) => Err(error.to_string()),
            })?,
            libvirt: parse("libvirt", self.libvirt.as_deref(), |text| {
                text.parse::<VersionRange>()
            })?,
            ovmf: parse("ovmf", self.ovmf.as_deref(), |text| {
                versions::release(text).ok_or("wanted edk2's release, as 2025.02")
            })?,
            signature,
            flags,
            smt: self.smt,
            sockets: self.sockets,
            parameters: self.parameters.as_ref().map(ModuleParameters::read).transpose()?,
            sev_version: log.sev_version,
            snp_version: log.snp_version,
            log,
            guests: Guests {
                sev: capacity.sev,
                sev_es: capacity.sev_es,
                sev_running: running.sev,
                sev_es_running: running.sev_es,
            },
            has_sev_device: self.sev_device,
            libvirt_says: self.domain_capabilities.clone(),
        })
    }
}

fn parse<T, E: std::fmt::Display>(
    key: &'static str,
    text: Option<&str>,
    read: impl Fn(&str) -> Result<T, E>,
) -> Result<Option<T>, Error> {
    let Some(text) = text else { return Ok(None) };
    let wrong = |error: E| Error::Value { key, found: text.to_owned(), why: error.to_string() };
    read(text.trim()).map(Some).map_err(wrong)
}

impl ModuleParameters {
    fn read(&self) -> Result<Parameters, Error> {
        let switch = |key, text: &Option<String>| {
            parse(key, text.as_deref(), |text| match text {
                "Y" | "y" | "1" => Ok(true),
                "N" | "n" | "0" => Ok(false),
                _ => Err("wanted Y or N, as kvm_amd's parameters are"),
            })
        };
        Ok(Parameters {
            sev: switch("parameters.sev", &self.sev)?,
            sev_es: switch("parameters.sev_es", &self.sev_es)?,
            sev_snp: switch("parameters.sev_snp", &self.sev_snp)?,
            debug_swap: switch("parameters.debug_swap", &self.debug_swap)?,
            ciphertext_hiding_asids: parse(
                "parameters.ciphertext_hiding_asids",
                self.ciphertext_hiding_asids.as_deref(),
                str::parse::<u32>,
            )?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_is_an_error_with_its_key() {
        for (text, key) in [
            (r#"{"version": 1, "kernel": "linux"}"#, "kernel"),
            (r#"{"version": 1, "qemu": "qemu"}"#, "qemu"),
            (r#"{"version": 1, "qemu": "ec2"}"#, "qemu"),
            (r#"{"version": 1, "ovmf": "new"}"#, "ovmf"),
            (r#"{"version": 1, "sockets": 0}"#, "sockets"),
            (r#"{"version": 1, "kernel_log": ["SEV API:1.55 build:21", "hello"]}"#, "kernel_log"),
            (
                r#"{"version": 1, "cpu": {"vendor": "AuthenticAMD", "family": 25, "model": 1, "stepping": 1, "flags": ["tdx"]}}"#,
                "cpu.flags",
            ),
            (r#"{"version": 1, "parameters": {"sev": "maybe"}}"#, "parameters.sev"),
            (r#"{"version": 1, "libvirt": "new"}"#, "libvirt"),
            (
                r#"{"version": 1, "cpu": {"vendor": "AuthenticAMD", "family": 9999, "model": 1, "stepping": 1, "flags": []}}"#,
                "cpu",
            ),
        ] {
            let facts = Collected::from_json(text).unwrap().facts();
            match facts {
                Err(Error::Value { key: found, .. }) => assert_eq!(found, key),
                other => assert!(key.is_empty() && other.is_ok(), "{text}: {other:?}"),
            }
        }
        for wrong in [
            "",
            "{}",
            r#"{"version": 2}"#,
            r#"{"version": 1, "hostname": "a"}"#,
            r#"{"version": 1, "smt": true, "smt": false}"#,
            r#"{"version": 1, "parameters": {"sev": "Y", "sev": "N"}}"#,
        ] {
            assert!(Collected::from_json(wrong).is_err(), "{wrong}");
        }
    }
}
