//! Guests: registered, replaced, amended, deleted, listed.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sev_launch_protocol::launch::LaunchState;
use sev_launch_protocol::problem::Code;
use sev_launch_protocol::registration::{LaunchLimit, LaunchLimitPatch};
use sev_launch_protocol::text::Label;

use super::samples::{
    TENANT, actions, at, begin, caller, launch_id, launched, new_launch, new_vm, register, request,
    sealed, terms, token, validate, vmid,
};
use super::{Checked, done, refused, there};
use crate::store::{Amendment, Condition, NewVm, Registered, Store};

fn nothing_amended() -> Amendment {
    Amendment {
        version: None,
        name: None,
        labels: None,
        valid_until: None,
        limit: None,
        disabled: None,
    }
}

/// A guest whose registration follows version `registration` of the same guest.
fn replacement(number: u16, registration: u64) -> NewVm {
    let mut vm = new_vm(number, terms());
    vm.identity = [0x22; 32];
    vm.material.registration = registration;
    vm.material.secrets = Some(sealed(1, b"replaced"));
    vm
}

pub(super) fn a_new_guest_is_created_with_its_token_and_a_record(store: &dyn Store) -> Checked {
    let vm = NewVm { token: Some(token("t-9", TENANT, Some(1))), ..new_vm(1, terms()) };
    let Registered::Created(row) = done(store.register(&caller(TENANT, 5), &vm, Condition::New))?
    else {
        return Err(super::Failure::new("not created"));
    };
    same!((row.version, row.created, row.changed), (1, at(5), at(5)));
    same!((&row.guest, &row.registration), (&vm.guest, &vm.registration));
    same!((row.candidates, row.table_bytes, row.identity), (3, 80, vm.identity));
    same!(there(store.vm(TENANT, vmid(1)))?, *row);
    same!(there(store.material(TENANT, vmid(1)))?, vm.material);
    same!(Some(there(store.token("t-9"))?), vm.token);
    same!(actions(store, TENANT)?, ["register", "token-make"]);
    Ok(())
}

pub(super) fn the_same_registration_again_changes_nothing(store: &dyn Store) -> Checked {
    let before = register(store, TENANT, 1, terms())?;
    // Sealed anew, the same secrets are other bytes.
    let mut vm = NewVm { token: Some(token("t-9", TENANT, Some(1))), ..new_vm(1, terms()) };
    vm.material.secrets = Some(sealed(1, b"sealed anew"));
    let again = done(store.register(&caller(TENANT, 9), &vm, Condition::New))?;
    holds!(matches!(&again, Registered::Same(row) if **row == before), "{again:?}");
    same!(there(store.vm(TENANT, vmid(1)))?, before);
    same!(there(store.material(TENANT, vmid(1)))?, new_vm(1, terms()).material);
    same!(store.token("t-9")?, None);
    same!(actions(store, TENANT)?, ["register"]);
    Ok(())
}

pub(super) fn another_registration_of_the_same_name_is_refused(store: &dyn Store) -> Checked {
    let before = register(store, TENANT, 1, terms())?;
    let other = replacement(1, 2);
    same!(refused(store.register(&caller(TENANT, 9), &other, Condition::New))?, Code::Exists);
    same!(there(store.vm(TENANT, vmid(1)))?, before);
    same!(there(store.material(TENANT, vmid(1)))?, new_vm(1, terms()).material);
    same!(actions(store, TENANT)?, ["register"]);
    Ok(())
}

pub(super) fn absent_means_absent(store: &dyn Store) -> Checked {
    let vm = new_vm(1, terms());
    let made = done(store.register(&caller(TENANT, 0), &vm, Condition::Absent))?;
    holds!(matches!(made, Registered::Created(_)), "{made:?}");
    let again = store.register(&caller(TENANT, 0), &vm, Condition::Absent);
    same!(refused(again)?, Code::EtagMismatch);
    Ok(())
}

pub(super) fn a_version_is_replaced_once(store: &dyn Store) -> Checked {
    let next = replacement(1, 2);
    let by = caller(TENANT, 70);
    same!(refused(store.register(&by, &next, Condition::Version(1)))?, Code::NoSuchVm);
    let before = register(store, TENANT, 1, terms())?;
    same!(refused(store.register(&by, &next, Condition::Version(2)))?, Code::EtagMismatch);
    same!(there(store.vm(TENANT, vmid(1)))?, before);
    let replaced = done(store.register(&by, &next, Condition::Version(1)))?;
    let Registered::Replaced(row) = replaced else {
        return Err(super::Failure::new(format!("{replaced:?}")));
    };
    same!((row.version, row.created, row.changed, row.identity), (2, at(0), at(70), [0x22; 32]));
    same!(row.guest.registration(), 2);
    same!(there(store.vm(TENANT, vmid(1)))?, *row);
    same!(there(store.material(TENANT, vmid(1)))?, next.material);
    same!(refused(store.register(&by, &next, Condition::Version(1)))?, Code::EtagMismatch);
    same!(actions(store, TENANT)?, ["register", "replace"]);
    Ok(())
}

