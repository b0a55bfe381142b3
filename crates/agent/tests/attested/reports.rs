//! Guests of SEV-SNP: the agent's own program in the guest's place, below a tree of files that is like the kernel's configfs-tsm, with
//! reports that an AMD-SP in software signs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::json;
use sev_launch_platform::{Handle, PageType, Platform, SigningKey, SnpFinish};
use sev_launch_protocol::text::VmId;

use super::proxy::{Act, Proxy};
use super::service::{Owner, machine, private, vmid};

/// Bit 17, which is always 1, and SMT. [SNP-ABI, guest policy]
const POLICY: u64 = 0x3_0000;

/// What is wrong with the tree.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tree {
    Good,
    /// The host gave no certificates.
    NoCertificates,
    /// Another provider than AMD's.
    OtherProvider,
    /// Somebody else writes in between.
    Disturbed,
    /// The report is over other data.
    OtherData,
    /// A report that is too short.
    Short,
}

/// A guest that was launched.
fn launched() -> (Platform, Handle, String) {
    let mut machine = machine();
    let handle = machine.snp_launch_start(POLICY).expect("a guest");
    let page = [0x5a; 4096];
    let normal = PageType::Normal.number();
    machine.snp_launch_update(handle, 0xffff_f000, normal, &page).expect("measured");
    machine.snp_launch_finish(handle, SnpFinish::PLAIN).expect("finished");
    let digest = machine.digest(handle).expect("a digest").to_string();
    (machine, handle, digest)
}

/// Writes to whoever reads a pipe, until `stop`.
fn give(path: &Path, bytes: &[u8], stop: &AtomicBool) {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let nonblock = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap();
    while !stop.load(Ordering::SeqCst) {
        let opened = fs::OpenOptions::new().write(true).custom_flags(nonblock).open(path);
        match opened {
            Ok(mut pipe) => return pipe.write_all(bytes).unwrap_or_default(),
            // Nobody reads yet.
            Err(_) => thread::sleep(Duration::from_millis(2)),
        }
    }
}

/// Answers below `root` as Linux does, until `stop`.
fn kernel(
    root: PathBuf,
    machine: Arc<Mutex<Platform>>,
    handle: Handle,
    tree: Tree,
    stop: Arc<AtomicBool>,
) {
    let fifo = |path: &Path| {
        let made = Command::new("mkfifo").arg(path).status().expect("mkfifo runs");
        assert!(made.success());
    };
    let mut known = Vec::new();
    while !stop.load(Ordering::SeqCst) {
        thread::sleep(Duration::from_millis(2));
        let entries = fs::read_dir(&root).into_iter().flatten().flatten();
        for entry in entries.map(|entry| entry.path()).filter(|path| path.is_dir()) {
            if known.contains(&entry) {
                continue;
            }
            known.push(entry.clone());
            // An attribute is made when it is read: so a reader waits for whoever writes.
            fifo(&entry.join("outblob"));
            fifo(&entry.join("auxblob"));
            fs::write(entry.join("inblob"), "").expect("a file");
            fs::write(entry.join("generation"), "0\n").expect("a file");
            let provider = if tree == Tree::OtherProvider { "tdx_guest\n" } else { "sev_guest\n" };
            // The last: its reader is let go by it.
            let part = entry.join("part");
            fs::write(&part, provider).expect("a file");
            fs::rename(part, entry.join("provider")).expect("a file");
            if tree == Tree::OtherProvider {
                continue;
            }
            let mut data = Vec::new();
            while data.len() != 64 && !stop.load(Ordering::SeqCst) {
                data = fs::read(entry.join("inblob")).unwrap_or_default();
            }
            fs::write(entry.join("generation"), "1\n").expect("a file");
            if let (Tree::OtherData, Some(first)) = (tree, data.first_mut()) {
                *first ^= 1;
            }
            let mut machine = machine.lock().expect("a lock");
            // The agent went away.
            let Ok(data) = <[u8; 64]>::try_from(data) else { continue };
            let report = machine.report(handle, 0, &data, SigningKey::Vcek).expect("a report");
            let size = if tree == Tree::Short { 1183 } else { 1184 };
            give(&entry.join("outblob"), &report[..size], &stop);
            let table = match tree {
                Tree::NoCertificates | Tree::Short => Vec::new(),
                _ => machine.certificate_table(SigningKey::Vcek).expect("a table"),
            };
            if tree == Tree::Disturbed {
                fs::write(entry.join("generation"), "2\n").expect("a file");
            }
            give(&entry.join("auxblob"), &table, &stop);
        }
    }
    // What the agent could not remove: this is no configfs, whose entries go with their files.
    for entry in known {
        let _ = fs::remove_dir_all(entry);
    }
}

