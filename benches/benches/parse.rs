//! What does it cost to read an image's tables: the GUIDed table, and the SEV metadata that it leads to?
//!
//! Nothing of the code is looked at, so elements are images and their size is of no matter: that the small one takes as long shows it.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sev_launch_benches::images;
use sev_launch_digest::firmware::Firmware;
use sev_launch_testkit::firmware::FirmwareBuilder;

fn parse(c: &mut Criterion) {
    let amd_sev = FirmwareBuilder::amd_sev;
    let mut group = c.benchmark_group("parse");
    group.throughput(Throughput::Elements(1));
    for (name, image) in [
        ("4 MiB, table and metadata", images::ovmf()),
        ("64 KiB, table and metadata", images::image(64 << 10, 64 << 10)),
        ("64 KiB, table alone", amd_sev().without_metadata().size(64 << 10).build()),
        ("64 KiB, no table", amd_sev().without_table().size(64 << 10).build()),
    ] {
        group.bench_function(name, |b| b.iter(|| Firmware::parse(black_box(&image))));
    }
    group.finish();
}

criterion_group!(benches, parse);
criterion_main!(benches);
