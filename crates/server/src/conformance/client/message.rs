//! A request and an answer. Neither shows a token where it is printed.

use std::fmt;

use hyper::Method;
use hyper::body::Bytes;
use hyper::header::HeaderMap;
use serde_json::Value;
use zeroize::Zeroizing;

/// A request.
#[derive(Clone)]
pub struct Ask {
    /// The method.
    pub method: Method,
    /// The path below the base, with its query: `/vm/…`.
    pub path: String,
    /// Header fields, but for `authorization` and `content-type`.
    pub headers: Vec<(&'static str, String)>,
    /// The media type of the body; empty where there is no body.
    pub media_type: &'static str,
    pub(super) token: Option<Zeroizing<String>>,
    pub(super) body: Bytes,
}

impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl Ask {
    /// A request without a body.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            headers: Vec::new(),
            media_type: "",
            token: None,
            body: Bytes::new(),
        }
    }

    /// GET.
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    /// POST with JSON.
    pub fn post(path: impl Into<String>, body: &Value) -> Self {
        Self::new(Method::POST, path).json(body)
    }

    /// PUT with JSON.
    pub fn put(path: impl Into<String>, body: &Value) -> Self {
        Self::new(Method::PUT, path).json(body)
    }

    /// PATCH with JSON.
    pub fn patch(path: impl Into<String>, body: &Value) -> Self {
        Self::new(Method::PATCH, path).json(body)
    }

    /// DELETE.
    pub fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// With a value as JSON.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.bytes("application/json", body.to_string().into_bytes())
    }

    /// With bytes of a media type.
    #[must_use]
    pub fn bytes(mut self, media_type: &'static str, body: Vec<u8>) -> Self {
        (self.media_type, self.body) = (media_type, body.into());
        self
    }

    /// With a bearer token.
    #[must_use]
    pub fn by(mut self, token: &str) -> Self {
        self.token = Some(Zeroizing::new(token.to_owned()));
        self
    }

    /// With a header field.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// An answer.
#[derive(Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// A header field, where it stands once and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (Some(value), None) => value.to_str().ok(),
            _ => None,
        }
    }

    /// The body as JSON; null where it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// A problem's code; empty where it has none.
    #[must_use]
    pub fn code(&self) -> String {
        let problem = self.json();
        problem.get("code").and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

impl fmt::Debug for Answer {
    /// The status, and a problem's code and detail: no more, since an answer may hold a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        let problem = self.json();
        let text = |name: &str| problem.get(name).and_then(Value::as_str).unwrap_or_default();
        if !text("code").is_empty() {
            write!(f, " {} ({})", text("code"), text("detail"))?;
        }
        Ok(())
    }
}
