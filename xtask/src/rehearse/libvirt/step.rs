//! One step: what must come of it, and what came.

use std::fmt;

/// One step.
pub(super) struct Step {
    /// Of which guest it is.
    pub(super) guest: &'static str,
    /// What is done.
    pub(super) what: &'static str,
    pub(super) wanted: String,
    pub(super) came: String,
}

impl Step {
    pub(super) fn is_right(&self) -> bool {
        self.came == self.wanted
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { guest, what, wanted, came } = self;
        write!(f, "{guest}: {what}: wanted {wanted:?}, came {came:?}")
    }
}
