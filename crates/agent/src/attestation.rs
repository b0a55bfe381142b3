//! What a domain or a file says of its attestation: which guest it is to the owner's service, and which service that is.
//!
//! Two forms are read. The one for libvirt is an element of our own [`NAMESPACE`] in the domain's `<metadata>`, which libvirt keeps as it is
//! [libvirt, formatdomain, "General metadata"]. The other is an `<attestation>` without a namespace, as a file by itself or in a domain's XML that was not
//! given to libvirt yet: libvirt drops such an element when it defines the domain. A domain that says both is an error, so that no two readers choose differently.
//!
//! Whoever may write a domain's metadata is not thereby trusted: a credential goes to a service because the host's administrator configured
//! it, never because a guest's XML names it. So this module gives out texts alone, as they stand there, and the caller looks them up among
//! the services that it knows.
//!
//! ```
//! use sev_launch_agent::attestation;
//!
//! let xml = "<domain type='kvm'><uuid>57f669c2-c427-4132-bc7a-26f56b6a718c</uuid><metadata><sev:attestation \
//!            xmlns:sev='https://github.com/sev-launch/sev-launch/attestation/1'/></metadata></domain>";
//! let said = attestation::read(xml)?.expect("an element of the namespace");
//! assert_eq!(said.vmid.to_string(), "57f669c2-c427-4132-bc7a-26f56b6a718c");
//! assert_eq!(said.service, None);
//! # Ok::<(), attestation::AttestationError>(())
//! ```

use roxmltree::{Document, Node};
use sev_launch_client::base;
use sev_launch_host::bounded_xml;
use sev_launch_protocol::text::VmId;

/// The namespace of the element in a domain's metadata.
pub const NAMESPACE: &str = "https://github.com/sev-launch/sev-launch/attestation/1";
/// What the namespaces of all versions begin with.
const FAMILY: &str = "https://github.com/sev-launch/sev-launch/attestation";
/// The element's name, in both forms.
const NAME: &str = "attestation";
/// The most bytes of XML that are read: a domain with hundreds of devices has a few hundred kilobytes.
pub const MOST_BYTES: usize = 1 << 20;
/// The most characters of a text that an error repeats.
const MOST_TOLD: usize = 100;

/// What is said of a guest's attestation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attestation {
    /// The guest's name at the service.
    pub vmid: VmId,
    /// The base address of the service as it is written, `http` or `https`, without user info, query and fragment; `None` stands for the
    /// agent's only service. It is a name to look up, and no permission to send anything there.
    pub service: Option<String>,
}

/// Why nothing is read from a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AttestationError {
    /// Too long.
    #[error("{found} bytes of XML, wanted at most {MOST_BYTES}")]
    TooLarge {
        /// How many bytes there are.
        found: usize,
    },
    /// No XML, or XML with a document type declaration, or such as takes too long.
    #[error("XML that is not read: {0}")]
    Xml(bounded_xml::Error),
    /// Another document.
    #[error("the root element is <{found}>, wanted {wanted}")]
    Root {
        /// Its name.
        found: String,
        /// What is read.
        wanted: &'static str,
    },
    /// Said twice.
    #[error(
        "line {second}: a second <attestation>, after the one of line {first}: leave one of them"
    )]
    Twice {
        /// The line of the first one, from 1.
        first: u32,
        /// The line of the second one.
        second: u32,
    },
    /// An element that is not as it must be.
    #[error("line {line}: {detail}")]
    Element {
        /// Where it begins, from 1.
        line: u32,
        /// What was found and what was wanted.
        detail: String,
    },
}

/// Reads the form of a domain's metadata: `<sev:attestation xmlns:sev="…" vmid="…" service="…"/>` directly below `<domain><metadata>`.
///
/// `xml` is what `virsh dumpxml` prints. Without `vmid` the domain's own `<uuid>` is the guest's name. `None`: the domain says nothing.
///
/// # Errors
///
/// [`AttestationError`]: too large; no XML; no `<domain>`; two such elements; an attribute that is none of `vmid` and `service`; text or an element inside; another
/// element, or another version, of the namespace; a vmid that is no UUID; a service that is no plain address.
pub fn from_domain(xml: &str) -> Result<Option<Attestation>, AttestationError> {
    let document = parse(xml)?;
    let domain = domain(&document)?.ok_or_else(|| wrong_root(&document, "<domain>"))?;
    one(in_metadata(domain)?, Some(domain))
}

