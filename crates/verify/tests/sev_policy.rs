//! What a policy of SEV and SEV-ES must say.

use sev_launch_abi::sev::policy::{Finding, Flag, Policy};
use sev_launch_abi::{ApiVersion, PlatformVersion, Technology};
use sev_launch_verify::outcome::Family;
use sev_launch_verify::requirement::Requirement::{Any, AtLeast, Exactly};
use sev_launch_verify::sev::measurement::MeasurementError;
use sev_launch_verify::sev::requirements::PolicyRequirements;

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
    assert!(strict.appraise(Policy::from_bits(0x3301_000f)).is_ok());
    assert!(strict.appraise(Policy::from_bits(0x0002_002f)).is_ok());
    let policy = Policy::from_bits(0x3201_0050);
    let rejection = strict.appraise(policy).unwrap_err();
    assert_eq!((rejection.unmet().count(), rejection.demands().len()), (7, 8));
    assert_eq!(rejection.family(), Family::Rejected);
    let version = PlatformVersion { major: 1, minor: 55, build: 24 };
    let error = MeasurementError::Rejected { policy, version, rejection };
    assert_eq!(
        error.to_string(),
        "policy 0x32010050 (DOMAIN, reserved 0x40, API 1.50): NODBG is 0, wanted 1; \
         NOKS is 0, wanted 1; ES is 0, wanted 1; NOSEND is 0, wanted 1; DOMAIN is 1, wanted 0; \
         reserved bits 0x40 are set, wanted none; the lowest API version is 1.50, wanted at least 1.51"
    );
    let rejection = strict.appraise(Policy::from_bits(0x3301_000e)).unwrap_err();
    assert_eq!(rejection.to_string(), "POLICY.NODBG: found 0, wanted 1");
}

#[test]
fn a_debug_policy_is_refused_unless_it_is_named() {
    let open = PolicyRequirements { noks: Any, nosend: Any, ..PolicyRequirements::STRICT };
    let refusals = |requirements: PolicyRequirements, bits, technology| {
        requirements.refusals(Policy::from_bits(bits), technology)
    };
    assert_eq!(refusals(open, 0x4, Technology::SevEs), [Finding::DebugAllowed]);
    assert_eq!(refusals(open, 0x5, Technology::SevEs), []);
    let named = PolicyRequirements { nodbg: Any, ..open };
    assert_eq!(refusals(named, 0x4, Technology::SevEs), []);
    assert!(
        named.warnings(Policy::from_bits(0x4), Technology::SevEs).contains(&Finding::DebugAllowed)
    );
    // Strict wants NOKS and NOSEND too, which are demands; no requirement allows reserved bits or the other technology.
    assert_eq!(refusals(PolicyRequirements::STRICT, 0x5, Technology::SevEs), []);
    let rejection = PolicyRequirements::STRICT.appraise(Policy::from_bits(0x5)).unwrap_err();
    let unmet: Vec<_> = rejection.unmet().map(|demand| &*demand.field).collect();
    assert_eq!(unmet, ["POLICY.NOKS", "POLICY.NOSEND"]);
    let contradiction = Finding::ContradictsTechnology { es: true, technology: Technology::Sev };
    assert_eq!(
        refusals(named, 0x8045, Technology::Sev),
        [Finding::ReservedBits(0x8040), contradiction]
    );
}

#[test]
fn a_bit_is_never_demanded_to_be_what_is_refused() {
    let mut policy = PolicyRequirements::STRICT;
    assert!(policy.demand(Flag::Es, true).is_ok() && policy.demand(Flag::Es, true).is_ok());
    assert_eq!(policy.es, Exactly(true));
    let error = policy.demand(Flag::Es, false).unwrap_err();
    assert_eq!(error.to_string(), "ES is demanded to be 0, which contradicts another demand");
    assert!(policy.demand(Flag::Nodbg, false).is_err());
    assert_eq!((policy.es, policy.nodbg), (Exactly(true), Exactly(true)));
}

#[cfg(feature = "serde")]
#[test]
fn stored_requirements_state_every_field() {
    let stored = r#"{"nodbg":{"exactly":true},"noks":{"exactly":true},"es":"any","nosend":"any",
        "domain":"any","sev":"any","min_api":{"at_least":{"major":1,"minor":51}}}"#;
    let requirements: PolicyRequirements = serde_json::from_str(stored).unwrap();
    let min_api = AtLeast(ApiVersion { major: 1, minor: 51 });
    let wanted = PolicyRequirements {
        nodbg: Exactly(true),
        noks: Exactly(true),
        min_api,
        es: Any,
        nosend: Any,
        domain: Any,
        sev: Any,
    };
    assert_eq!(requirements, wanted);
    let again = serde_json::to_string(&requirements).unwrap();
    assert_eq!(serde_json::from_str::<PolicyRequirements>(&again).unwrap(), wanted);
    let forgotten = stored.replacen(r#""es":"any","#, "", 1);
    assert!(serde_json::from_str::<PolicyRequirements>(&forgotten).is_err());
}
