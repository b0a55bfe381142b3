//! How long, and how often, a service is asked.

use std::time::Duration;

/// How patient a client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// The longest that one request and its answer take.
    pub request: Duration,
    /// The longest that a request is tried again, together.
    pub together: Duration,
}

impl Default for Patience {
    /// A little more than the service's own limit for a request (8 s), for about a minute.
    fn default() -> Self {
        Self { request: Duration::from_secs(10), together: Duration::from_secs(60) }
    }
}

/// The first pause is at most so long, and the longest of them.
const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(5);

/// The pause before try `number` (from 1 on), drawn from half of it to all of it, so that many who were refused together do not
/// come back together.
pub(crate) fn pause(number: u32) -> Duration {
    let most = FIRST.saturating_mul(2_u32.saturating_pow(number.saturating_sub(1).min(16)));
    let most = most.min(LONGEST);
    most.mul_f64(0.5 + fastrand::f64() / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        for (number, most) in [(1, 250), (2, 500), (3, 1000), (6, 5000), (u32::MAX, 5000)] {
            for _ in 0..100 {
                let millis = pause(number).as_millis();
                assert!((most / 2..=most).contains(&millis), "{number}: {millis}");
            }
        }
    }
}
