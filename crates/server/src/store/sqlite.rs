//! The engine that is built in: SQLite, one file and its write-ahead log in a folder of its own.
//!
//! One connection writes, several read. A commit is on the disk when it returns (`synchronous = FULL`); what is deleted is overwritten
//! (`secure_delete`); one process at a time opens the folder (`lock`). What SQLite does is documented at
//! <https://www.sqlite.org/pragma.html>.

mod migrations;
mod open_rows;

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::StoreError;
use super::transactions::{Engine, Work};

/// The database's name in its folder.
pub const FILE: &str = "sev-launch.sqlite";

/// How long a read or a write waits for another.
const BUSY: Duration = Duration::from_secs(2);

/// How long a copy waits for somebody who writes to its source or its target.
const COPY_PAUSE: Duration = Duration::from_millis(10);

/// Connections that are kept for reading.
const READERS: usize = 4;

/// Why a store is not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder or a file of it cannot be used.
    #[error("{path}: {source}", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another process has it.
    #[error("{path} is in use by another process: one server at a time opens a store", path = .path.display())]
    InUse {
        /// The lock.
        path: PathBuf,
    },
    /// There is a store where a new one was wanted.
    #[error("{path} holds a store already", path = .path.display())]
    Exists {
        /// The database.
        path: PathBuf,
    },
    /// There is none where one was wanted.
    #[error("{path} does not exist: there is no store in this folder", path = .path.display())]
    Missing {
        /// The database.
        path: PathBuf,
    },
    /// It is of a later version of this program, or no store.
    #[error("{path}: {what}", path = .path.display())]
    Foreign {
        /// The database.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// SQLite says no.
    #[error("{path}: {source}", path = .path.display())]
    Sqlite {
        /// The database.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
}

/// Whether a store has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// It is made if it is not there.
    OrCreate,
    /// It must not be there.
    New,
    /// It must be there.
    Existing,
}

/// An open store.
pub struct Sqlite {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    // Held as long as the store is open.
    _lock: Option<File>,
}

impl std::fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sqlite({})", self.path.display())
    }
}

impl Sqlite {
    /// Opens the store in a folder, which is made, for its owner alone, if it is not there.
    ///
    /// # Errors
    ///
    /// [`OpenError`].
    pub fn open(folder: &Path, how: Open) -> Result<Self, OpenError> {
        let path = folder.join(FILE);
        let exists = path.exists();
        match (how, exists) {
            (Open::New, true) => return Err(OpenError::Exists { path }),
            (Open::Existing, false) => return Err(OpenError::Missing { path }),
            _ => {}
        }
        let file = |path: &Path| {
            let path = path.to_owned();
            move |source| OpenError::File { path, source }
        };
        if !folder.exists() {
            use std::os::unix::fs::DirBuilderExt as _;
            std::fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)
                .map_err(file(folder))?;
        }
        let lock = lock(&folder.join("lock"))?;
        // Made here, so that SQLite finds a file that nobody else may read, and makes its log alike.
        OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(file(&path))?;
        let mut writer = connect(&path)?;
        // What is not ours stays as it is, its journal mode too.
        migrations::found(&writer, &path)?;
        settle(&writer).map_err(|source| OpenError::Sqlite { path: path.clone(), source })?;
        migrations::migrate(&mut writer, &path)?;
        Ok(Self { path, writer: Mutex::new(writer), readers: Mutex::default(), _lock: Some(lock) })
    }

    /// Writes a copy of the store of a folder, as of one moment, to a new file that its owner alone may read. The store may be in use,
    /// by this process or another.
    ///
    /// # Errors
    ///
    /// [`OpenError`]; then there is no file.
    pub fn backup_of(folder: &Path, to: &Path) -> Result<(), OpenError> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Err(OpenError::Missing { path });
        }
        let sqlite = |source| OpenError::Sqlite { path: to.to_owned(), source };
        let file = |source| OpenError::File { path: to.to_owned(), source };
        let part = part_of(to);
        let part_file = |source| OpenError::File { path: part.clone(), source };
        let new = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&part);
        drop(new.map_err(part_file)?);
        let copied = (|| {
            let source = connect_to_read(&path)?;
            migrations::version(&source, &path)?;
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let mut target = Connection::open_with_flags(&part, flags).map_err(sqlite)?;
            copy(&source, &mut target).map_err(sqlite)?;
            target.pragma_update(None, "journal_mode", "DELETE").map_err(sqlite)?;
            target.close().map_err(|(_, source)| sqlite(source))?;
            File::open(&part).and_then(|file| file.sync_all()).map_err(file)?;
            // A link, since a rename would replace what is there.
            std::fs::hard_link(&part, to).map_err(file)
        })();
        let removed = std::fs::remove_file(&part).map_err(part_file);
        copied.and(removed)?;
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))
            .and_then(|folder| folder.sync_all())
            .map_err(file)
    }

    /// [`Sqlite::backup_of`] this store.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn backup(&self, to: &Path) -> Result<(), OpenError> {
        Self::backup_of(self.path.parent().unwrap_or(Path::new("")), to)
    }

    /// Makes a store in a folder out of a backup.
    ///
    /// # Errors
    ///
    /// [`OpenError`]: the backup is none, or there is a store already; then nothing is changed.
    pub fn restore(folder: &Path, from: &Path) -> Result<Self, OpenError> {
        let target = folder.join(FILE);
        if target.exists() {
            return Err(OpenError::Exists { path: target });
        }
        // Opened before anything is written, so that what is no store is refused.
        let source = connect_to_read(from)?;
        migrations::version(&source, from)?;
        let sound: String = source
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .map_err(|source| OpenError::Sqlite { path: from.to_owned(), source })?;
        if sound != "ok" {
            return Err(OpenError::Foreign {
                path: from.to_owned(),
                what: format!("it is damaged: {sound}"),
            });
        }
        let store = Self::open(folder, Open::New)?;
        let filled = store.fill(&source);
        if let Err(error) = filled {
            // An empty store must not be taken for the one that was to be restored. The lock is still held.
            for suffix in ["", "-wal", "-shm"] {
                let mut name = target.as_os_str().to_owned();
                name.push(suffix);
                let _ = std::fs::remove_file(PathBuf::from(name));
            }
            return Err(error);
        }
        Ok(store)
    }

    /// Puts what is in another database in the place of everything.
    fn fill(&self, source: &Connection) -> Result<(), OpenError> {
        let sqlite = |source| OpenError::Sqlite { path: self.path.clone(), source };
        let mut writer = self.writer();
        copy(source, &mut writer).map_err(sqlite)?;
        settle(&writer).map_err(sqlite)?;
        migrations::migrate(&mut writer, &self.path)
    }

    /// Empties the write-ahead log, so that nothing that was deleted stays in it.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; also where somebody still reads what is in it, after a wait.
    pub fn empty_log(&self) -> Result<(), StoreError> {
        // The first column says whether it was kept from its end, which is no error of SQLite's.
        let busy: bool = self
            .writer()
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
            .map_err(unavailable)?;
        if busy {
            let what =
                "the write-ahead log is still read: what was deleted may be in it, try again";
            return Err(StoreError::Unavailable(what.into()));
        }
        Ok(())
    }

    fn writer(&self) -> MutexGuard<'_, Connection> {
        // A panic in the middle of work rolled its transaction back when it was dropped.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reader(&self) -> Result<Connection, StoreError> {
        let kept = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match kept {
            Some(connection) => Ok(connection),
            None => connect_to_read(&self.path)
                .map_err(|error| StoreError::Unavailable(error.to_string())),
        }
    }
}

