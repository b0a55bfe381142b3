//! PEM as people have it: text around it, several blocks, any line length, joined without a line end between them. [RFC 7468, lax]

use super::{Evidence, EvidenceError, Remark};
use crate::layer::Layer;
use crate::text;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";
/// Labels of a certificate: the standard one, and one of old tools. [RFC 7468, certificates]
const CERTIFICATES: [&str; 2] = ["CERTIFICATE", "X509 CERTIFICATE"];

/// Is there a block in the text?
pub(super) fn is_pem(text: &str) -> bool {
    text.contains(BEGIN)
}

/// Every certificate of a text; blocks of other kinds are remarked on.
pub(super) fn read(text: &str) -> Result<Evidence, EvidenceError> {
    let mut evidence = Evidence::default();
    let mut rest = text;
    while let Some((_, block)) = rest.split_once(BEGIN) {
        let error = |what: String| EvidenceError::Pem(what);
        let (label, body) = block
            .split_once(DASHES)
            .filter(|(label, _)| !label.contains('\n'))
            .ok_or_else(|| error("a BEGIN line that does not end".to_owned()))?;
        let end = format!("{END}{label}{DASHES}");
        let (body, after) = body
            .split_once(&end)
            .ok_or_else(|| error(format!("{end:?} is missing: the block is cut")))?;
        rest = after;
        if !CERTIFICATES.contains(&label) {
            evidence.remarks.push(Remark::OtherBlock(label.to_owned()));
            continue;
        }
        let forms = text::decodings(body).into_iter();
        let der = forms.filter(|(layer, _)| *layer == Layer::Base64).map(|(_, der)| der).next();
        evidence.put(der.ok_or_else(|| error(format!("the block {label:?} is not base64")))?)?;
    }
    Ok(evidence.under(Layer::Pem))
}
