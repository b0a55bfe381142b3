//! What a verifier insists on, one value at a time.
//!
//! Who does not care about a value writes [`Requirement::Any`], which can be seen. There is no default, since a forgotten
//! field would then pass silently.
//!
//! ```
//! use sev_launch_verify::requirement::{Bytes, Requirement};
//!
//! assert!(Requirement::AtLeast(3).check(&4));
//! // Bytes have no order, so nothing but the same bytes is at least these.
//! assert!(!Requirement::AtLeast(Bytes([1; 16])).check(&Bytes([2; 16])));
//! ```

use core::cmp::Ordering;
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
    #[must_use]
    pub fn check(&self, found: &T) -> bool {
        match self {
            Self::Any => true,
            Self::Exactly(wanted) => found == wanted,
            Self::AtLeast(wanted) => found >= wanted,
        }
    }
}

impl<T: PartialOrd> Requirement<T> {
    /// Both demands in one: nothing is acceptable that one of them refuses.
    ///
    /// `None` if no value can meet both, or if they are two bounds that cannot be compared.
    ///
    /// ```
    /// use sev_launch_verify::requirement::Requirement;
    ///
    /// let (low, high) = (Requirement::AtLeast(2), Requirement::Exactly(3));
    /// assert_eq!(low.and(high), Some(Requirement::Exactly(3)));
    /// assert_eq!(Requirement::AtLeast(4).and(high), None);
    /// ```
    pub fn and(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Any, one) | (one, Self::Any) => Some(one),
            (Self::Exactly(value), bound) | (bound, Self::Exactly(value)) => {
                bound.check(&value).then_some(Self::Exactly(value))
            }
            (Self::AtLeast(one), Self::AtLeast(two)) => match one.partial_cmp(&two)? {
                Ordering::Less => Some(Self::AtLeast(two)),
                Ordering::Equal | Ordering::Greater => Some(Self::AtLeast(one)),
            },
        }
    }
}

impl<T> Requirement<T> {
    /// Exactly this, or anything if it is `None`.
    pub fn exactly(wanted: Option<impl Into<T>>) -> Self {
        wanted.map_or(Self::Any, |wanted| Self::Exactly(wanted.into()))
    }

    /// At least this, or anything if it is `None`.
    pub fn at_least(wanted: Option<T>) -> Self {
        wanted.map_or(Self::Any, Self::AtLeast)
    }

    /// The same demand on a value in another form.
    pub(crate) fn map<U>(self, to: impl FnOnce(T) -> U) -> Requirement<U> {
        match self {
            Self::Any => Requirement::Any,
            Self::Exactly(wanted) => Requirement::Exactly(to(wanted)),
            Self::AtLeast(wanted) => Requirement::AtLeast(to(wanted)),
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

/// Bytes without an order, such as REPORT_DATA or the digest of a key. Printed in lower-case hex, read from hex by `serde`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bytes<const N: usize>(pub [u8; N]);

impl<const N: usize> From<[u8; N]> for Bytes<N> {
    fn from(bytes: [u8; N]) -> Self {
        Self(bytes)
    }
}

impl<const N: usize> PartialOrd for Bytes<N> {
    /// `None` unless both are the same.
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (self == other).then_some(Ordering::Equal)
    }
}

impl<const N: usize> fmt::Display for Bytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl<const N: usize> fmt::Debug for Bytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bytes({self})")
    }
}

#[cfg(feature = "serde")]
impl<const N: usize> serde::Serialize for Bytes<N> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de, const N: usize> serde::Deserialize<'de> for Bytes<N> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = alloc::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let mut bytes = [0; N];
        hex::decode_to_slice(&*text, &mut bytes).map_err(serde::de::Error::custom)?;
        Ok(Self(bytes))
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
    fn both_demands_accept_what_each_of_them_does() {
        use Requirement::{Any, AtLeast, Exactly};
        let all = [Any, Exactly(0), Exactly(1), Exactly(2), AtLeast(0), AtLeast(1), AtLeast(2)];
        for one in all {
            for two in all {
                for found in 0..=3 {
                    let both = one.and(two).is_some_and(|both| both.check(&found));
                    assert_eq!(both, one.check(&found) && two.check(&found), "{one} {two} {found}");
                }
            }
        }
        let bytes = |byte| AtLeast(Bytes([byte]));
        assert_eq!(bytes(1).and(bytes(2)), None);
        assert_eq!(bytes(1).and(bytes(1)), Some(bytes(1)));
    }

    #[test]
    fn what_cannot_be_compared_is_refused() {
        assert!(!Requirement::AtLeast(1.0).check(&f32::NAN));
        let at_least = Requirement::AtLeast(Bytes([1]));
        assert_eq!([0, 1, 2].map(|byte| at_least.check(&Bytes([byte]))), [false, true, false]);
    }
}
