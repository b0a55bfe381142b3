//! A VMM that means no good: wrong lengths, bad pointers, every number of an ioctl, thousands of VMs, families, signals. The supervisor answers or
//! refuses, in bounded time and memory, and touches nobody else's memory.
//!
//! The VMM is this program again: the test [`vmm`] plays the role that a variable names.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "hostile/calls.rs"]
mod calls;

use std::env;
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use calls::{ioctl, open, pages, put};
use sev_launch_abi::{CpuSignature, Generation};
use sev_launch_platform::{Model, Platform};
use sev_launch_rehearse::{Ended, Host, Outcome, Rehearsal, Stay};
use sha2::{Digest as _, Sha256};

/// Which role [`vmm`] plays.
const ROLE: &str = "SEV_LAUNCH_HOSTILE";
/// The exit code of a role that was played to its end.
const PLAYED: i32 = 7;
/// Numbers of <linux/kvm.h>, and of <linux/psp-sev.h>.
const GET_API_VERSION: u64 = 0xae00;
const CREATE_VM: u64 = 0xae01;
const CREATE_VCPU: u64 = 0xae41;
const RUN: u64 = 0xae80;
const GET_REGS: u64 = 0x8090_ae81;
const ENCRYPT_OP: u64 = 0xc008_aeba;
const SET_REGION: u64 = 0x4020_ae46;
const ISSUE_CMD: u64 = 0xc010_5300;

const EINTR: i64 = -4;
const EFAULT: i64 = -14;

/// Plays a role, with variables after it, under the supervisor, which must come to an end before a minute is over.
fn play(role: &str, stay: Stay, patience: Duration) -> Outcome {
    let program = env::current_exe().expect("this program");
    let mut arguments = vec![];
    arguments.extend(format!("{ROLE}={role}").split(' ').map(Into::into));
    arguments.push(program.into_os_string());
    arguments.extend(["vmm", "--exact", "--nocapture", "--test-threads=1"].map(Into::into));
    let rehearsal = Rehearsal {
        program: "/usr/bin/env".into(),
        arguments,
        host: Host::new("6.12".parse().expect("a kernel"), CpuSignature(0x00a0_0f11)),
        platform: Platform::new(Model::of(Generation::Milan), &[7; 32]),
        keeps_bytes: false,
        stay,
        patience,
        faults: Vec::new(),
    };
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        // Nobody listens any more where it took too long.
        let _ = tell.send(Box::new(rehearsal.run(&mut ())));
    });
    let outcome = told.recv_timeout(Duration::from_secs(60));
    outcome.expect("the supervisor answers each call in bounded time").expect("a rehearsal")
}

/// Was the role played to its end?
fn is_played(outcome: &Outcome) -> bool {
    matches!(outcome.ended, Ended::Exited(status) if status.code() == Some(PLAYED))
}

/// The role must be played to its end.
fn plays(role: &str) -> Outcome {
    let before = resident();
    let outcome = play(role, Stay::Attached, Duration::ZERO);
    assert!(is_played(&outcome), "{outcome:?}");
    let grown = resident().saturating_sub(before);
    assert!(grown < 256 << 20, "{role} made the supervisor {grown} bytes larger");
    outcome
}

/// Bytes of memory that this process has. [proc_pid_status(5)]
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("/proc");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
}

/// xorshift64*, by Sebastiano Vigna.
struct Random(u64);

