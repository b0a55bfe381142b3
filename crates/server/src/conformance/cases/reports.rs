//! SEV-SNP: a nonce instead of a session, and a report of the guest's instead of a measurement. The answer is a verdict.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sev_launch_platform::{Handle, PageType, SigningKey, SnpFinish, Status};
use sha2::{Digest as _, Sha512};
use uuid::Uuid;

use crate::conformance::client::Ask;
use crate::conformance::expect::{Checked, Fault, differs, is, is_absent, same, text};
use crate::conformance::guest::{Guest, bytes};
use crate::conformance::guests;
use crate::conformance::lab::{Lab, new_vmid, with};

/// Bit 17, which is always 1, and SMT.
const POLICY: u64 = 0x3_0000;

/// Launches a guest of the image's page, and gives its digest. Any page would do: the digest is registered as it is.
fn start(lab: &Lab, policy: u64) -> Checked<(Handle, String)> {
    let broken = |status: Status| match status {
        Status::InvalidCommand => {
            Fault::Skipped("the platform is of a generation without SEV-SNP".into())
        }
        status => differs(format!("the AMD-SP refuses the launch: {status}")),
    };
    let mut machine = lab.machine();
    let handle = machine.snp_launch_start(policy).map_err(broken)?;
    lab.started(handle);
    let page = guests::image();
    machine
        .snp_launch_update(handle, 0xffff_f000, PageType::Normal.number(), &page)
        .map_err(broken)?;
    machine.snp_launch_finish(handle, SnpFinish::PLAIN).map_err(broken)?;
    let digest = machine.digest(handle).map_err(broken)?.to_string();
    Ok((handle, digest))
}

fn registration(digest: &str) -> Value {
    json!({ "scheme": "amd-sev-snp", "policy": POLICY, "launch-digests": digest })
}

struct Begun {
    id: String,
    nonce: Vec<u8>,
}

async fn begin(guest: &Guest<'_>) -> Checked<Begun> {
    let lab = guest.lab;
    let ask = lab.by_launcher(Ask::post(guest.path("/launch"), &json!({ "host": "node-17" })));
    let answer = lab.good(200, ask).await?;
    is(&answer, "/scheme", "amd-sev-snp")?;
    is(&answer, "/policy", POLICY)?;
    is_absent(&answer, "/session")?;
    is_absent(&answer, "/owner-cert")?;
    let nonce = bytes(&answer, "/nonce")?;
    same("bytes of `nonce`", &nonce.len(), &32)?;
    Ok(Begun { id: text(&answer, "/launch-id")?, nonce })
}

/// SHA-512 of nonce, guest and launch, 16 bytes each of the latter.
fn report_data(nonce: &[u8], vmid: &str, launch: &str) -> [u8; 64] {
    let id = |text: &str| Uuid::try_parse(text).unwrap_or_default().into_bytes();
    let hash = Sha512::new().chain_update(nonce).chain_update(id(vmid)).chain_update(id(launch));
    hash.finalize().into()
}

/// The body that a guest sends.
fn reported(lab: &Lab, handle: Handle, launch: &str, data: &[u8; 64]) -> Checked<Value> {
    let mut machine = lab.machine();
    let report = machine.report(handle, 0, data, SigningKey::Vcek);
    let report =
        report.map_err(|status| differs(format!("the AMD-SP gives no report: {status}")))?;
    let vek = machine.vek_der(SigningKey::Vcek);
    let vek = vek.map_err(|error| differs(format!("the platform has no VCEK: {error}")))?;
    Ok(
        json!({ "launch-id": launch, "report": STANDARD.encode(report), "vek": STANDARD.encode(vek) }),
    )
}

pub(super) async fn trusted(lab: &Lab) -> Checked {
    let (handle, digest) = start(lab, POLICY)?;
    let guest = lab.guest(&registration(&digest)).await?;
    let begun = begin(&guest).await?;
    let data = report_data(&begun.nonce, &guest.vmid, &begun.id);
    let body = reported(lab, handle, &begun.id, &data)?;
    let answer = lab.good(200, guest.validating(&body)).await?;
    is(&answer, "/verdict", "trusted")?;
    is_absent(&answer, "/secret-table")?;
    let again = lab.send(&guest.validating(&body)).await?;
    same("`Idempotent-Replay`", &again.header("idempotent-replay"), &Some("true"))?;
    is(&guest.read().await?, "/status", "consumed")?;
    // The nonce is spent.
    let other = reported(lab, handle, &begun.id, &[1; 64])?;
    lab.bad(409, "launch-consumed", guest.validating(&other)).await.map(drop)
}

