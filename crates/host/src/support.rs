//! What a host can launch: for each technology whether it can, for how many guests, with which launch profile, what is missing and what to change.
//!
//! Nova's driver asks libvirt and a few of KVM's parameters; here everything that was collected is held together, so that a no has its reason.
//!
//! ```
//! use sev_launch_abi::Technology;
//! use sev_launch_host::{Collected, Support};
//! use sev_launch_host::support::Verdict;
//!
//! let text = r#"{"version": 1, "parameters": {"sev": "Y", "sev_es": "N"}, "sev_device": true, "kernel": "6.12.10",
//!     "qemu": "QEMU emulator version 10.0.2", "capacity": {"sev": 509}, "kernel_log": ["SEV API:1.55 build:21"]}"#;
//! let host = Collected::from_json(text)?.facts()?;
//! let sev = Support::of(Technology::Sev, &host);
//! assert_eq!((sev.verdict, sev.guests), (Verdict::Yes, Some(509)));
//! let es = Support::of(Technology::SevEs, &host);
//! assert_eq!(es.verdict, Verdict::No);
//! # Ok::<(), sev_launch_host::collected::Error>(())
//! ```

mod lack;

pub use lack::Lack;

use sev_launch_abi::{Generation, PlatformVersion, Technology};
use sev_launch_digest::profile::{self, LaunchProfile, Question, Version};

use crate::facts::Facts;
use crate::kernel_log::{Asids, State};

sev_launch_abi::named! {
    /// Can a host launch guests of a technology?
    #[must_use]
    pub enum Verdict {
        /// Everything that it needs is known to be there.
        Yes => "yes",
        /// Something is missing.
        No => "no",
        /// Nothing is known to be missing, and not everything is known to be there.
        Unknown => "unknown",
    }
}

/// What a host can do of one technology.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Support {
    /// The technology.
    pub technology: Technology,
    /// Can it launch such guests, by QEMU itself?
    pub verdict: Verdict,
    /// What is missing.
    pub lacks: Vec<Lack>,
    /// What is not known, each by what would tell it.
    pub open: Vec<&'static str>,
    /// Can it by libvirt? `None` if libvirt is not there, or does not say.
    pub by_libvirt: Option<bool>,
    /// What libvirt lacks.
    pub libvirt_lacks: Option<Lack>,
    /// How many such guests can be there at once; SEV-ES and SNP guests share theirs.
    pub guests: Option<u32>,
    /// How many of those are taken.
    pub running: Option<u32>,
    /// The launch profiles that QEMU's guests have there; none for plain SEV, whose digest holds no VMSA.
    pub profiles: Vec<&'static LaunchProfile>,
    /// What would leave one profile.
    pub question: Option<Question>,
}

/// The oldest versions that launch a technology.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Least {
    /// Linux, upstream.
    pub kernel: Version,
    /// QEMU.
    pub qemu: Version,
    /// libvirt.
    pub libvirt: Version,
    /// edk2's release, year and month.
    pub ovmf: Option<(u32, u32)>,
}

impl Least {
    /// Of a technology.
    ///
    /// SEV: [Linux, KVM_SEV_INIT, in 4.16; QEMU, `sev-guest`; libvirt, `<launchSecurity type='sev'>`]. SEV-ES: [Linux, KVM_SEV_ES_INIT, in 5.11: Nova's own
    /// 4.16 is plain SEV's; Nova, libvirt driver: QEMU 6.0, libvirt 8.0, OVMF of 2020-08]. SNP: [Linux, SNP_LAUNCH_START, in 6.11; QEMU, `sev-snp-guest`, in
    /// 9.1; libvirt, `sev-snp`, in 10.5].
    pub const fn of(technology: Technology) -> Self {
        match technology {
            Technology::Sev => Self {
                kernel: Version::new(4, 16, 0),
                qemu: Version::new(2, 12, 0),
                libvirt: Version::new(4, 5, 0),
                ovmf: None,
            },
            Technology::SevEs => Self {
                kernel: Version::new(5, 11, 0),
                qemu: Version::new(6, 0, 0),
                libvirt: Version::new(8, 0, 0),
                ovmf: Some((2020, 8)),
            },
            Technology::Snp => Self {
                kernel: Version::new(6, 11, 0),
                qemu: Version::new(9, 1, 0),
                libvirt: Version::new(10, 5, 0),
                ovmf: None,
            },
        }
    }
}

