//! Launch measurements: known answers, refusals, and what a match proves.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sev_launch_abi::sev::LaunchDigest;
use sev_launch_abi::sev::policy::Policy;
use sev_launch_abi::{ApiVersion, PlatformVersion, Technology};
use sev_launch_testkit::sev_api::{Measurement, SevApi};
use sev_launch_verify::outcome::Family;
use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};
use sev_launch_verify::requirement::Requirement::{Any, AtLeast, Exactly};
use sev_launch_verify::sev::keys::{SessionKeys, Tek, Tik};
use sev_launch_verify::sev::measurement::{
    LaunchMeasurement, MeasurementError, VerifiedLaunch, compute,
};
use sev_launch_verify::sev::requirements::{
    PlatformRequirements, PolicyRequirements, Requirements,
};
use sev_launch_verify::sev::session::LaunchSession;

const ANY_PLATFORM: PlatformRequirements = PlatformRequirements { api: Any, build: Any };
const ANY_POLICY: PolicyRequirements = PolicyRequirements {
    nodbg: Any,
    noks: Any,
    es: Any,
    nosend: Any,
    domain: Any,
    sev: Any,
    min_api: Any,
};

/// One thing that a verifier is told.
#[derive(Clone, Debug)]
struct Case {
    tik: Vec<u8>,
    policy: Policy,
    version: PlatformVersion,
    digest: LaunchDigest,
    blob: Vec<u8>,
}

impl Case {
    fn of(vector: &Measurement) -> Self {
        Self {
            tik: vector.tik.to_vec(),
            policy: Policy::from_bits(vector.policy),
            version: PlatformVersion {
                major: vector.api_major,
                minor: vector.api_minor,
                build: vector.build,
            },
            digest: LaunchDigest::from_bytes(vector.launch_digest.array()),
            blob: STANDARD.decode(&vector.blob_base64).unwrap(),
        }
    }

    fn session(&self) -> LaunchSession {
        let tek = Tek::from_bytes(&[7; 16]).unwrap();
        let keys = SessionKeys { tek, tik: Tik::from_bytes(&self.tik).unwrap() };
        LaunchSession::from_stored_keys(keys, self.policy).unwrap()
    }

    fn references(&self) -> ReferenceValues<LaunchDigest> {
        let fitting = self.policy.technology();
        [(self.digest, row(fitting, "this"))].into_iter().collect::<Rows>().0
    }

    fn verify(&self) -> Result<VerifiedLaunch, MeasurementError> {
        self.verify_with(&self.references(), &ANY_PLATFORM)
    }

    fn verify_with(
        &self,
        references: &ReferenceValues<LaunchDigest>,
        platform: &PlatformRequirements,
    ) -> Result<VerifiedLaunch, MeasurementError> {
        let (references, platform) = (references.clone(), *platform);
        self.verify_as(&Requirements { references, policy: ANY_POLICY, platform })
    }

    fn verify_as(&self, requirements: &Requirements) -> Result<VerifiedLaunch, MeasurementError> {
        let blob = LaunchMeasurement::parse(&self.blob)?;
        self.session().verify(&blob, self.version, requirements)
    }
}

/// Reference values from pairs.
struct Rows(ReferenceValues<LaunchDigest>);

impl FromIterator<(LaunchDigest, StandsFor)> for Rows {
    fn from_iter<I: IntoIterator<Item = (LaunchDigest, StandsFor)>>(rows: I) -> Self {
        let mut values = ReferenceValues::new();
        rows.into_iter().for_each(|(digest, stands_for)| values.add(digest, stands_for));
        Self(values)
    }
}

fn row(technology: Technology, image: &str) -> StandsFor {
    StandsFor::image(technology, image)
}

fn case(name: &str) -> Case {
    Case::of(SevApi::read().measurement(name))
}

