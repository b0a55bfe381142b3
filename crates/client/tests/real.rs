//! The service itself, in this process and on a socket: every request of the protocol by its method, with a guest that is launched on
//! a platform in software.

use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::sync::Arc;

use sev_launch_abi::Generation;
use sev_launch_client::{Client, Connection, Credential, Error, Listed, Patience};
use sev_launch_platform::{Authority, AuthorityKeys, Model, Platform, Primes, Session};
use sev_launch_protocol::launch::{
    Acknowledgement, Injection, LaunchRequest, LaunchState, ValidateRequest,
};
use sev_launch_protocol::problem::Code;
use sev_launch_protocol::state::Status;
use sev_launch_protocol::text::{Blob, Exact, Sha256, VmId};
use sev_launch_protocol::views::{ImportFrom, ImportRequest, Scope, TokenRequest, VmPatch};
use sev_launch_server::access::Grants;
use sev_launch_server::http::{self, App, Rates};
use sev_launch_server::listener::Limits;
use sev_launch_server::metrics::Metrics;
use sev_launch_server::rate::Rate;
use sev_launch_server::running;
use sev_launch_server::seal::{KeyRing, KeySource};
use sev_launch_server::service::{Behaviour, Service, SystemClock, Trust};
use sev_launch_server::store::sqlite::{Open, Sqlite};
use sev_launch_testkit::certs::{RsaKey, RsaSize};
use sev_launch_testkit::firmware::FirmwareBuilder;
use tempfile::TempDir;
use tokio::sync::watch;

/// A service, the platform that it trusts, and tokens.
struct Lab {
    url: String,
    platform: Platform,
    owner: String,
    launcher: String,
    auditor: String,
    _runtime: tokio::runtime::Runtime,
    _stop: watch::Sender<bool>,
    _folder: TempDir,
}

fn platform() -> Platform {
    let [ark, ask] =
        [RsaKey::ark(RsaSize::Bits4096), RsaKey::ask(RsaSize::Bits4096)].map(|key| key.primes());
    let primes = |p: &[u8], q: &[u8]| Primes { p: p.to_vec().into(), q: q.to_vec().into() };
    let keys = AuthorityKeys {
        ark: primes(&ark[0], &ark[1]),
        ask: primes(&ask[0], &ask[1]),
        asvk: primes(&ark[0], &ask[1]),
    };
    let authority = Authority::from_keys(Generation::Milan, &keys).expect("keys");
    let platform = Platform::new(Model::of(Generation::Milan), &[7; 32]);
    platform.with_authority(authority).expect("of the same generation")
}

impl Lab {
    fn new() -> Self {
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
        let new = std::fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(&key);
        new.expect("a file").write_all("5a".repeat(32).as_bytes()).expect("written");
        let ring = KeyRing::load(&KeySource::File(key), &[], None).expect("a key");
        let store = Sqlite::open(&folder.path().join("store"), Open::New).expect("a store");
        let trust = Trust::simulated(&certificates).expect("the platform");
        let service =
            Service::new(Arc::new(store), ring, trust, Behaviour::default(), Box::new(SystemClock));
        let service = Arc::new(service.expect("a service"));
        let token = |scopes: &[Scope]| service.first_token("default", "a test", scopes, 1);
        let owner = token(&[Scope::VmRead, Scope::VmWrite]).expect("a token");
        let launcher = token(&[Scope::Launch]).expect("a token");
        let auditor = token(&[Scope::AuditRead]).expect("a token");
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
        let metrics = Arc::new(Metrics::default());
        let app = App::new(Arc::clone(&service), Grants::new(), &rates, metrics);
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let (stop, told) = watch::channel(false);
        let address = {
            let _inside = runtime.enter();
            let any = SocketAddr::from(([127, 0, 0, 1], 0));
            let listener =
                running::listener(any, None, Limits::default(), false).expect("a listener");
            let address = listener.address().expect("an address");
            runtime.spawn(listener.serve(http::app(&app), told));
            address
        };
        let url = format!("http://{address}/v1");
        Self {
            url,
            platform,
            owner,
            launcher,
            auditor,
            _runtime: runtime,
            _stop: stop,
            _folder: folder,
        }
    }

