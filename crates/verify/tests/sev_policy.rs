//! What a policy of SEV and SEV-ES must say.

use sev_launch_abi::ApiVersion;
use sev_launch_abi::sev::policy::{Flag, Policy};
use sev_launch_verify::outcome::Family;
use sev_launch_verify::requirement::Requirement::{Any, AtLeast, Exactly};
use sev_launch_verify::sev::error::PolicyMismatch;
use sev_launch_verify::sev::policy_requirements::PolicyRequirements;

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
    assert_eq!(strict.appraise(Policy::from_bits(0x3301_000f)), Ok(()));
    assert_eq!(strict.appraise(Policy::from_bits(0x0002_002f)), Ok(()));
    let error = strict.appraise(Policy::from_bits(0x3201_0050)).unwrap_err();
    assert_eq!(error.mismatches.len(), 7);
    assert_eq!(error.family(), Family::Rejected);
    assert_eq!(
        error.to_string(),
        "policy 0x32010050 (DOMAIN, reserved 0x40, API 1.50): NODBG is 0, wanted 1; \
         NOKS is 0, wanted 1; ES is 0, wanted 1; NOSEND is 0, wanted 1; DOMAIN is 1, wanted 0; \
         reserved bits 0x40 are set, wanted none; the lowest API version is 1.50, wanted at least 1.51"
    );
    let error = strict.appraise(Policy::from_bits(0x3301_000e)).unwrap_err();
    assert_eq!(error.mismatches, [PolicyMismatch::Bit { bit: Flag::Nodbg, found: false }]);
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
