//! How many SEV-ES hypotheses `explain` tries in a second, and how many their hash blocks alone would allow.
//!
//! The launch has no kernel, so every hypothesis differs in vCPU count, CPU, profile and features alone, and each costs one VMSA
//! page more than its neighbour: 64 blocks, and one of padding. The bound is the compression of 64 blocks and then of one, on a
//! state that stays in registers or the nearest cache, on as many threads as the search has. Hypotheses that no host would
//! launch are not counted. Both are timed in turn, and the median counts. One line of JSON.

#![expect(clippy::unwrap_used, reason = "a measurement has no one to tell an error to")]

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use sev_launch_abi::Technology;
use sev_launch_abi::sev::LaunchDigest;
use sev_launch_digest::cpu::CpuModel;
use sev_launch_digest::hash::{Backend, PageSlot};
use sev_launch_digest::profile;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_explain::{Cancel, Cmdline, File, Launch, Options, Reported, plan, run_with};
use sev_launch_sha2_lanes::Instructions;
use sev_launch_testkit::firmware::FirmwareBuilder;

/// The command's compression: the fastest for this processor, or without SHA instructions where `SEV_LAUNCH_WITHOUT_SHA`
/// is 1.
struct Lanes(Instructions);

impl Backend for Lanes {
    fn compress256(&self, state: &mut [u32; 8], blocks: &[[u8; 64]]) {
        self.0.compress256(state, blocks);
    }

    fn sha384_pages(&self, pages: &mut [PageSlot<'_>]) {
        self.0.sha384_pages(pages);
    }
}

const ROUNDS: usize = 5;
/// Hypotheses whose blocks each thread compresses in a round.
const BOUND_PER_THREAD: u32 = 20_000;

fn main() {
    let masked = std::env::var_os("SEV_LAUNCH_WITHOUT_SHA").is_some_and(|value| value == "1");
    let lanes = &Lanes(match masked {
        true => Instructions::detect_without_sha(),
        false => Instructions::detect(),
    });
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let launch = launch();
    // No launch has it, so every hypothesis is tried.
    let reported = Reported::Sev(LaunchDigest::from_bytes([0; 32]));
    let options = Options { max_changes: 4, ..Options::default() };
    let plan = plan(&launch, &reported, &options).unwrap();

    let (mut searches, mut bounds, mut launched) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let outcome = run_with(&plan, lanes, &mut |_| (), &Cancel::new());
        searches.push(started.elapsed());
        launched = outcome.tried().levels.iter().map(|level| level.tried - level.refused).sum();

        let started = Instant::now();
        thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(|| blocks_alone(lanes)))));
        bounds.push(started.elapsed());
    }
    let backend = lanes.0;
    let compressed = u64::from(BOUND_PER_THREAD) * u64::try_from(threads).unwrap();
    println!(
        "{{\"backend\": \"{backend}\", \"without_sha\": true, \"threads\": {threads}, \
         \"hypotheses\": {launched}, \"hypotheses_per_s\": {:.0}, \"blocks_alone_per_s\": {:.0}}}",
        per_second(launched, &mut searches),
        per_second(compressed, &mut bounds),
    );
}

fn launch() -> Launch {
    let image = FirmwareBuilder::amd_sev().build();
    Launch {
        technology: Technology::SevEs,
        files: vec![File::of_firmware("OVMF.fd", &image).unwrap()],
        firmware: 0,
        kernel: None,
        initrd: None,
        cmdline: Cmdline::Bytes(Vec::new()),
        kernel_hashes: false,
        profile: Some(profile::by_name("es-legacy").unwrap()),
        sev_features: None,
        signature: Some(CpuModel::by_name("EPYC-Milan").unwrap().signature),
        vcpus: VcpuCount::ONE,
        captured: None,
    }
}

/// What the hash of so many hypotheses costs, and nothing else.
fn blocks_alone(lanes: &Lanes) {
    let page = [[0x33; 64]; 64];
    let padding = [[0x80; 64]];
    let mut state = [7; 8];
    for _ in 0..BOUND_PER_THREAD {
        lanes.compress256(black_box(&mut state), black_box(&page));
        let mut last = state;
        lanes.compress256(&mut last, black_box(&padding));
        black_box(last);
    }
}

/// By the median time.
fn per_second(count: u64, times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    // Counts here are far below 2^32.
    f64::from(u32::try_from(count).unwrap()) / times[times.len() / 2].as_secs_f64()
}
