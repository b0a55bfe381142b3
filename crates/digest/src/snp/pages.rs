//! NORMAL pages: a region of them taken into a launch digest as its bytes come, and their digests.
//!
//! Defined by [SNP-ABI, SNP_LAUNCH_UPDATE]. Pages are hashed by a [`Backend`]; those of one byte throughout, of which
//! images are full, by `sha2`, once for each byte.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::page_info;
use super::update::{PageDigest, Update};
use crate::hash::{Backend, PageSlot, sha384};
use sev_launch_abi::snp::LaunchDigest;
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
    pub(crate) fn update_with(&mut self, backend: &impl Backend, mut bytes: &[u8]) {
        if !self.rest.is_empty() {
            let (head, after) = bytes.split_at(bytes.len().min(PAGE_SIZE - self.rest.len()));
            self.rest.extend_from_slice(head);
            bytes = after;
            if let Ok(page) = self.rest.as_slice().try_into() {
                self.take(backend, &[page]);
                self.rest.clear();
            }
        }
        let (pages, rest) = bytes.as_chunks::<PAGE_SIZE>();
        self.rest.extend_from_slice(rest);
        pages.chunks(BATCH).for_each(|batch| self.take(backend, batch));
    }

    /// The launch digest after the last page; `None` if the bytes are no whole pages.
    pub(crate) fn finish(self) -> Option<LaunchDigest> {
        self.rest.is_empty().then_some(self.digest)
    }

    fn take(&mut self, backend: &impl Backend, pages: &[[u8; PAGE_SIZE]]) {
        for contents in self.digests.of(pages, backend) {
            self.digest = page_info::extend(self.digest, &Update::Normal(contents).at(self.gpa));
            self.gpa = Gpa(self.gpa.0 + sev_launch_abi::reader::wide(PAGE_SIZE));
        }
    }
}

/// Digests of pages, with those of filled pages kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct PageDigests {
    /// By the byte that such a page has throughout.
    filled: BTreeMap<u8, [u8; 48]>,
}

impl PageDigests {
    /// The digest of each page, in order.
    pub(crate) fn of<B: Backend>(
        &mut self,
        pages: &[[u8; PAGE_SIZE]],
        backend: &B,
    ) -> impl Iterator<Item = PageDigest> + use<B> {
        let mut digests = alloc::vec![[0; 48]; pages.len()];
        let mut others: Vec<PageSlot<'_>> = Vec::new();
        for (page, digest) in pages.iter().zip(&mut digests) {
            match fill_byte(page) {
                Some(byte) => *digest = *self.filled.entry(byte).or_insert_with(|| sha384(page)),
                None => others.push((page, digest)),
            }
        }
        backend.sha384_pages(&mut others);
        digests.into_iter().map(PageDigest::from_bytes)
    }
}

/// The byte that the page has throughout, if it has.
fn fill_byte(page: &[u8; PAGE_SIZE]) -> Option<u8> {
    let (first, rest) = page.split_first()?;
    // Every byte is the one before it.
    (rest == page.get(..PAGE_SIZE - 1)?).then_some(*first)
}
