//! A store that somebody with its files and without its key has changed: nothing is released for what the owner did not register.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test may panic"
)]

#[path = "decisions/lab.rs"]
#[allow(dead_code, reason = "others use the rest")]
mod lab;

use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use serde_json::{Value, json};
use sev_launch_platform::{Platform, Session};
use sev_launch_protocol::audit::Actor;
use sev_launch_protocol::problem::Code;
use sev_launch_protocol::text::{LaunchId, RequestId, Time, VmId};
use sev_launch_protocol::views::Scope;
use sev_launch_server::access::Identity;
use sev_launch_server::judge::ReportRoots;
use sev_launch_server::seal::{Kek, KeyRing};
use sev_launch_server::service::{Behaviour, Clock, KeysError, Service, Trust};
use sev_launch_server::store::sqlite::{FILE, Open, Sqlite};
use sev_launch_server::store::{Caller, Condition, StoredAnswer};
use sev_launch_testkit::expected;

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Time {
        NOW
    }
}

const NOW: Time = Time::from_millis(1_800_000_000_000);
const EVIL: &[u8] = b"a kernel of somebody else";

fn actor() -> Actor {
    Actor { kind: "token", id: "a".into(), address: None }
}

fn caller() -> Caller {
    let request = RequestId::new(NOW.millis(), &[1; 10]);
    Caller { tenant: "default".into(), request, actor: actor(), now: NOW }
}

fn identity() -> Identity {
    let scopes = vec![Scope::VmWrite, Scope::Launch];
    Identity { tenant: "default".into(), scopes, vmid: None, expires: None, actor: actor() }
}

fn vmid() -> VmId {
    "57f669c2-c427-4132-bc7a-26f56b6a718c".parse().unwrap()
}

struct Lab {
    folder: tempfile::TempDir,
    machine: Platform,
    service: Service,
}

impl Lab {
    fn new(more: &Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let machine = lab::platform(7);
        let service = service(folder.path(), Open::New, &machine, Behaviour::default());
        service.add_firmware(&caller(), &lab::tv2_image(), false).unwrap();
        let mut registration = json!({
            "scheme": "amd-sev", "policy": 3,
            "firmware-hashes": lab::sha256(lab::tv2_image()), "kernel-hash": lab::sha256(lab::KERNEL),
            "platform": { "cloud-certs": [lab::base64(lab::oca(&machine))] },
            "secrets": [{ "type": "luks-passphrase", "passphrase": "correct horse battery staple" }],
        });
        for (name, value) in more.as_object().unwrap() {
            registration[name] = value.clone();
        }
        service
            .register(&caller(), vmid(), registration.to_string().as_bytes(), Condition::New)
            .unwrap();
        Self { folder, machine, service }
    }

    /// Launches `kernel`; the request to validate.
    fn launched(&mut self, kernel: &[u8]) -> Value {
        let chain = lab::base64(self.machine.full_chain().unwrap());
        let body = json!({ "cert-chain": chain }).to_string();
        let answer =
            self.service.launch(&caller(), vmid(), body.as_bytes(), None).expect("a session");
        let answer: Value = serde_json::from_slice(&answer.body).unwrap();
        let bytes = |name: &str| lab::unbase64(answer[name].as_str().unwrap());
        let (session, godh) = (bytes("session"), bytes("owner-cert"));
        let handed = Session { godh: &godh, session: &session };
        let guest = self.machine.launch_start(3, Some(handed)).unwrap();
        self.machine.launch_update_data(guest, &lab::tv2_image()).unwrap();
        self.machine
            .launch_update_data(guest, &expected::hashes_table(kernel, None, None))
            .unwrap();
        let measurement = self.machine.launch_measure(guest).unwrap();
        let version = self.machine.model().version();
        json!({
            "launch-id": answer["launch-id"], "measurement": lab::base64(measurement),
            "api-major": version.major, "api-minor": version.minor, "build-id": version.build,
        })
    }

    /// Why no launch begins.
    fn refused(&self) -> Code {
        let chain = lab::base64(self.machine.full_chain().unwrap());
        let body = json!({ "cert-chain": chain }).to_string();
        let outcome = self.service.launch(&caller(), vmid(), body.as_bytes(), None);
        outcome.expect_err("no session").code
    }

    fn validate(&self, request: &Value) -> Result<StoredAnswer, Code> {
        let body = request.to_string();
        self.service
            .validate(&caller(), vmid(), body.as_bytes(), &identity())
            .map_err(|problem| problem.code)
    }

    fn sql(&self, sql: &str, values: impl rusqlite::Params) {
        let changed = open(self.folder.path()).execute(sql, values).unwrap();
        assert!(changed > 0, "{sql}");
    }

    /// The launch digests of a guest with another kernel, as its store would have them.
    fn candidates_of(kernel: &[u8]) -> Vec<u8> {
        let other = Self::new(&json!({ "kernel-hash": lab::sha256(kernel) }));
        let query = "SELECT candidates FROM material";
        open(other.folder.path()).query_row(query, [], |row| row.get(0)).unwrap()
    }

