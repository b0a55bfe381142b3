//! A Kata runtime's configuration for SEV or SNP, with a pod's annotations.
//!
//! Defined by [Kata, configuration-qemu-sev.toml, configuration-qemu-snp.toml] and by what the runtime makes of it. The
//! kernel's command line is assembled at start and differs between runtimes and releases. The file tells the runtime and no release: the
//! line is predicted for a release that is said, and unknown without one. The command line of a QEMU that runs is exact, and [`super::qemu`] reads it.
//! Shipped templates (`.toml.in`) hold placeholders, so only an installed file can be read.
//!
//! ```
//! use sev_launch_description::import::kata::{Release, from_toml};
//!
//! let text = "[hypervisor.qemu]\nconfidential_guest = true\nsev_snp_guest = true\n\
//!             firmware = '/opt/kata/AMDSEV.fd'\nkernel = '/opt/kata/vmlinuz'";
//! let release = "4.1.0".parse::<Release>().ok();
//! let import = from_toml(text.as_bytes(), None, release, "configuration.toml")?;
//! assert!(import.description.boot.cmdlines.is_some());
//! assert_eq!(import.warnings[0].code, "cmdline-predicted");
//! # Ok::<(), sev_launch_description::Error>(())
//! ```

mod annotations;
mod cmdline;
mod drop_ins;
mod go;
mod initdata;
mod installed;
mod keys;
mod pod;
mod release;
mod root;
mod rust;
mod settings;
mod sizing;

use super::{Import, Source, checks, codes, default, found};
use crate::description::{Blob, Image, Kernel};
use crate::error::Error;
use sev_launch_abi::Technology;

pub use installed::{Installed, Runtime};
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

/// Reads a configuration; `name` is what errors call it. `pod` is a pod, its `metadata`, or its annotations alone, in YAML or JSON: its
/// annotations override the file's keys, and its limits size the guest. It may also hold the annotations of containerd's sandbox,
/// `io.kubernetes.cri.sandbox-*`, which have the limits as the runtime sees them. What releases make of the file in different ways is
/// unknown without a release in `installed`.
///
/// Errors: larger than [`MOST_BYTES`]; no TOML, or a template; no confidential guest; a value of another kind; both an
/// image and an initrd; another runtime's file; a key that the release does not read; no pod, or one that the runtime would not start.
pub fn from_toml<'a>(
    toml: &[u8],
    pod: Option<&[u8]>,
    installed: impl Into<Installed<'a>>,
    name: &str,
) -> Result<Import, Error> {
    let (source, installed) = (Source(name), installed.into());
    let mut settings = Settings::read(toml, installed, source)?;
    let mut import = Import::default();
    let unread = pod.map(|bytes| settings.annotate(&mut import, bytes)).transpose()?;
    for annotation in unread.unwrap_or_default() {
        let text = format!("{annotation} was not looked at, and may change what is measured");
        import.unknown(None, "annotations", text, "what the runtime makes of it");
    }
    settings.name_unread(&mut import);
    let releases = Releases::read(&settings, installed.release)?;
    let technology = read_technology(&mut import, &settings, &releases)?;
    import.description.host.vmm =
        default("qemu".to_owned(), "Kata's hypervisor of this table is QEMU");
    sizing::read(&mut import, &settings, &releases)?;
    initdata_of(&mut import, &settings, &releases, technology)?;
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
    let is_rust = settings.runtime == Runtime::Rust;
    let is_flash = |release: Release| match (is_rust, technology) {
        (true, _) => false,
        (false, Technology::Snp) => !release.is_from(3, 14),
        (false, _) => true,
    };
    let of_runtime = "how this release's runtime hands it to QEMU";
    import.description.firmware.in_flash =
        releases.agree(is_flash).and_then(|is_flash| default(is_flash, of_runtime));
    cmdline::predict(&mut import, &settings, &releases, technology)?;
    read_hashes(&mut import, &releases, |release| match (is_rust, technology) {
        (_, Technology::Snp) => release.is_from(3, 6),
        // Only the releases of Confidential Containers ask for them in SEV guests.
        (is_rust, _) => release == Release::CC && !is_rust,
    });
    import.unknown_host_kernel(technology);
    import.of(source)
}

/// HOST_DATA, which SNP guests alone have.
fn initdata_of(
    import: &mut Import,
    settings: &Settings<'_>,
    releases: &Releases,
    technology: Technology,
) -> Result<(), Error> {
    match technology {
        Technology::Snp => initdata::read(import, settings, releases),
        Technology::Sev | Technology::SevEs => Ok(()),
    }
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
        match settings.runtime {
            Runtime::Rust if block.is_some() || auth.is_some() => {
                let text =
                    "snp_id_block: the Rust runtime reads it and starts the guest without it";
                import.warn(codes::UNREAD_SETTING, text);
            }
            Runtime::Rust => {}
            Runtime::Go => {
                let (block_at, auth_at) =
                    (settings.place("snp_id_block"), settings.place("snp_id_auth"));
                import.id_block(settings.source, (&block_at, block), (&auth_at, auth), None)?;
            }
        }
    } else if cc == Some(false) {
        import.warn_of_no_session("this release has no pre-attestation");
    } else if !settings.switch("guest_pre_attestation")? {
        import.warn_of_no_session("guest_pre_attestation is off");
    }
    Ok(technology)
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
