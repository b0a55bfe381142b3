//! What a request says: path, query, headers, body.

use std::collections::BTreeMap;

use axum::body::Body as HttpBody;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use sev_launch_protocol::body;
use sev_launch_protocol::problem::{Code, Problem};
use sev_launch_protocol::routes::{Body, QueryKind, Route};
use sev_launch_protocol::text::{LaunchId, Misread, Sha256, VmId};
use zeroize::Zeroizing;

use crate::access::DEFAULT_TENANT;
use crate::catalogue;
use crate::store::Condition;

/// The longest idempotency key, in bytes.
const MOST_KEY: usize = 255;

/// What a request says, but for its body before that is read.
#[derive(Clone, Default)]
pub(super) struct Asked {
    /// The tenant of its path.
    pub(super) tenant: String,
    /// The guest of its path.
    pub(super) vmid: Option<VmId>,
    /// The launch of its path.
    pub(super) launch: Option<LaunchId>,
    /// The digest of its path.
    pub(super) sha256: Option<Sha256>,
    /// The other names of its path: a token's id, a problem's code.
    pub(super) name: String,
    /// Its query.
    pub(super) query: BTreeMap<String, String>,
    /// Its header `Authorization`.
    pub(super) authorization: Option<std::sync::Arc<Zeroizing<Vec<u8>>>>,
    /// Its header `Idempotency-Key`.
    pub(super) key: Option<String>,
    /// Its header `If-Match`, as a version.
    pub(super) matches: Option<u64>,
    /// Does it say `If-None-Match: *`?
    pub(super) none_match: bool,
    /// Its body, wiped when dropped.
    pub(super) body: Zeroizing<Vec<u8>>,
}

impl Asked {
    /// Reads path, query and headers.
    pub(super) fn read(route: &Route, head: &Parts) -> Result<Self, Problem> {
        let mut asked = Self { tenant: DEFAULT_TENANT.to_owned(), ..Self::default() };
        asked.read_path(route, head.uri.path())?;
        asked.query = query(route, head.uri.query().unwrap_or_default())?;
        let headers = &head.headers;
        asked.authorization = one(headers, "authorization")?
            .map(|value| std::sync::Arc::new(Zeroizing::new(value.to_vec())));
        if let Some(key) = one(headers, "idempotency-key")? {
            let text = std::str::from_utf8(key)
                .ok()
                .filter(|text| !text.is_empty() && text.len() <= MOST_KEY);
            let text = text.ok_or_else(|| {
                Problem::new(
                    Code::Schema,
                    format!("`Idempotency-Key` is 1 to {MOST_KEY} characters"),
                )
            })?;
            asked.key = Some(text.to_owned());
        }
        // Elsewhere they are a cache's, which gets every answer whole.
        if matches!(route.name, "vm-replace" | "vm-patch" | "vm-delete") {
            asked.matches = one(headers, "if-match")?.map(version).transpose()?;
        }
        if route.name == "vm-replace" {
            asked.none_match = match one(headers, "if-none-match")? {
                None => false,
                Some(b"*") => true,
                Some(_) => {
                    return Err(Problem::new(Code::Schema, "`If-None-Match` is * or not there"));
                }
            };
        }
        accepts(headers)?;
        Ok(asked)
    }

    fn read_path(&mut self, route: &Route, path: &str) -> Result<(), Problem> {
        let below = path.strip_prefix("/v1").unwrap_or(path);
        let below = match below
            .strip_prefix("/t/")
            .and_then(|rest| rest.split_once('/').or(Some((rest, ""))))
        {
            Some((tenant, rest)) if route.path != "/t" => {
                self.tenant = decoded(tenant)?;
                rest
            }
            _ => below.strip_prefix('/').unwrap_or(below),
        };
        let pattern = route.path.strip_prefix('/').unwrap_or(route.path);
        for (part, found) in pattern.split('/').zip(below.split('/')) {
            let found = || decoded(found);
            let problem = |error: Misread| Problem::new(error.code, error.detail);
            match part {
                "{vmid}" => self.vmid = Some(found()?.parse().map_err(problem)?),
                "{launch-id}" => self.launch = Some(found()?.parse().map_err(problem)?),
                "{sha256}" => self.sha256 = Some(found()?.parse().map_err(problem)?),
                "{id}" | "{code}" => self.name = found()?,
                _ => {}
            }
        }
        Ok(())
    }

    /// A number of the query.
    pub(super) fn number(&self, name: &str, default: u64) -> u64 {
        self.query.get(name).and_then(|text| text.parse().ok()).unwrap_or(default)
    }

    /// On which condition a registration is replaced.
    pub(super) fn condition(&self) -> Result<Condition, Problem> {
        match (self.matches, self.none_match) {
            (Some(version), false) => Ok(Condition::Version(version)),
            (None, true) => Ok(Condition::Absent),
            (None, false) => Err(Code::PreconditionRequired.into()),
            (Some(_), true) => Err(Problem::new(
                Code::Schema,
                "`If-Match` and `If-None-Match` contradict each other",
            )),
        }
    }
}

/// Undoes percent-encoding.
fn decoded(text: &str) -> Result<String, Problem> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next(), rest.next()].map(|digit| digit.unwrap_or(b'x'));
        let mut decoded = [0];
        hex::decode_to_slice(digits, &mut decoded).map_err(|_| {
            Problem::new(Code::Schema, "a % in the path or query without two digits of hex")
        })?;
        bytes.extend(decoded);
    }
    String::from_utf8(bytes)
        .map_err(|_| Problem::new(Code::Schema, "the path or query is not UTF-8"))
}

/// A header that stands at most once.
fn one<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h [u8]>, Problem> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value.map(HeaderValue::as_bytes)),
        _ => Err(Problem::new(Code::Schema, format!("the header {name} stands twice"))),
    }
}

