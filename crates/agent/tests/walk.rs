//! The commands of README.md under "A launch attested end to end", as they stand there, in a shell: a guest is registered from a description, a real QEMU
//! is started on an AMD-SP in software, and the secret arrives; with another kernel it does not, the guest never runs, and the audit says why.
//!
//! This program is several things, by the name that it is called by: the test, and, in the folder where the shell finds its programs, those that the agent's own
//! package does not build; so that no program from an earlier build is taken. Two things are otherwise than in the README: what builds
//! the programs is left out, and the service listens on a port that is free.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

use sev_launch_testkit::{readme, runner};

const README: &str = include_str!("../../../README.md");
const SECTION: &str = "A launch attested end to end";
const NAME: &str = "every_command_of_the_readmes_section_on_the_agent";
/// Names another QEMU than that on PATH; it must run then.
const QEMU: &str = "SEV_LAUNCH_QEMU";

/// Seconds after which it hangs.
const PATIENCE: &str = "300";

fn main() -> ExitCode {
    let words: Vec<OsString> = env::args_os().collect();
    let program = words.first().map(PathBuf::from).expect("a name");
    match program.file_name().and_then(|name| name.to_str()) {
        Some("sev-launch") => return sev_launch::run(words),
        Some("sev-launch-server") => return sev_launch_server::command::Command::main(),
        Some("sev-launch-remote") => return sev_launch_remote::command::Remote::main(),
        _ => {}
    }
    runner::run(&[(NAME, walk)])
}

/// What is typed; the service listens on a port that is free.
fn commands() -> String {
    let text = readme::commands(README, SECTION);
    assert_eq!(text.matches("serve --demo ").count(), 1, "{text}");
    text.replace("serve --demo ", "serve --demo --listen 127.0.0.1:0 ")
}

/// The QEMU of this machine; or nothing, and a line that says so.
fn qemu() -> Option<PathBuf> {
    let named = env::var_os(QEMU);
    let program = named.clone().unwrap_or_else(|| "qemu-system-x86_64".into());
    let found = Command::new("sh").args(["-c", "command -v \"$0\""]).arg(&program).output();
    let found = found.expect("a shell");
    if !found.status.success() {
        assert!(named.is_none(), "{QEMU} is set, but {} does not run", program.display());
        println!("SKIPPED: there is no {}: apt-get install qemu-system-x86", program.display());
        return None;
    }
    Some(PathBuf::from(String::from_utf8_lossy(&found.stdout).trim()))
}

fn walk() {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return;
    }
    let Some(qemu) = qemu() else { return };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("walk");
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("what an earlier run left is removed");
    }
    let programs = folder.join("programs");
    fs::create_dir_all(&programs).expect("a folder");
    let own = env::current_exe().expect("this program");
    for (name, from) in [
        ("sev-launch", own.as_path()),
        ("sev-launch-server", own.as_path()),
        ("sev-launch-remote", own.as_path()),
        ("sev-launch-agent", env!("CARGO_BIN_EXE_sev-launch-agent").as_ref()),
    ] {
        // A link that is no symbolic one: the command looks beside its own file.
        let to = programs.join(name);
        fs::hard_link(from, &to).or_else(|_| fs::copy(from, &to).map(drop)).expect("a program");
    }
    std::os::unix::fs::symlink(qemu, programs.join("qemu-system-x86_64")).expect("a link");
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata");
    std::os::unix::fs::symlink(testdata, folder.join("testdata")).expect("a link");
    // Whatever happens, the service and the VMM end with the shell. What the last line ends is the service: the guests before it are no jobs.
    let script = format!(
        "trap 'kill $! $(cat pid 2>/dev/null) 2>/dev/null || :' EXIT\n{}sleep 1\n",
        commands()
    );
    fs::write(folder.join("walk.sh"), script).expect("a file");

    let mut path = OsString::from(&programs);
    path.push(":");
    path.push(env::var_os("PATH").unwrap_or_default());
    // Files, since a pipe is as long open as the VMM that was left to itself.
    let (said, log) = (folder.join("said"), folder.join("log"));
    let file = |path: &Path| fs::File::create(path).expect("a file");
    let status = Command::new("timeout")
        .args([PATIENCE, "sh", "-e", "walk.sh"])
        .current_dir(&folder)
        .env("PATH", path)
        .stdout(file(&said))
        .stderr(file(&log))
        .status()
        .expect("a shell");
    let vmm = folder.join("agent/9e2c1d7a-5b0f-4c63-8f2e-1a7b3c5d9e01.log");
    let [said, log, vmm] =
        [said, log, vmm].map(|path| fs::read_to_string(path).unwrap_or_default());
    assert!(status.success(), "{status}\n{said}\n{log}");
    for (wanted, text) in [
        ("the guest runs, with a packet in it of a service for tests", &log),
        ("secret: 736869e5-84f0-4973-92ec-06879ce3da0b arrived at 0x810000", &said),
        ("the service says no: measurement-mismatch", &log),
        ("secret: 736869e5-84f0-4973-92ec-06879ce3da0b did not arrive", &vmm),
        ("exit code 1\n", &said),
        // What `sha256sum` prints of the kernel, with the line that changes it and without.
        (
            "kernel: file 156c25117e466228a778790b1623e1bbdcbbe53ed5c8cac29f34d7b5100c1d47 instead of file 34e4c7b2e5322e5d347354dac9a93845bcf0a9f9ac24b730e1e0d5e46188d8fc",
            &said,
        ),
    ] {
        assert!(text.contains(wanted), "{wanted:?} is not in\n{said}\n{log}");
    }
    assert_eq!(log.matches("the guest runs").count(), 1, "{log}");
    fs::remove_dir_all(&folder).expect("the folder is removed");
}
