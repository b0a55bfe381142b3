//! Disks that are full, and folders that are read-only.
//!
//! A full disk is a limit on the length of files (`RLIMIT_FSIZE`), which SQLite meets at the same place as a full disk; a child has it.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sev_launch_server::store::conformance::samples::{
    KEPT, TENANT, accepted, answer, at, audit, begin, caller, is_unavailable, new_launch, packets,
    register, releases, request, terms, verified, vmid,
};
use sev_launch_server::store::sqlite::{FILE, Open, OpenError, Sqlite};
use sev_launch_server::store::{Store as _, StoreError};

use crate::child;
use crate::lab::{content, database, files, fill, integrity, open};

fn limit_files(bytes: Option<u64>) {
    let now = getrlimit(Resource::Fsize);
    setrlimit(Resource::Fsize, Rlimit { current: bytes.or(now.maximum), ..now }).expect("a limit");
}

fn log_size(folder: &Path) -> u64 {
    fs::metadata(folder.join(format!("{FILE}-wal"))).map_or(0, |log| log.len())
}

/// Does `write` with a disk that takes `more` bytes of log; whether it was done. If not, nothing was.
fn with_room(folder: &Path, more: u64, write: &mut dyn FnMut() -> Result<(), StoreError>) -> bool {
    let before = content(&database(folder));
    limit_files(Some(log_size(folder) + more));
    let written = write();
    limit_files(None);
    let after = content(&database(folder));
    if written.is_err() {
        assert!(is_unavailable(&written), "{written:?}");
        assert_eq!(after, before, "with room for {more} bytes, something was half done");
    } else {
        assert_ne!(after, before);
    }
    written.is_ok()
}

#[test]
fn child_fills_the_disk() {
    let Some((folder, _)) = child::work() else { return };
    let store = open(&folder);
    register(&store, TENANT, 1, terms()).expect("registered");
    let (mut failed, mut made) = (0, 0);
    // Room for nothing, then for more and more of what is written, some bytes at a time.
    for number in 1..=40_u16 {
        let launch = new_launch(number, 0, 1);
        let mut begins = || {
            let mut answers = |_: &_| Ok(answer(vec![b'b'; 9000]));
            store.begin_launch(&caller(TENANT, 1), vmid(1), &launch, &mut answers).map(|begun| {
                begun.expect("no refusal");
            })
        };
        let launch_begun = with_room(&folder, u64::from(number - 1) * 1777, &mut begins);
        failed += u16::from(!launch_begun);
        made += u16::from(launch_begun);
        if launch_begun {
            break;
        }
        assert_eq!(store.vms(TENANT, None, 9).expect("what is there is read").len(), 1);
    }
    println!("{failed} launches failed, {made} began");
    assert!(failed > 3 && made == 1);
    // The same of a release: none that is not written leaves.
    begin(&store, TENANT, 1, 1001, 3).expect("begun");
    let proven = verified(1001).expect("verified");
    let mut failed = 0;
    for more in (0..).step_by(1777) {
        let mut finish = || {
            let (by, judgement) = (caller(TENANT, 4), accepted(1001, &proven));
            let mut packets = packets(1001, &proven);
            let finished =
                store.finish_validate(&by, vmid(1), request(1), &judgement, at(KEPT), &mut packets);
            finished.map(|finished| assert!(!finished.expect("no refusal").replayed))
        };
        if with_room(&folder, more, &mut finish) {
            break;
        }
        failed += 1;
        assert_eq!(releases(&store, TENANT).expect("a chain"), 0);
    }
    println!("{failed} releases failed, one was made");
    assert!(failed > 1);
    assert_eq!(releases(&store, TENANT).expect("a chain"), 1);

    // A backup that finds no room leaves no file.
    store.set_meta(&[("large", &[7; 300_000])]).expect("written");
    let place = folder.parent().expect("a parent");
    let count = || fs::read_dir(place).expect("a folder").count();
    let before = count();
    limit_files(Some(100_000));
    let copied = store.backup(&place.join("copy"));
    limit_files(None);
    let error = copied.expect_err("no room");
    println!("{error}");
    assert_eq!(count(), before);
    store.backup(&place.join("copy")).expect("copied");
    let restored = place.join("restored");
    // Nor does restoring leave half a store.
    limit_files(Some(100_000));
    let result = Sqlite::restore(&restored, &place.join("copy"));
    limit_files(None);
    println!("{}", result.expect_err("no room"));
    assert!(!database(&restored).exists(), "half a store: {:?}", files(&restored).keys());
    drop(Sqlite::restore(&restored, &place.join("copy")).expect("restored"));
    assert_eq!(content(&database(&restored)), content(&database(&folder)));

    // With a full disk the store still opens, and reads.
    drop(store);
    limit_files(Some(0));
    let opened = Sqlite::open(&folder, Open::Existing);
    println!("opening with a full disk: {:?}", opened.as_ref().err().map(ToString::to_string));
    drop(opened);
    limit_files(None);
    let store = open(&folder);
    audit(&store, TENANT).expect("a chain");
    assert_eq!(integrity(&database(&folder)), "ok");
    println!("done");
}

#[test]
fn on_a_full_disk_nothing_is_half_done() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path().join("store");
    child::succeeds(child::command(&child::this(), "failing::child_fills_the_disk", &folder, 0));
}

#[test]
fn child_opens_what_is_read_only() {
    let Some((folder, _)) = child::work() else { return };
    let error = Sqlite::open(&folder, Open::Existing).expect_err("read-only");
    assert!(matches!(error, OpenError::File { .. } | OpenError::Sqlite { .. }), "{error}");
    println!("{error}\ndone");
}

#[test]
fn a_folder_that_is_read_only_is_not_opened() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path().join("store");
    fill(&open(&folder));
    let rows = content(&database(&folder));
    let before = files(&folder);
    let set = |mode: u32, folder_mode: u32| {
        for name in before.keys() {
            fs::set_permissions(folder.join(name), fs::Permissions::from_mode(mode))
                .expect("a mode");
        }
        fs::set_permissions(&folder, fs::Permissions::from_mode(folder_mode)).expect("a mode");
    };
    let program = place.path().join("program");
    fs::copy(child::this(), &program).expect("copied");
    let mut command =
        child::command(&program, "failing::child_opens_what_is_read_only", &folder, 0);
    if rustix::process::geteuid().is_root() {
        // Modes do not bind root: another user tries.
        const NOBODY: u32 = 65534;
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).expect("a mode");
        for path in before.keys().map(|name| folder.join(name)).chain([folder.clone()]) {
            chown(path, Some(NOBODY), Some(NOBODY)).expect("an owner");
        }
        command.uid(NOBODY).gid(NOBODY).current_dir(place.path());
    }
    set(0o400, 0o500);
    child::succeeds(command);
    assert!(files(&folder) == before, "a file was changed");
    set(0o600, 0o700);
    let store = Sqlite::open(&folder, Open::Existing).expect("opens");
    assert_eq!(content(&database(&folder)), rows);
    store.ready().expect("writes");
}
