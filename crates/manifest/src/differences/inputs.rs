//! Which input of one manifest is which of the other, and what became of it.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::Hash;

use serde::Serialize;
use sev_launch_digest::hash::Sha256Digest;

use super::firmware::{self, FirmwareChange};
use super::{Change, short, slot};
use crate::input::{Input, Role};
use crate::module::Module;

/// An input that changed, came or went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InputChange {
    /// What it is for; the new role where an image became an absorbed firmware or the other way.
    pub role: Role,
    /// Before; missing where it is new.
    pub old: Option<InputSide>,
    /// After; missing where it is gone.
    pub new: Option<InputSide>,
    /// Which parts of a firmware image changed, where both manifests know its facts.
    pub firmware: Vec<FirmwareChange>,
    #[serde(skip)]
    is_move: bool,
}

/// One side of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InputSide {
    /// Its index in its manifest.
    pub index: usize,
    /// Its path.
    pub path: Option<String>,
    /// Its size in bytes.
    pub size: Option<u64>,
    /// Its SHA-256.
    pub sha256: Sha256Digest,
    /// The command line.
    pub text: Option<String>,
    #[serde(skip)]
    label: String,
}

impl InputSide {
    fn of(index: usize, input: &Input) -> Self {
        Self {
            index,
            path: input.path.clone(),
            size: input.size,
            sha256: input.sha256,
            text: input.text.clone(),
            label: input.label(),
        }
    }
}

impl InputChange {
    /// Is something said of the input another thing? Not so where only the path changed or the list of an image's modules, or the whole
    /// input came or went: a row that refers to an input that came or went has other facts.
    #[must_use]
    pub fn is_content(&self) -> bool {
        self.old.is_some() && self.new.is_some() && !self.is_move
    }

    /// Is it the same input: at another path, or with another list of its modules, on which no answer depends?
    #[must_use]
    pub fn is_move(&self) -> bool {
        self.is_move
    }

    /// Does it lie elsewhere now?
    #[must_use]
    pub fn is_elsewhere(&self) -> bool {
        let path = |side: &Option<InputSide>| side.as_ref().map(|side| side.label.clone());
        self.is_move && path(&self.old) != path(&self.new)
    }

    /// What people know the input by.
    pub fn label(&self) -> &str {
        self.new.as_ref().or(self.old.as_ref()).map_or("input", |side| side.label.as_str())
    }
}

impl fmt::Display for InputChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (old, new) = match (&self.old, &self.new) {
            (Some(old), Some(new)) => (old, new),
            (Some(old), None) => return write!(f, "{}: removed", old.label),
            (None, Some(new)) => return write!(f, "{}: added", new.label),
            (None, None) => return f.write_str("input"),
        };
        write!(f, "{}", old.label)?;
        if old.label != new.label {
            write!(f, " -> {}", new.label)?;
        }
        if self.is_move {
            return f.write_str(": the same content");
        }
        match old.sha256 == new.sha256 {
            true => f.write_str(": the same sha256, and what is said of it differs")?,
            false => write!(f, ": sha256 {} -> {}", short(&old.sha256), short(&new.sha256))?,
        }
        match (old.size, new.size) {
            (Some(old), Some(new)) if old != new => write!(f, ", {old} -> {new} bytes"),
            _ => Ok(()),
        }
    }
}

/// For each input of both manifests, the number of its pair: those of the old one come first, in order.
pub(super) struct Pairing {
    pairs: Vec<(Option<usize>, Option<usize>)>,
    of_new: Vec<usize>,
}

impl Pairing {
    pub(super) fn of_old(&self, index: u32) -> Option<usize> {
        usize::try_from(index).ok()
    }

    pub(super) fn of_new(&self, index: u32) -> Option<usize> {
        self.of_new.get(usize::try_from(index).ok()?).copied()
    }
}

/// What became of the pairs.
pub(super) struct Changes {
    pub(super) list: Vec<InputChange>,
    /// For each pair, its place in the list.
    pub(super) of_pair: HashMap<usize, usize>,
    /// The labels of those that did not change.
    pub(super) same: Vec<String>,
}

pub(super) fn pair(old: &[Input], new: &[Input]) -> Pairing {
    let mut matches: Vec<Option<usize>> = vec![None; old.len()];
    let mut is_taken = vec![false; new.len()];
    let path = |input: &Input| Some((slot(input.role), input.path.clone()?));
    pair_by(old, new, &mut matches, &mut is_taken, path);
    let hash = |input: &Input| Some((slot(input.role), input.sha256));
    pair_by(old, new, &mut matches, &mut is_taken, hash);
    pair_by(old, new, &mut matches, &mut is_taken, |input| Some(slot(input.role)));

    let mut pairs: Vec<_> =
        matches.iter().enumerate().map(|(index, other)| (Some(index), *other)).collect();
    let mut of_new = Vec::with_capacity(new.len());
    let by_new: HashMap<usize, usize> =
        matches.iter().enumerate().filter_map(|(pair, other)| Some(((*other)?, pair))).collect();
    for index in 0..new.len() {
        of_new.push(by_new.get(&index).copied().unwrap_or_else(|| {
            pairs.push((None, Some(index)));
            pairs.len().saturating_sub(1)
        }));
    }
    Pairing { pairs, of_new }
}

