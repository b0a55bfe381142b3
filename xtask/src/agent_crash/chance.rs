//! What looks random here, and is the same for the same seed: numbers out of [`crate::random`].

use crate::random;

/// Numbers that are made at once.
const BATCH: usize = 512;

/// A source of numbers.
#[derive(Clone, Debug)]
pub(super) struct Chance {
    seed: u64,
    numbers: Vec<u64>,
}

impl Chance {
    /// Another source for each number beside the seed.
    pub(super) fn new(seed: u64, number: u64) -> Self {
        let seed = seed ^ number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self { seed, numbers: Vec::new() }
    }

    fn next(&mut self) -> u64 {
        if let Some(number) = self.numbers.pop() {
            return number;
        }
        // Never 0, from which nothing else follows.
        let bytes = random::bytes(self.seed.max(1), 8 * BATCH);
        let numbers = bytes.chunks_exact(8).filter_map(|number| number.try_into().ok());
        self.numbers = numbers.map(u64::from_le_bytes).collect();
        let last = self.numbers.pop().unwrap_or(1);
        self.seed = last;
        last
    }

    /// A number below `end`, which is not 0.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        // The low bits are the weak ones.
        (self.next() >> 16) % end.max(1)
    }

    /// True in one of so many cases.
    pub(super) fn one_in(&mut self, cases: u64) -> bool {
        self.below(cases) == 0
    }

    /// A UUID, version 4.
    pub(super) fn uuid(&mut self) -> String {
        let (high, low) = (self.next() & !0xf000 | 0x4000, self.next() & !(0b11 << 62) | 1 << 63);
        let text = format!("{high:016x}{low:016x}");
        let cuts = [0..8, 8..12, 12..16, 16..20, 20..32];
        cuts.map(|cut| text.get(cut).unwrap_or_default()).join("-")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_give_equal_numbers_and_others_others() {
        let of = |seed, number| {
            let mut chance = Chance::new(seed, number);
            [(); 3 * BATCH].map(|()| chance.next())
        };
        assert_eq!(of(1, 0), of(1, 0));
        assert_ne!(of(1, 0), of(1, 1));
        assert_ne!(of(2, 0), of(3, 0));
        let mut numbers = of(1, 0).to_vec();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 3 * BATCH);
        let id = Chance::new(1, 1).uuid();
        assert_eq!((id.len(), id.get(14..15)), (36, Some("4")), "{id}");
    }
}
