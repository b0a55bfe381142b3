//! Rows of SQLite: statements, and how columns become values.

use rusqlite::types::Type;
use rusqlite::{OptionalExtension as _, Row, Transaction, params};
use sev_launch_protocol::audit::Head;
use sev_launch_protocol::registration::Scheme;
use sev_launch_protocol::text::{LaunchId, Sha256, Time, VmId};
use sev_launch_protocol::views::{SignedCheckpoint, TokenView};

use super::super::rows::AnswerTo;
use super::super::{
    FirmwareRow, LaunchRow, Material, Rows, SealedAt, StoreError, StoredAnswer, TokenRow, VmRow,
};

/// The rows of an open transaction.
pub(super) struct Open<'a>(pub(super) &'a Transaction<'a>);

/// An error of SQLite, as the store tells it.
fn told(error: rusqlite::Error) -> StoreError {
    match error {
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::InvalidColumnType(..) => StoreError::Corrupt(error.to_string()),
        other => StoreError::Unavailable(other.to_string()),
    }
}

fn wrong(column: usize, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Blob, Box::new(error))
}

fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|error| wrong(column, error))
}

/// A number as SQLite keeps it: none that the service counts comes near its end.
fn kept(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Time> {
    number(row, column).map(Time::from_millis)
}

fn vmid(row: &Row<'_>, column: usize) -> rusqlite::Result<VmId> {
    VmId::from_bytes(row.get(column)?).map_err(|error| wrong(column, error))
}

fn launch_id(row: &Row<'_>, column: usize) -> rusqlite::Result<LaunchId> {
    LaunchId::from_bytes(row.get(column)?).map_err(|error| wrong(column, error))
}

fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_bytes().map_err(|error| wrong(column, error))?;
    serde_json::from_slice(text).map_err(|error| wrong(column, error))
}

const VM: &str = "tenant, vmid, version, guest, registration, identity, scheme, candidates, table_bytes, created, changed, deleted";

fn vm(row: &Row<'_>) -> rusqlite::Result<VmRow> {
    let scheme: String = row.get(6)?;
    let scheme = Scheme::ALL.into_iter().find(|known| known.name() == scheme);
    Ok(VmRow {
        tenant: row.get(0)?,
        vmid: vmid(row, 1)?,
        version: number(row, 2)?,
        guest: json(row, 3)?,
        registration: row.get(4)?,
        identity: row.get(5)?,
        scheme: scheme.ok_or(rusqlite::Error::InvalidColumnType(6, "scheme".into(), Type::Text))?,
        candidates: number(row, 7)?,
        table_bytes: number(row, 8)?,
        created: time(row, 9)?,
        changed: time(row, 10)?,
        deleted: row.get(11)?,
    })
}

fn answer_key(to: AnswerTo) -> (i64, Vec<u8>) {
    match to {
        AnswerTo::Launch(key) => (1, key.to_vec()),
        AnswerTo::Validate(launch) => (2, launch.as_bytes().to_vec()),
    }
}

impl Open<'_> {
    fn one<T>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        let mut statement = self.0.prepare_cached(sql).map_err(told)?;
        statement.query_row(values, read).optional().map_err(told)
    }

    fn all<T>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.0.prepare_cached(sql).map_err(told)?;
        let rows = statement.query_map(values, read).map_err(told)?;
        rows.collect::<rusqlite::Result<_>>().map_err(told)
    }

    fn run(&self, sql: &str, values: impl rusqlite::Params) -> Result<usize, StoreError> {
        self.0.prepare_cached(sql).map_err(told)?.execute(values).map_err(told)
    }
}

fn written<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}

