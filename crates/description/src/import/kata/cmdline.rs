//! The kernel's command line as the Go runtime assembles it.
//!
//! Defined by [Kata, qemu.kernelParameters, SetKernelParams, KataAgentKernelParams, GetKernelRootParams]. First the
//! architecture's parameters, then the image's, the consoles', `quiet` or `debug`, the agnostic ones, the agent's, and last what
//! the configuration gives. The Rust runtime has an order of its own: [`super::rust`]. A line whose release nobody said is unknown,
//! since each release is known to assemble another.

use std::collections::HashMap;

use super::super::{Import, codes, found};
use super::release::{Release, Releases, SETTLED};
use super::{Settings, root, rust};
use crate::description::Cmdline;
use crate::error::Error;

/// [Kata, kernelParams of qemu_amd64.go]
const ARCHITECTURE: &str = "tsc=reliable no_timer_check rcupdate.rcu_expedited=1 i8042.direct=1 i8042.dumbkbd=1 \
     i8042.nopnp=1 i8042.noaux=1 noreplace-smp reboot=k cryptomgr.notests net.ifnames=0 pci=lastbus=0";
/// [Kata, systemdKernelParam]
const SYSTEMD: &str = "systemd.unit=kata-containers.target systemd.mask=systemd-networkd.service \
     systemd.mask=systemd-networkd.socket";
/// Keys of `[agent.kata]` that are read, or that reach no command line of the Go runtime.
const AGENT: &[&str] = &[
    "enable_debug",
    "enable_tracing",
    "debug_console_enabled",
    "cdh_api_timeout",
    "launch_process_timeout",
    "dial_timeout",
    "create_container_timeout",
    "kernel_modules",
    "container_pipe_size",
];
/// The most vCPUs of a guest. [Kata, govmm.MaxVCPUs]
const MOST_VCPUS: i64 = 240;
/// What settles a command line that cannot be predicted.
pub(super) const EXACT: &str =
    "the command line of a QEMU that runs: `tr '\\0' '\\n' </proc/PID/cmdline`";

/// Why a command line cannot be predicted: the place, and the reason.
pub(super) struct Unpredictable(pub(super) String, pub(super) String);

/// A command line's words.
pub(super) type Line = Result<Vec<String>, Unpredictable>;

/// Says the command line, or that it cannot be predicted.
pub(super) fn predict(
    import: &mut Import,
    settings: &Settings<'_>,
    releases: &Releases,
) -> Result<(), Error> {
    let vcpus = import.description.vcpus.as_ref().map(|counts| counts.value.to_string());
    let newest = releases.newest();
    let line = match rust::is_meant(settings) {
        true => rust::line(settings, newest)?,
        false => line(settings, newest, vcpus.as_deref())?,
    };
    match (line, releases.said) {
        (Err(Unpredictable(place, text)), _) => {
            import.unknown("boot.cmdline", place, text, EXACT);
        }
        (Ok(words), Some(_)) => say(import, settings, &words),
        (Ok(words), None) => {
            let text = format!(
                "releases assemble it in different ways, and which one is installed was not said; {newest} would have: {}",
                words.join(" ")
            );
            import.unknown("boot.cmdline", settings.place("kernel"), text, SETTLED);
        }
    }
    Ok(())
}

/// The number of vCPUs that the kernel is told of: to 3.31, and of all of them where the guest gets none later.
fn nr_cpus(
    settings: &Settings<'_>,
    release: Release,
    vcpus: Option<&str>,
) -> Result<Result<String, Unpredictable>, Error> {
    let unknown = |key: &str, text: &str| Ok(Err(Unpredictable(settings.place(key), text.into())));
    let Some(vcpus) = vcpus else {
        return unknown("default_vcpus", "nr_cpus is the number of vCPUs, which is not known");
    };
    if settings.is_static() || !release.is_from(3, 11) {
        return Ok(Ok(vcpus.to_owned()));
    }
    let key = "default_maxvcpus";
    match settings.number(key)? {
        Some(most @ 1..=MOST_VCPUS) if vcpus.parse().is_ok_and(|vcpus: i64| vcpus <= most) => {
            Ok(Ok(most.to_string()))
        }
        _ => unknown(key, "nr_cpus is the host's number of CPUs, which is not known"),
    }
}

