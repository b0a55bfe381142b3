//! How sizes and the powers of ten on an axis are spelled: short, in the unit that fits.

/// Seconds.
pub(super) fn seconds(value: f64) -> String {
    match value {
        value if value > 0.5 => format!("{value:.0} s"),
        value if value > 0.000_5 => format!("{:.0} ms", value * 1e3),
        value => format!("{:.0} µs", value * 1e6),
    }
}

/// Bytes, in decimal units.
pub(super) fn bytes(value: f64) -> String {
    match value {
        value if value > 0.5e9 => format!("{:.0} GB", value / 1e9),
        value if value > 0.5e6 => format!("{:.0} MB", value / 1e6),
        value => format!("{:.0} kB", value / 1e3),
    }
}

/// A number of things: whole, or in thousands and millions where nothing is lost.
pub(super) fn count(value: f64) -> String {
    match value {
        value if value >= 1e6 && value % 1e6 < 0.5 => format!("{:.0}M", value / 1e6),
        value if value >= 1e4 && value % 1e3 < 0.5 => format!("{:.0}k", value / 1e3),
        value => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_fits() {
        let times = [0.000_1, 0.001, 0.1, 1.0, 10.0].map(seconds);
        assert_eq!(times, ["100 µs", "1 ms", "100 ms", "1 s", "10 s"]);
        assert_eq!([1e5, 1e6, 1e8, 2e9].map(bytes), ["100 kB", "1 MB", "100 MB", "2 GB"]);
        let counts = [1.0, 1e3, 4096.0, 1e4, 300_000.0, 1e6].map(count);
        assert_eq!(counts, ["1", "1000", "4096", "10k", "300k", "1M"]);
    }
}
