//! How long do the cases take whose instructions `cargo xtask count` counts? Elements are the units of the counts.
//!
//! Searches run on all cores here, and on one when they are counted.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sev_launch_benches::cases;

fn cases(c: &mut Criterion) {
    let mut group = c.benchmark_group("cases");
    group.sample_size(20);
    for (name, _, _, prepare) in cases::ALL {
        let mut work = prepare();
        group.throughput(Throughput::Elements(work()));
        group.bench_function(name, |b| b.iter(&mut work));
    }
    group.finish();
}

criterion_group!(benches, cases);
criterion_main!(benches);
