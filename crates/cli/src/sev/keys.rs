//! The keys of a launch session, as they are given.

use std::path::PathBuf;

use anyhow::bail;
use getrandom::SysRng;
use rand_core::UnwrapErr;
use sev_launch_abi::sev::policy::Policy;
use sev_launch_verify::sev::keys::{SessionKeys, Tek, Tik};
use sev_launch_verify::sev::session::LaunchSession;
use zeroize::Zeroizing;

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
    /// Was a TEK given?
    pub(super) fn has_tek(&self) -> bool {
        self.tek.is_some() || self.tk.is_some()
    }

    /// The session with these keys, made for this policy.
    pub(crate) fn session(&self, policy: Policy) -> anyhow::Result<LaunchSession> {
        Ok(LaunchSession::from_stored_keys(self.read()?, policy)?)
    }

    fn read(&self) -> anyhow::Result<SessionKeys> {
        let read = |what, path: &PathBuf| blob::read_array::<16>(what, path).map(Zeroizing::new);
        match (&self.tk, &self.tik) {
            (Some(path), _) => {
                let both = Zeroizing::new(blob::read_array::<32>("TEK and TIK", path)?);
                let (tek, tik) = both.split_at(16);
                Ok(SessionKeys { tek: Tek::from_bytes(tek)?, tik: Tik::from_bytes(tik)? })
            }
            (None, Some(path)) => {
                let tik = Tik::from_bytes(read("TIK", path)?.as_slice())?;
                let tek = match &self.tek {
                    Some(path) => Tek::from_bytes(read("TEK", path)?.as_slice())?,
                    // Never used: secrets are refused without one.
                    None => Tek::generate(&mut UnwrapErr(SysRng)),
                };
                Ok(SessionKeys { tek, tik })
            }
            (None, None) => bail!("no key: give --tik or --tk"),
        }
    }
}
