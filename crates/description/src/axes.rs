//! Values that are lists more often than not: numbers of vCPUs, and CPUs by name or number.
//!
//! ```
//! use sev_launch_description::axes::{Cpu, VcpuCounts};
//!
//! let counts: VcpuCounts = "1..=3,8".parse()?;
//! assert_eq!(counts.counts().len(), 4);
//! assert_eq!(Cpu::of_signature("0xa00f11")?.to_string(), "0x00a00f11");
//! # Ok::<(), String>(())
//! ```

use std::fmt;
use std::str::FromStr;

use sev_launch_abi::CpuSignature;
use sev_launch_digest::cpu::CpuModel;
use sev_launch_digest::vcpus::{MAX_VCPUS, VcpuCount};

use crate::number::{number, number32};

/// Numbers of vCPUs in the order given, never none: `4`, `1,2,4`, `1..=16,32`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VcpuCounts {
    counts: Vec<VcpuCount>,
    text: String,
}

impl VcpuCounts {
    /// A single number of vCPUs.
    pub fn one(count: VcpuCount) -> Self {
        Self { counts: vec![count], text: count.number().to_string() }
    }

    /// The numbers, ranges written out.
    pub fn counts(&self) -> &[VcpuCount] {
        &self.counts
    }
}

impl FromStr for VcpuCounts {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let ranges = items(text, |part| match part.split_once("..=") {
            Some((from, to)) => Ok((count(from)?, count(to)?)),
            None if part.contains("..") || part.trim_start().find('-').is_some_and(|at| at > 0) => {
                Err(format!("{part:?}: a range is written 1..=16"))
            }
            None => count(part).map(|count| (count, count)),
        })?;
        let mut counts = Vec::new();
        for (from, to) in ranges {
            if from > to {
                return Err(format!("{}..={} is empty", from.number(), to.number()));
            }
            counts.extend((from.number()..=to.number()).filter_map(|n| VcpuCount::new(n).ok()));
            if counts.len() > MOST_COUNTS {
                return Err(format!("more than {MOST_COUNTS} numbers of vCPUs in one list"));
            }
        }
        Ok(Self { counts, text: text.trim().to_owned() })
    }
}

impl fmt::Display for VcpuCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Sixteen times all there are: a list that repeats itself further is a mistake.
const MOST_COUNTS: usize = 65_536;

fn count(text: &str) -> Result<VcpuCount, String> {
    let found = number(text)?;
    let number = u32::try_from(found).map_err(|_| format!("{found} vCPUs: at most {MAX_VCPUS}"))?;
    VcpuCount::new(number).map_err(|error| error.to_string())
}

/// The text form of a list: comma-separated items.
pub fn items<T>(text: &str, item: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    text.split(',').map(|part| item(part.trim())).collect()
}

/// A CPU: its signature, and QEMU's name for it where that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cpu {
    /// The signature.
    pub signature: CpuSignature,
    /// The model's name as it was written, or the whole name that a short one stands for.
    pub name: Option<String>,
    /// The short name that was written in its place.
    pub short: Option<String>,
}

impl Cpu {
    /// A QEMU model by its name. An error for `host`, `max` and every name that QEMU does not have.
    pub fn of_model(name: &str) -> Result<Self, sev_launch_digest::Error> {
        let signature = CpuModel::by_name(name)?.signature;
        Ok(Self { signature, name: Some(name.to_owned()), short: None })
    }

    /// The same by a name that somebody typed, who may have left the `EPYC-` out: [`CpuModel::by_short_name`].
    pub fn of_typed(name: &str) -> Result<Self, sev_launch_digest::Error> {
        Self::of_model(name).or_else(|_| {
            let model = CpuModel::by_short_name(name)?;
            let short = Some(name.to_owned());
            Ok(Self { signature: model.signature, name: Some(model.name.to_owned()), short })
        })
    }

    /// What to tell of a short name.
    pub fn taken_for(&self) -> Option<String> {
        let (short, name) = (self.short.as_ref()?, self.name.as_ref()?);
        Some(format!("CPU model {short} is taken for QEMU's {name}"))
    }

    /// A signature by its number.
    pub fn of_signature(text: &str) -> Result<Self, String> {
        number32(text).map(|number| Self {
            signature: CpuSignature(number),
            name: None,
            short: None,
        })
    }
}

impl From<CpuSignature> for Cpu {
    fn from(signature: CpuSignature) -> Self {
        Self { signature, name: None, short: None }
    }
}

impl fmt::Display for Cpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => f.write_str(name),
            None => self.signature.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(text: &str) -> Result<Vec<u32>, String> {
        text.parse::<VcpuCounts>().map(|list| list.counts().iter().map(|c| c.number()).collect())
    }

    #[test]
    fn vcpu_counts_are_lists_and_ranges() {
        assert_eq!(counts("1..=4,32"), Ok(vec![1, 2, 3, 4, 32]));
        assert_eq!(counts("0x10"), Ok(vec![16]));
        for wrong in
            ["", "0", "4097", "1..4", "4..=1", "1,,2", "-1", "1..=5000", "99999999999", "+1x"]
        {
            assert!(counts(wrong).is_err(), "{wrong}");
        }
        assert!(counts("1..=4096,".repeat(17).trim_end_matches(',')).is_err());
    }

    #[test]
    fn host_is_no_model() {
        assert!(Cpu::of_model("host").is_err());
        assert_eq!(Cpu::of_model("EPYC-Milan").map(|cpu| cpu.signature.0), Ok(0x00a0_0f11));
    }
}
