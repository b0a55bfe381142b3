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
use std::sync::atomic::{AtomicUsize, Ordering};

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
/// Errors: that of the first item for which `each` gives one, whichever core is the fastest, so that the same input is refused by the
/// same words. Items after it may be left out.
pub fn map_on_all_cores<Item: Sync, Out: Send, E: Send>(
    items: &[Item],
    each: impl Fn(&Item) -> Result<Out, E> + Send + Sync,
) -> Result<Vec<Out>, E> {
    let ([_, _, ..], true) = (items, has_threads()) else {
        return items.iter().map(each).collect();
    };
    let first_error = AtomicUsize::new(usize::MAX);
    let outcomes: Vec<_> = (items.par_iter().enumerate())
        .map(|(index, item)| {
            let is_wanted = index < first_error.load(Ordering::Relaxed);
            is_wanted.then(|| {
                each(item).inspect_err(|_| {
                    first_error.fetch_min(index, Ordering::Relaxed);
                })
            })
        })
        .collect();
    outcomes.into_iter().flatten().collect()
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

#[cfg(test)]
mod tests {
    use std::thread::sleep;
    use std::time::Duration;

    use super::*;

    // Later items fail at once, and the first that fails takes its time.
    #[test]
    fn the_first_error_in_order_is_told() {
        let items: Vec<u64> = (0..64).collect();
        let failing = |item: &u64| match item {
            0..=4 => Ok(*item),
            _ => {
                sleep(Duration::from_millis(if *item < 8 { 20 } else { 0 }));
                Err(*item)
            }
        };
        for _ in 0..5 {
            assert_eq!(map_on_all_cores(&items, failing), Err(5));
        }
        assert_eq!(map_on_all_cores(&items, |item| Ok::<_, ()>(*item)), Ok(items.clone()));
    }
}
