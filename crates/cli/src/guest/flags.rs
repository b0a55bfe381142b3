//! From flags to a description, laid over the description's file where one was given.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sev_launch_abi::{Generation, Technology};
use sev_launch_description::description::{Blob, Cmdline, Description, Host, Image, Kernel, Vars};
use sev_launch_description::{Field, Origin, Sourced};
use sev_launch_digest::profile::{self, LaunchProfile};
use sev_launch_sweep::Mode;

use super::args::{Guest, VmmType};
use crate::args::{HexBytes, List, Switch};
use crate::inputs;

/// A value that a flag gave.
fn flag<T>(name: &'static str, value: Option<T>) -> Field<T> {
    value.map(|value| Sourced { value, origin: Origin::Flag(name) })
}

/// A value of a flag that stands for a list of one.
fn listed<T>(name: &'static str, value: Option<T>) -> Field<Vec<T>> {
    flag(name, value.map(|value| vec![value]))
}

fn switch(name: &'static str, value: Option<Switch>) -> Field<bool> {
    flag(name, value.map(|value| value == Switch::On))
}

/// The most bytes of a description, of a sweep's too.
const MOST_BYTES: usize = 1 << 20;

/// Reads a description: TOML, or JSON where the name ends so, or where what comes from standard input starts so.
pub(crate) fn read(path: &Path) -> anyhow::Result<Description> {
    let bytes = inputs::read_piped(path, MOST_BYTES)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let origin = Origin::file(inputs::name(path));
    let is_piped = path == Path::new("-");
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
        || is_piped && bytes.trim_ascii_start().starts_with(b"{")
    {
        return Ok(Description::from_json(&bytes, &origin, folder)?);
    }
    let text = String::from_utf8(bytes)
        .with_context(|| format!("{}: a description is text in UTF-8", inputs::name(path)))?;
    Ok(Description::from_toml(&text, &origin, folder)?)
}

impl Guest {
    /// What is described: the file's description with the flags laid over it. `mode` is what another flag says of the
    /// technology.
    pub(crate) fn describe(&self, mode: Option<Mode>) -> anyhow::Result<Description> {
        self.describe_over(mode, Description::default())
    }

    /// The same, and what is computed of it: as `mode` says, or the description.
    pub(crate) fn describe_mode(&self, mode: Option<Mode>) -> anyhow::Result<(Description, Mode)> {
        let description = self.describe(mode)?;
        let mode = mode.or(Mode::of(&description));
        let mode = mode.context("no technology: give --mode, or technology in the description")?;
        Ok((description, mode))
    }

    /// The same where no file is given: the flags laid over `base`.
    pub(crate) fn describe_over(
        &self,
        mode: Option<Mode>,
        base: Description,
    ) -> anyhow::Result<Description> {
        let file = match &self.description {
            Some(path) => read(path)?,
            None => base,
        };
        let technology = flag("--mode", mode.map(Mode::technology));
        let known = technology.as_ref().or(file.technology.as_ref()).map(|field| field.value);
        let flags = self.flags(technology, known, &file)?;
        Ok(flags.over(file))
    }

