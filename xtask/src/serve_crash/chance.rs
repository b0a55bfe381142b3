//! Numbers that look random, and are the same for the same seed: xorshift64*, by Sebastiano Vigna. Nothing here is secret.

/// A source of numbers.
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    /// Another source for each number beside the seed.
    pub(super) fn new(seed: u64, number: u64) -> Self {
        // Never 0, from which nothing else follows.
        let mut chance = Self((seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15)) | 1);
        for _ in 0..8 {
            chance.next();
        }
        chance
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
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

    #[test]
    fn equal_seeds_give_equal_numbers_and_others_others() {
        let of = |seed, number| Chance::new(seed, number).next();
        assert_eq!(of(1, 2), of(1, 2));
        assert_ne!(of(1, 2), of(1, 3));
        assert_ne!(of(1, 2), of(2, 2));
        let id = Chance::new(1, 1).uuid();
        assert_eq!((id.len(), id.get(14..15)), (36, Some("4")), "{id}");
    }
}
