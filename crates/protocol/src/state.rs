//! What happens to a guest's launches, as a pure function: (state, event, time) to (state, answer, records) or a refusal.
//!
//! [`Guest::step`] is the only way from one state to the next. Whoever keeps guests writes the new state, the records and the end
//! of the keys that it names in one transaction, or none of them; of two that step from one version, one writes.
//!
//! No secret leaves but by a [`Release`], which only a step makes, and only for a [`Proven`] measurement: one whose MAC was verified
//! with keys that were handed out for a [`ProvenPlatform`]. The same step makes the record that says so.

mod event;
mod guest;
mod proven;
mod steps;
#[cfg(test)]
mod tests;

pub use self::event::{Answer, Event, Finding, Judgement, Record, Refusal, Step};
pub use self::guest::{Ended, Guest, Launch, Status, Terms};
pub use self::proven::{Held, Proven, ProvenPlatform, Release};
