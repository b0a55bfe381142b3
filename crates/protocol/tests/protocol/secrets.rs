//! A secret is planted in every place of a registration, and looked for in whatever is said about it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sev_launch_protocol::body;
use sev_launch_protocol::problem::Problem;
use sev_launch_protocol::registration::Registration;

use super::kinds;

/// As text and as a number.
const PLANTED: &str = "7361722917";

fn found_in(text: &str) -> bool {
    let encoded = STANDARD.encode(PLANTED);
    // A number may be written with a point or an exponent: its digits stay.
    text.contains("73617229")
        || text.contains("7.3617229")
        || text.contains(encoded.trim_end_matches('='))
}

fn assert_silent(problem: &Problem, body: &str) {
    let said = [
        format!("{problem}"),
        format!("{problem:?}"),
        serde_json::to_string(problem).expect("JSON"),
    ];
    for text in said {
        assert!(!found_in(&text), "{text}\nof {body:.2000}");
    }
}

fn read(body: &str) -> Result<Registration, Problem> {
    let registration: Registration = body::read(body.as_bytes())?;
    registration.check()?;
    Ok(registration)
}

fn with_secrets() -> Value {
    let mut body = kinds::registrations().swap_remove(0);
    let encoded = STANDARD.encode(PLANTED);
    body["secrets"] = json!([
        { "type": "luks-passphrase", "passphrase": PLANTED },
        { "guid": kinds::VMID, "data": encoded },
        { "type": "bundle", "guid": "57f669c2-c427-4132-bc7a-26f56b6a718d", "keys": { "a": encoded } }
    ]);
    body
}

#[test]
fn debug_shows_no_secret() {
    assert!(found_in(PLANTED) && found_in(&STANDARD.encode(PLANTED)), "the search finds nothing");
    let registration = read(&with_secrets().to_string()).expect("a right registration");
    let shown = format!("{registration:?} {registration:#?}");
    assert!(shown.contains("SecretEntry") && !found_in(&shown), "{shown}");
    let bytes = format!("{:?}", PLANTED.as_bytes());
    assert!(!shown.contains(&bytes), "{shown}");
}

// Whatever else is wrong with it: each other member in turn.
#[test]
fn no_error_about_another_member_shows_a_secret() {
    let body = with_secrets();
    for name in body.as_object().expect("an object").keys() {
        for wrong in
            [json!(null), json!([]), json!({ "x": 1 }), json!(-1), json!("\u{0}"), json!(u64::MAX)]
        {
            let mut body = body.clone();
            body[name] = wrong;
            let text = body.to_string();
            if let Err(problem) = read(&text) {
                assert_silent(&problem, &text);
            }
        }
    }
    let text = body.to_string();
    for end in 1..text.len() {
        let problem = read(&text[..end]).expect_err("cut off");
        assert_silent(&problem, &text[..end]);
    }
}

// In a wrong place, in a wrong form, and as the whole body.
#[test]
fn no_error_about_a_secret_shows_it() {
    let encoded = STANDARD.encode(PLANTED);
    let number: Value = PLANTED.parse::<u64>().expect("a number").into();
    let forms = [
        json!(PLANTED),
        json!(encoded),
        number.clone(),
        json!(-7_361_722_917_i64),
        json!(7.361_722_917),
        json!([PLANTED]),
        json!([number]),
        json!({ "x": PLANTED }),
        json!({ "passphrase": number }),
        json!(format!("{PLANTED}\n")),
        json!(format!("{PLANTED}!")),
    ];
    let body = with_secrets();
    let mut places = vec![String::new(), "/secrets".into()];
    for (at, secret) in body["secrets"].as_array().expect("a list").iter().enumerate() {
        places.push(format!("/secrets/{at}"));
        places.extend(
            secret
                .as_object()
                .expect("an object")
                .keys()
                .map(|name| format!("/secrets/{at}/{name}")),
        );
    }
    places.push("/secrets/2/keys/a".into());
    places.extend(body.as_object().expect("an object").keys().map(|name| format!("/{name}")));
    let mut refused = 0;
    for place in places {
        for form in &forms {
            let mut body = body.clone();
            *body.pointer_mut(&place).expect("a place") = form.clone();
            let text = body.to_string();
            // A number in the place of a number is no secret, and an error says which it was.
            let shape = form.to_string();
            let is_number = !shape.contains(&format!("\"{PLANTED}")) && !shape.contains(&encoded);
            let is_number = is_number && !place.starts_with("/secrets");
            if let (Err(problem), false) = (read(&text), is_number) {
                assert_silent(&problem, &text);
                refused += 1;
            }
        }
    }
    assert!(refused > 200, "{refused}");
}
