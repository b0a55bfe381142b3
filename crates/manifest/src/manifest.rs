//! A manifest: the inputs of a launch by their hashes, and the digests that come of them.
//!
//! The crate's example shows it in use.

use std::collections::HashMap;

use serde_json::Value;
use sev_launch_abi::Technology;
use sev_launch_abi::snp::HostData;
use sev_launch_digest::igvm::LoaderRules;
use sev_launch_digest::profile;

use crate::endorsement::{self, KeptEndorsement, MAX_ENDORSEMENTS};
use crate::error::Error;
use crate::finding::{self, Finding};
use crate::input::{Input, Role};
use crate::row::{Obtained, Row, Sisters, Source};
use crate::stored::{StoredManifest, StoredVersion};
use crate::strict::Object;
use crate::text::{check_text, json};
use crate::{described, hexadecimal, strict};
use sev_launch_abi::LaunchDigest;

/// The version of the JSON form. Another one is refused.
pub const FORM: u64 = 1;
/// The most rows that a manifest may have: 512 numbers of vCPUs of 512 builds.
pub const MAX_ROWS: usize = 1 << 18;
/// The most inputs that a manifest may have.
pub const MAX_INPUTS: usize = 65_536;
/// The most bytes that a manifest's JSON may have.
pub const MAX_BYTES: usize = 128 << 20;

/// What a manifest says of all its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// What the owner calls the guest.
    pub name: String,
    /// The tool that made it and its version, as `sev-launch 0.1.0`.
    pub tool: String,
    /// The technology of all rows.
    pub technology: Technology,
    /// The guest policy, where one is described. It does not enter the digests.
    pub policy: Option<u64>,
    /// HOST_DATA of an SNP guest, where it is described. It does not enter the digests.
    pub host_data: Option<HostData>,
    /// The JSON form of the launch description. It is kept and compared; read is only what the head says too.
    pub description: Value,
}

/// A manifest that keeps its promises: every row has a digest of its technology's length and refers to inputs that are
/// there and fit, and there is at least one; and its description says the technology, the policy and the HOST_DATA that its head
/// says, where it says any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    head: Head,
    inputs: Vec<Input>,
    endorsements: Vec<KeptEndorsement>,
    sisters: Sisters,
    rows: Vec<Row>,
}

impl Manifest {
    /// Puts a manifest together. Errors say where: no rows, too many, a digest of the wrong length, an input that is not
    /// there or is another kind of thing, a computed row without what it was computed from, a row observed in evidence of
    /// another technology, a description that contradicts the head, HOST_DATA of a guest that is not of SNP, text with control
    /// characters.
    pub fn new(head: Head, inputs: Vec<Input>, rows: Vec<Row>) -> Result<Self, Error> {
        Self::with_endorsements(head, inputs, Vec::new(), rows)
    }

    /// The same with endorsements that rows refer to by index.
    ///
    /// Errors: those of [`Manifest::new`]; more endorsements than [`MAX_ENDORSEMENTS`], one without bytes or with too many, a row of one
    /// that is not there.
    pub fn with_endorsements(
        head: Head,
        inputs: Vec<Input>,
        endorsements: Vec<KeptEndorsement>,
        rows: Vec<Row>,
    ) -> Result<Self, Error> {
        check_text("name", &head.name, 256)?;
        check_text("tool", &head.tool, 256)?;
        strict::check(&head.description)?;
        described::check(&head)?;
        if head.host_data.is_some() && head.technology != Technology::Snp {
            let what =
                format!("guests of {} have none, so nothing could prove it", head.technology);
            return Err(Error::field("host_data".to_owned(), what));
        }
        check_count("inputs", inputs.len(), MAX_INPUTS)?;
        inputs.iter().enumerate().try_for_each(|(index, input)| input.check(index))?;
        check_count("endorsements", endorsements.len(), MAX_ENDORSEMENTS)?;
        endorsements
            .iter()
            .enumerate()
            .try_for_each(|(index, kept)| endorsement::check(index, kept))?;
        if rows.is_empty() {
            return Err(Error::NoRows);
        }
        check_count("rows", rows.len(), MAX_ROWS)?;
        let kept = endorsements.len();
        let check = |(index, row)| check_row(index, row, head.technology, &inputs, kept);
        rows.iter().enumerate().try_for_each(check)?;
        let sisters = Sisters::of(&inputs);
        Ok(Self { head, inputs, endorsements, sisters, rows })
    }