/// The first kernel whose KVM clears `sev_snp` where the AMD-SP did not start SNP; before, only the log tells.
/// [Linux, is_sev_snp_initialized in sev_hardware_setup, 2025; believed of 6.16]
const ASKS_FIRMWARE: Version = Version::new(6, 16, 0);
/// The oldest SNP ABI with which Linux starts SNP. [Linux, SNP_MIN_API_MAJOR and SNP_MIN_API_MINOR]
const LEAST_SNP: (u8, u8) = (1, 51);

impl Support {
    /// What a host of which these facts are known can do of a technology.
    pub fn of(technology: Technology, host: &Facts) -> Self {
        let mut found = Found::default();
        found.processor(technology, host);
        found.kvm(technology, host);
        found.firmware(technology, host);
        found.programs(technology, host);
        let (by_libvirt, libvirt_lacks) = by_libvirt(technology, host);
        let verdict = match (found.lacks.is_empty(), found.open.is_empty()) {
            (false, _) => Verdict::No,
            (true, false) => Verdict::Unknown,
            (true, true) => Verdict::Yes,
        };
        let derived = match technology {
            Technology::Sev => None,
            _ => Some(profile::derive(technology, &host.for_profile())),
        };
        let (guests, running) = guests(technology, host);
        Self {
            technology,
            verdict,
            lacks: found.lacks,
            open: found.open,
            by_libvirt,
            libvirt_lacks,
            guests,
            running,
            question: derived.as_ref().and_then(|derived| derived.question),
            profiles: derived.map(|derived| derived.profiles).unwrap_or_default(),
        }
    }
}

#[derive(Default)]
struct Found {
    lacks: Vec<Lack>,
    open: Vec<&'static str>,
}

impl Found {
    fn lack(&mut self, lack: Lack) {
        self.lacks.push(lack);
    }

    /// The processor, and whether the BIOS shows what it has.
    fn processor(&mut self, technology: Technology, host: &Facts) {
        if let Some(generation) = host.generation()
            && !generation.runs(technology)
        {
            self.lack(Lack::Generation { generation, technology });
            return;
        }
        if let Some(flags) = host.flags {
            let has = match technology {
                Technology::Sev => flags.sev,
                Technology::SevEs => flags.sev_es,
                Technology::Snp => flags.sev_snp,
            };
            if has && flags.hypervisor {
                self.open.push(
                    "whether this is a virtual machine itself: the processor's flags have hypervisor beside SEV's, and the facts are of two machines",
                );
            } else if !has && flags.hypervisor {
                self.lack(Lack::VirtualMachine);
            } else if !has {
                self.lack(Lack::Flag { technology, is_amd: host.signature.is_some() });
            }
        }
    }

