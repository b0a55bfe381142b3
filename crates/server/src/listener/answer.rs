//! A request on its way to the app and back: who sent it, how many headers it has, and how long the app takes.

use core::convert::Infallible;
use core::pin::Pin;
use core::sync::atomic::{AtomicBool, Ordering};
use core::task::{Context, Poll, ready};
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Request, Response, StatusCode, Version};
use axum::response::IntoResponse as _;
use hyper::body::{Body as _, Bytes, Frame, Incoming, SizeHint};
use tower::Service as _;

use super::Peer;
use super::activity::{Activity, Answering};
use super::connection::Rules;

/// What took longer than [`Limits::request`](super::Limits::request).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Late {
    /// The client: its request's body had not all come. 408 says so.
    Request,
    /// We: the request had come whole, and the app had not answered. 503 says so.
    Answer,
}

impl Late {
    /// 408 or 503.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Request => StatusCode::REQUEST_TIMEOUT,
            Self::Answer => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// The answer where the app says none: the status alone.
pub(super) fn without_body(late: Late) -> axum::response::Response {
    late.status().into_response()
}

/// Answers one request of a connection.
pub(super) async fn answer(
    rules: Arc<Rules>,
    peer: Peer,
    activity: Activity,
    request: Request<Incoming>,
) -> Result<Response<Answering<Body>>, Infallible> {
    let version = request.version();
    let exchange = activity.begin(version == Version::HTTP_2);
    let response = match request.headers().len() > rules.limits.header_count {
        true => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE.into_response(),
        false => within_time(&rules, peer, request, version).await?,
    };
    Ok(response.map(|body| Answering { body, _exchange: exchange }))
}

async fn within_time(
    rules: &Rules,
    peer: Peer,
    request: Request<Incoming>,
    version: Version,
) -> Result<Response<Body>, Infallible> {
    let whole = Arc::new(AtomicBool::new(request.body().is_end_stream()));
    let address = peer.address;
    let mut request = request.map(|body| Body::new(Arriving { body, whole: Arc::clone(&whole) }));
    request.extensions_mut().insert(peer);
    let answered = rules.app.clone().call(request);
    match tokio::time::timeout(rules.limits.request, answered).await {
        Ok(response) => response,
        Err(_) => {
            let late = if whole.load(Ordering::Relaxed) { Late::Answer } else { Late::Request };
            tracing::debug!(%address, ?late, limit = ?rules.limits.request, "a request took too long");
            let mut response = (rules.on_late)(late);
            if version < Version::HTTP_2 {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok(response)
        }
    }
}

/// A request's body that tells when it has come whole.
struct Arriving {
    body: Incoming,
    whole: Arc<AtomicBool>,
}

impl hyper::body::Body for Arriving {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if frame.is_none() || self.body.is_end_stream() {
            self.whole.store(true, Ordering::Relaxed);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
