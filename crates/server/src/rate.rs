//! How often somebody may ask: for each bucket and key a rate and a burst, kept in the process (generic cell rate algorithm, as in
//! ITU-T I.371).
//!
//! With several instances each gives its own share.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use sev_launch_protocol::text::Time;

/// So many in a minute, and so many at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// In a minute, 1 or more.
    pub per_minute: u32,
    /// At once, 1 or more.
    pub burst: u32,
}

/// Keys that are kept at most. Beyond, those that have nothing to wait for are dropped.
const MOST_KEYS: usize = 100_000;

/// A rate for each key.
#[derive(Debug)]
pub struct Limiter<K> {
    rate: Rate,
    /// For each key the time, in microseconds since 1970, at which its bucket is empty again.
    empty_at: Mutex<HashMap<K, u64>>,
}

impl<K: Eq + Hash> Limiter<K> {
    /// A limiter in which nobody has asked yet.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self { rate, empty_at: Mutex::default() }
    }

    /// Takes one of `key` at `now`.
    ///
    /// # Errors
    ///
    /// Seconds to wait, 1 or more, if there is none left.
    pub fn take(&self, key: K, now: Time) -> Result<(), u64> {
        let now = now.millis().saturating_mul(1000);
        let each = 60_000_000 / u64::from(self.rate.per_minute.max(1));
        let room = each.saturating_mul(u64::from(self.rate.burst.max(1)));
        let mut map = self.empty_at.lock().unwrap_or_else(PoisonError::into_inner);
        if map.len() >= MOST_KEYS && !map.contains_key(&key) {
            map.retain(|_, at| *at > now);
            if map.len() >= MOST_KEYS {
                // Everybody waits: a new key waits too.
                return Err(1);
            }
        }
        let at = map.entry(key).or_insert(0);
        // A bucket that is fuller than full was filled before the clock went back: nothing is known of it.
        let from = if *at > now.saturating_add(room) { now } else { (*at).max(now) };
        let then = from.saturating_add(each);
        if then > now.saturating_add(room) {
            let wait = then.saturating_sub(now.saturating_add(room));
            return Err(wait.div_ceil(1_000_000).max(1));
        }
        *at = then;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Time {
        Time::from_millis(1_000_000 + millis)
    }

    #[test]
    fn a_burst_is_followed_by_the_rate() {
        let limiter = Limiter::new(Rate { per_minute: 6, burst: 3 });
        for _ in 0..3 {
            assert_eq!(limiter.take("a", at(0)), Ok(()));
        }
        assert_eq!(limiter.take("a", at(0)), Err(10));
        assert_eq!(limiter.take("b", at(0)), Ok(()), "another key");
        assert_eq!(limiter.take("a", at(9_000)), Err(1));
        assert_eq!(limiter.take("a", at(10_000)), Ok(()));
        assert_eq!(limiter.take("a", at(10_000)), Err(10));
    }

    #[test]
    fn a_clock_that_goes_back_locks_nobody_out() {
        let limiter = Limiter::new(Rate { per_minute: 60, burst: 1 });
        assert_eq!(limiter.take("a", at(1_000_000_000)), Ok(()));
        assert_eq!(limiter.take("a", at(0)), Ok(()));
        assert_eq!(limiter.take("a", at(0)), Err(1));
        assert_eq!(limiter.take("a", at(1_000)), Ok(()));
    }
}
