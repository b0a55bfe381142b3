//! What is written of a registration.

use serde_json::{Map, Value};
use sev_launch_protocol::audit::record;
use sev_launch_protocol::problem::Code;
use sev_launch_protocol::registration::LaunchLimit;
use sev_launch_protocol::state::{Event, Guest};

use super::super::{
    Amendment, Caller, Condition, NewVm, Outcome, Registered, Rows, StoreError, VmRow,
};
use super::{apply, note, token_facts, update};

pub(super) fn register(
    rows: &mut dyn Rows,
    caller: &Caller,
    vm: &NewVm,
    condition: Condition,
) -> Outcome<Registered> {
    let before = rows.vm(&caller.tenant, vm.vmid)?;
    if before.as_ref().is_some_and(|row| row.deleted) {
        return Ok(Err(Code::VmDeleted.into()));
    }
    let facts = Map::from_iter([
        ("scheme".to_owned(), Value::from(vm.guest.terms().scheme.name())),
        ("candidates".to_owned(), vm.candidates.into()),
        ("secret-table-bytes".to_owned(), vm.table_bytes.into()),
    ]);
    let row = |version, guest: Guest, created| VmRow {
        tenant: caller.tenant.clone(),
        vmid: vm.vmid,
        version,
        scheme: guest.terms().scheme,
        guest,
        registration: vm.registration.clone(),
        identity: vm.identity,
        candidates: vm.candidates,
        table_bytes: vm.table_bytes,
        created,
        changed: caller.now,
        deleted: false,
    };
    let (row, replaced) = match (before, condition) {
        (None, Condition::New | Condition::Absent) => {
            let row = row(1, vm.guest.clone(), caller.now);
            if !rows.insert_vm(&row)? {
                return Err(StoreError::Changed);
            }
            note(rows, caller, Some(vm.vmid), &[record("register", None, facts)])?;
            (row, false)
        }
        (None, Condition::Version(_)) => return Ok(Err(Code::NoSuchVm.into())),
        (Some(before), Condition::New) if before.identity == vm.identity => {
            return Ok(Ok(Registered::Same(Box::new(before))));
        }
        (Some(_), Condition::New) => return Ok(Err(Code::Exists.into())),
        (Some(_), Condition::Absent) => return Ok(Err(Code::EtagMismatch.into())),
        (Some(before), Condition::Version(version)) => {
            // The secrets were sealed for the version after the one that was read.
            let sealed_for = vm.material.registration;
            if before.guest.registration() != version
                || before.guest.registration().saturating_add(1) != sealed_for
            {
                return Ok(Err(Code::EtagMismatch.into()));
            }
            let mut step =
                before.guest.step(Event::Replace { terms: vm.guest.terms().clone() }, caller.now);
            if let Some(last) = step.records.last_mut() {
                last.facts = facts;
            }
            let applied = apply(rows, caller, &before, &step)?;
            rows.drop_answers_of(&caller.tenant, vm.vmid)?;
            let row = row(applied.version, applied.guest, before.created);
            update(rows, &row)?;
            (row, true)
        }
    };
    rows.put_material(&caller.tenant, vm.vmid, &vm.material)?;
    if let Some(token) = &vm.token {
        rows.insert_token(token)?;
        note(rows, caller, Some(vm.vmid), &[record("token-make", None, token_facts(&token.view))])?;
    }
    let row = Box::new(row);
    Ok(Ok(if replaced { Registered::Replaced(row) } else { Registered::Created(row) }))
}

/// The registration as it is shown, with an amendment.
pub(super) fn amended(
    registration: &str,
    amendment: &Amendment,
    limit: LaunchLimit,
) -> Result<String, StoreError> {
    let corrupt = |error: serde_json::Error| StoreError::Corrupt(error.to_string());
    let mut members: Map<String, Value> = serde_json::from_str(registration).map_err(corrupt)?;
    let mut set = |name: &str, value: Option<Value>| match value {
        Some(value) => {
            members.insert(name.to_owned(), value);
        }
        None => {
            members.remove(name);
        }
    };
    if let Some(name) = &amendment.name {
        set("name", name.as_ref().map(|name| name.as_str().into()));
    }
    if let Some(until) = &amendment.valid_until {
        set("valid-until", until.map(|until| until.to_string().into()));
    }
    if amendment.limit.is_some() {
        set("launch-limit", Some(serde_json::to_value(limit).map_err(corrupt)?));
    }
    if let Some(disabled) = amendment.disabled {
        set("disabled", Some(disabled.into()));
    }
    match &amendment.labels {
        None => {}
        Some(None) => {
            members.remove("labels");
        }
        Some(Some(patch)) => {
            let labels = members.entry("labels").or_insert_with(|| Map::new().into());
            if let Value::Object(labels) = labels {
                for (name, value) in patch {
                    match value {
                        Some(value) => {
                            labels.insert(name.clone(), value.as_str().into());
                        }
                        None => {
                            labels.remove(name);
                        }
                    }
                }
            }
        }
    }
    serde_json::to_string(&members).map_err(corrupt)
}

/// What an amendment changed, for the audit.
pub(super) fn amendment_facts(
    amendment: &Amendment,
    limit: LaunchLimit,
) -> Result<Map<String, Value>, StoreError> {
    let mut facts = Map::new();
    if let Some(disabled) = amendment.disabled {
        facts.insert("disabled".into(), disabled.into());
    }
    if let Some(until) = &amendment.valid_until {
        facts.insert("valid-until".into(), until.map(|until| until.to_string()).into());
    }
    if amendment.limit.is_some() {
        let limit =
            serde_json::to_value(limit).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        facts.insert("launch-limit".into(), limit);
    }
    for (name, changed) in
        [("name", amendment.name.is_some()), ("labels", amendment.labels.is_some())]
    {
        if changed {
            facts.insert(name.into(), "changed".into());
        }
    }
    Ok(facts)
}
