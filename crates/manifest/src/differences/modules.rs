//! Which modules of a firmware image changed.
//!
//! A module is known by its GUID and its name, else by its GUID alone; of several alike those with the same contents belong together.

use std::collections::HashSet;
use std::fmt;

use serde::Serialize;
use sev_launch_abi::Guid;
use sev_launch_digest::hash::Sha256Digest;

use super::inputs::pair_by;
use crate::module::{self, Module};

/// How many modules are named for people: a build in another folder changes every one.
const MOST_NAMED: usize = 20;

/// The modules that changed, came or went, each list in the order of its image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ModuleChanges {
    /// Those with other contents, or with another name.
    pub changed: Vec<ModuleChange>,
    /// Those that were not there.
    pub added: Vec<Module>,
    /// Those that are gone.
    pub removed: Vec<Module>,
    /// Do the modules of both stand in another order?
    pub reordered: bool,
}

/// A module and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ModuleChange {
    /// Its name for people.
    pub name: String,
    /// The name that it has now, where it is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_name: Option<String>,
    /// The file's GUID.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "module::write_guid")]
    pub guid: Option<Guid>,
    /// The SHA-256 of its contents before.
    pub old: Sha256Digest,
    /// After.
    pub new: Sha256Digest,
}

impl ModuleChanges {
    /// Is no module another one, and none new or gone?
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.changed.is_empty() && self.added.is_empty() && self.removed.is_empty()
    }
}

pub(super) fn compare(old: &[Module], new: &[Module]) -> ModuleChanges {
    let mut matches: Vec<Option<usize>> = vec![None; old.len()];
    let mut is_taken = vec![false; new.len()];
    let mut pair = |key: fn(&Module) -> Option<Key<'_>>| {
        pair_by(old, new, &mut matches, &mut is_taken, key);
    };
    pair(|module| Some((module.guid, Some(module.name.as_str()), Some(module.sha256))));
    pair(|module| Some((module.guid, Some(module.name.as_str()), None)));
    pair(|module| Some((Some(module.guid?), None, None)));
    let pairs = || old.iter().zip(&matches);
    let change = |(old, place): (&Module, &Option<usize>)| {
        let new = new.get((*place)?)?;
        (old != new).then(|| ModuleChange {
            name: old.name.clone(),
            new_name: (old.name != new.name).then(|| new.name.clone()),
            guid: old.guid,
            old: old.sha256,
            new: new.sha256,
        })
    };
    let places: Vec<usize> = matches.iter().flatten().copied().collect();
    let paired: HashSet<usize> = places.iter().copied().collect();
    let is_new = |(index, _): &(usize, &Module)| !paired.contains(index);
    ModuleChanges {
        changed: pairs().filter_map(change).collect(),
        added: new.iter().enumerate().filter(is_new).map(|(_, module)| module.clone()).collect(),
        removed: pairs()
            .filter(|(_, place)| place.is_none())
            .map(|(module, _)| module.clone())
            .collect(),
        reordered: !places.is_sorted(),
    }
}

/// What a module is known by, more or less of it.
type Key<'m> = (Option<Guid>, Option<&'m str>, Option<Sha256Digest>);

/// A name between other words: in quotes where it could be taken for some of them.
struct Name<'a>(&'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
        match self.0.chars().all(is_plain) {
            true => f.write_str(self.0),
            false => write!(f, "{:?}", self.0),
        }
    }
}

