//! Tokens: made, shown once, listed, revoked; expired, mistyped, and never more than who makes them.

use std::time::Duration;

use serde_json::{Value, json};
use sev_launch_protocol::views::Scope;
use sev_launch_server::conformance::Ask;

use crate::lab::{Lab, OTHER, TENANT};

fn making(body: &Value, by: &str) -> Ask {
    Ask::post("/token", body).by(by)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_lives_from_its_making_to_its_revocation() {
    let lab = Lab::new();
    let admin = lab.token(TENANT, &[Scope::Admin]);
    let wanted = json!({ "name": "a reader", "scopes": ["vm:read"] });
    let made = lab.expect(201, "", making(&wanted, &admin)).await;
    let (token, id) = (made["token"].as_str().unwrap(), made["id"].as_str().unwrap());
    lab.expect(200, "", Ask::get("/vm").by(token)).await;
    let list = lab.expect(200, "", Ask::get("/token").by(&admin)).await;
    let listed = list["items"].as_array().unwrap();
    assert!(listed.iter().any(|one| one["id"] == id && one.get("token").is_none()), "{list}");
    assert!(!list.to_string().contains(token));
    lab.expect(204, "", Ask::delete(format!("/token/{id}")).by(&admin)).await;
    lab.expect(401, "bad-credentials", Ask::get("/vm").by(token)).await;
    lab.expect(404, "no-such-token", Ask::delete(format!("/token/{id}")).by(&admin)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_and_mistyped_tokens() {
    let lab = Lab::new();
    let token = lab.owner();
    lab.expect(200, "", Ask::get("/vm").by(&token)).await;
    // Every character counts.
    for at in 0..token.len() {
        let mut typed = token.clone().into_bytes();
        typed[at] = if typed[at] == b'A' { b'B' } else { b'A' };
        let typed = String::from_utf8(typed).unwrap();
        lab.expect(401, "bad-credentials", Ask::get("/vm").by(&typed)).await;
    }
    for typed in ["", " ", "sat_", &token[1..], &format!("{token}0")] {
        lab.expect(401, "bad-credentials", Ask::get("/vm").by(typed)).await;
    }
    for header in ["Bearer", "Basic dTpw", &token, &format!("Token {token}")] {
        let ask = Ask::get("/vm").header("authorization", header);
        lab.expect(401, "bad-credentials", ask).await;
    }
    let twice = Ask::get("/vm").by(&token).header("authorization", format!("Bearer {token}"));
    lab.expect(400, "schema", twice).await;
    lab.expect(200, "", Ask::get("/vm").header("authorization", format!("bearer {token}"))).await;
    lab.clock.forward(Duration::from_millis(86_399_999));
    lab.expect(200, "", Ask::get("/vm").by(&token)).await;
    lab.clock.forward(Duration::from_millis(1));
    lab.expect(401, "expired-credentials", Ask::get("/vm").by(&token)).await;
    // Of another whose secret is not known the expiry is not told.
    let mut other = token.clone().into_bytes();
    other[20] ^= 1;
    let other = String::from_utf8(other).unwrap();
    lab.expect(401, "bad-credentials", Ask::get("/vm").by(&other)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_makes_more_than_they_have() {
    let lab = Lab::new();
    let owner = lab.owner();
    for (scopes, status) in [
        (json!(["vm:read"]), 201),
        (json!(["launch"]), 201),
        (json!(["audit:read"]), 403),
        (json!(["admin"]), 403),
        (json!(["vm:write", "admin"]), 403),
    ] {
        let code = if status == 403 { "not-allowed" } else { "" };
        let ask = making(&json!({ "name": "x", "scopes": scopes }), &owner);
        lab.expect(status, code, ask).await;
    }
    let away = json!({ "name": "x", "scopes": ["vm:read"], "tenant": OTHER });
    lab.expect(403, "not-allowed", making(&away, &owner)).await;
    let admin = lab.token(TENANT, &[Scope::Admin]);
    let made = lab.expect(201, "", making(&away, &admin)).await;
    assert_eq!(made["tenant"], OTHER);
    for (body, status, code) in [
        (json!({ "name": "x", "scopes": [] }), 400, "schema"),
        (json!({ "name": "x", "scopes": ["root"] }), 400, "schema"),
        (json!({ "name": "x", "scopes": ["vm:read"], "days": 0 }), 400, "out-of-range"),
        (json!({ "name": "x", "scopes": ["vm:read"], "days": 367 }), 400, "out-of-range"),
        (json!({ "name": "x", "scopes": ["vm:read"], "tenant": "../x" }), 400, "schema"),
        (json!({ "name": "x", "scopes": ["vm:read"], "vm": 1 }), 400, "unknown-member"),
    ] {
        lab.expect(status, code, making(&body, &admin)).await;
    }
    // The tokens of another tenant are not seen and not revoked.
    let id = made["id"].as_str().unwrap();
    lab.expect(404, "no-such-token", Ask::delete(format!("/token/{id}")).by(&admin)).await;
    let list = lab.expect(200, "", Ask::get("/token").by(&admin)).await;
    assert!(list["items"].as_array().unwrap().iter().all(|one| one["tenant"] == TENANT));
}
