//! What the service decides, without HTTP, store or clock: against the vectors of others, and against an AMD-SP in software.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test may panic"
)]

#[path = "decisions/lab.rs"]
mod lab;

#[path = "decisions/bounds.rs"]
mod bounds;
#[path = "decisions/chains.rs"]
mod chains;
#[path = "decisions/launches.rs"]
mod launches;
#[path = "decisions/real.rs"]
mod real;
#[path = "decisions/reports.rs"]
mod reports;
#[path = "decisions/vectors.rs"]
mod vectors;
