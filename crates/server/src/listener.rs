//! The service on a socket: connections are accepted, limited, decrypted, and handed to an axum [`Router`] as HTTP requests.
//!
//! HTTP/1.1 is that of RFC 9112, HTTP/2 that of RFC 9113, TLS 1.3 that of RFC 8446. Over TLS the version of HTTP is agreed by
//! ALPN (`h2`, `http/1.1`); without TLS a client says it by its first bytes ("prior knowledge").
//!
//! What surprises:
//! - Plaintext stands on loopback only, unless [`Listener::danger_plaintext_anywhere`] is called.
//! - When as many connections are open as [`Limits::connections`] allows, no more are accepted: those that come wait in the
//!   kernel's queue until one ends, which the limits of time see to. So a burst waits for a moment and is not refused.
//!   An address that has too many connections is told at once, by a close without a byte.
//! - A handler that takes longer than [`Limits::request`] is dropped where it waits: what must not stop halfway belongs into a
//!   task or a thread of its own.
//! - A request is in flight from the end of its headers until its answer is handed over whole. A drain waits for those alone.
//! - TLS sessions are not resumed: each connection's client certificate is verified anew, against the authorities of now.

mod accept;
mod activity;
mod answer;
mod certificate;
mod connection;
mod limits;
mod pem_files;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use thiserror::Error;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;

pub use accept::Drained;
pub(crate) use accept::network;
pub use answer::Late;
pub use certificate::{CertificateError, ClientCertificate};
pub use limits::{Limits, LimitsError};
pub use pem_files::PemError;
pub use tls::{Tls, TlsError, TlsSettings};

/// How many connections the kernel keeps for us while we do not accept. The kernel's own limit may be lower.
const BACKLOG: u32 = 4096;

/// Who sent a request. Every request has one as an extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The other end of the connection: a proxy's address, when one stands between.
    pub address: SocketAddr,
    /// The certificate that the client proved to hold, verified against the authorities. Never given without TLS.
    pub certificate: Option<Arc<ClientCertificate>>,
}

/// Why there is no listener.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ListenerError {
    /// The address cannot be had.
    #[error("cannot listen on {address}: choose another address or port, or end what holds it")]
    Bind {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The socket does not tell its address.
    #[error("the listening socket does not tell its address")]
    Address(#[source] io::Error),
    /// Plaintext where others than this machine can read it.
    #[error(
        "plaintext on {address}, wanted a loopback address: give a certificate and a key, or listen on 127.0.0.1 or [::1]"
    )]
    NotLoopback {
        /// The socket's address.
        address: SocketAddr,
    },
    /// A limit that nothing could be served under.
    #[error(transparent)]
    Limits(#[from] LimitsError),
}

/// Opens a listening socket. Port 0 lets the system choose one.
///
/// The address may be taken again right after an earlier process left it (SO_REUSEADDR). Errors: the address is taken, is not
/// this machine's, or may not be had without rights. Must be called inside a tokio runtime.
pub fn bind(address: SocketAddr) -> Result<TcpListener, ListenerError> {
    let listen = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    listen().map_err(|source| ListenerError::Bind { address, source })
}

/// A listening socket and the rules of its connections.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    tls: Option<Tls>,
    limits: Limits,
    on_late: fn(Late) -> Response,
}

impl Listener {
    /// A listener with TLS. Errors: limits that cannot be.
    pub fn with_tls(socket: TcpListener, tls: Tls, limits: Limits) -> Result<Self, ListenerError> {
        Self::new(socket, Some(tls), limits)
    }

    /// A listener without TLS, for clients on this machine: the socket must be bound to a loopback address.
    ///
    /// Errors: any other address, `0.0.0.0` and `[::]` among them; limits that cannot be.
    pub fn plaintext_on_loopback(
        socket: TcpListener,
        limits: Limits,
    ) -> Result<Self, ListenerError> {
        let address = socket.local_addr().map_err(ListenerError::Address)?;
        match address.ip().to_canonical().is_loopback() {
            true => Self::new(socket, None, limits),
            false => Err(ListenerError::NotLoopback { address }),
        }
    }

    /// A listener without TLS on any address: whoever is between reads and changes all of it, tokens and secrets too.
    ///
    /// For a machine where something else ends TLS before us, on a wire that nobody else reaches. Errors: limits that cannot be.
    pub fn danger_plaintext_anywhere(
        socket: TcpListener,
        limits: Limits,
    ) -> Result<Self, ListenerError> {
        Self::new(socket, None, limits)
    }

    fn new(socket: TcpListener, tls: Option<Tls>, limits: Limits) -> Result<Self, ListenerError> {
        limits.check()?;
        Ok(Self { socket, tls, limits, on_late: answer::without_body })
    }

    /// Says how a request is answered that took longer than [`Limits::request`]. Without this: 408 or 503, with no body.
    #[must_use]
    pub fn on_late(mut self, answer: fn(Late) -> Response) -> Self {
        self.on_late = answer;
        self
    }

    /// The address that is listened on, with the port that the system chose.
    pub fn address(&self) -> Result<SocketAddr, ListenerError> {
        self.socket.local_addr().map_err(ListenerError::Address)
    }

    /// Serves until `stop` holds `true` or its sender is gone, then drains: nothing more is accepted, and the socket is closed;
    /// connections without a request in flight are closed; those with one have [`Limits::drain`] to finish; then all are cut.
    ///
    /// Errors of a single connection are logged at debug with the peer's address, and end nothing else. A socket that cannot
    /// accept (no descriptors left) is tried again, after a pause of up to a second.
    pub async fn serve(self, app: Router, stop: watch::Receiver<bool>) -> Drained {
        let rules =
            connection::Rules { app, tls: self.tls, limits: self.limits, on_late: self.on_late };
        accept::run(self.socket, Arc::new(rules), stop).await
    }
}
