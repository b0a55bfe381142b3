//! Does a service keep the protocol? Named cases, each of them a few requests over HTTP, against any implementation of it.
//!
//! What is wanted stands in the description of the protocol (`docs/openapi.json`, `docs/problems.md`) and in its vectors, and comes from none of this
//! crate's own code but the reading of an audit. Guests are launched on an AMD-SP in software whose authority the service under test has to trust. All
//! that is registered has a new name for each run and is deleted at the end of its case, so that a service in use is left as it was; its audit grows.
//!
//! Every answer, in every case, is also held against what all answers have in common, and searched for the secrets and tokens of the run.

mod client;
mod expect;
mod guest;
mod guests;
mod lab;

mod cases;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use zeroize::Zeroizing;

pub use self::client::{Answer, Ask, Client, ClientError, Observer};
pub use self::expect::Fault;
use self::lab::Lab;

/// What a run needs.
pub struct Settings {
    /// The service's base, such as `http://127.0.0.1:8480/v1`.
    pub url: String,
    /// A token with `vm:read` and `vm:write`.
    pub owner: Zeroizing<String>,
    /// A token with `launch`.
    pub launcher: Zeroizing<String>,
    /// A token with `audit:read`.
    pub auditor: Zeroizing<String>,
    /// A token of another tenant with `vm:read` and `vm:write`.
    pub other_owner: Option<Zeroizing<String>>,
    /// The AMD-SP in software that the service trusts, as [`read_platform`] gives it.
    pub platform: Zeroizing<Vec<u8>>,
    /// For https: the certificates, in PEM, of the authorities that may have signed the service's.
    pub ca: Option<Vec<u8>>,
    /// Sees every answer, and may find something wrong with it.
    pub observer: Option<Observer>,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Settings({})", self.url)
    }
}

/// Why nothing can be said of a service.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConformanceError {
    /// The platform's folder is not read.
    #[error("{path}: `sev-launch platform new` makes such a folder", path = .path.display())]
    Folder {
        /// The file in it.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The bytes are no platform.
    #[error("the platform is none that `sev-launch platform new` makes")]
    Platform(#[source] sev_launch_platform::StoredError),
    /// Certificates cannot be made of it.
    #[error("the platform's authority makes no certificates")]
    Authority(#[source] sev_launch_platform::AuthorityError),
    /// The system gives no randomness.
    #[error("the system gives no randomness")]
    Randomness,
    /// The base or the authorities are not usable.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The service does not answer as one of this protocol, so that no case says anything.
    #[error("{url}: {detail}")]
    NotThere {
        /// The base.
        url: String,
        /// What was found.
        detail: String,
    },
}

/// The file in a platform's folder. [`sev-launch platform new`]
const PLATFORM: &str = "platform";
/// A stored platform has at most so many bytes.
const MOST_PLATFORM: u64 = 32 * 1024;

/// Reads the folder that `sev-launch platform new` wrote.
///
/// # Errors
///
/// The file in it is not read.
pub fn read_platform(folder: &Path) -> Result<Zeroizing<Vec<u8>>, ConformanceError> {
    use std::io::Read as _;
    let path = folder.join(PLATFORM);
    let wrong = |source| ConformanceError::Folder { path: path.clone(), source };
    // With its capacity at once: what grows leaves copies of a secret behind.
    let capacity = usize::try_from(MOST_PLATFORM).unwrap_or_default().saturating_add(1);
    let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
    let file = std::fs::File::open(&path).map_err(wrong)?;
    file.take(MOST_PLATFORM.saturating_add(1)).read_to_end(&mut bytes).map_err(wrong)?;
    Ok(bytes)
}

/// How a case came out.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Outcome {
    /// As the protocol has it.
    Kept,
    /// Otherwise: what was found, and what was wanted.
    Broken(String),
    /// Not tried, and why.
    Skipped(String),
    /// There was no answer.
    Undecided(String),
}

/// A case that was run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Ran {
    /// What it is about: `register`, `launch` …
    pub group: &'static str,
    /// What the protocol promises.
    pub name: &'static str,
    /// How it came out.
    pub outcome: Outcome,
    /// Milliseconds that it took.
    pub millis: u64,
}

