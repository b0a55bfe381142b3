//! Reference values for Trustee's Reference Value Provider Service (RVPS).
//!
//! Names are those that the attestation service's default policy looks up [Trustee, ear_default_policy_cpu.rego], and the
//! shape is that of the `sample` extractor, which both `kbs-client set-sample-reference-value` and `rvps-tool` send
//! [Trustee, rvps/src/extractors/sample]. Digests are lower-case hex, as the claims are now; releases before the claims
//! were unified compared base64. Numbers and booleans stay what they are: a policy compares without converting. Each name
//! replaces what was registered under it before, so all digests go into one list.
//!
//! The digests are computed, and the policy's bits are the manifest's. The policy also compares what the host is: the parts of
//! REPORTED_TCB, by membership in lists, and two bits of PLATFORM_INFO, each with one value. Those are known where published rows
//! were observed in reports that were verified. What nobody knows is left out by name, so that the policy refuses instead of
//! comparing with something made up. Of several TCB versions each part goes into a list of its own, as the policy has them: a
//! mixture of them is accepted too.
//!
//! No example: `sev-launch manifest publish` and `check` write it, and their tests read it back.

mod known;

use std::collections::BTreeSet;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use sev_launch_abi::Technology;
use sev_launch_abi::snp::Policy;
use sev_launch_abi::snp::policy::Flag;

use super::Published;
use crate::error::Error;
use known::Known;

/// Whose claims the names are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Claims {
    /// `az-snp-vtpm`: Azure's confidential VMs, whose names have no prefix and whose values are all lists.
    AzSnpVtpm,
    /// `snp`: a report from the guest itself.
    Snp,
}

/// Names of the default policy that the manifest cannot fill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The names, at least one.
    pub names: Vec<&'static str>,
    /// Why, and what would fill them.
    pub why: String,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let are = if self.names.len() == 1 { "is" } else { "are" };
        write!(f, "{} {are} left out: {}", self.names.join(", "), self.why)
    }
}

/// The reference values, and what of the default policy's is not among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceValues {
    values: Map<String, Value>,
    left_out: Vec<LeftOut>,
}

/// One name for each of the two kinds of claims.
type Name = (&'static str, &'static str);

/// The parts of REPORTED_TCB: boot loader, microcode, SNP and TEE.
const TCB: [Name; 4] = [
    ("snp_bootloader", "tcb_bootloader"),
    ("snp_microcode", "tcb_microcode"),
    ("snp_snp_svn", "tcb_snp"),
    ("snp_tee_svn", "tcb_tee"),
];
/// Bits of PLATFORM_INFO. [SNP-ABI, ATTESTATION_REPORT]
const PLATFORM: [(Name, u64); 2] =
    [(("snp_smt_enabled", "smt_enabled"), 1), (("snp_tsme_enabled", "tsme_enabled"), 1 << 1)];
/// What of the guest policy is compared.
const POLICY: [Name; 4] = [
    ("snp_guest_abi_major", "abi_major"),
    ("snp_guest_abi_minor", "abi_minor"),
    ("snp_smt_allowed", "smt_allowed"),
    ("snp_single_socket", "single_socket"),
];

impl Claims {
    fn name(self, (snp, azure): Name) -> &'static str {
        match self {
            Self::AzSnpVtpm => azure,
            Self::Snp => snp,
        }
    }
}

impl ReferenceValues {
    /// What a manifest's published rows say.
    ///
    /// Errors: SEV and SEV-ES, which Trustee never had a verifier for.
    pub fn of(published: &Published<'_>, claims: Claims) -> Result<Self, Error> {
        let technology = published.technology();
        if technology != Technology::Snp {
            let reason = "it has no verifier for launch measurements, only for attestation reports";
            return Err(Error::UnsupportedTechnology { reader: "Trustee", technology, reason });
        }
        let mut made = Self { values: Map::new(), left_out: Vec::new() };
        let digests = published.digests().iter().map(|digest| digest.digest.to_string());
        let measurement = claims.name(("snp_launch_measurement", "measurement"));
        made.values.insert(measurement.into(), digests.collect());
        let known = Known::of(published);
        made.put_policy(claims, &known);
        made.put_tcb(claims, &known);
        made.put_platform(claims, &known);
        if claims == Claims::AzSnpVtpm {
            let why = "PCR 11 is what the guest itself booted, and no launch digest has it";
            made.leave_out(vec!["snp_pcr11"], why.into());
        }
        Ok(made)
    }

    fn leave_out(&mut self, names: Vec<&'static str>, why: String) {
        self.left_out.push(LeftOut { names, why });
    }

