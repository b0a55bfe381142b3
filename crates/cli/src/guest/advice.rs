//! What to do about a description's error: the flags that settle it, which the library does not know.

use sev_launch_description::{Error, Unknown};

/// What follows an error's text; empty if the text says it all.
pub(crate) fn advice(error: &Error) -> String {
    match error {
        Error::Unknown(unknown) => format!("\n  give {}", settle(unknown).join(", ")),
        _ => String::new(),
    }
}

/// The flags that settle what is unknown, each once.
fn settle(unknown: &[Unknown]) -> Vec<String> {
    let mut flags: Vec<String> = Vec::new();
    for unknown in unknown {
        let flag = match unknown.key {
            Some(key) => flag_of(key),
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
fn flag_of(key: &str) -> String {
    let name = match key {
        "technology" => "mode",
        "cpu" => "vcpu-type",
        "signature" => "vcpu-sig",
        "family" | "model" | "stepping" => return format!("--vcpu-{key}"),
        "sev_features" => "guest-features",
        "host.kernel" => "host-kernel",
        "host.cpu" => "host-cpu",
        "host.vmm" => "vmm-version",
        "firmware.path" => "firmware",
        "firmware.snp_digest" => "snp-ovmf-hash",
        "svsm.image" => "svsm",
        "vmsa.bsp" => "vmsa-bsp",
        "vmsa.ap" => "vmsa-ap",
        _ => {
            let (table, name) = key.split_once('.').unwrap_or(("", key));
            let table = if table == "firmware" { "firmware-" } else { "" };
            return format!("--{table}{}", name.replace('_', "-"));
        }
    };
    format!("--{name}")
}
