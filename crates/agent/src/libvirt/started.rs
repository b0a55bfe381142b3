//! What a domain starts, read from its XML and from the files that it names.
//!
//! The XML is best that of the running domain: with `firmware='efi'` it alone names the image [libvirt, formatdomain, "BIOS bootloader"].

use sev_launch_description::import::libvirt;

use crate::started::Started;

/// What the domain of this XML starts, as far as it is known.
#[must_use]
pub fn started(xml: &str) -> Started {
    match libvirt::from_xml(xml.as_bytes(), "domain") {
        Ok(import) => Started::described(&import.description),
        Err(_) => Started::default(),
    }
}
