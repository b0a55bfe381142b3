//! One connection from its accept to its end: the TLS handshake, then HTTP, under the clock.

use core::error::Error;
use core::pin::pin;
use core::time::Duration;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::activity::{Activity, Over, Watched};
use super::answer::{Late, answer};
use super::certificate::ClientCertificate;
use super::limits::Limits;
use super::tls::Tls;
use super::{Peer, accept};

/// What a listener's connections have in common.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) app: Router,
    pub(super) tls: Option<Tls>,
    pub(super) limits: Limits,
    pub(super) on_late: fn(Late) -> Response,
}

/// Which versions of HTTP a connection may speak.
#[derive(Clone, Copy, Debug)]
enum Speaks {
    Http1,
    Http2,
    Either,
}

/// How long an idle connection has to take its goodbye.
const GOODBYE: Duration = Duration::from_secs(1);
/// Bytes of request bodies that an HTTP/2 client may send ahead: per stream, and per connection.
const STREAM_WINDOW: u32 = 128 * 1024;
const CONNECTION_WINDOW: u32 = 512 * 1024;
/// Bytes of an answer that are kept for an HTTP/2 stream whose client does not read.
const SEND_BUFFER: usize = 64 * 1024;

/// Serves one connection. Returns when it has ended, however that was.
pub(super) async fn serve(
    rules: Arc<Rules>,
    stream: TcpStream,
    address: SocketAddr,
    mut stop: watch::Receiver<bool>,
) {
    // Answers are written at once and whole: nothing is won by waiting for more.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%address, %error, "a connection ended before it began");
        return;
    }
    let Some(tls) = &rules.tls else {
        let peer = Peer { address, certificate: None };
        return speak(rules, stream, peer, Speaks::Either, stop).await;
    };
    let handshake = TlsAcceptor::from(tls.config()).accept(stream);
    let shaken = tokio::select! {
        shaken = timeout(rules.limits.handshake, handshake) => shaken,
        () = accept::told(&mut stop) => return,
    };
    let stream = match shaken {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            tracing::debug!(%address, %error, "a TLS handshake failed");
            return;
        }
        Err(_) => {
            tracing::debug!(%address, limit = ?rules.limits.handshake, "a TLS handshake took too long");
            return;
        }
    };
    let (_, session) = stream.get_ref();
    let speaks = match session.alpn_protocol() {
        Some(b"h2") => Speaks::Http2,
        _ => Speaks::Http1,
    };
    match certificate(&stream) {
        Ok(certificate) => speak(rules, stream, Peer { address, certificate }, speaks, stop).await,
        Err(error) => tracing::debug!(%address, %error, "a client certificate is refused"),
    }
}

fn certificate(
    stream: &TlsStream<TcpStream>,
) -> Result<Option<Arc<ClientCertificate>>, super::CertificateError> {
    let (_, session) = stream.get_ref();
    let leaf = session.peer_certificates().and_then(|chain| chain.first());
    leaf.map(|leaf| ClientCertificate::from_verified_der(leaf).map(Arc::new)).transpose()
}

async fn speak<S>(
    rules: Arc<Rules>,
    stream: S,
    peer: Peer,
    speaks: Speaks,
    mut stop: watch::Receiver<bool>,
) where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let address = peer.address;
    let activity = Activity::new();
    let io = TokioIo::new(Watched::new(stream, activity.clone()));
    let service = {
        let (rules, activity) = (Arc::clone(&rules), activity.clone());
        service_fn(move |request| {
            answer(Arc::clone(&rules), peer.clone(), activity.clone(), request)
        })
    };
    let builder = builder(&rules.limits, speaks);
    let mut connection = pin!(builder.serve_connection(io, service));
    let tick = rules.limits.headers.min(rules.limits.idle).min(rules.limits.exchange);
    let mut stopping = false;
    let mut goodbye = None;
    loop {
        let (end, _) = activity.end(&rules.limits);
        // What begins meanwhile may end before `end`, and never before a tick.
        let wake = goodbye.unwrap_or_else(|| end.min(Instant::now() + tick));
        tokio::select! {
            biased;
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    log(address, &*error);
                }
                return;
            }
            () = accept::told(&mut stop), if !stopping => {
                stopping = true;
                connection.as_mut().graceful_shutdown();
            }
            () = sleep_until(wake) => {
                let now = Instant::now();
                let (end, over) = activity.end(&rules.limits);
                match (goodbye, over) {
                    (None, _) if now < end => {}
                    (None, Over::Idle) => {
                        goodbye = Some(now + GOODBYE);
                        connection.as_mut().graceful_shutdown();
                    }
                    // A request came while the goodbye was on its way: it is answered, and nothing comes after it.
                    (Some(_), Over::Exchange) if now < end => goodbye = Some(end),
                    _ => {
                        tracing::debug!(%address, ?over, "a connection's time is over");
                        return;
                    }
                }
            }
        }
    }
}

fn builder(limits: &Limits, speaks: Speaks) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    let header_bytes = u32::try_from(limits.header_bytes).unwrap_or(u32::MAX);
    builder
        .http1()
        .timer(TokioTimer::new())
        // `Activity` has the time: hyper's would also end what is idle between requests.
        .header_read_timeout(None)
        .max_buf_size(limits.header_bytes)
        .max_headers(limits.header_count);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(header_bytes)
        .max_concurrent_streams(limits.http2_streams)
        .max_pending_accept_reset_streams(limits.http2_pending_resets)
        .max_local_error_reset_streams(limits.http2_error_resets)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(SEND_BUFFER);
    match speaks {
        Speaks::Http1 => builder.http1_only(),
        Speaks::Http2 => builder.http2_only(),
        Speaks::Either => builder,
    }
}

/// hyper's own text is a fixed one. What lies below it may quote the client: of a GOAWAY, h2 shows the client's words.
fn log(address: SocketAddr, error: &(dyn Error + 'static)) {
    let io =
        error.source().and_then(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    tracing::debug!(%address, %error, ?io, "a connection ended with an error");
}
