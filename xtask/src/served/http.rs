//! HTTP/1.1 as far as the service speaks it on loopback: one connection, kept, and bodies of a length that is said.
//!
//! A request whose answer did not come whole is an error, and the connection is gone; whether the service did it, nobody knows.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// Longer than the service takes for anything.
const PATIENCE: Duration = Duration::from_secs(40);

/// A request, which can be sent again as it is.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    /// Below `/v1`, or from the root where it begins with `//`.
    pub(crate) path: String,
    pub(crate) token: Option<String>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn new(method: &'static str, path: impl Into<String>, token: &str) -> Self {
        let (path, token) = (path.into(), Some(token.to_owned()));
        Self { method, path, token, headers: Vec::new(), body: Vec::new() }
    }

    pub(crate) fn json(mut self, body: &Value) -> Self {
        self.body = body.to_string().into_bytes();
        self.header("Content-Type", "application/json")
    }

    pub(crate) fn image(mut self, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self.header("Content-Type", "application/octet-stream")
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let path = match self.path.strip_prefix("//") {
            Some(rest) => format!("/{rest}"),
            None => format!("/v1{}", self.path),
        };
        let mut text = format!("{} {path} HTTP/1.1\r\nHost: localhost\r\n", self.method);
        if let Some(token) = &self.token {
            text += &format!("Authorization: Bearer {token}\r\n");
        }
        for (name, value) in &self.headers {
            text += &format!("{name}: {value}\r\n");
        }
        if !self.body.is_empty() {
            text += &format!("Content-Length: {}\r\n", self.body.len());
        }
        let mut bytes = (text + "\r\n").into_bytes();
        bytes.extend(&self.body);
        bytes
    }
}

/// An answer that came whole.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(found, _)| found.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.as_str())
    }

    /// The body as JSON; null if it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The code of a problem; empty if it is none.
    pub(crate) fn code(&self) -> String {
        self.json().get("code").and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// For people: the status, and the body's beginning.
    pub(crate) fn told(&self) -> String {
        let body: String = String::from_utf8_lossy(&self.body).chars().take(300).collect();
        format!("{} {body}", self.status)
    }
}

/// One connection, made when it is needed.
#[derive(Default)]
pub(crate) struct Client {
    open: Option<(SocketAddr, BufReader<TcpStream>)>,
}

impl Client {
    /// Sends a request, and waits for its answer. After an error the connection is closed.
    pub(crate) fn ask(&mut self, address: SocketAddr, request: &Request) -> io::Result<Answer> {
        let mut stream = match self.open.take() {
            Some((to, stream)) if to == address => stream,
            _ => connect(address)?,
        };
        let answer = exchange(&mut stream, request)?;
        if answer.header("connection") != Some("close") {
            self.open = Some((address, stream));
        }
        Ok(answer)
    }
}

fn connect(address: SocketAddr) -> io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(BufReader::new(stream))
}

fn exchange(stream: &mut BufReader<TcpStream>, request: &Request) -> io::Result<Answer> {
    stream.get_mut().write_all(&request.bytes())?;
    let malformed = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    let mut answer = Answer {
        status: status.ok_or_else(|| malformed("no status"))?,
        headers: Vec::new(),
        body: Vec::new(),
    };
    loop {
        line.clear();
        if stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let text = line.trim_end();
        if text.is_empty() {
            break;
        }
        let (name, value) = text.split_once(':').ok_or_else(|| malformed("no header"))?;
        answer.headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let length = match answer.header("content-length") {
        Some(length) => length.parse().map_err(|_| malformed("no length"))?,
        None if answer.status == 204 => 0,
        None => return Err(malformed("an answer without its length")),
    };
    answer.body = vec![0; length];
    stream.read_exact(&mut answer.body)?;
    Ok(answer)
}
