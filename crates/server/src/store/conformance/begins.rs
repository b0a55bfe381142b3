//! Launches begin, once for each key of a request.

use sev_launch_protocol::launch::LaunchState;
use sev_launch_protocol::problem::Code;
use sev_launch_protocol::state::{Answer, Event, Guest};

use super::samples::{
    KEPT, TENANT, WAITS, accepted, actions, answer, answers, at, audit, begin, caller, fails,
    is_unavailable, launch_id, launched, new_launch, register, request, terms, two_at_once,
    validate, verified, vmid,
};
use super::{Checked, done, refused, there};
use crate::store::{Amendment, NewLaunch, Store, StoredAnswer};

pub(super) fn a_launch_begins_with_its_row_and_its_record(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, terms())?;
    let launch = new_launch(1, 1, 10);
    let mut seen = None;
    let begun = store.begin_launch(&caller(TENANT, 10), vmid(1), &launch, &mut |outcome| {
        seen = match outcome {
            Answer::Begun { expires } => Some(*expires),
            _ => None,
        };
        Ok(StoredAnswer { status: 201, body: b"{}".to_vec(), replayed: false })
    });
    same!(done(begun)?, StoredAnswer { status: 201, body: b"{}".to_vec(), replayed: false });
    same!(seen, Some(at(10 + WAITS)));
    same!(there(store.launch(TENANT, vmid(1), launch.id))?, launch.row);
    let row = there(store.vm(TENANT, vmid(1)))?;
    same!((row.version, row.guest.launched(), row.changed), (2, 1, at(0)));
    same!(launched(store, TENANT, 1, 1)?, (LaunchState::Launched, true));
    let records = audit(store, TENANT)?;
    let said = records.last().and_then(|record| record.get("launch-id")).and_then(|id| id.as_str());
    same!(said, Some(launch.id.to_string().as_str()));
    same!(actions(store, TENANT)?, ["register", "launch"]);
    Ok(())
}

pub(super) fn a_launch_whose_answer_fails_did_not_begin(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, terms())?;
    begin(store, TENANT, 1, 1, 1)?;
    let (before, lines) = (there(store.vm(TENANT, vmid(1)))?, audit(store, TENANT)?);
    let launch = new_launch(2, 2, 2);
    let by = caller(TENANT, 2);
    let begun = store.begin_launch(&by, vmid(1), &launch, &mut fails);
    holds!(is_unavailable(&begun), "{begun:?}");
    same!(there(store.vm(TENANT, vmid(1)))?, before);
    same!(audit(store, TENANT)?, lines);
    same!(store.launch(TENANT, vmid(1), launch.id)?, None);
    same!(done(store.begun(&by, vmid(1), &[2; 32], request(2)))?, None);
    // The older launch has its keys back.
    same!(launched(store, TENANT, 1, 1)?, (LaunchState::Launched, true));
    same!(done(store.begin_launch(&by, vmid(1), &launch, &mut answers("now")))?, answer("now"));
    same!(launched(store, TENANT, 1, 2)?, (LaunchState::Launched, true));
    Ok(())
}

pub(super) fn the_same_key_gets_the_same_bytes(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, two_at_once())?;
    let body: Vec<u8> = (0..=255).collect();
    let first = StoredAnswer { status: 201, body, replayed: false };
    let by = caller(TENANT, 1);
    same!(done(store.begun(&by, vmid(1), &[1; 32], request(1)))?, None);
    let mut gives = |_: &Answer| Ok(first.clone());
    same!(done(store.begin_launch(&by, vmid(1), &new_launch(1, 1, 1), &mut gives))?, first);
    let (before, lines) = (there(store.vm(TENANT, vmid(1)))?, audit(store, TENANT)?);
    let mut asked = false;
    let again = store.begin_launch(&by, vmid(1), &new_launch(2, 1, 2), &mut |_| {
        asked = true;
        Ok(answer("another"))
    });
    let kept = StoredAnswer { replayed: true, ..first.clone() };
    same!(done(again)?, kept);
    holds!(!asked, "an answer was made again");
    same!(done(store.begun(&caller(TENANT, 3), vmid(1), &[1; 32], request(1)))?, Some(kept));
    same!(there(store.vm(TENANT, vmid(1)))?, before);
    same!(store.launch(TENANT, vmid(1), launch_id(2))?, None);
    same!(audit(store, TENANT)?, lines);
    Ok(())
}

