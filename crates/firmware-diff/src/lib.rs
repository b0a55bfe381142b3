//! What is inside an OVMF firmware image, and where two builds of one differ.
//!
//! An image is flash with firmware volumes, which hold files, which consist of sections, some of them packed, with volumes in them again. [`Image::open`]
//! takes all of it apart; every byte is part of a [`Part`]. What is malformed is kept whole with a [`Remark`]; an [`Error`] means that an image
//! asks for more memory or time than any firmware needs.
//!
//! Bytes in, values out: no IO.

mod allow;
mod bytes;
mod comparison;
mod difference;
mod effect;
mod error;
mod executable;
mod extract;
mod file;
mod hash_check;
mod image;
mod inventory;
mod kind;
mod limits;
mod map;
mod names;
mod neighbours;
mod opener;
mod packed;
mod part;
mod remark;
mod report;
mod reproduction;
mod reset_vector;
mod section;
mod statement;
mod text;
mod variables;
mod volume;

pub use allow::{Allow, AllowEntry, AllowError, MOST_ALLOW_BYTES, Names};
pub use comparison::{Comparison, Group, Tally};
pub use difference::{Difference, Location, Module, Piece};
pub use effect::{Cause, DigestEffect, Effect, Pages};
pub use error::Error;
pub use extract::Extract;
pub use file::{FileHeader, FileKind};
pub use hash_check::kernel_hash_check;
pub use image::Image;
pub use inventory::InventoryEntry;
pub use kind::Kind;
pub use limits::{MAX_DEPTH, MAX_FILES, MAX_PARTS, MAX_UNPACKED, MAX_WORK};
pub use map::Map;
pub use names::given_by;
pub use part::{Part, Span, What};
pub use remark::Remark;
pub use report::{Build, Report};
pub use reproduction::Reproduction;
pub use section::{Packing, SectionHeader, SectionKind};
pub use variables::{StoreHeader, VariableHeader};
pub use volume::VolumeHeader;

/// The README's example, run as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