    /// Puts values in under a name. Where the policy compares one value there must be one.
    fn put(&mut self, claims: Claims, name: Name, values: Vec<Value>) {
        let name = claims.name(name);
        match (claims, values.as_slice()) {
            (Claims::AzSnpVtpm, _) => {
                self.values.insert(name.into(), values.into());
            }
            (Claims::Snp, [one]) => {
                self.values.insert(name.into(), one.clone());
            }
            (Claims::Snp, _) => {
                let why = "the published rows do not agree in it, and the default policy compares one value".into();
                self.leave_out(vec![name], why);
            }
        }
    }

    fn put_policy(&mut self, claims: Claims, known: &Known) {
        if known.policies.is_empty() {
            let why =
                "the manifest has no guest policy: describe one (`policy`), and build it again"
                    .into();
            return self.leave_out(POLICY.map(|name| claims.name(name)).to_vec(), why);
        }
        let policies = || known.policies.iter().copied().map(Policy::from_bits);
        let versions: [fn(Policy) -> Value; 2] =
            [|policy| policy.min_api().major.into(), |policy| policy.min_api().minor.into()];
        let flags: [fn(Policy) -> Value; 2] =
            [|policy| policy.has(Flag::Smt).into(), |policy| policy.has(Flag::SingleSocket).into()];
        for (name, value) in POLICY.into_iter().zip(versions.into_iter().chain(flags)) {
            let mut values: Vec<Value> = Vec::new();
            policies().map(value).for_each(|one| {
                if !values.contains(&one) {
                    values.push(one);
                }
            });
            self.put(claims, name, values);
        }
    }

    fn put_tcb(&mut self, claims: Claims, known: &Known) {
        if known.tcbs.iter().any(BTreeSet::is_empty) {
            let why = known.without("a TCB");
            return self.leave_out(TCB.map(|name| claims.name(name)).to_vec(), why);
        }
        for (name, levels) in TCB.into_iter().zip(&known.tcbs) {
            let levels: Value = levels.iter().copied().collect();
            self.values.insert(claims.name(name).into(), levels);
        }
    }

    fn put_platform(&mut self, claims: Claims, known: &Known) {
        if known.platforms.is_empty() {
            let names = PLATFORM.map(|(name, _)| claims.name(name)).to_vec();
            return self.leave_out(names, known.without("PLATFORM_INFO"));
        }
        for (name, bit) in PLATFORM {
            let mut values: Vec<Value> = Vec::new();
            for on in [true, false] {
                if known.platforms.iter().any(|word| (word & bit != 0) == on) {
                    values.push(on.into());
                }
            }
            self.put(claims, name, values);
        }
    }

    /// A JSON object from name to value.
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        crate::text::json(&self.values)
    }

    /// The message that registers them: `{"version", "type": "sample", "payload"}` with the values in base64. For
    /// `POST /kbs/v0/reference-value`, and for `rvps-tool register`.
    pub fn message(&self) -> Result<Vec<u8>, Error> {
        let payload = serde_json::to_vec(&self.values)?;
        crate::text::json(&json!({
            "version": "0.1.0",
            "type": "sample",
            "payload": STANDARD.encode(payload),
        }))
    }

    /// What the default policy compares besides, and why it is not known.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

#[cfg(test)]
mod tests {
    use super::super::Acceptance;
    use super::*;
    use crate::row::{Detail, Obtained};
    use crate::sample;
    use sev_launch_abi::Generation;

    fn read(bytes: Result<Vec<u8>, Error>) -> Value {
        serde_json::from_slice(&bytes.expect("written")).expect("JSON")
    }

    fn values(
        manifest: &crate::Manifest,
        accept: &Acceptance,
        claims: Claims,
    ) -> (Value, Vec<LeftOut>) {
        let published = Published::of(manifest, accept).expect("rows");
        let made = ReferenceValues::of(&published, claims).expect("SNP");
        (read(made.to_json()), made.left_out().to_vec())
    }