    /// What KVM says that it can do. A parameter that is on is the proof of much: KVM clears it where anything of its own is missing.
    fn kvm(&mut self, technology: Technology, host: &Facts) {
        let parameter = host.parameters.and_then(|parameters| match technology {
            Technology::Sev => parameters.sev,
            Technology::SevEs => parameters.sev_es,
            Technology::Snp => parameters.sev_snp,
        });
        let least = Least::of(technology).kernel;
        let is_old = host.kernel.map(|kernel| kernel.versions.is_before(least));
        let asids = match technology {
            Technology::Sev => host.log.sev,
            Technology::SevEs => host.log.sev_es,
            Technology::Snp => host.log.snp,
        };
        // SEV-ES has nothing without SEV, and SNP nothing without SEV-ES: KVM sets none alone.
        let below = host.parameters.and_then(|parameters| match technology {
            Technology::Sev => None,
            Technology::SevEs => (parameters.sev == Some(false)).then_some(Technology::Sev),
            Technology::Snp => match (parameters.sev, parameters.sev_es) {
                (Some(false), _) => Some(Technology::Sev),
                (_, Some(false)) => Some(Technology::SevEs),
                _ => None,
            },
        });
        match parameter {
            Some(true) if below.is_some() => {
                let technology = below.unwrap_or(technology);
                self.lack(Lack::Parameter { technology, reason: reason(technology, host) });
            }
            Some(true) if technology != Technology::Snp && is_old.flatten() == Some(true) => {
                self.open.push(
                    "the kernel's release: the one that was collected is older than the technology that its module's parameter has",
                );
            }
            Some(true) => {}
            // Why it is off is said by what follows, where that is known.
            Some(false) if is_es_gone(technology, host) == Some(true) => {}
            Some(false) => {
                self.lack(Lack::Parameter { technology, reason: reason(technology, host) });
            }
            None if is_old.flatten() == Some(true) => {
                self.lack(Lack::Kernel { technology, least });
            }
            None if host.parameters.is_none() && host.has_sev_device == Some(false) => {
                self.lack(Lack::Module);
            }
            None => self.open.push(match technology {
                Technology::Sev => "/sys/module/kvm_amd/parameters/sev",
                Technology::SevEs => "/sys/module/kvm_amd/parameters/sev_es",
                Technology::Snp => "/sys/module/kvm_amd/parameters/sev_snp",
            }),
        }
        match host.has_sev_device {
            Some(true) => {}
            Some(false) => self.lack(Lack::Device),
            None => self.open.push("whether there is /dev/sev"),
        }
        match asids.map(|asids| asids.state) {
            Some(State::Unusable) if is_es_gone(technology, host) != Some(true) => {
                self.lack(Lack::Unusable { technology });
            }
            // The module was loaded again since, or the facts are of two hosts.
            Some(State::Disabled) if parameter == Some(true) => {
                self.lack(Lack::Disabled { technology });
            }
            _ => {}
        }
        if parameter == Some(true) && guests(technology, host).0 == Some(0) {
            self.lack(Lack::NoAsids { technology });
        }
    }

    /// What the AMD-SP refuses.
    fn firmware(&mut self, technology: Technology, host: &Facts) {
        match technology {
            Technology::Snp => self.snp_firmware(host),
            Technology::Sev | Technology::SevEs => self.sev_firmware(host),
        }
        match is_es_gone(technology, host) {
            Some(false) => {}
            Some(true) => self.lack(Lack::EsBesideSnp { version: host.snp_version }),
            None => self.open.push(
                "CURRENT_TCB of the AMD-SP (snphost show tcb): beside SNP newer firmware refuses SEV-ES guests",
            ),
        }
    }

    /// Has the AMD-SP started SEV? KVM's parameter does not tell before it asks the AMD-SP; libvirt has it asked by QEMU for its certificates.
    fn sev_firmware(&mut self, host: &Facts) {
        let asks_firmware = host.kernel.and_then(|kernel| kernel.versions.is_before(ASKS_FIRMWARE));
        let says = by_libvirt(Technology::Sev, host).0 == Some(true);
        match host.log.sev_version {
            _ if says => {}
            _ if host.log.sev_init_failed => self.lack(Lack::SevInit),
            Some(_) => {}
            None if asks_firmware == Some(false) => {}
            None => self.open.push(
                "whether the AMD-SP started SEV: virsh domcapabilities, or the kernel's log, which has \"SEV API\" then (dmesg, which may need root)",
            ),
        }
    }

