//! What do initial registers cost: the pages of a profile, and a page to fields and back?
//!
//! A profile makes two pages, the first vCPU's and that of all further ones. A page that was captured on a host is read into fields to
//! look at its features, and compared field by field when it is not what was expected.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sev_launch_benches::guests::{MILAN, es_profile, snp_profile};
use sev_launch_digest::vmsa::{Vmsa, VmsaPage};

const RESET: Option<u32> = Some(0x0080_b004);

fn vmsa(c: &mut Criterion) {
    let mut group = c.benchmark_group("vmsa");
    group.throughput(Throughput::Elements(1));
    for profile in [es_profile(), snp_profile()] {
        group.bench_function(format!("pages of {}", profile.name), |b| {
            b.iter(|| profile.vmsa_pages(RESET, Some(black_box(MILAN)), None));
        });
    }
    let pages = es_profile().vmsa_pages(RESET, Some(MILAN), None);
    let pages = pages.expect("the profile needs no more");
    let fields = Vmsa::from_page(&pages.bsp);
    group.bench_function("fields to page", |b| b.iter(|| black_box(&fields).to_page()));
    group.bench_function("page to fields", |b| b.iter(|| Vmsa::from_page(black_box(&pages.bsp))));
    group.bench_function("bytes to page", |b| {
        b.iter(|| VmsaPage::from_bytes(black_box(pages.bsp.as_bytes())));
    });
    group.bench_function("compare two pages", |b| {
        b.iter(|| black_box(&pages.bsp).compare(black_box(&pages.ap)));
    });
    group.finish();
}

criterion_group!(benches, vmsa);
criterion_main!(benches);
