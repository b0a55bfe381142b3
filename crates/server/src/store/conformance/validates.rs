//! Measurements are judged, and a packet leaves once.

use std::panic::{AssertUnwindSafe, catch_unwind};

use sev_launch_protocol::launch::LaunchState;
use sev_launch_protocol::problem::Code;
use sev_launch_protocol::registration::Approval;
use sev_launch_protocol::state::{Answer, Event, Finding, Guest, Judgement, Terms};
use sev_launch_verify::sev::secret::{PACKET_HEADER_SIZE, Packet};

use super::samples::{
    KEPT, TENANT, accepted, actions, answer, answers, at, audit, begin, caller, fails, held,
    is_unavailable, launch_id, launched, mismatch, new_launch, new_vm, opens, register, releases,
    request, terms, two_at_once, validate, verified, vmid,
};
use super::{Checked, Failure, done, refused, there};
use crate::store::{Judge, Outcome, Store, StoredAnswer};

/// Finishes a request at a time with any finding, and answers by the outcome's name.
fn finish(
    store: &dyn Store,
    asked: u8,
    judgement: &Judgement,
    millis: u64,
) -> Outcome<StoredAnswer> {
    let by = caller(TENANT, millis);
    let until = at(millis + KEPT);
    store.finish_validate(&by, vmid(1), request(asked), judgement, until, &mut |outcome| {
        Ok(answer(match outcome {
            Answer::Awaited => "awaited",
            Answer::Released(_) => "released",
            Answer::Trusted => "trusted",
            Answer::Done | Answer::Begun { .. } => "another",
        }))
    })
}

fn packet(body: &[u8]) -> Checked<Packet> {
    let (header, payload) =
        body.split_first_chunk::<PACKET_HEADER_SIZE>().ok_or(Failure::new("no packet"))?;
    Ok(Packet { header: *header, payload: payload.to_vec() })
}

pub(super) fn what_is_judged_is_what_was_kept(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, terms())?;
    begin(store, TENANT, 1, 1, 1)?;
    let lines = audit(store, TENANT)?;
    let Judge::By(judging) = done(store.judge(&caller(TENANT, 2), vmid(1), None, request(1)))?
    else {
        return Err(Failure::new("answered, and nothing was asked before"));
    };
    let (row, vm) = (there(store.vm(TENANT, vmid(1)))?, new_vm(1, terms()));
    same!((judging.launch, &judging.guest), (launch_id(1), &row.guest));
    same!(judging.row, new_launch(1, 1, 1).row);
    same!((&judging.registration, &judging.material), (&vm.registration, &vm.material));
    // To judge changes nothing.
    same!(audit(store, TENANT)?, lines);
    same!(row.version, 2);
    Ok(())
}

pub(super) fn a_release_happens_once_and_is_repeated_until_its_time(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, terms())?;
    begin(store, TENANT, 1, 1, 1)?;
    let first = validate(store, TENANT, 1, 1, 7, 2)?;
    holds!(!first.replayed && opens(1, &verified(1)?, &packet(&first.body)?), "the packet");
    same!(launched(store, TENANT, 1, 1)?, (LaunchState::Consumed, false));
    same!(releases(store, TENANT)?, 1);
    let (before, lines) = (there(store.vm(TENANT, vmid(1)))?, audit(store, TENANT)?);
    // A packet that was made again would be other bytes, by its IV.
    let kept = StoredAnswer { replayed: true, ..first };
    same!(validate(store, TENANT, 1, 1, 7, 3)?, kept);
    for named in [None, Some(launch_id(1))] {
        let judged = done(store.judge(&caller(TENANT, KEPT + 1), vmid(1), named, request(7)))?;
        holds!(matches!(&judged, Judge::Answered(answer) if *answer == kept), "{judged:?}");
    }
    same!(there(store.vm(TENANT, vmid(1)))?, before);
    // Whoever asks to be told once more is in the audit once more.
    let all = audit(store, TENANT)?;
    same!(all.get(..lines.len()), Some(lines.as_slice()));
    let added: Vec<_> = all.iter().skip(lines.len()).map(|record| record.get("action")).collect();
    same!(added, [Some(&serde_json::Value::from("replay"))]);
    let late = caller(TENANT, KEPT + 2);
    same!(refused(store.judge(&late, vmid(1), None, request(7)))?, Code::LaunchConsumed);
    same!(refused(finish(store, 7, &accepted(1, &verified(1)?), KEPT + 2))?, Code::LaunchConsumed);
    same!(releases(store, TENANT)?, 1);
    Ok(())
}

