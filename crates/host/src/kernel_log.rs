//! What the kernel's log says of SEV, and nothing else of it.
//!
//! Only the messages of ccp, kvm_amd and the SNP code that are known are kept, in their own words, so that nothing else of a log leaves a host.
//!
//! ```
//! use sev_launch_host::kernel_log::KernelLog;
//!
//! let log = "\
//! [    7.705036] ccp 0000:a3:00.5: SEV API:1.55 build:61
//! [    7.719788] kvm_amd: SEV enabled (ASIDs 1 - 1006)
//! [    7.719791] kvm_amd: SEV-ES disabled (ASIDs 0 - 0)";
//! let log = KernelLog::read(log);
//! assert_eq!(log.sev_version.map(|one| one.with_build_named()).as_deref(), Some("1.55 build 61"));
//! assert_eq!(log.sev.and_then(|asids| asids.count()), Some(1006));
//! assert_eq!(log.sev_es.map(|asids| asids.is_enabled()), Some(false));
//! ```

use sev_launch_abi::PlatformVersion;

/// What is read of a log. Of a message that stands there several times the last counts: a module can be loaded again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KernelLog {
    /// `SEV API:1.55 build:61`. [Linux, sev_get_api_version and sev_pci_init]
    pub sev_version: Option<PlatformVersion>,
    /// `SEV-SNP API:1.55 build:61`.
    pub snp_version: Option<PlatformVersion>,
    /// `SEV enabled (ASIDs 1 - 1006)`. [Linux, sev_hardware_setup]
    pub sev: Option<Asids>,
    /// `SEV-ES enabled (ASIDs 1 - 99)`.
    pub sev_es: Option<Asids>,
    /// `SEV-SNP enabled (ASIDs 1 - 99)`.
    pub snp: Option<Asids>,
    /// `SEV-SNP: failed to INIT …`: the AMD-SP did not start SNP. [Linux, __sev_snp_init_locked]
    pub snp_init_failed: bool,
    /// `SEV: failed to INIT …`: the AMD-SP did not start SEV. Its version is logged all the same. [Linux, __sev_platform_init_locked]
    pub sev_init_failed: bool,
    /// `SEV-SNP: RMP table physical range …` (yes), or that the BIOS reserved no memory for it (no). [Linux, snp_probe_rmptable_info]
    pub has_rmp: Option<bool>,
}

sev_launch_abi::named! {
    /// In which state KVM says a technology is.
    pub enum State {
        /// Guests can be made.
        Enabled => "enabled",
        /// The processor has it, and KVM does not use it.
        Disabled => "disabled",
        /// KVM would use it, and there are no ASIDs, or the firmware refuses.
        Unusable => "unusable",
    }
}

/// The ASIDs of a technology.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asids {
    /// The state.
    pub state: State,
    /// The first.
    pub first: u32,
    /// The last; below the first if there are none.
    pub last: u32,
}

impl Asids {
    /// Can guests be made?
    #[must_use]
    pub fn is_enabled(self) -> bool {
        self.state == State::Enabled
    }

    /// How many guests can run at once; `None` if none can.
    pub fn count(self) -> Option<u32> {
        let count = self.last.checked_sub(self.first)?.checked_add(1)?;
        (self.is_enabled() && self.first > 0).then_some(count)
    }
}

/// The lines of a log that are known here, each from its message on: the last of each kind, which are those that count.
#[must_use]
pub fn known_lines(log: &str) -> Vec<String> {
    let mut lines: Vec<(String, Message)> = Vec::new();
    for (text, message) in log.lines().filter_map(message) {
        lines.retain(|(_, other)| !other.is_like(message));
        lines.push((text, message));
    }
    lines.into_iter().map(|(text, _)| text).collect()
}

/// One message.
#[derive(Clone, Copy)]
enum Message {
    Sev(PlatformVersion),
    Snp(PlatformVersion),
    SevInitFailed,
    SnpInitFailed,
    Asids(Kind, Asids),
    Rmp(bool),
}

impl Message {
    /// Does the later of both alone count?
    fn is_like(self, other: Self) -> bool {
        match (self, other) {
            (Self::Asids(kind, _), Self::Asids(other, _)) => kind == other,
            (one, other) => std::mem::discriminant(&one) == std::mem::discriminant(&other),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sev,
    SevEs,
    Snp,
    /// As AMD's forks print both.
    SevEsAndSnp,
}

impl KernelLog {
    /// Reads a log's text, of any length, with or without time stamps. What is not known is passed over.
    #[must_use]
    pub fn read(log: &str) -> Self {
        let mut read = Self::default();
        for (_, message) in log.lines().filter_map(message) {
            match message {
                Message::Sev(version) => read.sev_version = Some(version),
                // SNP that starts at another time has not failed.
                Message::Snp(version) => {
                    (read.snp_version, read.snp_init_failed) = (Some(version), false);
                }
                Message::SnpInitFailed => read.snp_init_failed = true,
                Message::SevInitFailed => read.sev_init_failed = true,
                Message::Asids(Kind::Sev, asids) => read.sev = Some(asids),
                Message::Asids(Kind::SevEs, asids) => read.sev_es = Some(asids),
                Message::Asids(Kind::Snp, asids) => read.snp = Some(asids),
                Message::Asids(Kind::SevEsAndSnp, asids) => {
                    (read.sev_es, read.snp) = (Some(asids), Some(asids));
                }
                Message::Rmp(has) => read.has_rmp = Some(has),
            }
        }
        read
    }
}

/// What stands before a message: `<6>`, `[    7.705036] `, or all up to `kernel: ` of a system's log.
fn after_stamps(line: &str) -> &str {
    let line = line.trim_start();
    let line = match line.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
        Some((level, rest)) if level.bytes().all(|byte| byte.is_ascii_digit()) => rest.trim_start(),
        _ => line,
    };
    match line.split_once(" kernel: ") {
        Some((before, rest)) if is_of_journal(before) => after_time(rest),
        _ => after_time(line),
    }
}

/// Are these a time and a host's name, as a system's log has them before a message of the kernel's? `Nov 28 11:22:33 node1`, or
/// `2026-11-28T11:22:33.123+00:00 node1`: what another program says has its own name there, and more words.
fn is_of_journal(before: &str) -> bool {
    let words: Vec<_> = before.split_whitespace().collect();
    match words.as_slice() {
        [month, day, time, _] => {
            month.len() == 3
                && day.parse::<u8>().is_ok()
                && time.contains(':')
                && !time.ends_with(':')
        }
        [time, _] => time.contains('T') && time.starts_with(|c: char| c.is_ascii_digit()),
        _ => false,
    }
}

/// Without `[    7.705036] `.
fn after_time(line: &str) -> &str {
    let is_time = |text: &str| {
        let mut bytes = text.trim().bytes();
        bytes.all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'T' || byte == b' ')
    };
    match line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((time, rest)) if is_time(time) => rest.trim_start(),
        _ => line,
    }
}

