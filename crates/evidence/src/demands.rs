//! Demands on a report as people write them: by key, in a file of TOML or JSON, or as another tool's policy.
//!
//! [`KEYS`] is the one list of what can be demanded: a file's keys, a command's flags and the schema of the file all come from it. What
//! is demanded is `sev-launch-verify`'s to judge ([`ReportDemands`]); here it is only read. Nothing in a file loosens a demand.
//!
//! ```
//! use sev_launch_evidence::demands::Document;
//!
//! let file = Document::from_toml("vmpl = 0\nmin_tcb = 'bootloader=4,tee=0,snp=24,microcode=219'\n", "demands.toml")?;
//! assert_eq!(file.demands()?.vmpl, Some(0));
//!
//! let wrong = Document::from_toml("vmlp = 0\n", "demands.toml").unwrap_err();
//! assert_eq!(wrong.to_string(), "demands.toml: nothing is demanded by the key \"vmlp\": is vmpl meant?");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod check_policy;
mod document;
mod keys;
mod values;

pub use document::{Document, DocumentError, schema};
pub use keys::{KEYS, Key, Takes, by_name};
pub use sev_launch_verify::snp::demands::ReportDemands;
