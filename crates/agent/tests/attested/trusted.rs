//! Guests that may run.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::json;
use sev_launch_client::Listed;
use sev_launch_protocol::state::Status;
use sev_launch_server::service::Behaviour;

use super::host::Host;
use super::proxy::{Act, Proxy};
use super::service::{Owner, PASSPHRASE, VMID, private, testdata, vmid};

/// The area for secrets of the firmware, and what is in it: the table of one passphrase, in the layout of OVMF's
/// `SecretDxe`: GUID 1e74f542-71dd-4d66-963e-ef4287ff173b, the length of all, GUID 736869e5-84f0-4973-92ec-06879ce3da0b, the length of
/// the entry, the passphrase, zeros up to a multiple of 16. Written out by hand.
pub(super) fn arrived() -> String {
    let table = [
        "42f5741edd71664d963eef4287ff173b",
        "44000000",
        "e5696873f084734992ec06879ce3da0b",
        "30000000",
        "636f727265637420686f727365206261747465727920737461706c65",
        "000000000000000000000000",
    ];
    format!("Some(810000) {}\n", table.concat())
}

pub(crate) fn the_secret_arrives_byte_for_byte() {
    let owner = Owner::new();
    owner.register(&json!({}));
    let Some(host) = Host::new("trusted-", &owner, None, None) else { return };
    let came = host.started(&["--json"]);
    assert_eq!(came.code, Some(0), "{}", came.said);
    assert!(came.said.contains("the guest runs, with a packet in it"), "{}", came.said);
    let launch = owner.client().vm(vmid()).unwrap().0.recent[0].launch_id;
    let line = format!(
        r#"{{"outcome":"runs","vmid":"{VMID}","launch-id":"{launch}","packet":true,"simulated":true}}"#
    );
    assert!(came.said.lines().any(|said| said == line), "{}", came.said);
    assert_eq!(owner.releases(), (1, 0));
    assert_eq!(owner.acknowledged(), ["injected"]);
    assert_eq!(host.open_launches(), 0);
    assert!(host.runs());
    assert_eq!(host.ended(), arrived());
}

pub(crate) fn a_guest_of_sev_es_and_its_vcpus() {
    let owner = Owner::new();
    let es = json!({ "scheme": "amd-sev-es", "policy": 15, "cpu-count": 3,
        "cpu": { "type": "EPYC-Milan" }, "vmsa-profiles": "kvm-sev-init" });
    owner.register(&es);
    let Some(mut host) = Host::new("es-", &owner, None, None) else { return };
    host.machine = ["-smp", "3"].map(str::to_owned).to_vec();
    let came = host.started(&[]);
    assert_eq!(came.code, Some(0), "{}", came.said);
    assert_eq!(host.ended(), arrived());
    // One vCPU more than is registered.
    host.machine = ["-smp", "4"].map(str::to_owned).to_vec();
    let came = host.started(&[]);
    assert_eq!(came.code, Some(1), "{}", came.said);
    assert!(came.said.contains("measurement-mismatch"), "{}", came.said);
    assert_eq!(host.ended(), "");
}

