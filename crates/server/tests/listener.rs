//! The listener over real sockets on loopback: raw bytes, or TLS by rustls with certificates that /usr/bin/openssl made.
//!
//! openssl and not a crate makes them, because then no code of ours or of rustls's has a say in what is expected. Bytes of
//! HTTP/2 are those of RFC 9113 and RFC 7541, by hand.

use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Bytes;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use hyper::body::{Body, Frame};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use sev_launch_server::listener::{
    Drained, Late, Limits, Listener, ListenerError, Peer, PemError, Tls, TlsError, TlsSettings,
    bind,
};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
const HELLO: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// Counts the handlers that were dropped before their end.
static DROPPED: AtomicUsize = AtomicUsize::new(0);

struct CountsDrop;

impl Drop for CountsDrop {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, Ordering::SeqCst);
    }
}

fn app() -> Router {
    async fn who(Extension(peer): Extension<Peer>) -> String {
        assert!(peer.address.ip().is_loopback());
        peer.certificate.map_or("nobody".to_owned(), |certificate| certificate.principal())
    }
    async fn slow() -> &'static str {
        sleep(Duration::from_millis(600)).await;
        "slow"
    }
    async fn defect() -> &'static str {
        panic!("a defect, on purpose")
    }
    async fn stuck() {
        let _drop = CountsDrop;
        core::future::pending::<()>().await;
    }
    Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/who", get(who))
        .route("/slow", get(slow))
        .route("/stuck", get(stuck))
        .route("/panic", get(defect))
        .route("/upload", post(|body: Bytes| async move { body.len().to_string() }))
}

struct Running {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<Drained>,
}

impl Running {
    fn start(listener: Listener) -> Self {
        let address = listener.address().expect("an address");
        let (stop, told) = watch::channel(false);
        Self { address, stop, task: tokio::spawn(listener.serve(app(), told)) }
    }

    fn plaintext(limits: Limits) -> Self {
        let listener = Listener::plaintext_on_loopback(socket(), limits);
        Self::start(listener.expect("a loopback address"))
    }

    fn tls(tls: &Tls) -> Self {
        let listener = Listener::with_tls(socket(), tls.clone(), Limits::default());
        Self::start(listener.expect("limits that can be"))
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("a connection")
    }

    /// Sends the bytes on a connection of their own, and gives what comes back until the end.
    async fn send(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect().await;
        stream.write_all(bytes).await.expect("written");
        to_end(&mut stream).await
    }

    async fn stop(self) -> Drained {
        self.stop.send(true).expect("it listens");
        timeout(PATIENCE, self.task).await.expect("in time").expect("no panic")
    }
}

fn socket() -> tokio::net::TcpListener {
    bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port")
}

/// Everything until the connection ends, a reset among its ends.
async fn to_end(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut found = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut found));
    let _ = read.await.expect("the connection ends");
    String::from_utf8_lossy(&found).into_owned()
}

/// One answer with a body of known text, on a connection that stays.
async fn answer(stream: &mut (impl AsyncRead + Unpin), end: &str) -> String {
    let mut found = Vec::new();
    let read = async {
        while !found.ends_with(end.as_bytes()) {
            let byte = stream.read_u8().await.unwrap_or_else(|error| {
                panic!("{error} after {:?}", String::from_utf8_lossy(&found))
            });
            found.push(byte);
        }
    };
    timeout(PATIENCE, read).await.expect("an answer");
    String::from_utf8_lossy(&found).into_owned()
}

/// How long until the other side ends the connection without a word.
async fn cut_after(stream: &mut (impl AsyncRead + Unpin), since: Instant) -> Duration {
    assert_eq!(to_end(stream).await, "");
    since.elapsed()
}

fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

// HTTP/1.1 in plaintext

