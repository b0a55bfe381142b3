//! Many launches at random, on several QEMUs: how each ended, beside both predictions, as JSON for `cargo xtask rehearse`.
//!
//! Without more ado a few of them run on the QEMU of this machine, and a digest that QEMU and a prediction say differently fails; the task runs
//! thousands, judges refusals too, and has the reasons of what may differ.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, fs, thread};

use serde_json::{Value, json};
use sev_launch_rehearse::Ended;

use super::installed::Qemu;
use super::predicted::Predicted;
use super::random::{Case, Random, case, write_files};
use super::rehearsed::{predicted, rehearse};

/// How many run on each QEMU, and from which seed on.
const CASES: &str = "SEV_LAUNCH_REHEARSE_CASES";
const SEED: &str = "SEV_LAUNCH_REHEARSE_SEED";
/// Folders with a system that has a QEMU, with colons between them: it is started there by chroot.
const ROOTS: &str = "SEV_LAUNCH_REHEARSE_ROOTS";
/// Where the outcome goes.
const TOTALS: &str = "SEV_LAUNCH_REHEARSE_TOTALS";

#[test]
fn everything_measures_the_same() {
    let mut qemus = qemus();
    let roots = roots();
    let number = |name| env::var(name).ok().map(|text| text.parse::<u64>().expect(name));
    let (cases, seed) = (number(CASES).unwrap_or(40), number(SEED).unwrap_or(1));
    let mut ended = Vec::new();
    let all_roots: Vec<&str> = ["/"].into_iter().chain(roots.iter().map(String::as_str)).collect();
    for qemu in &mut qemus {
        write_files(qemu, &all_roots);
        ended.extend(all(qemu, seed, cases));
    }
    if let Ok(path) = env::var(TOTALS) {
        let versions: Vec<&str> = qemus.iter().map(|qemu| qemu.version.as_str()).collect();
        let totals = json!({ "versions": versions, "cases": ended });
        fs::write(&path, totals.to_string()).expect("the totals are written");
        return;
    }
    for case in ended.iter().filter(|case| case["digest"].is_string()) {
        for way in ["values", "import"] {
            let said = &case[way]["digest"];
            assert!(said.is_null() || *said == case["digest"], "{way} differs: {case:#}");
        }
    }
}

/// The folders that were named.
fn roots() -> Vec<String> {
    let roots = env::var(ROOTS).unwrap_or_default();
    roots.split(':').filter(|root| !root.is_empty()).map(str::to_owned).collect()
}

/// The QEMU of this machine, and those of the folders that were named.
pub(crate) fn qemus() -> Vec<Qemu> {
    let mut qemus: Vec<Qemu> = Qemu::find().into_iter().collect();
    qemus.extend(roots().into_iter().map(|root| {
        let command = ["chroot", &root, "qemu-system-x86_64"].map(str::to_owned).into();
        Qemu::at(command, Path::new(&root)).unwrap_or_else(|error| panic!("{root}: {error}"))
    }));
    qemus
}

/// So many cases of a QEMU, on all cores.
fn all(qemu: &Qemu, seed: u64, cases: u64) -> Vec<Value> {
    let (next, ended) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= cases {
                        return;
                    }
                    let seed = seed.wrapping_mul(1_000_003).wrapping_add(number);
                    let one = one(qemu, &case(qemu, &mut Random::new(seed), number));
                    ended.lock().expect("no panic").push((number, one));
                }
            });
        }
    });
    let mut ended = ended.into_inner().expect("no panic");
    ended.sort_by_key(|(number, _)| *number);
    ended.into_iter().map(|(_, one)| one).collect()
}

fn one(qemu: &Qemu, case: &Case) -> Value {
    let Case { launch, line, has_values, oddity } = case;
    let rehearsed = rehearse(qemu, launch, line);
    let prediction = predicted(qemu, launch, line);
    let import = match prediction.answer {
        Predicted::Digest(digest) => json!({ "digest": digest }),
        Predicted::Refused(words) => json!({ "refused": words }),
        Predicted::Unknown(words) => json!({ "unknown": words }),
    };
    let values = match launch.digest(qemu) {
        _ if !has_values => json!({}),
        Ok(digest) => json!({ "digest": digest }),
        Err(error) => json!({ "refused": error.to_string() }),
    };
    let is_told = |ended: &Ended| match ended {
        Ended::Launched => "launched".to_owned(),
        Ended::Exited(status) => status.to_string(),
        other => format!("{other:?}"),
    };
    let refusals = rehearsed.outcome.refusals.iter();
    let refusals = refusals.map(|one| format!("{}: {}", one.command, one.reason));
    // Paths tell nothing, and are others each time.
    let folder = qemu.path("");
    let plain = |text: &str| text.replace(folder.trim_end_matches('/'), "");
    let line: Vec<String> = line.iter().map(|word| plain(word)).collect();
    json!({
        "qemu": qemu.version,
        "technology": launch.technology.name(),
        "init2": launch.is_init2,
        "machine": launch.machine,
        "image": launch.image,
        "boot": launch.boot.as_ref().is_some_and(|boot| boot.is_measured),
        "load": format!("{:?}", launch.load),
        "host": format!("Linux {}, {:#010x}", launch.kernel, launch.host_cpu),
        "oddity": oddity,
        "line": line,
        "ended": is_told(&rehearsed.outcome.ended),
        "digest": rehearsed.digest(),
        "refusals": refusals.collect::<Vec<_>>(),
        "words": plain(&rehearsed.words),
        "not_modelled": rehearsed.outcome.unknown,
        "values": values,
        "import": import,
        "warnings": prediction.warnings.iter().map(|text| plain(text)).collect::<Vec<_>>(),
    })
}
