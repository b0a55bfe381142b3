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
        let mut sec1 = [0; 1 + 2 * USED];
        let (form, coordinates) = sec1.split_at_mut(1);
        form.fill(4); // uncompressed [SEC 1, octet string of a point]
        let (space_x, space_y) = coordinates.split_at_mut(USED);
        for (space, coordinate) in [(space_x, x), (space_y, y)] {
            let (used, rest) = coordinate.split_at(USED);
            if rest.iter().any(|byte| *byte != 0) {
                return Err(PointError::Padding);
            }
            for (to, from) in space.iter_mut().zip(used.iter().rev()) {
                *to = *from;
            }
        }
        PublicKey::from_sec1_bytes(&sec1).map(Self).map_err(|_| PointError::NotOnCurve)
    }

    /// The two little-endian coordinates.
    pub fn to_coordinates(&self) -> ([u8; COORDINATE_SIZE], [u8; COORDINATE_SIZE]) {
        let point = self.0.to_sec1_point(false);
        let little = |big: Option<&[u8]>| {
            let mut coordinate = [0; COORDINATE_SIZE];
            for (to, from) in coordinate.iter_mut().zip(big.into_iter().flatten().rev()) {
                *to = *from;
            }
            coordinate
        };
        let x = point.x().map(|x| little(Some(x))).unwrap_or([0; COORDINATE_SIZE]);
        let y = point.y().map(|y| little(Some(y))).unwrap_or([0; COORDINATE_SIZE]);
        (x, y)
    }

    /// The key as the curve's library has it.
    pub fn key(&self) -> &PublicKey {
        &self.0
    }
}

impl From<PublicKey> for PublicPoint {
    fn from(key: PublicKey) -> Self {
        Self(key)
    }
}
