//! Registering, reading, changing and deleting guests.

use std::sync::Arc;

use serde_json::{Map, Value};
use sev_launch_protocol::problem::{Code, Problem};
use sev_launch_protocol::registration::{Registration, Scheme};
use sev_launch_protocol::state::{Guest, Launch, Terms};
use sev_launch_protocol::text::{LaunchId, Sha256, Time, VmId};
use sev_launch_protocol::views::{
    Candidate, LaunchCounts, LaunchView, MeasureAnswer, VmList, VmPatch, VmView,
};
use sev_launch_protocol::{body, canonical, registration, secret};
use sev_launch_verify::abi::sev::Policy;
use sev_launch_verify::sev::secret::SecretArea;

use super::binding::Decisive;
use super::{Answered, Service};
use crate::candidates::{Candidates, Origin};
use crate::catalogue::Entry;
use crate::platform;
use crate::seal::Place;
use crate::store::{Amendment, Caller, Condition, Material, NewVm, Registered, StoreError, VmRow};

/// What became of a registration.
#[derive(Debug)]
pub struct Written {
    /// Was there none before?
    pub created: bool,
    /// Its version, which is its ETag.
    pub version: u64,
    /// The guest.
    pub view: VmView,
}

/// Which guests are listed.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// After this name.
    pub after: Option<VmId>,
    /// So many at most.
    pub limit: u32,
    /// Of this status alone.
    pub status: Option<String>,
    /// Of this scheme alone.
    pub scheme: Option<String>,
    /// With these labels.
    pub labels: Vec<(String, String)>,
}

/// Rows that are in memory at once: a registration may have 256 KiB.
const ROWS_AT_ONCE: u32 = 32;

/// How often a change is tried where others came first.
const ATTEMPTS: u32 = 16;

/// The most rows that one request to list guests looks at.
const MOST_LOOKED_AT: u32 = 2000;

/// A registration that was read and is whole in itself.
struct Checked {
    registration: Registration,
    candidates: Candidates,
    table_bytes: usize,
}

impl Service {
    /// `POST /vm/{vmid}` and `PUT /vm/{vmid}`.
    ///
    /// # Errors
    ///
    /// What is wrong with the body, with the condition, or between them and what the catalogue has.
    pub fn register(
        &self,
        caller: &Caller,
        vmid: VmId,
        body: &[u8],
        condition: Condition,
    ) -> Answered<Written> {
        let checked = self.checked(caller, body, true)?;
        let registration_version = match condition {
            Condition::New | Condition::Absent => 1,
            Condition::Version(_) => {
                let row = self
                    .store
                    .vm(&caller.tenant, vmid)
                    .map_err(unavailable)?
                    .ok_or(Code::NoSuchVm)?;
                row.guest.registration().saturating_add(1)
            }
        };
        let Checked { registration, candidates, table_bytes } = checked;
        let canonical = canonical::of_body(body)?;
        let identity = self.keys.identity(&canonical);
        let shown_registration = registration::shown(body)?;
        let decisive = Decisive {
            tenant: &caller.tenant,
            vmid,
            registration: &shown_registration,
            version: registration_version,
            has_secrets: !registration.secrets.is_empty(),
        };
        let bound_candidates = self.bind(&decisive, &candidates.to_json().map_err(internal)?)?;
        let secrets = if registration.secrets.is_empty() {
            None
        } else {
            let table = secret::table(&registration.secrets)
                .and_then(|table| table.to_bytes(SecretArea::PACKET))
                .map_err(|error| Problem::at(Code::Schema, "#/secrets", error.to_string()))?;
            let place = Place::Registration {
                tenant: &caller.tenant,
                vm: *vmid.as_bytes(),
                version: registration_version,
            };
            let sealed = self.ring.seal(&place, &table, &mut self.rng());
            Some(sealed.map_err(internal)?.to_bytes())
        };
        let (token, shown) = if registration.issue_launch_token {
            let (row, shown) = self.launch_token(caller, vmid);
            (Some(row), Some(shown))
        } else {
            (None, None)
        };
        let vm = NewVm {
            vmid,
            guest: Guest::new(Terms::of(&registration), caller.now),
            registration: shown_registration,
            identity,
            candidates: u64::try_from(candidates.rows().len()).unwrap_or(u64::MAX),
            table_bytes: u64::try_from(table_bytes).unwrap_or(u64::MAX),
            material: Material {
                candidates: bound_candidates,
                secrets,
                registration: registration_version,
            },
            token,
        };
        let warnings = warnings(&registration, &candidates);
        let (created, row) =
            match self.store.register(caller, &vm, condition).map_err(unavailable)? {
                Ok(Registered::Created(row)) => (true, row),
                Ok(Registered::Replaced(row)) => (false, row),
                // Its token was shown when it was made.
                Ok(Registered::Same(row)) => {
                    let view = VmView { warnings, ..self.view(&row)? };
                    return Ok(Written { created: false, version: row.guest.registration(), view });
                }
                Err(refusal) => return Err(refusal.into()),
            };
        let view = VmView { warnings, launch_token: shown, ..self.view(&row)? };
        Ok(Written { created, version: row.guest.registration(), view })
    }

