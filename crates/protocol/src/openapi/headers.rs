//! Header fields: which request may have one, and which answer has one.

use serde_json::{Map, Value, json};

use crate::routes::{Body, Route};

/// Header fields of answers, by the name under which an answer refers to one.
pub(super) fn all() -> Value {
    let text = |about: &str| json!({ "description": about, "schema": { "type": "string" } });
    let seconds = |about: &str| json!({ "description": about, "schema": { "type": "integer", "minimum": 0 } });
    json!({
        "ETag": text("The registration's version, a strong entity tag: the value for `If-Match`"),
        "Idempotent-Replay": { "description": "`true` where the answer is that of an earlier request, byte by byte", "schema": { "const": "true" } },
        "Location": { "description": "Where what was made can be read", "schema": { "type": "string", "format": "uri-reference" } },
        "Request-Id": { "description": "The request's name in logs and audit", "schema": { "type": "string", "format": "uuid" } },
        "Retry-After": seconds("Seconds after which the same request may be sent again"),
        "WWW-Authenticate": text("How to authenticate")
    })
}

/// The header fields of an answer that succeeds.
pub(super) fn of_answer(route: &Route, status: u16, body: Option<Body>) -> Value {
    let is_vm = body == Some(Body::VmView);
    let is_made = matches!(route.name, "vm-register" | "vm-replace" | "firmware-upload");
    let may_replay = matches!(body, Some(Body::LaunchAnswer | Body::ValidateAnswer));
    references([
        ("Request-Id", true),
        ("ETag", is_vm),
        ("Location", is_made),
        ("Idempotent-Replay", may_replay),
        ("Retry-After", status == 202),
    ])
}

/// The header fields of problems of a status.
pub(super) fn of_problem(status: u16) -> Value {
    references([
        ("Request-Id", true),
        ("Retry-After", matches!(status, 429 | 503)),
        ("WWW-Authenticate", status == 401),
    ])
}

fn references<const N: usize>(names: [(&str, bool); N]) -> Value {
    let named = names.into_iter().filter(|(_, has)| *has);
    let reference = |name: &str| json!({ "$ref": format!("#/components/headers/{name}") });
    named.map(|(name, _)| (name.to_owned(), reference(name))).collect::<Map<_, _>>().into()
}

/// The header fields that a request of this route may have.
pub(super) fn of_request(route: &Route) -> Vec<Value> {
    let parameter = |name: &str, about: &str| json!({ "name": name, "in": "header", "description": about, "schema": { "type": "string", "minLength": 1 } });
    let if_match = parameter("If-Match", "Only if the registration still has this ETag");
    match route.name {
        "vm-replace" => vec![
            if_match,
            json!({
                "name": "If-None-Match", "in": "header", "schema": { "const": "*" },
                "description": "`*`: only if no such guest is registered. One of this and `If-Match` is required."
            }),
        ],
        "vm-patch" | "vm-delete" => vec![if_match],
        "launch" => vec![parameter(
            "Idempotency-Key",
            "At most 255 bytes: the same key with the same body gets the same answer for ten minutes, and no second launch",
        )],
        _ => Vec::new(),
    }
}
