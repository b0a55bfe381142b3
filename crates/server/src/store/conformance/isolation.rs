//! Tenants do not see each other.

use serde_json::Map;
use sev_launch_protocol::launch::Injection;
use sev_launch_protocol::problem::Code;
use sev_launch_protocol::state::Event;
use sev_launch_protocol::text::Sha256;

use super::samples::{
    OTHER, TENANT, accepted, actions, answers, at, audit, begin, caller, firmware, launch_id,
    new_launch, register, request, terms, token, two_at_once, validate, verified, vmid,
};
use super::{Checked, done, refused, there};
use crate::store::{Amendment, Condition, Store};

pub(super) fn no_method_shows_or_changes_a_guest_of_another_tenant(store: &dyn Store) -> Checked {
    register(store, TENANT, 1, two_at_once())?;
    done(store.begin_launch(&caller(TENANT, 1), vmid(1), &new_launch(1, 1, 1), &mut answers("b")))?;
    validate(store, TENANT, 1, 1, 1, 2)?;
    begin(store, TENANT, 1, 2, 3)?;
    let before = there(store.vm(TENANT, vmid(1)))?;
    let lines = audit(store, TENANT)?;

    let by = caller(OTHER, 4);
    same!(store.vm(OTHER, vmid(1))?, None);
    none!(store.vms(OTHER, None, 10)?);
    same!(store.material(OTHER, vmid(1))?, None);
    same!(store.launch(OTHER, vmid(1), launch_id(1))?, None);
    same!(done(store.begun(&by, vmid(1), &[1; 32], request(1)))?, None);
    same!(refused(store.judge(&by, vmid(1), Some(launch_id(1)), request(1)))?, Code::NoSuchVm);
    let begun = store.begin_launch(&by, vmid(1), &new_launch(1, 1, 4), &mut answers("c"));
    same!(refused(begun)?, Code::NoSuchVm);
    for number in [1, 2] {
        let launch = verified(number)?;
        let judgement = accepted(number, &launch);
        let asked = request(u8::try_from(number)?);
        let finished =
            store.finish_validate(&by, vmid(1), asked, &judgement, at(9_000), &mut answers("v"));
        same!(refused(finished)?, Code::NoSuchVm);
    }
    for event in [
        Event::Revoke { launch: launch_id(2) },
        Event::Decide { launch: launch_id(2), approve: true },
        Event::Acknowledge { launch: launch_id(1), result: Injection::Injected, facts: Map::new() },
    ] {
        same!(refused(store.step(&by, vmid(1), &event))?, Code::NoSuchVm);
    }
    let amendment = Amendment {
        version: None,
        name: None,
        labels: None,
        valid_until: None,
        limit: None,
        disabled: Some(true),
    };
    same!(refused(store.amend(&by, vmid(1), &amendment))?, Code::NoSuchVm);
    same!(refused(store.delete(&by, vmid(1), None))?, Code::NoSuchVm);

    same!(there(store.vm(TENANT, vmid(1)))?, before);
    same!(audit(store, TENANT)?, lines);
    none!(audit(store, OTHER)?);
    Ok(())
}

pub(super) fn catalogue_tokens_and_audit_are_the_tenants_own(store: &dyn Store) -> Checked {
    let by = caller(TENANT, 1);
    store.add_firmware(&by, &firmware(1, Some(b"image")))?;
    store.add_token(&by, &token("t-1", TENANT, None))?;
    same!(store.firmware(OTHER, Sha256([1; 32]))?, None);
    none!(store.firmwares(OTHER)?);
    none!(store.tokens(OTHER)?);
    let other = caller(OTHER, 1);
    same!(store.remove_firmware(&other, Sha256([1; 32]))?, false);
    same!(store.remove_token(&other, "t-1")?, false);
    holds!(store.firmware(TENANT, Sha256([1; 32]))?.is_some(), "the firmware is gone");
    holds!(store.token("t-1")?.is_some(), "the token is gone");
    none!(store.audit(OTHER, 0, 10)?);
    none!(store.checkpoints(OTHER, 10)?);
    same!(store.add_firmware(&other, &firmware(1, None))?, true);
    same!(actions(store, TENANT)?, ["firmware-upload", "token-make"]);
    same!(actions(store, OTHER)?, ["firmware-upload"]);
    Ok(())
}

pub(super) fn the_same_names_stand_beside_each_other_in_two_tenants(store: &dyn Store) -> Checked {
    for tenant in [TENANT, OTHER] {
        register(store, tenant, 1, terms())?;
        let launch = new_launch(1, 1, 1);
        let begun = store.begin_launch(&caller(tenant, 1), vmid(1), &launch, &mut answers(tenant));
        same!(done(begun)?.body, tenant.as_bytes());
    }
    for tenant in [TENANT, OTHER] {
        let begun = done(store.begun(&caller(tenant, 2), vmid(1), &[1; 32], request(1)))?;
        same!(begun.map(|answer| answer.body), Some(tenant.as_bytes().to_vec()));
    }
    done(store.delete(&caller(OTHER, 3), vmid(1), None))?;
    same!(done(store.begun(&caller(OTHER, 4), vmid(1), &[1; 32], request(1)))?, None);
    holds!(
        store.launch(TENANT, vmid(1), launch_id(1))?.is_some_and(|row| row.keys.is_some()),
        "keys"
    );
    holds!(store.material(TENANT, vmid(1))?.is_some(), "material");
    holds!(
        done(store.begun(&caller(TENANT, 4), vmid(1), &[1; 32], request(1)))?.is_some(),
        "answer"
    );
    let again =
        store.register(&caller(TENANT, 5), &super::samples::new_vm(1, terms()), Condition::Absent);
    same!(refused(again)?, Code::EtagMismatch);
    Ok(())
}
