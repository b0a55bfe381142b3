//! How many launch measurements one core verifies in a second, how many hypotheses `explain` tries, and what bounds them.
//!
//! HMAC-SHA-256 over the 56 bytes of a launch measurement is five blocks: the key's inner pad, two of message and padding, the
//! outer pad, one of inner digest and padding. Nothing that computes it can be faster than its compression of five blocks. A
//! verification is what a server does: a session from stored keys, one reference value, the comparison, the verdict.
//!
//! The launch that is explained has no kernel, so every hypothesis differs in vCPU count, CPU, profile and features alone, and each
//! costs one VMSA page more than its neighbour: 64 blocks, and one of padding. The bound is the compression of 64 blocks and then
//! of one, on a state that stays in registers or the nearest cache, on as many threads as the search has. Hypotheses that no host
//! would launch are not counted.
//!
//! What is compared is timed in turn, and the median counts. One line of JSON.

use std::hint::black_box;
use std::thread;
use std::time::Instant;

use sev_launch_benches::evidence::Measurement;
use sev_launch_benches::searches::Search;
use sev_launch_digest::hash::{Backend, PageSlot, Portable};
use sev_launch_explain::{Cancel, run_with};
use sev_launch_sha2_lanes::Instructions;

/// `sha2` asks the processor itself, but in a build with `--cfg sha2_backend="soft"`.
const SHA2: &str = if cfg!(sha2_backend = "soft") { "sha2 in software" } else { "sha2" };

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

fn main() {
    let measurement = Measurement::make();
    let blocks = [[0x33; 64]; 5];
    let mut state = [7; 8];
    let [verifications, five_blocks] = per_second(
        101,
        [2000; 2],
        [
            &mut || (0..2000).for_each(|_| drop(black_box(black_box(&measurement).verify()))),
            &mut || {
                (0..2000)
                    .for_each(|_| Portable.compress256(black_box(&mut state), black_box(&blocks)));
            },
        ],
    );

    let masked = std::env::var_os("SEV_LAUNCH_WITHOUT_SHA").is_some_and(|value| value == "1");
    let backend = if masked { Instructions::detect_without_sha() } else { Instructions::detect() };
    let lanes = &Lanes(backend);
    let threads = u32::try_from(thread::available_parallelism().map_or(1, usize::from));
    let threads = threads.expect("few threads");
    let launch = Search::without_kernel();
    let plan = launch.plan(4);
    let search = || run_with(&plan, lanes, &mut |_| (), &Cancel::new());
    // No launch has the value, so every hypothesis is tried.
    let levels: u64 = search().tried().levels.iter().map(|level| level.tried - level.refused).sum();
    let launched = u32::try_from(levels).expect("far below 2^32");
    // So many hypotheses each thread compresses.
    let alone = 20_000;
    let [hypotheses, blocks_alone] = per_second(
        5,
        [launched, alone * threads],
        [&mut || drop(search()), &mut || {
            thread::scope(|scope| {
                (0..threads).for_each(|_| drop(scope.spawn(|| blocks_alone_of(lanes, alone))));
            });
        }],
    );
    let rates = serde_json::json!([
        [
            "measurement verifications, one core",
            [[SHA2, verifications], ["five blocks alone", five_blocks]],
        ],
        [
            "`explain`, SEV-ES hypotheses that differ in vCPU count, CPU and profile",
            [
                [backend.to_string(), hypotheses],
                [format!("65 blocks alone, {threads} threads"), blocks_alone],
            ],
        ],
    ]);
    println!("{rates}");
}

/// Does both in turn, and says how many of each pass in a second, by the median time.
fn per_second(turns: usize, counts: [u32; 2], mut works: [&mut dyn FnMut(); 2]) -> [f64; 2] {
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..turns {
        for (work, times) in works.iter_mut().zip(&mut times) {
            let started = Instant::now();
            work();
            times.push(started.elapsed().as_secs_f64());
        }
    }
    let mut rates = counts.into_iter().zip(times).map(|(count, mut times)| {
        times.sort_by(f64::total_cmp);
        f64::from(count) / times[turns / 2]
    });
    [(); 2].map(|()| rates.next().expect("two rates"))
}

/// What the hash of so many hypotheses costs, and nothing else.
fn blocks_alone_of(lanes: &Lanes, hypotheses: u32) {
    let page = [[0x33; 64]; 64];
    let padding = [[0x80; 64]];
    let mut state = [7; 8];
    for _ in 0..hypotheses {
        lanes.compress256(black_box(&mut state), black_box(&page));
        let mut last = state;
        lanes.compress256(&mut last, black_box(&padding));
        black_box(last);
    }
}
