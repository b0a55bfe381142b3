//! What differs between two manifests, and which changed input explains which changed digest.
//!
//! Inputs are recognised by path, else by hash, else by their order among those of the same role. Rows are recognised by
//! their facts: a row whose facts are gone is removed, one whose facts are new is added. Where nothing but the launch
//! profile of a row is another, or what is said of how it was obtained, the row is told as changed.
//!
//! The crate's example shows it in use.

use std::fmt;

use serde::Serialize;
use sev_launch_abi::Technology;
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_verify::snp::demands::ReportDemands;

use crate::endorsement::KeptEndorsement;
use crate::input::Role;
use crate::manifest::Manifest;
use crate::publish::used;
use crate::row::Row;
use crate::{described, hexadecimal};

mod description;
mod firmware;
mod inputs;
mod modules;
mod rows;

pub use description::ValueChange;
pub use firmware::FirmwareChange;
pub use inputs::{InputChange, InputSide};
pub use modules::{ModuleChange, ModuleChanges};
pub(crate) use rows::note;
pub use rows::{Cause, RowChange, RowNote};

/// A value and what it became.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change<T> {
    /// Before.
    pub old: T,
    /// After.
    pub new: T,
}

impl<T: PartialEq + Clone> Change<T> {
    /// `None` if both are equal.
    pub(crate) fn between(old: &T, new: &T) -> Option<Self> {
        (old != new).then(|| Self { old: old.clone(), new: new.clone() })
    }
}

impl<T: fmt::Display> fmt::Display for Change<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {}", self.old, self.new)
    }
}

/// Everything that differs between an old and a new manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[must_use]
pub struct Differences {
    /// What the owner calls the guest.
    pub name: Option<Change<String>>,
    /// The tool that made the manifest, or its version.
    pub tool: Option<Change<String>>,
    /// The technology.
    pub technology: Option<Change<Technology>>,
    /// The guest policy, in hex; `none` where there is none.
    pub policy: Option<Change<String>>,
    /// HOST_DATA, in hex; `none` where there is none.
    pub host_data: Option<Change<String>>,
    /// What the described ID block makes a report say, or `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_block: Option<Change<String>>,
    /// The endorsements that are kept, each with its kind, its root and its bytes by their hashes; `none` where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endorsements: Option<Change<String>>,
    /// The inputs that changed, came or went.
    pub inputs: Vec<InputChange>,
    /// The values of the description that changed.
    pub description: Vec<ValueChange>,
    /// The rows whose digest changed, or their profile, or what is said of how they were obtained.
    pub rows_changed: Vec<RowChange>,
    /// The rows with facts that the old manifest has not.
    pub rows_added: Vec<RowNote>,
    /// The rows with facts that the new manifest has not.
    pub rows_removed: Vec<RowNote>,
    /// The rows that are the same in both.
    #[serde(skip)]
    pub rows_same: Vec<RowNote>,
    /// The inputs that are the same in both.
    #[serde(skip)]
    pub inputs_same: Vec<String>,
}

impl Differences {
    /// Is there no difference at all?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows_changed.is_empty()
            && self.rows_added.is_empty()
            && self.rows_removed.is_empty()
            && self.name.is_none()
            && self.tool.is_none()
            && self.technology.is_none()
            && self.policy.is_none()
            && self.host_data.is_none()
            && self.id_block.is_none()
            && self.endorsements.is_none()
            && self.inputs.is_empty()
            && self.description.is_empty()
    }

    /// The sentence that names the cause of a row's change.
    pub fn explain(&self, cause: &Cause) -> String {
        match cause {
            Cause::Input { input } => match self.inputs.get(*input) {
                Some(change) => change.to_string(),
                None => format!("input {input} changed"),
            },
            Cause::Obtained(change) => change.to_string(),
            Cause::Profile(change) => format!("profile {change}"),
            Cause::ToolOrProfile => match &self.tool {
                Some(change) => {
                    format!("the tool or what it knows of the profile changed: {change}")
                }
                None => "no input changed: the tool or the profile did".into(),
            },
        }
    }
}

/// What differs between two manifests. Both are taken as they are; nothing is computed again.
pub fn diff(old: &Manifest, new: &Manifest) -> Differences {
    compare(old, new, |_| true)
}

