//! The files that all tools read, made under target/bench-peers: the same bytes on every machine.
//!
//! Firmware of 4 MiB as builds have it: 512 KiB that no page repeats, a fill of 0xff, and the tables of testdata's image at
//! the end. Kernel and initrds are of a size that distributions ship, and random, since no tool looks inside.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::random::Random;

const MIB: usize = 1 << 20;
/// Bytes of the firmware image.
pub(crate) const FIRMWARE: usize = 4 * MIB;
/// Of which the first are random.
const FIRMWARE_RANDOM: usize = 512 << 10;
/// And the last are those of testdata/firmware/amdsev.fd.
const FIRMWARE_TABLES: usize = 4096;
/// Bytes of the kernel.
pub(crate) const KERNEL: usize = 14 * MIB;
/// Bytes of an initrd such as a distribution makes.
pub(crate) const INITRD: usize = 30 * MIB;
/// Bytes of an initrd with everything in it.
pub(crate) const LARGE_INITRD: usize = 200 * MIB;

/// Where the files are.
#[derive(Clone, Debug)]
pub(crate) struct Inputs {
    pub(crate) folder: PathBuf,
    pub(crate) firmware: PathBuf,
    pub(crate) kernel: PathBuf,
    pub(crate) initrd: PathBuf,
    pub(crate) large_initrd: PathBuf,
}

impl Inputs {
    /// Makes what is not there yet.
    pub(crate) fn make(root: &Path, folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        let testdata = |name: &str| {
            let path = root.join("testdata").join(name);
            fs::read(&path).with_context(|| path.display().to_string())
        };
        let inputs = Self {
            folder: folder.to_path_buf(),
            firmware: folder.join("firmware-4m.fd"),
            kernel: folder.join("vmlinuz-14m"),
            initrd: folder.join("initrd-30m.img"),
            large_initrd: folder.join("initrd-200m.img"),
        };
        let image = firmware(&testdata("firmware/amdsev.fd")?)?;
        fs::write(&inputs.firmware, image).context("the firmware image")?;
        Random::new(2).fill_file(&inputs.kernel, &testdata("boot/vmlinuz")?, KERNEL)?;
        Random::new(3).fill_file(&inputs.initrd, &[], INITRD)?;
        Random::new(4).fill_file(&inputs.large_initrd, &[], LARGE_INITRD)?;
        Ok(inputs)
    }
}

fn firmware(with_tables: &[u8]) -> Result<Vec<u8>> {
    let tables = with_tables.len().checked_sub(FIRMWARE_TABLES);
    let tables = tables.and_then(|at| with_tables.get(at..)).context("amdsev.fd is too short")?;
    let mut image = Random::new(1).bytes(FIRMWARE_RANDOM);
    image.resize(FIRMWARE - FIRMWARE_TABLES, 0xff);
    image.extend_from_slice(tables);
    Ok(image)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_firmware_ends_with_the_tables() {
        let with_tables: Vec<u8> = (0..8192_u32).map(|at| u8::from(at >= 4096) * 7).collect();
        let image = firmware(&with_tables).unwrap();
        assert_eq!(image.len(), 4 << 20);
        assert_eq!(image[(4 << 20) - 4096..], [7; 4096]);
        assert_eq!(image[512 << 10..(512 << 10) + 64], [0xff; 64]);
        assert_ne!(image[..64], image[64..128]);
        assert!(firmware(&[0; 100]).is_err());
    }
}
