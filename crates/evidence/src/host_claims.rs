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

use serde::de::value::MapAccessDeserializer;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use sev_launch_abi::sev::policy::Policy;
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
    /// Begins as JSON and is none, or has a key twice, as the parser says.
    #[error("not the JSON of QMP's answers: {0}")]
    NotJson(String),
    /// A claim that must be a number: its name, and what stands there, in quotes where it is text.
    #[error("{0}: {1} is no number from 0 to 2^64 - 1, in decimal or in hex after 0x")]
    NotNumber(String, String),
    /// A claim that must be a text: its name, and what stands there.
    #[error("{0}: {1} is no text")]
    NoText(String, String),
    /// QMP answered that a command failed: what it said.
    #[error("QMP answered an error, so the claims are not whole: {0}")]
    Failed(String),
    /// An event of QMP with what an answer has.
    #[error("an event of QMP that answers too: which of the two is it?")]
    EventWithAnswer,
    /// The guest is no SEV guest, as QMP says: what stands there in place of true.
    #[error("enabled is {0}: SEV is not active in this guest")]
    NotEnabled(String),
    /// A line among those of virsh that is none of its: its number, from 1.
    #[error(
        "line {0} is no `sev-NAME: VALUE` as virsh domlaunchsecinfo prints them: it would say nothing"
    )]
    OtherLine(usize),
    /// The launch measurement is none.
    #[error(transparent)]
    Measurement(#[from] BlobError),
    /// The claim of this name comes twice, with different values.
    #[error("{0} is given twice, differently")]
    Contradiction(String),
    /// QMP's answer of an SNP guest.
    #[error(
        "query-sev of an SNP guest: it has no launch measurement, and what proves it is an attestation report, which the guest itself asks for"
    )]
    OfSnp,
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

    /// Does the host restate the policy that the session was made for, if it states one?
    ///
    /// Errors: another one. The measurement proves the session's; a host that says otherwise runs another guest, or lies.
    pub fn check_policy(&self, policy: Policy) -> Result<(), OtherPolicy> {
        match self.policy {
            Some(claimed) if claimed != u64::from(policy.bits()) => {
                Err(OtherPolicy { claimed, policy })
            }
            _ => Ok(()),
        }
    }

    /// Does the guest wait for secrets, as far as the host says?
    ///
    /// Errors: a state other than that one. A guest that runs may have been led astray before it has its keys.
    pub fn check_waiting(&self) -> Result<(), NotWaiting> {
        match &self.state {
            Some(state) if self.is_running() => Err(NotWaiting { state: state.clone() }),
            _ => Ok(()),
        }
    }

    fn take_qmp(&mut self, text: &str) -> Result<(), ClaimsError> {
        // Several answers follow each other, or stand in a list.
        let json = serde_json::Deserializer::from_str(text);
        match text.trim_start().starts_with('[') {
            true => (json.into_iter::<Vec<Object>>()).try_for_each(|list| {
                list.map_err(not_json)?.into_iter().try_for_each(|answer| self.take_answer(answer))
            }),
            false => (json.into_iter::<Object>())
                .try_for_each(|answer| self.take_answer(answer.map_err(not_json)?)),
        }
    }

    fn take_answer(&mut self, Object(answer): Object) -> Result<(), ClaimsError> {
        if let Some(error) = answer.error {
            return Err(ClaimsError::Failed(error.to_string()));
        }
        // An event has data of its own kind, and answers nothing.
        if answer.event.is_some() {
            let is_answer = answer.returned.is_some() || answer.state.is_some();
            return if is_answer { Err(ClaimsError::EventWithAnswer) } else { Ok(()) };
        }
        match &answer.enabled {
            None | Some(Value::Bool(true)) => {}
            Some(other) => return Err(ClaimsError::NotEnabled(other.to_string())),
        }
        if answer.snp_policy.is_some() || answer.sev_type.is_some_and(|found| found == "sev-snp") {
            return Err(ClaimsError::OfSnp);
        }
        for (name, value) in [
            ("data", answer.data),
            ("measurement", answer.measurement),
            ("state", answer.state),
            ("api-major", answer.api_major),
            ("api-minor", answer.api_minor),
            ("build-id", answer.build_id),
            ("policy", answer.policy),
        ] {
            if let Some(value) = value {
                self.take(name, value.as_str(), value.as_u64(), &value)?;
            }
        }
        answer.returned.map_or(Ok(()), |inner| self.take_answer(*inner))
    }

    fn take_virsh(&mut self, text: &str) -> Result<(), ClaimsError> {
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let Some((name, value)) = virsh_line(line) else {
                // A first line of another kind makes it another text.
                return Err(match *self == Self::default() {
                    true => ClaimsError::NoClaims,
                    false => ClaimsError::OtherLine(number.saturating_add(1)),
                });
            };
            let number = match value.strip_prefix("0x") {
                Some(hex) => u64::from_str_radix(hex, 16),
                None => value.parse(),
            };
            self.take(name, Some(value), number.ok(), &format_args!("{value:?}"))?;
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
        let text = || text.ok_or_else(|| ClaimsError::NoText(name.to_owned(), found.to_string()));
        let place = match name.strip_prefix("sev-").unwrap_or(name) {
            "data" | "measurement" => {
                return put(name, &mut self.measurement, measurement(text()?)?);
            }
            "state" => return put(name, &mut self.state, text()?.to_owned()),
            "api-major" => &mut self.api_major,
            "api-minor" => &mut self.api_minor,
            "build-id" => &mut self.build_id,
            "policy" => &mut self.policy,
            _ => return Ok(()),
        };
        let wrong = || ClaimsError::NotNumber(name.to_owned(), found.to_string());
        put(name, place, number.ok_or_else(wrong)?)
    }
}