pub(super) fn another_request_after_the_release_is_refused(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, terms())?;
    begin(store, TENANT, 1, 1, 1)?;
    validate(store, TENANT, 1, 1, 7, 2)?;
    let by = caller(TENANT, 3);
    same!(
        refused(store.judge(&by, vmid(1), Some(launch_id(1)), request(8)))?,
        Code::LaunchConsumed
    );
    let launch = verified(1)?;
    for judgement in [accepted(1, &launch), mismatch(1)] {
        let refusal = finish(store, 8, &judgement, 3)?.err();
        let about = refusal.as_ref().and_then(|refusal| refusal.launch);
        same!(about, Some((launch_id(1), LaunchState::Consumed, 3)));
        same!(refusal.map(|refusal| refusal.code), Some(Code::LaunchConsumed));
    }
    same!(releases(store, TENANT)?, 1);
    same!(actions(store, TENANT)?, ["register", "launch", "validate", "!validate", "!validate"]);
    Ok(())
}

pub(super) fn wrong_measurements_use_up_attempts_and_then_the_keys(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, terms())?;
    begin(store, TENANT, 1, 1, 1)?;
    for (left, state) in
        [(2, LaunchState::Launched), (1, LaunchState::Launched), (0, LaunchState::Failed)]
    {
        let refusal = finish(store, 1, &mismatch(1), 2)?.err();
        same!(refusal.as_ref().map(|refusal| refusal.code), Some(Code::MeasurementMismatch));
        same!(refusal.and_then(|refusal| refusal.launch), Some((launch_id(1), state, left)));
        same!(launched(store, TENANT, 1, 1)?, (state, left > 0));
    }
    same!(refused(finish(store, 1, &accepted(1, &verified(1)?), 3))?, Code::LaunchFailed);
    same!(releases(store, TENANT)?, 0);
    same!(
        actions(store, TENANT)?,
        ["register", "launch", "!validate", "!validate", "!validate", "!validate"]
    );
    Ok(())
}

pub(super) fn a_broken_rule_ends_the_keys_at_once(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, terms())?;
    begin(store, TENANT, 1, 1, 1)?;
    let broken = Judgement { finding: Finding::Broken(Code::FirmwareVersion), ..mismatch(1) };
    same!(refused(finish(store, 1, &broken, 2))?, Code::FirmwareVersion);
    same!(launched(store, TENANT, 1, 1)?, (LaunchState::Failed, false));
    same!(refused(store.judge(&caller(TENANT, 3), vmid(1), None, request(1)))?, Code::LaunchFailed);
    Ok(())
}

pub(super) fn an_answer_that_fails_undoes_the_release(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, terms())?;
    begin(store, TENANT, 1, 1, 1)?;
    let (before, lines) = (there(store.vm(TENANT, vmid(1)))?, audit(store, TENANT)?);
    let (launch, by) = (verified(1)?, caller(TENANT, 2));
    let judgement = accepted(1, &launch);
    let failed = store.finish_validate(&by, vmid(1), request(1), &judgement, at(KEPT), &mut fails);
    holds!(is_unavailable(&failed), "{failed:?}");
    same!(there(store.vm(TENANT, vmid(1)))?, before);
    same!(audit(store, TENANT)?, lines);
    same!(launched(store, TENANT, 1, 1)?, (LaunchState::Launched, true));
    let judged = done(store.judge(&by, vmid(1), None, request(1)))?;
    holds!(matches!(judged, Judge::By(_)), "{judged:?}");
    // The next try may even be with another request.
    holds!(!validate(store, TENANT, 1, 1, 2, 3)?.replayed, "an answer was kept");
    same!(releases(store, TENANT)?, 1);
    Ok(())
}

