//! What a connection is doing, as the clock has to know it: which requests are in flight, and since when there are none.
//!
//! `hyper` cuts slow headers in HTTP/1.1 alone, takes an idle connection for one with slow headers, and knows no idleness
//! in HTTP/2. So the time is kept here: of bytes by [`Watched`], which the connection reads through, and of requests by
//! [`Exchange`], which lives as long as a request and its answer's body do.

use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use super::limits::Limits;

/// Why a connection's time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// The headers took too long.
    Headers,
    /// A request and its answer took too long.
    Exchange,
    /// Nothing was in flight for long.
    Idle,
}

/// What one connection is doing. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Activity(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// Since when nothing is in flight, if nothing is.
    quiet_since: Instant,
    /// When the first byte came after that.
    head_since: Option<Instant>,
    had_request: bool,
    http2: bool,
    in_flight: BTreeMap<u64, Instant>,
    next: u64,
}

impl Activity {
    /// Of a connection that begins now.
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            quiet_since: Instant::now(),
            head_since: None,
            had_request: false,
            http2: false,
            in_flight: BTreeMap::new(),
            next: 0,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request's headers are whole.
    pub(super) fn begin(&self, http2: bool) -> Exchange {
        let mut state = self.state();
        let number = state.next;
        state.next = number.wrapping_add(1);
        state.in_flight.insert(number, Instant::now());
        state.head_since = None;
        state.had_request = true;
        state.http2 = http2;
        Exchange { activity: self.clone(), number }
    }

    /// When the connection's time is over if nothing else happens, and why.
    pub(super) fn end(&self, limits: &Limits) -> (Instant, Over) {
        let state = self.state();
        match (state.in_flight.first_key_value(), state.head_since) {
            (Some((_, since)), _) => (*since + limits.exchange, Over::Exchange),
            (None, _) if !state.had_request => (state.quiet_since + limits.headers, Over::Headers),
            // In HTTP/2 these bytes may be anything, and a client may be quiet after them.
            (None, Some(since)) if !state.http2 => (since + limits.headers, Over::Headers),
            (None, _) => (state.quiet_since + limits.idle, Over::Idle),
        }
    }

    fn bytes_came(&self) {
        let mut state = self.state();
        if state.in_flight.is_empty() {
            state.head_since.get_or_insert_with(Instant::now);
        }
    }
}

/// A request in flight; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Exchange {
    activity: Activity,
    number: u64,
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let mut state = self.activity.state();
        state.in_flight.remove(&self.number);
        if state.in_flight.is_empty() {
            state.quiet_since = Instant::now();
            state.head_since = None;
        }
    }
}

/// An answer's body, with the exchange that it ends.
#[derive(Debug)]
pub(super) struct Answering<B> {
    pub(super) body: B,
    pub(super) _exchange: Exchange,
}

impl<B: Body<Data = Bytes> + Unpin> Body for Answering<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// How long and how far a client is listened to that we have told our last word.
const LINGER: Duration = Duration::from_millis(500);
const LINGER_BYTES: usize = 256 * 1024;

/// A connection whose arriving bytes are noticed, and that is closed so that the last answer arrives.
///
/// To close a socket with unread bytes is to reset it, and a reset may overtake the answer (RFC 9112, section 9.6): a client
/// that sends too much would never see the 431 that says so. So it is listened to for a little after we have ended our side.
#[derive(Debug)]
pub(super) struct Watched<S> {
    stream: S,
    activity: Activity,
    linger: Option<(Pin<Box<Sleep>>, usize)>,
}

impl<S> Watched<S> {
    pub(super) const fn new(stream: S, activity: Activity) -> Self {
        Self { stream, activity, linger: None }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        if buffer.filled().len() > before {
            self.activity.bytes_came();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.linger.is_none() {
            ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
        }
        let (until, left) =
            this.linger.get_or_insert_with(|| (Box::pin(sleep(LINGER)), LINGER_BYTES));
        let mut scratch = [0; 4096];
        while *left > 0 && until.as_mut().poll(context).is_pending() {
            let mut buffer = ReadBuf::new(&mut scratch);
            match ready!(Pin::new(&mut this.stream).poll_read(context, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => {
                    *left = left.saturating_sub(buffer.filled().len());
                }
                // The client has ended too, or is gone.
                _ => break,
            }
        }
        Poll::Ready(Ok(()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