/// `report fetch` in a guest whose owner expects `digest`; more flags.
fn fetched(
    owner: &Owner,
    which: (VmId, Tree),
    digest: Option<&str>,
    flags: &[&str],
) -> (Option<i32>, String) {
    fetched_by(owner, &format!("http://{}/v1", owner.address), which, digest, flags)
}

/// The same by somebody between. The flag `manual` is the owner's, who approves by hand.
fn fetched_by(
    owner: &Owner,
    url: &str,
    (vmid, tree): (VmId, Tree),
    digest: Option<&str>,
    flags: &[&str],
) -> (Option<i32>, String) {
    let (machine, handle, measured) = launched();
    let digest = digest.unwrap_or(&measured);
    let registration =
        json!({ "scheme": "amd-sev-snp", "policy": POLICY, "launch-digests": digest });
    let mut registration = registration;
    if flags.contains(&"manual") {
        registration["approval"] = "manual".into();
    }
    let body = serde_json::to_vec(&registration).unwrap();
    let client = owner.client();
    client.register(vmid, &body).expect("it is registered");
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("report");
    fs::create_dir(&root).unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let answering = {
        let (root, stop) = (root.clone(), Arc::clone(&stop));
        let machine = Arc::new(Mutex::new(machine));
        thread::spawn(move || kernel(root, machine, handle, tree, stop))
    };
    let services = owner.services(url, None);
    let output = Command::new(env!("CARGO_BIN_EXE_sev-launch-agent"))
        .arg("--services")
        .arg(services)
        .args(["report", "fetch", "--vmid", &vmid.to_string(), "--configfs"])
        .arg(&root)
        .args(flags.iter().filter(|flag| **flag != "manual"))
        .output()
        .expect("the agent");
    stop.store(true, Ordering::SeqCst);
    answering.join().expect("the kernel's thread");
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

/// A guest's name.
fn guest(number: u8) -> VmId {
    VmId::from_bytes([number; 16]).expect("a UUID")
}

fn state(owner: &Owner, vmid: VmId) -> &'static str {
    owner.client().vm(vmid).expect("a guest").0.recent[0].state.name()
}

pub(crate) fn a_report_with_the_launchs_nonce_is_trusted() {
    let owner = Owner::new();
    let (first, second) = (guest(1), guest(2));
    let (code, said) = fetched(&owner, (first, Tree::Good), None, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.starts_with("trusted (a service for tests)\n"), "{said}");
    assert_eq!(state(&owner, first), "consumed");
    // The owner's own file with the VCEK, where the host gives none.
    let folder = tempfile::tempdir().unwrap();
    let vek = folder.path().join("vcek.der");
    let der = machine().vek_der(SigningKey::Vcek).unwrap();
    fs::write(&vek, der).unwrap();
    let (code, said) = fetched(
        &owner,
        (second, Tree::NoCertificates),
        None,
        &["--vek", &vek.display().to_string(), "--json"],
    );
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("\"verdict\": \"trusted\""), "{said}");
}