pub(super) fn an_answer_that_panics_undoes_the_release(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, terms())?;
    begin(store, TENANT, 1, 1, 1)?;
    let (before, lines) = (there(store.vm(TENANT, vmid(1)))?, audit(store, TENANT)?);
    let launch = verified(1)?;
    let ended = catch_unwind(AssertUnwindSafe(|| {
        let (by, judgement) = (caller(TENANT, 2), accepted(1, &launch));
        store.finish_validate(&by, vmid(1), request(1), &judgement, at(KEPT), &mut |_| {
            // Without the message that a panic prints: this one is wanted.
            std::panic::resume_unwind(Box::new("wanted"))
        })
    }));
    holds!(ended.is_err(), "the panic ended elsewhere");
    same!(there(store.vm(TENANT, vmid(1)))?, before);
    same!(audit(store, TENANT)?, lines);
    holds!(!validate(store, TENANT, 1, 1, 1, 3)?.replayed, "an answer was kept");
    Ok(())
}

pub(super) fn only_the_release_of_its_own_launch_opens_a_packet(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, two_at_once())?;
    begin(store, TENANT, 1, 1, 1)?;
    begin(store, TENANT, 1, 2, 1)?;
    let (one, two) = (verified(1)?, verified(2)?);
    let mut left: Vec<bool> = Vec::new();
    let mut right = None;
    let by = caller(TENANT, 2);
    let finished = store.finish_validate(
        &by,
        vmid(1),
        request(1),
        &accepted(1, &one),
        at(KEPT),
        &mut |outcome| {
            let Answer::Released(release) = outcome else { return Ok(answer("no release")) };
            let mut leaves = |number, launch| {
                let packet = held(number, launch).ok().and_then(|held| held.release(release));
                left.push(packet.is_some());
                packet
            };
            // Of the other launch; of this one with the other's keys; of the other with this one's; its own.
            leaves(2, &two);
            leaves(1, &two);
            leaves(2, &one);
            right = leaves(1, &one);
            Ok(answer("released"))
        },
    );
    same!(done(finished)?, answer("released"));
    same!(left, [false, false, false, true]);
    let packet = right.ok_or(Failure::new("no packet"))?;
    holds!(opens(1, &one, &packet) && !opens(2, &two, &packet), "keys of its own launch alone");
    same!(launched(store, TENANT, 1, 2)?, (LaunchState::Launched, true));
    Ok(())
}

pub(super) fn an_approval_is_awaited_and_then_releases(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, Terms { approval: Approval::Manual, ..terms() })?;
    begin(store, TENANT, 1, 1, 1)?;
    let launch = verified(1)?;
    let right = accepted(1, &launch);
    let decide = Event::Decide { launch: launch_id(1), approve: true };
    same!(refused(store.step(&caller(TENANT, 1), vmid(1), &decide))?, Code::LaunchPending);
    for _ in 0..2 {
        // It is asked anew each time: what is awaited is no answer to keep.
        same!(done(finish(store, 1, &right, 2))?, answer("awaited"));
        same!(launched(store, TENANT, 1, 1)?, (LaunchState::Validated, true));
    }
    same!(refused(finish(store, 2, &right, 3))?, Code::LaunchBusy);
    done(store.step(&caller(TENANT, 4), vmid(1), &decide))?;
    let judged = done(store.judge(&caller(TENANT, 5), vmid(1), None, request(1)))?;
    holds!(matches!(judged, Judge::By(_)), "{judged:?}");
    same!(done(finish(store, 1, &right, 5))?, answer("released"));
    holds!(done(finish(store, 1, &right, 6))?.replayed, "released twice");
    same!(launched(store, TENANT, 1, 1)?, (LaunchState::Consumed, false));
    same!(
        actions(store, TENANT)?,
        ["register", "launch", "validate", "!validate", "approve", "validate", "replay"]
    );
    same!(releases(store, TENANT)?, 1);
    Ok(())
}

