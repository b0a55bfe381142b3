//! Firmware, kernel and initrd are hashed as they come: memory does not grow with their size.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use sev_launch_digest::hash::Midstate;

use super::guest::Guest;
use super::harness::Run;

const MIB: u64 = 1 << 20;
const LARGE: u64 = 200 * MIB;

/// The most memory that a process may have, in KiB.
const LIMIT: u64 = 32 * 1024;
/// What may differ between two runs for no reason: pages of the allocator and of threads, in KiB.
const NOISE: u64 = 4 * 1024;

/// The number in a line of a file under /proc, as `VmHWM:   1234 kB`.
fn proc(pid: u32, file: &str, name: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/{file}")).expect("the process is there");
    let line = text.lines().find_map(|line| line.strip_prefix(name)).expect("the line is there");
    let number = line.trim_start_matches(':').split_ascii_whitespace().next();
    number.expect("a number").parse().expect("a number")
}

/// Writes that many zeros.
fn zeros(to: &mut impl Write, size: u64) {
    let chunk = vec![0; 1 << 20];
    for _ in 0..size / MIB {
        to.write_all(&chunk).expect("the pipe is read");
    }
}

/// Feeds a pipe, and gives the peak resident memory (VmHWM, KiB) with all but the pipe's own buffer read, and the answer.
fn peak_of_pipe(run: Run, pipe: &Path, size: u64) -> (u64, String) {
    let running = run.start();
    let mut writer = OpenOptions::new().write(true).open(pipe).expect("the pipe opens");
    zeros(&mut writer, size);
    let peak = proc(running.child.id(), "status", "VmHWM");
    drop(writer);
    (peak, running.finish().line().to_owned())
}

/// SHA-256 of that many zeros, by the library, whose hash has vectors of its own.
fn sha256_of_zeros(size: u64) -> String {
    let mut state = Midstate::new();
    let chunk = vec![0; 1 << 20];
    (0..size / MIB).for_each(|_| state.update(&chunk));
    hex::encode(state.finish())
}

#[test]
fn an_initrd_from_a_pipe_takes_constant_memory() {
    let guest = Guest::new();
    let pipe = guest.folder.fifo("initrd.pipe");
    let run = || guest.digest("--mode sev --kernel vmlinuz --initrd initrd.pipe");
    let (small, _) = peak_of_pipe(run(), &pipe, MIB);
    let (large, digest) = peak_of_pipe(run(), &pipe, LARGE);
    assert!(large < LIMIT, "{large} KiB");
    assert!(large < small + NOISE, "{small} KiB with 1 MiB, {large} KiB with 200 MiB");
    // The whole of it was read.
    let by_hash = guest
        .digest("--mode sev --kernel vmlinuz --initrd-sha256")
        .with([sha256_of_zeros(LARGE)])
        .go();
    assert_eq!(by_hash.line(), digest);
}

#[test]
fn an_initrd_from_a_file_takes_constant_memory() {
    let guest = Guest::new();
    guest.folder.sparse("initrd.large", LARGE);
    let pipe = guest.folder.fifo("kernel.pipe");
    // The kernel's pipe holds the command until the initrd is read.
    let running = guest.digest("--mode sev --kernel kernel.pipe --initrd initrd.large").start();
    let mut writer = OpenOptions::new().write(true).open(&pipe).expect("the pipe opens");
    let (pid, started) = (running.child.id(), Instant::now());
    while proc(pid, "io", "rchar") < LARGE {
        assert!(started.elapsed() < Duration::from_secs(60), "the initrd is not read");
        thread::sleep(Duration::from_millis(2));
    }
    let peak = proc(pid, "status", "VmHWM");
    writer.write_all(&guest.kernel).expect("the pipe is read");
    drop(writer);
    running.finish().line();
    assert!(peak < LIMIT, "{peak} KiB");
}

#[test]
fn firmware_takes_constant_memory() {
    let guest = Guest::new();
    let pipe = guest.folder.fifo("initrd.pipe");
    // The pipe stands for what is not read yet while we look; the firmware is taken in meanwhile.
    let run = |firmware: &str| {
        let files = format!("--firmware {firmware} --kernel vmlinuz --initrd initrd.pipe");
        guest.run(&format!("digest --mode sev {files}"))
    };
    guest.file("small.fd", super::guest::image().size(1 << 20).build());
    guest.file("large.fd", super::guest::image().size(48 << 20).build());
    let (small, _) = peak_of_pipe(run("small.fd"), &pipe, 8 * MIB);
    let (large, _) = peak_of_pipe(run("large.fd"), &pipe, LARGE);
    assert!(large < small + NOISE, "{small} KiB with 1 MiB, {large} KiB with 48 MiB");
}
