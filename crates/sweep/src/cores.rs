//! Work on all cores, and the hash implementation that it is done by.

use rayon::prelude::*;
use sev_launch_abi::PAGE_SIZE;
use sev_launch_digest::hash::{CompressSha256, HashPages};

/// A hash implementation that several threads may share: both seams of `sev_launch_digest::hash`.
pub trait Backend: CompressSha256 + HashPages + Sync {}

impl<B: CompressSha256 + HashPages + Sync> Backend for B {}

/// What `each` gives for every item, in order, on all cores. One item needs no other thread, so none is started.
pub(crate) fn map_on_all_cores<Item: Sync, Out: Send, E: Send>(
    items: &[Item],
    each: impl Fn(&Item) -> Result<Out, E> + Send + Sync,
) -> Result<Vec<Out>, E> {
    match items {
        [] | [_] => items.iter().map(each).collect(),
        _ => items.par_iter().map(each).collect(),
    }
}

/// A backend that hashes the pages of a whole image in runs on every core.
pub struct AllCores<'b, B>(pub &'b B);

impl<B: Backend> HashPages for AllCores<'_, B> {
    fn sha384_pages(&self, pages: &[&[u8; PAGE_SIZE]]) -> Vec<[u8; 48]> {
        /// Pages that a core takes at a time: enough to be worth handing over.
        const RUN: usize = 32;
        if pages.len() <= RUN {
            return self.0.sha384_pages(pages);
        }
        pages.par_chunks(RUN).flat_map_iter(|run| self.0.sha384_pages(run)).collect()
    }
}
