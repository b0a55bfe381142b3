//! What looks random, and is the same for the same seed: contents of files without repetition, and a source of numbers.
//!
//! xorshift64*, by Sebastiano Vigna; nothing here is secret.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

fn step(state: &mut u64) -> u64 {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    state.wrapping_mul(0x2545_f491_4f6c_dd1d)
}

/// So many bytes; equal seeds give equal ones. The seed must not be 0.
pub(crate) fn bytes(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed;
    let mut bytes: Vec<u8> =
        (0..count.div_ceil(8)).flat_map(|_| step(&mut state).to_le_bytes()).collect();
    bytes.truncate(count);
    bytes
}

/// Writes a file of `head` and so many random bytes that it has `size` in all. One of that size is taken for the same.
pub(crate) fn fill_file(path: &Path, seed: u64, mut head: Vec<u8>, size: usize) -> Result<()> {
    if fs::metadata(path).is_ok_and(|found| usize::try_from(found.len()) == Ok(size)) {
        return Ok(());
    }
    head.extend(bytes(seed, size.saturating_sub(head.len())));
    fs::write(path, head).with_context(|| path.display().to_string())
}

/// A source of numbers.
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    /// Another source for each number beside the seed.
    pub(crate) fn new(seed: u64, number: u64) -> Self {
        let seed = seed ^ number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        // Never 0, from which nothing else follows.
        let mut chance = Self(seed.max(1));
        for _ in 0..8 {
            chance.next();
        }
        chance
    }

    pub(crate) fn next(&mut self) -> u64 {
        step(&mut self.0)
    }

    /// A number below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        // The low bits are the weak ones.
        (self.next() >> 16) % end.max(1)
    }

    /// True in one of so many cases.
    pub(crate) fn one_in(&mut self, cases: u64) -> bool {
        self.below(cases) == 0
    }

    /// A UUID, version 4.
    pub(crate) fn uuid(&mut self) -> String {
        let [high, low] = [self.next(), self.next()];
        let high = high & !0xf000 | 0x4000;
        let low = low & !(0b11 << 62) | 1 << 63;
        let text = format!("{high:016x}{low:016x}");
        let cuts = [0..8, 8..12, 12..16, 16..20, 20..32];
        cuts.map(|cut| text.get(cut).unwrap_or_default()).join("-")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // 1 >> 12 is 0; 1 ^ 1 << 25 is 0x2000001; that >> 27 is 0.
    #[test]
    fn the_first_number_is_xorshift_s() {
        let wanted = 0x2000001_u64.wrapping_mul(0x2545_f491_4f6c_dd1d).to_le_bytes();
        assert_eq!(bytes(1, 8), wanted);
        assert_eq!(bytes(1, 3), wanted[..3]);
    }

    #[test]
    fn equal_seeds_give_equal_numbers_and_others_others() {
        let of = |seed, number| {
            let mut chance = Chance::new(seed, number);
            [(); 1500].map(|()| chance.next())
        };
        assert_eq!(of(1, 0), of(1, 0));
        assert_ne!(of(1, 0), of(1, 1));
        assert_ne!(of(2, 0), of(3, 0));
        let mut numbers = of(1, 0).to_vec();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 1500);
        let id = Chance::new(1, 1).uuid();
        assert_eq!((id.len(), id.get(14..15)), (36, Some("4")), "{id}");
    }
}