pub(super) fn a_key_with_another_request_is_refused(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, two_at_once())?;
    let by = caller(TENANT, 1);
    done(store.begin_launch(&by, vmid(1), &new_launch(1, 1, 1), &mut answers("first")))?;
    let before = there(store.vm(TENANT, vmid(1)))?;
    let other = NewLaunch { idempotency: Some(([1; 32], request(2))), ..new_launch(2, 1, 1) };
    let begun = store.begin_launch(&by, vmid(1), &other, &mut answers("second"));
    same!(refused(begun)?, Code::IdempotencyMismatch);
    let begun = store.begun(&by, vmid(1), &[1; 32], request(2));
    same!(refused(begun)?, Code::IdempotencyMismatch);
    same!(there(store.vm(TENANT, vmid(1)))?, before);
    same!(store.launch(TENANT, vmid(1), launch_id(2))?, None);
    Ok(())
}

pub(super) fn a_kept_answer_ends_at_its_time(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, terms())?;
    done(store.begin_launch(
        &caller(TENANT, 0),
        vmid(1),
        &new_launch(1, 1, 0),
        &mut answers("first"),
    ))?;
    let last = store.begun(&caller(TENANT, KEPT - 1), vmid(1), &[1; 32], request(1));
    same!(done(last)?.map(|answer| answer.body), Some(b"first".to_vec()));
    let late = caller(TENANT, KEPT);
    same!(done(store.begun(&late, vmid(1), &[1; 32], request(1)))?, None);
    // The key may be used again, and with another request.
    let again = NewLaunch { idempotency: Some(([1; 32], request(2))), ..new_launch(2, 1, KEPT) };
    same!(
        done(store.begin_launch(&late, vmid(1), &again, &mut answers("second")))?,
        answer("second")
    );
    let kept = done(store.begun(&late, vmid(1), &[1; 32], request(2)))?;
    same!(kept.map(|answer| answer.body), Some(b"second".to_vec()));
    Ok(())
}

pub(super) fn a_key_belongs_to_one_guest(store: &dyn Store) -> Checked {
    for (vm, body) in [(1, "one"), (2, "two")] {
        register(store, TENANT, vm, terms())?;
        let begun = store.begin_launch(
            &caller(TENANT, 1),
            vmid(vm),
            &new_launch(1, 1, 1),
            &mut answers(body),
        );
        same!(done(begun)?, answer(body));
    }
    // Without a key, nothing is kept.
    begin(store, TENANT, 2, 2, 2)?;
    same!(done(store.begun(&caller(TENANT, 2), vmid(2), &[0; 32], request(0)))?, None);
    Ok(())
}

pub(super) fn a_newer_launch_takes_the_older_ones_keys(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, terms())?;
    begin(store, TENANT, 1, 1, 1)?;
    begin(store, TENANT, 1, 2, 2)?;
    same!(launched(store, TENANT, 1, 1)?, (LaunchState::Superseded, false));
    same!(launched(store, TENANT, 1, 2)?, (LaunchState::Launched, true));
    same!(
        there(store.launch(TENANT, vmid(1), launch_id(1)))?.platform,
        new_launch(1, 1, 1).row.platform
    );
    let judged = store.judge(&caller(TENANT, 3), vmid(1), Some(launch_id(1)), request(1));
    same!(refused(judged)?, Code::LaunchSuperseded);
    let launch = verified(1)?;
    let late = store.finish_validate(
        &caller(TENANT, 3),
        vmid(1),
        request(1),
        &accepted(1, &launch),
        at(KEPT),
        &mut answers("never"),
    );
    same!(refused(late)?, Code::LaunchSuperseded);
    validate(store, TENANT, 1, 2, 1, 4)?;
    same!(
        actions(store, TENANT)?,
        ["register", "launch", "supersede", "launch", "!validate", "validate"]
    );
    Ok(())
}

