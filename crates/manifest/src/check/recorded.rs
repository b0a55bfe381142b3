//! Where in a recorded manifest's text something stands, so that a CI run shows it beside that line.
//!
//! A line is only shown: no answer depends on it. In a text whose fields come in another order than we write them it may be another
//! place of the same value.
//!
//! No example: `sev-launch manifest check` uses it, and its tests read the lines.

use crate::differences::{InputChange, RowNote};
use crate::manifest::Manifest;

/// A manifest with the text that it was read from, and the file's name.
#[derive(Clone, Copy, Debug)]
pub struct Recorded<'a> {
    /// The file's name, as CI knows it: from the repository's root.
    pub file: &'a str,
    /// What the file holds.
    pub text: &'a str,
    /// The manifest that it is.
    pub manifest: &'a Manifest,
}

impl Recorded<'_> {
    /// The line of a row's digest, from 1.
    pub(super) fn row(&self, note: &RowNote) -> Option<usize> {
        let after = self.manifest.rows().iter().skip(note.row).skip(1);
        let after = after.filter(|row| row.digest == note.digest).count();
        self.last_but(&note.digest.to_string(), after)
    }

    /// The line of the hash that is recorded of an input, from 1; `None` of one that is not recorded.
    pub(super) fn input(&self, change: &InputChange) -> Option<usize> {
        let old = change.old.as_ref()?;
        let after = self.manifest.inputs().iter().skip(old.index).skip(1);
        let after = after.filter(|input| input.sha256 == old.sha256).count();
        self.last_but(&old.sha256.to_string(), after)
    }

    /// The line of a field of the manifest's head, from 1.
    pub(super) fn field(&self, name: &str) -> Option<usize> {
        Some(self.line(self.text.find(&format!("\"{name}\":"))?))
    }

    /// The line of the last but `after` places where this stands. Inputs and rows are what a manifest ends with.
    fn last_but(&self, wanted: &str, after: usize) -> Option<usize> {
        Some(self.line(self.text.rmatch_indices(wanted).nth(after)?.0))
    }

    fn line(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or_default();
        before.matches('\n').count().saturating_add(1)
    }
}
