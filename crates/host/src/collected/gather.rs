//! Collecting the facts of the host that this runs on, or of a tree that was copied from one.

use std::collections::BTreeSet;

use super::{Collected, Counts, Cpu, FLAGS, ModuleParameters, VENDOR, VERSION};
use crate::domain_capabilities::DomainCapabilities;
use crate::kernel_log;

/// Where facts are read. The command reads the machine's own files; a test a made-up tree.
pub trait Source {
    /// A small text file, by its absolute path; `None` if it is not there, cannot be read, or is no text.
    fn file(&self, path: &str) -> Option<String>;

    /// Is there such a file? `None` if that cannot be told.
    fn exists(&self, path: &str) -> Option<bool>;

    /// The names in a folder; none if it is not there.
    fn names(&self, folder: &str) -> Vec<String>;

    /// What a program prints, if it is there and ends well.
    fn output(&self, program: &str, arguments: &[&str]) -> Option<String>;
}

/// The programs whose output is read, with their arguments: for the help of whoever runs them.
pub const PROGRAMS: [&str; 5] = [
    "dmesg, or journalctl -k -b 0",
    "qemu-system-x86_64 --version",
    "virsh --version",
    "virsh --readonly -c qemu:///system domcapabilities",
    "dpkg-query or rpm, for the version of OVMF's package",
];

/// Packages that hold OVMF: Debian's and Ubuntu's, Fedora's and RHEL's, SUSE's.
const DPKG: [&str; 2] = ["ovmf", "ovmf-amdsev"];
const RPM: [&str; 2] = ["edk2-ovmf", "qemu-ovmf-x86_64"];

/// Collects everything that the source has. What it has not, or what cannot be read, is left out, and so unknown.
#[must_use]
pub fn gather(source: &dyn Source) -> Collected {
    let line = |text: String| text.lines().next().map(|line| line.trim().to_owned());
    let line = |text: Option<String>| text.and_then(line).filter(|line| !line.is_empty());
    let control = line(source.file("/sys/devices/system/cpu/smt/control"));
    let active = line(source.file("/sys/devices/system/cpu/smt/active"));
    let domain_capabilities = {
        let arguments = ["--readonly", "-c", "qemu:///system", "domcapabilities"];
        source.output("virsh", &arguments)
    };
    Collected {
        version: VERSION,
        kernel: line(source.file("/proc/sys/kernel/osrelease")),
        cpu: source.file("/proc/cpuinfo").as_deref().and_then(cpu),
        // What the BIOS has counts, and not what Linux made of it: where it switched SMT off, the AMD-SP still sees it on.
        smt: match (control.as_deref(), active.as_deref()) {
            (Some("on" | "off" | "forceoff"), _) | (_, Some("1")) => Some(true),
            (Some("notsupported"), _) => Some(false),
            _ => None,
        },
        sockets: sockets(source),
        parameters: parameters(source),
        sev_device: source.exists("/dev/sev"),
        kernel_log: kernel_log(source),
        capacity: counts(source.file("/sys/fs/cgroup/misc.capacity")),
        running: counts(source.file("/sys/fs/cgroup/misc.current")),
        qemu: source.output("qemu-system-x86_64", &["--version"]),
        libvirt: source.output("virsh", &["--version"]),
        domain_capabilities: domain_capabilities
            .and_then(|xml| DomainCapabilities::read(&xml).ok()),
        ovmf: ovmf(source),
    }
    .tidied()
}

/// The first processor of /proc/cpuinfo.
fn cpu(text: &str) -> Option<Cpu> {
    let field = |name: &str| {
        text.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            (key.trim() == name).then(|| value.trim())
        })
    };
    let vendor = field("vendor_id")?;
    let number = |name| field(name).and_then(|text| text.parse().ok());
    let flags = field("flags").unwrap_or_default();
    Some(Cpu {
        // Another vendor's processor has no SEV, and which it is concerns nobody.
        vendor: if vendor == VENDOR { VENDOR.to_owned() } else { "another".to_owned() },
        family: number("cpu family")?,
        model: number("model")?,
        stepping: number("stepping").unwrap_or_default(),
        flags: FLAGS
            .into_iter()
            .filter(|flag| flags.split_whitespace().any(|found| found == *flag))
            .map(str::to_owned)
            .collect(),
    })
}

fn sockets(source: &dyn Source) -> Option<u32> {
    const CPUS: &str = "/sys/devices/system/cpu";
    let names = source.names(CPUS).into_iter();
    let is_cpu = |name: &String| {
        let number = name.strip_prefix("cpu").unwrap_or_default();
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    };
    let packages: BTreeSet<_> = names
        .filter(is_cpu)
        .filter_map(|name| source.file(&format!("{CPUS}/{name}/topology/physical_package_id")))
        .map(|text| text.trim().to_owned())
        .collect();
    u32::try_from(packages.len()).ok().filter(|count| *count > 0)
}

fn parameters(source: &dyn Source) -> Option<ModuleParameters> {
    const FOLDER: &str = "/sys/module/kvm_amd/parameters";
    if source.names(FOLDER).is_empty() {
        return None;
    }
    let read = |name: &str| {
        let text = source.file(&format!("{FOLDER}/{name}"))?;
        Some(text.trim().to_owned()).filter(|text| is_parameter(text))
    };
    Some(ModuleParameters {
        sev: read("sev"),
        sev_es: read("sev_es"),
        sev_snp: read("sev_snp"),
        debug_swap: read("debug_swap"),
        ciphertext_hiding_asids: read("ciphertext_hiding_asids"),
    })
}

/// Is it a switch or a number, as the kernel prints them? Nothing else of such a file leaves the host.
fn is_parameter(text: &str) -> bool {
    matches!(text, "Y" | "N" | "y" | "n")
        || text.parse::<u32>().is_ok_and(|number| number.to_string() == text)
}

fn kernel_log(source: &dyn Source) -> Option<Vec<String>> {
    let journal = ["-k", "-b", "0", "--no-pager", "-o", "cat"];
    let known = |text: Option<String>| {
        let lines = kernel_log::known_lines(&text?);
        (!lines.is_empty()).then_some(lines)
    };
    known(source.output("dmesg", &[])).or_else(|| known(source.output("journalctl", &journal)))
}

/// `sev 410` and `sev_es 99`, a line each; `max` is no number.
fn counts(text: Option<String>) -> Option<Counts> {
    let text = text?;
    let count = |name: &str| {
        text.lines().find_map(|line| {
            let (key, value) = line.split_once(' ')?;
            (key == name).then(|| value.trim().parse().ok()).flatten()
        })
    };
    let counts = Counts { sev: count("sev"), sev_es: count("sev_es") };
    (counts != Counts::default()).then_some(counts)
}

fn ovmf(source: &dyn Source) -> Option<String> {
    let filled = |text: Option<String>| {
        text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let by_dpkg =
        |name: &&str| filled(source.output("dpkg-query", &["-W", "-f", "${Version}", name]));
    let by_rpm = |name: &&str| filled(source.output("rpm", &["-q", "--qf", "%{VERSION}", name]));
    DPKG.iter().find_map(by_dpkg).or_else(|| RPM.iter().find_map(by_rpm))
}
