//! Somebody between an agent and a service: passes requests on, or does something else to the nth of them.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What is done to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Pass,
    /// The connection is closed, and the service never hears of it.
    CloseBefore,
    /// The service carries it out, and the connection is closed before its answer.
    CloseAfter,
    /// The service carries it out, and half of its answer is passed on.
    Half,
    /// It is passed on after so many seconds.
    Late(u64),
    /// It is answered with this, and the service never hears of it.
    Answer(String),
    /// The answer's body is changed.
    Change(&'static str, String),
}

pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    /// The first lines of the requests that came.
    pub(crate) seen: Arc<Mutex<Vec<String>>>,
    /// The last answer that the service gave to a request to validate.
    pub(crate) validated: Arc<Mutex<String>>,
}

impl Proxy {
    /// Before a service; `act` is asked for the number (from 0) and the first line of each request.
    pub(crate) fn new(
        service: SocketAddr,
        act: impl Fn(usize, &str) -> Act + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
        let address = listener.local_addr().expect("an address");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let theirs = Arc::clone(&seen);
        let validated = Arc::new(Mutex::new(String::new()));
        let kept = Arc::clone(&validated);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Some(request) = read(&stream) else { continue };
                let line = String::from_utf8_lossy(&request);
                let line = line.lines().next().unwrap_or_default().to_owned();
                let number = {
                    let mut seen = theirs.lock().expect("a lock");
                    seen.push(line.clone());
                    seen.len() - 1
                };
                let act = act(number, &line);
                let kept = line.contains("/validate ").then(|| Arc::clone(&kept));
                thread::spawn(move || {
                    let answer = done(stream, service, &request, &act);
                    if let Some(kept) = kept {
                        *kept.lock().expect("a lock") = String::from_utf8(answer).expect("text");
                    }
                });
            }
        });
        Self { address, seen, validated }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().expect("a lock").clone()
    }
}

/// A request with its body.
fn read(mut stream: &TcpStream) -> Option<Vec<u8>> {
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|part| part == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length = length.map_or(0, |text| text.trim().parse().expect("a number"));
            if bytes.len() >= end + 4 + length {
                return Some(bytes);
            }
        }
        match stream.read(&mut buffer).ok()? {
            0 => return None,
            count => bytes.extend(&buffer[..count]),
        }
    }
}

/// Asks the service, on a connection of its own.
fn ask(service: SocketAddr, request: &[u8]) -> Vec<u8> {
    let end = request.windows(2).position(|part| part == b"\r\n").expect("a first line");
    let mut stream = TcpStream::connect(service).expect("the service");
    let parts = [&request[..end], b"\r\nconnection: close", &request[end..]];
    stream.write_all(&parts.concat()).expect("it is sent");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    answer
}

fn done(mut stream: TcpStream, service: SocketAddr, request: &[u8], act: &Act) -> Vec<u8> {
    let answer = match act {
        Act::CloseBefore => Vec::new(),
        Act::Answer(answer) => answer.clone().into_bytes(),
        Act::Pass | Act::Late(_) | Act::CloseAfter | Act::Half | Act::Change(..) => {
            if let Act::Late(seconds) = act {
                thread::sleep(Duration::from_secs(*seconds));
            }
            let answer = ask(service, request);
            match act {
                Act::CloseAfter => Vec::new(),
                Act::Half => answer[..answer.len() - 20].to_vec(),
                Act::Change(member, to) => changed(&answer, member, to),
                _ => answer,
            }
        }
    };
    let _ = stream.write_all(&answer);
    let _ = stream.shutdown(Shutdown::Both);
    answer
}

/// The answer with another text of one member of its JSON, of the same length.
fn changed(answer: &[u8], member: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(answer.to_vec()).expect("text");
    let key = format!("\"{member}\":\"");
    let at = text.find(&key).expect("the member") + key.len();
    let end = at + text[at..].find('"').expect("its end");
    assert_eq!(text[at..end].len(), to.len(), "a body of another length");
    format!("{}{to}{}", &text[..at], &text[end..]).into_bytes()
}
