//! The loop that accepts connections, counts them, and at the end waits for them.

use core::time::Duration;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until, timeout};

use super::connection::{self, Rules};
use super::limits::Limits;

/// How often it is said that all connections are taken.
const SAY_AGAIN: Duration = Duration::from_secs(10);

/// How a listener ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    /// Connections that were open when it was told to stop.
    pub open: usize,
    /// Those of them that had not finished in time, and were cut.
    pub cut: usize,
}

/// Returns when `stop` holds `true` or nobody can set it any more.
pub(super) async fn told(stop: &mut watch::Receiver<bool>) {
    // An error is a sender that is gone: nobody could tell us any more.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Accepts until told to stop, then drains.
pub(super) async fn run(
    socket: TcpListener,
    rules: Arc<Rules>,
    mut stop: watch::Receiver<bool>,
) -> Drained {
    let mut connections = JoinSet::new();
    let room = Arc::new(Semaphore::new(rules.limits.connections));
    let per_address = PerAddress::new(&rules.limits);
    let mut pause = Duration::ZERO;
    let mut paused_until = None;
    let mut said_full: Option<Instant> = None;
    loop {
        if room.available_permits() == 0 && said_full.is_none_or(|at| at.elapsed() > SAY_AGAIN) {
            tracing::warn!(limit = rules.limits.connections, "all connections are taken");
            said_full = Some(Instant::now());
        }
        // All of the waiting is in here, so that connections that end and the word to stop are still heard.
        let accepted = async {
            if let Some(until) = paused_until {
                sleep_until(until).await;
            }
            let place = Arc::clone(&room).acquire_owned().await;
            (place, socket.accept().await)
        };
        let (place, accepted) = tokio::select! {
            biased;
            () = told(&mut stop) => break,
            Some(ended) = connections.join_next() => {
                note(&ended);
                continue;
            }
            accepted = accepted => accepted,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                pause = pause_after(&error, pause);
                if pause.is_zero() {
                    tracing::debug!(%error, "a connection ended before it was accepted");
                } else {
                    tracing::warn!(%error, ?pause, "a connection could not be accepted");
                    paused_until = Some(Instant::now() + pause);
                }
                continue;
            }
        };
        (pause, paused_until) = (Duration::ZERO, None);
        let Some(counted) = per_address.count(address) else {
            tracing::debug!(%address, "a connection is closed: its address has too many");
            continue;
        };
        let served = connection::serve(Arc::clone(&rules), stream, address, stop.clone());
        connections.spawn(async move {
            served.await;
            drop((counted, place));
        });
    }
    // Whoever comes now is refused by the kernel.
    drop(socket);
    drain(connections, rules.limits.drain).await
}

async fn drain(mut connections: JoinSet<()>, time: Duration) -> Drained {
    let open = connections.len();
    let all = async {
        while let Some(ended) = connections.join_next().await {
            note(&ended);
        }
    };
    let finished = timeout(time, all).await.is_ok();
    let cut = if finished { 0 } else { connections.len() };
    connections.shutdown().await;
    tracing::info!(open, cut, "a listener has ended");
    Drained { open, cut }
}

/// A panic ends its connection alone; its text may hold anything, and is left to the process's hook.
fn note(ended: &Result<(), JoinError>) {
    if ended.as_ref().is_err_and(JoinError::is_panic) {
        tracing::error!("a connection ended with a panic: this is a defect");
    }
}

/// How long to wait after a failed accept: not at all where the connection failed, and longer each time where we did.
fn pause_after(error: &io::Error, before: Duration) -> Duration {
    match error.kind() {
        io::ErrorKind::ConnectionAborted
        | io::ErrorKind::ConnectionRefused
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::Interrupted => Duration::ZERO,
        // No descriptors (EMFILE, ENFILE) or no memory: accept(2) would fail again at once.
        _ => before.saturating_mul(2).clamp(Duration::from_millis(20), Duration::from_secs(1)),
    }
}

/// How many connections each address has.
#[derive(Clone, Debug)]
struct PerAddress {
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
    most: usize,
    exempt_loopback: bool,
}

/// One connection that is counted, until it is dropped. `None` is one that does not count.
#[derive(Debug)]
struct Counted(Option<(PerAddress, IpAddr)>);

impl PerAddress {
    fn new(limits: &Limits) -> Self {
        Self {
            open: Arc::default(),
            most: limits.connections_per_address,
            exempt_loopback: limits.exempt_loopback,
        }
    }

    fn open(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts one more, unless that is too many.
    fn count(&self, address: SocketAddr) -> Option<Counted> {
        let client = network(address.ip());
        if self.exempt_loopback && client.is_loopback() {
            return Some(Counted(None));
        }
        let mut open = self.open();
        let count = open.entry(client).or_insert(0);
        if *count >= self.most {
            return None;
        }
        *count = count.saturating_add(1);
        Some(Counted(Some((self.clone(), client))))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let Some((per_address, client)) = &self.0 else { return };
        let mut open = per_address.open();
        if let Some(count) = open.get_mut(client) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                open.remove(client);
            }
        }
    }
}

/// What counts as one client: an IPv4 address, or the upper 64 bits of an IPv6 one, which are all its host's.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) if !address.is_loopback() => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)))
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_client_is_one_ipv4_address_or_one_ipv6_network() {
        let of = |text: &str| network(text.parse().expect("an address")).to_string();
        assert_eq!(of("192.0.2.7"), "192.0.2.7");
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("::1"), "::1");
    }

    #[test]
    fn an_address_has_its_most_and_gets_a_place_back() {
        let limits = Limits { connections_per_address: 2, ..Limits::default() };
        let per_address = PerAddress::new(&limits);
        let count = |text: &str| per_address.count(text.parse().expect("an address"));
        let first = count("192.0.2.7:1");
        let second = count("[::ffff:192.0.2.7]:2");
        assert!(first.is_some() && second.is_some() && count("192.0.2.7:3").is_none());
        assert!(count("192.0.2.8:1").is_some());
        drop(first);
        assert!(count("192.0.2.7:4").is_some());
        drop(second);
        assert!(per_address.open().is_empty());
    }

    #[test]
    fn loopback_can_be_exempt() {
        let limits =
            Limits { connections_per_address: 1, exempt_loopback: true, ..Limits::default() };
        let per_address = PerAddress::new(&limits);
        let kept: Vec<_> =
            (1..4).map(|port| per_address.count(([127, 0, 0, 1], port).into())).collect();
        assert!(kept.iter().all(Option::is_some) && per_address.open().is_empty());
    }

    #[test]
    fn pauses_grow_to_a_second_when_we_have_run_out() {
        // 24 is EMFILE, 103 is ECONNABORTED, of Linux's errno.h.
        let pauses = |number| {
            let error = io::Error::from_raw_os_error(number);
            core::iter::successors(Some(Duration::ZERO), move |pause| {
                Some(pause_after(&error, *pause))
            })
        };
        let found: Vec<_> = pauses(24).skip(1).take(8).map(|pause| pause.as_millis()).collect();
        assert_eq!(found, [20, 40, 80, 160, 320, 640, 1000, 1000]);
        assert!(pauses(103).take(9).all(|pause| pause.is_zero()));
    }
}