#[test]
fn known_answers() {
    let vectors = SevApi::read().measurement;
    assert_eq!(vectors.len(), 16);
    let mut verified = 0;
    for vector in &vectors {
        let Case { tik, policy, version, digest, blob } = Case::of(vector);
        let tik = Tik::from_bytes(&tik).unwrap();
        let measure = compute(&tik, version, policy, &digest, &vector.mnonce.array());
        assert_eq!(measure, *vector.measure, "{}", vector.name);
        let parsed = LaunchMeasurement::parse(&blob).unwrap();
        assert_eq!((parsed.measure, parsed.mnonce), (measure, vector.mnonce.array()));
        assert_eq!(parsed.to_bytes(), *blob, "{}", vector.name);
        // A session never has reserved bits, though the arithmetic takes them.
        if policy.reserved_bits() == 0 {
            let launch = Case::of(vector).verify().unwrap();
            assert_eq!(launch.digest(), &digest, "{}", vector.name);
            assert_eq!(launch.policy(), policy, "{}", vector.name);
            assert_eq!(launch.platform_version(), version, "{}", vector.name);
            assert_eq!(launch.measure(), &measure, "{}", vector.name);
            verified += 1;
        }
    }
    assert_eq!(verified, 14);
}

#[test]
fn what_must_be_refused() {
    let file = SevApi::read();
    assert_eq!(file.measurement_negative.len(), 15);
    for vector in &file.measurement_negative {
        let mut case = Case::of(file.measurement(&vector.based_on));
        let changed = &vector.overrides;
        case.blob = STANDARD.decode(&vector.blob_base64).unwrap();
        case.policy = changed.policy.map_or(case.policy, Policy::from_bits);
        case.version.minor = changed.api_minor.unwrap_or(case.version.minor);
        case.version.build = changed.build.unwrap_or(case.version.build);
        if let Some(digest) = &changed.launch_digest {
            case.digest = LaunchDigest::from_bytes(digest.array());
        }
        let error = case.verify().unwrap_err();
        let wanted = match vector.reason.as_str() {
            "bad_length" => MeasurementError::BlobLength { found: case.blob.len() },
            "mismatch" => {
                MeasurementError::NoMatch { tried: 1, policy: case.policy, version: case.version }
            }
            other => panic!("{other}"),
        };
        assert_eq!(error, wanted, "{}", vector.name);
    }
}

#[test]
fn version_numbers_over_a_byte_are_refused_and_not_cut() {
    let version = PlatformVersion { major: 1, minor: 51, build: 255 };
    assert_eq!(PlatformVersion::from_numbers(1, 51, 255), Ok(version));
    for (numbers, what, found) in [
        ((257, 51, 3), "API major number", 257),
        ((1, 256 + 51, 3), "API minor number", 307),
        ((1, 51, 256), "build", 256),
        ((1, 51, u64::MAX), "build", u64::MAX),
    ] {
        let error = PlatformVersion::from_numbers(numbers.0, numbers.1, numbers.2).unwrap_err();
        assert_eq!(error, sev_launch_abi::Error::VersionNumber { what, found });
    }
}

#[test]
fn an_empty_set_accepts_nothing() {
    let error = case("policy-0x3").verify_with(&ReferenceValues::new(), &ANY_PLATFORM).unwrap_err();
    assert_eq!(error, MeasurementError::NoReferenceValues);
    assert_eq!(error.family(), Family::Rejected);
}

#[test]
fn the_matching_row_is_told() {
    let case = case("policy-0x3");
    let other = LaunchDigest::from_bytes([1; 32]);
    let rows: Rows = [
        (other, row(Technology::Sev, "first")),
        (case.digest, row(Technology::Sev, "second")),
        (case.digest, row(Technology::Sev, "third")),
    ]
    .into_iter()
    .collect();
    let launch = case.verify_with(&rows.0, &ANY_PLATFORM).unwrap();
    assert_eq!(launch.stands_for().image, "second");
    let rows: Rows = [(other, row(Technology::Sev, "first"))].into_iter().collect();
    let error = case.verify_with(&rows.0, &ANY_PLATFORM).unwrap_err();
    assert!(matches!(error, MeasurementError::NoMatch { tried: 1, .. }));
}

