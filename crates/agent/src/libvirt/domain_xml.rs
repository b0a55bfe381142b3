//! A domain's XML: a session is put into it, and who the domain is is read out of it.
//!
//! Defined by [libvirt, formatdomain, "Launch Security"]. What is written is written by edits of byte ranges, so that all else, comments and the order of
//! things included, stays as libvirt printed it. The result is read again before it is given out.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use roxmltree::Node;
use sev_launch_protocol::text::VmId;

use super::security::{ELEMENT, Security, domain, line, only, parse, text, wrong};
use crate::vmm::{Host, Session, VmmError};

/// A mark of the byte order.
const MARK: &str = "\u{feff}";
/// The size of a certificate, in bytes. [SEV-API, "SEV Certificates"]
const CERTIFICATE: usize = 2084;
/// The size of a session blob, in bytes. [SEV-API, LAUNCH_START]
const BLOB: usize = 128;

/// The domain's XML with the session in its `<launchSecurity type='sev'>`.
///
/// `xml` is what `virsh dumpxml --inactive --security-info` prints. `<dhCert>` and `<session>` are put in; where they are already there
/// they are replaced, since the session of an earlier launch may have been left there, and no session is good for a second launch. `<policy>` and `kernelHashes` are
/// added where they are missing, and must say the same as the session otherwise. `<cbitpos>` and `<reducedPhysBits>` must be the host's where they are said,
/// and are not added: libvirt fills them in.
///
/// # Errors
///
/// [`VmmError::Description`]: no XML, or more than 1 MiB of it; no domain; no `<launchSecurity>` of SEV or SEV-ES, or more than one; something in it
/// that is said twice, that libvirt would not read, or that is at odds with the session or the host; a session of other sizes than 2084 and 128 bytes.
pub fn with_session(xml: &str, session: &Session, host: &Host) -> Result<String, VmmError> {
    let (godh, blob) = (session.godh.len(), session.blob.len());
    if (godh, blob) != (CERTIFICATE, BLOB) {
        return wrong(format!(
            "the session's certificate has {godh} bytes and its blob {blob}, wanted {CERTIFICATE} and {BLOB}"
        ));
    }
    let (mark, xml) = split_mark(xml);
    let document = parse(xml)?;
    let security = Security::find(&document)?;
    let mut edits = Edits(Vec::new());
    let mut missing = Vec::new();
    match security.policy()? {
        None => missing.push(format!("<policy>{:#06x}</policy>", session.policy)),
        Some((_, policy)) if policy == session.policy => {}
        Some((node, policy)) => {
            return wrong(format!(
                "line {}: <policy> is {policy:#x}, and the session is for policy {:#x}: the AMD-SP launches no guest with another one, so make the domain's and \
                 the owner's the same",
                line(node),
                session.policy
            ));
        }
    }
    security.check_host(host)?;
    edits.push_hashes(&security, session.kernel_hashes)?;
    for (name, bytes) in [("dhCert", &session.godh), ("session", &session.blob)] {
        let element = format!("<{name}>{}</{name}>", BASE64.encode(bytes));
        match security.child(name)? {
            Some(node) => edits.0.push((node.range(), element)),
            None => missing.push(element),
        }
    }
    edits.push_missing(&security, missing)?;
    let edited = edits.apply(xml)?;
    check(&edited, session)?;
    Ok(format!("{mark}{edited}"))
}

/// Who a domain is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its name.
    pub name: String,
    /// Its UUID.
    pub uuid: VmId,
}

/// Who the domain of this XML is.
///
/// # Errors
///
/// [`VmmError::Description`]: no XML of a domain, or without a `<name>` or a `<uuid>`.
pub fn identity(xml: &str) -> Result<Identity, VmmError> {
    let document = parse(split_mark(xml).1)?;
    let domain = domain(&document)?;
    let of = |name: &str| match only(domain, name)? {
        Some(node) => Ok(text(node)),
        None => wrong(format!("the domain has no <{name}>")),
    };
    let (name, uuid) = (of("name")?, of("uuid")?);
    match uuid.trim_ascii().parse() {
        Ok(uuid) => Ok(Identity { name, uuid }),
        Err(error) => wrong(format!("the domain's <uuid>: {error}")),
    }
}

/// The session blob that stands in a domain's XML, if there is one that can be read: 128 bytes.
pub fn session(xml: &str) -> Option<Vec<u8>> {
    let document = parse(split_mark(xml).1).ok()?;
    let node = Security::find(&document).ok()?.child("session").ok()??;
    BASE64.decode(text(node).trim_ascii()).ok().filter(|blob| blob.len() == BLOB)
}

