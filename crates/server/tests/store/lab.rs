//! Stores in throw-away folders, and what is in them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};
use sev_launch_protocol::audit::Checkpoint;
use sev_launch_protocol::text::Exact;
use sev_launch_protocol::views::SignedCheckpoint;
use sev_launch_server::store::Store as _;
use sev_launch_server::store::conformance::samples::{
    OTHER, TENANT, answers, at, begin, caller, firmware, new_launch, register, terms, token,
    validate, vmid,
};
use sev_launch_server::store::sqlite::{FILE, Open, Sqlite};

pub(crate) fn open(folder: &Path) -> Sqlite {
    Sqlite::open(folder, Open::OrCreate).expect("opens")
}

pub(crate) fn database(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

/// A connection of anybody's, beside the store.
pub(crate) fn sql(path: &Path) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    Connection::open_with_flags(path, flags).expect("opens")
}

/// Writes something of everything.
pub(crate) fn fill(store: &Sqlite) {
    for tenant in [TENANT, OTHER] {
        for vm in 1..=3 {
            register(store, tenant, vm, terms()).expect("registered");
            let launch = new_launch(vm, 9, 1);
            let begun =
                store.begin_launch(&caller(tenant, 1), vmid(vm), &launch, &mut answers("begun"));
            begun.expect("written").expect("begun");
        }
        validate(store, tenant, 1, 1, 1, 2).expect("released");
        begin(store, tenant, 2, 20, 3).expect("begun");
        store.delete(&caller(tenant, 4), vmid(3), None).expect("written").expect("deleted");
        store.add_firmware(&caller(tenant, 5), &firmware(1, Some(&[0xf1; 5000]))).expect("added");
        let id = format!("t-{tenant}");
        store.add_token(&caller(tenant, 5), &token(&id, tenant, Some(1))).expect("added");
    }
    let sign = |point: &Checkpoint| SignedCheckpoint {
        checkpoint: point.clone(),
        signature: Exact([7; 96]),
    };
    assert_eq!(store.checkpoint(at(6), &sign).expect("written"), 2);
    store.set_meta(&[("sealed-key", &[1; 40])]).expect("written");
}

/// Every row of every table, as text.
pub(crate) fn content(path: &Path) -> BTreeMap<String, Vec<String>> {
    let connection = sql(path);
    let mut names = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        .expect("tables");
    let names: Vec<String> = names
        .query_map([], |row| row.get(0))
        .expect("tables")
        .map(|name| name.expect("a name"))
        .collect();
    let rows = |name: &String| {
        let mut statement = connection.prepare(&format!("SELECT * FROM {name}")).expect("a table");
        let columns = statement.column_count();
        let read = statement.query_map([], |row| {
            let values: Vec<Value> =
                (0..columns).map(|column| row.get(column)).collect::<Result<_, _>>()?;
            Ok(format!("{values:?}"))
        });
        let mut rows: Vec<String> = read.expect("rows").map(|row| row.expect("a row")).collect();
        rows.sort();
        rows
    };
    names.iter().map(|name| (name.clone(), rows(name))).collect()
}

pub(crate) fn integrity(path: &Path) -> String {
    sql(path).query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("an answer")
}

/// The files of a folder with their bytes.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    entries
        .map(|entry| {
            let name = entry.file_name().into_string().expect("a name");
            (name, fs::read(entry.path()).expect("a file"))
        })
        .collect()
}