    /// `GET /vm/{vmid}`: the guest and its version.
    ///
    /// # Errors
    ///
    /// `no-such-vm`.
    pub fn read_vm(&self, caller: &Caller, vmid: VmId) -> Answered<(VmView, u64)> {
        let row =
            self.store.vm(&caller.tenant, vmid).map_err(unavailable)?.ok_or(Code::NoSuchVm)?;
        let mut view = self.view(&row)?;
        let registration: Map<String, Value> =
            serde_json::from_str(&row.registration).map_err(internal)?;
        view.registration = Some(registration);
        let mut recent: Vec<_> = row.guest.launches().collect();
        recent.sort_unstable_by_key(|(_, launch)| std::cmp::Reverse(launch.number));
        view.recent = recent
            .iter()
            .map(|(id, launch)| self.launch_view(&row.guest, *id, launch, caller.now))
            .collect();
        Ok((view, row.guest.registration()))
    }

    /// `GET /vm`.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub fn list_vms(&self, caller: &Caller, filter: &Filter) -> Answered<VmList> {
        let mut items = Vec::new();
        let mut after = filter.after;
        let mut looked_at = 0_u32;
        loop {
            let rows = self
                .store
                .vms(&caller.tenant, after, filter.limit.clamp(1, ROWS_AT_ONCE))
                .map_err(unavailable)?;
            if rows.is_empty() {
                return Ok(VmList { items, next: None });
            }
            for row in rows {
                after = Some(row.vmid);
                looked_at = looked_at.saturating_add(1);
                let view = self.view(&row)?;
                let label = |name: &str, value: &str| {
                    view.labels
                        .iter()
                        .any(|(found, text)| found.as_str() == name && text.as_str() == value)
                };
                let wanted =
                    filter.status.as_ref().is_none_or(|status| status == view.status.name())
                        && filter.scheme.as_ref().is_none_or(|scheme| scheme == view.scheme.name())
                        && filter.labels.iter().all(|(name, value)| label(name, value));
                if wanted {
                    items.push(view);
                }
                let full = items.len() >= usize::try_from(filter.limit).unwrap_or(usize::MAX);
                if full || looked_at >= MOST_LOOKED_AT {
                    return Ok(VmList { items, next: after });
                }
            }
        }
    }

    /// `PATCH /vm/{vmid}`.
    ///
    /// # Errors
    ///
    /// What is wrong with the body, `no-such-vm`, `etag-mismatch`.
    pub fn patch_vm(
        &self,
        caller: &Caller,
        vmid: VmId,
        body: &[u8],
        version: Option<u64>,
    ) -> Answered<(VmView, u64)> {
        // What is checked is what is changed: where somebody else came first, and the caller named no version, it is read again.
        for _ in 0..ATTEMPTS {
            let patched = self.patch_once(caller, vmid, body::read(body)?, version);
            match patched {
                Err(problem) if problem.code == Code::EtagMismatch && version.is_none() => {}
                patched => return patched,
            }
        }
        Err(Code::StoreUnavailable.into())
    }

    fn patch_once(
        &self,
        caller: &Caller,
        vmid: VmId,
        patch: VmPatch,
        version: Option<u64>,
    ) -> Answered<(VmView, u64)> {
        let row =
            self.store.vm(&caller.tenant, vmid).map_err(unavailable)?.ok_or(Code::NoSuchVm)?;
        patch.check()?;
        if let (Some(from), Some(Some(until))) = (row.guest.terms().valid_from, patch.valid_until)
            && from >= until
        {
            return Err(Problem::at(Code::Schema, "#/valid-until", "is not after `valid-from`"));
        }
        let labels = patch.labels.map(|labels| {
            labels.map(|labels| {
                labels.into_iter().map(|(name, value)| (name.as_str().to_owned(), value)).collect()
            })
        });
        if let Some(Some(changes)) = &labels {
            bounded_labels(&registered(&row.registration)?, changes)?;
        }
        let amendment = Amendment {
            version: version.or(Some(row.guest.registration())),
            name: patch.name,
            labels,
            valid_until: patch.valid_until,
            limit: patch.launch_limit,
            disabled: patch.disabled,
        };
        let row = self
            .store
            .amend(caller, vmid, &amendment)
            .map_err(unavailable)?
            .map_err(Problem::from)?;
        Ok((self.view(&row)?, row.guest.registration()))
    }

    /// `DELETE /vm/{vmid}`.
    ///
    /// # Errors
    ///
    /// `no-such-vm`, `etag-mismatch`.
    pub fn delete_vm(&self, caller: &Caller, vmid: VmId, version: Option<u64>) -> Answered<()> {
        self.store.delete(caller, vmid, version).map_err(unavailable)?.map_err(Problem::from)?;
        if let Err(error) = self.store.purge() {
            // It is tried again from time to time.
            tracing::warn!(%error, "what was deleted may still be in the store's log");
        }
        Ok(())
    }

    /// `POST /measure`.
    ///
    /// # Errors
    ///
    /// As registering, but for what has nothing to do with digests.
    pub fn measure(&self, caller: &Caller, body: &[u8]) -> Answered<MeasureAnswer> {
        let Checked { registration, candidates, table_bytes } =
            self.checked(caller, body, false)?;
        Ok(MeasureAnswer {
            candidates: candidates.rows().iter().map(shown).collect(),
            secret_table_bytes: u64::try_from(table_bytes).unwrap_or(u64::MAX),
            warnings: warnings(&registration, &candidates),
        })
    }

    fn checked(&self, caller: &Caller, body: &[u8], registers: bool) -> Answered<Checked> {
        let registration: Registration = body::read(body)?;
        if registers {
            registration.check()?;
            platform::check_rules(&registration)?;
        } else {
            registration.check_measured()?;
        }
        let table = secret::table(&registration.secrets)
            .map_err(|error| Problem::at(Code::Schema, "#/secrets", error.to_string()))?;
        let table_bytes = if registration.secrets.is_empty() { 0 } else { table.size() };
        let candidates =
            Candidates::of(&registration, &|sha256| self.entry(&caller.tenant, *sha256))?;
        Ok(Checked { registration, candidates, table_bytes })
    }

    /// A firmware of the catalogue, if it has it.
    fn entry(&self, tenant: &str, sha256: Sha256) -> Answered<Option<Arc<Entry>>> {
        let row = self.store.firmware(tenant, sha256).map_err(unavailable)?;
        row.map(|row| self.opened_entry(tenant, &row.entry).map(Arc::new)).transpose()
    }

    /// A guest as it is shown in lists.
    pub(super) fn view(&self, row: &VmRow) -> Answered<VmView> {
        let registration: Registration = registered(&row.registration)?;
        Ok(VmView {
            vmid: row.vmid,
            status: row.guest.status(self.now()),
            scheme: row.scheme,
            name: registration.name,
            labels: registration.labels,
            candidates: row.candidates,
            secret_table_bytes: row.table_bytes,
            launches: LaunchCounts { used: row.guest.launched(), left: row.guest.left() },
            created: row.created,
            changed: row.changed,
            warnings: Vec::new(),
            launch_token: None,
            registration: None,
            recent: Vec::new(),
            simulated: self.is_simulated(),
        })
    }

    pub(super) fn launch_view(
        &self,
        guest: &Guest,
        id: LaunchId,
        launch: &Launch,
        now: Time,
    ) -> LaunchView {
        LaunchView {
            launch_id: id,
            state: guest.state_at(launch, now),
            began: launch.began,
            expires_at: launch.expires,
            attempts_left: launch.attempts_left,
            approved: launch.approved,
            acknowledged: launch.acknowledged,
            reason: launch.failed_for,
            simulated: self.is_simulated(),
        }
    }
}