impl Random {
    fn word(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn fill(&mut self, address: u64, size: usize) {
        let bytes: Vec<u8> =
            std::iter::repeat_with(|| self.word().to_le_bytes()).flatten().take(size).collect();
        put(address, &bytes);
    }

    /// A pointer: to memory, to its end, to nothing, to the kernel.
    fn pointer(&mut self, page: u64) -> u64 {
        match self.word() % 8 {
            0 => 0,
            1 => page + 4096 - self.word() % 64,
            2 => u64::MAX - self.word() % 16,
            3 => 0xffff_8000_0000_0000 | self.word() >> 17,
            4 => self.word(),
            _ => page + self.word() % 2048,
        }
    }
}

/// A VM and a vCPU of it, and `/dev/kvm`.
fn vm() -> [i64; 3] {
    let kvm = open("/dev/kvm");
    assert_eq!(ioctl(kvm, GET_API_VERSION, 0), 12);
    let vm = ioctl(kvm, CREATE_VM, 0);
    let vcpu = ioctl(vm, CREATE_VCPU, 0);
    assert!(kvm >= 0 && vm >= 0 && vcpu >= 0);
    [kvm, vm, vcpu]
}

/// `KVM_MEMORY_ENCRYPT_OP` with a command, the structure of which lies in the page after that of the command.
fn command(vm: i64, pages: u64, id: u32, structure: &[u8]) -> i64 {
    put(pages + 4096, structure);
    let mut command = [0; 24];
    command[..4].copy_from_slice(&id.to_le_bytes());
    command[8..16].copy_from_slice(&(pages + 4096).to_le_bytes());
    put(pages, &command);
    ioctl(vm, ENCRYPT_OP, pages)
}

/// The VMM, where a role is named.
#[test]
fn vmm() {
    let Ok(role) = env::var(ROLE) else { return };
    match role.as_str() {
        "numbers" => numbers(),
        "commands" => commands(),
        "thousands" => thousands(),
        "families" => families(),
        "orphan" => orphan(),
        "signals" => signals(),
        "held" => held(),
        "pointers" => pointers(),
        "bottomless" => bottomless(),
        other => panic!("{other}: no role"),
    }
    // Whatever came before, the next one is served.
    assert_eq!(ioctl(open("/dev/kvm"), GET_API_VERSION, 0), 12);
    std::process::exit(PLAYED);
}

/// Each number in each direction with the sizes that structures have, on each kind of file, with any pointer.
fn numbers() {
    let (mut random, page) = (Random(1), pages(1));
    let mut files = vm().to_vec();
    files.push(open("/dev/sev"));
    let sizes =
        [0, 4, 8, 16, 24, 32, 40, 48, 64, 72, 112, 128, 144, 160, 312, 320, 416, 520, 1024, 4096];
    for number in 0..256 {
        for direction in 0..4 {
            for size in sizes {
                let request = direction << 30 | size << 16 | 0xae << 8 | number;
                for file in &files {
                    if request != RUN {
                        random.fill(page, 64);
                        ioctl(*file, request, random.pointer(page));
                    }
                }
            }
        }
    }
}

/// Commands of a launch, and of `/dev/sev`, of garbage and in any order.
fn commands() {
    let (mut random, memory) = (Random(2), pages(3));
    let (kvm, sev) = (open("/dev/kvm"), open("/dev/sev"));
    for round in 0..4000_u32 {
        let kind = u64::from(round % 5);
        let vm = ioctl(kvm, CREATE_VM, kind);
        let vm = if vm >= 0 && random.word() % 2 == 0 { vm } else { i64::from(3 + round % 64) };
        let mut structure = [0; 64];
        for field in structure.chunks_mut(8) {
            let word = match random.word() % 3 {
                0 => random.word() % 5,
                1 => random.pointer(memory),
                _ => random.word() >> (random.word() % 64),
            };
            field.copy_from_slice(&word.to_le_bytes());
        }
        let id = u32::try_from(random.word() % 26).unwrap_or(0);
        command(vm, memory, id, &structure);
        let mut issued = [0; 16];
        issued[..4].copy_from_slice(&id.to_le_bytes());
        issued[4..12].copy_from_slice(&random.pointer(memory).to_le_bytes());
        put(memory, &issued);
        ioctl(sev, ISSUE_CMD, random.pointer(memory));
        ioctl(sev, ISSUE_CMD, memory);
    }
}

/// More files, VMs, vCPUs, slots, chips and MSRs than there can be.
fn thousands() {
    let page = pages(1);
    let files = (0..3000).map(|_| open("/dev/kvm")).filter(|file| *file >= 0).count();
    assert!(files > 100);
    let kvm = open("/dev/kvm");
    let kvm = if kvm >= 0 { kvm } else { 3 };
    let vms: Vec<i64> = (0..1500).map(|_| ioctl(kvm, CREATE_VM, 0)).filter(|vm| *vm >= 0).collect();
    assert!(!vms.is_empty() && vms.len() < 1500);
    let vcpus: Vec<i64> = (0..6000).map(|id| ioctl(vms[0], CREATE_VCPU, id)).collect();
    assert!(vcpus[0] >= 0 && vcpus[5999] < 0);
    for number in 0..8000_u32 {
        // KVM_SET_IRQCHIP: its number, and what it holds.
        put(page, &number.to_le_bytes());
        ioctl(vms[0], 0x8208_ae63, page);
        // KVM_SET_USER_MEMORY_REGION: slot, flags, place, size, address.
        let mut region = [0; 32];
        region[..4].copy_from_slice(&number.to_le_bytes());
        region[8..16].copy_from_slice(&(u64::from(number) << 12).to_le_bytes());
        region[16..24].copy_from_slice(&4096_u64.to_le_bytes());
        put(page, &region);
        ioctl(vms[0], SET_REGION, page);
        // KVM_SET_MSRS: one of them.
        let mut msrs = [0; 24];
        msrs[..4].copy_from_slice(&1_u32.to_le_bytes());
        msrs[8..12].copy_from_slice(&number.to_le_bytes());
        put(page, &msrs);
        ioctl(vcpus[0], 0x4008_ae89, page);
    }
}

/// Children that ask and end, that are ended while they wait, and that become other programs.
fn families() {
    for round in 0..60 {
        let child = calls::fork(|| {
            let [_, _, vcpu] = vm();
            if round % 2 == 0 {
                ioctl(vcpu, RUN, 0);
            }
        });
        if round % 2 == 0 {
            thread::sleep(Duration::from_millis(15));
            calls::kill(child);
        }
        calls::wait(child);
    }
    for command in ["true", "sh -c 'exit 3'; true", "cat /dev/null", "ls /proc/self/fd >/dev/null"]
    {
        let status = Command::new("/bin/sh").args(["-c", command]).status();
        assert!(status.expect("a shell").success(), "{command}");
    }
    // A thread waits in KVM_RUN when the whole process ends.
    let [_, _, vcpu] = vm();
    thread::spawn(move || ioctl(vcpu, RUN, 0));
    thread::sleep(Duration::from_millis(30));
}

/// A process that nobody waits for, and that will not end by itself nor when it is asked.
fn orphan() {
    let child = calls::fork(|| {
        calls::fork(|| {
            calls::count_signals(libc::SIGTERM, 0);
            open("/dev/kvm");
            let path = env::var("SEV_LAUNCH_ORPHAN").expect("a path");
            fs::write(path, std::process::id().to_string()).expect("a number");
            loop {
                thread::sleep(Duration::from_secs(1000));
            }
        });
    });
    calls::wait(child);
}

/// Signals that come all the time: each call happens once, and memory is measured once.
fn signals() {
    calls::count_signals(libc::SIGALRM, 150);
    let (memory, image) = (pages(2), pages(1024));
    let kvm = open("/dev/kvm");
    let vm = ioctl(kvm, CREATE_VM, 0);
    // KVM_SEV_INIT, LAUNCH_START with policy 0, LAUNCH_UPDATE_DATA of four times 4 MiB, LAUNCH_MEASURE.
    assert_eq!(command(vm, memory, 0, &[0; 8]), 0);
    assert_eq!(command(vm, memory, 2, &[0; 48]), 0);
    for value in [1, 2, 1, 2] {
        put(image, &[value; 4096]);
        let mut update = [0; 16];
        update[..8].copy_from_slice(&image.to_le_bytes());
        let size: u32 = if value == 1 { 4 << 20 } else { 2 << 20 };
        update[8..12].copy_from_slice(&size.to_le_bytes());
        assert_eq!(command(vm, memory, 3, &update), 0);
    }
    let mut measure = [0; 16];
    measure[..8].copy_from_slice(&image.to_le_bytes());
    measure[8..12].copy_from_slice(&48_u32.to_le_bytes());
    assert_eq!(command(vm, memory, 6, &measure), 0);
    for id in 0..300 {
        let vcpu = ioctl(vm, CREATE_VCPU, id);
        assert!(vcpu >= 0, "vCPU {id}: {vcpu}");
    }
    assert!(calls::SIGNALS.load(Ordering::Relaxed) > 100);
}

/// `KVM_RUN`: comes back for a signal, at once where it was asked not to start, and not before.
fn held() {
    calls::count_signals(libc::SIGUSR1, 0);
    let [_, vm, vcpu] = vm();
    let (tell, told) = mpsc::channel();
    let runner = thread::spawn(move || {
        tell.send(calls::own_thread()).expect("a listener");
        (ioctl(vcpu, RUN, 0), Instant::now())
    });
    let thread = told.recv().expect("a thread");
    thread::sleep(Duration::from_millis(300));
    let sent = Instant::now();
    calls::signal_thread(thread, libc::SIGUSR1);
    let (answer, back) = runner.join().expect("a thread");
    assert!(back >= sent && back - sent < Duration::from_secs(5), "{:?}", back - sent);
    // As the kernel does with a handler that restarts calls, `KVM_RUN` is told of the signal all the same.
    assert_eq!(answer, EINTR);
    assert_eq!(calls::SIGNALS.load(Ordering::Relaxed), 1);
    let other = ioctl(vm, CREATE_VCPU, 1);
    calls::exit_immediately(other);
    assert_eq!(ioctl(other, RUN, 0), EINTR);
}

/// Addresses that are somebody else's: the supervisor's own memory is not the VMM's.
fn pointers() {
    let theirs: u64 = env::var("SEV_LAUNCH_CANARY").expect("an address").parse().expect("a number");
    let [_, _, vcpu] = vm();
    let end = pages(1) + 4096 - 8;
    for address in [theirs, 0, 1, end, u64::MAX, u64::MAX - 8, 1 << 47, 0xffff_ffff_ff60_0000] {
        assert_eq!(ioctl(vcpu, GET_REGS, address), EFAULT, "{address:#x}");
    }
    for address in [theirs, 0, end + 7, u64::MAX, 1 << 63] {
        assert_eq!(calls::open_at(address), if address == end + 7 { -2 } else { EFAULT });
    }
}

/// Memory behind a handler that never answers.
fn bottomless() {
    let [_, _, vcpu] = vm();
    match calls::bottomless() {
        Some(page) => {
            ioctl(vcpu, GET_REGS, page);
            unreachable!("who waits for this is ended");
        }
        None => println!("SKIPPED: this user may not handle faults"),
    }
}

#[test]
#[ignore = "slow: `cargo xtask check` runs it"]
fn memory_that_never_comes_is_not_waited_for() {
    let outcome = play("bottomless", Stay::Attached, Duration::ZERO);
    let Ended::Exited(status) = outcome.ended else { panic!("{outcome:?}") };
    assert!(status.signal() == Some(libc::SIGKILL) || is_played(&outcome), "{status}");
}

#[test]
fn every_number_with_garbage_is_answered() {
    let outcome = plays("numbers");
    assert!(outcome.records.iter().all(|record| record.digest.is_none()), "{outcome:?}");
}

#[test]
#[ignore = "slow: `cargo xtask check` runs it"]
fn commands_of_garbage_are_answered() {
    let outcome = plays("commands");
    assert!(outcome.records.iter().all(|record| record.digest.is_none()), "{outcome:?}");
}

#[test]
fn there_are_no_thousands_of_anything() {
    let outcome = plays("thousands");
    assert!(outcome.records.iter().all(|record| record.digest.is_none()), "{outcome:?}");
}

#[test]
fn a_family_that_dies_in_the_middle_is_nothing_to_fail_for() {
    let outcome = plays("families");
    assert!(outcome.records.iter().all(|record| record.digest.is_none()), "{outcome:?}");
}

#[test]
#[ignore = "slow: `cargo xtask check` runs it"]
fn who_will_not_end_is_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("orphan");
    // Each test has its own process, or plays no other role with this variable.
    let role = format!("orphan SEV_LAUNCH_ORPHAN={}", path.display());
    let outcome = play(&role, Stay::No, Duration::from_secs(1));
    assert!(matches!(outcome.ended, Ended::Exited(_)), "{:?}", outcome.ended);
    let orphan = fs::read_to_string(&path).expect("it was there");
    // Its end may take the kernel a moment.
    let status = || fs::read_to_string(format!("/proc/{orphan}/status")).unwrap_or_default();
    let is_over = || status().is_empty() || status().contains("State:\tZ");
    let end = Instant::now() + Duration::from_secs(5);
    while !is_over() && Instant::now() < end {
        thread::sleep(Duration::from_millis(10));
    }
    assert!(is_over(), "{}", status());
}

