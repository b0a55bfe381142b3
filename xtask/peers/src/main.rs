//! The `sev` crate behind the flags of sev-snp-measure, for `cargo xtask reference`.
//!
//! One process is one digest: the crate asserts on some inputs, and a panic must cost one cell of the
//! table and no more. What the crate does not offer (a VMM it does not know, a signature that is no
//! model's) is its own error, printed as it says it. Prints one line of hex, or exits 1.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;

use sev::measurement::sev::{
    SevEsMeasurementArgs, SevMeasurementArgs, get_hex_ld, sev_calc_launch_digest,
    seves_calc_launch_digest,
};
use sev::measurement::snp::{SnpMeasurementArgs, calc_snp_ovmf_hash, snp_calc_launch_digest};
use sev::measurement::vcpu_types::CpuType;
use sev::measurement::vmsa::{GuestFeatures, VMMType};

fn main() -> ExitCode {
    match digest() {
        Ok(hex) => {
            println!("{hex}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn digest() -> Result<String, Box<dyn Error>> {
    let flags = Flags::read()?;
    let mode = flags.text("--mode").ok_or("no --mode")?;
    let ovmf_file = flags.path("--ovmf").ok_or("no --ovmf")?;
    let kernel_file = flags.path("--kernel");
    let initrd_file = flags.path("--initrd");
    let append = flags.text("--append");
    let hex = match mode {
        "sev" => get_hex_ld(
            sev_calc_launch_digest(SevMeasurementArgs {
                ovmf_file,
                kernel_file,
                initrd_file,
                append,
            })?
            .to_vec(),
        ),
        "seves" => get_hex_ld(
            seves_calc_launch_digest(SevEsMeasurementArgs {
                vcpus: flags.vcpus()?,
                vcpu_type: flags.cpu()?,
                ovmf_file,
                kernel_file,
                initrd_file,
                append,
                vmm_type: flags.vmm()?,
            })?
            .to_vec(),
        ),
        "snp" => snp_calc_launch_digest(SnpMeasurementArgs {
            vcpus: flags.vcpus()?,
            vcpu_type: flags.cpu()?,
            ovmf_file,
            guest_features: GuestFeatures(flags.number("--guest-features")?.unwrap_or(1)),
            kernel_file,
            initrd_file,
            append,
            ovmf_hash_str: flags.text("--snp-ovmf-hash"),
            vmm_type: flags.vmm()?,
        })?
        .get_hex_ld(),
        "snp:ovmf-hash" => calc_snp_ovmf_hash(ovmf_file)?.get_hex_ld(),
        other => return Err(format!("the crate has no mode {other}").into()),
    };
    Ok(hex)
}

/// What was given: a flag and its value, in turn.
struct Flags(Vec<(String, String)>);

impl Flags {
    fn read() -> Result<Self, Box<dyn Error>> {
        let mut flags = Vec::new();
        let mut arguments = std::env::args().skip(1);
        while let Some(flag) = arguments.next() {
            let value = arguments.next().ok_or_else(|| format!("{flag} has no value"))?;
            flags.push((flag, value));
        }
        Ok(Self(flags))
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(flag, _)| flag == name).map(|(_, value)| value.as_str())
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        self.text(name).map(PathBuf::from)
    }

    fn number(&self, name: &str) -> Result<Option<u64>, Box<dyn Error>> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let number = match text.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16)?,
            None => text.parse()?,
        };
        Ok(Some(number))
    }

    fn vcpus(&self) -> Result<u32, Box<dyn Error>> {
        Ok(u32::try_from(self.number("--vcpus")?.ok_or("no --vcpus")?)?)
    }

    fn vmm(&self) -> Result<Option<VMMType>, Box<dyn Error>> {
        Ok(self.text("--vmm-type").map(VMMType::from_str).transpose()?)
    }

    fn cpu(&self) -> Result<CpuType, Box<dyn Error>> {
        if let Some(signature) = self.number("--vcpu-sig")? {
            return Ok(CpuType::try_from(i32::try_from(signature)?)?);
        }
        match self.text("--vcpu-type") {
            Some(name) => Ok(CpuType::try_from(name)?),
            // Where the signature is not measured (EC2), any model does.
            None => Ok(CpuType::Epyc),
        }
    }
}
