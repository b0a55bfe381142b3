//! The versions of a platform's trusted parts: TCB_VERSION, 8 bytes.
//!
//! Defined by [SNP-ABI, TCB_VERSION]. Its bytes mean different parts on different processors, and none of them outweighs
//! another: there is no order between two TCB versions, so nothing here compares them as integers.
//!
//! ```
//! use sev_launch_abi::Generation;
//! use sev_launch_abi::snp::{TcbLayout, TcbVersion};
//!
//! let tcb = TcbVersion::from_bytes([4, 0, 0, 0, 0, 0, 24, 219]);
//! let parts = tcb.parts(TcbLayout::of(Generation::Milan));
//! assert_eq!((parts.boot_loader, parts.snp, parts.microcode), (4, 24, 219));
//! ```

use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;

use crate::generation::Generation;

/// The 8 bytes of a TCB version, uninterpreted.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TcbVersion([u8; 8]);

/// Which byte is which part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TcbLayout {
    /// 0 boot loader, 1 TEE, 6 SNP, 7 microcode; 2 to 5 reserved.
    MilanGenoa,
    /// 0 FMC, 1 boot loader, 2 TEE, 3 SNP, 7 microcode; 4 to 6 reserved.
    Turin,
}

impl TcbLayout {
    /// The layout that a generation uses. Naples and Rome have no SNP, and no TCB version that anything reads.
    pub const fn of(generation: Generation) -> Self {
        match generation {
            Generation::Turin => Self::Turin,
            Generation::Naples | Generation::Rome | Generation::Milan | Generation::Genoa => {
                Self::MilanGenoa
            }
        }
    }
}

crate::named! {
    /// A part with a security patch level of its own.
    #[non_exhaustive]
    pub enum TcbComponent {
        /// First mutable code; Turin only.
        Fmc => "fmc",
        /// The boot loader of the AMD-SP.
        BootLoader => "boot loader",
        /// The operating system of the AMD-SP.
        Tee => "tee",
        /// The SNP firmware.
        Snp => "snp",
        /// The lowest microcode patch level of all cores.
        Microcode => "microcode",
    }
}

/// The security patch levels of a TCB version, or the lowest acceptable ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct TcbParts {
    /// First mutable code: `None` if the processor has none.
    pub fmc: Option<u8>,
    /// Boot loader.
    pub boot_loader: u8,
    /// Operating system of the AMD-SP.
    pub tee: u8,
    /// SNP firmware.
    pub snp: u8,
    /// Microcode.
    pub microcode: u8,
}

impl TcbParts {
    /// The level of one part; `None` if the processor does not have the part.
    pub const fn level(&self, component: TcbComponent) -> Option<u8> {
        match component {
            TcbComponent::Fmc => self.fmc,
            TcbComponent::BootLoader => Some(self.boot_loader),
            TcbComponent::Tee => Some(self.tee),
            TcbComponent::Snp => Some(self.snp),
            TcbComponent::Microcode => Some(self.microcode),
        }
    }

    /// The parts that are below `floor`, each compared for itself. One that only one of the two has counts as below.
    #[must_use]
    pub fn below(&self, floor: &Self) -> Vec<TcbComponent> {
        let fmc_below = match (self.fmc, floor.fmc) {
            (None, None) => false,
            (Some(found), Some(wanted)) => found < wanted,
            (None, Some(_)) | (Some(_), None) => true,
        };
        [
            (TcbComponent::Fmc, fmc_below),
            (TcbComponent::BootLoader, self.boot_loader < floor.boot_loader),
            (TcbComponent::Tee, self.tee < floor.tee),
            (TcbComponent::Snp, self.snp < floor.snp),
            (TcbComponent::Microcode, self.microcode < floor.microcode),
        ]
        .into_iter()
        .filter_map(|(component, below)| below.then_some(component))
        .collect()
    }
}

impl PartialOrd for TcbParts {
    /// At least another only where every part is at least the other's: most pairs have no order.
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self.below(other).is_empty(), other.below(self).is_empty()) {
            (true, true) => Some(Ordering::Equal),
            (true, false) => Some(Ordering::Greater),
            (false, true) => Some(Ordering::Less),
            (false, false) => None,
        }
    }
}

impl fmt::Display for TcbParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(fmc) = self.fmc {
            write!(f, "fmc {fmc}, ")?;
        }
        let Self { boot_loader, tee, snp, microcode, .. } = self;
        write!(f, "boot loader {boot_loader}, tee {tee}, snp {snp}, microcode {microcode}")
    }
}

impl TcbVersion {
    /// From the bytes of a structure.
    pub const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// The bytes of a structure.
    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }

    /// The parts as `layout` places them.
    pub const fn parts(&self, layout: TcbLayout) -> TcbParts {
        let [b0, b1, b2, b3, _, _, b6, b7] = self.0;
        match layout {
            TcbLayout::MilanGenoa => {
                TcbParts { fmc: None, boot_loader: b0, tee: b1, snp: b6, microcode: b7 }
            }
            TcbLayout::Turin => {
                TcbParts { fmc: Some(b0), boot_loader: b1, tee: b2, snp: b3, microcode: b7 }
            }
        }
    }

    /// The bytes that `layout` reserves, in their places; zero where it has a part.
    pub const fn reserved(&self, layout: TcbLayout) -> [u8; 8] {
        let [_, _, b2, b3, b4, b5, b6, _] = self.0;
        match layout {
            TcbLayout::MilanGenoa => [0, 0, b2, b3, b4, b5, 0, 0],
            TcbLayout::Turin => [0, 0, 0, 0, b4, b5, b6, 0],
        }
    }
}

impl fmt::Display for TcbVersion {
    /// The 8 bytes in lower-case hex, as they are stored.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for TcbVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TcbVersion({self})")
    }
}
