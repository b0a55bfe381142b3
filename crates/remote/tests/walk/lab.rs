//! A folder with the programs and a demo service; everything that is printed is kept, to be looked through for secrets.

use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use sev_launch_client::services::{Service, Services};
use sev_launch_client::{Client, Patience};
use tempfile::TempDir;

pub(crate) const PASSPHRASE: &str = "correct horse battery staple";
/// `printf 'correct horse battery staple' | base64`
const PASSPHRASE_BASE64: &str = "Y29ycmVjdCBob3JzZSBiYXR0ZXJ5IHN0YXBsZQ==";
/// Longer than a demo takes to begin on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where this program was called by the name of another, that one's end.
pub(crate) fn other_program() -> Option<ExitCode> {
    let words: Vec<OsString> = std::env::args_os().collect();
    let program = words.first().map(PathBuf::from)?;
    match program.file_name()?.to_str()? {
        "sev-launch" => Some(sev_launch::run(words)),
        "sev-launch-server" => Some(sev_launch_server::command::Command::main()),
        _ => None,
    }
}

/// A file of the repository's test data.
pub(crate) fn testdata(name: &str) -> String {
    let path = sev_launch_testkit::testdata_folder().join(name);
    path.canonicalize().expect("test data").to_str().expect("text").to_owned()
}

/// What a program came to.
pub(crate) struct Outcome {
    code: Option<i32>,
    stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    /// What it printed, of one that ended well.
    pub(crate) fn said(&self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
        self.stdout.clone()
    }

    /// Its errors, of one that ended with this code.
    pub(crate) fn fails(&self, code: i32) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (Some(code), ""), "{}", self.stderr);
        self.stderr.clone()
    }
}

pub(crate) struct Lab {
    folder: TempDir,
    service: Child,
    printed: Mutex<String>,
    secrets: Mutex<Vec<String>>,
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = self.service.kill();
        let _ = self.service.wait();
    }
}

impl Lab {
    /// With a demo that trusts AMD alone.
    pub(crate) fn new() -> Self {
        Self::with(|_| Vec::new())
    }

    /// With a demo that trusts a simulated platform, `milan`, whose certificates are in `certificates`.
    pub(crate) fn with_platform() -> Self {
        Self::with(|folder| {
            for line in ["platform new milan", "platform export milan certificates"] {
                let done = program(folder, "sev-launch").args(line.split(' ')).output();
                let done = done.expect("it runs");
                assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            }
            vec!["--platform", "certificates"]
        })
    }

    fn with(prepare: impl Fn(&Path) -> Vec<&'static str>) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let programs = folder.path().join("programs");
        fs::create_dir(&programs).expect("a folder");
        let own = std::env::current_exe().expect("this program");
        for (name, from) in [
            ("sev-launch", own.as_path()),
            ("sev-launch-server", own.as_path()),
            ("sev-launch-remote", env!("CARGO_BIN_EXE_sev-launch-remote").as_ref()),
        ] {
            // A link that is no symbolic one: the command looks beside its own file.
            let to = programs.join(name);
            fs::hard_link(from, &to).or_else(|_| fs::copy(from, &to).map(drop)).expect("a program");
        }
        let more = prepare(folder.path());
        let out = |name: &str| fs::File::create(folder.path().join(name)).expect("a file");
        let service = program(folder.path(), "sev-launch")
            .args(["serve", "--demo", "--folder", "demo", "--listen", "127.0.0.1:0"])
            .args(more)
            .stdout(out("demo.txt"))
            .stderr(out("demo.log"))
            .spawn()
            .expect("a service");
        let mut lab =
            Self { folder, service, printed: Mutex::default(), secrets: Mutex::default() };
        let began = Instant::now();
        // The last line that it prints.
        while !fs::read_to_string(lab.path("demo.txt")).expect("a file").contains("\nstore ") {
            let ended = lab.service.try_wait().expect("its state");
            let log = || fs::read_to_string(lab.path("demo.log")).unwrap_or_default();
            assert!(ended.is_none() && began.elapsed() < PATIENCE, "{}", log());
            std::thread::sleep(Duration::from_millis(100));
        }
        for name in ["owner", "launcher", "auditor"] {
            lab.is_secret(&format!("demo/{name}.token"));
        }
        lab
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("written");
        self.set_mode(name, 0o600);
    }

