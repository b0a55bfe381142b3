//! Launch digests: images, their absorbed form, guests of every kind, kernels, and the words of hosts.

pub(crate) mod absorbed;
pub(crate) mod firmware;
pub(crate) mod guests;
pub(crate) mod host;
pub(crate) mod igvm;
pub(crate) mod kernel;
pub(crate) mod launch_digest;
pub(crate) mod vmsa;

use arbitrary::{Result, Unstructured};
use sev_launch_testkit::firmware::{
    CPUID, FirmwareBuilder, KERNEL_HASHES, SEC_MEM, SECRETS, SVSM_CAA, Section,
};
use sev_launch_testkit::pattern;

/// Sections of a good image, one above the other: their kinds, sizes and distances are chosen by the input.
fn sections(u: &mut Unstructured<'_>) -> Result<Vec<Section>> {
    let kinds = [SEC_MEM, SECRETS, CPUID, SVSM_CAA, KERNEL_HASHES];
    let mut base = 0x80_0000;
    let mut sections = Vec::new();
    for _ in 0..u.int_in_range(0..=8)? {
        base += u.int_in_range(0..=3)? * 0x1000;
        let length = u.int_in_range(1..=3)? * 0x1000;
        sections.push(Section::new(base, length, *u.choose(&kinds)?));
        base += length;
    }
    Ok(sections)
}

/// A small image with bytes of its tables changed by the input.
fn changed_image(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let builder = match u.int_in_range(0..=3)? {
        0 => FirmwareBuilder::amd_sev(),
        1 => FirmwareBuilder::amd_sev().svsm_info(u.arbitrary()?),
        2 => FirmwareBuilder::amd_sev().sections(sections(u)?),
        _ => FirmwareBuilder::new(0).lone_reset_block(u.arbitrary()?),
    };
    let mut image = builder.size(0x2000).build();
    let size = image.len();
    for _ in 0..u.int_in_range(0..=8)? {
        // Nothing before the last 1500 bytes is read, but the first: a container's mark.
        let back = u.int_in_range(1..=1500)?;
        let place = if back == 1500 { 0 } else { size - back };
        image[place] = u.arbitrary()?;
    }
    let cut = u.int_in_range(0..=0x40)?;
    if cut < 8 {
        image.drain(..cut);
    }
    Ok(image)
}

/// Bytes without meaning, of which structured inputs make their choices: counting up, and by steps of two primes.
pub(crate) fn patterns(size: usize) -> Vec<Vec<u8>> {
    [(0, 0), (1, 0), (37, 11), (101, 77)].map(|(mul, add)| pattern(size, mul, add)).to_vec()
}