    fn releases(&self) -> usize {
        let page = self.service.audit(&caller(), 0, 1000).unwrap();
        page.lines.iter().filter(|line| line.contains("\"released\":true")).count()
    }
}

fn service(folder: &Path, open: Open, machine: &Platform, behaviour: Behaviour) -> Service {
    try_service(folder, open, machine, behaviour).unwrap()
}

fn try_service(
    folder: &Path,
    open: Open,
    machine: &Platform,
    behaviour: Behaviour,
) -> Result<Service, KeysError> {
    let store = Sqlite::open(folder, open).unwrap();
    let ring = KeyRing::new(Kek::parse(&[7; 32]).unwrap());
    let trust = Trust {
        roots: lab::roots(machine),
        report_roots: ReportRoots::Nobody,
        ceks: Box::new(|_: &sev_launch_protocol::text::CpuId| None),
    };
    Service::new(Arc::new(store), ring, trust, behaviour, Box::new(Fixed))
}

fn open(folder: &Path) -> Connection {
    Connection::open(folder.join(FILE)).unwrap()
}

#[test]
fn an_untouched_store_releases() {
    let mut lab = Lab::new(&json!({}));
    let request = lab.launched(lab::KERNEL);
    assert_eq!(lab.validate(&request).expect("released").status, 200);
    assert_eq!(lab.releases(), 1);
}

// What else it keeps would be under keys that nobody has any more.
#[test]
fn a_store_that_lost_its_own_keys_gets_no_new_ones() {
    let lab = Lab::new(&json!({}));
    for lost in ["sealed-canary", "sealed-%"] {
        lab.sql("DELETE FROM meta WHERE name LIKE ?1", [lost]);
        let again = tempfile::tempdir().unwrap();
        let copy = again.path().join("store");
        std::fs::create_dir(&copy).unwrap();
        open(lab.folder.path()).execute("VACUUM INTO ?1", [copy.join(FILE).to_str()]).unwrap();
        let found = try_service(&copy, Open::Existing, &lab.machine, Behaviour::default());
        assert!(matches!(found, Err(KeysError::Damaged { what: "canary" })), "{found:?}");
    }
}

#[test]
fn a_changed_store_releases_nothing() {
    // Other digests, after a launch and before the next one.
    let evil = Lab::candidates_of(EVIL);
    let put = "UPDATE material SET candidates = ?1";
    let bare = json!({ "secrets": [] });
    for more in [json!({}), bare] {
        let mut lab = Lab::new(&more);
        let request = lab.launched(EVIL);
        let own: Vec<u8> = open(lab.folder.path())
            .query_row("SELECT candidates FROM material", [], |row| row.get(0))
            .unwrap();
        // As another store has them, whose guest is called the same; and with this store's MAC before them.
        for changed in [evil.clone(), [&own[..32], &evil[32..]].concat()] {
            lab.sql(put, [changed]);
            assert_eq!(lab.refused(), Code::Sealed);
            assert_eq!(lab.validate(&request).map(|answer| answer.status), Err(Code::Sealed));
            assert_eq!(lab.releases(), 0);
        }
    }

    // Without its secrets a guest is another: its verdict would be `trusted`.
    let mut lab = Lab::new(&json!({}));
    let request = lab.launched(lab::KERNEL);
    lab.sql("UPDATE material SET sealed = NULL", []);
    assert_eq!(lab.refused(), Code::Sealed);
    assert_eq!(lab.validate(&request).map(|answer| answer.status), Err(Code::Sealed));

    // Another platform's owner, before the launch, put back after it.
    let stranger = lab::base64(lab::oca(&lab::platform(9)));
    let lab = Lab::new(&json!({ "platform": { "cloud-certs": [stranger] } }));
    let read = "SELECT registration FROM vm";
    let before: String = open(lab.folder.path()).query_row(read, [], |row| row.get(0)).unwrap();
    let mut changed: Value = serde_json::from_str(&before).unwrap();
    changed["platform"] = json!({ "any-owner": true });
    let put = "UPDATE vm SET registration = ?1";
    assert_eq!(lab.refused(), Code::ChainOwner);
    lab.sql(put, [changed.to_string()]);
    assert_eq!(lab.refused(), Code::Sealed);
    lab.sql(put, [before]);
    assert_eq!(lab.refused(), Code::ChainOwner);

    // The terms by which the state machine decides.
    let mut lab = Lab::new(&json!({ "approval": "manual" }));
    let request = lab.launched(lab::KERNEL);
    lab.sql("UPDATE vm SET guest = replace(guest, '\"manual\"', '\"automatic\"')", []);
    assert_eq!(lab.validate(&request).map(|answer| answer.status), Err(Code::Sealed));
    assert_eq!(lab.releases(), 0);

    let mut lab = Lab::new(&json!({ "valid-from": "2020-01-01T00:00:00Z" }));
    let request = lab.launched(lab::KERNEL);
    let from: String =
        open(lab.folder.path()).query_row("SELECT guest FROM vm", [], |row| row.get(0)).unwrap();
    assert!(from.contains("2020-01-01T00:00:00.000Z"), "{from}");
    lab.sql("UPDATE vm SET guest = replace(guest, '\"2020-01-01T00:00:00.000Z\"', 'null')", []);
    assert_eq!(lab.validate(&request).map(|answer| answer.status), Err(Code::Sealed));
    assert_eq!(lab.releases(), 0);

    // Keys of another launch.
    let mut lab = Lab::new(&json!({ "launch-limit": { "concurrent": 2 } }));
    let (one, two) = (lab.launched(lab::KERNEL), lab.launched(lab::KERNEL));
    let id =
        |request: &Value| -> LaunchId { request["launch-id"].as_str().unwrap().parse().unwrap() };
    let (from, to) = (*id(&one).as_bytes(), *id(&two).as_bytes());
    lab.sql("UPDATE launch SET sealed = (SELECT sealed FROM launch WHERE launch = ?1) WHERE launch = ?2", [from, to]);
    assert_eq!(lab.validate(&two).map(|answer| answer.status), Err(Code::Sealed));
    assert_eq!(lab.releases(), 0);
}

