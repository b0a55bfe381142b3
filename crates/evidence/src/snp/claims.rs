//! Values whose names in a document say what they are: runtime data, and reports.
//!
//! Such a value is what its name says, or the document is refused: a reader who knows another form of it would read another thing out of
//! the same document.

use super::EvidenceError;
use crate::layer::Layer;
use crate::text;
use crate::tree::Tree;

/// Names under which tools put a report, in small letters and without `_` and `-`: attestation-rs and MAA's requests; virtee's tools and
/// Trustee; Azure's guest attestation, twice; configfs-tsm.
const REPORTS: [&str; 6] =
    ["report", "attestationreport", "snpreport", "proof", "outblob", "hclreport"];

/// Fewer characters or numbers than this hold no report, which has 1184 bytes.
const LEAST: usize = 1000;

/// Is it what REPORT_DATA is the hash of? [Azure guest attestation, IsolationInfo: RunTimeData; MAA, attest SEV-SNP: runtimeData]
pub(super) fn is_runtime(name: &str) -> bool {
    name.eq_ignore_ascii_case("runtimeData")
}

/// The runtime data of such a value: base64, or an object that has it as `data` beside its `dataType`. `None` where it is null.
///
/// Errors: [`EvidenceError::RuntimeForm`] for everything else.
pub(super) fn runtime(name: &str, value: &Tree) -> Result<Option<Vec<u8>>, EvidenceError> {
    let error = || EvidenceError::RuntimeForm(name.to_owned());
    let text = match value {
        Tree::Other => return Ok(None),
        Tree::Text(text) => text,
        Tree::Object(fields) => {
            let is_known = |(name, _): &(String, Tree)| name == "data" || name == "dataType";
            match value.get("data") {
                Some(Tree::Text(text)) if fields.iter().all(is_known) => text,
                _ => return Err(error()),
            }
        }
        Tree::Bytes(_) | Tree::Number(_) | Tree::List(_) => return Err(error()),
    };
    if text.trim().is_empty() {
        return Ok(Some(Vec::new()));
    }
    let mut forms = text::decodings(text).into_iter();
    let is_base64 = |layer: &Layer| matches!(layer, Layer::Base64 | Layer::Base64Url);
    forms.find(|(layer, _)| is_base64(layer)).map(|(_, bytes)| Some(bytes)).ok_or_else(error)
}

/// Do tools put a report there?
pub(super) fn is_report(name: &str) -> bool {
    let name: String = name.chars().filter(|c| !matches!(c, '_' | '-')).collect();
    REPORTS.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Is it long enough for a report, in whatever form?
pub(super) fn may_be_report(value: &Tree) -> bool {
    size(value) >= LEAST
}

fn size(value: &Tree) -> usize {
    match value {
        Tree::Text(text) => text.len(),
        Tree::Bytes(bytes) => bytes.len(),
        Tree::Number(_) | Tree::Other => 1,
        Tree::List(items) => items.iter().map(size).fold(0, usize::saturating_add),
        Tree::Object(fields) => {
            fields.iter().map(|(_, field)| size(field)).fold(0, usize::saturating_add)
        }
    }
}
