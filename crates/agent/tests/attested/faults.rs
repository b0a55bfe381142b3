//! What goes wrong, and how it ends: in the right code, and in a guest that never ran.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sev_launch_server::listener::TlsSettings;
use sev_launch_server::service::Behaviour;

use super::host::Host;
use super::proxy::{Act, Proxy};
use super::service::{Owner, VMID, testdata, vmid};
use super::trusted::arrived;

/// A no of the owner's after the guest was started: it is told, the guest is gone and got nothing, and nothing is open.
fn refused(host: &Host, owner: &Owner, code: &str) {
    let came = host.started(&[]);
    assert_eq!(came.code, Some(1), "{}", came.said);
    assert!(came.said.contains(&format!("the service says no: {code}")), "{}", came.said);
    assert!(!came.said.contains("the guest runs"), "{}", came.said);
    assert!(!host.runs());
    assert_eq!((host.ended().as_str(), owner.releases(), host.open_launches()), ("", (0, 0), 0));
}

pub(crate) fn another_kernel_firmware_or_count_is_refused_and_stopped() {
    let owner = Owner::new();
    owner.register(&json!({}));
    let Some(mut host) = Host::new("faults-", &owner, None, None) else { return };
    let changed = |from: &str, name: &str, at: usize| {
        let mut bytes = std::fs::read(testdata(from)).unwrap();
        bytes[at] ^= 1;
        let path = host.qemu.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let kernel = changed("boot/vmlinuz", "kernel", 4000);
    // In the middle of the image, where no table is.
    let firmware = changed("firmware/amdsev.fd", "firmware", 100);
    let good = std::mem::replace(&mut host.kernel, kernel);
    refused(&host, &owner, "measurement-mismatch");
    host.kernel = good;
    host.firmware = firmware;
    refused(&host, &owner, "measurement-mismatch");
    // It stands still where somebody wants to look at it.
    let came = host.started(&["--if-not", "keep"]);
    assert_eq!(came.code, Some(1), "{}", came.said);
    assert!(host.runs());
    let socket = host.state().join(format!("{VMID}.qmp"));
    // The launch is over, and so its monitor's name is gone.
    assert!(!socket.exists());
    assert_eq!((host.ended().as_str(), owner.releases()), ("", (0, 0)));
    // The owner learns what it was.
    let end = Instant::now() + Duration::from_secs(30);
    let kernel = || {
        let records = owner.audit();
        let found = records.iter().filter_map(|record| record["facts"]["found"].as_str());
        found.filter(|found| found.starts_with("kernel: ")).count()
    };
    while kernel() == 0 {
        assert!(Instant::now() < end, "nothing is explained");
        std::thread::sleep(Duration::from_millis(50));
    }
}

pub(crate) fn another_owners_machine_gets_no_session() {
    let owner = Owner::new();
    // A certificate of an owner (OCA), and not this machine's.
    let other = sev_launch_testkit::certs::Platform::new(
        sev_launch_testkit::certs::RsaSize::Bits4096,
        "another owner",
    );
    let certificate =
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &other.oca);
    owner.register(&json!({ "platform": { "cloud-certs": [certificate] } }));
    let Some(host) = Host::new("owner-", &owner, None, None) else { return };
    refused(&host, &owner, "chain-owner");
    assert_eq!(host.pid(), None, "no VMM was started");
}

pub(crate) fn a_policy_that_allows_debugging_is_not_started() {
    let owner = Owner::new();
    owner.register(&json!({}));
    let Some(mut host) = Host::new("policy-", &owner, None, None) else { return };
    for (object, wanted) in [
        ("sev-guest,id=sev0,policy=0xa", "0xb"),
        ("sev-guest,id=sev0,kernel-hashes=off", "kernel-hashes"),
        ("sev-guest,id=sev0,session-file=/dev/null", "the session comes from the owner"),
        ("sev-snp-guest,id=sev0", "report fetch"),
    ] {
        host.object = object.into();
        let came = host.started(&[]);
        assert_eq!(came.code, Some(2), "{object}: {}", came.said);
        assert!(came.said.contains(wanted), "{object}: {}", came.said);
        assert_eq!((host.pid(), host.open_launches()), (None, 0));
    }
    assert_eq!(owner.releases(), (0, 0));
}

