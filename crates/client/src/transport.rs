//! A request and its answer, on HTTP/1.1.

use std::io::Read as _;
use std::sync::Arc;
use std::time::Instant;

use sev_launch_protocol::problem::Refusal;
use sev_launch_protocol::routes::{Body, Method, ROUTES, Route};
use ureq::http;
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};
use zeroize::Zeroizing;

use crate::Credential;
use crate::base::Base;
use crate::error::Error;
use crate::patience::{Patience, pause};

/// No answer of this protocol is longer, in bytes: a page of an audit is the longest.
const MOST: u64 = 16 << 20;

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// https without authorities.
    #[error("{base}: https needs the certificates of whoever signs the service's, in PEM: `ca`")]
    NoAuthorities {
        /// The service.
        base: Box<Base>,
    },
    /// What should be certificates or a key in PEM is none.
    #[error("{what}: {detail}; wanted PEM, as openssl writes it")]
    Pem {
        /// What it is for.
        what: &'static str,
        /// What was found.
        detail: String,
    },
    /// A token that cannot stand in a header field.
    #[error(
        "the token is not one: it has {found} bytes, and wanted are 1 to 512 visible characters of ASCII without spaces"
    )]
    Token {
        /// Its length.
        found: usize,
    },
}

/// A connection to one service, with what proves who asks.
pub(crate) struct Transport {
    base: Base,
    agent: ureq::Agent,
    authorization: Option<Zeroizing<String>>,
    patience: Patience,
}

/// What is asked.
#[derive(Clone, Copy, Default)]
pub(crate) struct Asked<'a> {
    /// For the parameters of the route's path, in their order: ids and digests, nothing that needs escaping.
    pub(crate) path: &'a [&'a str],
    /// Names and values, escaped already.
    pub(crate) query: &'a [(&'a str, &'a str)],
    /// Header fields beside the usual ones.
    pub(crate) headers: &'a [(&'static str, &'a str)],
    /// The body.
    pub(crate) body: Option<&'a [u8]>,
}

/// What came back, and it is no refusal.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) etag: Option<String>,
    pub(crate) body: Zeroizing<Vec<u8>>,
}

/// A try that may be made again.
struct Again {
    error: Error,
    /// Seconds that the service asks for.
    after: Option<u64>,
}

