//! Reading ahead: a thread reads the next chunks of a file while the last one is hashed.
//!
//! Hashing and reading a byte take times of the same order where the processor has SHA instructions, so that in turns
//! they would take both. Chunks go round, so memory is the same for any file.

use std::io::{self, Read};
use std::sync::mpsc;
use std::thread;

/// Bytes that are read at a time: large enough that handing over costs little, small enough to stay in a core's cache.
const CHUNK: usize = 128 * 1024;

/// Chunks that go round: one that is hashed, one that is ready, one that is read.
const CHUNKS: usize = 3;

/// Gives all bytes of `source` to `each`, chunk by chunk, in order. A source of less than a chunk needs no thread, and where the
/// system gives none, it is read in turns.
pub(crate) fn for_each_chunk(
    mut source: impl Read + Send,
    mut each: impl FnMut(&[u8]),
) -> io::Result<()> {
    let mut first = vec![0; CHUNK];
    let length = fill(&mut source, &mut first)?;
    each(first.get(..length).unwrap_or_default());
    if length < CHUNK {
        return Ok(());
    }
    if read_by_thread(&mut source, &mut each, first)? {
        return Ok(());
    }
    let mut buffer = vec![0; CHUNK];
    loop {
        let length = fill(&mut source, &mut buffer)?;
        each(buffer.get(..length).unwrap_or_default());
        if length < CHUNK {
            return Ok(());
        }
    }
}

/// Does the same with what is left of `source`, read by a thread; false if there is no thread, and nothing was read.
fn read_by_thread(
    source: &mut (impl Read + Send),
    each: &mut impl FnMut(&[u8]),
    first: Vec<u8>,
) -> io::Result<bool> {
    let (filled, chunks) = mpsc::sync_channel(CHUNKS);
    let (emptied, spare) = mpsc::sync_channel(CHUNKS);
    let buffers: [Vec<u8>; CHUNKS] = [first, vec![0; CHUNK], vec![0; CHUNK]];
    for buffer in buffers {
        // There is room for all of them.
        emptied.try_send(buffer).map_err(|_| io::Error::other("no room for a buffer"))?;
    }
    thread::scope(|scope| {
        let read = move || read_all(source, &spare, &filled);
        if thread::Builder::new().spawn_scoped(scope, read).is_err() {
            return Ok(false);
        }
        for chunk in chunks {
            let (buffer, length): (Vec<u8>, usize) = chunk?;
            each(buffer.get(..length).unwrap_or_default());
            // Where the reader has reached the end, no one wants the buffer.
            let _ = emptied.send(buffer);
        }
        Ok(true)
    })
}

/// Fills the spare buffers until the end, an error, or until no one waits.
fn read_all(
    mut source: impl Read,
    spare: &mpsc::Receiver<Vec<u8>>,
    filled: &mpsc::SyncSender<io::Result<(Vec<u8>, usize)>>,
) {
    while let Ok(mut buffer) = spare.recv() {
        let length = fill(&mut source, &mut buffer);
        let ends = !matches!(length, Ok(CHUNK));
        if filled.send(length.map(|length| (buffer, length))).is_err() || ends {
            return;
        }
    }
}

/// Reads until the buffer is full or the source has ended; how many bytes there are.
fn fill(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while let Some(space) = buffer.get_mut(length..).filter(|space| !space.is_empty()) {
        match source.read(space) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes in pieces of odd sizes, is interrupted between them, and may fail at its end.
    struct Odd {
        bytes: Vec<u8>,
        at: usize,
        turn: usize,
        fails: bool,
    }

    impl Read for Odd {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.turn += 1;
            if self.turn.is_multiple_of(3) {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let rest = &self.bytes[self.at..];
            if rest.is_empty() && self.fails {
                return Err(io::Error::other("the disk is gone"));
            }
            let length = rest.len().min(buffer.len()).min(1 + self.turn * 7919 % 70_000);
            buffer[..length].copy_from_slice(&rest[..length]);
            self.at += length;
            Ok(length)
        }
    }

    fn read(length: usize, fails: bool) -> (io::Result<()>, Vec<u8>, Vec<u8>) {
        let bytes: Vec<u8> = (0..length).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let mut seen = Vec::new();
        let source = Odd { bytes: bytes.clone(), at: 0, turn: 0, fails };
        let result = for_each_chunk(source, |chunk| seen.extend_from_slice(chunk));
        (result, bytes, seen)
    }

    #[test]
    fn every_byte_comes_once_and_in_order() {
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 4 * CHUNK, 10 * CHUNK + 17] {
            let (result, bytes, seen) = read(length, false);
            result.unwrap();
            assert!(seen == bytes, "{length} bytes");
        }
    }

    #[test]
    fn an_error_comes_out_wherever_it_happens() {
        for length in [0, CHUNK, 5 * CHUNK + 3] {
            let (result, _, _) = read(length, true);
            assert_eq!(result.unwrap_err().to_string(), "the disk is gone", "{length} bytes");
        }
    }
}
