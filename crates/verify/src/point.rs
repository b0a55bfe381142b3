//! Points of P-384 as SEV certificates hold them.
//!
//! Defined by [SEV-API, PUBKEY of a certificate]: two little-endian coordinates of 72 bytes, of which 48 are used. A point
//! that is made here is on the curve, is not at infinity, and has coordinates below the field's prime.
//!
//! ```
//! use sev_launch_verify::point::{COORDINATE_SIZE, PointError, PublicPoint};
//!
//! let zeros = [0; COORDINATE_SIZE];
//! assert_eq!(PublicPoint::from_coordinates(&zeros, &zeros), Err(PointError::NotOnCurve));
//! ```

use p384::PublicKey;
use p384::elliptic_curve::sec1::ToSec1Point as _;
use thiserror::Error;

/// Bytes of a coordinate's field.
pub const COORDINATE_SIZE: usize = 72;
/// Bytes of it that are used on P-384.
const USED: usize = 48;

/// A public key on P-384, proven valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicPoint(PublicKey);

/// What is wrong with a point.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum PointError {
    /// Bytes 48 to 71 of a coordinate must be zero.
    #[error("a coordinate has bytes that are not zero after its 48 bytes")]
    Padding,
    /// Off the curve, at infinity, or with a coordinate that is not reduced.
    #[error("the point is not on P-384")]
    NotOnCurve,
}

impl PublicPoint {
    /// From two little-endian coordinates as a certificate has them.
    ///
    /// Errors: bytes after the 48 used ones; a point that is not on the curve, (0, 0), or a coordinate of the prime or more.
    pub fn from_coordinates(
        x: &[u8; COORDINATE_SIZE],
        y: &[u8; COORDINATE_SIZE],
    ) -> Result<Self, PointError> {
        let number = |field| number(field).map_err(|_| PointError::Padding);
        // 4: uncompressed [SEC 1, octet string of a point]
        let sec1 = [&[4][..], &number(x)?, &number(y)?].concat();
        PublicKey::from_sec1_bytes(&sec1).map(Self).map_err(|_| PointError::NotOnCurve)
    }

    /// The two little-endian coordinates.
    pub fn to_coordinates(&self) -> ([u8; COORDINATE_SIZE], [u8; COORDINATE_SIZE]) {
        let point = self.0.to_sec1_point(false);
        let coordinate = |number: Option<&[u8]>| field(number.unwrap_or_default());
        (coordinate(point.x().map(|x| &**x)), coordinate(point.y().map(|y| &**y)))
    }

    /// The key as the curve's library has it: not public, so that the library can be another one without a change for callers.
    pub(crate) const fn key(&self) -> &PublicKey {
        &self.0
    }

    /// The point of such a key.
    pub(crate) const fn of(key: PublicKey) -> Self {
        Self(key)
    }
}

/// The big-endian number in a field of 72 bytes, which is little-endian and uses 48 of them.
///
/// Errors: offset and value of the first byte after those that is not zero.
pub(crate) fn number(field: &[u8; COORDINATE_SIZE]) -> Result<[u8; USED], (usize, u8)> {
    let (used, rest) = field.split_at(USED);
    if let Some((offset, byte)) = (USED..).zip(rest).find(|(_, byte)| **byte != 0) {
        return Err((offset, *byte));
    }
    let mut number = [0; USED];
    number.iter_mut().rev().zip(used).for_each(|(to, from)| *to = *from);
    Ok(number)
}

/// The field of a big-endian number.
pub(crate) fn field(number: &[u8]) -> [u8; COORDINATE_SIZE] {
    let mut field = [0; COORDINATE_SIZE];
    field.iter_mut().zip(number.iter().rev()).for_each(|(to, from)| *to = *from);
    field
}