/// The same, of the rows that `counts` accepts.
pub(crate) fn compare(old: &Manifest, new: &Manifest, counts: fn(&Row) -> bool) -> Differences {
    let pairing = inputs::pair(old.inputs(), new.inputs());
    // What only rows that do not count were made of, no other row misses.
    let (counted, others): (Vec<_>, Vec<_>) = old.rows().iter().partition(|row| counts(row));
    let counted = used(counted);
    let idle = used(others).into_iter().filter(|index| !counted.contains(index)).collect();
    let changed = inputs::changes(old.inputs(), new.inputs(), &pairing, &idle);
    let rows = rows::compare(old, new, &pairing, &changed, counts);
    let policy = |manifest: &Manifest| {
        manifest.head().policy.map_or_else(|| "none".to_owned(), hexadecimal::text)
    };
    let host_data = |manifest: &Manifest| {
        manifest.head().host_data.map_or_else(|| "none".to_owned(), |data| data.to_string())
    };
    let (one, two) = (old.head(), new.head());
    let mut description = Vec::new();
    description::compare(&one.description, &two.description, String::new(), &mut description);
    Differences {
        name: Change::between(&one.name, &two.name),
        tool: Change::between(&one.tool, &two.tool),
        technology: Change::between(&one.technology, &two.technology),
        policy: Change::between(&policy(old), &policy(new)),
        host_data: Change::between(&host_data(old), &host_data(new)),
        id_block: Change::between(&id_block(old), &id_block(new)),
        endorsements: Change::between(&endorsements(old), &endorsements(new)),
        inputs: changed.list,
        description,
        rows_changed: rows.changed,
        rows_added: rows.added,
        rows_removed: rows.removed,
        rows_same: rows.same,
        inputs_same: changed.same,
    }
}

/// What a verifier demands because of the ID block.
fn id_block(manifest: &Manifest) -> String {
    // A manifest's ID block was read when the manifest was.
    match described::id_block(manifest.head()) {
        Ok(Some(demands)) => {
            let ReportDemands { policy, guest_svn, family_id, image_id, .. } = &demands;
            let ReportDemands { id_key_digest, author_key_digest, .. } = &demands;
            format!(
                "ID key {id_key_digest}, author key {author_key_digest}, family {family_id}, image {image_id}, guest SVN {guest_svn}, policy {policy}"
            )
        }
        Ok(None) | Err(_) => "none".to_owned(),
    }
}

fn endorsements(manifest: &Manifest) -> String {
    let one = |kept: &KeptEndorsement| {
        let bytes = Sha256Digest::of(&kept.bytes);
        format!("{} {} under root {}", kept.kind, short(&bytes), short(&kept.root))
    };
    let all: Vec<_> = manifest.endorsements().iter().map(one).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

/// Firmware and absorbed firmware are the same thing to a row.
fn slot(role: Role) -> Role {
    if role == Role::AbsorbedFirmware { Role::Firmware } else { role }
}

/// The beginning of a hash, as people compare them.
fn short(digest: &impl fmt::Display) -> String {
    let mut text = digest.to_string();
    text.truncate(16);
    text + "…"
}

impl fmt::Display for Differences {
    /// For people: one line per difference, causes below a changed row. Ends with a newline where there is anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = [
            ("name", &self.name),
            ("tool", &self.tool),
            ("policy", &self.policy),
            ("host data", &self.host_data),
            ("ID block", &self.id_block),
            ("endorsements", &self.endorsements),
        ];
        for (what, change) in head {
            if let Some(change) = change {
                writeln!(f, "{what}: {change}")?;
            }
        }
        if let Some(change) = &self.technology {
            writeln!(f, "technology: {change}")?;
        }
        for change in &self.inputs {
            writeln!(f, "input {change}")?;
            change.firmware.iter().try_for_each(|part| writeln!(f, "  {part}"))?;
        }
        self.description.iter().try_for_each(|change| writeln!(f, "description {change}"))?;
        for change in &self.rows_changed {
            match Change::between(&change.old.digest, &change.new.digest) {
                Some(Change { old, new }) => {
                    let (old, new) = (short(&old), short(&new));
                    writeln!(f, "guest of {}: digest {old} -> {new}", change.facts)?;
                }
                None => writeln!(f, "guest of {}: the same digest", change.facts)?,
            }
            for cause in &change.causes {
                writeln!(f, "  because {}", self.explain(cause))?;
            }
        }
        self.rows_added.iter().try_for_each(|row| writeln!(f, "guest of {row}: added"))?;
        self.rows_removed.iter().try_for_each(|row| writeln!(f, "guest of {row}: removed"))
    }
}
