//! Streams: where each one stands, and how they are put into lanes.
//!
//! Lanes go in step, so as many blocks go through them as the shortest stream of a group has; the rest goes alone.

use crate::{BLOCK_SIZE_256, BLOCK_SIZE_512};

/// A stream: where it stands, and the whole blocks that come next.
#[derive(Debug, PartialEq, Eq)]
pub struct Stream<'a, Word, const BLOCK_SIZE: usize> {
    /// The eight state words, as numbers: an intermediate hash value. [FIPS 180-4, hash computation]
    pub state: &'a mut [Word; 8],
    /// Blocks of 64 or 128 bytes, in order; any number of them.
    pub blocks: &'a [[u8; BLOCK_SIZE]],
}

/// A stream of SHA-256 (or SHA-224): words of 32 bits, blocks of 64 bytes.
pub type Stream256<'a> = Stream<'a, u32, BLOCK_SIZE_256>;

/// A stream of SHA-512 (or SHA-384): words of 64 bits, blocks of 128 bytes.
pub type Stream512<'a> = Stream<'a, u64, BLOCK_SIZE_512>;

/// Takes the blocks of each stream into its state: groups of up to `LANES` streams by `together`, as far as all have
/// blocks, and by `alone` what is left over and what is in groups of less than `enough`.
#[cfg(target_arch = "x86_64")]
pub(crate) fn compress_in_lanes<Word, const BLOCK_SIZE: usize, const LANES: usize>(
    streams: &mut [Stream<'_, Word, BLOCK_SIZE>],
    enough: usize,
    together: impl Fn(&mut [[Word; 8]; LANES], [&[[u8; BLOCK_SIZE]]; LANES]),
    alone: impl Fn(&mut [Word; 8], &[[u8; BLOCK_SIZE]]),
) where
    Word: Copy + Default,
{
    for group in streams.chunks_mut(LANES) {
        let shortest = group.iter().map(|stream| stream.blocks.len()).min().unwrap_or_default();
        let in_step = if group.len() < enough { 0 } else { shortest };
        if in_step > 0 {
            let mut states = [[Word::default(); 8]; LANES];
            let mut blocks: [&[[u8; BLOCK_SIZE]]; LANES] = [&[]; LANES];
            // Lanes without a stream repeat one: they must have something to do.
            let lanes = states.iter_mut().zip(&mut blocks);
            for ((state, blocks), stream) in lanes.zip(group.iter().cycle()) {
                *state = *stream.state;
                *blocks = stream.blocks.get(..in_step).unwrap_or_default();
            }
            together(&mut states, blocks);
            for (stream, state) in group.iter_mut().zip(states) {
                *stream.state = state;
            }
        }
        for stream in group {
            match stream.blocks.get(in_step..) {
                Some([]) | None => {}
                Some(blocks) => alone(stream.state, blocks),
            }
        }
    }
}
