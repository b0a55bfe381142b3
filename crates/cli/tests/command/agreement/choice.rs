//! Random choices from a seed: equal seeds choose equally, on every machine.

use std::ops::RangeInclusive;

/// Where choices come from: splitmix64, by Sebastiano Vigna.
pub(super) struct Choice(u64);

impl Choice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any 64 bits.
    pub(super) fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// Any 32 bits.
    pub(super) fn word32(&mut self) -> u32 {
        u32::try_from(self.word() >> 32).expect("32 bits are left")
    }

    /// A number of a range.
    pub(super) fn number(&mut self, range: RangeInclusive<u64>) -> u64 {
        range.start() + self.word() % (range.end() - range.start() + 1)
    }

    /// The same as a size.
    pub(super) fn size(&mut self, range: RangeInclusive<usize>) -> usize {
        let [start, end] =
            [range.start(), range.end()].map(|end| u64::try_from(*end).expect("64 bits"));
        usize::try_from(self.number(start..=end)).expect("it is in the range")
    }

    /// Yes, once in so many times.
    pub(super) fn one_in(&mut self, times: u64) -> bool {
        self.number(1..=times) == 1
    }

    /// One of a list.
    pub(super) fn of<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.size(0..=list.len() - 1)].clone()
    }

    /// Some of a list, at least one and at most so many, in any order.
    pub(super) fn some<T: Clone>(&mut self, list: &[T], most: usize) -> Vec<T> {
        let mut list = self.shuffled(list.to_vec());
        list.truncate(self.size(1..=most.min(list.len())));
        list
    }

    /// The list in any order.
    pub(super) fn shuffled<T>(&mut self, mut list: Vec<T>) -> Vec<T> {
        for last in (1..list.len()).rev() {
            list.swap(last, self.size(0..=last));
        }
        list
    }

    /// So many bytes.
    pub(super) fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(count + 8);
        while bytes.len() < count {
            bytes.extend(self.word().to_le_bytes());
        }
        bytes.truncate(count);
        bytes
    }

    /// One, as a rule; now and then more, up to so many.
    pub(super) fn few(&mut self, most: usize) -> usize {
        if self.one_in(3) { self.size(1..=most) } else { 1 }
    }
}