#[tokio::test]
async fn http1_keeps_a_connection_for_many_requests() {
    let server = Running::plaintext(Limits::default());
    let mut stream = server.connect().await;
    for _ in 0..3 {
        stream.write_all(HELLO).await.expect("written");
        let found = answer(&mut stream, "hello").await;
        assert!(found.starts_with("HTTP/1.1 200 OK\r\n"), "{found}");
    }
    let who = server.send(b"GET /who HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert!(who.ends_with("\r\n\r\nnobody"), "{who}");
}

#[tokio::test]
async fn what_is_no_request_gets_400() {
    let server = Running::plaintext(Limits::default());
    for bytes in [
        "nonsense\r\n\r\n",
        "GET /\r\n\r\n",
        "GET / HTTP/1.1 x\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "G\0T / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\n\r\n",
    ] {
        let found = server.send(bytes.as_bytes()).await;
        assert!(found.starts_with("HTTP/1.1 400 "), "{bytes:?}: {found}");
    }
}

#[tokio::test]
async fn too_large_headers_get_431() {
    let server = Running::plaintext(Limits::default());
    let line = |length| format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(length));
    let fits = line(31 * 1024).replace("Host", "Connection: close\r\nHost");
    let found = server.send(fits.as_bytes()).await;
    assert!(found.starts_with("HTTP/1.1 200 "), "{found}");
    // The second is larger than what is read of it, and the answer arrives all the same.
    for length in [33 * 1024, 150 * 1024] {
        let found = server.send(line(length).as_bytes()).await;
        assert!(found.starts_with("HTTP/1.1 431 "), "{found:?}");
    }
    let many =
        |count| format!("GET / HTTP/1.1\r\nConnection: close\r\n{}\r\n", "a: b\r\n".repeat(count));
    let found = server.send(many(99).as_bytes()).await;
    assert!(found.starts_with("HTTP/1.1 200 "), "{found}");
    let found = server.send(many(100).as_bytes()).await;
    assert!(found.starts_with("HTTP/1.1 431 "), "{found}");
}

#[tokio::test]
async fn slow_headers_are_cut() {
    let server = Running::plaintext(Limits { headers: millis(300), ..Limits::default() });
    let in_time = |found: Duration| {
        assert!(found > millis(250) && found < millis(5000), "{found:?}");
    };

    let silent = async {
        in_time(cut_after(&mut server.connect().await, Instant::now()).await);
    };
    let half_a_preface = async {
        let mut stream = server.connect().await;
        stream.write_all(b"PRI * HTTP/2.0\r\n").await.expect("written");
        in_time(cut_after(&mut stream, Instant::now()).await);
    };
    let drop_by_drop = async {
        let (mut read, mut write) = server.connect().await.into_split();
        let since = Instant::now();
        let writer = tokio::spawn(async move {
            for byte in HELLO.iter().cycle().filter(|byte| **byte != b'\r' && **byte != b'\n') {
                if write.write_all(&[*byte]).await.is_err() {
                    break;
                }
                sleep(millis(20)).await;
            }
        });
        in_time(cut_after(&mut read, since).await);
        writer.abort();
    };
    let second_request = async {
        let mut stream = server.connect().await;
        stream.write_all(HELLO).await.expect("written");
        answer(&mut stream, "hello").await;
        // An idle connection may stay for longer than headers may take.
        sleep(millis(600)).await;
        stream.write_all(b"GET / HTTP/1.1\r\n").await.expect("written");
        in_time(cut_after(&mut stream, Instant::now()).await);
    };
    tokio::join!(silent, half_a_preface, drop_by_drop, second_request);
}

#[tokio::test]
async fn idle_connections_are_closed() {
    let server = Running::plaintext(Limits { idle: millis(300), ..Limits::default() });
    let mut stream = server.connect().await;
    stream.write_all(HELLO).await.expect("written");
    answer(&mut stream, "hello").await;
    // A request in flight is not idle.
    stream.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await.expect("written");
    answer(&mut stream, "slow").await;
    let found = cut_after(&mut stream, Instant::now()).await;
    assert!(found > millis(250) && found < millis(5000), "{found:?}");
}

#[tokio::test]
async fn late_requests_are_answered_as_the_app_says() {
    let limits = Limits { request: millis(200), ..Limits::default() };
    let stuck = b"GET /stuck HTTP/1.1\r\nHost: a\r\n\r\n";
    let half = b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf";
    let server = Running::plaintext(limits.clone());
    let found = server.send(stuck).await;
    assert!(found.starts_with("HTTP/1.1 503 "), "{found}");
    let found = server.send(half).await;
    assert!(found.starts_with("HTTP/1.1 408 "), "{found}");

    fn says(late: Late) -> Response {
        (late.status(), format!("late: {late:?}")).into_response()
    }
    let listener = Listener::plaintext_on_loopback(socket(), limits).expect("loopback");
    let server = Running::start(listener.on_late(says));
    assert!(server.send(stuck).await.ends_with("late: Answer"));
    assert!(server.send(half).await.ends_with("late: Request"));
}

/// As much as the client reads.
struct Endless;

impl Body for Endless {
    type Data = Bytes;
    type Error = core::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[0; 65536])))))
    }
}

