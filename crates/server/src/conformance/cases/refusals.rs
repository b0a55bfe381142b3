//! Measurements that prove nothing, and what is asked wrongly about right ones.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::validating::opened;
use crate::conformance::client::Ask;
use crate::conformance::expect::{Checked, demand, is};
use crate::conformance::guest::{Guest, Launch, Started};
use crate::conformance::guests::{AS_REGISTERED, OTHER_KERNEL};
use crate::conformance::lab::{Lab, new_vmid, sha256, with};

/// Shows the right measurement with other members.
fn showing(guest: &Guest<'_>, launch: &Launch, started: &Started, more: &Value) -> Ask {
    guest.validating(&with(guest.shown(launch, &started.measurement), more))
}

async fn attempts_left(guest: &Guest<'_>, launch: &Launch, wanted: u64) -> Checked {
    is(&guest.state(launch).await?, "/attempts-left", wanted)
}

pub(super) async fn wrong_kernel(lab: &Lab) -> Checked {
    let guest = lab.guest(&lab.sev()).await?;
    let (launch, started) = guest.start(&OTHER_KERNEL).await?;
    let ask = showing(&guest, &launch, &started, &json!({}));
    for left in [2, 1, 0] {
        let problem = lab.bad(403, "measurement-mismatch", ask.clone()).await?;
        is(&problem, "/attempts-left", left)?;
        is(&problem, "/launch-id", launch.id.as_str())?;
        is(&problem, "/launch-state", if left == 0 { "failed" } else { "launched" })?;
        is(&problem, "/retryable", false)?;
        // Which digests there are is the owner's business.
        let said = problem.to_string();
        let expected = "693bc5a8aac2de6bb1b70a3fb662c2e8abf63af351c31bd5f40514ec30e42821";
        demand(!said.contains(expected), "the refusal tells the digest that would be right")?;
    }
    lab.bad(410, "launch-failed", ask).await?;
    is(&guest.read().await?, "/status", "failed")?;
    // The next launch is another one.
    let (launch, started) = guest.start(&AS_REGISTERED).await?;
    lab.good(200, showing(&guest, &launch, &started, &json!({}))).await.map(drop)
}

pub(super) async fn flipped(lab: &Lab) -> Checked {
    let limit = json!({ "launch-limit": { "validate-attempts": 16 } });
    let guest = lab.guest(&lab.sev_with(&limit)).await?;
    let (launch, started) = guest.start(&AS_REGISTERED).await?;
    // In MEASURE, in MNONCE; and a version and a build that are not the platform's, which the MAC covers.
    for at in [0, 31, 32, 47] {
        let mut measurement = started.measurement;
        if let Some(byte) = measurement.get_mut(at) {
            *byte ^= 0x80;
        }
        let ask = guest.validating(&guest.shown(&launch, &measurement));
        lab.bad(403, "measurement-mismatch", ask).await?;
    }
    for more in [json!({ "api-minor": 0 }), json!({ "build-id": 255 }), json!({ "api-major": 255 })]
    {
        lab.bad(403, "measurement-mismatch", showing(&guest, &launch, &started, &more)).await?;
    }
    attempts_left(&guest, &launch, 9).await?;
    let answer = lab.good(200, showing(&guest, &launch, &started, &json!({}))).await?;
    opened(lab, &started, &answer).map(drop)
}

pub(super) async fn other_launch(lab: &Lab) -> Checked {
    let limit = json!({ "launch-limit": { "concurrent": 2 } });
    let guest = lab.guest(&lab.sev_with(&limit)).await?;
    let (_, old) = guest.start(&AS_REGISTERED).await?;
    let (launch, _) = guest.start(&AS_REGISTERED).await?;
    let ask = guest.validating(&guest.shown(&launch, &old.measurement));
    lab.bad(403, "measurement-mismatch", ask).await.map(drop)
}

pub(super) async fn policy_echoed(lab: &Lab) -> Checked {
    let guest = lab.guest(&lab.sev()).await?;
    let (launch, started) = guest.start(&AS_REGISTERED).await?;
    for policy in [0_u64, 1, 7, 0xffff_ffff] {
        let ask = showing(&guest, &launch, &started, &json!({ "policy": policy }));
        lab.bad(403, "policy-mismatch", ask).await?;
    }
    attempts_left(&guest, &launch, 3).await?;
    lab.good(200, showing(&guest, &launch, &started, &json!({}))).await.map(drop)
}