impl Ran {
    /// `ok   register: …`, or FAIL with the reason on lines of its own.
    #[must_use]
    pub fn line(&self) -> String {
        let Self { group, name, outcome, .. } = self;
        match outcome {
            Outcome::Kept => format!("ok    {group}: {name}"),
            Outcome::Broken(why) => format!("FAIL  {group}: {name}\n      {why}"),
            Outcome::Skipped(why) => format!("skip  {group}: {name} ({why})"),
            Outcome::Undecided(why) => format!("?     {group}: {name}\n      {why}"),
        }
    }
}

/// What all cases came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The base of the service.
    pub url: String,
    /// Every case, in their order.
    pub cases: Vec<Ran>,
}

impl Report {
    /// So many are kept, broken, skipped and undecided.
    #[must_use]
    pub fn counts(&self) -> [usize; 4] {
        let of = |wanted: fn(&Outcome) -> bool| {
            self.cases.iter().filter(|ran| wanted(&ran.outcome)).count()
        };
        [
            of(|outcome| matches!(outcome, Outcome::Kept)),
            of(|outcome| matches!(outcome, Outcome::Broken(_))),
            of(|outcome| matches!(outcome, Outcome::Skipped(_))),
            of(|outcome| matches!(outcome, Outcome::Undecided(_))),
        ]
    }

    /// 0 where all that was tried is kept, 1 where something is broken, 2 where something could not be decided.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.counts() {
            [_, 0, _, 0] => 0,
            [_, 0, _, _] => 2,
            _ => 1,
        }
    }

    /// The cases that are broken or undecided, as lines.
    #[must_use]
    pub fn failures(&self) -> Vec<String> {
        let fails = |ran: &&Ran| matches!(ran.outcome, Outcome::Broken(_) | Outcome::Undecided(_));
        self.cases.iter().filter(fails).map(Ran::line).collect()
    }
}

/// How long a case takes at most, waiting for a service that limits rates included.
const PATIENCE: Duration = Duration::from_secs(300);

/// Runs every case, one after the other, and tells of each as it ends. Must be called inside a tokio runtime.
///
/// # Errors
///
/// Where no case can be run at all: [`ConformanceError`].
pub async fn run(
    settings: Settings,
    mut tell: impl FnMut(&Ran),
) -> Result<Report, ConformanceError> {
    let url = settings.url.clone();
    let lab = Arc::new(Lab::new(settings)?);
    let there = lab.prepare().await;
    there.map_err(|fault| ConformanceError::NotThere {
        url: url.clone(),
        detail: fault.to_string(),
    })?;
    // What was wrong on the way is wrong in the cases, too.
    let _ = lab.client().wrong();
    let mut cases = Vec::new();
    for case in cases::ALL {
        let began = Instant::now();
        let done = tokio::time::timeout(PATIENCE, (case.run)(&lab)).await;
        let left = lab.clean().await;
        let outcome = outcome(done, left, lab.client().wrong());
        let millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let ran = Ran { group: case.group, name: case.name, outcome, millis };
        tell(&ran);
        cases.push(ran);
    }
    Ok(Report { url, cases })
}

/// Of what a case came to, of what it left, and of what was wrong with any of its answers.
fn outcome(
    done: Result<Result<(), Fault>, tokio::time::error::Elapsed>,
    left: Result<(), Fault>,
    wrong: Option<String>,
) -> Outcome {
    let fault = match done {
        Ok(done) => done.and(left),
        Err(_) => {
            let seconds = PATIENCE.as_secs();
            Err(Fault::Unanswered(format!("it took longer than {seconds} s")))
        }
    };
    match (fault, wrong) {
        (Ok(()), None) => Outcome::Kept,
        (Ok(()) | Err(Fault::Skipped(_)), Some(wrong)) => Outcome::Broken(wrong),
        (Err(Fault::Skipped(why)), None) => Outcome::Skipped(why),
        (Err(Fault::Unanswered(why)), None) => Outcome::Undecided(why),
        (Err(Fault::Differs(why)), None) => Outcome::Broken(why),
        (Err(Fault::Differs(why) | Fault::Unanswered(why)), Some(wrong)) => {
            Outcome::Broken(format!("{why}; and {wrong}"))
        }
    }
}