    /// Has the AMD-SP started SNP? KVM's parameter proves it only where KVM looks, which older releases do not.
    fn snp_firmware(&mut self, host: &Facts) {
        let (major, minor) = LEAST_SNP;
        let asks_firmware = host.kernel.and_then(|kernel| kernel.versions.is_before(ASKS_FIRMWARE));
        match host.snp_version {
            Some(found) if (found.major, found.minor) < (major, minor) => {
                self.lack(Lack::SnpFirmware { found });
            }
            _ if host.log.snp_init_failed => self.lack(Lack::SnpInit),
            _ if host.log.has_rmp == Some(false) => self.lack(Lack::NoRmp),
            Some(_) => {}
            None if asks_firmware == Some(false) => {}
            None => self.open.push(
                "whether the AMD-SP started SNP: the kernel's log has \"SEV-SNP API\" then (dmesg, which may need root)",
            ),
        }
        let is_older = host
            .kernel
            .and_then(|kernel| kernel.versions.is_before(Least::of(Technology::Snp).kernel));
        let has_parameter =
            host.parameters.is_some_and(|parameters| parameters.sev_snp == Some(true));
        if is_older == Some(true) && has_parameter {
            self.open.push(
                "whether kernel and QEMU are a pair of AMD's own forks, which launched SNP guests before Linux 6.11",
            );
        }
    }

    /// QEMU and OVMF.
    fn programs(&mut self, technology: Technology, host: &Facts) {
        let least = Least::of(technology);
        // libvirt asks QEMU itself, and a vendor's QEMU may have more than its version says.
        let says = by_libvirt(technology, host).0 == Some(true);
        let is_vendors = host.has_vendors_qemu();
        let release = host.qemu.filter(|_| !host.qemu_is_between_releases());
        match release.and_then(|found| found.is_before(least.qemu)) {
            Some(false) => {}
            None if says => {}
            Some(true) if says && is_vendors => {}
            Some(true) if !is_vendors && !says => self.lack(Lack::Qemu { technology, least: least.qemu }),
            _ => self.open.push(
                "whether this QEMU launches such guests: its version (qemu-system-x86_64 --version), or virsh domcapabilities",
            ),
        }
        if let (Some(found), Some(wanted)) = (host.ovmf, least.ovmf)
            && found < wanted
        {
            self.lack(Lack::Ovmf { found, wanted });
        }
    }
}

/// Is SEV-ES gone because SNP is on, with firmware that refuses SEV-ES guests beside it? `None` if that is not known.
///
/// The firmware refuses them from these levels of CURRENT_TCB's SNP on: 0x1b on Milan and Genoa, 4 on Turin. [Linux, sev_firmware_allows_es] In builds
/// these are, at the latest: Milan 1.55.35, Genoa 1.55.49, Turin 1.58.3; and they are not reached by Milan 1.55.29 and Genoa 1.55.40. [AMD-SB-3023,
/// AMD-SB-3020 and AMD-SB-3015, levels by build]
fn is_es_gone(technology: Technology, host: &Facts) -> Option<bool> {
    if technology != Technology::SevEs {
        return Some(false);
    }
    match is_snp_started(host) {
        Some(true) => {}
        Some(false) => return Some(false),
        None => return None,
    }
    if host
        .log
        .sev_es
        .is_some_and(|asids| asids.state == State::Unusable && asids.last >= asids.first)
    {
        return Some(true);
    }
    let build = |minor, build| PlatformVersion { major: 1, minor, build };
    let (allows, refuses) = match host.generation()? {
        Generation::Milan => (build(55, 29), build(55, 35)),
        Generation::Genoa => (build(55, 40), build(55, 49)),
        Generation::Turin => (build(0, 0), build(58, 3)),
        Generation::Naples | Generation::Rome => return Some(false),
    };
    match host.snp_version? {
        found if found >= refuses => Some(true),
        found if found <= allows => Some(false),
        _ => None,
    }
}

