//! The audit of a tenant: lines of JSON, each with the digest of the line before it, so that no line can be changed, dropped or put
//! between others without all that follow.
//!
//! `hash` is the SHA-256 of the canonical form ([`crate::canonical`]) of the record without `hash`; `prev` is the hash of the record
//! before, 32 zeros for the first. What was cut off at the end is shown by a [`Checkpoint`] alone.

mod signature;
mod summary;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256 as Sha2};

use crate::canonical;
use crate::problem::Code;
use crate::state::Record;
use crate::text::{RequestId, Sha256, Time, VmId};

pub use self::signature::{SignatureError, verify_checkpoint};
pub use self::summary::Summary;

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// How it proved who it is: `token`, `certificate`, `anonymous` or `service`.
    pub kind: &'static str,
    /// Its name: a token's id or a certificate's principal.
    pub id: String,
    /// Its address; `None` for the service itself.
    pub address: Option<String>,
}

impl Actor {
    /// The service itself, for what time alone does.
    #[must_use]
    pub fn service() -> Self {
        Self { kind: "service", id: "service".into(), address: None }
    }
}

/// Where and when a record belongs.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// The time.
    pub time: Time,
    /// The tenant.
    pub tenant: &'a str,
    /// The request.
    pub request: RequestId,
    /// Who.
    pub actor: &'a Actor,
    /// Which guest.
    pub vmid: Option<VmId>,
}

/// Where a chain ends: the number of its last record, and its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The number of the last record; 0 if there is none.
    pub seq: u64,
    /// Its hash.
    pub hash: [u8; 32],
}

impl Head {
    /// Of a chain without a record.
    pub const EMPTY: Self = Self { seq: 0, hash: [0; 32] };

    /// The line of the next record, without a line's end, and the head after it.
    #[must_use]
    pub fn append(self, context: &Context<'_>, record: &Record) -> (String, Self) {
        let mut members = Map::new();
        let seq = self.seq.saturating_add(1);
        members.insert("seq".into(), seq.into());
        members.insert("time".into(), context.time.to_string().into());
        members.insert("tenant".into(), context.tenant.into());
        members.insert("request-id".into(), context.request.to_string().into());
        let mut actor = Map::new();
        actor.insert("kind".into(), context.actor.kind.into());
        actor.insert("id".into(), context.actor.id.clone().into());
        if let Some(address) = &context.actor.address {
            actor.insert("address".into(), address.clone().into());
        }
        members.insert("actor".into(), actor.into());
        members.insert("action".into(), record.action.into());
        if let Some(vmid) = context.vmid {
            members.insert("vmid".into(), vmid.to_string().into());
        }
        if let Some(launch) = record.launch {
            members.insert("launch-id".into(), launch.to_string().into());
        }
        members.insert(
            "outcome".into(),
            if record.refused.is_some() { "refused" } else { "done" }.into(),
        );
        if let Some(code) = record.refused {
            members.insert("reason".into(), code.name().into());
        }
        if !record.facts.is_empty() {
            members.insert("facts".into(), Value::Object(record.facts.clone()));
        }
        members.insert("prev".into(), hex::encode(self.hash).into());
        let hash: [u8; 32] =
            Sha2::digest(canonical::of_value(&Value::Object(members.clone()))).into();
        members.insert("hash".into(), hex::encode(hash).into());
        let line = canonical::text_of_value(&members.into());
        (line, Self { seq, hash })
    }
}

/// What is wrong with a line of an audit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuditError {
    /// It is not a record as the service writes it.
    #[error("line {line} is not an audit record: {what}")]
    Malformed {
        /// Which line, from 1.
        line: u64,
        /// What is missing or wrong.
        what: String,
    },
    /// A record was dropped, or put in, or the order was changed.
    #[error("line {line} has number {found}, wanted {wanted}: records are missing, or stand twice")]
    Number {
        /// Which line, from 1.
        line: u64,
        /// The number that it has.
        found: u64,
        /// The number after the line before.
        wanted: u64,
    },
    /// The record before is another one than when this was written.
    #[error("line {line} follows another record than the one before it: one of them was changed")]
    Previous {
        /// Which line, from 1.
        line: u64,
    },
    /// The record was changed.
    #[error("line {line} was changed after it was written: its hash is another")]
    Hash {
        /// Which line, from 1.
        line: u64,
    },
    /// It is of another tenant than the records before it, or than the checkpoints.
    #[error("line {line} is of the tenant {found:?}, wanted {wanted:?}")]
    Tenant {
        /// Which line, from 1.
        line: u64,
        /// The tenant that it has.
        found: String,
        /// The tenant of what it is held against.
        wanted: String,
    },
    /// The chain ends before, or elsewhere than, a checkpoint says.
    #[error(
        "the audit does not hold record {seq} as the checkpoint of {time} has it: it was cut off or changed"
    )]
    Checkpoint {
        /// The checkpoint's record.
        seq: u64,
        /// The checkpoint's time.
        time: String,
    },
}

/// Verifies a chain line by line. It begins at the first line's `prev`, unless told where it should begin.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    line: u64,
    head: Option<Head>,
    begun: Option<u64>,
    tenant: Option<String>,
    /// By the number of their records.
    checkpoints: BTreeMap<u64, Vec<Checkpoint>>,
    compared: u64,
    covered: Option<u64>,
}

impl Chain {
    /// A chain that has to begin after `head`, which is [`Head::EMPTY`] for a whole audit.
    #[must_use]
    pub fn after(head: Head) -> Self {
        Self { head: Some(head), ..Self::default() }
    }

