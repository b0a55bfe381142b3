//! Firmwares, tokens, the service's own values, and what is sealed.

use std::cell::RefCell;
use std::collections::BTreeMap;

use sev_launch_protocol::problem::Code;
use sev_launch_protocol::state::Event;
use sev_launch_protocol::text::Sha256;

use super::samples::{
    OTHER, TENANT, actions, audit, begin, caller, firmware, launch_id, new_vm, register, sealed,
    terms, token, vmid,
};
use super::{Checked, Failure, done, there};
use crate::store::{Condition, SealedAt, Store, StoreError};

pub(super) fn firmwares_are_added_kept_listed_and_removed(store: &dyn Store) -> Checked {
    let by = caller(TENANT, 1);
    let shown = |number, kept| {
        let mut row = firmware(number, None);
        row.image_kept = kept;
        row
    };
    same!(store.add_firmware(&by, &firmware(9, None))?, true);
    same!(store.add_firmware(&by, &firmware(3, Some(b"an image")))?, true);
    same!(store.firmware(TENANT, Sha256([3; 32]))?, Some(shown(3, true)));
    same!(store.firmwares(TENANT)?, [shown(3, true), shown(9, false)]);
    // It is there: only an image that was not kept is added.
    let mut again = firmware(9, None);
    again.entry = b"another".to_vec();
    same!(store.add_firmware(&by, &again)?, false);
    same!(store.firmware(TENANT, Sha256([9; 32]))?, Some(shown(9, false)));
    same!(actions(store, TENANT)?.len(), 2);
    same!(store.add_firmware(&by, &firmware(9, Some(b"its image")))?, false);
    same!(store.firmware(TENANT, Sha256([9; 32]))?, Some(shown(9, true)));
    same!(store.add_firmware(&by, &firmware(9, Some(b"its image")))?, false);
    same!(actions(store, TENANT)?, ["firmware-upload"; 3]);
    same!(store.remove_firmware(&by, Sha256([3; 32]))?, true);
    same!(store.remove_firmware(&by, Sha256([3; 32]))?, false);
    same!(store.firmware(TENANT, Sha256([3; 32]))?, None);
    same!(store.firmwares(TENANT)?, [shown(9, true)]);
    same!(actions(store, TENANT)?.last().map(String::as_str), Some("firmware-delete"));
    same!(actions(store, TENANT)?.len(), 4);
    Ok(())
}

pub(super) fn tokens_are_added_found_listed_and_removed(store: &dyn Store) -> Checked {
    let by = caller(TENANT, 1);
    let rows =
        [token("t-a", TENANT, None), token("t-b", TENANT, Some(1)), token("t-c", OTHER, None)];
    for row in rows.iter().rev() {
        store.add_token(&by, row)?;
    }
    for row in &rows {
        same!(there(store.token(&row.view.id))?, *row);
    }
    same!(store.token("t-d")?, None);
    let [a, b, c] = &rows;
    same!(store.tokens(TENANT)?, [a.view.clone(), b.view.clone()]);
    same!(store.tokens(OTHER)?, std::slice::from_ref(&c.view));
    // An id is given once, in whatever tenant.
    holds!(store.add_token(&by, &token("t-c", TENANT, None)).is_err(), "an id was given twice");
    same!(there(store.token("t-c"))?, *c);
    same!(store.remove_token(&by, "t-a")?, true);
    same!(store.remove_token(&by, "t-a")?, false);
    same!(store.token("t-a")?, None);
    same!(actions(store, TENANT)?, ["token-make", "token-make", "token-make", "token-delete"]);
    Ok(())
}

pub(super) fn values_of_the_service_are_written_over(store: &dyn Store) -> Checked {
    same!(store.meta("a")?, None);
    store.set_meta(&[("a", b"")])?;
    same!(store.meta("a")?, Some(Vec::new()));
    let bytes: Vec<u8> = (0..=255).collect();
    store.set_meta(&[("a", &bytes)])?;
    store.set_meta(&[("b", b"2")])?;
    same!((store.meta("a")?, store.meta("b")?), (Some(bytes), Some(b"2".to_vec())));
    Ok(())
}

/// Fills a store with what is sealed under key 1, what is sealed under key 2, and what only looks like it. What is under key 1.
fn fill(store: &dyn Store) -> Checked<BTreeMap<String, Vec<u8>>> {
    for (tenant, vm) in [(TENANT, 1), (OTHER, 1)] {
        register(store, tenant, vm, terms())?;
    }
    let mut bare = new_vm(2, terms());
    bare.material.secrets = None;
    done(store.register(&caller(TENANT, 0), &bare, Condition::New))?;
    let mut new = new_vm(3, terms());
    new.material.secrets = Some(sealed(2, b"new"));
    done(store.register(&caller(TENANT, 0), &new, Condition::New))?;
    begin(store, TENANT, 1, 1, 1)?;
    begin(store, OTHER, 1, 2, 1)?;
    // Over, and so without keys.
    begin(store, TENANT, 2, 3, 1)?;
    done(store.step(&caller(TENANT, 2), vmid(2), &Event::Revoke { launch: launch_id(3) }))?;
    for (name, key) in [("sealed-audit-key", 1), ("sealed-new", 2), ("plain", 1), ("Sealed-no", 1)]
    {
        store.set_meta(&[(name, &sealed(key, name.as_bytes()))])?;
    }
    let secrets =
        |tenant: &str| SealedAt::Secrets { tenant: tenant.into(), vmid: vmid(1), registration: 1 };
    let keys = |tenant: &str, number| SealedAt::Keys {
        tenant: tenant.into(),
        vmid: vmid(1),
        launch: launch_id(number),
    };
    let wanted = [
        (secrets(TENANT), sealed(1, &[0, 1])),
        (secrets(OTHER), sealed(1, &[0, 1])),
        (keys(TENANT, 1), sealed(1, &[0xee, 0, 1])),
        (keys(OTHER, 2), sealed(1, &[0xee, 0, 2])),
        (SealedAt::Meta("sealed-audit-key".into()), sealed(1, b"sealed-audit-key")),
    ];
    Ok(wanted.into_iter().map(|(at, value)| (format!("{at:?}"), value)).collect())
}

