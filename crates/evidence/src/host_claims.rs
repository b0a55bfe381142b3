//! What a host says of a launched SEV guest, in the forms in which its tools print it.
//!
//! QMP answers `query-sev` and `query-sev-launch-measure` in JSON; `virsh domlaunchsecinfo` prints `name: value` lines. All are
//! claims of the host: the measurement's HMAC is what proves them. Numbers are kept as wide as they are given, so that one
//! that does not fit is refused and never cut.
//!
//! ```
//! use sev_launch_evidence::HostClaims;
//!
//! let claims = HostClaims::parse(br#"{"return": {"policy": 5, "state": "running", "build-id": 24}}"#)?;
//! assert_eq!((claims.policy, claims.build_id, claims.api_major), (Some(5), Some(24), None));
//! assert!(claims.is_running());
//! # Ok::<(), sev_launch_evidence::host_claims::ClaimsError>(())
//! ```

use core::fmt;
use core::str::Utf8Error;

use serde_json::Value;
use sev_launch_verify::sev::measurement::{LaunchMeasurement, MEASUREMENT_SIZE};
use thiserror::Error;

use crate::blob::{self, BlobError};

/// Why a text holds no claims of a host.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClaimsError {
    /// Not UTF-8.
    #[error("not text")]
    NotText(#[from] Utf8Error),
    /// Begins as JSON and is none, as the parser says.
    #[error("not JSON: {0}")]
    NotJson(String),
    /// A claim that must be a number: its name, and what stands there, in quotes where it is text.
    #[error("{0}: {1} is no number from 0 to 2^64 - 1, in decimal or in hex after 0x")]
    NotNumber(String, String),
    /// The launch measurement is none.
    #[error(transparent)]
    Measurement(#[from] BlobError),
    /// The claim of this name comes twice, with different values.
    #[error("{0} is given twice, differently")]
    Contradiction(String),
    /// Nothing that is a claim.
    #[error(
        "neither an answer of query-sev or query-sev-launch-measure, nor what virsh domlaunchsecinfo prints"
    )]
    NoClaims,
}

/// The host's claims; `None` for what it did not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostClaims {
    /// The launch measurement.
    pub measurement: Option<LaunchMeasurement>,
    /// The platform's API version: major.
    pub api_major: Option<u64>,
    /// The platform's API version: minor.
    pub api_minor: Option<u64>,
    /// The platform's build.
    pub build_id: Option<u64>,
    /// The guest policy, as the host restates it.
    pub policy: Option<u64>,
    /// The guest's state, as QMP names it.
    pub state: Option<String>,
}

impl HostClaims {
    /// Reads one or several answers of QMP, with or without their `return`, or the lines of `virsh domlaunchsecinfo`.
    pub fn parse(bytes: &[u8]) -> Result<Self, ClaimsError> {
        let text = std::str::from_utf8(bytes)?;
        let mut claims = Self::default();
        match text.trim_start().starts_with(['{', '[']) {
            true => claims.take_qmp(text)?,
            false => claims.take_virsh(text)?,
        }
        if claims == Self::default() { Err(ClaimsError::NoClaims) } else { Ok(claims) }
    }

    /// Does the guest run already, as far as the host says? It takes no secret then, and might have been led astray.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.state.as_deref().is_some_and(|state| state != "launch-secret")
    }

    fn take_qmp(&mut self, text: &str) -> Result<(), ClaimsError> {
        for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
            let value = value.map_err(|error| ClaimsError::NotJson(error.to_string()))?;
            let values = if let Value::Array(values) = value { values } else { vec![value] };
            for value in &values {
                let answer = value.get("return").unwrap_or(value).as_object();
                for (name, value) in answer.into_iter().flatten() {
                    self.take(name, value.as_str(), value.as_u64(), value)?;
                }
            }
        }
        Ok(())
    }

    fn take_virsh(&mut self, text: &str) -> Result<(), ClaimsError> {
        for (name, value) in text.lines().filter_map(|line| line.trim().split_once(':')) {
            let value = value.trim();
            let number = match value.strip_prefix("0x") {
                Some(hex) => u64::from_str_radix(hex, 16),
                None => value.parse(),
            };
            if name.starts_with("sev-") {
                self.take(name.trim(), Some(value), number.ok(), &format_args!("{value:?}"))?;
            }
        }
        Ok(())
    }

    /// Takes a claim by the name that QMP gives it or, after `sev-`, virsh: its value as a text and as a number, if it is that.
    fn take(
        &mut self,
        name: &str,
        text: Option<&str>,
        number: Option<u64>,
        found: &dyn fmt::Display,
    ) -> Result<(), ClaimsError> {
        let place = match (name.strip_prefix("sev-").unwrap_or(name), text) {
            ("data" | "measurement", Some(text)) => {
                return put(name, &mut self.measurement, measurement(text)?);
            }
            ("state", Some(text)) => return put(name, &mut self.state, text.to_owned()),
            ("api-major", _) => &mut self.api_major,
            ("api-minor", _) => &mut self.api_minor,
            ("build-id", _) => &mut self.build_id,
            ("policy", _) => &mut self.policy,
            _ => return Ok(()),
        };
        let wrong = || ClaimsError::NotNumber(name.to_owned(), found.to_string());
        put(name, place, number.ok_or_else(wrong)?)
    }
}

