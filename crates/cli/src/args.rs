//! Values as they are typed, shared by several commands.

use std::io::Write as _;
use std::str::FromStr;

use sev_launch_abi::{CpuSignature, Generation, SevFeatures, names};
use sev_launch_description::axes::{self, items};
pub(crate) use sev_launch_description::number::{
    number, number32, policy, sev_features, sev_policy, snp_policy,
};
use sev_launch_digest::cpu;
use sev_launch_digest::profile::{self, HostKernel, VmmFact};
use sev_launch_digest::{Error, snp};
pub(crate) use sev_launch_evidence::blob::{DigestError, digest as digest_bytes};

use crate::text;

/// Several values, comma-separated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct List<T>(pub(crate) Vec<T>);

/// Every flag of a structure: refused beside one that would silently make it mean nothing.
pub(crate) fn flag_ids<F: clap::Args>() -> Vec<clap::Id> {
    let command = F::augment_args(clap::Command::new("flags"));
    command.get_arguments().map(|flag| flag.get_id().clone()).collect()
}

/// Names: of CPU models, or of launch profiles.
pub(crate) fn names(text: &str) -> Result<List<String>, String> {
    items(text, |name| Ok(name.to_owned())).map(List)
}

/// CPU signatures as numbers.
fn signatures(text: &str) -> Result<List<CpuSignature>, String> {
    items(text, |part| number32(part).map(CpuSignature)).map(List)
}

/// Features words.
pub(crate) fn features_words(text: &str) -> Result<List<SevFeatures>, String> {
    let words = items(text, sev_features)?;
    // To a reader one word with both bits, to a list two words.
    if words.len() > 1 && text.split(',').any(|word| !names::is_number(word)) {
        return Err(
            "several words are several launches, and are numbers: the names of one word's bits are separated by +".to_owned(),
        );
    }
    Ok(List(words))
}

/// Bytes in hex, with or without `0x`, in any case.
pub(crate) fn hex_bytes(text: &str) -> Result<HexBytes, String> {
    let digits = text.trim();
    let digits = digits.strip_prefix("0x").unwrap_or(digits);
    hex::decode(digits).map(HexBytes).map_err(|error| format!("no hex: {error}"))
}

/// Bytes that were given in hex.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HexBytes(pub(crate) Vec<u8>);

/// A SHA-256.
pub(crate) fn sha256(text: &str) -> Result<sev_launch_digest::hash::Sha256Digest, DigestError> {
    digest_bytes(text).map(sev_launch_digest::hash::Sha256Digest::from_bytes)
}

/// An SNP launch digest.
pub(crate) fn snp_digest(text: &str) -> Result<snp::LaunchDigest, DigestError> {
    digest_bytes(text).map(snp::LaunchDigest::from_bytes)
}

/// A generation of processors by its name, a model's name or a signature.
pub(crate) fn generation(text: &str) -> Result<Generation, String> {
    let by_signature = || CpuSignature(number32(text).ok()?).generation();
    cpu::generation(text)
        .or_else(|error| by_signature().ok_or_else(|| format!("{error}, or a signature of one")))
}

/// A time in unix seconds: `1700000000`, or a date and time with a zone, as RFC 3339 has it.
pub(crate) fn unix_time(text: &str) -> Result<u64, String> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return number(text);
    }
    date_and_time(text).ok_or_else(|| {
        format!("{text:?}: wanted unix seconds, or a date and time from 1970 on, as 2026-01-31T12:00:00Z")
    })
}

