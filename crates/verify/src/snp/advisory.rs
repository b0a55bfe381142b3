//! AMD's security bulletins of SNP platforms, and the levels at which each is mended: a table with its date, and what a report meets of it.
//!
//! Every level has its source, and how far that can be trusted. What no source gives is not in the table, and then the answer is that it
//! is not known. So this informs; it becomes a demand only where somebody demands it
//! ([`Requirements::advisories`](super::requirements::Requirements::advisories)), and it never accepts anything by itself.
//!
//! Microcode levels of one generation cannot be compared across steppings: each is for one processor, which reports name since
//! version 3. [SNP-ABI, ATTESTATION_REPORT, CPUID_STEP]
//!
//! ```
//! use sev_launch_verify::snp::advisory::{BULLETINS, Bulletin};
//!
//! let rmpocalypse = Bulletin::named("AMD-SB-3020").unwrap();
//! assert_eq!(rmpocalypse.cve, "CVE-2025-0033");
//! assert!(BULLETINS.iter().all(|one| one.levels().all(|level| !level.source.is_empty())));
//! ```

mod table;

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use sev_launch_abi::snp::tcb::{TcbComponent, TcbLayout};
use sev_launch_abi::{Generation, PlatformVersion};

pub use table::{BULLETINS, DATE};

use super::report::{PlatformInfo, VerifiedReport};
use crate::demand::Demands;

/// A bulletin of AMD's product security.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bulletin {
    /// Its number, as `AMD-SB-3020`.
    pub name: &'static str,
    /// The first CVE that it is about.
    pub cve: &'static str,
    /// What it is about, in a few words.
    pub about: &'static str,
    /// When it was published: `YYYY-MM-DD`, or as much of it as is known.
    pub published: &'static str,
    /// What the full remedy needs besides the levels.
    pub besides: Option<Besides>,
    levels: &'static [Level],
}

/// What a remedy needs besides its levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Besides {
    /// PLATFORM_INFO.SMT_EN clear: simultaneous multithreading off.
    SmtOff,
    /// Something that no report shows, in words.
    Unseen(&'static str),
}

/// How far a level's source can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Read in the source code of a program whose authors work with AMD.
    Source,
    /// Another party's reading of AMD's bulletin, which itself was not seen.
    SecondHand,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Source => "source code",
            Self::SecondHand => "second hand",
        })
    }
}

/// What has a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Floor {
    /// A part of REPORTED_TCB, at least this.
    Part(TcbComponent, u8),
    /// CURRENT_VERSION and COMMITTED_VERSION, both at least this: the host can go back to what is committed.
    Firmware(PlatformVersion),
}

/// The level at which a bulletin is mended on some processors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// On which generation.
    pub generation: Generation,
    /// On which model and stepping of it; `None` if on all of them.
    pub processor: Option<(u8, u8)>,
    /// The lowest level that is not affected.
    pub floor: Floor,
    /// Where the level was read.
    pub source: &'static str,
    /// How far that can be trusted.
    pub mark: Mark,
}

