//! What is not known of a launch: said to be so, so that nobody computes as if it had been left out.
//!
//! An importer says what its source does not tell, and people may write it too: `[[unknown]]` in `launch.toml`. What belongs
//! to a field is settled by saying the field; what belongs to none by naming its text as harmless. Until then
//! [`resolve`](crate::resolve::resolve) stops at what a digest needs.
//!
//! ```
//! use sev_launch_description::{Description, Error, Origin, resolve::resolve};
//!
//! let text = r#"
//! technology = "sev"
//! [firmware]
//! path = "OVMF.fd"
//! [boot]
//! kernel = "vmlinuz"
//! [[unknown]]
//! key = "boot.cmdline"
//! source = "kata.toml"
//! place = "hypervisor.qemu.default_maxvcpus"
//! text = "it is not set, so nr_cpus is the host's number of CPUs"
//! settled_by = "the command line of the QEMU that runs"
//! "#;
//! let unknown = Description::from_toml(text, &Origin::file("launch.toml"), "".as_ref())?;
//! assert!(matches!(resolve(unknown.clone()), Err(Error::Unknown(_))));
//! let said = Description::from_toml("[boot]\ncmdline = 'a'", &Origin::Flag("--cmdline"), "".as_ref())?;
//! assert!(resolve(said.over(unknown)).is_ok());
//! # Ok::<(), Error>(())
//! ```

use std::fmt;

use serde::Serialize;
use sev_launch_abi::text::printable;

/// Something that is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unknown {
    /// The description's key, as `firmware.path`; `None` if it belongs to no field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<&'static str>,
    /// What was read, by its name.
    pub source: String,
    /// The place in it, as `domain/os/loader`.
    pub place: String,
    /// Why it is not known. What belongs to no field is named by this text.
    pub text: String,
    /// What settles it: where the value is to be had, or what must be looked at.
    pub settled_by: String,
}

impl Unknown {
    /// Keys and values, as TOML and JSON have them.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let key = self.key.map(|key| ("key", key));
        let rest = [
            ("source", self.source.as_str()),
            ("place", &self.place),
            ("text", &self.text),
            ("settled_by", &self.settled_by),
        ];
        key.into_iter().chain(rest)
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Several are told one per line, so what others wrote stays in its line.
        let [source, place, text, settled_by] =
            [&self.source, &self.place, &self.text, &self.settled_by].map(|text| printable(text));
        let key = self.key;
        if let Some(key) = key {
            write!(f, "{key}: ")?;
        }
        write!(f, "{place} of {source}: {text}; what settles it: {settled_by}")
    }
}
