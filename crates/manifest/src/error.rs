//! Why something is no manifest, or cannot be published. Every variant carries what was found, what was wanted, and where.
//!
//! No example: the texts are the documentation.

use sev_launch_abi::Technology;
use thiserror::Error;

use crate::finding::Finding;

/// An error of this crate.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A number of build ids, or of anything else that a reader takes as "all" when it is empty.
    #[error("an empty list of {what} would accept everything")]
    EmptyList {
        /// What the list holds.
        what: &'static str,
    },
    /// A description holds what JSON readers do not agree on.
    #[error("description{place}: {what}")]
    Description {
        /// Where, as a JSON pointer.
        place: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// Text that is not what it should be.
    #[error("{place}: {what}")]
    Field {
        /// Where: a field, or a row or input and a field.
        place: String,
        /// What is wrong with it.
        what: String,
    },
    /// Not the JSON of a manifest.
    #[error("line {line}, column {column}: {reason}")]
    Json {
        /// The line, from 1; 0 where the text ended.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What the JSON reader says.
        reason: String,
    },
    /// Rows of another technology cannot be kept.
    #[error(
        "the manifest in this place has rows of {old} that were not computed: write one of {new} elsewhere"
    )]
    KeptTechnology {
        /// The technology of the manifest that is there.
        old: Technology,
        /// That of the new one.
        new: Technology,
    },
    /// A row of a manifest that another build would keep is none of those that it computes.
    #[error(
        "{finding}: it may be of another guest than this one, or of this one before it changed"
    )]
    KeptOther {
        /// What there is to say about the row.
        finding: Finding,
    },
    /// An input cannot be hashed as the manifest wants it.
    #[error(transparent)]
    Input(#[from] sev_launch_digest::Error),
    /// The name of an input cannot be written down.
    #[error(
        "{shown}: a file's name that is no UTF-8 text cannot stand in a manifest: rename the file, or link to it"
    )]
    NotText {
        /// What can be shown of the name.
        shown: String,
    },
    /// The description cannot be written down.
    #[error(transparent)]
    Written(#[from] sev_launch_description::Error),
    /// There is no computed row, so nothing can be checked.
    #[error("the {which} manifest has no computed row: nothing can be checked")]
    NothingComputed {
        /// Which of the two: `recorded` or `recomputed`.
        which: &'static str,
    },
    /// Digests of another technology are asked for.
    #[error("its guests are of {found}, and evidence of another technology is held against it")]
    OtherTechnology {
        /// The manifest's technology.
        found: Technology,
    },
    /// No row may be published.
    #[error("none of its {rows} rows is accepted, so there is nothing to publish")]
    NothingToPublish {
        /// How many rows there are.
        rows: usize,
    },
    /// A reader that releases secrets at launch would release them to whatever kernel the host starts.
    #[error("{why}")]
    KernelNotCovered {
        /// What leaves the kernel open.
        why: &'static str,
    },
    /// The manifest says no guest policy, and the reader would accept any.
    #[error("the manifest has no guest policy, and without one {reader} accepts any")]
    NoPolicy {
        /// Who reads what is written.
        reader: &'static str,
    },
    /// No rows.
    #[error("a manifest without rows accepts nothing and checks nothing")]
    NoRows,
    /// A digest of another technology's length.
    #[error("rows[{row}].digest: {found} bytes, a digest of {technology} has {wanted}")]
    RowDigest {
        /// The row.
        row: usize,
        /// The manifest's technology.
        technology: Technology,
        /// The digest's length in bytes.
        found: usize,
        /// The length in bytes that the technology has.
        wanted: usize,
    },
    /// More than the stated bound.
    #[error("{found} {what}, at most {limit}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A form of a manifest that this crate does not know.
    #[error("the manifest's form is version {found}, wanted {wanted}")]
    Version {
        /// The version found.
        found: u64,
        /// The version that is read.
        wanted: u64,
    },
    /// The reader has never known this technology, or its digests.
    #[error("{reader} has no reference values for {technology}: {reason}")]
    UnsupportedTechnology {
        /// Who would read it.
        reader: &'static str,
        /// The manifest's technology.
        technology: Technology,
        /// Why.
        reason: &'static str,
    },
    /// The CoRIM could not be encoded.
    #[error("CoRIM: {reason}")]
    Corim {
        /// What the encoder says.
        reason: String,
    },
}

impl Error {
    pub(crate) fn field(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Field { place: place.into(), what: what.into() }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let text = error.to_string();
        let end = format!(" at line {line} column {column}");
        let reason = text.strip_suffix(&end).unwrap_or(&text).to_owned();
        Self::Json { line, column, reason }
    }
}
