//! Who may: every route of the protocol's table, with every credential that it does not take.

use serde_json::json;
use sev_launch_protocol::routes::{Access, Body, Method, ROUTES, Route};
use sev_launch_protocol::views::Scope;
use sev_launch_server::conformance::{Answer, Ask};

use crate::host::{image, sha256};
use crate::lab::{Lab, OTHER, TENANT, vmid};

/// A request of a route that changes nothing even where it is allowed.
fn asking(route: &Route, vmid: &str, launch: &str) -> Ask {
    let path = route
        .path
        .replace("{vmid}", vmid)
        .replace("{launch-id}", launch)
        .replace("{sha256}", &sha256(b"no image"))
        .replace("{id}", "000000000000")
        .replace("{code}", "schema");
    let method = route.method.name().parse().expect("a method");
    let ask = Ask::new(method, path);
    let ask = match route.request {
        None => ask,
        Some(Body::Image) => ask.bytes("application/octet-stream", image()),
        Some(_) => ask.json(&json!({})),
    };
    match route.name {
        "vm-delete" => ask.header("if-match", "\"999\""),
        _ => ask,
    }
}

fn is_no(answer: &Answer) -> bool {
    answer.status == 401 || answer.code() == "not-allowed"
}

fn scopes(route: &Route) -> &'static [Scope] {
    match route.access {
        Access::Anyone => &[],
        Access::Scoped(scopes) | Access::ScopedOrAnonymous(scopes) => scopes,
    }
}

/// A lab with a guest and a launch of it.
async fn lab() -> (Lab, String, String) {
    let lab = Lab::new();
    let guest = vmid(1);
    lab.register(&guest, json!({})).await;
    let launch = lab.launch(&guest, &lab.launcher()).await;
    let launch = launch["launch-id"].as_str().unwrap().to_owned();
    (lab, guest, launch)
}

