//! Beginning launches, and what becomes of those that are not measured.

use serde_json::{Value, json};

use crate::conformance::client::Ask;
use crate::conformance::expect::{
    Checked, demand, differs, is, is_absent, member, refusal, same, success, text,
};
use crate::conformance::guest::{Guest, Launch, read_launch};
use crate::conformance::guests::{self, AS_REGISTERED};
use crate::conformance::lab::{CERTIFICATE, Lab};

pub(super) async fn session(lab: &Lab) -> Checked {
    let guest = lab.guest(&lab.sev()).await?;
    let answer = lab.good(200, guest.launching()).await?;
    is(&answer, "/scheme", "amd-sev")?;
    is(&answer, "/policy", 3)?;
    is(&answer, "/kernel-hashes", true)?;
    is_absent(&answer, "/nonce")?;
    let launch = read_launch(&answer)?;
    same("bytes of `session`", &launch.session.len(), &128)?;
    same("bytes of `owner-cert`", &launch.owner_cert.len(), &CERTIFICATE)?;
    let expires = text(&answer, "/expires-at")?;
    let now = text(&lab.good(200, Ask::get("/")).await?, "/time")?;
    // Both are RFC 3339 with milliseconds and Z, so that they sort as text.
    demand(expires > now, format!("`expires-at` is {expires}, and it is {now}"))?;
    guests::start(lab, &launch, &AS_REGISTERED)?;
    is(&guest.state(&launch).await?, "/state", "launched")?;
    let view = guest.read().await?;
    is(&view, "/status", "launched")?;
    is(&view, "/launches/used", 1)?;
    is(&view, "/recent/0/launch-id", launch.id)?;
    // Another policy than that of the session is refused by the AMD-SP itself.
    let other = Launch { policy: 1, ..guest.launch().await? };
    let refused = guests::start(lab, &other, &AS_REGISTERED).is_err();
    demand(refused, "the AMD-SP takes the session under another policy")
}

pub(super) async fn own_keys(lab: &Lab) -> Checked {
    let limit = json!({ "launch-limit": { "concurrent": 2 } });
    let guest = lab.guest(&lab.sev_with(&limit)).await?;
    let (one, two) = (guest.launch().await?, guest.launch().await?);
    demand(one.id != two.id, "two launches of one name")?;
    demand(one.owner_cert != two.owner_cert, "two launches with one key of the owner")?;
    // NONCE, WRAP_TK, WRAP_IV, WRAP_MAC, POLICY_MAC. [SEV-API, LAUNCH_START]
    for (name, field) in [("nonce", 0..16), ("keys", 16..48), ("IV", 48..64), ("MAC", 64..96)] {
        let (one, two) = (one.session.get(field.clone()), two.session.get(field));
        demand(one != two && one.is_some(), format!("two sessions with one {name}"))?;
    }
    Ok(())
}

pub(super) async fn idempotent(lab: &Lab) -> Checked {
    let guest = lab.guest(&lab.sev()).await?;
    let keyed = |key: &str| guest.launching().header("idempotency-key", key);
    let first = lab.send(&keyed("a key")).await?;
    let wanted = success(&keyed("a key"), &first, 200)?;
    let again = lab.send(&keyed("a key")).await?;
    success(&keyed("a key"), &again, 200)?;
    demand(first.body == again.body, "the answer to the same key is another one")?;
    same("`Idempotent-Replay`", &again.header("idempotent-replay"), &Some("true"))?;
    is(&guest.read().await?, "/launches/used", 1)?;
    let mut other = lab.launch_of(&guest.vmid);
    other = other.json(&json!({ "cert-chain": chain(lab), "host": "another" }));
    let other = lab.by_launcher(other).header("idempotency-key", "a key");
    lab.bad(422, "idempotency-mismatch", other).await?;
    let next = lab.good(200, keyed("another key")).await?;
    demand(member(&next, "/launch-id")? != member(&wanted, "/launch-id")?, "two keys, one launch")
}

fn chain(lab: &Lab) -> Value {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(&lab.chain).into()
}

async fn over(guest: &Guest<'_>, launch: &Launch, status: u16, code: &str) -> Checked {
    let ask = guest.validating(&guest.shown(launch, &[7; 48]));
    guest.lab.bad(status, code, ask).await.map(drop)
}

pub(super) async fn superseded(lab: &Lab) -> Checked {
    let guest = lab.guest(&lab.sev()).await?;
    let first = guest.launch().await?;
    let second = guest.launch().await?;
    is(&guest.state(&first).await?, "/state", "superseded")?;
    is(&guest.state(&second).await?, "/state", "launched")?;
    over(&guest, &first, 409, "launch-superseded").await
}

pub(super) async fn concurrent(lab: &Lab) -> Checked {
    let limit = json!({ "launch-limit": { "concurrent": 2 } });
    let guest = lab.guest(&lab.sev_with(&limit)).await?;
    let (first, second) = (guest.launch().await?, guest.launch().await?);
    lab.bad(409, "launch-limit", guest.launching()).await?;
    // Which one is meant has to be said.
    let mut unnamed = guest.shown(&first, &[7; 48]);
    if let Some(members) = unnamed.as_object_mut() {
        members.remove("launch-id");
    }
    lab.bad(409, "ambiguous-launch", guest.validating(&unnamed)).await?;
    lab.good(204, lab.by_launcher(Ask::delete(guest.of_launch(&first, "")))).await?;
    guest.launch().await?;
    is(&guest.state(&second).await?, "/state", "launched")
}

