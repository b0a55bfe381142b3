//! Takes off one wrapping after the other, and looks at every value of a document.

use sev_launch_abi::snp::tcb::{TcbLayout, TcbVersion};
use sev_launch_verify::snp::certificate::Vek;

use super::hcl::{RuntimeData, RuntimeHash};
use super::{Evidence, EvidenceError, MAX_DEPTH, Remark, fields, pem, protobuf, shape};
use crate::layer::Layer;
use crate::text;
use crate::tree::Tree;

/// The shortest text inside a document that may be evidence: a certificate or a report in base64 is far longer.
const SHORTEST: usize = 256;

/// What is in the bytes of a file; `None` if nothing is known of it.
pub(super) fn any(bytes: &[u8], depth: usize) -> Result<Option<Evidence>, EvidenceError> {
    if depth > MAX_DEPTH {
        return Err(EvidenceError::TooDeep);
    }
    match core::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => text_of_file(text, depth),
        _ => match shape::of_whole(bytes)? {
            Some(evidence) => Ok(Some(evidence)),
            None => cbor(bytes, depth),
        },
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
    let mut runtime = Vec::new();
    let mut evidence = Evidence::default();
    value(tree, depth, &mut evidence, &mut runtime)?;
    if let Some(report) = &evidence.report {
        for data in runtime {
            let data = RuntimeData::bound(&data, RuntimeHash::Sha256, report)?;
            evidence.runtime_data.get_or_insert(data);
        }
    }
    let evidence = evidence.under(layer);
    Ok((!evidence.is_empty()).then_some(evidence))
}

/// Looks at a value and what is inside of it. Runtime data is kept until the report is known.
fn value(
    tree: &Tree,
    depth: usize,
    evidence: &mut Evidence,
    runtime: &mut Vec<Vec<u8>>,
) -> Result<(), EvidenceError> {
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
        Tree::Text(text) if text.len() >= SHORTEST => {
            inside_text(text, depth)?.map_or(Ok(()), |found| evidence.add(found))
        }
        Tree::List(items) => {
            items.iter().try_for_each(|item| value(item, depth, evidence, runtime))
        }
        Tree::Object(fields) => {
            for (name, field) in fields {
                match (name.as_str(), field) {
                    // [Azure THIM; ACI sidecar]: the level of the VCEK beside it, as the hex of a 64-bit number.
                    ("tcbm" | "endorsed_tcb", Tree::Text(text)) => {
                        evidence.claimed_tcb = u64::from_str_radix(text, 16).ok();
                    }
                    // [Azure guest attestation, IsolationInfo; MAA, attest SEV-SNP]: what REPORT_DATA is the hash of.
                    ("RunTimeData", Tree::Text(text)) => runtime.extend(base64(text)),
                    ("runtimeData", data) => {
                        if let Some(Tree::Text(text)) = data.get("data") {
                            runtime.extend(base64(text));
                        }
                    }
                    _ => value(field, depth, evidence, runtime)?,
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let forms = text::decodings(text).into_iter();
    forms
        .filter(|(layer, _)| matches!(layer, Layer::Base64 | Layer::Base64Url))
        .map(|(_, bytes)| bytes)
        .next()
}

/// A text inside a document: PEM, a document of its own, or bytes.
fn inside_text(text: &str, depth: usize) -> Result<Option<Evidence>, EvidenceError> {
    // Before PEM, which may stand inside of it.
    if text.trim_start().starts_with('{')
        && let Ok(tree) = serde_json::from_str(text)
    {
        return document(&tree, depth + 1, Layer::Json);
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
        Ok(text) if !text.contains('\0') => {
            if text.len() < SHORTEST {
                Ok(None)
            } else {
                inside_text(text, depth)
            }
        }
        _ => shape::of(bytes),
    }
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
