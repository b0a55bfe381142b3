//! The policy of SEV and SEV-ES: known answers, findings and requirements.

use sev_launch_digest::Technology;
use sev_launch_testkit::sev_api::{Expect, SevApi};
use sev_launch_verify::outcome::Family;
use sev_launch_verify::requirement::Requirement::{Any, AtLeast, Exactly};
use sev_launch_verify::sev::error::PolicyMismatch;
use sev_launch_verify::sev::policy::{ApiVersion, Finding, Policy, PolicyBit, PolicyRequirements};

/// What the vectors of reserved bits ask of a policy: nothing else.
const ANYTHING: PolicyRequirements = PolicyRequirements {
    nodbg: Any,
    noks: Any,
    es: Any,
    nosend: Any,
    domain: Any,
    sev: Any,
    min_api: Any,
};

#[test]
fn known_answers() {
    let vectors = SevApi::read().sev_policy;
    assert_eq!(vectors.len(), 18);
    for vector in vectors {
        let policy = Policy::from_u32(vector.value);
        let name = &vector.name;
        assert_eq!(policy.to_u32(), vector.value, "{name}");
        assert_eq!(policy.to_le_bytes(), *vector.bytes_le, "{name}");
        let bits: Vec<PolicyBit> =
            PolicyBit::ALL.into_iter().filter(|bit| policy.has(*bit)).collect();
        let names: Vec<String> = bits.iter().map(|bit| bit.name().to_lowercase()).collect();
        assert_eq!(names, vector.flags, "{name}");
        assert_eq!(policy.reserved_bits() != 0, vector.reserved_bits_set, "{name}");
        let min_api = ApiVersion { major: vector.api_min_major, minor: vector.api_min_minor };
        assert_eq!(policy.min_api(), min_api, "{name}");
        let rebuilt = Policy::from_parts(&bits, min_api).to_u32();
        assert_eq!(rebuilt, vector.value - policy.reserved_bits(), "{name}");
        assert_eq!(ANYTHING.appraise(policy).is_ok(), vector.expect == Expect::Accept, "{name}");
        assert!(policy.to_string().starts_with(&vector.hex), "{name}");
    }
}

#[test]
fn the_lowest_version_is_compared_as_a_pair() {
    let vectors = SevApi::read().sev_policy_min_api;
    assert_eq!(vectors.len(), 8);
    for vector in vectors {
        let [least, platform] =
            [vector.policy_min, vector.platform].map(|[major, minor]| ApiVersion { major, minor });
        let allowed = Policy::from_parts(&[], least).allows_platform(platform);
        assert_eq!(allowed, vector.expect == Expect::Accept, "{vector:?}");
        assert_eq!(AtLeast(least).check(&platform), allowed, "{vector:?}");
    }
}

#[test]
fn the_text_names_every_bit() {
    for (word, text) in [
        (0x0000_0000, "0x00000000 (no bits)"),
        (0x0000_0005, "0x00000005 (NODBG, ES)"),
        (0x0000_003f, "0x0000003f (NODBG, NOKS, ES, NOSEND, DOMAIN, SEV)"),
        (0x3301_0007, "0x33010007 (NODBG, NOKS, ES, API 1.51)"),
        (0x0000_8001, "0x00008001 (NODBG, reserved 0x8000)"),
        (0x1800_0040, "0x18000040 (reserved 0x40, API 0.24)"),
    ] {
        assert_eq!(Policy::from_u32(word).to_string(), text);
    }
}

#[test]
fn every_reserved_bit_is_found() {
    for bit in 0..32 {
        let found = Policy::from_u32(1 << bit).reserved_bits();
        assert_eq!(found, if (6..16).contains(&bit) { 1 << bit } else { 0 }, "bit {bit}");
    }
}

