//! Made-up file contents: no repetition, no compression, and the same everywhere.
//!
//! xorshift64*, by Sebastiano Vigna; nothing here is secret.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// So many bytes; equal seeds give equal ones. The seed must not be 0.
pub(crate) fn bytes(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed;
    let next = |_| {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        state.wrapping_mul(0x2545_f491_4f6c_dd1d).to_le_bytes()
    };
    let mut bytes: Vec<u8> = (0..count.div_ceil(8)).flat_map(next).collect();
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
}