pub(super) fn a_replacement_ends_live_launches(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, terms())?;
    begin(store, TENANT, 1, 1, 1)?;
    // A launch is in nobody's way: the registration is the one that it was.
    done(store.register(&caller(TENANT, 2), &replacement(1, 2), Condition::Version(1)))?;
    same!(launched(store, TENANT, 1, 1)?, (LaunchState::Revoked, false));
    same!(actions(store, TENANT)?, ["register", "launch", "revoke", "replace"]);
    let judged = store.judge(&caller(TENANT, 3), vmid(1), Some(launch_id(1)), request(1));
    same!(refused(judged)?, Code::LaunchRevoked);
    Ok(())
}

pub(super) fn secrets_that_were_sealed_for_another_version_are_refused(
    store: &dyn Store,
) -> Checked {
    let before = register(store, TENANT, 1, terms())?;
    for registration in [0, 1, 3] {
        let vm = replacement(1, registration);
        let by = caller(TENANT, 1);
        same!(refused(store.register(&by, &vm, Condition::Version(1)))?, Code::EtagMismatch);
    }
    same!(there(store.vm(TENANT, vmid(1)))?, before);
    Ok(())
}

pub(super) fn a_deleted_name_is_never_given_again(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, terms())?;
    done(store.delete(&caller(TENANT, 1), vmid(1), Some(1)))?;
    for condition in
        [Condition::New, Condition::Absent, Condition::Version(1), Condition::Version(2)]
    {
        let again = store.register(&caller(TENANT, 2), &new_vm(1, terms()), condition);
        same!(refused(again)?, Code::VmDeleted);
    }
    same!(store.vm(TENANT, vmid(1))?, None);
    same!(refused(store.delete(&caller(TENANT, 3), vmid(1), None))?, Code::NoSuchVm);
    same!(actions(store, TENANT)?, ["register", "delete"]);
    Ok(())
}

pub(super) fn an_amendment_changes_what_it_names(store: &dyn Store) -> Checked {
    let before = register(store, TENANT, 1, terms())?;
    let limit = LaunchLimit { total: Some(5), ..LaunchLimit::default() };
    let name: Label = "second".parse().map_err(|_| super::Failure::new("a label"))?;
    let amendment = Amendment {
        name: Some(Some(name)),
        valid_until: Some(Some(at(1000))),
        limit: Some(LaunchLimitPatch { total: Some(Some(5)), ..LaunchLimitPatch::default() }),
        disabled: Some(true),
        ..nothing_amended()
    };
    let row = done(store.amend(&caller(TENANT, 7), vmid(1), &amendment))?;
    same!(there(store.vm(TENANT, vmid(1)))?, row);
    same!((row.version, row.created, row.changed), (2, before.created, at(7)));
    let now = row.guest.terms();
    same!((now.limit, now.valid_until, now.disabled), (limit, Some(at(1000)), true));
    let shown: Value = serde_json::from_str(&row.registration)?;
    same!(
        shown,
        json!({
            "disabled": true, "labels": {"rack": "a", "zone": "1"}, "launch-limit": serde_json::to_value(limit)?,
            "name": "second", "scheme": "amd-sev", "valid-until": at(1000).to_string(),
        })
    );
    let away = Amendment { name: Some(None), valid_until: Some(None), ..nothing_amended() };
    let row = done(store.amend(&caller(TENANT, 8), vmid(1), &away))?;
    let shown: Value = serde_json::from_str(&row.registration)?;
    same!((shown.get("name"), shown.get("valid-until")), (None, None));
    same!((row.guest.terms().valid_until, row.guest.terms().disabled), (None, true));
    // What is measured and released stays as it was.
    same!(there(store.material(TENANT, vmid(1)))?, new_vm(1, terms()).material);
    same!(actions(store, TENANT)?, ["register", "amend", "amend"]);
    Ok(())
}

pub(super) fn labels_are_patched(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, terms())?;
    let label = |text: &str| text.parse::<Label>().ok();
    let patch = BTreeMap::from([
        ("rack".into(), None),
        ("zone".into(), label("2")),
        ("row".into(), label("9")),
    ]);
    let amendment = Amendment { labels: Some(Some(patch)), ..nothing_amended() };
    let row = done(store.amend(&caller(TENANT, 1), vmid(1), &amendment))?;
    let shown: Value = serde_json::from_str(&row.registration)?;
    same!(shown.get("labels"), Some(&json!({"row": "9", "zone": "2"})));
    let none = Amendment { labels: Some(None), ..nothing_amended() };
    let row = done(store.amend(&caller(TENANT, 1), vmid(1), &none))?;
    let shown: Value = serde_json::from_str(&row.registration)?;
    same!(shown, json!({"name": "first", "scheme": "amd-sev"}));
    let patch = BTreeMap::from([("zone".into(), label("3"))]);
    let first = Amendment { labels: Some(Some(patch)), ..nothing_amended() };
    let row = done(store.amend(&caller(TENANT, 1), vmid(1), &first))?;
    let shown: Value = serde_json::from_str(&row.registration)?;
    same!(shown.get("labels"), Some(&json!({"zone": "3"})));
    Ok(())
}

