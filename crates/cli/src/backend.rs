//! The hash implementations of the command: the fastest for this processor, on the core that asks or, for the pages of whole
//! images, on all cores.

use std::env;
use std::sync::OnceLock;

use rayon::prelude::*;
use sev_launch_digest::hash::{Backend, PageSlot};
use sev_launch_sha2_lanes::Instructions;

/// If it is set to 1, no SHA instructions are used: for measurements as on a processor without them.
const WITHOUT_SHA: &str = "SEV_LAUNCH_WITHOUT_SHA";

/// What runs on this processor, detected once.
fn instructions() -> Instructions {
    static DETECTED: OnceLock<Instructions> = OnceLock::new();
    *DETECTED.get_or_init(|| match env::var_os(WITHOUT_SHA).is_some_and(|value| value == "1") {
        true => Instructions::detect_without_sha(),
        false => Instructions::detect(),
    })
}

/// What `each` gives for every item, in order, on all cores. One item needs no other thread, so none is started.
pub(crate) fn map_on_all_cores<Item: Sync, Out: Send>(
    items: &[Item],
    each: impl Fn(&Item) -> anyhow::Result<Out> + Send + Sync,
) -> anyhow::Result<Vec<Out>> {
    match items {
        [] | [_] => items.iter().map(each).collect(),
        _ => items.par_iter().map(each).collect(),
    }
}

/// One stream, or pages in lanes, on the core that asks.
#[derive(Clone, Copy)]
pub(crate) struct OneCore;

impl Backend for OneCore {
    fn compress256(&self, state: &mut [u32; 8], blocks: &[[u8; 64]]) {
        instructions().compress256(state, blocks);
    }

    fn sha384_pages(&self, pages: &mut [PageSlot<'_>]) {
        instructions().sha384_pages(pages);
    }
}

/// One stream on the core that asks; pages in lanes, in runs on every core.
#[derive(Clone, Copy)]
pub(crate) struct AllCores;

impl Backend for AllCores {
    fn compress256(&self, state: &mut [u32; 8], blocks: &[[u8; 64]]) {
        OneCore.compress256(state, blocks);
    }

    fn sha384_pages(&self, pages: &mut [PageSlot<'_>]) {
        /// Pages that a core takes at a time: enough to be worth handing over.
        const RUN: usize = 32;
        if pages.len() <= RUN {
            return OneCore.sha384_pages(pages);
        }
        pages.par_chunks_mut(RUN).for_each(|run| OneCore.sha384_pages(run));
    }
}
