//! Lines of a socket, each with a bound on its size and a moment after which nobody waits for it.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};

use super::address::Address;

/// The most bytes of a line. QEMU's longest answers, its own schema and lists of devices, are far below.
pub const MOST_BYTES: usize = 4 << 20;

/// How long a single read waits, so that the process behind the socket is looked after.
const TICK: Duration = Duration::from_millis(100);
/// How long is waited before the next attempt to connect.
const RETRY: Duration = Duration::from_millis(20);
/// How much is read at once.
const CHUNK: usize = 1 << 16;

/// Why there is no line.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The other end closed the connection.
    Closed,
    /// The process behind it is gone.
    Ended,
    /// The time is over.
    Late,
    /// The time is over, and nobody took the connection.
    NobodyListens(io::Error),
    /// More than [`MOST_BYTES`].
    TooLong,
    /// Something else.
    Io(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
        match error.kind() {
            BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof => Self::Closed,
            _ => Self::Io(error),
        }
    }
}

/// A connection.
#[derive(Debug)]
enum Socket {
    Unix(UnixStream),
    Tcp(TcpStream),
}

impl Socket {
    /// Never waits for long: a Unix socket whose queue is full is an error, too.
    fn connect(address: &Address) -> io::Result<Self> {
        match address {
            Address::Unix(path) => {
                let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
                let (family, kind) = (AddressFamily::UNIX, SocketType::STREAM);
                let socket = rustix::net::socket_with(family, kind, flags, None)?;
                rustix::net::connect(&socket, &SocketAddrUnix::new(path)?)?;
                let stream = UnixStream::from(socket);
                stream.set_nonblocking(false)?;
                Ok(Self::Unix(stream))
            }
            Address::Tcp(address) => {
                let stream = TcpStream::connect_timeout(address, Duration::from_secs(1))?;
                stream.set_nodelay(true)?;
                Ok(Self::Tcp(stream))
            }
        }
    }

    fn set_timeouts(&self, time: Duration) -> io::Result<()> {
        match self {
            Self::Unix(stream) => {
                stream.set_read_timeout(Some(time))?;
                stream.set_write_timeout(Some(time))
            }
            Self::Tcp(stream) => {
                stream.set_read_timeout(Some(time))?;
                stream.set_write_timeout(Some(time))
            }
        }
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.read(buffer),
            Self::Tcp(stream) => stream.read(buffer),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.write(bytes),
            Self::Tcp(stream) => stream.write(bytes),
        }
    }
}

/// Does anybody take connections there?
pub(super) fn listens(address: &Address) -> bool {
    match Socket::connect(address) {
        Ok(_) => true,
        // Its queue is full, or this process may not: somebody is there.
        Err(error) => {
            !matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
        }
    }
}

/// A connection that is read line by line.
#[derive(Debug)]
pub(super) struct Lines {
    socket: Socket,
    /// What was read, from `start` on not yet given out.
    read: Vec<u8>,
    start: usize,
    /// Up to here no line ends.
    searched: usize,
}

impl Lines {
    /// Connects as soon as somebody listens.
    pub(super) fn connect(
        address: &Address,
        deadline: Instant,
        still_there: &mut dyn FnMut() -> bool,
    ) -> Result<Self, Trouble> {
        loop {
            let error = match Socket::connect(address) {
                Ok(socket) => {
                    let (read, start, searched) = (Vec::new(), 0, 0);
                    return Ok(Self { socket, read, start, searched });
                }
                Err(error) => error,
            };
            use io::ErrorKind::{ConnectionRefused, Interrupted, NotFound, TimedOut, WouldBlock};
            if !matches!(
                error.kind(),
                ConnectionRefused | Interrupted | NotFound | TimedOut | WouldBlock
            ) {
                return Err(Trouble::Io(io::Error::new(
                    error.kind(),
                    format!("{address}: {error}"),
                )));
            }
            if !still_there() {
                return Err(Trouble::Ended);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let error = io::Error::new(error.kind(), format!("{address}: {error}"));
                return Err(Trouble::NobodyListens(error));
            }
            thread::sleep(left.min(RETRY));
        }
    }

    /// Sends all of it.
    pub(super) fn write(&mut self, mut bytes: &[u8], deadline: Instant) -> Result<(), Trouble> {
        while !bytes.is_empty() {
            self.tick(deadline)?;
            match self.socket.write(bytes) {
                Ok(0) => return Err(Trouble::Closed),
                Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
                Err(error) if is_a_tick(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// The next line, without its end.
    pub(super) fn line(
        &mut self,
        deadline: Instant,
        still_there: &mut dyn FnMut() -> bool,
    ) -> Result<Vec<u8>, Trouble> {
        let mut chunk = Vec::new();
        loop {
            let rest = self.read.get(self.searched..).unwrap_or_default();
            if let Some(at) = rest.iter().position(|byte| *byte == b'\n') {
                let end = self.searched + at;
                let line = self.read.get(self.start..end).unwrap_or_default().to_vec();
                (self.start, self.searched) = (end + 1, end + 1);
                return if line.len() > MOST_BYTES { Err(Trouble::TooLong) } else { Ok(line) };
            }
            self.read.drain(..self.start);
            (self.start, self.searched) = (0, self.read.len());
            if self.read.len() > MOST_BYTES {
                return Err(Trouble::TooLong);
            }
            self.tick(deadline)?;
            chunk.resize(CHUNK, 0);
            match self.socket.read(&mut chunk) {
                Ok(0) => return Err(Trouble::Closed),
                Ok(count) => self.read.extend(chunk.get(..count).unwrap_or_default()),
                Err(error) if is_a_tick(&error) => {
                    if !still_there() {
                        return Err(Trouble::Ended);
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Lets the next call wait for a moment, and no longer than the deadline.
    fn tick(&self, deadline: Instant) -> Result<(), Trouble> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Trouble::Late);
        }
        // A time that rounds to no microsecond would be without end.
        let time = left.clamp(Duration::from_millis(1), TICK);
        self.socket.set_timeouts(time).map_err(Trouble::Io)
    }
}

/// Is it no more than a moment that passed without anything?
fn is_a_tick(error: &io::Error) -> bool {
    use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), Interrupted | TimedOut | WouldBlock)
}
