//! Answers that hold secrets: no buffer keeps them.

use std::fs::File;
use std::io::{self, Write};

use zeroize::Zeroizing;

/// The room that an answer starts with.
const ROOM: usize = 4096;

/// An answer that is gathered whole and wiped. A buffer that is too small is wiped when a larger one takes its place.
pub(super) struct Wiped(Zeroizing<Vec<u8>>);

impl Wiped {
    pub(super) fn new() -> Self {
        Self(Zeroizing::new(Vec::with_capacity(ROOM)))
    }

    /// Writes it to standard output, past the buffer that the standard library has there.
    pub(super) fn print(&self) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.flush()?;
        match unbuffered(&stdout)? {
            Some(mut file) => file.write_all(&self.0),
            None => stdout.write_all(&self.0).and_then(|()| stdout.flush()),
        }
    }
}

impl Write for Wiped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let wanted = self.0.len().saturating_add(bytes.len());
        if wanted > self.0.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(wanted.saturating_mul(2)));
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(unix)]
fn unbuffered(stdout: &io::StdoutLock<'_>) -> io::Result<Option<File>> {
    use std::os::fd::AsFd;
    Ok(Some(stdout.as_fd().try_clone_to_owned()?.into()))
}

#[cfg(not(unix))]
fn unbuffered(_: &io::StdoutLock<'_>) -> io::Result<Option<File>> {
    Ok(None)
}
