//! What a verifier insists on, one value at a time.
//!
//! Every requirement is stated: whoever does not care about a value writes [`Requirement::Any`]. There is no default,
//! since a forgotten field would then pass silently.

use core::fmt;

/// What a value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Requirement<T> {
    /// Anything will do.
    Any,
    /// Equal to this.
    Exactly(T),
    /// This or more, in the order of the type. Where that order is partial, as for a TCB of several components, a value
    /// that cannot be compared is refused.
    AtLeast(T),
}

impl<T: PartialOrd> Requirement<T> {
    /// Is `found` acceptable?
    pub fn check(&self, found: &T) -> bool {
        match self {
            Self::Any => true,
            Self::Exactly(wanted) => found == wanted,
            Self::AtLeast(wanted) => found >= wanted,
        }
    }
}

impl<T: fmt::Display> fmt::Display for Requirement<T> {
    /// What follows "wanted" in a message.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("anything"),
            Self::Exactly(wanted) => write!(f, "{wanted}"),
            Self::AtLeast(wanted) => write!(f, "at least {wanted}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_takes_everything() {
        assert!(Requirement::Any.check(&0) && Requirement::Any.check(&f32::NAN));
    }

    #[test]
    fn exactly_takes_one_value() {
        let found: [bool; 3] = core::array::from_fn(|found| Requirement::Exactly(1).check(&found));
        assert_eq!(found, [false, true, false]);
    }

    #[test]
    fn at_least_takes_the_bound_and_above() {
        let found: [bool; 3] = core::array::from_fn(|found| Requirement::AtLeast(1).check(&found));
        assert_eq!(found, [false, true, true]);
    }

    #[test]
    fn what_cannot_be_compared_is_refused() {
        assert!(!Requirement::AtLeast(1.0).check(&f32::NAN));
    }
}
