//! How often a guest may be launched, and for how long a launch waits.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::body::{some, some_or_null};
use crate::problem::{Code, Problem};
use crate::text::Ttl;

/// `launch-limit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LaunchLimit {
    /// Launches in all; null is no limit.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub total: Option<u64>,
    /// Launches that may wait for their measurement at once. With one, a newer launch takes the older one's place.
    #[serde(default = "one")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 64)))]
    pub concurrent: u32,
    /// How long a launch waits.
    #[serde(default = "ttl")]
    pub ttl: Ttl,
    /// How many wrong measurements end a launch.
    #[serde(default = "three")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 16)))]
    pub validate_attempts: u32,
}

impl LaunchLimit {
    /// The most launches at once.
    pub const MOST_CONCURRENT: u32 = 64;
    /// The most attempts.
    pub const MOST_ATTEMPTS: u32 = 16;

    /// Is every number in its range?
    ///
    /// # Errors
    ///
    /// `out-of-range` with the member.
    pub fn check(&self) -> Result<(), Problem> {
        let bounds = [
            ("concurrent", self.concurrent, Self::MOST_CONCURRENT),
            ("validate-attempts", self.validate_attempts, Self::MOST_ATTEMPTS),
        ];
        for (member, found, most) in bounds {
            if !(1..=most).contains(&found) {
                let detail = format!("{found}, wanted 1 to {most}");
                let pointer = format!("#/launch-limit/{member}");
                return Err(Problem::at(Code::OutOfRange, pointer, detail));
            }
        }
        if self.total == Some(0) {
            let detail = "0 allows no launch; \"disabled\": true says that";
            return Err(Problem::at(Code::OutOfRange, "#/launch-limit/total", detail));
        }
        Ok(())
    }
}

/// A change of `launch-limit`: what is left out stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LaunchLimitPatch {
    /// Launches in all; null is no limit.
    #[serde(default, deserialize_with = "some_or_null", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<u64>"))]
    pub total: Option<Option<u64>>,
    /// Launches that may wait for their measurement at once.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "u32", range(min = 1, max = 64)))]
    pub concurrent: Option<u32>,
    /// How long a launch waits.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Ttl"))]
    pub ttl: Option<Ttl>,
    /// How many wrong measurements end a launch.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "u32", range(min = 1, max = 16)))]
    pub validate_attempts: Option<u32>,
}

impl LaunchLimitPatch {
    /// The limit with this change.
    #[must_use]
    pub fn applied(&self, limit: LaunchLimit) -> LaunchLimit {
        LaunchLimit {
            total: self.total.unwrap_or(limit.total),
            concurrent: self.concurrent.unwrap_or(limit.concurrent),
            ttl: self.ttl.unwrap_or(limit.ttl),
            validate_attempts: self.validate_attempts.unwrap_or(limit.validate_attempts),
        }
    }
}

const fn one() -> u32 {
    1
}

const fn three() -> u32 {
    3
}

const fn ttl() -> Ttl {
    Ttl::DEFAULT
}

impl Default for LaunchLimit {
    fn default() -> Self {
        Self { total: None, concurrent: one(), ttl: ttl(), validate_attempts: three() }
    }
}
