//! Registering a guest, and what an owner does with it.

use serde_json::{Value, json};

use crate::conformance::client::{Answer, Ask};
use crate::conformance::expect::{
    Checked, Fault, demand, differs, is, is_absent, member, refusal, same, success, text,
};
use crate::conformance::lab::{Lab, new_vmid, sha256};

/// The ETag of an answer, which is a strong one.
fn etag(answer: &Answer) -> Checked<String> {
    let etag = answer.header("etag").unwrap_or_default().to_owned();
    let is_strong = etag.len() > 2 && etag.starts_with('"') && etag.ends_with('"');
    demand(is_strong, format!("`ETag: {etag}`, wanted a strong one"))?;
    Ok(etag)
}

pub(super) async fn first_same_other(lab: &Lab) -> Checked {
    let vmid = new_vmid();
    lab.remember(&vmid);
    let ask = lab.by_owner(Ask::post(format!("/vm/{vmid}"), &lab.sev()));
    let first = lab.send(&ask).await?;
    let view = success(&ask, &first, 201)?;
    let location = first.header("location").unwrap_or_default().to_owned();
    demand(location.ends_with(&format!("/vm/{vmid}")), format!("`Location: {location}`"))?;
    let tag = etag(&first)?;
    is(&view, "/vmid", vmid.as_str())?;
    is(&view, "/status", "registered")?;
    is(&view, "/scheme", "amd-sev")?;
    is(&view, "/candidates", 1)?;
    is(&view, "/launches/used", 0)?;
    is(&view, "/launches/left", Value::Null)?;
    is_absent(&view, "/launch-token")?;
    let again = lab.send(&ask).await?;
    success(&ask, &again, 200)?;
    same("the ETag of the same registration", &etag(&again)?, &tag)?;
    for more in [
        json!({ "policy": 1 }),
        json!({ "name": "another" }),
        json!({ "secrets": [{ "type": "luks-passphrase", "passphrase": "another" }] }),
    ] {
        let other = lab.by_owner(Ask::post(format!("/vm/{vmid}"), &lab.sev_with(&more)));
        lab.bad(409, "exists", other).await?;
    }
    Ok(())
}

pub(super) async fn read(lab: &Lab) -> Checked {
    let more = json!({ "name": "db-7", "labels": { "env": "conformance" } });
    let guest = lab.guest(&lab.sev_with(&more)).await?;
    let ask = lab.by_owner(Ask::get(guest.path("")));
    let answer = lab.send(&ask).await?;
    let view = success(&ask, &answer, 200)?;
    etag(&answer)?;
    is(&view, "/name", "db-7")?;
    is(&view, "/labels/env", "conformance")?;
    is(&view, "/registration/policy", 3)?;
    is(&view, "/registration/scheme", "amd-sev")?;
    is_absent(&view, "/registration/secrets/0/passphrase")
}

