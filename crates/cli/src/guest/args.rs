//! The flags that say what a guest is started from and by what, as typed.
//!
//! With those of `digest` all of sev-snp-measure's are there but its `--version`, and those of virt-qemu-sev-validate that mean
//! the same.

use std::ffi::OsString;
use std::path::PathBuf;

use sev_launch_abi::{SevFeatures, Technology};
use sev_launch_description::axes::VcpuCounts;
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::snp;
use sev_launch_sweep::Mode;

use crate::args::{
    Cpu, HexBytes, Host, List, Switch, features_words, hex_bytes, names, number, sha256, snp_digest,
};

/// Reads a mode.
pub(crate) fn mode(text: &str) -> Result<Mode, String> {
    let wanted = || {
        format!(
            "{text:?} is no mode: wanted sev, seves (sev-es), snp (sev-snp), snp:ovmf-hash or snp:svsm"
        )
    };
    let (technology, part) =
        text.split_once(':').map_or((text, None), |(one, part)| (one, Some(part)));
    let technology: Technology = technology.parse().map_err(|_| wanted())?;
    match (technology, part) {
        (technology, None) => Ok(Mode::Guest(technology)),
        (Technology::Snp, Some("ovmf-hash" | "firmware-hash")) => Ok(Mode::SnpFirmware),
        (Technology::Snp, Some("svsm")) => Ok(Mode::SnpSvsm),
        _ => Err(wanted()),
    }
}

/// VMMs as sev-snp-measure names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "lower")]
pub(crate) enum VmmType {
    /// QEMU's default launch: es-legacy, snp-qemu.
    Qemu,
    /// Amazon EC2: snp-ec2.
    Ec2,
    /// Google Compute Engine: snp-gce.
    Gce,
    /// libkrun as sevctl has it: es-krun-sevctl; refused in SNP, where the profile must be named.
    Krun,
}

/// What a guest is started from, and on what host.
#[derive(Debug, clap::Args)]
pub(crate) struct Guest {
    /// A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) description: Option<PathBuf>,
    /// Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) harmless: Vec<String>,
    /// A folder in which a manifest's files, and a description's command line, may lie beside their own. May repeat.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) allow_outside: Vec<PathBuf>,
    /// Hold all files that the description names to its own folder, as a manifest's are: for one that somebody else wrote.
    #[arg(long, requires = "description")]
    pub(crate) confine: bool,
    /// Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read.
    #[arg(long, value_name = "FACTOR", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) work_limit: u32,
    /// The firmware image as the host loads it.
    #[arg(long, visible_alias = "ovmf", value_name = "FILE")]
    pub(crate) firmware: Option<PathBuf>,
    /// The firmware as `sev-launch firmware absorb` has stored it, in place of the image.
    #[arg(long, value_name = "FILE", conflicts_with = "firmware")]
    pub(crate) firmware_absorbed: Option<PathBuf>,
    /// An IGVM file, in place of a firmware: what QEMU's igvm-cfg object has.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["firmware", "firmware_absorbed"])]
    pub(crate) igvm: Option<PathBuf>,
    /// What the firmware image's SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware.
    #[arg(long, value_name = "HASH", value_parser = sha256)]
    pub(crate) firmware_sha256: Option<Sha256Digest>,
    /// Is the firmware in flash (QEMU's -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other.
    #[arg(long, value_name = "SWITCH")]
    pub(crate) firmware_in_flash: Option<Switch>,
    /// Start from this SNP digest instead of the image's pages (sev-snp-measure's snp:ovmf-hash); the image gives the tables.
    #[arg(long, value_name = "HASH", value_parser = snp_digest)]
    pub(crate) snp_ovmf_hash: Option<snp::LaunchDigest>,

