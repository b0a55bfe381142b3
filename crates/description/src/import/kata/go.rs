//! The kernel's command line as the Go runtime assembles it.
//!
//! Defined by [Kata, qemu.kernelParameters, SetKernelParams, KataAgentKernelParams, GetKernelRootParams]. First the
//! architecture's parameters, then the image's, the consoles', `quiet` or `debug`, the agnostic ones, the agent's, and last what
//! the configuration gives.

use std::collections::HashMap;

use sev_launch_abi::Technology;

use super::cmdline::{Line, Unpredictable, key, parameter, parameters};
use super::release::Release;
use super::{Settings, root};
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
const MOST_VCPUS: u32 = 240;
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
    // As many as the configuration lets the guest have, but no more than the host has, and than QEMU lets it.
    let key = "default_maxvcpus";
    let Ok(vcpus) = vcpus.parse::<u32>() else {
        return unknown("default_vcpus", "nr_cpus depends on the number of vCPUs");
    };
    let most = u32::try_from(settings.number(key)?.unwrap_or(0)).unwrap_or(u32::MAX);
    let count = match settings.host_cpus {
        Some(host) if most == 0 => host,
        Some(host) => most.min(host),
        // A host that starts them has as many.
        None if most == vcpus => most,
        None => {
            let text = "nr_cpus is the smaller of it and the host's number of CPUs (0 stands for the host's), which was not said";
            return unknown(key, text);
        }
    };
    match count.min(MOST_VCPUS) {
        count if count >= vcpus => Ok(Ok(count.to_string())),
        _ => unknown(key, "it lets the guest have fewer vCPUs than it starts with"),
    }
}

/// The words, as a release of the Go runtime has them for a guest with so many vCPUs.
pub(super) fn line(
    settings: &Settings<'_>,
    release: Release,
    technology: Technology,
    vcpus: Option<&str>,
) -> Result<Line, Error> {
    if let Some(key) = settings.unread_of_agent(AGENT) {
        let text = format!("agent.kata.{key} is not known, and may change what the agent is told");
        return Ok(Err(Unpredictable(format!("agent.kata.{key}"), text)));
    }
    let mut words: Vec<String> = Vec::new();
    let mut add = |text: &str| words.extend(text.split_ascii_whitespace().map(parameter));
    // An image or initrd of a pod's annotation changes the file that QEMU gets, and none of these parameters.
    let (has_image, debug) = (settings.file_has_image, settings.switch("enable_debug")?);
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
        && technology != Technology::Snp
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
    let is_on = |key: &str| settings.agent_switch(key);
    if is_on("enable_debug")? {
        add("agent.log=debug");
    }
    if is_on("enable_tracing")? {
        add("agent.trace=true");
    }
    if is_on("debug_console_enabled")? {
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
