//! What of a version's text leaves a host: numbers, and the words that say whose build it is. A release may hold anything, its builder's host name too.
//!
//! ```
//! use sev_launch_host::collected::versions;
//!
//! assert_eq!(versions::kernel("6.12.41-acme-secret").as_deref(), Some("6.12.41-custom"));
//! assert_eq!(versions::ovmf("2025.02-8").as_deref(), Some("2025.02"));
//! ```

use sev_launch_digest::profile::{HostKernel, VersionRange, Vmm, VmmFact};

/// Words of kernels' releases that are many hosts'.
const WORDS: [&str; 20] = [
    "x86_64",
    "amd64",
    "generic",
    "default",
    "pve",
    "azure",
    "aws",
    "gcp",
    "oracle",
    "cloud",
    "kvm",
    "rt",
    "lts",
    "hwe",
    "edge",
    "lowlatency",
    "backport",
    "snp",
    "host",
    "latest",
];
/// Words that go before a number.
const NUMBERED: [&str; 7] = ["el", "fc", "oe", "rc", "deb", "bpo", "amzn"];
/// In place of a suffix of which nothing is kept: it leaves as open as the whole one did what the kernel is.
const CUSTOM: &str = "-custom";
/// What stands behind the version of a QEMU whose vendor backports whole features.
pub(crate) const VENDORS: &str = " (a vendor's)";

/// The most numbers that are kept behind a release: of SUSE's `150600.23`.
const MOST_NUMBERS: usize = 2;

