//! A Kata runtime's configuration for SEV or SNP, with a pod's annotations.
//!
//! Defined by [Kata, configuration-qemu-sev.toml, configuration-qemu-snp.toml] and by what the runtime makes of it. The
//! kernel's command line is assembled at start and differs between releases, none of which the file names: it is predicted for
//! a release that is said, and unknown without one. The command line of a QEMU that runs is exact, and [`super::qemu`] reads it.
//! Shipped templates (`.toml.in`) hold placeholders, so only an installed file can be read.
//!
//! ```
//! use sev_launch_description::import::kata::from_toml;
//!
//! let text = "[hypervisor.qemu]\nconfidential_guest = true\nsev_snp_guest = true\n\
//!             firmware = '/opt/kata/AMDSEV.fd'\nkernel = '/opt/kata/vmlinuz'";
//! let import = from_toml(text.as_bytes(), None, "4.1.0".parse().ok(), "configuration.toml")?;
//! assert!(import.description.boot.cmdlines.is_some());
//! assert_eq!(import.warnings[0].code, "cmdline-predicted");
//! # Ok::<(), sev_launch_description::Error>(())
//! ```

mod annotations;
mod cmdline;
mod keys;
mod pod;
mod release;
mod root;
mod rust;
mod settings;

use super::{Import, Source, checks, codes, default, found, vcpu_count};
use crate::axes::VcpuCounts;
use crate::description::{Blob, Image, Kernel};
use crate::error::Error;
use sev_launch_abi::Technology;

pub use release::Release;
use release::{Releases, SETTLED};
use settings::Settings;

/// The most bytes of a configuration, and of annotations: shipped files have 30 KiB.
pub const MOST_BYTES: usize = 1 << 20;

/// The table of the file.
const TABLE: &str = "hypervisor.qemu";

/// The policy of a SEV guest without `sev_guest_policy`: the runtime passes zero, which permits all.
const NO_POLICY: u64 = 0;
/// QEMU's policy of a SEV guest.
const SEV_POLICY: u64 = 1;
/// QEMU's policy of an SNP guest, which `snp_guest_policy` replaces. [Kata, configuration-qemu-snp.toml]
const SNP_POLICY: u64 = 0x30000;

/// Reads a configuration; `name` is what errors call it. `annotations` is a pod's (or its `metadata`'s) as JSON, which
/// override the file's keys. Without a `release` what releases make of the file in different ways is unknown.
///
/// Errors: larger than [`MOST_BYTES`]; no TOML, or a template; no confidential guest; a value of another kind; both an
/// image and an initrd; a key that the release does not read.
pub fn from_toml(
    toml: &[u8],
    annotations: Option<&[u8]>,
    release: Option<Release>,
    name: &str,
) -> Result<Import, Error> {
    let source = Source(name);
    let mut settings = Settings::read(toml, source)?;
    let unread = annotations.map(|bytes| settings.annotate(bytes)).transpose()?;
    let mut import = Import::default();
    for annotation in unread.unwrap_or_default() {
        let text = format!("{annotation} was not looked at, and may change what is measured");
        import.unknown(None, "annotations", text, "what the runtime makes of it");
    }
    settings.name_unread(&mut import);
    let releases = Releases::read(&settings, release)?;
    let technology = read_technology(&mut import, &settings, &releases)?;
    import.description.host.vmm =
        default("qemu".to_owned(), "Kata's hypervisor of this table is QEMU");
    read_vcpus(&mut import, &settings, &releases)?;
    match technology {
        Technology::Snp if sets_signature(&settings)? => {
            let place = settings.place("cpu_features");
            import.unknown_cpu(place, "it sets a part of the vCPUs' signature");
        }
        Technology::Snp => import.default_cpu("EPYC-v4", "Kata's model for SNP"),
        Technology::SevEs => {
            import.unknown_cpu(TABLE, "Kata starts SEV-ES guests with -cpu host");
        }
        Technology::Sev => {}
    }
    read_files(&mut import, &settings)?;
    let is_rust = rust::is_meant(&settings);
    let is_flash = |release: Release| match (is_rust, technology) {
        (true, _) => false,
        (false, Technology::Snp) => !release.is_from(3, 14),
        (false, _) => true,
    };
    let of_runtime = "how this release's runtime hands it to QEMU";
    import.description.firmware.in_flash =
        releases.agree(is_flash).and_then(|is_flash| default(is_flash, of_runtime));
    cmdline::predict(&mut import, &settings, &releases)?;
    read_hashes(&mut import, &releases, |release| match (is_rust, technology) {
        (_, Technology::Snp) => release.is_from(3, 6),
        // Only the releases of Confidential Containers ask for them in SEV guests.
        (is_rust, _) => release == Release::CC && !is_rust,
    });
    import.unknown_host_kernel(technology);
    import.of(source)
}