/// Somebody between puts the session of an earlier launch in the place of the one that was asked for.
pub(crate) fn a_session_of_an_earlier_launch_is_refused() {
    let owner = Owner::new();
    owner.register(&json!({}));
    let machine = super::service::machine();
    let client = owner.client();
    let chain = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        machine.full_chain().unwrap(),
    );
    let request: sev_launch_protocol::launch::LaunchRequest =
        serde_json::from_value(json!({ "cert-chain": chain })).unwrap();
    let earlier = {
        let token = owner.launcher.clone();
        let connection = sev_launch_client::Connection {
            base: client.base().clone(),
            ca: None,
            credential: sev_launch_client::Credential::Token(token.into()),
        };
        let host = sev_launch_client::Client::new(connection, Default::default()).unwrap();
        serde_json::to_value(host.launch(vmid(), &request, "earlier").unwrap()).unwrap()
    };
    let text = |name: &str| earlier[name].as_str().unwrap().to_owned();
    for (member, end) in [
        // The processor does not take a session with another's key.
        ("session", 2),
        ("owner-cert", 2),
        // The answer is of no launch that is live.
        ("launch-id", 1),
    ] {
        let value = text(member);
        let act = move |_: usize, line: &str| {
            if line.contains("/launch ") { Act::Change(member, value.clone()) } else { Act::Pass }
        };
        let proxy = Proxy::new(owner.address, act);
        let Some(host) = Host::new("earlier-", &owner, Some(&proxy.url()), None) else { return };
        let came = host.started(&[]);
        assert_eq!(came.code, Some(end), "{member}: {}", came.said);
        if end == 1 {
            assert!(came.said.contains("launch-superseded"), "{}", came.said);
        }
        assert_eq!(
            (host.ended().as_str(), owner.releases(), host.open_launches()),
            ("", (0, 0), 0)
        );
    }
}

/// Somebody between gives the packet of an earlier launch of the same guest.
pub(crate) fn a_packet_of_an_earlier_launch_is_refused() {
    let owner = Owner::new();
    owner.register(&json!({}));
    let first = Proxy::new(owner.address, |_, _| Act::Pass);
    let Some(host) = Host::new("packet-", &owner, Some(&first.url()), None) else { return };
    let came = host.started(&[]);
    assert_eq!(came.code, Some(0), "{}", came.said);
    assert_eq!(host.ended(), arrived());
    let answer = first.validated.lock().unwrap().clone();
    let earlier = owner.client().vm(vmid()).unwrap().0.recent[0].launch_id.to_string();
    assert!(answer.contains("secret-table") && answer.contains(&earlier));

    // As it was, and as if it were of the launch that asks.
    for renamed in [false, true] {
        let (answer, earlier, client) = (answer.clone(), earlier.clone(), owner.client());
        let proxy = Proxy::new(owner.address, move |_, line| {
            if !line.contains("/validate ") {
                return Act::Pass;
            }
            let now = client.vm(vmid()).unwrap().0.recent[0].launch_id.to_string();
            Act::Answer(if renamed { answer.replace(&earlier, &now) } else { answer.clone() })
        });
        let Some(host) = Host::new("packet-", &owner, Some(&proxy.url()), None) else { return };
        let came = host.started(&[]);
        assert_eq!(came.code, Some(2), "{}", came.said);
        // The AMD-SP's own word, by QEMU.
        let wanted = if renamed { "sev-inject-launch-secret" } else { "and not of this one" };
        assert!(came.said.contains(wanted), "{}", came.said);
        assert!(!came.said.contains("the guest runs"), "{}", came.said);
        assert_eq!((host.ended().as_str(), host.open_launches()), ("", 0));
        assert_eq!(owner.releases(), (1, 0));
    }
}

