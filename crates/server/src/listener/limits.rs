//! What a client may take of us: connections, time, and bytes.
//!
//! The defaults are ours. They are for an API whose requests are some KiB and whose answers take well under a second.
//! RFC 9113, section 10.5, names the ways in which HTTP/2 can be made to do work for nothing; the settings against them are
//! those of the `h2` crate.

use core::time::Duration;

use thiserror::Error;

/// The limits of one listener. `Default` has the numbers of each field's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once, in all: 8192. Above it nothing is accepted until one ends. Each takes a file descriptor, so the
    /// process's limit (`ulimit -n`) must lie above.
    pub connections: usize,
    /// Connections at once from one IPv4 address, or one IPv6 network of 64 bits, since a host gets such a one whole: 256.
    /// Above it a connection is closed at once.
    pub connections_per_address: usize,
    /// Whether connections from loopback addresses do not count for [`Self::connections_per_address`]: no. For a proxy on
    /// this machine that has all clients' connections.
    pub exempt_loopback: bool,
    /// For the TLS handshake, from the accept: 5 s. Then the connection is cut.
    pub handshake: Duration,
    /// For the headers of a request: 10 s. Of the first request on a connection from the handshake's end, of a later one in
    /// HTTP/1.1 from its first byte. Then the connection is cut.
    pub headers: Duration,
    /// Bytes of a request's first line and headers: 32 KiB. Above: 431. At least 8192, which `hyper` wants.
    pub header_bytes: usize,
    /// Headers of a request: 100. Above: 431.
    pub header_count: usize,
    /// For a connection that has no request in flight: 60 s. Then it is closed.
    pub idle: Duration,
    /// For a request, from the end of its headers to the head of its answer: 8 s. Then the handler is dropped, and the answer is
    /// that of [`Listener::on_late`](super::Listener::on_late).
    pub request: Duration,
    /// For a request and its answer's body, from the end of the headers: 30 s. Then the connection is cut. Longer than
    /// [`Self::request`]; it meets a client that does not read.
    pub exchange: Duration,
    /// For requests in flight when the listener is told to stop: 10 s.
    pub drain: Duration,
    /// Requests at once on one HTTP/2 connection (SETTINGS_MAX_CONCURRENT_STREAMS): 64.
    pub http2_streams: u32,
    /// HTTP/2 streams that the client opened and reset before we looked at them: 20. Above: GOAWAY. ("Rapid reset",
    /// CVE-2023-44487.)
    pub http2_pending_resets: usize,
    /// HTTP/2 streams that we reset because of the client's errors, over the connection's life: 128. Above: GOAWAY.
    /// (RUSTSEC-2024-0003.)
    pub http2_error_resets: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 8192,
            connections_per_address: 256,
            exempt_loopback: false,
            handshake: Duration::from_secs(5),
            headers: Duration::from_secs(10),
            header_bytes: 32 * 1024,
            header_count: 100,
            idle: Duration::from_secs(60),
            request: Duration::from_secs(8),
            exchange: Duration::from_secs(30),
            drain: Duration::from_secs(10),
            http2_streams: 64,
            http2_pending_resets: 20,
            http2_error_resets: 128,
        }
    }
}

/// A limit that nothing could be served under.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum LimitsError {
    /// Zero.
    #[error("the limit `{name}` is 0, wanted at least 1: nothing could be served")]
    Zero {
        /// The field's name.
        name: &'static str,
    },
    /// Outside what the libraries below take.
    #[error("the limit `{name}` is {found}, wanted {least} to {most}")]
    Range {
        /// The field's name.
        name: &'static str,
        /// What it was.
        found: usize,
        /// The least that can be.
        least: usize,
        /// The most that can be.
        most: usize,
    },
    /// A time that would never come, or that the clock cannot count to.
    #[error("the limit `{name}` is {found:?}, wanted at most {most:?}")]
    Long {
        /// The field's name.
        name: &'static str,
        /// What it was.
        found: Duration,
        /// The most that can be.
        most: Duration,
    },
    /// The connection would be cut before the answer that says why.
    #[error(
        "the limit `exchange` is {exchange:?}, wanted more than `request`, which is {request:?}"
    )]
    Exchange {
        /// [`Limits::exchange`].
        exchange: Duration,
        /// [`Limits::request`].
        request: Duration,
    },
}

