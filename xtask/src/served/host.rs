//! A host: an AMD-SP in software that launches guests under the service's sessions and takes its packets.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sev_launch_platform::{Handle, Platform, Session};
use sev_launch_testkit::expected::{Layout, hashes_table, vmsa_pages};
use sha2::{Digest as _, Sha256};

const KERNEL: &[u8] = b"a kernel";
const INITRD: &[u8] = b"an initrd";
const CMDLINE: &str = "console=ttyS0 panic=1";
const VCPUS: u32 = 2;
/// CPUID's signature of an EPYC-Milan, as QEMU has it.
const MILAN: u32 = 0x00a0_0f11;
/// Where the image below starts vCPUs of SEV-ES.
const RESET: u32 = 0x0080_b004;

/// The end of a firmware image of 4096 bytes: a GUIDed table with a hash area, a secret area and a reset block of SEV-ES, and the
/// reset vector, as OvmfPkg/ResetVector lays them out.
const TAIL: [&str; 4] = [
    "000c8100000400001a001f3755723b3a044b927b1da6efa8d454",
    "00008100000c00001a0061b32e4c9b7dc34c8081127c90d3d294",
    "04b080001600de71f7007e1acb4f890e68c77e2fb44e",
    "5c00de82b596b21ff745baeaa366c55a082d",
];

pub(crate) fn base64(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

pub(crate) fn sha256(bytes: impl AsRef<[u8]>) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// A firmware image; each number another one.
pub(crate) fn image(number: u64) -> Vec<u8> {
    let mut tail: Vec<u8> =
        TAIL.iter().flat_map(|part| hex::decode(part).unwrap_or_default()).collect();
    tail.extend([0x90; 32]);
    let mut image: Vec<u8> = number.to_le_bytes().to_vec();
    image.extend((8..=255).chain(0..=255).cycle().take(4096 - 8 - tail.len()));
    image.extend(tail);
    image
}

/// A registration that the host below launches.
pub(crate) fn registration(es: bool, manual: bool, concurrent: u32, passphrase: &str) -> Value {
    let mut body = json!({
        "scheme": "amd-sev", "policy": 3, "cpu-count": VCPUS,
        "firmware-hashes": [sha256(image(0))],
        "kernel-hash": sha256(KERNEL), "initrd-hash": sha256(INITRD), "cmdline": CMDLINE,
        "platform": {"any-owner": true},
        "labels": {"step": "0"},
        "launch-limit": {"concurrent": concurrent},
        "secrets": [{"type": "luks-passphrase", "passphrase": passphrase}],
    });
    let mut more = json!({});
    if es {
        more = json!({
            "scheme": "amd-sev-es", "policy": 7, "cpu": {"type": "EPYC-Milan"}, "vmsa-profiles": "kvm-sev-init2",
        });
    }
    if manual && let Some(members) = more.as_object_mut() {
        members.insert("approval".into(), "manual".into());
    }
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object_mut()) {
        body.append(more);
    }
    body
}

/// A machine.
pub(crate) struct Host {
    platform: Platform,
    chain: Vec<u8>,
}

/// A guest that waits for its secrets.
pub(crate) struct Waiting {
    handle: Handle,
    /// The body that asks for them.
    pub(crate) validate: Value,
}

impl Host {
    /// The machine of a folder that [`super::Programs::platform`] made.
    pub(crate) fn new(folder: &Path) -> Result<Self> {
        let file = folder.join("machine/platform");
        let bytes = fs::read(&file).with_context(|| file.display().to_string())?;
        let platform = Platform::from_bytes(&bytes)?;
        let chain = platform.full_chain()?;
        Ok(Self { platform, chain })
    }

    /// Its certificates: PDH, PEK, OCA, CEK, ASK, ARK.
    pub(crate) fn chain(&self) -> &[u8] {
        &self.chain
    }

    /// The body that begins a launch.
    pub(crate) fn request(&self) -> Value {
        json!({ "cert-chain": base64(&self.chain), "host": "a host" })
    }

    /// Starts the guest of an answer to launch; with `wrong`, another kernel than the registered one.
    pub(crate) fn start(&mut self, answer: &Value, wrong: bool) -> Result<Waiting> {
        let bytes = |name: &str| {
            let text = answer.get(name).and_then(Value::as_str);
            text.and_then(|text| STANDARD.decode(text).ok()).with_context(|| format!("no {name}"))
        };
        let (session, godh) = (bytes("session")?, bytes("owner-cert")?);
        let policy = answer.get("policy").and_then(Value::as_u64).context("no policy")?;
        let policy = u32::try_from(policy)?;
        let handed = Session { godh: &godh, session: &session };
        let machine = &mut self.platform;
        let handle = machine.launch_start(policy, Some(handed)).context("LAUNCH_START")?;
        machine.launch_update_data(handle, &image(0))?;
        let kernel = if wrong { b"another kernel".as_slice() } else { KERNEL };
        let table = hashes_table(kernel, Some(INITRD), Some(CMDLINE.as_bytes()));
        machine.launch_update_data(handle, &table)?;
        if policy & 4 != 0 {
            for page in vmsa_pages(Layout::QemuFpu, MILAN, 0, RESET, VCPUS) {
                machine.launch_update_vmsa(handle, &page)?;
            }
        }
        let measurement = machine.launch_measure(handle)?;
        let version = machine.model().version();
        let validate = json!({
            "launch-id": answer.get("launch-id"), "measurement": base64(measurement), "policy": policy,
            "api-major": version.major, "api-minor": version.minor, "build-id": version.build,
        });
        Ok(Waiting { handle, validate })
    }

    /// Gives the guest the packet of an answer to validate, which must hold the passphrase.
    pub(crate) fn inject(&mut self, guest: &Waiting, answer: &Value, secret: &str) -> Result<()> {
        let bytes = |name: &str| {
            let text = answer.get(name).and_then(Value::as_str);
            text.and_then(|text| STANDARD.decode(text).ok()).with_context(|| format!("no {name}"))
        };
        let (header, packet) = (bytes("secret-header")?, bytes("secret-table")?);
        let opened = self.platform.launch_secret(guest.handle, &header, &packet, packet.len());
        let opened = opened.context("LAUNCH_SECRET")?;
        let mut found = opened.windows(secret.len()).filter(|part| *part == secret.as_bytes());
        ensure!(found.next().is_some(), "the packet does not hold the passphrase");
        Ok(())
    }

    /// The guest is gone.
    pub(crate) fn end(&mut self, guest: &Waiting) {
        self.platform.decommission(guest.handle);
    }
}
