//! What does one guest cost once its firmware is absorbed, by technology and number of vCPUs?
//!
//! From a plain guest with kernel hashes to its launch digest, all checks and VMSA pages included. SEV has no vCPUs; SEV-ES pays 4096
//! bytes of SHA-256 for each, SNP 112 of SHA-384.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sev_launch_benches::guests::{self, kernel_hashes, vcpus};
use sev_launch_benches::images;

fn digest(c: &mut Criterion) {
    let firmware = images::small();
    let hashes = kernel_hashes(b"console=ttyS0");
    let mut group = c.benchmark_group("digest");
    group.throughput(Throughput::Elements(1));
    let sev = guests::sev(&firmware, hashes);
    group.bench_function("sev", |b| {
        b.iter(|| black_box(&sev).launch().map(|launch| launch.digest()));
    });
    for count in [1, 64, 512] {
        let unit = if count == 1 { "vCPU" } else { "vCPUs" };
        let guest = guests::sev_es(&firmware, hashes, vcpus(count));
        group.bench_function(format!("sev-es, {count} {unit}"), |b| {
            b.iter(|| black_box(&guest).launch().map(|launch| launch.digest()));
        });
        let guest = guests::snp(&firmware, hashes, vcpus(count));
        group.bench_function(format!("snp, {count} {unit}"), |b| {
            b.iter(|| black_box(&guest).launch().map(|launch| launch.digest()));
        });
    }
    group.finish();
}

criterion_group!(benches, digest);
criterion_main!(benches);