/// Without the driver's name and its device's: `ccp 0000:22:00.1: `, which says where the device is.
fn after_driver(message: &str) -> &str {
    for name in ["kvm_amd: ", "SVM: "] {
        if let Some(rest) = message.strip_prefix(name) {
            return rest;
        }
    }
    let Some(rest) = message.strip_prefix("ccp") else { return message };
    match rest.split_once(": ") {
        Some((device, rest)) if device.len() <= 16 => rest,
        _ => message,
    }
}

/// A line's message, in words that are made anew from what was read; `None` for every other line. Only what begins with a known message is one:
/// others' words may stand in a log too.
fn message(line: &str) -> Option<(String, Message)> {
    const NO_RMP: &str = "SEV-SNP: Memory for the RMP table has not been reserved by BIOS";
    const RMP: &str = "SEV-SNP: RMP table physical range";
    const NO_INIT: &str = "SEV-SNP: failed to INIT";
    const NO_SEV_INIT: &str = "SEV: failed to INIT";
    let text = after_driver(after_stamps(line));
    if text.starts_with(NO_RMP) {
        return Some((NO_RMP.into(), Message::Rmp(false)));
    }
    if text.starts_with(RMP) {
        return Some((RMP.into(), Message::Rmp(true)));
    }
    if text.starts_with(NO_INIT) {
        return Some((NO_INIT.into(), Message::SnpInitFailed));
    }
    if text.starts_with(NO_SEV_INIT) {
        return Some((NO_SEV_INIT.into(), Message::SevInitFailed));
    }
    if let Some(version) = text.strip_prefix("SEV-SNP API:").and_then(version) {
        let text = format!("SEV-SNP API:{} build:{}", version.api(), version.build);
        return Some((text, Message::Snp(version)));
    }
    if let Some(version) = text.strip_prefix("SEV API:").and_then(version) {
        let text = format!("SEV API:{} build:{}", version.api(), version.build);
        return Some((text, Message::Sev(version)));
    }
    // `SEV enabled (ASIDs 1 - 509)`; before Linux 5.19 `SEV supported: 410 ASIDs`.
    const BOTH: &str = "SEV-ES and SEV-SNP";
    let (name, kind, rest) = [
        (BOTH, Kind::SevEsAndSnp),
        ("SEV-ES", Kind::SevEs),
        ("SEV-SNP", Kind::Snp),
        ("SEV", Kind::Sev),
    ]
    .into_iter()
    .find_map(|(name, kind)| {
        let rest = text.strip_prefix(name)?.strip_prefix(' ')?;
        Some((name, kind, rest))
    })?;
    let asids = asids(rest)?;
    let Asids { state, first, last } = asids;
    Some((format!("{name} {state} (ASIDs {first} - {last})"), Message::Asids(kind, asids)))
}

/// `1.55 build:61`.
fn version(text: &str) -> Option<PlatformVersion> {
    let (api, build) = text.split_once(" build:")?;
    let (major, minor) = api.split_once('.')?;
    let number = |text: &str| {
        let digits = text.trim();
        let is_decimal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|_| is_decimal)
    };
    let build = build.split_whitespace().next()?;
    PlatformVersion::from_numbers(number(major)?, number(minor)?, number(build)?).ok()
}

/// `enabled (ASIDs 1 - 509)`, or `supported: 410 ASIDs`.
fn asids(text: &str) -> Option<Asids> {
    if let Some(count) = text.strip_prefix("supported: ") {
        let last = count.strip_suffix(" ASIDs")?.trim().parse().ok()?;
        return Some(Asids { state: State::Enabled, first: 1, last });
    }
    let (word, range) = text.split_once(" (ASIDs ")?;
    let state = State::ALL.into_iter().find(|state| state.name() == word)?;
    let (first, last) = range.split_once(')')?.0.split_once(" - ")?;
    // With no ASIDs for SEV-ES, KVM prints the last one as 0 - 1, as an unsigned number.
    let number = |text: &str| text.trim().parse::<u32>().ok();
    let (first, last) = (number(first)?, number(last)?);
    let last = if last == u32::MAX { 0 } else { last };
    Some(Asids { state, first, last })
}