impl Engine for Sqlite {
    fn purge(&self) -> Result<(), StoreError> {
        self.empty_log()
    }

    fn read(&self, work: Work<'_>) -> Result<(), StoreError> {
        let mut connection = self.reader()?;
        let done = {
            let transaction = connection.transaction().map_err(unavailable)?;
            work(&mut open_rows::Open(&transaction))
        };
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < READERS {
            readers.push(connection);
        }
        done
    }

    fn write(&self, work: Work<'_>) -> Result<(), StoreError> {
        let mut connection = self.writer();
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(unavailable)?;
        work(&mut open_rows::Open(&transaction))?;
        transaction.commit().map_err(unavailable)
    }
}

fn unavailable(error: rusqlite::Error) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

/// Takes the folder for this process.
fn lock(path: &Path) -> Result<File, OpenError> {
    let error = |source| OpenError::File { path: path.to_owned(), source };
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)
        .map_err(error)?;
    match rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(OpenError::InUse { path: path.to_owned() }),
        Err(errno) => Err(error(errno.into())),
    }
}

fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

/// Copies a database in one step: in several, a write between two of them would make it begin again, perhaps for ever.
fn copy(from: &Connection, to: &mut Connection) -> rusqlite::Result<()> {
    let backup = rusqlite::backup::Backup::new(from, to)?;
    backup.run_to_completion(i32::MAX, COPY_PAUSE, None)
}

fn connect(path: &Path) -> Result<Connection, OpenError> {
    let error = |source| OpenError::Sqlite { path: path.to_owned(), source };
    // Readers open for writing too, since a reader of a write-ahead log writes its index.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(error)?;
    connection.busy_timeout(BUSY).map_err(error)?;
    connection.pragma_update(None, "trusted_schema", false).map_err(error)?;
    connection.pragma_update(None, "cell_size_check", true).map_err(error)?;
    Ok(connection)
}

fn connect_to_read(path: &Path) -> Result<Connection, OpenError> {
    let connection = connect(path)?;
    let only = connection.pragma_update(None, "query_only", true);
    only.map_err(|source| OpenError::Sqlite { path: path.to_owned(), source })?;
    Ok(connection)
}

/// What makes a commit last and a deletion final.
fn settle(connection: &Connection) -> rusqlite::Result<()> {
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(rusqlite::Error::InvalidParameterName(format!(
            "the journal mode is {mode}, wanted wal"
        )));
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.query_row("PRAGMA secure_delete = ON", [], |_| Ok(()))?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.query_row("PRAGMA journal_size_limit = 0", [], |_| Ok(()))?;
    Ok(())
}
