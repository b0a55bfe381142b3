//! Which machine types a QEMU has, as far as their names tell.

use sev_launch_digest::profile::VersionRange;
use sev_launch_host::Facts;

/// The most vCPUs that every machine type of today takes. [QEMU, pc_i440fx_machine_options: 255; pc_q35_machine_options: 288 and more]
pub(super) const MOST_VCPUS_OF_ALL: u32 = 255;
/// QEMU takes machine types away after some six years, which are as many major releases. [QEMU, docs/about/deprecated]
const KEPT: u32 = 6;

/// Does the host's QEMU have a machine type? `None` if the name or the version does not tell.
pub(super) fn has(machine: &str, facts: &Facts) -> Option<bool> {
    if matches!(machine, "q35" | "pc") {
        return Some(true);
    }
    let version =
        ["pc-q35-", "pc-i440fx-"].into_iter().find_map(|prefix| machine.strip_prefix(prefix))?;
    // A distribution's own, as `pc-q35-rhel9.6.0` and `pc-q35-noble`, tells nothing.
    let is_version = version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let version: VersionRange = version.parse().ok().filter(|_| is_version)?;
    // Minor versions are 0 to 2: no QEMU has had another since 4.0.
    let exists = version.from.major < 4 || version.from.minor <= 2;
    let qemu = facts.qemu.filter(|_| !facts.has_vendors_qemu())?;
    let is_kept = version.from.major >= 3 && version.from.major + KEPT >= qemu.from.major;
    match qemu.is_before(version.from)? {
        true => Some(false),
        false => (exists && is_kept).then_some(true),
    }
}
