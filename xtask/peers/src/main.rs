//! The `sev` crate behind the flags of sev-snp-measure, for `cargo xtask reference`.
//!
//! One process is one digest: the crate asserts on some inputs, and a panic must cost one cell of the
//! table and no more. What the crate does not offer (a VMM it does not know, a signature that is no
//! model's) is its own error, printed as it says it. Prints one line of hex, or exits 1.

#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::error::Error;
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
    // A flag and its value, in turn.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let flags: HashMap<&str, &str> =
        arguments.chunks_exact(2).map(|pair| (pair[0].as_str(), pair[1].as_str())).collect();
    let text = |name: &str| flags.get(name).copied();
    let ovmf_file = text("--ovmf").ok_or("no --ovmf")?.into();
    let kernel_file = text("--kernel").map(Into::into);
    let initrd_file = text("--initrd").map(Into::into);
    let append = text("--append");
    let vcpus = || number(text("--vcpus").ok_or("no --vcpus")?);
    let vcpu_type = || match (text("--vcpu-sig"), text("--vcpu-type")) {
        (Some(signature), _) => Ok(CpuType::try_from(i32::try_from(number(signature)?)?)?),
        (None, Some(name)) => Ok(CpuType::try_from(name)?),
        // Where the signature is not measured (EC2), any model does.
        (None, None) => Ok::<_, Box<dyn Error>>(CpuType::Epyc),
    };
    let vmm_type = text("--vmm-type").map(VMMType::from_str).transpose();
    Ok(match text("--mode").ok_or("no --mode")? {
        "sev" => {
            let guest = SevMeasurementArgs { ovmf_file, kernel_file, initrd_file, append };
            get_hex_ld(sev_calc_launch_digest(guest)?.to_vec())
        }
        "seves" => {
            let guest = SevEsMeasurementArgs {
                vcpus: vcpus()?,
                vcpu_type: vcpu_type()?,
                ovmf_file,
                kernel_file,
                initrd_file,
                append,
                vmm_type: vmm_type?,
            };
            get_hex_ld(seves_calc_launch_digest(guest)?.to_vec())
        }
        "snp" => {
            let guest = SnpMeasurementArgs {
                vcpus: vcpus()?,
                vcpu_type: vcpu_type()?,
                ovmf_file,
                guest_features: GuestFeatures(
                    number(text("--guest-features").unwrap_or("1"))?.into(),
                ),
                kernel_file,
                initrd_file,
                append,
                ovmf_hash_str: text("--snp-ovmf-hash"),
                vmm_type: vmm_type?,
            };
            snp_calc_launch_digest(guest)?.get_hex_ld()
        }
        "snp:ovmf-hash" => calc_snp_ovmf_hash(ovmf_file)?.get_hex_ld(),
        other => return Err(format!("the crate has no mode {other}").into()),
    })
}

fn number(text: &str) -> Result<u32, Box<dyn Error>> {
    Ok(match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16)?,
        None => text.parse()?,
    })
}
