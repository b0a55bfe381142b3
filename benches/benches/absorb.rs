//! What does taking in files cost: SHA-256 over all bytes, and SHA-384 over a firmware's pages?
//!
//! Two images: one of code alone, no two pages of which are equal, and one as OVMF's are, 895 of whose 1024 pages are the same. The
//! rate of the second over the first is what knowing equal pages saves. Bytes are those of the image, which is hashed twice, or,
//! in pieces, once for the technology named.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sev_launch_abi::Technology;
use sev_launch_benches::images;
use sev_launch_digest::firmware::Firmware;
use sev_launch_digest::hash::{Backend as _, Midstate, Portable};
use sev_launch_digest::kernel_hashes::FileHasher;

fn bytes(size: usize) -> Throughput {
    Throughput::Bytes(u64::try_from(size).expect("sizes here are small"))
}

fn absorb(c: &mut Criterion) {
    let mut group = c.benchmark_group("absorb");
    group.sample_size(20);
    let code = images::image(images::OVMF_CODE, images::OVMF_CODE);
    for (name, image) in [("512 KiB of code", code), ("4 MiB, 7/8 of it empty", images::ovmf())] {
        group.throughput(bytes(image.len()));
        group.bench_function(name, |b| {
            b.iter(|| Firmware::parse(black_box(&image)).map(|firmware| firmware.absorb()));
        });
    }
    let image = images::ovmf();
    for (name, technology) in
        [("in pieces, for SEV", Technology::Sev), ("in pieces, for SNP", Technology::Snp)]
    {
        group.bench_function(name, |b| {
            b.iter(|| images::absorbed_in_pieces(black_box(&image), technology));
        });
    }
    group.finish();
}

fn hash(c: &mut Criterion) {
    let code = images::noise(images::OVMF_CODE);
    let mut group = c.benchmark_group("hash");
    group.sample_size(20);
    group.throughput(bytes(code.len()));
    group.bench_function("SHA-256, one stream", |b| {
        b.iter(|| {
            let mut state = Midstate::new();
            state.update(black_box(&code));
            state.finish()
        });
    });
    let pages = code.as_chunks::<4096>().0;
    group.bench_function("SHA-384, pages", |b| {
        b.iter(|| {
            let mut digests = vec![[0; 48]; pages.len()];
            let mut slots: Vec<_> = black_box(pages).iter().zip(&mut digests).collect();
            Portable.sha384_pages(&mut slots);
            digests
        });
    });
    let file = images::noise(16 << 20);
    group.throughput(bytes(file.len()));
    group.sample_size(10);
    group.bench_function("SHA-256, a file of 16 MiB by chunks", |b| {
        b.iter(|| {
            let mut hasher = FileHasher::new();
            file.chunks(images::CHUNK).for_each(|chunk| hasher.update(chunk));
            hasher.finish()
        });
    });
    group.finish();
}

criterion_group!(benches, absorb, hash);
criterion_main!(benches);
