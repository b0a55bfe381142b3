//! How many hypotheses does a search try in a second?
//!
//! On all cores and on one, for launch digests of SEV-ES and SNP and for a launch measurement, over all hypotheses of up to two changes;
//! nothing matches, so all are tried. Planning is included. Elements are hypotheses: most differ in their vCPU count as well, and
//! cost a row of a sweep.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sev_launch_benches::searches::{Search, Value};

const CHANGES: u32 = 2;

fn explain(c: &mut Criterion) {
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool of one");
    let mut group = c.benchmark_group("explain");
    group.sample_size(10);
    for (name, value) in
        [("sev-es", Value::SevEs), ("snp", Value::Snp), ("measurement", Value::Measurement)]
    {
        let search = Search::new(value);
        group.throughput(Throughput::Elements(search.run(CHANGES)));
        group.bench_function(format!("{name}, all cores"), |b| b.iter(|| search.run(CHANGES)));
        group.bench_function(format!("{name}, one core"), |b| {
            b.iter(|| alone.install(|| search.run(CHANGES)));
        });
    }
    group.finish();
}

criterion_group!(benches, explain);
criterion_main!(benches);
