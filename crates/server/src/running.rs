//! The service as a process: it listens, sweeps, signs checkpoints, and stops when it is told to.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use sev_launch_protocol::audit::Actor;
use sev_launch_protocol::problem::{Code, Problem};
use sev_launch_protocol::text::RequestId;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::http::{self, App, Readiness};
use crate::listener::{Drained, Late, Limits, Listener, Tls};
use crate::service::{Clock as _, SystemClock, random_bytes};
use crate::store::Caller;

/// How often it is looked for launches that time ended.
const SWEEP: Duration = Duration::from_secs(1);
/// How often heads of audits are signed.
const CHECKPOINT: Duration = Duration::from_secs(60);
/// Guests that one sweep steps at most.
const SWEPT_AT_ONCE: u32 = 256;

/// How the service stands on its sockets.
pub struct Sockets {
    /// The service's.
    pub service: Listener,
    /// The one for operators.
    pub admin: Option<Listener>,
    /// Reloads certificates.
    pub tls: Option<Tls>,
}

impl std::fmt::Debug for Sockets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sockets")
    }
}

/// The listener of the service: with TLS, or on loopback alone, unless `danger_plaintext_anywhere`.
///
/// # Errors
///
/// The address is taken, or is reached by others without TLS.
pub fn listener(
    address: SocketAddr,
    tls: Option<Tls>,
    limits: Limits,
    danger_plaintext_anywhere: bool,
) -> anyhow::Result<Listener> {
    let socket: TcpListener = crate::listener::bind(address)?;
    let listener = match tls {
        Some(tls) => Listener::with_tls(socket, tls, limits)?,
        None if danger_plaintext_anywhere => Listener::danger_plaintext_anywhere(socket, limits)?,
        None => Listener::plaintext_on_loopback(socket, limits)?,
    };
    Ok(listener.on_late(late))
}

fn late(late: Late) -> axum::response::Response {
    let mut problem = Problem::of(match late {
        Late::Request => Code::Timeout,
        Late::Answer => Code::StoreUnavailable,
    });
    // Every answer has a name. The one that the request had by then is in the log alone.
    problem.request = Some(RequestId::new(SystemClock.now().millis(), &random_bytes()));
    http::problem_answer(&problem)
}

/// Runs until `stop` ends, then lets requests in flight finish.
///
/// # Errors
///
/// If a listener cannot be used.
pub async fn run(
    app: Arc<App>,
    sockets: Sockets,
    readiness: Readiness,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<Drained> {
    let (told, stopping) = watch::channel(false);
    if let Some(tls) = &sockets.tls {
        app.metrics().certificate_expiry(tls.not_after());
    }
    let chores = tokio::spawn(chores(Arc::clone(&app), stopping.clone()));
    // Operators see how it drains: their listener ends last.
    let (admin_told, admin_stopping) = watch::channel(false);
    let admin = sockets
        .admin
        .map(|listener| tokio::spawn(listener.serve(http::admin(&app, readiness), admin_stopping)));
    let mut serving = tokio::spawn(sockets.service.serve(http::app(&app), stopping));
    tokio::select! {
        () = stop => {}
        ended = &mut serving => return ended.context("the listener failed"),
    }
    tracing::info!("stopping: requests in flight are finished");
    app.drain();
    told.send_replace(true);
    let drained = serving.await.context("the listener failed")?;
    chores.await.context("the chores failed")?;
    admin_told.send_replace(true);
    if let Some(admin) = admin {
        admin.await.context("the operators' listener failed")?;
    }
    Ok(drained)
}

/// What has to be done from time to time.
async fn chores(app: Arc<App>, mut stopping: watch::Receiver<bool>) {
    let mut signed = tokio::time::Instant::now();
    loop {
        let stops = tokio::select! {
            () = tokio::time::sleep(SWEEP) => false,
            changed = stopping.changed() => changed.is_err() || *stopping.borrow(),
        };
        let signs = stops || signed.elapsed() >= CHECKPOINT;
        if signs {
            signed = tokio::time::Instant::now();
        }
        let app = Arc::clone(&app);
        let done = tokio::task::spawn_blocking(move || chore(&app, signs));
        if let Err(error) = done.await {
            tracing::error!(%error, "a chore failed");
        }
        if stops {
            return;
        }
    }
}

fn chore(app: &App, signs: bool) {
    let service = app.service();
    let now = service.now();
    let caller = Caller {
        tenant: String::new(),
        request: RequestId::new(now.millis(), &random_bytes()),
        actor: Actor::service(),
        now,
    };
    match service.store().sweep(&caller, SWEPT_AT_ONCE) {
        Ok(swept) => app.metrics().swept(swept),
        Err(error) => tracing::error!(%error, "expired launches were not ended"),
    }
    if signs {
        if let Err(error) = service.store().purge() {
            tracing::warn!(%error, "what was deleted may still be in the store's log");
        }
        match service.checkpoint() {
            Ok(made) => app.metrics().checkpoints(made),
            Err(problem) => tracing::error!(%problem, "no checkpoint was made"),
        }
    }
}

/// Keeps what the process holds out of core dumps, and other processes of its user out of its memory.
///
/// # Errors
///
/// The system refuses.
pub fn harden() -> std::io::Result<()> {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    Ok(())
}

/// Ends when the process is told to stop: SIGTERM or SIGINT.
///
/// # Errors
///
/// The system refuses to tell of signals.
pub fn told_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut term, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Reads the certificates again whenever the process gets SIGHUP; what is wrong with new ones leaves the old ones in use.
///
/// # Errors
///
/// The system refuses to tell of signals.
pub fn reload_when_told(tls: Option<Tls>, app: Arc<App>) -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            let Some(tls) = tls.clone() else { continue };
            let app = Arc::clone(&app);
            let reloaded = tokio::task::spawn_blocking(move || {
                let reloaded = tls.reload();
                let now = SystemClock.now().seconds();
                if tls.not_after() <= now {
                    tracing::warn!(not_after = tls.not_after(), "the TLS certificate has expired");
                }
                app.metrics().certificate_expiry(tls.not_after());
                reloaded
            });
            match reloaded.await {
                Ok(Ok(())) => tracing::info!("the TLS files were read again"),
                Ok(Err(error)) => {
                    tracing::error!(%error, "the TLS files were not taken: the old ones stay");
                }
                Err(error) => tracing::error!(%error, "the TLS files were not read"),
            }
        }
    });
    Ok(())
}