    fn names(left_out: &[LeftOut]) -> Vec<&'static str> {
        left_out.iter().flat_map(|one| one.names.clone()).collect()
    }

    #[test]
    fn names_and_types_are_those_of_the_default_policy() {
        let manifest = sample::snp();
        let (found, left_out) = values(&manifest, &Acceptance::COMPUTED, Claims::Snp);
        // Policy 0x30137: ABI 1.55, SMT allowed, the reserved bit 17, not bound to one socket.
        let expected = json!({
            "snp_launch_measurement": ["11".repeat(48), "22".repeat(48)],
            "snp_guest_abi_major": 1,
            "snp_guest_abi_minor": 55,
            "snp_smt_allowed": true,
            "snp_single_socket": false,
        });
        assert_eq!(found, expected);
        let unsaid = [
            "snp_bootloader",
            "snp_microcode",
            "snp_snp_svn",
            "snp_tee_svn",
            "snp_smt_enabled",
            "snp_tsme_enabled",
        ];
        assert_eq!(names(&left_out), unsaid);
        let (found, left_out) = values(&manifest, &Acceptance::COMPUTED, Claims::AzSnpVtpm);
        let expected = json!({
            "measurement": ["11".repeat(48), "22".repeat(48)],
            "abi_major": [1],
            "abi_minor": [55],
            "smt_allowed": [true],
            "single_socket": [false],
        });
        assert_eq!(found, expected);
        let unsaid = [
            "tcb_bootloader",
            "tcb_microcode",
            "tcb_snp",
            "tcb_tee",
            "smt_enabled",
            "tsme_enabled",
            "snp_pcr11",
        ];
        assert_eq!(names(&left_out), unsaid);
    }

    /// Rows of a Milan and a Turin, taken apart by hand as in TCB_VERSION's table: the parts of Turin's start with FMC.
    fn observed(platform: [u64; 2]) -> crate::Manifest {
        let manifest = sample::snp();
        let rows = [
            (0xdb18_0000_0000_0004, Generation::Milan, platform[0]),
            (0x5200_0000_0401_0201, Generation::Turin, platform[1]),
        ];
        let rows = rows.into_iter().map(|(tcb, generation, platform)| {
            let mut row = sample::computed(Technology::Snp, 0x44, 5);
            row.obtained = sample::observed(true);
            if let Obtained::Observed(observed) = &mut row.obtained {
                observed.detail = Detail {
                    reported_tcb: Some(tcb),
                    generation: Some(generation),
                    platform_info: Some(platform),
                    policy: Some(0x0003_0137),
                    ..Detail::default()
                };
            }
            row
        });
        let rows = manifest.rows().iter().cloned().chain(rows).collect();
        crate::Manifest::new(manifest.head().clone(), manifest.inputs().to_vec(), rows)
            .expect("a manifest")
    }

    #[test]
    fn what_verified_reports_say_of_the_host_is_written() {
        let accept = Acceptance { observed: true, ..Acceptance::COMPUTED };
        let manifest = observed([0x1, 0x25]);
        let (found, left_out) = values(&manifest, &accept, Claims::Snp);
        for (name, expected) in [
            ("snp_bootloader", json!([2, 4])),
            ("snp_microcode", json!([82, 219])),
            ("snp_snp_svn", json!([4, 24])),
            ("snp_tee_svn", json!([0, 1])),
            ("snp_smt_enabled", json!(true)),
            ("snp_tsme_enabled", json!(false)),
        ] {
            assert_eq!(found[name], expected, "{name}");
        }
        assert_eq!(left_out, []);
        let (found, left_out) = values(&manifest, &accept, Claims::AzSnpVtpm);
        assert_eq!((&found["tcb_snp"], &found["smt_enabled"]), (&json!([4, 24]), &json!([true])));
        assert_eq!(names(&left_out), ["snp_pcr11"]);
    }

    #[test]
    fn attack_what_is_not_accepted_or_differs_is_left_out_by_name() {
        // The rows are there, and nobody accepted them.
        let (found, left_out) = values(&observed([1, 1]), &Acceptance::COMPUTED, Claims::Snp);
        assert_eq!(found.get("snp_bootloader"), None);
        assert!(left_out[0].why.contains("--accept-observed"), "{}", left_out[0].why);
        // SMT on here and off there: one value is compared, so neither is written.
        let accept = Acceptance { observed: true, ..Acceptance::COMPUTED };
        let (found, left_out) = values(&observed([1, 0]), &accept, Claims::Snp);
        assert_eq!(
            (found.get("snp_smt_enabled"), names(&left_out)),
            (None, vec!["snp_smt_enabled"])
        );
        let (found, _) = values(&observed([1, 0]), &accept, Claims::AzSnpVtpm);
        assert_eq!(found["smt_enabled"], json!([true, false]));
    }

    #[test]
    fn a_message_is_what_the_sample_extractor_takes_apart() {
        let manifest = sample::snp();
        let published = Published::of(&manifest, &Acceptance::COMPUTED).expect("rows");
        let made = ReferenceValues::of(&published, Claims::Snp).expect("SNP");
        let message = read(made.message());
        assert_eq!(message["version"], "0.1.0");
        assert_eq!(message["type"], "sample");
        let payload = STANDARD.decode(message["payload"].as_str().expect("text")).expect("base64");
        let values: Value = serde_json::from_slice(&payload).expect("JSON");
        assert_eq!(values, read(made.to_json()));
    }

    #[test]
    fn sev_es_is_refused() {
        let manifest = sample::sev_es();
        let published = Published::of(&manifest, &Acceptance::COMPUTED).expect("rows");
        let error = ReferenceValues::of(&published, Claims::Snp).expect_err("no verifier");
        assert!(matches!(error, Error::UnsupportedTechnology { reader: "Trustee", .. }));
    }
}
