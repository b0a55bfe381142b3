//! Packed bytes without a library: LZMA with no match but runs of one byte, and Brotli that stores.
//!
//! LZMA is written from the specification of its author (Igor Pavlov, "LZMA specification", 2015): a range coder whose probabilities adapt. Every byte is a
//! literal, but where at least two bytes equal the one before them: that is a repeated match at distance 1, which is how far the first such match
//! reaches before any other. So a run of zeros shrinks to a seven-thousandth, and a small image can ask for much memory.
//!
//! Brotli stores: RFC 7932, section 9.2, meta-blocks with ISUNCOMPRESSED.

/// What a probability begins with: one half of 2048.
const HALF: u16 = 1 << 10;
/// The longest match.
const LONGEST: usize = 273;

/// A range coder.
struct Coder {
    out: Vec<u8>,
    low: u64,
    range: u32,
    cache: u8,
    waiting: u64,
}

impl Coder {
    fn bit(&mut self, probability: &mut u16, bit: bool) {
        let bound = (self.range >> 11) * u32::from(*probability);
        if bit {
            self.low += u64::from(bound);
            self.range -= bound;
            *probability -= *probability >> 5;
        } else {
            self.range = bound;
            *probability += (2048 - *probability) >> 5;
        }
        while self.range < 1 << 24 {
            self.range <<= 8;
            self.shift();
        }
    }

    /// The lowest `bits` bits of a number, the highest first, each under a probability of its own.
    fn tree(&mut self, probabilities: &mut [u16], bits: u32, number: usize) {
        let mut node = 1;
        for place in (0..bits).rev() {
            let bit = number >> place & 1;
            self.bit(&mut probabilities[node], bit == 1);
            node = node << 1 | bit;
        }
    }

    fn shift(&mut self) {
        if self.low < 0xff00_0000 || self.low > u64::from(u32::MAX) {
            let carry = self.low > u64::from(u32::MAX);
            let mut byte = self.cache;
            while self.waiting != 0 {
                self.out.push(byte.wrapping_add(u8::from(carry)));
                byte = 0xff;
                self.waiting -= 1;
            }
            self.cache = self.low.to_le_bytes()[3];
        }
        self.waiting += 1;
        self.low = (self.low & 0x00ff_ffff) << 8;
    }
}

/// Lengths of repeated matches.
struct Lengths {
    choices: [u16; 2],
    low: [[u16; 8]; 4],
    middle: [[u16; 8]; 4],
    high: [u16; 256],
}

impl Lengths {
    fn write(&mut self, coder: &mut Coder, length: usize, place: usize) {
        let [first, second] = &mut self.choices;
        match length - 2 {
            low @ 0..8 => {
                coder.bit(first, false);
                coder.tree(&mut self.low[place], 3, low);
            }
            middle @ 8..16 => {
                coder.bit(first, true);
                coder.bit(second, false);
                coder.tree(&mut self.middle[place], 3, middle - 8);
            }
            high => {
                coder.bit(first, true);
                coder.bit(second, true);
                coder.tree(&mut self.high, 8, high - 16);
            }
        }
    }
}

/// A `.lzma` file: properties lc 3, lp 0, pb 2, a dictionary of 8 MiB, and the size.
#[must_use]
pub fn lzma(plain: &[u8]) -> Vec<u8> {
    packed(plain, true)
}

/// The same without any match: what takes longest to unpack, byte by byte.
#[must_use]
pub fn lzma_literals(plain: &[u8]) -> Vec<u8> {
    packed(plain, false)
}