/// The words, as a release of the Go runtime has them.
fn line(settings: &Settings<'_>, release: Release, vcpus: Option<&str>) -> Result<Line, Error> {
    if let Some(key) = settings.unread_of_agent(AGENT) {
        let text = format!("agent.kata.{key} is not known, and may change what the agent is told");
        return Ok(Err(Unpredictable(format!("agent.kata.{key}"), text)));
    }
    let mut words: Vec<String> = Vec::new();
    let mut add = |text: &str| words.extend(text.split_ascii_whitespace().map(parameter));
    let (has_image, debug) = (settings.text("image")?.is_some(), settings.switch("enable_debug")?);
    add(ARCHITECTURE);
    if settings.switch("enable_iommu")? {
        add("intel_iommu=on iommu=pt");
    }
    if has_image {
        // Its quotes hold spaces, of which each counts.
        words.push(root::parameters(settings, &root::VIRTIO, !release.is_from(3, 17))?);
    }
    let mut add = |text: &str| words.extend(text.split_ascii_whitespace().map(parameter));
    add(if settings.switch("use_legacy_serial")? {
        "console=ttyS0"
    } else {
        "console=hvc0 console=hvc1"
    });
    add(match (has_image, debug) {
        (true, true) => "debug systemd.show_status=true systemd.log_level=debug",
        (true, false) => "quiet systemd.show_status=false",
        (false, true) => "debug",
        (false, false) => "quiet",
    });
    add("panic=1");
    if !release.is_from(3, 32) {
        match nr_cpus(settings, release, vcpus)? {
            Ok(count) => add(&format!("nr_cpus={count}")),
            Err(unknown) => return Ok(Err(unknown)),
        }
    }
    add(if settings.switch("disable_guest_selinux")? { "selinux=0" } else { "selinux=1" });
    if release == Release::CC
        && settings.switch("guest_pre_attestation")?
        && settings.text("guest_pre_attestation_kbs_mode")?.is_none_or(|mode| mode == "online")
    {
        let uri = settings.text("guest_pre_attestation_kbs_uri")?.unwrap_or("localhost:44444");
        add(&format!("agent.aa_kbc_params=online_sev_kbc::{uri}"));
    }
    let mut own = agent(settings, has_image)?;
    own.extend(parameters(settings.text("kernel_params")?.unwrap_or_default(), release));
    let added = settings.added.iter().flat_map(|text| text.split_ascii_whitespace());
    own.extend(added.map(parameter));
    // From 3.24 on, each of an annotation's replaces what stands before it by the same key.
    if release.is_from(3, 24) {
        let first_added = own.len().saturating_sub(settings.added_count());
        let last: HashMap<String, usize> = own
            .iter()
            .enumerate()
            .skip(first_added)
            .map(|(index, word)| (key(word).to_owned(), index))
            .collect();
        let mut index = 0;
        own.retain(|word| {
            let is_kept = last.get(key(word)).is_none_or(|last| *last == index);
            index += 1;
            is_kept
        });
    }
    words.extend(own);
    words.extend(settings.extensions()?);
    Ok(Ok(words))
}

/// What systemd, the block devices and the agent are told.
fn agent(settings: &Settings<'_>, has_image: bool) -> Result<Vec<String>, Error> {
    let mut words: Vec<String> = Vec::new();
    let mut add = |text: &str| words.extend(text.split_ascii_whitespace().map(str::to_owned));
    if has_image {
        add(SYSTEMD);
    }
    if settings.text("block_device_driver")?.is_none_or(|driver| driver == "virtio-scsi") {
        add("scsi_mod.scan=none");
    }
    let is_on = |key: &str| settings.switch_of(["agent", "kata"], key);
    if is_on("enable_debug") {
        add("agent.log=debug");
    }
    if is_on("enable_tracing") {
        add("agent.trace=true");
    }
    if is_on("debug_console_enabled") {
        add("agent.debug_console agent.debug_console_vport=1026");
    }
    // Releases that do not read them are refused before.
    for key in ["cdh_api_timeout", "launch_process_timeout"] {
        if let Some(seconds) = settings.agent_number(key)?.filter(|seconds| *seconds > 0) {
            add(&format!("agent.{key}={seconds}"));
        }
    }
    Ok(words)
}

/// Says the words as the command line.
fn say(import: &mut Import, settings: &Settings<'_>, words: &[String]) {
    let is_own = matches!(settings.text("kernel_params"), Ok(Some(_))) || settings.added.is_some();
    let place = match is_own {
        false => format!("{}, predicted", settings.place("kernel")),
        true => format!(
            "{}, and what the runtime puts before, predicted",
            settings.place("kernel_params")
        ),
    };
    import.description.boot.cmdlines =
        found(vec![Cmdline::Bytes(words.join(" ").into_bytes())], place);
    import.warn(
        codes::CMDLINE_PREDICTED,
        "the command line is predicted for this release (a host in FIPS mode adds fips=1, and drop-in files of config.d count); the command \
         line of a QEMU that runs has it: `tr '\\0' '\\n' </proc/PID/cmdline`",
    );
}

/// The parameters of a text: apart by spaces, from 3.3 on by those that stand outside of double quotes.
pub(super) fn parameters(text: &str, release: Release) -> Vec<String> {
    let mut quoted = false;
    let is_space = |c: char| match c {
        '"' if release.is_from(3, 3) => {
            quoted = !quoted;
            false
        }
        _ => c.is_ascii_whitespace() && !quoted,
    };
    let parts = text.split(is_space).filter(|part| !part.is_empty());
    parts.map(parameter).collect()
}

/// A parameter as the runtime writes it anew: without the `=` of one that has no value. [Kata, SerializeParams]
pub(super) fn parameter(word: &str) -> String {
    word.strip_suffix('=').filter(|key| !key.contains('=')).unwrap_or(word).to_owned()
}

pub(super) fn key(word: &str) -> &str {
    word.split('=').next().unwrap_or(word)
}
