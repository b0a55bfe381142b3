//! The folder: its modes, its lock, what is in it already.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use sev_launch_server::store::Store as _;
use sev_launch_server::store::conformance::samples::{
    TENANT, audit, begin, register, releases, terms, validate,
};
use sev_launch_server::store::sqlite::{FILE, Open, OpenError, Sqlite};

use crate::lab::{content, database, files, fill, integrity, open, sql};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("there").permissions().mode() & 0o777
}

#[test]
fn folder_and_files_are_their_owners_alone() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path().join("a").join("b");
    let store = open(&folder);
    fill(&store);
    assert_eq!(mode(&folder), 0o700);
    let names: Vec<String> = files(&folder).into_keys().collect();
    assert_eq!(names, ["lock", FILE, &format!("{FILE}-shm"), &format!("{FILE}-wal")]);
    for name in names {
        assert_eq!(mode(&folder.join(&name)), 0o600, "{name}");
    }
    let copy = place.path().join("copy");
    store.backup(&copy).expect("copied");
    assert_eq!(mode(&copy), 0o600);
}

#[test]
fn one_at_a_time_opens_a_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let second = Sqlite::open(folder.path(), Open::OrCreate).expect_err("in use");
    assert!(matches!(second, OpenError::InUse { .. }), "{second}");
    fill(&store);
    drop(store);
    assert_eq!(open(folder.path()).vms(TENANT, None, 10).expect("read").len(), 2);
}

#[test]
fn reopening_keeps_everything() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    fill(&store);
    let first = validate(&store, TENANT, 1, 1, 1, 3);
    let rows = content(&database(folder.path()));
    drop(store);
    let store = Sqlite::open(folder.path(), Open::Existing).expect("opens");
    assert_eq!(content(&database(folder.path())), rows);
    // The very answer that was given before.
    let again = validate(&store, TENANT, 1, 1, 1, 4).expect("repeated");
    assert!(again.replayed);
    assert_eq!(again, first.expect("repeated"));
    audit(&store, TENANT).expect("a chain");
    assert_eq!(integrity(&database(folder.path())), "ok");
}

#[test]
fn what_has_to_be_there_or_not_is_looked_at() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path().join("new");
    let missing = Sqlite::open(&folder, Open::Existing).expect_err("nothing there");
    assert!(matches!(missing, OpenError::Missing { .. }), "{missing}");
    assert!(!folder.exists(), "it was made");
    drop(Sqlite::open(&folder, Open::New).expect("made"));
    let exists = Sqlite::open(&folder, Open::New).expect_err("there");
    assert!(matches!(exists, OpenError::Exists { .. }), "{exists}");
}

#[test]
fn an_empty_file_becomes_a_store() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(database(folder.path()), b"").expect("written");
    let store = Sqlite::open(folder.path(), Open::Existing).expect("opens");
    register(&store, TENANT, 1, terms()).expect("registered");
    let connection = sql(&database(folder.path()));
    let pragma = |name: &str| -> i64 {
        connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0)).expect("a number")
    };
    // "sevl" in ASCII.
    assert_eq!((pragma("application_id"), pragma("user_version")), (0x7365_766c, 1));
}

/// Opening is refused, and nothing is changed but for the lock.
fn is_refused_as_it_is(folder: &Path) -> OpenError {
    let mut before = files(folder);
    for how in [Open::OrCreate, Open::Existing] {
        let error = Sqlite::open(folder, how).expect_err("refused");
        assert!(matches!(error, OpenError::Foreign { .. } | OpenError::Sqlite { .. }), "{error}");
    }
    before.insert("lock".into(), Vec::new());
    let after = files(folder);
    assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    assert!(after == before, "a file was changed");
    Sqlite::open(folder, Open::Existing).expect_err("refused")
}

#[test]
fn a_foreign_database_is_refused_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let foreign = sql(&database(folder.path()));
    foreign.execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (1);").expect("written");
    drop(foreign);
    let error = is_refused_as_it_is(folder.path());
    assert!(error.to_string().contains("no store of sev-launch"), "{error}");
}

#[test]
fn what_is_no_database_is_refused_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(database(folder.path()), b"a letter, and not a database\n".repeat(200))
        .expect("written");
    is_refused_as_it_is(folder.path());
}

#[test]
fn a_store_of_a_later_program_is_refused_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    fill(&open(folder.path()));
    let rows = content(&database(folder.path()));
    sql(&database(folder.path())).pragma_update(None, "user_version", 2).expect("written");
    let error = is_refused_as_it_is(folder.path());
    assert!(error.to_string().contains("version 2, and this program knows 1"), "{error}");
    sql(&database(folder.path())).pragma_update(None, "user_version", 1).expect("written");
    drop(open(folder.path()));
    assert_eq!(content(&database(folder.path())), rows);
}

#[test]
fn sql_does_not_change_the_audit() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    fill(&store);
    let lines = audit(&store, TENANT).expect("a chain");
    let connection = sql(&database(folder.path()));
    for statement in [
        "UPDATE audit SET line = '{}' WHERE seq = 2",
        "UPDATE audit SET seq = seq + 100",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)",
        "INSERT OR REPLACE INTO audit SELECT tenant, seq, hash, '{}' FROM audit WHERE seq = 2",
        "INSERT INTO audit SELECT tenant, seq + 100, hash, line FROM audit WHERE seq = 2",
    ] {
        let error = connection.execute(statement, []).expect_err(statement);
        assert!(error.to_string().contains("append-only"), "{statement}: {error}");
    }
    assert_eq!(audit(&store, TENANT).expect("a chain"), lines);
    begin(&store, TENANT, 1, 60, 9).expect("it goes on");
}

#[test]
fn how_long_a_launch_takes() {
    const LAUNCHES: u16 = 64;
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    register(&store, TENANT, 1, terms()).expect("registered");
    let (mut begins, mut finishes) = (Duration::ZERO, Duration::ZERO);
    for number in 1..=LAUNCHES {
        let start = Instant::now();
        begin(&store, TENANT, 1, number, 1).expect("begun");
        begins += start.elapsed();
        let start = Instant::now();
        validate(&store, TENANT, 1, number, 1, 1).expect("released");
        finishes += start.elapsed();
    }
    let mean = |sum: Duration| sum / u32::from(LAUNCHES);
    println!(
        "begin_launch {:?}, finish_validate with its packet {:?}, each",
        mean(begins),
        mean(finishes)
    );
    assert_eq!(releases(&store, TENANT).expect("a chain"), usize::from(LAUNCHES));
}