fn packed(plain: &[u8], has_matches: bool) -> Vec<u8> {
    let mut out = vec![93];
    out.extend((8u32 << 20).to_le_bytes());
    out.extend(u64::try_from(plain.len()).expect("usize holds at most 64 bits").to_le_bytes());
    let mut coder = Coder { out, low: 0, range: u32::MAX, cache: 0, waiting: 1 };
    let mut is_match = [[HALF; 4]; 12];
    let (mut is_rep, mut is_other, mut is_long) = ([HALF; 12], [HALF; 12], [[HALF; 4]; 12]);
    let mut literals = vec![[HALF; 0x300]; 8];
    let (low, middle) = ([[HALF; 8]; 4], [[HALF; 8]; 4]);
    let mut lengths = Lengths { choices: [HALF; 2], low, middle, high: [HALF; 256] };
    let (mut at, mut state) = (0, 0);
    while at < plain.len() {
        let before = at.checked_sub(1).map(|before| plain[before]);
        let run = plain[at..].iter().take(LONGEST).take_while(|byte| Some(**byte) == before);
        let run = run.count();
        let place = at & 3;
        if has_matches && run >= 2 {
            coder.bit(&mut is_match[state][place], true);
            coder.bit(&mut is_rep[state], true);
            coder.bit(&mut is_other[state], false);
            coder.bit(&mut is_long[state][place], true);
            lengths.write(&mut coder, run, place);
            state = if state < 7 { 8 } else { 11 };
            at += run;
        } else {
            coder.bit(&mut is_match[state][place], false);
            let probabilities = &mut literals[usize::from(before.unwrap_or(0) >> 5)];
            let likely = before.filter(|_| state >= 7);
            literal(&mut coder, probabilities, usize::from(plain[at]), likely.map(usize::from));
            state = match state {
                0..4 => 0,
                4..10 => state - 3,
                _ => state - 6,
            };
            at += 1;
        }
    }
    for _ in 0..5 {
        coder.shift();
    }
    coder.out
}

/// One byte; after a match, `likely` is the byte that would have made it longer.
fn literal(coder: &mut Coder, probabilities: &mut [u16], byte: usize, likely: Option<usize>) {
    let (mut node, mut still) = (1, likely.map_or(0, |_| 0x100));
    for place in (0..8).rev() {
        let bit = byte >> place & 1;
        let likely_bit = likely.map_or(0, |likely| likely >> place & 1) * still;
        coder.bit(&mut probabilities[still + likely_bit + node], bit == 1);
        node = node << 1 | bit;
        if still != 0 && bit * 0x100 != likely_bit {
            still = 0;
        }
    }
}

/// A Brotli stream that stores its bytes.
#[must_use]
pub fn brotli(plain: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for (number, block) in plain.chunks(0x1_0000).enumerate() {
        let length = u32::try_from(block.len() - 1).expect("a block is at most 64 KiB");
        // Not the last, 4 nibbles of length, stored; before the first a 0 for a window of 16 bits.
        let head = if number == 0 { length << 4 | 1 << 20 } else { length << 3 | 1 << 19 };
        out.extend(&head.to_le_bytes()[..3]);
        out.extend(block);
    }
    // Last and empty; in an empty stream the window comes first.
    out.push(if plain.is_empty() { 6 } else { 3 });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    // By hand from RFC 7932: window 0, ISLAST 0, MNIBBLES 00, MLEN - 1 = 2, ISUNCOMPRESSED 1; then ISLAST 1, ISLASTEMPTY 1.
    #[test]
    fn stored_brotli_by_hand() {
        assert_eq!(brotli(b"abc"), [0x20, 0x00, 0x10, b'a', b'b', b'c', 0x03]);
    }

    // `xz -dc --format=lzma` of XZ Utils 5.4.1 and Python's lzma unpack these bytes to that text, which has literals, runs of every kind
    // of length, and literals after runs.
    #[test]
    fn lzma_is_what_xz_unpacks() {
        let plain = [&b"abc"[..], &[0; 300], &[0x61; 20], &[0xff; 3], b"bba"].concat();
        let wanted = "5d000080004901000000000000003098889088236787563c8de5ad6cac8bbc86b400";
        assert_eq!(hex::encode(lzma(&plain)), wanted);
    }
}