/// A launch measurement as it is printed and typed: 48 bytes in base64 or hex.
pub fn measurement(text: &str) -> Result<LaunchMeasurement, BlobError> {
    const WHAT: &str = "launch measurement";
    let bytes = blob::typed_array::<MEASUREMENT_SIZE>(WHAT, text)?;
    LaunchMeasurement::parse(&bytes).map_err(|_| BlobError {
        what: WHAT,
        wanted: vec![MEASUREMENT_SIZE],
        found: bytes.len(),
    })
}

/// Keeps a value; a second one must be the same.
fn put<T: PartialEq>(name: &str, place: &mut Option<T>, value: T) -> Result<(), ClaimsError> {
    match place.replace(value) {
        Some(old) if place.as_ref() != Some(&old) => {
            Err(ClaimsError::Contradiction(name.to_owned()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 48 bytes 0x5a in base64.
    const MEASUREMENT: &str = "WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpa";

    #[test]
    fn qmp_answers_in_one_file() {
        // Shapes of QEMU's qapi/misc-i386.json.
        let text = r#"{"return": {"enabled": true, "api-major": 1, "api-minor": 55, "build-id": 24,
            "policy": 5, "state": "launch-secret", "handle": 1}}
            {"return": {"data": "MEASUREMENT"}}"#
            .replace("MEASUREMENT", MEASUREMENT);
        let expected = HostClaims {
            measurement: Some(LaunchMeasurement { measure: [0x5a; 32], mnonce: [0x5a; 16] }),
            api_major: Some(1),
            api_minor: Some(55),
            build_id: Some(24),
            policy: Some(5),
            state: Some("launch-secret".into()),
        };
        assert_eq!(HostClaims::parse(text.as_bytes()), Ok(expected));
    }

    #[test]
    fn only_a_guest_that_waits_for_secrets_is_not_running() {
        // States of QEMU's qapi/misc-i386.json, SevState.
        for (state, running) in
            [("launch-secret", false), ("running", true), ("launch-update", true)]
        {
            let text = format!(r#"{{"policy": 1, "state": "{state}"}}"#);
            assert_eq!(
                HostClaims::parse(text.as_bytes()).unwrap().is_running(),
                running,
                "{state}"
            );
        }
    }

    #[test]
    fn virsh_lines() {
        let text = format!(
            "sev-measurement: {MEASUREMENT}\nsev-api-major  : 1\nsev-api-minor  : 55\nsev-build-id   : 24\nsev-policy     : 0x3\n"
        );
        let claims = HostClaims::parse(text.as_bytes()).unwrap();
        assert_eq!((claims.api_minor, claims.policy), (Some(55), Some(3)));
        assert_eq!(claims.measurement.unwrap().to_bytes(), [0x5a; 48]);
    }

    #[test]
    fn contradictions_and_other_texts_are_refused() {
        for (text, error) in [
            ("", "neither an answer of query-sev"),
            ("hello", "neither an answer of query-sev"),
            ("{}", "neither an answer of query-sev"),
            ("{", "not JSON: EOF"),
            (r#"{"policy": "5"}"#, r#"policy: "5" is no number"#),
            (r#"{"policy": -1}"#, "policy: -1 is no number"),
            (r#"{"policy": 1} {"policy": 2}"#, "policy is given twice, differently"),
            (r#"{"data": "QRfz"}"#, "launch measurement: wanted 48 bytes"),
            ("sev-policy: x", r#"sev-policy: "x" is no number"#),
            ("sev-policy: 1\nsev-policy: 2", "sev-policy is given twice, differently"),
        ] {
            let found = HostClaims::parse(text.as_bytes()).unwrap_err().to_string();
            assert!(found.starts_with(error), "{text}: {found}");
        }
    }
}
