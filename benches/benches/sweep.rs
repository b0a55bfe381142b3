//! How does a sweep grow with its rows: does a further row cost only its own hash blocks?
//!
//! Rows are vCPU counts from 1 up, for one command line or four; elements are rows, so the rate of many rows should be that of few, or
//! better. The last line is what the blocks of a SEV-ES row alone allow: 64 of its page and one of padding.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use sev_launch_benches::guests::{cmdlines, sweep_sev_es, sweep_snp};
use sev_launch_benches::images;
use sev_launch_digest::hash::{Backend as _, Portable};

fn rows(counts: usize, lines: usize) -> Throughput {
    Throughput::Elements(u64::try_from(counts * lines).expect("few rows"))
}

fn sweep(c: &mut Criterion) {
    let firmware = images::small();
    let mut group = c.benchmark_group("sweep");
    group.sample_size(20);
    for (counts, lines) in [(1, 1), (8, 1), (32, 1), (128, 1), (128, 4), (512, 4)] {
        let hashes = cmdlines(lines);
        let unit = if counts == 1 { "count" } else { "counts" };
        let id = format!("{counts} {unit} x {lines}");
        group.throughput(rows(counts, lines));
        group.bench_function(BenchmarkId::new("sev-es", &id), |b| {
            b.iter(|| sweep_sev_es(&firmware, black_box(&hashes), counts));
        });
        group.bench_function(BenchmarkId::new("snp", &id), |b| {
            b.iter(|| sweep_snp(&firmware, black_box(&hashes), counts));
        });
    }
    group.throughput(rows(1, 1));
    let blocks = [[0xa5; 64]; 65];
    group.bench_function("65 blocks of SHA-256", |b| {
        b.iter(|| {
            let mut state = [0; 8];
            Portable.compress256(&mut state, black_box(&blocks));
            state
        });
    });
    group.finish();
}

criterion_group!(benches, sweep);
criterion_main!(benches);
