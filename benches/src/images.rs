//! Firmware images with the proportions of OVMF's: some code, much that is empty, tables at the end.
//!
//! Code is noise, so that no two of its pages are equal and nothing can be hashed once in place of many times.

use sev_launch_abi::Technology;
use sev_launch_digest::firmware::{AbsorbedFirmware, Absorber, Firmware};
use sev_launch_testkit::firmware::FirmwareBuilder;

/// Bytes of a common OVMF image that are not empty, about.
pub const OVMF_CODE: usize = 512 << 10;

/// The last bytes of an image, in which its tables stand.
const TABLES: usize = 4096;

/// `size` bytes that repeat nowhere: Marsaglia's xorshift64, from a fixed start.
fn noise(size: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(size.next_multiple_of(8));
    while bytes.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}

/// An image of `size` bytes: `code` bytes of noise at most, then 0xff, and in the last 4 KiB the tables of OVMF's AmdSev build.
pub fn image(size: usize, code: usize) -> Vec<u8> {
    let mut image = FirmwareBuilder::amd_sev().size(size).build();
    let tables = image.split_off(size - TABLES);
    let mut front = noise(code.min(image.len()));
    front.resize(image.len(), 0xff);
    front.extend(tables);
    front
}

/// The common one: 4 MiB, of which 512 KiB are code.
pub fn ovmf() -> Vec<u8> {
    image(4 << 20, OVMF_CODE)
}

/// An image, taken in.
pub fn absorbed(image: &[u8]) -> AbsorbedFirmware {
    Firmware::parse(image).expect("the builder makes valid images").absorb()
}

/// An image, absorbed as the command does it: for SNP alone, in pieces as they are read.
pub fn absorbed_in_pieces(image: &[u8]) -> AbsorbedFirmware {
    let size = u64::try_from(image.len()).expect("sizes here are small");
    let mut absorber = Absorber::new(size, Some(Technology::Snp)).expect("the size of an image");
    image.chunks(128 << 10).for_each(|chunk| absorber.update(chunk));
    absorber.finish().expect("metadata stands near the end")
}

/// A small image, taken in: what is measured after it does not depend on its size.
pub fn small() -> AbsorbedFirmware {
    absorbed(&image(64 << 10, 64 << 10))
}
