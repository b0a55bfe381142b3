//! The hash implementations of the command: SNP pages on all cores.

use rayon::prelude::*;
use sev_launch_digest::hash::{HashPages, PAGE_SIZE, Portable};

/// Pages by the portable implementation, in runs on every core.
pub(crate) struct AllCores;

impl HashPages for AllCores {
    fn sha384_pages(&self, pages: &[&[u8; PAGE_SIZE]]) -> Vec<[u8; 48]> {
        /// Pages that a core takes at a time: enough to be worth handing over.
        const RUN: usize = 64;
        pages.par_chunks(RUN).flat_map_iter(|run| Portable.sha384_pages(run)).collect()
    }
}
