//! What is inside firmware images, where two differ, and in what they may.

pub(crate) mod allow;
pub(crate) mod diff;
pub(crate) mod tree;
