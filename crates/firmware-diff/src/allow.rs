//! The allow file: what two builds of one firmware may differ in, committed beside the source.
//!
//! ```toml
//! [[allow]]
//! module = "PlatformPei"                   # a module's name or GUID, or a place in no module as it is printed; without it, everything
//! kinds = ["build-path", "timestamp"]      # what it may differ in
//! reason = "built in a folder of its own"  # why: for whoever reads the file
//! ```
//!
//! ```
//! use sev_launch_firmware_diff::Allow;
//!
//! let allow = Allow::parse("[[allow]]\nkinds = [\"timestamp\"]\nreason = \"the linker's\"")?;
//! assert_eq!(allow.entries()[0].line, 1);
//! # Ok::<(), sev_launch_firmware_diff::AllowError>(())
//! ```

use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};

use sev_launch_abi::Guid;
use sev_launch_abi::text::printable;
use thiserror::Error;
use toml::Spanned;

use crate::difference::{Difference, Location};
use crate::file::FileKind;
use crate::image::Image;
use crate::kind::Kind;
use crate::part::What;

/// A larger file is none that a person wrote.
pub const MOST_ALLOW_BYTES: usize = 1 << 20;

/// Why an allow file is not obeyed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("line {line}: {message}")]
pub struct AllowError {
    /// Where, counted from 1.
    pub line: usize,
    /// What is wrong. Text of the file in it is escaped.
    pub message: String,
}

/// What builds may differ in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allow {
    entries: Vec<AllowEntry>,
}

/// What one module, or anything, may differ in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowEntry {
    /// Whose differences; `None` if of whatever.
    pub module: Option<String>,
    /// Of which kinds.
    pub kinds: Vec<Kind>,
    /// Why.
    pub reason: String,
    /// Where it stands in the file, counted from 1.
    pub line: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    allow: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    module: Option<Spanned<String>>,
    kinds: Spanned<Vec<Spanned<String>>>,
    reason: Spanned<String>,
}

impl Allow {
    /// Reads an allow file. An empty one allows nothing.
    ///
    /// Errors, with their line: what is no TOML, a key or a kind that is not known, an entry without kinds or without a reason.
    pub fn parse(text: &str) -> Result<Self, AllowError> {
        let line_of = |at: usize| {
            let before = text.get(..at).unwrap_or(text);
            before.matches('\n').count() + 1
        };
        let wrong = |at: usize, message: String| AllowError { line: line_of(at), message };
        let file: File = toml::from_str(text).map_err(|error| {
            let mut message = printable(error.message()).into_owned();
            if message.ends_with("expected a sequence") {
                message.push_str(
                    ": an entry begins with [[allow]], and kinds stand in brackets, as [\"code\"]",
                );
            }
            wrong(error.span().map_or(0, |span| span.start), message)
        })?;
        let mut entries = Vec::new();
        for entry in file.allow {
            let line = line_of(entry.span().start);
            let entry = entry.into_inner();
            if entry.reason.get_ref().trim().is_empty() {
                return Err(wrong(
                    entry.reason.span().start,
                    "the reason is empty: say why this may differ".into(),
                ));
            }
            if let Some(module) = entry.module.as_ref().filter(|module| module.get_ref().is_empty())
            {
                let message =
                    "the module's name is empty: leave the key out to allow it of every module";
                return Err(wrong(module.span().start, message.into()));
            }
            if entry.kinds.get_ref().is_empty() {
                return Err(wrong(
                    entry.kinds.span().start,
                    "no kinds: the entry would allow nothing".into(),
                ));
            }
            let kind = |name: &Spanned<String>| {
                let known = Kind::of_name(name.get_ref()).filter(|kind| *kind != Kind::Consequence);
                known.ok_or_else(|| wrong(name.span().start, unknown_kind(name.get_ref())))
            };
            entries.push(AllowEntry {
                module: entry.module.map(Spanned::into_inner),
                kinds: entry.kinds.get_ref().iter().map(kind).collect::<Result<_, _>>()?,
                reason: entry.reason.into_inner(),
                line,
            });
        }
        Ok(Self { entries })
    }

    /// Its entries, in their order.
    pub fn entries(&self) -> &[AllowEntry] {
        &self.entries
    }

    /// The number of the first entry that allows a difference; `None` if none does. What follows from other differences needs none.
    ///
    /// A name that several modules of the images have opens none of them, and a module that was added is known by its GUID alone: it says itself
    /// what it is called.
    pub fn permits(&self, difference: &Difference, names: &Names) -> Option<usize> {
        self.entries.iter().position(|entry| entry.permits(difference, names))
    }
}

impl AllowEntry {
    fn permits(&self, difference: &Difference, names: &Names) -> bool {
        let is_module = self.module.as_ref().is_none_or(|wanted| {
            match (&difference.location.module, wanted.parse::<Guid>()) {
                (Some(module), Ok(guid)) => guid == module.guid,
                (Some(module), Err(_)) => {
                    let is_added = difference.kind == Kind::Added;
                    module.name == *wanted && !is_added && names.of(wanted).len() <= 1
                }
                // What is in no module goes by its place.
                (None, _) => difference.location.label() == *wanted,
            }
        });
        is_module && self.kinds.contains(&difference.kind)
    }
}

/// Which modules of two images have which name.
#[derive(Clone, Debug, Default)]
pub struct Names {
    guids: HashMap<String, BTreeSet<Guid>>,
}

impl Names {
    /// The names of all files in the two images.
    pub(crate) fn of_both(a: &Image<'_>, b: &Image<'_>) -> Self {
        let mut names = Self::default();
        for (_, part) in a.parts().chain(b.parts()) {
            if let What::File(file) = &part.what
                && file.kind != FileKind::PADDING
            {
                names.guids.entry(part.name()).or_default().insert(file.name);
            }
        }
        names
    }

    /// The modules of a name; none if no module is called so.
    pub(crate) fn of(&self, name: &str) -> Vec<Guid> {
        self.guids.get(name).map_or_else(Vec::new, |guids| guids.iter().copied().collect())
    }

    /// Is it the GUID of a module?
    pub(crate) fn has(&self, guid: &str) -> bool {
        guid.parse().is_ok_and(|guid: Guid| self.guids.values().any(|guids| guids.contains(&guid)))
    }

    /// A name that differs from this one in nothing but the case of its letters.
    pub(crate) fn like(&self, name: &str) -> Option<&str> {
        self.guids.keys().map(String::as_str).find(|known| known.eq_ignore_ascii_case(name))
    }

    /// What a place is called, with the module's GUID where the name alone does not say which it is.
    pub(crate) fn label(&self, location: &Location) -> String {
        let label = location.label();
        match &location.module {
            Some(module) if self.of(&module.name).len() > 1 => format!("{label} ({})", module.guid),
            _ => label,
        }
    }
}

fn unknown_kind(name: &str) -> String {
    let known: Vec<_> =
        Kind::ALL.into_iter().filter(|kind| *kind != Kind::Consequence).map(Kind::name).collect();
    if name == Kind::Consequence.name() {
        return format!("the kind `{name}` needs no entry: it follows from the others");
    }
    let meant =
        known.iter().find(|kind| kind.eq_ignore_ascii_case(name) || kind.replace('-', "_") == name);
    let meant = meant.map_or_else(String::new, |kind| format!(", did you mean `{kind}`?"));
    format!("no kind is called `{}`{meant}: there are {}", printable(name), known.join(", "))
}
