//! Work on all cores, or on one where the system gives no thread.
//!
//! ```
//! use sev_launch_sweep::cores::{join, map_on_all_cores};
//!
//! let halves = map_on_all_cores(&[2, 4], |number| Ok::<_, ()>(number / 2));
//! assert_eq!(halves, Ok(vec![1, 2]));
//! assert_eq!(join(|| 1, || 2), (1, 2));
//! ```

use std::error::Error as _;
use std::sync::OnceLock;

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use sev_launch_digest::hash::{Backend, PageSlot};

/// Can work be handed to other threads? Where the system allows no more of them, all is done by the thread that asks.
///
/// rayon makes its threads at its first use, and panics where it cannot; so they are made here, once, before that.
#[must_use]
pub fn has_threads() -> bool {
    static FOUND: OnceLock<bool> = OnceLock::new();
    *FOUND.get_or_init(|| match ThreadPoolBuilder::new().build_global() {
        Ok(()) => true,
        // What has no cause of the system's says that whoever uses this library has made them already.
        Err(error) => error.source().is_none(),
    })
}

/// What `each` gives for every item, in order, on all cores. One item needs no other thread, so none is started.
///
/// Errors: the first that `each` gives, on whichever core.
pub fn map_on_all_cores<Item: Sync, Out: Send, E: Send>(
    items: &[Item],
    each: impl Fn(&Item) -> Result<Out, E> + Send + Sync,
) -> Result<Vec<Out>, E> {
    match items {
        [_, _, ..] if has_threads() => items.par_iter().map(each).collect(),
        _ => items.iter().map(each).collect(),
    }
}

/// Does two things at the same time, where there are threads.
pub fn join<A: Send, B: Send>(
    one: impl FnOnce() -> A + Send,
    two: impl FnOnce() -> B + Send,
) -> (A, B) {
    if has_threads() { rayon::join(one, two) } else { (one(), two()) }
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
        if pages.len() <= RUN || !has_threads() {
            return self.0.sha384_pages(pages);
        }
        pages.par_chunks_mut(RUN).for_each(|run| self.0.sha384_pages(run));
    }
}