/// A version of a strong ETag: `"7"`.
fn version(value: &[u8]) -> Result<u64, Problem> {
    let text = std::str::from_utf8(value).ok();
    let inner = text.and_then(|text| text.strip_prefix('"')?.strip_suffix('"'));
    // What was never an ETag of ours matches nothing.
    inner
        .filter(|inner| inner.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|inner| inner.parse().ok())
        .ok_or_else(|| {
            Problem::new(
                Code::EtagMismatch,
                "`If-Match` is not an ETag that this service gave: \"1\", \"2\" …",
            )
        })
}

fn accepts(headers: &HeaderMap) -> Result<(), Problem> {
    let mut said = false;
    for value in headers.get_all("accept") {
        let Ok(text) = value.to_str() else {
            return Err(Problem::of(Code::NotAcceptable));
        };
        for part in text.split(',') {
            said = true;
            let kind = part.split(';').next().unwrap_or_default().trim();
            let fits = [
                "*/*",
                "application/*",
                "application/json",
                "application/problem+json",
                "text/*",
                "text/markdown",
            ];
            if fits.iter().any(|known| kind.eq_ignore_ascii_case(known)) {
                return Ok(());
            }
        }
    }
    if said { Err(Problem::of(Code::NotAcceptable)) } else { Ok(()) }
}

fn query(route: &Route, text: &str) -> Result<BTreeMap<String, String>, Problem> {
    let mut found = BTreeMap::new();
    for part in text.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let (name, value) = (decoded(&name.replace('+', " "))?, decoded(&value.replace('+', " "))?);
        let known = route.query.iter().find(|known| match known.kind {
            QueryKind::Labels => name.starts_with(known.name) && name.len() > known.name.len(),
            _ => known.name == name,
        });
        let Some(known) = known else {
            let known: Vec<&str> = route.query.iter().map(|known| known.name).collect();
            let detail = if known.is_empty() {
                format!("the parameter {name:?} is not known: this path has none")
            } else {
                format!("the parameter {name:?} is not known, only {}", known.join(", "))
            };
            return Err(Problem::new(Code::Schema, detail));
        };
        match known.kind {
            QueryKind::Number(least, most) => {
                let number: Option<u64> = value.parse().ok();
                if !number.is_some_and(|number| (least..=most).contains(&number)) {
                    let detail = format!("{name}: wanted a number from {least} to {most}");
                    return Err(Problem::new(Code::OutOfRange, detail));
                }
            }
            QueryKind::Uuid => {
                let id: Result<VmId, Misread> = value.parse();
                id.map_err(|error| {
                    Problem::new(Code::Schema, format!("{name}: {}", error.detail))
                })?;
            }
            QueryKind::OneOf(names) => {
                if !names.contains(&value.as_str()) {
                    let detail = format!("{name}: wanted one of {}", names.join(", "));
                    return Err(Problem::new(Code::Schema, detail));
                }
            }
            QueryKind::Labels => {}
        }
        if found.insert(name.clone(), value).is_some() {
            return Err(Problem::new(Code::Schema, format!("the parameter {name:?} stands twice")));
        }
    }
    Ok(found)
}

/// Reads the body, as much as the route takes and not a byte more.
pub(super) async fn body(
    route: &Route,
    head: &Parts,
    body: HttpBody,
) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let (wanted, most) = match route.request {
        None => ("", 0),
        Some(Body::Image) => ("application/octet-stream", catalogue::MOST_BYTES),
        Some(_) => ("application/json", body::MOST),
    };
    let too_large = || Problem::new(Code::TooLarge, format!("at most {most} bytes"));
    let told: Option<u64> =
        head.headers.get("content-length").and_then(|value| value.to_str().ok()?.parse().ok());
    if route.request.is_none() {
        return match told {
            Some(length) if length > 0 => {
                Err(Problem::new(Code::TooLarge, "this request has no body"))
            }
            _ => Ok(Zeroizing::new(Vec::new())),
        };
    }
    let kind = one(&head.headers, "content-type")?.unwrap_or_default();
    let kind = String::from_utf8_lossy(kind);
    if !media_type_fits(&kind, wanted) {
        let detail =
            format!("found {:?}, wanted {wanted}", kind.chars().take(80).collect::<String>());
        return Err(Problem::new(Code::MediaType, detail));
    }
    if one(&head.headers, "content-encoding")?.is_some() {
        return Err(Problem::new(Code::MediaType, "no content encoding is understood"));
    }
    let told = told.map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    if told.is_some_and(|length| length > most) {
        return Err(too_large());
    }
    // With its capacity at once: what grows leaves copies of a secret behind.
    let mut read = Zeroizing::new(Vec::with_capacity(told.unwrap_or(most.min(body::MOST))));
    let mut body = Limited::new(body, most);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            if error.downcast_ref::<LengthLimitError>().is_some() {
                too_large()
            } else {
                Problem::new(Code::Timeout, "the body ended early")
            }
        })?;
        if let Ok(data) = frame.into_data() {
            read.extend_from_slice(&data);
        }
    }
    Ok(read)
}

/// `application/json`, and `application/json; charset=utf-8`.
fn media_type_fits(found: &str, wanted: &str) -> bool {
    let mut parts = found.split(';').map(str::trim);
    let kind = parts.next().is_some_and(|kind| {
        kind.eq_ignore_ascii_case(wanted)
            || wanted == "application/json"
                && kind.eq_ignore_ascii_case("application/merge-patch+json")
    });
    kind && parts.all(|part| {
        part.split_once('=').is_some_and(|(name, value)| {
            !name.eq_ignore_ascii_case("charset")
                || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        })
    })
}
