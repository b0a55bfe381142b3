//! Packed sections, unpacked within what is left of the limits.
//!
//! LZMA has the header of `.lzma` files: a byte of properties, the dictionary's size, the size unpacked. [OVMF, LzmaUefiDecompress]
//! Brotli stands after the size unpacked and that of a scratch buffer, 64 bits each. [OVMF, BrotliUefiDecompress]
//! EFI compression is not unpacked: no decoder of it is kept that our Rust can build. Neither Debian's images nor edk2's platforms use it
//! for modules.

use std::io::Read;

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use lzma_rust2::LzmaReader;
use sev_launch_abi::reader::{Reader, wide};

use crate::error::Error;
use crate::limits::{Budget, saturated};
use crate::section::Packing;

/// What an attempt costs at least, whatever comes of it: the decoder's own tables.
const ATTEMPT: usize = 64 << 10;
const ATTEMPT_WORK: u64 = 20_000;
/// Units of work for each byte that LZMA unpacks: that of a literal, nine bits of the range coder. Measured by the crate's example `hostile`.
const LZMA_WORK: u64 = 47;
/// The same of Brotli: for each packed byte, which may be part of a prefix code, and for each unpacked one.
const BROTLI_PACKED_WORK: u64 = 100;
const BROTLI_WORK: u64 = 10;
/// Bytes that Brotli unpacks at a time.
const STEP: usize = 64 << 10;

/// What became of packed bytes.
#[derive(Debug)]
pub(crate) enum Unpacked {
    /// The contents, and how many of the packed bytes they leave over.
    Contents(Vec<u8>, usize),
    /// It is kept as it is, and why.
    Kept(String),
}

/// Unpacks `bytes`. An error if that asks for more than is left.
pub(crate) fn unpack(
    packing: Packing,
    bytes: &[u8],
    budget: &mut Budget,
) -> Result<Unpacked, Error> {
    budget.unpack(ATTEMPT)?;
    budget.work(ATTEMPT_WORK)?;
    match packing {
        Packing::Lzma => lzma(bytes, budget),
        Packing::Brotli => brotli(bytes, budget),
        Packing::None | Packing::Unknown => {
            Ok(Unpacked::Kept("it is packed in a way that is not known".into()))
        }
    }
}

/// Holds what came out against what the header promised.
fn checked(method: &str, contents: Vec<u8>, promised: Option<u64>, left_over: usize) -> Unpacked {
    match promised {
        Some(promised) if promised != wide(contents.len()) => Unpacked::Kept(format!(
            "{method} promises {promised} bytes and unpacks to {}",
            contents.len()
        )),
        _ => Unpacked::Contents(contents, left_over),
    }
}

fn lzma(bytes: &[u8], budget: &mut Budget) -> Result<Unpacked, Error> {
    let mut reader = Reader::new(bytes);
    let header = (|| Some((reader.u8()?, reader.u32()?, reader.u64()?)))();
    let Some((properties, dictionary, size)) = header else {
        return Ok(Unpacked::Kept("LZMA's header is cut off".into()));
    };
    let promised = (size != u64::MAX).then_some(size);
    if promised.is_some_and(|size| size > wide(budget.unpacked())) {
        return Err(Error::UnpacksTooFar);
    }
    // 0x300 probabilities of 16 bits for each literal context, of which there may be 2^12.
    let contexts = u32::from(properties % 45 % 9) + u32::from(properties % 45 / 9);
    let tables = 0x600_usize.checked_shl(contexts).unwrap_or(usize::MAX);
    budget.unpack(tables)?;
    budget.work(wide(tables) / 4)?;
    let most = wide(budget.unpacked()).min(budget.left() / LZMA_WORK);
    if promised.is_some_and(|size| size > most) {
        return Err(Error::TooMuchWork);
    }
    // A dictionary larger than what is unpacked is never used.
    let dictionary = dictionary.min(u32::try_from(promised.unwrap_or(most)).unwrap_or(u32::MAX));
    let packed = bytes.get(13..).unwrap_or_default();
    let mut contents = Vec::new();
    let mut decoder = match LzmaReader::new_with_props(packed, size, properties, dictionary, None) {
        Ok(decoder) => decoder,
        Err(error) => return Ok(Unpacked::Kept(format!("LZMA: {error}"))),
    };
    let outcome = decoder.by_ref().take(most.saturating_add(1)).read_to_end(&mut contents);
    budget.unpack(contents.len())?;
    budget.work(wide(contents.len()).saturating_mul(LZMA_WORK))?;
    if let Err(error) = outcome {
        return Ok(Unpacked::Kept(format!("LZMA: {error}")));
    }
    let (rest, unused) = decoder.into_parts();
    Ok(checked("LZMA", contents, promised, rest.len() + unused.len()))
}

fn brotli(bytes: &[u8], budget: &mut Budget) -> Result<Unpacked, Error> {
    let mut reader = Reader::new(bytes);
    let header = (|| Some((reader.u64()?, reader.u64()?)))();
    let Some((size, _scratch)) = header else {
        return Ok(Unpacked::Kept("Brotli's sizes are cut off".into()));
    };
    if size > wide(budget.unpacked()) {
        return Err(Error::UnpacksTooFar);
    }
    let packed = bytes.get(16..).unwrap_or_default();
    budget.work(wide(packed.len()).saturating_mul(BROTLI_PACKED_WORK))?;
    let alloc = StandardAlloc::default;
    let mut state = BrotliState::new(alloc(), alloc(), alloc());
    let (mut left, mut offset, mut total) = (packed.len(), 0, 0);
    let mut contents = Vec::new();
    let mut buffer = vec![0; STEP];
    loop {
        let (mut room, mut filled) = (buffer.len(), 0);
        let outcome = BrotliDecompressStream(
            &mut left,
            &mut offset,
            packed,
            &mut room,
            &mut filled,
            &mut buffer,
            &mut total,
            &mut state,
        );
        budget.unpack(filled)?;
        budget.work(wide(filled).saturating_mul(BROTLI_WORK))?;
        contents.extend_from_slice(buffer.get(..filled).unwrap_or_default());
        match outcome {
            BrotliResult::NeedsMoreOutput if contents.len() <= saturated(size) => {}
            BrotliResult::ResultSuccess | BrotliResult::NeedsMoreOutput => break,
            BrotliResult::NeedsMoreInput => {
                return Ok(Unpacked::Kept("Brotli: the packed bytes end too early".into()));
            }
            BrotliResult::ResultFailure => {
                return Ok(Unpacked::Kept("Brotli: the packed bytes are malformed".into()));
            }
        }
    }
    Ok(checked("Brotli", contents, Some(size), left))
}
