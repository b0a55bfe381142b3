//! What time does, and a clock that goes back.

use std::time::Duration;

use base64::Engine as _;
use serde_json::json;
use sev_launch_protocol::views::Scope;
use sev_launch_server::conformance::Ask;

use crate::host::validating;
use crate::lab::{Lab, NOW, TENANT, vmid};

const HOUR: Duration = Duration::from_secs(3600);

fn state(vmid: &str, launch: &serde_json::Value, token: &str) -> Ask {
    Ask::get(format!("/vm/{vmid}/launch/{}", launch["launch-id"].as_str().unwrap())).by(token)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_launch_expires_to_the_millisecond() {
    let mut lab = Lab::new();
    let guest = vmid(1);
    lab.register(&guest, json!({ "launch-limit": { "ttl": "PT1M" } })).await;
    let token = lab.launcher();
    let launch = lab.launch(&guest, &token).await;
    // NOW is 2026-11-29T00:00:00Z by `date -u -d @1795910400`.
    assert_eq!(NOW, 1_795_910_400_000);
    assert_eq!(launch["expires-at"], "2026-11-29T00:01:00.000Z");
    let (handle, shown) = lab.start(&launch);
    lab.clock.forward(Duration::from_millis(59_999));
    let answer = lab.expect(200, "", validating(&guest, &shown, &token)).await;
    lab.open(handle, &answer);

    let launch = lab.launch(&guest, &token).await;
    let (_, shown) = lab.start(&launch);
    lab.clock.forward(Duration::from_millis(60_000));
    let view = lab.expect(200, "", state(&guest, &launch, &token)).await;
    assert_eq!(view["state"], "expired");
    lab.expect(410, "launch-expired", validating(&guest, &shown, &token)).await;
    let view = lab.expect(200, "", Ask::get(format!("/vm/{guest}")).by(&lab.owner())).await;
    assert_eq!(view["status"], "registered");
    assert_eq!(lab.releases(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_expired_does_not_come_back_with_the_clock() {
    let mut lab = Lab::new();
    let guest = vmid(1);
    lab.register(&guest, json!({ "launch-limit": { "ttl": "PT1M" } })).await;
    let token = lab.launcher();
    let launch = lab.launch(&guest, &token).await;
    let (_, shown) = lab.start(&launch);
    lab.clock.forward(Duration::from_secs(61));
    lab.expect(410, "launch-expired", validating(&guest, &shown, &token)).await;
    lab.clock.back(Duration::from_secs(30));
    lab.expect(410, "launch-expired", validating(&guest, &shown, &token)).await;
    assert_eq!(lab.releases(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_goes_back_releases_once_all_the_same() {
    let mut lab = Lab::new();
    let guest = vmid(1);
    lab.register(&guest, json!({})).await;
    let token = lab.token(TENANT, &[Scope::Launch]);
    let launch = lab.launch(&guest, &token).await;
    let (handle, shown) = lab.start(&launch);
    lab.clock.back(HOUR);
    // The token was made in what is the future now, and holds.
    let answer = lab.expect(200, "", validating(&guest, &shown, &token)).await;
    lab.open(handle, &answer);
    lab.clock.back(HOUR);
    let again = lab.send(validating(&guest, &shown, &token)).await;
    assert_eq!(again.json(), answer);
    lab.clock.forward(HOUR);
    lab.clock.forward(HOUR);
    lab.clock.forward(HOUR);
    // The stored answer is gone, and so are the keys.
    lab.expect(409, "launch-consumed", validating(&guest, &shown, &token)).await;
    assert_eq!(lab.releases(), 1);
    // A later launch is one by the clock that went on.
    let launch = lab.launch(&guest, &token).await;
    let (_, shown) = lab.start(&launch);
    lab.expect(200, "", validating(&guest, &shown, &token)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_given_again_for_a_while() {
    let mut lab = Lab::new();
    let guest = vmid(1);
    lab.register(&guest, json!({})).await;
    let token = lab.launcher();
    let launch = || {
        let ask = Ask::post(format!("/vm/{guest}/launch"), &lab.launching()).by(&token);
        ask.header("idempotency-key", "key")
    };
    let first = lab.expect(200, "", launch()).await;
    lab.clock.forward(Duration::from_secs(599));
    assert_eq!(lab.expect(200, "", launch()).await, first);
    lab.clock.forward(Duration::from_secs(2));
    let second = lab.expect(200, "", launch()).await;
    assert_ne!(second["launch-id"], first["launch-id"]);
    let (_, shown) = lab.start(&second);
    let packet = lab.expect(200, "", validating(&guest, &shown, &token)).await;
    lab.clock.forward(Duration::from_secs(119));
    assert_eq!(lab.expect(200, "", validating(&guest, &shown, &token)).await, packet);
    lab.clock.forward(Duration::from_secs(2));
    lab.expect(409, "launch-consumed", validating(&guest, &shown, &token)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_open_and_close() {
    let mut lab = Lab::new();
    let guest = vmid(1);
    let window = json!({
        "valid-from": "2026-11-29T01:00:00.000Z", "valid-until": "2026-11-29T02:00:00.000Z",
        "launch-limit": { "ttl": "PT24H" },
    });
    lab.register(&guest, window).await;
    let token = lab.launcher();
    let launching = Ask::post(format!("/vm/{guest}/launch"), &lab.launching()).by(&token);
    lab.expect(403, "outside-window", launching.clone()).await;
    lab.clock.forward(HOUR);
    let launch = lab.launch(&guest, &token).await;
    // It does not outlive the window.
    assert_eq!(launch["expires-at"], "2026-11-29T02:00:00.000Z");
    let (_, shown) = lab.start(&launch);
    lab.clock.forward(HOUR);
    lab.expect(410, "launch-expired", validating(&guest, &shown, &token)).await;
    lab.expect(403, "outside-window", launching).await;
    let view = lab.expect(200, "", Ask::get(format!("/vm/{guest}")).by(&lab.owner())).await;
    assert_eq!(view["status"], "expired");
    let measurement = shown["measurement"].as_str().unwrap();
    assert_eq!(base64::engine::general_purpose::STANDARD.decode(measurement).unwrap().len(), 48);
}
