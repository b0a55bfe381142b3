//! How fast each implementation is beside `sha2`: megabytes (10^6 bytes) a second, median of turns that take each one after the other.
//!
//! `cargo run --release -p sev-launch-sha2-lanes --example rate`, and `RUSTFLAGS='--cfg sha2_backend="soft"'` before it
//! for what `sha2` does on a processor without SHA instructions and AVX2.
#![allow(clippy::as_conversions, clippy::cast_precision_loss)]

use sev_launch_sha2_lanes::{Instructions, PAGE_SIZE, Stream};
use std::hint::black_box;
use std::time::Instant;

/// Small enough for the second-level cache: this measures hashing, not memory.
const BYTES: usize = 64 << 10;
const TURNS: usize = 600;

/// What is measured: its name, and the work on `BYTES` bytes.
type Case<'a> = (String, Box<dyn FnMut() + 'a>);

fn main() {
    let data: Vec<u8> = (0..BYTES).map(|i| (i * 7 + i / 251).to_le_bytes()[0]).collect();
    let (blocks, _) = data.as_chunks::<64>();
    let (long_blocks, _) = data.as_chunks::<128>();
    let (pages, _) = data.as_chunks::<PAGE_SIZE>();

    let mut cases: Vec<Case<'_>> = Vec::new();
    for backend in Instructions::available() {
        cases.push((
            format!("SHA-256, one stream: {backend}"),
            Box::new(move || backend.compress256(&mut black_box([0; 8]), blocks)),
        ));
        cases.push((
            format!("SHA-256, 16 streams: {backend}"),
            Box::new(move || {
                let mut states = black_box([[0; 8]; 16]);
                let parts = blocks.chunks(blocks.len() / 16);
                let mut streams: Vec<_> = states
                    .iter_mut()
                    .zip(parts)
                    .map(|(state, blocks)| Stream { state, blocks })
                    .collect();
                backend.compress256_lanes(&mut streams);
            }),
        ));
        cases.push((
            format!("SHA-384, 16 pages:   {backend}"),
            Box::new(move || {
                let mut digests = [[0; 48]; BYTES / PAGE_SIZE];
                let mut slots: Vec<_> = pages.iter().zip(&mut digests).collect();
                backend.sha384_pages(black_box(&mut slots));
            }),
        ));
    }
    cases.push((
        "SHA-512, one stream: sha2".into(),
        Box::new(|| sha2::block_api::compress512(&mut black_box([0; 8]), long_blocks)),
    ));

    let mut rates = vec![Vec::with_capacity(TURNS); cases.len()];
    for _ in 0..TURNS {
        for ((_, work), rates) in cases.iter_mut().zip(&mut rates) {
            let start = Instant::now();
            work();
            rates.push(BYTES as f64 / 1e6 / start.elapsed().as_secs_f64());
        }
    }
    for ((name, _), rates) in cases.iter().zip(&mut rates) {
        rates.sort_by(f64::total_cmp);
        if let (Some(median), Some(best)) = (rates.get(TURNS / 2), rates.last()) {
            println!("{name:28} {median:6.0} MB/s, at best {best:6.0}");
        }
    }
}
