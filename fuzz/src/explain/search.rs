//! The search: a launch with a change or two that are hidden is found, what is found gives the reported value by the test kit's
//! computation too, and the answer is the plan's first, whatever the number of threads.

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use rayon::{ThreadPool, ThreadPoolBuilder};
use sev_launch_abi::sev::policy::Policy;
use sev_launch_abi::{PlatformVersion, Technology, sev, snp};
use sev_launch_explain::outcome::LevelTried;
use sev_launch_explain::{Cancel, Launch, Options, Outcome, Plan, Reported, plan, run as search};
use sev_launch_testkit::expected;
use sev_launch_verify::sev::keys::Tik;
use sev_launch_verify::sev::measurement::LaunchMeasurement;

use super::facts::Facts;

thread_local! {
    /// The fuzzed thread alone: most searches run in it, so that nothing waits for another.
    static ALONE: ThreadPool = pool(ThreadPoolBuilder::new().num_threads(1).use_current_thread());
}
static THREE: LazyLock<ThreadPool> =
    LazyLock::new(|| pool(ThreadPoolBuilder::new().num_threads(3)));

fn pool(builder: ThreadPoolBuilder) -> ThreadPool {
    builder.build().expect("threads")
}

const KEY: [u8; 16] = *b"a key of 16 byte";
/// The most hypotheses that are computed one by one.
const MOST_ONE_BY_ONE: usize = 100;

pub(crate) fn run(bytes: &[u8]) {
    let _ = chosen(&mut Unstructured::new(bytes));
}

fn chosen(u: &mut Unstructured<'_>) -> Result<()> {
    // A search for another number of vCPUs goes through 512 of them, and is what costs most.
    let (technology, most) = match u.int_in_range(0..=31)? {
        0 => (Technology::SevEs, 1),
        1 => (Technology::Snp, 1),
        2..=29 => (Technology::Sev, 1),
        _ => (Technology::Sev, 2),
    };
    let described = Facts::described(u, technology)?;
    let mut real = described.clone();
    let hidden = u.int_in_range(0..=most)?;
    for _ in 0..hidden {
        real.change(u)?;
    }
    if !described.can_launch() || !real.can_launch() {
        return Ok(());
    }
    let digest = real.digest();
    // The numbers under a measurement's HMAC make a plan of two changes too long.
    let is_measurement = technology != Technology::Snp && most == 1 && rarely(u, 4)?;
    let reported = reported(&digest, is_measurement);
    let launch = described.launch();
    // Whole searches with VMSAs are for some runs: in the others the first hypotheses must do.
    let is_whole = technology == Technology::Sev && most == 1 || rarely(u, 128)?;
    let hypotheses = if is_whole { None } else { Some(u.int_in_range(1..=60)?) };
    let options = Options { max_changes: most, hypotheses, ..Options::default() };
    let plan = planned(&launch, &reported, &options);
    let found = explained(&plan);
    assert!(found.tried().hypotheses() <= hypotheses.unwrap_or(u64::MAX));
    if matches!(found, Outcome::Stopped { .. }) && hypotheses.is_some() {
        if !is_measurement && rarely(u, 8)? {
            none_gives(&plan, &reported, hypotheses, &described, &found);
        }
        return Ok(());
    }
    let Outcome::Explained(explanation) = &found else {
        panic!("{described:?} is said, {real:?} is hidden, and nothing was found: {found:?}");
    };
    let changes = explanation.first.changes.len();
    assert!(changes <= usize::try_from(hidden).expect("few"), "{}", explanation.first);
    for member in [&explanation.first].into_iter().chain(&explanation.others).take(4) {
        let facts = described.with(member);
        assert!(facts.is_none_or(|facts| facts.digest() == digest), "{member}");
    }
    // What takes several searches is done in some runs only.
    if rarely(u, 32)? {
        let by_three = THREE.install(|| search(&plan, &mut |_| (), &Cancel::new()));
        assert_eq!(by_three, found, "with more threads");
    }
    if rarely(u, 32)? {
        let most = u.int_in_range(0..=300)?;
        let options = Options { hypotheses: Some(most), ..options.clone() };
        let plan = planned(&launch, &reported, &options);
        let bounded = bounded(&plan, most, &found);
        if !is_measurement && matches!(bounded, Outcome::Stopped { .. }) {
            none_gives(&plan, &reported, Some(most), &described, &bounded);
        }
    }
    if technology == Technology::Sev && !is_measurement && rarely(u, 32)? {
        for one in plan.hypotheses().take(MOST_ONE_BY_ONE) {
            let gives = described.with(&one).is_some_and(|facts| facts.digest() == digest);
            assert_eq!(gives, one == explanation.first, "{one}, and {}", explanation.first);
            if gives {
                break;
            }
        }
    }
    if is_whole && rarely(u, 256)? {
        nothing(&launch, technology, &options);
    }
    Ok(())
}

