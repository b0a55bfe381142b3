//! Which part of one image stands for which of another, among those that stand beside one another.
//!
//! Parts are paired by what they are: a file by its GUID and type, a section by its type, a variable by its name and vendor; the n-th
//! of a kind with the n-th. What fills gaps is paired by what stands before it.

use std::collections::HashMap;

use sev_launch_abi::Guid;

use crate::file::FileKind;
use crate::part::{Part, What};
use crate::section::SectionKind;

/// What a part is paired by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Image,
    Volume(Guid, Option<Guid>),
    File(Guid, FileKind),
    Section(SectionKind, Option<Guid>),
    Store,
    Variable(String, Guid),
    WorkingBlock,
    Record(Guid),
    Footer,
    Vector,
    /// Between other parts: by the one before it, and whether it is a file.
    Filler(Option<Box<(Key, usize)>>, bool),
}

/// How the parts of two images are paired.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    /// For each part of the second, in order, the number of the first's.
    pub(crate) of_b: Vec<Option<usize>>,
    /// The numbers of the first's that none of the second's stands for, in order.
    pub(crate) only_a: Vec<usize>,
    /// For each part of the second, whether it stands at another place among those that are paired.
    pub(crate) moved: Vec<bool>,
}

/// Does the part only fill a gap: bytes between parts, or a padding file?
pub(crate) fn fills_a_gap(part: &Part) -> bool {
    match &part.what {
        What::Padding { .. } | What::Data => true,
        What::File(file) => file.kind == FileKind::PADDING,
        _ => false,
    }
}

fn keys(parts: &[Part]) -> Vec<(Key, usize)> {
    let mut counts: HashMap<Key, usize> = HashMap::new();
    let mut before: Option<(Key, usize)> = None;
    let mut keys = Vec::with_capacity(parts.len());
    for part in parts {
        let key = match &part.what {
            _ if fills_a_gap(part) => {
                Key::Filler(before.clone().map(Box::new), matches!(part.what, What::File(_)))
            }
            What::Image => Key::Image,
            What::Volume(volume) => Key::Volume(volume.file_system, volume.name),
            What::File(file) => Key::File(file.name, file.kind),
            What::Section(section) => Key::Section(section.kind, section.guid),
            What::VariableStore(_) => Key::Store,
            What::Variable(variable) => Key::Variable(variable.name.clone(), variable.vendor),
            What::WorkingBlock => Key::WorkingBlock,
            What::TableRecord(guid) => Key::Record(*guid),
            What::TableFooter => Key::Footer,
            What::ResetVector | What::Padding { .. } | What::Data => Key::Vector,
        };
        let count = counts.entry(key.clone()).or_default();
        let numbered = (key, *count);
        *count += 1;
        if !fills_a_gap(part) {
            before = Some(numbered.clone());
        }
        keys.push(numbered);
    }
    keys
}

/// Pairs the parts of two images.
pub(crate) fn pair(a: &[Part], b: &[Part]) -> Pairs {
    let of_a: HashMap<(Key, usize), usize> = keys(a).into_iter().zip(0..).collect();
    let of_b: Vec<Option<usize>> = keys(b).iter().map(|key| of_a.get(key).copied()).collect();
    let mut is_paired = vec![false; a.len()];
    for number in of_b.iter().flatten() {
        if let Some(slot) = is_paired.get_mut(*number) {
            *slot = true;
        }
    }
    let only_a = (0..a.len()).filter(|number| is_paired.get(*number) == Some(&false)).collect();
    let order: Vec<(usize, usize)> = of_b
        .iter()
        .zip(b)
        .enumerate()
        .filter(|(_, (_, part))| !fills_a_gap(part))
        .filter_map(|(place, (number, _))| number.map(|number| (place, number)))
        .collect();
    let kept = longest_rising(&order.iter().map(|(_, number)| *number).collect::<Vec<_>>());
    let mut moved = vec![false; b.len()];
    for ((place, _), is_kept) in order.iter().zip(kept) {
        if let Some(slot) = moved.get_mut(*place) {
            *slot = !is_kept;
        }
    }
    Pairs { of_b, only_a, moved }
}

/// Which of the numbers belong to a longest rising subsequence: all others are the fewest that have moved.
fn longest_rising(numbers: &[usize]) -> Vec<bool> {
    // For each length, the place of the smallest last number of a rising subsequence of it; and each number's predecessor.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(numbers.len());
    let at = |place: &usize| numbers.get(*place).copied().unwrap_or_default();
    for (place, number) in numbers.iter().enumerate() {
        let length = ends.partition_point(|end| at(end) < *number);
        before.push(length.checked_sub(1).and_then(|shorter| ends.get(shorter).copied()));
        match ends.get_mut(length) {
            Some(end) => *end = place,
            None => ends.push(place),
        }
    }
    let mut kept = vec![false; numbers.len()];
    let mut place = ends.last().copied();
    while let Some(current) = place {
        if let Some(slot) = kept.get_mut(current) {
            *slot = true;
        }
        place = before.get(current).copied().flatten();
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fewest_have_moved() {
        for (numbers, kept) in [
            (vec![], vec![]),
            (vec![0, 1, 2], vec![true, true, true]),
            (vec![2, 0, 1], vec![false, true, true]),
            (vec![1, 2, 3, 0], vec![true, true, true, false]),
        ] {
            assert_eq!(longest_rising(&numbers), kept, "{numbers:?}");
        }
    }
}
