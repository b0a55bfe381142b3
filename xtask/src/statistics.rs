//! Medians, spreads and ratios of repeated measurements.
//!
//! A machine that changes its speed every few seconds makes ratios of medians from different moments worthless: ratios are taken
//! turn by turn, between measurements that stand next to each other, and their median is what is told.

use serde::{Deserialize, Serialize};

/// What is kept of repeated measurements of one thing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Summary {
    pub(crate) median: f64,
    /// A quarter of the measurements is below.
    pub(crate) lower_quartile: f64,
    /// A quarter of the measurements is above.
    pub(crate) upper_quartile: f64,
}

/// Median and quartiles; `None` of no measurement. A quantile between two measurements is on the line between them.
pub(crate) fn summary(measurements: &[f64]) -> Option<Summary> {
    let mut sorted = measurements.to_vec();
    sorted.sort_by(f64::total_cmp);
    let quantile = |quarters: usize| {
        let place = sorted.len().checked_sub(1)? * quarters;
        let (below, above) = (sorted.get(place / 4)?, sorted.get(place.div_ceil(4))?);
        let part = [0.0, 0.25, 0.5, 0.75].get(place % 4)?;
        Some(below + (above - below) * part)
    };
    let [lower_quartile, median, upper_quartile] = [quantile(1)?, quantile(2)?, quantile(3)?];
    Some(Summary { median, lower_quartile, upper_quartile })
}

/// The middle measurement.
pub(crate) fn median(measurements: &[f64]) -> Option<f64> {
    summary(measurements).map(|summary| summary.median)
}

/// The median of `a[i] / b[i]`: measurements of the same turn.
pub(crate) fn ratio_by_turn(a: &[f64], b: &[f64]) -> Option<f64> {
    median(&a.iter().zip(b).map(|(a, b)| a / b).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    // Worked by hand.
    #[test]
    fn medians_and_quartiles() {
        let of = |measurements: &[f64]| {
            summary(measurements).map(|s| (s.lower_quartile, s.median, s.upper_quartile))
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[7.0]), Some((7.0, 7.0, 7.0)));
        assert_eq!(of(&[5.0, 1.0, 3.0, 2.0, 4.0]), Some((2.0, 3.0, 4.0)));
        assert_eq!(of(&[10.0, 40.0, 20.0, 30.0]), Some((17.5, 25.0, 32.5)));
    }

    // The machine is half as fast in the last two turns; the ratio of the medians would be 1.
    #[test]
    fn ratios_are_taken_within_a_turn() {
        assert_eq!(ratio_by_turn(&[1.0, 2.0, 2.0], &[2.0, 4.0, 4.0]), Some(0.5));
        assert_eq!(ratio_by_turn(&[], &[]), None);
    }
}
