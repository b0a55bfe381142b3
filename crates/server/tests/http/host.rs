//! Guests of TV-2 of attestation-service.md, registered and started.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sev_launch_platform::{Handle, Session};
use sev_launch_server::conformance::Ask;
use sev_launch_testkit::expected;
use sha2::{Digest as _, Sha256};

use crate::lab::Lab;

pub(crate) const PASSPHRASE: &str = "correct horse battery staple";
const KERNEL: &[u8] = b"test-kernel";
const INITRD: &[u8] = b"test-initrd";
const CMDLINE: &str = "console=ttyS0 panic=1";

/// The image of TV-2 of attestation-service.md, from its text.
pub(crate) fn image() -> Vec<u8> {
    let tail: Vec<u8> = [
        "000c8100000400001a001f3755723b3a044b927b1da6efa8d454",
        "00008100000c00001a0061b32e4c9b7dc34c8081127c90d3d294",
        "04b080001600de71f7007e1acb4f890e68c77e2fb44e",
        "5c00de82b596b21ff745baeaa366c55a082d",
        &"90".repeat(32),
    ]
    .into_iter()
    .flat_map(|part| hex::decode(part).expect("hex"))
    .collect();
    let mut image: Vec<u8> = (0..=255).cycle().take(4096 - tail.len()).collect();
    image.extend(tail);
    image
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The registration of 1.6 of attestation-service.md, but that any owner is accepted; with other members.
pub(crate) fn registration(more: Value) -> Value {
    let mut base = json!({
        "scheme": "amd-sev", "policy": 3, "cpu-count": 2,
        "firmware-hashes": [sha256(&image())],
        "kernel-hash": sha256(KERNEL), "initrd-hash": sha256(INITRD), "cmdline": CMDLINE,
        "platform": {"any-owner": true},
        "secrets": [{"type": "luks-passphrase", "passphrase": PASSPHRASE}],
    });
    for (name, value) in more.as_object().expect("an object") {
        base[name] = value.clone();
    }
    base
}

impl Lab {
    pub(crate) async fn upload(&self) {
        let ask = Ask::new(hyper::Method::POST, "/firmware");
        let ask = ask.bytes("application/octet-stream", image()).by(&self.owner());
        let answer = self.send(ask).await;
        assert!([200, 201].contains(&answer.status), "{answer:?}");
    }

    /// The firmware, and a guest.
    pub(crate) async fn register(&self, vmid: &str, more: Value) -> Value {
        self.upload().await;
        let ask = Ask::post(format!("/vm/{vmid}"), &registration(more)).by(&self.owner());
        self.expect(201, "", ask).await
    }

    /// The body of a request to launch.
    pub(crate) fn launching(&self) -> Value {
        json!({ "cert-chain": STANDARD.encode(self.platform.full_chain().expect("a chain")) })
    }

    pub(crate) async fn launch(&self, vmid: &str, token: &str) -> Value {
        let ask = Ask::post(format!("/vm/{vmid}/launch"), &self.launching()).by(token);
        self.expect(200, "", ask).await
    }

    /// Starts the guest up to its measurement.
    pub(crate) fn start(&mut self, launch: &Value) -> (Handle, Value) {
        let bytes = |name: &str| STANDARD.decode(launch[name].as_str().unwrap()).expect("base64");
        let (godh, session) = (bytes("owner-cert"), bytes("session"));
        let session = Session { godh: &godh, session: &session };
        let policy = u32::try_from(launch["policy"].as_u64().unwrap()).unwrap();
        let machine = &mut self.platform;
        let handle = machine.launch_start(policy, Some(session)).expect("a guest");
        machine.launch_update_data(handle, &image()).expect("measured");
        let table = expected::hashes_table(KERNEL, Some(INITRD), Some(CMDLINE.as_bytes()));
        machine.launch_update_data(handle, &table).expect("measured");
        let measurement = machine.launch_measure(handle).expect("a measurement");
        let version = machine.model().version();
        let shown = json!({
            "launch-id": launch["launch-id"], "api-major": version.major,
            "api-minor": version.minor, "build-id": version.build,
            "measurement": STANDARD.encode(measurement),
        });
        (handle, shown)
    }

    /// Opens the packet of an answer.
    pub(crate) fn open(&mut self, handle: Handle, answer: &Value) -> Vec<u8> {
        let bytes = |name: &str| STANDARD.decode(answer[name].as_str().unwrap()).expect("base64");
        let (header, table) = (bytes("secret-header"), bytes("secret-table"));
        self.platform.launch_secret(handle, &header, &table, table.len()).expect("it opens")
    }
}

pub(crate) fn validating(vmid: &str, shown: &Value, token: &str) -> Ask {
    Ask::post(format!("/vm/{vmid}/validate"), shown).by(token)
}
