//! What a host says of a launched SEV guest, in the forms in which its tools print it.
//!
//! QMP answers `query-sev` and `query-sev-launch-measure` in JSON; `virsh domlaunchsecinfo` prints `name: value` lines. All are
//! claims of the host: the measurement's HMAC is what proves them. Numbers are kept as wide as they are given, so that one
//! that does not fit is refused and never cut.

mod flags;

use std::path::Path;

use anyhow::{Context, bail};
use serde_json::Value;

use crate::{args, inputs};

pub(crate) use flags::EvidenceFlags;

/// The host's claims; nothing for what it did not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// The launch measurement, in base64.
    pub(crate) measurement: Option<String>,
    /// The platform's API version: major.
    pub(crate) api_major: Option<u64>,
    /// The platform's API version: minor.
    pub(crate) api_minor: Option<u64>,
    /// The platform's build.
    pub(crate) build_id: Option<u64>,
    /// The guest policy, as the host restates it.
    pub(crate) policy: Option<u64>,
    /// The guest's state, as QMP names it.
    pub(crate) state: Option<String>,
}

/// Reads a file with what QMP answered or `virsh domlaunchsecinfo` printed.
pub(crate) fn read(path: &Path) -> anyhow::Result<Evidence> {
    let bytes = inputs::read_small(path)?;
    parse(&bytes).with_context(|| inputs::name(path))
}

fn parse(bytes: &[u8]) -> anyhow::Result<Evidence> {
    let text = std::str::from_utf8(bytes).context("not text")?;
    let evidence =
        if text.trim_start().starts_with(['{', '[']) { qmp(text)? } else { virsh(text)? };
    if evidence == Evidence::default() {
        bail!(
            "neither an answer of query-sev or query-sev-launch-measure, nor what virsh domlaunchsecinfo prints"
        );
    }
    Ok(evidence)
}

/// One or several JSON values: answers of QMP, with or without their `return`.
fn qmp(text: &str) -> anyhow::Result<Evidence> {
    let mut evidence = Evidence::default();
    for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        let value = value.context("not JSON")?;
        let values = match value {
            Value::Array(values) => values,
            value => vec![value],
        };
        for value in values {
            let answer = value.get("return").unwrap_or(&value);
            let number = |name| match answer.get(name) {
                None => Ok(None),
                Some(value) => {
                    value.as_u64().map(Some).with_context(|| format!("{name}: no number"))
                }
            };
            evidence.put("data", answer.get("data").and_then(Value::as_str).map(str::to_owned))?;
            let state = answer.get("state").and_then(Value::as_str);
            put("state", &mut evidence.state, state.map(str::to_owned))?;
            for name in ["api-major", "api-minor", "build-id", "policy"] {
                evidence.put_number(name, number(name)?)?;
            }
        }
    }
    Ok(evidence)
}

/// Lines of a name, a colon and a value.
fn virsh(text: &str) -> anyhow::Result<Evidence> {
    let mut evidence = Evidence::default();
    for line in text.lines() {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let (name, value) = (name.trim(), value.trim());
        match name.strip_prefix("sev-") {
            Some("measurement") => evidence.put("measurement", Some(value.to_owned()))?,
            Some(short @ ("api-major" | "api-minor" | "build-id" | "policy")) => {
                let number =
                    args::number(value).map_err(|error| anyhow::anyhow!("{name}: {error}"))?;
                evidence.put_number(short, Some(number))?;
            }
            _ => {}
        }
    }
    Ok(evidence)
}

impl Evidence {
    /// Does the guest run already, as far as the host says? It takes no secret then, and might have been led astray.
    pub(crate) fn is_running(&self) -> bool {
        self.state.as_deref().is_some_and(|state| state != "launch-secret")
    }

    fn put(&mut self, name: &str, value: Option<String>) -> anyhow::Result<()> {
        put(name, &mut self.measurement, value)
    }

    fn put_number(&mut self, name: &str, value: Option<u64>) -> anyhow::Result<()> {
        let place = match name {
            "api-major" => &mut self.api_major,
            "api-minor" => &mut self.api_minor,
            "build-id" => &mut self.build_id,
            _ => &mut self.policy,
        };
        put(name, place, value)
    }

    /// Takes what is given by a flag; the host's claim must not say otherwise.
    pub(crate) fn or_flag<T: PartialEq + std::fmt::Debug>(
        name: &str,
        claimed: Option<T>,
        flag: Option<T>,
    ) -> anyhow::Result<Option<T>> {
        match (claimed, flag) {
            (Some(claimed), Some(flag)) if claimed != flag => {
                bail!("{name}: the flag says {flag:?}, the evidence {claimed:?}")
            }
            (claimed, flag) => Ok(flag.or(claimed)),
        }
    }
}

/// Keeps a value; a second one must be the same.
fn put<T: PartialEq>(name: &str, place: &mut Option<T>, value: Option<T>) -> anyhow::Result<()> {
    match (&place, &value) {
        (Some(old), Some(new)) if old != new => bail!("{name} is given twice, differently"),
        _ => {}
    }
    if value.is_some() {
        *place = value;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qmp_answers_in_one_file() {
        // Shapes of QEMU's qapi/misc-i386.json.
        let text = r#"{"return": {"enabled": true, "api-major": 1, "api-minor": 55, "build-id": 24,
            "policy": 5, "state": "launch-secret", "handle": 1}}
            {"return": {"data": "QRfz"}}"#;
        let expected = Evidence {
            measurement: Some("QRfz".into()),
            api_major: Some(1),
            api_minor: Some(55),
            build_id: Some(24),
            policy: Some(5),
            state: Some("launch-secret".into()),
        };
        assert_eq!(parse(text.as_bytes()).unwrap(), expected);
    }

    #[test]
    fn only_a_guest_that_waits_for_secrets_is_not_running() {
        // States of QEMU's qapi/misc-i386.json, SevState.
        for (state, running) in
            [("launch-secret", false), ("running", true), ("launch-update", true)]
        {
            let text = format!(r#"{{"policy": 1, "state": "{state}"}}"#);
            assert_eq!(parse(text.as_bytes()).unwrap().is_running(), running, "{state}");
        }
    }

    #[test]
    fn virsh_lines() {
        let text = "sev-measurement: QRfz\nsev-api-major  : 1\nsev-api-minor  : 55\nsev-build-id   : 24\nsev-policy     : 3\n";
        let evidence = parse(text.as_bytes()).unwrap();
        assert_eq!((evidence.api_minor, evidence.policy), (Some(55), Some(3)));
    }

    #[test]
    fn contradictions_and_other_texts_are_refused() {
        for text in [
            "",
            "hello",
            "{}",
            "{",
            r#"{"policy": "5"}"#,
            r#"{"policy": 1} {"policy": 2}"#,
            "sev-policy: x",
        ] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(Evidence::or_flag("policy", Some(1), Some(2)).is_err());
        assert_eq!(Evidence::or_flag("policy", Some(1), None).unwrap(), Some(1));
    }
}
