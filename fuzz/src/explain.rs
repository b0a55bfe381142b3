//! The search for the launch behind a reported value: what it tries, and what it answers.

mod facts;
pub(crate) mod search;
mod slip;
pub(crate) mod values;
