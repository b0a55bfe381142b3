//! The kernel's command line as the Go runtime assembles it.
//!
//! Defined by [Kata, qemu.kernelParameters, SetKernelParams, KataAgentKernelParams, GetKernelRootParams]. First the
//! architecture's parameters, then the image's, the consoles', `quiet` or `debug`, the agnostic ones, the agent's, and last what
//! the configuration gives. The Rust runtime has an order of its own: [`super::rust`].

use super::super::{Import, codes, found};
use super::Settings;
use super::root;
use crate::description::Cmdline;
use crate::error::Error;

/// Which releases the configuration is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// Those of Confidential Containers up to 0.8.1, from the branch CCv0: SEV pre-attestation, and `nr_cpus`.
    Cc,
    /// Kata 3.32 and newer: no `nr_cpus` for guests that are confidential.
    Main,
}

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
    "kernel_modules",
    "container_pipe_size",
];
/// What settles a command line that cannot be predicted.
pub(super) const EXACT: &str =
    "the command line of a QEMU that runs: `tr '\\0' '\\n' </proc/PID/cmdline`";

/// Says the command line, or that it cannot be predicted.
pub(super) fn predict(
    import: &mut Import,
    settings: &Settings<'_>,
    release: Release,
) -> Result<(), Error> {
    if let Some(key) = settings.unread_of_agent(AGENT) {
        let text = format!("agent.kata.{key} is not known, and may change what the agent is told");
        import.unknown("boot.cmdline", format!("agent.kata.{key}"), text, EXACT);
        return Ok(());
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
        words.push(root::parameters(settings, &root::VIRTIO)?);
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
    if release == Release::Cc {
        let Some(counts) = &import.description.vcpus else {
            let place = settings.place("default_vcpus");
            let text = "nr_cpus is the number of vCPUs, which is not known";
            import.unknown("boot.cmdline", place, text, EXACT);
            return Ok(());
        };
        add(&format!("nr_cpus={}", counts.value));
    }
    add(if settings.switch("disable_guest_selinux")? { "selinux=0" } else { "selinux=1" });
    if release == Release::Cc
        && settings.switch("guest_pre_attestation")?
        && settings.text("guest_pre_attestation_kbs_mode")?.is_none_or(|mode| mode == "online")
    {
        let uri = settings.text("guest_pre_attestation_kbs_uri")?.unwrap_or("localhost:44444");
        add(&format!("agent.aa_kbc_params=online_sev_kbc::{uri}"));
    }
    let mut own = agent(settings, has_image, release)?;
    own.extend(parameters(settings.text("kernel_params")?.unwrap_or_default(), release));
    for added in settings.added.iter().flat_map(|text| text.split_ascii_whitespace()) {
        let added = parameter(added);
        // From 3.24 on, each replaces what the agent and the file say by the same key.
        if release == Release::Main {
            own.retain(|word| key(word) != key(&added));
        }
        own.push(added);
    }
    words.extend(own);
    if release == Release::Main {
        words.extend(settings.extensions()?);
    }
    say(import, settings, &words);
    Ok(())
}

/// What systemd, the block devices and the agent are told.
fn agent(settings: &Settings<'_>, has_image: bool, release: Release) -> Result<Vec<String>, Error> {
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
    if release == Release::Main {
        for key in ["cdh_api_timeout", "launch_process_timeout"] {
            if let Some(seconds) = settings.agent_number(key)?.filter(|seconds| *seconds > 0) {
                add(&format!("agent.{key}={seconds}"));
            }
        }
    }
    Ok(words)
}

/// Says the words as the command line.
pub(super) fn say(import: &mut Import, settings: &Settings<'_>, words: &[String]) {
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
        "the command line is predicted, and differs between releases (those of Kata 3 below 3.32 put nr_cpus in); the command line of a QEMU that runs has it: \
            `tr '\\0' '\\n' </proc/PID/cmdline`",
    );
}

/// The parameters of a text: apart by spaces, in releases of Kata's own by those that stand outside of double quotes.
pub(super) fn parameters(text: &str, release: Release) -> Vec<String> {
    let mut quoted = false;
    let is_space = |c: char| match c {
        '"' if release == Release::Main => {
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