impl Transport {
    pub(crate) fn new(
        base: Base,
        ca: Option<&[u8]>,
        credential: Credential,
        patience: Patience,
    ) -> Result<Self, SetupError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut tls = TlsConfig::builder().unversioned_rustls_crypto_provider(provider);
        if base.is_https() {
            let pem =
                ca.ok_or_else(|| SetupError::NoAuthorities { base: Box::new(base.clone()) })?;
            tls = tls.root_certs(RootCerts::new_with_certs(&certificates("ca", pem)?));
        }
        let mut authorization = None;
        match credential {
            Credential::None => {}
            Credential::Token(token) => {
                let is_visible = token.bytes().all(|byte| byte.is_ascii_graphic());
                if !is_visible || !(1..=512).contains(&token.len()) {
                    return Err(SetupError::Token { found: token.len() });
                }
                authorization = Some(Zeroizing::new(format!("Bearer {}", *token)));
            }
            Credential::Certificate { chain, key } => {
                let chain = certificates("certificate", &chain)?;
                let key = PrivateKey::from_pem(&key).map_err(|_| SetupError::Pem {
                    what: "key",
                    detail: "there is no private key in it".into(),
                })?;
                tls = tls.client_cert(Some(ClientCert::new_with_certs(&chain, key)));
            }
        }
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .https_only(base.is_https())
            // No other host is told what this one is told, whoever asks for it: an answer, or the environment.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .tls_config(tls.build())
            .timeout_global(Some(patience.request))
            .user_agent(concat!("sev-launch/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Ok(Self { base, agent, authorization, patience })
    }

    pub(crate) fn base(&self) -> &Base {
        &self.base
    }

    /// Asks, and asks again where that is safe and may help.
    pub(crate) fn ask(&self, name: &str, asked: Asked<'_>) -> Result<Answer, Error> {
        let route = ROUTES.iter().find(|route| route.name == name);
        let route = route.ok_or_else(|| Error::Request(format!("no route is called {name}")))?;
        let began = Instant::now();
        let mut number = 0;
        let mut may_be_done_before = false;
        loop {
            number += 1;
            let again = match self.once(route, asked) {
                Ok(Err(Error::Refused(refusal)))
                    if may_be_done_before && refusal.is_no() && changes_once(route) =>
                {
                    return Err(self.unreachable(format!(
                        "{refusal}; but an earlier try got no answer and may have been carried out, so that this no may be of its own doing: look how it stands now"
                    )));
                }
                Ok(outcome) => return outcome,
                Err(again) => again,
            };
            // A token that was made and not received would be one that nobody knows of. Only the service itself says that none was.
            let may_be_done = !matches!(again.error, Error::Refused(_));
            if may_be_done && name == "token-make" {
                return Err(again.error);
            }
            may_be_done_before |= may_be_done;
            let mut wait = pause(number);
            if let Some(seconds) = again.after {
                wait = wait.max(std::time::Duration::from_secs(seconds));
            }
            if began.elapsed().saturating_add(wait) >= self.patience.together {
                return Err(match again.error {
                    Error::Unreachable { base, detail } => {
                        let seconds = began.elapsed().as_secs();
                        let detail = format!("{detail} (tried {number} times in {seconds} s)");
                        Error::Unreachable { base, detail }
                    }
                    error => error,
                });
            }
            std::thread::sleep(wait);
        }
    }

    /// One try: an outcome that stands, or one that may be another the next time.
    fn once(&self, route: &Route, asked: Asked<'_>) -> Result<Result<Answer, Error>, Again> {
        let request = match self.request(route, asked) {
            Ok(request) => request,
            Err(error) => return Ok(Err(error)),
        };
        let mut response = match self.agent.run(request) {
            Ok(response) => response,
            Err(error) => return self.unanswered(&error),
        };
        let status = response.status().as_u16();
        let field = |name: &str| {
            let value = response.headers().get(name).and_then(|value| value.to_str().ok());
            value.map(str::to_owned)
        };
        let (kind, etag) = (field("content-type").unwrap_or_default(), field("etag"));
        let after = field("retry-after").and_then(|text| text.parse().ok());
        let location = field("location");
        let mut body = Zeroizing::new(Vec::new());
        let read = response.body_mut().as_reader().take(MOST + 1).read_to_end(&mut body);
        if let Err(error) = read {
            let detail = format!("the answer broke off: {error}");
            return Err(Again { error: self.unreachable(detail), after: None });
        }
        if u64::try_from(body.len()).is_ok_and(|found| found > MOST) {
            return Ok(Err(self.strange(format!("an answer of more than {MOST} bytes"))));
        }
        if route.answers.iter().any(|(wanted, _)| *wanted == status) {
            return Ok(Ok(Answer { status, etag, body }));
        }
        if (300..400).contains(&status) {
            let to = location.map(|to| to.chars().take(200).collect::<String>());
            let detail = format!(
                "status {status}, a redirect to {}: none is followed; write the address that answers into the configuration",
                to.as_deref().unwrap_or("nowhere")
            );
            return Ok(Err(self.strange(detail)));
        }
        let refusal = kind
            .starts_with("application/problem+json")
            .then(|| serde_json::from_slice::<Refusal>(&body).ok())
            .flatten()
            .filter(|refusal| refusal.status == status);
        let may_pass = matches!(status, 429 | 502 | 503 | 504);
        let may_pass = may_pass && refusal.as_ref().is_none_or(|refusal| refusal.retryable);
        let error = match refusal {
            Some(refusal) => Error::Refused(Box::new(refusal)),
            // Something that stands before the service.
            None if matches!(status, 502..=504) => self.unreachable(format!(
                "status {status} to {} {}, of a gateway before the service",
                route.method.name(),
                route.path
            )),
            None => self.strange(format!(
                "status {status} to {} {}, with {kind:?}: this is not the attestation service, or something stands before it",
                route.method.name(),
                route.path
            )),
        };
        if may_pass { Err(Again { error, after }) } else { Ok(Err(error)) }
    }

    fn request(
        &self,
        route: &Route,
        asked: Asked<'_>,
    ) -> Result<http::Request<ureq::SendBody<'static>>, Error> {
        let mut uri = self.base.to_string();
        let mut path = asked.path.iter();
        for part in route.path.split_inclusive('/') {
            match part.strip_prefix('{') {
                Some(named) => {
                    let value = path.next().copied().unwrap_or_default();
                    let plain =
                        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
                    if value.is_empty() || !value.bytes().all(plain) {
                        let shown: String = value.chars().take(100).collect();
                        return Err(Error::Request(format!(
                            "{shown:?} is no {}",
                            named.trim_end_matches(['}', '/'])
                        )));
                    }
                    uri.push_str(value);
                    uri.push_str(if named.ends_with('/') { "/" } else { "" });
                }
                None => uri.push_str(part),
            }
        }
        for (at, (name, value)) in asked.query.iter().enumerate() {
            uri.push(if at == 0 { '?' } else { '&' });
            uri.push_str(&format!("{name}={value}"));
        }
        let mut request = http::Request::builder()
            .method(route.method.name())
            .uri(uri)
            .header("accept", "application/json");
        if let Some(authorization) = &self.authorization {
            let mut value = http::HeaderValue::from_str(authorization)
                .map_err(|_| Error::Request("the token cannot be sent".into()))?;
            value.set_sensitive(true);
            request = request.header("authorization", value);
        }
        for (name, value) in asked.headers {
            request = request.header(*name, *value);
        }
        let kind = match route.request {
            Some(Body::Image) => Some("application/octet-stream"),
            Some(_) => Some("application/json"),
            None => None,
        };
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        let body = match asked.body {
            Some(bytes) => ureq::SendBody::from_owned_reader(std::io::Cursor::new(Zeroizing::new(
                bytes.to_vec(),
            ))),
            None => ureq::SendBody::none(),
        };
        let request = match asked.body {
            Some(bytes) => request.header("content-length", bytes.len()),
            None if matches!(route.method, Method::Post | Method::Put | Method::Patch) => {
                request.header("content-length", 0)
            }
            None => request,
        };
        request.body(body).map_err(|error| Error::Request(error.to_string()))
    }

