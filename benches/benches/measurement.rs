//! How many launch measurements does a core verify in a second, with the digests known?
//!
//! A verification is a session made of stored keys, the blob parsed, and an HMAC with each reference value until all are tried: the
//! matching one is the last. Elements are verifications. The last line is what the five hash blocks of one HMAC alone allow: the key's two,
//! two of the 56 bytes with their padding, and one of the inner hash.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sev_launch_benches::evidence::Measurement;
use sev_launch_digest::hash::{Backend as _, Portable};

fn measurement(c: &mut Criterion) {
    let mut group = c.benchmark_group("measurement");
    group.throughput(Throughput::Elements(1));
    for references in [1, 64] {
        let measurement = Measurement::new(references);
        let s = if references == 1 { "" } else { "s" };
        group.bench_function(format!("{references} reference value{s}"), |b| {
            b.iter(|| black_box(&measurement).verify());
        });
    }
    group.bench_function("5 blocks of SHA-256", |b| {
        b.iter(|| {
            let mut state = [0; 8];
            for block in black_box(&[[[0xa5; 64]]; 5]) {
                Portable.compress256(&mut state, block);
            }
            state
        });
    });
    group.finish();
}

criterion_group!(benches, measurement);
criterion_main!(benches);
