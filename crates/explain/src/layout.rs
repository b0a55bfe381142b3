//! The order of a launch measurement's bytes, and the ways in which people get it wrong.

use sev_launch_verify::sev::measurement::LaunchMeasurement;

sev_launch_abi::named! {
    /// How the 48 bytes of a blob are read: MEASURE (32 bytes) and MNONCE (16).
    #[derive(PartialOrd, Ord)]
    #[non_exhaustive]
    pub enum Layout {
        /// MEASURE, MNONCE: the right one.
        MeasureNonce => "measure, nonce",
        /// MNONCE, MEASURE.
        NonceMeasure => "nonce, measure",
        /// No measurement: the launch digest itself in the first 32 bytes.
        DigestFirst => "the bare launch digest, and 16 more bytes",
        /// No measurement: the launch digest itself in the last 32 bytes.
        DigestLast => "16 bytes, and the bare launch digest",
        /// MNONCE between the halves of MEASURE.
        NonceInMiddle => "first half of measure, nonce, second half",
        /// The halves of MEASURE exchanged, MNONCE.
        Exchanged => "second half of measure, first half, nonce",
        /// MNONCE, the halves of MEASURE exchanged.
        NonceExchanged => "nonce, second half of measure, first half",
        /// MNONCE between the halves of MEASURE, which are exchanged.
        NonceInMiddleExchanged => "second half of measure, nonce, first half",
        /// All bytes in reverse.
        Reversed => "measure and nonce, all bytes in reverse",
        /// MEASURE with its bytes in reverse, MNONCE.
        MeasureReversed => "measure in reverse, nonce",
        /// MEASURE, MNONCE with its bytes in reverse.
        NonceReversed => "measure, nonce in reverse",
    }
}

impl Layout {
    /// Is the first part the launch digest itself, with no HMAC over it?
    pub(crate) const fn is_bare(self) -> bool {
        matches!(self, Self::DigestFirst | Self::DigestLast)
    }

    /// Reads a blob whose bytes stand in this order: MEASURE or the bare digest, MNONCE.
    pub(crate) fn read(self, blob: &LaunchMeasurement) -> ([u8; 32], [u8; 16]) {
        let LaunchMeasurement { measure, mnonce: c } = *blob;
        let (a, b) = halves(measure);
        match self {
            Self::MeasureNonce | Self::DigestFirst => (measure, c),
            Self::NonceMeasure | Self::DigestLast => (join(b, c), a),
            Self::NonceInMiddle => (join(a, c), b),
            Self::Exchanged => (join(b, a), c),
            Self::NonceExchanged => (join(c, b), a),
            Self::NonceInMiddleExchanged => (join(c, a), b),
            Self::MeasureReversed => (reversed(measure), c),
            Self::NonceReversed => (measure, reversed(c)),
            Self::Reversed => (join(reversed(c), reversed(b)), reversed(a)),
        }
    }
}

fn halves(bytes: [u8; 32]) -> ([u8; 16], [u8; 16]) {
    let mut halves = ([0; 16], [0; 16]);
    let both = halves.0.iter_mut().chain(&mut halves.1);
    both.zip(bytes).for_each(|(to, from)| *to = from);
    halves
}

fn join(first: [u8; 16], second: [u8; 16]) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.iter_mut().zip(first.into_iter().chain(second)).for_each(|(to, from)| *to = from);
    bytes
}

fn reversed<const N: usize>(mut bytes: [u8; N]) -> [u8; N] {
    bytes.reverse();
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blob(order: [u8; 3]) -> LaunchMeasurement {
        let bytes: Vec<u8> = order.iter().flat_map(|block| [*block; 16]).collect();
        LaunchMeasurement::parse(&bytes).unwrap()
    }

    // MEASURE is blocks 1 and 2, MNONCE is block 3; each layout reads them out of its own order.
    #[test]
    fn every_order_of_blocks_is_read_back() {
        let right = Layout::MeasureNonce.read(&blob([1, 2, 3]));
        for (layout, order) in [
            (Layout::NonceMeasure, [3, 1, 2]),
            (Layout::NonceInMiddle, [1, 3, 2]),
            (Layout::Exchanged, [2, 1, 3]),
            (Layout::NonceExchanged, [3, 2, 1]),
            (Layout::NonceInMiddleExchanged, [2, 3, 1]),
        ] {
            assert_eq!(layout.read(&blob(order)), right, "{}", layout.name());
        }
    }

    #[test]
    fn reversed_bytes_are_turned_round() {
        let bytes: [u8; 48] = std::array::from_fn(|i| u8::try_from(i).unwrap());
        let right = Layout::MeasureNonce.read(&LaunchMeasurement::parse(&bytes).unwrap());
        let mut turned = bytes;
        turned.reverse();
        let turned = LaunchMeasurement::parse(&turned).unwrap();
        assert_eq!(Layout::Reversed.read(&turned), right);
        let mut measure = bytes;
        measure[..32].reverse();
        let measure = LaunchMeasurement::parse(&measure).unwrap();
        assert_eq!(Layout::MeasureReversed.read(&measure), right);
        let mut nonce = bytes;
        nonce[32..].reverse();
        assert_eq!(Layout::NonceReversed.read(&LaunchMeasurement::parse(&nonce).unwrap()), right);
    }
}
