//! What an agent remembers of a launch, so that another one can go on where it ended.
//!
//! Each guest's launch has a file of its own, `VMID.json`, written whole before each step is taken, and gone when the launch is over. It
//! holds no secret: names, the measurement, and where the guest is. A packet is never written down: who asks again gets it again, for as
//! long as the service says. One agent at a time works on a guest: `VMID.lock` is locked as long as it runs.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use sev_launch_protocol::launch::ValidateRequest;
use sev_launch_protocol::text::{LaunchId, Time, VmId};

use crate::regular;

/// The longest entry that is read, in bytes: a request to validate is below 256 KiB.
const MOST: u64 = 1 << 20;
/// The ending of what is being written.
const NEW: &str = "new";
/// A program that an agent is only just starting holds its lock too, and for a moment longer where that agent is killed.
const LOCKED: Duration = Duration::from_secs(1);
/// The form of an entry.
const VERSION: u32 = 1;

/// Why a launch is not remembered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// A file or the folder.
    #[error("{path}: {source}", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The folder is open to others.
    #[error("{path}: others than its owner have access to this folder of launches (chmod 700)", path = .path.display())]
    Open {
        /// Which.
        path: PathBuf,
    },
    /// Another agent works on this guest.
    #[error(
        "another agent works on guest {vmid} at this moment: try again when it has ended (`ps` shows it)"
    )]
    Busy {
        /// Which guest.
        vmid: VmId,
    },
    /// An entry that this version does not read.
    #[error("{path}: {detail}", path = .path.display())]
    Form {
        /// Which.
        path: PathBuf,
        /// What was found and wanted.
        detail: String,
    },
}

/// How far a launch is. Each step is written before what it names is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// A session is asked for; no guest exists.
    Asking,
    /// The guest is started with the session.
    Starting,
    /// The guest stands measured, and waits for a packet or for its start.
    Started,
    /// The packet is in the guest, or none was to be: it is let run.
    Releasing,
}

/// Whose guest it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum At {
    /// The address of a service of this machine's configuration.
    Service(String),
    /// A folder of files.
    Folder(PathBuf),
}

/// Where the guest is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// A QEMU with this monitor.
    Qemu {
        /// Its socket.
        monitor: PathBuf,
        /// Its process, once it is known.
        process: Option<u32>,
    },
    /// A domain of libvirt.
    Libvirt {
        /// The connection, as `virsh -c` takes it.
        connect: Option<String>,
        /// The domain's UUID.
        domain: String,
    },
}

/// What is remembered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Entry {
    version: u32,
    /// The guest.
    pub vmid: VmId,
    /// Whose it is.
    pub owner: At,
    /// The `Idempotency-Key` of the request to launch.
    pub key: String,
    /// The launch, once there is one.
    pub launch: Option<LaunchId>,
    /// When it expires.
    pub expires: Option<Time>,
    /// Where the guest is, or will be.
    pub place: Place,
    /// How far it is.
    pub step: Step,
    /// What was shown, once it was measured: sent again as it was.
    pub shown: Option<ValidateRequest>,
    /// Is the packet of the launch in the guest?
    pub injected: bool,
    /// Is the owner's service one for tests?
    pub simulated: bool,
    /// Is a guest that may not run ended? Else it stands still, for whoever started it.
    pub ends: bool,
}

impl Entry {
    /// A launch that has not begun.
    #[must_use]
    pub fn new(vmid: VmId, owner: At, key: String, place: Place) -> Self {
        Self {
            version: VERSION,
            vmid,
            owner,
            key,
            launch: None,
            expires: None,
            place,
            step: Step::Asking,
            shown: None,
            injected: false,
            simulated: false,
            ends: false,
        }
    }
}

/// The folder of launches.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Opens the folder, and makes it (mode 0700) if it is not there.
    ///
    /// # Errors
    ///
    /// [`JournalError`]: others have access to it.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let failed = |source| JournalError::File { path: path.to_owned(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
        let metadata = path.metadata().map_err(failed)?;
        let own = rustix::process::geteuid().as_raw();
        if metadata.mode() & 0o077 != 0 || metadata.uid() != own {
            return Err(JournalError::Open { path: path.to_owned() });
        }
        Ok(Self(path.canonicalize().map_err(failed)?))
    }

    /// A file of a guest's in it, by its ending.
    #[must_use]
    pub fn path(&self, vmid: VmId, ending: &str) -> PathBuf {
        self.0.join(format!("{vmid}.{ending}"))
    }

    /// The guests whose launches are not over.
    ///
    /// # Errors
    ///
    /// [`JournalError::File`].
    pub fn open_launches(&self) -> Result<Vec<VmId>, JournalError> {
        let failed = |source| JournalError::File { path: self.0.clone(), source };
        let mut found = Vec::new();
        for entry in self.0.read_dir().map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            let name = name.to_str().and_then(|name| name.strip_suffix(".json"));
            found.extend(name.and_then(|name| name.parse::<VmId>().ok()));
        }
        found.sort_unstable();
        Ok(found)
    }

    /// What is remembered of a guest's launch; `None` if none is open. An agent may work on it at this moment.
    ///
    /// # Errors
    ///
    /// [`JournalError`]: the entry is not read.
    pub fn read(&self, vmid: VmId) -> Result<Option<Entry>, JournalError> {
        let path = self.path(vmid, "json");
        let bytes = match regular::read(&path, MOST) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(JournalError::File { path, source }),
        };
        let entry: Entry = serde_json::from_slice(&bytes).map_err(|error| JournalError::Form {
            path: path.clone(),
            detail: error.to_string(),
        })?;
        if entry.version != VERSION || entry.vmid != vmid {
            let detail = format!(
                "an entry of version {} for guest {}, wanted version {VERSION} for {}",
                entry.version, entry.vmid, vmid
            );
            return Err(JournalError::Form { path, detail });
        }
        Ok(Some(entry))
    }

    /// Takes a guest: its lock, and what is remembered of a launch that is not over.
    ///
    /// # Errors
    ///
    /// [`JournalError`]: another agent has it, or the entry is not read.
    pub fn take(&self, vmid: VmId) -> Result<(Journal, Option<Entry>), JournalError> {
        let lock = self.path(vmid, "lock");
        let failed = |source| JournalError::File { path: lock.clone(), source };
        let opened =
            OpenOptions::new().create(true).write(true).truncate(false).mode(0o600).open(&lock);
        let file = opened.map_err(failed)?;
        let end = Instant::now() + LOCKED;
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => break,
                Err(rustix::io::Errno::WOULDBLOCK) if Instant::now() < end => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                Err(rustix::io::Errno::WOULDBLOCK) => return Err(JournalError::Busy { vmid }),
                Err(errno) => return Err(failed(errno.into())),
            }
        }
        let journal = Journal { folder: self.clone(), vmid, _lock: file };
        let entry = self.read(vmid)?;
        if entry.is_none() {
            // What an agent left that was killed at the beginning or at the end.
            journal.over()?;
        }
        Ok((journal, entry))
    }
}

