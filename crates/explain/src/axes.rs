//! The axes of the search: which facts of a launch may be another than described, and which values are tried.
//!
//! Values with the same content are one [`Alternative`] with several members; a value equal to the described one is not an alternative. The
//! order of axes is the order of their weights: the likelier a cause, the earlier it is tried.
//!
//! The crate's example shows it in use.

mod build;
mod cmdline;
mod signature;

use std::collections::BTreeMap;

use sev_launch_abi::reader::wide;
use sev_launch_abi::sev::policy::Policy;
use sev_launch_abi::{CpuSignature, PlatformVersion, SevFeatures};
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::profile::LaunchProfile;
use sev_launch_digest::vcpus::VcpuCount;

use crate::layout::Layout;

sev_launch_abi::named! {
    /// A fact that may be another than described. The order is that of the weights.
    #[derive(PartialOrd, Ord)]
    pub enum Axis {
        /// Are kernel, initrd and command line measured?
        KernelHashes => "kernel-hashes",
        /// How many vCPUs: 1 to 512.
        Vcpus => "vcpus",
        /// What the host does: every profile that loads firmware alone.
        Profile => "profile",
        /// The command line's bytes.
        Cmdline => "cmdline",
        /// The CPU signature.
        Signature => "signature",
        /// The features word.
        SevFeatures => "sev-features",
        /// How many vCPUs were added late and keep the first one's registers: up to 8.
        LateVcpus => "late-vcpus",
        /// The firmware: every file of the pool that is one.
        Firmware => "firmware",
        /// The initrd: absent, or any file of the pool.
        Initrd => "initrd",
        /// The kernel: any file of the pool.
        Kernel => "kernel",
        /// Kernel and initrd in each other's place.
        BootFiles => "boot-files",
        /// The policy under the measurement's HMAC.
        Policy => "policy",
        /// The platform's version under the measurement's HMAC.
        PlatformVersion => "platform-version",
        /// The order of the measurement's bytes.
        Layout => "layout",
    }
}

impl Axis {
    /// What a change of it weighs, which is its place among all: sets of changes are tried in the order of their sums. What is
    /// not in the digest but only in the HMAC weighs the same, and most: those facts are copied from the platform's own words.
    pub(crate) fn weight(self) -> u32 {
        let place = (1..).zip(Self::ALL).find(|(_, axis)| *axis == self || axis.is_of_hmac());
        place.map_or(0, |(place, _)| place)
    }

    /// Is it one of what is under the measurement's HMAC besides the digest?
    pub(crate) const fn is_of_hmac(self) -> bool {
        matches!(self, Self::Policy | Self::PlatformVersion | Self::Layout)
    }
}

/// What a fact is, as a value that a program can use.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// Kernel, initrd and command line swapped between each other's places.
    BootFilesSwapped(bool),
    /// The hash of a command line as it is measured.
    Cmdline(Sha256Digest),
    /// The firmware's index in the pool.
    Firmware(usize),
    /// The initrd's index in the pool; nothing for none.
    Initrd(Option<usize>),
    /// The kernel's index in the pool; nothing for none.
    Kernel(Option<usize>),
    /// Are kernel hashes on?
    KernelHashes(bool),
    /// How many of the vCPUs, the last ones, start with the first one's registers.
    LateVcpus(u32),
    /// The order of the blob's bytes.
    Layout(Layout),
    /// The platform's version.
    PlatformVersion(PlatformVersion),
    /// The guest's policy.
    Policy(Policy),
    /// The profile; nothing for captured VMSA pages.
    Profile(Option<&'static LaunchProfile>),
    /// The features word; nothing for the profile's own.
    SevFeatures(Option<SevFeatures>),
    /// The CPU signature; `None` if none is described.
    Signature(Option<CpuSignature>),
    /// The number of vCPUs, none of them late.
    Vcpus(VcpuCount),
}

/// What a fact is by a choice, or else as described.
macro_rules! in_force {
    ($axes:expr, $choice:expr, $axis:ident, $described:expr) => {
        match $axes.content(Axis::$axis, $choice.of(Axis::$axis)) {
            Some(Content::$axis(content)) => *content,
            _ => $described,
        }
    };
}

pub(crate) use in_force;

/// A value of a fact, with what people call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// What people call it.
    pub text: String,
    /// What it is.
    pub content: Content,
}

/// Values with the same content. There is always a first one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternative {
    /// The one by which it is called first.
    pub first: Value,
    /// All others: other names, other files of the same bytes.
    pub others: Vec<Value>,
}

impl Alternative {
    fn new(first: Value) -> Self {
        Self { first, others: Vec::new() }
    }

    /// Adds a value of the same content, once.
    fn add(&mut self, value: Value) {
        if value != self.first && !self.others.contains(&value) {
            self.others.push(value);
        }
    }
}

/// What is known of an axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AxisValues {
    /// The fact as described, with the values that are no change.
    pub described: Alternative,
    /// What is tried instead, in order.
    pub alternatives: Vec<Alternative>,
}

/// Values that the caller adds to an axis. Files are added to the pool instead.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Custom {
    /// A command line, with what it is called after "command line".
    Cmdline {
        /// Such as `of the staging cluster`.
        name: String,
        /// The bytes, without the NUL that is measured with them.
        bytes: Vec<u8>,
    },
    /// A platform version.
    PlatformVersion(PlatformVersion),
    /// A policy.
    Policy(Policy),
    /// A features word.
    SevFeatures(SevFeatures),
    /// A CPU signature and its name.
    Signature {
        /// Such as `our lab host`.
        name: String,
        /// The number.
        signature: CpuSignature,
    },
    /// A number of vCPUs.
    Vcpus(VcpuCount),
}

impl Custom {
    /// The axis to which it is added.
    pub const fn axis(&self) -> Axis {
        match self {
            Self::Cmdline { .. } => Axis::Cmdline,
            Self::PlatformVersion(_) => Axis::PlatformVersion,
            Self::Policy(_) => Axis::Policy,
            Self::SevFeatures(_) => Axis::SevFeatures,
            Self::Signature { .. } => Axis::Signature,
            Self::Vcpus(_) => Axis::Vcpus,
        }
    }
}

/// All axes of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axes(BTreeMap<Axis, AxisValues>);

impl Axes {
    /// What is known of an axis; `None` if the launch, or what is reported of it, does not have it.
    pub fn values(&self, axis: Axis) -> Option<&AxisValues> {
        self.0.get(&axis)
    }

    /// How many alternatives an axis has.
    pub fn count(&self, axis: Axis) -> u64 {
        self.values(axis).map_or(0, |values| wide(values.alternatives.len()))
    }

    /// An alternative by its index, or what is described.
    pub(crate) fn alternative(&self, axis: Axis, index: Option<u32>) -> Option<&Alternative> {
        let values = self.values(axis)?;
        match index {
            None => Some(&values.described),
            Some(index) => values.alternatives.get(usize::try_from(index).ok()?),
        }
    }

    /// The content of an alternative by its index, or of what is described.
    pub(crate) fn content(&self, axis: Axis, index: Option<u32>) -> Option<&Content> {
        self.alternative(axis, index).map(|alternative| &alternative.first.content)
    }
}
