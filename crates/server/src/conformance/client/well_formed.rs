//! What all answers have in common: the request's name, no caching, and problems that are well formed (RFC 9457).

use serde_json::Value;
use uuid::Uuid;

use super::{Answer, Ask};

/// What is wrong with an answer, each in a sentence.
pub(super) fn faults(ask: &Ask, answer: &Answer) -> Vec<String> {
    let mut found = Vec::new();
    let mut demand = |holds: bool, what: &str| {
        if !holds {
            found.push(what.to_owned());
        }
    };
    let id = answer.header("request-id");
    let is_uuid =
        id.and_then(|id| Uuid::try_parse(id).ok()).is_some_and(|id| id.get_version_num() == 7);
    demand(is_uuid, "no `Request-Id` that is a UUID of version 7");
    let is_public = ask.path == "/openapi.json" || ask.path.starts_with("/problems/");
    if !is_public || answer.status >= 400 {
        demand(answer.header("cache-control") == Some("no-store"), "no `Cache-Control: no-store`");
    }
    let kind = answer.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    match answer.status {
        200..=399 if answer.body.is_empty() => {}
        200..=399 if ask.path.starts_with("/problems/") => {}
        200..=399 => {
            demand(kind == "application/json", "the media type is not application/json");
            demand(answer.json().is_object(), "the body is no JSON object");
        }
        _ => {
            demand(
                kind == "application/problem+json",
                "the media type is not application/problem+json",
            );
            problem(answer, id, &mut demand);
        }
    }
    found
}

fn problem(answer: &Answer, id: Option<&str>, demand: &mut impl FnMut(bool, &str)) {
    let body = answer.json();
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let is_absolute = text("type").is_some_and(|uri| uri.contains("://"));
    demand(is_absolute, "the problem's `type` is no absolute URI");
    demand(text("title").is_some_and(|title| !title.is_empty()), "the problem has no `title`");
    demand(text("code").is_some_and(|code| !code.is_empty()), "the problem has no `code`");
    let status = body.get("status").and_then(Value::as_u64);
    demand(status == Some(answer.status.into()), "the problem's `status` is not the answer's");
    let instance = id.map(|id| format!("urn:uuid:{id}"));
    demand(
        text("instance").is_some() && text("instance") == instance.as_deref(),
        "the problem's `instance` is not urn:uuid: and the `Request-Id`",
    );
    demand(body.get("retryable").is_some_and(Value::is_boolean), "the problem has no `retryable`");
    if let Some(errors) = body.get("errors") {
        let is_one = |error: &Value| {
            let pointer = error.get("pointer").and_then(Value::as_str);
            pointer.is_some_and(|pointer| pointer.starts_with('#')) && error.get("detail").is_some()
        };
        let all = errors.as_array().is_some_and(|errors| errors.iter().all(is_one));
        demand(all, "the problem's `errors` are not objects of `pointer` and `detail`");
    }
    match answer.status {
        401 => demand(answer.header("www-authenticate").is_some(), "no `WWW-Authenticate`"),
        405 => demand(answer.header("allow").is_some(), "no `Allow`"),
        429 | 503 => {
            let seconds = answer.header("retry-after").and_then(|text| text.parse::<u64>().ok());
            demand(seconds.is_some(), "no `Retry-After` in seconds");
        }
        _ => {}
    }
}
