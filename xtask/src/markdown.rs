//! Tables and figures as documents have them.

/// A row of a table.
pub(crate) fn row(cells: &[impl AsRef<str>]) -> String {
    let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// A table's first row, and the rule under it.
pub(crate) fn head(cells: &[impl AsRef<str>]) -> String {
    format!("{}|{}\n", row(cells), "---|".repeat(cells.len()))
}

/// Milliseconds below a second, with three digits that count.
pub(crate) fn seconds(seconds: f64) -> String {
    let (value, unit) = if seconds < 0.9995 { (seconds * 1e3, "ms") } else { (seconds, "s") };
    format!("{} {unit}", number(value))
}

/// Three digits that count, or all before the point.
pub(crate) fn number(value: f64) -> String {
    let bounds = [99.95, 9.995, 0.9995, 0.09995, 0.009_995];
    let digits = bounds.iter().take_while(|bound| value.abs() < **bound).count();
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_count() {
        let shown = [0.012_345, 0.25, 1.0, 12.345, 123.4, 1234.0, 0.000_123].map(number);
        assert_eq!(shown, ["0.0123", "0.250", "1.00", "12.3", "123", "1234", "0.00012"]);
        assert_eq!([0.9996, 0.5].map(seconds), ["1.00 s", "500 ms"]);
    }
}
