//! The kernel's command line as the Rust runtime assembles it, which has little in common with the Go runtime's.
//!
//! Defined by [Kata, runtime-rs kernel_param.rs, cmdline_generator.rs] of 3.30 and 4.1.

use std::collections::HashSet;

use super::cmdline::{Line, Unpredictable, key, parameter, parameters};
use super::release::Release;
use super::{Settings, root};
use crate::error::Error;

/// Keys of `[agent.kata]` that are read, or that reach no command line.
const AGENT: &[&str] = &[
    "enable_debug",
    "enable_tracing",
    "debug_console_enabled",
    "cdh_api_timeout_ms",
    "launch_process_timeout",
    "container_pipe_size",
    "dial_timeout_ms",
    "reconnect_timeout_ms",
    "request_timeout_ms",
    "health_check_request_timeout_ms",
    "create_container_timeout",
    "kernel_modules",
];

/// The words, as a release of the Rust runtime has them.
pub(super) fn line(settings: &Settings<'_>, release: Release) -> Result<Line, Error> {
    let unknown =
        |place: &str, text: &str| Ok(Err(Unpredictable(settings.place(place), text.into())));
    let timeout = settings.agent_number("launch_process_timeout")?;
    if timeout.is_none() && release.is_from(3, 29) {
        let place = "agent.kata.launch_process_timeout";
        return unknown(place, "it is not set, and its default differs");
    }
    if let Some(key) = settings.unread_of_agent(AGENT) {
        let text = format!("agent.kata.{key} is not known, and may change what the agent is told");
        return unknown(&format!("agent.kata.{key}"), &text);
    }
    if settings.file_has_image != settings.text("image")?.is_some() {
        let text = "the pod has an initrd in the place of an image, or an image in the place of an initrd, of which this runtime makes nothing \
            that is known";
        return unknown(if settings.file_has_image { "initrd" } else { "image" }, text);
    }
    let mut words: Vec<String> = Vec::new();
    let mut add = |text: &str| words.extend(text.split_ascii_whitespace().map(str::to_owned));
    add("reboot=k panic=1 systemd.unit=kata-containers.target");
    add("systemd.mask=systemd-networkd.service");
    if release.is_from(3, 31) {
        add("systemd.mask=systemd-networkd.socket");
    }
    if settings.switch("enable_debug")? {
        add("agent.log_vport=1025");
    }
    if settings.text("initrd")?.is_none() {
        let partitions = match settings.text("vm_rootfs_driver")? {
            None | Some("virtio-blk-pci") => root::VIRTIO,
            Some("virtio-pmem") if settings.text("kernel_verity_params")?.is_some() => root::PMEM,
            Some("virtio-pmem") => {
                let text = "it is virtio-pmem, whose flags without dm-verity are not known";
                return unknown("vm_rootfs_driver", text);
            }
            Some(_) => return settings.wrong("vm_rootfs_driver", "virtio-blk-pci or virtio-pmem"),
        };
        words.push(root::parameters(settings, &partitions, false)?);
    }
    let agent = agent(settings, release, timeout.unwrap_or(0))?;
    if agent.len() > 1 && !release.is_from(3, 26) {
        return unknown("agent.kata", "3.25 has its parameters in no order of their own");
    }
    words.extend(agent);
    // An annotation's parameters take the place of the file's by the same key, and of nothing else.
    let added = settings.added.iter().flat_map(|text| text.split_ascii_whitespace());
    let added: Vec<_> = added.map(parameter).collect();
    let mut own = parameters(settings.text("kernel_params")?.unwrap_or_default(), release);
    let replaced: HashSet<_> = added.iter().map(|word| key(word)).collect();
    own.retain(|word| !replaced.contains(key(word)));
    words.extend(own);
    words.extend(added);
    let is_off =
        !settings.has("disable_guest_selinux") || settings.switch("disable_guest_selinux")?;
    words.push(if is_off { "selinux=0" } else { "selinux=1" }.to_owned());
    words.extend(settings.extensions()?);
    if settings.switch("enable_iommu")? {
        words.push("intel_iommu=on iommu=pt".to_owned());
    }
    words.push("console=hvc0".to_owned());
    Ok(Ok(words))
}

/// What the agent is told, in the order of its names.
fn agent(settings: &Settings<'_>, release: Release, timeout: i64) -> Result<Vec<String>, Error> {
    let is_on = |key: &str| settings.agent_switch(key);
    let milliseconds = settings.agent_number("cdh_api_timeout_ms")?.unwrap_or(50_000);
    let pipe = settings.agent_number("container_pipe_size")?.unwrap_or(0);
    let all = [
        (release.is_from(3, 31), format!("agent.cdh_api_timeout={}", milliseconds / 1000)),
        (pipe > 0, format!("agent.container_pipe_size={pipe}")),
        (is_on("debug_console_enabled")?, "agent.debug_console".to_owned()),
        (is_on("debug_console_enabled")?, "agent.debug_console_vport=1026".to_owned()),
        (timeout > 0, format!("agent.launch_process_timeout={timeout}")),
        (is_on("enable_debug")?, "agent.log=debug".to_owned()),
        (is_on("enable_tracing")?, "agent.trace=true".to_owned()),
    ];
    Ok(all.into_iter().filter(|(is_on, _)| *is_on).map(|(_, word)| word).collect())
}