pub(crate) fn a_closed_connection_is_asked_again() {
    // Launch, validate, acknowledge: each is carried out once, whenever the connection is lost.
    for act in [Act::CloseBefore, Act::CloseAfter, Act::Half] {
        for which in ["/launch ", "/validate ", "/ack "] {
            let owner = Owner::new();
            owner.register(&json!({}));
            let done = AtomicBool::new(false);
            let own = act.clone();
            let proxy = Proxy::new(owner.address, move |_, line| {
                let is_it =
                    line.contains(which) && !done.swap(line.contains(which), Ordering::SeqCst);
                if is_it { own.clone() } else { Act::Pass }
            });
            let Some(host) = Host::new("closed-", &owner, Some(&proxy.url()), None) else { return };
            let came = host.started(&[]);
            assert_eq!(came.code, Some(0), "{act:?} {which}: {}", came.said);
            assert_eq!(host.ended(), arrived(), "{act:?} {which}");
            let again = usize::from(which == "/validate " && act != Act::CloseBefore);
            assert_eq!(owner.releases(), (1, again), "{act:?} {which}");
            assert_eq!(proxy.seen().iter().filter(|line| line.contains(which)).count(), 2);
            let (view, _) = owner.client().vm(vmid()).expect("a guest");
            assert_eq!(view.launches.used, 1, "{act:?} {which}: one launch");
        }
    }
}

