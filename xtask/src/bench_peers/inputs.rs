//! The files that all tools read, made under target/bench-peers: the same bytes on every machine.
//!
//! Firmware of 4 MiB as builds have it: 512 KiB that no page repeats, a fill of 0xff, and the tables of testdata's image at
//! the end. Kernel and initrds are of a size that distributions ship, and random, since no tool looks inside.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::call::{root, target};
use crate::random;

/// A file's name and its bytes.
pub(crate) type File = (&'static str, usize);

const MIB: usize = 1 << 20;
pub(crate) const FIRMWARE: File = ("firmware-4m.fd", 4 * MIB);
pub(crate) const KERNEL: File = ("vmlinuz-14m", 14 * MIB);
/// As a distribution makes it.
pub(crate) const INITRD: File = ("initrd-30m.img", 30 * MIB);
/// With everything in it.
pub(crate) const LARGE_INITRD: File = ("initrd-200m.img", 200 * MIB);
/// Bytes of the firmware's end, which are those of testdata/firmware/amdsev.fd.
const TABLES: usize = 4096;

/// Makes what is not there yet, and says where.
pub(crate) fn make() -> Result<PathBuf> {
    let folder = target().join("bench-peers");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let testdata = |name: &str| fs::read(root().join("testdata").join(name)).context("testdata");
    let mut image = random::bytes(1, 512 << 10);
    image.resize(FIRMWARE.1 - TABLES, 0xff);
    let with_tables = testdata("firmware/amdsev.fd")?;
    image.extend(with_tables.last_chunk::<TABLES>().context("amdsev.fd is too short")?);
    fs::write(folder.join(FIRMWARE.0), image).context("the firmware image")?;
    let kernel = testdata("boot/vmlinuz")?;
    for (seed, (name, size), head) in
        [(2, KERNEL, kernel), (3, INITRD, Vec::new()), (4, LARGE_INITRD, Vec::new())]
    {
        random::fill_file(&folder.join(name), seed, head, size)?;
    }
    Ok(folder)
}