/// A line of virsh: `sev-name : value`.
fn virsh_line(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.trim().split_once(':')?;
    let name = name.trim_end();
    let rest = name.strip_prefix("sev-")?;
    let is_name = rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    is_name.then(|| (name, value.trim()))
}

/// The host states another policy than the one that the session was made for.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the host says policy {claimed:#x}, the session was made for {policy}")]
pub struct OtherPolicy {
    /// What the host says.
    pub claimed: u64,
    /// The session's.
    pub policy: Policy,
}

/// The guest does not wait for secrets, as the host says.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "the host says that the guest is not waiting for secrets: its state is {state:?}, wanted \"launch-secret\""
)]
pub struct NotWaiting {
    /// The state, as QMP names it.
    pub state: String,
}

/// An answer of QMP, or what stands in its `return`. A key that is read may stand there once, and null is a value.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct QmpAnswer {
    #[serde(rename = "return")]
    returned: Option<Box<Object>>,
    #[serde(deserialize_with = "present")]
    error: Option<Value>,
    event: Option<IgnoredAny>,
    #[serde(deserialize_with = "present")]
    enabled: Option<Value>,
    #[serde(deserialize_with = "present")]
    data: Option<Value>,
    #[serde(deserialize_with = "present")]
    measurement: Option<Value>,
    #[serde(deserialize_with = "present")]
    state: Option<Value>,
    // KubeVirt's names stand beside QMP's. [KubeVirt, SEVMeasurementInfo]
    #[serde(alias = "apiMajor", deserialize_with = "present")]
    api_major: Option<Value>,
    #[serde(alias = "apiMinor", deserialize_with = "present")]
    api_minor: Option<Value>,
    #[serde(alias = "buildID", deserialize_with = "present")]
    build_id: Option<Value>,
    /// `sev` or `sev-snp`. [QEMU, qapi: SevGuestType]
    #[serde(deserialize_with = "present")]
    sev_type: Option<Value>,
    #[serde(deserialize_with = "present")]
    snp_policy: Option<Value>,
    #[serde(deserialize_with = "present")]
    policy: Option<Value>,
}

/// An answer that is an object: `serde` would take a list for one too, value by value.
struct Object(QmpAnswer);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OnlyMaps;

        impl<'de> Visitor<'de> for OnlyMaps {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object, A::Error> {
                QmpAnswer::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(OnlyMaps)
    }
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

fn not_json(error: serde_json::Error) -> ClaimsError {
    ClaimsError::NotJson(error.to_string())
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

    // The shape of QEMU's events, docs/interop/qmp-spec.rst.
    #[test]
    fn an_event_between_answers_claims_nothing() {
        let text = r#"{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "STOP", "data": {}}
            {"return": {"policy": 5}}"#;
        assert_eq!(HostClaims::parse(text.as_bytes()).unwrap().policy, Some(5));
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
            ("{", "not the JSON of QMP's answers: EOF"),
            (r#"{"policy": null}"#, "policy: null is no number"),
            (r#"{"policy": 1, "state": null}"#, "state: null is no text"),
            (r#"{"policy": 1, "state": ["running"]}"#, r#"state: ["running"] is no text"#),
            (r#"{"policy": 1, "state": 1}"#, "state: 1 is no text"),
            (r#"{"policy": 1, "data": {}}"#, "data: {} is no text"),
            (
                r#"{"policy": 1, "policy": 1}"#,
                "not the JSON of QMP's answers: duplicate field `policy`",
            ),
            (
                r#"[{"return": {"policy": 1, "policy": 2}}]"#,
                "not the JSON of QMP's answers: duplicate field",
            ),
            (
                r#"{"return": {}, "return": {"policy": 2}}"#,
                "not the JSON of QMP's answers: duplicate field",
            ),
            (
                r#"{"return": [{"policy": 2}]}"#,
                "not the JSON of QMP's answers: invalid type: sequence",
            ),
            (r#"{"policy": 1} {"error": {"class": "GenericError"}}"#, "QMP answered an error"),
            (
                r#"{"event": "x", "return": {"state": "running"}}"#,
                "an event of QMP that answers too",
            ),
            (r#"{"event": "x", "state": "running"}"#, "an event of QMP that answers too"),
            (r#"{"return": {"enabled": false, "policy": 1}}"#, "enabled is false"),
            ("sev-policy: 1\nstate: running", "line 2 is no `sev-NAME: VALUE`"),
            ("sev-policy: 1\nsev-State: running", "line 2 is no `sev-NAME: VALUE`"),
            (
                "sev-policy: 1\n\n{\"return\": {\"state\": \"running\"}}",
                "line 3 is no `sev-NAME: VALUE`",
            ),
            ("state: running\nsev-policy: 1", "neither an answer of query-sev"),
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
