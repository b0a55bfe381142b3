//! A host: the agent's own program, and QEMU behind the wrapper.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use sev_launch_agent::qmp::{Address, Qmp};

use super::installed::Qemu;
use super::service::{Owner, VMID, testdata};

pub(crate) struct Host {
    pub(crate) qemu: Qemu,
    services: PathBuf,
    /// Changed before a guest is started, if need be.
    pub(crate) kernel: PathBuf,
    pub(crate) firmware: PathBuf,
    pub(crate) object: String,
    pub(crate) machine: Vec<String>,
}

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Came {
    pub(crate) code: Option<i32>,
    pub(crate) said: String,
}

impl Host {
    /// A host of an owner's guest, reached by `url`; nothing where there is no QEMU.
    pub(crate) fn new(
        name: &str,
        owner: &Owner,
        url: Option<&str>,
        ca: Option<&Path>,
    ) -> Option<Self> {
        let qemu = Qemu::find(name)?;
        let own = format!("http://{}/v1", owner.address);
        let services = owner.services(url.unwrap_or(&own), ca);
        Some(Self {
            qemu,
            services,
            kernel: testdata("boot/vmlinuz"),
            firmware: testdata("firmware/amdsev.fd"),
            object: "sev-guest,id=sev0".into(),
            machine: Vec::new(),
        })
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.qemu.path("state")
    }

    pub(crate) fn agent(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sev-launch-agent"));
        command.arg("--services").arg(&self.services).arg("--state").arg(self.state());
        command.args(words).stdin(Stdio::null()).env_remove("XDG_RUNTIME_DIR");
        command
    }

    /// `run` of the guest, and more flags of the agent's.
    pub(crate) fn run(&self, flags: &[&str]) -> Command {
        let mut words = vec!["run"];
        if !flags.contains(&"--attestation") {
            words.extend(["--vmid", VMID]);
        }
        let mut command = self.agent(&words);
        let cmdline = std::fs::read_to_string(testdata("boot/cmdline")).expect("a file");
        command.args(flags).arg("--").args(self.qemu.wrapped());
        command.args(["-enable-kvm", "-cpu", "EPYC-Milan", "-m", "512", "-nodefaults"]);
        command.args(["-display", "none", "-machine", "q35,confidential-guest-support=sev0"]);
        command.arg("-object").arg(&self.object).arg("-bios").arg(&self.firmware);
        command.arg("-kernel").arg(&self.kernel).arg("-initrd").arg(testdata("boot/initrd.img"));
        command.arg("-append").arg(cmdline).args(&self.machine);
        let own = format!("unix:{},server=on,wait=off", self.own_monitor().display());
        command.arg("-qmp").arg(own);
        command
    }

    /// Runs it to its end.
    pub(crate) fn came(&self, mut command: Command) -> Came {
        let output: Output = command.output().expect("the agent");
        let said = [output.stdout, output.stderr].concat();
        Came { code: output.status.code(), said: String::from_utf8_lossy(&said).into_owned() }
    }

    /// Starts the guest, and leaves it to itself once it runs.
    pub(crate) fn started(&self, flags: &[&str]) -> Came {
        let pid = self.pid_file();
        let flags = [flags, &["--detach", "--pid-file", &pid]].concat();
        // A VMM that is left to itself would keep a pipe open.
        let (out, path) = self.output();
        let mut command = self.run(&flags);
        command.stdout(out.try_clone().expect("a file")).stderr(out);
        let status = command.status().expect("the agent");
        let said = std::fs::read_to_string(path).expect("a file");
        Came { code: status.code(), said }
    }

    /// The same, and does not wait.
    pub(crate) fn spawned(&self, flags: &[&str]) -> Child {
        let pid = self.pid_file();
        let flags = [flags, &["--detach", "--pid-file", &pid]].concat();
        let (out, _) = self.output();
        let mut command = self.run(&flags);
        command.stdout(out.try_clone().expect("a file")).stderr(out);
        command.spawn().expect("the agent")
    }

    fn output(&self) -> (std::fs::File, PathBuf) {
        let path = self.qemu.path("output");
        (std::fs::File::create(&path).expect("a file"), path)
    }

    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(self.qemu.path("output")).unwrap_or_default()
    }

    fn pid_file(&self) -> String {
        self.qemu.path("pid").display().to_string()
    }

    /// The VMM's process, once it was started.
    pub(crate) fn pid(&self) -> Option<i32> {
        std::fs::read_to_string(self.pid_file()).ok()?.trim().parse().ok()
    }

    /// Is the VMM there?
    pub(crate) fn runs(&self) -> bool {
        let Some(pid) = self.pid() else { return false };
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
    }

    /// A monitor of the host's own people.
    pub(crate) fn own_monitor(&self) -> PathBuf {
        self.qemu.path("own")
    }

    pub(crate) fn qmp(&self) -> Qmp {
        let address = Address::Unix(self.own_monitor());
        Qmp::connect(&address, Duration::from_secs(5), || true).expect("a monitor")
    }

    /// Ends the VMM, and says which secrets arrived, by their bytes in hex.
    pub(crate) fn ended(&self) -> String {
        // Its monitor says that it is there: an agent that was killed may not have written its number.
        let is_there = UnixStream::connect(self.own_monitor()).is_ok();
        if is_there {
            self.qmp().ask("quit", Value::Null).expect("it ends");
        }
        let end = Instant::now() + Duration::from_secs(20);
        // The wrapper ends after QEMU, once its report is written. That a report is there says nothing: QEMU ran before, to
        // be asked for the platform's certificates.
        while if self.pid().is_some() { self.runs() } else { self.is_anybodys() } {
            assert!(Instant::now() < end, "the VMM does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
        let report = self.qemu.path("report");
        let said = std::fs::read_to_string(&report).unwrap_or_default();
        let _ = std::fs::remove_file(report);
        said
    }

    /// Has any process the guest's own monitor in its command line?
    fn is_anybodys(&self) -> bool {
        let monitor = self.own_monitor();
        let monitor = monitor.as_os_str().as_encoded_bytes();
        let processes = std::fs::read_dir("/proc").expect("a folder").flatten();
        let mut lines =
            processes.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
        lines.any(|line| line.windows(monitor.len()).any(|part| part == monitor))
    }

    /// What QEMU says of the guest.
    pub(crate) fn status(&self) -> String {
        let status = self.qmp().ask("query-status", Value::Null).expect("an answer");
        status.get("status").and_then(Value::as_str).expect("a text").to_owned()
    }

    pub(crate) fn open_launches(&self) -> usize {
        let entries = self.state().read_dir().into_iter().flatten().flatten();
        entries.filter(|entry| entry.path().extension().is_some_and(|end| end == "json")).count()
    }
}
