//! The launch as it is described: plain values, from which the search starts.
//!
//! Files are a pool, and firmware, kernel and initrd are indices into it: every file of the pool is a candidate for every
//! place. A file is its SHA-256, so nothing here holds an image.
//!
//! The crate's example shows it in use.

use std::collections::BTreeMap;
use std::sync::Arc;

use sev_launch_abi::reader::wide;
use sev_launch_abi::{CpuSignature, SevFeatures, Technology};
use sev_launch_digest::firmware::{AbsorbedFirmware, Firmware};
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::igvm::File as IgvmFile;
use sev_launch_digest::kernel_hashes::KernelHashes;
use sev_launch_digest::profile::{LaunchProfile, Loads};
use sev_launch_digest::snp::Svsm;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::VmsaPage;

use crate::error::Error;

/// A file that was, or could have been, part of the launch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The name by which an explanation calls it.
    pub name: String,
    /// The SHA-256 of its bytes.
    pub sha256: Sha256Digest,
    /// How many bytes it has.
    pub size: u64,
    /// What stays of it as a firmware image, where it can be one.
    pub firmware: Option<AbsorbedFirmware>,
    /// The file as an IGVM file, where it is one.
    pub igvm: Option<Arc<IgvmFile>>,
}

impl File {
    /// A file that cannot be firmware, from its bytes.
    pub fn of(name: impl Into<String>, bytes: &[u8]) -> Self {
        let (sha256, size) = (Sha256Digest::of(bytes), wide(bytes.len()));
        Self { name: name.into(), sha256, size, firmware: None, igvm: None }
    }

    /// An IGVM file, and the SHA-256 of its bytes.
    pub fn of_igvm(name: impl Into<String>, file: Arc<IgvmFile>, sha256: Sha256Digest) -> Self {
        let size = file.size();
        Self { name: name.into(), sha256, size, firmware: None, igvm: Some(file) }
    }

    /// A firmware image. Errors: those of [`Firmware::parse`].
    pub fn of_firmware(
        name: impl Into<String>,
        image: &[u8],
    ) -> Result<Self, sev_launch_digest::Error> {
        Self::of_absorbed(name, Firmware::parse(image)?.absorb())
    }

    /// Firmware that was absorbed before. An error where it was absorbed without its SHA-256.
    pub fn of_absorbed(
        name: impl Into<String>,
        firmware: AbsorbedFirmware,
    ) -> Result<Self, sev_launch_digest::Error> {
        Ok(Self {
            name: name.into(),
            sha256: firmware.sha256()?,
            size: firmware.size(),
            firmware: Some(firmware),
            igvm: None,
        })
    }
}

/// The command line as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cmdline {
    /// Its bytes, without the NUL that is measured with them. Not given is empty.
    Bytes(Vec<u8>),
    /// Only the hash that is measured: SHA-256 of the bytes and one NUL. Its variants cannot be tried.
    Sha256(Sha256Digest),
}

impl Cmdline {
    /// The hash that is measured. A NUL among the bytes is hashed as it is.
    pub fn sha256(&self) -> Sha256Digest {
        match self {
            Self::Bytes(bytes) => KernelHashes::of_any_cmdline(bytes),
            Self::Sha256(hash) => *hash,
        }
    }
}

/// VMSA pages that were captured on a host, in place of a profile's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapturedVmsas {
    /// The first vCPU's.
    pub bsp: VmsaPage,
    /// Every further vCPU's; without it, only one vCPU can be launched.
    pub ap: Option<VmsaPage>,
}

