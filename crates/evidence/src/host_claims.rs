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
    NotText(#[source] Utf8Error),
    /// Begins as JSON, and is none.
    #[error("not JSON: {what}")]
    NotJson {
        /// What the parser says.
        what: String,
    },
    /// A claim that must be a number.
    #[error("{name}: {found} is no number from 0 to 2^64 - 1, in decimal or in hex after 0x")]
    NotNumber {
        /// The claim's name, as the host's tool writes it.
        name: String,
        /// What stands there, in quotes where it is text.
        found: String,
    },
    /// The launch measurement is none.
    #[error(transparent)]
    Measurement(#[from] BlobError),
    /// The same claim twice, with different values.
    #[error("{name} is given twice, differently")]
    Contradiction {
        /// The claim's name.
        name: &'static str,
    },
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
        let text = std::str::from_utf8(bytes).map_err(ClaimsError::NotText)?;
        let mut claims = Self::default();
        match text.trim_start().starts_with(['{', '[']) {
            true => claims.read_qmp(text)?,
            false => claims.read_virsh(text)?,
        }
        if claims == Self::default() { Err(ClaimsError::NoClaims) } else { Ok(claims) }
    }

    /// Does the guest run already, as far as the host says? It takes no secret then, and might have been led astray.
    pub fn is_running(&self) -> bool {
        self.state.as_deref().is_some_and(|state| state != "launch-secret")
    }

    fn read_qmp(&mut self, text: &str) -> Result<(), ClaimsError> {
        for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
            let value = value.map_err(|error| ClaimsError::NotJson { what: error.to_string() })?;
            let values = if let Value::Array(values) = value { values } else { vec![value] };
            for value in values {
                let answer = value.get("return").unwrap_or(&value);
                if let Some(text) = answer.get("data").and_then(Value::as_str) {
                    self.put_measurement("data", text)?;
                }
                if let Some(state) = answer.get("state").and_then(Value::as_str) {
                    put("state", &mut self.state, state.to_owned())?;
                }
                for (name, place) in self.numbers() {
                    if let Some(value) = answer.get(name) {
                        let wrong = || not_number(name, value.to_string());
                        put(name, place, value.as_u64().ok_or_else(wrong)?)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn read_virsh(&mut self, text: &str) -> Result<(), ClaimsError> {
        for line in text.lines() {
            let Some((name, value)) = line.split_once(':') else {
                continue;
            };
            let (name, value) = (name.trim(), value.trim());
            let Some(short) = name.strip_prefix("sev-") else {
                continue;
            };
            if short == "measurement" {
                self.put_measurement("measurement", value)?;
            }
            for (claim, place) in self.numbers().into_iter().filter(|(claim, _)| *claim == short) {
                let wrong = || not_number(name, format!("{value:?}"));
                put(claim, place, number(value).ok_or_else(wrong)?)?;
            }
        }
        Ok(())
    }

    fn put_measurement(&mut self, name: &'static str, text: &str) -> Result<(), ClaimsError> {
        put(name, &mut self.measurement, measurement(text)?)
    }

    /// The places of numbers, by the names that QMP and, after `sev-`, virsh give them.
    fn numbers(&mut self) -> [(&'static str, &mut Option<u64>); 4] {
        [
            ("api-major", &mut self.api_major),
            ("api-minor", &mut self.api_minor),
            ("build-id", &mut self.build_id),
            ("policy", &mut self.policy),
        ]
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
fn put<T: PartialEq>(
    name: &'static str,
    place: &mut Option<T>,
    value: T,
) -> Result<(), ClaimsError> {
    match place.replace(value) {
        Some(old) if place.as_ref() != Some(&old) => Err(ClaimsError::Contradiction { name }),
        _ => Ok(()),
    }
}

/// Decimal, or hex after `0x`.
fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

fn not_number(name: &str, found: String) -> ClaimsError {
    ClaimsError::NotNumber { name: name.to_owned(), found }
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
            ("sev-policy: 1\nsev-policy: 2", "policy is given twice, differently"),
        ] {
            let found = HostClaims::parse(text.as_bytes()).unwrap_err().to_string();
            assert!(found.starts_with(error), "{text}: {found}");
        }
    }
}
