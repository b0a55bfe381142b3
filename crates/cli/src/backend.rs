//! The hash implementations of the command: the fastest for this processor, on the core that asks or, for the pages of whole
//! images, on all cores.

use std::env;
use std::sync::OnceLock;

use rayon::prelude::*;
use sev_launch_abi::PAGE_SIZE;
use sev_launch_digest::hash::{CompressSha256, HashPages};
use sev_launch_sha2_lanes::Backend;

/// Where it is set to 1, no SHA instructions are used: for measurements as on a processor without them.
const WITHOUT_SHA: &str = "SEV_LAUNCH_WITHOUT_SHA";

/// What runs on this processor, detected once.
fn backend() -> Backend {
    static BACKEND: OnceLock<Backend> = OnceLock::new();
    *BACKEND.get_or_init(|| match env::var_os(WITHOUT_SHA).is_some_and(|value| value == "1") {
        true => Backend::detect_without_sha(),
        false => Backend::detect(),
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

impl CompressSha256 for OneCore {
    fn compress(&self, state: &mut [u32; 8], blocks: &[[u8; 64]]) {
        backend().compress256(state, blocks);
    }
}

impl HashPages for OneCore {
    fn sha384_pages(&self, pages: &[&[u8; PAGE_SIZE]]) -> Vec<[u8; 48]> {
        backend().sha384_pages(pages)
    }
}

/// Pages in lanes, in runs on every core.
#[derive(Clone, Copy)]
pub(crate) struct AllCores;

impl HashPages for AllCores {
    fn sha384_pages(&self, pages: &[&[u8; PAGE_SIZE]]) -> Vec<[u8; 48]> {
        /// Pages that a core takes at a time: enough to be worth handing over.
        const RUN: usize = 32;
        if pages.len() <= RUN {
            return OneCore.sha384_pages(pages);
        }
        pages.par_chunks(RUN).flat_map_iter(|run| backend().sha384_pages(run)).collect()
    }
}