/// `YYYY-MM-DDTHH:MM:SS` and `Z` or an offset, as `+01:00`. Fractions and leap seconds are not taken.
fn date_and_time(text: &str) -> Option<u64> {
    let (time, zone) = text.split_at_checked(19)?;
    let number = |text: Option<&str>, size: usize, range: std::ops::RangeInclusive<i64>| {
        let text = text.filter(|text| text.len() == size)?;
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i64>().ok().filter(|number| digits && range.contains(number))
    };
    let (date, time) = time.split_once(['T', 't', ' '])?;
    let (mut date, mut time) = (date.split('-'), time.split(':'));
    let year = number(date.next(), 4, 1970..=9999)?;
    let month = number(date.next(), 2, 1..=12)?;
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let february = if is_leap { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let before = usize::try_from(month - 1).ok()?;
    let day = number(date.next(), 2, 1..=*months.get(before)?)?;
    let hour = number(time.next(), 2, 0..=23)?;
    let minute = number(time.next(), 2, 0..=59)?;
    let second = number(time.next(), 2, 0..=59)?;
    let offset = match zone.split_at_checked(1)? {
        ("Z" | "z", "") => 0,
        (sign @ ("+" | "-"), clock) => {
            let (hours, minutes) = clock.split_once(':')?;
            let minutes = number(Some(hours), 2, 0..=23)? * 60 + number(Some(minutes), 2, 0..=59)?;
            if sign == "+" { minutes * 60 } else { -minutes * 60 }
        }
        _ => return None,
    };
    // Years since 1970, and the 29th of February of each leap year before this one.
    let leaps = |year: i64| year / 4 - year / 100 + year / 400;
    let days = (year - 1970) * 365 + leaps(year - 1) - leaps(1969)
        + months.iter().take(before).sum::<i64>()
        + day
        - 1;
    u64::try_from(days * 86_400 + hour * 3600 + minute * 60 + second - offset).ok()
}

/// `on` or `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Switch {
    /// Switched on.
    On,
    /// Switched off.
    Off,
}

/// A text that is known to be readable: it is kept, since a description holds it as it was written.
fn readable<T: FromStr<Err = profile::Error>>(text: &str) -> Result<String, String> {
    text.parse::<T>().map(|_| text.to_owned()).map_err(|error| error.to_string())
}

/// A generation's name, whichever way it was given.
fn generation_name(text: &str) -> Result<String, String> {
    generation(text).map(|generation| generation.name().to_owned())
}

/// What is known of the host.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Host (to derive the launch profile)")]
pub(crate) struct Host {
    /// The host's kernel, as `uname -r` prints it there.
    #[arg(long, value_name = "RELEASE", value_parser = readable::<HostKernel>)]
    pub(crate) host_kernel: Option<String>,
    /// The VMM and its version: "qemu 9.2", ec2, gce, "libkrun 1.9".
    #[arg(long, value_name = "VMM", value_parser = readable::<VmmFact>)]
    pub(crate) vmm_version: Option<String>,
    /// QEMU's machine type, as pc-q35-7.2.
    #[arg(long, value_name = "MACHINE")]
    pub(crate) machine: Option<String>,
    /// The host processor's generation: Naples, Rome, Milan, Genoa, Turin, or a model or signature of one.
    #[arg(long, value_name = "CPU", value_parser = generation_name)]
    pub(crate) host_cpu: Option<String>,
    /// What /sys/module/kvm_amd/parameters/debug_swap holds [default: the kernel's default].
    #[arg(long, value_name = "SWITCH")]
    pub(crate) debug_swap: Option<Switch>,
    /// QEMU's legacy-vm-type [default: QEMU's default, auto].
    #[arg(long, value_name = "SWITCH")]
    pub(crate) legacy_vm_type: Option<Switch>,
}