/// A patch of labels, as the store takes it.
type LabelChanges = std::collections::BTreeMap<String, Option<sev_launch_protocol::text::Label>>;

/// Are there no more labels after a patch than a registration may have?
fn bounded_labels(registration: &Registration, changes: &LabelChanges) -> Answered<()> {
    let kept = registration.labels.keys().filter(|name| !changes.contains_key(name.as_str()));
    let set = changes.values().filter(|value| value.is_some());
    let labels = kept.count().saturating_add(set.count());
    if labels > VmPatch::MOST_LABELS {
        let detail = format!(
            "{labels} labels with those that are there, wanted at most {}",
            VmPatch::MOST_LABELS
        );
        return Err(Problem::at(Code::OutOfRange, "#/labels", detail));
    }
    Ok(())
}

/// What was registered, without secrets, as the store has it.
pub(super) fn registered(text: &str) -> Answered<Registration> {
    serde_json::from_str(text).map_err(internal)
}

/// What should never happen: the log says what, the caller that something did.
pub(super) fn internal(error: impl std::fmt::Display) -> Problem {
    tracing::error!(%error, "the service failed");
    Problem::of(Code::Internal)
}

fn warnings(registration: &Registration, candidates: &Candidates) -> Vec<String> {
    let mut warnings = candidates.warnings().to_vec();
    if let Ok(bits) = u32::try_from(registration.policy)
        && registration.scheme != Scheme::AmdSevSnp
    {
        let findings = Policy::from_bits(bits).findings(registration.scheme.technology());
        warnings.extend(findings.iter().map(ToString::to_string));
    }
    if registration.cpu_count.is_some() && registration.scheme == Scheme::AmdSev {
        warnings.push(
            "the number of vCPUs is not measured with amd-sev: a host may start others".into(),
        );
    }
    if registration.allow_debug {
        warnings.push("the host may debug the guest, and so read all of its memory".into());
    }
    if registration.platform.any_owner {
        warnings.push("a platform of any owner is accepted".into());
    }
    if registration.anonymous {
        warnings.push("anybody who reaches the service may launch this guest".into());
    }
    if registration.secrets.is_empty() && registration.scheme != Scheme::AmdSevSnp {
        warnings.push(
            "without a secret, `trusted` speaks of one guest context: it does not bind whatever the host shows next".into(),
        );
    }
    warnings
}

/// A candidate as it is shown.
pub(super) fn shown(candidate: &crate::candidates::Candidate) -> Candidate {
    let digest = candidate.digest.to_string();
    let Origin::Computed(facts) = &candidate.origin else {
        return Candidate { digest, ..empty() };
    };
    Candidate {
        digest,
        firmware: Some(facts.firmware),
        kernel: facts.boot.as_ref().map(|boot| boot.kernel),
        initrd: facts.boot.as_ref().map(|boot| boot.initrd),
        cmdline: facts.boot.as_ref().map(|boot| boot.cmdline),
        cpu_count: facts.cpu_count,
        cpu_signature: facts.cpu.as_ref().map(|cpu| cpu.signature.to_string()),
        vmsa_profile: facts.profile.clone(),
    }
}

const fn empty() -> Candidate {
    Candidate {
        digest: String::new(),
        firmware: None,
        kernel: None,
        initrd: None,
        cmdline: None,
        cpu_count: None,
        cpu_signature: None,
        vmsa_profile: None,
    }
}

/// Says of an error of the store what the caller may know, and the log the rest.
pub(super) fn unavailable(error: StoreError) -> Problem {
    tracing::error!(%error, "the store failed");
    error.into()
}
