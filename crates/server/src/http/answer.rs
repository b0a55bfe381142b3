//! Answers as HTTP.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use sev_launch_protocol::problem::{Code, Problem};

use crate::store::StoredAnswer;

/// Seconds after which a request that the service could not work on may be sent again.
const RETRY_AFTER: u64 = 1;

fn response(status: u16, kind: &'static str, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if !kind.is_empty() {
        headers.insert("content-type", HeaderValue::from_static(kind));
    }
    headers.insert("cache-control", HeaderValue::from_static("no-store"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}

/// An answer with a value as JSON.
pub(super) fn json(status: u16, value: &impl serde::Serialize) -> Result<Response, Problem> {
    let body = serde_json::to_vec(value).map_err(|error| {
        tracing::error!(%error, "an answer is not written");
        Problem::of(Code::Internal)
    })?;
    Ok(response(status, "application/json; charset=utf-8", body))
}

/// An answer without a body.
pub(super) fn empty() -> Response {
    response(204, "", Vec::new())
}

/// An answer as the store has it.
pub(super) fn stored(answer: StoredAnswer) -> Response {
    let replayed = answer.replayed;
    let response = response(answer.status, "application/json; charset=utf-8", answer.body);
    if replayed { with_header(response, "idempotent-replay", "true") } else { response }
}

/// A text that may be kept by whoever reads it.
pub(super) fn public(kind: &'static str, text: &str) -> Response {
    let response = response(200, kind, text.as_bytes().to_vec());
    with_header(response, "cache-control", "public, max-age=3600")
}

/// A problem, as `application/problem+json`.
#[must_use]
pub fn problem(problem: &Problem) -> Response {
    let body = serde_json::to_vec(problem).unwrap_or_default();
    let mut response =
        response(problem.code.status(), "application/problem+json; charset=utf-8", body);
    if let Some(id) = problem.request {
        response = with_header(response, "request-id", &id.to_string());
    }
    match problem.code.status() {
        401 => with_header(response, "www-authenticate", "Bearer"),
        429 | 503 => {
            let wait = problem.retry_after.unwrap_or(RETRY_AFTER);
            with_header(response, "retry-after", &wait.to_string())
        }
        _ => response,
    }
}

/// The same answer with a header; one that HTTP cannot write is left out.
pub(super) fn with_header(mut response: Response, name: &'static str, value: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
    response
}