/// True once in so many times, and never where the bytes have run out: what follows is slow.
fn rarely(u: &mut Unstructured<'_>, times: u32) -> Result<bool> {
    Ok(u.int_in_range(1..=times)? == times)
}

fn planned<'a>(launch: &'a Launch, reported: &'a Reported, options: &Options) -> Plan<'a> {
    plan(launch, reported, options).unwrap_or_else(|error| panic!("{error}"))
}

fn explained(plan: &Plan<'_>) -> Outcome {
    ALONE.with(|alone| alone.install(|| search(plan, &mut |_| (), &Cancel::new())))
}

/// A bound is kept, and what is found within it is what is found without.
fn bounded(plan: &Plan<'_>, most: u64, found: &Outcome) -> Outcome {
    let bounded = explained(plan);
    assert!(bounded.tried().hypotheses() <= most, "more than {most}");
    match (&bounded, found) {
        (Outcome::Explained(bounded), Outcome::Explained(found)) => {
            assert_eq!(bounded.first, found.first, "within {most}");
        }
        (Outcome::Stopped { .. }, _) => {}
        (bounded, _) => panic!("{bounded:?}"),
    }
    bounded
}

/// A search that stopped went past no hypothesis that gives the digest. In plain SEV, where each is tried by itself, it was stopped by
/// its bound and by nothing else.
fn none_gives(
    plan: &Plan<'_>,
    reported: &Reported,
    bound: Option<u64>,
    described: &Facts,
    stopped: &Outcome,
) {
    let tried = stopped.tried().hypotheses();
    if described.technology == Technology::Sev {
        assert_eq!(Some(tried), bound, "stopped too early");
    }
    let tried = usize::try_from(tried).expect("a few").min(MOST_ONE_BY_ONE);
    for one in plan.hypotheses().take(tried) {
        let facts = described.with(&one).filter(Facts::can_launch);
        let gives = facts.is_some_and(|facts| is_reported(&facts.digest(), reported));
        assert!(!gives, "{one} was tried, and not found");
    }
}

/// A value that no launch gives: the whole plan is gone through, and has as many hypotheses as it says.
fn nothing(launch: &Launch, technology: Technology, options: &Options) {
    let size = if technology == Technology::Snp { 48 } else { 32 };
    let reported = reported(&vec![0x5a; size], false);
    let plan = planned(launch, &reported, options);
    let counts = plan.counts();
    let Outcome::NothingFound(tried) = explained(&plan) else {
        panic!("a launch gives 5a5a5a…");
    };
    let planned: Vec<u64> = tried.levels.iter().map(|level| level.planned).collect();
    assert_eq!(planned, counts.levels);
    assert!(tried.levels.iter().all(LevelTried::is_complete), "{tried:?}");
    let all: u64 = counts.levels.iter().sum();
    assert_eq!(u64::try_from(plan.hypotheses().count()), Ok(all));
    assert!(!tried.ruled_out.is_empty() && !tried.collect_next.is_empty());
}

/// Is it the digest that was reported?
fn is_reported(digest: &[u8], reported: &Reported) -> bool {
    match reported {
        Reported::Sev(reported) => reported.as_bytes() == digest,
        Reported::Snp(reported) => reported.as_bytes() == digest,
        Reported::Measurement { .. } => false,
    }
}

fn reported(digest: &[u8], is_measurement: bool) -> Reported {
    let Ok(digest) = <[u8; 32]>::try_from(digest) else {
        let digest = digest.try_into().expect("48 bytes");
        return Reported::Snp(snp::LaunchDigest::from_bytes(digest));
    };
    if !is_measurement {
        return Reported::Sev(sev::LaunchDigest::from_bytes(digest));
    }
    let blob = expected::measurement(&KEY, [1, 55, 24], 5, digest, [0xa5; 16]);
    Reported::Measurement {
        tik: Tik::from_bytes(&KEY).expect("16 bytes"),
        version: PlatformVersion { major: 1, minor: 55, build: 24 },
        policy: Policy::from_bits(5),
        measurement: LaunchMeasurement::parse(&blob).expect("48 bytes"),
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    (0..12_u8).map(|number| sev_launch_testkit::pattern(32, 2 * number + 3, 21 * number)).collect()
}
