//! Holds the store against what clients were told, and against its own audit.
//!
//! The audit is replayed from its first record by the protocol's own verifier. Everything is read from the database in one transaction
//! beside the running service, which nobody asks anything meanwhile.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use rusqlite::{Connection, OpenFlags, Row, Transaction};
use serde_json::Value;
use sev_launch_protocol::audit::{Chain, Head, verify_checkpoint};
use sev_launch_protocol::views::CheckpointList;

use super::audited::{Audited, Guest as AuditedGuest};
use super::client::Tokens;
use super::ledger::{Guest, Known, Ledger};
use crate::served::{Client, Request, Server};

/// The tenant of all that clients do here.
const TENANT: &str = "default";

/// Follows one store.
pub(super) struct Checker {
    chain: Chain,
    head: Head,
    pub(super) audited: Audited,
}

/// Names in a table.
type Names = BTreeSet<String>;

impl Checker {
    pub(super) fn new() -> Self {
        Self { chain: Chain::after(Head::EMPTY), head: Head::EMPTY, audited: Audited::default() }
    }

    /// Takes what the audit has more than before, and holds the store against it.
    pub(super) fn follow(&mut self, database: &Path) -> Result<()> {
        let mut connection = open(database)?;
        let sound: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
        ensure!(sound == "ok", "PRAGMA integrity_check: {sound}");
        let read = connection.transaction()?;
        self.replay(&read)?;
        self.keys(&read)?;
        self.rows(&read)
    }

    /// Is everything as clients were told, and nothing half done? `settled` is whether every request was answered.
    pub(super) fn check(
        &mut self,
        database: &Path,
        ledgers: &[Ledger],
        settled: bool,
    ) -> Result<()> {
        self.follow(database)?;
        let mut connection = open(database)?;
        let read = connection.transaction()?;
        let mut known = BTreeSet::new();
        for ledger in ledgers {
            for (id, guest) in &ledger.guests {
                known.insert(id.as_str());
                let found = self.audited.guests.get(id);
                agrees(guest, found, settled).with_context(|| format!("guest {id}: {guest:?}"))?;
                if let Some(found) = found {
                    patched(&read, id, guest, found)?;
                }
            }
            self.catalogue(ledger)?;
        }
        let strange = self.audited.guests.keys().find(|id| !known.contains(id.as_str()));
        if let Some(id) = strange {
            bail!("guest {id} is in the audit, and nobody registered it");
        }
        let sent: u64 = ledgers.iter().map(|ledger| ledger.tokens_sent).sum();
        // Three were made before the service started.
        let made = self.audited.tokens_ever.saturating_sub(3);
        ensure!(made <= sent, "{made} tokens were made by {sent} requests");
        Ok(())
    }

    /// Takes the records after those that are known, which must still be there.
    fn replay(&mut self, read: &Transaction<'_>) -> Result<()> {
        if self.head.seq > 0 {
            let sql = "SELECT hash FROM audit WHERE tenant = ?1 AND seq = ?2";
            let seq = i64::try_from(self.head.seq)?;
            let found: [u8; 32] = read
                .query_row(sql, (TENANT, seq), |row| row.get(0))
                .with_context(|| format!("record {seq} was there and is not"))?;
            ensure!(found == self.head.hash, "record {seq} was another one");
        }
        let sql = "SELECT line FROM audit WHERE tenant = ?1 AND seq > ?2 ORDER BY seq";
        let mut statement = read.prepare(sql)?;
        let mut rows = statement.query((TENANT, i64::try_from(self.head.seq)?))?;
        while let Some(row) = rows.next()? {
            let line: String = row.get(0)?;
            let record = self.chain.verify(&line)?;
            self.audited.take(&record)?;
        }
        self.head = self.chain.end()?;
        Ok(())
    }

    /// The launches with keys are those that are live by the audit.
    fn keys(&self, read: &Transaction<'_>) -> Result<()> {
        let sql = "SELECT vmid, launch FROM launch WHERE sealed IS NOT NULL";
        let kept = names(read, sql, |row| Ok(uuid(row.get(0)?) + "/" + &uuid(row.get(1)?)))?;
        let live = self.audited.guests.iter().flat_map(|(id, guest)| {
            let live = guest.launches.iter().filter(|(_, launch)| !launch.is_over);
            live.map(move |(launch, _)| format!("{id}/{launch}"))
        });
        let live: Names = live.collect();
        let over: Vec<_> = kept.difference(&live).collect();
        ensure!(over.is_empty(), "keys of launches that are over: {over:?}");
        let lost: Vec<_> = live.difference(&kept).collect();
        ensure!(lost.is_empty(), "live launches whose keys are gone: {lost:?}");
        Ok(())
    }