/// The least `max_buf_size` that `hyper` takes; it panics below.
const LEAST_HEADER_BYTES: usize = 8192;
/// No header block is larger; u32 is HTTP/2's width.
const MOST_HEADER_BYTES: usize = 16 * 1024 * 1024;
/// A header takes 32 bytes of memory and more, and `http::HeaderMap` ends at 32768.
const MOST_HEADERS: usize = 16 * 1024;
/// tokio's semaphore ends at `usize::MAX / 8`; no machine has as many descriptors as this.
const MOST_CONNECTIONS: usize = 16 * 1024 * 1024;
/// A day.
const MOST_TIME: Duration = Duration::from_secs(24 * 60 * 60);

impl Limits {
    /// Whether something can be served under them. Errors: the first that cannot be.
    pub fn check(&self) -> Result<(), LimitsError> {
        range("connections", self.connections, 1, MOST_CONNECTIONS)?;
        range("connections_per_address", self.connections_per_address, 1, usize::MAX)?;
        range("header_bytes", self.header_bytes, LEAST_HEADER_BYTES, MOST_HEADER_BYTES)?;
        range("header_count", self.header_count, 1, MOST_HEADERS)?;
        range("http2_pending_resets", self.http2_pending_resets, 1, usize::MAX)?;
        range("http2_error_resets", self.http2_error_resets, 1, usize::MAX)?;
        if self.http2_streams == 0 {
            return Err(LimitsError::Zero { name: "http2_streams" });
        }
        time("handshake", self.handshake)?;
        time("headers", self.headers)?;
        time("idle", self.idle)?;
        time("request", self.request)?;
        time("exchange", self.exchange)?;
        if self.drain > MOST_TIME {
            return Err(LimitsError::Long { name: "drain", found: self.drain, most: MOST_TIME });
        }
        match self.exchange > self.request {
            true => Ok(()),
            false => Err(LimitsError::Exchange { exchange: self.exchange, request: self.request }),
        }
    }
}

fn range(name: &'static str, found: usize, least: usize, most: usize) -> Result<(), LimitsError> {
    match found {
        0 => Err(LimitsError::Zero { name }),
        _ if found < least || found > most => Err(LimitsError::Range { name, found, least, most }),
        _ => Ok(()),
    }
}

fn time(name: &'static str, found: Duration) -> Result<(), LimitsError> {
    match found {
        Duration::ZERO => Err(LimitsError::Zero { name }),
        _ if found > MOST_TIME => Err(LimitsError::Long { name, found, most: MOST_TIME }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_can_be() {
        assert_eq!(Limits::default().check(), Ok(()));
    }

    #[test]
    fn limits_that_hyper_would_panic_at_are_errors() {
        let found = |limits: Limits| limits.check().map_err(|error| error.to_string());
        assert_eq!(
            found(Limits { header_bytes: 8191, ..Limits::default() }),
            Err("the limit `header_bytes` is 8191, wanted 8192 to 16777216".to_owned())
        );
        assert_eq!(
            found(Limits { idle: Duration::ZERO, ..Limits::default() }),
            Err("the limit `idle` is 0, wanted at least 1: nothing could be served".to_owned())
        );
        assert_eq!(
            found(Limits { headers: Duration::MAX, ..Limits::default() }),
            Err("the limit `headers` is 18446744073709551615.999999999s, wanted at most 86400s"
                .to_owned())
        );
        assert_eq!(
            found(Limits { request: Duration::from_secs(30), ..Limits::default() }),
            Err("the limit `exchange` is 30s, wanted more than `request`, which is 30s".to_owned())
        );
        assert_eq!(found(Limits { drain: Duration::ZERO, ..Limits::default() }), Ok(()));
    }
}
