//! The keys of a launch session, as they are given.

use std::path::{Path, PathBuf};

use anyhow::bail;
use getrandom::SysRng;
use rand_core::UnwrapErr;
use sev_launch_abi::sev::policy::Policy;
use sev_launch_verify::sev::keys::{KEY_SIZE, SessionKeys, Tek, Tik};
use sev_launch_verify::sev::session::LaunchSession;

use crate::blob;

/// The files that hold a session's keys.
#[derive(Debug, clap::Args)]
pub(crate) struct KeyFlags {
    /// The session's TIK: 16 bytes, raw, hex or base64.
    #[arg(long, value_name = "FILE", help_heading = "Session")]
    tik: Option<PathBuf>,
    /// The session's TEK: only secrets need it.
    #[arg(long, value_name = "FILE", help_heading = "Session")]
    tek: Option<PathBuf>,
    /// TEK and TIK in one file of 32 bytes, in this order.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["tik", "tek"], help_heading = "Session")]
    tk: Option<PathBuf>,
}

impl KeyFlags {
    /// Is any given?
    pub(super) fn is_given(&self) -> bool {
        self.tik.is_some() || self.has_tek()
    }

    /// Was a TIK given?
    pub(super) fn has_tik(&self) -> bool {
        self.tik.is_some() || self.tk.is_some()
    }

    /// Was a TEK given?
    pub(super) fn has_tek(&self) -> bool {
        self.tek.is_some() || self.tk.is_some()
    }

    /// The session with these keys, made for this policy.
    pub(crate) fn session(&self, policy: Policy) -> anyhow::Result<LaunchSession> {
        Ok(LaunchSession::from_stored_keys(self.read()?, policy)?)
    }

    fn read(&self) -> anyhow::Result<SessionKeys> {
        match (&self.tk, &self.tik) {
            (Some(path), _) => {
                let both = blob::read_key("TEK and TIK", path, 2 * KEY_SIZE)?;
                let (tek, tik) = both.split_at(KEY_SIZE);
                Ok(SessionKeys { tek: Tek::from_bytes(tek)?, tik: Tik::from_bytes(tik)? })
            }
            (None, Some(path)) => {
                let tik = read_tik(path)?;
                // Never used if it is not given: secrets are refused without one.
                let random = || Ok(Tek::generate(&mut UnwrapErr(SysRng)));
                let tek = self.tek.as_deref().map_or_else(random, read_tek)?;
                Ok(SessionKeys { tek, tik })
            }
            (None, None) => bail!("no key: give --tik or --tk"),
        }
    }
}

/// Reads a file with a TIK.
pub(crate) fn read_tik(path: &Path) -> anyhow::Result<Tik> {
    Ok(Tik::from_bytes(&blob::read_key("TIK", path, KEY_SIZE)?)?)
}

/// Reads a file with a TEK.
pub(crate) fn read_tek(path: &Path) -> anyhow::Result<Tek> {
    Ok(Tek::from_bytes(&blob::read_key("TEK", path, KEY_SIZE)?)?)
}
