//! `serve`: the program beside the command's own file takes its place, with every argument; one on PATH does not.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::harness::{Folder, Outcome, Run};

/// A program that says what it was given.
const PROGRAM: &str = "#!/bin/sh\nprintf '%s\\n' \"$@\"\nexit 7\n";

/// The command's own file in a folder, with or without the service beside it; and the service on PATH.
fn serve(is_there: bool, arguments: &[&str]) -> Outcome {
    let (folder, path) = (Folder::new(), Folder::new());
    let own = folder.join("sev-launch");
    fs::copy(env!("CARGO_BIN_EXE_sev-launch"), &own).expect("a copy");
    for place in [&path, &folder].into_iter().take(if is_there { 2 } else { 1 }) {
        let program = place.file("sev-launch-server", PROGRAM);
        fs::set_permissions(program, fs::Permissions::from_mode(0o755)).expect("permissions");
    }
    let mut search = path.path().as_os_str().to_owned();
    search.push(":/usr/bin:/bin");
    // `env` gives it another PATH.
    search = {
        let mut set = std::ffi::OsString::from("PATH=");
        set.push(&search);
        set
    };
    Run::of("/usr/bin/env", [search.as_os_str(), own.as_os_str()]).with(arguments).go()
}

#[test]
fn every_argument_is_the_services_and_so_is_the_exit_code() {
    let outcome = serve(true, &["serve", "--demo", "--help", "-x", "--", "a b", ""]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(7), ""));
    assert_eq!(outcome.stdout, "--demo\n--help\n-x\n--\na b\n\n");
    let outcome = serve(true, &["serve", "--", "--help"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(7), "--help\n"));
}

#[test]
fn where_it_is_not_built_the_line_that_builds_it_is_told() {
    let build = "cargo install --locked --path crates/server";
    serve(false, &["serve", "--demo"]).refused_with(&["sev-launch-server: ", build]);
}

#[test]
fn its_own_help_says_how_to_ask_for_the_services() {
    let outcome = serve(false, &["serve", "--help"]);
    assert!(outcome.answer().contains("sev-launch serve -- --help"), "{}", outcome.stdout);
}
