//! The keys of a description's file, in the order in which they are written, and what to say of any other.

use sev_launch_abi::Technology;

use crate::error::Error;

/// Every key with its table.
pub(crate) const KEYS: [&str; 39] = [
    "technology",
    "policy",
    "profile",
    "vcpus",
    "cpu",
    "signature",
    "family",
    "model",
    "stepping",
    "sev_features",
    "host.kernel",
    "host.vmm",
    "host.cpu",
    "host.machine",
    "host.debug_swap",
    "host.legacy_vm_type",
    "firmware.path",
    "firmware.absorbed",
    "firmware.sha256",
    "firmware.snp_digest",
    "boot.kernel",
    "boot.uki",
    "boot.kernel_sha256",
    "boot.initrd",
    "boot.initrd_sha256",
    "boot.cmdline",
    "boot.cmdline_file",
    "boot.cmdline_hex",
    "boot.cmdline_sha256",
    "boot.kernel_hashes",
    "boot.kernel_gpa",
    "boot.shim",
    "boot.dtb",
    "vmsa.bsp",
    "vmsa.ap",
    "svsm.image",
    "svsm.vars_size",
    "svsm.vars_file",
    "harmless",
];

/// Keys that say the same thing in several ways, the field's name first.
const FIELDS: [&[&str]; 7] = [
    &["cpu", "signature", "family", "model", "stepping"],
    &["firmware.path", "firmware.absorbed"],
    &["boot.kernel", "boot.uki", "boot.kernel_sha256"],
    &["boot.initrd", "boot.initrd_sha256"],
    &["boot.cmdline", "boot.cmdline_file", "boot.cmdline_hex", "boot.cmdline_sha256"],
    &["svsm.vars_size", "svsm.vars_file"],
    &["vmsa.bsp"],
];

/// The key by which a key's field is called.
pub(crate) fn field_of(key: &str) -> &str {
    let field = FIELDS.iter().find(|field| field.contains(&key));
    field.and_then(|field| field.first()).unwrap_or(&key)
}

/// The technologies whose digests depend on a key's value.
pub(crate) fn measured_by(key: &str) -> &'static [Technology] {
    const ALL: &[Technology] = &[Technology::Sev, Technology::SevEs, Technology::Snp];
    const REGISTERS: &[Technology] = &[Technology::SevEs, Technology::Snp];
    match (field_of(key), key.split_once('.').map(|(table, _)| table)) {
        ("policy" | "harmless" | "firmware.sha256" | "firmware.snp_digest", _) => &[],
        ("technology", _) | (_, Some("firmware")) => ALL,
        ("boot.kernel_gpa", _) | (_, Some("svsm")) => &[Technology::Snp],
        (_, Some("boot")) => ALL,
        _ => REGISTERS,
    }
}

/// The key by its name, or an error with the one that is spelled most like it.
pub(crate) fn known(file: &str, name: &str) -> Result<&'static str, Error> {
    check(file, name, None)?;
    let key = KEYS.into_iter().find(|key| *key == name);
    key.ok_or_else(|| Error::UnknownKey {
        file: file.into(),
        line: None,
        key: name.into(),
        suggestion: None,
    })
}

/// The tables that hold them.
const TABLES: [&str; 6] = ["host", "firmware", "boot", "vmsa", "svsm", "unknown"];

/// Flags of the command whose keys are called otherwise.
const FLAGS: [(&str, &str); 10] = [
    ("append", "boot.cmdline"),
    ("guest_features", "sev_features"),
    ("mode", "technology"),
    ("ovmf", "firmware.path"),
    ("vcpu_family", "family"),
    ("vcpu_model", "model"),
    ("vcpu_sig", "signature"),
    ("vcpu_stepping", "stepping"),
    ("vcpu_type", "cpu"),
    ("vmm_version", "host.vmm"),
];

fn is_known(key: &str) -> bool {
    TABLES.contains(&key) || KEYS.contains(&key)
}

/// An error for a key that means nothing, with the one that is spelled most like it.
pub(crate) fn check(file: &str, key: &str, line: Option<usize>) -> Result<(), Error> {
    if is_known(key) {
        return Ok(());
    }
    let flags = FLAGS.iter().find(|(flag, _)| *flag == key.replace('-', "_"));
    let suggestion = flags.map(|(_, key)| (*key).to_owned()).or_else(|| nearest(key));
    Err(Error::UnknownKey { file: file.into(), line, key: key.into(), suggestion })
}

/// A key alone is compared with the last parts too: who writes `kernel` at the top means `boot.kernel`.
fn nearest(found: &str) -> Option<String> {
    let last = |key: &'static str| key.rsplit('.').next().unwrap_or(key);
    let found_last = found.rsplit('.').next().unwrap_or(found).replace('-', "_");
    let likeness = |key: &'static str| {
        let whole = strsim::normalized_levenshtein(found, key);
        let part = strsim::normalized_levenshtein(&found_last, last(key));
        // Where the parts are equally alike, the nearer table wins.
        whole.max(part - 0.01) + whole / 100.0
    };
    KEYS.into_iter()
        .chain(TABLES)
        .map(|key| (likeness(key), key))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, key)| key.to_owned())
}

/// An error's text, with the name that is spelled most like the one found, if any is near enough to be meant.
pub(crate) fn did_you_mean(
    error: &sev_launch_digest::Error,
    found: &str,
    names: impl Iterator<Item = String>,
) -> String {
    let found = found.to_ascii_lowercase();
    let nearest = names
        .map(|name| (strsim::normalized_levenshtein(&found, &name.to_ascii_lowercase()), name))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .max_by(|left, right| left.0.total_cmp(&right.0));
    match nearest {
        Some((_, name)) => format!("{error}: did you mean {name}?"),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_understood() {
        for (found, meant) in [
            ("vcpu", Some("vcpus")),
            ("profiles", Some("profile")),
            ("kernel", Some("boot.kernel")),
            ("cmdline", Some("boot.cmdline")),
            ("boot.kernel-hashes", Some("boot.kernel_hashes")),
            ("boot.kernl", Some("boot.kernel")),
            ("firmware.file", Some("firmware.path")),
            ("svsn", Some("svsm")),
            ("zzzz", None),
        ] {
            assert_eq!(nearest(found).as_deref(), meant, "{found}");
        }
    }
}