#[tokio::test]
async fn an_exchange_has_an_end() {
    let limits = Limits { request: millis(200), exchange: millis(500), ..Limits::default() };
    let endless = || async { axum::body::Body::new(Endless) };
    let listener = Listener::plaintext_on_loopback(socket(), limits).expect("loopback");
    let address = listener.address().expect("an address");
    let (_stop, told) = watch::channel(false);
    tokio::spawn(listener.serve(Router::new().route("/", get(endless)), told));
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(HELLO).await.expect("written");
    // It does not read, until the server has long since given up.
    sleep(millis(1500)).await;
    let mut found = Vec::new();
    let ended = timeout(PATIENCE, stream.read_to_end(&mut found)).await.expect("it ends");
    assert!(ended.is_err() || !found.ends_with(b"0\r\n\r\n"), "{ended:?}");
}

#[tokio::test]
async fn a_panic_ends_its_connection_alone() {
    let server = Running::plaintext(Limits::default());
    assert_eq!(server.send(b"GET /panic HTTP/1.1\r\nHost: a\r\n\r\n").await, "");
    let found = server.send(b"GET / HTTP/1.0\r\n\r\n").await;
    assert!(found.ends_with("hello"), "{found}");
}

// HTTP/2 by its bytes

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// RFC 7541, C.3.1: GET, http, /, www.example.com.
const GET_ROOT: &[u8] = b"\x82\x86\x84\x41\x0fwww.example.com";
/// The same by RFC 7541, 6.2.2 (a literal of another path), with the static table's names.
const GET_SLOW: &[u8] = b"\x82\x86\x04\x05/slow\x41\x0fwww.example.com";
const GET_STUCK: &[u8] = b"\x82\x86\x04\x06/stuck\x41\x0fwww.example.com";
// RFC 9113, section 6: types of frames; flags END_STREAM and END_HEADERS.
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const WHOLE: u8 = 0x5;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// The preface, our settings, and one request on stream 1.
fn http2_request(block: &[u8]) -> Vec<u8> {
    [PREFACE, &frame(SETTINGS, 0, 0, &[]), &frame(HEADERS, WHOLE, 1, block)].concat()
}

/// The payload of the next frame of the kind.
async fn next_frame(stream: &mut (impl AsyncRead + Unpin), wanted: u8) -> Vec<u8> {
    let read = async {
        loop {
            let mut head = [0; 9];
            stream.read_exact(&mut head).await.expect("a frame");
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut payload = vec![0; usize::try_from(length).expect("short")];
            stream.read_exact(&mut payload).await.expect("a payload");
            if head[3] == wanted {
                return payload;
            }
        }
    };
    timeout(PATIENCE, read).await.expect("a frame in time")
}

/// Says hello in HTTP/2, and expects an answer. 0x88 is `:status: 200`. [RFC 7541, appendix A]
async fn http2_hello(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) {
    stream.write_all(&http2_request(GET_ROOT)).await.expect("written");
    stream.flush().await.expect("flushed");
    assert_eq!(next_frame(stream, HEADERS).await[0], 0x88);
    assert_eq!(next_frame(stream, DATA).await, b"hello");
}

#[tokio::test]
async fn http2_by_prior_knowledge() {
    let server = Running::plaintext(Limits { idle: millis(300), ..Limits::default() });
    let mut stream = server.connect().await;
    http2_hello(&mut stream).await;
    // Idle: a goodbye with NO_ERROR, and the end. [RFC 9113, section 7]
    assert_eq!(next_frame(&mut stream, GOAWAY).await[4..8], [0, 0, 0, 0]);
    let since = Instant::now();
    to_end(&mut stream).await;
    assert!(since.elapsed() < millis(5000));
}

