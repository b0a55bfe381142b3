//! Work on all cores.

use rayon::prelude::*;
use sev_launch_digest::hash::{Backend, PageSlot};

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

/// A backend that hashes the pages of a whole image in runs on every core, and one stream on the core that asks.
pub struct AllCores<'b, B>(pub &'b B);

impl<B: Backend + Sync> Backend for AllCores<'_, B> {
    fn compress256(&self, state: &mut [u32; 8], blocks: &[[u8; 64]]) {
        self.0.compress256(state, blocks);
    }

    fn sha384_pages(&self, pages: &mut [PageSlot<'_>]) {
        /// Pages that a core takes at a time: enough to be worth handing over.
        const RUN: usize = 32;
        if pages.len() <= RUN {
            return self.0.sha384_pages(pages);
        }
        pages.par_chunks_mut(RUN).for_each(|run| self.0.sha384_pages(run));
    }
}
