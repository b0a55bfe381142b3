//! A service in this process, on a socket, with a clock that is moved by hand.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use serde_json::Value;
use sev_launch_abi::Generation;
use sev_launch_platform::{Authority, AuthorityKeys, Model, Platform, Primes};
use sev_launch_protocol::text::Time;
use sev_launch_protocol::views::Scope;
use sev_launch_server::access::Grants;
use sev_launch_server::conformance::{Answer, Ask, Client};
use sev_launch_server::http::{self, App, Rates};
use sev_launch_server::listener::{Limits, Tls};
use sev_launch_server::metrics::Metrics;
use sev_launch_server::rate::Rate;
use sev_launch_server::running;
use sev_launch_server::seal::{KeyRing, KeySource};
use sev_launch_server::service::{Behaviour, Clock, Randomness, Service, SystemRandomness, Trust};
use sev_launch_server::store::sqlite::{Open, Sqlite};
use sev_launch_testkit::certs::{RsaKey, RsaSize};
use tempfile::TempDir;
use tokio::sync::watch;

use crate::described;

/// 2026-11-29, in milliseconds: the certificates of the lab's platforms hold then.
pub(crate) const NOW: u64 = 1_795_910_400_000;
pub(crate) const TENANT: &str = "default";
pub(crate) const OTHER: &str = "acme";

/// A clock that is moved by hand.
#[derive(Clone)]
pub(crate) struct Hands(Arc<AtomicU64>);

impl Clock for Hands {
    fn now(&self) -> Time {
        Time::from_millis(self.0.load(Ordering::SeqCst))
    }
}

