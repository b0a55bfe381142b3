//! Launch measurements: what verifies is what an HMAC written by hand says, under the policy and the platform that are demanded.

use std::sync::LazyLock;

use sev_launch_abi::sev::LaunchDigest;
use sev_launch_abi::sev::policy::{Flag, Policy};
use sev_launch_abi::{ApiVersion, PlatformVersion, Technology};
use sev_launch_testkit::expected::measurement;
use sev_launch_verify::demand::Demand;
use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};
use sev_launch_verify::requirement::Requirement;
use sev_launch_verify::sev::keys::{PrivateKey, SessionKeys, SharedSecret, Tek, Tik};
use sev_launch_verify::sev::measurement::{
    LaunchMeasurement, MeasurementError, VerifiedLaunch, compute,
};
use sev_launch_verify::sev::requirements::{
    PlatformRequirements, PolicyRequirements, Requirements,
};
use sev_launch_verify::sev::session::{
    LaunchSession, Session, SessionBlob, SessionError, UnverifiedPdh,
};

use super::changes;
use super::choices::Choices;
use super::policy::requirement;
use super::random::Drawn;

/// The policy of [`SESSION`].
const POLICY: Policy = Policy::from_bits(0x3301_000b);

/// A session for a platform whose private key is known, and what both share.
static SESSION: LazyLock<([u8; 128], SharedSecret)> = LazyLock::new(|| {
    let pdh = PrivateKey::from_bytes(&[9; 48]).expect("a key");
    let unverified = UnverifiedPdh(pdh.public_point());
    let mut drawn = Drawn::new(3);
    let session = Session::create_unverified(POLICY, &unverified, &mut drawn).expect("a session");
    // The GODH key is what is drawn first.
    let godh = PrivateKey::generate(&mut Drawn::new(3)).expect("a key").public_point();
    (session.blob().to_bytes(), pdh.agree(&godh))
});

/// The first byte: a session that is changed, or a launch.
pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    match choices.byte() % 4 {
        0 => open_a_session(&mut choices),
        _ => verify_a_launch(&mut choices),
    }
}

/// Only the bytes that the owner made open, and only under the policy that they were made for.
fn open_a_session(choices: &mut Choices<'_>) {
    let (right, z) = &*SESSION;
    let policy = if choices.flag() { Policy::from_bits(choices.u32()) } else { POLICY };
    let mut blob = right.to_vec();
    changes::make(choices, &mut blob);
    let Ok(read) = SessionBlob::parse(&blob) else {
        assert_ne!(blob.len(), 128);
        return;
    };
    assert_eq!(read.to_bytes(), blob.as_slice());
    let outcome = read.open(z, policy);
    assert_eq!(outcome.is_ok(), blob == *right && policy == POLICY, "{outcome:?}");
    if let Err(error) = outcome {
        assert!(matches!(error, SessionError::WrapMac | SessionError::PolicyMac { .. }));
    }
}

/// What the bytes chose, for the rules to be asked of it.
struct Launch {
    tek: [u8; 16],
    tik: [u8; 16],
    policy: Policy,
    /// As the host claims it.
    version: [u8; 3],
    requirements: Requirements,
    blob: Vec<u8>,
}

impl Launch {
    fn chosen(choices: &mut Choices<'_>) -> Self {
        let [tek, tik] = [choices.array(), choices.array()];
        // Bits that stop everything are rare; a version that differs is one that nothing matches.
        let mask = if choices.byte() % 8 == 7 { u32::MAX } else { 0xffff_003f };
        let policy = Policy::from_bits(choices.u32() & mask);
        let version = choices.array();
        let requirements = requirements(choices);
        let mnonce = choices.array();
        let launched = [choices.byte() % 4; 32];
        let mut blob = measurement(&tik, version, policy.bits(), launched, mnonce).to_vec();
        let mut claimed = version;
        if choices.byte() % 4 == 3 {
            claimed[choices.below(3)] = choices.byte();
        }
        changes::make(choices, &mut blob);
        Self { tek, tik, policy, version: claimed, requirements, blob }
    }

    fn platform_version(&self) -> PlatformVersion {
        let [major, minor, build] = self.version;
        PlatformVersion { major, minor, build }
    }

