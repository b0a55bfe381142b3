//! Made-up file contents: no repetition, no compression, and the same everywhere.
//!
//! xorshift64*, by Sebastiano Vigna; nothing here is secret.

use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result};

/// A generator; equal seeds give equal bytes. The seed must not be 0.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next eight bytes.
    fn next(&mut self) -> [u8; 8] {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d).to_le_bytes()
    }

    /// The next bytes, as many as wanted.
    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes: Vec<u8> = (0..count.div_ceil(8)).flat_map(|_| self.next()).collect();
        bytes.truncate(count);
        bytes
    }

    /// Writes a file of `head` and so many random bytes that it has `size` in all. One of that size is taken for the same.
    pub(crate) fn fill_file(mut self, path: &Path, head: &[u8], size: usize) -> Result<()> {
        let name = || path.display().to_string();
        if fs::metadata(path).is_ok_and(|found| found.len() == u64::try_from(size).unwrap_or(0)) {
            return Ok(());
        }
        let file = fs::File::create(path).with_context(name)?;
        let mut file = BufWriter::with_capacity(1 << 20, file);
        file.write_all(head).with_context(name)?;
        let mut left = size.saturating_sub(head.len());
        while left > 0 {
            let bytes = self.bytes(left.min(1 << 16));
            file.write_all(&bytes).with_context(name)?;
            left -= bytes.len();
        }
        file.flush().with_context(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // 1 >> 12 is 0; 1 ^ 1 << 25 is 0x2000001; that >> 27 is 0.
    #[test]
    fn the_first_number_is_xorshift_s() {
        let wanted = 0x2000001_u64.wrapping_mul(0x2545_f491_4f6c_dd1d).to_le_bytes();
        assert_eq!(Random::new(1).bytes(8), wanted);
        assert_eq!(Random::new(1).bytes(3), wanted[..3]);
    }
}
