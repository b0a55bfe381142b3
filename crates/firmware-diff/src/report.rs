//! What came of a comparison, in the forms that CI systems read.
//!
//! Names in it are the images' own; each form escapes them by its rules.

mod annotations;
mod junit;
mod markdown;

use std::collections::BTreeSet;

use sev_launch_abi::Guid;
use sev_launch_abi::text::{self, printable};

use crate::allow::{Allow, AllowEntry};
use crate::comparison::{Comparison, Group};
use crate::difference::Difference;
use crate::kind::Kind;
use crate::reproduction::Reproduction;

/// Builds of one firmware held against the first, with the names of their files and what they may differ in.
#[derive(Debug)]
pub struct Report<'r> {
    /// The first build's file.
    pub first: String,
    /// Each further build: its file, what differs, and the verdict.
    pub builds: Vec<Build<'r>>,
    /// What they may differ in.
    pub allow: &'r Allow,
    /// The allow file's path; `None` if none was given.
    pub allow_file: Option<String>,
}

/// A build, held against the first.
#[derive(Debug)]
pub struct Build<'r> {
    /// Its file.
    pub file: String,
    /// What differs.
    pub comparison: &'r Comparison<'r>,
    /// The verdict.
    pub reproduction: Reproduction<'r>,
}

impl Report<'_> {
    /// Is every build the same as the first, or different only in what may differ?
    #[must_use]
    pub fn is_reproduced(&self) -> bool {
        self.builds.iter().all(|build| build.reproduction.is_reproduced())
    }

    /// Why an entry of the allow file permits nothing.
    pub fn why_unused(&self, entry: &AllowEntry) -> String {
        let nothing = "no build differs in what this entry allows: it can go";
        let Some(module) = &entry.module else { return nothing.into() };
        let names: Vec<_> = self.builds.iter().map(|build| &build.reproduction.names).collect();
        let guids: BTreeSet<Guid> = names.iter().flat_map(|names| names.of(module)).collect();
        if guids.len() > 1 {
            let guids: Vec<_> = guids.iter().map(ToString::to_string).collect();
            return format!(
                "several modules are called {}: write the GUID, of {}",
                printable(module),
                guids.join(", ")
            );
        }
        if entry.kinds.contains(&Kind::Added) && module.parse::<Guid>().is_err() {
            return format!("{nothing}; what was added is known by its GUID alone");
        }
        // A place outside of modules goes by all parts that it stands in.
        let is_known = !guids.is_empty()
            || module.contains(" / ")
            || names.iter().any(|names| names.has(module));
        match names.iter().find_map(|names| names.like(module)) {
            _ if is_known => nothing.into(),
            Some(name) => format!(
                "no module is called {}: did you mean {}?",
                printable(module),
                printable(name)
            ),
            None => format!(
                "no module of these builds is called {}: `firmware tree` lists them",
                printable(module)
            ),
        }
    }

    /// The numbers of the entries of the allow file that permitted nothing: they can go.
    pub fn unused(&self) -> Vec<usize> {
        let is_used = |number: &usize| {
            self.builds
                .iter()
                .any(|build| build.reproduction.permitted.iter().any(|(entry, _)| entry == number))
        };
        (0..self.allow.entries().len()).filter(|number| !is_used(number)).collect()
    }
}

impl Build<'_> {
    /// Entries that would permit what is refused, as an allow file has them: one for each module, with an empty reason, which whoever looked at the
    /// differences fills in. At most `most` of them, and how many are left out.
    pub fn suggestion(&self, most: usize) -> (String, usize) {
        // A module goes by its GUID, which no other can take.
        let key = |difference: &Difference| match &difference.location.module {
            Some(module) => (module.guid.to_string(), format!("  # {}", printable(&module.name))),
            None => (difference.location.label(), String::new()),
        };
        let mut modules: Vec<((String, String), Vec<&'static str>)> = Vec::new();
        for difference in &self.reproduction.refused {
            let (key, kind) = (key(difference), difference.kind.name());
            match modules.iter_mut().find(|(known, _)| *known == key) {
                Some((_, kinds)) if kinds.contains(&kind) => {}
                Some((_, kinds)) => kinds.push(kind),
                None => modules.push((key, vec![kind])),
            }
        }
        let entry = |((name, note), kinds): &((String, String), Vec<&'static str>)| {
            let kinds: Vec<_> = kinds.iter().map(|kind| format!("\"{kind}\"")).collect();
            let name = text::toml(name);
            format!(
                "[[allow]]\nmodule = {name}{note}\nkinds = [{}]\nreason = \"\"\n",
                kinds.join(", ")
            )
        };
        let entries: Vec<_> = modules.iter().take(most).map(entry).collect();
        (entries.join("\n"), modules.len().saturating_sub(most))
    }
}

/// What a group of differences is called: its module, or the parts that it stands in.
pub(crate) fn group_name(group: &Group<'_>) -> String {
    group.location.label()
}
