//! The transactions, written once for every engine.

mod registering;

use serde_json::{Map, Value};
use sev_launch_protocol::audit::{Checkpoint, Context, Head, record};
use sev_launch_protocol::problem::{Code, Problem};
use sev_launch_protocol::state::{Answer, Event, Guest, Judgement, Record, Step};
use sev_launch_protocol::text::{LaunchId, Sha256, Time, VmId};
use sev_launch_protocol::views::{SignedCheckpoint, TokenView};

use self::registering::{amended, amendment_facts, register};
use super::rows::AnswerTo;
use super::{
    Amendment, Answering, Caller, Condition, FirmwareRow, Judge, Judging, LaunchRow, Material,
    NewLaunch, NewVm, Outcome, Registered, Rewrap, Rows, Store, StoreError, StoredAnswer, TokenRow,
    VmRow,
};

/// Work on rows of a transaction.
pub type Work<'a> = &'a mut dyn FnMut(&mut dyn Rows) -> Result<(), StoreError>;

/// Opens transactions. Work may be called again from the start, in a new transaction, where the one before came to nothing.
pub trait Engine: Send + Sync {
    /// Reads; all rows are of one moment.
    ///
    /// # Errors
    ///
    /// That of the work, or of the store.
    fn read(&self, work: Work<'_>) -> Result<(), StoreError>;

    /// Reads and writes: if the work returns `Ok`, all of it is on the disk when this returns `Ok`; otherwise nothing is.
    ///
    /// # Errors
    ///
    /// That of the work, or of the store.
    fn write(&self, work: Work<'_>) -> Result<(), StoreError>;

    /// Removes what was deleted from wherever the engine still has it, such as a log.
    ///
    /// # Errors
    ///
    /// That of the store: some of it may still be there.
    fn purge(&self) -> Result<(), StoreError>;
}

/// How often work is done again whose rows others changed.
const ATTEMPTS: u32 = 8;

fn read<T>(
    engine: &(impl Engine + ?Sized),
    mut work: impl FnMut(&mut dyn Rows) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let mut found = None;
    engine.read(&mut |rows| {
        found = Some(work(rows)?);
        Ok(())
    })?;
    found.ok_or_else(|| StoreError::Unavailable("a transaction that did no work".into()))
}

fn write<T>(
    engine: &(impl Engine + ?Sized),
    mut work: impl FnMut(&mut dyn Rows) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    for _ in 0..ATTEMPTS {
        let mut found = None;
        let written = engine.write(&mut |rows| {
            found = Some(work(rows)?);
            Ok(())
        });
        match written {
            Ok(()) => {
                return found.ok_or_else(|| {
                    StoreError::Unavailable("a transaction that did no work".into())
                });
            }
            Err(StoreError::Changed) => {}
            Err(error) => return Err(error),
        }
    }
    Err(StoreError::Changed)
}

/// Writes records after the head of the tenant's audit.
fn note(
    rows: &mut dyn Rows,
    caller: &Caller,
    vmid: Option<VmId>,
    records: &[Record],
) -> Result<(), StoreError> {
    if records.is_empty() {
        return Ok(());
    }
    let mut head: Head = rows.head(&caller.tenant)?;
    let context = Context {
        time: caller.now,
        tenant: &caller.tenant,
        request: caller.request,
        actor: &caller.actor,
        vmid,
    };
    for record in records {
        let (line, next) = head.append(&context, record);
        rows.append(&caller.tenant, next, &line)?;
        head = next;
    }
    Ok(())
}

/// Writes what a step changed: the guest, the end of keys, the records. The answer is the caller's.
fn apply(
    rows: &mut dyn Rows,
    caller: &Caller,
    before: &VmRow,
    step: &Step,
) -> Result<VmRow, StoreError> {
    let mut row = before.clone();
    row.version = before.version.saturating_add(1);
    if let Some(guest) = &step.guest {
        row.guest = guest.clone();
    }
    for launch in &step.ended {
        rows.drop_keys(&row.tenant, row.vmid, *launch)?;
    }
    for launch in &step.forgotten {
        rows.drop_launch(&row.tenant, row.vmid, *launch)?;
    }
    note(rows, caller, Some(row.vmid), &step.records)?;
    Ok(row)
}

/// Writes a row whose version is one more than that which was read.
fn update(rows: &mut dyn Rows, row: &VmRow) -> Result<(), StoreError> {
    if rows.update_vm(row)? { Ok(()) } else { Err(StoreError::Changed) }
}

/// A guest that is there and not deleted.
fn known(rows: &mut dyn Rows, caller: &Caller, vmid: VmId) -> Outcome<VmRow> {
    let row = rows.vm(&caller.tenant, vmid)?.filter(|row| !row.deleted);
    Ok(row.ok_or(Code::NoSuchVm.into()))
}

macro_rules! refused {
    ($outcome:expr) => {
        match $outcome {
            Ok(value) => value,
            Err(refusal) => return Ok(Err(refusal)),
        }
    };
}

impl<E: Engine> Store for E {
    fn register(&self, caller: &Caller, vm: &NewVm, condition: Condition) -> Outcome<Registered> {
        write(self, |rows| register(rows, caller, vm, condition))
    }

    fn amend(&self, caller: &Caller, vmid: VmId, amendment: &Amendment) -> Outcome<VmRow> {
        write(self, |rows| {
            let before = refused!(known(rows, caller, vmid)?);
            if amendment.version.is_some_and(|version| version != before.guest.registration()) {
                return Ok(Err(Code::EtagMismatch.into()));
            }
            if amendment.is_empty() {
                return Ok(Ok(before));
            }
            let mut terms = before.guest.terms().clone();
            if let Some(until) = amendment.valid_until {
                terms.valid_until = until;
            }
            if let Some(limit) = amendment.limit {
                terms.limit = limit.applied(terms.limit);
            }
            if let Some(disabled) = amendment.disabled {
                terms.disabled = disabled;
            }
            let closes =
                terms.disabled || terms.valid_until.is_some_and(|until| until <= caller.now);
            let limit = terms.limit;
            let mut step = before.guest.step(Event::Amend { terms }, caller.now);
            if let Some(record) = step.records.last_mut() {
                record.facts = amendment_facts(amendment, limit)?;
            }
            let mut row = apply(rows, caller, &before, &step)?;
            row.registration = amended(&before.registration, amendment, limit)?;
            if closes {
                rows.drop_answers_of(&row.tenant, vmid)?;
            }
            // What is registered is no longer what the first request said.
            row.identity = [0; 32];
            row.changed = caller.now;
            update(rows, &row)?;
            Ok(Ok(row))
        })
    }

    fn delete(&self, caller: &Caller, vmid: VmId, version: Option<u64>) -> Outcome<()> {
        write(self, |rows| {
            let before = refused!(known(rows, caller, vmid)?);
            if version.is_some_and(|version| version != before.guest.registration()) {
                return Ok(Err(Code::EtagMismatch.into()));
            }
            let step = before.guest.step(Event::Delete, caller.now);
            let mut row = apply(rows, caller, &before, &step)?;
            row.guest = Guest::new(before.guest.terms().clone(), caller.now);
            row.registration = String::from("{}");
            row.identity = [0; 32];
            row.candidates = 0;
            row.table_bytes = 0;
            row.changed = caller.now;
            row.deleted = true;
            rows.drop_launches(&row.tenant, vmid)?;
            rows.drop_material(&row.tenant, vmid)?;
            rows.remove_tokens_of(&row.tenant, vmid)?;
            update(rows, &row)?;
            Ok(Ok(()))
        })
    }

    fn vm(&self, tenant: &str, vmid: VmId) -> Result<Option<VmRow>, StoreError> {
        read(self, |rows| Ok(rows.vm(tenant, vmid)?.filter(|row| !row.deleted)))
    }

    fn vms(&self, tenant: &str, after: Option<VmId>, limit: u32) -> Result<Vec<VmRow>, StoreError> {
        read(self, |rows| rows.vms(tenant, after, limit))
    }

    fn material(&self, tenant: &str, vmid: VmId) -> Result<Option<Material>, StoreError> {
        read(self, |rows| rows.material(tenant, vmid))
    }

    fn begin_launch(
        &self,
        caller: &Caller,
        vmid: VmId,
        launch: &NewLaunch,
        answering: Answering<'_>,
    ) -> Outcome<StoredAnswer> {
        write(self, |rows| {
            let before = refused!(known(rows, caller, vmid)?);
            if let Some((key, request)) = &launch.idempotency
                && let Some(answer) =
                    refused!(given(rows, caller, vmid, AnswerTo::Launch(*key), *request)?)
            {
                return Ok(Ok(answer));
            }
            // The platform was judged by facts that are no longer registered: the caller has to read them again.
            if before.guest.registration() != launch.registration {
                return Ok(Err(Code::EtagMismatch.into()));
            }
            let step = before.guest.step(launch.event.clone(), caller.now);
            let row = apply(rows, caller, &before, &step)?;
            update(rows, &row)?;
            let begun = refused!(step.answer);
            rows.insert_launch(&row.tenant, vmid, launch.id, &launch.row)?;
            let answer = answering(&begun).map_err(unanswered)?;
            if let Some((key, request)) = &launch.idempotency {
                let to = AnswerTo::Launch(*key);
                rows.put_answer(&row.tenant, vmid, to, *request, &answer, launch.replay_until)?;
            }
            Ok(Ok(answer))
        })
    }

    fn begun(
        &self,
        caller: &Caller,
        vmid: VmId,
        key: &[u8; 32],
        request: Sha256,
    ) -> Outcome<Option<StoredAnswer>> {
        read(self, |rows| given(rows, caller, vmid, AnswerTo::Launch(*key), request))
    }

    fn judge(
        &self,
        caller: &Caller,
        vmid: VmId,
        named: Option<LaunchId>,
        request: Sha256,
    ) -> Outcome<Judge> {
        read(self, |rows| {
            let vm = refused!(known(rows, caller, vmid)?);
            let id = refused!(vm.guest.meant(named, caller.now));
            let to = AnswerTo::Validate(id);
            if let Some((first, answer)) = rows.answer(&vm.tenant, vmid, to, caller.now)?
                && first == request
            {
                return Ok(Ok(Judge::Answered(answer)));
            }
            refused!(vm.guest.judgeable(id, request, caller.now));
            let row = rows.launch(&vm.tenant, vmid, id)?;
            let row = row.ok_or_else(|| StoreError::Corrupt(format!("launch {id} has no row")))?;
            let material = rows.material(&vm.tenant, vmid)?;
            let material = material
                .ok_or_else(|| StoreError::Corrupt(format!("guest {vmid} has no material")))?;
            let judging = Judging {
                launch: id,
                guest: vm.guest,
                row,
                registration: vm.registration,
                material,
            };
            Ok(Ok(Judge::By(Box::new(judging))))
        })
    }

    fn finish_validate(
        &self,
        caller: &Caller,
        vmid: VmId,
        request: Sha256,
        judgement: &Judgement,
        replay_until: Time,
        answering: Answering<'_>,
    ) -> Outcome<StoredAnswer> {
        write(self, |rows| {
            let before = refused!(known(rows, caller, vmid)?);
            // Somebody else may have won with the same request.
            let to = AnswerTo::Validate(judgement.launch);
            if let Some((first, answer)) = rows.answer(&before.tenant, vmid, to, caller.now)?
                && first == request
            {
                let record = given_again(judgement.launch, request, &answer);
                note(rows, caller, Some(vmid), &[record])?;
                return Ok(Ok(answer));
            }
            let event = Event::Validate { request, judgement: judgement.clone() };
            let step = before.guest.step(event, caller.now);
            let row = apply(rows, caller, &before, &step)?;
            update(rows, &row)?;
            let outcome = refused!(step.answer);
            let answer = answering(&outcome).map_err(unanswered)?;
            if !matches!(outcome, Answer::Awaited) {
                rows.put_answer(&row.tenant, vmid, to, request, &answer, replay_until)?;
            }
            Ok(Ok(answer))
        })
    }

    fn step(&self, caller: &Caller, vmid: VmId, event: &Event) -> Outcome<()> {
        write(self, |rows| {
            let before = refused!(known(rows, caller, vmid)?);
            let step = before.guest.step(event.clone(), caller.now);
            if step.answer.is_err() && step.records.is_empty() && step.ended.is_empty() {
                // Nothing happened: the row is left alone, so that a caller's noise is in nobody's way.
                return Ok(step.answer.map(|_| ()));
            }
            let row = apply(rows, caller, &before, &step)?;
            update(rows, &row)?;
            Ok(step.answer.map(|_| ()))
        })
    }

    fn note_replay(
        &self,
        caller: &Caller,
        vmid: VmId,
        launch: LaunchId,
        request: Sha256,
        answer: &StoredAnswer,
    ) -> Result<(), StoreError> {
        let record = given_again(launch, request, answer);
        write(self, |rows| note(rows, caller, Some(vmid), std::slice::from_ref(&record)))
    }

    fn launch(
        &self,
        tenant: &str,
        vmid: VmId,
        launch: LaunchId,
    ) -> Result<Option<LaunchRow>, StoreError> {
        read(self, |rows| rows.launch(tenant, vmid, launch))
    }

    fn sweep(&self, caller: &Caller, limit: u32) -> Result<u32, StoreError> {
        write(self, |rows| {
            rows.drop_answers(caller.now)?;
            let due = rows.due(caller.now, limit)?;
            let mut stepped = 0_u32;
            for (tenant, vmid) in due {
                let before = match rows.vm(&tenant, vmid) {
                    // One row that cannot be read does not keep the keys of all others alive.
                    Err(error @ StoreError::Corrupt(_)) => {
                        tracing::error!(%error, tenant, %vmid, "a guest that is due is not swept");
                        continue;
                    }
                    before => before?,
                };
                let Some(before) = before.filter(|row| !row.deleted) else {
                    continue;
                };
                let caller = Caller { tenant, ..caller.clone() };
                let step = before.guest.step(Event::Tick, caller.now);
                let row = apply(rows, &caller, &before, &step)?;
                update(rows, &row)?;
                stepped = stepped.saturating_add(1);
            }
            Ok(stepped)
        })
    }

    fn add_firmware(&self, caller: &Caller, row: &FirmwareRow) -> Result<bool, StoreError> {
        write(self, |rows| {
            let before = rows.firmware(&caller.tenant, row.sha256)?;
            let is_new = before.is_none();
            if before.is_some_and(|before| before.image_kept || row.image.is_none()) {
                return Ok(false);
            }
            rows.put_firmware(&caller.tenant, row)?;
            let facts = Map::from_iter([
                ("sha256".to_owned(), Value::from(row.sha256.to_string())),
                ("image-kept".to_owned(), row.image_kept.into()),
            ]);
            note(rows, caller, None, &[record("firmware-upload", None, facts)])?;
            Ok(is_new)
        })
    }

    fn firmware(&self, tenant: &str, sha256: Sha256) -> Result<Option<FirmwareRow>, StoreError> {
        read(self, |rows| rows.firmware(tenant, sha256))
    }

    fn firmwares(&self, tenant: &str) -> Result<Vec<FirmwareRow>, StoreError> {
        read(self, |rows| rows.firmwares(tenant))
    }

    fn remove_firmware(&self, caller: &Caller, sha256: Sha256) -> Result<bool, StoreError> {
        write(self, |rows| {
            let was = rows.remove_firmware(&caller.tenant, sha256)?;
            if was {
                let facts =
                    Map::from_iter([("sha256".to_owned(), Value::from(sha256.to_string()))]);
                note(rows, caller, None, &[record("firmware-delete", None, facts)])?;
            }
            Ok(was)
        })
    }

    fn add_token(&self, caller: &Caller, row: &TokenRow) -> Result<(), StoreError> {
        write(self, |rows| {
            rows.insert_token(row)?;
            note(rows, caller, row.view.vmid, &[record("token-make", None, token_facts(&row.view))])
        })
    }

    fn token(&self, id: &str) -> Result<Option<TokenRow>, StoreError> {
        read(self, |rows| rows.token(id))
    }

    fn tokens(&self, tenant: &str) -> Result<Vec<TokenView>, StoreError> {
        read(self, |rows| rows.tokens(tenant))
    }

    fn remove_token(&self, caller: &Caller, id: &str) -> Result<bool, StoreError> {
        write(self, |rows| {
            let was = rows.remove_token(&caller.tenant, id)?;
            if was {
                let facts = Map::from_iter([("id".to_owned(), Value::from(id))]);
                note(rows, caller, None, &[record("token-delete", None, facts)])?;
            }
            Ok(was)
        })
    }

    fn note(&self, caller: &Caller, vmid: Option<VmId>, record: &Record) -> Result<(), StoreError> {
        write(self, |rows| note(rows, caller, vmid, std::slice::from_ref(record)))
    }

    fn audit(
        &self,
        tenant: &str,
        after: u64,
        limit: u32,
    ) -> Result<Vec<(u64, String)>, StoreError> {
        read(self, |rows| rows.audit(tenant, after, limit))
    }

    fn checkpoint(
        &self,
        now: Time,
        sign: &dyn Fn(&Checkpoint) -> SignedCheckpoint,
    ) -> Result<u32, StoreError> {
        write(self, |rows| {
            let mut made = 0_u32;
            for tenant in rows.tenants()? {
                let head = rows.head(&tenant)?;
                let last = rows.checkpoints(&tenant, 1)?.pop();
                if last.is_some_and(|last| last.checkpoint.seq >= head.seq) {
                    continue;
                }
                let checkpoint =
                    Checkpoint { tenant, seq: head.seq, hash: Sha256(head.hash), time: now };
                rows.insert_checkpoint(&sign(&checkpoint))?;
                made = made.saturating_add(1);
            }
            Ok(made)
        })
    }

    fn checkpoints(&self, tenant: &str, limit: u32) -> Result<Vec<SignedCheckpoint>, StoreError> {
        read(self, |rows| rows.checkpoints(tenant, limit))
    }

    fn meta(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        read(self, |rows| rows.meta(name))
    }

    fn set_meta(&self, values: &[(&str, &[u8])]) -> Result<(), StoreError> {
        write(self, |rows| values.iter().try_for_each(|(name, value)| rows.put_meta(name, value)))
    }

    fn rewrap(&self, current: &[u8; 8], limit: u32, rewrap: Rewrap<'_>) -> Result<u32, StoreError> {
        write(self, |rows| {
            let mut done = 0_u32;
            for (at, value) in rows.sealed_otherwise(current, limit)? {
                if let Some(value) = rewrap(&at, &value)? {
                    rows.put_sealed(&at, &value)?;
                    done = done.saturating_add(1);
                }
            }
            Ok(done)
        })
    }

    fn key_ids(&self) -> Result<Vec<[u8; 8]>, StoreError> {
        read(self, |rows| rows.key_ids())
    }

    fn purge(&self) -> Result<(), StoreError> {
        Engine::purge(self)
    }

    fn ready(&self) -> Result<(), StoreError> {
        write(self, |rows| rows.put_meta("ready", b""))
    }
}

/// The record of an answer that is given again.
fn given_again(launch: LaunchId, request: Sha256, answer: &StoredAnswer) -> Record {
    // The one answer with a packet has its header.
    let packet = answer.body.windows(15).any(|window| window == b"\"secret-header\"");
    let facts = Map::from_iter([
        ("request".to_owned(), Value::from(request.to_string())),
        ("released-again".to_owned(), packet.into()),
    ]);
    Record { action: "replay", launch: Some(launch), refused: None, facts }
}

/// The answer could not be made: the transaction is undone.
fn unanswered(problem: Problem) -> StoreError {
    StoreError::Unavailable(format!("the answer could not be made: {problem}"))
}

fn token_facts(view: &TokenView) -> Map<String, Value> {
    let scopes: Vec<Value> = view.scopes.iter().map(|scope| scope.name().into()).collect();
    Map::from_iter([
        ("id".to_owned(), Value::from(view.id.clone())),
        ("scopes".to_owned(), scopes.into()),
        ("expires".to_owned(), view.expires.to_string().into()),
    ])
}

/// The answer that a request was given, or that its key was used with another request.
fn given(
    rows: &mut dyn Rows,
    caller: &Caller,
    vmid: VmId,
    to: AnswerTo,
    request: Sha256,
) -> Outcome<Option<StoredAnswer>> {
    Ok(match rows.answer(&caller.tenant, vmid, to, caller.now)? {
        Some((first, answer)) if first == request => Ok(Some(answer)),
        Some(_) => Err(Code::IdempotencyMismatch.into()),
        None => Ok(None),
    })
}
