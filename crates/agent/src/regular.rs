//! Regular files of others, read without waiting for anybody.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use rustix::fs::{Mode, OFlags, open};

/// Reads a regular file of at most `most` bytes. A pipe, which would wait for whoever writes to it, is an error, as is a longer file.
pub(crate) fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = File::from(open(path, flags, Mode::empty())?);
    let other = |detail: String| io::Error::new(io::ErrorKind::InvalidData, detail);
    if !file.metadata()?.is_file() {
        return Err(other("this is no regular file".into()));
    }
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|found| found > most) {
        return Err(other(format!("longer than {most} bytes")));
    }
    Ok(bytes)
}