pub(super) async fn stale_and_changed(lab: &Lab) -> Checked {
    let (handle, digest) = start(lab, POLICY)?;
    let limit = json!({ "launch-limit": { "validate-attempts": 5, "concurrent": 2 } });
    let registered = with(registration(&digest), &limit);
    let guest = lab.guest(&registered).await?;
    let (old, begun) = (begin(&guest).await?, begin(&guest).await?);
    let data = report_data(&begun.nonce, &guest.vmid, &begun.id);
    let good = reported(lab, handle, &begun.id, &data)?;
    for stale in [
        report_data(&old.nonce, &guest.vmid, &begun.id),
        report_data(&old.nonce, &guest.vmid, &old.id),
        report_data(&begun.nonce, &begun.id, &guest.vmid),
    ] {
        let body = reported(lab, handle, &begun.id, &stale)?;
        lab.bad(403, "report-rejected", guest.validating(&body)).await?;
    }
    let mut report = bytes(&good, "/report")?;
    // In MEASUREMENT, which is signed. [SNP-ABI, ATTESTATION_REPORT]
    if let Some(byte) = report.get_mut(0x90) {
        *byte ^= 1;
    }
    let changed = json!({ "report": STANDARD.encode(report) });
    let changed = with(good.clone(), &changed);
    let problem = lab.bad(403, "report-signature", guest.validating(&changed)).await?;
    is(&problem, "/attempts-left", 1)?;
    is(&lab.good(200, guest.validating(&good)).await?, "/verdict", "trusted")
}

pub(super) async fn other_guest(lab: &Lab) -> Checked {
    let (handle, digest) = start(lab, POLICY)?;
    let other = "00".repeat(48);
    let guest = lab.guest(&registration(&other)).await?;
    let begun = begin(&guest).await?;
    let data = report_data(&begun.nonce, &guest.vmid, &begun.id);
    let body = reported(lab, handle, &begun.id, &data)?;
    let problem = lab.bad(403, "measurement-mismatch", guest.validating(&body)).await?;
    is(&problem, "/attempts-left", 2)?;
    // The host may debug it, and the owner said otherwise.
    let (debugged, same_digest) = start(lab, POLICY | 1 << 19)?;
    same("the digest under another policy", &same_digest, &digest)?;
    let guest = lab.guest(&registration(&digest)).await?;
    let begun = begin(&guest).await?;
    let data = report_data(&begun.nonce, &guest.vmid, &begun.id);
    let body = reported(lab, debugged, &begun.id, &data)?;
    let problem = lab.bad(403, "policy-mismatch", guest.validating(&body)).await?;
    is(&problem, "/launch-state", "failed")?;
    lab.bad(410, "launch-failed", guest.validating(&body)).await.map(drop)
}

pub(super) async fn strays(lab: &Lab) -> Checked {
    let (handle, digest) = start(lab, POLICY)?;
    let guest = lab.guest(&registration(&digest)).await?;
    let begun = begin(&guest).await?;
    let measurement = STANDARD.encode([7; 48]);
    let body = json!({
        "launch-id": begun.id, "api-major": 1, "api-minor": 55, "build-id": 31,
        "measurement": measurement,
    });
    lab.bad(400, "schema", guest.validating(&body)).await?;
    let data = report_data(&begun.nonce, &guest.vmid, &begun.id);
    let body = reported(lab, handle, &begun.id, &data)?;
    let without = with(body.clone(), &json!({ "vek": null }));
    lab.bad(400, "schema", guest.validating(&without)).await?;
    let short = with(body, &json!({ "report": STANDARD.encode([0; 1183]) }));
    lab.bad(400, "bad-length", guest.validating(&short)).await?;
    is(&guest.state_of(&begun.id).await?, "/attempts-left", 3)?;
    let vmid = new_vmid();
    lab.remember(&vmid);
    let secrets = json!({ "secrets": [{ "type": "luks-passphrase", "passphrase": "x" }] });
    let secrets = with(registration(&digest), &secrets);
    lab.bad(400, "schema", lab.by_owner(Ask::post(format!("/vm/{vmid}"), &secrets))).await.map(drop)
}
