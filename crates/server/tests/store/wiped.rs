//! What is deleted is in no file of the folder.

use std::collections::BTreeSet;
use std::path::Path;

use sev_launch_protocol::state::Event;
use sev_launch_server::store::conformance::samples::{
    KEPT, TENANT, accepted, answer, at, caller, launch_id, new_launch, new_vm, request,
    two_at_once, verified, vmid,
};
use sev_launch_server::store::sqlite::Sqlite;
use sev_launch_server::store::{Condition, NewLaunch, Registered, Store as _};

use crate::lab::{files, open};

const GUESTS: u16 = 120;

/// A text that stands nowhere else, at the start and the end of a value of some size.
fn planted(what: &str, guest: u16, size: usize) -> Vec<u8> {
    let mark = mark(what, guest);
    [mark.as_slice(), &vec![b'.'; size], &mark].concat()
}

fn mark(what: &str, guest: u16) -> Vec<u8> {
    format!("<{what} of guest {guest:05}>").into_bytes()
}

/// The marks that stand in the files of a folder, whole.
fn marks(folder: &Path) -> BTreeSet<Vec<u8>> {
    let mut marks = BTreeSet::new();
    for bytes in files(folder).values() {
        for start in bytes.iter().enumerate().filter(|(_, byte)| **byte == b'<').map(|(at, _)| at) {
            let length = bytes[start..].iter().take(60).position(|byte| *byte == b'>');
            marks.extend(length.map(|length| bytes[start..=start + length].to_vec()));
        }
    }
    marks
}

/// Which of the marks of a guest are there.
fn found(marks: &BTreeSet<Vec<u8>>, what: &[&'static str], guest: u16) -> Vec<&'static str> {
    what.iter().copied().filter(|what| marks.contains(&mark(what, guest))).collect()
}

const EVERYTHING: [&str; 7] =
    ["candidates", "secrets", "registration", "keys", "platform", "begun", "released"];

fn plant(store: &Sqlite, guest: u16, now: u64) {
    // From some bytes to several pages, so that cells move and overflow.
    let size = usize::from(guest) * 97 % 9000;
    let mut vm = new_vm(guest, two_at_once());
    vm.material.candidates = planted("candidates", guest, size);
    vm.material.secrets = Some(planted("secrets", guest, size / 3));
    vm.registration =
        format!(r#"{{"name":"{}"}}"#, String::from_utf8_lossy(&mark("registration", guest)));
    let made = store.register(&caller(TENANT, now), &vm, Condition::New).expect("written");
    assert!(matches!(made, Ok(Registered::Created(_))));
    // One launch that is answered, and one that keeps its keys.
    for number in [1, 2] {
        let mut launch = new_launch(number, u8::try_from(number).expect("small"), now);
        launch.row.keys = Some(planted("keys", guest, 40));
        launch.row.platform =
            String::from_utf8(planted("platform", guest, size / 7)).expect("text");
        let launch = NewLaunch { replay_until: at(KEPT), ..launch };
        let body = planted("begun", guest, size / 2);
        let begun = store.begin_launch(&caller(TENANT, now), vmid(guest), &launch, &mut |_| {
            Ok(answer(body.clone()))
        });
        begun.expect("written").expect("begun");
    }
    let proven = verified(1).expect("verified");
    let body = planted("released", guest, size);
    let finished = store.finish_validate(
        &caller(TENANT, now),
        vmid(guest),
        request(1),
        &accepted(1, &proven),
        at(KEPT),
        &mut |_| Ok(answer(body.clone())),
    );
    finished.expect("written").expect("released");
}

#[test]
fn a_deleted_guest_is_in_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    for guest in 1..=GUESTS {
        plant(&store, guest, 1);
    }
    let all = marks(folder.path());
    for guest in 1..=GUESTS {
        assert_eq!(found(&all, &EVERYTHING, guest), EVERYTHING, "guest {guest} was not planted");
    }
    let deletes = |guest: &u16| !guest.is_multiple_of(3);
    for guest in (1..=GUESTS).filter(deletes) {
        store.delete(&caller(TENANT, 2), vmid(guest), None).expect("written").expect("deleted");
    }
    store.empty_log().expect("emptied");
    let all = marks(folder.path());
    let left: Vec<(u16, Vec<&str>)> = (1..=GUESTS)
        .filter(deletes)
        .map(|guest| (guest, found(&all, &EVERYTHING, guest)))
        .filter(|(_, found)| !found.is_empty())
        .collect();
    assert!(left.is_empty(), "left of what was deleted: {left:?}");
    for guest in (1..=GUESTS).filter(|guest| !deletes(guest)) {
        assert_eq!(found(&all, &EVERYTHING, guest), EVERYTHING, "guest {guest}");
    }
}

#[test]
fn keys_end_and_answers_get_old_without_a_trace() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    for guest in 1..=GUESTS {
        plant(&store, guest, 1);
        let revoke = Event::Revoke { launch: launch_id(2) };
        store.step(&caller(TENANT, 2), vmid(guest), &revoke).expect("written").expect("revoked");
    }
    store.empty_log().expect("emptied");
    let all = marks(folder.path());
    let left: Vec<u16> =
        (1..=GUESTS).filter(|guest| !found(&all, &["keys"], *guest).is_empty()).collect();
    assert!(left.is_empty(), "keys left of guests {left:?}");
    store.sweep(&caller("", KEPT), 1000).expect("swept");
    for guest in 1..=GUESTS {
        let mut next = new_vm(guest, two_at_once());
        next.material.registration = 2;
        let version =
            store.vm(TENANT, vmid(guest)).expect("read").expect("there").guest.registration();
        let replaced = store.register(&caller(TENANT, KEPT), &next, Condition::Version(version));
        assert!(matches!(replaced.expect("written"), Ok(Registered::Replaced(_))));
    }
    store.empty_log().expect("emptied");
    let all = marks(folder.path());
    let gone = ["candidates", "secrets", "registration", "keys", "begun", "released"];
    let left: Vec<(u16, Vec<&str>)> = (1..=GUESTS)
        .map(|guest| (guest, found(&all, &gone, guest)))
        .filter(|(_, found)| !found.is_empty())
        .collect();
    assert!(left.is_empty(), "left of what was replaced or got old: {left:?}");
}

#[test]
fn a_log_that_is_still_read_is_not_called_empty() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    plant(&store, 1, 1);
    let reader = crate::lab::sql(&crate::lab::database(folder.path()));
    reader.execute_batch("BEGIN; SELECT count(*) FROM vm;").expect("reads");
    store.delete(&caller(TENANT, 2), vmid(1), None).expect("written").expect("deleted");
    let error = store.empty_log().expect_err("somebody reads what was");
    println!("{error}");
    assert!(marks(folder.path()).contains(&mark("candidates", 1)));
    drop(reader);
    store.empty_log().expect("emptied");
    assert_eq!(found(&marks(folder.path()), &EVERYTHING, 1), [""; 0]);
}