pub(crate) fn the_owner_approves() {
    let owner = Owner::new();
    owner.register(&json!({ "approval": "manual" }));
    let Some(host) = Host::new("approved-", &owner, None, None) else { return };
    let mut agent = host.spawned(&[]);
    let end = Instant::now() + Duration::from_secs(60);
    let client = owner.client();
    let waiting = Listed { status: Some(Status::Validated), after: None };
    while client.vms(&waiting).expect("a list").items.is_empty() {
        assert!(Instant::now() < end, "nothing waits: {}", host.said());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(host.status(), "prelaunch");
    let (view, _) = client.vm(vmid()).expect("a guest");
    client.decide(vmid(), view.recent[0].launch_id, true).expect("approved");
    assert!(agent.wait().expect("the agent").success(), "{}", host.said());
    assert!(host.said().contains("the owner has to approve"), "{}", host.said());
    assert_eq!(host.ended(), arrived());
    assert_eq!(owner.releases(), (1, 0));
}

pub(crate) fn without_secrets_and_report_only() {
    let owner = Owner::new();
    owner.register(&json!({ "secrets": [] }));
    let Some(host) = Host::new("bare-", &owner, None, None) else { return };
    let came = host.started(&[]);
    assert_eq!(came.code, Some(0), "{}", came.said);
    assert!(came.said.contains("the owner registered no secrets"), "{}", came.said);
    assert_eq!(host.ended(), "");
    assert!(owner.acknowledged().is_empty());

    let owner = Owner::with(None, Behaviour { report_only: true, ..Behaviour::default() });
    owner.register(&json!({}));
    let Some(host) = Host::new("reported-", &owner, None, None) else { return };
    let came = host.started(&[]);
    assert_eq!(came.code, Some(0), "{}", came.said);
    assert!(came.said.contains("only reports"), "{}", came.said);
    assert_eq!((host.ended(), owner.releases()), (String::new(), (0, 0)));
}

pub(crate) fn by_a_mails_attestation() {
    let owner = Owner::new();
    owner.register(&json!({}));
    let Some(host) = Host::new("mail-", &owner, None, None) else { return };
    let file = host.qemu.path("attestation.xml");
    let text = format!("<attestation vmid=\"{VMID}\" service=\"http://{}/v1/\"/>", owner.address);
    std::fs::write(&file, text).unwrap();
    let came = host.started(&["--attestation", &file.display().to_string()]);
    assert_eq!(came.code, Some(0), "{}", came.said);
    assert_eq!(host.ended(), arrived());
}

/// `launch`, a QEMU of the caller's own, `validate`.
pub(crate) fn both_halves_by_themselves() {
    let owner = Owner::new();
    owner.register(&json!({}));
    let Some(host) = Host::new("halves-", &owner, None, None) else { return };
    let folder = host.qemu.folder.path().display().to_string();
    let (chain, socket) = (host.qemu.path("chain"), host.qemu.path("monitor"));
    std::fs::write(&chain, super::service::machine().full_chain().unwrap()).unwrap();
    let (chain, monitor) = (chain.display().to_string(), socket.display().to_string());
    let words =
        ["launch", "--vmid", VMID, "--chain", &chain, "--monitor", &monitor, "--output", &folder];
    let came = host.came(host.agent(&words));
    // What a script reads, and after it what people are told.
    let said = "policy=0xb\nkernel-hashes=on\nsev-launch-agent: asking the owner for a session\n";
    assert_eq!((came.code, came.said.as_str()), (Some(0), said));
    let came = host.came(host.agent(&["list"]));
    assert_eq!(came.said, format!("{VMID}  starting  qemu {monitor}\n"));

    let object = format!(
        "sev-guest,id=sev0,policy=0xb,kernel-hashes=on,cbitpos=51,reduced-phys-bits=1,dh-cert-file={folder}/vm_godh.b64,session-file={folder}/vm_session.b64"
    );
    let cmdline = std::fs::read_to_string(testdata("boot/cmdline")).unwrap();
    let mut words = host.qemu.wrapped();
    let kernel = testdata("boot/vmlinuz");
    let line = format!(
        "-enable-kvm -cpu EPYC-Milan -m 512 -nodefaults -display none -S -machine q35,confidential-guest-support=sev0 -object {object} -bios {} -kernel {} -initrd {} -qmp unix:{monitor},server=on,wait=off -qmp unix:{},server=on,wait=off -append",
        host.firmware.display(),
        kernel.display(),
        testdata("boot/initrd.img").display(),
        host.own_monitor().display()
    );
    words.extend(line.split(' ').map(Into::into));
    words.push(cmdline.into());
    let mut qemu = sev_launch_agent::qemu::Process::start(&words).unwrap();
    let came = host.came(host.agent(&["validate", VMID]));
    assert_eq!(came.code, Some(0), "{}", came.said);
    assert_eq!(host.status(), "running");
    host.qmp().ask("quit", serde_json::Value::Null).unwrap();
    qemu.wait().unwrap();
    assert_eq!(std::fs::read_to_string(host.qemu.path("report")).unwrap(), arrived());
    assert_eq!((owner.releases(), owner.acknowledged()), ((1, 0), vec!["injected".to_owned()]));
}

/// Not the host's token, and not the packet: in no argument, no environment, no file of the agent's, and nothing that is printed.
pub(crate) fn nothing_secret_is_written_or_shown() {
    let owner = Owner::new();
    owner.register(&json!({ "approval": "manual" }));
    let proxy = Proxy::new(owner.address, |_, _| Act::Pass);
    let Some(host) = Host::new("secret-", &owner, Some(&proxy.url()), None) else { return };
    let mut agent = host.spawned(&[]);
    let end = Instant::now() + Duration::from_secs(60);
    while !host.said().contains("approve") {
        assert!(Instant::now() < end, "{}", host.said());
        std::thread::sleep(Duration::from_millis(50));
    }
    let holds = |path: &Path, secret: &str| {
        let bytes = std::fs::read(path).unwrap_or_default();
        bytes.windows(secret.len()).any(|part| part == secret.as_bytes())
    };
    let search = |processes: &[String], secrets: &[&str]| {
        let of =
            |process: &String| ["cmdline", "environ"].map(|file| format!("/proc/{process}/{file}"));
        let mut looked_at: Vec<PathBuf> = processes.iter().flat_map(of).map(Into::into).collect();
        assert!(looked_at.iter().all(|file| file.exists()), "{looked_at:?}");
        looked_at.extend(host.state().read_dir().unwrap().map(|entry| entry.unwrap().path()));
        for path in &looked_at {
            for secret in secrets {
                assert!(!holds(path, secret), "{}", path.display());
            }
        }
    };
    let (vmm, plain) = (host.pid().unwrap().to_string(), [&*owner.launcher, PASSPHRASE]);
    search(&[agent.id().to_string(), vmm.clone()], &plain);
    // The search finds what is there.
    let own = host.qemu.path("planted");
    private(&own, &format!("a {} b", owner.launcher));
    assert!(holds(&own, &owner.launcher));
    let (view, _) = owner.client().vm(vmid()).expect("a guest");
    owner.client().decide(vmid(), view.recent[0].launch_id, true).expect("approved");
    assert!(agent.wait().expect("the agent").success(), "{}", host.said());
    // The packet, as the service gave it.
    let answer = proxy.validated.lock().unwrap().clone();
    let packet = answer.split_once("\r\n\r\n").unwrap().1;
    let packet: serde_json::Value = serde_json::from_str(packet).unwrap();
    let member = |name: &str| packet[name].as_str().unwrap();
    let secrets = [&plain[..], &["secret-header", "secret-table"].map(member)].concat();
    search(&[vmm], &secrets);
    assert_eq!(host.ended(), arrived());
    let left: Vec<_> =
        host.state().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    let kept = [format!("{VMID}.lock"), format!("{VMID}.log")];
    assert!(
        left.len() == 2 && kept.iter().all(|kept| left.iter().any(|left| left == &**kept)),
        "{left:?}"
    );
    for secret in secrets {
        assert!(!host.said().contains(secret));
    }
}
