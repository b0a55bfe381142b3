//! The middle of the house: from a launch description and a way to read its files to a row for each launch that it describes.
//!
//! 1. [`Inputs::read`] settles a description and reads every file that it names, each once. How files are read is the caller's:
//!    [`Files`] is a small trait, and [`Memory`] holds files in memory.
//! 2. [`Sweep::new`] looks at every combination, so that what no host would launch is told before the first row.
//! 3. [`Sweep::run`] gives the [`Row`]s as they are made; [`Accepted::of`] makes them the digests that a verifier accepts, with
//!    what they do not cover, and where a secret may go.
//!
//! Everything that says which technology needs what stands in [`guest`]; whoever calls this crate asks for none by itself.
//!
//! ```
//! use sev_launch_description::{Description, Origin};
//! use sev_launch_digest::hash::Portable;
//! use sev_launch_sweep::{Inputs, Memory, Mode, Reading, Sweep};
//!
//! # let image = sev_launch_testkit::firmware::FirmwareBuilder::amd_sev().build();
//! let files = Memory::from([("OVMF.fd", image)]);
//! let text = r#"
//!     technology = "snp"
//!     vcpus = "1..=4"
//!     cpu = "EPYC-Milan"
//!     firmware.path = "OVMF.fd"
//! "#;
//! let description = Description::from_toml(text, &Origin::file("launch.toml"), "".as_ref())?;
//! let mode = Mode::of(&description).ok_or("no technology")?;
//! let inputs = Inputs::read(mode, description, Reading::default(), &files, &Portable)?;
//! let sweep = Sweep::new(&inputs, &Portable)?;
//! let rows = sweep.rows()?;
//! assert_eq!(rows.len(), 4);
//! for row in rows {
//!     println!("{} {:?}", row.digest, row.vcpus);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing)]
#![cfg_attr(test, allow(clippy::indexing_slicing, reason = "a test may panic"))]

pub mod accepted;
pub mod boot;
pub mod budget;
pub mod cores;
pub mod coverage;
pub mod error;
pub mod files;
pub mod firmware;
pub mod guest;
pub mod id_block;
pub mod igvm;
pub mod inputs;
pub mod inside;
pub mod launched;
pub mod mode;
pub mod preflight;
pub mod rows;
pub mod secret_place;
pub mod updates;

pub use accepted::{Accepted, Contradicted, Described};
pub use budget::Budget;
pub use cores::AllCores;
pub use error::Error;
pub use files::{FileError, Files, Memory};
pub use firmware::Reading;
pub use guest::TraceStep;
pub use inputs::Inputs;
pub use inside::Inside;
pub use mode::Mode;
pub use preflight::Preflight;
pub use rows::{Row, Sweep};
pub use secret_place::SecretPlace;