/// A kernel may lose an answer to a signal that comes in the very moment in which it is given: then the call that begins anew is refused, and the VMM
/// gives up. That is rare, and never another digest.
#[test]
fn a_signal_makes_no_call_happen_twice() {
    let mut expected = Sha256::new();
    for value in [1, 2, 1, 2_u8] {
        let mut image = vec![0; if value == 1 { 4 << 20 } else { 2 << 20 }];
        image[..4096].fill(value);
        expected.update(&image);
    }
    let expected = hex::encode(expected.finalize());
    let is_whole = |outcome: &Outcome| {
        let [record] = &outcome.records[..] else { panic!("{:?}", outcome.records) };
        let digest = record.digest.map(|digest| digest.to_string());
        assert!(digest.as_ref().is_none_or(|digest| *digest == expected), "{digest:?}");
        is_played(outcome) && digest.is_some()
    };
    let mut runs = (0..4).map(|_| play("signals", Stay::Attached, Duration::ZERO));
    assert!(runs.any(|outcome| is_whole(&outcome)), "four runs, and none came to its end");
}

#[test]
fn running_comes_back_for_signals_alone() {
    let outcome = plays("held");
    assert!(outcome.records.iter().all(|record| record.digest.is_none()), "{outcome:?}");
}

#[test]
fn somebody_elses_memory_is_not_touched() {
    let canary = Box::new([0x5a_u8; 4096]);
    let address = canary.as_ptr().expose_provenance();
    let outcome =
        play(&format!("pointers SEV_LAUNCH_CANARY={address}"), Stay::Attached, Duration::ZERO);
    assert!(is_played(&outcome), "{outcome:?}");
    assert_eq!(*canary, [0x5a; 4096]);
}