fn is_number(text: &str) -> bool {
    (1..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_kept(word: &str) -> bool {
    // `el9_4` is EL 9.4.
    let is_release = |text: &str| {
        let (major, minor) = text.split_once('_').unwrap_or((text, "0"));
        is_number(major) && is_number(minor) && text.len() <= 6
    };
    let is_numbered = |name: &&str| word.strip_prefix(*name).is_some_and(is_release);
    WORDS.contains(&word) || NUMBERED.iter().any(is_numbered)
}

/// A kernel's release, as `uname -r` prints it; `None` if it is none.
pub fn kernel(text: &str) -> Option<String> {
    let text = text.split_whitespace().next()?;
    text.parse::<HostKernel>().ok()?;
    let is_part = |c: char| c.is_ascii_digit() || c == '.';
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    // `6.8.` would be no release, and a fourth number is an address before it is one.
    let numbers = text.get(..end)?.trim_end_matches('.');
    let suffix = text.get(numbers.len()..)?;
    let numbers: Vec<_> = numbers.split('.').take(3).collect();
    if !numbers.iter().all(|number| is_number(number)) {
        return None;
    }
    let numbers = numbers.join(".");
    let mut kept = String::new();
    let mut numbers_left = MOST_NUMBERS;
    let mut rest = suffix;
    while let Some(separator) = rest.chars().next() {
        let word = rest.get(separator.len_utf8()..)?;
        let end = word.find(['-', '.', '+', '~']).unwrap_or(word.len());
        let (word, after) = word.split_at_checked(end)?;
        let is_kept = match is_number(word) {
            true => numbers_left > 0,
            false => is_kept(word),
        };
        if is_kept {
            numbers_left -= usize::from(is_number(word));
            kept.push(if separator == '.' { '.' } else { '-' });
            kept.push_str(word);
        }
        rest = after;
    }
    match (suffix.is_empty(), kept.is_empty()) {
        (false, true) => Some(format!("{numbers}{CUSTOM}")),
        _ => Some(format!("{numbers}{kept}")),
    }
}

/// Is a QEMU one of a vendor that backports whole features: RHEL's and its kin, SUSE's, openEuler's?
pub(crate) fn is_vendors(banner: &str) -> bool {
    [VENDORS, ".el", "SUSE", ".oe", "qemu-kvm"].iter().any(|mark| banner.contains(mark))
}

/// What QEMU prints of its version, by the first line that is it; `None` if none is.
pub fn qemu(text: &str) -> Option<String> {
    let (line, version) = text.lines().find_map(|line| {
        let fact: VmmFact = line.trim().parse().ok()?;
        (fact.vmm == Vmm::Qemu).then_some((line, fact.version?))
    })?;
    let vendors = if is_vendors(line) { VENDORS } else { "" };
    Some(format!("QEMU emulator version {}{vendors}", numbers(version)))
}

/// libvirt's version; `None` if it is none.
pub fn libvirt(text: &str) -> Option<String> {
    text.lines().find_map(|line| line.trim().parse::<VersionRange>().ok()).map(numbers)
}

fn numbers(version: VersionRange) -> String {
    let from = version.from;
    match version.exact() {
        Some(_) => from.to_string(),
        None => format!("{}.{}", from.major, from.minor),
    }
}

/// edk2's release in a package's version, `2022.11`; `None` if it has none.
pub fn ovmf(text: &str) -> Option<String> {
    release(text).map(|(year, month)| format!("{year}.{month:02}"))
}

/// The year and month of edk2's release in a package's version: `2022.11-6+deb12u2`, `20240214-2.el9`, `202402-1`. `None` for another form.
pub(crate) fn release(version: &str) -> Option<(u32, u32)> {
    // An epoch comes first, as in `1:2022.11`.
    let version = version.trim();
    let version = version.split_once(':').map_or(version, |(_, rest)| rest);
    let (year, rest) = version.split_at_checked(4)?;
    let month = rest.strip_prefix('.').unwrap_or(rest).get(..2)?;
    let number = |text: &str| text.parse::<u32>().ok().filter(|_| !text.starts_with('+'));
    let (year, month) = (number(year)?, number(month)?);
    ((2000..2100).contains(&year) && (1..=12).contains(&month)).then_some((year, month))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Versions of Debian's, Fedora's, RHEL's and SUSE's packages.
    #[test]
    fn releases_of_ovmf() {
        for (version, wanted) in [
            ("2022.11-6+deb12u2", Some((2022, 11))),
            ("2020.05-5", Some((2020, 5))),
            ("20240214-2.el9", Some((2024, 2))),
            ("202408-1.1", Some((2024, 8))),
            ("1:2025.02-8", Some((2025, 2))),
            ("0~20191122.bd85bf54-2ubuntu3", None),
            ("2022.13-1", None),
            ("", None),
            ("+202.08", None),
        ] {
            assert_eq!(release(version), wanted, "{version}");
        }
        assert_eq!(ovmf("2025.02-8~myhost.corp").as_deref(), Some("2025.02"));
    }

    // Releases as distributions and builders have them.
    #[test]
    fn a_release_keeps_what_tells_its_kind() {
        for (text, kept) in [
            ("6.12.41", "6.12.41"),
            ("6.1.0-18-amd64", "6.1.0-18-amd64"),
            ("6.8.0-45-generic", "6.8.0-45-generic"),
            ("5.14.0-427.el9.x86_64", "5.14.0-427.el9.x86_64"),
            ("6.4.0-150600.23-default", "6.4.0-150600.23-default"),
            ("6.12.43+deb13-amd64", "6.12.43-deb13-amd64"),
            ("6.14.8-2-pve", "6.14.8-2-pve"),
            ("6.6.0-rc7-snp-host-8db2ba2f6ed5", "6.6.0-rc7-snp-host"),
            ("6.12.41-acme-secret-customer #db.internal 10.0.0.7", "6.12.41-custom"),
            ("6.8.0-acme", "6.8.0-custom"),
            ("6.8.0+", "6.8.0-custom"),
            ("6.12.41.192.168.17.23-10.0.0.7-123456-789012-el_____", "6.12.41-10.0"),
            ("5.14.0-427.13.1.el9_4.x86_64", "5.14.0-427.13.el9_4.x86_64"),
        ] {
            assert_eq!(kernel(text).as_deref(), Some(kept), "{text}");
            let (before, after): (HostKernel, HostKernel) =
                (text.parse().unwrap(), kept.parse().unwrap());
            assert_eq!(before.vendor, after.vendor, "{text}");
            assert!(after.versions.meets(before.versions), "{text}");
        }
        assert_eq!(kernel("linux"), None);
        assert_eq!(kernel("6.1234567890"), None);
    }

    #[test]
    fn programs_versions_are_numbers() {
        let debian = "QEMU emulator version 9.2.0 (built by bob@host.internal)\nCopyright";
        assert_eq!(qemu(debian).as_deref(), Some("QEMU emulator version 9.2.0"));
        let warned = "qemu: warning: x\nQEMU emulator version 8.2 (Debian 1:8.2)";
        assert_eq!(qemu(warned).as_deref(), Some("QEMU emulator version 8.2"));
        let vendor = qemu("QEMU emulator version 9.0.0 (qemu-kvm-9.0.0-10.el9_5)").unwrap();
        assert_eq!(vendor, "QEMU emulator version 9.0.0 (a vendor's)");
        assert!(is_vendors(&vendor) && !is_vendors("QEMU emulator version 9.2.0"));
        for none in ["ec2", "libkrun 1.9", "", "QEMU emulator"] {
            assert_eq!(qemu(none), None, "{none}");
        }
        assert_eq!(libvirt("11.3.0 myhost").as_deref(), Some("11.3.0"));
        assert_eq!(libvirt("new"), None);
    }
}
