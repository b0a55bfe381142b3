//! Takes off one wrapping after the other, and looks at every value of a document.

use serde::de::IgnoredAny;
use sev_launch_abi::snp::tcb::{TcbLayout, TcbVersion};
use sev_launch_verify::snp::certificate::Vek;

use super::{Evidence, EvidenceError, MAX_DEPTH, Remark, claims, fields, pem, protobuf, shape};
use crate::layer::Layer;
use crate::text;
use crate::tree::Tree;

/// The shortest text inside a document that may be evidence by itself: a certificate or a report in base64 is far longer. A document
/// inside of it may be shorter.
const SHORTEST: usize = 256;

/// What is in the bytes of a file; `None` if nothing is known of it.
pub(super) fn any(bytes: &[u8], depth: usize) -> Result<Option<Evidence>, EvidenceError> {
    if depth > MAX_DEPTH {
        return Err(EvidenceError::TooDeep);
    }
    match core::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => text_of_file(text, depth),
        _ => binary(bytes, depth),
    }
}

/// What is known by its beginning; else a document; and last what its size alone tells, since a document may have any size.
fn binary(bytes: &[u8], depth: usize) -> Result<Option<Evidence>, EvidenceError> {
    if let Some(evidence) = shape::of(bytes)? {
        return Ok(Some(evidence));
    }
    match cbor(bytes, depth) {
        read @ (Ok(None) | Err(EvidenceError::Cbor(_))) => match shape::of_whole(bytes)? {
            Some(evidence) => Ok(Some(evidence)),
            None => read,
        },
        read => read,
    }
}

fn text_of_file(text: &str, depth: usize) -> Result<Option<Evidence>, EvidenceError> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.starts_with(['{', '[', '"']) {
        return json(text, depth);
    }
    if pem::is_pem(text) {
        return pem::read(text).map(Some);
    }
    if is_token(text) {
        return Err(EvidenceError::Token);
    }
    if text.contains("Report Data:") && text.contains("Measurement:") {
        return Err(EvidenceError::Listing);
    }
    if protobuf::is_text(text) {
        let evidence = shape::of_message(protobuf::text(text)?)?;
        return Ok(Some(evidence.under(Layer::ProtobufText)));
    }
    of_text(text, depth, any)
}

/// What the bytes are that a text may stand for.
fn of_text(
    text: &str,
    depth: usize,
    inside: fn(&[u8], usize) -> Result<Option<Evidence>, EvidenceError>,
) -> Result<Option<Evidence>, EvidenceError> {
    let mut found: Option<(Layer, Evidence)> = None;
    let mut error = None;
    for (layer, bytes) in text::decodings(text) {
        match inside(&bytes, depth + 1) {
            Ok(None) => {}
            Ok(Some(evidence)) => match found {
                Some((earlier, _)) => return Err(EvidenceError::TwoReadings(earlier, layer)),
                None => found = Some((layer, evidence)),
            },
            Err(one) => error = Some(error.unwrap_or(one)),
        }
    }
    match (found, error) {
        (Some((layer, evidence)), _) => Ok(Some(evidence.under(layer))),
        (None, Some(error)) => Err(error),
        (None, None) => Ok(None),
    }
}

/// A JSON Web Token: three parts in base64url, the first a JSON object. [RFC 7519]
fn is_token(text: &str) -> bool {
    let mut parts = text.split('.');
    let (head, body, signature) = (parts.next(), parts.next(), parts.next());
    head.is_some_and(|head| head.starts_with("eyJ")) && body.is_some() && signature.is_some()
}

fn json(text: &str, depth: usize) -> Result<Option<Evidence>, EvidenceError> {
    let tree: Tree =
        serde_json::from_str(text).map_err(|error| EvidenceError::Json(error.to_string()))?;
    document(&tree, depth, Layer::Json)
}

fn cbor(bytes: &[u8], depth: usize) -> Result<Option<Evidence>, EvidenceError> {
    // A map. [RFC 8949, major types]
    if !matches!(bytes.first(), Some(0xa0..=0xbf)) {
        return Ok(None);
    }
    let mut rest = bytes;
    let tree: Tree =
        ciborium::from_reader(&mut rest).map_err(|error| EvidenceError::Cbor(error.to_string()))?;
    if !rest.is_empty() {
        let what = format!("{} bytes follow its end", rest.len());
        return Err(EvidenceError::Cbor(what));
    }
    document(&tree, depth, Layer::Cbor)
}

fn document(tree: &Tree, depth: usize, layer: Layer) -> Result<Option<Evidence>, EvidenceError> {
    let mut evidence = Evidence::default();
    value(tree, depth, &mut evidence)?;
    evidence.bind_runtime()?;
    let evidence = evidence.under(layer);
    Ok((!evidence.is_empty()).then_some(evidence))
}

