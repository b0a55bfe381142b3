//! What docs/first-digest.md has its reader do with the command, on this machine's own kernel and Debian's firmware, where they are, or on made-up ones.
//!
//! `cargo xtask walk newcomer` goes the whole way, from a bare Debian.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sev_launch_testkit::transcript::{self, Step};

const PAGE: &str = include_str!("../../../docs/first-digest.md");
const PROGRAM: &str = env!("CARGO_BIN_EXE_sev-launch");

/// The name in the transcript, where a Debian that has it has it, and what stands for it elsewhere.
const FILES: [(&str, &str, &str); 3] = [
    ("OVMF.amdsev.fd", "/usr/share/ovmf/OVMF.amdsev.fd", "firmware/amdsev.fd"),
    ("vmlinuz", "/vmlinuz", "boot/vmlinuz"),
    ("initrd.img", "/initrd.img", "boot/initrd.img"),
];

/// What other programs do here: all else is set-up.
const OTHERS: [&str; 2] = ["mkdir -p ", "cp ../sev-launch/"];

#[test]
fn what_the_command_is_used_for_ends_and_prints_as_the_page_shows() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (guest, is_firmware_real) = prepared(folder.path());
    let path = Path::new(PROGRAM).parent().expect("a folder").display();
    let path = format!("{path}:{}", std::env::var("PATH").expect("a path"));
    let mut ran = 0;
    for step in transcript::steps(PAGE).expect("a transcript") {
        let (line, shown, code) = match step {
            Step::Command { line, shown, code } => (line, shown, code),
            Step::File { name, text } => {
                fs::write(guest.join(name), text).expect("a file");
                continue;
            }
        };
        let is_ours = line.starts_with("sev-launch ");
        if !is_ours && !OTHERS.iter().any(|start| line.starts_with(start)) {
            continue;
        }
        let mut shell = Command::new("sh");
        shell.args(["-ec", line]).env("PATH", &path).env("HOME", folder.path());
        let output = shell.current_dir(&guest).output().expect("a shell");
        let remarks = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{line}: {remarks}");
        let printed = String::from_utf8(output.stdout).expect("text");
        ran += usize::from(is_ours);
        // Of a made-up image it cannot be read whether it checks its kernel.
        if line.starts_with("sev-launch firmware show ") && !is_firmware_real {
            continue;
        }
        transcript::compare(&printed, &shown).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
    assert_eq!(ran, 11, "the page's lines that begin with sev-launch");
}

/// The folder of the guest, with its files, beside what the clone has; is its firmware Debian's?
fn prepared(folder: &Path) -> (PathBuf, bool) {
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let (clone, guest) = (folder.join("sev-launch"), folder.join("guest"));
    fs::create_dir(&clone).and_then(|()| fs::create_dir(&guest)).expect("new folders");
    let copied = Command::new("cp").arg("-r").args([&testdata, &clone]).status();
    assert!(copied.expect("cp runs").success());
    for (name, there, made_up) in FILES {
        let there = Path::new(there);
        let file = if there.exists() {
            there.to_owned()
        } else {
            eprintln!("SKIPPED, made up instead: {} is not here", there.display());
            testdata.join(made_up)
        };
        fs::copy(file, guest.join(name)).expect("a copy");
    }
    (guest, Path::new(FILES[0].1).exists())
}
