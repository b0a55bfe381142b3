//! Running the service by its configuration.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;

use crate::config::Config;
use crate::http::{App, Readiness};
use crate::listener::Tls;
use crate::metrics::Metrics;
use crate::running::{self, Sockets};
use crate::seal::KeyRing;
use crate::service::{Service, SystemClock, Trust};
use crate::store::sqlite::{Open, Sqlite};
use crate::trust::CekFolder;

/// The folder of systemd's credentials.
fn credentials() -> Option<std::ffi::OsString> {
    std::env::var_os("CREDENTIALS_DIRECTORY")
}

/// The keys that a configuration names.
pub(super) fn key_ring(config: &Config) -> anyhow::Result<KeyRing> {
    let (current, older) = config.key_sources()?;
    let credentials = credentials();
    KeyRing::load(&current, &older, credentials.as_deref().map(Path::new)).context("keys")
}

fn trust(config: &Config) -> anyhow::Result<Trust> {
    match &config.danger.trust_simulated {
        Some(folder) => Trust::simulated(folder).context("danger.trust-simulated"),
        None => {
            if let Some(folder) = &config.cek_folder {
                anyhow::ensure!(folder.is_dir(), "cek-folder: {} is no folder", folder.display());
            }
            Ok(Trust::amd(CekFolder(config.cek_folder.clone())))
        }
    }
}

/// The service on the store of a configuration.
pub(super) fn service(config: &Config, how: Open) -> anyhow::Result<Service> {
    let ring = key_ring(config)?;
    let trust = trust(config)?;
    let store = Sqlite::open(&config.store, how)?;
    let service =
        Service::new(Arc::new(store), ring, trust, config.behaviour(), Box::new(SystemClock));
    service.context("the store is not used: the service does not start")
}

pub(super) fn serve(config: &Config, check: bool) -> anyhow::Result<()> {
    let tls = config.tls_settings().map(Tls::load).transpose().context("tls")?;
    if let Some(tls) = &tls {
        not_expired(tls).map_err(|text| anyhow::anyhow!("tls.chain: {text}"))?;
    }
    if check {
        key_ring(config)?;
        trust(config)?;
        println!("the configuration is good");
        return Ok(());
    }
    logging(config.log_json);
    running::harden().context("core dumps could not be switched off")?;
    let service = Arc::new(service(config, Open::OrCreate)?.with_explainer());
    if service.is_simulated() {
        tracing::warn!(
            "a simulated platform is trusted: nothing that this service says means anything"
        );
    }
    if config.danger.plaintext_anywhere {
        tracing::warn!(
            "the service listens without TLS: whoever is on the way sees tokens and sessions, and can change them"
        );
    }
    let app = App::new(service, config.grants()?, &config.rates()?, Arc::new(Metrics::default()));
    runtime()?.block_on(async {
        // Before anybody can know that it listens: until then a signal ends the process, as it ends any other.
        let stop = running::told_to_stop()?;
        running::reload_when_told(tls.clone(), Arc::clone(&app))?;
        let plaintext = config.danger.plaintext_anywhere;
        let listener = running::listener(config.listen, tls.clone(), config.limits(), plaintext)?;
        let admin = running::listener(config.admin_listen, None, config.limits(), false)?;
        tracing::info!(address = %listener.address()?, "listening");
        tracing::info!(address = %admin.address()?, "listening for operators");
        let readiness = Readiness(match tls.clone() {
            Some(tls) => vec![("tls", Box::new(move || not_expired(&tls)))],
            None => Vec::new(),
        });
        let sockets = Sockets { service: listener, admin: Some(admin), tls };
        let drained = running::run(app, sockets, readiness, stop).await?;
        tracing::info!(open = drained.open, cut = drained.cut, "stopped");
        Ok(())
    })
}

fn not_expired(tls: &Tls) -> Result<(), String> {
    use crate::service::Clock as _;
    let expires = tls.not_after();
    if SystemClock.now().seconds() < expires {
        Ok(())
    } else {
        Err(format!("the certificate expired at {expires} (unix seconds)"))
    }
}

pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("no runtime")
}

/// The log goes to stderr; `RUST_LOG` says how much.
pub(super) fn logging(json: bool) {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json {
        log.json().init();
    } else {
        log.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).init();
    }
}
