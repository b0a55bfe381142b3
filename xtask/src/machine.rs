//! The machine that measures: what must stand beside every figure.

use std::fs;
use std::thread;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use crate::call::Call;

/// The flags of a processor on which the speed of hashing depends.
const TELLING_FLAGS: [&str; 6] = ["sha_ni", "avx2", "bmi2", "avx512f", "avx512vl", "avx_vnni"];

/// Processor, day and system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Machine {
    /// The processor's model name.
    processor: String,
    /// Cores that the system offers.
    cores: usize,
    /// Those of its flags on which hashing depends.
    flags: Vec<String>,
    /// The day, in UTC: 2026-01-31.
    date: String,
    /// The kernel's name and release.
    system: String,
    /// The Rust compiler.
    pub(crate) rustc: String,
}

impl Machine {
    /// This one, now.
    pub(crate) fn read() -> Result<Self> {
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").context("/proc/cpuinfo")?;
        let field = |name: &str| {
            let mut lines = cpuinfo.lines().filter_map(|line| line.split_once(':'));
            lines.find(|(found, _)| found.trim() == name).map_or("unknown", |(_, value)| value)
        };
        let flags: Vec<&str> = field("flags").split_whitespace().collect();
        let telling = TELLING_FLAGS.into_iter().filter(|flag| flags.contains(flag));
        Ok(Self {
            processor: field("model name").trim().to_owned(),
            cores: thread::available_parallelism().map_or(1, usize::from),
            flags: telling.map(str::to_owned).collect(),
            date: Call::new("date", "-u +%F").text()?,
            system: Call::new("uname", "-sr").text()?,
            rustc: Call::new("rustc", "--version").text()?,
        })
    }

    pub(crate) fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|found| found == flag)
    }

    /// One line: the processor, its cores, its flags, the day.
    pub(crate) fn line(&self) -> String {
        let Self { processor, cores, flags, date, system, .. } = self;
        let flags = if flags.is_empty() { "none".into() } else { flags.join(", ") };
        format!("{processor}, {cores} cores ({flags}), {system}, {date}")
    }
}
