//! Where a guest's secrets go, and whether they fit there.

use std::sync::Arc;

use sev_launch_digest::firmware::KernelHashCheck;
use sev_launch_protocol::problem::{Code, Problem};
use sev_launch_protocol::registration::Registration;
use sev_launch_protocol::secret;
use sev_launch_sweep::SecretPlace;
use sev_launch_verify::sev::secret::SecretArea;

use crate::catalogue::Entry;

/// The smallest area of the firmwares; none where there is none and no secret is registered.
///
/// Errors: `no-secret-area` and `secrets-too-large`, for secrets that could not be handed over.
pub(super) fn of(
    registration: &Registration,
    firmwares: &[Arc<Entry>],
) -> Result<Option<SecretArea>, Problem> {
    let area = place(registration, firmwares).area();
    if registration.secrets.is_empty() {
        return Ok(area.ok());
    }
    let area = area.map_err(|error| {
        let without =
            firmwares.iter().find(|entry| entry.secret_area().is_none_or(|area| area.size == 0));
        let detail = match without {
            Some(entry) => format!("firmware {}: {error}", entry.sha256()),
            None => error.to_string(),
        };
        Problem::new(Code::NoSecretArea, detail)
    })?;
    let table = secret::table(&registration.secrets)
        .map_err(|error| Problem::at(Code::Schema, "#/secrets", error.to_string()))?;
    table
        .to_bytes(area)
        .map_err(|error| Problem::at(Code::SecretsTooLarge, "#/secrets", error.to_string()))?;
    Ok(Some(area))
}

fn place(registration: &Registration, firmwares: &[Arc<Entry>]) -> SecretPlace {
    if firmwares.is_empty() {
        return SecretPlace::Unknown;
    }
    let checks = firmwares.iter().map(|entry| entry.kernel_hash_check());
    if registration.has_kernel_hashes()
        && KernelHashCheck::of_all(checks) == Some(KernelHashCheck::No)
    {
        return SecretPlace::UncheckedKernel;
    }
    SecretPlace::smallest(firmwares.iter().map(|entry| entry.secret_area()).collect())
}
