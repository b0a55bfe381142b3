//! Backups and restoring.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde_json::Map;
use sev_launch_protocol::audit::record;
use sev_launch_server::store::Store as _;
use sev_launch_server::store::conformance::samples::{TENANT, audit, caller, validate};
use sev_launch_server::store::sqlite::{Open, OpenError, Sqlite};

use crate::lab::{content, database, files, fill, integrity, open, sql};

#[test]
fn a_restored_store_is_the_one_that_was_copied() {
    let place = tempfile::tempdir().expect("a folder");
    let (first, second, copy) =
        (place.path().join("first"), place.path().join("second"), place.path().join("copy"));
    let store = open(&first);
    fill(&store);
    store.backup(&copy).expect("copied");
    let rows = content(&database(&first));
    store.set_meta(&[("later", b"1")]).expect("written");
    let names: Vec<String> = fs::read_dir(place.path())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    assert_eq!(names.len(), 2, "only the copy beside the folder: {names:?}");

    let bytes = fs::read(&copy).expect("a file");
    let restored = Sqlite::restore(&second, &copy).expect("restored");
    assert_eq!(content(&database(&second)), rows);
    assert_eq!(restored.meta("later").expect("read"), None);
    let again = validate(&restored, TENANT, 1, 1, 1, 3).expect("repeated");
    assert!(again.replayed);
    audit(&restored, TENANT).expect("a chain");
    fill_more(&restored);
    drop(restored);
    // It is a store like any other: in WAL mode, and what is deleted is overwritten.
    let mode: String = sql(&database(&second))
        .query_row("PRAGMA journal_mode", [], |row| row.get(0))
        .expect("mode");
    assert_eq!(mode, "wal");
    drop(Sqlite::open(&second, Open::Existing).expect("opens"));
    assert_eq!(fs::read(&copy).expect("a file"), bytes, "restoring changed the backup");
    assert_eq!(files(place.path().join("second").as_path()).len(), 2, "the database and its lock");
}

fn fill_more(store: &Sqlite) {
    let by = caller(TENANT, 9);
    store.note(&by, None, &record("note", None, Map::new())).expect("written");
    audit(store, TENANT).expect("a chain");
}