    /// What happened before there was an answer.
    fn unanswered(&self, error: &ureq::Error) -> Result<Result<Answer, Error>, Again> {
        let detail = told(error);
        let is_tls = match error {
            ureq::Error::Tls(_) | ureq::Error::Rustls(_) => true,
            ureq::Error::Io(error) => error
                .get_ref()
                .is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>),
            _ => false,
        };
        if is_tls {
            return Ok(Err(Error::Untrusted { base: Box::new(self.base.clone()), detail }));
        }
        let detail = match error {
            ureq::Error::Timeout(_) => {
                format!("no answer within {} s", self.patience.request.as_secs())
            }
            ureq::Error::Io(error) => error.to_string(),
            _ => detail,
        };
        match error {
            ureq::Error::Io(_)
            | ureq::Error::Timeout(_)
            | ureq::Error::HostNotFound
            | ureq::Error::ConnectionFailed => {
                Err(Again { error: self.unreachable(detail), after: None })
            }
            _ => Ok(Err(self.strange(detail))),
        }
    }

    fn unreachable(&self, detail: String) -> Error {
        Error::Unreachable { base: Box::new(self.base.clone()), detail }
    }

    pub(crate) fn strange(&self, detail: String) -> Error {
        Error::Strange { base: Box::new(self.base.clone()), detail }
    }
}

/// Does a request that was carried out find nothing to change when it is sent again?
fn changes_once(route: &Route) -> bool {
    matches!(route.method, Method::Put | Method::Delete) || route.name == "approve"
}

/// An error with its causes, which `ureq` leaves out.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inside) = cause {
        let inner = inside.to_string();
        if !text.contains(&inner) {
            text.push_str(": ");
            text.push_str(&inner);
        }
        cause = inside.source();
    }
    text
}

fn certificates(what: &'static str, pem: &[u8]) -> Result<Vec<Certificate<'static>>, SetupError> {
    let wrong = |detail: &str| SetupError::Pem { what, detail: detail.to_owned() };
    let mut found = Vec::new();
    for item in parse_pem(pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|_| wrong("it is not PEM"))? {
            found.push(certificate);
        }
    }
    if found.is_empty() { Err(wrong("there is no certificate in it")) } else { Ok(found) }
}
