//! The hash implementation of the command: the fastest for this processor.

use std::env;
use std::sync::OnceLock;

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

/// One stream, or pages in lanes, on the core that asks.
#[derive(Clone, Copy)]
pub(crate) struct Hashing;

impl CompressSha256 for Hashing {
    fn compress(&self, state: &mut [u32; 8], blocks: &[[u8; 64]]) {
        backend().compress256(state, blocks);
    }
}

impl HashPages for Hashing {
    fn sha384_pages(&self, pages: &[&[u8; PAGE_SIZE]]) -> Vec<[u8; 48]> {
        backend().sha384_pages(pages)
    }
}