/// The CPU signature in one of the ways in which it can be given.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "vCPU signature")]
pub(crate) struct Cpu {
    /// QEMU's CPU model, as EPYC-Milan or Milan; several, comma-separated.
    #[arg(long, value_name = "MODEL", value_parser = names, conflicts_with_all = ["vcpu_sig", "vcpu_family"])]
    pub(crate) vcpu_type: Option<List<String>>,
    /// The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated.
    #[arg(long, value_name = "NUMBER", value_parser = signatures, conflicts_with = "vcpu_family")]
    pub(crate) vcpu_sig: Option<List<CpuSignature>>,
    /// The CPU's family, as 25 (extended family included).
    #[arg(long, visible_aliases = ["family", "cpu-family"], value_name = "NUMBER", value_parser = number32,
          requires_all = ["vcpu_model", "vcpu_stepping"])]
    pub(crate) vcpu_family: Option<u32>,
    /// The CPU's model.
    #[arg(long, visible_aliases = ["model", "cpu-model"], value_name = "NUMBER", value_parser = number32, requires = "vcpu_family")]
    pub(crate) vcpu_model: Option<u32>,
    /// The CPU's stepping.
    #[arg(long, visible_aliases = ["stepping", "cpu-stepping"], value_name = "NUMBER", value_parser = number32, requires = "vcpu_family")]
    pub(crate) vcpu_stepping: Option<u32>,
}

impl Cpu {
    /// The CPUs in the order given, and the flag that gave them; `None` if none was given.
    pub(crate) fn cpus(&self) -> Result<Option<(&'static str, Vec<axes::Cpu>)>, Error> {
        if let Some(List(names)) = &self.vcpu_type {
            let cpus = names.iter().map(|name| axes::Cpu::of_typed(name));
            return Ok(Some(("--vcpu-type", cpus.collect::<Result<_, _>>()?)));
        }
        if let Some(List(signatures)) = &self.vcpu_sig {
            let cpus = signatures.iter().copied().map(axes::Cpu::from).collect();
            return Ok(Some(("--vcpu-sig", cpus)));
        }
        match (self.vcpu_family, self.vcpu_model, self.vcpu_stepping) {
            (Some(family), Some(model), Some(stepping)) => {
                let signature = CpuSignature::from_parts(family, model, stepping)?;
                Ok(Some(("--vcpu-family", vec![signature.into()])))
            }
            _ => Ok(None),
        }
    }

    /// The signatures in the order given; empty if none was given. What a short name is taken for is told at once.
    pub(crate) fn signatures(&self) -> Result<Vec<CpuSignature>, Error> {
        let cpus = self.cpus()?.map(|(_, cpus)| cpus).unwrap_or_default();
        for note in cpus.iter().filter_map(axes::Cpu::taken_for) {
            let _ = writeln!(text::stderr(), "note: {note}");
        }
        Ok(cpus.into_iter().map(|cpu| cpu.signature).collect())
    }
}

/// How a digest is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// Lower-case hex, a line for each digest.
    Hex,
    /// Base64 of the digest's bytes, a line for each.
    Base64,
    /// One JSON document with everything that was assumed.
    Json,
    /// CSV with a header, a row for each digest.
    Csv,
    /// One JSON object on a line for each digest, with what it is of.
    Jsonl,
    /// A table for people.
    Table,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_or_rfc_3339() {
        // Seconds by `date -u -d TIME +%s`.
        for (text, seconds) in [
            ("0", 0),
            ("1700000000", 1_700_000_000),
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T23:59:59Z", 951_868_799),
            ("2024-03-01T00:00:00Z", 1_709_251_200),
            ("2026-01-31T12:00:00+01:30", 1_769_855_400),
            ("2100-03-01T00:00:00-00:01", 4_107_542_460),
        ] {
            assert_eq!(unix_time(text), Ok(seconds), "{text}");
        }
        for wrong in [
            "",
            "now",
            "-1",
            "2026-01-31",
            "2026-01-31T12:00:00",
            "2026-02-29T12:00:00Z",
            "2026-13-01T12:00:00Z",
            "2026-01-31T24:00:00Z",
            "2026-01-31T12:00:60Z",
            "2026-01-31T12:00:00.5Z",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00+00:01",
            "2026-1-031T12:00:00Z",
            "99999999999999999999",
            "２026-01-31T12:00Z",
        ] {
            assert!(unix_time(wrong).is_err(), "{wrong}");
        }
    }
}
