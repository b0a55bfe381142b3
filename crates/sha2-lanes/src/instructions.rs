//! Which implementation runs: chosen once for a processor, then carried along as a small value.
//!
//! It comes from detection only, so to have one is to be able to run it.

#[cfg(target_arch = "x86_64")]
use crate::detected::{Avx2, Avx512, Sha};
#[cfg(target_arch = "x86_64")]
use crate::sha256_lanes;
#[cfg(target_arch = "x86_64")]
use crate::stream::compress_in_lanes;
use crate::{Stream256, Stream512, pages};
use core::fmt;
use sha2::block_api::{compress256, compress512};

/// An implementation that this processor can run. Four bytes or less, made by detection only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Instructions(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    #[cfg(target_arch = "x86_64")]
    Vectors {
        avx2: Avx2,
        avx512: Option<Avx512>,
        sha: Option<Sha>,
    },
    Sha2,
}

impl Instructions {
    /// The fastest for this processor.
    ///
    /// A few instructions after the first time, since the standard library keeps what it found.
    pub fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(avx2) = Avx2::detect() {
            return Self(Kind::Vectors { avx2, avx512: Avx512::detect(), sha: Sha::detect() });
        }
        Self::portable()
    }

    /// The fastest of those that use no SHA instructions, for tests and measurements.
    ///
    /// On a processor without AVX2 and BMI2 it is `sha2`, which decides for itself.
    pub fn detect_without_sha() -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(avx2) = Avx2::detect() {
            return Self(Kind::Vectors { avx2, avx512: Avx512::detect(), sha: None });
        }
        Self::portable()
    }

    /// The `sha2` crate and nothing else, on every processor: it uses SHA instructions where there are some.
    pub const fn portable() -> Self {
        Self(Kind::Sha2)
    }

    /// All that this processor can run, the fastest first and [`Instructions::portable`] last.
    pub fn available() -> Vec<Self> {
        let mut all = Vec::new();
        #[cfg(target_arch = "x86_64")]
        if let Some(avx2) = Avx2::detect() {
            for sha in [Sha::detect(), None] {
                for avx512 in [Avx512::detect(), None] {
                    let one = Self(Kind::Vectors { avx2, avx512, sha });
                    if !all.contains(&one) {
                        all.push(one);
                    }
                }
            }
        }
        all.push(Self::portable());
        all
    }

    /// `sha+avx512`, `sha+avx2`, `avx512`, `avx2` or `sha2`.
    pub const fn name(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Vectors { avx512, sha, .. } => match (sha.is_some(), avx512.is_some()) {
                (true, true) => "sha+avx512",
                (true, false) => "sha+avx2",
                (false, true) => "avx512",
                (false, false) => "avx2",
            },
            Kind::Sha2 => "sha2",
        }
    }

    /// One stream of SHA-256: takes `blocks`, in order, into `state`. [FIPS 180-4, SHA-256 hash computation]
    ///
    /// Blocks that repeat may take less time: it is not for secret messages.
    pub fn compress256(self, state: &mut [u32; 8], blocks: &[[u8; 64]]) {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Vectors { avx512: Some(avx512), sha: None, .. } => {
                avx512.compress256(state, blocks);
            }
            #[cfg(target_arch = "x86_64")]
            Kind::Vectors { avx2, sha: None, .. } => avx2.compress256(state, blocks),
            _ => compress256(state, blocks),
        }
    }

    /// One stream of SHA-384 or SHA-512: takes `blocks`, in order, into `state`. [FIPS 180-4, SHA-512 hash computation]
    ///
    /// It is `sha2`'s, whatever the instructions.
    pub fn compress512(self, state: &mut [u64; 8], blocks: &[[u8; 128]]) {
        compress512(state, blocks);
    }

    /// Many streams of SHA-256: takes the blocks of each into its state.
    ///
    /// Any number of streams of any lengths. Those that stand beside each other go through the lanes together, so equal
    /// lengths should: what one has more than its neighbours goes alone.
    pub fn compress256_lanes(self, streams: &mut [Stream256<'_>]) {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Vectors { avx2, avx512, sha } => {
                // Eight lanes take the time of 2.4 single streams by AVX2, of 1.4 by AVX-512, where they also take that of
                // five by SHA instructions.
                let (alone, sha2) = (|s: &mut _, b: &_| avx2.compress256(s, b), compress256);
                for group in streams.chunks_mut(sha256_lanes::LANES) {
                    match (avx512, sha) {
                        (None, None) => {
                            compress_in_lanes(group, 3, |s, b| avx2.compress256_lanes(s, b), alone);
                        }
                        (Some(by), None) => {
                            compress_in_lanes(group, 2, |s, b| by.compress256_lanes(s, b), alone);
                        }
                        (Some(by), Some(_)) if group.len() > 5 => {
                            compress_in_lanes(group, 6, |s, b| by.compress256_lanes(s, b), sha2);
                        }
                        (_, Some(by)) => {
                            compress_in_lanes(group, 2, |s, b| by.compress256_lanes(s, b), sha2);
                        }
                    }
                }
            }
            Kind::Sha2 => {
                streams.iter_mut().for_each(|one| self.compress256(one.state, one.blocks));
            }
        }
    }

    /// Many streams of SHA-384 or SHA-512: takes the blocks of each into its state.
    ///
    /// Any number of streams of any lengths, with the same advice as for [`Instructions::compress256_lanes`].
    pub fn compress512_lanes(self, streams: &mut [Stream512<'_>]) {
        match self.0 {
            // Four lanes take the time of two single streams by AVX2, of 1.2 by AVX-512.
            #[cfg(target_arch = "x86_64")]
            Kind::Vectors { avx512: Some(by), .. } => {
                compress_in_lanes(streams, 2, |s, b| by.compress512_lanes(s, b), compress512);
            }
            #[cfg(target_arch = "x86_64")]
            Kind::Vectors { avx2: by, .. } => {
                compress_in_lanes(streams, 3, |s, b| by.compress512_lanes(s, b), compress512);
            }
            Kind::Sha2 => streams.iter_mut().for_each(|one| compress512(one.state, one.blocks)),
        }
    }

    /// Puts the SHA-384 of every 4 KiB page into the place beside it.
    pub fn sha384_pages(self, pages: &mut [(&[u8; crate::PAGE_SIZE], &mut [u8; 48])]) {
        pages::sha384(self, pages);
    }
}

impl fmt::Display for Instructions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_available_has_distinct_names_and_ends_with_the_portable_one() {
        let all = Instructions::available();
        let mut names: Vec<_> = all.iter().map(|instructions| instructions.name()).collect();
        assert_eq!(all.first(), Some(&Instructions::detect()));
        assert_eq!(all.last().map(ToString::to_string).as_deref(), Some("sha2"));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all.len());
        assert!(!Instructions::detect_without_sha().name().starts_with("sha+"));
    }

    #[test]
    fn it_is_small() {
        assert!(size_of::<Instructions>() <= 4);
    }
}