pub(crate) fn any_other_report_is_refused() {
    let owner = Owner::new();
    let other = "ab".repeat(48);
    let cases = [
        (Tree::Good, Some(&*other), 1, "measurement-mismatch"),
        // Whose REPORT_DATA is not that of this launch.
        (Tree::OtherData, None, 1, "report-rejected"),
        (Tree::NoCertificates, None, 2, "the host gave no VCEK"),
        (Tree::OtherProvider, None, 2, "\"tdx_guest\", wanted sev_guest"),
        (Tree::Disturbed, None, 2, "somebody else wrote"),
        (Tree::Short, None, 2, "1183"),
    ];
    for (number, (tree, digest, code, wanted)) in (1..).zip(cases) {
        let vmid = guest(number);
        let (found, said) = fetched(&owner, (vmid, tree), digest, &[]);
        assert_eq!(found, Some(code), "{said}");
        assert!(said.contains(wanted), "{said}");
        assert!(!said.contains("trusted"), "{said}");
        // Nothing is left that waits for a report.
        assert!(["revoked", "failed", "launched"].contains(&state(&owner, vmid)), "{said}");
    }
}

/// Nothing is trusted but a verdict about this launch.
pub(crate) fn an_answer_without_a_verdict_is_none() {
    let owner = Owner::new();
    for (number, body) in [
        (1, r#"{"launch-id":"LAUNCH"}"#),
        (2, r#"{"launch-id":"LAUNCH","launch-state":"failed"}"#),
        (3, r#"{"launch-id":"57f669c2-c427-4132-bc7a-26f56b6a718c","verdict":"trusted"}"#),
    ] {
        let (vmid, client) = (guest(number), owner.client());
        let proxy = Proxy::new(owner.address, move |_, line| {
            if !line.contains("/validate ") {
                return Act::Pass;
            }
            let launch = client.vm(vmid).unwrap().0.recent[0].launch_id.to_string();
            let body = body.replace("LAUNCH", &launch);
            Act::Answer(format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            ))
        });
        let (code, said) = fetched_by(&owner, &proxy.url(), (vmid, Tree::Good), None, &[]);
        assert_eq!(code, Some(2), "{said}");
        assert!(!said.contains("trusted (") && !said.contains("is validated"), "{said}");
    }
    // The owner decides by hand.
    let (vmid, client) = (guest(4), owner.client());
    let approving = thread::spawn(move || {
        loop {
            thread::sleep(Duration::from_millis(100));
            let Ok((view, _)) = client.vm(vmid) else { continue };
            if let Some(launch) = view.recent.first()
                && launch.state.name() == "validated"
            {
                return client.decide(vmid, launch.launch_id, true).expect("approved");
            }
        }
    });
    let (code, said) = fetched(&owner, (vmid, Tree::Good), None, &["manual"]);
    assert_eq!(code, Some(0), "{said}");
    approving.join().expect("the owner's thread");
}

pub(crate) fn what_is_no_guest_of_sev_snp_is_told() {
    let owner = Owner::new();
    owner.register(&json!({}));
    let folder = tempfile::tempdir().unwrap();
    let services = owner.services(&format!("http://{}/v1", owner.address), None);
    let fetch = |vmid: VmId, configfs: &Path, device: &Path| {
        let output = Command::new(env!("CARGO_BIN_EXE_sev-launch-agent"))
            .arg("--services")
            .arg(&services)
            .args(["report", "fetch", "--vmid", &vmid.to_string(), "--configfs"])
            .arg(configfs)
            .arg("--device")
            .arg(device)
            .output()
            .expect("the agent");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    // A guest of SEV, which has no report.
    let none = folder.path().join("none");
    let (code, said) = fetch(vmid(), folder.path(), &none);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("the service says no: schema: #/cert-chain"), "{said}");
    let client = owner.client();
    let snp = guest(9);
    let registration = json!({ "scheme": "amd-sev-snp", "policy": POLICY,
        "launch-digests": "ab".repeat(48) });
    client.register(snp, &serde_json::to_vec(&registration).unwrap()).unwrap();
    let (code, said) = fetch(snp, &none, &none);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("is this a guest of SEV-SNP?"), "{said}");
    // A device that is none.
    let device = folder.path().join("sev-guest");
    private(&device, "");
    let (code, said) = fetch(snp, &none, &device);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("SNP_GET_REPORT"), "{said}");
}
