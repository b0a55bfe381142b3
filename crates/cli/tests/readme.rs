//! Every command that README.md, docs/evidence.md and docs/ci.md show is run, and prints what it says there.
//!
//! A last line of `...` stands for any further output, and `# exit code N` for an exit code that is not 0. Set-up lines (`apt-get install`, `cargo test`, which runs this) are known by name;
//! commands on a distribution's firmware run where it is installed, and are told loudly where it is not.

use std::fs;
use std::path::Path;
use std::process::Command;

use sev_launch_testkit::transcript::{self, Step};

const README: &str = include_str!("../../../README.md");
const EVIDENCE: &str = include_str!("../../../docs/evidence.md");
const CI: &str = include_str!("../../../docs/ci.md");
const DISTRIBUTION: &str = "/usr/share/ovmf/OVMF.fd";
/// Where Debian's package has its images.
const FOLDERS: [&str; 2] = ["/usr/share/ovmf/", "/usr/share/OVMF/"];
/// The VMM that rehearsals start.
const VMM: &str = "qemu-system-x86_64";
/// What stands for the command's own program.
const PROGRAMS: [&str; 2] = ["cargo run --locked -- ", "sev-launch "];
/// The program under another tool's name, and how the link is made.
const LINKED: &str = "sev-snp-measure";
const LINK: &str = "ln -s \"$(command -v sev-launch)\" sev-snp-measure";
/// Set-up, which is no test's to run.
const SET_UP: [&str; 4] =
    ["apt-get install ovmf", "apt-get install qemu-system-x86", "cargo test", LINK];

/// A reader's own files, and what stands for them here.
const OWN: [(&str, &str); 3] = [
    ("OVMF.amdsev.fd", "firmware/amdsev.fd"),
    ("vmlinuz", "boot/vmlinuz"),
    ("initrd.img", "boot/initrd.img"),
];

/// The words of a command: apart by spaces, quotes kept together.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in command.chars() {
        match (c, quote) {
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            (' ', None) => words.push(String::new()),
            (c, _) => words.last_mut().expect("never empty").push(c),
        }
    }
    words
}

#[test]
fn every_command_prints_what_the_readme_shows() {
    // 71 commands are shown, 8 of them on a distribution's firmware, and 3 that start QEMU.
    let firmware = if Path::new(DISTRIBUTION).exists() { 8 } else { 0 };
    let vmm = if has_vmm() { 3 } else { 0 };
    assert_eq!(run(README), 60 + firmware + vmm);
}

#[test]
fn every_command_prints_what_the_page_on_evidence_shows() {
    assert_eq!(run(EVIDENCE), 13);
}

#[test]
fn every_command_prints_what_the_page_on_ci_shows() {
    let firmware = if Path::new(DISTRIBUTION).exists() { 1 } else { 0 };
    assert_eq!(run(CI), 3 + firmware);
}

#[test]
fn the_files_that_the_page_on_evidence_shows_are_those_that_its_commands_read() {
    let demands = include_str!("../../../testdata/demands.toml");
    let policy = include_str!("../../../testdata/check-policy.textproto");
    for block in [format!("```toml\n{demands}```\n"), format!("```textproto\n{policy}```\n")] {
        assert!(EVIDENCE.contains(&block), "{block}");
    }
}

/// Does the VMM run? Where `SEV_LAUNCH_QEMU` is set it must.
fn has_vmm() -> bool {
    let runs = Command::new(VMM).arg("--version").output();
    let runs = cfg!(all(target_os = "linux", target_arch = "x86_64"))
        && runs.is_ok_and(|output| output.status.success());
    assert!(runs || std::env::var_os("SEV_LAUNCH_QEMU").is_none(), "{VMM} does not run");
    runs
}

/// Runs every command of a document in one folder, and counts them.
fn run(document: &'static str) -> usize {
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let folder = tempfile::tempdir().expect("a temporary folder");
    // No link: what a manifest names lies below its own folder.
    let mut copy = Command::new("cp");
    copy.arg("-r").arg(testdata).arg(folder.path().join("testdata"));
    assert!(copy.status().expect("cp runs").success());
    let linked = folder.path().join(LINKED);
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_sev-launch"), &linked).expect("a link");
    // What the first command calls its reader's own files.
    for (own, file) in OWN {
        fs::copy(folder.path().join("testdata").join(file), folder.path().join(own))
            .expect("a copy");
    }
    let mut run = 0;
    for step in transcript::steps(document).expect("a transcript") {
        let Step::Command { line: command, shown, code } = step else { continue };
        if SET_UP.contains(&command) {
            continue;
        }
        let is_distributed = FOLDERS.iter().any(|folder| command.contains(folder));
        if is_distributed && !Path::new(DISTRIBUTION).exists() {
            eprintln!("SKIPPED, {DISTRIBUTION} is not installed: {command}");
            continue;
        }
        if command.contains(VMM) && !has_vmm() {
            eprintln!("SKIPPED, {VMM} does not run: {command}");
            continue;
        }
        let ours = PROGRAMS.iter().find_map(|program| command.strip_prefix(program));
        let program =
            if ours.is_some() { Path::new(env!("CARGO_BIN_EXE_sev-launch")) } else { &linked };
        let theirs = || command.strip_prefix("./")?.strip_prefix(LINKED)?.strip_prefix(' ');
        let arguments = ours.or_else(theirs);
        let arguments = arguments.unwrap_or_else(|| panic!("no test runs this: {command}"));
        let output = Command::new(program)
            .args(words(arguments))
            .current_dir(folder.path())
            .output()
            .expect("the command starts");
        let printed = String::from_utf8(output.stdout).expect("text");
        let remarks = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{command}: {remarks}");
        transcript::compare(&printed, &shown).unwrap_or_else(|error| panic!("{command}: {error}"));
        run += 1;
    }
    run
}
