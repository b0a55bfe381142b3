//! What the clients know: what they asked for, and what they were told.
//!
//! What was told must be so, whatever happened since. What was asked for and not told may be so or not, but once at most.

use std::collections::BTreeMap;

/// A request: never sent, sent without an answer, or answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Known {
    #[default]
    Never,
    Asked,
    Told,
}

/// A guest.
#[derive(Clone, Debug, Default)]
pub(super) struct Guest {
    pub(super) registered: Known,
    pub(super) deleted: Known,
    /// Patches that were asked for, and the last that was told, from 1.
    pub(super) patches_asked: u64,
    pub(super) patches_told: u64,
    /// Packets that came once more.
    pub(super) replays_told: u64,
    /// Requests to launch with an idempotency key: each begins one launch, however often it is sent.
    pub(super) keyed_asked: u64,
    /// Sendings of requests without one: each may begin a launch.
    pub(super) unkeyed_sent: u64,
    /// The launches that clients were told of, by their names.
    pub(super) launches: BTreeMap<String, Launch>,
}

/// A launch that a client was told of.
#[derive(Clone, Debug, Default)]
pub(super) struct Launch {
    pub(super) released: Known,
    pub(super) acknowledged: Known,
    pub(super) approved: Known,
    pub(super) revoked: Known,
    /// Wrong measurements that were sent.
    pub(super) wrong_sent: u64,
    /// Wrong measurements that were refused as such.
    pub(super) wrong_told: u64,
}

/// What one client knows.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    pub(super) guests: BTreeMap<String, Guest>,
    /// Images by their SHA-256: whether they were uploaded, and taken out again.
    pub(super) images: BTreeMap<String, (Known, Known)>,
    /// Tokens that were told of: whether they were revoked.
    pub(super) tokens: BTreeMap<String, Known>,
    /// Sendings of requests for tokens: each may make one.
    pub(super) tokens_sent: u64,
    pub(super) counts: Counts,
}

/// What is counted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    /// Requests, each once however often it was sent.
    pub(super) requests: u64,
    /// Requests that were sent again after a broken connection.
    pub(super) again: u64,
    /// Of these, those that the service knew from the first time: the answer had been lost on its way.
    pub(super) known_again: u64,
    pub(super) launches: u64,
    pub(super) releases: u64,
    /// Answers that were asked for once more after they had come, and were the same to the byte.
    pub(super) repeated: u64,
    pub(super) wrong: u64,
}

impl Counts {
    pub(super) fn add(&mut self, other: Self) {
        let pairs = [
            (&mut self.requests, other.requests),
            (&mut self.again, other.again),
            (&mut self.known_again, other.known_again),
            (&mut self.launches, other.launches),
            (&mut self.releases, other.releases),
            (&mut self.repeated, other.repeated),
            (&mut self.wrong, other.wrong),
        ];
        for (sum, more) in pairs {
            *sum += more;
        }
    }
}