/// Does the runtime ask for kernel hashes? [Kata, Object.QemuParams]
fn read_hashes(import: &mut Import, releases: &Releases, of: impl Fn(Release) -> bool) {
    let reason = match releases.agree(of) {
        Some(true) => "the runtime asks for kernel hashes",
        Some(false) => "this release asks for no kernel hashes in such guests",
        None => {
            let text = "some releases that read this file ask for no kernel hashes, and then nothing measures the kernel";
            import.unknown("boot.kernel_hashes", TABLE, text, SETTLED);
            return;
        }
    };
    let hashes = reason == "the runtime asks for kernel hashes";
    import.description.boot.kernel_hashes = default(vec![hashes], reason);
    import.check_boot("this release of Kata starts such guests without kernel-hashes");
}

/// Are family, model or stepping among the CPU's features?
fn sets_signature(settings: &Settings<'_>) -> Result<bool, Error> {
    let features = settings.text("cpu_features")?.unwrap_or_default();
    let mut keys =
        features.split(',').map(|part| part.split('=').next().unwrap_or_default().trim());
    Ok(keys.any(|key| matches!(key, "family" | "model" | "stepping")))
}

fn read_technology(
    import: &mut Import,
    settings: &Settings<'_>,
    releases: &Releases,
) -> Result<Technology, Error> {
    if !settings.switch("confidential_guest")? {
        return settings.source.error(format!(
            "{TABLE}.confidential_guest is not true: the guest's memory is not encrypted"
        ));
    }
    let is_snp = settings.switch("sev_snp_guest")?;
    let is_old = |release: Release| release.is_from(3, 2) && !release.is_from(3, 3);
    if !is_snp && releases.said.is_some_and(is_old) {
        return settings.source.error(format!(
            "Kata 3.2 starts an SNP guest of this file where the host has SNP, and a SEV guest elsewhere: give {TABLE}.sev_snp_guest, or \
             read the command line of a QEMU that runs with `import qemu`"
        ));
    }
    let key = if is_snp { "snp_guest_policy" } else { "sev_guest_policy" };
    // Releases without pre-attestation pass no policy for SEV, so QEMU's holds. [Kata, Object.QemuParams]
    let cc = releases.agree(|release| release == Release::CC);
    let is_taken = is_snp || cc != Some(false);
    let policy = match settings.number(key)?.filter(|_| is_taken && settings.is_set(key)) {
        Some(number) => match u64::try_from(number) {
            Ok(policy) if is_snp || u32::try_from(policy).is_ok() => Some(policy),
            _ => return settings.wrong(key, "a policy"),
        },
        None => None,
    };
    let (preset, reason) = match (is_snp, is_taken) {
        (true, _) => (SNP_POLICY, "QEMU's policy, without snp_guest_policy"),
        (_, true) => (NO_POLICY, "the runtime passes 0 without sev_guest_policy"),
        (_, false) => (SEV_POLICY, "QEMU's policy: this release passes none for SEV"),
    };
    let value = policy.unwrap_or(preset);
    let technology = checks::technology(is_snp, value);
    import.description.technology = found(
        technology,
        match technology {
            Technology::Snp => format!("{TABLE}.sev_snp_guest"),
            _ if is_taken => format!("{TABLE}.confidential_guest, and bit 2 of {key}"),
            _ => format!("{TABLE}.confidential_guest"),
        },
    );
    import.description.policy = match policy {
        Some(_) => found(value, settings.place(key)),
        // Without the release a SEV guest's is one of two.
        None if !is_snp && cc.is_none() => None,
        None => default(value, reason),
    };
    if import.description.policy.is_some() {
        import.check_policy(technology, value);
    }
    if is_snp {
        let (block, auth) = (settings.text("snp_id_block")?, settings.text("snp_id_auth")?);
        if block.is_some() != auth.is_some() {
            let text = "one of snp_id_block and snp_id_auth is given without the other";
            import.warn(codes::ID_BLOCK_INCOMPLETE, text);
        }
    } else if cc == Some(false) {
        import.warn_of_no_session("this release has no pre-attestation");
    } else if !settings.switch("guest_pre_attestation")? {
        import.warn_of_no_session("guest_pre_attestation is off");
    }
    Ok(technology)
}