pub(super) async fn numbers(lab: &Lab) -> Checked {
    let guest = lab.guest(&lab.sev()).await?;
    let (launch, started) = guest.start(&AS_REGISTERED).await?;
    // 257 is 1 where it is cut to a byte, and 287 is 31.
    let build = u64::from(lab.machine().model().version().build) + 256;
    for more in [
        json!({ "api-major": 257 }),
        json!({ "build-id": 287 }),
        json!({ "build-id": build }),
        json!({ "api-minor": 256 }),
        json!({ "cpu-count": 0 }),
        json!({ "cpu-count": 1025 }),
    ] {
        lab.bad(400, "out-of-range", showing(&guest, &launch, &started, &more)).await?;
    }
    for more in [
        json!({ "api-major": -1 }),
        json!({ "api-major": "1" }),
        json!({ "api-major": 1.5 }),
        json!({ "build-id": null }),
        json!({ "measurement": null }),
    ] {
        lab.bad(400, "schema", showing(&guest, &launch, &started, &more)).await?;
    }
    attempts_left(&guest, &launch, 3).await
}

pub(super) async fn lengths(lab: &Lab) -> Checked {
    let guest = lab.guest(&lab.sev()).await?;
    let (launch, started) = guest.start(&AS_REGISTERED).await?;
    let mut long = started.measurement.to_vec();
    long.push(0);
    let short = started.measurement.get(..47).unwrap_or_default();
    for measurement in [short, &long, &[]] {
        let ask = guest.validating(&guest.shown(&launch, measurement));
        lab.bad(400, "bad-length", ask).await?;
    }
    // 64 characters, and the last bits of the last are not zero: 48 bytes need no padding, so that these are others' alphabets.
    let url = STANDARD.encode([0xfb; 48]).replace('+', "-").replace('/', "_");
    for measurement in [url.as_str(), "=", "####"] {
        let ask = showing(&guest, &launch, &started, &json!({ "measurement": measurement }));
        lab.bad(400, "bad-base64", ask).await?;
    }
    attempts_left(&guest, &launch, 3).await?;
    let spaced = format!(" {}\n", STANDARD.encode(started.measurement));
    let ask = showing(&guest, &launch, &started, &json!({ "measurement": spaced }));
    lab.good(200, ask).await.map(drop)
}

pub(super) async fn hints(lab: &Lab) -> Checked {
    let guest = lab.guest(&lab.sev()).await?;
    let (launch, started) = guest.start(&AS_REGISTERED).await?;
    for more in [json!({ "firmware-hash": sha256(b"another") }), json!({ "cpu-count": 3 })] {
        lab.bad(403, "no-candidate", showing(&guest, &launch, &started, &more)).await?;
    }
    attempts_left(&guest, &launch, 3).await?;
    let firmware = "8dc2f6b73d23dfd9541b7897ea707ab5cb44142bea9f96d9a57a8d6e9fb4f424";
    let right = json!({ "firmware-hash": firmware, "cpu-count": 2 });
    let answer = lab.good(200, showing(&guest, &launch, &started, &right)).await?;
    opened(lab, &started, &answer).map(drop)
}

pub(super) async fn versions(lab: &Lab) -> Checked {
    let version = lab.machine().model().version();
    let of = |minor: u8| json!({ "api-major": version.major, "api-minor": minor });
    let own =
        json!({ "api-major": version.major, "api-minor": version.minor, "build": version.build });
    for rules in [
        json!({ "min": of(version.minor.saturating_add(1)) }),
        json!({ "deny": [own] }),
        json!({ "max": of(version.minor.saturating_sub(1)) }),
    ] {
        let guest = lab.guest(&lab.sev_with(&json!({ "firmware-version": rules }))).await?;
        let (launch, started) = guest.start(&AS_REGISTERED).await?;
        let ask = showing(&guest, &launch, &started, &json!({}));
        let problem = lab.bad(403, "firmware-version", ask.clone()).await?;
        is(&problem, "/launch-state", "failed")?;
        lab.bad(410, "launch-failed", ask).await?;
    }
    let rules = json!({ "firmware-version": { "min": of(version.minor), "allow": [own] } });
    let guest = lab.guest(&lab.sev_with(&rules)).await?;
    let (launch, started) = guest.start(&AS_REGISTERED).await?;
    lab.good(200, showing(&guest, &launch, &started, &json!({}))).await.map(drop)
}

pub(super) async fn no_such_launch(lab: &Lab) -> Checked {
    let (one, two) = (lab.guest(&lab.sev()).await?, lab.guest(&lab.sev()).await?);
    let (launch, started) = one.start(&AS_REGISTERED).await?;
    lab.bad(404, "no-such-launch", showing(&two, &launch, &started, &json!({}))).await?;
    let other = new_vmid();
    let ask = showing(&one, &launch, &started, &json!({ "launch-id": other }));
    lab.bad(404, "no-such-launch", ask).await?;
    let ask = showing(&one, &launch, &started, &json!({ "launch-id": "one" }));
    lab.bad(400, "schema", ask).await?;
    for ask in [Ask::get(two.of_launch(&launch, "")), Ask::delete(two.of_launch(&launch, ""))] {
        lab.bad(404, "no-such-launch", lab.by_launcher(ask)).await?;
    }
    let path = format!("/vm/{other}/validate");
    let ask = Ask::post(path, &one.shown(&launch, &started.measurement));
    lab.bad(404, "no-such-vm", lab.by_launcher(ask)).await.map(drop)
}