/// Reads the form without a namespace, `<attestation vmid="…" service="…"/>`: a file's root element, or directly below a `<domain>`
/// or its `<launchSecurity>`.
///
/// As the root it must have a `vmid`; in a domain the domain's `<uuid>` stands in. `None`: a domain that says nothing in this form.
///
/// # Errors
///
/// [`AttestationError`], as [`from_domain`] has them.
pub fn from_mail(text: &str) -> Result<Option<Attestation>, AttestationError> {
    let document = parse(text)?;
    let domain = domain(&document)?;
    one(in_plain(&document, domain)?, domain)
}

/// Reads whichever of the two forms is there.
///
/// # Errors
///
/// [`AttestationError`], as [`from_domain`] has them; [`AttestationError::Twice`] too where both forms are there, even if they say the same.
pub fn read(text: &str) -> Result<Option<Attestation>, AttestationError> {
    let document = parse(text)?;
    let domain = domain(&document)?;
    let mut found = in_plain(&document, domain)?;
    if let Some(domain) = domain {
        found.append(&mut in_metadata(domain)?);
    }
    found.sort_by_key(|node| node.range().start);
    one(found, domain)
}

fn parse(text: &str) -> Result<Document<'_>, AttestationError> {
    if text.len() > MOST_BYTES {
        return Err(AttestationError::TooLarge { found: text.len() });
    }
    bounded_xml::parse(text).map_err(AttestationError::Xml)
}

/// The root element, if it is a domain. An error for one that is a domain by its local name alone: libvirt reads no such document.
fn domain<'a, 'input>(
    document: &'a Document<'input>,
) -> Result<Option<Node<'a, 'input>>, AttestationError> {
    let root = document.root_element();
    if root.tag_name().name() != "domain" {
        return Ok(None);
    }
    match root.tag_name().namespace() {
        None => Ok(Some(root)),
        Some(namespace) => Err(wrong(
            root,
            format!("<domain> is of the namespace {}, wanted none", told(namespace)),
        )),
    }
}

fn wrong_root(document: &Document<'_>, wanted: &'static str) -> AttestationError {
    let name = document.root_element().tag_name().name();
    AttestationError::Root { found: cut(name), wanted }
}

/// The elements of our namespace directly below the domain's metadata.
fn in_metadata<'a, 'input>(
    domain: Node<'a, 'input>,
) -> Result<Vec<Node<'a, 'input>>, AttestationError> {
    let metadata = domain.children().filter(|node| is_plain(node, "metadata"));
    let mut found = Vec::new();
    for node in metadata.flat_map(|node| node.children()) {
        let Some(namespace) = node.tag_name().namespace().filter(|uri| uri.starts_with(FAMILY))
        else {
            continue;
        };
        if namespace != NAMESPACE {
            let detail = format!(
                "<{}> is of the namespace {}, which is not known here: wanted {NAMESPACE}",
                cut(node.tag_name().name()),
                told(namespace)
            );
            return Err(wrong(node, detail));
        }
        if node.tag_name().name() != NAME {
            let name = cut(node.tag_name().name());
            return Err(wrong(node, format!("<{name}> of {NAMESPACE}, wanted <{NAME}>")));
        }
        found.push(node);
    }
    Ok(found)
}

/// The elements without a namespace.
fn in_plain<'a, 'input>(
    document: &'a Document<'input>,
    domain: Option<Node<'a, 'input>>,
) -> Result<Vec<Node<'a, 'input>>, AttestationError> {
    let root = document.root_element();
    let Some(domain) = domain else {
        if is_plain(&root, NAME) {
            return Ok(vec![root]);
        }
        if root.tag_name().name() == NAME {
            let detail = format!("<{NAME}> as a root element has a namespace, wanted none");
            return Err(wrong(root, detail));
        }
        return Err(wrong_root(document, "<domain> or <attestation>"));
    };
    let security = domain.children().filter(|node| is_plain(node, "launchSecurity"));
    let inside = security.flat_map(|node| node.children());
    Ok(domain.children().chain(inside).filter(|node| is_plain(node, NAME)).collect())
}

