//! Made-up inputs and expected values for the tests of sev-launch.
//!
//! This crate knows bytes only and depends on none of ours, so that a test compares two pieces of
//! work that share nothing: [`firmware`], [`pi`] and [`kernel`] build what a guest is started from,
//! [`vectors`] and [`sev_api`] read known answers, and [`expected`] computes launch digests a second
//! time. [`runner`] runs the tests of programs without a harness, and [`readme`] is what README.md
//! tells its reader to type.
//!
//! It is for tests, benches and fuzzers. A wrong argument panics and says why; only the readers of
//! files return errors.

pub mod azure;
pub mod certs;
mod cpio;
pub mod endorsement;
pub mod expected;
pub mod firmware;
pub mod igvm;
pub mod kernel;
pub mod nonce_one;
pub mod pi;
pub mod readme;
pub mod report;
pub mod runner;
pub mod sev_api;
pub mod transcript;
pub mod uki;
pub mod vectors;

use std::path::{Path, PathBuf};

/// The repository's `testdata` folder, found from where this crate was built.
///
/// ```
/// assert!(sev_launch_testkit::testdata_folder().join("vectors/digests.json").is_file());
/// ```
#[must_use]
pub fn testdata_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata")
}

/// `size` bytes, where byte i is (i * `mul` + `add`) mod 256: the filling of every made-up input.
#[must_use]
pub fn pattern(size: usize, mul: u8, add: u8) -> Vec<u8> {
    // The pattern repeats after 256 bytes, whatever the factors are.
    let cycle: Vec<u8> = (0..=u8::MAX).map(|i| i.wrapping_mul(mul).wrapping_add(add)).collect();
    let mut bytes = cycle.repeat(size.div_ceil(cycle.len()));
    bytes.truncate(size);
    bytes
}

/// Writes `bytes` at offset `at` of `image`, and panics with the name of what did not fit.
fn put(image: &mut [u8], at: usize, bytes: &[u8], what: &str) {
    let size = image.len();
    let end = at.checked_add(bytes.len());
    let place = end.and_then(|end| image.get_mut(at..end));
    let Some(place) = place else {
        panic!("{what}: {} bytes at {at:#x} do not fit in {size:#x} bytes", bytes.len());
    };
    place.copy_from_slice(bytes);
}

/// A 32-bit number as an index.
fn index(number: u32) -> usize {
    usize::try_from(number).expect("tests run where usize holds 32 bits")
}
