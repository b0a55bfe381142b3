//! What each part of a digest costs: absorbing an image, one guest by technology, and further guests from the same parts.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use sev_launch_digest::cpu::CpuSignature;
use sev_launch_digest::firmware::{AbsorbedFirmware, Firmware};
use sev_launch_digest::kernel_hashes::FileHasher;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::Vmsas;
use sev_launch_digest::{profile, sev, sev_es, snp};
use sev_launch_testkit::firmware::FirmwareBuilder;

const MILAN: CpuSignature = CpuSignature(0x00a0_0f11);
/// Bytes of a common OVMF image.
const IMAGE_SIZE: u32 = 4 << 20;

fn absorbed(image: &[u8]) -> AbsorbedFirmware {
    Firmware::parse(image).expect("the builder makes valid images").absorb()
}

fn vcpus(count: u32) -> VcpuCount {
    VcpuCount::new(count).expect("a possible count")
}

fn firmware(c: &mut Criterion) {
    let image = FirmwareBuilder::amd_sev().size(4 << 20).build();
    let mut group = c.benchmark_group("firmware");
    group.bench_function("parse", |b| b.iter(|| Firmware::parse(&image)));
    group.throughput(Throughput::Bytes(u64::from(IMAGE_SIZE)));
    group.sample_size(10);
    group.bench_function("absorb", |b| b.iter(|| absorbed(&image)));
    group.finish();
}

fn files(c: &mut Criterion) {
    let bytes = vec![0xa5; 16 << 20];
    let mut group = c.benchmark_group("files");
    group.throughput(Throughput::Bytes(16 << 20));
    group.sample_size(10);
    group.bench_function("sha256 by chunks", |b| {
        b.iter(|| {
            let mut hasher = FileHasher::new();
            bytes.chunks(256 << 10).for_each(|chunk| hasher.update(chunk));
            hasher.finish()
        });
    });
    group.finish();
}

fn guests(c: &mut Criterion) {
    let firmware = &absorbed(&FirmwareBuilder::amd_sev().size(4 << 20).build());
    let es = profile::by_name("es-legacy").expect("it exists");
    let snp = profile::by_name("snp-qemu").expect("it exists");
    let vmsas = || Vmsas::of_signature(MILAN);
    let mut group = c.benchmark_group("guest of absorbed firmware");
    group.bench_function("sev", |b| {
        b.iter(|| {
            sev::Guest { firmware, kernel_hashes: None }.launch().map(|launch| launch.digest())
        });
    });
    for count in [1, 64] {
        let (kernel_hashes, vcpus) = (None, vcpus(count));
        let es = sev_es::Guest { firmware, kernel_hashes, vcpus, profile: es, vmsas: vmsas() };
        group.bench_function(format!("sev-es, {count} vCPUs"), |b| {
            b.iter(|| es.launch().map(|launch| launch.digest()));
        });
        let guest =
            snp::Guest { firmware, kernel_hashes, svsm: None, vcpus, profile: snp, vmsas: vmsas() };
        group.bench_function(format!("snp, {count} vCPUs"), |b| {
            b.iter(|| guest.launch().map(|launch| launch.digest()));
        });
    }
    group.finish();
}

fn sweep(c: &mut Criterion) {
    let firmware = &absorbed(&FirmwareBuilder::amd_sev().build());
    let profile = profile::by_name("snp-qemu").expect("it exists");
    let vmsas = Vmsas::of_signature(MILAN);
    let guest = snp::Guest {
        firmware,
        kernel_hashes: None,
        svsm: None,
        vcpus: VcpuCount::ONE,
        profile,
        vmsas,
    };
    let launch = guest.launch().expect("it launches");
    let mut group = c.benchmark_group("sweep");
    group.throughput(Throughput::Elements(128));
    group.bench_function("snp, 1..=128 vCPUs in one pass", |b| {
        b.iter_batched(
            || launch.digest_before_vmsas(),
            |before| launch.vmsas().digests(before).take(128).last(),
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

criterion_group!(benches, firmware, files, guests, sweep);
criterion_main!(benches);
