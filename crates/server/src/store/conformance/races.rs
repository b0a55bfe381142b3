//! Many at once: what one does, the others see.

use std::collections::BTreeMap;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Map, Value};
use sev_launch_protocol::audit::record;
use sev_launch_protocol::launch::LaunchState;
use sev_launch_protocol::problem::Code;
use sev_launch_protocol::state::Answer;
use sev_launch_protocol::text::Label;

use super::samples::{
    KEPT, OTHER, TENANT, accepted, answer, at, audit, begin, caller, launched, new_launch, new_vm,
    packets, register, releases, request, terms, verified, vmid,
};
use super::{Checked, Failure, there};
use crate::store::{Amendment, Condition, Registered, Store, StoreError};

const THREADS: u8 = 32;
const ROUNDS: usize = 6;

/// Runs `work` in so many threads, all started at once, and gathers what they return.
fn at_once<T: Send>(threads: u8, work: impl Fn(u8) -> Checked<T> + Sync) -> Checked<Vec<T>> {
    let barrier = Barrier::new(threads.into());
    std::thread::scope(|scope| {
        let start = |number| {
            let (barrier, work) = (&barrier, &work);
            scope.spawn(move || {
                barrier.wait();
                work(number)
            })
        };
        let started: Vec<_> = (0..threads).map(start).collect();
        let ended = started
            .into_iter()
            .map(|thread| thread.join().map_err(|_| Failure::new("a thread panicked"))?);
        ended.collect()
    })
}

pub(super) fn one_launch_is_released_once(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, terms())?;
    begin(store, TENANT, 1, 1, 1)?;
    // Half of them ask the same, the others each their own.
    let results = at_once(THREADS, |thread| {
        let asked = if thread % 2 == 0 { 200 } else { thread };
        let launch = verified(1)?;
        let mut given = Vec::new();
        for _ in 0..ROUNDS {
            let (by, judgement) = (caller(TENANT, 2), accepted(1, &launch));
            let mut packets = packets(1, &launch);
            let finished = store.finish_validate(
                &by,
                vmid(1),
                request(asked),
                &judgement,
                at(KEPT),
                &mut packets,
            );
            match finished? {
                Ok(answer) => given.push((asked, answer)),
                Err(refusal) => same!(refusal.code, Code::LaunchConsumed),
            }
        }
        Ok(given)
    })?;
    let given: Vec<_> = results.into_iter().flatten().collect();
    let first: Vec<_> = given.iter().filter(|(_, answer)| !answer.replayed).collect();
    same!(first.len(), 1);
    for (winner, body) in first.into_iter().map(|(asked, answer)| (asked, &answer.body)) {
        let alike = given.iter().all(|(asked, answer)| asked == winner && answer.body == *body);
        holds!(alike, "two answers, or an answer to another request");
        let askers = if *winner == 200 { usize::from(THREADS) / 2 } else { 1 };
        // Each asker of the winning request got its answer each time.
        same!(given.len(), askers * ROUNDS);
    }
    same!(releases(store, TENANT)?, 1);
    same!(launched(store, TENANT, 1, 1)?, (LaunchState::Consumed, false));
    Ok(())
}

pub(super) fn one_name_is_registered_once(store: &dyn Store) -> Checked {
    for number in 1..=8 {
        let results = at_once(2, |thread| {
            let mut vm = new_vm(number, terms());
            // Of the even numbers both are the same registration.
            if number % 2 == 1 {
                vm.identity = [thread + 1; 32];
            }
            Ok(match store.register(&caller(TENANT, 1), &vm, Condition::New)? {
                Ok(Registered::Created(_)) => "created",
                Ok(Registered::Same(_)) => "same",
                Ok(Registered::Replaced(_)) => "replaced",
                Err(refusal) => refusal.code.name(),
            })
        })?;
        let mut results = results;
        results.sort_unstable();
        same!(results, ["created", if number % 2 == 1 { Code::Exists.name() } else { "same" }]);
    }
    same!(audit(store, TENANT)?.len(), 8);
    Ok(())
}

pub(super) fn no_amendment_is_lost(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, terms())?;
    at_once(8, |thread| {
        for round in 0..4 {
            let label: Label = "set".parse().map_err(|_| Failure::new("a label"))?;
            let patch = BTreeMap::from([(format!("l{thread}-{round}"), Some(label))]);
            loop {
                let version = there(store.vm(TENANT, vmid(1)))?.version;
                let (name, valid_until, limit, disabled) = (None, None, None, None);
                let labels = Some(Some(patch.clone()));
                let amendment = Amendment {
                    version: Some(version),
                    name,
                    labels,
                    valid_until,
                    limit,
                    disabled,
                };
                match store.amend(&caller(TENANT, 1), vmid(1), &amendment) {
                    Ok(Ok(row)) => {
                        same!(row.version, version + 1);
                        break;
                    }
                    Ok(Err(refusal)) => same!(refusal.code, Code::EtagMismatch),
                    Err(StoreError::Changed) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(())
    })?;
    let row = there(store.vm(TENANT, vmid(1)))?;
    let shown: Value = serde_json::from_str(&row.registration)?;
    // Two labels were there before.
    same!(shown.get("labels").and_then(Value::as_object).map(Map::len), Some(2 + 8 * 4));
    same!((row.version, audit(store, TENANT)?.len()), (33, 33));
    Ok(())
}

pub(super) fn one_key_begins_one_launch(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, terms())?;
    let made = AtomicUsize::new(0);
    let answers = at_once(16, |thread| {
        let launch = new_launch(u16::from(thread) + 1, 5, 1);
        let begun = store.begin_launch(&caller(TENANT, 1), vmid(1), &launch, &mut |outcome| {
            let is_begun = matches!(outcome, Answer::Begun { .. });
            made.fetch_add(usize::from(is_begun), Ordering::SeqCst);
            Ok(answer(thread.to_string()))
        });
        super::done(begun)
    })?;
    let first: Vec<_> = answers.iter().filter(|answer| !answer.replayed).collect();
    same!(first.len(), 1);
    let alike = answers.windows(2).all(|pair| {
        pair.iter().map(|one| &one.body).min() == pair.iter().map(|one| &one.body).max()
    });
    holds!(alike, "two answers to one key");
    // An engine may ask again where a transaction came to nothing, and no less than once.
    holds!(made.load(Ordering::SeqCst) >= 1, "no answer was made");
    let row = there(store.vm(TENANT, vmid(1)))?;
    same!((row.guest.launched(), row.version), (1, 2));
    Ok(())
}

pub(super) fn records_of_many_threads_are_one_chain(store: &dyn Store) -> Checked {
    at_once(16, |thread| {
        let tenant = if thread % 4 == 0 { OTHER } else { TENANT };
        for number in 0..10_u64 {
            let facts = Map::from_iter([
                ("of".to_owned(), Value::from(thread)),
                ("n".to_owned(), number.into()),
            ]);
            store.note(&caller(tenant, number), None, &record("note", None, facts))?;
        }
        Ok(())
    })?;
    same!((audit(store, TENANT)?.len(), audit(store, OTHER)?.len()), (120, 40));
    // What one thread wrote stands in its order.
    let mut last: BTreeMap<String, u64> = BTreeMap::new();
    for record in audit(store, TENANT)? {
        let fact = |name: &str| {
            record.get("facts").and_then(|facts| facts.get(name)).and_then(Value::as_u64)
        };
        let (of, number) = (fact("of").unwrap_or_default(), fact("n").unwrap_or_default());
        let before = last.insert(of.to_string(), number);
        same!(before.map_or(0, |before| before + 1), number);
    }
    Ok(())
}
