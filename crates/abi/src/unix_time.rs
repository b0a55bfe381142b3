//! Times as certificates have them: seconds since 1970 in UTC, and printed as people read them.
//!
//! ```
//! use sev_launch_abi::UnixTime;
//!
//! assert_eq!(UnixTime(1_769_860_800).to_string(), "2026-01-31T12:00:00Z");
//! ```

use core::fmt;

/// Seconds since 1970-01-01T00:00:00Z, without leap seconds. Printed as [RFC 3339] has it, to the second, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(pub u64);

const DAY: u64 = 86_400;
/// Days of 400 years, after which the calendar repeats.
const CYCLE: u64 = 146_097;

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, seconds) = (self.0 / DAY, self.0 % DAY);
        let mut year = 1970 + 400 * (days / CYCLE);
        let mut day = days % CYCLE;
        loop {
            let length = if is_leap(year) { 366 } else { 365 };
            if day < length {
                break;
            }
            day -= length;
            year += 1;
        }
        let february = if is_leap(year) { 29 } else { 28 };
        let mut month = 1;
        for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
            if day < length {
                break;
            }
            day -= length;
            month += 1;
        }
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(f, "{year:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z", day + 1)
    }
}

const fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString as _;

    // As `date -u -d @N +%FT%TZ` prints them.
    #[test]
    fn times_are_those_of_date() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (1_924_992_000, "2031-01-01T00:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(UnixTime(seconds).to_string(), text);
        }
        assert!(UnixTime(u64::MAX).to_string().starts_with("5845"));
    }
}