#[test]
fn a_backup_is_of_one_moment_while_others_write() {
    let place = tempfile::tempdir().expect("a folder");
    let store = open(&place.path().join("store"));
    // Some MiB, so that a copy takes longer than a write.
    for number in 0..48 {
        store.set_meta(&[(&format!("large {number}"), &vec![number; 200_000])]).expect("written");
    }
    let (over, written) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for thread in 0..2 {
            let (store, over, written) = (&store, &over, &written);
            scope.spawn(move || {
                while !over.load(Ordering::SeqCst) {
                    let by = caller(TENANT, thread);
                    store.note(&by, None, &record("note", None, Map::new())).expect("written");
                    written.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        for number in 0..5 {
            let before = written.load(Ordering::SeqCst);
            let copy = place.path().join(format!("copy {number}"));
            let copied = store.backup(&copy);
            let after = written.load(Ordering::SeqCst);
            over.fetch_or(copied.is_err() || number == 4, Ordering::SeqCst);
            copied.expect("copied");
            let restored = Sqlite::restore(&place.path().join(number.to_string()), &copy);
            let lines = audit(&restored.expect("restored"), TENANT).expect("a chain").len();
            let lines = u64::try_from(lines).expect("few");
            // Two notes may have been written and not yet counted.
            assert!((before..=after + 2).contains(&lines), "{before} to {after}: {lines}");
            assert_eq!(integrity(&copy), "ok");
        }
    });
    println!("{} notes written meanwhile", written.load(Ordering::SeqCst));
}

#[test]
fn a_backup_that_fails_leaves_no_file() {
    let place = tempfile::tempdir().expect("a folder");
    let store = open(&place.path().join("store"));
    fill(&store);
    let taken = place.path().join("taken");
    fs::write(&taken, b"something else").expect("written");
    let error = store.backup(&taken).expect_err("taken");
    assert!(matches!(error, OpenError::File { .. }), "{error}");
    assert_eq!(fs::read(&taken).expect("a file"), b"something else");
    let nowhere = store.backup(&place.path().join("no").join("folder")).expect_err("no folder");
    assert!(matches!(nowhere, OpenError::File { .. }), "{nowhere}");
    assert_eq!(fs::read_dir(place.path()).expect("a folder").count(), 2);
    // What another backup left is named.
    fs::write(place.path().join("other.part"), b"").expect("written");
    let left = store.backup(&place.path().join("other")).expect_err("a part is there");
    assert!(left.to_string().contains("other.part"), "{left}");
}

#[test]
fn restoring_does_not_replace_a_store() {
    let place = tempfile::tempdir().expect("a folder");
    let (folder, copy) = (place.path().join("store"), place.path().join("copy"));
    let store = open(&folder);
    fill(&store);
    store.backup(&copy).expect("copied");
    store.set_meta(&[("later", b"1")]).expect("written");
    drop(store);
    let before = files(&folder);
    let error = Sqlite::restore(&folder, &copy).expect_err("there is one");
    assert!(matches!(error, OpenError::Exists { .. }), "{error}");
    assert!(files(&folder) == before, "a file was changed");
}

fn is_no_backup(place: &Path, from: &Path) -> OpenError {
    let folder = place.join("restored");
    let error = Sqlite::restore(&folder, from).expect_err("refused");
    assert!(!database(&folder).exists(), "a store was made: {error}");
    error
}

#[test]
fn what_is_no_backup_is_refused() {
    let place = tempfile::tempdir().expect("a folder");
    let file = |name: &str| place.path().join(name);
    is_no_backup(place.path(), &file("missing"));
    fs::write(file("letter"), b"a letter\n".repeat(1000)).expect("written");
    is_no_backup(place.path(), &file("letter"));
    fs::write(file("empty"), b"").expect("written");
    is_no_backup(place.path(), &file("empty"));
    sql(&file("foreign")).execute_batch("CREATE TABLE t (x)").expect("written");
    let error = is_no_backup(place.path(), &file("foreign"));
    assert!(error.to_string().contains("no store of sev-launch"), "{error}");

    let store = open(&file("store"));
    fill(&store);
    store.backup(&file("later")).expect("copied");
    sql(&file("later")).pragma_update(None, "user_version", 2).expect("written");
    let error = is_no_backup(place.path(), &file("later"));
    assert!(error.to_string().contains("use a newer one"), "{error}");

    store.backup(&file("whole")).expect("copied");
    let whole = fs::read(file("whole")).expect("a file");
    for (name, size) in [("half", whole.len() / 2), ("short", whole.len() - 4096), ("odd", 5000)] {
        fs::write(file(name), &whole[..size]).expect("written");
        is_no_backup(place.path(), &file(name));
    }
    // Each page but the first, whose beginning says what the file is, overwritten: never a panic, and never a store unless no row
    // is lost, as where only an image's bytes stand on the page.
    let mut refused = 0;
    for page in 1..whole.len() / 4096 {
        let mut damaged = whole.clone();
        damaged[page * 4096..(page + 1) * 4096].fill(0xff);
        fs::write(file("damaged"), &damaged).expect("written");
        match Sqlite::restore(&file("restored"), &file("damaged")) {
            Ok(store) => {
                audit(&store, TENANT).expect("a chain");
                drop(store);
                fs::remove_dir_all(file("restored")).expect("removed");
            }
            Err(_) => {
                refused += 1;
                assert!(!database(&file("restored")).exists(), "page {page}: a store was made");
            }
        }
    }
    println!("{refused} of {} damaged pages are noticed", whole.len() / 4096 - 1);
    assert!(refused * 10 > (whole.len() / 4096 - 1) * 9);
}
