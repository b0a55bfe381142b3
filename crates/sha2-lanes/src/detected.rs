//! Detected target features: the only unsafe code of the crate.
//!
//! A value of these types is made by detection only. It is the proof that a call needs.

use crate::{sha256_lanes, sha256_pair, sha256_stream, sha512_lanes};

/// The processor has AVX2, BMI1 and BMI2, and the system keeps the vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Avx2(());

/// The processor has AVX-512 F and VL besides AVX2, BMI1 and BMI2, and the system keeps the vectors.
#[cfg(avx512)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Avx512(());

/// The same where the compiler is too old: there is none.
#[cfg(not(avx512))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Avx512 {}

/// The processor has SHA instructions, SSSE3 and SSE4.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Sha(());

impl Avx2 {
    pub(crate) fn detect() -> Option<Self> {
        let all = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2");
        all.then_some(Self(()))
    }

    pub(crate) fn compress256(self, state: &mut [u32; 8], blocks: &[[u8; 64]]) {
        #[expect(unsafe_code, reason = "the target features were detected")]
        // SAFETY: `self` is made only where AVX2, BMI1 and BMI2 were detected.
        unsafe {
            sha256_stream::avx2::compress(state, blocks);
        }
    }

    pub(crate) fn compress256_lanes(
        self,
        states: &mut [[u32; 8]; sha256_lanes::LANES],
        blocks: [&[[u8; 64]]; sha256_lanes::LANES],
    ) {
        #[expect(unsafe_code, reason = "the target features were detected")]
        // SAFETY: `self` is made only where AVX2 was detected.
        unsafe {
            sha256_lanes::avx2::compress(states, blocks);
        }
    }

    pub(crate) fn compress512_lanes(
        self,
        states: &mut [[u64; 8]; sha512_lanes::LANES],
        blocks: [&[[u8; 128]]; sha512_lanes::LANES],
    ) {
        #[expect(unsafe_code, reason = "the target features were detected")]
        // SAFETY: `self` is made only where AVX2 was detected.
        unsafe {
            sha512_lanes::avx2::compress(states, blocks);
        }
    }
}

#[cfg(avx512)]
impl Avx512 {
    pub(crate) fn detect() -> Option<Self> {
        let all = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512vl");
        all.then_some(Self(()))
    }

    pub(crate) fn compress256(self, state: &mut [u32; 8], blocks: &[[u8; 64]]) {
        #[expect(unsafe_code, reason = "the target features were detected")]
        // SAFETY: `self` is made only where AVX2, BMI1, BMI2, AVX-512 F and VL were detected.
        unsafe {
            sha256_stream::avx512::compress(state, blocks);
        }
    }

    pub(crate) fn compress256_lanes(
        self,
        states: &mut [[u32; 8]; sha256_lanes::LANES],
        blocks: [&[[u8; 64]]; sha256_lanes::LANES],
    ) {
        #[expect(unsafe_code, reason = "the target features were detected")]
        // SAFETY: `self` is made only where AVX2, AVX-512 F and VL were detected.
        unsafe {
            sha256_lanes::avx512::compress(states, blocks);
        }
    }

    pub(crate) fn compress512_lanes(
        self,
        states: &mut [[u64; 8]; sha512_lanes::LANES],
        blocks: [&[[u8; 128]]; sha512_lanes::LANES],
    ) {
        #[expect(unsafe_code, reason = "the target features were detected")]
        // SAFETY: `self` is made only where AVX2, AVX-512 F and VL were detected.
        unsafe {
            sha512_lanes::avx512::compress(states, blocks);
        }
    }
}

#[cfg(not(avx512))]
impl Avx512 {
    pub(crate) fn detect() -> Option<Self> {
        None
    }

    pub(crate) fn compress256(self, _: &mut [u32; 8], _: &[[u8; 64]]) {
        match self {}
    }

    pub(crate) fn compress256_lanes(
        self,
        _: &mut [[u32; 8]; sha256_lanes::LANES],
        _: [&[[u8; 64]]; sha256_lanes::LANES],
    ) {
        match self {}
    }

    pub(crate) fn compress512_lanes(
        self,
        _: &mut [[u64; 8]; sha512_lanes::LANES],
        _: [&[[u8; 128]]; sha512_lanes::LANES],
    ) {
        match self {}
    }
}

impl Sha {
    pub(crate) fn detect() -> Option<Self> {
        let all = is_x86_feature_detected!("sha")
            && is_x86_feature_detected!("ssse3")
            && is_x86_feature_detected!("sse4.1");
        all.then_some(Self(()))
    }

    pub(crate) fn compress256_lanes(
        self,
        states: &mut [[u32; 8]; sha256_pair::LANES],
        blocks: [&[[u8; 64]]; sha256_pair::LANES],
    ) {
        #[expect(unsafe_code, reason = "the target features were detected")]
        // SAFETY: `self` is made only where SHA, SSSE3 and SSE4.1 were detected.
        unsafe {
            sha256_pair::compress(states, blocks);
        }
    }
}
