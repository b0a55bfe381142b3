//! The hash implementation of the command: the fastest for this processor.

use std::env;
use std::sync::OnceLock;

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

/// One stream, or pages in lanes, on the core that asks.
#[derive(Clone, Copy)]
pub(crate) struct Hashing;

impl Backend for Hashing {
    fn compress256(&self, state: &mut [u32; 8], blocks: &[[u8; 64]]) {
        instructions().compress256(state, blocks);
    }

    fn sha384_pages(&self, pages: &mut [PageSlot<'_>]) {
        instructions().sha384_pages(pages);
    }
}
