//! What happens to a guest, and what comes of it.

use serde_json::{Map, Value};

use super::guest::{Guest, Terms};
use super::proven::{Proven, ProvenPlatform, Release};
use crate::launch::{Injection, LaunchState};
use crate::problem::{Code, Problem};
use crate::text::{LaunchId, Sha256, Time};

/// What happens.
#[derive(Clone, Debug)]
pub enum Event {
    /// A launcher begins a launch on a proven platform, and gets a session under `id`.
    Launch {
        /// The new launch.
        id: LaunchId,
        /// The platform, as its chain proved it.
        platform: ProvenPlatform,
        /// What the record says besides.
        facts: Map<String, Value>,
    },
    /// A launcher showed a measurement, which was judged.
    Validate {
        /// SHA-256 of the request in its canonical form.
        request: Sha256,
        /// What it came to.
        judgement: Judgement,
    },
    /// A launcher says what became of the packet.
    Acknowledge {
        /// Which launch.
        launch: LaunchId,
        /// What became of it.
        result: Injection,
        /// What the record says besides.
        facts: Map<String, Value>,
    },
    /// The owner approves or denies.
    Decide {
        /// Which launch.
        launch: LaunchId,
        /// Approved?
        approve: bool,
    },
    /// The owner or the launcher gives a launch up.
    Revoke {
        /// Which launch.
        launch: LaunchId,
    },
    /// The owner changes terms that leave what is measured as it was.
    Amend {
        /// The new terms.
        terms: Terms,
    },
    /// The owner registers anew: live launches end.
    Replace {
        /// The new terms.
        terms: Terms,
    },
    /// The owner deletes the guest: live launches end.
    Delete,
    /// Time passes.
    Tick,
}

/// What a measurement of one launch came to.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// Which launch: its keys judged.
    pub launch: LaunchId,
    /// What was found.
    pub finding: Finding,
    /// What the record says: what was compared, never a key.
    pub facts: Map<String, Value>,
}

/// What was found of a measurement.
#[must_use]
#[derive(Clone, Debug)]
pub enum Finding {
    /// It is none of those that the owner approved: an attempt is used.
    Mismatch,
    /// It proves nothing, such as a report of another launch: an attempt is used.
    Unproven(Code),
    /// It is authentic, and breaks a rule of the owner: the launch fails.
    Broken(Code),
    /// It is authentic and approved.
    Accepted(Proven),
}

/// What a step came to, if it is not refused.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is done, and there is nothing to hand out.
    Done,
    /// The launch has begun, and expires then.
    Begun {
        /// When.
        expires: Time,
    },
    /// The measurement is right; the owner's approval is awaited.
    Awaited,
    /// The measurement is right, and the packet may leave.
    Released(Release),
    /// The measurement is right; there is no secret, or none is released in report-only mode.
    Trusted,
}

/// What a step is refused for.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub code: Code,
    /// The launch that it is about, as it is afterwards.
    pub launch: Option<(LaunchId, LaunchState, u32)>,
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self { code, launch: None }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let problem = Self::of(refusal.code);
        match refusal.launch {
            Some((id, state, attempts_left)) => problem.about(id, state, attempts_left),
            None => problem,
        }
    }
}

/// What the audit says of a step. Whoever keeps the audit adds time, tenant, guest, request and actor.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// What was done or tried, for example `validate`.
    pub action: &'static str,
    /// Which launch.
    pub launch: Option<LaunchId>,
    /// Why it was refused; `None` if it was not.
    pub refused: Option<Code>,
    /// What else is known: never a key or a secret.
    pub facts: Map<String, Value>,
}

/// What comes of an event: all of it is written at once, or none of it.
#[derive(Debug)]
#[must_use = "a step that is not written did not happen"]
pub struct Step {
    /// The guest afterwards; `None` if it is deleted.
    pub guest: Option<Guest>,
    /// The answer; a refusal may have changed the guest too.
    pub answer: Result<Answer, Refusal>,
    /// What the audit says, in order.
    pub records: Vec<Record>,
    /// Launches that are over with this step: their keys are destroyed.
    pub ended: Vec<LaunchId>,
    /// Launches that are no longer kept: everything of theirs is removed.
    pub forgotten: Vec<LaunchId>,
}