    /// The rows of guests, images and tokens are those of the audit; of a guest that was deleted nothing is left but its name.
    fn rows(&self, read: &Transaction<'_>) -> Result<()> {
        let one = |row: &Row<'_>| row.get(0).map(uuid);
        let of = |deleted: bool| -> Names {
            let guests =
                self.audited.guests.iter().filter(|(_, guest)| guest.is_deleted == deleted);
            guests.map(|(id, _)| id.clone()).collect()
        };
        let hex = |row: &Row<'_>| row.get(0).map(|bytes: Vec<u8>| hex::encode(bytes));
        let tokens = names(read, "SELECT id FROM token", |row| row.get(0))?;
        let pairs = [
            ("guests", names(read, "SELECT vmid FROM vm WHERE NOT deleted", one)?, of(false)),
            ("deleted guests", names(read, "SELECT vmid FROM vm WHERE deleted", one)?, of(true)),
            (
                "secrets",
                names(read, "SELECT vmid FROM material WHERE sealed IS NOT NULL", one)?,
                of(false),
            ),
            (
                "images",
                names(read, "SELECT sha256 FROM firmware", hex)?,
                self.audited.images.clone(),
            ),
            ("tokens", tokens, self.audited.tokens.clone()),
        ];
        for (what, kept, audited) in pairs {
            let differs: Vec<_> = kept.symmetric_difference(&audited).take(3).collect();
            ensure!(differs.is_empty(), "{what}: kept or in the audit, and not both: {differs:?}");
        }
        let gone = of(true);
        for table in ["launch", "answer"] {
            let kept = names(read, &format!("SELECT DISTINCT vmid FROM {table}"), one)?;
            let left: Vec<_> = kept.intersection(&gone).collect();
            ensure!(left.is_empty(), "{table}: rows of deleted guests: {left:?}");
        }
        Ok(())
    }

    fn catalogue(&self, ledger: &Ledger) -> Result<()> {
        for (image, (uploaded, removed)) in &ledger.images {
            let (is, was) =
                (self.audited.images.contains(image), self.audited.images_ever.contains(image));
            ensure!(*uploaded < Known::Told || was, "image {image} was taken and is not there");
            ensure!(*removed < Known::Told || !is, "image {image} was taken out and is there");
            ensure!(
                *removed > Known::Never || is == was,
                "image {image} was taken out, and nobody asked"
            );
        }
        for (token, revoked) in &ledger.tokens {
            let is = self.audited.tokens.contains(token);
            let fits = match revoked {
                Known::Never => is,
                Known::Asked => true,
                Known::Told => !is,
            };
            ensure!(fits, "token {token}: revoked {revoked:?}, and kept: {is}");
        }
        Ok(())
    }

    /// The whole audit once more, as its auditor reads it: from the first record, and with the service's checkpoints.
    pub(super) fn audit_over_http(&self, server: &Server, tokens: &Tokens) -> Result<u64> {
        let mut client = Client::default();
        let mut read = |path: String| -> Result<Value> {
            let answer = client.ask(server.service, &Request::new("GET", path, &tokens.auditor))?;
            ensure!(answer.status == 200, "{}", answer.told());
            Ok(answer.json())
        };
        let points = read("/audit/checkpoints".into())?;
        let signed: CheckpointList = serde_json::from_value(points)?;
        for one in &signed.items {
            verify_checkpoint(&signed.key, one)?;
        }
        let points: Vec<_> = signed.items.into_iter().map(|one| one.checkpoint).collect();
        ensure!(!points.is_empty(), "no checkpoint was signed");
        let mut chain = Chain::after(Head::EMPTY).with_checkpoints(points);
        let mut after = 0;
        loop {
            let page = read(format!("/audit?limit=1000&after={after}"))?;
            for line in page.get("lines").and_then(Value::as_array).context("no lines")? {
                chain.verify(line.as_str().unwrap_or_default())?;
            }
            match page.get("next").and_then(Value::as_u64) {
                Some(next) => after = next,
                None => break,
            }
        }
        let end = chain.end()?;
        ensure!(end == self.head, "the audit over HTTP ends elsewhere than in the database");
        Ok(end.seq)
    }
}

