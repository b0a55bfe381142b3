//! Inputs of the benches and of the instruction counts: made up, and the same each time.
//!
//! Times are in `benches/`, one file for each question, and counts in [`cases`], which `cargo xtask count` runs. Both take their
//! inputs from here, so that a time and a count of the same name are of the same work. Nothing here is of use to anyone else.

pub mod cases;
pub mod evidence;
pub mod guests;
pub mod images;
pub mod searches;