    pub(crate) fn set_mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).expect("set");
    }

    /// `sev-launch remote --services demo/NAME.toml LINE`.
    pub(crate) fn remote(&self, name: &str, line: &str) -> Outcome {
        self.remote_with(name, line, b"")
    }

    /// The same with something on standard input.
    pub(crate) fn remote_with(&self, name: &str, line: &str, stdin: &[u8]) -> Outcome {
        self.run(&format!("remote --services demo/{name}.toml {line}"), stdin)
    }

    /// `sev-launch remote LINE`, in an environment without a file of services.
    pub(crate) fn remote_plain(&self, line: &str) -> Outcome {
        self.run(&format!("remote {line}"), b"")
    }

    /// `sev-launch LINE`.
    pub(crate) fn command(&self, line: &str) -> Outcome {
        self.run(line, b"")
    }

    /// A value of the protocol.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&self, name: &str, line: &str) -> T {
        let said = self.remote(name, &format!("--json {line}")).said();
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"))
    }

    fn run(&self, line: &str, stdin: &[u8]) -> Outcome {
        let mut child = program(self.folder.path(), "sev-launch")
            .args(line.split(' ').filter(|word| !word.is_empty()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        // Who reads nothing of it has no use for it.
        let _ = child.stdin.take().expect("a pipe").write_all(stdin);
        let output = child.wait_with_output().expect("its end");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        let outcome = Outcome {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        };
        let mut printed = self.printed.lock().expect("a lock");
        printed.push_str(&format!("$ {line}\n{}{}", outcome.stdout, outcome.stderr));
        outcome
    }

    /// A client with the token of a name.
    pub(crate) fn client(&self, name: &str) -> Client {
        let services = Services::read(&self.path(&format!("demo/{name}.toml"))).expect("services");
        let connection = services.choose(None).and_then(Service::connection);
        Client::new(connection.expect("a connection"), Patience::default()).expect("a client")
    }

    /// What sha256sum says of a file of the test data.
    pub(crate) fn sha256(&self, name: &str) -> String {
        let output = Command::new("sha256sum").arg(testdata(name)).output().expect("sha256sum");
        String::from_utf8_lossy(&output.stdout).split(' ').next().expect("a hash").to_owned()
    }

    pub(crate) fn is_private(&self, name: &str) {
        let mode = fs::metadata(self.path(name)).expect(name).permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }

    /// What is in this file must be in no output.
    pub(crate) fn is_secret(&self, name: &str) {
        let text = fs::read_to_string(self.path(name)).expect(name);
        assert!(text.starts_with("sat_"), "{name}");
        self.secrets.lock().expect("a lock").push(text);
    }

    /// Nothing that was printed so far has a secret in it.
    pub(crate) fn shows_no_secret(&self) {
        let printed = self.printed.lock().expect("a lock");
        let secrets = self.secrets.lock().expect("a lock");
        let known = [PASSPHRASE, PASSPHRASE_BASE64];
        for secret in secrets.iter().map(String::as_str).chain(known) {
            assert!(!printed.contains(secret), "{secret}");
        }
        let log = fs::read_to_string(self.path("demo.log")).expect("a file");
        assert!(!log.contains(PASSPHRASE) && !log.contains(PASSPHRASE_BASE64), "{log}");
        assert!(secrets.len() >= 3 && printed.contains("$ remote "));
    }
}

/// A program of a folder, which knows nothing of who runs the tests.
fn program(folder: &Path, name: &str) -> Command {
    let mut command = Command::new(folder.join("programs").join(name));
    command.current_dir(folder).env_remove("XDG_CONFIG_HOME").env("HOME", folder);
    command
}
