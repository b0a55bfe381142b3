//! How many launch measurements one core verifies in a second, and how many times it compresses five blocks.
//!
//! HMAC-SHA-256 over the 56 bytes of a launch measurement is five blocks: the key's inner pad, two of message and padding, the
//! outer pad, one of inner digest and padding. Nothing that computes it can be faster than its compression of five blocks. A
//! verification is what a server does: a session from stored keys, one reference value, the comparison, the verdict. Both are
//! timed in short slices in turn, and the median slice counts. One line of JSON.

#![expect(clippy::unwrap_used, reason = "a measurement has no one to tell an error to")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use sev_launch_abi::sev::LaunchDigest;
use sev_launch_abi::sev::policy::Policy;
use sev_launch_abi::{PlatformVersion, Technology};
use sev_launch_digest::hash::{CompressSha256 as _, Portable};
use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};
use sev_launch_verify::requirement::Requirement::Any;
use sev_launch_verify::sev::keys::{SessionKeys, Tek, Tik};
use sev_launch_verify::sev::measurement::{LaunchMeasurement, compute};
use sev_launch_verify::sev::requirements::{
    PlatformRequirements, PolicyRequirements, Requirements,
};
use sev_launch_verify::sev::session::LaunchSession;

/// The implementation that is measured, and whether it leaves the processor's SHA instructions alone: `sha2` asks the
/// processor itself, but in a build with `--cfg sha2_backend="soft"`.
const BACKEND: (&str, bool) =
    if cfg!(sha2_backend = "soft") { ("sha2 in software", true) } else { ("sha2", false) };
const SLICES: usize = 101;
const PER_SLICE: u32 = 2_000;

const VERSION: PlatformVersion = PlatformVersion { major: 1, minor: 55, build: 24 };
const ANY_PLATFORM: PlatformRequirements = PlatformRequirements { api: Any, build: Any };

fn main() {
    let policy = Policy::from_bits(1);
    let digest = LaunchDigest::from_bytes([0x5a; 32]);
    let mnonce = [0x17; 16];
    let measure = compute(&tik(), VERSION, policy, &digest, &mnonce);
    let measurement = LaunchMeasurement { measure, mnonce };
    let mut references = ReferenceValues::new();
    references.add(digest, StandsFor::image(Technology::Sev, "image"));
    let policy_requirements =
        PolicyRequirements { noks: Any, nosend: Any, ..PolicyRequirements::STRICT };
    let requirements = Requirements {
        policy: policy_requirements,
        ..Requirements::strict(references, ANY_PLATFORM)
    };

    let verify = || {
        let keys = SessionKeys { tek: Tek::from_bytes(&[7; 16]).unwrap(), tik: tik() };
        let session = LaunchSession::from_stored_keys(keys, policy).unwrap();
        let verdict = session.verify(black_box(&measurement), VERSION, &requirements);
        assert!(verdict.is_ok(), "the measurement is the digest's");
    };
    let hmac = || {
        black_box(compute(&tik(), VERSION, policy, black_box(&digest), &mnonce));
    };
    let blocks = [[0x33; 64]; 5];
    let mut state = [7; 8];
    let mut five_blocks = || Portable.compress(black_box(&mut state), black_box(&blocks));

    let mut times = [const { Vec::new() }; 3];
    for _ in 0..SLICES {
        let slices = [slice(verify), slice(hmac), slice(&mut five_blocks)];
        times.iter_mut().zip(slices).for_each(|(times, slice)| times.push(slice));
    }
    let [verify, hmac, five_blocks] = times.map(|mut times: Vec<Duration>| {
        times.sort_unstable();
        f64::from(PER_SLICE) / times[SLICES / 2].as_secs_f64()
    });
    let (backend, without_sha) = BACKEND;
    println!(
        "{{\"backend\": \"{backend}\", \"without_sha\": {without_sha}, \"verifications_per_s\": {verify:.0}, \
         \"hmacs_per_s\": {hmac:.0}, \"five_blocks_per_s\": {five_blocks:.0}}}"
    );
}

fn tik() -> Tik {
    Tik::from_bytes(black_box(&[9; 16])).unwrap()
}

fn slice(mut work: impl FnMut()) -> Duration {
    let started = Instant::now();
    (0..PER_SLICE).for_each(|_| work());
    started.elapsed()
}
