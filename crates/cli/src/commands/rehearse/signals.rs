//! Signals that are sent to this process in the VMM's place: whoever started it as a wrapper knows no other number. libvirt, for one, ends a domain by
//! SIGTERM, and by SIGKILL when that did not do.

use std::io;
use std::os::fd::OwnedFd;

use signal_hook::consts::signal::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::low_level::pipe;

use crate::output;

/// Where a byte arrives for each signal that asks the VMM to end. One that is ignored, as under nohup, stays so.
pub(super) fn end_requests() -> io::Result<OwnedFd> {
    let (arrives, asks) = io::pipe()?;
    for signal in [SIGTERM, SIGINT, SIGHUP] {
        if !output::is_ignored(signal) {
            pipe::register(signal, asks.try_clone()?)?;
        }
    }
    Ok(arrives.into())
}