pub(super) fn a_launch_beyond_the_limit_is_refused_and_recorded(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, two_at_once())?;
    begin(store, TENANT, 1, 1, 1)?;
    begin(store, TENANT, 1, 2, 1)?;
    let by = caller(TENANT, 2);
    let third = store.begin_launch(&by, vmid(1), &new_launch(3, 3, 2), &mut answers("third"));
    same!(refused(third)?, Code::LaunchLimit);
    same!(store.launch(TENANT, vmid(1), launch_id(3))?, None);
    same!(done(store.begun(&by, vmid(1), &[3; 32], request(3)))?, None);
    same!(launched(store, TENANT, 1, 1)?, (LaunchState::Launched, true));
    same!(launched(store, TENANT, 1, 2)?, (LaunchState::Launched, true));
    same!(actions(store, TENANT)?, ["register", "launch", "launch", "!launch"]);
    Ok(())
}

pub(super) fn a_launch_judged_by_an_old_registration_does_not_begin(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, terms())?;
    let (before, lines) = (there(store.vm(TENANT, vmid(1)))?, audit(store, TENANT)?);
    let old = NewLaunch { registration: 2, ..new_launch(1, 1, 1) };
    let begun = store.begin_launch(&caller(TENANT, 1), vmid(1), &old, &mut answers("old"));
    same!(refused(begun)?, Code::EtagMismatch);
    same!(there(store.vm(TENANT, vmid(1)))?, before);
    same!(audit(store, TENANT)?, lines);
    same!(store.launch(TENANT, vmid(1), launch_id(1))?, None);
    Ok(())
}

pub(super) fn launches_that_are_forgotten_leave_nothing(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, terms())?;
    let most = u16::try_from(Guest::MOST_ENDED)?;
    for number in 1..=most + 2 {
        begin(store, TENANT, 1, number, number.into())?;
    }
    same!(store.launch(TENANT, vmid(1), launch_id(1))?, None);
    same!(launched(store, TENANT, 1, 2)?, (LaunchState::Superseded, false));
    same!(launched(store, TENANT, 1, most + 2)?, (LaunchState::Launched, true));
    same!(there(store.vm(TENANT, vmid(1)))?.guest.launched(), u64::from(most) + 2);
    Ok(())
}

pub(super) fn a_guest_that_is_not_there_is_refused_everywhere(store: &dyn Store) -> Checked {
    let (by, launch) = (caller(TENANT, 1), verified(1)?);
    let begun = store.begin_launch(&by, vmid(1), &new_launch(1, 1, 1), &mut answers("never"));
    same!(refused(begun)?, Code::NoSuchVm);
    same!(done(store.begun(&by, vmid(1), &[1; 32], request(1)))?, None);
    same!(refused(store.judge(&by, vmid(1), None, request(1)))?, Code::NoSuchVm);
    let judgement = accepted(1, &launch);
    let finished = store.finish_validate(
        &by,
        vmid(1),
        request(1),
        &judgement,
        at(KEPT),
        &mut answers("never"),
    );
    same!(refused(finished)?, Code::NoSuchVm);
    let revoke = Event::Revoke { launch: launch_id(1) };
    same!(refused(store.step(&by, vmid(1), &revoke))?, Code::NoSuchVm);
    let (name, labels, valid_until, limit) = (None, None, None, None);
    let amendment = Amendment { version: None, name, labels, valid_until, limit, disabled: None };
    same!(refused(store.amend(&by, vmid(1), &amendment))?, Code::NoSuchVm);
    same!(refused(store.delete(&by, vmid(1), None))?, Code::NoSuchVm);
    same!((store.vm(TENANT, vmid(1))?, store.material(TENANT, vmid(1))?), (None, None));
    none!(audit(store, TENANT)?);
    Ok(())
}
