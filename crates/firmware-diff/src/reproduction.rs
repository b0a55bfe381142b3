//! Is a build the one that was promised? Builds of one firmware, each held against the first.

use std::collections::{HashMap, HashSet};

use crate::allow::{Allow, Names};
use crate::comparison::Comparison;
use crate::difference::Difference;
use crate::kind::Kind;

/// What came of holding a build against the first.
#[derive(Clone, Debug)]
#[must_use]
pub struct Reproduction<'c> {
    /// Are the two the same, byte for byte?
    pub is_same: bool,
    /// Differences that the allow file permits, each with the number of its entry.
    pub permitted: Vec<(usize, &'c Difference)>,
    /// Differences that it does not.
    pub refused: Vec<&'c Difference>,
    /// What the modules are called.
    pub(crate) names: Names,
}

impl<'c> Reproduction<'c> {
    /// Judges the differences between two builds. What follows from other differences is permitted with them.
    /// The images are firmware, as [`Image::open_firmware`](crate::Image::open_firmware) gives it: that two variable stores are the same says nothing.
    pub fn of(comparison: &'c Comparison<'_>, allow: &Allow) -> Self {
        let names = Names::of_both(comparison.a(), comparison.b());
        let mut judged = Self {
            is_same: comparison.is_same(),
            permitted: Vec::new(),
            refused: Vec::new(),
            names,
        };
        let is_cause = |difference: &&Difference| difference.kind != Kind::Consequence;
        for difference in comparison.differences().iter().filter(is_cause) {
            match allow.permits(difference, &judged.names) {
                Some(entry) => judged.permitted.push((entry, difference)),
                None => judged.refused.push(difference),
            }
        }
        if judged.permitted.is_empty() && judged.refused.is_empty() && !judged.is_same {
            // Nothing that they could follow from was found, so they are causes themselves.
            judged.refused.extend(comparison.differences());
        }
        judged
    }

    /// What a difference's place is called, with the module's GUID where several modules have its name.
    pub fn label(&self, difference: &Difference) -> String {
        self.names.label(&difference.location)
    }

    /// What is not permitted: for each module and kind, in the order in which they are met, how many differences.
    pub fn tallied_refused(&self) -> Vec<(String, Kind, usize)> {
        self.tallied(self.refused.iter().copied())
    }

    /// What is permitted: each module and kind once, with the number of its entry.
    pub fn permitted_once(&self) -> Vec<(usize, &'c Difference)> {
        let mut known = HashSet::new();
        let is_first = |(_, difference): &&(usize, &Difference)| {
            known.insert((self.label(difference), difference.kind))
        };
        self.permitted.iter().filter(is_first).copied().collect()
    }

    /// The same of what is permitted.
    pub fn tallied_permitted(&self) -> Vec<(String, Kind, usize)> {
        self.tallied(self.permitted.iter().map(|(_, difference)| *difference))
    }

    /// Is the build the same as the first, or does it differ only in what may differ?
    #[must_use]
    pub fn is_reproduced(&self) -> bool {
        self.is_same || (self.refused.is_empty() && !self.permitted.is_empty())
    }

    fn tallied<'d>(
        &self,
        differences: impl Iterator<Item = &'d Difference>,
    ) -> Vec<(String, Kind, usize)> {
        let mut rows: Vec<(String, Kind, usize)> = Vec::new();
        let mut known = HashMap::new();
        for difference in differences {
            let name = self.label(difference);
            let number = *known.entry((name.clone(), difference.kind)).or_insert_with(|| {
                rows.push((name, difference.kind, 0));
                rows.len() - 1
            });
            if let Some((_, _, count)) = rows.get_mut(number) {
                *count += 1;
            }
        }
        rows
    }
}