#[test]
fn a_changed_store_begins_no_launch_of_sev_snp() {
    let lab = Lab::new(&json!({}));
    let other: VmId = "57f669c2-c427-4132-bc7a-26f56b6a718d".parse().unwrap();
    let registration = json!({
        "scheme": "amd-sev-snp", "policy": 0x3_0000, "launch-digests": "5a".repeat(48),
    });
    let body = registration.to_string();
    lab.service.register(&caller(), other, body.as_bytes(), Condition::New).unwrap();
    let launched = || {
        let begun = lab.service.launch(&caller(), other, b"{}", None);
        begun.map(|answer| answer.status).map_err(|problem| problem.code)
    };
    assert_eq!(launched(), Ok(200));
    let read = "SELECT candidates FROM material WHERE vmid = ?1";
    let mut candidates: Vec<u8> =
        open(lab.folder.path()).query_row(read, [other.as_bytes()], |row| row.get(0)).unwrap();
    let at = candidates.windows(4).position(|found| found == b"5a5a").expect("the digest");
    candidates[at] = b'6';
    lab.sql("UPDATE material SET candidates = ?1 WHERE vmid = ?2", (candidates, other.as_bytes()));
    assert_eq!(launched(), Err(Code::Sealed));
}

#[test]
fn what_was_released_is_not_given_again_where_nothing_is_released() {
    let mut lab = Lab::new(&json!({}));
    let request = lab.launched(lab::KERNEL);
    assert_eq!(lab.validate(&request).expect("released").status, 200);
    assert!(lab.validate(&request).expect("given again").replayed);
    let Lab { folder, machine, service: releasing } = lab;
    drop(releasing);
    let behaviour = Behaviour { report_only: true, ..Behaviour::default() };
    let service = service(folder.path(), Open::Existing, &machine, behaviour);
    let lab = Lab { folder, machine, service };
    assert_eq!(lab.validate(&request).map(|answer| answer.status), Err(Code::LaunchConsumed));
    assert_eq!(lab.releases(), 1);
}

#[test]
fn a_changed_firmware_entry_is_none() {
    let lab = Lab::new(&json!({}));
    let entry: Vec<u8> = open(lab.folder.path())
        .query_row("SELECT entry FROM firmware", [], |row| row.get(0))
        .unwrap();
    let place = entry.len() - 10;
    for (at, to) in [(0, entry[0] ^ 1), (40, entry[40] ^ 1), (place, entry[place] ^ 1)] {
        let mut changed = entry.clone();
        changed[at] = to;
        lab.sql("UPDATE firmware SET entry = ?1", [changed]);
        let registration = json!({
            "scheme": "amd-sev", "policy": 3, "firmware-hashes": lab::sha256(lab::tv2_image()),
            "platform": { "any-owner": true },
        });
        let other: VmId = "57f669c2-c427-4132-bc7a-26f56b6a718d".parse().unwrap();
        let outcome = lab.service.register(
            &caller(),
            other,
            registration.to_string().as_bytes(),
            Condition::New,
        );
        assert_eq!(
            outcome.map(|written| written.version).map_err(|problem| problem.code),
            Err(Code::Sealed)
        );
    }
    // Who uploads the image again puts it right.
    let (is_new, _) = lab.service.add_firmware(&caller(), &lab::tv2_image(), false).unwrap();
    assert!(is_new);
    assert!(lab.service.list_firmwares(&caller()).is_ok());
    let (is_new, _) = lab.service.add_firmware(&caller(), &lab::tv2_image(), false).unwrap();
    assert!(!is_new);
}
