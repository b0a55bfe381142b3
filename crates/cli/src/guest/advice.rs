//! What to do about a description's error: the flags that settle it, which the library does not know.

use sev_launch_description::error::NotMeasured;
use sev_launch_description::{Error, Unknown, keys};

/// What follows an error's text; empty if the text says it all.
pub(crate) fn advice(error: &Error) -> String {
    match error {
        Error::Unknown(unknown) => format!("\n  give {}", settle(unknown).join(", ")),
        Error::NoTechnology => ": give --mode, or technology in a description".into(),
        Error::NoFirmware => ": give --firmware FILE or --firmware-absorbed FILE".into(),
        Error::NoVcpus { .. } => {
            ": give --vcpus, the number that exist at launch (QEMU's -smp cpus=)".into()
        }
        Error::NoKernel { .. } => ": give --kernel or --kernel-sha256 too".into(),
        Error::HashesWithoutKernel => "; give --kernel, or leave --kernel-hashes out".into(),
        Error::NoFirstPage => ": give --vmsa-bsp too".into(),
        Error::NoSvsm => {
            ": --vars-size and --vars-file belong to --mode snp:svsm: give --svsm FILE".into()
        }
        Error::NoVars => ": give --vars-size BYTES or --vars-file FILE".into(),
        Error::NotMeasured { reason: NotMeasured::DigestOutsideSnp, .. } => {
            ": --snp-ovmf-hash belongs to --mode snp".into()
        }
        Error::NotMeasured { key, .. } => {
            flag_of(key).map_or_else(String::new, |flag| format!(": leave {flag} out"))
        }
        Error::NoProfile { .. } => ": `sev-launch profile list` says which hosts are known".into(),
        _ => String::new(),
    }
}

/// The flags that settle what is unknown, each once.
fn settle(unknown: &[Unknown]) -> Vec<String> {
    let mut flags: Vec<String> = Vec::new();
    for unknown in unknown {
        let flag = match unknown.key {
            Some(key) => flag_of(key).unwrap_or(key).to_owned(),
            None => {
                let text = unknown.text.replace('\'', "'\\''");
                format!("--harmless '{text}' (if it changes nothing)")
            }
        };
        if !flags.contains(&flag) {
            flags.push(flag);
        }
    }
    flags
}

/// The flag that says a key's value.
fn flag_of(key: &str) -> Option<&'static str> {
    keys::find(key)?.flag
}