/// Pairs those that are not yet paired and have the same key, in their order.
pub(super) fn pair_by<'i, T, K: Eq + Hash>(
    old: &'i [T],
    new: &'i [T],
    matches: &mut [Option<usize>],
    is_taken: &mut [bool],
    key: impl Fn(&'i T) -> Option<K>,
) {
    let mut free: HashMap<K, Vec<usize>> = HashMap::new();
    for (index, input) in new.iter().enumerate().rev() {
        if is_taken.get(index) == Some(&false)
            && let Some(key) = key(input)
        {
            free.entry(key).or_default().push(index);
        }
    }
    for (input, place) in old.iter().zip(matches).filter(|(_, place)| place.is_none()) {
        let found = key(input).and_then(|key| free.get_mut(&key)?.pop());
        if let Some(index) = found {
            *place = Some(index);
            if let Some(taken) = is_taken.get_mut(index) {
                *taken = true;
            }
        }
    }
}

/// `idle` are inputs of the old manifest that may go without a word.
pub(super) fn changes(
    old: &[Input],
    new: &[Input],
    pairing: &Pairing,
    idle: &HashSet<u32>,
) -> Changes {
    let mut changes = Changes { list: Vec::new(), of_pair: HashMap::new(), same: Vec::new() };
    for (number, (one, two)) in pairing.pairs.iter().enumerate() {
        let one = one.and_then(|index| Some((index, old.get(index)?)));
        let two = two.and_then(|index| Some((index, new.get(index)?)));
        let Some((_, any)) = two.or(one) else { continue };
        if let (Some((index, _)), None) = (one, two)
            && u32::try_from(index).is_ok_and(|index| idle.contains(&index))
        {
            continue;
        }
        if let (Some((_, one)), Some((_, two))) = (one, two)
            && two.says_all_of(one)
            && !has_another_list(one, two)
        {
            changes.same.push(one.label());
            continue;
        }
        changes.of_pair.insert(number, changes.list.len());
        changes.list.push(InputChange {
            role: any.role,
            old: one.map(|(index, input)| InputSide::of(index, input)),
            new: two.map(|(index, input)| InputSide::of(index, input)),
            firmware: one
                .zip(two)
                .and_then(|((_, one), (_, two))| firmware_changes(one, two))
                .unwrap_or_default(),
            is_move: one.zip(two).is_some_and(|((_, one), (_, two))| is_same_but_path(one, two)),
        });
    }
    changes
}

/// Do both have a list of modules, of one image, and not the same? One of them is wrong, or was made in another way.
fn has_another_list(one: &Input, two: &Input) -> bool {
    fn modules(input: &Input) -> Option<&Vec<Module>> {
        input.firmware_facts.as_ref()?.modules.as_ref()
    }
    one.sha256 == two.sha256 && modules(one).zip(modules(two)).is_some_and(|(one, two)| one != two)
}

/// Does the new one say all that the old one does, but for the path? An image and what was absorbed of it say the same things.
fn is_same_but_path(one: &Input, two: &Input) -> bool {
    let without_path =
        |input: &Input| Input { path: None, role: slot(input.role), ..input.clone() };
    without_path(two).says_all_of(&without_path(one))
}

/// Which parts changed; `None` if one of them has no facts.
fn firmware_changes(old: &Input, new: &Input) -> Option<Vec<FirmwareChange>> {
    let (one, two) = old.firmware_facts.as_ref().zip(new.firmware_facts.as_ref())?;
    let size = Change::between(&old.size, &new.size);
    Some(firmware::compare(one, two, size, old.sha256 == new.sha256))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(role: Role, path: &str, content: &str) -> Input {
        Input::file(role, path, 1, Sha256Digest::of(content.as_bytes()))
    }

    #[track_caller]
    fn check(old: &[Input], new: &[Input], expected: &[&str]) {
        let changes = changes(old, new, &pair(old, new), &HashSet::new());
        let lines: Vec<_> = changes.list.iter().map(ToString::to_string).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn an_input_is_known_by_its_path_first() {
        let old = [file(Role::Kernel, "a", "1"), file(Role::Kernel, "b", "2")];
        let new = [file(Role::Kernel, "b", "2"), file(Role::Kernel, "a", "3")];
        // SHA-256 of "1" and "3", by sha256sum.
        check(&old, &new, &["kernel a: sha256 6b86b273ff34fce1… -> 4e07408562bedb8b…"]);
    }

    #[test]
    fn a_moved_file_is_the_same_content() {
        let old = [file(Role::Kernel, "a", "1"), file(Role::Initrd, "i", "1")];
        let new = [file(Role::Initrd, "i", "1"), file(Role::Kernel, "b", "1")];
        check(&old, &new, &["kernel a -> kernel b: the same content"]);
    }

    #[test]
    fn those_left_are_paired_in_order_and_the_rest_come_or_go() {
        let cmdline = |text: &str| Input::cmdline(text.as_bytes()).expect("no NUL");
        let old = [cmdline("a"), cmdline("b"), cmdline("c")];
        let new = [cmdline("c"), cmdline("a")];
        check(&old, &new, &["cmdline \"b\": removed"]);
        check(&new, &old, &["cmdline \"b\": added"]);
        check(
            &old[..1],
            &new[..1],
            &["cmdline \"a\" -> cmdline \"c\": sha256 ffe9aaeaa2a2d504… -> ec49f17f2c205644…"],
        );
    }
}
