//! The description itself: what may be said of a launch, each with its origin, and nothing made up for what was not.
//!
//! ```
//! use sev_launch_description::{Description, Origin};
//!
//! let read = |text, origin| Description::from_toml(text, &origin, "".as_ref());
//! let file = read("vcpus = 4\n[boot]\nkernel = 'vmlinuz'", Origin::file("launch.toml"))?;
//! let flags = read("vcpus = 8", Origin::Flag("--vcpus"))?;
//! let both = flags.over(file);
//! assert!(both.vcpus.is_some_and(|counts| counts.origin == Origin::Flag("--vcpus")));
//! assert!(both.boot.kernels.is_some() && both.boot.initrds.is_none());
//! # Ok::<(), sev_launch_description::Error>(())
//! ```

use std::path::{Path, PathBuf};

use sev_launch_abi::snp::HostData;
use sev_launch_abi::{SevFeatures, Technology};
use sev_launch_digest::cpu;
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::profile::{HostFacts, LaunchProfile};
use sev_launch_digest::snp;

use crate::axes::{Cpu, VcpuCounts};
use crate::error::Error;
use crate::id_block::{IdAuth, IdBlock};
use crate::origin::{Field, Origin};
use crate::unknown::Unknown;

/// What is said of a launch. A field with several values describes several launches: every combination.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// The technology.
    pub technology: Field<Technology>,
    /// The guest policy: 32 bits in SEV and SEV-ES, 64 in SNP. No part of a digest.
    pub policy: Field<u64>,
    /// HOST_DATA of an SNP guest. No part of a digest: it stands in the report.
    pub host_data: Field<HostData>,
    /// The ID block of an SNP guest. No part of a digest: what it says stands in the report.
    pub id_block: Field<IdBlock>,
    /// The ID authentication that goes with it.
    pub id_auth: Field<IdAuth>,
    /// Is an author's key in it that must have signed the ID key (AUTHOR_KEY_EN)? Not given, there is none.
    pub author_key: Field<bool>,
    /// Launch profiles.
    pub profiles: Field<Vec<&'static LaunchProfile>>,
    /// What is known of the host, from which a profile can be derived.
    pub host: Host,
    /// Numbers of vCPUs at launch.
    pub vcpus: Field<VcpuCounts>,
    /// How many of them, the last ones, were added late: after the VMM had given those that existed their registers.
    pub late_vcpus: Field<u64>,
    /// CPUs.
    pub cpus: Field<Vec<Cpu>>,
    /// SEV features in place of the profile's.
    pub sev_features: Field<Vec<SevFeatures>>,
    /// The firmware.
    pub firmware: Firmware,
    /// Measured direct boot.
    pub boot: Boot,
    /// VMSA pages captured on a host, in place of the profile's.
    pub vmsa: Vmsa,
    /// An SVSM that is started before the firmware (SNP without an IGVM file).
    pub svsm: Svsm,
    /// What is not known. A field that an entry belongs to is `None`, which is not the same as not said: [`Resolved`] alone
    /// has nothing unknown that a digest needs, and it is what a digest is computed from.
    ///
    /// [`Resolved`]: crate::resolve::Resolved
    pub unknown: Vec<Unknown>,
    /// Texts of what is unknown and belongs to no field, each of them known to change nothing.
    pub harmless: Field<Vec<String>>,
}

/// What is known of a host, as text that was found to be readable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// The host's kernel, as `uname -r` prints it.
    pub kernel: Field<String>,
    /// The VMM and its version, as `qemu 9.2`.
    pub vmm: Field<String>,
    /// The host processor's generation, as `Milan`.
    pub cpu: Field<String>,
    /// QEMU's machine type, as `pc-q35-9.2`.
    pub machine: Field<String>,
    /// What `/sys/module/kvm_amd/parameters/debug_swap` holds.
    pub debug_swap: Field<bool>,
    /// QEMU's legacy-vm-type; not given stands for its default, auto.
    pub legacy_vm_type: Field<bool>,
}

/// The firmware's keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Firmware {
    /// The images, or what stands in for them.
    pub images: Field<Vec<Image>>,
    /// What a single image's SHA-256 must be.
    pub sha256: Field<Sha256Digest>,
    /// Is the image in flash (`-drive if=pflash`), or loaded by `-bios`?
    pub in_flash: Field<bool>,
    /// The SNP digest after the image's pages, in place of hashing them (sev-snp-measure's `--snp-ovmf-hash`).
    pub snp_digest: Field<snp::LaunchDigest>,
}

/// A firmware image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Image {
    /// The file that the VMM loads.
    File(PathBuf),
    /// What `firmware absorb` stored of one.
    Absorbed(PathBuf),
    /// An IGVM file, which stands in place of an image.
    Igvm(PathBuf),
}

/// The kernel with all that goes with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Boot {
    /// Kernels.
    pub kernels: Field<Vec<Kernel>>,
    /// Initrds.
    pub initrds: Field<Vec<Blob>>,
    /// Command lines.
    pub cmdlines: Field<Vec<Cmdline>>,
    /// QEMU's kernel-hashes; not given stands for on.
    pub kernel_hashes: Field<Vec<bool>>,
    /// Where libkrun's bundle puts the kernel in guest memory.
    pub kernel_gpa: Field<u64>,
    /// QEMU's `-shim`, which makes the launch unpredictable.
    pub shim: Field<PathBuf>,
    /// QEMU's `-dtb`, which makes the launch unpredictable.
    pub dtb: Field<PathBuf>,
}