/// One guest's entry, while its lock is held.
#[derive(Debug)]
pub struct Journal {
    folder: Folder,
    vmid: VmId,
    _lock: File,
}

impl Journal {
    /// A file of this guest's, by its ending.
    #[must_use]
    pub fn path(&self, ending: &str) -> PathBuf {
        self.folder.path(self.vmid, ending)
    }

    /// Writes the entry, whole and for good.
    ///
    /// # Errors
    ///
    /// [`JournalError::File`]: then the one before is there still.
    pub fn write(&self, entry: &Entry) -> Result<(), JournalError> {
        let bytes = serde_json::to_vec(entry).map_err(|error| JournalError::Form {
            path: self.path("json"),
            detail: error.to_string(),
        })?;
        self.put("json", &bytes).map(drop)
    }

    /// Writes a file of this guest's, whole, mode 0600; its path.
    ///
    /// # Errors
    ///
    /// [`JournalError::File`].
    pub fn put(&self, ending: &str, bytes: &[u8]) -> Result<PathBuf, JournalError> {
        let path = self.path(ending);
        let failed = |source| JournalError::File { path: path.clone(), source };
        // Always under this name: who is killed here leaves no other, and nobody else writes while the lock is held.
        let new = self.path(NEW);
        let opened =
            OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&new);
        let mut file = opened.map_err(failed)?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
        std::fs::rename(&new, &path).map_err(failed)?;
        File::open(&self.folder.0).and_then(|folder| folder.sync_all()).map_err(failed)?;
        Ok(path)
    }

    /// The launch is over: the entry and what belongs to it goes. The lock's file stays, since somebody may hold it open.
    ///
    /// # Errors
    ///
    /// [`JournalError::File`].
    pub fn over(&self) -> Result<(), JournalError> {
        // The entry first: one without its files could not be brought to an end. What is left without an entry is removed by whoever comes.
        for ending in ["json", NEW, "godh", "session", "qmp"] {
            let path = self.path(ending);
            match std::fs::remove_file(&path) {
                Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                    return Err(JournalError::File { path, source });
                }
                _ => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VMID: &str = "9e2c1d7a-5b0f-4c63-8f2e-1a7b3c5d9e01";

    /// The endings of the files that are there.
    fn left(folder: &Path) -> Vec<String> {
        let names = folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name());
        let ending =
            |name: &str| name.rsplit_once('.').map_or(name, |(_, ending)| ending).to_owned();
        let mut left: Vec<_> = names.map(|name| ending(name.to_str().unwrap())).collect();
        left.sort_unstable();
        left
    }

    #[test]
    fn what_a_killed_agent_left_goes_with_the_next_one() {
        let folder = tempfile::tempdir().unwrap();
        let state = Folder::open(&folder.path().join("state")).unwrap();
        let (folder, vmid): (_, VmId) = (state.0.clone(), VMID.parse().unwrap());
        let place = Place::Qemu { monitor: "/nowhere".into(), process: None };
        let entry = Entry::new(vmid, At::Folder("/".into()), "key".into(), place);
        // Killed while it wrote its first entry, and while it removed what belongs to the last one.
        for ending in ["new", "godh", "session", "qmp"] {
            std::fs::write(state.path(vmid, ending), "half").unwrap();
        }
        let (journal, before) = state.take(vmid).unwrap();
        assert_eq!((before, left(&folder)), (None, vec!["lock".to_owned()]));
        // What is written is whole, whatever was half written before.
        std::fs::write(state.path(vmid, "new"), vec![b'x'; 100_000]).unwrap();
        journal.write(&entry).unwrap();
        assert_eq!(left(&folder), ["json", "lock"]);
        journal.put("session", b"a session").unwrap();
        drop(journal);
        let (journal, before) = state.take(vmid).unwrap();
        assert_eq!((before, left(&folder).len()), (Some(entry), 3));
        // Where a file cannot go, the entry is gone: one without its monitor would never be over.
        std::fs::create_dir(state.path(vmid, "qmp")).unwrap();
        assert!(journal.over().is_err());
        assert_eq!(left(&folder), ["lock", "qmp"]);
    }
}
