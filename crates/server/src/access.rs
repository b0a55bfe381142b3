//! Who asks, and whether they may. One rule for all routes: what a route demands stands in the protocol's table.

use std::collections::BTreeMap;

use serde::Deserialize;
use sev_launch_abi::text::printable;
use sev_launch_protocol::audit::Actor;
use sev_launch_protocol::problem::{Code, Problem};
use sev_launch_protocol::registration::OneOrMany;
use sev_launch_protocol::routes::{Access, Route};
use sev_launch_protocol::text::{Label, LaunchId, Time, VmId};
use sev_launch_protocol::views::Scope;

use crate::listener::Peer;
use crate::service::{Answered, Service};

/// The tenant of paths that name none.
pub const DEFAULT_TENANT: &str = "default";

/// What a client certificate may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// For which tenant.
    pub tenant: String,
    /// What.
    pub scopes: Vec<Scope>,
}

/// Grants by the principal of a certificate ([`crate::listener::ClientCertificate::principal`]).
pub type Grants = BTreeMap<String, Grant>;

/// Whoever asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The tenant.
    pub tenant: String,
    /// What they may do.
    pub scopes: Vec<Scope>,
    /// For this guest alone.
    pub vmid: Option<VmId>,
    /// When its token expires; `None` if there is none.
    pub expires: Option<Time>,
    /// For the audit.
    pub actor: Actor,
}

impl Identity {
    /// Do they have one of these scopes?
    #[must_use]
    pub fn has(&self, scopes: &[Scope]) -> bool {
        scopes.iter().any(|scope| self.scopes.contains(scope))
    }
}

/// What a request is about, as its path says.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The route.
    pub route: &'a Route,
    /// The tenant.
    pub tenant: &'a str,
    /// The guest.
    pub vmid: Option<VmId>,
    /// The launch.
    pub launch: Option<LaunchId>,
}

/// Who asks: by the header `Authorization` alone where there is one, so that a host's certificate lends no rights to a token; otherwise
/// by the client certificate.
///
/// # Errors
///
/// `bad-credentials`, `expired-credentials`.
pub fn authenticate(
    service: &Service,
    grants: &Grants,
    authorization: Option<&[u8]>,
    peer: &Peer,
    now: Time,
) -> Answered<Option<Identity>> {
    let address = Some(peer.address.ip().to_string());
    if let Some(authorization) = authorization {
        let text = std::str::from_utf8(authorization).ok().and_then(|text| text.split_once(' '));
        let Some((scheme, token)) = text else {
            return Err(Problem::new(Code::BadCredentials, "wanted `Authorization: Bearer …`"));
        };
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Problem::new(Code::BadCredentials, "wanted the scheme Bearer"));
        }
        let view = service.token(token.trim(), now)?;
        let actor = Actor { kind: "token", id: view.id, address };
        return Ok(Some(Identity {
            tenant: view.tenant,
            scopes: view.scopes,
            expires: Some(view.expires),
            vmid: view.vmid,
            actor,
        }));
    }
    let Some(certificate) = &peer.certificate else {
        return Ok(None);
    };
    let principal = certificate.principal();
    let Some(grant) = grants.get(&principal) else {
        tracing::info!(principal = %printable(&principal), "a client certificate that no [[certificate]] names");
        let detail = "the client certificate is not one that was granted anything; the service's log has its principal";
        return Err(Problem::new(Code::BadCredentials, detail));
    };
    let actor = Actor { kind: "certificate", id: principal, address };
    let Grant { tenant, scopes } = grant.clone();
    Ok(Some(Identity { tenant, scopes, vmid: None, expires: None, actor }))
}

