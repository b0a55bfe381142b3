//! What came of a comparison, in the forms that CI systems read.
//!
//! Names in it are the images' own; each form escapes them by its rules.

mod annotations;
mod junit;
mod markdown;

use sev_launch_abi::text::{self, printable};

use crate::allow::{Allow, AllowEntry};
use crate::comparison::{Comparison, Group};
use crate::part::What;
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
        let images =
            self.builds.iter().flat_map(|build| [build.comparison.a(), build.comparison.b()]);
        let mut names = images.flat_map(|image| {
            image
                .parts()
                .filter(|(_, part)| matches!(part.what, What::File(_)))
                .map(|(_, part)| part)
        });
        let mut like = None;
        let is_known = names.any(|part| {
            let name = part.name();
            if name.eq_ignore_ascii_case(module) {
                like = Some(name.clone());
            }
            name == *module || part.guid().is_some_and(|guid| module.parse() == Ok(guid))
        });
        // A place outside of modules goes by all parts that it stands in.
        match like {
            _ if is_known || module.contains(" / ") => nothing.into(),
            Some(name) => format!(
                "no module is called {}: did you mean {}?",
                printable(module),
                printable(&name)
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
        let mut modules: Vec<(String, Vec<&'static str>)> = Vec::new();
        for (name, kind, _) in self.reproduction.tallied_refused() {
            match modules.iter_mut().find(|(known, _)| *known == name) {
                Some((_, kinds)) => kinds.push(kind.name()),
                None => modules.push((name, vec![kind.name()])),
            }
        }
        let entry = |(name, kinds): &(String, Vec<&'static str>)| {
            let kinds: Vec<_> = kinds.iter().map(|kind| format!("\"{kind}\"")).collect();
            format!(
                "[[allow]]\nmodule = {}\nkinds = [{}]\nreason = \"\"\n",
                text::toml(name),
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
