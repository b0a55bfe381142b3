//! The audit: one chain for each tenant.

use serde_json::{Map, Value, json};
use sev_launch_protocol::audit::{Actor, Chain, Checkpoint, Head, record};
use sev_launch_protocol::problem::Code;
use sev_launch_protocol::text::Exact;
use sev_launch_protocol::views::SignedCheckpoint;

use super::Checked;
use super::samples::{OTHER, TENANT, at, audit, caller, vmid};
use crate::store::{Caller, Store};

fn note(store: &dyn Store, tenant: &str, millis: u64) -> Checked {
    let facts = Map::from_iter([("n".to_owned(), Value::from(millis))]);
    Ok(store.note(&caller(tenant, millis), None, &record("note", None, facts))?)
}

fn numbers(lines: &[(u64, String)]) -> Vec<u64> {
    lines.iter().map(|(number, _)| *number).collect()
}

pub(super) fn lines_are_one_chain_for_each_tenant(store: &dyn Store) -> Checked {
    for millis in 0..20 {
        note(store, if millis % 3 == 0 { OTHER } else { TENANT }, millis)?;
    }
    same!((audit(store, TENANT)?.len(), audit(store, OTHER)?.len()), (13, 7));
    none!(audit(store, "nobody")?);
    // The chains are two: a line of one does not follow a line of the other.
    let mut chain = Chain::after(Head::EMPTY);
    let lines = store.audit(TENANT, 0, 1)?;
    lines.iter().try_for_each(|(_, line)| chain.verify(line).map(drop))?;
    let others = store.audit(OTHER, 1, 1)?;
    holds!(others.iter().all(|(_, line)| chain.verify(line).is_err()), "two tenants are one chain");
    Ok(())
}

pub(super) fn lines_are_read_page_by_page(store: &dyn Store) -> Checked {
    for millis in 0..7 {
        note(store, TENANT, millis)?;
        note(store, OTHER, millis)?;
    }
    same!(numbers(&store.audit(TENANT, 0, 3)?), [1, 2, 3]);
    same!(numbers(&store.audit(TENANT, 3, 3)?), [4, 5, 6]);
    same!(numbers(&store.audit(TENANT, 6, 3)?), [7]);
    none!(numbers(&store.audit(TENANT, 7, 3)?));
    none!(numbers(&store.audit(TENANT, u64::MAX, 3)?));
    Ok(())
}

pub(super) fn a_record_says_who_when_and_what(store: &dyn Store) -> Checked {
    let by = Caller {
        actor: Actor { kind: "certificate", id: "host-1".into(), address: None },
        ..caller(TENANT, 1234)
    };
    let facts = Map::from_iter([("why".to_owned(), json!({"deep": [1, "\u{e9}", null]}))]);
    store.note(&by, Some(vmid(1)), &record("launch", Some(Code::ChainOwner), facts))?;
    let mut records = audit(store, TENANT)?;
    let mut said = records.pop().unwrap_or_default();
    said.remove("prev");
    same!(
        Value::Object(said),
        json!({
            "seq": 1, "time": at(1234).to_string(), "tenant": TENANT, "request-id": by.request.to_string(),
            "actor": {"kind": "certificate", "id": "host-1"}, "action": "launch", "vmid": vmid(1).to_string(),
            "outcome": "refused", "reason": "chain-owner", "facts": {"why": {"deep": [1, "\u{e9}", null]}},
        })
    );
    same!(records.len(), 0);
    Ok(())
}

pub(super) fn checkpoints_are_made_where_the_audit_grew(store: &dyn Store) -> Checked {
    let sign = |point: &Checkpoint| SignedCheckpoint {
        checkpoint: point.clone(),
        signature: Exact([u8::try_from(point.seq).unwrap_or(0); 96]),
    };
    same!(store.checkpoint(at(0), &sign)?, 0);
    note(store, TENANT, 1)?;
    note(store, TENANT, 2)?;
    note(store, OTHER, 3)?;
    same!(store.checkpoint(at(10), &sign)?, 2);
    same!(store.checkpoint(at(11), &sign)?, 0);
    note(store, TENANT, 12)?;
    same!(store.checkpoint(at(13), &sign)?, 1);
    let points = store.checkpoints(TENANT, 10)?;
    let told = |points: &[SignedCheckpoint]| -> Vec<_> {
        let point = |signed: &SignedCheckpoint| {
            (signed.checkpoint.seq, signed.checkpoint.time, signed.signature.0[0])
        };
        points.iter().map(point).collect()
    };
    same!(told(&points), [(2, at(10), 2), (3, at(13), 3)]);
    same!(told(&store.checkpoints(TENANT, 1)?), [(3, at(13), 3)]);
    same!(told(&store.checkpoints(OTHER, 10)?), [(1, at(10), 1)]);
    // They are of this chain, and name its end.
    let points = points.into_iter().map(|signed| signed.checkpoint).collect();
    let mut chain = Chain::after(Head::EMPTY).with_checkpoints(points);
    for (_, line) in store.audit(TENANT, 0, 10)? {
        chain.verify(&line)?;
    }
    same!(chain.end()?.seq, 3);
    Ok(())
}
