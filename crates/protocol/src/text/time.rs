//! Times and spans of time.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};

use super::{Misread, text_form};
use crate::problem::Code;

/// A time in milliseconds since the start of 1970, UTC, leap seconds not counted; as text by RFC 3339 with `Z`.
///
/// Read at any offset and rounded down to the millisecond; from 1970 to the end of 9998.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(u64);

impl Time {
    /// The last millisecond of the year 9998: whatever the server adds to a time still has a text.
    const LAST: u64 = 253_370_764_799_999;

    /// A time by its milliseconds since 1970; past the year 9998 it is the end of that year.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(if millis < Self::LAST { millis } else { Self::LAST })
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since 1970.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0 / 1000
    }

    /// The time `millis` later.
    #[must_use]
    pub const fn after(self, millis: u64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = i64::try_from(self.0).map_err(|_| fmt::Error)?;
        let timestamp = Timestamp::from_millisecond(millis).map_err(|_| fmt::Error)?;
        write!(f, "{timestamp:.3}")
    }
}

impl FromStr for Time {
    type Err = Misread;

    fn from_str(text: &str) -> Result<Self, Misread> {
        let wrong = || {
            let detail =
                "not a time of RFC 3339, for example 2026-11-21T02:10:00Z, from 1970 to 9998";
            Misread::new(Code::Schema, detail)
        };
        if !is_rfc_3339(text) {
            return Err(wrong());
        }
        let timestamp: Timestamp = text.parse().map_err(|_| wrong())?;
        let millis = u64::try_from(timestamp.as_millisecond()).map_err(|_| wrong())?;
        if millis > Self::LAST { Err(wrong()) } else { Ok(Self(millis)) }
    }
}

/// Has the text the form of RFC 3339, `T` and `Z` in upper case? jiff also reads other forms of ISO 8601: a space for the `T`, no
/// seconds, a comma, offsets without a colon, a time zone's name.
fn is_rfc_3339(text: &str) -> bool {
    let is_like = |text: &str, form: &str| {
        text.len() == form.len()
            && text.bytes().zip(form.bytes()).all(|(byte, form)| match form {
                b'0' => byte.is_ascii_digit(),
                b'+' => matches!(byte, b'+' | b'-'),
                _ => byte == form,
            })
    };
    let Some((to_seconds, rest)) = text.split_at_checked(19) else { return false };
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => {
            let rest = fraction.trim_start_matches(|digit: char| digit.is_ascii_digit());
            if rest.len() == fraction.len() {
                return false;
            }
            rest
        }
        None => rest,
    };
    is_like(to_seconds, "0000-00-00T00:00:00") && (rest == "Z" || is_like(rest, "+00:00"))
}

text_form!(Time, "time of RFC 3339", { "type": "string", "format": "date-time" });

/// How long a launch may take from its session to its measurement: 1 minute to 24 hours, as text by ISO 8601 (`PT10M`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ttl(u32);

impl Ttl {
    /// Ten minutes, where an owner says nothing.
    pub const DEFAULT: Self = Self(600);
    /// The shortest: one minute.
    pub const LEAST: Self = Self(60);
    /// The longest: a day.
    pub const MOST: Self = Self(86_400);

    /// Milliseconds.
    #[must_use]
    pub const fn millis(self) -> u64 {
        // A u32 of seconds in milliseconds fits a u64.
        let [a, b, c, d] = self.0.to_le_bytes();
        u64::from_le_bytes([a, b, c, d, 0, 0, 0, 0]) * 1000
    }
}

impl fmt::Display for Ttl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        SignedDuration::from_secs(self.0.into()).fmt(f)
    }
}

impl FromStr for Ttl {
    type Err = Misread;

    fn from_str(text: &str) -> Result<Self, Misread> {
        let wrong = || {
            let detail = "not a span of 1 minute to 24 hours in ISO 8601, for example PT10M";
            Misread::new(Code::OutOfRange, detail)
        };
        // jiff also reads its own friendly form ("10 minutes"), lower case and fractions.
        let rest = text.strip_prefix("PT").ok_or_else(wrong)?;
        if !rest.bytes().all(|byte| byte.is_ascii_digit() || b"HMS".contains(&byte)) {
            return Err(wrong());
        }
        let span: SignedDuration = text.parse().map_err(|_| wrong())?;
        let seconds = u32::try_from(span.as_secs()).map_err(|_| wrong())?;
        let found = Self(seconds);
        let whole = span.subsec_nanos() == 0;
        if whole && (Self::LEAST..=Self::MOST).contains(&found) { Ok(found) } else { Err(wrong()) }
    }
}

text_form!(Ttl, "span of ISO 8601", { "type": "string", "pattern": "^PT[0-9HMS]+$", "description": "1 minute to 24 hours, ISO 8601" });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        // `date -u -d 2026-11-21T02:10:00Z +%s` says 1795227000.
        let time: Time = "2026-11-21T02:10:00Z".parse().expect("RFC 3339");
        assert_eq!(time.millis(), 1_795_227_000_000);
        assert_eq!(time.to_string(), "2026-11-21T02:10:00.000Z");
        let offset: Time = "2026-11-21T03:10:00.0009+01:00".parse().expect("an offset");
        assert_eq!(offset, time);
        for wrong in [
            "2026-11-21",
            "2026-11-21 02:10:00Z",
            "1969-12-31T23:59:59Z",
            "9999-01-01T00:00:00Z",
            "now",
            "2026-11-21T02:10:00Z[UTC]",
        ] {
            assert!(wrong.parse::<Time>().is_err(), "{wrong}");
        }
        assert_eq!(Time::from_millis(u64::MAX).to_string(), "9998-12-31T23:59:59.999Z");
    }

    #[test]
    fn spans_have_bounds() {
        for (text, millis) in
            [("PT1M", 60_000), ("PT10M", 600_000), ("PT24H", 86_400_000), ("PT90S", 90_000)]
        {
            assert_eq!(text.parse::<Ttl>().expect(text).millis(), millis);
        }
        assert_eq!(Ttl::DEFAULT.to_string(), "PT10M");
        for wrong in ["PT59S", "PT24H1S", "10 minutes", "P1D", "-PT10M", "PT1M0.5S", ""] {
            assert!(wrong.parse::<Ttl>().is_err(), "{wrong}");
        }
    }
}