impl Bulletin {
    /// The bulletin of this number, in any case, with or without `AMD-SB-` before it, or of this CVE; `None` if the table does not have it.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        let is_named = |one: &&Self| {
            let shorter = ["", "AMD-", "AMD-SB-"].map(|start| one.name.strip_prefix(start));
            let names = shorter.into_iter().flatten().chain([one.cve]);
            names.into_iter().any(|known| known.eq_ignore_ascii_case(name))
        };
        BULLETINS.iter().find(is_named)
    }

    /// Its levels.
    pub fn levels(&self) -> impl Iterator<Item = &'static Level> {
        self.levels.iter()
    }

    /// Does what is known of it on this generation rest on somebody's reading of AMD's bulletin?
    #[must_use]
    pub fn is_second_hand(&self, generation: Generation) -> bool {
        let mut levels = self.levels().filter(|level| level.generation == generation);
        levels.any(|level| level.mark == Mark::SecondHand)
    }

    /// What an authentic report meets of it.
    pub fn assess(&self, report: &VerifiedReport) -> Status {
        let (generation, fields) = (report.generation(), report.report());
        let levels = self.levels().filter(|level| level.generation == generation);
        let levels: Vec<_> = levels.collect();
        if levels.is_empty() {
            return Status::Unknown(format!("no level is known for {generation}"));
        }
        // Levels of single processors say nothing of others: a processor that none of them is of has an unknown one.
        let is_told_apart = levels.iter().any(|level| level.processor.is_some());
        let processor = fields.cpuid.map(|cpu| (cpu.model, cpu.stepping));
        let is_of_it = |level: &&&Level| level.processor.is_none() || level.processor == processor;
        let of_it: Vec<_> = levels.iter().filter(is_of_it).collect();
        let is_found = of_it.iter().any(|level| level.processor.is_some());
        let told = |is_met: bool| {
            let asked = of_it.iter().map(|level| (level, level.floor.ask(report)));
            let texts = asked.filter(|(_, (met, _))| *met == is_met);
            let texts = texts.map(|(level, (_, text))| format!("{text} ({})", level.mark));
            texts.collect::<Vec<_>>().join("; ")
        };
        let below = told(false);
        if !below.is_empty() {
            return Status::Below(below);
        }
        match fields.cpuid {
            None if is_told_apart => Status::Unknown(
                "the level depends on the processor's stepping, which reports of version 2 do not say".into(),
            ),
            Some(cpu) if is_told_apart && !is_found => {
                Status::Unknown(format!("no level is known for {cpu}"))
            }
            _ => match self.besides {
                Some(Besides::SmtOff) if fields.platform_info.has(PlatformInfo::SMT_EN) => {
                    Status::Below("SMT is on, and the full remedy needs it off".into())
                }
                Some(Besides::Unseen(what)) => {
                    Status::Unknown(format!("the levels are met, and {what}, which no report shows"))
                }
                _ => Status::Met(told(true)),
            },
        }
    }
}

impl Floor {
    /// Is it reached, and what to say of that?
    fn ask(&self, report: &VerifiedReport) -> (bool, String) {
        let fields = report.report();
        let (name, found, wanted, is_met) = match self {
            Self::Part(part, wanted) => {
                let parts = fields.reported_tcb.parts(TcbLayout::of(report.generation()));
                let found = parts.level(*part);
                let text = found.map_or_else(|| "none".to_owned(), |found| found.to_string());
                let is_met = found.is_some_and(|found| found >= *wanted);
                (part.name(), text, wanted.to_string(), is_met)
            }
            Self::Firmware(wanted) => {
                let found = fields.current_version.min(fields.committed_version);
                ("firmware", found.to_string(), wanted.to_string(), found >= *wanted)
            }
        };
        let wanted = if is_met { String::new() } else { format!(", wanted {wanted}") };
        (is_met, format!("{name} {found}{wanted}"))
    }
}

/// What a report meets of a bulletin, and what that rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Every level that is known is met.
    Met(String),
    /// One is not: what was found, and what was wanted.
    Below(String),
    /// Nothing is known, and why.
    Unknown(String),
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Met(text) => write!(f, "met: {text}"),
            Self::Below(text) => write!(f, "below: {text}"),
            Self::Unknown(text) => write!(f, "unknown: {text}"),
        }
    }
}

/// What a report meets of every bulletin, in the order of the table.
#[must_use]
pub fn assess(report: &VerifiedReport) -> Vec<(&'static Bulletin, Status)> {
    BULLETINS.iter().map(|bulletin| (bulletin, bulletin.assess(report))).collect()
}

/// A bulletin that a report must meet: what is below is refused, and so is what is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mended(pub &'static Bulletin);

impl Mended {
    pub(super) fn judge(self, report: Option<&VerifiedReport>, demands: &mut Demands) {
        let status = report.map(|report| self.0.assess(report));
        let met = matches!(status, Some(Status::Met(_)));
        demands.push(self.0.name, status, met, format_args!("mended ({})", self.0.cve));
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Mended {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Mended {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = alloc::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let unknown =
            || serde::de::Error::custom(format_args!("{name:?} is no bulletin of the table"));
        Bulletin::named(&name).map(Self).ok_or_else(unknown)
    }
}
