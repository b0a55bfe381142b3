//! What a platform is, for people and for JSON: nothing of it is secret.

use core::fmt;

use crate::platform::{Platform, PlatformState};

/// A platform in a few words.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Summary {
    /// Always true: whoever reads this sees that no chip stands behind it.
    pub simulated: bool,
    /// The generation of the processor.
    pub generation: &'static str,
    /// The version of the API, such as `1.55`.
    pub api: String,
    /// BUILD.
    pub build: u8,
    /// The platform's state, by the document's name.
    pub state: &'static str,
    /// `self` or `external`.
    pub owner: &'static str,
    /// Are SEV-ES guests possible?
    pub sev_es: bool,
    /// The chip's identity in hex.
    pub chip_id: String,
    /// Guests of SEV and SEV-ES.
    pub guests: u32,
    /// SNP guests; `None` on a generation without SNP.
    pub snp_guests: Option<u32>,
}

impl Platform {
    /// The platform in a few words. No RSA key is made for it.
    pub fn summary(&self) -> Summary {
        let status = self.status();
        Summary {
            simulated: true,
            generation: self.model.generation.name(),
            api: self.model.api.to_string(),
            build: self.model.build,
            state: PlatformState::name(status.state),
            owner: if self.identity.external.is_some() { "external" } else { "self" },
            sev_es: status.is_es_enabled,
            chip_id: hex::encode(self.id()),
            guests: status.guests,
            snp_guests: self.snp_platform_status().ok().map(|status| status.guests),
        }
    }
}

impl fmt::Display for Summary {
    /// One line that begins with `simulated`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { generation, api, build, state, owner, .. } = self;
        write!(f, "simulated {generation}, API {api} build {build}, {state}, owner: {owner}")
    }
}