    /// Reads a manifest: JSON of at most [`MAX_BYTES`]. Refuses unknown and duplicate fields, another [`FORM`], and what
    /// [`Manifest::new`] refuses.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Error> {
        check_count("bytes of JSON", bytes.len(), MAX_BYTES)?;
        let Object(stored) =
            serde_json::from_slice::<Object<StoredManifest>>(bytes).map_err(|error| {
                // A newer form may differ in anything, so its version is looked at first.
                match serde_json::from_slice::<Object<StoredVersion>>(bytes) {
                    Ok(Object(found)) if found.manifest != FORM => {
                        Error::Version { found: found.manifest, wanted: FORM }
                    }
                    _ => error.into(),
                }
            })?;
        Self::of_stored(stored)
    }

    /// From the JSON form's own types.
    pub(crate) fn of_stored(stored: StoredManifest) -> Result<Self, Error> {
        if stored.manifest != FORM {
            return Err(Error::Version { found: stored.manifest, wanted: FORM });
        }
        let head = Head {
            name: stored.name,
            tool: stored.tool,
            technology: stored.technology,
            policy: stored.policy,
            host_data: stored.host_data,
            description: stored.description,
        };
        Self::with_endorsements(head, stored.inputs, stored.endorsements, stored.rows)
    }

    /// The JSON: indented, fields in a fixed order, one newline at the end. [`Manifest::from_json`] gives the same
    /// manifest back. An error where it would be longer than [`MAX_BYTES`].
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        let bytes = json(&self.to_stored())?;
        check_count("bytes of JSON", bytes.len(), MAX_BYTES)?;
        Ok(bytes)
    }

    /// The JSON form's own types.
    pub(crate) fn to_stored(&self) -> StoredManifest {
        StoredManifest {
            manifest: FORM,
            name: self.head.name.clone(),
            tool: self.head.tool.clone(),
            technology: self.head.technology,
            policy: self.head.policy,
            host_data: self.head.host_data,
            description: self.head.description.clone(),
            inputs: self.inputs.clone(),
            endorsements: self.endorsements.clone(),
            rows: self.rows.clone(),
        }
    }

    /// What it says of all rows.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The technology of all rows.
    pub fn technology(&self) -> Technology {
        self.head.technology
    }

    /// With the texts of command lines that another manifest has, where this one has their hashes alone.
    pub(crate) fn with_texts_of(mut self, other: &Self) -> Self {
        let known: HashMap<_, _> = other
            .inputs
            .iter()
            .filter(|input| input.role == Role::Cmdline)
            .map(|input| ((input.sha256, input.size), &input.text))
            .collect();
        let is_unknown = |input: &&mut Input| input.role == Role::Cmdline && input.text.is_none();
        for input in self.inputs.iter_mut().filter(is_unknown) {
            input.text = known.get(&(input.sha256, input.size)).and_then(|text| (*text).clone());
        }
        self
    }

    /// The inputs that rows refer to by index.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// The endorsements that rows refer to by index.
    pub fn endorsements(&self) -> &[KeptEndorsement] {
        &self.endorsements
    }

    /// Keeps one more, and gives its index.
    pub(crate) fn keep(&mut self, kept: KeptEndorsement) -> Result<u32, Error> {
        let index = self.endorsements.len();
        check_count("endorsements", index.saturating_add(1), MAX_ENDORSEMENTS)?;
        endorsement::check(index, &kept)?;
        self.endorsements.push(kept);
        Ok(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// The rows, for whoever marks what was proven of them.
    pub(crate) fn rows_mut(&mut self) -> &mut [Row] {
        &mut self.rows
    }

    /// The rows, in their order. Several may have the same digest: all are kept.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Every row with this digest, and its index.
    pub fn find(&self, digest: &LaunchDigest) -> impl Iterator<Item = (usize, &Row)> {
        self.rows.iter().enumerate().filter(move |(_, row)| row.digest == *digest)
    }

    /// Adds a row, and says what is noteworthy about it: an observed digest that no computed row with the same facts
    /// has is added all the same, since it was seen. Looks at every row once.
    pub fn add(&mut self, row: Row) -> Result<Vec<Finding>, Error> {
        let index = self.rows.len();
        check_count("rows", index.saturating_add(1), MAX_ROWS)?;
        check_row(index, &row, self.head.technology, &self.inputs, self.endorsements.len())?;
        let findings = finding::of_row(index, &row, &self.rows);
        self.rows.push(row);
        Ok(findings)
    }

    /// What there is to say about all rows, in their order.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        finding::of_rows(&self.rows)
    }

    /// The rows whose digests are computed for nothing, where others are computed.
    pub fn of_no_computed(&self) -> impl Iterator<Item = Finding> {
        self.findings().into_iter().filter(Finding::is_of_no_computed)
    }

    /// What the launch facts of a row mean, in words.
    pub fn describe(&self, row: &Row) -> String {
        row.facts.describe(&self.inputs, &self.sisters)
    }
}