#[test]
fn a_digest_of_the_other_technology_is_refused() {
    for (name, wrong, right) in [
        ("policy-0x3", Technology::SevEs, Technology::Sev),
        ("policy-0x5", Technology::Sev, Technology::SevEs),
    ] {
        let case = case(name);
        let rows: Rows = [(case.digest, row(wrong, "wrong"))].into_iter().collect();
        let error = case.verify_with(&rows.0, &ANY_PLATFORM).unwrap_err();
        let policy = case.policy;
        assert_eq!(error, MeasurementError::Technology { technology: wrong, policy });
        assert_eq!(error.family(), Family::Rejected);
        let rows: Rows = [(case.digest, row(wrong, "wrong")), (case.digest, row(right, "right"))]
            .into_iter()
            .collect();
        let launch = case.verify_with(&rows.0, &ANY_PLATFORM).unwrap();
        assert_eq!(launch.stands_for().image, "right");
    }
}

#[test]
fn requirements_on_the_platform_come_after_the_match() {
    // 1.53, build 5.
    let mut case = case("policy-0x3");
    let api = |major, minor| ApiVersion { major, minor };
    for (platform, accepted) in [
        (PlatformRequirements { api: AtLeast(api(1, 53)), build: AtLeast(5) }, true),
        (PlatformRequirements { api: AtLeast(api(0, 99)), build: Any }, true),
        (PlatformRequirements { api: Exactly(api(1, 53)), build: Exactly(5) }, true),
        (PlatformRequirements { api: AtLeast(api(1, 54)), build: Any }, false),
        (PlatformRequirements { api: AtLeast(api(2, 0)), build: Any }, false),
        (PlatformRequirements { api: Any, build: AtLeast(6) }, false),
    ] {
        let outcome = case.verify_with(&case.references(), &platform);
        assert_eq!(outcome.is_ok(), accepted, "{platform:?}");
    }
    let strict = PlatformRequirements { api: AtLeast(api(1, 54)), build: AtLeast(6) };
    let error = case.verify_with(&case.references(), &strict).unwrap_err();
    let MeasurementError::Rejected { version, rejection, .. } = &error else { panic!("{error}") };
    assert_eq!(*version, case.version);
    let unmet: Vec<_> = rejection.unmet().map(ToString::to_string).collect();
    assert_eq!(
        unmet,
        ["API: found 1.53, wanted at least 1.54", "BUILD: found 5, wanted at least 6"]
    );
    assert!(rejection.demands()[0].met, "the digest matched");
    assert_eq!(
        error.to_string(),
        "platform version 1.53 build 5: the API version is 1.53, wanted at least 1.54; \
         the build is 5, wanted at least 6"
    );
    // A host that claims what is wanted has another measurement.
    case.version = PlatformVersion { major: 1, minor: 54, build: 6 };
    let error = case.verify_with(&case.references(), &strict).unwrap_err();
    assert!(matches!(error, MeasurementError::NoMatch { .. }));
}

#[test]
fn a_policy_that_allows_debugging_gets_no_verified_launch() {
    let case = case("policy-0x3");
    let strict = Requirements::strict(case.references(), ANY_PLATFORM);
    let launch = case.verify_as(&Requirements {
        policy: PolicyRequirements { nosend: Any, ..PolicyRequirements::STRICT },
        ..strict.clone()
    });
    let launch = launch.unwrap();
    let demands = launch.demands();
    assert_eq!(demands.len(), strict.demands().len());
    assert!(demands.iter().all(|demand| demand.met && demand.found.is_some()));
    assert!(strict.demands().iter().all(|demand| !demand.met && demand.found.is_none()));
    // NOSEND is 0.
    let error = case.verify_as(&strict).unwrap_err();
    assert_eq!(error.to_string(), "policy 0x00000003 (NODBG, NOKS): NOSEND is 0, wanted 1");
    // The same launch under policy 0 is authentic, and its memory is the host's.
    let tik = Tik::from_bytes(&case.tik).unwrap();
    let policy = Policy::from_bits(0);
    let measure = compute(&tik, case.version, policy, &case.digest, &[5; 16]);
    let open = Case {
        policy,
        blob: LaunchMeasurement { measure, mnonce: [5; 16] }.to_bytes().to_vec(),
        ..case
    };
    assert!(open.verify().is_ok());
    let MeasurementError::Rejected { rejection, .. } = open.verify_as(&strict).unwrap_err() else {
        panic!("authentic");
    };
    let unmet: Vec<_> = rejection.unmet().map(|demand| demand.field.as_str()).collect();
    assert_eq!(unmet, ["POLICY.NODBG", "POLICY.NOKS", "POLICY.NOSEND"]);
}
