//! What is for operators alone, on a listener of its own: is it alive, is it ready, what does it count.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use serde_json::json;

use super::App;

/// A check of readiness: its name, and why it fails.
pub type Check = (&'static str, Box<dyn Fn() -> Result<(), String> + Send + Sync>);

/// What has to hold for the service to be ready, beside its store.
pub struct Readiness(pub Vec<Check>);

impl std::fmt::Debug for Readiness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

type Shared = (Arc<App>, Arc<Readiness>);

/// `/healthz`, `/readyz` and `/metrics`.
pub fn admin(app: &Arc<App>, readiness: Readiness) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route(
            "/metrics",
            get(|State((app, _)): State<Shared>| async move {
                let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
                ([("content-type", kind)], app.metrics().text())
            }),
        )
        .with_state((Arc::clone(app), Arc::new(readiness)))
}

async fn ready(State((app, readiness)): State<Shared>) -> Response {
    let checked = tokio::task::spawn_blocking(move || {
        let mut failing = Vec::new();
        if app.is_draining() {
            failing.push(json!({ "check": "draining", "detail": "the service is about to stop" }));
        }
        if let Err(error) = app.service().store().ready() {
            failing.push(json!({ "check": "store", "detail": error.to_string() }));
        }
        for (name, check) in &readiness.0 {
            if let Err(detail) = check() {
                failing.push(json!({ "check": name, "detail": detail }));
            }
        }
        failing
    });
    let failing = checked
        .await
        .unwrap_or_else(|error| vec![json!({ "check": "internal", "detail": error.to_string() })]);
    let status = if failing.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({ "ready": failing.is_empty(), "failing": failing });
    (status, [("content-type", "application/json")], format!("{body}\n")).into_response()
}
