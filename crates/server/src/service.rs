//! What the service does, request by request: bytes of a body in, an answer or a problem out. No socket and no HTTP stands here, and
//! no rule: what is acceptable is decided by `protocol`, [`crate::candidates`], [`crate::platform`] and [`crate::judge`], and what
//! happens by the state machine, in one transaction of the store.

mod binding;
mod documents;
mod explaining;
mod firmwares;
mod keys;
mod launches;
mod randomness;
mod registrations;
mod tokens;
mod validations;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sev_launch_protocol::problem::Problem;
use sev_launch_protocol::text::Time;

use crate::judge::ReportRoots;
use crate::platform::{Ceks, Roots};
use crate::seal::KeyRing;
use crate::store::Store;

pub use self::explaining::Explainer;
pub use self::keys::{KeysError, ServiceKeys};
pub(crate) use self::randomness::{Drawn, random, random_bytes};
pub use self::randomness::{Randomness, SystemRandomness};
pub use self::registrations::{Filter, Written};
pub use self::tokens::{Shown, is_tenant};
pub(crate) use self::validations::ASK_AGAIN;

/// The present.
pub trait Clock: Send + Sync {
    /// The time.
    fn now(&self) -> Time;
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Time {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let millis = since.map_or(0, |since| since.as_millis());
        Time::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
    }
}

/// What is trusted.
pub struct Trust {
    /// The roots of platforms.
    pub roots: Roots,
    /// The roots of reports.
    pub report_roots: ReportRoots,
    /// Certificates of chips (CEK), by id.
    pub ceks: Box<dyn Ceks + Send + Sync>,
}

impl Trust {
    /// Is anything trusted that is not AMD's?
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        matches!(self.roots, Roots::Explicit(_)) || !matches!(self.report_roots, ReportRoots::Amd)
    }
}

/// How the service behaves, where there is a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// How long the answer to a launch is given again for its idempotency key, in milliseconds.
    pub launch_replay: u64,
    /// How long the answer to validate is given again for the same request, in milliseconds; 0 is never.
    pub validate_replay: u64,
    /// Answer and audit, and release nothing, whatever is registered.
    pub report_only: bool,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self { launch_replay: 600_000, validate_replay: 120_000, report_only: false }
    }
}

/// The service.
pub struct Service {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) ring: KeyRing,
    pub(crate) keys: ServiceKeys,
    pub(crate) trust: Trust,
    pub(crate) behaviour: Behaviour,
    pub(crate) clock: Box<dyn Clock>,
    randomness: Box<dyn Randomness>,
    pub(crate) explainer: Option<Explainer>,
    /// The latest time that was told, in milliseconds.
    latest: AtomicU64,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Service")
    }
}

impl Service {
    /// A service on a store. What it keeps sealed must open with `ring`; a store without anything gets its keys now.
    ///
    /// # Errors
    ///
    /// [`KeysError`]: the store does not answer, or was sealed with another key.
    pub fn new(
        store: Arc<dyn Store>,
        ring: KeyRing,
        trust: Trust,
        behaviour: Behaviour,
        clock: Box<dyn Clock>,
    ) -> Result<Self, KeysError> {
        let keys = ServiceKeys::open(&*store, &ring, &mut random())?;
        Ok(Self {
            store,
            ring,
            keys,
            trust,
            behaviour,
            clock,
            randomness: Box::new(SystemRandomness),
            explainer: None,
            latest: AtomicU64::new(0),
        })
    }

    /// The same service, which looks for what differs after a mismatch, one search after the other, beside its other work.
    #[must_use]
    pub fn with_explainer(mut self) -> Self {
        self.explainer = Some(Explainer::start(Arc::clone(&self.store)));
        self
    }

    /// The same service, whose keys, nonces, initialization vectors and launch ids come from elsewhere. Whoever knows what comes
    /// from there has every secret: for the known answers of tests alone.
    #[must_use]
    pub fn danger_with_randomness(mut self, randomness: Box<dyn Randomness>) -> Self {
        self.randomness = randomness;
        self
    }

    /// What launches, packets and sealed values are drawn from.
    fn rng(&self) -> Drawn<'_> {
        Drawn(&*self.randomness)
    }

    /// The time, as the service has it: that of its clock, and never before what it said last, so that a clock which goes back brings
    /// nothing back to life.
    #[must_use]
    pub fn now(&self) -> Time {
        let now = self.clock.now().millis();
        Time::from_millis(self.latest.fetch_max(now, Ordering::Relaxed).max(now))
    }

    /// The time as its clock has it, also where that goes back: for what wants no order, such as rates.
    #[must_use]
    pub fn clock_time(&self) -> Time {
        self.clock.now()
    }

    /// Is anything trusted that is not AMD's? Then every answer says so.
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        self.trust.is_simulated()
    }

    /// The store, for what needs no rule: sweeping, backup, readiness.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }
}

/// The answer of an operation.
pub type Answered<T> = Result<T, Problem>;
