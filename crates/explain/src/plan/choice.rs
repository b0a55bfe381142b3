//! A choice of one alternative on each axis, small enough that millions can be made.

use crate::axes::Axis;

/// For each axis the index of an alternative, or nothing where the fact is as described.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Choice([Option<u32>; Axis::ALL.len()]);

impl Choice {
    /// The alternative on an axis.
    pub(crate) fn of(&self, axis: Axis) -> Option<u32> {
        self.iter().find(|(found, _)| *found == axis).and_then(|(_, index)| index)
    }

    /// The same with another alternative on an axis.
    pub(crate) fn with(mut self, axis: Axis, index: Option<u32>) -> Self {
        for (place, found) in self.0.iter_mut().zip(Axis::ALL) {
            if found == axis {
                *place = index;
            }
        }
        self
    }

    /// The same with the other's alternatives where it has some.
    pub(crate) fn and(mut self, other: &Self) -> Self {
        for (place, index) in self.0.iter_mut().zip(other.0) {
            *place = index.or(*place);
        }
        self
    }

    /// The axes that are not as described, in order, with their alternatives.
    pub(crate) fn changed(&self) -> impl Iterator<Item = (Axis, u32)> + '_ {
        self.iter().filter_map(|(axis, index)| Some((axis, index?)))
    }

    fn iter(&self) -> impl Iterator<Item = (Axis, Option<u32>)> + '_ {
        Axis::ALL.into_iter().zip(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_join() {
        let left = Choice::default().with(Axis::Vcpus, Some(3));
        let both = left.and(&Choice::default().with(Axis::Layout, Some(0)));
        let changed: Vec<_> = both.changed().collect();
        assert_eq!(changed, [(Axis::Vcpus, 3), (Axis::Layout, 0)]);
        assert_eq!(both.with(Axis::Vcpus, None).of(Axis::Vcpus), None);
    }
}