#[tokio::test]
async fn http2_has_the_same_limits() {
    let server = Running::plaintext(Limits { header_bytes: 8192, ..Limits::default() });
    // RFC 7541, 6.2.2: literals without indexing, with new names. `a: b` a hundred times and once more, and one of 10000 bytes.
    let many = [GET_ROOT, &b"\x00\x01a\x01b".repeat(101)].concat();
    // 10000 = 127 + 9873 with a prefix of 7 bits. [RFC 7541, 5.1]
    let large = [GET_ROOT, b"\x00\x01a\x7f\x91\x4d", &[b'x'; 10_000]].concat();
    for block in [many, large] {
        let mut stream = server.connect().await;
        stream.write_all(&http2_request(&block)).await.expect("written");
        let found = next_frame(&mut stream, HEADERS).await;
        // 431 in the code of RFC 7541, appendix B: 011010 011001 00001, and ones.
        assert_eq!(found[1..5], [0x83, 0x69, 0x90, 0xff], "{found:x?}");
    }
    let mut stream = server.connect().await;
    stream.write_all(&http2_request(GET_ROOT)).await.expect("written");
    let settings = next_frame(&mut stream, SETTINGS).await;
    // RFC 9113, 6.5.2: MAX_CONCURRENT_STREAMS is 3, MAX_HEADER_LIST_SIZE is 6.
    let has = |setting: [u8; 6]| settings.chunks(6).any(|found| found == setting);
    assert!(has([0, 3, 0, 0, 0, 64]) && has([0, 6, 0, 0, 0x20, 0]), "{settings:x?}");
}

#[tokio::test]
async fn rapid_resets_end_an_http2_connection() {
    let server = Running::plaintext(Limits::default());
    let mut stream = server.connect().await;
    let mut bytes = [PREFACE, &frame(SETTINGS, 0, 0, &[])].concat();
    for number in (1..2001).step_by(2) {
        bytes.extend(frame(HEADERS, WHOLE, number, GET_STUCK));
        // CANCEL is 8. [RFC 9113, section 7]
        bytes.extend(frame(RST_STREAM, 0, number, &[0, 0, 0, 8]));
    }
    let _ = stream.write_all(&bytes).await;
    // ENHANCE_YOUR_CALM is 11.
    assert_eq!(next_frame(&mut stream, GOAWAY).await[4..8], [0, 0, 0, 11]);
}

// How many

#[tokio::test]
async fn above_the_limit_connections_wait() {
    let server = Running::plaintext(Limits { connections: 2, ..Limits::default() });
    let mut kept = Vec::new();
    for _ in 0..2 {
        let mut stream = server.connect().await;
        stream.write_all(HELLO).await.expect("written");
        answer(&mut stream, "hello").await;
        kept.push(stream);
    }
    let mut third = server.connect().await;
    third.write_all(HELLO).await.expect("written");
    let early = timeout(millis(300), third.read_u8()).await;
    assert!(early.is_err(), "{early:?}");
    kept.pop();
    answer(&mut third, "hello").await;
}

#[tokio::test]
async fn above_the_limit_of_an_address_connections_are_closed() {
    let server = Running::plaintext(Limits { connections_per_address: 2, ..Limits::default() });
    let mut kept = Vec::new();
    for _ in 0..2 {
        let mut stream = server.connect().await;
        stream.write_all(HELLO).await.expect("written");
        answer(&mut stream, "hello").await;
        kept.push(stream);
    }
    let found = cut_after(&mut server.connect().await, Instant::now()).await;
    assert!(found < millis(2000), "{found:?}");
    kept.pop();
    let again = async {
        while !server.send(b"GET / HTTP/1.0\r\n\r\n").await.ends_with("hello") {
            sleep(millis(20)).await;
        }
    };
    timeout(PATIENCE, again).await.expect("a place");
}

/// Raises the limit of descriptors to what is wanted, or as far as it goes; says how many there are.
fn descriptors(wanted: u64) -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let most = limit.maximum.unwrap_or(u64::MAX);
    let raised = Rlimit { current: Some(wanted.min(most)), maximum: limit.maximum };
    if limit.current.is_some_and(|current| current < wanted) {
        let _ = setrlimit(Resource::Nofile, raised);
    }
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

#[tokio::test]
async fn five_thousand_idle_connections_leave_room_for_one_more() {
    // Each connection has its two ends in this process.
    let wanted = 5000;
    let have = usize::try_from(descriptors(2 * 5000 + 200)).unwrap_or(usize::MAX);
    let count = wanted.min(have.saturating_sub(200) / 2);
    if count < wanted {
        eprintln!(
            "WARNING: only {have} descriptors may be open: {count} connections instead of {wanted}"
        );
    }
    let limits = Limits {
        connections_per_address: wanted + 1,
        headers: Duration::from_secs(60),
        ..Limits::default()
    };
    let server = Running::plaintext(limits);
    let mut idle = Vec::new();
    for _ in 0..count {
        idle.push(server.connect().await);
    }
    let since = Instant::now();
    let found = server.send(b"GET / HTTP/1.0\r\n\r\n").await;
    assert!(found.ends_with("hello"), "{found}");
    assert!(since.elapsed() < millis(2000), "{:?}", since.elapsed());
    // They are all accepted, and each is still served.
    let last = idle.last_mut().expect("a connection");
    last.write_all(HELLO).await.expect("written");
    answer(last, "hello").await;
    drop(idle);
    assert_eq!(server.stop().await.cut, 0);
}

