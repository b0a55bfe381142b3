//! Which parts of a firmware image changed.

use std::fmt;

use serde::Serialize;
use sev_launch_digest::firmware::{KernelHashCheck, SectionKind};
use sev_launch_digest::snp;

use super::{Change, ModuleChanges, modules, short};
use crate::firmware_facts::{Area, FirmwareFacts, Section};

/// A part of a firmware image that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "part", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FirmwareChange {
    /// No part that a launcher reads: code or data.
    BodyOnly,
    /// The area of the kernel hashes.
    HashArea(Change<Option<Area>>),
    /// Whether it checks kernel, initrd and command line against the measured hashes.
    KernelHashCheck(Change<KernelHashCheck>),
    /// Which modules of another image are others; told last, where both lists are known.
    Modules(ModuleChanges),
    /// Another list of modules, though the image is the same.
    ModuleList,
    /// The address where further vCPUs start.
    ResetAddress(Change<Option<u32>>),
    /// The area of the launch secret.
    SecretArea(Change<Option<Area>>),
    /// A section that was not there.
    SectionAdded(Section),
    /// A section with another address or length: the nth of its kind, from 0.
    SectionMoved {
        /// Which of its kind.
        number: usize,
        /// What became of it.
        section: Change<Section>,
    },
    /// A section that is gone.
    SectionRemoved(Section),
    /// The same sections in another order, in which SNP measures them.
    SectionsReordered,
    /// The size in bytes.
    Size(Change<Option<u64>>),
    /// The SNP digest after the image's pages, though the image is the same: one of them was given.
    SnpDigest(Change<Option<snp::LaunchDigest>>),
    /// The entry point of an SVSM.
    SvsmEntry(Change<Option<u32>>),
}

impl fmt::Display for FirmwareChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn show<T>(
            f: &mut fmt::Formatter<'_>,
            what: &str,
            change: &Change<Option<T>>,
            text: impl Fn(&T) -> String,
        ) -> fmt::Result {
            let text = |value: &Option<T>| value.as_ref().map_or("none".into(), &text);
            write!(f, "{what} {} -> {}", text(&change.old), text(&change.new))
        }
        let hex = |value: &u32| format!("{value:#x}");
        match self {
            Self::BodyOnly => f.write_str("only the body differs: no table, address or section"),
            Self::HashArea(change) => show(f, "kernel hash area", change, Area::to_string),
            Self::KernelHashCheck(change) => {
                write!(f, "whether it checks the kernel against the measured hashes: {change}")
            }
            Self::ModuleList => f.write_str(
                "another list of modules for the same image: one of them is wrong, or made by another tool; no answer depends on it",
            ),
            Self::Modules(changes) => changes.fmt(f),
            Self::ResetAddress(change) => show(f, "SEV-ES reset address", change, hex),
            Self::SecretArea(change) => show(f, "launch secret area", change, Area::to_string),
            Self::SectionAdded(section) => write!(f, "section {section}: added"),
            Self::SectionMoved { section, .. } => {
                let (old, new) = (section.old, section.new);
                write!(f, "section {old} -> {:#x}, {:#x} bytes", new.base, new.length)
            }
            Self::SectionRemoved(section) => write!(f, "section {section}: removed"),
            Self::SectionsReordered => f.write_str("the same sections in another order"),
            Self::Size(change) => show(f, "size", change, |size| format!("{size} bytes")),
            Self::SnpDigest(change) => show(f, "SNP digest after the pages", change, short),
            Self::SvsmEntry(change) => show(f, "SVSM entry point", change, hex),
        }
    }
}

/// The parts that changed between two images; `is_same_image` says whether their hashes are equal.
pub(super) fn compare(
    old: &FirmwareFacts,
    new: &FirmwareFacts,
    size: Option<Change<Option<u64>>>,
    is_same_image: bool,
) -> Vec<FirmwareChange> {
    let (one, two) = (old.kernel_hash_check, new.kernel_hash_check);
    // What was not known before is no change. What was known and cannot be found again is one.
    let check = Change::between(&one, &two).filter(|change| change.old != KernelHashCheck::Unknown);
    let mut found: Vec<_> = [
        check.map(FirmwareChange::KernelHashCheck),
        size.map(FirmwareChange::Size),
        Change::between(&old.reset_address, &new.reset_address).map(FirmwareChange::ResetAddress),
        Change::between(&old.hash_area, &new.hash_area).map(FirmwareChange::HashArea),
        Change::between(&old.secret_area, &new.secret_area).map(FirmwareChange::SecretArea),
        Change::between(&old.svsm_entry, &new.svsm_entry).map(FirmwareChange::SvsmEntry),
    ]
    .into_iter()
    .flatten()
    .collect();
    let modules = old.modules.as_ref().zip(new.modules.as_ref());
    let sections = |facts: &FirmwareFacts| facts.sections.clone().unwrap_or_default();
    compare_sections(&sections(old), &sections(new), &mut found);
    if is_same_image {
        // Of another image it is another one anyway.
        let digest = Change::between(&old.snp_digest, &new.snp_digest);
        found.extend(digest.map(FirmwareChange::SnpDigest));
        let lists = modules.filter(|(old, new)| old != new);
        found.extend(lists.map(|_| FirmwareChange::ModuleList));
        return found;
    }
    if found.is_empty() {
        found.push(FirmwareChange::BodyOnly);
    }
    let changes = modules.map(|(old, new)| modules::compare(old, new));
    found.extend(changes.map(FirmwareChange::Modules));
    found
}

