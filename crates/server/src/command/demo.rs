//! A service to try: everything new, on loopback, with tokens printed, and written into files for who asks it by `sev-launch remote`.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use sev_launch_protocol::views::Scope;

use super::serve::{logging, runtime};
use super::store::write_key;
use crate::access::{DEFAULT_TENANT, Grants};
use crate::http::{App, Rates, Readiness};
use crate::listener::Limits;
use crate::metrics::Metrics;
use crate::rate::Rate;
use crate::running::{self, Sockets};
use crate::seal::{KeyRing, KeySource};
use crate::service::{Behaviour, Service, SystemClock, Trust};
use crate::store::sqlite::{Open, Sqlite};
use crate::trust::CekFolder;

/// Who gets a token.
const TOKENS: [(&str, &[Scope]); 3] = [
    ("owner", &[Scope::VmRead, Scope::VmWrite]),
    ("launcher", &[Scope::Launch]),
    ("auditor", &[Scope::AuditRead]),
];

/// Whoever tries is not kept waiting.
const RATE: Rate = Rate { per_minute: 6000, burst: 1000 };

pub(super) fn demo(
    folder: &Path,
    listen: SocketAddr,
    platform: Option<&Path>,
) -> anyhow::Result<()> {
    ensure!(
        listen.ip().is_loopback(),
        "--listen: {listen} is reached by others; a demo listens on loopback alone"
    );
    ensure!(
        !folder.exists(),
        "{} exists: a demo begins with a new store; name another folder, or remove it",
        folder.display()
    );
    let trust = match platform {
        Some(platform) => Trust::simulated(platform).context("--platform")?,
        None => Trust::amd(CekFolder(None)),
    };
    // Before anything is made: an address that is taken leaves nothing behind.
    let taken =
        std::net::TcpListener::bind(listen).with_context(|| format!("--listen {listen}"))?;
    drop(taken);
    logging(false);
    running::harden().context("core dumps could not be switched off")?;
    let store = Sqlite::open(folder, Open::New)?;
    let key = folder.join("kek");
    write_key(&key)?;
    let ring = KeyRing::load(&KeySource::File(key), &[], None)?;
    let service =
        Service::new(Arc::new(store), ring, trust, Behaviour::default(), Box::new(SystemClock))?;
    let tokens =
        TOKENS.map(|(name, scopes)| (name, service.first_token(DEFAULT_TENANT, name, scopes, 1)));
    let rates = Rates {
        refused: RATE,
        launch_of_guest: RATE,
        launch: RATE,
        validate_of_guest: RATE,
        validate: RATE,
        write: RATE,
        firmware: RATE,
        read: RATE,
        compute: RATE,
    };
    let service = Arc::new(service.with_explainer());
    let app = App::new(Arc::clone(&service), Grants::new(), &rates, Arc::new(Metrics::default()));
    runtime()?.block_on(async {
        let stop = running::told_to_stop()?;
        let listener = running::listener(listen, None, Limits::default(), false)?;
        let address = listener.address()?;
        println!("service   http://{address}/v1");
        let mut written = Vec::new();
        for (name, token) in tokens {
            let token = token.map_err(|problem| anyhow::anyhow!("{problem}"))?;
            println!("{name:<9} {token}");
            written.push(write_service(folder, name, &format!("http://{address}/v1"), &token)?);
        }
        for file in written {
            println!("file      {}", file.display());
        }
        match platform {
            Some(platform) => println!(
                "trusted   the simulated platform of {}: every answer says so",
                platform.display()
            ),
            None => println!(
                "trusted   AMD's processors; --platform FOLDER trusts a simulated one instead"
            ),
        }
        println!("store     {}", folder.display());
        let sockets = Sockets { service: listener, admin: None, tls: None };
        running::run(app, sockets, Readiness(Vec::new()), stop).await?;
        Ok(())
    })
}

/// Writes the token of a name, and the file of services that names it: `owner.token` and `owner.toml`. Gives the latter's path.
fn write_service(folder: &Path, name: &str, url: &str, token: &str) -> anyhow::Result<PathBuf> {
    let service = format!("[service.demo]\nurl = \"{url}\"\ntoken-file = \"{name}.token\"\n");
    write_private(&folder.join(format!("{name}.token")), token)?;
    let file = folder.join(format!("{name}.toml"));
    write_private(&file, &service)?;
    Ok(file)
}

/// A new file that its owner alone may read.
fn write_private(file: &Path, text: &str) -> anyhow::Result<()> {
    let new = OpenOptions::new().create_new(true).write(true).mode(0o600).open(file);
    new.and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| file.display().to_string())
}
