//! Our attestation service as a process of its own, for the tasks that press it: its configuration, its start, its end, requests, and a
//! host that launches guests by it.
//!
//! The service listens on loopback, at a port that the system chooses; its log says which. Everything lies in a folder below
//! target/, which stays there after a failure.

mod host;
mod http;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail, ensure};

use crate::call::{Call, target};

pub(crate) use self::host::{Host, Waiting, base64, image, registration, sha256};
pub(crate) use self::http::{Answer, Client, Request};

/// How long a start may take.
const START: Duration = Duration::from_secs(20);
/// How long an end may take, requests in flight included.
const STOP: Duration = Duration::from_secs(20);

/// Rates that nobody reaches.
const RATES: [&str; 9] = [
    "refused",
    "launch-of-guest",
    "launch",
    "validate-of-guest",
    "validate",
    "write",
    "firmware",
    "read",
    "compute",
];

/// The folder of programs, each the name of its package: built in it, if none is named.
pub(crate) fn programs(folder: Option<&Path>, names: &[&str]) -> Result<PathBuf> {
    if folder.is_none() {
        let build = Call::cargo("build --release --quiet");
        build.args(names.iter().flat_map(|name| ["--package", *name])).run()?;
    }
    let built = target().join("release");
    let folder = std::path::absolute(folder.unwrap_or(&built))?;
    for name in names {
        ensure!(folder.join(name).is_file(), "{} has no {name}: build it", folder.display());
    }
    Ok(folder)
}

/// A service that is killed, or told to stop, has nothing to complain of before.
pub(crate) fn no_errors(log: &str) -> Result<()> {
    match log.lines().find(|line| line.contains("ERROR") || line.contains("panicked")) {
        Some(line) => bail!("the service logged: {line}"),
        None => Ok(()),
    }
}

/// SIGTERM: it finishes what it has begun; an error if it does not end well.
pub(crate) fn stop(child: &mut Child) -> Result<()> {
    Call::new("kill", "-TERM").arg(child.id().to_string()).run()?;
    let status = ended(child)?;
    ensure!(status.success(), "the service ended with {status} after SIGTERM");
    Ok(())
}

/// The programs of a release build.
pub(crate) struct Programs {
    pub(crate) server: PathBuf,
    pub(crate) command: PathBuf,
}

impl Programs {
    /// Those of a folder, or of this tree, which are built.
    pub(crate) fn of(folder: Option<&Path>) -> Result<Self> {
        programs(folder, &["sev-launch-server", "sev-launch"])
            .map(|folder| Self::in_folder(&folder))
    }

    /// Those of a folder.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self { server: folder.join("sev-launch-server"), command: folder.join("sev-launch") }
    }

    /// A simulated platform in a folder, which is made once: `machine/platform` is the whole of it, `certificates` what it exports.
    pub(crate) fn platform(&self, folder: &Path) -> Result<()> {
        if folder.join("certificates").is_dir() {
            return Ok(());
        }
        if folder.exists() {
            fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        let (machine, certificates) = (folder.join("machine"), folder.join("certificates"));
        Call::new(&self.command, "platform new").arg(&machine).text()?;
        Call::new(&self.command, "platform export").arg(&machine).arg(certificates).text()?;
        Ok(())
    }
}

/// A service that may be started, any number of times, on one store.
pub(crate) struct Setup {
    program: PathBuf,
    folder: PathBuf,
    store: PathBuf,
}

