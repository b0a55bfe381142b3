//! Descriptions of launches: what a guest is started from and by whom, as plain values with their origins.
//!
//! A [`Description`] is read from a file (`launch.toml`, or JSON of the same shape), made from what already describes a
//! guest by [`import`], or built from flags; one laid [`over`](Description::over) another replaces single fields. Every
//! field may hold several values, which are the axes of a sweep. [`resolve`](resolve::resolve) settles what was left open
//! and says what it took for granted. Nothing here reads a file: a description holds paths.
//!
//! ```
//! use sev_launch_description::{Description, Origin};
//!
//! let text = r#"
//! technology = "snp"
//! vcpus = "1..=4"
//! cpu = "EPYC-Milan"
//!
//! [firmware]
//! path = "OVMF.fd"
//! "#;
//! let description = Description::from_toml(text, &Origin::file("launch.toml"), "".as_ref())?;
//! assert_eq!(description.vcpus.as_ref().map(|counts| counts.value.counts().len()), Some(4));
//! let wrong = Description::from_toml("vcpu = 4", &Origin::file("launch.toml"), "".as_ref());
//! assert_eq!(
//!     wrong.unwrap_err().to_string(),
//!     "launch.toml, line 1: unknown key vcpu: did you mean vcpus?"
//! );
//! # Ok::<(), sev_launch_description::Error>(())
//! ```

#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing)]
#![cfg_attr(test, allow(clippy::indexing_slicing, reason = "a test may panic"))]

pub mod axes;
pub mod description;
pub mod entries;
pub mod error;
mod file;
mod form;
pub mod id_block;
pub mod import;
pub mod keys;
pub mod number;
mod object;
pub mod origin;
pub mod resolve;
mod source;
pub mod spelling;
mod strict;
pub mod uki;
pub mod unknown;

pub use description::Description;
pub use error::Error;
pub use origin::{Field, Origin, Sourced};
pub use serde_json;
pub use unknown::Unknown;
