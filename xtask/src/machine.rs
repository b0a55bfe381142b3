//! The machine that measures: what must stand beside every figure.

use std::fs;
use std::thread;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use crate::command::output;

/// The flags of a processor on which the speed of hashing depends.
const TELLING_FLAGS: [&str; 6] = ["sha_ni", "avx2", "bmi2", "avx512f", "avx512vl", "avx_vnni"];

/// Processor, day and system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Machine {
    /// The processor's model name.
    pub(crate) processor: String,
    /// Cores that the system offers.
    pub(crate) cores: usize,
    /// Those of its flags on which hashing depends.
    pub(crate) flags: Vec<String>,
    /// The day, in UTC: 2026-01-31.
    pub(crate) date: String,
    /// The kernel's name and release.
    pub(crate) system: String,
    /// The Rust compiler.
    pub(crate) rustc: String,
}

impl Machine {
    /// This one, now.
    pub(crate) fn read() -> Result<Self> {
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").context("/proc/cpuinfo")?;
        let (processor, flags) = processor(&cpuinfo);
        Ok(Self {
            processor,
            cores: thread::available_parallelism().map_or(1, usize::from),
            flags,
            date: output("date", &["-u", "+%F"])?.trim().to_owned(),
            system: output("uname", &["-sr"])?.trim().to_owned(),
            rustc: output("rustc", &["--version"])?.trim().to_owned(),
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

/// Model name and telling flags, by /proc/cpuinfo.
fn processor(cpuinfo: &str) -> (String, Vec<String>) {
    let field = |name: &str| {
        let lines = cpuinfo.lines().filter_map(|line| line.split_once(':'));
        lines.into_iter().find(|(found, _)| found.trim() == name).map(|(_, value)| value.trim())
    };
    let found: Vec<&str> = field("flags").unwrap_or_default().split_whitespace().collect();
    let flags = TELLING_FLAGS.into_iter().filter(|flag| found.contains(flag));
    (field("model name").unwrap_or("unknown").to_owned(), flags.map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_processor_s_flags_are_read_whole() {
        let text = "processor\t: 0\nmodel name\t: A B\nflags\t\t: fpu avx2x sha_ni bmi2\n\n\
                    processor\t: 1\nmodel name\t: C\nflags\t\t: avx512f\n";
        let (model, flags) = processor(text);
        assert_eq!((model.as_str(), flags), ("A B", vec!["sha_ni".to_owned(), "bmi2".to_owned()]));
        assert_eq!(processor("").0, "unknown");
    }
}
