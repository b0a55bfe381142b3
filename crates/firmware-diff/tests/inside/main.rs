//! Made-up images, taken apart: the test kit writes them from the specification, and knows nothing of the reader.

mod accounted;
mod hash_check;
mod lies;
mod limits;
mod mutations;
mod packed;
mod trees;
