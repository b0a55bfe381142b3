//! What agents are killed on: an owner's service for tests, and a host with a real QEMU on an AMD-SP in software.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use super::vmm::Vmm;
use crate::call::{Call, root};
use crate::random::Chance;
use crate::served::{self, Programs};

/// How long the service may take to its first line.
const PATIENCE: Duration = Duration::from_secs(20);
/// The emulator, looked for on PATH.
const QEMU: &str = "qemu-system-x86_64";
/// Names another, which must run then.
const NAMED: &str = "SEV_LAUNCH_QEMU";
/// The packages of the programs, and their names.
const PROGRAMS: [&str; 4] =
    ["sev-launch", "sev-launch-agent", "sev-launch-remote", "sev-launch-server"];

/// The folder of the programs: built in it, if none is named.
pub(super) fn programs(folder: Option<&Path>) -> Result<PathBuf> {
    served::programs(folder, &PROGRAMS)
}

/// The emulator: that of PATH, or the one that the variable names.
fn qemu() -> OsString {
    std::env::var_os(NAMED).unwrap_or_else(|| QEMU.into())
}

/// Is there a QEMU? One that is named must be there.
pub(super) fn has_qemu() -> Result<bool> {
    let is_there = Call::new(qemu(), "--version").succeeds();
    let is_named = std::env::var_os(NAMED).is_some();
    ensure!(is_there || !is_named, "{NAMED} is set, but {} does not run", qemu().display());
    Ok(is_there)
}

/// The release of QEMU, as `7.2.22`.
pub(super) fn qemu_version() -> Result<String> {
    let said = Call::new(qemu(), "--version").text()?;
    let mut words = said.split_whitespace().skip_while(|word| *word != "version").skip(1);
    Ok(words.next().unwrap_or("of an unknown release").to_owned())
}

/// The service of an owner: `sev-launch-server --demo`.
pub(super) struct Service {
    child: Child,
    folder: PathBuf,
    /// Where it listens.
    pub(super) address: SocketAddr,
}

impl Service {
    /// Starts a new one that trusts one simulated platform. `folder` must not be there.
    pub(super) fn start(programs: &Path, platform: &Path, folder: PathBuf) -> Result<Self> {
        let mut command = Command::new(programs.join("sev-launch-server"));
        command.arg("--demo").arg("--platform").arg(platform.join("certificates"));
        command.arg("--folder").arg(&folder).args(["--listen", "127.0.0.1:0"]);
        let log = File::create(folder.with_extension("log"))?;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().context("sev-launch-server")?;
        let lines = child.stdout.take().map(lines).context("the service's lines")?;
        let address = address(&lines);
        match address {
            Ok(address) => Ok(Self { child, folder, address }),
            Err(error) => {
                child.kill()?;
                child.wait()?;
                Err(error)
            }
        }
    }

    /// A file of services with the token of `owner`, `launcher` or `auditor`.
    pub(super) fn services(&self, who: &str) -> PathBuf {
        self.folder.join(format!("{who}.toml"))
    }

    /// The token of one of them.
    pub(super) fn token(&self, who: &str) -> Result<String> {
        let file = self.folder.join(format!("{who}.token"));
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        Ok(text.trim().to_owned())
    }