/// Runs itself again in a process of its own, since the limit of descriptors is the whole process's.
#[test]
fn without_descriptors_the_listener_waits_and_goes_on() {
    const NAME: &str = "without_descriptors_the_listener_waits_and_goes_on";
    const INNER: &str = "LISTENER_TEST_WITHOUT_DESCRIPTORS";
    if std::env::var_os(INNER).is_none() {
        let itself = std::env::current_exe().expect("a path");
        let done =
            Command::new(itself).args(["--exact", NAME, "--nocapture"]).env(INNER, "1").output();
        let done = done.expect("it runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let server = Running::plaintext(Limits::default());
        assert!(server.send(b"GET / HTTP/1.0\r\n\r\n").await.ends_with("hello"));
        // The server's end of that connection is closed when it has seen the client's close.
        sleep(millis(200)).await;
        let limit = getrlimit(Resource::Nofile);
        let few = Rlimit { current: Some(64), maximum: limit.maximum };
        setrlimit(Resource::Nofile, few).expect("a lower limit");
        // All descriptors but one are taken, and that one is the client's end.
        let mut taken = Vec::new();
        while let Ok(file) = fs::File::open("/dev/null") {
            taken.push(file);
        }
        taken.pop();
        let mut stream = server.connect().await;
        stream.write_all(HELLO).await.expect("written");
        let (before, since) = (cpu_time(), Instant::now());
        let early = timeout(millis(500), stream.read_u8()).await;
        assert!(early.is_err(), "{early:?}");
        // It does not spin: of half a second it takes little.
        let spent = cpu_time() - before;
        assert!(spent < since.elapsed() / 4, "{spent:?}");
        drop(taken);
        answer(&mut stream, "hello").await;
    });
}

/// What this process has taken of the processors.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.try_into().expect("not negative")
}

// The end

#[tokio::test]
async fn a_drain_finishes_what_is_in_flight() {
    let server = Running::plaintext(Limits::default());
    let address = server.address;
    let mut http1 = server.connect().await;
    let mut http2 = server.connect().await;
    let mut idle = server.connect().await;
    http1.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await.expect("written");
    http2.write_all(&http2_request(GET_SLOW)).await.expect("written");
    idle.write_all(HELLO).await.expect("written");
    answer(&mut idle, "hello").await;
    sleep(millis(100)).await;
    server.stop.send(true).expect("it listens");
    assert_eq!(to_end(&mut idle).await, "");
    let refused = TcpStream::connect(address).await;
    assert!(refused.is_err(), "{refused:?}");
    let found = to_end(&mut http1).await;
    assert!(found.starts_with("HTTP/1.1 200 ") && found.ends_with("slow"), "{found}");
    assert_eq!(next_frame(&mut http2, HEADERS).await[0], 0x88);
    assert_eq!(next_frame(&mut http2, DATA).await, b"slow");
    drop(http2);
    let drained = timeout(PATIENCE, server.task).await.expect("in time").expect("no panic");
    assert_eq!(drained, Drained { open: 3, cut: 0 });
}

#[tokio::test]
async fn a_drain_cuts_what_does_not_finish() {
    let server = Running::plaintext(Limits { drain: millis(200), ..Limits::default() });
    let mut http1 = server.connect().await;
    let mut http2 = server.connect().await;
    http1.write_all(b"GET /stuck HTTP/1.1\r\nHost: a\r\n\r\n").await.expect("written");
    http2.write_all(&http2_request(GET_STUCK)).await.expect("written");
    sleep(millis(200)).await;
    let before = DROPPED.load(Ordering::SeqCst);
    let since = Instant::now();
    assert_eq!(server.stop().await, Drained { open: 2, cut: 2 });
    assert!(since.elapsed() < millis(5000));
    assert_eq!(to_end(&mut http1).await, "");
    to_end(&mut http2).await;
    // The handlers are gone too.
    sleep(millis(100)).await;
    assert!(DROPPED.load(Ordering::SeqCst) >= before + 2);
}

#[tokio::test]
async fn a_sender_that_is_gone_is_a_stop() {
    let server = Running::plaintext(Limits::default());
    drop(server.stop);
    let drained = timeout(PATIENCE, server.task).await.expect("in time").expect("no panic");
    assert_eq!(drained, Drained { open: 0, cut: 0 });
}

