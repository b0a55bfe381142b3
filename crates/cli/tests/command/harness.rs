//! Runs the command in a folder of its own, and holds on to what it said.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A command that runs longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// One run of the command, being prepared.
pub(crate) struct Run {
    command: Command,
    stdin: Option<Vec<u8>>,
}

/// What a run has said.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A folder that is removed with its files.
pub(crate) struct Folder(TempDir);

impl Run {
    /// The command with these arguments, and nothing on standard input.
    pub(crate) fn new<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Self {
        Self::of(env!("CARGO_BIN_EXE_sev-launch"), arguments)
    }

    /// The same of another program, as the command under another name.
    pub(crate) fn of<A: AsRef<OsStr>>(
        program: impl AsRef<OsStr>,
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        let mut command = Command::new(program);
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self { command, stdin: None }
    }

    /// Further arguments.
    pub(crate) fn with<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments);
        self
    }

    /// In this folder.
    pub(crate) fn in_folder(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// With these bytes on standard input.
    pub(crate) fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(bytes.into());
        self
    }

    /// Starts the command.
    pub(crate) fn start(mut self) -> Running {
        let stdin = if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() };
        let mut child = self.command.stdin(stdin).spawn().expect("the command starts");
        let stdout = reader(child.stdout.take().expect("a pipe"));
        let stderr = reader(child.stderr.take().expect("a pipe"));
        if let Some((mut pipe, bytes)) = child.stdin.take().zip(self.stdin) {
            // A command that has seen enough may close its end.
            thread::spawn(move || pipe.write_all(&bytes));
        }
        Running { child, stdout, stderr }
    }

    /// Runs the command to its end.
    pub(crate) fn go(self) -> Outcome {
        self.start().finish()
    }
}

/// A command that was started.
pub(crate) struct Running {
    pub(crate) child: Child,
    stdout: JoinHandle<Vec<u8>>,
    stderr: JoinHandle<Vec<u8>>,
}

impl Running {
    /// Waits for the command's end; a command that does not end is killed, and the test fails.
    pub(crate) fn finish(mut self) -> Outcome {
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("the command can be waited for") {
                break status;
            }
            if started.elapsed() > PATIENCE {
                self.child.kill().expect("the command can be killed");
                panic!("the command hangs");
            }
            thread::sleep(Duration::from_micros(300));
        };
        let text = |bytes: JoinHandle<Vec<u8>>| {
            String::from_utf8(bytes.join().expect("a reader ends")).expect("the command says text")
        };
        Outcome { code: status.code(), stdout: text(self.stdout), stderr: text(self.stderr) }
    }
}

fn reader(mut pipe: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).expect("the command's output can be read");
        bytes
    })
}

impl Outcome {
    /// The answer, of a command that had one.
    #[track_caller]
    pub(crate) fn answer(&self) -> &str {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        &self.stdout
    }

    /// The answer where it is one line.
    #[track_caller]
    pub(crate) fn line(&self) -> &str {
        let answer = self.answer();
        let line = answer.strip_suffix('\n').expect("a newline ends the answer");
        assert!(!line.contains('\n'), "one line: {answer}");
        line
    }

    /// The answer's lines.
    #[track_caller]
    pub(crate) fn lines(&self) -> Vec<&str> {
        self.answer().lines().collect()
    }

    /// What was said of a command that could not be decided: exit code 2, nothing on standard output, no panic.
    #[track_caller]
    pub(crate) fn refusal(&self) -> &str {
        assert_eq!(self.code, Some(2), "{}\n{}", self.stdout, self.stderr);
        assert_eq!(self.stdout, "");
        assert!(!self.stderr.trim().is_empty());
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        &self.stderr
    }

    /// The same, and every one of these texts is said.
    #[track_caller]
    pub(crate) fn refused_with(&self, texts: &[&str]) {
        let said = self.refusal();
        for text in texts {
            assert!(said.contains(text), "{text:?} is not in {said}");
        }
    }

    /// The warnings, without their mark.
    pub(crate) fn warnings(&self) -> Vec<&str> {
        self.stderr.lines().filter_map(|line| line.strip_prefix("warning: ")).collect()
    }

    /// The notes, without their mark.
    pub(crate) fn notes(&self) -> Vec<&str> {
        self.stderr.lines().filter_map(|line| line.strip_prefix("note: ")).collect()
    }
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().expect("a temporary folder can be made"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// The path of a name in it.
    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Writes a file.
    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.join(name);
        fs::write(&path, bytes).expect("a file can be written");
        path
    }

    /// Makes a file of zeros that takes no space.
    pub(crate) fn sparse(&self, name: &str, size: u64) -> PathBuf {
        let path = self.join(name);
        let file = File::create(&path).expect("a file can be made");
        file.set_len(size).expect("a file can be sparse");
        path
    }

    /// Makes a pipe with a name.
    pub(crate) fn fifo(&self, name: &str) -> PathBuf {
        let path = self.join(name);
        let made = Command::new("mkfifo").arg(&path).status().expect("mkfifo runs");
        assert!(made.success());
        path
    }

    /// Reads a file.
    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.join(name)).expect("the file can be read")
    }

    /// The names of all files, sorted.
    pub(crate) fn names(&self) -> Vec<OsString> {
        let entries = fs::read_dir(self.path()).expect("the folder can be read");
        let mut names: Vec<_> =
            entries.map(|entry| entry.expect("an entry can be read").file_name()).collect();
        names.sort();
        names
    }
}

/// Feeds a named pipe, once somebody reads it.
pub(crate) fn feed(pipe: &Path, bytes: Vec<u8>) -> JoinHandle<()> {
    let pipe = pipe.to_owned();
    thread::spawn(move || {
        let mut file = OpenOptions::new().write(true).open(pipe).expect("the pipe opens");
        file.write_all(&bytes).expect("the pipe is read");
    })
}

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    sev_launch_testkit::testdata_folder().join("..")
}

/// Compares with a file below `testdata/golden/cli`, or writes it where `SEV_LAUNCH_BLESS` is 1.
#[track_caller]
pub(crate) fn golden(name: &str, found: &str) {
    let path = sev_launch_testkit::testdata_folder().join("golden/cli").join(name);
    if std::env::var_os("SEV_LAUNCH_BLESS").is_some_and(|value| value == "1") {
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder can be made");
        fs::write(&path, found).expect("the golden file can be written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("{}: {error}; SEV_LAUNCH_BLESS=1 writes it", path.display())
    });
    assert!(found == expected, "{} differs; found:\n{found}", path.display());
}
