//! What is left on the stack when the work is done.
//!
//! Keys lie on the heap and are wiped where they lie. But a library's own steps (a key schedule, a scalar, the state of a hash)
//! pass through the stack by value, and each move leaves a copy that no destructor sees. All of it lies below the frame of
//! whoever called, so one large frame that is wiped covers it, whichever library it was.

use std::hint::black_box;

use zeroize::Zeroize;

/// More than any command's crypto was seen to take: that of P-384 takes most, and most of all where it is not optimised.
const DEPTH: usize = 256 * 1024;

/// Wipes the stack below the caller's frame.
#[inline(never)]
pub(crate) fn wipe() {
    let mut frame = [0_u8; DEPTH];
    black_box(&mut frame).zeroize();
    black_box(&frame);
}
