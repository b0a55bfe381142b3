//! The kernel's command line as the runtime assembles it.
//!
//! Defined by [Kata, qemu.kernelParameters, SetKernelParams, KataAgentKernelParams, GetKernelRootParams]. First the
//! architecture's parameters, then the image's, the consoles', `quiet` or `debug`, the agnostic ones, and last what the
//! configuration gives.

use super::super::{Import, codes, found};
use super::Settings;
use crate::description::Cmdline;
use crate::error::Error;

/// Which releases the configuration is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// Those of Confidential Containers up to 0.10, from the branch CCv0: SEV pre-attestation, and `nr_cpus` always.
    Cc,
    /// Kata 3.x and its main branch: `nr_cpus` for guests only that are not confidential.
    Main,
}

/// [Kata, kernelParams of qemu_amd64.go]
const ARCHITECTURE: &str = "tsc=reliable no_timer_check rcupdate.rcu_expedited=1 i8042.direct=1 i8042.dumbkbd=1 \
     i8042.nopnp=1 i8042.noaux=1 noreplace-smp reboot=k cryptomgr.notests net.ifnames=0 pci=lastbus=0";
/// The first partition of the image as a virtio disk: nvdimm is not for confidential guests.
const ROOT: &str = "root=/dev/vda1";
/// [Kata, systemdKernelParam]
const SYSTEMD: &str = "systemd.unit=kata-containers.target systemd.mask=systemd-networkd.service \
     systemd.mask=systemd-networkd.socket";

/// Says the command line, or that it cannot be predicted.
pub(super) fn predict(
    import: &mut Import,
    settings: &Settings<'_>,
    release: Release,
) -> Result<(), Error> {
    const EXACT: &str = "the command line of a QEMU that runs: `tr '\\0' '\\n' </proc/PID/cmdline`";
    let own = settings.text("kernel_params")?.unwrap_or_default();
    if settings.text("kernel_verity_params")?.is_some() {
        let place = settings.place("kernel_verity_params");
        let text = "what the runtime makes of it differs between releases";
        import.unknown("boot.cmdline", place, text, EXACT);
        return Ok(());
    }
    let most = settings.number("default_maxvcpus")?.filter(|number| *number > 0);
    if release == Release::Cc && most.is_none() {
        let place = settings.place("default_maxvcpus");
        let text = "it is not set, so nr_cpus is the host's number of CPUs and the same pod has another digest on \
            another host";
        import.unknown("boot.cmdline", place, text, EXACT);
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
        let kind = settings.text("rootfs_type")?.unwrap_or("ext4");
        add(ROOT);
        add(if kind == "erofs" {
            "rootflags=ro"
        } else {
            "rootflags=data=ordered,errors=remount-ro ro"
        });
        add(&format!("rootfstype={kind}"));
    }
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
    if let (Release::Cc, Some(most)) = (release, most) {
        add(&format!("nr_cpus={most}"));
    }
    add(if settings.switch("disable_guest_selinux")? { "selinux=0" } else { "selinux=1" });
    if release == Release::Cc
        && settings.switch("guest_pre_attestation")?
        && settings.text("guest_pre_attestation_kbs_mode")?.is_none_or(|mode| mode == "online")
    {
        let uri = settings.text("guest_pre_attestation_kbs_uri")?.unwrap_or("localhost:44444");
        add(&format!("agent.aa_kbc_params=online_sev_kbc::{uri}"));
    }
    if has_image {
        add(SYSTEMD);
    }
    if settings.text("block_device_driver")? == Some("virtio-scsi") {
        add("scsi_mod.scan=none");
    }
    if settings.switch_of(["agent", "kata"], "enable_debug") {
        add("agent.log=debug");
    }
    if settings.switch_of(["agent", "kata"], "debug_console_enabled") {
        add("agent.debug_console agent.debug_console_vport=1026");
    }
    add(own);
    let place = match own {
        "" => format!("{}, predicted", settings.place("kernel")),
        _ => format!(
            "{}, and what the runtime puts before, predicted",
            settings.place("kernel_params")
        ),
    };
    import.description.boot.cmdlines =
        found(vec![Cmdline::Bytes(words.join(" ").into_bytes())], place);
    import.warn(
        codes::CMDLINE_PREDICTED,
        "the command line is predicted, and differs between releases; the command line of a QEMU that runs has it: \
            `tr '\\0' '\\n' </proc/PID/cmdline`",
    );
    Ok(())
}

/// A parameter as the runtime writes it anew: without the `=` of one that has no value. [Kata, SerializeParams]
fn parameter(word: &str) -> String {
    word.strip_suffix('=').filter(|key| !key.contains('=')).unwrap_or(word).to_owned()
}