/// Ranges of a text, and what stands there instead. None of them overlap.
struct Edits(Vec<(Range<usize>, String)>);

impl Edits {
    fn push_hashes(
        &mut self,
        security: &Security<'_, '_>,
        wanted: Option<bool>,
    ) -> Result<(), VmmError> {
        let word = |is: bool| if is { "yes" } else { "no" };
        match (security.hashes()?, wanted) {
            (_, None) => {}
            (Some(found), Some(wanted)) if found == wanted => {}
            (Some(found), Some(wanted)) => {
                return wrong(format!(
                    "line {}: kernelHashes is {}, and the owner's session is for {}: make the domain's and the owner's the same",
                    line(security.0),
                    word(found),
                    word(wanted)
                ));
            }
            (None, Some(wanted)) => {
                // After the element's name, which has no prefix: it is of no namespace.
                let at = security.0.range().start.saturating_add(1).saturating_add(ELEMENT.len());
                self.0.push((at..at, format!(" kernelHashes='{}'", word(wanted))));
            }
        }
        Ok(())
    }

    /// Elements that are not there yet, after the last one that is.
    fn push_missing(
        &mut self,
        security: &Security<'_, '_>,
        missing: Vec<String>,
    ) -> Result<(), VmmError> {
        if missing.is_empty() {
            return Ok(());
        }
        let node = security.0;
        let whole = node.range();
        let source = source(node)?;
        if let Some(last) = node.children().rfind(Node::is_element) {
            // What stands before it, if it is the line's indentation, goes before each.
            let before = last.prev_sibling().filter(Node::is_text).map(|text| text.range());
            let before = before.and_then(|range| node.document().input_text().get(range));
            let before = before.filter(|text| text.trim_ascii().is_empty()).unwrap_or_default();
            let elements = missing.iter().flat_map(|element| [before, element]).collect();
            self.0.push((last.range().end..last.range().end, elements));
            return Ok(());
        }
        let elements = missing.concat();
        if source.ends_with("/>") {
            let start = whole.end.saturating_sub(2);
            self.0.push((start..whole.end, format!(">{elements}</{ELEMENT}>")));
            return Ok(());
        }
        let Some(end) = source.rfind("</") else {
            return wrong(format!("line {}: <{ELEMENT}> has no end", line(node)));
        };
        let at = whole.start.saturating_add(end);
        self.0.push((at..at, elements));
        Ok(())
    }

    fn apply(mut self, text: &str) -> Result<String, VmmError> {
        self.0.sort_by_key(|(range, _)| range.start);
        let mut edited = String::new();
        let mut at = 0;
        for (range, new) in self.0 {
            let Some(kept) = text.get(at..range.start) else {
                return wrong("the parts of <launchSecurity> overlap".into());
            };
            edited.push_str(kept);
            edited.push_str(&new);
            at = range.end;
        }
        edited.push_str(text.get(at..).unwrap_or_default());
        Ok(edited)
    }
}

/// Does the edited text say what it must, to a reader of it?
fn check(xml: &str, session: &Session) -> Result<(), VmmError> {
    let document = parse(xml)?;
    let security = Security::find(&document)?;
    let holds = |name: &str, bytes: &[u8]| {
        let node = security.child(name)?;
        Ok::<_, VmmError>(node.is_some_and(|node| text(node) == BASE64.encode(bytes)))
    };
    let policy = security.policy()?.map(|(_, policy)| policy);
    let is_right = policy == Some(session.policy)
        && session.kernel_hashes.is_none_or(|wanted| security.hashes().ok() == Some(Some(wanted)))
        && holds("dhCert", &session.godh)?
        && holds("session", &session.blob)?;
    if is_right {
        Ok(())
    } else {
        wrong("the session could not be put into the domain's XML".into())
    }
}

/// The mark of the byte order, if there is one, and the rest.
fn split_mark(xml: &str) -> (&str, &str) {
    match xml.strip_prefix(MARK) {
        Some(rest) => (MARK, rest),
        None => ("", xml),
    }
}

fn source<'input>(node: Node<'_, 'input>) -> Result<&'input str, VmmError> {
    match node.document().input_text().get(node.range()) {
        Some(source) => Ok(source),
        None => wrong("the domain's XML has an element outside of itself".into()),
    }
}
