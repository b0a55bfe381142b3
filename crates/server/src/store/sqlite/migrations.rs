//! The tables, version by version. A migration that stands here never changes: a new one is added.

use std::path::Path;

use rusqlite::Connection;

use super::OpenError;

/// Marks a database as ours (`PRAGMA application_id`): "sevl".
const APPLICATION: i32 = 0x7365_766c;

const MIGRATIONS: &[&str] = &[include_str!("1.sql")];

/// The version of a database.
///
/// # Errors
///
/// If it is not ours, or of a later program.
pub(super) fn version(connection: &Connection, path: &Path) -> Result<usize, OpenError> {
    let number = |pragma: &str| -> Result<i32, OpenError> {
        connection
            .query_row(&format!("PRAGMA {pragma}"), [], |row| row.get(0))
            .map_err(|source| OpenError::Sqlite { path: path.to_owned(), source })
    };
    let foreign = |what: String| OpenError::Foreign { path: path.to_owned(), what };
    let application = number("application_id")?;
    if application != APPLICATION {
        return Err(foreign(format!(
            "it is no store of sev-launch: its application id is {application:#x}, wanted {APPLICATION:#x}"
        )));
    }
    let version = number("user_version")?;
    usize::try_from(version).ok().filter(|version| *version <= MIGRATIONS.len()).ok_or_else(|| {
        let known = MIGRATIONS.len();
        foreign(format!(
            "its tables are of version {version}, and this program knows {known}: use a newer one"
        ))
    })
}

/// The version of a database, which is 0 for an empty one.
///
/// # Errors
///
/// As [`version`].
pub(super) fn found(connection: &Connection, path: &Path) -> Result<usize, OpenError> {
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|source| OpenError::Sqlite { path: path.to_owned(), source })?;
    if tables == 0 { Ok(0) } else { version(connection, path) }
}

/// Brings the tables to the newest version; an empty database gets all of them.
///
/// # Errors
///
/// As [`version`]; then nothing was changed.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let sqlite = |source| OpenError::Sqlite { path: path.to_owned(), source };
    let transaction = connection
        .transaction_with_behavior(rusqlite::TransactionBehavior::Exclusive)
        .map_err(sqlite)?;
    let from = found(&transaction, path)?;
    for migration in MIGRATIONS.iter().skip(from) {
        transaction.execute_batch(migration).map_err(sqlite)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION).map_err(sqlite)?;
    transaction
        .pragma_update(None, "user_version", i32::try_from(MIGRATIONS.len()).unwrap_or(i32::MAX))
        .map_err(sqlite)?;
    transaction.commit().map_err(sqlite)
}