/// The vCPUs at launch: the default number, and where the sandbox is sized at its start what the pod may use besides.
fn read_vcpus(
    import: &mut Import,
    settings: &Settings<'_>,
    releases: &Releases,
) -> Result<(), Error> {
    let key = "default_vcpus";
    let Some(given) = settings.vcpus(key)? else {
        import.unknown(
            "vcpus",
            settings.place(key),
            "a negative number stands for all of the host's CPUs",
            "the number of CPUs that the host has",
        );
        return Ok(());
    };
    if given == 0 && settings.replaced.iter().any(|(replaced, _)| *replaced == key) {
        return settings
            .wrong(key, "a number above 0: runtimes differ in what they make of 0 here");
    }
    let own = if given == 0 { 1000 } else { given };
    let say = |import: &mut Import, milli: u64, place: String| {
        let Some(count) = vcpu_count(milli.div_ceil(1000)) else {
            return settings.wrong(key, "a number of vCPUs");
        };
        let counts = VcpuCounts::one(count);
        import.description.vcpus = match given {
            0 if milli == own => default(counts, "Kata's number without default_vcpus"),
            _ => found(counts, place),
        };
        Ok(())
    };
    let place = "runtime.static_sandbox_resource_mgmt";
    if !settings.is_static() {
        return say(import, own, settings.place(key));
    }
    let text = format!(
        "{place} is on: the vCPUs at launch are those that the configuration gives and the pod's CPU limits, rounded up"
    );
    import.warn(codes::KATA_WORKLOAD_VCPUS, text.clone());
    let unknown = |import: &mut Import, text: &str| {
        let settled_by = format!("the pod's limits; without any it is {}", own.div_ceil(1000));
        import.unknown("vcpus", place, text, &settled_by);
    };
    let Some(limits) = settings.pod else {
        let why = match settings.has_pod {
            true => "the pod has no containers, or limits that cannot be added up",
            false => text.as_str(),
        };
        unknown(import, why);
        return Ok(());
    };
    // A quota is at least a hundredth of a CPU.
    let limit = if limits.cpu == 0 { 0 } else { limits.cpu.max(10) };
    let is_rust = rust::is_meant(settings);
    let overhead = match settings.has("overhead_vcpus") {
        true => settings.vcpus("overhead_vcpus")?,
        false => None,
    };
    // In thousandths, rounded up; `None` where nobody knows.
    let total = |release: Release| match (is_rust, release) {
        (false, release) if !release.is_from(3, 3) => {
            Some(own.next_multiple_of(1000).saturating_add(limit.next_multiple_of(1000)))
        }
        (true, release) if release.is_from(4, 0) && (limit > 0 || limits.memory) => {
            overhead.map(|overhead| overhead.saturating_add(limit).max(1000))
        }
        _ => Some(own.saturating_add(limit)),
    };
    match releases.agree(|release| total(release).map(|milli| milli.next_multiple_of(1000))) {
        Some(Some(milli)) => say(import, milli, format!("{place}, and the pod's limits")),
        Some(None) => {
            let why = "overhead_vcpus is not set, and what the runtime adds then is not known";
            unknown(import, why);
            Ok(())
        }
        None => {
            let text = "releases that read this file differ in how they add up the pod's limits";
            import.unknown("vcpus", place, text, SETTLED);
            Ok(())
        }
    }
}

fn read_files(import: &mut Import, settings: &Settings<'_>) -> Result<(), Error> {
    let description = &mut import.description;
    match settings.text("firmware")? {
        Some(path) => {
            description.firmware.images =
                found(vec![Image::File(path.into())], settings.place("firmware"));
        }
        None => import.no_firmware(settings.place("firmware"), "it is empty"),
    }
    if settings.text("firmware_volume")?.is_some() {
        let place = settings.place("firmware_volume");
        import.warn_of_variables(&place, "");
    }
    if let (Some(_), Some(_)) = (settings.text("image")?, settings.text("initrd")?) {
        return settings.source.error("both image and initrd are given, and Kata takes one");
    }
    let boot = &mut import.description.boot;
    match settings.text("kernel")? {
        Some(path) => {
            boot.kernels = found(vec![Kernel::File(path.into())], settings.place("kernel"));
        }
        None => import.unknown(
            "boot.kernel",
            settings.place("kernel"),
            "it is empty",
            "the kernel that the host really uses",
        ),
    }
    let boot = &mut import.description.boot;
    boot.initrds = settings
        .text("initrd")?
        .and_then(|path| found(vec![Blob::File(path.into())], settings.place("initrd")));
    if let Some(machine) = settings.text("machine_type")? {
        let place = settings.place("machine_type");
        import.check_machine(&place, machine);
        import.description.host.machine = found(machine.to_owned(), place);
    }
    Ok(())
}
