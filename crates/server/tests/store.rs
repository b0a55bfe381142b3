//! The store on SQLite: what every store has to hold, and what is SQLite's own: files, backups, what is deleted, what fails, what is killed.

use sev_launch_server::store::conformance;
use sev_launch_server::store::sqlite::{Open, Sqlite};

#[path = "store/backups.rs"]
mod backups;
#[path = "store/child.rs"]
mod child;
#[path = "store/failing.rs"]
mod failing;
#[path = "store/folder.rs"]
mod folder;
#[path = "store/killed.rs"]
mod killed;
#[path = "store/lab.rs"]
mod lab;
#[path = "store/wiped.rs"]
mod wiped;

#[test]
fn sqlite_holds_what_every_store_has_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let number = std::cell::Cell::new(0);
    let make = || -> Box<dyn sev_launch_server::store::Store> {
        number.set(number.get() + 1);
        let own = folder.path().join(number.get().to_string());
        Box::new(Sqlite::open(&own, Open::New).expect("a new store"))
    };
    match conformance::suite(&make) {
        Ok(cases) => println!("{cases} cases hold"),
        Err(failures) => panic!("{failures}"),
    }
}