#[tokio::test]
async fn plaintext_is_for_loopback() {
    let everywhere = || bind(SocketAddr::from(([0, 0, 0, 0], 0))).expect("a port");
    let error = Listener::plaintext_on_loopback(everywhere(), Limits::default());
    let error = error.expect_err("not loopback");
    assert!(matches!(error, ListenerError::NotLoopback { .. }), "{error}");
    assert!(error.to_string().starts_with("plaintext on 0.0.0.0:"), "{error}");
    Listener::danger_plaintext_anywhere(everywhere(), Limits::default())
        .expect("the danger is said");
    let taken = socket();
    let address = taken.local_addr().expect("an address");
    let error = bind(address).expect_err("taken");
    assert!(error.to_string().starts_with(&format!("cannot listen on {address}: ")), "{error}");
}

// TLS

/// A folder of certificates that openssl makes.
struct Certificates(TempDir);

impl Certificates {
    fn new() -> Self {
        let made = Self(TempDir::new().expect("a folder"));
        made.make("ca", None, "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign");
        made.make(
            "server",
            Some("ca"),
            "subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth",
        );
        made
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Makes NAME.pem and NAME.key: a P-256 key and its certificate, for two days.
    fn make(&self, name: &str, issuer: Option<&str>, extensions: &str) {
        let config = format!(
            "[req]\nprompt=no\ndistinguished_name=dn\nx509_extensions=ext\n[dn]\nCN={name}\n[ext]\n{extensions}\n"
        );
        fs::write(self.path("config"), config).expect("written");
        let mut words = vec![
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -config config"
                .to_owned(),
            format!("-keyout {name}.key -out {name}.pem"),
        ];
        words.extend(issuer.map(|issuer| format!("-CA {issuer}.pem -CAkey {issuer}.key")));
        self.openssl(&words.join(" "));
    }

    fn openssl(&self, words: &str) -> String {
        let run =
            Command::new("openssl").args(words.split(' ')).current_dir(self.0.path()).output();
        let run = run.expect("openssl is installed");
        assert!(run.status.success(), "{words}: {}", String::from_utf8_lossy(&run.stderr));
        String::from_utf8(run.stdout).expect("text")
    }

    fn settings(&self) -> TlsSettings {
        TlsSettings {
            chain: self.path("server.pem"),
            key: self.path("server.key"),
            client_authorities: Some(self.path("ca.pem")),
            allow_tls_1_2: false,
        }
    }

    fn load(&self) -> Tls {
        Tls::load(self.settings()).expect("good files")
    }

    fn certificate(&self, name: &str) -> CertificateDer<'static> {
        CertificateDer::from_pem_file(self.path(&format!("{name}.pem"))).expect("a certificate")
    }
}

struct Client<'a> {
    certificates: &'a Certificates,
    with: Option<&'a str>,
    version: &'static SupportedProtocolVersion,
    alpn: &'a str,
}

impl<'a> Client<'a> {
    fn new(certificates: &'a Certificates) -> Self {
        Self { certificates, with: None, version: &rustls::version::TLS13, alpn: "http/1.1" }
    }

    fn with(certificates: &'a Certificates, name: &'a str) -> Self {
        Self { with: Some(name), ..Self::new(certificates) }
    }

    async fn connect(&self, server: &Running) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificates.certificate("ca")).expect("an authority");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[self.version])
            .expect("a version")
            .with_root_certificates(roots);
        let mut config = match self.with {
            None => config.with_no_client_auth(),
            Some(name) => {
                let key = self.certificates.path(&format!("{name}.key"));
                let key = PrivateKeyDer::from_pem_file(key).expect("a key");
                let chain = vec![self.certificates.certificate(name)];
                config.with_client_auth_cert(chain, key).expect("a pair")
            }
        };
        config.alpn_protocols = vec![self.alpn.as_bytes().to_vec()];
        let name = ServerName::try_from("localhost").expect("a name");
        TlsConnector::from(Arc::new(config)).connect(name, server.connect().await).await
    }

    /// The principal that the handler saw. In TLS 1.3 a client hears only with the first bytes that it was refused.
    async fn who(&self, server: &Running) -> std::io::Result<String> {
        let mut stream = self.connect(server).await?;
        stream.write_all(b"GET /who HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await?;
        let mut found = String::new();
        timeout(PATIENCE, stream.read_to_string(&mut found)).await.expect("in time")?;
        let (_, body) = found.split_once("\r\n\r\n").expect("an answer");
        Ok(body.to_owned())
    }
}

