//! What differs, looked for after a mismatch: one search at a time beside the service's other work, its outcome in the owner's audit.

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
        let registered = registration.firmware_hashes.iter().flat_map(OneOrMany::values).copied();
        let catalogue = self.store.firmwares(&caller.tenant).unwrap_or_default();
        let mut names: Vec<Sha256> = registered.collect();
        for row in catalogue {
            if !names.contains(&row.sha256) {
                names.push(row.sha256);
            }
        }
        names.truncate(MOST_FIRMWARES);
        let entries =
            names.iter().filter_map(|sha256| self.entry(&caller.tenant, *sha256)).collect();
        let search = Search {
            caller: caller.clone(),
            vmid,
            launch,
            registration,
            entries,
            claimed,
            reported,
        };
        if let Err(TrySendError::Full(search)) = sender.try_send(search) {
            let text = "not looked for: too many launches failed at once";
            note(&*self.store, &search, Map::from_iter([("found".to_owned(), Value::from(text))]));
        }
    }
}

fn search(store: &dyn Store, searches: &Receiver<Search>) {
    while let Ok(search) = searches.recv() {
        let cancel = Cancel::new();
        let clock = cancel.clone();
        let (done, finished) = sync_channel::<()>(1);
        let deadline = Instant::now();
        let watch = std::thread::Builder::new().name("explain-clock".into()).spawn(move || {
            let left = TIME.saturating_sub(deadline.elapsed());
            if finished.recv_timeout(left).is_err() {
                clock.cancel();
            }
        });
        if watch.is_err() {
            // Without a clock the search has no end in time.
            cancel.cancel();
        }
        let findings = differs(
            &search.registration,
            &search.entries,
            &search.claimed,
            &search.reported,
            &cancel,
        );
        // Whoever watches may be gone by now.
        let _ = done.try_send(());
        let mut facts = Map::new();
        facts.insert("found".into(), findings.to_string().into());
        facts.insert("findings".into(), serde_json::to_value(&findings).unwrap_or(Value::Null));
        note(store, &search, facts);
    }
}

fn note(store: &dyn Store, search: &Search, facts: Map<String, Value>) {
    let record = Record { action: "explain", launch: Some(search.launch), refused: None, facts };
    if let Err(error) = store.note(&search.caller, Some(search.vmid), &record) {
        tracing::error!(%error, "an explanation is not in the audit");
    }
}