/// May they? `None` is somebody without credentials. Returns who they are for the audit.
///
/// To whoever may not see a guest it does not exist: the answer is that of a guest which is not there.
///
/// # Errors
///
/// `no-credentials`, `not-allowed`, `no-such-vm`, `no-such-launch`.
pub fn authorise(
    service: &Service,
    target: &Target<'_>,
    identity: Option<Identity>,
    peer: &Peer,
) -> Answered<Identity> {
    let nobody = || Identity {
        tenant: target.tenant.to_owned(),
        scopes: Vec::new(),
        vmid: None,
        expires: None,
        actor: Actor {
            kind: "anonymous",
            id: String::new(),
            address: Some(peer.address.ip().to_string()),
        },
    };
    let (scopes, anonymous) = match target.route.access {
        Access::Anyone => return Ok(identity.unwrap_or_else(nobody)),
        Access::Scoped(scopes) => (scopes, false),
        Access::ScopedOrAnonymous(scopes) => (scopes, true),
    };
    let Some(identity) = identity else {
        let open = anonymous
            && match target.vmid {
                Some(vmid) => registration(service, target.tenant, vmid)?
                    .is_some_and(|registration| registration.anonymous),
                None => false,
            };
        return if open { Ok(nobody()) } else { Err(Code::NoCredentials.into()) };
    };
    if !identity.has(scopes) {
        let wanted: Vec<&str> = scopes.iter().map(|scope| scope.name()).collect();
        let detail = format!("wanted the scope {}", wanted.join(" or "));
        return Err(Problem::new(Code::NotAllowed, detail));
    }
    let unseen =
        || Problem::of(if target.vmid.is_some() { Code::NoSuchVm } else { Code::NotAllowed });
    if identity.tenant != target.tenant {
        let own = format!(
            "these credentials are of tenant {}, whose paths are below /v1/t/{0}",
            identity.tenant
        );
        return Err(Problem { detail: Some(own.into()), ..unseen() });
    }
    if let Some(bound) = identity.vmid
        && target.vmid != Some(bound)
    {
        return Err(unseen());
    }
    // Whoever comes by the scope of launchers alone sees the guests that they may launch, and no others.
    let others: Vec<Scope> =
        scopes.iter().copied().filter(|scope| *scope != Scope::Launch).collect();
    if anonymous
        && !identity.has(&others)
        && let Some(vmid) = target.vmid
    {
        let registration = registration(service, target.tenant, vmid)?.ok_or(Code::NoSuchVm)?;
        // A token for one guest's launches is its owner's word that its bearer may launch it.
        let named = |launcher: &Label| launcher.as_str() == identity.actor.id;
        let listed = registration
            .launchers
            .as_ref()
            .is_none_or(|launchers| launchers.values().iter().any(named));
        if !listed && identity.vmid.is_none() {
            return Err(Code::NoSuchVm.into());
        }
    }
    if let (Some(vmid), Some(launch)) = (target.vmid, target.launch) {
        own_launch(service, target.tenant, vmid, launch, &identity, &others)?;
    }
    Ok(identity)
}

/// Whoever has none of the scopes `exempt` sees their own launches alone.
///
/// # Errors
///
/// `no-such-launch`.
pub fn own_launch(
    service: &Service,
    tenant: &str,
    vmid: VmId,
    launch: LaunchId,
    identity: &Identity,
    exempt: &[Scope],
) -> Answered<()> {
    if identity.has(exempt) {
        return Ok(());
    }
    let (kind, id) = service.launcher(tenant, vmid, launch)?;
    let own = (kind.as_str(), &id) == (identity.actor.kind, &identity.actor.id);
    if own { Ok(()) } else { Err(Code::NoSuchLaunch.into()) }
}

/// What of a registration says who may launch. Nothing else of it is read, so that a long one takes hardly longer than none.
#[derive(Deserialize)]
struct Admission {
    #[serde(default)]
    anonymous: bool,
    #[serde(default)]
    launchers: Option<OneOrMany<Label>>,
}

fn registration(service: &Service, tenant: &str, vmid: VmId) -> Answered<Option<Admission>> {
    let row = service.store().vm(tenant, vmid).map_err(Problem::from)?;
    row.map(|row| {
        serde_json::from_str(&row.registration).map_err(|error| {
            tracing::error!(%error, "a registration that is kept is not read");
            Problem::of(Code::Internal)
        })
    })
    .transpose()
}