#[tokio::test]
async fn a_handler_sees_the_client_certificate() {
    let made = Certificates::new();
    let usage = "extendedKeyUsage=clientAuth";
    let both = "subjectAltName=DNS:h.example,URI:spiffe://a/host/7,URI:spiffe://a/other";
    made.make("uri", Some("ca"), &format!("{both}\n{usage}"));
    made.make(
        "dns",
        Some("ca"),
        &format!("subjectAltName=DNS:Host.Example,DNS:b.example\n{usage}"),
    );
    made.make("bare", Some("ca"), usage);
    let server = Running::tls(&made.load());
    assert_eq!(Client::new(&made).who(&server).await.expect("served"), "nobody");
    let who = async |name| Client::with(&made, name).who(&server).await.expect("served");
    assert_eq!(who("uri").await, "spiffe://a/host/7");
    assert_eq!(who("dns").await, "host.example");
    let printed = made.openssl("x509 -in bare.pem -noout -fingerprint -sha256");
    let (_, hex) = printed.trim_end().split_once('=').expect("a fingerprint");
    assert_eq!(who("bare").await, hex.replace(':', "").to_lowercase());
}

#[tokio::test]
async fn client_certificates_that_are_not_valid_end_the_handshake() {
    let made = Certificates::new();
    made.make("other-ca", None, "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign");
    made.make(
        "other",
        Some("other-ca"),
        "subjectAltName=URI:spiffe://a\nextendedKeyUsage=clientAuth",
    );
    made.make("self-signed", None, "subjectAltName=URI:spiffe://a");
    made.make("usage", Some("ca"), "subjectAltName=URI:spiffe://a\nextendedKeyUsage=serverAuth");
    made.make("name", Some("ca"), "subjectAltName=URI:no scheme\nextendedKeyUsage=clientAuth");
    let server = Running::tls(&made.load());
    for name in ["other", "self-signed", "usage", "name"] {
        let found = Client::with(&made, name).who(&server).await;
        assert!(found.is_err(), "{name}: {found:?}");
    }
    assert_eq!(Client::new(&made).who(&server).await.expect("served"), "nobody");
}

#[tokio::test]
async fn tls_1_2_is_spoken_only_when_said() {
    let made = Certificates::new();
    let old = Client { version: &rustls::version::TLS12, ..Client::new(&made) };
    let server = Running::tls(&made.load());
    let refused = old.connect(&server).await.expect_err("refused").to_string();
    // RFC 8446, 6.2: the alert that says so.
    assert!(refused.contains("ProtocolVersion"), "{refused}");
    let settings = TlsSettings { allow_tls_1_2: true, ..made.settings() };
    let server = Running::tls(&Tls::load(settings).expect("good files"));
    assert_eq!(old.who(&server).await.expect("served"), "nobody");
    assert_eq!(Client::new(&made).who(&server).await.expect("served"), "nobody");
}

#[tokio::test]
async fn http2_over_tls() {
    let made = Certificates::new();
    let server = Running::tls(&made.load());
    let client = Client { alpn: "h2", ..Client::new(&made) };
    let mut stream = client.connect(&server).await.expect("a connection");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    http2_hello(&mut stream).await;
    let unknown = Client { alpn: "spdy/1", ..Client::new(&made) };
    let refused = unknown.connect(&server).await.expect_err("refused").to_string();
    // RFC 7301, 3.2.
    assert!(refused.contains("NoApplicationProtocol"), "{refused}");
}

#[tokio::test]
async fn a_slow_handshake_is_cut_and_plaintext_is_refused() {
    let made = Certificates::new();
    let limits = Limits { handshake: millis(300), ..Limits::default() };
    let listener = Listener::with_tls(socket(), made.load(), limits).expect("limits that can be");
    let server = Running::start(listener);
    let found = cut_after(&mut server.connect().await, Instant::now()).await;
    assert!(found > millis(250) && found < millis(5000), "{found:?}");
    let found = server.send(HELLO).await;
    assert!(!found.contains("HTTP"), "{found}");
}

