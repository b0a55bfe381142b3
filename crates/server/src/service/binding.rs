//! What a guest's launches are judged by is this service's: its launch digests are kept with a MAC over them and over what else decides.
//!
//! Whoever can write the store and has not its key can so change what is accepted for a guest, whatever its scheme and with or without
//! secrets, and then it is launched and judged no more. The keys of a launch are sealed together with the MAC under which it began.

use sev_launch_protocol::problem::{Code, Problem};
use sev_launch_protocol::registration;
use sev_launch_protocol::text::VmId;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::keys::MAC_SIZE;
use super::registrations::internal;
use super::{Answered, Service};
use crate::store::Material;

/// What decides of a guest beside its launch digests.
pub(super) struct Decisive<'a> {
    pub(super) tenant: &'a str,
    pub(super) vmid: VmId,
    /// What was registered, as it is shown.
    pub(super) registration: &'a str,
    /// The version of the registration.
    pub(super) version: u64,
    /// Does it release secrets?
    pub(super) has_secrets: bool,
}

/// The launch digests of a guest, and the MAC that they carry.
pub(super) struct Bound<'a> {
    mac: [u8; MAC_SIZE],
    /// The launch digests, JSON.
    pub(super) candidates: &'a [u8],
}

impl Service {
    /// Launch digests as they are kept: their MAC, and they.
    ///
    /// # Errors
    ///
    /// `internal`, if the registration is not JSON.
    pub(super) fn bind(&self, decisive: &Decisive<'_>, candidates: &[u8]) -> Answered<Vec<u8>> {
        Ok([&self.mac(decisive, candidates)?[..], candidates].concat())
    }

    /// The launch digests that are kept for a guest; `None` if they or what else decides are not what this service wrote together: what was read one after
    /// the other may be of two registrations, and else it is [`changed`].
    ///
    /// # Errors
    ///
    /// `internal`, if the registration is not JSON.
    pub(super) fn bound<'m>(
        &self,
        tenant: &str,
        vmid: VmId,
        registration: &str,
        material: &'m Material,
    ) -> Answered<Option<Bound<'m>>> {
        let decisive = Decisive {
            tenant,
            vmid,
            registration,
            version: material.registration,
            has_secrets: material.secrets.is_some(),
        };
        let Some((found, candidates)) = material.candidates.split_first_chunk::<MAC_SIZE>() else {
            return Ok(None);
        };
        let mac = self.mac(&decisive, candidates)?;
        Ok(bool::from(found.ct_eq(&mac)).then_some(Bound { mac, candidates }))
    }

    fn mac(&self, decisive: &Decisive<'_>, candidates: &[u8]) -> Answered<[u8; MAC_SIZE]> {
        let Decisive { tenant, vmid, registration, version, has_secrets } = decisive;
        let registration = registration::decisive(registration).map_err(internal)?;
        Ok(self.keys.mac(&[
            b"sev-launch guest 1",
            tenant.as_bytes(),
            vmid.as_bytes(),
            &version.to_le_bytes(),
            &[u8::from(*has_secrets)],
            &registration,
            candidates,
        ]))
    }
}

impl Bound<'_> {
    /// A value to be sealed, with the MAC before it.
    pub(super) fn with(&self, value: &[u8]) -> Zeroizing<Vec<u8>> {
        let mut bound = Zeroizing::new(Vec::with_capacity(MAC_SIZE.saturating_add(value.len())));
        bound.extend_from_slice(&self.mac);
        bound.extend_from_slice(value);
        bound
    }

    /// The value that was sealed with the MAC.
    ///
    /// # Errors
    ///
    /// `sealed`, with a word in the log, if it was sealed with another.
    pub(super) fn opened<'v>(&self, sealed: &'v [u8]) -> Answered<&'v [u8]> {
        let (found, value) = sealed.split_at_checked(MAC_SIZE).ok_or_else(changed)?;
        if bool::from(found.ct_eq(&self.mac)) { Ok(value) } else { Err(changed()) }
    }
}

/// `sealed`, with a word in the log.
pub(super) fn changed() -> Problem {
    tracing::error!(
        "what decides of a guest is not what this service wrote: somebody changed the store"
    );
    Problem::of(Code::Sealed)
}
