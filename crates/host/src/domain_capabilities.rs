//! What `virsh domcapabilities` prints of SEV.
//!
//! ```
//! use sev_launch_host::domain_capabilities::DomainCapabilities;
//!
//! let xml = "<domainCapabilities><features><sev supported='yes'><cbitpos>51</cbitpos>\
//!     <maxGuests>1006</maxGuests><maxESGuests>0</maxESGuests></sev></features></domainCapabilities>";
//! let read = DomainCapabilities::read(xml)?;
//! assert_eq!((read.has_sev, read.max_guests, read.max_es_guests), (true, Some(1006), Some(0)));
//! # Ok::<(), sev_launch_host::domain_capabilities::Error>(())
//! ```

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::bounded_xml;

/// The most bytes: an answer has some 20 kilobytes.
const MOST_BYTES: usize = 1 << 20;
/// The kinds of `<launchSecurity>` that are kept. [libvirt, domaincapabilities, launchSecurity]
const SECURITY_TYPES: [&str; 4] = ["sev", "sev-snp", "s390-pv", "tdx"];

/// What libvirt says that its QEMU can do. [libvirt, domaincapabilities, features]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DomainCapabilities {
    /// `<sev supported='yes'>`.
    pub has_sev: bool,
    /// `<maxGuests>`: SEV guests at once.
    pub max_guests: Option<u32>,
    /// `<maxESGuests>`: SEV-ES guests at once; from libvirt 8.0 on.
    pub max_es_guests: Option<u32>,
    /// The values of `<launchSecurity>`'s `sectype`, for example `sev` and `sev-snp`; `None` before libvirt 10.5, which does not say.
    pub launch_security: Option<Vec<String>>,
}

/// Why a text is no answer of libvirt's.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// More than any libvirt prints.
    #[error("{found} bytes of XML, wanted at most {MOST_BYTES}")]
    Size {
        /// The size found.
        found: usize,
    },
    /// No XML, or more of it than is read.
    #[error("no XML: {0}")]
    Xml(#[from] bounded_xml::Error),
    /// Another document.
    #[error("wanted what virsh domcapabilities prints, found a document <{found}>")]
    OtherDocument {
        /// The document's element.
        found: String,
    },
    /// No number where one stands.
    #[error("<{name}>: {found:?} is no number of guests")]
    Number {
        /// The element.
        name: &'static str,
        /// Its text.
        found: String,
    },
}

impl DomainCapabilities {
    /// Reads the XML.
    ///
    /// Errors: other text, other XML, counts that are none.
    pub fn read(xml: &str) -> Result<Self, Error> {
        if xml.len() > MOST_BYTES {
            return Err(Error::Size { found: xml.len() });
        }
        let document = bounded_xml::parse(xml)?;
        let root = document.root_element();
        if root.tag_name().name() != "domainCapabilities" {
            return Err(Error::OtherDocument { found: root.tag_name().name().to_owned() });
        }
        let child = |node: roxmltree::Node<'_, '_>, name: &str| {
            node.children().find(|child| child.has_tag_name(name)).map(|child| child.id())
        };
        let node = |id| document.get_node(id);
        let features = child(root, "features").and_then(node);
        let of = |name: &str| features.and_then(|node| child(node, name)).and_then(node);
        let sev = of("sev");
        let is_supported =
            |node: roxmltree::Node<'_, '_>| node.attribute("supported") == Some("yes");
        let number = |name: &'static str| {
            let text = sev.and_then(|sev| child(sev, name)).and_then(node);
            let text = text.map(|node| node.text().unwrap_or_default().trim().to_owned());
            text.map(|found| found.parse().map_err(|_| Error::Number { name, found })).transpose()
        };
        let launch_security = of("launchSecurity").map(|node| {
            let is_types = |child: &roxmltree::Node<'_, '_>| {
                child.has_tag_name("enum") && child.attribute("name") == Some("sectype")
            };
            let types = node.children().filter(|child| is_types(child) && is_supported(node));
            let values = types.flat_map(|types| types.children());
            let values = values.filter(|value| value.has_tag_name("value"));
            let known = values.filter_map(|value| value.text().map(str::trim));
            // Nothing else of it leaves the host.
            known.filter(|text| SECURITY_TYPES.contains(text)).map(str::to_owned).collect()
        });
        Ok(Self {
            has_sev: sev.is_some_and(is_supported),
            max_guests: number("maxGuests")?,
            max_es_guests: number("maxESGuests")?,
            launch_security,
        })
    }
}
