//! A server that answers whatever it is told to, on a thread, and remembers what it was asked.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// It runs until the test's process ends.
pub(crate) struct Fake {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// `answer` gets the number of the request, from 0 on, and the connection, which is closed afterwards.
    pub(crate) fn new(answer: impl Fn(usize, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/v1", listener.local_addr().expect("an address"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (kept, answer) = (Arc::clone(&seen), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
                std::thread::spawn(move || {
                    let mut stream = stream.expect("a connection");
                    stream.set_read_timeout(Some(Duration::from_secs(5))).expect("set");
                    let request = read(&mut stream);
                    let number = {
                        let mut kept = kept.lock().expect("a lock");
                        kept.push(request);
                        kept.len() - 1
                    };
                    answer(number, &mut stream);
                });
            }
        });
        Self { url, seen }
    }

    /// One that gives these bytes to everybody.
    pub(crate) fn saying(text: impl Into<Vec<u8>>) -> Self {
        let text = text.into();
        Self::new(move |_, stream| drop(stream.write_all(&text)))
    }

    /// What it was asked: heads and bodies.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().expect("a lock").clone()
    }
}

/// A head, and as many bytes as it says.
fn read(stream: &mut TcpStream) -> String {
    let mut found = Vec::new();
    let mut byte = [0; 1];
    let head = |found: &[u8]| String::from_utf8_lossy(found).into_owned();
    while !found.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => found.push(byte[0]),
            _ => return head(&found),
        }
    }
    let length = head(&found).to_lowercase();
    let length = length.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
    let mut body = vec![0; length.map_or(0, |text| text.parse().expect("a length"))];
    let _ = stream.read_exact(&mut body);
    found.extend(body);
    head(&found)
}

/// An answer of JSON.
pub(crate) fn json(status: u16, more: &str, body: &str) -> String {
    typed(status, "application/json", more, body)
}

/// A problem.
pub(crate) fn problem(status: u16, code: &str, retryable: bool, more: &str) -> String {
    let body = format!(
        r#"{{"type":"t","title":"A title","status":{status},"code":"{code}","detail":"a detail","retryable":{retryable},"hint":"a hint"}}"#
    );
    typed(status, "application/problem+json", more, &body)
}

pub(crate) fn typed(status: u16, kind: &str, more: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\nconnection: close\r\ncontent-length: {length}\r\n{more}\r\n{body}"
    )
}

/// What a service says of itself; the shape is docs/openapi.json's.
pub(crate) const SERVICE: &str = r#"{"service":"sev-attestation","api":"v1","time":"2026-08-01T00:00:00Z","schemes":["amd-sev"],"features":[],"limits":{"body-bytes":1,"firmware-bytes":2,"candidates":3},"openapi":"/v1/openapi.json"}"#;
