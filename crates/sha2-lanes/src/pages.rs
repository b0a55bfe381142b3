//! SHA-384 of guest pages: all of one length, so that they fill lanes from the first block to the padding.
//!
//! Defined by FIPS 180-4. A page is 32 blocks; its padding is a block of its own, the same for every page.

use crate::constants::SHA384_INITIAL;
use crate::{BLOCK_SIZE_512, Instructions, PAGE_SIZE, Stream};

/// Pages at a time: a multiple of all numbers of lanes, and little stack.
const BATCH: usize = 16;

/// One bit, zeros, and the length of a page in bits. [FIPS 180-4, padding]
const PADDING: [[u8; BLOCK_SIZE_512]; 1] = {
    let mut block = [0; BLOCK_SIZE_512];
    block[0] = 0x80;
    block[126] = 0x80;
    [block]
};

/// The length in bits, as it stands in the last two bytes of the padding.
const _: () = assert!(PAGE_SIZE * 8 == 0x8000);

/// Puts the SHA-384 of every page into the place beside it.
pub(crate) fn sha384(instructions: Instructions, pages: &mut [(&[u8; PAGE_SIZE], &mut [u8; 48])]) {
    for pages in pages.chunks_mut(BATCH) {
        let mut states = [SHA384_INITIAL; BATCH];
        let mut streams: Vec<_> = pages
            .iter()
            .zip(&mut states)
            .map(|((page, _), state)| Stream { state, blocks: page.as_chunks().0 })
            .collect();
        instructions.compress512_lanes(&mut streams);
        for stream in &mut streams {
            stream.blocks = &PADDING;
        }
        instructions.compress512_lanes(&mut streams);
        for ((_, space), state) in pages.iter_mut().zip(&states) {
            **space = digest(state);
        }
    }
}

/// The first six words, big-endian. [FIPS 180-4, SHA-384]
fn digest(state: &[u64; 8]) -> [u8; 48] {
    let mut bytes = [0; 48];
    for (space, word) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(state) {
        *space = word.to_be_bytes();
    }
    bytes
}