/// Has the AMD-SP started SNP, whatever KVM makes of it? ccp starts it where the BIOS and the kernel have it, and kvm_amd's parameter does not stop that.
/// [Linux, __sev_snp_init_locked]
fn is_snp_started(host: &Facts) -> Option<bool> {
    let parameter = host.parameters.and_then(|parameters| parameters.sev_snp);
    let is_older =
        host.kernel.and_then(|kernel| kernel.versions.is_before(Least::of(Technology::Snp).kernel));
    let log = &host.log;
    if log.snp_init_failed {
        return Some(false);
    }
    let is_enabled = log.snp.is_some_and(Asids::is_enabled);
    if parameter == Some(true) || log.snp_version.is_some() || is_enabled {
        return Some(true);
    }
    let has_not = host.flags.is_some_and(|flags| !flags.sev_snp)
        || host.generation().is_some_and(|generation| !generation.runs(Technology::Snp))
        || log.has_rmp == Some(false)
        // ccp has told the one version, and would have told the other.
        || log.sev_version.is_some()
        || parameter.is_none() && is_older == Some(true);
    has_not.then_some(false)
}

/// Why KVM cleared a parameter, as far as it shows.
fn reason(technology: Technology, host: &Facts) -> Option<&'static str> {
    // SEV's own begin where theirs end.
    let none = host.log.sev_es.is_some_and(|asids| asids.last == 0)
        || host.log.snp.is_some_and(|asids| asids.last == 0)
        || host.log.sev.is_some_and(|asids| asids.first == 1)
        || host.guests.sev_es == Some(0);
    match technology {
        Technology::SevEs | Technology::Snp if none => {
            Some("no ASIDs are set aside for SEV-ES and SNP")
        }
        Technology::Snp if host.log.has_rmp == Some(false) => {
            Some("the BIOS has reserved no memory for the RMP table")
        }
        _ => None,
    }
}

/// How many guests can be there, and how many are.
fn guests(technology: Technology, host: &Facts) -> (Option<u32>, Option<u32>) {
    let count = |asids: Option<Asids>| asids.and_then(Asids::count);
    // The log may be of another boot: there are no more than both say.
    let least = |one: Option<u32>, other: Option<u32>| one.into_iter().chain(other).min();
    let says = host.libvirt_says.as_ref();
    let hidden = host.parameters.and_then(|parameters| parameters.ciphertext_hiding_asids);
    let split = hidden.filter(|hidden| *hidden > 0);
    match technology {
        Technology::Sev => {
            let says = says.and_then(|says| says.max_guests);
            (least(count(host.log.sev), host.guests.sev).or(says), host.guests.sev_running)
        }
        Technology::SevEs => {
            let says = says.and_then(|says| says.max_es_guests);
            let all = host.guests.sev_es.or(says);
            // With ciphertext hiding the first ASIDs are SNP's alone. [Linux, min_sev_es_asid]
            let rest = all.map(|all| all.saturating_sub(split.unwrap_or(0)));
            (least(count(host.log.sev_es), rest), host.guests.sev_es_running)
        }
        Technology::Snp => {
            let says = says.and_then(|says| says.max_es_guests);
            let all = host.guests.sev_es.or(says);
            let own = all.map(|all| split.map_or(all, |split| split.min(all)));
            (least(count(host.log.snp), own), host.guests.sev_es_running)
        }
    }
}

/// Can libvirt launch it, and what does it lack?
fn by_libvirt(technology: Technology, host: &Facts) -> (Option<bool>, Option<Lack>) {
    let least = Least::of(technology).libvirt;
    let is_old = host.libvirt.and_then(|found| found.is_before(least));
    if is_old == Some(true) {
        return (Some(false), Some(Lack::Libvirt { technology, least }));
    }
    let Some(says) = &host.libvirt_says else { return (None, None) };
    let lists = |name: &str| {
        let types = says.launch_security.as_ref();
        types.map(|types| types.iter().any(|found| found == name))
    };
    let answer = match technology {
        Technology::Sev => Some(says.has_sev),
        Technology::SevEs => match (says.has_sev, says.max_es_guests) {
            (false, _) | (true, Some(0)) => Some(false),
            (true, Some(_)) => Some(true),
            (true, None) => None,
        },
        Technology::Snp => lists("sev-snp"),
    };
    (answer, (answer == Some(false)).then_some(Lack::LibvirtSays { technology }))
}