/// The same value under key 2.
fn under_new_key(value: &[u8]) -> Vec<u8> {
    sealed(2, value.get(9..).unwrap_or_default())
}

pub(super) fn rewrapping_touches_what_is_sealed_and_nothing_else(store: &dyn Store) -> Checked {
    let wanted = fill(store)?;
    let (before, lines) = (store.vms(TENANT, None, 10)?, audit(store, TENANT)?);
    let seen = RefCell::new(BTreeMap::new());
    let mut rounds = Vec::new();
    loop {
        let done = store.rewrap(&[2; 8], 2, &|at, value| {
            seen.borrow_mut().insert(format!("{at:?}"), value.to_vec());
            Ok(Some(under_new_key(value)))
        })?;
        rounds.push(done);
        if done == 0 {
            break;
        }
        holds!(rounds.len() < 10, "it does not end: {rounds:?}");
    }
    same!(rounds, [2, 2, 1, 0]);
    same!(seen.into_inner(), wanted);
    for tenant in [TENANT, OTHER] {
        let material = there(store.material(tenant, vmid(1)))?;
        same!(material.secrets, Some(sealed(2, &[0, 1])));
        same!(material.candidates, new_vm(1, terms()).material.candidates);
    }
    same!(there(store.material(TENANT, vmid(2)))?.secrets, None);
    same!(there(store.material(TENANT, vmid(3)))?.secrets, Some(sealed(2, b"new")));
    let keys = |tenant, vm, number| -> Checked<_> {
        Ok(there(store.launch(tenant, vmid(vm), launch_id(number)))?.keys)
    };
    same!(keys(TENANT, 1, 1)?, Some(sealed(2, &[0xee, 0, 1])));
    same!(keys(OTHER, 1, 2)?, Some(sealed(2, &[0xee, 0, 2])));
    same!(keys(TENANT, 2, 3)?, None);
    same!(store.meta("sealed-audit-key")?, Some(sealed(2, b"sealed-audit-key")));
    same!(store.meta("plain")?, Some(sealed(1, b"plain")));
    same!(store.meta("Sealed-no")?, Some(sealed(1, b"Sealed-no")));
    same!(store.vms(TENANT, None, 10)?, before);
    same!(audit(store, TENANT)?, lines);
    same!(store.key_ids()?, [[2; 8]]);
    Ok(())
}

pub(super) fn rewrapping_that_fails_changes_nothing(store: &dyn Store) -> Checked {
    let wanted = fill(store)?;
    let calls = RefCell::new(0);
    let failed = store.rewrap(&[2; 8], 10, &|_, value| {
        *calls.borrow_mut() += 1;
        if *calls.borrow() == 4 {
            return Err(StoreError::Corrupt(Code::Internal.name().into()));
        }
        Ok(Some(under_new_key(value)))
    });
    holds!(matches!(failed, Err(StoreError::Corrupt(_))), "{failed:?}");
    let seen = RefCell::new(BTreeMap::new());
    // What is as it should be stays, and is not counted.
    let done = store.rewrap(&[2; 8], 10, &|at, value| {
        seen.borrow_mut().insert(format!("{at:?}"), value.to_vec());
        Ok(None)
    })?;
    same!((done, seen.into_inner()), (0, wanted));
    Ok(())
}

pub(super) fn keys_that_are_needed_are_named(store: &dyn Store) -> Checked {
    none!(store.key_ids()?);
    fill(store)?;
    store.set_meta(&[("sealed-third", &sealed(3, b"x"))])?;
    let mut ids = store.key_ids()?;
    ids.sort_unstable();
    same!(ids, [[1; 8], [2; 8], [3; 8]]);
    // Key 2 stands in the secrets of one guest, and in one value.
    store.set_meta(&[("sealed-new", &sealed(1, b"y"))])?;
    done(store.delete(&caller(TENANT, 5), vmid(3), None))?;
    let mut ids = store.key_ids()?;
    ids.sort_unstable();
    same!(ids, [[1; 8], [3; 8]]);
    Ok(())
}

pub(super) fn a_store_is_ready(store: &dyn Store) -> Checked {
    store.ready()?;
    store.ready()?;
    store.key_ids().map(|_| ()).map_err(Failure::from)
}