    fn verify(&self) -> Result<VerifiedLaunch, MeasurementError> {
        let blob = LaunchMeasurement::parse(&self.blob)?;
        assert_eq!(blob.to_bytes().as_slice(), self.blob);
        let keys = SessionKeys {
            tek: Tek::from_bytes(&self.tek).expect("16 bytes"),
            tik: Tik::from_bytes(&self.tik).expect("16 bytes"),
        };
        let session = LaunchSession::from_stored_keys(keys, self.policy).expect("it was looked at");
        session.verify(&blob, self.platform_version(), &self.requirements)
    }

    /// The accepted digests, by their numbers, whose measurement this is.
    fn matching(&self) -> Vec<usize> {
        let mnonce: [u8; 16] = self.blob[32..].try_into().expect("48 bytes");
        let is = |digest: &LaunchDigest| {
            let (digest, policy) = (*digest.as_bytes(), self.policy.bits());
            measurement(&self.tik, self.version, policy, digest, mnonce).as_slice() == self.blob
        };
        let rows = self.requirements.references.rows();
        (0..rows.len()).filter(|number| is(&rows[*number].digest)).collect()
    }

    /// The policy and the platform, demand by demand: the names of those that are not met.
    fn unmet(&self) -> Vec<String> {
        let Requirements { policy, platform, .. } = &self.requirements;
        let mut unmet = Vec::new();
        // In the order of AMD 55766's table of bits, which is that of the demands.
        let bits = [policy.nodbg, policy.noks, policy.es, policy.nosend, policy.domain, policy.sev];
        let names = ["NODBG", "NOKS", "ES", "NOSEND", "DOMAIN", "SEV"];
        for ((bit, wanted), name) in bits.into_iter().enumerate().zip(names) {
            let found = self.policy.bits() >> bit & 1;
            if !meets(wanted, found == 1) {
                unmet.push(format!("POLICY.{name}"));
            }
        }
        let [_, _, major, minor] = self.policy.bits().to_le_bytes();
        let pair = |api: ApiVersion| (api.major, api.minor);
        if !meets(map(policy.min_api, pair), (major, minor)) {
            unmet.push("POLICY.API".to_owned());
        }
        let [major, minor, build] = self.version;
        if !meets(map(platform.api, pair), (major, minor)) {
            unmet.push("API".to_owned());
        }
        if !meets(platform.build, build) {
            unmet.push("BUILD".to_owned());
        }
        unmet
    }
}

/// What is demanded: at most three digests, a policy and a platform.
pub(super) fn requirements(choices: &mut Choices<'_>) -> Requirements {
    let mut references = ReferenceValues::new();
    for number in 0..choices.below(4) {
        let digest = LaunchDigest::from_bytes([choices.byte() % 4; 32]);
        let technology = *choices.one_of(&Technology::ALL);
        references.add(digest, StandsFor::image(technology, number.to_string()));
    }
    let mut policy = PolicyRequirements::STRICT;
    for flag in Flag::ALL {
        *policy.of_mut(flag) = requirement(choices, Choices::flag);
    }
    policy.min_api = requirement(choices, api);
    let platform = PlatformRequirements {
        api: requirement(choices, api),
        build: requirement(choices, |choices| choices.byte() % 4),
    };
    Requirements { policy, ..Requirements::strict(references, platform) }
}

fn api(choices: &mut Choices<'_>) -> ApiVersion {
    let [major, minor] = choices.array();
    ApiVersion { major, minor }
}

fn map<T, U>(wanted: Requirement<T>, to: impl Fn(T) -> U) -> Requirement<U> {
    match wanted {
        Requirement::Any => Requirement::Any,
        Requirement::Exactly(wanted) => Requirement::Exactly(to(wanted)),
        Requirement::AtLeast(wanted) => Requirement::AtLeast(to(wanted)),
    }
}

/// The same question as [`Requirement::check`], asked of types of the standard library.
fn meets<T: Ord>(wanted: Requirement<T>, found: T) -> bool {
    match wanted {
        Requirement::Any => true,
        Requirement::Exactly(wanted) => found == wanted,
        Requirement::AtLeast(wanted) => found >= wanted,
    }
}