fn check_count(what: &'static str, found: usize, limit: usize) -> Result<(), Error> {
    if found > limit { Err(Error::TooMany { what, found, limit }) } else { Ok(()) }
}

fn check_row(
    row: usize,
    found: &Row,
    technology: Technology,
    inputs: &[Input],
    endorsements: usize,
) -> Result<(), Error> {
    let place = |field: &str| format!("rows[{row}].{field}");
    let (size, wanted) = (found.digest.as_bytes().len(), LaunchDigest::size_for(technology));
    if size != wanted {
        return Err(Error::RowDigest { row, technology, found: size, wanted });
    }
    for (field, roles, index) in found.facts.inputs.iter() {
        let input = usize::try_from(index).ok().and_then(|index| inputs.get(index));
        let what = match input.map(|input| input.role) {
            Some(role) if roles.contains(&role) => continue,
            Some(role) => format!("inputs[{index}] has the role {role}"),
            None => format!("there is no inputs[{index}], the manifest has {}", inputs.len()),
        };
        return Err(Error::field(place(&format!("inputs.{field}")), what));
    }
    if let Some(profile) = &found.facts.profile {
        check_text(&place("profile"), profile, 256)?;
    }
    match &found.obtained {
        Obtained::Computed => check_computed(row, found, technology),
        Obtained::Endorsed { by } => check_text(&place("obtained.by"), by, 256),
        Obtained::EndorsementKept(proof) => {
            let place = place("obtained.endorsement");
            endorsement::check_row(&place, found, proof, technology, endorsements)
        }
        Obtained::Observed(observed) => {
            check_source(&place("obtained.from"), observed.from, technology)?;
            let detail = &observed.detail;
            if detail.chip_id.as_ref().is_some_and(|id| !hexadecimal::is_bytes(id, 64)) {
                let what = "wanted 128 lower-case hex digits";
                return Err(Error::field(place("obtained.detail.chip_id"), what));
            }
            let texts = [("platform_version", &detail.platform_version), ("when", &detail.when)];
            texts.into_iter().try_for_each(|(field, text)| match text {
                Some(text) => check_text(&place(&format!("obtained.detail.{field}")), text, 256),
                None => Ok(()),
            })
        }
    }
}

/// An SNP guest has reports, and one of SEV and SEV-ES launch measurements.
fn check_source(place: &str, from: Source, technology: Technology) -> Result<(), Error> {
    let wanted = match technology {
        Technology::Snp => Source::Report,
        Technology::Sev | Technology::SevEs => Source::Measurement,
    };
    if from == wanted {
        return Ok(());
    }
    let what =
        format!("{}: guests of {technology} have none, wanted {}", from.name(), wanted.name());
    Err(Error::field(place, what))
}

/// A computed row says everything that its digest depends on: one that does not could not be computed again.
fn check_computed(row: usize, found: &Row, technology: Technology) -> Result<(), Error> {
    let facts = &found.facts;
    let missing = |field: &str| {
        let what = format!("a computed row of {technology} says it");
        Err(Error::field(format!("rows[{row}].{field}"), what))
    };
    let has_vmsas = technology != Technology::Sev;
    if has_vmsas && facts.profile.is_none() {
        return missing("profile");
    }
    let profile = facts.profile.as_deref().and_then(|name| profile::by_name(name).ok());
    let rules = profile.and_then(|profile| profile.igvm_rules().ok());
    let is_of_any_number = rules.is_some_and(LoaderRules::measures_own_vmsas);
    if has_vmsas && facts.vcpus.is_none() && !is_of_any_number {
        return missing("vcpus");
    }
    if facts.inputs.firmware.is_none() {
        return missing("inputs.firmware");
    }
    match facts.kernel_hashes {
        None => missing("kernel_hashes"),
        Some(true) if facts.inputs.kernel.is_none() => missing("inputs.kernel"),
        Some(_) => Ok(()),
    }
}
