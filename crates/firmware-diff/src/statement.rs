//! What two images differ in, in one sentence: the smallest that is true.

use std::collections::BTreeMap;

use sev_launch_abi::text::printable;

use crate::comparison::{Comparison, Group};
use crate::kind::Kind;

/// At most so many names stand in a sentence.
const NAMED: usize = 3;
/// Kinds that say when and where something was built, and nothing of what it does.
const OF_THE_BUILD: [Kind; 6] =
    [Kind::Debug, Kind::BuildPath, Kind::BuildId, Kind::BuildDate, Kind::Timestamp, Kind::Checksum];

impl Comparison<'_> {
    /// What the two images differ in, in one sentence: the smallest that is true. Names of the images are escaped.
    pub fn statement(&self) -> String {
        if self.is_same() {
            return "the same, byte for byte".into();
        }
        let groups = self.groups();
        let kinds: Vec<Kind> = Kind::ALL
            .into_iter()
            .filter(|kind| groups.iter().any(|group| group.kinds.contains_key(kind)))
            .collect();
        match (kinds.as_slice(), groups.as_slice()) {
            ([], _) => "differs in sizes and checksums alone".into(),
            ([Kind::Packing], _) => "same content, compressed differently".into(),
            ([Kind::Order], _) => {
                format!("same content, other order: {} at another place", stand(&groups))
            }
            ([Kind::Padding], _) => "only padding differs".into(),
            ([Kind::Variables], _) => "only variables differ".into(),
            ([Kind::Added], [one]) => format!("{} was added", name(one)),
            ([Kind::Removed], [one]) => format!("{} was removed", name(one)),
            (kinds, groups) if kinds.iter().all(|kind| OF_THE_BUILD.contains(kind)) => {
                format!(
                    "differs only in {} of {}",
                    listed(kinds.iter().map(|kind| kind.phrase())),
                    counted(groups)
                )
            }
            (kinds, [one]) => {
                let what =
                    kinds.iter().filter(|kind| **kind != Kind::Order).map(|kind| kind.phrase());
                let moved =
                    if kinds.contains(&Kind::Order) { ", and is at another place" } else { "" };
                format!("{} differs in {}{moved}", name(one), listed(what))
            }
            (_, groups) => by_kind(groups),
        }
    }
}

/// For each kind, how many parts differ in it and in nothing that matters more.
fn by_kind(groups: &[Group<'_>]) -> String {
    let mut of_kind: BTreeMap<Kind, Vec<&Group<'_>>> = BTreeMap::new();
    for group in groups {
        let is_of_the_build = group.kinds.keys().all(|kind| OF_THE_BUILD.contains(kind));
        let first = if is_of_the_build { OF_THE_BUILD.first() } else { group.kinds.keys().min() };
        if let Some(kind) = first {
            of_kind.entry(*kind).or_default().push(group);
        }
    }
    let clauses = of_kind.iter().map(|(kind, groups)| {
        let (who, is_one) = (who(groups), groups.len() == 1);
        match kind {
            Kind::Padding => "padding differs".into(),
            Kind::Variables => "variables differ".into(),
            Kind::Added => format!("{who} {} added", if is_one { "was" } else { "were" }),
            Kind::Removed => format!("{who} {} removed", if is_one { "was" } else { "were" }),
            Kind::Order => format!("{who} {} at another place", if is_one { "is" } else { "are" }),
            kind => {
                let only = if *kind == Kind::Code { "" } else { "only " };
                let is_among =
                    |one: &&Kind| groups.iter().any(|group| group.kinds.contains_key(one));
                let what = match OF_THE_BUILD.contains(kind) {
                    true => listed(OF_THE_BUILD.iter().filter(is_among).map(|kind| kind.phrase())),
                    false => kind.phrase().to_owned(),
                };
                format!("{who} {} {only}in {what}", if is_one { "differs" } else { "differ" })
            }
        }
    });
    clauses.collect::<Vec<_>>().join("; ")
}

fn name(group: &Group<'_>) -> String {
    let place = || match group.location.name() {
        "" => "the image",
        name => name,
    };
    printable(group.module.map_or_else(place, |module| &module.name)).into_owned()
}

fn who(groups: &[&Group<'_>]) -> String {
    if groups.len() <= NAMED {
        return listed(groups.iter().map(|group| name(group)));
    }
    let are_modules = groups.iter().all(|group| group.module.is_some());
    format!("{} {}", groups.len(), if are_modules { "modules" } else { "parts" })
}

fn stand(groups: &[Group<'_>]) -> String {
    let groups: Vec<_> = groups.iter().collect();
    format!("{} {}", who(&groups), if groups.len() == 1 { "is" } else { "are" })
}

/// How many they are, and their names where they are few.
fn counted(groups: &[Group<'_>]) -> String {
    match groups {
        [one] => name(one),
        few if few.len() <= NAMED => {
            format!(
                "{} modules: {}",
                few.len(),
                few.iter().map(name).collect::<Vec<_>>().join(", ")
            )
        }
        many => format!("{} modules", many.len()),
    }
}

fn listed(items: impl Iterator<Item = impl Into<String>>) -> String {
    let items: Vec<String> = items.map(Into::into).collect();
    match items.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