#[test]
fn accessors_and_masks_agree() {
    let accessors =
        [Policy::nodbg, Policy::noks, Policy::es, Policy::nosend, Policy::domain, Policy::sev];
    for (index, bit) in PolicyBit::ALL.into_iter().enumerate() {
        assert_eq!(bit.mask(), 1 << index);
        let found = accessors.map(|has| has(Policy::from_u32(bit.mask())));
        let wanted: [bool; 6] = std::array::from_fn(|other| other == index);
        assert_eq!(found, wanted, "{bit}");
    }
}

#[test]
fn findings_name_what_a_policy_permits() {
    let sending = |domain, sev| Finding::SendingAllowed { domain, sev };
    let contradiction = |es, technology| Finding::ContradictsTechnology { es, technology };
    for (word, technology, findings) in [
        (0x0b, Technology::Sev, vec![]),
        (0x0f, Technology::SevEs, vec![]),
        (
            0x00,
            Technology::Sev,
            vec![Finding::DebugAllowed, Finding::KeySharingAllowed, sending(false, false)],
        ),
        (0x03, Technology::Sev, vec![sending(false, false)]),
        (0x13, Technology::Sev, vec![sending(true, false)]),
        (0x23, Technology::Sev, vec![sending(false, true)]),
        (0x33, Technology::Sev, vec![sending(true, true)]),
        (0x0f, Technology::Sev, vec![contradiction(true, Technology::Sev)]),
        (0x0b, Technology::SevEs, vec![contradiction(false, Technology::SevEs)]),
        (0x0f, Technology::Snp, vec![contradiction(true, Technology::Snp)]),
        (0x804b, Technology::Sev, vec![Finding::ReservedBits(0x8040)]),
    ] {
        assert_eq!(Policy::from_u32(word).findings(technology), findings, "{word:#x}");
    }
}

#[test]
fn every_mismatch_is_named() {
    let strict = PolicyRequirements {
        nodbg: Exactly(true),
        noks: Exactly(true),
        es: Exactly(true),
        nosend: Exactly(true),
        domain: Exactly(false),
        sev: Any,
        min_api: AtLeast(ApiVersion { major: 1, minor: 51 }),
    };
    assert_eq!(strict.appraise(Policy::from_u32(0x3301_000f)), Ok(()));
    assert_eq!(strict.appraise(Policy::from_u32(0x0002_002f)), Ok(()));
    let error = strict.appraise(Policy::from_u32(0x3201_0050)).unwrap_err();
    assert_eq!(error.mismatches.len(), 7);
    assert_eq!(error.family(), Family::Rejected);
    assert_eq!(
        error.to_string(),
        "policy 0x32010050 (DOMAIN, reserved 0x40, API 1.50): NODBG is 0, wanted 1; \
         NOKS is 0, wanted 1; ES is 0, wanted 1; NOSEND is 0, wanted 1; DOMAIN is 1, wanted 0; \
         reserved bits 0x40 are set, wanted none; the lowest API version is 1.50, wanted at least 1.51"
    );
    let error = strict.appraise(Policy::from_u32(0x3301_000e)).unwrap_err();
    assert_eq!(error.mismatches, [PolicyMismatch::Bit { bit: PolicyBit::Nodbg, found: false }]);
}

#[cfg(feature = "serde")]
#[test]
fn stored_requirements_state_every_field() {
    let stored = r#"{"nodbg":{"exactly":true},"noks":{"exactly":true},"es":"any","nosend":"any",
        "domain":"any","sev":"any","min_api":{"at_least":{"major":1,"minor":51}}}"#;
    let requirements: PolicyRequirements = serde_json::from_str(stored).unwrap();
    let min_api = AtLeast(ApiVersion { major: 1, minor: 51 });
    let wanted =
        PolicyRequirements { nodbg: Exactly(true), noks: Exactly(true), min_api, ..ANYTHING };
    assert_eq!(requirements, wanted);
    let again = serde_json::to_string(&requirements).unwrap();
    assert_eq!(serde_json::from_str::<PolicyRequirements>(&again).unwrap(), wanted);
    let forgotten = stored.replacen(r#""es":"any","#, "", 1);
    assert!(serde_json::from_str::<PolicyRequirements>(&forgotten).is_err());
}
