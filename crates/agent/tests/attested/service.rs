//! The owner: a service in this process, with one guest, and what its audit says.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};
use sev_launch_client::{Client, Connection, Credential, Patience};
use sev_launch_platform::{Authority, AuthorityKeys, Platform, Primes};
use sev_launch_protocol::text::{CpuId, VmId};
use sev_launch_protocol::views::Scope;
use sev_launch_server::access::Grants;
use sev_launch_server::http::{self, App, Rates};
use sev_launch_server::judge::ReportRoots;
use sev_launch_server::listener::{Limits, Tls, TlsSettings};
use sev_launch_server::metrics::Metrics;
use sev_launch_server::platform::Roots;
use sev_launch_server::rate::Rate;
use sev_launch_server::running;
use sev_launch_server::seal::{KeyRing, KeySource};
use sev_launch_server::service::{Behaviour, Service, SystemClock, Trust};
use sev_launch_server::store::sqlite::{Open, Sqlite};
use sev_launch_testkit::certs::{RsaKey, RsaSize};
use sev_launch_verify::sev::chain::Ca;
use sev_launch_verify::snp::certificate::CaCertificate;
use sha2::{Digest as _, Sha256};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use zeroize::Zeroizing;

use super::wrapper;

pub(crate) const VMID: &str = "9e2c1d7a-5b0f-4c63-8f2e-1a7b3c5d9e01";
pub(crate) const PASSPHRASE: &str = "correct horse battery staple";
const TENANT: &str = "default";

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));

/// The machine of the wrapper, below an authority of the tests'.
pub(crate) fn machine() -> Platform {
    let [ark, ask] =
        [RsaKey::ark(RsaSize::Bits4096), RsaKey::ask(RsaSize::Bits4096)].map(|key| key.primes());
    let primes = |p: &[u8], q: &[u8]| Primes { p: p.to_vec().into(), q: q.to_vec().into() };
    let keys = AuthorityKeys {
        ark: primes(&ark[0], &ark[1]),
        ask: primes(&ask[0], &ask[1]),
        asvk: primes(&ark[0], &ask[1]),
    };
    let platform = wrapper::platform();
    let authority = Authority::from_keys(platform.model().generation, &keys).expect("keys");
    platform.with_authority(authority).expect("of its generation")
}

pub(crate) fn testdata(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata")).join(name)
}

pub(crate) fn sha256(path: &Path) -> String {
    hex::encode(Sha256::digest(std::fs::read(path).expect("a file")))
}

/// A guest of SEV with a measured direct boot, on a machine of any owner; and other members.
pub(crate) fn registration(more: &Value) -> Value {
    let mut base = json!({
        "scheme": "amd-sev", "policy": 11, "platform": { "any-owner": true },
        "firmware-hashes": sha256(&testdata("firmware/amdsev.fd")),
        "kernel-hash": sha256(&testdata("boot/vmlinuz")),
        "initrd-hash": sha256(&testdata("boot/initrd.img")),
        "cmdline": std::fs::read_to_string(testdata("boot/cmdline")).expect("a file"),
        "secrets": [{ "type": "luks-passphrase", "passphrase": PASSPHRASE }],
    });
    for (name, value) in more.as_object().expect("an object") {
        base[name] = value.clone();
    }
    base
}

pub(crate) struct Owner {
    pub(crate) address: SocketAddr,
    pub(crate) launcher: String,
    app: Arc<App>,
    folder: tempfile::TempDir,
    _stop: watch::Sender<bool>,
}

impl Owner {
    pub(crate) fn new() -> Self {
        Self::with(None, Behaviour::default())
    }