/// Beside the service, and to read alone.
fn open(database: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// A copy of the database as it is at one moment, in a new file.
pub(super) fn copy(database: &Path, to: &Path) -> Result<()> {
    let connection = Connection::open(database)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.execute("VACUUM INTO ?1", [to.display().to_string()])?;
    Ok(())
}

/// Empties the write-ahead log, so that whatever is written next needs new room.
pub(super) fn empty_log(database: &Path) -> Result<()> {
    let connection = Connection::open(database)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    let busy: i64 =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    ensure!(busy == 0, "the write-ahead log is in use");
    Ok(())
}

/// Is what the audit says of a guest what its client was told?
fn agrees(told: &Guest, found: Option<&AuditedGuest>, settled: bool) -> Result<()> {
    let Some(found) = found else {
        ensure!(told.registered < Known::Told, "it was registered, and no record says so");
        return Ok(());
    };
    same("deleted", told.deleted, found.is_deleted)?;
    // Each sending of one patches anew.
    ensure!(told.patches_told <= found.patches, "{} patches in the audit", found.patches);
    let (again, audited) = (told.replays_told, found.replays);
    ensure!(
        again <= audited,
        "{again} packets were given once more, and {audited} are in the audit"
    );
    let begun = u64::try_from(found.launches.len())?;
    let most = told.keyed_asked + told.unkeyed_sent;
    ensure!(begun <= most, "{begun} launches by {most} requests: one of them began two");
    if settled {
        // Each launch with a key was told of; of the others, those whose answer was not lost.
        let lost = found.launches.keys().filter(|id| !told.launches.contains_key(*id)).count();
        ensure!(
            u64::try_from(lost)? <= told.unkeyed_sent,
            "{lost} launches that nobody was told of"
        );
    }
    for (id, told) in &told.launches {
        let found = found
            .launches
            .get(id)
            .with_context(|| format!("launch {id} was begun, and no record says so"))?;
        let checked = [
            ("released", told.released, found.is_released),
            ("acknowledged", told.acknowledged, found.is_acknowledged),
            ("approved", told.approved, found.is_approved),
        ];
        for (what, told, found) in checked {
            same(what, told, found).with_context(|| format!("launch {id}"))?;
        }
        ensure!(
            told.revoked < Known::Told || found.is_over,
            "launch {id} was revoked and is not over"
        );
        ensure!(!found.is_revoked || !found.is_released, "launch {id} was revoked and released");
        ensure!(
            (told.wrong_told..=told.wrong_sent).contains(&found.wrong),
            "launch {id}: {} wrong measurements in the audit, {} told of, {} sent",
            found.wrong,
            told.wrong_told,
            told.wrong_sent
        );
    }
    Ok(())
}

/// What was told is; what nobody asked for is not.
fn same(what: &str, told: Known, found: bool) -> Result<()> {
    match (told, found) {
        (Known::Told, false) => bail!("{what}, as its client was told, and no record says so"),
        (Known::Never, true) => bail!("{what} by the audit, and nobody asked for it"),
        _ => Ok(()),
    }
}

/// Its labels are those of the last patch that was told, or of one that was asked for since.
fn patched(read: &Transaction<'_>, id: &str, told: &Guest, found: &AuditedGuest) -> Result<()> {
    if found.is_deleted {
        return Ok(());
    }
    let sql = "SELECT registration FROM vm WHERE tenant = ?1 AND vmid = ?2";
    let name = hex::decode(id.replace('-', "")).map_err(anyhow::Error::msg)?;
    let text: String = read.query_row(sql, (TENANT, name), |row| row.get(0))?;
    let kept: Value = serde_json::from_str(&text)?;
    let step = kept.pointer("/labels/step").and_then(Value::as_str);
    let step: u64 = step.unwrap_or_default().parse().context("no label")?;
    let fits = (told.patches_told..=told.patches_asked).contains(&step);
    ensure!(fits, "guest {id}: patch {step} is kept, and {} was told", told.patches_told);
    Ok(())
}

fn names(
    read: &Transaction<'_>,
    sql: &str,
    name: impl FnMut(&Row<'_>) -> rusqlite::Result<String>,
) -> Result<Names> {
    let mut statement = read.prepare(sql)?;
    let names = statement.query_map([], name)?.collect::<rusqlite::Result<_>>()?;
    Ok(names)
}

/// A UUID of 16 bytes, as text.
fn uuid(bytes: [u8; 16]) -> String {
    let text = hex::encode(bytes);
    let cuts = [0..8, 8..12, 12..16, 16..20, 20..32];
    cuts.map(|cut| text.get(cut).unwrap_or_default().to_owned()).join("-")
}

#[cfg(test)]
mod tests {
    use super::super::ledger::Launch;
    use super::*;

    #[test]
    fn what_was_told_must_be_there_and_nothing_beside_what_was_asked() {
        use super::super::audited::Launch as Found;
        let launch = Launch { released: Known::Told, ..Launch::default() };
        let mut told = Guest { registered: Known::Told, keyed_asked: 1, ..Guest::default() };
        told.launches.insert("a".into(), launch);
        let mut found = AuditedGuest::default();
        assert!(agrees(&told, None, false).is_err(), "a guest is lost");
        assert!(agrees(&told, Some(&found), false).is_err(), "a launch is lost");
        let begun = Found { is_over: true, ..Found::default() };
        found.launches.insert("a".into(), begun.clone());
        assert!(agrees(&told, Some(&found), false).is_err(), "a release is lost");
        let released = Found { is_released: true, ..begun.clone() };
        found.launches.insert("a".into(), released);
        agrees(&told, Some(&found), true).unwrap();
        found.launches.insert("b".into(), begun);
        assert!(agrees(&told, Some(&found), false).is_err(), "one request began two launches");
        told.keyed_asked = 2;
        agrees(&told, Some(&found), false).unwrap();
        assert!(agrees(&told, Some(&found), true).is_err(), "nobody was told of the second");
        found.is_deleted = true;
        assert!(agrees(&told, Some(&found), false).is_err(), "nobody deleted it");
    }
}
