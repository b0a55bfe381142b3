//! What was demanded of evidence, what it says, and whether that is enough: one list for SEV and for SNP.
//!
//! A verdict carries every demand, met or not, in the order in which evidence has its fields. Whoever prints a verdict prints
//! this list; nobody judges again.
//!
//! ```
//! use sev_launch_verify::demand::Rejection;
//!
//! /// For a log: a line for each demand, those that were met too.
//! fn lines(rejection: &Rejection) -> Vec<String> {
//!     rejection.demands().iter().map(ToString::to_string).collect()
//! }
//! ```

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::requirement::Requirement;

/// How a demand says that it demands nothing.
pub(crate) const ANYTHING: &str = "anything";

/// One demand and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(deny_unknown_fields))]
pub struct Demand {
    /// The field, by AMD's name.
    pub field: String,
    /// What it must be.
    pub wanted: String,
    /// What it is; `None` if no evidence was asked.
    pub found: Option<String>,
    /// Is it as wanted? `false` if no evidence was asked.
    pub met: bool,
}

impl Demand {
    /// Was nothing demanded of the field? Its value may then be anything.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.wanted == ANYTHING
    }
}

impl fmt::Display for Demand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, wanted, found, met } = self;
        match found {
            Some(found) if *met => write!(f, "{field}: {found}, as wanted"),
            Some(found) => write!(f, "{field}: found {found}, wanted {wanted}"),
            None => write!(f, "{field}: wanted {wanted}"),
        }
    }
}

/// Authentic evidence that is not as demanded: every demand, those too that were met.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(deny_unknown_fields))]
#[error("{}", Joined(self.unmet()))]
pub struct Rejection {
    demands: Vec<Demand>,
}

impl Rejection {
    pub(crate) const fn new(demands: Vec<Demand>) -> Self {
        Self { demands }
    }

    /// Every demand.
    pub fn demands(&self) -> &[Demand] {
        &self.demands
    }

    /// Those that are not met: at least one.
    pub fn unmet(&self) -> impl Iterator<Item = &Demand> + Clone {
        self.demands.iter().filter(|demand| !demand.met)
    }
}

/// Several facts in one line.
pub(crate) struct Joined<I>(pub(crate) I);

impl<I: Iterator<Item: fmt::Display> + Clone> fmt::Display for Joined<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for item in self.0.clone() {
            write!(f, "{separator}{item}")?;
            separator = "; ";
        }
        Ok(())
    }
}

/// Something, and what is said of it.
pub(crate) struct Labelled<A, B>(pub(crate) A, pub(crate) B);

impl<A: fmt::Display, B: fmt::Display> fmt::Display for Labelled<A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0, self.1)
    }
}

/// The answers to demands, as they come. Every one is judged, whether or not an earlier one was met.
pub(crate) struct Demands {
    all_met: bool,
    /// Each in text; `None` where only the answer is asked for.
    listed: Option<Vec<Demand>>,
}

impl Demands {
    /// Every demand will be listed.
    pub(crate) const fn listed() -> Self {
        Self { all_met: true, listed: Some(Vec::new()) }
    }

    /// It is only asked whether all are met, which makes no text.
    pub(crate) const fn unlisted() -> Self {
        Self { all_met: true, listed: None }
    }

    /// One demand; of no evidence it is not met.
    #[inline]
    pub(crate) fn push(
        &mut self,
        field: impl fmt::Display,
        found: Option<impl fmt::Display>,
        met: bool,
        wanted: impl fmt::Display,
    ) {
        let met = met && found.is_some();
        self.all_met &= met;
        if let Some(demands) = &mut self.listed {
            let found = found.as_ref().map(|one| -> &dyn fmt::Display { one });
            list(demands, &field, found, met, &wanted);
        }
    }

    /// A demand on a value.
    #[inline]
    pub(crate) fn ask<T: PartialOrd + fmt::Display>(
        &mut self,
        field: impl fmt::Display,
        found: Option<T>,
        wanted: &Requirement<T>,
    ) {
        let met = found.as_ref().is_some_and(|found| wanted.check(found));
        self.push(field, found, met, wanted);
    }