    /// SIGTERM, after which it must end well and have logged no error.
    pub(super) fn stop(mut self) -> Result<()> {
        served::no_errors(&fs::read_to_string(self.folder.with_extension("log"))?)?;
        served::stop(&mut self.child)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Of one that was waited for nothing is left to be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What it prints, to the end: a pipe that nobody reads is an error to it.
fn lines(stdout: ChildStdout) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    receiver
}

/// Waits until it has said where it listens, and where its store is, which is last.
fn address(lines: &Receiver<String>) -> Result<SocketAddr> {
    let mut address = None;
    loop {
        let line =
            lines.recv_timeout(PATIENCE).context("the service did not start: see its log")?;
        if let Some((_, rest)) = line.split_once("http://") {
            address = rest.trim_end_matches("/v1").parse().ok();
        }
        if line.starts_with("store ") {
            return address.context("the service did not say where it listens");
        }
    }
}

/// A guest that is registered at the service.
#[derive(Clone)]
pub(super) struct Guest {
    pub(super) vmid: String,
    /// SEV-ES, with two vCPUs.
    is_es: bool,
    /// What it has to get.
    pub(super) passphrase: String,
    secret: PathBuf,
}

/// A host, in a folder of its own: the agent's state, and all that its programs write.
pub(super) struct Host {
    programs: PathBuf,
    /// Everything of it lies here, and every process of it has this path in its command line.
    pub(super) folder: PathBuf,
    machine: PathBuf,
    services: PathBuf,
}

impl Host {
    /// A new one.
    pub(super) fn new(
        programs: &Path,
        folder: PathBuf,
        platform: &Path,
        service: &Service,
    ) -> Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
        }
        fs::create_dir_all(folder.join("temporary"))?;
        // As the agent's would be, with another kernel than any guest's.
        let mut kernel = fs::read(testdata("boot/vmlinuz"))?;
        if let Some(byte) = kernel.get_mut(4000) {
            *byte ^= 1;
        }
        fs::write(folder.join("kernel"), kernel)?;
        let (programs, machine) = (programs.to_owned(), platform.join("machine"));
        Ok(Self { programs, folder, machine, services: service.services("launcher") })
    }

    /// The folder of launches that are not over.
    pub(super) fn state(&self) -> PathBuf {
        self.folder.join("state")
    }

    /// Registers a new guest as its owner does: the command line is described, and the description registered, with a secret.
    pub(super) fn register(
        &self,
        service: &Service,
        chance: &mut Chance,
        is_es: bool,
    ) -> Result<Guest> {
        let vmid = chance.uuid();
        let passphrase = format!("a passphrase {}", chance.uuid());
        let secret = self.folder.join(format!("{vmid}.secret"));
        fs::write(&secret, &passphrase)?;
        let guest = Guest { vmid, is_es, passphrase, secret };
        let description = self.folder.join(format!("{}.toml", guest.vmid));
        let policy = if is_es { "0xf" } else { "0xb" };
        let object = format!(
            "sev-guest,id=sev0,policy={policy},kernel-hashes=on,cbitpos=51,reduced-phys-bits=1"
        );
        let import = Call::new(self.programs.join("sev-launch"), "import qemu -o");
        let import = import.arg(&description).arg("--");
        import.args(guest.qemu(&object, &testdata("boot/vmlinuz"))?).text()?;
        // What a command line does not say: the host that a rehearsal pretends.
        let described = fs::read_to_string(&description)?;
        let with_kernel = described.replace("[host]\n", "[host]\nkernel = \"6.12\"\n");
        fs::write(&description, with_kernel)?;
        let register = Call::new(self.programs.join("sev-launch-remote"), "register --any-owner");
        let register = register.arg(&guest.vmid).arg("--services").arg(service.services("owner"));
        let register = register.arg("--description").arg(&description);
        register.arg("--secret").arg(guest.luks_key()).text()?;
        Ok(guest)
    }

    /// An agent, whose words go to a file; all temporary files are this host's. `below` are the words of a program that
    /// starts it.
    pub(super) fn agent(
        &self,
        below: &[String],
        words: impl IntoIterator<Item = impl Into<OsString>>,
        output: &Path,
    ) -> Result<Child> {
        let out = File::create(output).with_context(|| output.display().to_string())?;
        let agent = self.programs.join("sev-launch-agent");
        let mut command = match below.split_first() {
            Some((program, words)) => {
                let mut command = Command::new(program);
                command.args(words).arg(agent);
                command
            }
            None => Command::new(agent),
        };
        command.arg("--services").arg(&self.services).arg("--state").arg(self.state());
        command.args(words.into_iter().map(Into::into)).stdin(Stdio::null());
        command.env("TMPDIR", self.folder.join("temporary")).env_remove("XDG_RUNTIME_DIR");
        command.stdout(out.try_clone()?).stderr(out).spawn().context("sev-launch-agent")
    }

    /// The words of `run` for a guest, which is left to itself once it runs; with a second monitor. `is_other` is with another kernel than
    /// its owner accepts.
    pub(super) fn run(&self, guest: &Guest, vmm: &Vmm, is_other: bool) -> Result<Vec<OsString>> {
        let mut words: Vec<OsString> =
            ["run", "--vmid", &guest.vmid, "--detach", "--log"].map(Into::into).into();
        words.extend([vmm.log.clone().into(), "--".into()]);
        words.push(self.programs.join("sev-launch").into());
        words.extend(["rehearse", "--stay", "--no-prediction", "--platform"].map(Into::into));
        words.push(self.machine.clone().into());
        words.extend(["--expect-secret".into(), guest.luks_key(), "--".into()]);
        let kernel = if is_other { self.folder.join("kernel") } else { testdata("boot/vmlinuz") };
        words.extend(guest.qemu("sev-guest,id=sev0", &kernel)?);
        words.push("-qmp".into());
        words.push(format!("unix:{},server=on,wait=off", vmm.own.display()).into());
        Ok(words)
    }
}

impl Guest {
    /// Its secret, as flags take it.
    fn luks_key(&self) -> OsString {
        let mut text = OsString::from("luks-key:");
        text.push(&self.secret);
        text
    }

    /// Its VMM's command line.
    fn qemu(&self, object: &str, kernel: &Path) -> Result<Vec<OsString>> {
        let line = "-enable-kvm -cpu EPYC-Milan -m 512 -nodefaults -display none \
            -machine q35,confidential-guest-support=sev0 -smp";
        let mut words = vec![qemu()];
        words.extend(line.split_whitespace().map(Into::into));
        words.push(if self.is_es { "2" } else { "1" }.into());
        words.extend(["-object".into(), object.into()]);
        words.extend(["-bios".into(), testdata("firmware/amdsev.fd").into()]);
        words.extend(["-kernel".into(), kernel.into()]);
        words.extend(["-initrd".into(), testdata("boot/initrd.img").into()]);
        words.extend(["-append".into(), fs::read_to_string(testdata("boot/cmdline"))?.into()]);
        Ok(words)
    }
}

fn testdata(name: &str) -> PathBuf {
    root().join("testdata").join(name)
}

/// A simulated platform in a folder, which is made once.
pub(super) fn platform(programs: &Path, folder: &Path) -> Result<()> {
    Programs::in_folder(programs).platform(folder)
}
