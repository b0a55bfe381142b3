//! A domain's `<launchSecurity>`, as libvirt reads it, and what all readers of a domain's XML share.
//!
//! [libvirt, `virDomainSEVDefParseXML`]: the first of several elements of a name is taken, and the others are passed over. Policies are hexadecimal always, with `0x` or without;
//! `cbitpos` and `reducedPhysBits` are decimal. White space before a number is skipped, and after it refused. Here nothing may be there twice.

use roxmltree::{Document, Node};
use sev_launch_host::bounded_xml;

use crate::attestation::MOST_BYTES;
use crate::vmm::{Host, VmmError};

/// The element's name.
pub(super) const ELEMENT: &str = "launchSecurity";

/// The `<launchSecurity>` of a SEV guest.
pub(super) struct Security<'a, 'input>(pub(super) Node<'a, 'input>);

impl<'a, 'input> Security<'a, 'input> {
    pub(super) fn find(document: &'a Document<'input>) -> Result<Self, VmmError> {
        let domain = domain(document)?;
        let Some(node) = only(domain, ELEMENT)? else {
            return wrong(format!(
                "the domain has no <{ELEMENT}>, wanted <{ELEMENT} type='sev'>: this is no SEV guest"
            ));
        };
        // libvirt looks at an attribute's local name alone.
        if let Some(attribute) = node.attributes().find(|one| one.namespace().is_some()) {
            return wrong(format!(
                "line {}: <{ELEMENT}> has the attribute {:?} of a namespace, which libvirt reads as its own: wanted none",
                line(node),
                attribute.name()
            ));
        }
        match node.attribute("type") {
            Some("sev") => Ok(Self(node)),
            Some("sev-snp") => wrong(format!(
                "line {}: <{ELEMENT} type='sev-snp'>, wanted type='sev': an SNP guest is launched without a session of its owner's, and fetches its own report \
                 (`sev-launch report fetch` in the guest)",
                line(node)
            )),
            other => wrong(format!(
                "line {}: <{ELEMENT}> has the type {:?}, wanted \"sev\"",
                line(node),
                other.unwrap_or_default()
            )),
        }
    }

    pub(super) fn child(&self, name: &str) -> Result<Option<Node<'a, 'input>>, VmmError> {
        only(self.0, name)
    }

    pub(super) fn policy(&self) -> Result<Option<(Node<'a, 'input>, u32)>, VmmError> {
        self.number("policy", 16, "a hexadecimal number of 32 bits")
    }

    /// An element's number, as libvirt reads it: white space before it, and none after it.
    fn number(
        &self,
        name: &str,
        base: u32,
        wanted: &str,
    ) -> Result<Option<(Node<'a, 'input>, u32)>, VmmError> {
        let Some(node) = self.child(name)? else { return Ok(None) };
        let text = text(node);
        let digits = text.trim_ascii_start();
        let bare = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"));
        let digits = bare.filter(|_| base == 16).unwrap_or(digits);
        // A sign is no digit.
        let is_digits = digits.chars().all(|digit| digit.is_digit(base));
        match u32::from_str_radix(digits, base) {
            Ok(number) if is_digits => Ok(Some((node, number))),
            _ => {
                let found: String = text.chars().take(40).collect();
                wrong(format!("line {}: <{name}> is {found:?}, wanted {wanted}", line(node)))
            }
        }
    }

    pub(super) fn check_host(&self, host: &Host) -> Result<(), VmmError> {
        for (name, of_host) in
            [("cbitpos", host.cbitpos), ("reducedPhysBits", host.reduced_phys_bits)]
        {
            let Some((node, found)) = self.number(name, 10, "a decimal number")? else { continue };
            if found != of_host {
                return wrong(format!(
                    "line {}: <{name}> is {found}, and this host's is {of_host}: leave the element out, and libvirt fills it in",
                    line(node)
                ));
            }
        }
        Ok(())
    }

    /// What the domain says of hashes of the kernel.
    pub(super) fn hashes(&self) -> Result<Option<bool>, VmmError> {
        match self.0.attribute("kernelHashes") {
            None => Ok(None),
            Some("yes") => Ok(Some(true)),
            Some("no") => Ok(Some(false)),
            Some(other) => {
                let found: String = other.chars().take(40).collect();
                let line = line(self.0);
                wrong(format!("line {line}: kernelHashes is {found:?}, wanted yes or no"))
            }
        }
    }
}

/// Parses a domain's XML, which must not begin with a mark of its byte order: ranges are of the text as it is given.
pub(super) fn parse(xml: &str) -> Result<Document<'_>, VmmError> {
    if xml.len() > MOST_BYTES {
        let found = xml.len();
        return wrong(format!("the domain's XML has {found} bytes, wanted at most {MOST_BYTES}"));
    }
    // The parser would pass over it, and ranges would be of another text.
    if xml.starts_with('\u{feff}') {
        return wrong("the domain's XML begins with a second mark of the byte order".into());
    }
    bounded_xml::parse(xml)
        .map_err(|error| VmmError::Description(format!("the domain's XML is not read: {error}")))
}

pub(super) fn domain<'a, 'input>(
    document: &'a Document<'input>,
) -> Result<Node<'a, 'input>, VmmError> {
    let root = document.root_element();
    if root.tag_name().namespace().is_some() || root.tag_name().name() != "domain" {
        return wrong("the XML's root element is no <domain> without a namespace".into());
    }
    Ok(root)
}

/// The only element of a name, of no namespace.
pub(super) fn only<'a, 'input>(
    node: Node<'a, 'input>,
    name: &str,
) -> Result<Option<Node<'a, 'input>>, VmmError> {
    let is_it = |node: &Node<'_, '_>| {
        node.is_element() && node.tag_name().namespace().is_none() && node.tag_name().name() == name
    };
    let mut found = node.children().filter(is_it);
    match (found.next(), found.next()) {
        (Some(first), Some(second)) => wrong(format!(
            "line {}: a second <{name}>, after the one of line {}: wanted one",
            line(second),
            line(first)
        )),
        (found, _) => Ok(found),
    }
}

/// An element's text, comments left out.
pub(super) fn text(node: Node<'_, '_>) -> String {
    node.descendants().filter(Node::is_text).filter_map(|node| node.text()).collect()
}

pub(super) fn line(node: Node<'_, '_>) -> u32 {
    node.document().text_pos_at(node.range().start).row
}

pub(super) fn wrong<T>(text: String) -> Result<T, VmmError> {
    Err(VmmError::Description(text))
}
