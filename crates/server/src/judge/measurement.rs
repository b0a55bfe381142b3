//! Launch measurements of SEV and SEV-ES.

use sev_launch_abi::PlatformVersion;
use sev_launch_protocol::problem::Code;
use sev_launch_protocol::text::Sha256;
use sev_launch_verify::requirement::Requirement;
use sev_launch_verify::sev::measurement::{LaunchMeasurement, MEASUREMENT_SIZE, MeasurementError};
use sev_launch_verify::sev::requirements::{
    PlatformRequirements, PolicyRequirements, Requirements,
};
use sev_launch_verify::sev::session::LaunchSession;
use sha2::{Digest as _, Sha256 as Hash};

use super::{Accepted, Facts, Judgement, Proof, Rejected, Rules};
use crate::candidates::Selected;

/// Judges a measurement under a session's key, which is wiped unless the launch is accepted. A launch that may be tried again keeps its keys
/// elsewhere and makes the session anew.
///
/// `version` is what the host claims: the MAC covers it, and the version rules are held against it after the match. The session must be the one
/// that was made under the registered policy.
pub fn measurement(
    session: LaunchSession,
    measurement: &[u8; MEASUREMENT_SIZE],
    version: PlatformVersion,
    selected: &Selected<'_>,
    rules: &Rules<'_>,
) -> Judgement {
    // Bits that the owner chose are not refused here a second time: the session's policy is the registered one to the bit.
    let any = Requirement::Any;
    let nodbg = if rules.allow_debug { any } else { Requirement::Exactly(true) };
    let policy = PolicyRequirements { nodbg, noks: any, nosend: any, ..PolicyRequirements::STRICT };
    let platform = PlatformRequirements { api: any_of(), build: any_of() };
    let requirements = Requirements { policy, ..Requirements::strict(selected.sev(), platform) };
    let mut facts = Facts {
        policy: Some(session.policy().bits().into()),
        version: Some(version.to_string()),
        evidence_sha256: Some(Sha256(Hash::digest(measurement).into())),
        ..Facts::default()
    };
    if u64::from(session.policy().bits()) != rules.policy {
        let detail = "the session was made under another policy than the registered one".to_owned();
        return Judgement::Rejected(Box::new(Rejected {
            code: Code::PolicyMismatch,
            detail,
            facts,
        }));
    }
    let Ok(blob) = LaunchMeasurement::parse(measurement) else {
        return Judgement::Mismatch { digest: None };
    };
    let launch = match session.verify(&blob, version, &requirements) {
        Ok(launch) => launch,
        Err(error @ MeasurementError::Rejected { .. }) => {
            if let MeasurementError::Rejected { rejection, .. } = &error {
                facts.unmet = rejection.unmet().map(ToString::to_string).collect();
            }
            let (code, detail) = (Code::PolicyInconsistent, error.to_string());
            return Judgement::Rejected(Box::new(Rejected { code, detail, facts }));
        }
        Err(_) => return Judgement::Mismatch { digest: None },
    };
    facts.candidate = selected.of_digest(&(*launch.digest()).into()).cloned();
    let proven = launch.platform_version();
    if rules.versions.is_some_and(|versions| !versions.allows(proven)) {
        let detail =
            format!("the platform's firmware is {proven}, which the registration does not allow");
        return Judgement::Rejected(Box::new(Rejected {
            code: Code::FirmwareVersion,
            detail,
            facts,
        }));
    }
    Judgement::Accepted(Box::new(Accepted { proof: Proof::Launch(Box::new(launch)), facts }))
}

const fn any_of<T>() -> Requirement<T> {
    Requirement::Any
}
