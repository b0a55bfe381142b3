//! Detected target features: the only unsafe code of the crate.
//!
//! A value of these types is made by detection only. It is the proof that a call needs.

use crate::{sha256_lanes, sha256_pair, sha256_stream, sha512_lanes};

/// A type whose values are made only where the features were detected, and the functions that need these and no others.
macro_rules! detected {
    (
        $(#[$doc:meta])* $type:ident: [$($feature:tt)*] $(if $compiled:expr)?,
        $($name:ident($states:ty, $blocks:ty) = $function:path;)*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) struct $type(());

        impl $type {
            pub(crate) fn detect() -> Option<Self> {
                let all = $($compiled &&)? $(is_x86_feature_detected!($feature) &&)* true;
                all.then_some(Self(()))
            }

            $(
                pub(crate) fn $name(self, states: $states, blocks: $blocks) {
                    #[expect(unsafe_code, reason = "the target features were detected")]
                    // SAFETY: `self` is made only where every feature that the function needs was detected.
                    unsafe {
                        $function(states, blocks);
                    }
                }
            )*
        }
    };
}

detected! {
    /// The processor has AVX2, BMI1 and BMI2, and the system keeps the vectors.
    Avx2: ["avx2" "bmi1" "bmi2"],
    compress256(&mut [u32; 8], &[[u8; 64]]) = sha256_stream::avx2::compress;
    compress256_lanes(&mut [[u32; 8]; 8], [&[[u8; 64]]; 8]) = sha256_lanes::avx2::compress;
    compress512_lanes(&mut [[u64; 8]; 4], [&[[u8; 128]]; 4]) = sha512_lanes::avx2::compress;
}

detected! {
    /// The processor has AVX-512 F and VL besides AVX2, BMI1 and BMI2, and the system keeps the vectors. There is no value
    /// where the compiler is too old: its functions are those of AVX2 then.
    Avx512: ["avx2" "bmi1" "bmi2" "avx512f" "avx512vl"] if cfg!(avx512),
    compress256(&mut [u32; 8], &[[u8; 64]]) = sha256_stream::avx512::compress;
    compress256_lanes(&mut [[u32; 8]; 8], [&[[u8; 64]]; 8]) = sha256_lanes::avx512::compress;
    compress512_lanes(&mut [[u64; 8]; 4], [&[[u8; 128]]; 4]) = sha512_lanes::avx512::compress;
}

detected! {
    /// The processor has SHA instructions, SSSE3 and SSE4.1.
    Sha: ["sha" "ssse3" "sse4.1"],
    compress256_lanes(&mut [[u32; 8]; 2], [&[[u8; 64]]; 2]) = sha256_pair::compress;
}
