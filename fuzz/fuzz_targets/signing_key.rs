//! Fuzzes `signing_key` of the list in `fuzz/src/lib.rs`.
#![cfg_attr(fuzzing, no_main)]

sev_launch_fuzz::target!("signing_key");
