//! Many at once: one release.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;
use sev_launch_server::conformance::Answer;

use crate::host::{PASSPHRASE, validating};
use crate::lab::{Lab, vmid};

/// Sends all of them at once.
async fn all(lab: &Arc<Lab>, asks: Vec<sev_launch_server::conformance::Ask>) -> Vec<Answer> {
    let sent: Vec<_> = asks
        .into_iter()
        .map(|ask| {
            let lab = Arc::clone(lab);
            tokio::spawn(async move { lab.client.once(&ask).await.expect("an answer") })
        })
        .collect();
    let mut answers = Vec::new();
    for one in sent {
        answers.push(one.await.expect("no panic"));
    }
    answers
}

fn may_be_refused(answer: &Answer) {
    let is_refusal = (400..500).contains(&answer.status) || answer.status == 503;
    assert!(is_refusal, "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_times_the_same_measurement() {
    let mut lab = Lab::new();
    let guest = vmid(1);
    lab.register(&guest, json!({})).await;
    let token = lab.launcher();
    let launch = lab.launch(&guest, &token).await;
    let (handle, shown) = lab.start(&launch);
    let lab = Arc::new(lab);
    let asks = (0..1000).map(|_| validating(&guest, &shown, &token)).collect();
    let answers = all(&lab, asks).await;
    assert_eq!(lab.client.wrong(), None);
    let mut packets = BTreeSet::new();
    for answer in &answers {
        if answer.status == 200 {
            packets.insert(answer.body.clone());
        } else {
            may_be_refused(answer);
        }
    }
    assert_eq!(packets.len(), 1, "packets of one launch");
    assert_eq!(lab.releases(), 1);
    let good = answers.iter().filter(|answer| answer.status == 200).count();
    println!("{good} of 1000 got the packet");
    let firsts = answers
        .iter()
        .filter(|answer| answer.status == 200 && answer.header("idempotent-replay").is_none());
    assert!(firsts.count() <= 1, "one answer at most is the first");
    let packet = serde_json::from_slice(packets.first().unwrap()).expect("JSON");
    let mut lab = Arc::into_inner(lab).expect("nobody else has it");
    let opened = lab.open(handle, &packet);
    assert!(opened.windows(PASSPHRASE.len()).any(|part| part == PASSPHRASE.as_bytes()));
}

// A host may start one session as often as it likes: each guest has a measurement of its own, and each is right.
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_right_measurements_of_one_session() {
    let mut lab = Lab::new();
    let guest = vmid(1);
    lab.register(&guest, json!({})).await;
    let token = lab.launcher();
    let launch = lab.launch(&guest, &token).await;
    let started: Vec<_> = (0..100).map(|_| lab.start(&launch)).collect();
    let measurements: BTreeSet<&str> =
        started.iter().map(|(_, shown)| shown["measurement"].as_str().unwrap()).collect();
    assert_eq!(measurements.len(), 100);
    let asks = started.iter().map(|(_, shown)| validating(&guest, shown, &token)).collect();
    let lab = Arc::new(lab);
    let answers = all(&lab, asks).await;
    assert_eq!(lab.client.wrong(), None);
    let mut lab = Arc::into_inner(lab).expect("nobody else has it");
    let mut released = 0;
    for ((handle, _), answer) in started.iter().zip(&answers) {
        if answer.status == 200 {
            released += 1;
            lab.open(*handle, &answer.json());
        } else {
            may_be_refused(answer);
        }
    }
    assert_eq!((released, lab.releases()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_launches_at_once_leave_one() {
    let lab = Lab::new();
    let guest = vmid(1);
    lab.register(&guest, json!({ "launch-limit": { "total": 50 } })).await;
    let token = lab.launcher();
    let lab = Arc::new(lab);
    let ask =
        sev_launch_server::conformance::Ask::post(format!("/vm/{guest}/launch"), &lab.launching());
    let answers = all(&lab, (0..100).map(|_| ask.clone().by(&token)).collect()).await;
    let begun = answers.iter().filter(|answer| answer.status == 200).count();
    let refused = answers.iter().filter(|answer| answer.code() == "launches-used-up").count();
    assert_eq!((begun, refused), (50, 50));
    let read = sev_launch_server::conformance::Ask::get(format!("/vm/{guest}")).by(&lab.owner());
    let view = lab.expect(200, "", read).await;
    let live = view["recent"].as_array().unwrap().iter().filter(|one| one["state"] == "launched");
    assert_eq!((live.count(), &view["launches"]["left"]), (1, &json!(0)));
}
