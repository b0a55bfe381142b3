//! How often, and when not any more.

use std::time::Duration;

use serde_json::json;
use sev_launch_server::conformance::Ask;
use sev_launch_server::http::Rates;
use sev_launch_server::rate::Rate;

use crate::host::validating;
use crate::lab::{Lab, Setup, unlimited, vmid};

async fn limited(lab: &Lab, ask: Ask, wait: u64) {
    let answer = lab.send(ask).await;
    assert_eq!((answer.status, answer.code().as_str()), (429, "rate-limited"), "{answer:?}");
    assert_eq!(answer.header("retry-after"), Some(wait.to_string().as_str()));
    assert_eq!(answer.json()["retryable"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn launches_of_a_guest() {
    let launch_of_guest = Rate { per_minute: 6, burst: 3 };
    let lab =
        Lab::with(Setup { rates: Rates { launch_of_guest, ..unlimited() }, ..Setup::default() });
    lab.register(&vmid(1), json!({})).await;
    lab.register(&vmid(2), json!({})).await;
    let token = lab.launcher();
    for _ in 0..3 {
        lab.launch(&vmid(1), &token).await;
    }
    let ask = || Ask::post(format!("/vm/{}/launch", vmid(1)), &lab.launching()).by(&token);
    limited(&lab, ask(), 10).await;
    // Another guest has its own, and nothing was begun.
    lab.launch(&vmid(2), &token).await;
    let view = lab.expect(200, "", Ask::get(format!("/vm/{}", vmid(1))).by(&lab.owner())).await;
    assert_eq!(view["launches"]["used"], 3);
    lab.clock.forward(Duration::from_secs(10));
    lab.expect(200, "", ask()).await;
    limited(&lab, ask(), 10).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_launcher_an_owner_and_images() {
    let few = Rate { per_minute: 60, burst: 2 };
    let rates = Rates { launch: few, validate: few, write: few, firmware: few, ..unlimited() };
    let lab = Lab::with(Setup { rates, ..Setup::default() });
    lab.register(&vmid(1), json!({})).await;
    let (one, two) = (lab.launcher(), lab.launcher());
    let launch =
        |token: &str| Ask::post(format!("/vm/{}/launch", vmid(1)), &lab.launching()).by(token);
    lab.launch(&vmid(1), &one).await;
    lab.launch(&vmid(1), &one).await;
    limited(&lab, launch(&one), 1).await;
    lab.expect(200, "", launch(&two)).await;
    let shown =
        json!({ "api-major": 1, "api-minor": 0, "build-id": 0, "measurement": "A".repeat(64) });
    for _ in 0..2 {
        lab.expect(403, "measurement-mismatch", validating(&vmid(1), &shown, &two)).await;
    }
    limited(&lab, validating(&vmid(1), &shown, &two), 1).await;
    let owner = lab.owner();
    let measure = || Ask::post("/measure", &json!({})).by(&owner);
    lab.expect(400, "schema", measure()).await;
    lab.expect(400, "schema", measure()).await;
    limited(&lab, measure(), 1).await;
    // Reading is free, and images count for themselves.
    lab.expect(200, "", Ask::get("/vm").by(&owner)).await;
    let image = || {
        Ask::new(hyper::Method::POST, "/firmware")
            .bytes("application/octet-stream", crate::host::image())
            .by(&owner)
    };
    lab.expect(200, "", image()).await;
    lab.expect(200, "", image()).await;
    limited(&lab, image(), 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn measurements_of_a_guest() {
    let validate_of_guest = Rate { per_minute: 10, burst: 2 };
    let rates = Rates { validate_of_guest, ..unlimited() };
    let lab = Lab::with(Setup { rates, ..Setup::default() });
    lab.register(&vmid(1), json!({})).await;
    let token = lab.launcher();
    lab.launch(&vmid(1), &token).await;
    let shown =
        json!({ "api-major": 1, "api-minor": 0, "build-id": 0, "measurement": "A".repeat(64) });
    for _ in 0..2 {
        lab.expect(403, "measurement-mismatch", validating(&vmid(1), &shown, &token)).await;
    }
    limited(&lab, validating(&vmid(1), &shown, &token), 6).await;
    lab.clock.forward(Duration::from_secs(6));
    lab.expect(403, "measurement-mismatch", validating(&vmid(1), &shown, &token)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_are_refused() {
    let refused = Rate { per_minute: 30, burst: 3 };
    let lab = Lab::with(Setup { rates: Rates { refused, ..unlimited() }, ..Setup::default() });
    for _ in 0..3 {
        lab.expect(401, "bad-credentials", Ask::get("/vm").by("sat_wrong")).await;
    }
    limited(&lab, Ask::get("/vm").by("sat_wrong"), 2).await;
    limited(&lab, Ask::get("/vm"), 2).await;
    // Those that hold are not kept out, though they come from the same address.
    lab.expect(200, "", Ask::get("/vm").by(&lab.owner())).await;
    lab.expect(403, "not-allowed", Ask::get("/vm").by(&lab.launcher())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_drains() {
    let lab = Lab::new();
    let owner = lab.owner();
    lab.expect(200, "", Ask::get("/vm").by(&owner)).await;
    lab.app.drain();
    for ask in [Ask::get("/vm").by(&owner), Ask::get("/"), Ask::get("/vm")] {
        let answer = lab.send(ask).await;
        assert_eq!((answer.status, answer.code().as_str()), (503, "draining"));
        assert!(answer.header("retry-after").is_some());
        assert_eq!(answer.json()["retryable"], true);
    }
}
