//! What hosts refuse of a description: notes for its reader, since a digest holds neither the policy nor the host.

use sev_launch_abi::Technology;
use sev_launch_digest::profile::LaunchProfile;
use sev_launch_host::facts::Parameters;
use sev_launch_host::{Facts, features, policy, refusal};

use crate::description::Description;
use crate::error::Error;

/// What KVM or the AMD-SP would refuse of the policy and of the features, on the host that is described or on some.
pub(super) fn notes(
    description: &Description,
    technology: Technology,
    profiles: &[&'static LaunchProfile],
) -> Result<Vec<String>, Error> {
    let host = description.host.facts()?;
    let host = Facts {
        kernel: host.kernel,
        parameters: Some(Parameters { debug_swap: host.debug_swap, ..Parameters::default() }),
        ..Facts::default()
    };
    let mut notes = Vec::new();
    if let Some(field) = &description.policy {
        let refusals = policy::of_guest(technology, field.value, profiles);
        let told = refusal::worth_telling(refusals, &host).into_iter();
        notes.extend(told.map(|refusal| format!("policy {:#x}: {refusal}", field.value)));
    }
    // What only some hosts refuse of the features is no news where no host is named: who gives them knows why. Captured pages have their own.
    let captured = description.vmsa.bsp.is_some();
    let words = description.sev_features.iter().flat_map(|field| &field.value);
    for word in words.filter(|_| !captured) {
        let of = |profile: &&'static LaunchProfile| features::of_profile(profile, *word);
        let refusals = profiles.iter().flat_map(of);
        let certain = refusals.filter(|refusal| refusal.hosts.has(&host) == Some(true));
        notes.extend(certain.map(|refusal| refusal.to_string()));
    }
    notes.dedup();
    Ok(notes)
}
