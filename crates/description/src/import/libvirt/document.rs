//! The XML itself, with bounds on what a hostile document can cost.

use roxmltree::Document;
use sev_launch_host::bounded_xml;

use super::super::Source;
use crate::error::Error;

/// The most bytes of XML that are read: a domain with hundreds of devices has a few hundred kilobytes.
pub const MOST_BYTES: usize = 4 << 20;

/// Parses a document.
pub(super) fn parse<'a>(xml: &'a [u8], source: Source<'_>) -> Result<Document<'a>, Error> {
    source.check_size(xml.len(), MOST_BYTES)?;
    let Ok(text) = std::str::from_utf8(xml) else {
        return source.error("no UTF-8: libvirt writes XML in UTF-8");
    };
    match bounded_xml::parse(text) {
        Ok(document) => Ok(document),
        Err(bounded_xml::Error::Syntax(error)) => Err(source.syntax(error)),
        Err(other) => source.error(other.to_string()),
    }
}
