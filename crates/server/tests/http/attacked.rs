//! What attackers found, and what comes of it now.

use serde_json::{Value, json};
use sev_launch_protocol::views::Scope;
use sev_launch_server::conformance::Ask;

use crate::host::{registration, validating};
use crate::lab::{Lab, TENANT, vmid};

fn path(number: u128, rest: &str) -> String {
    format!("/vm/{}{rest}", vmid(number))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patch_of_one_limit_leaves_the_others() {
    let lab = Lab::new();
    let limit = json!({ "total": 1, "ttl": "PT1M", "validate-attempts": 1 });
    lab.register(&vmid(1), json!({ "launch-limit": limit })).await;
    let patch = json!({ "launch-limit": { "ttl": "PT5M" } });
    lab.expect(200, "", Ask::patch(path(1, ""), &patch).by(&lab.owner())).await;
    let view = lab.expect(200, "", Ask::get(path(1, "")).by(&lab.owner())).await;
    assert_eq!(
        view["registration"]["launch-limit"],
        json!({ "total": 1, "concurrent": 1, "ttl": "PT5M", "validate-attempts": 1 })
    );
    assert_eq!(view["launches"]["left"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_launchers_holds_for_whoever_may_read() {
    let lab = Lab::new();
    lab.register(&vmid(1), json!({ "launchers": "nobody-at-all" })).await;
    let both = lab.token(TENANT, &[Scope::Launch, Scope::VmRead]);
    let ask = Ask::post(path(1, "/launch"), &lab.launching()).by(&both);
    lab.expect(404, "no-such-vm", ask).await;
    // A body that nobody could read says nothing of whether there is such a guest.
    for number in [1, 2] {
        let ask = Ask::post(path(number, "/launch"), &json!(7)).by(&lab.launcher());
        lab.expect(404, "no-such-vm", ask).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn noise_of_a_launcher_is_not_in_an_owners_way() {
    let lab = Lab::new();
    lab.register(&vmid(1), json!({})).await;
    let token = lab.launcher();
    let launch = lab.launch(&vmid(1), &token).await;
    let owner = lab.owner();
    let before = lab.send(Ask::get(path(1, "")).by(&owner)).await;
    let id = launch["launch-id"].as_str().unwrap();
    for _ in 0..3 {
        let ack =
            Ask::post(path(1, &format!("/launch/{id}/ack")), &json!({ "result": "injected" }));
        lab.expect(409, "launch-pending", ack.by(&token)).await;
    }
    lab.launch(&vmid(1), &token).await;
    let etag = before.header("etag").unwrap().to_owned();
    let disable = json!({ "disabled": true });
    let ask = Ask::patch(path(1, ""), &disable).by(&owner).header("if-match", etag);
    lab.expect(200, "", ask).await;
    lab.expect(403, "denied-by-owner", Ask::post(path(1, "/launch"), &lab.launching()).by(&token))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_or_given_again_is_in_the_audit() {
    let mut lab = Lab::new();
    lab.register(&vmid(1), json!({})).await;
    let token = lab.launcher();
    let launch = lab.launch(&vmid(1), &token).await;
    let (_, request) = lab.start(&launch);
    lab.expect(200, "", validating(&vmid(1), &request, &token)).await;
    lab.expect(200, "", validating(&vmid(1), &request, &token)).await;
    // The measurement of a second guest that was started with the same session.
    let mut other = request.clone();
    other["measurement"] = Value::from("A".repeat(64));
    lab.expect(409, "launch-consumed", validating(&vmid(1), &other, &token)).await;
    let records = lab.audit();
    let count = |action: &str, reason: &str| {
        let is_one = |record: &&Value| {
            record["action"] == action
                && record.get("reason").and_then(Value::as_str).unwrap_or("") == reason
        };
        records.iter().filter(is_one).count()
    };
    assert_eq!((count("replay", ""), count("validate", "launch-consumed")), (1, 1));
    let is_of_it = |record: &Value| record["launch-id"] == launch["launch-id"];
    let replay = records.iter().find(|record| record["action"] == "replay").unwrap();
    assert!(is_of_it(replay) && replay["facts"]["released-again"] == true, "{replay}");
    // What was given is not given again once the owner says stop.
    let disable = Ask::patch(path(1, ""), &json!({ "disabled": true })).by(&lab.owner());
    lab.expect(200, "", disable).await;
    lab.expect(409, "launch-consumed", validating(&vmid(1), &request, &token)).await;
    assert_eq!(lab.releases(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_end_with_their_maker_and_may_not_end_others() {
    let lab = Lab::new();
    let owner = lab.owner();
    let wanted = json!({ "name": "long", "scopes": ["vm:write"], "days": 366 });
    let made = lab.expect(201, "", Ask::post("/token", &wanted).by(&owner)).await;
    let own = lab.expect(200, "", Ask::get("/token").by(&owner)).await;
    let expires: Vec<&Value> =
        own["items"].as_array().unwrap().iter().map(|one| &one["expires"]).collect();
    assert!(expires.contains(&&made["expires"]), "{own}");
    let least = expires.iter().min_by_key(|one| one.as_str()).unwrap();
    assert_eq!(made["expires"], **least, "it holds no longer than its maker");
    let auditor = lab.token(TENANT, &[Scope::AuditRead]);
    let id = auditor.split('_').nth(1).unwrap();
    lab.expect(404, "no-such-token", Ask::delete(format!("/token/{id}")).by(&owner)).await;
    lab.expect(200, "", Ask::get("/audit").by(&auditor)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_have_a_bound_as_a_whole() {
    let lab = Lab::new();
    lab.register(&vmid(1), json!({})).await;
    let labels = |from: u32| -> Value {
        (from..from + 40)
            .map(|number| (format!("l{number}"), json!("x")))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let patch = |from| Ask::patch(path(1, ""), &json!({ "labels": labels(from) })).by(&lab.owner());
    lab.expect(200, "", patch(0)).await;
    lab.expect(400, "out-of-range", patch(40)).await;
    lab.expect(200, "", patch(0)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn warnings_name_what_is_not_held() {
    let lab = Lab::new();
    lab.upload().await;
    let ask = Ask::post(path(1, ""), &registration(json!({ "policy": 1 }))).by(&lab.owner());
    let view = lab.expect(201, "", ask).await;
    let warnings = view["warnings"].to_string();
    assert!(warnings.contains("not measured with amd-sev"), "{warnings}");
    assert!(warnings.to_lowercase().contains("send"), "{warnings}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_launcher_sends_the_audit_is_read_again() {
    let lab = Lab::new();
    lab.register(&vmid(1), json!({})).await;
    let token = lab.launcher();
    for depth in [1, 8, 9, 60, 110] {
        let mut body = lab.launching();
        body["x"] = (0..depth).fold(json!(0), |inner, _| json!([inner]));
        let answer = lab.send(Ask::post(path(1, "/launch"), &body).by(&token)).await;
        assert_eq!(answer.status, if depth <= 8 { 200 } else { 400 }, "{depth}");
    }
    let mut chain =
        sev_launch_protocol::audit::Chain::after(sev_launch_protocol::audit::Head::EMPTY);
    for (_, line) in lab.app.service().store().audit(TENANT, 0, u32::MAX).unwrap() {
        chain.verify(&line).expect("a line that the service wrote");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_are_each_in_the_audit() {
    let mut lab = Lab::new();
    lab.register(&vmid(1), json!({})).await;
    let token = lab.launcher();
    let launch = lab.launch(&vmid(1), &token).await;
    let (_, request) = lab.start(&launch);
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let client = sev_launch_server::conformance::Client::new(&lab.url(), None, None).unwrap();
        let ask = validating(&vmid(1), &request, &token);
        asking.spawn(async move { client.once(&ask).await.expect("an answer").status });
    }
    assert_eq!(asking.join_all().await, [200; 10]);
    let given = |record: &&Value| {
        record["facts"]["released"] == true || record["facts"]["released-again"] == true
    };
    assert_eq!(lab.audit().iter().filter(given).count(), 10);
    assert_eq!(lab.releases(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_does_nothing_to_others_launches() {
    let lab = Lab::new();
    lab.register(&vmid(1), json!({})).await;
    let launch = lab.launch(&vmid(1), &lab.launcher()).await;
    let id = launch["launch-id"].as_str().unwrap().to_owned();
    let both = lab.token(TENANT, &[Scope::Launch, Scope::VmRead]);
    let wrong = json!({
        "launch-id": id, "api-major": 1, "api-minor": 0, "build-id": 0, "measurement": "A".repeat(64),
    });
    let of_it = path(1, &format!("/launch/{id}"));
    lab.expect(404, "no-such-launch", validating(&vmid(1), &wrong, &both)).await;
    lab.expect(404, "no-such-launch", Ask::delete(of_it.clone()).by(&both)).await;
    let view = lab.expect(200, "", Ask::get(of_it).by(&both)).await;
    assert_eq!((&view["state"], &view["attempts-left"]), (&json!("launched"), &json!(3)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_found_behind_a_newer_launch() {
    let mut lab = Lab::new();
    lab.register(&vmid(1), json!({})).await;
    let token = lab.launcher();
    let launch = lab.launch(&vmid(1), &token).await;
    let (_, mut request) = lab.start(&launch);
    request.as_object_mut().unwrap().remove("launch-id");
    let first = lab.expect(200, "", validating(&vmid(1), &request, &token)).await;
    lab.launch(&vmid(1), &token).await;
    let again = lab.expect(200, "", validating(&vmid(1), &request, &token)).await;
    assert_eq!(again, first);
}