pub(super) fn a_denied_launch_has_no_keys(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, Terms { approval: Approval::Manual, ..terms() })?;
    begin(store, TENANT, 1, 1, 1)?;
    let launch = verified(1)?;
    done(finish(store, 1, &accepted(1, &launch), 2))?;
    done(store.step(
        &caller(TENANT, 3),
        vmid(1),
        &Event::Decide { launch: launch_id(1), approve: false },
    ))?;
    same!(launched(store, TENANT, 1, 1)?, (LaunchState::Failed, false));
    same!(refused(finish(store, 1, &accepted(1, &launch), 4))?, Code::DeniedByOwner);
    Ok(())
}

pub(super) fn nothing_is_released_where_nothing_may_be(store: &dyn Store) -> Checked {
    for (vm, terms) in
        [(1, Terms { report_only: true, ..terms() }), (2, Terms { has_secrets: false, ..terms() })]
    {
        register(store, TENANT, vm, terms)?;
        begin(store, TENANT, vm, 1, 1)?;
        let (launch, by) = (verified(1)?, caller(TENANT, 2));
        let judgement = accepted(1, &launch);
        let mut trusted = false;
        let finished = store.finish_validate(
            &by,
            vmid(vm),
            request(1),
            &judgement,
            at(KEPT),
            &mut |outcome| {
                trusted = *outcome == Answer::Trusted;
                Ok(answer("trusted"))
            },
        );
        same!((done(finished)?, trusted), (answer("trusted"), true));
        let again = store.finish_validate(
            &by,
            vmid(vm),
            request(1),
            &judgement,
            at(KEPT),
            &mut answers("no"),
        );
        same!(done(again)?, StoredAnswer { replayed: true, ..answer("trusted") });
        same!(launched(store, TENANT, vm, 1)?, (LaunchState::Consumed, false));
    }
    same!(releases(store, TENANT)?, 0);
    Ok(())
}

pub(super) fn the_launch_that_is_meant_is_found(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, two_at_once())?;
    let meant = |named: Option<u16>| {
        store.judge(&caller(TENANT, 2), vmid(1), named.map(launch_id), request(1))
    };
    same!(refused(meant(None))?, Code::NoSuchLaunch);
    begin(store, TENANT, 1, 1, 1)?;
    holds!(
        matches!(done(meant(None))?, Judge::By(by) if by.launch == launch_id(1)),
        "the one that is live"
    );
    begin(store, TENANT, 1, 2, 1)?;
    same!(refused(meant(None))?, Code::AmbiguousLaunch);
    holds!(
        matches!(done(meant(Some(2)))?, Judge::By(by) if by.launch == launch_id(2)),
        "the one that is named"
    );
    same!(refused(meant(Some(3)))?, Code::NoSuchLaunch);
    Ok(())
}

pub(super) fn a_launch_that_was_forgotten_repeats_no_answer(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, terms())?;
    begin(store, TENANT, 1, 1, 1)?;
    validate(store, TENANT, 1, 1, 1, 1)?;
    for number in 0..=u16::try_from(Guest::MOST_ENDED)? {
        begin(store, TENANT, 1, number + 2, 2)?;
    }
    let judged = store.judge(&caller(TENANT, 3), vmid(1), Some(launch_id(1)), request(1));
    same!(refused(judged)?, Code::NoSuchLaunch);
    same!(refused(finish(store, 1, &accepted(1, &verified(1)?), 3))?, Code::NoSuchLaunch);
    same!(releases(store, TENANT)?, 1);
    Ok(())
}
