//! Launches end: by time, by their owner, by what became of them in the guest.

use serde_json::Map;
use sev_launch_protocol::audit::Actor;
use sev_launch_protocol::launch::{Injection, LaunchState};
use sev_launch_protocol::problem::Code;
use sev_launch_protocol::state::Event;

use super::samples::{
    KEPT, OTHER, TENANT, WAITS, accepted, actions, answers, at, audit, begin, caller, launch_id,
    launched, new_launch, register, request, terms, validate, verified, vmid,
};
use super::{Checked, done, refused, there};
use crate::store::{Caller, Store};

/// The service itself at a time.
fn service(millis: u64) -> Caller {
    Caller { actor: Actor::service(), ..caller("", millis) }
}

pub(super) fn time_ends_launches_at_the_next_step(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, terms())?;
    begin(store, TENANT, 1, 1, 0)?;
    let last = store.judge(&caller(TENANT, WAITS - 1), vmid(1), None, request(1));
    done(last)?;
    let late = caller(TENANT, WAITS);
    same!(
        refused(store.judge(&late, vmid(1), Some(launch_id(1)), request(1)))?,
        Code::LaunchExpired
    );
    let launch = verified(1)?;
    let judgement = accepted(1, &launch);
    let until = at(WAITS + KEPT);
    let finished =
        store.finish_validate(&late, vmid(1), request(1), &judgement, until, &mut answers("never"));
    same!(refused(finished)?, Code::LaunchExpired);
    same!(launched(store, TENANT, 1, 1)?, (LaunchState::Expired, false));
    // A clock that goes back brings nothing back.
    let early = caller(TENANT, 1);
    let finished = store.finish_validate(
        &early,
        vmid(1),
        request(1),
        &judgement,
        until,
        &mut answers("never"),
    );
    same!(refused(finished)?, Code::LaunchExpired);
    same!(actions(store, TENANT)?, ["register", "launch", "expire", "!validate", "!validate"]);
    Ok(())
}

pub(super) fn a_sweep_ends_what_time_ended_some_guests_at_a_time(store: &dyn Store) -> Checked {
    for (tenant, vm, began) in [(TENANT, 1, 0), (TENANT, 2, 10), (OTHER, 1, 20), (TENANT, 3, 5000)]
    {
        register(store, tenant, vm, terms())?;
        begin(store, tenant, vm, 1, began)?;
    }
    same!(store.sweep(&service(WAITS - 1), 10)?, 0);
    same!(store.sweep(&service(WAITS + 20), 2)?, 2);
    same!(store.sweep(&service(WAITS + 20), 2)?, 1);
    same!(store.sweep(&service(WAITS + 20), 2)?, 0);
    for (tenant, vm) in [(TENANT, 1), (TENANT, 2), (OTHER, 1)] {
        same!(launched(store, tenant, vm, 1)?, (LaunchState::Expired, false));
    }
    same!(launched(store, TENANT, 3, 1)?, (LaunchState::Launched, true));
    same!(actions(store, OTHER)?, ["register", "launch", "expire"]);
    let records = audit(store, OTHER)?;
    let actor = records.last().and_then(|record| record.get("actor")?.get("kind")?.as_str());
    same!(actor, Some("service"));
    none!(audit(store, "")?);
    Ok(())
}

pub(super) fn a_sweep_drops_answers_that_are_too_old(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, terms())?;
    let by = caller(TENANT, 0);
    done(store.begin_launch(&by, vmid(1), &new_launch(1, 1, 0), &mut answers("begun")))?;
    validate(store, TENANT, 1, 1, 1, 100)?;
    store.sweep(&service(KEPT - 1), 10)?;
    holds!(done(store.begun(&by, vmid(1), &[1; 32], request(1)))?.is_some(), "dropped too early");
    store.sweep(&service(KEPT), 10)?;
    // Asked as of an earlier time, since what is too old is not shown in any case.
    same!(done(store.begun(&by, vmid(1), &[1; 32], request(1)))?, None);
    done(store.judge(&by, vmid(1), Some(launch_id(1)), request(1)))?;
    store.sweep(&service(KEPT + 100), 10)?;
    let judged = store.judge(&by, vmid(1), Some(launch_id(1)), request(1));
    same!(refused(judged)?, Code::LaunchConsumed);
    Ok(())
}

pub(super) fn a_revoked_launch_has_no_keys(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, terms())?;
    begin(store, TENANT, 1, 1, 1)?;
    let revoke = Event::Revoke { launch: launch_id(1) };
    let by = caller(TENANT, 2);
    done(store.step(&by, vmid(1), &revoke))?;
    same!(launched(store, TENANT, 1, 1)?, (LaunchState::Revoked, false));
    done(store.step(&by, vmid(1), &revoke))?;
    same!(actions(store, TENANT)?, ["register", "launch", "revoke"]);
    same!(
        refused(store.step(&by, vmid(1), &Event::Revoke { launch: launch_id(2) }))?,
        Code::NoSuchLaunch
    );
    Ok(())
}

pub(super) fn an_acknowledgement_is_written_once(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, terms())?;
    begin(store, TENANT, 1, 1, 1)?;
    let says = |result| {
        let event = Event::Acknowledge { launch: launch_id(1), result, facts: Map::new() };
        store.step(&caller(TENANT, 3), vmid(1), &event)
    };
    same!(refused(says(Injection::Injected))?, Code::LaunchPending);
    validate(store, TENANT, 1, 1, 1, 2)?;
    done(says(Injection::Injected))?;
    done(says(Injection::Injected))?;
    same!(refused(says(Injection::Failed))?, Code::LaunchConsumed);
    let row = there(store.vm(TENANT, vmid(1)))?;
    let launch = row.guest.launch(launch_id(1));
    same!(launch.and_then(|launch| launch.acknowledged), Some(Injection::Injected));
    same!(actions(store, TENANT)?, ["register", "launch", "validate", "acknowledge"]);
    Ok(())
}