    /// Demands, beside the chain, what checkpoints say that were verified before.
    #[must_use]
    pub fn with_checkpoints(mut self, checkpoints: Vec<Checkpoint>) -> Self {
        for point in checkpoints {
            self.tenant.get_or_insert_with(|| point.tenant.clone());
            self.checkpoints.entry(point.seq).or_default().push(point);
        }
        self
    }

    /// Takes the next line, without its end.
    ///
    /// # Errors
    ///
    /// An [`AuditError`] that names the line; nothing after it is worth anything.
    pub fn verify(&mut self, text: &str) -> Result<Map<String, Value>, AuditError> {
        self.line = self.line.saturating_add(1);
        let line = self.line;
        let malformed = |what: &str| AuditError::Malformed { line, what: what.to_owned() };
        let value: Value =
            serde_json::from_str(text).map_err(|error| malformed(&error.to_string()))?;
        // A member that stands twice, or another spelling of the same value, is not what the service wrote.
        if canonical::of_value(&value) != text.as_bytes() {
            return Err(malformed("it is not in canonical form"));
        }
        let Value::Object(mut members) = value else {
            return Err(malformed("it is not an object"));
        };
        let digest = |name: &'static str, value: Option<&Value>| {
            let text = value.and_then(Value::as_str).unwrap_or_default();
            let digest: Option<Sha256> = text.parse().ok();
            // The hash itself is under no hash: in another spelling it would be a line that was changed.
            digest
                .filter(|digest| digest.to_string() == text)
                .map(|digest| digest.0)
                .ok_or_else(|| malformed(&format!("`{name}` is not a SHA-256 in lower case")))
        };
        let hash = digest("hash", members.remove("hash").as_ref())?;
        let prev = digest("prev", members.get("prev"))?;
        let seq = members
            .get("seq")
            .and_then(Value::as_u64)
            .ok_or_else(|| malformed("`seq` is not a number"))?;
        if seq == 0 {
            return Err(malformed("`seq` is 0"));
        }
        let before = self.head.unwrap_or(Head { seq: seq.saturating_sub(1), hash: prev });
        let wanted = before.seq.saturating_add(1);
        if seq != wanted {
            return Err(AuditError::Number { line, found: seq, wanted });
        }
        if prev != before.hash || seq == 1 && prev != Head::EMPTY.hash {
            return Err(AuditError::Previous { line });
        }
        let found: [u8; 32] =
            Sha2::digest(canonical::of_value(&Value::Object(members.clone()))).into();
        if found != hash {
            return Err(AuditError::Hash { line });
        }
        let tenant = members
            .get("tenant")
            .and_then(Value::as_str)
            .ok_or_else(|| malformed("it has no tenant"))?;
        let of = self.tenant.get_or_insert_with(|| tenant.to_owned());
        if of != tenant {
            return Err(AuditError::Tenant { line, found: tenant.to_owned(), wanted: of.clone() });
        }
        if self.begun.is_none() {
            // What the first record follows is not here, and may be covered.
            self.compare(before)?;
        }
        self.compare(Head { seq, hash })?;
        self.begun = self.begun.or(Some(seq));
        self.head = Some(Head { seq, hash });
        Ok(members)
    }

    /// Holds a head against the checkpoints of its record.
    fn compare(&mut self, head: Head) -> Result<(), AuditError> {
        for point in self.checkpoints.get(&head.seq).into_iter().flatten() {
            if point.hash.0 != head.hash {
                return Err(AuditError::Checkpoint { seq: head.seq, time: point.time.to_string() });
            }
            self.compared = self.compared.saturating_add(1);
            self.covered = Some(head.seq);
        }
        Ok(())
    }

    /// How many checkpoints a record was held against.
    #[must_use]
    pub fn compared(&self) -> u64 {
        self.compared
    }

    /// The last record that a checkpoint covers: nobody changed anything up to it.
    #[must_use]
    pub fn covered(&self) -> Option<u64> {
        self.covered
    }

    /// The number of the first record, if one was verified.
    #[must_use]
    pub fn begun(&self) -> Option<u64> {
        self.begun
    }

    /// The last record that was verified, or the one that it has to begin after.
    #[must_use]
    pub fn head(&self) -> Option<Head> {
        self.head
    }

    /// Where the chain ends.
    ///
    /// # Errors
    ///
    /// If a checkpoint names a record that comes after the end.
    pub fn end(&self) -> Result<Head, AuditError> {
        let head = self.head.unwrap_or(Head::EMPTY);
        let beyond = self.checkpoints.range(head.seq.saturating_add(1)..).next();
        match beyond.and_then(|(_, points)| points.first()) {
            Some(point) => {
                Err(AuditError::Checkpoint { seq: point.seq, time: point.time.to_string() })
            }
            None => Ok(head),
        }
    }
}

/// The head of a tenant's chain at a time, as the service signs it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The tenant.
    pub tenant: String,
    /// The number of the last record.
    pub seq: u64,
    /// Its hash.
    pub hash: Sha256,
    /// The time.
    pub time: Time,
}

impl Checkpoint {
    /// The bytes that are signed: a line that names their meaning, then the canonical form.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        let value = serde_json::json!({
            "tenant": self.tenant, "seq": self.seq, "hash": self.hash.to_string(), "time": self.time.to_string(),
        });
        [&b"sev-launch audit checkpoint v1\n"[..], &canonical::of_value(&value)].concat()
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "record {} of {} at {}", self.seq, self.tenant, self.time)
    }
}

/// A record of something that no state machine decides: a firmware uploaded, a token made.
#[must_use]
pub fn record(action: &'static str, refused: Option<Code>, facts: Map<String, Value>) -> Record {
    Record { action, launch: None, refused, facts }
}

#[cfg(test)]
mod tests;