#[tokio::test]
async fn a_reload_changes_the_certificate_and_a_bad_file_does_not() {
    let made = Certificates::new();
    let tls = made.load();
    let server = Running::tls(&tls);
    let shown = async || {
        let stream = Client::new(&made).connect(&server).await.expect("a connection");
        stream.get_ref().1.peer_certificates().expect("a certificate")[0].clone()
    };
    let old = made.certificate("server");
    assert_eq!(shown().await, old);
    assert_openssl_agrees(&made, &tls);

    made.make("server", Some("ca"), "subjectAltName=DNS:localhost");
    let new = made.certificate("server");
    assert_eq!(shown().await, old);
    tls.reload().expect("good files");
    assert!(shown().await == new && new != old);
    assert_openssl_agrees(&made, &tls);

    let good = fs::read(made.path("server.pem")).expect("read");
    fs::write(made.path("server.pem"), "no certificate").expect("written");
    let error = tls.reload().expect_err("no certificate").to_string();
    let path = made.path("server.pem");
    assert_eq!(
        error,
        format!("{} has 0 PEM sections of `BEGIN CERTIFICATE`, wanted at least 1", path.display())
    );
    assert_eq!(shown().await, new);

    fs::write(made.path("server.pem"), good).expect("written");
    fs::copy(made.path("ca.key"), made.path("server.key")).expect("copied");
    let error = tls.reload().expect_err("another's key");
    assert!(matches!(error, TlsError::Key { .. }), "{error}");
    assert_eq!(shown().await, new);
}

fn assert_openssl_agrees(made: &Certificates, tls: &Tls) {
    let printed = made.openssl("x509 -in server.pem -noout -enddate -dateopt iso_8601");
    let (_, end) = printed.trim_end().split_once('=').expect("a time");
    let end: jiff::Timestamp = end.parse().expect("ISO 8601");
    assert_eq!(i64::try_from(tls.not_after()), Ok(end.as_second()));
    let printed = made.openssl("x509 -in server.pem -noout -fingerprint -sha256");
    let (_, hex) = printed.trim_end().split_once('=').expect("a fingerprint");
    assert_eq!(hex::encode_upper(tls.sha256()), hex.replace(':', ""));
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let made = Certificates::new();
    let error = |settings| Tls::load(settings).map(|_| ()).expect_err("a bad file");
    let file = |found: TlsError| match found {
        TlsError::File(error) => error,
        other => panic!("{other}"),
    };
    let mode = |name: &str, mode| {
        fs::set_permissions(made.path(name), fs::Permissions::from_mode(mode)).expect("a mode");
    };

    for open in [0o640, 0o604, 0o610, 0o601] {
        mode("server.key", open);
        let found = file(error(made.settings()));
        assert!(matches!(found, PemError::OpenToOthers { .. }), "{found}");
        assert_eq!(
            found.to_string(),
            format!(
                "the key file {} has mode {open:04o}, wanted no rights for group and others: run `chmod 600` on it",
                made.path("server.key").display()
            )
        );
    }
    mode("server.key", 0o400);
    Tls::load(made.settings()).expect("its owner's alone");

    let of = |chain: &str, key: &str| TlsSettings {
        chain: made.path(chain),
        key: made.path(key),
        ..made.settings()
    };
    assert!(matches!(file(error(of("missing", "server.key"))), PemError::Read { .. }));
    assert!(matches!(file(error(of(".", "server.key"))), PemError::NotAFile { .. }));
    write(&made.path("large"), &"x".repeat(1024 * 1024 + 1));
    assert!(matches!(file(error(of("large", "server.key"))), PemError::TooLarge { .. }));
    mode("server.pem", 0o600);
    assert!(matches!(
        file(error(of("server.pem", "server.pem"))),
        PemError::Count { found: 0, .. }
    ));
    let secret = fs::read_to_string(made.path("server.key")).expect("read");
    write(&made.path("two.key"), &secret.repeat(2));
    assert!(matches!(file(error(of("server.pem", "two.key"))), PemError::Count { found: 2, .. }));
    // Not base64, and with a line that could be quoted.
    write(
        &made.path("broken.key"),
        &secret.replace("\nM", "\n*").replace("-----END", "-----BEGIN"),
    );
    let found = file(error(of("server.pem", "broken.key")));
    assert!(matches!(found, PemError::Broken { .. }), "{found}");
    let line = secret.lines().nth(1).expect("a line");
    assert!(!format!("{found} {found:?}").contains(&line[1..]));
    let found = error(of("server.pem", "ca.key"));
    assert!(matches!(found, TlsError::Key { .. }), "{found}");
    let settings =
        TlsSettings { client_authorities: Some(made.path("bad.pem")), ..made.settings() };
    write(&made.path("bad.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let found = error(settings);
    assert!(matches!(found, TlsError::Certificate { number: 1, .. }), "{found}");
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("a mode");
}
