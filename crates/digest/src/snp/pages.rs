//! NORMAL pages: a region of them taken into a launch digest as its bytes come, and their digests.
//!
//! Defined by [SNP-ABI, SNP_LAUNCH_UPDATE]. Pages are hashed by the seam [`HashPages`]; those of one byte throughout, of which
//! images are full, by `sha2`, once for each byte.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::{LaunchDigest, LaunchUpdate, PageDigest, page_info};
use crate::hash::HashPages;
use sev_launch_abi::{Gpa, PAGE_SIZE};

/// Pages that are hashed at a time, so that a batch is large enough for any implementation and memory stays small.
const BATCH: usize = 1024;

/// A region part of the way through: a plain value.
#[derive(Clone, Debug)]
pub(crate) struct Region {
    digest: LaunchDigest,
    /// Where the next page goes.
    gpa: Gpa,
    digests: PageDigests,
    /// Bytes that do not fill a page yet.
    rest: Vec<u8>,
}

impl Region {
    /// A region that starts at `gpa`, after launch updates that gave `digest`.
    pub(crate) fn new(digest: LaunchDigest, gpa: Gpa) -> Self {
        Self { digest, gpa, digests: PageDigests::default(), rest: Vec::new() }
    }

    /// Takes `bytes` in, any number of them.
    pub(crate) fn update_with(&mut self, hasher: &impl HashPages, mut bytes: &[u8]) {
        if !self.rest.is_empty() {
            let (head, after) = bytes.split_at(bytes.len().min(PAGE_SIZE - self.rest.len()));
            self.rest.extend_from_slice(head);
            bytes = after;
            if let Ok(page) = self.rest.as_slice().try_into() {
                self.take(hasher, &[page]);
                self.rest.clear();
            }
        }
        let (pages, rest) = bytes.as_chunks::<PAGE_SIZE>();
        self.rest.extend_from_slice(rest);
        pages.chunks(BATCH).for_each(|batch| self.take(hasher, batch));
    }

    /// The launch digest after the last page; nothing where the bytes are no whole pages.
    pub(crate) fn finish(self) -> Option<LaunchDigest> {
        self.rest.is_empty().then_some(self.digest)
    }

    fn take(&mut self, hasher: &impl HashPages, pages: &[[u8; PAGE_SIZE]]) {
        for contents in self.digests.of(pages, hasher) {
            let update = LaunchUpdate::Normal { gpa: self.gpa, contents };
            self.digest = page_info::extend(self.digest, &update);
            self.gpa = Gpa(self.gpa.0 + sev_launch_abi::reader::wide(PAGE_SIZE));
        }
    }
}

/// Digests of pages, with those of filled pages kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct PageDigests {
    /// By the byte that such a page has throughout.
    filled: BTreeMap<u8, PageDigest>,
}

impl PageDigests {
    /// The digest of each page, in order.
    pub(crate) fn of(
        &mut self,
        pages: &[[u8; PAGE_SIZE]],
        hasher: &impl HashPages,
    ) -> impl Iterator<Item = PageDigest> {
        let mut others: Vec<&[u8; PAGE_SIZE]> = Vec::new();
        let mut fills = Vec::with_capacity(pages.len());
        for page in pages {
            let fill = fill_byte(page);
            match fill {
                Some(byte) => {
                    self.filled.entry(byte).or_insert_with(|| PageDigest::of(page));
                }
                None => others.push(page),
            }
            fills.push(fill);
        }
        let mut others = hasher.sha384_pages(&others).into_iter();
        fills.into_iter().map(move |fill| {
            let known = fill.and_then(|byte| self.filled.get(&byte).copied());
            // A hasher gives as many digests as it was given pages.
            known.unwrap_or_else(|| PageDigest::from_bytes(others.next().unwrap_or([0; 48])))
        })
    }
}

/// The byte that the page has throughout, if it has.
fn fill_byte(page: &[u8; PAGE_SIZE]) -> Option<u8> {
    let (first, rest) = page.split_first()?;
    // Every byte is the one before it.
    (rest == page.get(..PAGE_SIZE - 1)?).then_some(*first)
}