fn is_plain(node: &Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().namespace().is_none() && node.tag_name().name() == name
}

/// What the only one of some elements says, in the order of the document.
fn one(
    found: Vec<Node<'_, '_>>,
    domain: Option<Node<'_, '_>>,
) -> Result<Option<Attestation>, AttestationError> {
    let mut found = found.into_iter();
    match (found.next(), found.next()) {
        (None, _) => Ok(None),
        (Some(node), None) => attestation(node, domain).map(Some),
        (Some(first), Some(second)) => {
            Err(AttestationError::Twice { first: line(first), second: line(second) })
        }
    }
}

fn attestation(
    node: Node<'_, '_>,
    domain: Option<Node<'_, '_>>,
) -> Result<Attestation, AttestationError> {
    let (mut vmid, mut service) = (None, None);
    for attribute in node.attributes() {
        match (attribute.namespace(), attribute.name()) {
            (None, "vmid") => vmid = Some(attribute.value()),
            (None, "service") => service = Some(attribute.value()),
            (namespace, name) => {
                let of = if namespace.is_some() { " of a namespace" } else { "" };
                let detail = format!("attribute {}{of}, wanted vmid and service alone", told(name));
                return Err(wrong(node, detail));
            }
        }
    }
    for child in node.children() {
        let is_blank = child.text().is_some_and(|text| text.trim_ascii().is_empty());
        let what = match child {
            child if child.is_comment() || child.is_text() && is_blank => continue,
            child if child.is_text() => "text",
            child if child.is_element() => "an element",
            _ => "a processing instruction",
        };
        return Err(wrong(child, format!("{what} inside <{NAME}>, wanted nothing")));
    }
    let vmid = match vmid {
        Some(text) => vm_id(text).map_err(|why| wrong(node, format!("vmid {why}")))?,
        None => own_uuid(node, domain)?,
    };
    if let Some(Err(why)) = service.map(base::check) {
        let service = told(service.unwrap_or_default());
        return Err(wrong(node, format!("service {service}: {why}")));
    }
    Ok(Attestation { vmid, service: service.map(str::to_owned) })
}

fn vm_id(text: &str) -> Result<VmId, String> {
    text.parse().map_err(|error| format!("{}: {error}", told(text)))
}

/// The domain's UUID, which stands in for a vmid.
fn own_uuid(node: Node<'_, '_>, domain: Option<Node<'_, '_>>) -> Result<VmId, AttestationError> {
    let Some(domain) = domain else {
        return Err(wrong(node, "no vmid, and no domain whose UUID could stand in".into()));
    };
    let mut uuids = domain.children().filter(|node| is_plain(node, "uuid"));
    let Some(uuid) = uuids.next() else {
        let detail = "no vmid, and the domain has no <uuid> that could stand in: say vmid=\"…\"";
        return Err(wrong(node, detail.into()));
    };
    if let Some(second) = uuids.next() {
        return Err(wrong(second, "a second <uuid>, wanted one".into()));
    }
    let text: String =
        uuid.descendants().filter(Node::is_text).filter_map(|node| node.text()).collect();
    vm_id(text.trim_ascii())
        .map_err(|why| wrong(uuid, format!("<uuid>, which stands in for vmid, {why}")))
}

fn wrong(node: Node<'_, '_>, detail: String) -> AttestationError {
    AttestationError::Element { line: line(node), detail }
}

fn line(node: Node<'_, '_>) -> u32 {
    node.document().text_pos_at(node.range().start).row
}

/// A text in quotation marks, escaped, and cut where it is long.
fn told(text: &str) -> String {
    format!("{:?}", cut(text))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MOST_TOLD) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}