    pub(crate) fn with(tls: Option<TlsSettings>, behaviour: Behaviour) -> Self {
        let _inside = RUNTIME.enter();
        let machine = machine();
        let authority = machine.authority().expect("an authority");
        let ca = authority.sev_ca_file().expect("certificates");
        let der = |bytes: Vec<u8>| Box::new(CaCertificate::parse(&bytes).expect("a certificate"));
        let cek = machine.signed_cek().expect("a certificate").to_vec();
        let trust = Trust {
            roots: Roots::Explicit(Box::new(Ca::parse(&ca).expect("certificates"))),
            report_roots: ReportRoots::Explicit {
                ark: der(authority.ark_der().expect("a certificate")),
                ask: der(authority.ask_der().expect("a certificate")),
            },
            ceks: Box::new(move |_: &CpuId| Some(cek.clone())),
        };
        let folder = tempfile::tempdir().expect("a folder");
        let key = folder.path().join("kek");
        private(&key, &"5a".repeat(32));
        let ring = KeyRing::load(&KeySource::File(key), &[], None).expect("a key");
        let store = Sqlite::open(&folder.path().join("store"), Open::New).expect("a store");
        let clock = Box::new(SystemClock);
        let service = Service::new(Arc::new(store), ring, trust, behaviour, clock);
        let service = Arc::new(service.expect("a service").with_explainer());
        let most = Rate { per_minute: 60_000_000, burst: 1_000_000 };
        let rates = Rates {
            refused: most,
            launch_of_guest: most,
            launch: most,
            validate_of_guest: most,
            validate: most,
            write: most,
            firmware: most,
            read: most,
            compute: most,
        };
        let app = App::new(service, Grants::new(), &rates, Arc::new(Metrics::default()));
        let tls = tls.map(|settings| Tls::load(settings).expect("TLS"));
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = running::listener(any, tls, Limits::default(), false).expect("a listener");
        let address = listener.address().expect("an address");
        let (stop, told) = watch::channel(false);
        RUNTIME.spawn(listener.serve(http::app(&app), told));
        let launcher = app.service().first_token(TENANT, "a host", &[Scope::Launch], 1);
        let launcher = launcher.expect("a token");
        Self { address, launcher, app, folder, _stop: stop }
    }

    fn token(&self) -> String {
        let scopes = [Scope::VmRead, Scope::VmWrite, Scope::AuditRead];
        self.app.service().first_token(TENANT, "an owner", &scopes, 1).expect("a token")
    }

    /// The owner's client. Not of a service with TLS.
    pub(crate) fn client(&self) -> Client {
        let connection = Connection {
            base: format!("http://{}/v1", self.address).parse().expect("an address"),
            ca: None,
            credential: Credential::Token(Zeroizing::new(self.token())),
        };
        Client::new(connection, Patience::default()).expect("a client")
    }

    pub(crate) fn register(&self, more: &Value) {
        let client = self.client();
        let image = std::fs::read(testdata("firmware/amdsev.fd")).expect("a file");
        client.upload_firmware(&image).expect("it is taken");
        let body = serde_json::to_vec(&registration(more)).expect("JSON");
        client.register(vmid(), &body).expect("it is registered");
    }

    /// A file of services for a host, which reaches this one by `url`.
    pub(crate) fn services(&self, url: &str, ca: Option<&Path>) -> PathBuf {
        let token = self.folder.path().join("launcher.token");
        private(&token, &self.launcher);
        let ca = ca.map(|ca| format!("ca = {ca:?}\n")).unwrap_or_default();
        let text = format!("[service.home]\nurl = {url:?}\n{ca}token-file = \"launcher.token\"\n");
        let path = self.folder.path().join("services.toml");
        std::fs::write(&path, text).expect("a file");
        path
    }

    /// The records of the audit.
    pub(crate) fn audit(&self) -> Vec<Value> {
        let lines = self.app.service().store().audit(TENANT, 0, u32::MAX).expect("an audit");
        lines.iter().map(|(_, line)| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// How often a packet was released, and how often it was given again.
    pub(crate) fn releases(&self) -> (usize, usize) {
        let count =
            |name: &str| self.audit().iter().filter(|record| record["facts"][name] == true).count();
        (count("released"), count("released-again"))
    }

    /// What was acknowledged.
    pub(crate) fn acknowledged(&self) -> Vec<String> {
        let records = self.audit();
        let results = records.iter().filter_map(|record| record["facts"]["result"].as_str());
        results.map(str::to_owned).collect()
    }
}

pub(crate) fn vmid() -> VmId {
    VMID.parse().expect("a UUID")
}

/// Writes a file that its owner alone reads.
pub(crate) fn private(path: &Path, text: &str) {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    let file = options.create(true).truncate(true).write(true).mode(0o600).open(path);
    file.expect("a file").write_all(text.as_bytes()).expect("written");
}
