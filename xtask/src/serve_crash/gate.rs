//! Where the service is, if it may be asked: clients wait here while it does not run or is looked at.

use std::net::SocketAddr;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// The gate.
#[derive(Debug, Default)]
pub(super) struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    address: Option<SocketAddr>,
    ends: bool,
    fails: bool,
}

impl Gate {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The service may be asked, there.
    pub(super) fn open(&self, address: SocketAddr) {
        self.state().address = Some(address);
        self.changed.notify_all();
    }

    /// It may not.
    pub(super) fn close(&self) {
        self.state().address = None;
    }

    /// Clients end as soon as what they have begun is done.
    pub(super) fn end(&self) {
        self.state().ends = true;
    }

    pub(super) fn ends(&self) -> bool {
        self.state().ends
    }

    /// Clients end at once, whatever they have begun.
    pub(super) fn fail(&self) {
        let mut state = self.state();
        (state.ends, state.fails, state.address) = (true, true, None);
        self.changed.notify_all();
    }

    /// Where the service is; waits until it may be asked. `None` if it never may again.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        let mut state = self.state();
        loop {
            if state.fails || state.address.is_some() {
                return state.address;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A connection broke: it is dead there, and nobody may have noticed yet.
    pub(super) fn broken(&self, address: SocketAddr) {
        if self.state().address == Some(address) {
            thread::sleep(Duration::from_millis(2));
        }
    }
}
