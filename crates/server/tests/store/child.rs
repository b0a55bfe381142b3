//! This test binary again, as another process.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Names the folder that a child works in; a test that is a child's work does nothing without it.
const FOLDER: &str = "SEV_LAUNCH_STORE_CHILD";
/// A number for the child.
const NUMBER: &str = "SEV_LAUNCH_STORE_NUMBER";

/// The folder and the number, if this is a child.
pub(crate) fn work() -> Option<(PathBuf, u16)> {
    let folder = std::env::var_os(FOLDER)?;
    let number = std::env::var(NUMBER).ok().and_then(|text| text.parse().ok());
    Some((folder.into(), number.expect("a number")))
}

/// A command that runs the test `name` alone. Its first part is a shell, in which a file that grows too long is an error and no signal.
pub(crate) fn command(program: &Path, name: &str, folder: &Path, number: u16) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]);
    command.arg(program).args(["--exact", name, "--nocapture", "--test-threads=1"]);
    command.env(FOLDER, folder).env(NUMBER, number.to_string());
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

pub(crate) fn this() -> PathBuf {
    std::env::current_exe().expect("this program")
}

pub(crate) fn spawn(name: &str, folder: &Path, number: u16) -> Child {
    command(&this(), name, folder, number).spawn().expect("started")
}

/// Runs it to its end, and demands that it did its work and is content.
pub(crate) fn succeeds(mut command: Command) {
    let output = command.stderr(Stdio::piped()).output().expect("started");
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.contains("done\n"), "{}\n{out}\n{err}", output.status);
}
