//! The XML itself, with bounds on what a hostile document can cost.
//!
//! There are no document types, hence no entities. What the parser does in more than linear time (it compares an element's
//! attributes with each other, and hands declared namespaces down) is bounded by counting first.

use roxmltree::{Document, ParsingOptions};

use super::super::Source;
use crate::error::Error;

/// The most bytes of XML that are read: a domain with hundreds of devices has a few hundred kilobytes.
pub const MOST_BYTES: usize = 4 << 20;
/// The most elements, texts and comments.
const MOST_NODES: u32 = 200_000;
/// The most attributes of an element, counted as equals signs before the next tag, those of a command line included.
const MOST_ATTRIBUTES: usize = 256;
/// The most declarations of namespaces: libvirt has three.
const MOST_NAMESPACES: usize = 64;

/// Parses a document.
pub(super) fn parse<'a>(xml: &'a [u8], source: Source<'_>) -> Result<Document<'a>, Error> {
    source.check_size(xml.len(), MOST_BYTES)?;
    let Ok(text) = std::str::from_utf8(xml) else {
        return source.error("no UTF-8: libvirt writes XML in UTF-8");
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let attributes = |element: &str| element.bytes().filter(|byte| *byte == b'=').count();
    if text.split('<').any(|element| attributes(element) > MOST_ATTRIBUTES) {
        return source.error(format!("an element with more than {MOST_ATTRIBUTES} attributes"));
    }
    if text.matches("xmlns").count() > MOST_NAMESPACES {
        return source.error(format!("more than {MOST_NAMESPACES} namespaces"));
    }
    let options =
        ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|error| source.syntax(error))
}
