//! Reference values for Trustee's Reference Value Provider Service (RVPS).
//!
//! Names are those that the attestation service's default policy looks up [Trustee, ear_default_policy_cpu.rego], and the
//! shape is that of the `sample` extractor, which both `kbs-client set-sample-reference-value` and `rvps-tool` send
//! [Trustee, rvps/src/extractors/sample]. Digests are lower-case hex, as the claims are now; releases before the claims
//! were unified compared base64. Numbers and booleans stay what they are: a policy compares without converting. Each name
//! replaces what was registered under it before, so all digests go into one list.
//!
//! A list is enough for the launch digest; the default policy compares the TCB (`snp_bootloader`, `snp_microcode`,
//! `snp_snp_svn`, `snp_tee_svn`) and two host settings (`snp_smt_enabled`, `snp_tsme_enabled`) as well. Those are the
//! host's, a manifest does not know them.
//!
//! No example: `sev-launch manifest publish` and `check` write it, and their tests read it back.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use sev_launch_abi::Technology;

use super::Published;
use crate::error::Error;

/// Whose claims the names are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Claims {
    /// `az-snp-vtpm`: Azure's confidential VMs, whose names have no prefix and whose values are all lists.
    AzSnpVtpm,
    /// `snp`: a report from the guest itself.
    Snp,
}

/// The reference values: a JSON object from name to value. The guest policy's are in it where the manifest has one.
///
/// An error for SEV and SEV-ES, which Trustee never had a verifier for.
pub fn reference_values(published: &Published<'_>, claims: Claims) -> Result<Vec<u8>, Error> {
    crate::text::json(&values(published, claims)?)
}

/// The message that registers them: `{"version", "type": "sample", "payload"}` with the values in base64. For
/// `POST /kbs/v0/reference-value`, and for `rvps-tool register`.
pub fn message(published: &Published<'_>, claims: Claims) -> Result<Vec<u8>, Error> {
    let payload = serde_json::to_vec(&values(published, claims)?)?;
    crate::text::json(&json!({
        "version": "0.1.0",
        "type": "sample",
        "payload": STANDARD.encode(payload),
    }))
}

fn values(published: &Published<'_>, claims: Claims) -> Result<Map<String, Value>, Error> {
    let technology = published.technology();
    if technology != Technology::Snp {
        let reason = "it has no verifier for launch measurements, only for attestation reports";
        return Err(Error::UnsupportedTechnology { reader: "Trustee", technology, reason });
    }
    let digests = published.digests().iter().map(|digest| digest.digest.to_string());
    let measurement = match claims {
        Claims::AzSnpVtpm => "measurement",
        Claims::Snp => "snp_launch_measurement",
    };
    let mut values = Map::new();
    values.insert(measurement.into(), digests.collect());
    if let Some(policy) = published.manifest().head().policy {
        // [SNP-ABI, guest policy]: ABI_MINOR in bits 7:0, ABI_MAJOR in 15:8, SMT in 16, SINGLE_SOCKET in 20.
        let facts: [(&str, Value); 4] = [
            ("abi_major", (policy >> 8 & 0xff).into()),
            ("abi_minor", (policy & 0xff).into()),
            ("smt_allowed", (policy >> 16 & 1 == 1).into()),
            ("single_socket", (policy >> 20 & 1 == 1).into()),
        ];
        for (name, value) in facts {
            let (name, value) = match claims {
                Claims::AzSnpVtpm => (name.to_owned(), json!([value])),
                Claims::Snp if name.starts_with("abi") => (format!("snp_guest_{name}"), value),
                Claims::Snp => (format!("snp_{name}"), value),
            };
            values.insert(name, value);
        }
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::super::Acceptance;
    use super::*;
    use crate::sample;

    fn read(bytes: Result<Vec<u8>, Error>) -> Value {
        serde_json::from_slice(&bytes.expect("written")).expect("JSON")
    }

    #[test]
    fn names_and_types_are_those_of_the_default_policy() {
        let manifest = sample::snp();
        let published = Published::of(&manifest, &Acceptance::COMPUTED).expect("rows");
        // Policy 0x30137: ABI 1.55, SMT allowed, the reserved bit 17, not bound to one socket.
        let expected = json!({
            "snp_launch_measurement": ["11".repeat(48), "22".repeat(48)],
            "snp_guest_abi_major": 1,
            "snp_guest_abi_minor": 55,
            "snp_smt_allowed": true,
            "snp_single_socket": false,
        });
        assert_eq!(read(reference_values(&published, Claims::Snp)), expected);
        let expected = json!({
            "measurement": ["11".repeat(48), "22".repeat(48)],
            "abi_major": [1],
            "abi_minor": [55],
            "smt_allowed": [true],
            "single_socket": [false],
        });
        assert_eq!(read(reference_values(&published, Claims::AzSnpVtpm)), expected);
    }

    #[test]
    fn a_message_is_what_the_sample_extractor_takes_apart() {
        let manifest = sample::snp();
        let published = Published::of(&manifest, &Acceptance::COMPUTED).expect("rows");
        let message = read(message(&published, Claims::Snp));
        assert_eq!(message["version"], "0.1.0");
        assert_eq!(message["type"], "sample");
        let payload = STANDARD.decode(message["payload"].as_str().expect("text")).expect("base64");
        let values: Value = serde_json::from_slice(&payload).expect("JSON");
        assert_eq!(values, read(reference_values(&published, Claims::Snp)));
    }

    #[test]
    fn sev_es_is_refused() {
        let manifest = sample::sev_es();
        let published = Published::of(&manifest, &Acceptance::COMPUTED).expect("rows");
        let error = reference_values(&published, Claims::Snp).expect_err("no verifier");
        assert!(matches!(error, Error::UnsupportedTechnology { reader: "Trustee", .. }));
    }
}
