//! How long does it take to say whether certificates and reports are authentic?
//!
//! A SEV platform's six certificates and nine checks, under AMD's key sizes of Naples (2048 bits) and since Rome (4096); an SNP chain
//! of three; a report under a VCEK that was verified before, as a verifier with a cache has it, and both together. Parsing is included. The
//! SNP chain's RSA keys have 2048 bits, where AMD's have 4096.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sev_launch_benches::evidence::{SevPlatform, SnpEvidence};
use sev_launch_testkit::certs::RsaSize;

fn chain(c: &mut Criterion) {
    let mut group = c.benchmark_group("chain");
    group.sample_size(20);
    group.throughput(Throughput::Elements(1));
    for (size, bits) in [(RsaSize::Bits2048, 2048), (RsaSize::Bits4096, 4096)] {
        let platform = SevPlatform::new(size);
        group.bench_function(format!("sev, {bits} bits"), |b| {
            b.iter(|| black_box(&platform).verify());
        });
    }
    let evidence = SnpEvidence::new();
    group.bench_function("snp, VCEK, ASK, ARK", |b| b.iter(|| black_box(&evidence).verify_chain()));
    let vek = evidence.verify_chain();
    group.bench_function("snp report under a verified VCEK", |b| {
        b.iter(|| black_box(&evidence).verify_report(&vek));
    });
    group.bench_function("snp report and chain", |b| {
        b.iter(|| evidence.verify_report(&black_box(&evidence).verify_chain()));
    });
    group.finish();
}

criterion_group!(benches, chain);
criterion_main!(benches);
