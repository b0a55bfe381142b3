//! Requests that must be refused, by those who have a token, a session or a packet already, of a service that was killed before.
//!
//! What is malformed below HTTP is tried by the server's own tests of its listener.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::client::Tokens;
use crate::served::{Answer, Client, Host, Request, Server, base64, registration};

/// An attack: what it is, the request, and how it is refused.
type Attack = (&'static str, Request, u16, &'static str);

const SECRET: &str = "a secret that is asked for in wrong ways";

/// Asks a service, as somebody with its tokens.
struct Asking<'a> {
    server: &'a Server,
    client: Client,
}

impl Asking<'_> {
    fn ask(&mut self, request: &Request, wanted: u16) -> Result<Answer> {
        let answer = self.client.ask(self.server.service, request)?;
        let told = format!("{} {}: {}", request.method, request.path, answer.told());
        ensure!(answer.status == wanted, "{told}, wanted {wanted}");
        Ok(answer)
    }
}

/// Tries them all; how many there were. One packet is released on the way, by the one request that may have it.
pub(super) fn run(server: &Server, tokens: &Tokens, platform: &Path) -> Result<usize> {
    let mut asking = Asking { server, client: Client::default() };
    let mut host = Host::new(platform)?;
    let by = |token: &str, method, path: &str| Request::new(method, path, token);
    let launcher = |method, path: &str| by(&tokens.launcher, method, path);
    let owner = |method, path: &str| by(&tokens.owner, method, path);
    let [one, two] =
        ["11111111", "22222222"].map(|head| format!("{head}-a77a-4c0d-8000-000000000000"));

    for guest in [&one, &two] {
        let body = registration(false, false, 64, SECRET);
        asking.ask(&owner("POST", &format!("/vm/{guest}")).json(&body), 201)?;
    }
    let begin = launcher("POST", &format!("/vm/{one}/launch")).header("Idempotency-Key", "a key");
    let first = asking.ask(&begin.clone().json(&host.request()), 200)?.json();
    let begin_two = launcher("POST", &format!("/vm/{two}/launch")).json(&host.request());
    let second = asking.ask(&begin_two, 200)?.json();
    let name = |answer: &Value| {
        let id = answer.get("launch-id").and_then(Value::as_str).map(str::to_owned);
        id.context("no launch-id")
    };
    let (first_id, second_id) = (name(&first)?, name(&second)?);
    let (guest, other) = (host.start(&first, false)?, host.start(&second, false)?);
    let validate =
        |guest: &str, body: &Value| launcher("POST", &format!("/vm/{guest}/validate")).json(body);
    let packet = asking.ask(&validate(&one, &guest.validate), 200)?;
    host.inject(&guest, &packet.json(), SECRET)?;

    let with = |body: &Value, member: &str, value: Value| {
        let mut body = body.clone();
        body[member] = value;
        body
    };
    let (mine, theirs) = (&guest.validate, &other.validate);
    let mut request = host.request();
    request["host"] = "another host".into();
    let mut chain = host.chain().to_vec();
    // The CEK is the fourth certificate; its signature by the ASK begins at 0x424.
    if let Some(byte) = chain.get_mut(3 * 2084 + 0x424 + 9) {
        *byte ^= 1;
    }
    let forged = json!({ "cert-chain": base64(&chain) });
    let cut = json!({ "cert-chain": base64(chain.get(..2084).unwrap_or_default()) });
    let token = |end: &str| {
        let kept =
            tokens.launcher.get(..tokens.launcher.len().saturating_sub(1)).unwrap_or_default();
        format!("{kept}{end}")
    };
    let mistyped = if tokens.launcher.ends_with('0') { token("1") } else { token("0") };
    let mut nobody = validate(&two, theirs);
    nobody.token = None;
    let mut twice = validate(&two, theirs);
    twice.body = br#"{"policy":3,"policy":3}"#.to_vec();
    let launch_of =
        |guest: &str, launch: &str, rest: &str| format!("/vm/{guest}/launch/{launch}{rest}");
    let injected = json!({ "result": "injected" });
    let other_version = theirs.get("build-id").and_then(Value::as_u64).unwrap_or_default() ^ 1;
    let new_token = |scope: &str| json!({ "name": "more", "scopes": [scope] });

    let attacks: Vec<Attack> = vec![
        (
            "a packet once more, by another request",
            validate(&one, &with(mine, "note", 1.into())),
            409,
            "launch-consumed",
        ),
        (
            "another guest's measurement",
            validate(&two, &with(mine, "launch-id", json!(second_id))),
            403,
            "measurement-mismatch",
        ),
        ("another guest's launch", validate(&two, mine), 404, "no-such-launch"),
        (
            "another build than was measured",
            validate(&two, &with(theirs, "build-id", other_version.into())),
            403,
            "measurement-mismatch",
        ),
        (
            "another policy than the session's",
            validate(&two, &with(theirs, "policy", 1.into())),
            403,
            "policy-mismatch",
        ),
        ("a member twice", twice, 400, "malformed-json"),
        (
            "an idempotency key with another body",
            begin.clone().json(&request),
            422,
            "idempotency-mismatch",
        ),
        (
            "a forged signature on the CEK",
            launcher("POST", &format!("/vm/{two}/launch")).json(&forged),
            403,
            "chain-signature",
        ),
        (
            "a PDH without a chain",
            launcher("POST", &format!("/vm/{two}/launch")).json(&cut),
            403,
            "chain-usage",
        ),
        (
            "an acknowledgement before the packet",
            launcher("POST", &launch_of(&two, &second_id, "/ack")).json(&injected),
            409,
            "launch-pending",
        ),
        (
            "an approval before the measurement",
            owner("POST", &format!("/vm/{two}/approve/{second_id}"))
                .json(&json!({ "approve": true })),
            409,
            "launch-pending",
        ),
        (
            "a revocation after the packet",
            launcher("DELETE", &launch_of(&one, &first_id, "")),
            409,
            "launch-consumed",
        ),
        ("nobody", nobody, 401, "no-credentials"),
        (
            "a mistyped token",
            by(&mistyped, "GET", &launch_of(&two, &second_id, "")),
            401,
            "bad-credentials",
        ),
        (
            "a launcher who reads a guest",
            launcher("GET", &format!("/vm/{one}")),
            403,
            "not-allowed",
        ),
        (
            "a launcher who deletes a guest",
            launcher("DELETE", &format!("/vm/{one}")),
            403,
            "not-allowed",
        ),
        (
            "a launcher who approves",
            launcher("POST", &format!("/vm/{two}/approve/{second_id}"))
                .json(&json!({ "approve": true })),
            403,
            "not-allowed",
        ),
        ("a launcher who reads the audit", launcher("GET", "/audit"), 403, "not-allowed"),
        (
            "a launcher who makes a token",
            launcher("POST", "/token").json(&new_token("launch")),
            403,
            "not-allowed",
        ),
        (
            "an owner who makes a token for more than they may",
            owner("POST", "/token").json(&new_token("admin")),
            403,
            "not-allowed",
        ),
        (
            "an owner who validates",
            owner("POST", &format!("/vm/{two}/validate")).json(theirs),
            403,
            "not-allowed",
        ),
        (
            "an auditor who launches",
            by(&tokens.auditor, "POST", &format!("/vm/{two}/launch")).json(&host.request()),
            403,
            "not-allowed",
        ),
        (
            "another tenant's path",
            launcher("POST", &format!("/t/other/vm/{two}/validate")).json(theirs),
            404,
            "no-such-vm",
        ),
        (
            "a method that the path does not take",
            launcher("DELETE", &format!("/vm/{two}/validate")),
            405,
            "method",
        ),
    ];
    for (what, request, status, code) in &attacks {
        let answer = asking.ask(request, *status).with_context(|| (*what).to_owned())?;
        ensure!(answer.code() == *code, "{what}: {}, wanted {code}", answer.told());
        refused(&answer).with_context(|| (*what).to_owned())?;
    }

    // What was given up stays so, also for the measurement that would have been right.
    asking.ask(&launcher("DELETE", &launch_of(&two, &second_id, "")), 204)?;
    let answer = asking.ask(&validate(&two, theirs), 410)?;
    ensure!(answer.code() == "launch-revoked", "{}", answer.told());
    asking.ask(&owner("DELETE", &format!("/vm/{one}")), 204)?;
    // The packet that was kept to be repeated went with the guest.
    let answer = asking.ask(&validate(&one, mine), 404)?;
    refused(&answer)?;
    Ok(attacks.len() + 2)
}

/// Nothing of a session or a packet is in a refusal.
fn refused(answer: &Answer) -> Result<()> {
    let kind = answer.header("content-type").unwrap_or_default();
    ensure!(kind.starts_with("application/problem+json"), "a refusal of the type {kind:?}");
    let document = answer.json();
    let handed = ["session", "secret-table", "secret-header", "token", "nonce"];
    let found = handed.iter().find(|member| document.get(**member).is_some());
    ensure!(found.is_none(), "a refusal with {found:?}");
    Ok(())
}