    fn client(&self, token: &str) -> Client {
        let connection = Connection {
            base: self.url.parse().expect("an address"),
            ca: None,
            credential: Credential::Token(token.to_owned().into()),
        };
        Client::new(connection, Patience::default()).expect("a client")
    }
}

fn vmid(last: char) -> VmId {
    format!("57f669c2-c427-4132-bc7a-26f56b6a718{last}").parse().expect("a UUID")
}

fn registration(firmware: Sha256, more: &str) -> Vec<u8> {
    format!(
        r#"{{"scheme": "amd-sev", "policy": 3, "firmware-hashes": "{firmware}", "platform": {{"any-owner": true}},
            "secrets": [{{"type": "luks-passphrase", "passphrase": "correct horse"}}]{more}}}"#
    )
    .into_bytes()
}

fn refused<T: std::fmt::Debug>(found: Result<T, Error>, code: Code) {
    let error = found.expect_err(code.name());
    assert!(error.refusal().is_some_and(|refusal| refusal.is(code)), "{error:?}");
}

#[test]
fn a_guest_is_registered_launched_and_read_in_the_audit() {
    let mut lab = Lab::new();
    let (owner, launcher) = (lab.client(&lab.owner), lab.client(&lab.launcher));
    let document = owner.service().expect("a document");
    assert_eq!((document.service.as_str(), document.simulated), ("sev-attestation", true));

    let image = FirmwareBuilder::amd_sev().build();
    let (firmware, is_new) = owner.upload_firmware(&image).expect("an upload");
    assert!(is_new && !owner.upload_firmware(&image).expect("the same").1);
    let sha256 = firmware.sha256;
    assert_eq!(owner.firmwares().expect("a list").items, [owner.firmware(sha256).expect("it")]);

    let vm = vmid('c');
    let body = registration(sha256, r#", "issue-launch-token": true"#);
    assert_eq!(owner.measure(&body).expect("an answer").candidates.len(), 1);
    let (view, is_new) = owner.register(vm, &body).expect("a registration");
    assert!(is_new && view.launch_token.is_some() && view.candidates == 1, "{view:?}");
    let (view, is_new) = owner.register(vm, &body).expect("the same registration");
    assert!(!is_new && view.launch_token.is_none());
    refused(owner.register(vm, &registration(sha256, r#", "report-only": true"#)), Code::Exists);

    let (view, etag) = owner.vm(vm).expect("a view");
    let registered = view.registration.expect("a registration");
    assert!(registered.contains_key("policy") && !registered.contains_key("secrets"));
    let etag = etag.expect("an ETag");
    let manual = registration(sha256, r#", "approval": "manual""#);
    owner.replace(vm, &manual, &etag).expect("a replacement");
    refused(owner.replace(vm, &manual, &etag), Code::EtagMismatch);
    assert_eq!(owner.vms(&Listed::default()).expect("a list").items.len(), 1);
    let validated = Listed { status: Some(Status::Validated), after: None };
    assert_eq!(owner.vms(&validated).expect("a list").items, []);

    let disable = |disabled| VmPatch { disabled: Some(disabled), ..VmPatch::default() };
    owner.patch(vm, &disable(true)).expect("a patch");
    let request = LaunchRequest {
        pdh: None,
        cert_chain: Some(Blob(lab.platform.full_chain().expect("a chain"))),
        cpu_id: None,
        host: Some("node-17".parse().expect("a label")),
        more: Default::default(),
    };
    refused(launcher.launch(vm, &request, "first"), Code::DeniedByOwner);
    owner.patch(vm, &disable(false)).expect("a patch");
    let begun = launcher.launch(vm, &request, "second").expect("a launch");
    assert_eq!(launcher.launch(vm, &request, "second").expect("the same launch"), begun);
    let launch = begun.launch_id;
    assert_eq!(launcher.launch_state(vm, launch).expect("a state").state, LaunchState::Launched);

    let (godh, session) = (begun.owner_cert.expect("a key").0, begun.session.expect("a session").0);
    let policy = u32::try_from(begun.policy).expect("32 bits");
    let session = Session { godh: &godh, session: &session };
    let handle = lab.platform.launch_start(policy, Some(session)).expect("a guest");
    lab.platform.launch_update_data(handle, &image).expect("measured");
    let measurement = lab.platform.launch_measure(handle).expect("a measurement");
    let version = lab.platform.model().version();
    let shown = ValidateRequest {
        launch_id: Some(launch),
        api_major: Some(version.major.into()),
        api_minor: Some(version.minor.into()),
        build_id: Some(version.build.into()),
        policy: None,
        measurement: Some(Exact(measurement)),
        report: None,
        vek: None,
        firmware_hash: None,
        cpu_count: None,
        kernel_hash: None,
        initrd_hash: None,
        cmdline: None,
        more: Default::default(),
    };
    let mut wrong = shown.clone();
    wrong.measurement = Some(Exact([1; 48]));
    refused(launcher.validate(vm, &wrong), Code::MeasurementMismatch);
    let waiting = launcher.validate(vm, &shown).expect("an answer");
    assert_eq!((waiting.launch_state, waiting.secret_table), (Some(LaunchState::Validated), None));
    refused(launcher.decide(vm, launch, true), Code::NotAllowed);
    owner.decide(vm, launch, true).expect("approved");
    let answer = launcher.validate(vm, &shown).expect("a packet");
    let (header, table) =
        (answer.secret_header.expect("a header").0, answer.secret_table.expect("a table").0);
    let opened =
        lab.platform.launch_secret(handle, &header, &table, table.len()).expect("it opens");
    assert!(opened.windows(13).any(|part| part == b"correct horse"));
    let injected = Acknowledgement { result: Injection::Injected, error: None };
    launcher.acknowledge(vm, launch, &injected).expect("acknowledged");
    let again = launcher.launch(vm, &request, "third").expect("another launch");
    launcher.revoke(vm, again.launch_id).expect("given up");

    let auditor = lab.client(&lab.auditor);
    let (page, bytes) = auditor.audit(0, 1000).expect("a page");
    assert!(page.lines.len() > 10 && page.next.is_none());
    assert_eq!(
        serde_json::from_slice::<serde_json::Value>(&bytes).expect("JSON")["lines"][0],
        page.lines[0]
    );
    let (first, _) = auditor.audit(0, 2).expect("a page");
    assert_eq!((first.lines.len(), first.next), (2, Some(2)));
    assert_eq!(auditor.checkpoints().expect("checkpoints").0.key.0[0], 4);
    refused(owner.audit(0, 1), Code::NotAllowed);

    owner.remove_firmware(sha256).expect("removed");
    owner.delete(vm).expect("deleted");
    refused(owner.vm(vm), Code::NoSuchVm);
}

#[test]
fn tokens_and_descriptions() {
    let lab = Lab::new();
    let owner = lab.client(&lab.owner);
    let request = TokenRequest {
        name: "ci".parse().expect("a label"),
        scopes: vec![Scope::Launch],
        vmid: Some(vmid('d')),
        days: Some(2),
        tenant: None,
    };
    let made = owner.make_token(&request).expect("a token");
    let token = made.token.expect("the token itself");
    assert!(owner.tokens().expect("a list").items.iter().any(|one| one.id == made.id));
    refused(lab.client(&token).vm(vmid('d')), Code::NotAllowed);
    owner.revoke_token(&made.id).expect("revoked");
    refused(owner.revoke_token(&made.id), Code::NoSuchToken);
    refused(lab.client(&token).vms(&Listed::default()), Code::BadCredentials);
    let text = "qemu-system-x86_64 -machine q35,confidential-guest-support=sev0 -bios OVMF.fd -object sev-guest,id=sev0,policy=0x3,cbitpos=51,reduced-phys-bits=1";
    let import = ImportRequest { from: ImportFrom::Qemu, text: text.into() };
    assert!(owner.import(&import).expect("a description").launch_toml.contains("policy = 0x3"));
}