    fn flags(
        &self,
        technology: Field<Technology>,
        known: Option<Technology>,
        file: &Description,
    ) -> anyhow::Result<Description> {
        let mut flags = Description { technology, ..Description::default() };
        let has_svsm = file.svsm.image.is_some() || self.svsm.is_some();
        let is_default = self.vmm_type == Some(VmmType::Qemu)
            && known.is_some_and(|known| known != Technology::Sev)
            && file.profiles.is_none()
            && !has_svsm;
        flags.profiles = match (&self.profile, self.vmm_type) {
            (Some(List(names)), _) => {
                let profiles = names.iter().map(|name| profile::by_name(name));
                flag("--profile", Some(profiles.collect::<Result<_, _>>()?))
            }
            // QEMU's name says no more than a default does: what that takes for granted is told.
            (None, Some(_)) if is_default => None,
            (None, Some(vmm)) => {
                flag("--vmm-type", by_vmm(vmm, known, has_svsm)?.map(|profile| vec![profile]))
            }
            (None, None) => None,
        };
        flags.host.kernel = flag("--host-kernel", self.host.host_kernel.clone());
        flags.host.vmm = flag("--vmm-version", self.host.vmm_version.clone());
        flags.host.cpu = flag("--host-cpu", self.host.host_cpu.clone());
        flags.host.machine = flag("--machine", self.host.machine.clone());
        flags.host.debug_swap = switch("--debug-swap", self.host.debug_swap);
        flags.host.legacy_vm_type = switch("--legacy-vm-type", self.host.legacy_vm_type);
        // With nothing else of a host, a default launch is what QEMU's name means; beside other facts it is one of them.
        let is_alone = flags.host == Host::default() && file.host == Host::default();
        if is_default && !is_alone && flags.host.vmm.is_none() {
            flags.host.vmm = flag("--vmm-type", Some("qemu".to_owned()));
        }
        flags.vcpus = flag("--vcpus", self.vcpus.clone());
        flags.late_vcpus = flag("--late-vcpus", self.late_vcpus);
        flags.cpus = self.cpu.cpus()?.and_then(|(name, cpus)| flag(name, Some(cpus)));
        if (&self.profile, self.vmm_type) == (&None, Some(VmmType::Gce)) {
            let cpus = flags.cpus.iter().chain(&file.cpus).flat_map(|field| &field.value);
            if let Some(cpu) = cpus.into_iter().find(|cpu| {
                // It has a profile of its own, and the digest of neither depends on the vCPUs' model.
                cpu.signature.generation() == Some(Generation::Genoa)
            }) {
                bail!(
                    "--vmm-type gce says too little with the CPU {}: give --profile snp-gce (hosts with Milan) or snp-gce-genoa",
                    cpu.name.as_deref().map_or_else(|| cpu.signature.to_string(), str::to_owned)
                );
            }
        }
        flags.sev_features =
            flag("--guest-features", self.guest_features.clone().map(|List(words)| words));
        let harmless = Some(self.harmless.clone()).filter(|texts| !texts.is_empty());
        flags.harmless = flag("--harmless", harmless);
        flags.firmware.images = listed("--firmware", self.firmware.clone().map(Image::File))
            .or(listed("--firmware-absorbed", self.firmware_absorbed.clone().map(Image::Absorbed)))
            .or(listed("--igvm", self.igvm.clone().map(Image::Igvm)));
        flags.firmware.sha256 = flag("--firmware-sha256", self.firmware_sha256);
        flags.firmware.in_flash = switch("--firmware-in-flash", self.firmware_in_flash);
        flags.firmware.snp_digest = flag("--snp-ovmf-hash", self.snp_ovmf_hash);
        let boot = &mut flags.boot;
        boot.kernels = listed("--kernel", self.kernel.clone().map(Kernel::File))
            .or(listed("--uki", self.uki.clone().map(Kernel::Uki)))
            .or(listed("--kernel-sha256", self.kernel_sha256.map(Kernel::Sha256)));
        boot.initrds = listed("--initrd", self.initrd.clone().map(Blob::File))
            .or(listed("--initrd-sha256", self.initrd_sha256.map(Blob::Sha256)));
        boot.cmdlines = self.cmdlines();
        boot.kernel_hashes =
            listed("--kernel-hashes", self.kernel_hashes.map(|switch| switch == Switch::On));
        boot.kernel_gpa = flag("--kernel-gpa", self.kernel_gpa);
        boot.shim = flag("--shim", self.shim.clone());
        boot.dtb = flag("--dtb", self.dtb.clone());
        flags.vmsa.bsp = flag("--vmsa-bsp", self.vmsa_bsp.clone());
        flags.vmsa.ap = flag("--vmsa-ap", self.vmsa_ap.clone());
        flags.svsm.image = flag("--svsm", self.svsm.clone());
        flags.svsm.vars = flag("--vars-size", self.vars_size.map(Vars::Bytes))
            .or(flag("--vars-file", self.vars_file.clone().map(Vars::File)));
        Ok(flags)
    }

    fn cmdlines(&self) -> Field<Vec<Cmdline>> {
        if !self.cmdline.is_empty() {
            let bytes = self.cmdline.iter().map(|text| Cmdline::Bytes(text.as_bytes().to_vec()));
            return flag("--cmdline", Some(bytes.collect()));
        }
        let hex = self.cmdline_hex.clone().map(|HexBytes(bytes)| Cmdline::Bytes(bytes));
        listed("--cmdline-file", self.cmdline_file.clone().map(Cmdline::File))
            .or(listed("--cmdline-hex", hex))
            .or(listed("--cmdline-sha256", self.cmdline_sha256.map(Cmdline::Sha256)))
    }
}

/// The profile that sev-snp-measure's name of a VMM stands for; none in plain SEV.
fn by_vmm(
    vmm: VmmType,
    technology: Option<Technology>,
    has_svsm: bool,
) -> anyhow::Result<Option<&'static LaunchProfile>> {
    let Some(technology) = technology else {
        bail!("--vmm-type depends on the technology: give --mode");
    };
    let name = match (vmm, technology) {
        (_, Technology::Sev) => return Ok(None),
        (VmmType::Qemu, Technology::Snp) if has_svsm => bail!(
            "--vmm-type qemu says too little with an SVSM: give --profile snp-svsm-legacy, snp-svsm-nofpu or snp-svsm-ssm"
        ),
        (VmmType::Qemu, Technology::SevEs) => "es-legacy",
        (VmmType::Qemu, Technology::Snp) => "snp-qemu",
        (VmmType::Ec2, Technology::Snp) if !has_svsm => "snp-ec2",
        (VmmType::Gce, Technology::Snp) if !has_svsm => "snp-gce",
        (VmmType::Krun, Technology::SevEs) => "es-krun-sevctl",
        (VmmType::Krun, Technology::Snp) => bail!(
            "--vmm-type krun says too little in SNP: give --profile snp-krun-1.4, snp-krun-1.4-amdese or snp-krun-reset"
        ),
        (VmmType::Ec2 | VmmType::Gce, technology) => {
            bail!("EC2 and GCE start plain SNP guests only, none of {technology}")
        }
    };
    Ok(Some(profile::by_name(name)?))
}

/// The files that are hashed as they come.
pub(super) fn streamed(description: &Description) -> impl Iterator<Item = &PathBuf> {
    let kernels = description.boot.kernels.iter().flat_map(|field| &field.value);
    let initrds = description.boot.initrds.iter().flat_map(|field| &field.value);
    let kernels = kernels.filter_map(|kernel| match kernel {
        Kernel::File(path) => Some(path),
        Kernel::Uki(_) | Kernel::Sha256(_) => None,
    });
    let initrds = initrds.filter_map(|initrd| match initrd {
        Blob::File(path) => Some(path),
        Blob::Sha256(_) => None,
    });
    kernels.chain(initrds)
}