pub(super) fn an_amendment_of_another_version_is_refused(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, terms())?;
    let disable = |version| Amendment { version, disabled: Some(true), ..nothing_amended() };
    for version in [0, 2] {
        let amended = store.amend(&caller(TENANT, 1), vmid(1), &disable(Some(version)));
        same!(refused(amended)?, Code::EtagMismatch);
    }
    same!(there(store.vm(TENANT, vmid(1)))?.guest.terms().disabled, false);
    same!(done(store.amend(&caller(TENANT, 1), vmid(1), &disable(Some(1))))?.version, 2);
    same!(
        refused(store.amend(&caller(TENANT, 1), vmid(1), &disable(Some(1))))?,
        Code::EtagMismatch
    );
    same!(done(store.amend(&caller(TENANT, 1), vmid(1), &disable(None)))?.version, 3);
    same!(refused(store.delete(&caller(TENANT, 1), vmid(1), Some(2)))?, Code::EtagMismatch);
    done(store.delete(&caller(TENANT, 1), vmid(1), Some(3)))
}

pub(super) fn an_amended_guest_is_no_longer_the_same_registration(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, terms())?;
    let before = there(store.vm(TENANT, vmid(1)))?;
    same!(done(store.amend(&caller(TENANT, 1), vmid(1), &nothing_amended()))?, before);
    let changed = Amendment { disabled: Some(true), ..nothing_amended() };
    done(store.amend(&caller(TENANT, 1), vmid(1), &changed))?;
    let again = store.register(&caller(TENANT, 2), &new_vm(1, terms()), Condition::New);
    same!(refused(again)?, Code::Exists);
    Ok(())
}

pub(super) fn deleting_removes_everything_but_the_name(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, terms())?;
    register(store, TENANT, 2, terms())?;
    let by = caller(TENANT, 1);
    for row in
        [token("t-1", TENANT, Some(1)), token("t-2", TENANT, Some(2)), token("t-3", TENANT, None)]
    {
        store.add_token(&by, &row)?;
    }
    begin(store, TENANT, 1, 1, 1)?;
    validate(store, TENANT, 1, 1, 1, 2)?;
    let second = new_launch(2, 9, 3);
    done(store.begin_launch(&by, vmid(1), &second, &mut super::samples::answers("begun")))?;
    done(store.delete(&caller(TENANT, 4), vmid(1), None))?;

    same!(store.vm(TENANT, vmid(1))?, None);
    same!(store.material(TENANT, vmid(1))?, None);
    same!(store.launch(TENANT, vmid(1), launch_id(1))?, None);
    same!(store.launch(TENANT, vmid(1), launch_id(2))?, None);
    same!(done(store.begun(&by, vmid(1), &[9; 32], request(9)))?, None);
    same!(store.token("t-1")?, None);
    holds!(store.token("t-2")?.is_some() && store.token("t-3")?.is_some(), "tokens of others");
    same!(store.vms(TENANT, None, 10)?.len(), 1);
    holds!(store.material(TENANT, vmid(2))?.is_some(), "the material of another guest");
    // The live launch was revoked, and the record stays.
    let actions = actions(store, TENANT)?;
    holds!(
        actions.ends_with(&["validate".into(), "launch".into(), "revoke".into(), "delete".into()]),
        "{actions:?}"
    );
    // Nothing of the launch that was live expires later.
    same!(store.sweep(&caller(TENANT, 10_000_000), 10)?, 0);
    Ok(())
}

pub(super) fn guests_are_listed_by_name_page_by_page(store: &dyn Store) -> Checked {
    none!(store.vms(TENANT, None, 10)?);
    for number in [300, 2, 40, 1, 260] {
        register(store, TENANT, number, terms())?;
    }
    done(store.delete(&caller(TENANT, 1), vmid(40), None))?;
    let names = |after, limit| -> Checked<Vec<_>> {
        Ok(store.vms(TENANT, after, limit)?.iter().map(|row| row.vmid).collect())
    };
    same!(names(None, 10)?, [1, 2, 260, 300].map(vmid));
    same!(names(None, 3)?, [1, 2, 260].map(vmid));
    same!(names(Some(vmid(260)), 3)?, [300].map(vmid));
    // After a name that is not there, or no longer.
    same!(names(Some(vmid(40)), 1)?, [260].map(vmid));
    none!(names(Some(vmid(300)), 3)?);
    same!(store.vms(TENANT, None, 1)?, [there(store.vm(TENANT, vmid(1)))?]);
    Ok(())
}
