//! Numbers as people write them: decimal, or hex after `0x`.
//!
//! ```
//! use sev_launch_description::number::{number, number32};
//!
//! assert_eq!(number("0x10"), number("16"));
//! assert!(number32("0x100000000").is_err());
//! ```

/// A number of 64 bits in decimal, or in hex after `0x`. An error says what was wanted.
pub fn number(text: &str) -> Result<u64, String> {
    let digits = text.trim();
    let parsed = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) if !hex.starts_with('+') => u64::from_str_radix(hex, 16),
        Some(_) => return Err(format!("{text:?} is no number")),
        None => digits.parse(),
    };
    parsed.map_err(|_| {
        format!("{text:?} is no number from 0 to 2^64 - 1, in decimal or in hex after 0x")
    })
}

/// A number of 32 bits in decimal, or in hex after `0x`. An error says what was wanted.
pub fn number32(text: &str) -> Result<u32, String> {
    number(text)?.try_into().map_err(|_| format!("{text:?} does not fit in 32 bits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_and_hex() {
        assert_eq!(number("10"), Ok(10));
        assert_eq!(number("0x10"), Ok(16));
        assert_eq!(number(" 0XfF "), Ok(255));
        assert_eq!(number32("0xffffffff"), Ok(u32::MAX));
        for wrong in ["", "0x", "0x+1", "-1", "1.5", "ten", "18446744073709551616"] {
            assert!(number(wrong).is_err(), "{wrong}");
        }
        assert!(number32("0x100000000").is_err());
    }
}