    /// The kernel; a pipe, or - for standard input, is read as it comes.
    #[arg(long, value_name = "FILE", help_heading = "Measured kernel")]
    pub(crate) kernel: Option<PathBuf>,
    /// A unified kernel image, in place of a kernel: its own command line and initrd are inside.
    #[arg(long, value_name = "FILE", help_heading = "Measured kernel", conflicts_with_all = ["kernel", "kernel_sha256"])]
    pub(crate) uki: Option<PathBuf>,
    /// The initrd; a pipe, or - for standard input, is read as it comes.
    #[arg(long, value_name = "FILE", help_heading = "Measured kernel")]
    pub(crate) initrd: Option<PathBuf>,
    /// The kernel's command line, byte for byte as QEMU's -append has it. May repeat: a row for each.
    #[arg(
        long,
        visible_alias = "append",
        value_name = "TEXT",
        allow_hyphen_values = true,
        help_heading = "Measured kernel"
    )]
    pub(crate) cmdline: Vec<OsString>,
    /// A file that holds the command line, byte for byte.
    #[arg(long, value_name = "FILE", help_heading = "Measured kernel", conflicts_with_all = ["cmdline", "cmdline_hex", "cmdline_sha256"])]
    pub(crate) cmdline_file: Option<PathBuf>,
    /// The command line's bytes in hex.
    #[arg(long, value_name = "HEX", value_parser = hex_bytes, help_heading = "Measured kernel", conflicts_with_all = ["cmdline", "cmdline_sha256"])]
    pub(crate) cmdline_hex: Option<HexBytes>,
    /// The kernel's SHA-256 in place of the file.
    #[arg(long, value_name = "HASH", value_parser = sha256, help_heading = "Measured kernel", conflicts_with = "kernel")]
    pub(crate) kernel_sha256: Option<Sha256Digest>,
    /// The initrd's SHA-256 in place of the file.
    #[arg(long, value_name = "HASH", value_parser = sha256, help_heading = "Measured kernel", conflicts_with = "initrd")]
    pub(crate) initrd_sha256: Option<Sha256Digest>,
    /// The SHA-256 of the command line with one NUL after it, in place of its bytes.
    #[arg(long, value_name = "HASH", value_parser = sha256, help_heading = "Measured kernel", conflicts_with = "cmdline")]
    pub(crate) cmdline_sha256: Option<Sha256Digest>,
    /// QEMU's kernel-hashes: off leaves the kernel given but not measured [default: on].
    #[arg(long, value_name = "SWITCH", help_heading = "Measured kernel")]
    pub(crate) kernel_hashes: Option<Switch>,
    /// QEMU's -shim: refused, since what is then measured cannot be said.
    #[arg(long, value_name = "FILE", help_heading = "Measured kernel")]
    pub(crate) shim: Option<PathBuf>,
    /// QEMU's -dtb: refused, since what is then measured cannot be said.
    #[arg(long, value_name = "FILE", help_heading = "Measured kernel")]
    pub(crate) dtb: Option<PathBuf>,
    /// Where libkrun's bundle puts the kernel in guest memory (libkrun's SNP profiles only).
    #[arg(long, value_name = "ADDRESS", value_parser = number, help_heading = "Measured kernel")]
    pub(crate) kernel_gpa: Option<u64>,

    /// How many vCPUs exist at launch (QEMU's -smp cpus=): 4, or a list with ranges, for example 1..=16,32.
    #[arg(long, visible_alias = "num-cpus", value_name = "COUNT", help_heading = "vCPUs")]
    pub(crate) vcpus: Option<VcpuCounts>,
    /// How many of them were added late and are measured: by QEMU's -device, or in SNP by device_add or libvirt before the
    /// guest runs. From QEMU 10.1 on these keep the first vCPU's registers.
    #[arg(long, value_name = "COUNT", value_parser = number, help_heading = "vCPUs")]
    pub(crate) late_vcpus: Option<u64>,
    #[command(flatten)]
    pub(crate) cpu: Cpu,

    /// The launch profile; several, comma-separated. `sev-launch profile list` has them all.
    #[arg(long, value_name = "NAME", value_parser = names, help_heading = "Launch profile", conflicts_with = "vmm_type")]
    pub(crate) profile: Option<List<String>>,
    /// The VMM as sev-snp-measure names it.
    #[arg(long, value_name = "VMM", ignore_case = true, help_heading = "Launch profile")]
    pub(crate) vmm_type: Option<VmmType>,
    /// SEV features in place of the profile's, as 0x21 or SNPActive+DebugSwap; several, comma-separated.
    #[arg(long, value_name = "NUMBER", value_parser = features_words, help_heading = "Launch profile")]
    pub(crate) guest_features: Option<List<SevFeatures>>,
    /// The first vCPU's VMSA as captured on a host, in place of the profile's.
    #[arg(
        long,
        visible_alias = "vmsa-cpu0",
        value_name = "FILE",
        help_heading = "Launch profile",
        conflicts_with = "guest_features"
    )]
    pub(crate) vmsa_bsp: Option<PathBuf>,
    /// A further vCPU's VMSA as captured on a host.
    #[arg(long, visible_alias = "vmsa-cpu1", value_name = "FILE", help_heading = "Launch profile")]
    pub(crate) vmsa_ap: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) host: Host,

    /// The SVSM image (snp:svsm).
    #[arg(long, value_name = "FILE", help_heading = "SVSM")]
    pub(crate) svsm: Option<PathBuf>,
    /// The size of the variable store between SVSM and firmware, in bytes (snp:svsm).
    #[arg(long, value_name = "BYTES", value_parser = number, help_heading = "SVSM", conflicts_with = "vars_file")]
    pub(crate) vars_size: Option<u64>,
    /// The variable store, for its size (snp:svsm).
    #[arg(long, value_name = "FILE", help_heading = "SVSM")]
    pub(crate) vars_file: Option<PathBuf>,
}

impl Guest {
    /// Is another firmware given than a description's?
    pub(crate) fn replaces_firmware(&self) -> bool {
        self.firmware.is_some() || self.firmware_absorbed.is_some() || self.igvm.is_some()
    }

    /// A flag that says something of a guest, if one was typed: for whoever would not look at it.
    pub(crate) fn first_given(&self) -> anyhow::Result<Option<String>> {
        self.first_given_but(&[])
    }

    /// The same, but for flags that somebody does look at.
    pub(crate) fn first_given_but(&self, but: &[&str]) -> anyhow::Result<Option<String>> {
        if self.vmm_type.is_some() {
            return Ok(Some("--vmm-type".to_owned()));
        }
        let description = self.describe(None)?;
        let entries = description.entries();
        let mut flags = entries.iter().map(|entry| entry.origin.to_string());
        Ok(flags.find(|flag| !but.contains(&flag.as_str())))
    }

    /// Is a guest described at all?
    pub(crate) fn is_given(&self) -> bool {
        self.description.is_some() || self.replaces_firmware()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::Args as _;
    use sev_launch_description::keys::KEYS;

    use super::*;

    #[test]
    fn a_guest_s_flags_are_those_of_the_keys() {
        let command = Guest::augment_args(clap::Command::new("guest"));
        let flags = command.get_arguments().filter_map(clap::Arg::get_long);
        // The file itself and what it may name, and sev-snp-measure's name for a profile.
        let others = ["description", "allow-outside", "confine", "work-limit", "vmm-type"];
        let flags = flags.filter(|flag| !others.contains(flag));
        let flags: BTreeSet<_> = flags.map(|flag| format!("--{flag}")).collect();
        // What is computed stands beside the guest.
        let keys = KEYS.iter().filter_map(|key| key.flag).filter(|flag| *flag != "--mode");
        assert_eq!(flags, keys.map(str::to_owned).collect());
    }
}
