//! What differs, looked for after a mismatch: one search at a time beside the service's other work, its outcome in the owner's audit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

use serde_json::{Map, Value};
use sev_launch_protocol::registration::{OneOrMany, Registration};
use sev_launch_protocol::state::Record;
use sev_launch_protocol::text::{LaunchId, Sha256, VmId};

use super::Service;
use crate::catalogue::Entry;
use crate::differs::{Cancel, Claimed, Reported, differs};
use crate::store::{Caller, Store};

/// Searches that may wait. The launcher of one guest could ask for many: what does not fit is said in the audit.
const WAITING: usize = 16;

/// Firmwares that one search tries.
const MOST_FIRMWARES: usize = 32;

/// What is said where the search itself failed.
const FAILED: &str = "not found: the search failed, and the log says why";

/// How long one search takes at most.
const TIME: Duration = Duration::from_secs(5);

/// A search to be done.
struct Search {
    caller: Caller,
    vmid: VmId,
    launch: LaunchId,
    registration: Registration,
    entries: Vec<Arc<Entry>>,
    claimed: Claimed,
    reported: Reported,
}

/// The one that searches.
#[derive(Debug)]
pub struct Explainer(SyncSender<Search>);

impl Explainer {
    /// Starts the thread that searches; it ends with the service.
    pub(super) fn start(store: Arc<dyn Store>) -> Self {
        let (sender, receiver) = sync_channel(WAITING);
        let thread = std::thread::Builder::new().name("explain".into());
        if let Err(error) = thread.spawn(move || search(&*store, &receiver)) {
            tracing::error!(%error, "no mismatch will be explained");
        }
        Self(sender)
    }
}

impl Service {
    /// Looks for what differs, if somebody does that.
    pub(super) fn explain(
        &self,
        caller: &Caller,
        vmid: VmId,
        launch: LaunchId,
        registration: Registration,
        claimed: Claimed,
        reported: Reported,
    ) {
        let Some(Explainer(sender)) = &self.explainer else {
            return;
        };
        // Whatever firmware the tenant has may have been started: the registered ones first.
        let registered: Vec<Sha256> =
            registration.firmware_hashes.iter().flat_map(OneOrMany::values).copied().collect();
        let catalogue = self.store.firmwares(&caller.tenant);
        let mut catalogue = catalogue.unwrap_or_else(|error| {
            tracing::error!(%error, "a mismatch is explained without the catalogue");
            Vec::new()
        });
        catalogue.sort_by_key(|row| {
            registered.iter().position(|sha256| *sha256 == row.sha256).unwrap_or(usize::MAX)
        });
        catalogue.truncate(MOST_FIRMWARES);
        let opened = catalogue
            .iter()
            .filter_map(|row| self.opened_entry(&caller.tenant, &row.entry).ok().map(Arc::new));
        let entries = opened.collect();
        let search = Search {
            caller: caller.clone(),
            vmid,
            launch,
            registration,
            entries,
            claimed,
            reported,
        };
        let (search, text) = match sender.try_send(search) {
            Ok(()) => return,
            Err(TrySendError::Full(search)) => {
                (search, "not looked for: too many launches failed at once")
            }
            Err(TrySendError::Disconnected(search)) => (search, FAILED),
        };
        note(&*self.store, &search, found(text));
    }
}

fn search(store: &dyn Store, searches: &Receiver<Search>) {
    while let Ok(search) = searches.recv() {
        let cancel = Cancel::new();
        let clock = cancel.clone();
        let (done, finished) = sync_channel::<()>(1);
        let began = Instant::now();
        let watch = std::thread::Builder::new().name("explain-clock".into()).spawn(move || {
            let left = TIME.saturating_sub(began.elapsed());
            if finished.recv_timeout(left).is_err() {
                clock.cancel();
            }
        });
        if watch.is_err() {
            // Without a clock the search has no end in time.
            cancel.cancel();
        }
        // A search reads what a launcher claims: one that panics is the end of that search alone.
        let findings = catch_unwind(AssertUnwindSafe(|| {
            let Search { registration, entries, claimed, reported, .. } = &search;
            differs(registration, entries, claimed, reported, &cancel)
        }));
        // Whoever watches may be gone by now.
        let _ = done.try_send(());
        let facts = findings.map_or_else(
            |_| found(FAILED),
            |findings| {
                let mut facts = found(&findings.to_string());
                let value = serde_json::to_value(&findings).unwrap_or(Value::Null);
                facts.insert("findings".into(), value);
                facts
            },
        );
        note(store, &search, facts);
    }
}

fn found(text: &str) -> Map<String, Value> {
    Map::from_iter([("found".to_owned(), Value::from(text))])
}

fn note(store: &dyn Store, search: &Search, facts: Map<String, Value>) {
    let record = Record { action: "explain", launch: Some(search.launch), refused: None, facts };
    if let Err(error) = store.note(&search.caller, Some(search.vmid), &record) {
        tracing::error!(%error, "an explanation is not in the audit");
    }
}