pub(super) async fn listed(lab: &Lab) -> Checked {
    let label = new_vmid();
    let mut wanted = Vec::new();
    for number in 0..3 {
        let more = json!({ "name": format!("guest {number}"), "labels": { "run": label } });
        wanted.push(lab.guest(&lab.sev_with(&more)).await?.vmid);
    }
    wanted.sort();
    let mut found = Vec::new();
    let mut after = String::new();
    // Each page has one; the last may be empty.
    for _ in 0..=wanted.len() {
        let page = format!("/vm?label.run={label}&status=registered&scheme=amd-sev&limit=1{after}");
        let page = lab.good(200, lab.by_owner(Ask::get(page))).await?;
        let items = member(&page, "/items")?.as_array().cloned().unwrap_or_default();
        demand(items.len() <= 1, "more on a page than `limit` says")?;
        for item in &items {
            found.push(text(item, "/vmid")?);
        }
        match page.get("next").and_then(Value::as_str) {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    same("the guests of all pages", &found, &wanted)?;
    let none = format!("/vm?label.run={label}&status=consumed");
    let none = lab.good(200, lab.by_owner(Ask::get(none))).await?;
    is(&none, "/items", json!([]))?;
    lab.bad(400, "schema", lab.by_owner(Ask::get("/vm?nonsense=1"))).await?;
    lab.bad(400, "out-of-range", lab.by_owner(Ask::get("/vm?limit=0"))).await.map(drop)
}

pub(super) async fn replaced(lab: &Lab) -> Checked {
    let vmid = new_vmid();
    lab.remember(&vmid);
    let put = |more: &Value| lab.by_owner(Ask::put(format!("/vm/{vmid}"), &lab.sev_with(more)));
    lab.bad(428, "precondition-required", put(&json!({}))).await?;
    let create = put(&json!({})).header("if-none-match", "*");
    let made = lab.send(&create).await?;
    success(&create, &made, 201)?;
    let first = etag(&made)?;
    lab.bad(412, "etag-mismatch", create).await?;
    let stale = put(&json!({ "name": "b" })).header("if-match", "\"0\"");
    lab.bad(412, "etag-mismatch", stale).await?;
    let replace = put(&json!({ "name": "b" })).header("if-match", first.clone());
    let replaced = lab.send(&replace).await?;
    success(&replace, &replaced, 200)?;
    let second = etag(&replaced)?;
    demand(first != second, "the ETag of a changed registration is the same")?;
    lab.bad(412, "etag-mismatch", replace).await?;
    let view = lab.good(200, lab.by_owner(Ask::get(format!("/vm/{vmid}")))).await?;
    is(&view, "/name", "b")?;
    let absent = Ask::put(format!("/vm/{}", new_vmid()), &lab.sev()).header("if-match", second);
    let absent = lab.by_owner(absent);
    let answer = lab.send(&absent).await?;
    refusal(&absent, &answer, &[(404, "no-such-vm"), (412, "etag-mismatch")]).map(drop)
}

pub(super) async fn patched(lab: &Lab) -> Checked {
    let more = json!({ "name": "a", "labels": { "x": "1", "y": "2" } });
    let guest = lab.guest(&lab.sev_with(&more)).await?;
    let patch = |body: Value| lab.by_owner(Ask::patch(guest.path(""), &body));
    let ask = patch(
        json!({ "name": null, "labels": { "x": null, "z": "3" }, "launch-limit": { "total": 5 } }),
    );
    let answer = lab.send(&ask).await?;
    let view = success(&ask, &answer, 200)?;
    let tag = etag(&answer)?;
    is_absent(&view, "/name")?;
    is(&view, "/labels", json!({ "y": "2", "z": "3" }))?;
    is(&view, "/launches/left", 5)?;
    lab.bad(412, "etag-mismatch", patch(json!({ "name": "c" })).header("if-match", "\"0\""))
        .await?;
    lab.good(200, patch(json!({ "disabled": true })).header("if-match", tag)).await?;
    is(&guest.read().await?, "/status", "disabled")?;
    for body in
        [json!({ "policy": 1 }), json!({ "secrets": [] }), json!({ "kernel-hash": sha256(b"") })]
    {
        lab.bad(400, "unknown-member", patch(body)).await?;
    }
    is(&guest.read().await?, "/registration/policy", 3)
}

pub(super) async fn deleted(lab: &Lab) -> Checked {
    let guest = lab.guest(&lab.sev()).await?;
    let launch = guest.launch().await?;
    lab.good(204, lab.by_owner(Ask::delete(guest.path("")))).await?;
    lab.bad(404, "no-such-vm", lab.by_owner(Ask::get(guest.path("")))).await?;
    lab.bad(404, "no-such-vm", lab.by_owner(Ask::delete(guest.path("")))).await?;
    lab.bad(410, "vm-deleted", lab.by_owner(Ask::post(guest.path(""), &lab.sev()))).await?;
    let gone = [(404, "no-such-vm"), (404, "no-such-launch"), (410, "vm-deleted")];
    for ask in [guest.launching(), guest.validating(&guest.shown(&launch, &[0; 48]))] {
        let answer = lab.send(&ask).await?;
        refusal(&ask, &answer, &gone)?;
    }
    Ok(())
}

pub(super) async fn misspelt(lab: &Lab) -> Checked {
    let vmid = new_vmid();
    lab.remember(&vmid);
    for (more, code) in [
        (json!({ "kernal-hash": sha256(b"") }), "unknown-member"),
        (json!({ "platform": { "any-owner": true, "cpu-id": "00" } }), "unknown-member"),
        (json!({ "launch-limit": { "Total": 1 } }), "unknown-member"),
        (
            json!({ "firmware-version": { "min": { "api-major": 1, "api-minor": 51, "buld": 3 } } }),
            "unknown-member",
        ),
    ] {
        let ask = lab.by_owner(Ask::post(format!("/vm/{vmid}"), &lab.sev_with(&more)));
        let problem = lab.bad(400, code, ask).await?;
        text(&problem, "/errors/0/pointer")?;
    }
    // A null is no restriction and no absence of one.
    let mut null = lab.sev();
    if let Some(members) = null.as_object_mut() {
        members.insert("cpu-count".into(), Value::Null);
    }
    lab.bad(400, "schema", lab.by_owner(Ask::post(format!("/vm/{vmid}"), &null))).await?;
    let twice = lab.sev().to_string().replacen('{', "{\"policy\":3,", 1);
    let twice = Ask::new(hyper::Method::POST, format!("/vm/{vmid}"))
        .bytes("application/json", twice.into_bytes());
    let twice = lab.by_owner(twice);
    let answer = lab.send(&twice).await?;
    refusal(&twice, &answer, &[(400, "schema"), (400, "malformed-json")])?;
    lab.bad(404, "no-such-vm", lab.by_owner(Ask::get(format!("/vm/{vmid}")))).await.map(drop)
}

pub(super) async fn unmeant(lab: &Lab) -> Checked {
    let vmid = new_vmid();
    lab.remember(&vmid);
    // The secret area of TV-2 has 3072 bytes: the table's head, the entry's head and this are one more.
    let large = "x".repeat(3072 - 20 - 20 + 1);
    for (more, status, code) in [
        (json!({ "policy": 7 }), 422, "policy-inconsistent"),
        (json!({ "policy": 2 }), 422, "policy-inconsistent"),
        (json!({ "policy": 3 + 64 }), 422, "policy-inconsistent"),
        (json!({ "firmware-hashes": [] }), 400, "schema"),
        (json!({ "platform": {} }), 400, "schema"),
        (json!({ "cpu": { "type": "EPYC" } }), 400, "schema"),
        (json!({ "launch-limit": { "concurrent": 0 } }), 400, "out-of-range"),
        (json!({ "launch-limit": { "total": 0 } }), 400, "out-of-range"),
        (
            json!({ "launch-digests": ["00"], "firmware-hashes": null, "kernel-hash": null, "initrd-hash": null, "cmdline": null }),
            400,
            "bad-length",
        ),
        (
            json!({ "secrets": [{ "type": "luks-passphrase", "passphrase": large }] }),
            422,
            "secrets-too-large",
        ),
        (
            json!({ "secrets": [{ "guid": "736869e5-84f0-4973-92ec-06879ce3da0b", "data": "!!!!" }] }),
            400,
            "bad-base64",
        ),
        (
            json!({ "secrets": [
            { "type": "luks-passphrase", "passphrase": "one" },
            { "type": "luks-passphrase", "passphrase": "two" },
        ] }),
            400,
            "schema",
        ),
    ] {
        let ask = lab.by_owner(Ask::post(format!("/vm/{vmid}"), &lab.sev_with(&more)));
        lab.bad(status, code, ask).await?;
    }
    Ok(())
}

pub(super) async fn names(lab: &Lab) -> Checked {
    let guest = lab.guest(&lab.sev()).await?;
    let upper = guest.vmid.to_ascii_uppercase();
    let view = lab.good(200, lab.by_owner(Ask::get(format!("/vm/{upper}")))).await?;
    is(&view, "/vmid", guest.vmid.as_str())?;
    for name in ["00000000-0000-0000-0000-000000000000", "db-7", "57f669c2c4274132bc7a26f56b6a718c"]
    {
        lab.bad(400, "bad-vmid", lab.by_owner(Ask::get(format!("/vm/{name}")))).await?;
    }
    Ok(())
}

pub(super) async fn other_tenant(lab: &Lab) -> Checked {
    let other = lab.other_owner();
    let other = other.ok_or_else(|| Fault::Skipped("without --other-owner".into()))?;
    let guest = lab.guest(&lab.sev()).await?;
    for ask in [
        Ask::get(guest.path("")),
        Ask::post(guest.path(""), &lab.sev()),
        Ask::patch(guest.path(""), &json!({ "disabled": true })),
        Ask::delete(guest.path("")),
    ] {
        let ask = ask.by(other);
        let there = lab.bad(404, "no-such-vm", ask.clone()).await?;
        let mut away = ask;
        away.path = format!("/vm/{}", new_vmid());
        let absent = lab.bad(404, "no-such-vm", away).await?;
        same("`detail` of a guest that is there", &there.get("detail"), &absent.get("detail"))?;
    }
    is(&guest.read().await?, "/status", "registered")
}

pub(super) async fn launch_token(lab: &Lab) -> Checked {
    let vmid = new_vmid();
    lab.remember(&vmid);
    let registration = lab.sev_with(&json!({ "issue-launch-token": true }));
    let ask = lab.by_owner(Ask::post(format!("/vm/{vmid}"), &registration));
    let view = lab.good(201, ask.clone()).await?;
    let token = text(&view, "/launch-token")?;
    // It is shown once.
    is_absent(&lab.good(200, ask).await?, "/launch-token")?;
    let answer = lab.good(200, lab.launch_of(&vmid).by(&token)).await?;
    let id = text(&answer, "/launch-id")?;
    lab.good(200, Ask::get(format!("/vm/{vmid}/launch/{id}")).by(&token)).await?;
    lab.bad(403, "not-allowed", Ask::get(format!("/vm/{vmid}")).by(&token)).await?;
    let other = lab.guest(&lab.sev()).await?;
    lab.bad(404, "no-such-vm", lab.launch_of(&other.vmid).by(&token)).await?;
    // What was registered away is worth nothing any more.
    lab.good(204, lab.by_owner(Ask::delete(format!("/vm/{vmid}")))).await?;
    let gone = lab.launch_of(&vmid).by(&token);
    let answer = lab.send(&gone).await?;
    refusal(&gone, &answer, &[(401, "bad-credentials"), (404, "no-such-vm"), (410, "vm-deleted")])
        .map(drop)
        .map_err(|fault| differs(format!("the token of a guest that was deleted: {fault}")))
}
