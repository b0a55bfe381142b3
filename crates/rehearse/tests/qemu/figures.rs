//! What a rehearsal costs, for `cargo xtask rehearse --write`.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;
use std::{env, fs};

use serde_json::{Value, json};
use sev_launch_rehearse::Ended;

use super::installed::{INITRD, Qemu};
use super::launch::Launch;
use super::qmp::Qmp;
use super::random::write_files;
use super::rehearsed::rehearse;

/// How often each is measured.
const ROUNDS: usize = 9;
/// A large initrd, in bytes.
const LARGE: usize = 200_000_000;

/// Wall-clock seconds, and those that this thread used the processor.
fn timed(mut work: impl FnMut()) -> (f64, f64) {
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let (started, before) = (Instant::now(), own_seconds());
        work();
        rounds.push((started.elapsed().as_secs_f64(), own_seconds() - before));
    }
    let middle = |mut figures: Vec<f64>| {
        figures.sort_by(f64::total_cmp);
        figures[ROUNDS / 2]
    };
    let (wall, own) = rounds.into_iter().unzip();
    (middle(wall), middle(own))
}

/// [proc_pid_schedstat(5)]: nanoseconds on a processor, of this thread.
fn own_seconds() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").expect("a Linux with schedstat");
    let nanoseconds = text.split(' ').next().and_then(|word| word.parse::<f64>().ok());
    nanoseconds.expect("a number") / 1e9
}

/// The most memory that this process ever had, in bytes. [proc_pid_status(5)]
fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("/proc");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("VmHWM");
    let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kibibytes * 1024
}

/// QEMU's own start under TCG: until its machine stands, and it answers that it ends.
fn start_under_tcg(qemu: &Qemu, launch: &Launch) {
    let line = launch.line(qemu).into_iter().map(|word| match word.as_str() {
        "kvm" => "tcg".to_owned(),
        _ => word.replace(",confidential-guest-support=sev0", ""),
    });
    let mut words: Vec<String> = line.collect();
    let object = words.iter().position(|word| word == "-object").expect("an object");
    words.drain(object..object + 2);
    let socket = qemu.path("tcg");
    words.extend(["-S".to_owned(), "-qmp".to_owned(), format!("unix:{socket},server=on,wait=off")]);
    let mut child = Command::new(&qemu.command[0])
        .args(&words)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("QEMU starts");
    let mut qmp = Qmp::connect(Path::new(&socket));
    qmp.ask("quit", json!({})).expect("an end");
    assert!(child.wait().expect("a child").success());
}

#[test]
#[ignore = "a measurement, which wants a process of its own: cargo xtask rehearse"]
fn what_a_rehearsal_costs() {
    let mut qemu = Qemu::find().expect("QEMU");
    write_files(&mut qemu, &[]);
    let launch = Launch { image: "4m.fd".to_owned(), ..Launch::sev_es(4) };
    let run = |launch: &Launch| {
        let rehearsed = rehearse(&qemu, launch, &launch.line(&qemu));
        assert_eq!(rehearsed.outcome.ended, Ended::Launched, "{}", rehearsed.against());
        assert_eq!(rehearsed.digest(), launch.digest(&qemu).ok());
    };
    let only = |launch: &Launch| {
        let line = launch.line(&qemu);
        timed(|| assert_eq!(rehearse(&qemu, launch, &line).outcome.ended, Ended::Launched))
    };
    let (rehearsal, own) = only(&launch);
    let memory = peak_memory();
    let (tcg, _) = timed(|| start_under_tcg(&qemu, &launch));
    run(&launch);

    let booted = launch.measured(true, Some("quiet"));
    let (small, own_small) = only(&booted);
    let initrd = vec![0x5a; LARGE];
    qemu.write(INITRD, &initrd);
    drop(initrd);
    let (large, own_large) = only(&booted);
    let file = qemu.folder.path().join(INITRD);
    let (hash, _) = timed(|| {
        let hashed = Command::new("sha256sum").arg(&file).stdout(Stdio::null()).status();
        assert!(hashed.expect("sha256sum").success());
    });
    let figures: Value = json!({
        "qemu": qemu.version,
        "rounds": ROUNDS,
        "rehearsal": rehearsal,
        "own": own,
        "tcg": tcg,
        "memory": memory,
        "small_initrd": small,
        "own_small_initrd": own_small,
        "large_initrd": large,
        "own_large_initrd": own_large,
        "sha256sum": hash,
    });
    println!("{figures:#}");
    // The bounds that were set: half a second over QEMU's own start, and 64 MiB.
    assert!(rehearsal <= tcg + 0.5 && memory < 64 << 20, "{figures:#}");
    if let Ok(path) = env::var("SEV_LAUNCH_REHEARSE_FIGURES") {
        fs::write(path, figures.to_string()).expect("the figures are written");
    }
}
