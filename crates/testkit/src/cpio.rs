//! Writes cpio archives of the "new ASCII" form, and gzip around them without compression.
//!
//! Defined by Linux, `Documentation/driver-api/early-userspace/buffer-format.rst`, and RFC 1951 and
//! 1952. Every entry is a header of 110 bytes of text, the name with a NUL, and the content, each
//! padded to a multiple of 4.

/// One entry of an archive.
pub(crate) struct Entry<'a> {
    /// Path without a leading slash.
    pub(crate) name: &'a str,
    /// Inode number.
    pub(crate) inode: u32,
    /// Type and permissions as in `stat`.
    pub(crate) mode: u32,
    /// The file's bytes; none for a directory.
    pub(crate) content: &'a [u8],
}

/// Type and permissions of a directory, drwxr-xr-x.
pub(crate) const DIRECTORY: u32 = 0o040_755;
/// Type and permissions of a program, -rwxr-xr-x.
pub(crate) const PROGRAM: u32 = 0o100_755;
/// Type and permissions of a plain file, -rw-r--r--.
pub(crate) const FILE: u32 = 0o100_644;

/// The archive with its trailer, padded with zeros to a multiple of 512 bytes.
pub(crate) fn archive(entries: &[Entry<'_>]) -> Vec<u8> {
    let trailer = Entry { name: "TRAILER!!!", inode: 0, mode: 0, content: &[] };
    let mut bytes = Vec::new();
    for entry in entries.iter().chain([&trailer]) {
        let size = u32::try_from(entry.content.len()).expect("a file is under 4 GiB");
        let name_size = u32::try_from(entry.name.len() + 1).expect("a name is short");
        // inode, mode, uid, gid, links, mtime, size, two devices of two numbers, name size, check
        let numbers = [entry.inode, entry.mode, 0, 0, 1, 0, size, 0, 0, 0, 0, name_size, 0];
        bytes.extend(b"070701");
        for number in numbers {
            bytes.extend(format!("{number:08X}").bytes());
        }
        bytes.extend(entry.name.bytes());
        bytes.push(0);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes.extend(entry.content);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

/// A gzip member of stored blocks of 65535 bytes: no time, no name, made on Unix.
pub(crate) fn gzip_stored(data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    let mut blocks = data.chunks(usize::from(u16::MAX)).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).expect("a block is at most 65535 bytes");
        bytes.push(u8::from(blocks.peek().is_none()));
        bytes.extend(length.to_le_bytes());
        bytes.extend((!length).to_le_bytes());
        bytes.extend(block);
    }
    bytes.extend(crc32(data).to_le_bytes());
    bytes.extend(u32::try_from(data.len()).expect("an archive is under 4 GiB").to_le_bytes());
    bytes
}

/// CRC-32 of RFC 1952, section 8.
fn crc32(data: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
    let mut table = [0; 256];
    for (entry, number) in table.iter_mut().zip(0..=u8::MAX) {
        *entry = (0..8).fold(u32::from(number), |crc, _| step(crc));
    }
    !data.iter().fold(u32::MAX, |crc, byte| {
        let [low, ..] = crc.to_le_bytes();
        table[usize::from(low ^ byte)] ^ (crc >> 8)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // The check value that every catalogue of CRCs gives for CRC-32/ISO-HDLC.
    #[test]
    fn crc32_has_the_published_check_value() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    // Linux, buffer-format.rst: the magic, then thirteen numbers of eight digits; links come fifth.
    #[test]
    fn an_empty_archive_is_its_trailer() {
        let bytes = archive(&[]);
        assert_eq!(bytes.len(), 512);
        assert!(bytes.starts_with(b"0707010000000000000000000000000000000000000001"));
        assert_eq!(&bytes[110..121], b"TRAILER!!!\0");
    }
}