/// What is said to have been launched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// The technology.
    pub technology: Technology,
    /// The pool: the launch's own files, and any that might have been taken instead.
    pub files: Vec<File>,
    /// The firmware's index in the pool.
    pub firmware: usize,
    /// The kernel's index in the pool.
    pub kernel: Option<usize>,
    /// The initrd's index in the pool.
    pub initrd: Option<usize>,
    /// The command line; empty where none was given.
    pub cmdline: Cmdline,
    /// Are kernel, initrd and command line measured (QEMU's `kernel-hashes=on`)? Without a kernel nothing of them is.
    pub kernel_hashes: bool,
    /// What the host does; nothing for plain SEV.
    pub profile: Option<&'static LaunchProfile>,
    /// In place of the profile's features word.
    pub sev_features: Option<SevFeatures>,
    /// The CPU signature, where the profile needs one.
    pub signature: Option<CpuSignature>,
    /// How many vCPUs exist at launch. Plain SEV does not measure it.
    pub vcpus: VcpuCount,
    /// Captured VMSA pages, in place of the profile's.
    pub captured: Option<CapturedVmsas>,
    /// An SVSM that is started before the firmware, placed below every firmware of the pool under which it fits, by the
    /// firmware's index; empty where there is none.
    pub svsm: BTreeMap<usize, Svsm>,
}

impl Launch {
    /// Is it started from an IGVM file?
    #[must_use]
    pub fn is_igvm(&self) -> bool {
        self.files.get(self.firmware).is_some_and(|file| file.igvm.is_some())
    }

    /// The names of the files that are what this guest is not started from: firmware images for one of an IGVM file, and the
    /// reverse. Nothing tries them in its place, since all else would be another's too.
    #[must_use]
    pub fn of_the_other_kind(&self) -> Vec<&str> {
        let is_igvm = self.is_igvm();
        let other = |file: &&File| match is_igvm {
            true => file.firmware.is_some(),
            false => file.igvm.is_some(),
        };
        self.files.iter().filter(other).map(|file| file.name.as_str()).collect()
    }

    /// Is a profile one of guests that load what this one loads?
    pub(crate) fn loads_like(&self, profile: &LaunchProfile) -> bool {
        match profile.loads {
            Loads::Igvm(_) => self.is_igvm(),
            Loads::FirmwareAndSvsm => !self.is_igvm() && !self.svsm.is_empty(),
            Loads::Firmware => !self.is_igvm() && self.svsm.is_empty(),
            Loads::KrunFiles => false,
        }
    }

    /// Refuses what contradicts itself, so that the search need not look again.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let wanted = self.files.len();
        let places =
            [("firmware", Some(self.firmware)), ("kernel", self.kernel), ("initrd", self.initrd)];
        for (what, index) in places {
            if let Some(found) = index.filter(|index| *index >= wanted) {
                return Err(Error::FileIndex { what, found, wanted });
            }
        }
        let file = self.files.get(self.firmware);
        if let Some(file) = file.filter(|file| file.firmware.is_none() && file.igvm.is_none()) {
            return Err(Error::NotFirmware { name: file.name.clone() });
        }
        let technology = self.technology;
        match self.profile {
            _ if technology == Technology::Sev => Ok(()),
            None => Err(Error::NoProfile { technology }),
            Some(profile) if profile.technology != technology => Err(Error::ProfileTechnology {
                profile: profile.name,
                wanted: profile.technology,
                found: technology,
            }),
            Some(profile) if !self.loads_like(profile) => {
                Err(Error::ProfileLoads { profile: profile.name })
            }
            // The launch described must be one that can be.
            Some(profile) if profile.loads == Loads::FirmwareAndSvsm => {
                let placed = self.svsm.contains_key(&self.firmware) && self.kernel.is_none();
                placed.then_some(()).ok_or(Error::ProfileLoads { profile: profile.name })
            }
            Some(_) => Ok(()),
        }
    }

    /// The name of a file of the pool.
    pub(crate) fn name(&self, file: usize) -> &str {
        self.files.get(file).map_or("", |file| file.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // FIPS 180-4: SHA-256 of one NUL, and of "a" with two.
    #[test]
    fn one_nul_is_added_whatever_the_bytes_are() {
        let hash = |bytes: &[u8]| Cmdline::Bytes(bytes.to_vec()).sha256();
        assert_eq!(
            hash(b"").to_string(),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
        assert_eq!(hash(b"a\0"), Sha256Digest::of(b"a\0\0"));
    }
}