impl Rows for Open<'_> {
    fn vm(&mut self, tenant: &str, name: VmId) -> Result<Option<VmRow>, StoreError> {
        let sql = select_vm("WHERE tenant = ?1 AND vmid = ?2");
        self.one(&sql, params![tenant, name.as_bytes()], vm)
    }

    fn vms(
        &mut self,
        tenant: &str,
        after: Option<VmId>,
        limit: u32,
    ) -> Result<Vec<VmRow>, StoreError> {
        let sql =
            select_vm("WHERE tenant = ?1 AND vmid > ?2 AND NOT deleted ORDER BY vmid LIMIT ?3");
        let after = after.map(|vmid| vmid.as_bytes().to_vec()).unwrap_or_default();
        self.all(&sql, params![tenant, after, limit], vm)
    }

    fn insert_vm(&mut self, row: &VmRow) -> Result<bool, StoreError> {
        let changed = self.run(
            "INSERT INTO vm (tenant, vmid, version, guest, registration, identity, scheme, candidates, table_bytes, created, changed, next_expiry, deleted)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT DO NOTHING",
            params![
                row.tenant,
                row.vmid.as_bytes(),
                kept(row.version),
                written(&row.guest)?,
                row.registration,
                row.identity,
                row.scheme.name(),
                kept(row.candidates),
                kept(row.table_bytes),
                kept(row.created.millis()),
                kept(row.changed.millis()),
                row.guest.next_expiry().map(|time| kept(time.millis())),
                row.deleted,
            ],
        )?;
        Ok(changed == 1)
    }

    fn update_vm(&mut self, row: &VmRow) -> Result<bool, StoreError> {
        let changed = self.run(
            "UPDATE vm SET version = ?3, guest = ?4, registration = ?5, identity = ?6, scheme = ?7, candidates = ?8, table_bytes = ?9,
                 changed = ?10, next_expiry = ?11, deleted = ?12
             WHERE tenant = ?1 AND vmid = ?2 AND version = ?13",
            params![
                row.tenant,
                row.vmid.as_bytes(),
                kept(row.version),
                written(&row.guest)?,
                row.registration,
                row.identity,
                row.scheme.name(),
                kept(row.candidates),
                kept(row.table_bytes),
                kept(row.changed.millis()),
                row.guest.next_expiry().filter(|_| !row.deleted).map(|time| kept(time.millis())),
                row.deleted,
                kept(row.version.saturating_sub(1)),
            ],
        )?;
        Ok(changed == 1)
    }

    fn due(&mut self, now: Time, limit: u32) -> Result<Vec<(String, VmId)>, StoreError> {
        self.all(
            "SELECT tenant, vmid FROM vm WHERE next_expiry <= ?1 ORDER BY next_expiry LIMIT ?2",
            params![kept(now.millis()), limit],
            |row| Ok((row.get(0)?, vmid(row, 1)?)),
        )
    }

    fn material(&mut self, tenant: &str, name: VmId) -> Result<Option<Material>, StoreError> {
        self.one(
            "SELECT candidates, sealed, registration FROM material WHERE tenant = ?1 AND vmid = ?2",
            params![tenant, name.as_bytes()],
            |row| {
                Ok(Material {
                    candidates: row.get(0)?,
                    secrets: row.get(1)?,
                    registration: number(row, 2)?,
                })
            },
        )
    }

    fn put_material(
        &mut self,
        tenant: &str,
        name: VmId,
        material: &Material,
    ) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO material (tenant, vmid, registration, candidates, sealed) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (tenant, vmid) DO UPDATE SET registration = ?3, candidates = ?4, sealed = ?5",
            params![tenant, name.as_bytes(), kept(material.registration), material.candidates, material.secrets],
        )
        .map(drop)
    }

    fn drop_material(&mut self, tenant: &str, name: VmId) -> Result<(), StoreError> {
        self.run(
            "DELETE FROM material WHERE tenant = ?1 AND vmid = ?2",
            params![tenant, name.as_bytes()],
        )
        .map(drop)
    }

    fn launch(
        &mut self,
        tenant: &str,
        name: VmId,
        launch: LaunchId,
    ) -> Result<Option<LaunchRow>, StoreError> {
        self.one(
            "SELECT sealed, nonce, actor_kind, actor_id, platform, registration FROM launch WHERE tenant = ?1 AND vmid = ?2 AND launch = ?3",
            params![tenant, name.as_bytes(), launch.as_bytes()],
            |row| {
                Ok(LaunchRow {
                    keys: row.get(0)?,
                    nonce: row.get(1)?,
                    actor: (row.get(2)?, row.get(3)?),
                    platform: row.get(4)?,
                    registration: number(row, 5)?,
                })
            },
        )
    }

    fn insert_launch(
        &mut self,
        tenant: &str,
        name: VmId,
        launch: LaunchId,
        row: &LaunchRow,
    ) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO launch (tenant, vmid, launch, sealed, nonce, actor_kind, actor_id, platform, registration)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                tenant,
                name.as_bytes(),
                launch.as_bytes(),
                row.keys,
                row.nonce,
                row.actor.0,
                row.actor.1,
                row.platform,
                kept(row.registration),
            ],
        )
        .map(drop)
    }

    fn drop_keys(&mut self, tenant: &str, name: VmId, launch: LaunchId) -> Result<(), StoreError> {
        self.run(
            "UPDATE launch SET sealed = NULL WHERE tenant = ?1 AND vmid = ?2 AND launch = ?3",
            params![tenant, name.as_bytes(), launch.as_bytes()],
        )
        .map(drop)
    }

    fn drop_launch(
        &mut self,
        tenant: &str,
        name: VmId,
        launch: LaunchId,
    ) -> Result<(), StoreError> {
        let (kind, key) = answer_key(AnswerTo::Validate(launch));
        self.run(
            "DELETE FROM answer WHERE tenant = ?1 AND vmid = ?2 AND kind = ?3 AND name = ?4",
            params![tenant, name.as_bytes(), kind, key],
        )?;
        self.run(
            "DELETE FROM launch WHERE tenant = ?1 AND vmid = ?2 AND launch = ?3",
            params![tenant, name.as_bytes(), launch.as_bytes()],
        )
        .map(drop)
    }

    fn drop_launches(&mut self, tenant: &str, name: VmId) -> Result<(), StoreError> {
        self.run(
            "DELETE FROM answer WHERE tenant = ?1 AND vmid = ?2",
            params![tenant, name.as_bytes()],
        )?;
        self.run(
            "DELETE FROM launch WHERE tenant = ?1 AND vmid = ?2",
            params![tenant, name.as_bytes()],
        )
        .map(drop)
    }

    fn answer(
        &mut self,
        tenant: &str,
        name: VmId,
        to: AnswerTo,
        now: Time,
    ) -> Result<Option<(Sha256, StoredAnswer)>, StoreError> {
        let (kind, key) = answer_key(to);
        self.one(
            "SELECT request, status, body FROM answer WHERE tenant = ?1 AND vmid = ?2 AND kind = ?3 AND name = ?4 AND until > ?5",
            params![tenant, name.as_bytes(), kind, key, kept(now.millis())],
            |row| {
                let answer = StoredAnswer { status: row.get(1)?, body: row.get(2)?, replayed: true };
                Ok((Sha256(row.get(0)?), answer))
            },
        )
    }

    fn put_answer(
        &mut self,
        tenant: &str,
        name: VmId,
        to: AnswerTo,
        request: Sha256,
        answer: &StoredAnswer,
        until: Time,
    ) -> Result<(), StoreError> {
        let (kind, key) = answer_key(to);
        self.run(
            "INSERT INTO answer (tenant, vmid, kind, name, request, status, body, until) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (tenant, vmid, kind, name) DO UPDATE SET request = ?5, status = ?6, body = ?7, until = ?8",
            params![tenant, name.as_bytes(), kind, key, request.0, answer.status, answer.body, kept(until.millis())],
        )
        .map(drop)
    }

    fn drop_answers_of(&mut self, tenant: &str, name: VmId) -> Result<(), StoreError> {
        self.run(
            "DELETE FROM answer WHERE tenant = ?1 AND vmid = ?2",
            params![tenant, name.as_bytes()],
        )
        .map(drop)
    }

    fn drop_answers(&mut self, now: Time) -> Result<(), StoreError> {
        self.run("DELETE FROM answer WHERE until <= ?1", params![kept(now.millis())]).map(drop)
    }

    fn firmware(
        &mut self,
        tenant: &str,
        sha256: Sha256,
    ) -> Result<Option<FirmwareRow>, StoreError> {
        let sql = "SELECT sha256, entry, image IS NOT NULL, created FROM firmware WHERE tenant = ?1 AND sha256 = ?2";
        self.one(sql, params![tenant, sha256.0], firmware)
    }

    fn firmwares(&mut self, tenant: &str) -> Result<Vec<FirmwareRow>, StoreError> {
        let sql = "SELECT sha256, entry, image IS NOT NULL, created FROM firmware WHERE tenant = ?1 ORDER BY sha256";
        self.all(sql, params![tenant], firmware)
    }

    fn put_firmware(&mut self, tenant: &str, row: &FirmwareRow) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO firmware (tenant, sha256, entry, image, created) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (tenant, sha256) DO UPDATE SET image = coalesce(?4, image)",
            params![tenant, row.sha256.0, row.entry, row.image, kept(row.created.millis())],
        )
        .map(drop)
    }

    fn remove_firmware(&mut self, tenant: &str, sha256: Sha256) -> Result<bool, StoreError> {
        let removed = self.run(
            "DELETE FROM firmware WHERE tenant = ?1 AND sha256 = ?2",
            params![tenant, sha256.0],
        )?;
        Ok(removed == 1)
    }

    fn token(&mut self, id: &str) -> Result<Option<TokenRow>, StoreError> {
        self.one("SELECT view, hash FROM token WHERE id = ?1", params![id], |row| {
            Ok(TokenRow { view: json(row, 0)?, hash: row.get(1)? })
        })
    }

    fn tokens(&mut self, tenant: &str) -> Result<Vec<TokenView>, StoreError> {
        self.all("SELECT view FROM token WHERE tenant = ?1 ORDER BY id", params![tenant], |row| {
            json(row, 0)
        })
    }

    fn insert_token(&mut self, row: &TokenRow) -> Result<(), StoreError> {
        let vmid = row.view.vmid.map(|vmid| *vmid.as_bytes());
        self.run(
            "INSERT INTO token (id, tenant, vmid, hash, view) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![row.view.id, row.view.tenant, vmid, row.hash, written(&row.view)?],
        )
        .map(drop)
    }

    fn remove_token(&mut self, tenant: &str, id: &str) -> Result<bool, StoreError> {
        Ok(self.run("DELETE FROM token WHERE tenant = ?1 AND id = ?2", params![tenant, id])? == 1)
    }

    fn remove_tokens_of(&mut self, tenant: &str, name: VmId) -> Result<(), StoreError> {
        self.run(
            "DELETE FROM token WHERE tenant = ?1 AND vmid = ?2",
            params![tenant, name.as_bytes()],
        )
        .map(drop)
    }

    fn head(&mut self, tenant: &str) -> Result<Head, StoreError> {
        let sql = "SELECT seq, hash FROM audit WHERE tenant = ?1 ORDER BY seq DESC LIMIT 1";
        let head = self.one(sql, params![tenant], |row| {
            Ok(Head { seq: number(row, 0)?, hash: row.get(1)? })
        })?;
        Ok(head.unwrap_or(Head::EMPTY))
    }

    fn append(&mut self, tenant: &str, head: Head, line: &str) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO audit (tenant, seq, hash, line) VALUES (?1, ?2, ?3, ?4)",
            params![tenant, kept(head.seq), head.hash, line],
        )
        .map(drop)
    }

    fn audit(
        &mut self,
        tenant: &str,
        after: u64,
        limit: u32,
    ) -> Result<Vec<(u64, String)>, StoreError> {
        self.all(
            "SELECT seq, line FROM audit WHERE tenant = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
            params![tenant, kept(after), limit],
            |row| Ok((number(row, 0)?, row.get(1)?)),
        )
    }

    fn tenants(&mut self) -> Result<Vec<String>, StoreError> {
        // From one tenant to the next by the index: an audit is long, and its tenants are few.
        let sql = "WITH RECURSIVE each(tenant) AS (
                SELECT min(tenant) FROM audit
                UNION ALL
                SELECT (SELECT min(tenant) FROM audit WHERE audit.tenant > each.tenant)
                FROM each WHERE tenant IS NOT NULL)
            SELECT tenant FROM each WHERE tenant IS NOT NULL ORDER BY tenant";
        self.all(sql, [], |row| row.get(0))
    }

    fn checkpoints(
        &mut self,
        tenant: &str,
        limit: u32,
    ) -> Result<Vec<SignedCheckpoint>, StoreError> {
        let sql = "SELECT signed FROM checkpoint WHERE tenant = ?1 ORDER BY seq DESC LIMIT ?2";
        let mut found = self.all(sql, params![tenant, limit], |row| json(row, 0))?;
        found.reverse();
        Ok(found)
    }

    fn insert_checkpoint(&mut self, checkpoint: &SignedCheckpoint) -> Result<(), StoreError> {
        let point = &checkpoint.checkpoint;
        self.run(
            "INSERT INTO checkpoint (tenant, seq, signed) VALUES (?1, ?2, ?3)",
            params![point.tenant, kept(point.seq), written(checkpoint)?],
        )
        .map(drop)
    }

    fn meta(&mut self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.one("SELECT value FROM meta WHERE name = ?1", params![name], |row| row.get(0))
    }

    fn put_meta(&mut self, name: &str, value: &[u8]) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2",
            params![name, value],
        )
        .map(drop)
    }

    fn sealed_otherwise(
        &mut self,
        current: &[u8; 8],
        limit: u32,
    ) -> Result<Vec<(SealedAt, Vec<u8>)>, StoreError> {
        // Byte 0 of an envelope is its form, bytes 1 to 8 the key's id (`crate::seal`).
        let mut found = self.all(
            "SELECT tenant, vmid, registration, sealed FROM material WHERE sealed IS NOT NULL AND substr(sealed, 2, 8) <> ?1 LIMIT ?2",
            params![current, limit],
            |row| {
                let at = SealedAt::Secrets { tenant: row.get(0)?, vmid: vmid(row, 1)?, registration: number(row, 2)? };
                Ok((at, row.get(3)?))
            },
        )?;
        found.extend(self.all(
            "SELECT tenant, vmid, launch, sealed FROM launch WHERE sealed IS NOT NULL AND substr(sealed, 2, 8) <> ?1 LIMIT ?2",
            params![current, limit],
            |row| {
                let at = SealedAt::Keys { tenant: row.get(0)?, vmid: vmid(row, 1)?, launch: launch_id(row, 2)? };
                Ok((at, row.get(3)?))
            },
        )?);
        found.extend(self.all(
            "SELECT name, value FROM meta WHERE name GLOB 'sealed-*' AND substr(value, 2, 8) <> ?1 LIMIT ?2",
            params![current, limit],
            |row| Ok((SealedAt::Meta(row.get(0)?), row.get(1)?)),
        )?);
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
    }

    fn put_sealed(&mut self, at: &SealedAt, value: &[u8]) -> Result<(), StoreError> {
        match at {
            SealedAt::Secrets { tenant, vmid, registration } => self.run(
                "UPDATE material SET sealed = ?4 WHERE tenant = ?1 AND vmid = ?2 AND registration = ?3",
                params![tenant, vmid.as_bytes(), kept(*registration), value],
            ),
            SealedAt::Keys { tenant, vmid, launch } => self.run(
                "UPDATE launch SET sealed = ?4 WHERE tenant = ?1 AND vmid = ?2 AND launch = ?3 AND sealed IS NOT NULL",
                params![tenant, vmid.as_bytes(), launch.as_bytes(), value],
            ),
            SealedAt::Meta(name) => self.run("UPDATE meta SET value = ?2 WHERE name = ?1", params![name, value]),
        }
        .map(drop)
    }

    fn key_ids(&mut self) -> Result<Vec<[u8; 8]>, StoreError> {
        self.all(
            "SELECT substr(sealed, 2, 8) FROM material WHERE sealed IS NOT NULL
             UNION SELECT substr(sealed, 2, 8) FROM launch WHERE sealed IS NOT NULL
             UNION SELECT substr(value, 2, 8) FROM meta WHERE name GLOB 'sealed-*'",
            [],
            |row| row.get(0),
        )
    }
}

fn firmware(row: &Row<'_>) -> rusqlite::Result<FirmwareRow> {
    Ok(FirmwareRow {
        sha256: Sha256(row.get(0)?),
        entry: row.get(1)?,
        image: None,
        image_kept: row.get(2)?,
        created: time(row, 3)?,
    })
}

fn select_vm(condition: &str) -> String {
    format!("SELECT {VM} FROM vm {condition}")
}