impl fmt::Display for ModuleChanges {
    /// One line: at most 20 modules by name, and how many more there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_none() {
            let what = match self.reordered {
                true => "no module changed, but their order did",
                false => "no module changed: padding, headers, packing or places did",
            };
            return write!(f, "{what}; firmware diff says more");
        }
        let changed = self.changed.iter().map(|change| match &change.new_name {
            Some(new) => format!("{} changed and is now called {}", Name(&change.name), Name(new)),
            None => format!("{} changed", Name(&change.name)),
        });
        let with =
            |how: &'static str| move |module: &Module| format!("{} was {how}", Name(&module.name));
        let added = self.added.iter().map(with("added"));
        let removed = self.removed.iter().map(with("removed"));
        let mut all = changed.chain(added).chain(removed);
        let named: Vec<_> = all.by_ref().take(MOST_NAMED).collect();
        write!(f, "modules: {}", named.join("; "))?;
        match all.count() {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module of these contents; its GUID is of this byte, or it has none.
    fn module(guid: Option<u8>, name: &str, contents: &str) -> Module {
        let guid = guid.map(|byte| Guid::from_bytes([byte; 16]));
        Module { name: name.into(), guid, sha256: Sha256Digest::of(contents.as_bytes()) }
    }

    #[track_caller]
    fn check(old: &[Module], new: &[Module], expected: &str) {
        assert_eq!(compare(old, new).to_string(), expected);
    }

    #[test]
    fn each_module_is_told_by_its_name() {
        let [a, b, c] =
            [(1, "SecMain"), (2, "PeiCore"), (3, "Logo")].map(|(g, n)| module(Some(g), n, "1"));
        let b2 = Module { sha256: Sha256Digest::of(b"2"), ..b.clone() };
        let all = [a.clone(), b.clone()];
        check(&all, &[a.clone(), b2.clone()], "modules: PeiCore changed");
        check(
            &all,
            &[b2, c.clone()],
            "modules: PeiCore changed; Logo was added; SecMain was removed",
        );
        check(&all, &[a.clone(), c, b.clone()], "modules: Logo was added");
        let none =
            "no module changed: padding, headers, packing or places did; firmware diff says more";
        check(&all, &all, none);
        let order = "no module changed, but their order did; firmware diff says more";
        check(&all, &[b, a], order);
    }

    // A volume's list of what comes first has the same GUID in every volume, and variables have none.
    #[test]
    fn of_several_alike_only_the_one_that_changed_is_told() {
        let list = |contents| module(Some(1), "apriori", contents);
        let old = [list("1"), list("2"), list("3")];
        let changes = compare(&old, &[list("1"), list("4"), list("3")]);
        let of = |text: &str| Sha256Digest::of(text.as_bytes());
        let [change] = changes.changed.as_slice() else { panic!("{changes:?}") };
        assert_eq!((change.old, change.new, changes.reordered), (of("2"), of("4"), false));
        let changes = compare(&old, &[list("1"), list("3")]);
        assert_eq!((changes.changed.len(), changes.removed), (0, vec![list("2")]));
        let variable = |name, contents| module(None, name, contents);
        let old = [variable("Boot0", "1"), variable("Lang", "1")];
        check(&old, &[variable("Boot0", "1"), variable("Lang", "2")], "modules: Lang changed");
        // Without a GUID another name is another thing.
        let line = "modules: Boot1 was added; Boot0 was removed";
        check(&old[..1], &[variable("Boot1", "1")], line);
        // With one it is the same file.
        let line = "modules: Shell changed and is now called Shell2";
        check(&[module(Some(1), "Shell", "1")], &[module(Some(1), "Shell2", "2")], line);
    }

    #[test]
    fn twenty_are_named_and_the_rest_counted() {
        let all = |contents| -> Vec<_> {
            (0..30).map(|index| module(Some(index), &format!("M{index}"), contents)).collect()
        };
        let changes = compare(&all("1"), &all("2"));
        let text = changes.to_string();
        assert!(text.starts_with("modules: M0 changed; M1 changed; "), "{text}");
        assert!(text.ends_with("; M19 changed; and 10 more"), "{text}");
        assert_eq!(changes.changed.len(), 30);
        let twenty = compare(&all("1")[..20], &all("2")[..20]).to_string();
        assert!(twenty.ends_with("; M19 changed"), "{twenty}");
    }

    #[test]
    fn attack_a_name_that_says_more_than_a_name_stands_in_quotes() {
        for (name, shown) in [
            ("A changed; SecMain", "\"A changed; SecMain\""),
            ("a\"b", "\"a\\\"b\""),
            ("\u{202e}", "\"\\u{202e}\""),
            ("ümlaut", "\"ümlaut\""),
        ] {
            let line = format!("modules: {shown} was added");
            check(&[], &[module(Some(1), name, "1")], &line);
        }
    }
}