pub(super) async fn used_up(lab: &Lab) -> Checked {
    let limit = json!({ "launch-limit": { "total": 1 } });
    let guest = lab.guest(&lab.sev_with(&limit)).await?;
    let launch = guest.launch().await?;
    is(&guest.read().await?, "/launches/left", 0)?;
    lab.bad(409, "launches-used-up", guest.launching()).await?;
    lab.good(204, lab.by_launcher(Ask::delete(guest.of_launch(&launch, "")))).await?;
    is(&guest.read().await?, "/status", "exhausted")
}

pub(super) async fn more_members(lab: &Lab) -> Checked {
    let guest = lab.guest(&lab.sev()).await?;
    let body = json!({
        "cert-chain": chain(lab), "host": "node-17",
        "vmm": { "name": "qemu", "version": "10.1.0" }, "note": guest.vmid,
    });
    let answer = lab.good(200, lab.by_launcher(Ask::post(guest.path("/launch"), &body))).await?;
    let launch = read_launch(&answer)?;
    let started = guests::start(lab, &launch, &AS_REGISTERED)?;
    let mut shown = guest.shown(&launch, &started.measurement);
    if let Some(members) = shown.as_object_mut() {
        members.insert("note".into(), "kept".into());
    }
    lab.good(200, guest.validating(&shown)).await?;
    let large = json!({ "cert-chain": chain(lab), "note": "x".repeat(4096) });
    let ask = lab.by_launcher(Ask::post(guest.path("/launch"), &large));
    lab.bad(413, "too-large", ask).await.map(drop)
}

pub(super) async fn closed(lab: &Lab) -> Checked {
    for (more, code) in [
        (json!({ "disabled": true }), "denied-by-owner"),
        (json!({ "valid-from": "2099-01-01T00:00:00.000Z" }), "outside-window"),
        (json!({ "valid-until": "2020-01-01T00:00:00.000Z" }), "outside-window"),
    ] {
        let guest = lab.guest(&lab.sev_with(&more)).await?;
        lab.bad(403, code, guest.launching()).await?;
    }
    // Disabled between launch and validate: the measurement is right, and nothing is released.
    let guest = lab.guest(&lab.sev()).await?;
    let (launch, started) = guest.start(&AS_REGISTERED).await?;
    let disable = Ask::patch(guest.path(""), &json!({ "disabled": true }));
    lab.good(200, lab.by_owner(disable)).await?;
    let shown = guest.validating(&guest.shown(&launch, &started.measurement));
    lab.bad(403, "denied-by-owner", shown.clone()).await?;
    lab.bad(403, "denied-by-owner", shown).await.map(drop)
}

pub(super) async fn revoked(lab: &Lab) -> Checked {
    let guest = lab.guest(&lab.sev()).await?;
    let (launch, started) = guest.start(&AS_REGISTERED).await?;
    let give_up = Ask::delete(guest.of_launch(&launch, ""));
    lab.good(204, lab.by_launcher(give_up.clone())).await?;
    lab.good(204, lab.by_launcher(give_up.clone())).await?;
    is(&guest.state(&launch).await?, "/state", "revoked")?;
    let shown = guest.validating(&guest.shown(&launch, &started.measurement));
    lab.bad(410, "launch-revoked", shown).await?;
    is(&guest.read().await?, "/status", "registered")?;
    // So does the owner; and what released its secrets cannot be given up.
    let (launch, _) = guest.start(&AS_REGISTERED).await?;
    lab.good(204, lab.by_owner(Ask::delete(guest.of_launch(&launch, "")))).await?;
    let (launch, started) = guest.start(&AS_REGISTERED).await?;
    lab.good(200, guest.validating(&guest.shown(&launch, &started.measurement))).await?;
    lab.bad(409, "launch-consumed", lab.by_owner(Ask::delete(guest.of_launch(&launch, ""))))
        .await
        .map(drop)
}

pub(super) async fn replaced(lab: &Lab) -> Checked {
    let guest = lab.guest(&lab.sev()).await?;
    let (launch, started) = guest.start(&AS_REGISTERED).await?;
    let read = lab.by_owner(Ask::get(guest.path("")));
    let answer = lab.send(&read).await?;
    let tag = answer.header("etag").map(str::to_owned);
    let tag = tag.ok_or_else(|| differs("GET of a guest has no ETag"))?;
    let put = Ask::put(guest.path(""), &lab.sev_with(&json!({ "name": "anew" })));
    lab.good(200, lab.by_owner(put).header("if-match", tag)).await?;
    let ask = guest.validating(&guest.shown(&launch, &started.measurement));
    let answer = lab.send(&ask).await?;
    let over = [(410, "launch-revoked"), (404, "no-such-launch"), (409, "launch-superseded")];
    refusal(&ask, &answer, &over).map(drop)
}