pub(crate) fn a_redirect_is_not_followed() {
    let owner = Owner::new();
    owner.register(&json!({}));
    let other = Proxy::new(owner.address, |_, _| Act::Pass);
    let to = other.url();
    let status = ["301 Moved", "307 Temporary Redirect", "308 Permanent Redirect"];
    for which in ["/launch ", "/validate "] {
        for status in status {
            let to = to.clone();
            let proxy = Proxy::new(owner.address, move |_, line| {
                let answer = format!(
                    "HTTP/1.1 {status}\r\nlocation: {to}/vm/{VMID}/launch\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                );
                if line.contains(which) { Act::Answer(answer) } else { Act::Pass }
            });
            let Some(host) = Host::new("redirect-", &owner, Some(&proxy.url()), None) else {
                return;
            };
            let came = host.started(&[]);
            assert_eq!(came.code, Some(2), "{}", came.said);
            assert!(came.said.contains("a redirect to"), "{}", came.said);
            assert_eq!((host.ended().as_str(), host.open_launches()), ("", 0));
        }
    }
    assert!(other.seen().is_empty(), "{:?}", other.seen());
    assert_eq!(owner.releases(), (0, 0));
}

pub(crate) fn metadata_that_names_another_origin_is_refused() {
    let owner = Owner::new();
    owner.register(&json!({}));
    let other = Proxy::new(owner.address, |_, _| Act::Pass);
    let Some(host) = Host::new("metadata-", &owner, None, None) else { return };
    let file = host.qemu.path("attestation.xml");
    for service in [
        other.url(),
        "https://evil.example/v1".to_owned(),
        format!("http://{}/v1/t/acme", owner.address),
        format!("http://{}@evil.example/v1", owner.address),
        // A service by the name that it has on this host is not metadata's to choose.
        "home".to_owned(),
        "file:///etc/sev-launch/services.toml".to_owned(),
    ] {
        std::fs::write(&file, format!("<attestation vmid='{VMID}' service='{service}'/>")).unwrap();
        let came = host.started(&["--attestation", &file.display().to_string()]);
        assert_eq!(came.code, Some(2), "{service}: {}", came.said);
        assert_eq!((host.pid(), host.open_launches()), (None, 0), "{service}");
        assert!(!came.said.contains(&owner.launcher));
    }
    assert!(other.seen().is_empty());
    let (view, _) = owner.client().vm(vmid()).expect("a guest");
    assert_eq!(view.launches.used, 0);
}

pub(crate) fn another_certificate_is_not_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let openssl = |words: &str| {
        let done = std::process::Command::new("openssl")
            .args(words.split(' '))
            .current_dir(folder.path())
            .output()
            .expect("openssl runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("ext"), "subjectAltName=IP:127.0.0.1").unwrap();
    let key = "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    for ca in ["ca", "other"] {
        openssl(&format!("{key} -x509 -subj /CN={ca} -days 2 -keyout {ca}.key -out {ca}.pem"));
    }
    openssl(&format!("{key} -subj /CN=service -keyout service.key -out service.csr"));
    openssl(
        "x509 -req -in service.csr -days 2 -CA ca.pem -CAkey ca.key -CAcreateserial -extfile ext -out service.pem",
    );
    let settings = TlsSettings {
        chain: path("service.pem"),
        key: path("service.key"),
        client_authorities: None,
        allow_tls_1_2: false,
    };
    let owner = Owner::with(Some(settings), Behaviour::default());
    let url = format!("https://{}/v1", owner.address);
    let Some(host) = Host::new("other-ca-", &owner, Some(&url), Some(&path("other.pem"))) else {
        return;
    };
    let came = host.started(&[]);
    assert_eq!(came.code, Some(2), "{}", came.said);
    assert!(came.said.contains("is `ca` the authority"), "{}", came.said);
    assert_eq!((host.pid(), host.open_launches()), (None, 0));
    // Under the right authority it is asked, and answers that there is no such guest.
    let Some(host) = Host::new("right-ca-", &owner, Some(&url), Some(&path("ca.pem"))) else {
        return;
    };
    let came = host.started(&[]);
    assert_eq!(came.code, Some(1), "{}", came.said);
    assert!(came.said.contains("no-such-vm"), "{}", came.said);
    // A certificate of another name.
    let url = format!("https://localhost:{}/v1", owner.address.port());
    let Some(host) = Host::new("other-name-", &owner, Some(&url), Some(&path("ca.pem"))) else {
        return;
    };
    let came = host.started(&[]);
    assert_eq!(came.code, Some(2), "{}", came.said);
}

pub(crate) fn a_service_that_is_slow_or_away() {
    let owner = Owner::new();
    owner.register(&json!({}));
    // Longer than a request may take, once; and then away for a while.
    let number = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let own = Arc::clone(&number);
    let proxy = Proxy::new(owner.address, move |_, line| {
        if !line.contains("/validate ") {
            return Act::Pass;
        }
        match own.fetch_add(1, Ordering::SeqCst) {
            0 => Act::Late(11),
            1..=3 => Act::Answer("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".into()),
            _ => Act::Pass,
        }
    });
    let Some(host) = Host::new("slow-", &owner, Some(&proxy.url()), None) else { return };
    let came = host.started(&[]);
    assert_eq!(came.code, Some(0), "{}", came.said);
    assert_eq!(host.ended(), arrived());
    assert_eq!(owner.releases().0, 1);
    assert!(number.load(Ordering::SeqCst) >= 5);
}

pub(crate) fn a_guest_that_dies_or_runs_early() {
    let owner = Owner::new();
    owner.register(&json!({ "approval": "manual" }));
    let Some(host) = Host::new("early-", &owner, None, None) else { return };
    let waits = |host: &Host| {
        let end = Instant::now() + Duration::from_secs(60);
        while !host.said().contains("approve") {
            assert!(Instant::now() < end, "{}", host.said());
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    let approve = || {
        let client = owner.client();
        let (view, _) = client.vm(vmid()).expect("a guest");
        client.decide(vmid(), view.recent[0].launch_id, true).expect("approved");
    };
    // The VMM is killed while the owner thinks.
    let mut agent = host.spawned(&[]);
    waits(&host);
    let pid = rustix::process::Pid::from_raw(host.pid().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    approve();
    assert_eq!(agent.wait().unwrap().code(), Some(2), "{}", host.said());
    assert!(!host.said().contains("the guest runs"), "{}", host.said());
    assert_eq!(host.open_launches(), 0);
    let _ = host.ended();

    // QEMU's own user lets the guest run before the owner said yes: it gets nothing.
    let Some(host) = Host::new("early-", &owner, None, None) else { return };
    let mut agent = host.spawned(&[]);
    waits(&host);
    host.qmp().ask("cont", Value::Null).unwrap();
    approve();
    assert_eq!(agent.wait().unwrap().code(), Some(2), "{}", host.said());
    assert!(host.said().contains("others let the guest run"), "{}", host.said());
    assert_eq!((owner.releases(), owner.acknowledged()), ((0, 0), Vec::new()));
    assert_eq!(host.ended(), "");
}