fn compare_sections(old: &[Section], new: &[Section], found: &mut Vec<FirmwareChange>) {
    let before = found.len();
    for kind in SectionKind::ALL {
        let of_kind = |sections: &[Section]| -> Vec<Section> {
            sections.iter().filter(|section| section.kind == kind).copied().collect()
        };
        let (mut one, mut two) = (of_kind(old), of_kind(new));
        // Those that stay where they are, are left out first, so that one more in front moves none.
        one.retain(|section| {
            let place = two.iter().position(|other| other == section);
            place.map(|place| two.remove(place)).is_none()
        });
        let shared = one.len().min(two.len());
        let moved = one.iter().zip(&two).enumerate();
        found.extend(moved.map(|(number, (old, new))| FirmwareChange::SectionMoved {
            number,
            section: Change { old: *old, new: *new },
        }));
        let rest = |sections: &[Section]| -> Vec<Section> {
            sections.iter().skip(shared).copied().collect()
        };
        found.extend(rest(&one).into_iter().map(FirmwareChange::SectionRemoved));
        found.extend(rest(&two).into_iter().map(FirmwareChange::SectionAdded));
    }
    if found.len() == before && old != new {
        found.push(FirmwareChange::SectionsReordered);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(base: u64, kind: SectionKind) -> Section {
        Section { base, length: 0x1000, kind }
    }

    fn facts(sections: &[Section]) -> FirmwareFacts {
        let sections = Some(sections.to_vec());
        FirmwareFacts { reset_address: Some(0x80_b004), sections, ..FirmwareFacts::default() }
    }

    #[track_caller]
    fn check(old: &FirmwareFacts, new: &FirmwareFacts, expected: &[&str]) {
        let lines: Vec<_> =
            compare(old, new, None, false).iter().map(ToString::to_string).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn sections_come_go_and_move() {
        let (cpuid, mem) = (SectionKind::Cpuid, SectionKind::SnpSecMem);
        let old = facts(&[section(0x1000, mem), section(0x5000, cpuid)]);
        let more = facts(&[section(0x3000, mem), section(0x1000, mem), section(0x5000, cpuid)]);
        check(&old, &more, &["section SNP_SEC_MEM at 0x3000, 0x1000 bytes: added"]);
        check(&more, &old, &["section SNP_SEC_MEM at 0x3000, 0x1000 bytes: removed"]);
        let moved = facts(&[section(0x1000, mem), section(0x6000, cpuid)]);
        let line = "section CPUID at 0x5000, 0x1000 bytes -> 0x6000, 0x1000 bytes";
        check(&old, &moved, &[line]);
        let turned = facts(&[section(0x5000, cpuid), section(0x1000, mem)]);
        check(&old, &turned, &["the same sections in another order"]);
    }

    #[test]
    fn a_body_without_a_changed_part_is_said() {
        let line = "only the body differs: no table, address or section";
        check(&facts(&[]), &facts(&[]), &[line]);
        assert_eq!(compare(&facts(&[]), &facts(&[]), None, true), []);
    }

    #[test]
    fn another_check_of_the_hashes_is_a_change_by_name() {
        use KernelHashCheck::{No, Unknown, Yes};
        let of = |kernel_hash_check| FirmwareFacts { kernel_hash_check, ..facts(&[]) };
        let body = "only the body differs: no table, address or section";
        let named =
            |words| format!("whether it checks the kernel against the measured hashes: {words}");
        check(&of(Yes), &of(No), &[&named("yes -> no")]);
        check(&of(No), &of(Yes), &[&named("no -> yes")]);
        check(&of(Yes), &of(Unknown), &[&named("yes -> unknown")]);
        // A manifest of before says nothing of it.
        for (old, new) in [(Unknown, No), (Unknown, Yes), (Unknown, Unknown), (Yes, Yes), (No, No)]
        {
            check(&of(old), &of(new), &[body]);
        }
        let same_image = |old, new| compare(&of(old), &of(new), None, true).len();
        assert_eq!([(Unknown, No), (No, No)].map(|(old, new)| same_image(old, new)), [0; 2]);
        assert_eq!([(Yes, No), (Yes, Unknown)].map(|(old, new)| same_image(old, new)), [1; 2]);
    }

    #[test]
    fn addresses_and_areas_are_named() {
        let new = FirmwareFacts {
            reset_address: None,
            hash_area: Some(Area { base: 0x81_0c00, size: 0x400 }),
            ..facts(&[])
        };
        let lines = [
            "SEV-ES reset address 0x80b004 -> none",
            "kernel hash area none -> 0x810c00, 1024 bytes",
        ];
        check(&facts(&[]), &new, &lines);
    }
}
