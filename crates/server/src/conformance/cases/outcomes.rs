//! What a right measurement comes to, where it is not a packet at once; and what became of a packet.

use serde_json::{Value, json};

use super::validating::opened;
use crate::conformance::client::Ask;
use crate::conformance::expect::{Checked, demand, is, is_absent, same, success};
use crate::conformance::guest::{Guest, Launch};
use crate::conformance::guests::{self, AS_REGISTERED};
use crate::conformance::lab::Lab;

fn without_packet(answer: &Value) -> Checked {
    is_absent(answer, "/secret-header")?;
    is_absent(answer, "/secret-table")
}

pub(super) async fn verdict(lab: &Lab) -> Checked {
    let guest = lab.guest(&lab.sev_with(&json!({ "secrets": null }))).await?;
    is(&guest.read().await?, "/secret-table-bytes", 0)?;
    let (launch, started) = guest.start(&AS_REGISTERED).await?;
    let ask = guest.validating(&guest.shown(&launch, &started.measurement));
    let answer = lab.good(200, ask).await?;
    is(&answer, "/verdict", "trusted")?;
    without_packet(&answer)?;
    is(&guest.state(&launch).await?, "/state", "consumed")
}

pub(super) async fn report_only(lab: &Lab) -> Checked {
    let guest = lab.guest(&lab.sev_with(&json!({ "report-only": true }))).await?;
    let (launch, started) = guest.start(&AS_REGISTERED).await?;
    let ask = guest.validating(&guest.shown(&launch, &started.measurement));
    let answer = lab.good(200, ask).await?;
    is(&answer, "/verdict", "trusted")?;
    is(&answer, "/report-only", true)?;
    without_packet(&answer)?;
    let (launch, started) = guest.start(&AS_REGISTERED).await?;
    let mut wrong = started.measurement;
    wrong.rotate_left(1);
    let ask = guest.validating(&guest.shown(&launch, &wrong));
    lab.bad(403, "measurement-mismatch", ask).await.map(drop)
}

fn deciding(guest: &Guest<'_>, launch: &Launch, approve: bool) -> Ask {
    let path = guest.path(&format!("/approve/{}", launch.id));
    guest.lab.by_owner(Ask::post(path, &json!({ "approve": approve })))
}

pub(super) async fn approved(lab: &Lab) -> Checked {
    let guest = lab.guest(&lab.sev_with(&json!({ "approval": "manual" }))).await?;
    let (launch, started) = guest.start(&AS_REGISTERED).await?;
    // Before anything is right there is nothing to approve.
    lab.bad(409, "launch-pending", deciding(&guest, &launch, true)).await?;
    let ask = guest.validating(&guest.shown(&launch, &started.measurement));
    for _ in 0..2 {
        let answer = lab.send(&ask).await?;
        let body = success(&ask, &answer, 202)?;
        is(&body, "/launch-state", "validated")?;
        without_packet(&body)?;
        let wait = body.get("retry-after").and_then(Value::as_u64);
        demand(wait.is_some_and(|wait| wait > 0), "202 without `retry-after`")?;
        let header = answer.header("retry-after").and_then(|text| text.parse::<u64>().ok());
        same("the header `Retry-After`", &header, &wait)?;
    }
    is(&guest.state(&launch).await?, "/state", "validated")?;
    is(&guest.read().await?, "/status", "validated")?;
    // One launch is one guest: another measurement takes no other's place.
    let second = guests::start(lab, &launch, &AS_REGISTERED)?;
    let other = guest.validating(&guest.shown(&launch, &second.measurement));
    lab.bad(409, "launch-busy", other).await?;
    lab.good(204, deciding(&guest, &launch, true)).await?;
    let answer = lab.good(200, ask).await?;
    let opened = opened(lab, &started, &answer)?;
    demand(opened == *lab.table(), "the packet is not the registered secrets")?;
    lab.bad(409, "launch-consumed", deciding(&guest, &launch, false)).await.map(drop)
}

pub(super) async fn denied(lab: &Lab) -> Checked {
    let guest = lab.guest(&lab.sev_with(&json!({ "approval": "manual" }))).await?;
    let (launch, started) = guest.start(&AS_REGISTERED).await?;
    let ask = guest.validating(&guest.shown(&launch, &started.measurement));
    lab.good(202, ask.clone()).await?;
    lab.bad(403, "not-allowed", {
        let path = guest.path(&format!("/approve/{}", launch.id));
        lab.by_launcher(Ask::post(path, &json!({ "approve": true })))
    })
    .await?;
    lab.good(204, deciding(&guest, &launch, false)).await?;
    lab.bad(403, "denied-by-owner", ask).await?;
    is(&guest.read().await?, "/status", "failed")
}

pub(super) async fn acknowledged(lab: &Lab) -> Checked {
    let guest = lab.guest(&lab.sev()).await?;
    let (launch, started) = guest.start(&AS_REGISTERED).await?;
    let ack = |body: Value| lab.by_launcher(Ask::post(guest.of_launch(&launch, "/ack"), &body));
    let injected = || ack(json!({ "result": "injected" }));
    lab.bad(409, "launch-pending", injected()).await?;
    lab.good(200, guest.validating(&guest.shown(&launch, &started.measurement))).await?;
    lab.bad(400, "schema", ack(json!({ "result": "perhaps" }))).await?;
    lab.good(204, injected()).await?;
    lab.good(204, injected()).await?;
    is(&guest.state(&launch).await?, "/acknowledged", "injected")?;
    let other =
        ack(json!({ "result": "failed", "error": "SEV: Not in correct state. (LSECRET) 3" }));
    lab.bad(409, "launch-consumed", other).await?;
    is(&guest.read().await?, "/recent/0/acknowledged", "injected")
}