#[tokio::test(flavor = "multi_thread")]
async fn without_credentials() {
    let (lab, guest, launch) = lab().await;
    for route in ROUTES {
        for guest in [guest.clone(), vmid(99)] {
            let answer = lab.send(asking(route, &guest, &launch)).await;
            if route.access == Access::Anyone {
                assert_eq!(answer.status, 200, "{}", route.name);
            } else {
                assert_eq!(answer.code(), "no-credentials", "{}: {answer:?}", route.name);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_each_scope_alone() {
    let (lab, guest, launch) = lab().await;
    for scope in Scope::ALL {
        let token = lab.token(TENANT, &[scope]);
        for route in ROUTES {
            let answer = lab.send(asking(route, &guest, &launch).by(&token)).await;
            let may = route.access == Access::Anyone || scopes(route).contains(&scope);
            assert_eq!(!is_no(&answer), may, "{} by {}: {answer:?}", route.name, scope.name());
            if !may {
                assert_eq!(answer.status, 403);
            }
        }
    }
}

// Who may launch sees launches of their own alone.
#[tokio::test(flavor = "multi_thread")]
async fn another_launcher_s_launch_does_not_exist() {
    let (lab, guest, launch) = lab().await;
    let token = lab.launcher();
    for route in ROUTES.iter().filter(|route| route.path.starts_with("/vm/{vmid}/launch/")) {
        let answer = lab.send(asking(route, &guest, &launch).by(&token)).await;
        assert_eq!(answer.code(), "no-such-launch", "{}", route.name);
    }
    let shown = json!({
        "api-major": 1, "api-minor": 55, "build-id": 31, "measurement": "A".repeat(64),
    });
    let ask = crate::host::validating(&guest, &shown, &token);
    lab.expect(404, "no-such-launch", ask).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_token_of_another_tenant() {
    let (lab, guest, launch) = lab().await;
    let token = lab.token(OTHER, &Scope::ALL);
    for route in ROUTES.iter().filter(|route| route.access != Access::Anyone) {
        for named in [guest.clone(), vmid(99)] {
            let answer = lab.send(asking(route, &named, &launch).by(&token)).await;
            let wanted = if route.path.contains("{vmid}") { "no-such-vm" } else { "not-allowed" };
            assert_eq!(answer.code(), wanted, "{}: {answer:?}", route.name);
        }
    }
    // Its own paths it may take, and the guest is not there either.
    let own = sev_launch_server::conformance::Client::new(
        &format!("http://{}/v1/t/{OTHER}", lab.address),
        None,
        Some(crate::described::observer()),
    )
    .expect("a base");
    for route in ROUTES.iter().filter(|route| route.access != Access::Anyone) {
        let answer = own.once(&asking(route, &guest, &launch).by(&token)).await.expect("an answer");
        assert!(!is_no(&answer), "{}: {answer:?}", route.name);
        let is_read = route.method == Method::Get && route.path == "/vm/{vmid}";
        assert!(!is_read || answer.code() == "no-such-vm", "{answer:?}");
    }
    assert_eq!(own.wrong(), None);
    // The default tenant has a name, too.
    let named = sev_launch_server::conformance::Client::new(
        &format!("http://{}/v1/t/{TENANT}", lab.address),
        None,
        None,
    )
    .expect("a base");
    let ask = Ask::get(format!("/vm/{guest}"));
    let found = named.once(&ask.clone().by(&lab.owner())).await.expect("an answer");
    assert_eq!(found.status, 200);
    assert_eq!(named.once(&ask.by(&token)).await.expect("an answer").code(), "no-such-vm");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_token_of_another_guest() {
    let (lab, guest, launch) = lab().await;
    let bound = json!({
        "name": "bound", "scopes": ["vm:read", "vm:write", "launch", "audit:read"],
        "vmid": vmid(2),
    });
    let admin = lab.token(TENANT, &Scope::ALL);
    let made = lab.expect(201, "", Ask::post("/token", &bound).by(&admin)).await;
    let token = made["token"].as_str().unwrap();
    for route in ROUTES.iter().filter(|route| route.access != Access::Anyone) {
        let answer = lab.send(asking(route, &guest, &launch).by(token)).await;
        let wanted = if route.path.contains("{vmid}") { "no-such-vm" } else { "not-allowed" };
        assert_eq!(answer.code(), wanted, "{}: {answer:?}", route.name);
        if route.path.contains("{vmid}") {
            let answer = lab.send(asking(route, &vmid(2), &launch).by(token)).await;
            assert!(!is_no(&answer), "{}: {answer:?}", route.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn anonymous_guests_and_lists_of_launchers() {
    let lab = Lab::new();
    let (open, closed) = (vmid(1), vmid(2));
    lab.register(&open, json!({ "anonymous": true })).await;
    let (mine, other) = (lab.launcher(), lab.launcher());
    let id = mine.split('_').nth(1).unwrap().to_owned();
    lab.register(&closed, json!({ "launchers": [id] })).await;

    let ask = Ask::post(format!("/vm/{open}/launch"), &lab.launching());
    let launch = lab.expect(200, "", ask).await;
    let path = format!("/vm/{open}/launch/{}", launch["launch-id"].as_str().unwrap());
    lab.expect(200, "", Ask::get(&path)).await;
    lab.expect(401, "no-credentials", Ask::get(format!("/vm/{open}"))).await;
    lab.expect(204, "", Ask::delete(&path)).await;
    // A credential that is wrong is not none.
    let ask = Ask::post(format!("/vm/{open}/launch"), &lab.launching()).by("sat_wrong");
    lab.expect(401, "bad-credentials", ask).await;

    lab.launch(&closed, &mine).await;
    let ask = Ask::post(format!("/vm/{closed}/launch"), &lab.launching());
    lab.expect(404, "no-such-vm", ask.clone().by(&other)).await;
    lab.expect(401, "no-credentials", ask).await;
}
