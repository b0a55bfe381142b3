//! One changed fact, as people want it said and as programs want it read.

use std::fmt;

use crate::axes::{Axis, Content, Value};
use crate::plan::Plan;

/// A fact that is another than described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    axis: Axis,
    value: Value,
    described: String,
}

impl Change {
    /// The change to an alternative of an axis by its index; `None` if there is no such alternative.
    pub(crate) fn new(plan: &Plan<'_>, axis: Axis, index: u32) -> Option<Self> {
        let value = plan.axes.alternative(axis, Some(index))?.first.clone();
        Self::to(plan, axis, value)
    }

    /// The change to a value.
    pub(crate) fn to(plan: &Plan<'_>, axis: Axis, value: Value) -> Option<Self> {
        let described = plan.axes.alternative(axis, None)?.first.text.clone();
        Some(Self { axis, value, described })
    }

    /// Which fact.
    pub const fn axis(&self) -> Axis {
        self.axis
    }

    /// What it is, in words.
    pub fn value(&self) -> &str {
        &self.value.text
    }

    /// What it is, for a program.
    pub const fn content(&self) -> &Content {
        &self.value.content
    }

    /// What was described, in words.
    pub fn described(&self) -> &str {
        &self.described
    }
}

impl fmt::Display for Change {
    /// `vcpus = 8 (described: 4)`, `command line without its trailing newline`, `kernel and initrd swapped`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, described) = (&self.value.text, &self.described);
        let name = match self.axis {
            Axis::Cmdline => return write!(f, "command line {value}"),
            Axis::BootFiles => return f.write_str(value),
            Axis::Layout => {
                return write!(f, "the measurement's bytes are {value} (wanted: {described})");
            }
            Axis::KernelHashes => "kernel hashes",
            Axis::SevFeatures => "SEV features",
            Axis::PlatformVersion => "platform version",
            Axis::LateVcpus => "late vCPUs",
            axis => axis.name(),
        };
        write!(f, "{name} = {value} (described: {described})")
    }
}
