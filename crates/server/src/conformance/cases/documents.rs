//! What anybody may read, and who may do what.

use hyper::Method;
use serde_json::{Value, json};

use crate::conformance::client::Ask;
use crate::conformance::expect::{Checked, demand, is, member, refusal, same, text};
use crate::conformance::guests;
use crate::conformance::lab::{Lab, new_vmid};

pub(super) async fn service(lab: &Lab) -> Checked {
    let document = lab.good(200, Ask::get("/")).await?;
    is(&document, "/service", "sev-attestation")?;
    is(&document, "/api", "v1")?;
    is(&document, "/limits/body-bytes", 262_144)?;
    is(&document, "/limits/firmware-bytes", 67_108_864)?;
    is(&document, "/limits/candidates", 4096)?;
    let schemes = member(&document, "/schemes")?.as_array().cloned().unwrap_or_default();
    demand(schemes.contains(&"amd-sev".into()), "`schemes` lacks amd-sev")?;
    let time = text(&document, "/time")?;
    // 2026-11-21T02:00:00.000Z
    let is_time = time.len() == 24 && time.ends_with('Z') && time.get(19..20) == Some(".");
    demand(is_time, format!("`time` is {time:?}, wanted milliseconds and Z"))?;
    member(&document, "/features").map(drop)
}

pub(super) async fn descriptions(lab: &Lab) -> Checked {
    let document = lab.good(200, Ask::get("/openapi.json")).await?;
    demand(text(&document, "/openapi")?.starts_with("3.1"), "not OpenAPI 3.1")?;
    for path in ["/vm/{vmid}", "/vm/{vmid}/launch", "/vm/{vmid}/validate"] {
        let paths = member(&document, "/paths")?;
        demand(paths.get(path).is_some(), format!("{path} is not described"))?;
    }
    for code in ["measurement-mismatch", "launch-consumed", "chain-root"] {
        let ask = Ask::get(format!("/problems/{code}"));
        let answer = lab.send(&ask).await?;
        same(&format!("{ask:?}"), &answer.status, &200)?;
        demand(!answer.body.is_empty(), "a problem without a text")?;
    }
    Ok(())
}

pub(super) async fn no_such_path(lab: &Lab) -> Checked {
    lab.bad(404, "no-such-route", lab.by_owner(Ask::get("/no/such/path"))).await?;
    let ask = lab.by_owner(Ask::new(Method::PATCH, "/firmware").json(&json!({})));
    let answer = lab.send(&ask).await?;
    refusal(&ask, &answer, &[(405, "method")])?;
    let allowed = answer.header("allow").unwrap_or_default().to_owned();
    demand(allowed.contains("GET") && allowed.contains("POST"), format!("`Allow: {allowed}`"))
}

pub(super) async fn credentials(lab: &Lab) -> Checked {
    lab.bad(401, "no-credentials", Ask::get("/vm")).await?;
    lab.bad(401, "bad-credentials", Ask::get("/vm").by("sat_not_a_token")).await?;
    let ask = Ask::get("/vm").header("authorization", "Basic dXNlcjpwYXNz");
    lab.bad(401, "bad-credentials", ask).await?;
    // To a stranger a guest that is there and one that is not are the same.
    let guest = lab.guest(&lab.sev()).await?;
    for vmid in [guest.vmid.clone(), new_vmid()] {
        lab.bad(401, "no-credentials", lab.launch_of(&vmid)).await?;
        lab.bad(401, "no-credentials", Ask::get(format!("/vm/{vmid}"))).await?;
    }
    Ok(())
}

pub(super) async fn roles(lab: &Lab) -> Checked {
    let guest = lab.guest(&lab.sev()).await?;
    let none = Value::Object(serde_json::Map::new());
    let of_owner = [
        Ask::get("/vm"),
        Ask::get("/firmware"),
        Ask::get(guest.path("")),
        Ask::patch(guest.path(""), &none),
        Ask::post(guest.path(""), &lab.sev()),
        Ask::delete(guest.path("")),
        Ask::post("/measure", &lab.sev()),
        guests::upload(),
    ];
    for ask in of_owner {
        lab.bad(403, "not-allowed", lab.by_launcher(ask.clone())).await?;
        lab.bad(403, "not-allowed", lab.by_auditor(ask)).await?;
    }
    for ask in [lab.launch_of(&guest.vmid), Ask::post(guest.path("/validate"), &none)] {
        lab.bad(403, "not-allowed", lab.by_owner(ask.clone())).await?;
        lab.bad(403, "not-allowed", lab.by_auditor(ask)).await?;
    }
    for ask in [Ask::get("/audit"), Ask::get("/audit/checkpoints")] {
        lab.bad(403, "not-allowed", lab.by_owner(ask.clone())).await?;
        lab.bad(403, "not-allowed", lab.by_launcher(ask)).await?;
    }
    Ok(())
}
