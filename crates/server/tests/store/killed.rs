//! A process that is killed in the middle of launches: what it said was done is done, and nothing is done twice.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};

use sev_launch_protocol::text::VmId;
use sev_launch_server::store::conformance::samples::{
    KEPT, TENANT, accepted, answer, at, audit, caller, launch_id, new_launch, packets, register,
    request, terms, validate, verified, vmid,
};
use sev_launch_server::store::sqlite::{Open, Sqlite};
use sev_launch_server::store::{Judge, Store as _};

use crate::child;
use crate::lab::{database, integrity, open};

const ROUNDS: u16 = 20;
const THREADS: u16 = 2;
/// Launches of one thread in one round: more than it lives for.
const MOST: u16 = 1000;
/// Launches of one guest: fewer than are forgotten.
const EACH: u16 = 16;

/// The guest of a launch, as a number.
fn guest(launch: u16) -> u16 {
    launch / EACH + 1
}

/// The launcher's key of a launch, which is one of its guest.
fn key(launch: u16) -> u8 {
    u8::try_from(launch % EACH).expect("small") + 1
}

#[test]
fn child_launches_until_it_is_killed() {
    let Some((folder, round)) = child::work() else { return };
    let store = Sqlite::open(&folder, Open::OrCreate).expect("opens");
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let store = &store;
            scope.spawn(move || launches(store, (thread * ROUNDS + round) * MOST));
        }
    });
    // It was to be killed before.
    println!("over");
}

fn launches(store: &Sqlite, from: u16) {
    // A round's first guest is a new one: 1000 is no multiple of 16.
    for number in from.next_multiple_of(EACH)..from + MOST - EACH {
        if number % EACH == 0 {
            register(store, TENANT, guest(number), terms()).expect("registered");
        }
        let (vm, by) = (vmid(guest(number)), caller(TENANT, 1));
        let body = format!("session of {number}");
        let launch = new_launch(number, key(number), 1);
        let begun = store.begin_launch(&by, vm, &launch, &mut |_| Ok(answer(body.clone())));
        let begun = begun.expect("written").expect("begun");
        println!("begun {number} {}", hex::encode(begun.body));
        let proven = verified(number).expect("verified");
        let mut packets = packets(number, &proven);
        let judgement = accepted(number, &proven);
        let asked = request(key(number));
        let finished = store.finish_validate(&by, vm, asked, &judgement, at(KEPT), &mut packets);
        println!(
            "released {number} {}",
            hex::encode(finished.expect("written").expect("released").body)
        );
    }
}

/// What a child said, line by line; what the kill cut off is left out.
fn said(line: &str) -> Option<(bool, u16, Vec<u8>)> {
    let mut words = line.strip_suffix('\n')?.split(' ');
    let released = match words.next()? {
        "begun" => false,
        "released" => true,
        _ => return None,
    };
    Some((released, words.next()?.parse().ok()?, hex::decode(words.next()?).ok()?))
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_is_released_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut begun, mut released) = (BTreeMap::new(), BTreeMap::new());
    let mut wanted: usize = 0;
    for round in 0..ROUNDS {
        let mut child =
            child::spawn("killed::child_launches_until_it_is_killed", folder.path(), round);
        let mut lines = BufReader::new(child.stdout.take().expect("its output"));
        let mut after = 3 + usize::from(round) * 7 % 60;
        let mut line = String::new();
        while lines.read_line(&mut line).expect("read") > 0 {
            if let Some((is_release, number, body)) = said(&line) {
                if is_release {
                    released.insert(number, body)
                } else {
                    begun.insert(number, body)
                };
                after = after.saturating_sub(1);
                if after == 0 {
                    // What is still in the pipe was said too.
                    child.kill().expect("killed");
                }
            }
            assert_ne!(line, "over\n", "it was to be killed");
            line.clear();
        }
        let status = child.wait().expect("over");
        assert!(!status.success(), "round {round}: {status}");
        let store = open(folder.path());
        assert_eq!(integrity(&database(folder.path())), "ok", "round {round}");
        wanted = audit(&store, TENANT).expect("a chain").len().max(wanted);
        looks_right(&store, &begun, &released);
    }
    println!(
        "{} launches begun and {} released, as their launchers know, {wanted} records",
        begun.len(),
        released.len()
    );
    assert!(released.len() > usize::from(ROUNDS));
}

fn looks_right(store: &Sqlite, begun: &BTreeMap<u16, Vec<u8>>, released: &BTreeMap<u16, Vec<u8>>) {
    let (mut launches, mut releases) = (BTreeSet::new(), BTreeSet::new());
    for record in audit(store, TENANT).expect("a chain") {
        let text = |member: &str| {
            record.get(member).and_then(|value| value.as_str()).unwrap_or("").to_owned()
        };
        let of: (VmId, String) = (text("vmid").parse().expect("a guest"), text("launch-id"));
        match text("action").as_str() {
            "launch" => assert!(launches.insert(of), "begun twice: {record:?}"),
            "validate" => assert!(releases.insert(of), "released twice: {record:?}"),
            "register" | "replay" | "supersede" => {}
            other => panic!("{other}"),
        }
    }
    let of = |number: u16| (vmid(guest(number)), launch_id(number).to_string());
    let by = caller(TENANT, 2);
    for (number, body) in begun {
        assert!(launches.contains(&of(*number)), "no record of launch {number}");
        let (key, vm) = (key(*number), vmid(guest(*number)));
        let kept =
            store.begun(&by, vm, &[key; 32], request(key)).expect("read").expect("no refusal");
        assert_eq!(kept.map(|answer| answer.body).as_ref(), Some(body), "launch {number}");
    }
    for (number, body) in released {
        assert!(releases.contains(&of(*number)), "no record of the release of launch {number}");
        let (asked, vm) = (request(key(*number)), vmid(guest(*number)));
        let judged = store.judge(&by, vm, Some(launch_id(*number)), asked).expect("read");
        let Judge::Answered(kept) = judged.expect("no refusal") else { panic!("launch {number}") };
        assert_eq!(kept.body, *body, "launch {number}");
        let row = store.launch(TENANT, vm, launch_id(*number)).expect("read").expect("there");
        assert_eq!(row.keys, None, "keys of launch {number}");
    }
    // One that began before the kill, and was not released, still can be: once.
    let pending = begun.keys().find(|number| !releases.contains(&of(**number)));
    if let Some(number) = pending {
        let key = key(*number);
        let state = store.vm(TENANT, vmid(guest(*number))).expect("read").expect("there");
        if state.guest.launch(launch_id(*number)).is_some_and(|launch| launch.state.is_live()) {
            let first = validate(store, TENANT, guest(*number), *number, key, 3).expect("released");
            let again = validate(store, TENANT, guest(*number), *number, key, 3).expect("repeated");
            assert!(!first.replayed && again.replayed && first.body == again.body);
        }
    }
}