impl Hands {
    pub(crate) fn forward(&self, by: Duration) {
        self.0.fetch_add(u64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    pub(crate) fn back(&self, by: Duration) {
        self.0.fetch_sub(u64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

/// Rates that nobody here reaches.
pub(crate) fn unlimited() -> Rates {
    let most = Rate { per_minute: 60_000_000, burst: 1_000_000 };
    Rates {
        refused: most,
        launch_of_guest: most,
        launch: most,
        validate_of_guest: most,
        validate: most,
        write: most,
        firmware: most,
        read: most,
        compute: most,
    }
}

/// How a service is started.
pub(crate) struct Setup {
    pub(crate) rates: Rates,
    pub(crate) limits: Limits,
    pub(crate) grants: Grants,
    pub(crate) tls: Option<Tls>,
    pub(crate) behaviour: Behaviour,
    /// What is trusted, if not the platform of the lab.
    pub(crate) trust: Option<Trust>,
    /// Where randomness comes from, if not from the system.
    pub(crate) randomness: Box<dyn Randomness>,
    /// What stands before the app, if anything.
    pub(crate) before: fn(axum::Router) -> axum::Router,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            rates: unlimited(),
            limits: Limits { exempt_loopback: true, ..Limits::default() },
            grants: Grants::new(),
            tls: None,
            behaviour: Behaviour::default(),
            trust: None,
            randomness: Box::new(SystemRandomness),
            before: |app| app,
        }
    }
}

/// Everything that the service says in its log, of all tests of this process.
static LOG: LazyLock<Arc<Mutex<Vec<u8>>>> = LazyLock::new(Arc::default);

struct Log;

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub(crate) fn log() -> Vec<u8> {
    LOG.lock().unwrap().clone()
}

/// A running service.
pub(crate) struct Lab {
    pub(crate) clock: Hands,
    pub(crate) app: Arc<App>,
    pub(crate) address: SocketAddr,
    pub(crate) platform: Platform,
    pub(crate) client: Client,
    folder: TempDir,
    _stop: watch::Sender<bool>,
}

fn authority() -> Authority {
    let [ark, ask] =
        [RsaKey::ark(RsaSize::Bits4096), RsaKey::ask(RsaSize::Bits4096)].map(|key| key.primes());
    let primes = |p: &[u8], q: &[u8]| Primes { p: p.to_vec().into(), q: q.to_vec().into() };
    let keys = AuthorityKeys {
        ark: primes(&ark[0], &ark[1]),
        ask: primes(&ask[0], &ask[1]),
        asvk: primes(&ark[0], &ask[1]),
    };
    Authority::from_keys(Generation::Milan, &keys).expect("keys")
}

fn platform() -> Platform {
    let platform = Platform::new(Model::of(Generation::Milan), &[7; 32]);
    platform.with_authority(authority()).expect("of the same generation")
}

impl Lab {
    pub(crate) fn new() -> Self {
        Self::with(Setup::default())
    }

    pub(crate) fn with(setup: Setup) -> Self {
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(|| Log)
            .finish();
        // Of all tests in this process the first one's.
        let _ = tracing::subscriber::set_global_default(subscriber);
        let folder = tempfile::tempdir().expect("a folder");
        let platform = platform();
        let certificates = folder.path().join("certificates");
        std::fs::create_dir(&certificates).expect("a folder");
        let authority = platform.authority().expect("an authority");
        for (name, bytes) in [
            ("ask_ark.cert", authority.sev_ca_file()),
            ("ark.der", authority.ark_der()),
            ("ask.der", authority.ask_der()),
        ] {
            std::fs::write(certificates.join(name), bytes.expect("a certificate"))
                .expect("written");
        }
        let key = folder.path().join("kek");
        {
            use std::io::Write as _;
            use std::os::unix::fs::OpenOptionsExt as _;
            let file =
                std::fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(&key);
            file.expect("a file").write_all("5a".repeat(32).as_bytes()).expect("written");
        }
        let ring = KeyRing::load(&KeySource::File(key), &[], None).expect("a key");
        let store = Sqlite::open(&folder.path().join("store"), Open::New).expect("a store");
        let clock = Hands(Arc::new(AtomicU64::new(NOW)));
        let lab = || Trust::simulated(&certificates).expect("the platform");
        let service = Service::new(
            Arc::new(store),
            ring,
            setup.trust.unwrap_or_else(lab),
            setup.behaviour,
            Box::new(clock.clone()),
        );
        let service = service.expect("a service").danger_with_randomness(setup.randomness);
        let service = Arc::new(service.with_explainer());
        let app = App::new(service, setup.grants, &setup.rates, Arc::new(Metrics::default()));
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = running::listener(any, setup.tls, setup.limits, false).expect("a listener");
        let address = listener.address().expect("an address");
        let (stop, told) = watch::channel(false);
        tokio::spawn(listener.serve((setup.before)(http::app(&app)), told));
        // Of no use where the listener has TLS.
        let url = format!("http://{address}/v1");
        let client = Client::new(&url, None, Some(described::observer())).expect("a base");
        Self { clock, app, address, platform, client, folder, _stop: stop }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    /// A token with these scopes.
    pub(crate) fn token(&self, tenant: &str, scopes: &[Scope]) -> String {
        self.app.service().first_token(tenant, "a test", scopes, 1).expect("a token")
    }

    pub(crate) fn owner(&self) -> String {
        self.token(TENANT, &[Scope::VmRead, Scope::VmWrite])
    }

    pub(crate) fn launcher(&self) -> String {
        self.token(TENANT, &[Scope::Launch])
    }

    /// Sends it once, and nothing about the answer may be wrong.
    pub(crate) async fn send(&self, ask: Ask) -> Answer {
        let answer = self.client.once(&ask).await.expect("an answer");
        assert_eq!(self.client.wrong(), None);
        answer
    }

    /// Sends it, and wants a status and, of a problem, a code.
    pub(crate) async fn expect(&self, status: u16, code: &str, ask: Ask) -> Value {
        let said = format!("{ask:?}");
        let answer = self.send(ask).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{said}: {answer:?}");
        answer.json()
    }

    /// The records of a tenant's audit.
    pub(crate) fn audit(&self) -> Vec<Value> {
        let lines = self.app.service().store().audit(TENANT, 0, u32::MAX).expect("an audit");
        lines.iter().map(|(_, line)| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// How many releases are in the audit.
    pub(crate) fn releases(&self) -> usize {
        let is_one = |record: &&Value| record["facts"]["released"] == true;
        self.audit().iter().filter(is_one).count()
    }
}

/// A name for a guest.
pub(crate) fn vmid(number: u128) -> String {
    uuid::Uuid::from_u128(0x57f6_69c2_c427_4132_bc7a_0000_0000_0000 + number).to_string()
}