/// A kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// A file.
    File(PathBuf),
    /// A unified kernel image, whose command line and initrd are inside.
    Uki(PathBuf),
    /// A file of which only the hash is known.
    Sha256(Sha256Digest),
}

/// An initrd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blob {
    /// A file.
    File(PathBuf),
    /// A file of which only the hash is known.
    Sha256(Sha256Digest),
}

/// A command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cmdline {
    /// Its bytes, exactly.
    Bytes(Vec<u8>),
    /// A file that holds them.
    File(PathBuf),
    /// The SHA-256 of the bytes with one NUL after them.
    Sha256(Sha256Digest),
}

/// Captured VMSA pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vmsa {
    /// The first vCPU's page.
    pub bsp: Field<PathBuf>,
    /// Every further vCPU's page.
    pub ap: Field<PathBuf>,
}

/// An SVSM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Svsm {
    /// The SVSM's image.
    pub image: Field<PathBuf>,
    /// The variable store between it and the firmware.
    pub vars: Field<Vars>,
}

/// The size of a variable store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Vars {
    /// In bytes.
    Bytes(u64),
    /// That of a file.
    File(PathBuf),
}

impl Host {
    /// The facts that decide a launch profile. An error for a text that cannot be read, which [`Description`]s that were
    /// read do not hold.
    pub fn facts(&self) -> Result<HostFacts, Error> {
        fn read<T: std::str::FromStr<Err = sev_launch_digest::profile::Error>>(
            field: &Field<String>,
        ) -> Result<Option<T>, sev_launch_digest::Error> {
            Ok(field.as_ref().map(|field| field.value.parse()).transpose()?)
        }
        Ok(HostFacts {
            kernel: read(&self.kernel)?,
            vmm: read(&self.vmm)?,
            generation: (self.cpu.as_ref())
                .map(|field| cpu::generation(&field.value))
                .transpose()
                .map_err(sev_launch_digest::Error::from)?,
            debug_swap: self.debug_swap.as_ref().map(|field| field.value),
            legacy_vm_type: self.legacy_vm_type.as_ref().map(|field| field.value),
        })
    }
}

impl Description {
    /// This description with `other`'s fields where `other` has them.
    ///
    /// A field is replaced whole, so that a kernel's hash replaces a kernel's file and a model a signature. A profile
    /// that is named replaces the host's facts from which one would be derived, and the other way round. A captured
    /// first page replaces both pages. The SHA-256 that a firmware must have stays, also where another file is given. What
    /// was unknown of a field is settled by the field; what is harmless in either is harmless.
    #[must_use]
    pub fn over(mut self, mut base: Self) -> Self {
        let names_host = self.host.decides_profile();
        if self.profiles.is_none() && names_host {
            base.profiles = None;
        }
        if self.profiles.is_some() && !names_host {
            // QEMU's version and machine also decide whether a kernel's hash can be predicted.
            let (vmm, machine) = (base.host.vmm.take(), base.host.machine.take());
            base.host = Host { vmm, machine, ..Host::default() };
        }
        // The policies of SEV and of SNP are different words, and HOST_DATA and ID blocks are SNP's alone.
        let is_snp =
            |field: &Field<Technology>| field.as_ref().map(|field| field.value == Technology::Snp);
        if let (Some(one), Some(other)) = (is_snp(&self.technology), is_snp(&base.technology))
            && one != other
        {
            (base.policy, base.host_data) = (None, None);
            (base.id_block, base.id_auth, base.author_key) = (None, None, None);
        }
        // They are signed together.
        if self.id_block.is_some() || self.id_auth.is_some() {
            (base.id_block, base.id_auth, base.author_key) = (None, None, None);
        }
        // A digest of another image's pages is no digest of these.
        if self.firmware.images.is_some() && base.firmware.images.is_some() {
            base.firmware.snp_digest = None;
        }
        if self.vmsa.bsp.is_some() {
            base.vmsa = Vmsa::default();
        }
        base.unknown.retain(|unknown| unknown.key.is_none_or(|key| !self.says(key)));
        self.unknown.append(&mut base.unknown);
        if let (Some(own), Some(more)) = (&mut self.harmless, &mut base.harmless) {
            own.value.append(&mut more.value);
        }
        self.or(base)
    }

    /// Is nothing said at all?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The same with every relative path taken from `folder`.
    #[must_use]
    pub fn in_folder(self, folder: &Path) -> Self {
        self.with_paths(|path| folder.join(path))
    }

    /// Every path, with the key that says it and where it came from.
    pub fn paths(&self) -> Vec<(&'static str, Origin, PathBuf)> {
        let mut paths = Vec::new();
        self.clone().for_each_path(&mut |key, origin, path| {
            paths.push((key, origin.clone(), path.clone()));
        });
        paths
    }

    /// The same with other paths; standard input (`-`) stays.
    #[must_use]
    pub fn with_paths(mut self, map: impl Fn(&Path) -> PathBuf) -> Self {
        self.for_each_path(&mut |_, _, path| {
            if path.as_path() != Path::new("-") {
                *path = map(path);
            }
        });
        self
    }
}
