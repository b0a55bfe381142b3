//! The commands of README.md under "A server for guest owners", as they stand there, in a shell: a guest is registered, launched on
//! an AMD-SP in software, and given its secret; without its initrd, or with another kernel, it is not, and the audit says what differs.
//!
//! This program is three things, by the name that it is called by: the test, and, in the folder where the shell finds its programs, the
//! command `sev-launch` itself, which is in the library below; so that no command from an earlier build is taken. Two things are
//! otherwise than in the README: what builds the programs is left out, and the service listens on a port that is free.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

use sev_launch_testkit::{readme, runner};

const README: &str = include_str!("../../../README.md");
const SECTION: &str = "A server for guest owners";
const NAME: &str = "every_command_of_the_readmes_section_on_the_server";

/// Seconds after which it hangs.
const PATIENCE: &str = "300";

fn main() -> ExitCode {
    let words: Vec<OsString> = env::args_os().collect();
    let program = words.first().map(PathBuf::from).expect("a name");
    if program.file_name().is_some_and(|name| name == "sev-launch") {
        return sev_launch::run(words);
    }
    runner::run(&[(NAME, walk)])
}

/// What is typed; the service listens on a port that is free.
fn commands() -> String {
    let text = readme::commands(README, SECTION);
    assert_eq!(text.matches("serve --demo ").count(), 1, "{text}");
    text.replace("serve --demo ", "serve --demo --listen 127.0.0.1:0 ")
}

fn walk() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("walk");
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("what an earlier run left is removed");
    }
    let programs = folder.join("programs");
    fs::create_dir_all(&programs).expect("a folder");
    let own = env::current_exe().expect("this program");
    for (name, from) in [
        ("sev-launch", own.as_path()),
        ("sev-launch-server", env!("CARGO_BIN_EXE_sev-launch-server").as_ref()),
    ] {
        // A link that is no symbolic one: the command looks beside its own file.
        let to = programs.join(name);
        fs::hard_link(from, &to).or_else(|_| fs::copy(from, &to).map(drop)).expect("a program");
    }
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata");
    std::os::unix::fs::symlink(testdata, folder.join("testdata")).expect("a link");
    // Whatever happens, the service ends with the shell.
    let script = format!("trap 'kill $! 2>/dev/null' EXIT\n{}", commands());
    fs::write(folder.join("walk.sh"), script).expect("a file");

    let mut path = OsString::from(&programs);
    path.push(":");
    path.push(env::var_os("PATH").unwrap_or_default());
    let output = Command::new("timeout")
        .args([PATIENCE, "sh", "-e", "walk.sh"])
        .current_dir(&folder)
        .env("PATH", path)
        .output()
        .expect("a shell");
    let said = String::from_utf8_lossy(&output.stdout);
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{said}\n{log}", output.status);

    // What `sha256sum testdata/boot/initrd.img` prints.
    let initrd = "0d0ae36d48daf38cc578161aeadf19f812aa38c70ffbc0664b05fe9f4b91296b";
    assert_eq!(said.matches("\"code\":\"measurement-mismatch\"").count(), 2, "{said}");
    for wanted in [
        "\"status\":\"registered\"",
        "736869e5-84f0-4973-92ec-06879ce3da0b  28 bytes  LUKS passphrase",
        "yes: every record follows from the one before",
        "  releases    1\n",
        "              measurement-mismatch: 2\n",
        &format!("initrd: none instead of file {initrd}"),
        // And of the kernel, with the line that changes it and without.
        "kernel: file 156c25117e466228a778790b1623e1bbdcbbe53ed5c8cac29f34d7b5100c1d47 instead of file 34e4c7b2e5322e5d347354dac9a93845bcf0a9f9ac24b730e1e0d5e46188d8fc",
    ] {
        assert!(said.contains(wanted), "{wanted:?} is not in\n{said}\n{log}");
    }
    fs::remove_dir_all(&folder).expect("the folder is removed");
}
