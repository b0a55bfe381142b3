//! XML with bounds on what a hostile document can cost: libvirt's documents, of hosts and of guests.
//!
//! There are no document types, hence no entities. What the parser does in more than linear time (it compares an element's attributes with each other,
//! and hands declared namespaces down) is bounded by counting first. How many bytes are read is the caller's to bound.
//!
//! ```
//! use sev_launch_host::bounded_xml::{Error, parse};
//!
//! assert!(parse("<a b='c'/>").is_ok());
//! let many: String = (0..300).map(|number| format!(" a{number}=''")).collect();
//! assert_eq!(parse(&format!("<a{many}/>")).err(), Some(Error::Attributes));
//! ```

use roxmltree::{Document, ParsingOptions};
use thiserror::Error;

/// The most elements, texts and comments.
const MOST_NODES: u32 = 200_000;
/// The most attributes of an element, counted as equals signs before the next tag, those of a command line included.
pub const MOST_ATTRIBUTES: usize = 256;
/// The most declarations of namespaces: libvirt has three.
pub const MOST_NAMESPACES: usize = 64;

/// Why a text is not parsed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Error {
    /// Too many attributes.
    #[error("an element with more than {MOST_ATTRIBUTES} attributes")]
    Attributes,
    /// Too many namespaces.
    #[error("more than {MOST_NAMESPACES} namespaces")]
    Namespaces,
    /// No XML, or more nodes than are read.
    #[error(transparent)]
    Syntax(roxmltree::Error),
}

/// Parses a document.
pub fn parse(text: &str) -> Result<Document<'_>, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let attributes = |element: &str| element.bytes().filter(|byte| *byte == b'=').count();
    if text.split('<').any(|element| attributes(element) > MOST_ATTRIBUTES) {
        return Err(Error::Attributes);
    }
    if text.matches("xmlns").count() > MOST_NAMESPACES {
        return Err(Error::Namespaces);
    }
    let options =
        ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(Error::Syntax)
}
