//! What a terminal sees beside the answer, and what happens when nobody reads the answer to its end.

use std::fs::OpenOptions;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use sev_launch_testkit::testdata_folder;

use super::guest::Guest;

/// Feeds a kernel that takes its time to a pipe: more than a progress line waits for.
fn feed_slowly(pipe: &Path) -> thread::JoinHandle<()> {
    let pipe = pipe.to_owned();
    thread::spawn(move || {
        let mut file = OpenOptions::new().write(true).open(pipe).expect("the pipe opens");
        for part in 0..3 {
            file.write_all(&[0x55; 400_000]).expect("the pipe is read");
            thread::sleep(Duration::from_millis(if part == 0 { 800 } else { 300 }));
        }
    })
}

/// Everything that a terminal shows of a digest of such a kernel, by util-linux's `script`; `None` where it is not there.
fn on_a_terminal(more: &str) -> Option<String> {
    let guest = Guest::new();
    let pipe = guest.folder.fifo("slow kernel");
    let script = format!(
        "'{}' digest --mode sev --firmware OVMF.fd --kernel 'slow kernel' {more}",
        env!("CARGO_BIN_EXE_sev-launch")
    );
    let has = Command::new("script").arg("--version").output().is_ok();
    if !has {
        eprintln!("SKIPPED: no script of util-linux here, so no terminal is tested");
        return None;
    }
    let feeder = feed_slowly(&pipe);
    let mut command = Command::new("script");
    command.args(["-qec", &script, "/dev/null"]).current_dir(guest.folder.path());
    let ran = command.stdin(Stdio::null()).output().expect("script runs");
    feeder.join().expect("the pipe was read");
    let shown = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.status.success(), "{shown}");
    Some(shown)
}

#[test]
fn slow_work_is_shown_on_a_terminal_with_the_file_and_the_rate() {
    let Some(shown) = on_a_terminal("") else { return };
    assert!(shown.contains("slow kernel"), "{shown:?}");
    assert!(shown.contains("KiB/s") || shown.contains("MiB/s"), "{shown:?}");
    // How many bytes will come of a pipe is not known: neither a total nor a bar.
    assert!(!shown.contains("iB/1") && !shown.contains('█') && !shown.contains('#'), "{shown:?}");
}

#[test]
fn slow_work_is_not_shown_where_quiet_was_asked() {
    let Some(shown) = on_a_terminal("-q") else { return };
    assert!(!shown.contains("slow kernel") && !shown.contains("iB/s"), "{shown:?}");
}

#[test]
fn slow_work_is_not_shown_where_there_is_no_terminal() {
    let guest = Guest::new();
    let pipe = guest.folder.fifo("slow kernel");
    let feeder = feed_slowly(&pipe);
    let run = guest.run("digest --mode sev --firmware OVMF.fd").with(["--kernel", "slow kernel"]);
    let outcome = run.go();
    feeder.join().expect("the pipe was read");
    assert!(!outcome.stderr.contains("iB/s"), "{}", outcome.stderr);
}

/// Commands that print much, to be run in `testdata`.
const LONG_ANSWERS: [&str; 24] = [
    "-h",
    "--help",
    "--version",
    "help verify",
    "digest --help",
    "cpu list",
    "cpu list --json",
    "profile list",
    "profile list --json",
    "profile show snp-qemu",
    "firmware show firmware/amdsev.fd",
    "firmware show firmware/amdsev.fd --json",
    "firmware absorb firmware/amdsev.fd -o -",
    "digest --mode snp --firmware firmware/amdsev.fd --vcpus 1..=400 --vcpu-type EPYC --format csv",
    "digest --mode snp --firmware firmware/amdsev.fd --vcpus 1..=400 --vcpu-type EPYC --format jsonl",
    "digest --mode snp --firmware firmware/amdsev.fd --vcpus 1..=400 --vcpu-type EPYC --format table",
    "digest --mode snp --firmware firmware/amdsev.fd --vcpus 1..=400 --vcpu-type EPYC --json",
    "digest --mode snp --firmware firmware/amdsev.fd --vcpus 1 --vcpu-type EPYC --trace=pages",
    "report show snp/report.bin",
    "report show snp/report.bin --json",
    "certs show sev/platform.chain",
    "describe -d launch.toml",
    "import nova --server import/nova/server.json",
    "manifest build -d launch.toml --vcpus 1..=400",
];

// As `sev-launch … | head -1` has it, where head is gone before the rest is written, or before anything is.
#[test]
fn a_reader_that_goes_away_ends_a_command_without_a_word() {
    for line in LONG_ANSWERS {
        for reads in [0, 1] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_sev-launch"));
            command.args(line.split(' ')).current_dir(testdata_folder());
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut child = command.spawn().expect("the command starts");
            let mut pipe = child.stdout.take().expect("a pipe");
            if reads > 0 {
                pipe.read_exact(&mut [0]).expect("the command prints something");
            }
            drop(pipe);
            let ended = child.wait_with_output().expect("the command ends");
            let said = String::from_utf8_lossy(&ended.stderr);
            let marks = ["warning: ", "note: ", "unknown: "];
            let is_remark = |text: &str| marks.iter().any(|mark| text.starts_with(mark));
            assert!(said.lines().all(is_remark), "{line}: {said}");
            // A short answer may be written before the pipe is closed; one that was not is no success.
            assert!(matches!(ended.status.code(), Some(0 | 2)), "{line}: {:?}", ended.status);
        }
    }
}