fn verify_a_launch(choices: &mut Choices<'_>) {
    let launch = Launch::chosen(choices);
    let policy = launch.policy;
    let keys = SessionKeys {
        tek: Tek::from_bytes(&launch.tek).expect("16 bytes"),
        tik: Tik::from_bytes(&launch.tik).expect("16 bytes"),
    };
    let stored = LaunchSession::from_stored_keys(keys, policy);
    if policy.bits() & 0xffc0 != 0 {
        assert!(matches!(stored, Err(SessionError::ReservedBits { .. })));
        return;
    }
    if launch.tek == launch.tik {
        assert!(matches!(stored, Err(SessionError::SameKeys)));
        return;
    }
    let stored = stored.expect("two keys and a policy");
    let names = |demands: &[Demand]| -> Vec<String> {
        demands.iter().filter(|one| !one.met).map(|one| one.field.clone()).collect()
    };
    let outcome = launch.verify();
    if launch.blob.len() != 48 {
        assert!(matches!(outcome, Err(MeasurementError::BlobLength { .. })));
        return;
    }
    let rows = launch.requirements.references.rows();
    if rows.is_empty() {
        assert!(matches!(outcome, Err(MeasurementError::NoReferenceValues)));
        return;
    }
    let matching = launch.matching();
    let technology = if policy.bits() >> 2 & 1 == 1 { Technology::SevEs } else { Technology::Sev };
    let fitting = matching.iter().find(|number| rows[**number].stands_for.technology == technology);
    let (unmet, no_demand_is_met) = (launch.unmet(), launch.requirements.demands());
    assert!(no_demand_is_met.iter().all(|demand| !demand.met && demand.found.is_none()));
    match (fitting, outcome) {
        (Some(number), Ok(verified)) => {
            assert_eq!(unmet, Vec::<String>::new());
            assert_eq!(verified.digest(), &rows[*number].digest);
            assert_eq!(verified.stands_for().image, number.to_string());
            assert_eq!(verified.measure().as_slice(), &launch.blob[..32]);
            assert_eq!(
                (verified.policy(), verified.platform_version()),
                (policy, launch.platform_version())
            );
            assert!(verified.demands().iter().all(|demand| demand.met));
            assert_eq!(verified.demands().len(), no_demand_is_met.len());
            let mnonce = launch.blob[32..].try_into().expect("48 bytes");
            let tik = &stored.keys().tik;
            let measure =
                compute(tik, launch.platform_version(), policy, verified.digest(), &mnonce);
            assert_eq!(measure.as_slice(), &launch.blob[..32]);
        }
        (Some(_), Err(MeasurementError::Rejected { rejection, .. })) => {
            assert_ne!(unmet, Vec::<String>::new(), "nothing is wrong");
            assert_eq!(names(rejection.demands()), unmet);
            assert_eq!(rejection.demands().len(), no_demand_is_met.len());
            assert!(!rejection.to_string().is_empty());
        }
        (None, Err(MeasurementError::Technology { .. })) => assert!(!matching.is_empty()),
        (None, Err(MeasurementError::NoMatch { .. })) => assert!(matching.is_empty()),
        (fitting, outcome) => panic!("{fitting:?} fits, and the answer is {outcome:?}"),
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let launch = |mask: u8, policy: u32, rows: &[u8], demands: &[u8], rest: &[u8]| {
        [
            &[1][..],
            &[1; 16],
            &[2; 16],
            &[mask],
            &policy.to_le_bytes(),
            &[1, 55, 22],
            rows,
            demands,
            &[7; 16],
            &[2],
            rest,
        ]
        .concat()
    };
    // Nine demands, none of which asks for anything.
    let anything = [0; 9];
    vec![
        vec![0],
        [&[0, 0], changes::seed(0, 3, &[]).as_slice()].concat(),
        vec![0, 1, 0x0b, 0, 1, 0x33],
        launch(0, 0x3301_000b, &[1, 2, 0], &anything, &[]),
        launch(0, 0x3301_000f, &[3, 2, 0, 1, 1, 2, 1], &anything, &[]),
        launch(0, 0x3301_000b, &[1, 1, 0], &anything, &[]),
        launch(
            0,
            0x3301_000b,
            &[1, 2, 0],
            &[1, 1, 1, 1, 0, 2, 1, 0, 0, 2, 1, 50, 2, 1, 50, 0],
            &[],
        ),
        launch(7, u32::MAX, &[1, 2, 0], &anything, &[]),
        launch(0, 0x3301_000b, &[1, 2, 0], &anything, &[3, 1, 9]),
        launch(0, 0x3301_000b, &[0], &anything, &[]),
    ]
}