impl Setup {
    /// A new configuration, key and store in a folder, which must not be there. `store` is where the store lies.
    pub(crate) fn new(
        programs: &Programs,
        folder: &Path,
        store: &Path,
        platform: &Path,
    ) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        Call::new(&programs.server, "new-key").arg(folder.join("kek")).text()?;
        let mut text = format!(
            "listen = \"127.0.0.1:0\"\nadmin-listen = \"127.0.0.1:0\"\nstore = {:?}\n\
             [keys]\ncurrent = \"kek\"\n[danger]\ntrust-simulated = {:?}\n[rates]\n",
            store.display().to_string(),
            platform.join("certificates").display().to_string(),
        );
        for name in RATES {
            text += &format!("{name} = {{ per-minute = 60000000, burst = 1000000 }}\n");
        }
        fs::write(folder.join("server.toml"), text)?;
        let program = programs.server.clone();
        Ok(Self { program, folder: folder.to_owned(), store: store.to_owned() })
    }

    /// The database.
    pub(crate) fn database(&self) -> PathBuf {
        self.store.join("sev-launch.sqlite")
    }

    /// The folder of the store.
    pub(crate) fn store(&self) -> &Path {
        &self.store
    }

    fn config(&self) -> PathBuf {
        self.folder.join("server.toml")
    }

    /// A token, made while the service does not run.
    pub(crate) fn token(&self, name: &str, scopes: &str) -> Result<String> {
        let call = Call::new(&self.program, "token").words(&format!("--name {name} --scope"));
        call.arg(scopes).arg("--config").arg(self.config()).text()
    }

    /// Starts the process, and does not wait for anything.
    ///
    /// A file that grows beyond `RLIMIT_FSIZE` is an error to it and no signal: the shell that it comes from ignores SIGXFSZ.
    pub(crate) fn spawn(&self) -> Result<Starting> {
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(&self.program);
        command.arg("--config").arg(self.config());
        command.env("RUST_LOG", "sev_launch_server=warn,sev_launch_server::command::serve=info");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| self.program.display().to_string())?;
        let stderr = child.stderr.take().context("the service's log")?;
        let log = Arc::new(Mutex::new(Vec::new()));
        let (sender, addresses) = channel();
        let kept = Arc::clone(&log);
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if let Some((_, address)) = line.rsplit_once(" address=")
                    && let Ok(address) = address.trim().parse::<SocketAddr>()
                {
                    let _ = sender.send(address);
                }
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
        Ok(Starting { child, addresses, log })
    }

    /// Starts it, and waits until it listens.
    pub(crate) fn start(&self) -> Result<Server> {
        self.spawn()?.ready()
    }
}

/// A process that may not listen yet.
pub(crate) struct Starting {
    child: Child,
    addresses: Receiver<SocketAddr>,
    log: Arc<Mutex<Vec<String>>>,
}

impl Starting {
    /// Waits until it listens.
    pub(crate) fn ready(mut self) -> Result<Server> {
        let address = || self.addresses.recv_timeout(START).ok();
        if let (Some(service), Some(admin)) = (address(), address()) {
            let Self { child, log, .. } = self;
            return Ok(Server { child, log, service, admin });
        }
        let _ = self.child.kill();
        let status = self.child.wait()?;
        bail!("the service did not start ({status}):\n{}", text(&self.log))
    }

    /// Kills it, whatever it was about to do; what it had logged.
    pub(crate) fn kill(mut self) -> Result<String> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(text(&self.log))
    }

    /// Waits until it ends by itself: how, and what it said.
    pub(crate) fn ends(mut self) -> Result<(ExitStatus, String)> {
        let status = ended(&mut self.child)?;
        // The log's reader may still have the last line.
        thread::sleep(Duration::from_millis(50));
        Ok((status, text(&self.log)))
    }
}

fn text(log: &Mutex<Vec<String>>) -> String {
    log.lock().unwrap_or_else(PoisonError::into_inner).join("\n")
}

fn ended(child: &mut Child) -> Result<ExitStatus> {
    let until = Instant::now() + STOP;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if Instant::now() > until {
            child.kill()?;
            bail!("the service did not end within {} s", STOP.as_secs());
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// A process that listens.
pub(crate) struct Server {
    child: Child,
    log: Arc<Mutex<Vec<String>>>,
    /// Where the service is.
    pub(crate) service: SocketAddr,
    /// Where operators ask.
    pub(crate) admin: SocketAddr,
}

impl Server {
    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it logged: warnings, errors, and where it listens.
    pub(crate) fn log(&self) -> String {
        text(&self.log)
    }

    /// Does it still run?
    pub(crate) fn runs(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// SIGKILL: it learns nothing of its end. What it had logged.
    pub(crate) fn kill(mut self) -> Result<String> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(text(&self.log))
    }

    /// SIGTERM: it finishes what it has begun; an error if it does not end well.
    pub(crate) fn stop(mut self) -> Result<()> {
        let stopped = stop(&mut self.child);
        stopped.map_err(|error| anyhow!("{error:#}:\n{}", text(&self.log)))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Of one that was waited for nothing is left to be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
