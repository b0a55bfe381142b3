//! Launch measurements: what is wrong may be in the digest, in the numbers under the HMAC, or in the blob.

use proptest::prelude::*;
use sev_launch_abi::sev::policy::Policy;
use sev_launch_abi::{PlatformVersion, Technology};
use sev_launch_explain::{Axis, Explanation, Launch, Outcome, Reported};
use sev_launch_testkit::expected;
use sev_launch_verify::sev::keys::Tik;
use sev_launch_verify::sev::measurement::LaunchMeasurement;

use crate::made::{Facts, explanation, search, whole};

const KEY: [u8; 16] = *b"a key of 16 byte";
const NONCE: [u8; 16] = [0xa5; 16];

/// What a platform says of a launch. [SEV-API, LAUNCH_MEASURE]
#[derive(Clone, Copy, Debug)]
struct Platform {
    version: [u8; 3],
    policy: u32,
}

const PLATFORM: Platform = Platform { version: [1, 17, 0x23], policy: 0x5 };

impl Platform {
    fn blob(self, facts: &Facts) -> [u8; 48] {
        let digest = facts.digest().try_into().expect("32 bytes");
        expected::measurement(&KEY, self.version, self.policy, digest, NONCE)
    }
}

/// A blob, with what the owner believes of the platform.
fn reported(blob: [u8; 48], said: Platform) -> Reported {
    let [api_major, api_minor, build] = said.version;
    Reported::Measurement {
        tik: Tik::from_bytes(&KEY).expect("16 bytes"),
        version: PlatformVersion { major: api_major, minor: api_minor, build },
        policy: Policy::from_bits(said.policy),
        measurement: LaunchMeasurement::parse(&blob).expect("48 bytes"),
    }
}

fn explain(launch: &Launch, blob: [u8; 48], max_changes: u32) -> Explanation {
    explanation(search(launch, &reported(blob, PLATFORM), max_changes))
}

#[test]
fn measurement_that_matches_is_told() {
    for technology in [Technology::Sev, Technology::SevEs] {
        let said = whole(technology);
        let answer = explain(&said.described(), PLATFORM.blob(&said), 3);
        assert!(answer.matches_as_described());
    }
}

#[test]
fn numbers_under_the_hmac_are_changes() {
    let said = whole(Technology::SevEs);
    let launch = said.described();
    for (happened, text) in [
        (
            Platform { policy: 0x1, ..PLATFORM },
            "policy = 0x00000001 (NODBG) (described: 0x00000005 (NODBG, ES))",
        ),
        (
            Platform { version: [1, 17, 0x24], ..PLATFORM },
            "platform version = 1.17 build 36 (described: 1.17 build 35)",
        ),
        (
            Platform { version: [1, 0x17, 0x23], ..PLATFORM },
            "platform version = 1.23 build 35 (described: 1.17 build 35)",
        ),
        (
            Platform { version: [1, 17, 23], ..PLATFORM },
            "platform version = 1.17 build 23 (described: 1.17 build 35)",
        ),
        (
            Platform { version: [17, 1, 0x23], ..PLATFORM },
            "platform version = 17.1 build 35 (described: 1.17 build 35)",
        ),
    ] {
        let answer = explain(&launch, happened.blob(&said), 2);
        assert_eq!(answer.first.to_string(), text);
    }
    let swapped = Platform { policy: 0x0500_0000, ..PLATFORM };
    let answer = explain(&launch, swapped.blob(&said), 1);
    assert_eq!(answer.first.changes[0].axis(), Axis::Policy);
}

#[test]
fn blob_in_another_order_is_read() {
    let said = whole(Technology::SevEs);
    let launch = said.described();
    let right = PLATFORM.blob(&said);
    let turned = |by: usize| {
        let mut blob = right;
        blob.rotate_right(by);
        blob
    };
    let answer = explain(&launch, turned(16), 1);
    assert_eq!(
        answer.first.to_string(),
        "the measurement's bytes are nonce, measure (wanted: measure, nonce)"
    );
    let mut reversed = right;
    reversed.reverse();
    assert_eq!(explain(&launch, reversed, 1).first.changes[0].axis(), Axis::Layout);
    // The digest itself, where the measurement belongs.
    let bare: [u8; 48] = [&said.digest()[..], &NONCE].concat().try_into().unwrap();
    assert_eq!(
        explain(&launch, bare, 1).first.to_string(),
        "the measurement's bytes are the bare launch digest, and 16 more bytes (wanted: measure, nonce)"
    );
}

#[test]
fn another_key_explains_nothing() {
    let said = whole(Technology::Sev);
    let mut blob = PLATFORM.blob(&said);
    blob[0] ^= 1;
    let outcome = search(&said.described(), &reported(blob, PLATFORM), 1);
    let Outcome::NothingFound(tried) = outcome else {
        panic!("explained: {outcome:?}");
    };
    assert_eq!(tried.collect_next[0], sev_launch_explain::Collect::Session);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    // One slip in the digest and one under the HMAC.
    #[test]
    #[ignore = "slow: `cargo xtask check` runs it"]
    fn slips_inside_and_outside_the_digest_are_found_together(
        es in any::<bool>(),
        inside in 0..4_u8,
        outside in 0..5_u8,
    ) {
        let said = whole(if es { Technology::SevEs } else { Technology::Sev });
        let happened = match inside {
            0 => Facts { kernel_hashes: false, ..said.clone() },
            1 => Facts { initrd: None, ..said.clone() },
            2 if es => Facts { vcpus: 9, ..said.clone() },
            _ => Facts { cmdline: Vec::new(), ..said.clone() },
        };
        let [major, minor, build] = PLATFORM.version;
        let (platform, turned) = match outside {
            0 => (Platform { version: [major, minor - 1, build], ..PLATFORM }, 0),
            1 => (Platform { version: [major + 1, minor, build], ..PLATFORM }, 0),
            2 => (Platform { policy: 0x7, ..PLATFORM }, 0),
            3 => (Platform { policy: 0x0, ..PLATFORM }, 0),
            _ => (PLATFORM, 16),
        };
        let mut blob = platform.blob(&happened);
        blob.rotate_right(turned);
        let answer = explain(&said.described(), blob, 2);
        prop_assert_eq!(answer.first.changes.len(), 2);
        let of_hmac = [Axis::Policy, Axis::PlatformVersion, Axis::Layout];
        let (outer, inner): (Vec<_>, Vec<_>) =
            answer.first.changes.iter().partition(|change| of_hmac.contains(&change.axis()));
        prop_assert_eq!((inner.len(), outer.len()), (1, 1));
        let inner = sev_launch_explain::Hypothesis { changes: inner.into_iter().cloned().collect() };
        let found = said.with(&inner).map(|facts| facts.digest());
        prop_assert_eq!(found, Some(happened.digest()));
    }
}
