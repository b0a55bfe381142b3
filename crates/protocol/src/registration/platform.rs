//! On which machines a guest may be launched, and with which firmware of their AMD-SP.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sev_launch_abi::PlatformVersion;

use super::OneOrMany;
use crate::body::some;
use crate::text::{CpuId, Exact};

/// A generation of EPYC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "AMD's names")]
pub enum Generation {
    Naples,
    Rome,
    Milan,
    Genoa,
    Turin,
}

impl From<Generation> for sev_launch_abi::Generation {
    fn from(generation: Generation) -> Self {
        match generation {
            Generation::Naples => Self::Naples,
            Generation::Rome => Self::Rome,
            Generation::Milan => Self::Milan,
            Generation::Genoa => Self::Genoa,
            Generation::Turin => Self::Turin,
        }
    }
}

/// `platform`. For SEV and SEV-ES it names the owners (OCA) that are accepted, or says that any is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PlatformRules {
    /// Certificates of owners (OCA), 2084 bytes each.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = 64)))]
    pub cloud_certs: Vec<Exact<2084>>,
    /// Accept any owner.
    #[serde(default)]
    pub any_owner: bool,
    /// Accept these generations alone.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "OneOrMany<Generation>"))]
    pub generations: Option<OneOrMany<Generation>>,
    /// Accept these machines alone.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "OneOrMany<CpuId>"))]
    pub cpu_ids: Option<OneOrMany<CpuId>>,
    /// Never accept these machines.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = 4096)))]
    pub deny_cpu_ids: Vec<CpuId>,
}

impl PlatformRules {
    /// The most owners, which is more clouds than anybody runs one guest in. Ours; no document has a number.
    pub const MOST_CLOUD_CERTS: usize = 64;
    /// The most machines, or versions of firmware, that are denied one by one. Ours, as many as there are candidates.
    pub const MOST_DENIED: usize = 4096;
}

/// A version of the AMD-SP's firmware; the build is compared only where major and minor are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FirmwareVersion {
    /// Major version of the SEV API.
    pub api_major: u8,
    /// Minor version of the SEV API.
    pub api_minor: u8,
    /// Build; any where it is left out.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "u8"))]
    pub build: Option<u8>,
}

impl FirmwareVersion {
    fn api(self) -> (u8, u8) {
        (self.api_major, self.api_minor)
    }

    fn is(self, found: PlatformVersion) -> bool {
        self.api() == (found.major, found.minor)
            && self.build.is_none_or(|build| build == found.build)
    }

    fn is_at_most(self, found: PlatformVersion) -> bool {
        let found_api = (found.major, found.minor);
        self.api() < found_api
            || self.api() == found_api && self.build.is_none_or(|build| build <= found.build)
    }

    fn is_at_least(self, found: PlatformVersion) -> bool {
        let found_api = (found.major, found.minor);
        self.api() > found_api
            || self.api() == found_api && self.build.is_none_or(|build| build >= found.build)
    }
}

/// `firmware-version`: every member that is there must be met, and a denial goes before everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct VersionRules {
    /// The oldest.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "FirmwareVersion"))]
    pub min: Option<FirmwareVersion>,
    /// The newest.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "FirmwareVersion"))]
    pub max: Option<FirmwareVersion>,
    /// These alone.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "OneOrMany<FirmwareVersion>"))]
    pub allow: Option<OneOrMany<FirmwareVersion>>,
    /// Never these.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = 4096)))]
    pub deny: Vec<FirmwareVersion>,
}

impl VersionRules {
    /// Is a platform of version `found` allowed? The version must come out of a verified measurement: before, it is a claim.
    #[must_use]
    pub fn allows(&self, found: PlatformVersion) -> bool {
        !self.deny.iter().any(|version| version.is(found))
            && self.min.is_none_or(|min| min.is_at_most(found))
            && self.max.is_none_or(|max| max.is_at_least(found))
            && self
                .allow
                .as_ref()
                .is_none_or(|allow| allow.values().iter().any(|version| version.is(found)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn api(api_major: u8, api_minor: u8, build: Option<u8>) -> FirmwareVersion {
        FirmwareVersion { api_major, api_minor, build }
    }

    fn allows(rules: &VersionRules, major: u8, minor: u8, build: u8) -> bool {
        rules.allows(PlatformVersion { major, minor, build })
    }

    #[test]
    fn a_build_is_compared_only_under_an_equal_api() {
        let rules = VersionRules { min: Some(api(1, 51, Some(3))), ..VersionRules::default() };
        assert!(allows(&rules, 1, 51, 3) && allows(&rules, 1, 52, 0) && allows(&rules, 2, 0, 0));
        assert!(
            !allows(&rules, 1, 51, 2) && !allows(&rules, 1, 50, 255) && !allows(&rules, 0, 255, 9)
        );
        let rules = VersionRules { max: Some(api(1, 51, None)), ..VersionRules::default() };
        assert!(
            allows(&rules, 1, 51, 255) && allows(&rules, 0, 99, 1) && !allows(&rules, 1, 52, 0)
        );
    }

    #[test]
    fn a_denial_goes_before_what_is_allowed() {
        let json = r#"{"allow": {"api-major": 1, "api-minor": 55}, "deny": [{"api-major": 1, "api-minor": 55, "build": 8}]}"#;
        let rules: VersionRules = crate::body::read(json.as_bytes()).expect("rules");
        assert!(allows(&rules, 1, 55, 9) && !allows(&rules, 1, 55, 8) && !allows(&rules, 1, 54, 9));
    }
}