    /// A demand on a bit, which is told as 0 or 1.
    #[inline]
    pub(crate) fn ask_bit(
        &mut self,
        field: impl fmt::Display,
        found: Option<bool>,
        wanted: Requirement<bool>,
    ) {
        let met = found.as_ref().is_some_and(|found| wanted.check(found));
        self.push(field, found.map(u8::from), met, wanted.map(u8::from));
    }

    /// Are all of them met?
    pub(crate) const fn all_met(&self) -> bool {
        self.all_met
    }

    /// The list.
    pub(crate) fn into_list(self) -> Vec<Demand> {
        self.listed.unwrap_or_default()
    }

    /// The list, as a yes or as a no.
    pub(crate) fn answer(self) -> Result<Vec<Demand>, Rejection> {
        match self.all_met {
            true => Ok(self.into_list()),
            false => Err(Rejection::new(self.into_list())),
        }
    }
}

/// A demand in text: apart from its answer, which most callers want alone.
#[cold]
fn list(
    demands: &mut Vec<Demand>,
    field: &dyn fmt::Display,
    found: Option<&dyn fmt::Display>,
    met: bool,
    wanted: &dyn fmt::Display,
) {
    let (field, wanted) = (field.to_string(), wanted.to_string());
    demands.push(Demand {
        field,
        wanted,
        found: found.map(alloc::string::ToString::to_string),
        met,
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn asked(mut demands: Demands, found: [Option<u8>; 2]) -> Demands {
        let [one, two] = found;
        demands.ask("ONE", one, &Requirement::Exactly(1));
        demands.ask_bit("TWO", two.map(|bit| bit == 1), Requirement::Exactly(true));
        demands
    }

    #[test]
    fn each_demand_says_what_was_found() {
        let texts = |found| {
            let list = asked(Demands::listed(), found).into_list();
            list.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(texts([Some(1), Some(1)]), ["ONE: 1, as wanted", "TWO: 1, as wanted"]);
        assert_eq!(texts([Some(2), Some(0)]), ["ONE: found 2, wanted 1", "TWO: found 0, wanted 1"]);
        assert_eq!(texts([None, None]), ["ONE: wanted 1", "TWO: wanted 1"]);
    }

    #[test]
    fn one_demand_that_is_not_met_is_enough_for_a_no() {
        for (found, all_met) in [
            ([Some(1), Some(1)], true),
            ([Some(2), Some(1)], false),
            ([Some(1), Some(0)], false),
            ([Some(1), None], false),
            ([None, None], false),
        ] {
            for demands in [Demands::listed(), Demands::unlisted()] {
                let demands = asked(demands, found);
                assert_eq!(demands.all_met(), all_met, "{found:?}");
                assert_eq!(demands.answer().is_ok(), all_met, "{found:?}");
            }
        }
        let mut nothing = Demands::listed();
        // Evidence that nobody has is not as demanded, whatever the caller takes it for.
        nothing.push("ONE", None::<u8>, true, "anything");
        assert!(!nothing.all_met());
        assert!(asked(Demands::unlisted(), [Some(2), Some(0)]).into_list().is_empty());
    }

    #[test]
    fn a_rejection_tells_what_is_not_met_in_one_line() {
        let rejection = asked(Demands::listed(), [Some(2), Some(0)]).answer().unwrap_err();
        assert_eq!(rejection.to_string(), "ONE: found 2, wanted 1; TWO: found 0, wanted 1");
        let rejection = asked(Demands::listed(), [Some(1), Some(0)]).answer().unwrap_err();
        assert_eq!(rejection.to_string(), "TWO: found 0, wanted 1");
        assert_eq!((rejection.demands().len(), rejection.unmet().count()), (2, 1));
        let labelled = [Labelled("root", 1), Labelled("leaf", 2)];
        assert_eq!(Joined(labelled.iter()).to_string(), "root: 1; leaf: 2");
    }
}