/// Looks at a value and what is inside of it. Runtime data is kept until the report is known.
fn value(tree: &Tree, depth: usize, evidence: &mut Evidence) -> Result<(), EvidenceError> {
    if depth > MAX_DEPTH {
        return Err(EvidenceError::TooDeep);
    }
    if fields::is_sev(tree) {
        let report = fields::of_sev(tree)?;
        return evidence.add(Evidence::of_report(report).under(Layer::SevFields));
    }
    if protobuf::is_json(tree) {
        let report = protobuf::json(tree)?;
        return evidence.add(Evidence::of_report(report).under(Layer::ProtobufJson));
    }
    if let Some(bytes) = tree.bytes().filter(|bytes| bytes.len() >= SHORTEST) {
        return inside(&bytes, depth + 1)?.map_or(Ok(()), |found| evidence.add(found));
    }
    match tree {
        Tree::Text(text) if may_be_evidence(text) => {
            inside_text(text, depth)?.map_or(Ok(()), |found| evidence.add(found))
        }
        Tree::List(items) => items.iter().try_for_each(|item| value(item, depth, evidence)),
        Tree::Object(fields) => {
            for (name, field) in fields {
                named(name, field, depth, evidence)?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// The same of a value with a name, some of which say what it must be.
fn named(
    name: &str,
    field: &Tree,
    depth: usize,
    evidence: &mut Evidence,
) -> Result<(), EvidenceError> {
    // [Azure THIM; ACI sidecar]: the level of the VCEK beside it, as the hex of a 64-bit number.
    if let ("tcbm" | "endorsed_tcb", Tree::Text(text)) = (name, field) {
        evidence.claimed_tcb = u64::from_str_radix(text, 16).ok();
        return Ok(());
    }
    if claims::is_runtime(name) {
        evidence.unbound.extend(claims::runtime(name, field)?);
        return Ok(());
    }
    if !claims::is_report(name) {
        return value(field, depth, evidence);
    }
    let mut found = Evidence::default();
    value(field, depth, &mut found)?;
    // What is known by itself, such as certificates, is no report in another form.
    if found.is_empty() && claims::may_be_report(field) {
        return Err(EvidenceError::NoReportIn(name.to_owned()));
    }
    evidence.add(found)
}

/// A text inside a document: PEM, a document of its own, or bytes.
fn inside_text(text: &str, depth: usize) -> Result<Option<Evidence>, EvidenceError> {
    // Before PEM, which may stand inside of it.
    if text.trim_start().starts_with(['{', '[']) {
        match serde_json::from_str(text) {
            Ok(tree) => return document(&tree, depth + 1, Layer::Json),
            // JSON all the same, with a key that stands twice.
            Err(error) if serde_json::from_str::<IgnoredAny>(text).is_ok() => {
                return Err(EvidenceError::Json(error.to_string()));
            }
            Err(_) => {}
        }
    }
    if pem::is_pem(text) {
        return pem::read(text).map(Some);
    }
    of_text(text, depth, inside)
}

/// Bytes inside a document, which may be anything: only what is known by itself is taken.
fn inside(bytes: &[u8], depth: usize) -> Result<Option<Evidence>, EvidenceError> {
    if depth > MAX_DEPTH {
        return Err(EvidenceError::TooDeep);
    }
    match core::str::from_utf8(bytes) {
        Ok(text) if text.contains('\0') => shape::of(bytes),
        Ok(text) if !may_be_evidence(text) => Ok(None),
        Ok(text) => inside_text(text, depth),
        Err(_) => shape::of(bytes),
    }
}

/// Is a text inside a document long enough to be evidence, or a document itself?
fn may_be_evidence(text: &str) -> bool {
    let is_inside = |bytes: &[u8]| core::str::from_utf8(bytes).is_ok_and(may_be_evidence);
    text.len() >= SHORTEST
        || text.trim_start().starts_with(['{', '['])
        || text::decodings(text).iter().any(|(_, bytes)| is_inside(bytes))
}

impl Evidence {
    /// Compares the level that is stated beside a VCEK with the one in it.
    pub(super) fn check_claimed_tcb(&mut self) {
        let Some(stated) = self.claimed_tcb else { return };
        let certificates = self.certificates.iter();
        let veks: Vec<Vek> = certificates.filter_map(|der| Vek::parse(der).ok()).collect();
        let is_level = |vek: &Vek| {
            let layout = TcbLayout::of(vek.generation());
            TcbVersion::from_bytes(stated.to_le_bytes()).parts(layout) == *vek.tcb()
        };
        if !veks.is_empty() && !veks.iter().any(is_level) {
            self.remarks.push(Remark::OtherTcb { stated });
        }
    }
}
