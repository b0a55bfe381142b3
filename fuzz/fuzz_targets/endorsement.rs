//! Fuzzes `endorsement` of the list in `fuzz/src/lib.rs`.
#![cfg_attr(fuzzing, no_main)]

sev_launch_fuzz::target!("endorsement");
